"""Decode the records of a clean BCF into arrays over the samples.

Only files written by the extraction step come here: cyvcf2 is not safe on damaged text.
"""

import math
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.errors import ConfigError, Problem
from epilepsy_pgx.variants.infoclass import (
    ClassField,
    InfoClass,
    classes_by_allele,
    find_class_field,
)
from epilepsy_pgx.variants.local import has_local_genotypes, read_local_genotypes
from epilepsy_pgx.variants.spelling import REF_BLOCK_ALTS, is_bases
from epilepsy_pgx.variants.stated import (
    DEPTH,
    QUALITY,
    READS,
    FieldReader,
    FieldRule,
    Floats,
    Stated,
    read_stated,
)
from epilepsy_pgx.variants.store import GLOBAL_PHASE, UNPHASED
from epilepsy_pgx.variants.values import read_real, read_whole

REASON_NO_CALL, REASON_HALF, REASON_QUALITY, REASON_DEPTH, REASON_BALANCE = 2, 3, 4, 5, 6
REASON_FILTER, REASON_REF, REASON_CONFLICT, REASON_DECLARED = 7, 8, 9, 10
REASON_IMPUTED, REASON_PLOIDY, REASON_UNJUDGED = 11, 12, 13

PASSING_FILTERS = frozenset({"PASS", "RefCall", "REFCALL", "."})
"""`RefCall` is DeepVariant's word for a homozygous reference call, `REFCALL` that of Platypus."""


THRESHOLD_RANGES = {
    "quality": (0, 1000), "depth": (0, 100_000), "balance": (0, 0.5),
    "imputed_probability": (0, 1), "imputed_r2": (0, 1),
    "gencall_score": (0, 1), "other_reads": (0, 1),
}
"""Lowest and highest value of each limit; not a number is in none of them."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Below these a genotype counts as not seen.

    A missing value of a field that the record has counts as below. What a record does not state
    in any form is not judged.
    """

    quality: int = 20
    depth: int = 8
    balance: float = 0.2
    """Smallest part of the reads that either allele of a heterozygous call must have."""
    imputed_probability: float = 0.9
    imputed_r2: float = 0.8
    class_field: str = "CLNSIG"
    """INFO field that holds an ACMG class."""
    gencall_score: float = 0.15
    """Least GenCall score of a genotype from an array."""
    other_reads: float = 0.3
    """Largest part of the reads that may speak for another allele than those of a call of one."""

    def __post_init__(self) -> None:
        """Refuse limits that no genotype, or every genotype, would pass by mistake.

        Raises
        ------
        ConfigError
            With every limit that is not a number in its range.
        """
        wrong = [
            Problem(".", 0, name, "threshold-range", f"{given} as {name.replace('_', ' ')}",
                    f"a number from {low} to {high}", "Correct the option or the configuration.")
            for name, (low, high) in THRESHOLD_RANGES.items()
            if not low <= (given := getattr(self, name)) <= high
        ]
        if wrong:
            raise ConfigError(wrong)


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
    silent: NDArray[np.bool_] | None = None
    """The samples of which the record says nothing, as where each has an end of its own."""
    judged: NDArray[np.bool_] | None = None
    """False where the genotype's quality or depth is not stated, or the reads by allele outside a
    block of reference; None if all are."""
    array: bool = False
    """True for genotypes of an array, which rule nothing out."""

    @property
    def spoken(self) -> NDArray[np.bool_] | np.bool_:
        """Of which samples the record speaks."""
        return np.True_ if self.silent is None else ~self.silent

    @property
    def is_structural(self) -> bool:
        """True if no alternative allele is spelled: the record is about no base that it spans."""
        alts = [a for a in self.alts if a not in REF_BLOCK_ALTS]
        return bool(alts) and not any(is_bases(a) or a == "*" for a in alts) and any(
            a.startswith("<") or "[" in a or "]" in a for a in alts
        )

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
    rules: tuple[FieldRule, ...],
    one_sample: bool,
) -> Iterator[Record]:
    """Decode the records over some regions, in file order.

    Parameters
    ----------
    rules
        Which fields state quality, depth and reads.
    one_sample
        True if the file that the records come from holds one sample.
    """
    import cyvcf2

    reader = cyvcf2.VCF(str(bcf))
    try:
        count = len(reader.samples)
        class_field = find_class_field(reader, thresholds.class_field)
        fields = FieldReader(rules, reader.raw_header, one_sample=one_sample)
        for raw in reader:
            chrom = chrom_of.get(raw.CHROM)
            if chrom is None:
                continue
            for end, spoken in _last_bases(raw, count):
                if wanted.meets(chrom, raw.POS, end):
                    record = _decode(
                        raw, chrom, end, count, thresholds, physical_phase_only, class_field,
                        fields,
                    )
                    yield record if spoken.all() else _only(record, spoken)
    finally:
        reader.close()


