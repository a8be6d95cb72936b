"""What a probe knows of a patient's lines, and of the ways in which something may be answered."""

from collections.abc import Mapping
from typing import NamedTuple

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.response.deciding import GeneAssessment
from epilepsy_pgx.response.facts import PatientFacts, named_drug
from epilepsy_pgx.response.hearing import Hearing
from epilepsy_pgx.response.ordering import TIERS
from epilepsy_pgx.response.prints import Changes, Print, Prints, Said
from epilepsy_pgx.response.reads import Reads
from epilepsy_pgx.response.rule_bits import Place
from epilepsy_pgx.response.rules import Fired
from epilepsy_pgx.response.synthesis import Situation
from epilepsy_pgx.response.unmet import Unmet


class _Nothing(NamedTuple):
    """A line that does not change."""

    rank: int = 1 + len(TIERS)


NOTHING = _Nothing()


class Inputs(NamedTuple):
    """All that makes a drug's line what it is."""

    hits: tuple[Said, ...]
    """What fired."""
    beside: tuple[Print, ...]
    """Interactions and notes."""
    judged: tuple[GeneAssessment, ...]
    situation: Situation
    barred: bool
    """True if a rule forbids to give the drug."""
    spared: frozenset[str]
    """Of the drugs about which its line says something, those of which nothing asks for more."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A patient's lines as they are."""

    facts: PatientFacts
    """Before anything is worked out of them."""
    heard: Hearing
    hits: Mapping[Place, Fired]
    """What fired."""
    inputs: Mapping[str, Inputs]
    lines: Mapping[str, Prints]
    """By drug."""
    least: Mapping[str, int]
    """The rank of the most urgent thing that is said in each."""
    tokens: Mapping[str, int]
    """A number for all that a drug's line, and what rules say of the drug, depends on."""
    worked_out: Mapping[str, Print]
    """What is said of the entry without a row of a rule table, by statement."""
    values: Mapping[str, object]
    """What the clinical entry says, by the subjects of conditions."""
    scope: frozenset[str]
    """The lines that are looked at."""
    entry: int
    """A number for the clinical entry."""
    numbers: Mapping[str, int]
    """What rules and lines tell apart of each gene and position."""
    unmet: Unmet
    """Rules that the patient does not meet."""
    fired: int
    """What fired, as bits of a number."""
    reads: Reads


class Way(NamedTuple):
    """A way in which something of the clinical entry may be answered."""

    facts: PatientFacts
    """Of some patient with the entry."""
    entry: int
    """A number for the entry as it is then."""
    rules: int
    """Rules that may answer otherwise, whatever the genes are, as bits of a number."""
    drugs: frozenset[str]
    """Drugs of which what fired is asked again."""
    touched: frozenset[str]
    """Lines that may change, beside those of the rules; with them where anything may."""
    changed: frozenset[str]
    """Fields of the entry that say something else then."""
    differing: frozenset[str]
    """Columns of the entry that differ."""
    lacking: int
    """Rules that lack something which the lists of drugs must have for them."""
    everything: bool
    """True if any rule about these lines may answer otherwise."""
    situated: bool = False
    """True if the patient's situation with every drug is another one then."""
    alike: int | None = None
    """A number for the entries that rules cannot tell from this one unless they name its drug."""
    naming: int = 0
    """The rules that do."""


class Search(NamedTuple):
    """What is known of a patient, and the changes that were found in its lines so far."""

    reading: Reading
    found: Changes
    seen: set[object]
    """All that lines were made of so far, so that no line is compared twice."""

    def can_grow(self, line: str, rank: int) -> bool:
        """Say whether more than was found changes in a line if so much does."""
        return self.found.get(line, NOTHING).rank > rank


def given_up(facts: PatientFacts) -> set[str]:
    """Return the drugs that a patient no longer takes."""
    return {named_drug(item) for item in facts.clinical.failed or ()}


def with_worked_out(
    facts: PatientFacts, stopping: frozenset[str], computed: Mapping[str, str]
) -> PatientFacts:
    """Return a patient with what was worked out of the entry."""
    if facts.stopping == stopping and facts.computed == computed:
        return facts
    return facts.changed(stopping=stopping, computed=computed)
