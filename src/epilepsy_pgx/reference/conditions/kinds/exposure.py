"""Conditions on the patient's history with the rule's own drug."""

from collections.abc import Iterable

from epilepsy_pgx.reference.conditions.base import (
    SELF,
    Condition,
    ConditionKind,
    Groups,
    Tables,
    bad_row,
    lost_words,
)
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.vocabulary import Exposure

PLANNED = "planned"
"""Beside the histories: the entry says that the drug may be started."""
_TAKING = (Exposure.TAKING_EARLY, Exposure.TAKING_TOLERATED, Exposure.TAKING_UNKNOWN)
_WORDS = (*Exposure, PLANNED)


class ExposureIs(ConditionKind):
    """The patient's history with the rule's own drug is one of some, or the drug is `planned`."""

    name = "exposure"
    operators = ("is", "any_of")
    subject = "`self`"
    value = "histories with a drug, `planned`"
    of_lists = True

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for the rule's own drug."""
        return None if row.about == SELF else "the subject 'self'"

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for words of a history."""
        return lost_words(row.value, _WORDS, "histories with a drug")

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask for the history."""
        try:
            wanted = frozenset(Exposure(word) for word in row.value if word != PLANNED)
        except ValueError:
            raise bad_row(row, "value", ", ".join(_WORDS)) from None
        planned = PLANNED in row.value

        def ask(facts: Facts, drug: str) -> Verdict:
            met = facts.exposure(drug) in wanted or (planned and drug in facts.planned)
            return Verdict(Truth.YES) if met else NO

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """Some drug must have such a history; any patient has drugs that were never taken."""
        if Exposure.NAIVE in row.value:
            return None
        return frozenset(f"exposure:{word}" for word in row.value)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the histories that some drug may have."""
        if facts.clinical.current:
            yield from (f"exposure:{word}" for word in _TAKING)
        if facts.clinical.failed:
            yield f"exposure:{Exposure.STOPPED}"
            yield f"exposure:{Exposure.REACTION}"
        elif facts.stopping:
            yield f"exposure:{Exposure.REACTION}"
        if facts.planned:
            yield f"exposure:{PLANNED}"


KIND = ExposureIs()
