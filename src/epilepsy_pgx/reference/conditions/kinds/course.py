"""Conditions on how a rule's own drug is taken: at what dose, and since when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from epilepsy_pgx.clinical_entry import ClinicalEntry, DrugExposure
from epilepsy_pgx.reference.conditions.base import Condition, ConditionKind, Groups, Tables, bad_row
from epilepsy_pgx.reference.conditions.numbers import NUMERIC, number_problem, number_test
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import taking
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.statement import Value, ValueKind

BY_DAY, BY_WEIGHT, DAYS, LATER = "mg/day", "mg/kg/day", "days", "later_days"
_SUBJECTS = (BY_DAY, BY_WEIGHT, DAYS, LATER)
TIMES = (DAYS, LATER)
"""Subjects that ask since when something is taken, and not how much."""
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


def _begun_later(entry: ClinicalEntry, drug: str) -> Mapping[str, Decimal]:
    """Return the drugs that were begun after one, with the days since; of all the days are known.

    A drug that is listed twice is taken since its first day.
    """
    since: dict[str, list[Decimal | None]] = {}
    for item in entry.current or ():
        if item.known:
            since.setdefault(item.drug, []).append(_days(item, entry))
    first = {
        name: max(known)
        for name, days in since.items()
        if len(known := [n for n in days if n is not None]) == len(days)
    }
    return {n: days for n, days in first.items() if drug in first and days < first[drug]}


def begun_later(
    kinds: Sequence[tuple[str, str, str, str]], entry: ClinicalEntry, drug: str
) -> tuple[Value, ...]:
    """Return, as a value `later`, the drugs for which a rule's condition on them holds.

    Parameters
    ----------
    kinds
        (kind, subject, operator, value) of each condition of the rule.
    drug
        The rule's own drug.
    """
    for kind, subject, operator, value in kinds:
        if kind == Course.name and subject == LATER:
            row = RuleCondition(0, "", kind, (subject,), operator, tuple(value.split("|")), "no")
            test = number_test(row)
            found = sorted(n for n, days in _begun_later(entry, drug).items() if test(days))
            return (Value("later", tuple(found), ValueKind.DRUG),)
    return ()


class Course(ConditionKind):
    """The rule's own drug is taken at such a dose (`mg/day`, `mg/kg/day`), or since so many \
`days`; or another one that was begun after it, since so many `later_days`.

    What the entry does not tell never counts: a dose without its unit or its weight, a start or a
    day of the entry that is missing.
    """

    name = "course"
    operators = NUMERIC
    subject = "`mg/day`, `mg/kg/day`, `days` or `later_days`"
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

        def ask_later(facts: Facts, drug: str) -> Verdict:
            begun = _begun_later(facts.clinical, drug)
            found = sorted(name for name, days in begun.items() if test(days))
            return Verdict(Truth.YES, (taking(*found),)) if found else NO

        def ask(facts: Facts, drug: str) -> Verdict:
            number = _number(facts, drug, subject, partly)
            if number is None or not test(number):
                return NO
            return Verdict(Truth.YES, (taking(drug),))

        return ask_later if subject == LATER else ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """Some drug must be taken."""
        return frozenset({"course"})

    def keys(self, facts: Facts) -> Iterable[str]:
        """Say whether some drug is taken."""
        return ("course",) if facts.clinical.current else ()


KIND = Course()
