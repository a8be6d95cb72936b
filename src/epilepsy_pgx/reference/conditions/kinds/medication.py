"""Conditions on the medication list."""

from collections.abc import Iterable
from datetime import date

from epilepsy_pgx.reference.conditions.base import Condition, ConditionKind, Groups, Tables, members
from epilepsy_pgx.reference.conditions.kinds.exposure import PLANNED
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import drug_reason, stopped, taking
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.statement import ReasonKind

LISTED = "listed"
"""Taken, or planned."""
STOPPED = "stopped_lately"
"""Given up, with a last dose of the last weeks."""
LATELY_DAYS = 28
"""An enzyme that was induced, and a body used to a sedative, need about so many days."""
_WORDS = {
    "taking": ("taking",),
    LISTED: ("taking", PLANNED),
    PLANNED: (PLANNED,),
    STOPPED: ("stopped",),
}
"""By operator, on which lists a drug counts."""


class Medication(ConditionKind):
    """The medication list names one of some drugs, other than the rule's own; `listed`: or one \
is planned; `planned`: one is planned, and not taken; `stopped_lately`: one was given up in the \
last 28 days."""

    name = "medication"
    operators = ("taking", LISTED, PLANNED, STOPPED)
    subject = "drugs or `@group`"
    value = "–"
    valueless = operators
    of_lists = True

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for drugs or groups."""
        return tables.lost_drugs(row.subject, itself=False)

    def problem(self, row: RuleCondition, tables: Tables) -> None:
        """There is no value to ask for."""

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask which of the drugs are taken, planned or given up."""
        drugs, words = members(row.subject, groups), _WORDS[row.operator]
        if row.operator == STOPPED:
            return _ask_stopped(drugs)

        def ask(facts: Facts, drug: str) -> Verdict:
            taken = sorted((drugs & facts.current) - {drug}) if "taking" in words else []
            because = [taking(*taken)] if taken else []
            # Of a drug that is on both lists, the other rows speak.
            asked = facts.planned if row.operator == LISTED else facts.planned - facts.current
            planned = sorted((drugs & asked) - {drug}) if PLANNED in words else []
            if planned:
                because.append(drug_reason(ReasonKind.PLANNED, "drugs", planned))
            return Verdict(Truth.YES, tuple(because)) if because else NO

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """One of the drugs must be taken, or planned."""
        drugs = members(row.subject, groups)
        return frozenset(f"{word}:{drug}" for word in _WORDS[row.operator] for drug in drugs)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the drugs that are taken, and those that are planned."""
        yield from (f"taking:{drug}" for drug in facts.current)
        yield from (f"planned:{drug}" for drug in facts.planned)
        yield from (f"stopped:{item.drug}" for item in facts.clinical.failed or ())


def _ask_stopped(drugs: frozenset[str]) -> Condition:
    def ask(facts: Facts, drug: str) -> Verdict:
        now = facts.clinical.entry_date
        because = {
            item.drug: stopped(item.drug, item.reason)
            for item in facts.clinical.failed or ()
            if item.drug in drugs - {drug} - facts.current
            and now is not None
            and item.stop is not None
            and (date.fromisoformat(now) - date.fromisoformat(item.stop)).days <= LATELY_DAYS
        }
        return Verdict(Truth.YES, tuple(because.values())) if because else NO

    return ask


KIND = Medication()
