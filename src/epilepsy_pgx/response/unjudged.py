"""What of a patient no rule weighs for a drug: it is named, so that silence is no verdict.

It is asked of the drugs that are planned, and of those that are taken.

A matter is judged for a drug if some rule about the drug reads it: one whose other conditions all
hold, and that asks for the word of the entry, or holds the number against a limit on the same
side. A new rule in the tables makes a matter judged by itself. What is named calls nothing safe.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import DrugExposure, Interpretation, PlannedDrug
from epilepsy_pgx.reference.conditions.base import Condition, Groups, members
from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ActionText, PlannedMatter
from epilepsy_pgx.reference.schema import to_decimal
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.rules import Rule
from epilepsy_pgx.statement import Message, ReasonKind, Statement, SubjectKind, Value, ValueKind
from epilepsy_pgx.vocabulary import ActionClass, Response

NOT_JUDGED = "not-judged-of"
"""Text of what no rule weighs of some planned drugs."""
NOT_JUDGED_TAKEN = "not-judged-taken"
"""Text of what no rule weighs of some drugs in use."""
NOT_JUDGED_BESIDES = "not-judged-besides"
"""Text of what no rule weighs of drugs in use that another line finds urgent, or perhaps stops."""
NOT_JUDGED_STOPPED = "not-judged-stopped"
"""Text of what no rule weighs of drugs in use that another line stops or bars."""
_BELOW = frozenset({"less_than", "at_most", "between"})
_ABOVE = frozenset({"more_than", "at_least", "between"})
_WORDS = ("is", "any_of")
"""Operators that ask for a word: the others hold for whatever else is entered, or for nothing."""
_PLANNED, _TAKEN = "planned", "taking"
_LISTS = {"planned": (_PLANNED,), "listed": (_PLANNED, _TAKEN), "taking": (_TAKEN,)}
"""By operator of a condition on the medication, the lists of whose drugs a rule speaks."""
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
        Rules on the patient as a whole: those that ask for a planned drug, or for one in use, are
        about it.
    """

    def __init__(
        self, ref: Reference, groups: Groups, of_drugs: Iterable[Rule], context: Iterable[Rule]
    ) -> None:
        self._asking = {
            kind: frozenset(r.text_id for r in ref.rows(ActionText) if r.action_class is kind)
            for kind in (ActionClass.STOP, ActionClass.URGENT)
        }
        self._matters: dict[str, list[_Asked]] = {}
        for row in sorted(ref.rows(PlannedMatter), key=lambda r: (r.order, r.matter_id)):
            asked = _Asked(row, compile_condition(row.condition, groups))
            self._matters.setdefault(row.text_id, []).append(asked)
        self._rules: dict[tuple[str, str], list[Rule]] = {}
        for rule in of_drugs:
            for where in (_PLANNED, _TAKEN):
                self._rules.setdefault((where, rule.subject), []).append(rule)
        for rule in context:
            for key in _named_in(rule, groups):
                self._rules.setdefault(key, []).append(rule)

    def messages(self, facts: PatientFacts, said: Interpretation) -> tuple[Message, ...]:
        """Return what was not judged of the drugs, those of one matter together.

        Parameters
        ----------
        facts
            The patient.
        said
            What is said of the drugs: planned ones that are not to be started come last; one in
            use that is stopped, or urgent, stands apart, as the words for the others keep it
            going. Of the two, one that is urgent may be so in another matter.
        """
        entry = facts.clinical
        taken, planned = entry.current or (), entry.planned or ()
        if not (taken or planned):
            return ()
        holding = self._holding(facts)
        if not holding:
            return ()
        not_started = barred(said)
        stops = self._asking[ActionClass.STOP]
        stopped = facts.current & stopped_by(said, stops)
        hasty = facts.current & stopped_or_urgent(said, stops | self._asking[ActionClass.URGENT])
        known = {
            NOT_JUDGED_TAKEN: [(_TAKEN, sorted(facts.current - hasty - stopped))],
            NOT_JUDGED_BESIDES: [(_TAKEN, sorted(hasty - stopped))],
            NOT_JUDGED_STOPPED: [(_TAKEN, sorted(stopped))],
            NOT_JUDGED: [
                (_PLANNED, sorted(facts.planned - not_started)),
                (_PLANNED, sorted(facts.planned & not_started)),
            ],
        }
        unknown = {NOT_JUDGED_TAKEN: _unknown(taken), NOT_JUDGED: _unknown(planned)}
        told: list[Message] = []
        for text_id, parts in known.items():
            for where, drugs in parts:
                found = self._not_judged(where, drugs, holding, facts)
                told += [_message(text_id, m, d, ValueKind.DRUG) for d, m in found.items()]
            entered = [m for m, ways in holding.items() if text_id == NOT_JUDGED or _of_taken(ways)]
            if entered and (names := unknown.get(text_id)):
                told.append(_message(text_id, entered, names, ValueKind.PLAIN))
        return tuple(told)

    def _holding(self, facts: PatientFacts) -> dict[str, list[_Asked]]:
        """Return the matters that are entered, each with the ways in which it is."""
        found = {
            text_id: [one for one in asked if one.holds(facts, "")]
            for text_id, asked in self._matters.items()
        }
        return {text_id: ways for text_id, ways in found.items() if ways}

    def _not_judged(
        self,
        where: str,
        drugs: Collection[str],
        holding: Mapping[str, Sequence[_Asked]],
        facts: PatientFacts,
    ) -> dict[tuple[str, ...], list[str]]:
        """Return the matters that no rule weighs, by the drugs of one list."""
        found: dict[tuple[str, ...], list[str]] = {}
        for text_id, ways in holding.items():
            asked = drugs if where == _PLANNED or _of_taken(ways) else ()
            rest = tuple(d for d in asked if not self._judged(where, d, ways, facts))
            if rest:
                found.setdefault(rest, []).append(text_id)
        return found

    def _judged(self, where: str, drug: str, ways: Collection[_Asked], facts: PatientFacts) -> bool:
        rules = self._rules.get((where, drug), ())
        return any(reads(rule, one, facts) for one in ways for rule in rules)


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
    """Return the planned drugs that are not to be started, whatever else is known of them."""
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


