"""Conditions on signs of a reaction that the patient has now."""

from collections.abc import Collection, Iterable

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

    def reasons(self, facts: Facts, drug: str) -> tuple[Reason, ...]:
        """Return the signs as reasons: laid to the drug, to none, to others; none without signs.

        Whoever lays a sign to one drug gives an opinion: it clears no other that is taken.
        """
        laid = self._of(facts.reactions.get(drug, ()), ())
        found = [_laid(drug, laid)] if laid else []
        if self._attributed:
            return tuple(found)
        named = [*laid]
        if general := self._of(facts.clinical.signs, named):
            found.append(entry_reason(ReasonKind.SIGN, "sign", _value(general)))
            named += general
        for other in sorted(facts.reactions.keys() - {drug}):
            if words := self._of(facts.reactions[other], named):
                found.append(_laid(other, words))
        return tuple(found)

    def _of(self, signs: Iterable[str], named: Collection[str]) -> list[str]:
        """Return those of some signs that are asked for and not named yet."""
        return [w for w in dict.fromkeys(signs) if w in self._wanted and w not in named]


def _laid(drug: str, signs: Iterable[str]) -> Reason:
    return drug_reason(ReasonKind.REACTION, "drug", (drug,), _value(signs))


def _value(signs: Iterable[str]) -> Value:
    return Value("signs", tuple(signs), ValueKind.SIGN)


class Reaction(ConditionKind):
    """The patient has one of some signs now: on the rule's own drug, or on others that are taken.

    `attributed` asks only for signs that the entry lays to the drug; `any_of` for all signs of
    the patient, laid to whatever drug, if the drug is taken or may be. With drugs or a group as
    subject, another of these drugs must be taken under such signs.
    """

    name = "reaction"
    operators = ("any_of", "attributed")
    subject = "`self`, drugs or `@group`"
    value = "words of `signs`"
    of_lists = True

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
                if reasons := signs.reasons(facts, name):
                    because |= dict.fromkeys((*reasons, taking(name)))
            return Verdict(Truth.YES, tuple(because)) if because else NO

        def ask(facts: Facts, drug: str) -> Verdict:
            reasons = signs.reasons(facts, drug)
            if not reasons:
                return NO
            if facts.takes(drug):
                return Verdict(Truth.YES, (*reasons, taking(drug)))
            if not facts.may_take(drug) and facts.list_given:
                return NO
            return Verdict(Truth.MAYBE, reasons, (complete_entry("current"),))

        return ask_others if others else ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """The patient must have one of the signs."""
        return frozenset(f"sign:{word}" for word in row.value)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the signs that the patient has now, laid to a drug or not."""
        return (f"sign:{word}" for word in facts.signs)


KIND = Reaction()