def read_called(
    bcf: Path, chrom_of: dict[str, str]
) -> Iterator[tuple[str, int, NDArray[np.bool_]]]:
    """Yield chromosome and position of each record, and which samples have a genotype there."""
    import cyvcf2

    reader = cyvcf2.VCF(str(bcf))
    try:
        count = len(reader.samples)
        for raw in reader:
            if raw.CHROM in chrom_of:
                yield chrom_of[raw.CHROM], int(raw.POS), _has_genotype(raw, count)
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


def _has_genotype(raw: Any, count: int) -> NDArray[np.bool_]:
    fields = frozenset(raw.FORMAT)
    if "GT" in fields:
        called: NDArray[np.bool_] = raw.genotype.array()[:, 0] >= 0
        return called
    if has_local_genotypes(fields):
        called = read_local_genotypes(raw, fields, count)[0][:, 0] >= 0
        return called
    return np.zeros(count, bool)


def _last_bases(raw: Any, count: int) -> list[tuple[int, NDArray[np.bool_]]]:
    """Return the last bases a record speaks of, each with the samples it holds for.

    END, SVLEN and REF hold for all. FORMAT/LEN (VCF 4.5) gives each sample its own end of a
    reference block; beside an alternative allele it is not used.
    """
    everybody = np.ones(count, bool)
    end = _common_end(raw)
    block = bool(raw.ALT) and all(a in REF_BLOCK_ALTS for a in raw.ALT)
    if not block or "LEN" not in raw.FORMAT or _numbers(raw.INFO.get("END")):
        return [(end, everybody)]
    ends = np.maximum(end, int(raw.POS) + np.maximum(1, _integers(raw, "LEN", count)) - 1)
    return [(int(value), ends == value) for value in np.unique(ends)]


def _only(record: Record, spoken: NDArray[np.bool_]) -> Record:
    """Return a record that speaks of some samples alone."""
    def kept(values: Any, missing: int) -> Any:
        return np.where(spoken, values, np.array(missing, values.dtype))

    return replace(
        record, silent=~spoken, first=kept(record.first, -1), second=kept(record.second, -1),
        depth=kept(record.depth, -1), quality=kept(record.quality, -1),
        ref_reads=kept(record.ref_reads, -1), alt_reads=kept(record.alt_reads, -1),
    )


def _common_end(raw: Any) -> int:
    """Return the last base a record speaks of for all samples: END, SVLEN, or REF."""
    stated = _numbers(raw.INFO.get("END"))
    end = max([int(raw.POS) + len(raw.REF) - 1, *map(int, stated)])
    if not any(alt.startswith("<") for alt in raw.ALT):
        return end
    if any(alt.startswith(("<DEL", "<DUP", "<CNV", "<INV")) for alt in raw.ALT):
        sizes = _numbers(raw.INFO.get("SVLEN"))
        end = max([end, *(int(raw.POS) + int(abs(s)) for s in sizes)])
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
    reader: FieldReader,
) -> Record:
    fields = frozenset(raw.FORMAT)
    alts = tuple(raw.ALT)
    first, second, phased, odd = _genotypes(raw, fields, count)
    copies = _integers(raw, "CN", count) if "CN" in fields else None
    none = np.full(count, -1, np.int32)
    record = Record(
        chrom, raw.POS, end, raw.REF.upper(), tuple(a.upper() if a.isalpha() else a for a in alts),
        first, second, none, np.where(odd, REASON_PLOIDY, 0).astype(np.uint8),
        none, none, none, none, (),
        classes_by_allele(raw, alts, class_field), _text(raw.INFO.get("SVTYPE")), copies,
    )
    if copies is not None and record.is_structural:
        _read_states(chrom, first, second, copies)
    stated = read_stated(raw, reader, first, second, block=record.is_block)
    bad, judged = _judge(record, stated, reader, limits, raw.QUAL)
    _judge_imputed(raw, fields, record, stated, limits, bad)
    filters = tuple(f for f in raw.FILTERS if f not in PASSING_FILTERS)
    if filters:
        bad[:] = REASON_FILTER
    if "FT" in fields:
        tags = raw.format("FT")
        bad[[str(t) not in {*PASSING_FILTERS, ""} for t in tags]] = REASON_FILTER
    sets, first, second = _phase_sets(raw, fields, phased, first, second, physical)
    ref_reads, alt_reads = _reads(stated, first, second)
    return replace(
        record, first=first, second=second, phase=sets, bad=bad, filters=filters,
        depth=_whole(stated.depth), quality=_whole(stated.quality), ref_reads=ref_reads,
        alt_reads=alt_reads, judged=judged, array=stated.array,
    )


