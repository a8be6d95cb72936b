"""Decode the records of a clean BCF into arrays over the samples.

Only files written by the extraction step come here: cyvcf2 is not safe on damaged text.
"""

import math
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.variants.infoclass import (
    ClassField,
    InfoClass,
    classes_by_allele,
    find_class_field,
)
from epilepsy_pgx.variants.local import (
    has_local_genotypes,
    read_local_depths,
    read_local_genotypes,
)
from epilepsy_pgx.variants.spelling import REF_BLOCK_ALTS
from epilepsy_pgx.variants.store import GLOBAL_PHASE, UNPHASED
from epilepsy_pgx.variants.values import read_real, read_whole

REASON_NO_CALL, REASON_HALF, REASON_QUALITY, REASON_DEPTH, REASON_BALANCE = 2, 3, 4, 5, 6
REASON_FILTER, REASON_REF, REASON_CONFLICT, REASON_DECLARED = 7, 8, 9, 10
REASON_IMPUTED, REASON_PLOIDY, REASON_UNJUDGED = 11, 12, 13

PASSING_FILTERS = frozenset({"PASS", "RefCall", "."})
"""`RefCall` is DeepVariant's word for a homozygous reference call."""


_QUALITY = frozenset({"GQ", "RGQ", "GQX"})
_DEPTH = frozenset({"DP", "MIN_DP", "AD", "LAD"})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Below these a genotype counts as not seen.

    A field that a record does not have passes; a missing value of a field that it has does not.
    """

    quality: int = 20
    depth: int = 8
    balance: float = 0.2
    """Smallest part of the reads that either allele of a heterozygous call must have."""
    imputed_probability: float = 0.9
    imputed_r2: float = 0.8
    class_field: str = "CLNSIG"
    """INFO field that holds an ACMG class."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record, decoded: arrays over the samples of the file."""

    chrom: str
    pos: int
    end: int
    ref: str
    alts: tuple[str, ...]
    first: NDArray[np.int16]
    """Allele index on the first haplotype; -1 missing, -2 no second copy."""
    second: NDArray[np.int16]
    phase: NDArray[np.int32]
    bad: NDArray[np.uint8]
    """Reason code where the genotype is below a threshold, else 0."""
    depth: NDArray[np.int32]
    quality: NDArray[np.int32]
    ref_reads: NDArray[np.int32]
    alt_reads: NDArray[np.int32]
    filters: tuple[str, ...]
    info_classes: tuple[InfoClass | None, ...]
    """Class in INFO of each alternative allele."""
    sv_type: str | None
    copy_number: NDArray[np.int32] | None

    @property
    def is_block(self) -> bool:
        """True if the record only says that a stretch is reference."""
        return all(a in REF_BLOCK_ALTS for a in self.alts)

    @property
    def counts_copies(self) -> bool:
        """True if the record is about the number of copies of a stretch, and not about bases."""
        return self.is_block and (self.sv_type is not None or self.copy_number is not None)


def read_records(
    bcf: Path,
    chrom_of: dict[str, str],
    thresholds: Thresholds,
    *,
    physical_phase_only: bool,
    wanted: "WantedRegions",
) -> Iterator[Record]:
    """Decode the records over some regions, in file order."""
    import cyvcf2

    reader = cyvcf2.VCF(str(bcf))
    try:
        count = len(reader.samples)
        class_field = find_class_field(reader, thresholds.class_field)
        for raw in reader:
            chrom = chrom_of.get(raw.CHROM)
            if chrom is None:
                continue
            end = _last_base(raw)
            if wanted.meets(chrom, raw.POS, end):
                yield _decode(
                    raw, chrom, end, count, thresholds, physical_phase_only, class_field
                )
    finally:
        reader.close()


