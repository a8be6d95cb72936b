"""What a record states of the quality of its genotypes, in the form that its producer writes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.variants.field_rules import (
    DEPTH,
    INFO,
    QUALITY,
    READS,
    FieldReader,
    FieldRule,
    Floats,
    Plan,
    read_values,
)
from epilepsy_pgx.variants.read_forms import read_parts, speaks_of
from epilepsy_pgx.variants.representation import REF_BLOCK_ALTS
from epilepsy_pgx.variants.values import values_of

_SUM_TO_ONE = 0.05
"""Linear probabilities of all genotypes add up to 1, but for this much of rounding."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a record states, by sample; NaN where it states nothing."""

    quality: Floats
    """Genotype quality, phred-scaled."""
    score: Floats | None
    """Score of an array, 0 to 1; None if the record has none."""
    array: bool
    depth: Floats
    parts: Floats
    """Reads by allele, or parts of the reads: [sample, allele]."""
    counted: NDArray[np.bool_]
    """Samples of which `parts` are numbers of reads."""
    has: frozenset[str]
    """Kinds that the record states in some form."""
    form: str
    """How the genotype quality is given; empty if it is not."""
    unlike: NDArray[np.bool_]
    """Samples whose reads are given for another number of alleles than the record has, as where
    a record was split and they were not."""


def read_stated(
    raw: Any,
    reader: FieldReader,
    first: NDArray[np.int16],
    second: NDArray[np.int16],
    *,
    block: bool,
) -> Stated:
    """Read the quality, depth and reads of a record."""
    plan = reader.plan(raw.FORMAT)
    every = 1 + len(raw.ALT)
    # Some programs add `<NON_REF>` to ALT and no value of it to the lists.
    alleles = (every - (every > 1 and raw.ALT[-1] in REF_BLOCK_ALTS), every)
    none = np.full(len(first), np.nan)
    has: set[str] = set()
    quality = none
    for rule in plan.quality:
        found = _read_quality(raw, rule, first, second, alleles)
        if found is not None:
            has.add(QUALITY)
            quality = np.where(np.isnan(quality), found, quality)
    score = None if plan.score is None else _read_score(raw, plan.score)
    if plan.score is not None and score is not None:
        has.add(QUALITY)
        quality = none if "GQ" in plan.score.fields else quality
    depth = _read_depth(raw, plan, block=block)
    reads = _read_reads(raw, plan, first, second, alleles, depth)
    if reads.found:
        has.add(READS)
    depth = _settle_depth(raw, plan, depth, reads)
    if depth is not None:
        has.add(DEPTH)
    return Stated(
        quality,
        score,
        plan.array,
        none if depth is None else depth,
        reads.parts,
        reads.counted,
        frozenset(has),
        plan.quality[0].form if plan.quality else "",
        reads.unlike,
    )


@dataclass(frozen=True, slots=True)
class _Reads:
    """The reads of a record, taken from one field after another. See `Stated`."""

    parts: Floats
    counted: NDArray[np.bool_]
    unlike: NDArray[np.bool_]
    countable: bool
    """True if a field gives numbers of reads for as many alleles as the record has."""
    found: bool
    """True if the record has a field of reads."""


def _read_reads(
    raw: Any,
    plan: Plan,
    first: NDArray[np.int16],
    second: NDArray[np.int16],
    alleles: tuple[int, int],
    depth: Floats | None,
) -> _Reads:
    count, every = len(first), alleles[-1]
    parts, other = np.full((count, every), np.nan), np.zeros(count, bool)
    counted: NDArray[np.bool_] = np.zeros(count, bool)
    decided = np.zeros(count, bool)
    countable = found = False
    for rule in plan.reads:
        if rule.place == INFO and any(raw.INFO.get(f) is None for f in rule.fields):
            continue
        given, unlike = read_parts(raw, rule, first, second, alleles, depth)
        countable |= rule.form != "fraction" and speaks_of(rule, every)
        # A list of the right length with a gap lacks a value, whatever else could be read in it.
        decided |= ~unlike & ~np.isnan(given).all(axis=1)
        lacking = np.isnan(parts).any(axis=1)
        parts[lacking] = given[lacking]
        other |= unlike
        if rule.form != "fraction" or depth is not None:
            counted |= lacking & ~np.isnan(given).any(axis=1)
        found = True
    unlike = other & ~decided & np.isnan(parts).any(axis=1)
    return _Reads(parts, counted, unlike, countable, found)


def _settle_depth(raw: Any, plan: Plan, depth: Floats | None, reads: _Reads) -> Floats | None:
    """Return the depth of each sample by its field and its reads; None if neither states it."""
    total: Floats = np.where(reads.counted, reads.parts.sum(axis=1), np.nan)
    if depth is not None:
        # Reads that speak for no allele are no evidence of depth. A stated depth below that of the
        # reads takes none away: without it they would count.
        return np.where(2 * total < depth, total, np.fmax(depth, total))
    if reads.countable:
        return total
    if plan.reads_named:
        # Reads of another number of alleles: a depth is stated, and cannot be read.
        return np.full(len(total), np.nan)
    return _depth_of_record(raw, plan, len(total))


