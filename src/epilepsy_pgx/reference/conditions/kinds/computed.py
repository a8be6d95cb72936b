"""Conditions on what the response stage has worked out."""

from collections.abc import Iterable

from epilepsy_pgx.reference.conditions.base import (
    Condition,
    ConditionKind,
    Groups,
    Tables,
    bad_row,
    lost_words,
)
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import entry_reason, field_value, stopped, taking
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.statement import ReasonKind, Value
from epilepsy_pgx.vocabulary import FailureReason, Resistance

RASH_WHILE_TAKING = "rash_while_taking"
"""Asked of the rule's own drug: `yes` if it is taken although a rash on it is on record."""
SEIZURE_FREE = "seizure_free"
"""`yes` if no seizure came for a year, or for longer where the intervals before were long."""

TREATED = "treated"
"""`no` if no drug against seizures is taken, and none is entered that was given up."""
RECENT_SEIZURE = "recent_seizure"
"""Asked of the patient: `yes` if the last seizure came in the week before the day of the entry."""

_YES = frozenset({"yes"})
_WORDS = {
    "resistance": frozenset(Resistance),
    SEIZURE_FREE: frozenset({"yes", "no"}),
    TREATED: frozenset({"yes", "no"}),
    RASH_WHILE_TAKING: _YES,
    RECENT_SEIZURE: _YES,
}
"""What is worked out, and the words that it may be."""


class Computed(ConditionKind):
    """What the response stage has worked out is one of some words."""

    name = "computed"
    operators = ("is", "any_of")
    subject = "`resistance`, `seizure_free`, `treated`, `rash_while_taking` or `recent_seizure`"
    value = (
        "`drug_resistant` `undetermined` `not_shown` `not_given`; `yes` `no`; the last two `yes`"
    )

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for something that is worked out."""
        return None if row.about in _WORDS else " or ".join(_WORDS)

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for a word that it can be."""
        subject = row.about
        return lost_words(row.value, _WORDS[subject], f"words of '{subject}'")

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask for the word."""
        subject, wanted = row.about, frozenset(row.value)
        if subject not in _WORDS:
            raise bad_row(row, "subject", " or ".join(_WORDS))
        if not wanted <= _WORDS[subject]:
            raise bad_row(row, "value", ", ".join(sorted(_WORDS[subject])))

        def ask(facts: Facts, drug: str) -> Verdict:
            return Verdict(Truth.YES) if facts.computed.get(subject) in wanted else NO

        def ask_rash(facts: Facts, drug: str) -> Verdict:
            if not facts.rash_while_taking(drug):
                return NO
            names = sorted(facts.given_up(drug, FailureReason.RASH))
            because = (*(stopped(name, FailureReason.RASH) for name in names), taking(drug))
            return Verdict(Truth.YES, because)

        return {RASH_WHILE_TAKING: ask_rash, RECENT_SEIZURE: _ask_recent}.get(subject, ask)

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """The word must have been worked out, of some drug for what is asked of drugs."""
        return frozenset(f"computed:{row.about}:{word}" for word in row.value)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return what was worked out."""
        yield from [f"computed:{subject}:{word}" for subject, word in facts.computed.items()]
        if any(map(facts.rash_while_taking, facts.current)):
            yield f"computed:{RASH_WHILE_TAKING}:yes"
        if facts.recent_seizure is not None:
            yield f"computed:{RECENT_SEIZURE}:yes"


def _ask_recent(facts: Facts, drug: str) -> Verdict:
    day = facts.recent_seizure
    if day is None:
        return NO
    shown = Value("value", (day,))
    column = "last_seizure"
    return Verdict(
        Truth.YES, (entry_reason(ReasonKind.CLINICAL, column, field_value(column), shown),)
    )


KIND = Computed()