def read_positions(bcf: Path, chrom_of: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Yield chromosome and position of each record, without its genotypes."""
    import cyvcf2

    reader = cyvcf2.VCF(str(bcf))
    try:
        for raw in reader:
            if raw.CHROM in chrom_of:
                yield chrom_of[raw.CHROM], int(raw.POS)
    finally:
        reader.close()


class WantedRegions:
    """Fast answer to: does this record touch anything that is asked for?"""

    def __init__(self, spans: "list[tuple[str, int, int]]") -> None:
        """Take (chromosome, first, last) in 1-based, closed coordinates."""
        self._spans: dict[str, tuple[list[int], list[int]]] = {}
        for chrom, first, last in sorted(spans):
            firsts, lasts = self._spans.setdefault(chrom, ([], []))
            if lasts and first <= lasts[-1] + 1:
                lasts[-1] = max(lasts[-1], last)
            else:
                firsts.append(first)
                lasts.append(last)

    def meets(self, chrom: str, first: int, last: int) -> bool:
        """Return True if a wanted span overlaps `first`..`last`."""
        if chrom not in self._spans:
            return False
        firsts, lasts = self._spans[chrom]
        i = bisect_left(lasts, first)
        return i < len(lasts) and firsts[i] <= last


def _integers(raw: Any, field: str, count: int) -> NDArray[np.int32]:
    values = read_whole(raw, field)
    if values is None:
        return np.full(count, -1, np.int32)
    result: NDArray[np.int32] = np.maximum(values[:count, 0], -1)
    return result


def _first_known(
    raw: Any, names: tuple[str, ...], fields: frozenset[str], missing: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return for each sample the value of the first field that has one, else -1."""
    found = missing
    for name in names:
        if name in fields:
            values = _integers(raw, name, len(missing))
            found = values if found is missing else np.where(found >= 0, found, values)
    return found


def _last_base(raw: Any) -> int:
    """Return the last base a record speaks of: END, SVLEN, FORMAT/LEN (VCF 4.5), or REF."""
    stated = _numbers(raw.INFO.get("END"))
    end = max([int(raw.POS) + len(raw.REF) - 1, *map(int, stated)])
    if not any(alt.startswith("<") for alt in raw.ALT):
        return end
    if any(alt.startswith(("<DEL", "<DUP", "<CNV", "<INV")) for alt in raw.ALT):
        sizes = _numbers(raw.INFO.get("SVLEN"))
        end = max([end, *(int(raw.POS) + int(abs(s)) for s in sizes)])
    elif "LEN" in raw.FORMAT and not stated:
        spans = read_whole(raw, "LEN")
        # Samples may differ; what holds for all of them is claimed.
        if spans is not None and len(spans):
            end = max(end, int(raw.POS) + max(1, int(spans.min())) - 1)
    return end


def _numbers(value: Any) -> list[float]:
    """Return the numbers of an INFO field that may be one, several or missing."""
    found: list[float] = []
    if value is None:
        return found
    for part in value if isinstance(value, tuple) else str(value).split(","):
        try:
            found.append(float(part))
        except (TypeError, ValueError):
            continue
    return [n for n in found if math.isfinite(n)]


def _decode(
    raw: Any, chrom: str, end: int, count: int, limits: Thresholds, physical: bool,
    class_field: ClassField | None,
) -> Record:
    fields = frozenset(raw.FORMAT)
    alts = tuple(raw.ALT)
    bad = np.zeros(count, np.uint8)
    if "GT" in fields:
        calls = raw.genotype.array()
        first = calls[:, 0].copy()
        if calls.shape[1] == 2:
            second = np.full(count, -2, np.int16)
        else:
            second = calls[:, 1].copy()
        # The mark of a call of one copy is not set by the reader, and says nothing.
        phased = (calls[:, -1] == 1) & (second != -2)
        if calls.shape[1] > 3:
            bad[(calls[:, 2:-1] != -2).any(axis=1)] = REASON_PLOIDY
            # A mark before the first allele (VCF 4.4) reads as a copy more, and is lost: it may
            # have said that the first allele is not phased.
            phased &= calls[:, 2] != -2
    elif has_local_genotypes(fields):
        calls, phased, odd = read_local_genotypes(raw, fields, count)
        first, second = calls[:, 0].copy(), calls[:, 1].copy()
        bad[odd] = REASON_PLOIDY
    else:
        first = np.full(count, -1, np.int16)
        second = first.copy()
        phased = np.zeros(count, bool)
    missing = np.full(count, -1, np.int32)
    block = all(a in REF_BLOCK_ALTS for a in alts)
    depths = [n for n in (("MIN_DP", "DP") if block else ("DP", "MIN_DP")) if n in fields]
    depth = _first_known(raw, tuple(depths[:1]), fields, missing)
    quality = _first_known(raw, ("GQ", "RGQ"), fields, missing)
    if "GQX" in fields:
        # Strelka's GQX is the lesser of two qualities, and the one to filter by.
        lesser = _integers(raw, "GQX", count)
        quality = np.where(lesser >= 0, lesser, quality)
    ref_reads = alt_reads = missing
    unjudged: NDArray[np.bool_] = np.zeros(count, bool)
    if {"AD", "LAD"} & fields:
        split = (first >= 0) & (second >= 0) & (first != second)
        counted: NDArray[np.bool_] = np.zeros(count, bool)
        reads = read_whole(raw, "AD") if "AD" in fields else read_local_depths(raw, fields, count)
        if reads is not None and reads.shape[1] == 1 + len(alts):
            counted = np.asarray((reads >= 0).all(axis=1), bool)
            reads = np.maximum(reads, 0)
            rows = np.arange(count)
            total = reads.sum(axis=1)
            if not depths:
                depth = np.where(counted, total, -1).astype(np.int32)
            counted = counted & (total > 0)
            one = reads[rows, np.clip(first, 0, len(alts))]
            two = reads[rows, np.clip(second, 0, len(alts))]
            high = np.maximum(first, second)
            ref_reads = reads[:, 0].astype(np.int32)
            alt_reads = np.where(
                high > 0, reads[rows, np.clip(high, 0, len(alts))], -1
            ).astype(np.int32)
            weak = np.minimum(one, two) < limits.balance * np.maximum(one + two, 1)
            bad[split & counted & weak] = REASON_BALANCE
        elif reads is not None:
            # Counts of another number of alleles, as when a record was split and they were not.
            counted = np.asarray((reads >= 0).any(axis=1), bool)
        unjudged[split & ~counted] = True
    called = ((first >= 0) | (second >= 0)) & (bad == 0)
    if fields & _QUALITY:
        unjudged[quality < 0] = True
    if fields & _DEPTH:
        unjudged[depth < 0] = True
    bad[called & unjudged] = REASON_UNJUDGED
    bad[(quality >= 0) & (quality < limits.quality)] = REASON_QUALITY
    bad[(depth >= 0) & (depth < limits.depth)] = REASON_DEPTH
    if "GP" in fields and "GQ" not in fields:
        # An imputed call whose probability is left out cannot be judged, so it fails.
        given = read_real(raw, "GP")
        chance = np.nan_to_num(missing[:, None] if given is None else given, nan=-1.0)
        bad[chance.max(axis=1) < limits.imputed_probability] = REASON_IMPUTED
    if "DS" in fields and "GQ" not in fields:
        given = read_real(raw, "DS")
        given = np.full((count, 1), np.nan) if given is None else given
        dosage = np.nansum(np.maximum(given, 0), axis=1)
        called = (first > 0).astype(np.int8) + (second > 0)
        far = np.abs(dosage - called) > 1 - limits.imputed_probability + 1e-6
        bad[(far | np.isnan(given).all(axis=1)) & (first >= 0)] = REASON_IMPUTED
    for key in ("DR2", "R2", "RSQ", "Rsq", "INFO"):
        known = _numbers(raw.INFO.get(key))
        if known and min(known) < limits.imputed_r2 and raw.INFO.get("IMP", True):
            bad[:] = REASON_IMPUTED
    filters = tuple(f for f in raw.FILTERS if f not in PASSING_FILTERS)
    if filters:
        bad[:] = REASON_FILTER
    if "FT" in fields:
        tags = raw.format("FT")
        bad[[str(t) not in ("PASS", ".", "", "RefCall") for t in tags]] = REASON_FILTER
    sets, first, second = _phase_sets(raw, fields, phased, first, second, physical)
    copies = _integers(raw, "CN", count) if "CN" in fields else None
    return Record(
        chrom, raw.POS, end, raw.REF.upper(), tuple(a.upper() if a.isalpha() else a for a in alts),
        first, second, sets, bad, depth, quality, ref_reads, alt_reads, filters,
        classes_by_allele(raw, alts, class_field), _text(raw.INFO.get("SVTYPE")), copies,
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _phase_sets(
    raw: Any,
    fields: frozenset[str],
    phased: NDArray[np.bool_],
    first: NDArray[np.int16],
    second: NDArray[np.int16],
    physical: bool,
) -> tuple[NDArray[np.int32], NDArray[np.int16], NDArray[np.int16]]:
    """Return the phase set of each call, and the haplotypes in the order of that set."""
    sets = np.full(len(phased), UNPHASED, np.int32)
    if not physical:
        sets[phased] = GLOBAL_PHASE
    if "PS" in fields:
        values = raw.format("PS")
        if values.dtype.kind in "US":
            named = values
        elif values.ndim == 2 and values.shape[1] > 1:
            # A list is a set only for a call with the same list.
            named = np.array([",".join(str(v) for v in row if v >= 0) for row in values])
        else:
            named = _integers(raw, "PS", len(phased))
        distinct, place = np.unique(named[phased], return_inverse=True)
        known = [str(n) not in (".", "", "-1") for n in distinct]
        numbers = [
            phase_set_number(str(n)) if k else UNPHASED
            for n, k in zip(distinct, known, strict=True)
        ]
        sets[phased] = np.array(numbers, np.int32)[place]
    elif {"PGT", "PID"} <= fields:
        order, names = raw.format("PGT"), raw.format("PID")
        for i in np.flatnonzero((first != second) & (first >= 0) & (second >= 0)):
            if str(order[i]) not in ("0|1", "1|0") or str(names[i]) in ("", "."):
                continue
            sets[i] = phase_set_number(str(names[i]))
            low, high = sorted((first[i], second[i]))
            if low != 0:
                sets[i] = UNPHASED
                continue
            first[i], second[i] = (low, high) if order[i] == "0|1" else (high, low)
    return sets, first, second


def phase_set_number(name: str) -> int:
    """Return a number above 0 for the name of a phase set."""
    return (zlib.crc32(name.encode()) & 0x3FFFFFFF) + 1
