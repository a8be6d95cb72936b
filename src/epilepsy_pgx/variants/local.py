"""Genotypes and read counts that a record gives by local alleles only.

In a record of many alternative alleles a sample may list those it speaks of and number them anew
(VCF 4.5, section 1.6.2): LAA holds their indices in ALT, LGT the genotype and LAD the reads in
that numbering. LA is an older spelling of LAA that holds the index of REF too.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.variants.values import read_whole, values_of

LISTS = ("LAA", "LA")
_SIGN = re.compile(r"[/|]")


def has_local_genotypes(fields: frozenset[str]) -> bool:
    """Say whether the fields of a record give local genotypes and what they stand for."""
    return "LGT" in fields and any(name in fields for name in LISTS)


def read_local_genotypes(
    raw: Any, fields: frozenset[str], count: int
) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Read the genotypes of a record in the numbering of ALT.

    Returns
    -------
    calls
        Allele index [sample, copy], of two copies or more; -1 missing, -2 no such copy.
    phased
        True where the genotype is phased.
    """
    table = _global_numbers(raw, fields, count)
    names, rows = np.unique(np.asarray(values_of(raw, "LGT")).ravel()[:count], return_inverse=True)
    split = [_SIGN.split(str(name).lstrip("/|")) for name in names]
    calls = np.full((count, max([2, *map(len, split)])), -2, np.int16)
    phased = np.zeros(count, bool)
    for n, (name, parts) in enumerate(zip(names, split, strict=True)):
        members = np.flatnonzero(rows == n)
        phased[members] = "|" in str(name) and "/" not in str(name)
        calls[members, : len(parts)] = -1
        for side, part in enumerate(parts):
            if part.isdecimal() and int(part) < table.shape[1]:
                calls[members, side] = table[members, int(part)]
    return calls, phased


def read_local_depths(raw: Any, fields: frozenset[str], count: int) -> NDArray[np.int32] | None:
    """Return the reads by allele in the numbering of ALT, -1 unknown; None if not given.

    An allele that the sample does not list has no reads of its own.
    """
    local = read_whole(raw, "LAD") if "LAD" in fields else None
    if local is None:
        return None
    table = _global_numbers(raw, fields, count)
    reads = np.zeros((count, 1 + len(raw.ALT)), np.int32)
    for column in range(table.shape[1]):
        rows = np.flatnonzero(table[:, column] >= 0)
        # An allele that the sample lists without reads is not counted, however wide the row is.
        found = local[rows, column] if column < local.shape[1] else np.full(len(rows), -1)
        reads[rows, table[rows, column]] = np.maximum(found, -1)
    return reads


def _global_numbers(raw: Any, fields: frozenset[str], count: int) -> NDArray[np.int16]:
    """Return the index in ALT of each local allele, REF first; -1 where there is none."""
    name = next(x for x in LISTS if x in fields)
    given = read_whole(raw, name)
    given = np.full((count, 0), -1, np.int32) if given is None else given
    known = (given >= 0) & (given <= len(raw.ALT))
    listed = np.where(known, given, -1).astype(np.int16)
    if name == "LA":
        return listed
    return np.concatenate([np.zeros((count, 1), np.int16), listed], axis=1)
