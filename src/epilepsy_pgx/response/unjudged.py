"""What of a patient no rule weighs for a planned drug: it is named, so that silence is no verdict.

A matter is judged for a drug if some rule about the drug reads it: one whose other conditions all
hold, and that asks for the word of the entry, or holds the number against a limit on the same
side. A new rule in the tables makes a matter judged by itself. What is named calls nothing safe.
"""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.conditions.base import Condition, Groups, members
from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import PlannedMatter
from epilepsy_pgx.reference.schema import to_decimal
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.rules import Rule
from epilepsy_pgx.statement import Message, ReasonKind, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import Response

NOT_JUDGED = "not-judged-of"
"""Text of what no rule weighs of some drugs."""
_BELOW = frozenset({"less_than", "at_most", "between"})
_ABOVE = frozenset({"more_than", "at_least", "between"})
_WORDS = ("is", "any_of")
"""Operators that ask for a word: the others hold for whatever else is entered, or for nothing."""
_PLAN = ("planned", "listed")
_STOP = (Response.CONTRAINDICATED, Response.AVOID)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One way in which a matter is entered."""

    row: PlannedMatter
    holds: Condition

    @property
    def about(self) -> tuple[str, str]:
        """Kind and subject."""
        return self.row.kind, self.row.condition.about

    @property
    def limit(self) -> Decimal | None:
        """The number that a measurement is compared with; None for words."""
        return to_decimal(self.row.value[0])

    @property
    def side(self) -> frozenset[str]:
        """Operators that set a limit on the same side."""
        return _BELOW if self.row.operator in _BELOW else _ABOVE

    def weighs(self, rule: Rule, operator: str, value: str) -> bool:
        """Say whether a condition of a rule on the same field weighs the matter.

        A limit does if it lies within the numbers that are the matter: that a man is below 55
        years says nothing of a child.
        """
        limit = self.limit
        if limit is None:
            return operator in _WORDS
        bounds = [n for n in map(to_decimal, value.split("|")) if n is not None]
        below = self.side is _BELOW
        inside = [n <= limit if below else n >= limit for n in bounds]
        if operator in self.side:
            return inside[-1] if below else inside[0]
        # From which age a drug is favoured was read for children too.
        return rule.response is Response.MAY_FAVOUR and bool(inside) and all(inside)

    def passes(self, operator: str) -> bool:
        """Say whether a condition that weighs the matter is a limit, which need not be reached."""
        return self.limit is not None and operator in self.side


class Unjudged:
    """The matters, and the rules about each drug that may read them.

    Parameters
    ----------
    ref
        The data package.
    groups
        Members of the drug groups.
    of_drugs
        Rules of which a report prints what they say of their own drug.
    context
        Rules on the patient as a whole: those that ask for a planned drug are about it.
    """

    def __init__(
        self, ref: Reference, groups: Groups, of_drugs: Iterable[Rule], context: Iterable[Rule]
    ) -> None:
        self._matters: dict[str, list[_Asked]] = {}
        for row in sorted(ref.rows(PlannedMatter), key=lambda r: (r.order, r.matter_id)):
            asked = _Asked(row, compile_condition(row.condition, groups))
            self._matters.setdefault(row.text_id, []).append(asked)
        self._rules: dict[str, list[Rule]] = {}
        for rule in of_drugs:
            self._rules.setdefault(rule.subject, []).append(rule)
        for rule in context:
            for drug in _planned_in(rule, groups):
                self._rules.setdefault(drug, []).append(rule)

    def messages(self, facts: PatientFacts, said: Interpretation) -> tuple[Message, ...]:
        """Return what was not judged of the planned drugs, the drugs of one matter together.

        Parameters
        ----------
        facts
            The patient.
        said
            What is said of the drugs: one that is not to be started is not named.
        """
        if not facts.clinical.planned:
            return ()
        known = sorted(facts.planned - barred(said))
        names = (p.entered or p.drug for p in facts.clinical.planned if not p.known)
        unknown = tuple(dict.fromkeys(names))
        found: dict[tuple[str, ...], list[str]] = {}
        entered: list[str] = []
        for text_id, asked in self._matters.items():
            holding = [one for one in asked if one.holds(facts, "")]
            if not holding:
                continue
            entered.append(text_id)
            drugs = tuple(d for d in known if not self._judged(d, holding, facts))
            if drugs:
                found.setdefault(drugs, []).append(text_id)
        told = [_message(texts, drugs, ValueKind.DRUG) for drugs, texts in found.items()]
        if entered and unknown:
            told.append(_message(entered, unknown, ValueKind.PLAIN))
        return tuple(told)

    def _judged(self, drug: str, holding: Iterable[_Asked], facts: PatientFacts) -> bool:
        rules = self._rules.get(drug, ())
        return any(reads(rule, one, facts) for one in holding for rule in rules)


def reads(rule: Rule, asked: _Asked, facts: PatientFacts) -> bool:
    """Say whether a rule weighs a matter that holds for a patient."""
    weighed = False
    for (kind, about, operator, value), ask in zip(rule.kinds, rule.conditions, strict=True):
        own = (kind, about) == asked.about and asked.weighs(rule, operator, value)
        weighed = weighed or own
        if not (own and asked.passes(operator)) and not ask(facts, rule.subject):
            return False
    return weighed


def barred(said: Interpretation) -> frozenset[str]:
    """Return the drugs that are not to be started, whatever else is or is not known of them."""
    of_lines = (
        line.drug
        for line in said.drugs
        if any(s.response in _STOP and not s.conditional for s in line.statements)
        and line.response in _STOP
    )
    context = (s for section in said.context for s in section.statements)
    return frozenset(of_lines).union(
        *(_plans(s) for s in context if s.response in _STOP and not s.conditional)
    )


def _plans(said: Statement) -> Collection[str]:
    """Return the planned drugs of which a statement speaks."""
    reasons = (r for r in said.reasons if r.kind is ReasonKind.PLANNED)
    return {name for reason in reasons for name in reason.subject.names}


def _planned_in(rule: Rule, groups: Groups) -> Iterator[str]:
    """Yield the drugs of which a rule on the patient speaks if they are planned."""
    for kind, about, operator, _ in rule.kinds:
        if kind == "medication" and operator in _PLAN:
            yield from sorted(members(tuple(about.split("|")), groups))


def _message(texts: Iterable[str], drugs: tuple[str, ...], kind: ValueKind) -> Message:
    return Message(
        NOT_JUDGED, (Value("matters", tuple(texts), ValueKind.TEXT), Value("others", drugs, kind))
    )
