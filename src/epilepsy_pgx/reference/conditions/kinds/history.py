"""Conditions on drugs that were given up."""

from collections.abc import Iterable

from epilepsy_pgx.reference.conditions.base import (
    SELF,
    Condition,
    ConditionKind,
    Groups,
    Tables,
    bad_row,
    lost_words,
    members,
)
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import stopped
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.vocabulary import FailureReason

_REASONS = "reasons for giving up a drug"


class History(ConditionKind):
    """One of some drugs, or the rule's own, was given up for one of some reasons.

    The rule's own drug is any that is the same in the body.
    """

    name = "history"
    operators = ("any_of",)
    subject = "drugs, `@group` or `self`"
    value = "reasons for which a drug was given up"
    of_lists = True

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for drugs."""
        return tables.lost_drugs(row.subject)

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for reasons."""
        return lost_words(row.value, FailureReason, _REASONS)

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask which of the drugs were given up so."""
        itself = row.about == SELF
        drugs = members(row.subject, groups)
        try:
            reasons = tuple(FailureReason(word) for word in row.value)
        except ValueError:
            raise bad_row(row, "value", _REASONS) from None

        def ask(facts: Facts, drug: str) -> Verdict:
            because = tuple(
                stopped(name, reason)
                for reason in reasons
                for name in sorted(
                    facts.given_up(drug, reason)
                    if itself
                    else facts.failed.get(reason, frozenset()) & drugs
                )
            )
            return Verdict(Truth.YES, because) if because else NO

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """Some drug must have been given up for one of the reasons."""
        return frozenset(f"history:{reason}" for reason in row.value)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the reasons for which drugs were given up."""
        return (f"history:{reason}" for reason in facts.failed)


KIND = History()