def stopped_or_urgent(said: Interpretation, hasty: Collection[str]) -> frozenset[str]:
    """Return the drugs that some line stops, bars or finds urgent, if only perhaps.

    Parameters
    ----------
    said
        What is said of the patient.
    hasty
        Texts that ask for a stop, or for somebody today.
    """
    every = (
        *(s for line in said.drugs for s in line.statements),
        *said.urgent,
        *said.interactions,
        *said.monogenic,
        *(s for section in said.context for s in section.statements),
    )
    found = {line.drug for line in said.drugs if line.response in _STOP}
    for one in every:
        if one.urgent or one.response in _STOP or not set(hasty).isdisjoint(one.part_ids):
            found |= _names(one)
    return frozenset(found)


def stopped_by(said: Interpretation, stops: frozenset[str]) -> frozenset[str]:
    """Return the drugs that a line about them certainly stops or bars.

    Parameters
    ----------
    said
        What is said of the patient.
    stops
        Texts that ask for a stop.
    """
    of_lines = ((s, {line.drug}) for line in said.drugs for s in line.statements)
    context = (s for section in said.context for s in section.statements)
    of_others = ((s, set(s.drugs) or _names(s)) for s in context)
    return frozenset().union(
        *(
            drugs
            for one, drugs in (*of_lines, *of_others)
            if not one.conditional and (one.response in _STOP or not stops.isdisjoint(one.part_ids))
        )
    )


def _names(said: Statement) -> set[str]:
    """Return the drugs that a statement names, or rests on."""
    return {
        *said.drugs,
        *(n for r in said.reasons if r.subject.kind is SubjectKind.DRUG for n in r.subject.names),
        *(n for v in said.values if v.kind is ValueKind.DRUG for n in v.items),
    }


def _plans(said: Statement) -> Collection[str]:
    """Return the planned drugs of which a statement speaks."""
    reasons = (r for r in said.reasons if r.kind is ReasonKind.PLANNED)
    return {name for reason in reasons for name in reason.subject.names}


def _named_in(rule: Rule, groups: Groups) -> Iterator[tuple[str, str]]:
    """Yield the drugs of which a rule on the patient speaks, each with the list it must be on."""
    for kind, about, operator, _ in rule.kinds:
        for where in _LISTS.get(operator, ()) if kind == "medication" else ():
            yield from ((where, d) for d in sorted(members(tuple(about.split("|")), groups)))


def _of_taken(ways: Iterable[_Asked]) -> bool:
    """Say whether drugs in use are named with a matter."""
    return any(way.row.taken for way in ways)


def _unknown(items: Iterable[DrugExposure | PlannedDrug]) -> tuple[str, ...]:
    """Return the names of a list that no table knows."""
    return tuple(dict.fromkeys(p.entered or p.drug for p in items if not p.known))


def _message(
    text_id: str, matters: Iterable[str], drugs: tuple[str, ...], kind: ValueKind
) -> Message:
    values = (Value("matters", tuple(matters), ValueKind.TEXT), Value("others", drugs, kind))
    return Message(text_id, values)
