"""What the rule tables say about a patient, before it is put in lines."""

from collections.abc import Mapping, Sequence

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.conditions.kinds.computed import SEIZURE_FREE, TREATED
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.resistance import Trials
from epilepsy_pgx.response.rules import Fired
from epilepsy_pgx.statement import Statement

RULES, SAFETY, THERAPY, CONTEXT = range(4)
"""The places of the rule tables among those of an engine."""
COUNTED = ("resistance", SEIZURE_FREE, TREATED)
"""What the trials and the last seizure count for, among the words worked out of an entry."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the tables say about one drug of one patient."""

    hits: Sequence[Fired]
    interactions: Sequence[Statement]
    add_on: Sequence[Statement]
    """What the drug and those taken would do to each other if it were started."""
    notes: Sequence[Fired]

    @property
    def nothing_of_the_patient(self) -> bool:
        """True if all of it is the same for every patient with the same deciding genes."""
        return not (self.hits or self.interactions or self.add_on) and all(
            note.rule.fixed for note in self.notes
        )


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the tables say about one patient, before it is put in lines."""

    facts: PatientFacts
    """The patient, with the drugs to be stopped now and what was worked out."""
    fired: Mapping[str, Sequence[Fired]]
    """By drug."""
    notes: Mapping[str, Sequence[Fired]]
    """Label and regulatory facts by drug."""
    trials: Trials
    met: Mapping[str, Sequence[Statement]]
    """Interactions by the drug acted on."""
    add_on: Mapping[str, Sequence[Statement]]
    """By drug that is not taken, what it and those taken would do to each other."""
    spared: frozenset[str] = frozenset()
    """Drugs of which no line asks for more, by the entry."""

    def of(self, drug: str) -> Heard:
        """Return what the tables say about one drug."""
        return Heard(
            self.fired[drug], self.met.get(drug, ()), self.add_on.get(drug, ()), self.notes[drug]
        )
