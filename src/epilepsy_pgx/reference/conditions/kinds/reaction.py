"""Conditions on signs of a reaction that the patient has now."""

from collections.abc import Iterable

from epilepsy_pgx.reference.conditions.base import (
    SELF,
    Condition,
    ConditionKind,
    Groups,
    Tables,
    lost_words,
    members,
)
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import (
    complete_entry,
    drug_reason,
    entry_reason,
    taking,
)
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.statement import Reason, ReasonKind, Value, ValueKind


class _Signs:
    """Signs now that a row asks for, of one drug."""

    def __init__(self, row: RuleCondition) -> None:
        self._wanted = frozenset(row.value)
        self._attributed = row.operator == "attributed"

    def reason(self, facts: Facts, drug: str) -> Reason | None:
        """Return the signs as a reason: laid to the drug, or to none; None without signs."""
        own = [w for w in facts.reactions.get(drug, ()) if w in self._wanted]
        general = () if self._attributed else facts.clinical.signs
        shown = dict.fromkeys((*own, *(w for w in general if w in self._wanted)))
        signs = Value("signs", tuple(shown), ValueKind.SIGN)
        if own:
            return drug_reason(ReasonKind.REACTION, "drug", (drug,), signs)
        return entry_reason(ReasonKind.SIGN, "sign", signs) if shown else None


class Reaction(ConditionKind):
    """The patient has one of some signs now: on the rule's own drug, or on others that are taken.

    `attributed` asks only for signs that the entry lays to the drug; `any_of` also for signs of
    the patient, if the drug is taken or may be. With drugs or a group as subject, another of
    these drugs must be taken under such signs.
    """

    name = "reaction"
    operators = ("any_of", "attributed")
    subject = "`self`, drugs or `@group`"
    value = "words of `signs`"

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for drugs."""
        return tables.lost_drugs(row.subject)

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for signs."""
        return lost_words(row.value, tables.signs, "words of signs.tsv")

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask for the signs, and whether the drug is taken."""
        signs = _Signs(row)
        others = members(row.subject, groups) - {SELF}

        def ask_others(facts: Facts, drug: str) -> Verdict:
            because: dict[Reason, None] = {}
            for name in sorted((others & facts.current) - {drug}):
                reason = signs.reason(facts, name)
                if reason is not None:
                    because |= {reason: None, taking(name): None}
            return Verdict(Truth.YES, tuple(because)) if because else NO

        def ask(facts: Facts, drug: str) -> Verdict:
            reason = signs.reason(facts, drug)
            if reason is None:
                return NO
            if facts.takes(drug):
                return Verdict(Truth.YES, (reason, taking(drug)))
            if not facts.may_take(drug) and facts.list_given:
                return NO
            return Verdict(Truth.MAYBE, (reason,), (complete_entry("current"),))

        return ask_others if others else ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """The patient must have one of the signs."""
        return frozenset(f"sign:{word}" for word in row.value)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the signs that the patient has now, laid to a drug or not."""
        return (f"sign:{word}" for word in facts.signs)


KIND = Reaction()
