"""What a record states of the quality of its genotypes, in the form that its producer writes.

Which fields state what, and in which order they are read, is the table `quality_fields`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.local import read_local_depths
from epilepsy_pgx.variants.spelling import REF_BLOCK_ALTS
from epilepsy_pgx.variants.values import read_number, read_numbers

Floats = NDArray[np.float64]

QUALITY, DEPTH, READS = "quality", "depth", "reads"
_SCORE, _ARRAY, _INFO = "score", "array", "INFO"
_DESCRIBED = re.compile(r'##FORMAT=<(?=[^"]*\bID=([^,>]+)).*\bDescription="([^"]*)"')
_LIKE = {"phred": {"phred", "phred_list", "log10_list"}}
"""Forms that stand in for one another where a sample has a missing value."""
_SUM_TO_ONE = 0.05
"""Linear probabilities of all genotypes add up to 1, but for this much of rounding."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One row of the table."""

    order: int
    gives: str
    place: str
    form: str
    fields: tuple[str, ...]
    beside: frozenset[str]
    described: str | None


@lru_cache(maxsize=16)
def load_field_rules(ref: Reference) -> tuple[FieldRule, ...]:
    """Return the rows of the table in the order in which they are read."""
    rules = (
        FieldRule(
            int(row.need("order")),
            row.need("gives"),
            row.need("place"),
            row.need("form"),
            row.many("fields"),
            frozenset(row.many("beside")),
            row["described"],
        )
        for row in ref.table("quality_fields")
    )
    return tuple(sorted(rules, key=lambda rule: rule.order))


@dataclass(frozen=True, slots=True)
class Plan:
    """Which forms the records with some FORMAT keys have."""

    quality: tuple[FieldRule, ...]
    """Of forms that stand in for one another, taken one after another for each sample."""
    score: FieldRule | None
    array: bool
    depth: tuple[FieldRule, ...]
    reads: tuple[FieldRule, ...]
    reads_named: bool
    """True if some field of reads is there, in whatever form."""


class FieldReader:
    """Finds the forms that the records of one file have."""

    def __init__(self, rules: Sequence[FieldRule], header: str, *, one_sample: bool) -> None:
        """Take the table and the header of the file.

        Parameters
        ----------
        one_sample
            True if the file holds one sample, so that INFO and QUAL speak of it.
        """
        self.one_sample = one_sample
        self._described = dict(_DESCRIBED.findall(header))
        self._rules = tuple(
            r for r in rules if (one_sample or r.place != _INFO) and self._is_described(r)
        )
        self._plans: dict[tuple[str, ...], Plan] = {}

    def _is_described(self, rule: FieldRule) -> bool:
        if rule.described is None:
            return True
        text = self._described.get(rule.fields[0], "")
        return rule.described.lower() in text.lower()

    def plan(self, keys: Sequence[str]) -> Plan:
        """Return the forms of a record with these FORMAT keys."""
        keys = tuple(keys)
        if keys not in self._plans:
            self._plans[keys] = self._make_plan(frozenset(keys))
        return self._plans[keys]

    def _make_plan(self, keys: frozenset[str]) -> Plan:
        def usable(gives: str) -> list[FieldRule]:
            return [
                r
                for r in self._rules
                if r.gives == gives
                and (r.place == _INFO or keys.issuperset(r.fields))
                and (not r.beside or r.beside & keys)
            ]

        quality, scores, reads = usable(QUALITY), usable(_SCORE), usable(READS)
        first = [r for r in quality if r.form in _LIKE.get(quality[0].form, {quality[0].form})]
        named = {
            f
            for r in self._rules
            if r.gives == READS and r.place != _INFO and r.form in ("list", "local_list")
            for f in r.fields
        }
        return Plan(
            tuple(first),
            scores[0] if scores else None,
            bool(scores or usable(_ARRAY)),
            tuple(usable(DEPTH)),
            tuple(reads),
            bool(named & keys),
        )


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
    count, alleles = len(first), 1 + len(raw.ALT)
    # Some programs add `<NON_REF>` to ALT and no value of it to the lists.
    spelled = alleles - (alleles > 1 and raw.ALT[-1] in REF_BLOCK_ALTS)
    none = np.full(count, np.nan)
    has: set[str] = set()
    quality = none
    for rule in plan.quality:
        found = _read_quality(raw, rule, first, second, (spelled, alleles))
        if found is not None:
            has.add(QUALITY)
            quality = np.where(np.isnan(quality), found, quality)
    score = None if plan.score is None else _read_score(raw, plan.score)
    if plan.score is not None and score is not None:
        has.add(QUALITY)
        quality = none if "GQ" in plan.score.fields else quality
    depth = _read_depth(raw, plan, block=block)
    parts, other = np.full((count, alleles), np.nan), np.zeros(count, bool)
    counted: NDArray[np.bool_] = np.zeros(count, bool)
    counts, decided = False, np.zeros(count, bool)
    for rule in plan.reads:
        if rule.place == _INFO and any(raw.INFO.get(f) is None for f in rule.fields):
            continue
        given, unlike = _read_parts(raw, rule, first, second, (spelled, alleles), depth)
        counts |= rule.form != "fraction" and _speaks_of(rule, alleles)
        # A list of the right length with a gap lacks a value, whatever else could be read in it.
        decided |= ~unlike & ~np.isnan(given).all(axis=1)
        lacking = np.isnan(parts).any(axis=1)
        parts[lacking] = given[lacking]
        other |= unlike
        if rule.form != "fraction" or depth is not None:
            counted |= lacking & ~np.isnan(given).any(axis=1)
        has.add(READS)
    total = np.where(counted, parts.sum(axis=1), np.nan)
    if depth is not None:
        # Reads that speak for no allele are no evidence of depth.
        depth = np.where(np.isnan(depth) | (2 * total < depth), total, depth)
    elif counts:
        depth = total
    elif depth is None and plan.reads_named:
        # Reads of another number of alleles: a depth is stated, and cannot be read.
        depth = none
    elif depth is None:
        depth = _depth_of_record(raw, plan, count)
    if depth is not None:
        has.add(DEPTH)
    return Stated(
        quality,
        score,
        plan.array,
        none if depth is None else depth,
        parts,
        counted,
        frozenset(has),
        plan.quality[0].form if plan.quality else "",
        other & ~decided & np.isnan(parts).any(axis=1),
    )