def _genotypes(
    raw: Any, fields: frozenset[str], count: int
) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the two allele indices, whether they are phased, and whether there are more."""
    if "GT" in fields:
        calls = raw.genotype.array()
        first = calls[:, 0].copy()
        if calls.shape[1] == 2:
            second = np.full(count, -2, np.int16)
        else:
            second = calls[:, 1].copy()
        # The mark of a call of one copy is not set by the reader, and says nothing.
        phased = (calls[:, -1] == 1) & (second != -2)
        return first, second, phased, (calls[:, 2:-1] != -2).any(axis=1)
    if has_local_genotypes(fields):
        calls, phased, odd = read_local_genotypes(raw, fields, count)
        return calls[:, 0].copy(), calls[:, 1].copy(), phased, odd
    missing = np.full(count, -1, np.int16)
    return missing, missing.copy(), np.zeros(count, bool), np.zeros(count, bool)


def _read_states(
    chrom: str, first: NDArray[np.int16], second: NDArray[np.int16], copies: NDArray[np.int32]
) -> None:
    """Turn the one number of a segment, its state, into a genotype by the copies that are left."""
    state = (second == -2) & (copies >= 0)
    if chrom in ("X", "Y", "MT"):
        # No copy left of one is the genotype of one copy.
        state &= copies > 0
    absent, gone = state & (first <= 0), state & (copies == 0)
    first[absent] = second[absent] = -1
    second[gone & ~absent] = first[gone & ~absent]
    second[state & ~gone & ~absent] = 0


def _judge(
    record: Record, stated: Stated, reader: FieldReader, limits: Thresholds, qual: float | None
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Compare what is stated with the thresholds.

    Returns
    -------
    bad, judged
        Reason code where a genotype fails; and where all that a genotype needs is stated.
    """
    first, second, bad = record.first, record.second, record.bad.copy()
    called = (first >= 0) | (second >= 0)
    carried = (first > 0) | (second > 0)
    known: NDArray[np.bool_] = np.zeros(len(first), bool)
    if READS in stated.has:
        known |= ~np.isnan(stated.parts).any(axis=1)
        known &= stated.parts.sum(axis=1) > 0
        against = _contradicted(stated.parts, first, second, limits)
        bad[against & known & (bad == 0)] = REASON_BALANCE
    missing: NDArray[np.bool_] = np.zeros(len(first), bool)
    quality = stated.quality if stated.score is None else stated.score
    if QUALITY in stated.has:
        missing |= np.isnan(quality) & (stated.form != "probability_list")
    if DEPTH in stated.has:
        missing |= np.isnan(stated.depth)
    if READS in stated.has:
        missing |= (first >= 0) & (second >= 0) & (first != second) & ~known & ~stated.unlike
    bad[called & missing & (bad == 0)] = REASON_UNJUDGED
    if stated.score is not None:
        bad[stated.score < limits.gencall_score] = REASON_QUALITY
    elif QUALITY not in stated.has:
        if reader.one_sample and qual is not None:
            # QUAL speaks for the variant alone, and never for a genotype.
            bad[carried & (qual < limits.quality)] = REASON_QUALITY
    elif stated.form != "probability_list":
        bad[stated.quality < limits.quality] = REASON_QUALITY
    bad[stated.depth < limits.depth] = REASON_DEPTH
    judged = np.full(len(first), {QUALITY, DEPTH} <= stated.has and not stated.array)
    if not record.is_block:
        judged &= known
    return bad, judged


