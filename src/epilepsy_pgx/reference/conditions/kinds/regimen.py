"""Conditions on how many anti-seizure drugs the clinical entry lists."""

from decimal import Decimal

from epilepsy_pgx.model import ClinicalEntry, DrugExposure, FailedDrug
from epilepsy_pgx.reference.conditions.base import Condition, ConditionKind, Groups, Tables, bad_row
from epilepsy_pgx.reference.conditions.numbers import number_problem, number_test
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import (
    complete_entry,
    entry_reason,
    field_value,
    not_given,
)
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict, fraction
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.reference.texts import ANTISEIZURE
from epilepsy_pgx.statement import Message, ReasonKind, Value, ValueKind

_LISTS = ("current", "failed")
"""Taken now, and given up for whatever reason; both are lists of the clinical entry."""


def _listed(
    entry: ClinicalEntry, subject: str
) -> tuple[tuple[DrugExposure | FailedDrug, ...], bool]:
    """Return the drugs of a list, and whether it was given."""
    found = entry.current if subject == "current" else entry.failed
    return found or (), found is not None


def _shown(drugs: list[str]) -> Value:
    """Return how many drugs there are, and which."""
    count = Value("count", (str(len(drugs)),), ValueKind.NUMBER)
    if not drugs:
        return Value("value", count.items, count.kind)
    named = Value("drugs", tuple(drugs), ValueKind.DRUG)
    return Value("value", messages=(Message("regimen-count", (count, named)),))


class Regimen(ConditionKind):
    """The clinical entry lists so many different anti-seizure drugs: `current` taken now, \
`failed` given up.

    A list that was not given is not an empty one: it counts as `if_missing` says. A name that
    the tables do not know may be such a drug or not, so that the number is then a range.
    """

    name = "regimen"
    operators = ("at_least", "at_most", "between")
    subject = "`current` or `failed`"
    value = "whole numbers of drugs"
    heeds_missing = True
    of_lists = True

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for one of the lists."""
        return None if row.about in _LISTS else " or ".join(_LISTS)

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for whole numbers of drugs."""
        if any(not value.isdecimal() for value in row.value):
            return "whole numbers of drugs"
        return number_problem(row)

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Count the drugs of the list."""
        subject, test = row.about, number_test(row)
        if subject not in _LISTS:
            raise bad_row(row, "subject", " or ".join(_LISTS))
        counted = groups.get(ANTISEIZURE, frozenset())
        missing_counts = row.if_missing == "possible"
        field = f"regimen_{subject}"

        def ask(facts: Facts, drug: str) -> Verdict:
            listed, given = _listed(facts.clinical, subject)
            if not given:
                return not_given(Truth.MAYBE, subject) if missing_counts else NO
            drugs = sorted({item.drug for item in listed if item.known} & counted)
            unread = len({item.drug for item in listed if not item.known})
            numbers = range(len(drugs), len(drugs) + unread + 1)
            truth = fraction(sum(test(Decimal(n)) for n in numbers), len(numbers))
            if not truth:
                return NO
            reason = entry_reason(ReasonKind.CLINICAL, field, field_value(field), _shown(drugs))
            resolve = (complete_entry(subject),) if truth is Truth.MAYBE else ()
            return Verdict(truth, (reason,), resolve)

        return ask


KIND = Regimen()
