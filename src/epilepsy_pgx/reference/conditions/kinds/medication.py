"""Conditions on the medication list."""

from collections.abc import Iterable

from epilepsy_pgx.reference.conditions.base import Condition, ConditionKind, Groups, Tables, members
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import taking
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition


class Medication(ConditionKind):
    """The medication list names one of some drugs, other than the rule's own."""

    name = "medication"
    operators = ("taking",)
    subject = "drugs or `@group`"
    value = "–"
    valueless = operators

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for drugs or groups."""
        return tables.lost_drugs(row.subject, itself=False)

    def problem(self, row: RuleCondition, tables: Tables) -> None:
        """There is no value to ask for."""

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask which of the drugs are taken."""
        drugs = members(row.subject, groups)

        def ask(facts: Facts, drug: str) -> Verdict:
            taken = sorted((drugs & facts.current) - {drug})
            return Verdict(Truth.YES, (taking(*taken),)) if taken else NO

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """One of the drugs must be taken."""
        return frozenset(f"taking:{drug}" for drug in members(row.subject, groups))

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the drugs that are taken."""
        return (f"taking:{drug}" for drug in facts.current)


KIND = Medication()