def _values(raw: Any, rule: FieldRule, number: int = 0) -> Floats | None:
    """Return the values of a field of a rule, [sample, value]; None if it has none at all."""
    name = rule.fields[number]
    if rule.place != _INFO:
        return read_numbers(raw, name)
    value = raw.INFO.get(name)
    if value is None:
        return None
    parts = value if isinstance(value, tuple) else str(value).split(",")
    return np.array([[read_number(str(part)) for part in parts]])


def _read_quality(
    raw: Any,
    rule: FieldRule,
    first: NDArray[np.int16],
    second: NDArray[np.int16],
    alleles: tuple[int, int],
) -> Floats | None:
    """Return the phred-scaled quality of each genotype; None if the record does not state it."""
    values = _values(raw, rule)
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
    values = _values(raw, rule)
    if values is None or not values.shape[1]:
        return None
    score = np.where(values[:, 0] < 0, np.nan, values[:, 0])
    if rule.form == "doubt":
        return 1 - score
    if rule.form == "number_or_phred":
        whole = raw.format(rule.fields[0]).dtype.kind == "i"
        # A whole number, or one above 1, is phred-scaled; all else is the score itself.
        score = np.where(whole | (score > 1), 1 - 10 ** (-score / 10), score)
    return score


def _read_depth(raw: Any, plan: Plan, *, block: bool) -> Floats | None:
    """Return the depth by the first FORMAT field that the record has; None if it has none."""
    stated = [r for r in plan.depth if r.place != _INFO]
    # The least depth of a block comes first, and last elsewhere.
    for rule in sorted(stated, key=lambda r: (r.form == "block") != block):
        values = _values(raw, rule)
        if values is None or not values.shape[1]:
            continue
        known = np.where(values < 0, np.nan, values)
        return np.fmax.reduce(known, axis=1) if rule.form == "largest" else known[:, 0]
    return None


def _depth_of_record(raw: Any, plan: Plan, count: int) -> Floats | None:
    """Return the depth that INFO gives."""
    for rule in plan.depth:
        values = _values(raw, rule) if rule.place == _INFO else None
        if values is not None:
            return np.broadcast_to(np.where(values[:, 0] < 0, np.nan, values[:, 0]), count)
    return None


def _read_parts(
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
    given = [_values(raw, rule, n) for n in range(len(rule.fields))]
    values = [v for v in given if v is not None and v.shape[1]]
    if len(values) < len(given):
        return nothing, all_fit
    if rule.form == "called":
        return _called_reads(raw, values[0], first, second, every), all_fit
    if rule.form == "bases":
        return _base_reads(raw, dict(zip("ACGT", values, strict=True)), nothing), all_fit
    unlike = np.zeros(count, bool)
    if not _speaks_of(rule, every):
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


def _speaks_of(rule: FieldRule, alleles: int) -> bool:
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
