"""The forms in which programs give the reads of each allele."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.variants.field_rules import BY_BASE, FieldRule, Floats, read_values
from epilepsy_pgx.variants.local import read_local_depths
from epilepsy_pgx.variants.values import read_numbers


def read_parts(
    raw: Any,
    rule: FieldRule,
    first: NDArray[np.int16],
    second: NDArray[np.int16],
    alleles: tuple[int, int],
    depth: Floats | None,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Read the reads of each allele.

    Parameters
    ----------
    alleles
        Number of alleles that a list may hold: those that are spelled, and all.

    Returns
    -------
    parts, unlike
        [sample, allele], NaN where unknown; and the samples whose values are of another number.
    """
    count, every = len(first), alleles[-1]
    nothing, all_fit = np.full((count, every), np.nan), np.zeros(count, bool)
    if rule.form == "local_list":
        local = read_local_depths(raw, frozenset(raw.FORMAT), count)
        if local is None:
            return nothing, all_fit
        return np.where(local < 0, np.nan, local.astype(np.float64)), all_fit
    given = [read_values(raw, rule, n) for n in range(len(rule.fields))]
    values = [v for v in given if v is not None and v.shape[1]]
    if len(values) < len(given):
        return nothing, all_fit
    if rule.form == "called":
        return _called_reads(raw, values[0], first, second, every), all_fit
    if rule.form == BY_BASE:
        return _base_reads(raw, dict(zip("ACGT", values, strict=True)), nothing), all_fit
    unlike = np.zeros(count, bool)
    if not speaks_of(rule, every):
        for value in values:
            unlike |= (value >= 0).any(axis=1)
        return nothing, unlike
    fitting = []
    narrow, wide = (_WIDTHS[rule.form](n) for n in alleles)
    for value, least, width in zip(values, narrow, wide, strict=False):
        if least is None or width is None:
            fitting.append(np.where(value < 0, np.nan, value))
            continue
        # The number of a sample's own values decides, not that of another sample's.
        own = (~np.isneginf(value)).sum(axis=1)
        fits = (own == width) | (own == least)
        table = np.full((len(value), width), np.nan)
        shared = min(width, value.shape[1])
        table[fits, :shared] = value[fits, :shared]
        table[own == least, least:] = 0
        unlike |= ~fits & (value >= 0).any(axis=1)
        fitting.append(np.where(table < 0, np.nan, table))
    if rule.form == "ref_and_alts" and every == 1:
        return fitting[0], unlike
    if rule.form == "fraction":
        return _fractions(fitting[0], depth), unlike
    return np.broadcast_to(_FORMS[rule.form](fitting), (count, every)), unlike


def speaks_of(rule: FieldRule, alleles: int) -> bool:
    """Say whether a form can give the reads of so many alleles."""
    return rule.form in _OF_REF_ALONE if alleles == 1 else alleles == 2 or rule.form not in _PAIRS


def _list(values: list[Floats]) -> Floats:
    return values[0]


def _sum_of_lists(values: list[Floats]) -> Floats:
    total: Floats = np.sum(values, axis=0)
    return total


def _ref_and_alts(values: list[Floats]) -> Floats:
    return np.concatenate(values, axis=1)


def _total_and_alts(values: list[Floats]) -> Floats:
    total, alts = values
    most = np.fmax.reduce(total, axis=1)
    ref = np.maximum(most - alts.sum(axis=1), 0)
    return np.concatenate([ref[:, None], alts], axis=1)


def _strands(values: list[Floats]) -> Floats:
    four = values[0]
    return np.stack([four[:, 0] + four[:, 1], four[:, 2] + four[:, 3]], axis=1)


def _sum_of_pairs(values: list[Floats]) -> Floats:
    ref, alt, more_ref, more_alt = values
    return np.concatenate([ref + more_ref, alt + more_alt], axis=1)


def _first_tiers(values: list[Floats]) -> Floats:
    return np.stack([v[:, 0] for v in values], axis=1)


_WIDTHS: dict[str, Callable[[int], tuple[int | None, ...]]] = {
    "list": lambda n: (n,),
    "sum_of_lists": lambda n: (n, n),
    "ref_and_alts": lambda n: (1, n - 1),
    "total_and_alts": lambda n: (None, n - 1),
    "strands": lambda n: (4,),
    "first_tiers": lambda n: (None, None),
    "sum_of_pairs": lambda n: (1, 1, 1, 1),
    "fraction": lambda n: (n - 1,),
}
"""By form: how many values each field has beside some number of alleles; None for any number."""
_OF_REF_ALONE = ("list", "sum_of_lists", "ref_and_alts", "local_list", "called", "bases")
"""Forms that a record without an alternative allele may have."""
_PAIRS = ("strands", "first_tiers", "sum_of_pairs")
"""Forms that speak of two alleles alone."""

_FORMS = {
    "list": _list,
    "sum_of_lists": _sum_of_lists,
    "ref_and_alts": _ref_and_alts,
    "total_and_alts": _total_and_alts,
    "strands": _strands,
    "first_tiers": _first_tiers,
    "sum_of_pairs": _sum_of_pairs,
}

READ_FORMS = {*_FORMS, "called", BY_BASE, "fraction", "local_list"}
"""The forms of reads that are read."""


def _called_reads(
    raw: Any, values: Floats, first: NDArray[np.int16], second: NDArray[np.int16], alleles: int
) -> Floats:
    """Put the reads of the alleles of each genotype where these alleles stand."""
    count = len(first)
    found = np.zeros((count, alleles))
    rows = np.arange(count)
    ref = read_numbers(raw, "CGA_RDP")
    if ref is not None:
        found[:, 0] = np.where(ref[:, 0] < 0, np.nan, ref[:, 0])
    both = np.full((count, 2), np.nan)
    both[:, : values.shape[1]] = values[:, :2]
    both[both < 0] = np.nan
    for side, called in enumerate((first, second)):
        known = called >= 0
        found[rows[known], called[known]] = both[known, side]
    return found


def _base_reads(raw: Any, by_base: Mapping[str, Floats], nothing: Floats) -> Floats:
    names = [raw.REF.upper(), *(a.upper() for a in raw.ALT)]
    if any(name not in by_base for name in names):
        return nothing
    reads = np.stack([by_base[name][:, 0] for name in names], axis=1)
    return np.where(reads < 0, np.nan, reads)


def _fractions(values: Floats, depth: Floats | None) -> Floats:
    parts = np.where(values > 1, values / 100, values)
    ref = np.maximum(1 - parts.sum(axis=1), 0)
    every = np.concatenate([ref[:, None], parts], axis=1)
    return every if depth is None else np.round(every * depth[:, None])
