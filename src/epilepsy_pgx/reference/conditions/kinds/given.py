"""Conditions on the way and the form in which a rule's own drug is given."""

from collections.abc import Iterable

from epilepsy_pgx.clinical_entry import DrugExposure
from epilepsy_pgx.reference.conditions.base import (
    Condition,
    ConditionKind,
    Groups,
    Tables,
    bad_row,
    lost_words,
)
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import taking
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition

ROUTE, FORMULATION = "route", "formulation"
SUBJECTS = (ROUTE, FORMULATION)


def word_of(item: DrugExposure, subject: str) -> str | None:
    """Return how a drug is given, or in what form."""
    return item.route if subject == ROUTE else item.formulation


class Given(ConditionKind):
    """The rule's own drug is taken by one of some ways (`route`), or in one of some forms \
(`formulation`).

    What the entry does not tell never counts: most drugs are entered without either.
    """

    name = "given"
    operators = ("any_of",)
    subject = "`route` or `formulation`"
    value = "words of `entry_words`"
    of_lists = True

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for what is told of a drug."""
        return None if row.about in SUBJECTS else " or ".join(SUBJECTS)

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for words that the entry may hold there."""
        return lost_words(row.value, tables.ways(row.about), f"words of entry_words ({row.about})")

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask how the drug is given."""
        subject, wanted = row.about, frozenset(row.value)
        if subject not in SUBJECTS:
            raise bad_row(row, "subject", " or ".join(SUBJECTS))

        def ask(facts: Facts, drug: str) -> Verdict:
            taken = (i for i in facts.clinical.current or () if i.known and i.drug == drug)
            met = any(word_of(item, subject) in wanted for item in taken)
            return Verdict(Truth.YES, (taking(drug),)) if met else NO

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """Some drug must be given so."""
        return frozenset(f"given:{word}" for word in row.value)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the ways and forms of the drugs that are taken."""
        for item in facts.clinical.current or ():
            yield from (f"given:{w}" for s in SUBJECTS if (w := word_of(item, s)) is not None)


KIND = Given()
