"""Decode the records of a clean BCF into arrays over the samples.

Only files written by the extraction step come here: cyvcf2 is not safe on damaged text.
"""

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import SIZED, UNSIZED_REACH
from epilepsy_pgx.intervals import Intervals
from epilepsy_pgx.variants.assess import (
    assess_imputed,
    assess_quality,
    info_numbers,
    reads_of_alleles,
    whole_numbers,
)
from epilepsy_pgx.variants.field_rules import FieldReader, FieldRule
from epilepsy_pgx.variants.fileannotation import (
    AnnotationField,
    ConsequenceWords,
    annotations_by_allele,
    find_annotation_fields,
)
from epilepsy_pgx.variants.infoclass import ClassField, classes_by_allele, find_class_field
from epilepsy_pgx.variants.infofrequency import find_frequency_fields, frequencies_by_allele
from epilepsy_pgx.variants.local import has_local_genotypes, read_local_genotypes
from epilepsy_pgx.variants.record import (
    PASSING_FILTERS,
    REASON_FILTER,
    REASON_PLOIDY,
    Record,
    Thresholds,
    further_copies,
)
from epilepsy_pgx.variants.representation import REF_BLOCK_ALTS, symbol_word
from epilepsy_pgx.variants.stacks import Pending, alleles_of, decode_each
from epilepsy_pgx.variants.stated import read_stated
from epilepsy_pgx.variants.store import GLOBAL_PHASE, UNPHASED
from epilepsy_pgx.variants.values import read_whole, values_of

