"""Which fields of a record state quality, depth and reads, and in which form.

Which fields state what, and in which order they are read, is the table `quality_fields`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import QualityField
from epilepsy_pgx.variants.values import read_number, read_numbers

Floats = NDArray[np.float64]

QUALITY, DEPTH, READS = "quality", "depth", "reads"
INFO = "INFO"
BY_BASE = "bases"
"""The form of reads in which there is a field for each base."""
_SCORE, _ARRAY = "score", "array"
_DESCRIBED = re.compile(r'##FORMAT=<(?=[^"]*\bID=([^,>]+)).*\bDescription="([^"]*)"')
_LIKE = {"phred": {"phred", "phred_list", "log10_list"}}
"""Forms that stand in for one another where a sample has a missing value."""


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
            row.order,
            row.gives,
            row.place,
            row.form,
            row.fields,
            frozenset(row.beside),
            row.described,
        )
        for row in ref.rows(QualityField)
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
            r for r in rules if (one_sample or r.place != INFO) and self._is_described(r)
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

    def reads_by_base(self, keys: Sequence[str]) -> bool:
        """Say whether a record with these FORMAT keys gives its reads by the base of an allele."""
        return any(rule.form == BY_BASE for rule in self.plan(keys).reads)

    def _make_plan(self, keys: frozenset[str]) -> Plan:
        def usable(gives: str) -> list[FieldRule]:
            return [
                r
                for r in self._rules
                if r.gives == gives
                and (r.place == INFO or keys.issuperset(r.fields))
                and (not r.beside or r.beside & keys)
            ]

        quality, scores, reads = usable(QUALITY), usable(_SCORE), usable(READS)
        first = [r for r in quality if r.form in _LIKE.get(quality[0].form, {quality[0].form})]
        named = {
            f
            for r in self._rules
            if r.gives == READS and r.place != INFO and r.form in ("list", "local_list")
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


def read_values(raw: Any, rule: FieldRule, number: int = 0) -> Floats | None:
    """Return the values of a field of a rule, [sample, value]; None if it has none at all."""
    name = rule.fields[number]
    if rule.place != INFO:
        return read_numbers(raw, name)
    value = raw.INFO.get(name)
    if value is None:
        return None
    parts = value if isinstance(value, tuple) else str(value).split(",")
    return np.array([[read_number(str(part)) for part in parts]])
