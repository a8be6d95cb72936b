"""What levels say of one patient: in the lines of drugs, and in the list of the levels."""

from collections.abc import Collection, Mapping, Sequence

from epilepsy_pgx.response.dose_maxima import DoseMaxima
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.interactions import InteractionIndex
from epilepsy_pgx.response.level_lines import level_statements
from epilepsy_pgx.response.levels import (
    LevelAssessment,
    LevelTables,
    assess_failed_levels,
    assess_levels,
    low_now,
)
from epilepsy_pgx.response.raising import beside, raising_statements, too_high
from epilepsy_pgx.response.trial_doubts import LowNow
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import LevelPart, LevelVerdict, Tier

_ASKS = (Tier.ACT, Tier.CONSIDER)


class LevelSpeaker:
    """Says what the levels of patients say.

    Parameters
    ----------
    tables
        Ranges, limits and kinetics.
    interactions
        What drugs do to each other.
    drugs
        The drugs that have a line.
    doses
        The highest doses.
    """

    def __init__(
        self,
        tables: LevelTables,
        interactions: InteractionIndex,
        drugs: Collection[str],
        doses: DoseMaxima,
    ) -> None:
        self._tables = tables
        self._interactions = interactions
        self._drugs = drugs
        self._doses = doses

    def listed(self, facts: PatientFacts) -> tuple[Statement, ...]:
        """Return a line for each level, those under drugs that were given up among them."""
        return self._say(self._judged(facts), facts)

    def in_lines(
        self, facts: PatientFacts, toxic: Collection[str] = ()
    ) -> Mapping[str, Sequence[Statement]]:
        """Return, by drug, what levels say in its line, and a dose that is too high.

        Of a drug that is taken it is what asks for something; of one that is not, that it would
        raise a level that is too high already.

        Parameters
        ----------
        facts
            The patient.
        toxic
            Drugs with signs now of too much of them: they need no level for the latter.
        """
        judged = self._judged(facts)
        doses = self._doses.in_lines(facts, _within(judged))
        if not judged and not toxic:
            return doses
        own: dict[str, list[Statement]] = {}
        for said in self._say(judged, facts):
            taken = facts.takes(said.drugs[0]) or facts.may_take(said.drugs[0])
            if said.tier in _ASKS and said.drugs[0] in self._drugs and taken:
                own.setdefault(said.drugs[0], []).append(said)
        if_started = self._interactions.if_started(facts)
        raised = raising_statements(if_started, too_high(judged), toxic)
        return beside(doses, beside(own, raised))

    def low_now(self, facts: PatientFacts) -> LowNow:
        """Return what levels and interactions say against the trials of the drugs in use."""
        taken = facts.clinical.current or ()
        if not taken:
            return LowNow()
        changing = self._interactions.changing(facts)
        low = low_now(self._tables, facts, changing) if any(x.levels for x in taken) else ()
        return LowNow(low, self._interactions.removing(facts))

    def _judged(self, facts: PatientFacts) -> tuple[LevelAssessment, ...]:
        if not any(item.levels for item in facts.clinical.current or ()):
            return ()
        return assess_levels(self._tables, facts, self._interactions.changing(facts))

    def _say(self, judged: Sequence[LevelAssessment], facts: PatientFacts) -> tuple[Statement, ...]:
        lowering = self._interactions.lowering(facts) if judged else {}
        failed = assess_failed_levels(self._tables, facts)
        return level_statements(judged, failed, facts, lowering)


def _within(judged: Sequence[LevelAssessment]) -> frozenset[str]:
    """Return the drugs whose total levels all lie within every range, read without a doubt."""
    totals = [one for one in judged if one.level.part is LevelPart.TOTAL]
    sure = {
        one.drug
        for one in totals
        if one.verdict is LevelVerdict.WITHIN and one.known and not one.unknown and not one.alert
    }
    return frozenset(sure - {one.drug for one in judged if one.verdict is not LevelVerdict.WITHIN})