_SIZED = re.compile(SIZED, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class InfoFields:
    """The INFO fields of an open file that say what its alleles mean."""

    classes: ClassField | None
    annotations: tuple[AnnotationField, ...]
    frequencies: tuple[ClassField, ...]


def read_records(
    bcf: Path,
    chrom_of: dict[str, str],
    thresholds: Thresholds,
    *,
    physical_phase_only: bool,
    wanted: Intervals,
    rules: tuple[FieldRule, ...],
    words: ConsequenceWords,
    one_sample: bool,
) -> Iterator[Record]:
    """Decode the records over some regions, in file order.

    Parameters
    ----------
    rules
        Which fields state quality, depth and reads.
    words
        What annotation programs call a consequence.
    one_sample
        True if the file that the records come from holds one sample.
    """
    import cyvcf2

    reader = cyvcf2.VCF(str(bcf))
    try:
        count = len(reader.samples)
        info = InfoFields(
            find_class_field(reader, thresholds.class_field),
            find_annotation_fields(reader.raw_header, words),
            find_frequency_fields(reader, thresholds.frequency_fields),
        )
        fields = FieldReader(rules, reader.raw_header, one_sample=one_sample)
        pending = (
            Pending(raw, chrom, end, spoken)
            for raw in reader
            if (chrom := chrom_of.get(raw.CHROM)) is not None
            for end, spoken in _last_bases(raw, count)
            if wanted.meets(chrom, raw.POS - 1, end)
        )

        def decode(raw: Any, chrom: str, end: int, rows: int) -> Record:
            return _decode(raw, chrom, end, rows, thresholds, physical_phase_only, info, fields)

        for record, spoken in decode_each(pending, count, decode, fields.reads_by_base):
            yield record if spoken is None or spoken.all() else _only(record, spoken)
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


def _integers(raw: Any, field: str, count: int) -> NDArray[np.int32]:
    values = read_whole(raw, field)
    if values is None:
        return np.full(count, -1, np.int32)
    # Missing integers come as large negative numbers.
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


def _last_bases(raw: Any, count: int) -> list[tuple[int, NDArray[np.bool_] | None]]:
    """Return the last bases a record speaks of, each with the samples it holds for; None for all.

    END, SVLEN and REF hold for all. FORMAT/LEN (VCF 4.5) gives each sample its own end of a
    reference block; beside an alternative allele it is not used.
    """
    end = _common_end(raw)
    block = bool(raw.ALT) and all(a in REF_BLOCK_ALTS for a in raw.ALT)
    if not block or "LEN" not in raw.FORMAT or info_numbers(raw.INFO.get("END")):
        return [(end, None)]
    ends = np.maximum(end, int(raw.POS) + np.maximum(1, _integers(raw, "LEN", count)) - 1)
    return [(int(value), ends == value) for value in np.unique(ends)]


def _only(record: Record, spoken: NDArray[np.bool_]) -> Record:
    """Return a record that speaks of some samples alone."""

    def kept(values: Any, missing: int) -> Any:
        return np.where(spoken, values, np.array(missing, values.dtype))

    return replace(
        record,
        silent=~spoken,
        first=kept(record.first, -1),
        second=kept(record.second, -1),
        depth=kept(record.depth, -1),
        quality=kept(record.quality, -1),
        ref_reads=kept(record.ref_reads, -1),
        alt_reads=kept(record.alt_reads, -1),
        beyond=None if record.beyond is None else kept(record.beyond.T, -2).T,
    )


def _common_end(raw: Any) -> int:
    """Return the last base a record speaks of for all samples: END, SVLEN, or REF."""
    stated = info_numbers(raw.INFO.get("END"))
    end = max([int(raw.POS) + len(raw.REF) - 1, *map(int, stated)])
    if _lacks_size(raw):
        return max(end, int(raw.POS) + UNSIZED_REACH)
    if _has_segment(tuple(raw.ALT)):
        sizes = info_numbers(raw.INFO.get("SVLEN"))
        # SVLEN counts from the base after POS; before VCF 4.4 it is negative for deletions.
        end = max([end, *(int(raw.POS) + int(abs(s)) for s in sizes)])
    return end


@lru_cache(maxsize=1024)
def _has_segment(alts: tuple[str, ...]) -> bool:
    """Say whether some allele changes a run of bases that the record does not spell."""
    return any(_SIZED.match(symbol_word(alt) or "") for alt in alts)


def _lacks_size(raw: Any) -> bool:
    """Say whether a record is about a segment, and does not say how far that goes."""
    alts = tuple(raw.ALT)
    named = REF_BLOCK_ALTS.issuperset(alts) and _text(raw.INFO.get("SVTYPE"))
    if not (_has_segment(alts) or (named and _SIZED.match(named))):
        return False
    if len(raw.REF) > 1 or any(info_numbers(raw.INFO.get("SVLEN"))):
        return False
    return all(end <= raw.POS for end in info_numbers(raw.INFO.get("END")))


def _decode(
    raw: Any,
    chrom: str,
    end: int,
    count: int,
    limits: Thresholds,
    physical: bool,
    info: InfoFields,
    reader: FieldReader,
) -> Record:
    fields, alts = frozenset(raw.FORMAT), tuple(raw.ALT)
    ref, spelled = alleles_of(raw)
    first, second, phased, beyond = _genotypes(raw, fields, count)
    copies = _integers(raw, "CN", count) if "CN" in fields else None
    none = np.full(count, -1, np.int32)
    record = Record(
        chrom,
        raw.POS,
        end,
        ref,
        spelled,
        first,
        second,
        none,
        _odd(beyond),
        none,
        none,
        none,
        none,
        (),
        classes_by_allele(raw, alts, info.classes),
        _text(raw.INFO.get("SVTYPE")),
        copies,
        file_annotations=annotations_by_allele(raw, alts, info.annotations),
        info_frequencies=frequencies_by_allele(raw, alts, info.frequencies),
        unsized=_lacks_size(raw),
        beyond=further_copies(beyond),
    )
    if copies is not None and record.is_structural:
        _read_states(chrom, first, second, copies)
    stated = read_stated(raw, reader, first, second, block=record.is_block)
    bad, judged = assess_quality(record, stated, reader, limits, raw.QUAL)
    assess_imputed(raw, fields, record, stated, limits, bad)
    sets, first, second = _phase_sets(raw, fields, phased, first, second, physical)
    ref_reads, alt_reads = reads_of_alleles(stated, first, second)
    return replace(
        record,
        first=first,
        second=second,
        phase=sets,
        bad=bad,
        filters=_apply_filters(raw, fields, bad),
        depth=whole_numbers(stated.depth),
        quality=whole_numbers(stated.quality),
        ref_reads=ref_reads,
        alt_reads=alt_reads,
        judged=judged,
        array=stated.array,
        barred=_barred(phased & (sets == UNPHASED) & (first != second)),
    )


def _odd(beyond: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Return the reason of each sample whose genotype has more than two copies."""
    return np.where((beyond != -2).any(axis=1), REASON_PLOIDY, 0).astype(np.uint8)


def _barred(found: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    return found if found.any() else None


def _apply_filters(raw: Any, fields: frozenset[str], bad: NDArray[np.uint8]) -> tuple[str, ...]:
    """Mark the calls that a filter of the record or of the sample refuses; return the former."""
    filters = tuple(f for f in raw.FILTERS if f not in PASSING_FILTERS)
    if filters:
        bad[:] = REASON_FILTER
    if "FT" in fields:
        tags = values_of(raw, "FT")
        bad[[str(t) not in {*PASSING_FILTERS, ""} for t in tags]] = REASON_FILTER
    return filters


def _genotypes(
    raw: Any, fields: frozenset[str], count: int
) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.bool_], NDArray[np.int16]]:
    """Return the two allele indices, whether they are phased, and the indices beyond the two."""
    if "GT" in fields:
        calls = raw.genotype.array()
        first = calls[:, 0].copy()
        # One allele column beside the phase mark: every call of the record is haploid.
        if calls.shape[1] == 2:
            second = np.full(count, -2, np.int16)
        else:
            second = calls[:, 1].copy()
        # The mark of a call of one copy is not set by the reader, and says nothing.
        phased = (calls[:, -1] == 1) & (second != -2)
        return first, second, phased, calls[:, 2:-1]
    if has_local_genotypes(fields):
        calls, phased = read_local_genotypes(raw, fields, count)
        return calls[:, 0].copy(), calls[:, 1].copy(), phased, calls[:, 2:]
    missing = np.full(count, -1, np.int16)
    return missing, missing.copy(), np.zeros(count, bool), np.empty((count, 0), np.int16)


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
        values = values_of(raw, "PS")
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
        # GATK writes physical phase here and leaves GT unphased, with its alleles in order.
        order, names = values_of(raw, "PGT"), values_of(raw, "PID")
        for i in np.flatnonzero((first != second) & (first >= 0) & (second >= 0)):
            if str(order[i]) not in ("0|1", "1|0") or str(names[i]) in ("", "."):
                continue
            sets[i] = phase_set_number(str(names[i]))
            # PGT knows 0 and 1 only: of two alternative alleles it does not say which is which.
            low, high = sorted((first[i], second[i]))
            if low != 0:
                sets[i] = UNPHASED
                continue
            first[i], second[i] = (low, high) if order[i] == "0|1" else (high, low)
    return sets, first, second


def phase_set_number(name: str) -> int:
    """Return a number above 0 for the name of a phase set."""
    # CRC-32 is the same in every process, unlike hash(); 30 bits leave room for offsets in int32.
    return (zlib.crc32(name.encode()) & 0x3FFFFFFF) + 1
