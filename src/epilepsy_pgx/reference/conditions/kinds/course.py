"""Conditions on how a rule's own drug is taken: at what dose, and since when."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from epilepsy_pgx.clinical_entry import ClinicalEntry, DrugExposure
from epilepsy_pgx.reference.conditions.base import Condition, ConditionKind, Groups, Tables, bad_row
from epilepsy_pgx.reference.conditions.numbers import NUMERIC, number_problem, number_test
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import taking
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition

BY_DAY, BY_WEIGHT, DAYS = "mg/day", "mg/kg/day", "days"
_SUBJECTS = (BY_DAY, BY_WEIGHT, DAYS)
_LOWER = ("at_least", "more_than")
"""Operators that a part of the dose is enough for."""


def _dose(item: DrugExposure, unit: str, weight: Decimal | None) -> Decimal | None:
    dose = item.daily_dose
    if dose is None or dose.unit == unit:
        return None if dose is None else dose.value
    if weight is None or {dose.unit, unit} != {BY_DAY, BY_WEIGHT}:
        return None
    return dose.value / weight if unit == BY_WEIGHT else dose.value * weight


def _days(item: DrugExposure, entry: ClinicalEntry) -> Decimal | None:
    if item.start is None or entry.entry_date is None:
        return None
    days = date.fromisoformat(entry.entry_date) - date.fromisoformat(item.start)
    return Decimal(days.days)


def _number(facts: Facts, drug: str, subject: str, partly: bool) -> Decimal | None:
    """Return the dose of a day, or the days of use; None if the entry does not tell.

    A drug that is listed twice is taken at both doses, and since its first day.
    """
    entry = facts.clinical
    items = [item for item in entry.current or () if item.drug == drug and item.known]
    if subject == DAYS:
        found = [_days(item, entry) for item in items]
        known = [n for n in found if n is not None]
        return max(known) if known and len(known) == len(found) else None
    found = [_dose(item, subject, entry.weight_kg) for item in items]
    known = [n for n in found if n is not None]
    return sum(known, Decimal(0)) if known and (partly or len(known) == len(found)) else None


class Course(ConditionKind):
    """The rule's own drug is taken at such a dose (`mg/day`, `mg/kg/day`), or since so many `days`.

    What the entry does not tell never counts: a dose without its unit or its weight, a start or a
    day of the entry that is missing.
    """

    name = "course"
    operators = NUMERIC
    subject = "`mg/day`, `mg/kg/day` or `days`"
    value = "numbers"
    of_lists = True

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for what is counted."""
        return None if row.about in _SUBJECTS else " or ".join(_SUBJECTS)

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for numbers."""
        return number_problem(row)

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Compare the dose, or the days."""
        subject, test = row.about, number_test(row)
        if subject not in _SUBJECTS:
            raise bad_row(row, "subject", " or ".join(_SUBJECTS))
        partly = row.operator in _LOWER

        def ask(facts: Facts, drug: str) -> Verdict:
            number = _number(facts, drug, subject, partly)
            if number is None or not test(number):
                return NO
            return Verdict(Truth.YES, (taking(drug),))

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """Some drug must be taken."""
        return frozenset({"course"})

    def keys(self, facts: Facts) -> Iterable[str]:
        """Say whether some drug is taken."""
        return ("course",) if facts.clinical.current else ()


KIND = Course()
