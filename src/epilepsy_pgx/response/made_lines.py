"""The lines of drugs as a probe makes them, each by all that makes it what it is."""

from epilepsy_pgx.response.deciding import assess_deciding
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.factor_answers import speaks_against_more
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.hearing import Heard, Hearing
from epilepsy_pgx.response.prints import RANKS, Prints, print_of, said_by
from epilepsy_pgx.response.raising import victim_of
from epilepsy_pgx.response.reading import NOTHING, Inputs
from epilepsy_pgx.response.settle import forbids
from epilepsy_pgx.response.synthesis import situation_of

_LINES = 65536
"""Lines that are kept."""


class MadeLines:
    """Makes lines of drugs, each once.

    Parameters
    ----------
    engine
        The rules.
    """

    def __init__(self, engine: ResponseEngine) -> None:
        self._engine = engine
        self.infos = {info.drug: info for info in engine.drugs}
        """The drugs that have a line."""
        self._missing = {
            drug: min(RANKS[item.tier] for item in items) for drug, items in engine.deciding.items()
        }
        """The rank of the most urgent thing that is said of genes that are not known."""
        self._lines: dict[tuple[str, Inputs], Prints] = {}
        self._tokens: dict[object, int] = {}

    def token(self, drug: str, inputs: Inputs, facts: PatientFacts) -> int:
        """Return a number for the inputs of a line and what else rules ask about its drug."""
        state = (
            facts.takes(drug),
            facts.may_take(drug),
            drug in facts.stopping,
            facts.rash_while_taking(drug),
            facts.reactions.get(drug, ()),
        )
        return self._tokens.setdefault((inputs, state), len(self._tokens))

    def inputs(self, drug: str, heard: Heard, facts: PatientFacts) -> Inputs:
        """Return all that the line of a drug depends on."""
        beside = (*heard.interactions, *heard.add_on, *(n.statement for n in heard.notes))
        return Inputs(
            tuple(map(said_by, heard.hits)),
            tuple(map(print_of, beside)),
            assess_deciding(self._engine.deciding.get(drug, ()), facts),
            situation_of(drug, facts),
            forbids(heard.hits, self._engine.actions, facts),
            self._spared(drug, heard, facts),
        )

    def _spared(self, drug: str, heard: Heard, facts: PatientFacts) -> frozenset[str]:
        said = (*(hit.statement for hit in heard.hits), *heard.interactions, *heard.add_on)
        about = {victim_of(one) for one in said if one.text_id in facts.forms.harmed}
        if not about:
            return frozenset()
        own = (drug,) if any(map(speaks_against_more, said)) else ()
        return self._engine.spared(facts).union(own).intersection(about)

    def floor(self, drug: str, heard: Heard) -> int:
        """Return the rank of the most urgent thing that the line of a drug may say."""
        said = [hit.statement for hit in (*heard.hits, *heard.notes)]
        found = self._missing.get(drug, NOTHING.rank)
        for one in (*said, *heard.interactions, *heard.add_on):
            if one.urgent:
                return 0
            found = min(found, RANKS[one.tier])
        return found

    def line(self, drug: str, inputs: Inputs, heard: Hearing) -> Prints:
        """Return what the line of a drug says in the report."""
        key = (drug, inputs)
        if key not in self._lines:
            if len(self._lines) >= _LINES:
                self._lines.clear()
            (made,) = self._engine.lines((self.infos[drug],), heard).drugs
            said = (*made.statements, *made.safety_notes)
            self._lines[key] = frozenset(map(print_of, said))
        return self._lines[key]
