"""What is said beside what: actions that exclude each other, repeats, and urgent lines.

All of it works on statements that are made; none of it looks at results again.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.response.actions import ActionTable, Decision, Said, settle_actions, settle_group
from epilepsy_pgx.response.factor_answers import speaks_against_more
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.interactions import PLANNED
from epilepsy_pgx.response.ordering import say_actions_once
from epilepsy_pgx.response.raising import victim_of, without_more
from epilepsy_pgx.response.rules import Fired
from epilepsy_pgx.sharing import OfParts
from epilepsy_pgx.statement import Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import STOPPED, ActionClass, Response

NOT_TO_BE_GIVEN = "action-not-started"
"""What is to be done about a drug that is contraindicated, were it not taken."""
_BARRED = (Response.CONTRAINDICATED, Response.AVOID)
_OPEN = (Response.NOT_ASSESSED, Response.PARTIAL)


class Held(NamedTuple):
    """Drugs that something is held against, whatever else is said of them."""

    barred: Collection[str] = ()
    """A rule forbids to give them, those that are taken included."""
    spared: frozenset[str] = frozenset()
    """No line asks for more of them."""


_NOTHING = Held()


class Lines:
    """The lines of all drugs of one patient, and what they ask for.

    Parameters
    ----------
    predictions
        One for each drug.
    facts
        The patient.
    table
        Classes of the texts and ranks of the classes.
    held
        Drugs that are not to be given, or of which no line asks for more.
    kept
        Lines that were settled of earlier patients, with the same table.
    """

    def __init__(
        self,
        predictions: Sequence[DrugPrediction],
        facts: PatientFacts,
        table: ActionTable,
        held: Held = _NOTHING,
        kept: OfParts | None = None,
    ) -> None:
        self._facts, self._table = facts, table
        self._kept = OfParts() if kept is None else kept
        self._barred = {drug: (Said(NOT_TO_BE_GIVEN),) for drug in held.barred}
        self._spared = held.spared
        self._predictions = predictions
        self._strong: dict[str, tuple[Said, ...]] = {}
        """By drug, what may take the place of something else; drugs without are not in it."""
        for line in predictions:
            strong = [
                s
                for s in line.statements
                if s.text_id in table.strong or s.action_id in table.strong
            ]
            if strong:
                self._strong[line.drug] = self._said(line.drug, strong)
        self.drugs = tuple(map(self._once, predictions))
        """The predictions without actions that exclude each other, each action said once."""

    def _in_use(self, drug: str) -> bool:
        return self._facts.takes(drug) or self._facts.may_take(drug)

    def _said(self, drug: str, statements: Sequence[Statement]) -> tuple[Said, ...]:
        taken = self._in_use(drug)
        return tuple(Said(s.text_id, s.action_id, s.conditional, taken) for s in statements)

    def _once(self, line: DrugPrediction) -> DrugPrediction:
        """Return a line settled; it hangs on nothing of the patient but what is told here."""
        spared = self._spared and self._spared.intersection(map(victim_of, line.statements))
        known = (self._in_use(line.drug), line.drug in self._barred, spared)
        return self._kept("settled", (line,), known, lambda: self._settled(line))

    def _settled(self, line: DrugPrediction) -> DrugPrediction:
        statements = line.statements
        if line.response in _BARRED:
            statements = tuple(self._without_doses(s, line.drug) for s in statements)
        own = {line.drug} if any(map(speaks_against_more, statements)) else frozenset[str]()
        statements = tuple(without_more(statements, self._spared | own, self._facts.forms.harmed))
        barred = self._barred.get(line.drug, ())
        if line.drug in self._strong or barred:
            # What is never given anew has no emergency dose, though no text says “stop”.
            said = (*self._said(line.drug, statements), *barred)
            settled = settle_actions(said, self._table)
            statements = tuple(map(_decide, statements, settled[: len(statements)]))
        notes = tuple(self.beside(note, line.drug) for note in line.safety_notes)
        statements = tuple(map(self._calmed, statements, say_actions_once(statements)))
        if statements == line.statements and notes == line.safety_notes:
            return line
        return replace(line, statements=statements, safety_notes=notes)

    def _calmed(self, before: Statement, after: Statement) -> Statement:
        """Return a statement that is urgent only for what another one of its line tells to do."""
        said = before.action_id in self._facts.forms.urgent and after.action_id is None
        return replace(after, urgent=False) if said else after

    def _without_doses(self, statement: Statement, drug: str) -> Statement:
        """Return a statement as it stands in the line of a drug that is not to be used.

        Such a drug has no dose for a start; one that is forbidden, and not taken, changes no dose
        either. What was not assessed keeps its words: they say what must not wait for it.
        """
        action = self._table.actions.get(statement.text_id)
        kinds = [ActionClass.START]
        if drug in self._barred and not self._in_use(drug):
            kinds.append(ActionClass.CHANGE)
        if action is None or action.kind not in kinds or statement.response in _OPEN:
            return statement
        todo = self._table.actions.get(statement.action_id or "")
        left = todo.instead if todo is not None and todo.kind in kinds else statement.action_id
        said = replace(statement, text_id=action.instead or statement.text_id, action_id=left)
        # Nothing is settled before the first dose of a drug that is not to be given.
        return replace(said, further=tuple(t for t in said.further if t != PLANNED))

    def beside(self, statement: Statement, drug: str) -> Statement:
        """Return a statement that stands beside the line of its drug."""
        if statement.text_id in self._facts.forms.harmed:
            (statement,) = without_more((statement,), self._held, self._facts.forms.harmed)
        if statement.text_id not in self._table.actions:
            return statement
        own = Said(statement.text_id, statement.action_id, statement.conditional)
        said = (own, *self._strong.get(drug, ()))
        return _decide(statement, settle_actions(said, self._table)[0])

    @cached_property
    def _held(self) -> frozenset[str]:
        """Drugs of which nothing that stands beside all lines asks for more."""
        lines = self._predictions
        return self._spared.union(
            line.drug for line in lines if any(map(speaks_against_more, line.statements))
        )

    def beside_group(self, statement: Statement) -> Statement:
        """Return a statement that stands in no drug's line, beside the lines of its drugs.

        Where one of them takes its place, the drugs that do are a value, so that the text can
        name them.
        """
        own = Said(statement.text_id, statement.action_id, statement.conditional)
        # A drug in use is not stopped at once whenever it is forbidden, but never given anew.
        lines = {
            drug: (*self._strong.get(drug, ()), *self._barred.get(drug, ()))
            for drug in self._strong.keys() | self._barred.keys()
        }
        settled = settle_group(own, lines, self._table)
        if settled.by is None:
            return statement
        drugs = tuple(
            drug
            for drug, line in sorted(lines.items())
            if settle_group(own, {drug: line}, self._table).by is not None
        )
        named = Value(STOPPED, drugs, ValueKind.DRUG)
        return _decide(replace(statement, values=(*statement.values, named)), settled)

    def urgent(self) -> list[Statement]:
        """Return what needs a telephone call; one line a rule where no list says which drug."""
        urgent = [s for line in self.drugs for s in line.statements if s.urgent]
        # Without a list every drug may be in use: one line a rule, or the box would list them all.
        if self._facts.list_given:
            return urgent
        groups: dict[Statement, list[Statement]] = {}
        for statement in urgent:
            # Statements of one rule are equal but for the drug.
            shared = replace(statement, statement_id=_rule_of(statement), drugs=())
            groups.setdefault(shared, []).append(statement)
        return [_join(members) for members in groups.values()]


def forbids(hits: Iterable[Fired], table: ActionTable, facts: PatientFacts) -> bool:
    """Say whether a rule that fired forbids to give its drug, whether or not it is taken."""
    return any(_forbids(hit, table, facts) for hit in hits if not hit.statement.conditional)


def _forbids(hit: Fired, table: ActionTable, facts: PatientFacts) -> bool:
    text_id = hit.rule.actions.get("text_naive") or ""
    before = table.actions.get(facts.forms.under(text_id, facts.present))
    stop = before is not None and before.kind is ActionClass.STOP
    return stop or hit.statement.response is Response.CONTRAINDICATED


def _decide(statement: Statement, settled: Decision) -> Statement:
    if settled.by is None:
        return statement
    return replace(statement, text_id=settled.text_id, action_id=settled.action_id)


def _rule_of(statement: Statement) -> str:
    return statement.statement_id.removesuffix(f":{'+'.join(statement.drugs)}")


def _join(statements: Sequence[Statement]) -> Statement:
    """Return statements of one rule that differ only in the drug as one about all drugs."""
    if len(statements) == 1:
        return statements[0]
    drugs = tuple(sorted(s.drugs[0] for s in statements))
    name = f"{_rule_of(statements[0])}:{'+'.join(drugs)}"
    return replace(statements[0], statement_id=name, drugs=drugs)
