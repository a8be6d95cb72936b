"""Conditions on the dose that is taken of the rule's own drug."""

from collections.abc import Iterable
from decimal import Decimal

from epilepsy_pgx.model import DrugExposure
from epilepsy_pgx.reference.conditions.base import (
    SELF,
    Condition,
    ConditionKind,
    Groups,
    Tables,
    bad_row,
)
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import taking
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.reference.schema import to_decimal

_BY_WEIGHT, _BY_DAY = "mg/kg/day", "mg/day"


def _milligrams(item: DrugExposure, weight: Decimal | None) -> Decimal | None:
    """Return the dose of a day in milligrams; None if it was not given so that it can be known."""
    dose = item.daily_dose
    if dose is None:
        return None
    if dose.unit == _BY_DAY:
        return dose.value
    return dose.value * weight if dose.unit == _BY_WEIGHT and weight is not None else None


class Dose(ConditionKind):
    """The dose of a day that is taken of the rule's own drug is higher than so many milligrams.

    A dose that was not entered, or not as that of a whole day, is no high one: the rule on the
    drug itself says what dose holds. A dose by weight counts where the weight is known. Of a drug
    that is listed twice, with two strengths, the doses add up.
    """

    name = "dose"
    operators = ("more_than",)
    subject = "`self`"
    value = "a number of mg/day"

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for the rule's own drug."""
        return None if row.about == SELF else "the subject 'self'"

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for one number above zero."""
        limit = to_decimal(row.value[0]) if len(row.value) == 1 else None
        return None if limit is not None and limit > 0 else self.value

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Compare what is taken in a day with the limit."""
        limit = to_decimal(row.value[0]) if len(row.value) == 1 else None
        if limit is None:
            raise bad_row(row, "value", self.value)
        highest = limit

        def ask(facts: Facts, drug: str) -> Verdict:
            weight = facts.clinical.weight_kg
            taken = [item for item in facts.clinical.current or () if item.drug == drug]
            known = [mg for item in taken if (mg := _milligrams(item, weight)) is not None]
            return Verdict(Truth.YES, (taking(drug),)) if sum(known) > highest else NO

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """Some drug must be taken in a known dose."""
        return frozenset({"dose"})

    def keys(self, facts: Facts) -> Iterable[str]:
        """Say whether a dose of a day was entered."""
        if any(item.daily_dose is not None for item in facts.clinical.current or ()):
            yield "dose"


KIND = Dose()