def _contradicted(
    parts: Floats, first: NDArray[np.int16], second: NDArray[np.int16], limits: Thresholds
) -> NDArray[np.bool_]:
    """Say which genotypes their reads contradict: one allele too rare, or others too frequent."""
    rows, last = np.arange(len(first)), parts.shape[1] - 1
    one = np.where(first >= 0, parts[rows, np.clip(first, 0, last)], np.nan)
    two = np.where(second >= 0, parts[rows, np.clip(second, 0, last)], np.nan)
    split = (first >= 0) & (second >= 0) & (first != second)
    own = np.where(split, one + two, one)
    other = parts.sum(axis=1) - own
    rare = split & (np.minimum(one, two) < limits.balance * np.maximum(one + two, 1e-9))
    # A call of one copy, and one of which the other half is open, may have other reads beside it.
    whole = (first >= 0) & (second != -1)
    foreign = np.where(split, 0.5, limits.other_reads) * np.maximum(own + other, 1e-9)
    contradicted: NDArray[np.bool_] = rare | (whole & (other > foreign))
    return contradicted


def _judge_imputed(
    raw: Any, fields: frozenset[str], record: Record, stated: Stated, limits: Thresholds,
    bad: NDArray[np.uint8],
) -> None:
    """Fail genotypes that were estimated without certainty."""
    first, second, count = record.first, record.second, len(record.first)
    if "GP" in fields and "GQ" not in fields:
        # An imputed call whose probability is left out cannot be judged, so it fails.
        given = read_real(raw, "GP")
        chance = np.nan_to_num(np.full((count, 1), -1.0) if given is None else given, nan=-1.0)
        bad[chance.max(axis=1) < limits.imputed_probability] = REASON_IMPUTED
    if stated.form == "probability_list":
        # Another genotype is as probable as the one that is called.
        bad[(stated.quality <= 0) & (bad == 0)] = REASON_IMPUTED
    if stated.form == "probability_list" and {DEPTH, READS} & stated.has and "DS" not in fields:
        # A caller's own posterior is judged like any other quality.
        bad[(stated.quality < limits.quality) & (bad == 0)] = REASON_QUALITY
    doses = next((f for f in ("DS", "HDS") if f in fields), None)
    if doses is not None and "GQ" not in fields:
        given = read_real(raw, doses)
        given = np.full((count, 1), np.nan) if given is None else given
        dosage = np.nansum(np.maximum(given, 0), axis=1)
        called = (first > 0).astype(np.int8) + (second > 0)
        far = np.abs(dosage - called) > 1 - limits.imputed_probability + 1e-6
        bad[(far | np.isnan(given).all(axis=1)) & (first >= 0)] = REASON_IMPUTED
    for key in ("DR2", "AR2", "R2", "RSQ", "Rsq", "INFO", "INFO_SCORE"):
        known = _numbers(raw.INFO.get(key))
        if known and min(known) < limits.imputed_r2 and raw.INFO.get("IMP", True):
            bad[:] = REASON_IMPUTED


def _reads(
    stated: Stated, first: NDArray[np.int16], second: NDArray[np.int16]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the reads of REF and of the alternative allele carried; -1 where not counted."""
    if READS not in stated.has:
        nothing = np.full(len(first), -1, np.int32)
        return nothing, nothing
    high = np.maximum(first, second)
    alt = stated.parts[np.arange(len(first)), np.clip(high, 0, stated.parts.shape[1] - 1)]
    return (
        _whole(np.where(stated.counted, stated.parts[:, 0], np.nan)),
        _whole(np.where(stated.counted & (high > 0), alt, np.nan)),
    )


def _whole(values: Floats) -> NDArray[np.int32]:
    """Return whole numbers; -1 where nothing is stated."""
    known = np.isfinite(values) & (values >= 0) & (values < 2**31)
    return np.where(known, values, -1).astype(np.int32)


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