def _read_quality(
    raw: Any,
    rule: FieldRule,
    first: NDArray[np.int16],
    second: NDArray[np.int16],
    alleles: tuple[int, int],
) -> Floats | None:
    """Return the phred-scaled quality of each genotype; None if the record does not state it."""
    values = read_values(raw, rule)
    if values is None or not values.shape[1]:
        return None
    if rule.form == "phred":
        return np.where(values[:, 0] < 0, np.nan, values[:, 0])
    if rule.form == "probability":
        return _phred_of(values[:, 0])
    if alleles[-1] < 2:
        # The likelihood of one genotype compares it with none.
        return None
    if rule.form == "log10_list":
        values = np.where(np.isneginf(values), values, -10 * values)
    elif rule.form == "probability_list":
        values = _as_phred(values)
    return _margin(values, first, second, alleles)


def _as_phred(values: Floats) -> Floats:
    """Return probabilities as phred-scaled ones, whatever scale they have."""
    known = np.where(np.isfinite(values), values, 0)
    logs = (known < 0).any(axis=1, keepdims=True)
    linear = (known <= 1).all(axis=1) & (np.abs(known.sum(axis=1) - 1) <= _SUM_TO_ONE)
    with np.errstate(divide="ignore"):
        # A probability of 0 becomes 999, as callers cap it.
        scaled = np.minimum(-10 * np.log10(np.maximum(known, 0)), 999.0)
    found = np.where(logs, -10 * known, np.where(linear[:, None], scaled, known))
    return np.where(np.isfinite(values), found, values)


def _phred_of(chance: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.minimum(-10 * np.log10(np.maximum(1 - chance, 0)), 999.0)
    return np.where((chance >= 0) & (chance <= 1), found, np.nan)


def _margin(
    values: Floats, first: NDArray[np.int16], second: NDArray[np.int16], alleles: tuple[int, int]
) -> Floats:
    """Return by how much the genotype called is better than any other; 0 if another is better.

    Without the values of all genotypes: the second smallest less the smallest. How many values a
    sample has of its own decides, not how many another sample has.
    """
    # n alleles have n (n + 1) / 2 unordered pairs.
    spelled, genotypes = (n * (n + 1) // 2 for n in alleles)
    count, given = values.shape
    table = np.full((count, max(given, genotypes, 2)), np.inf)
    table[:, :given] = np.where(np.isneginf(values), np.inf, values)
    own = (~np.isneginf(values)).sum(axis=1)
    one = second == -2
    high = np.maximum(first, second).astype(np.int64)
    low = np.minimum(first, second)
    # Order of genotypes in GL and PL (VCF 4.3, section 1.6.2): k (k + 1) / 2 + j.
    place = np.where(one, first, high * (high + 1) // 2 + low)
    known = (first >= 0) & ((second >= 0) | one)
    # A call of one copy has a value for each allele.
    whole = (own == genotypes) | ((own == spelled) & (spelled > 1))
    whole = (whole | (one & np.isin(own, alleles) & (own > 1))) & known
    table[one & whole, alleles[-1] :] = np.inf
    rows = np.arange(count)
    place = np.where(whole, np.clip(place, 0, table.shape[1] - 1), 0)
    mine = table[rows, place]
    rest = table.copy()
    rest[rows, place] = np.inf
    by_call = np.maximum(rest.min(axis=1) - mine, 0)
    ends = np.partition(np.where(np.isnan(table), np.inf, table), 1, axis=1)
    least = np.where(np.isfinite(ends[:, 0]), ends[:, 0], np.nan)
    found = np.where(whole, by_call, ends[:, 1] - least)
    return np.where(np.isfinite(found), found, np.nan)


def _read_score(raw: Any, rule: FieldRule) -> Floats | None:
    values = read_values(raw, rule)
    if values is None or not values.shape[1]:
        return None
    score = np.where(values[:, 0] < 0, np.nan, values[:, 0])
    if rule.form == "doubt":
        return 1 - score
    if rule.form == "number_or_phred":
        whole = values_of(raw, rule.fields[0]).dtype.kind == "i"
        # A whole number, or one above 1, is phred-scaled; all else is the score itself.
        score = np.where(whole | (score > 1), 1 - 10 ** (-score / 10), score)
    return score


def _read_depth(raw: Any, plan: Plan, *, block: bool) -> Floats | None:
    """Return the depth by the first FORMAT field that the record has; None if it has none."""
    stated = [r for r in plan.depth if r.place != INFO]
    # The least depth of a block comes first, and last elsewhere.
    for rule in sorted(stated, key=lambda r: (r.form == "block") != block):
        values = read_values(raw, rule)
        if values is None or not values.shape[1]:
            continue
        known = np.where(values < 0, np.nan, values)
        return np.fmax.reduce(known, axis=1) if rule.form == "largest" else known[:, 0]
    return None


def _depth_of_record(raw: Any, plan: Plan, count: int) -> Floats | None:
    """Return the depth that INFO gives."""
    for rule in plan.depth:
        values = read_values(raw, rule) if rule.place == INFO else None
        if values is not None:
            return np.broadcast_to(np.where(values[:, 0] < 0, np.nan, values[:, 0]), count)
    return None
