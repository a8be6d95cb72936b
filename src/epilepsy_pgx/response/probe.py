"""Which lines of a report would read otherwise if something of the patient were known.

Only rules that ask for what differs are asked again, and only lines about which they say something
else are made again; where the lists of drugs differ, everything is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from epilepsy_pgx.clinical_entry import SUBJECTS
from epilepsy_pgx.reference.conditions.base import Condition
from epilepsy_pgx.reference.conditions.numbers import number_test
from epilepsy_pgx.reference.conditions.registry import KINDS
from epilepsy_pgx.reference.conditions.verdict import Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.deciding import GeneAssessment, assess_deciding
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts, named_drug
from epilepsy_pgx.response.hearing import Heard, Hearing
from epilepsy_pgx.response.open_results import Lists, OpenItem
from epilepsy_pgx.response.ordering import TIERS
from epilepsy_pgx.response.prints import Change, Changes, Print, Prints, compare, print_of, rank_of
from epilepsy_pgx.response.resistance import AGGRAVATION, Trials
from epilepsy_pgx.response.rules import Fired, Rule, fire
from epilepsy_pgx.response.synthesis import Situation, situation_of

_LINES = 65536
"""Lines that a probe keeps."""
_ITEMS = 65536
"""Answers about items that a probe keeps."""


Place = tuple[int, int]
"""A rule: its table, and its place there."""
_RULES, _SAFETY, _THERAPY, _CONTEXT = range(4)


class _Nothing(NamedTuple):
    """A line that does not change."""

    rank: int = 1 + len(TIERS)


_NOTHING = _Nothing()
Asking = tuple[Place, tuple[Condition, ...], tuple[object, ...]]
"""A rule, its questions that may be answered otherwise, none for all of them, and how the others
are answered."""


class Inputs(NamedTuple):
    """All that makes a drug's line what it is."""

    hits: tuple[tuple[Print, bool], ...]
    """What fired, and whether it is open-ended."""
    beside: tuple[Print, ...]
    """Interactions and notes."""
    judged: tuple[GeneAssessment, ...]
    situation: Situation


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


class Probe:
    """The rules by what they ask for.

    Parameters
    ----------
    engine
        The rules.
    conditions
        The conditions of each.
    """

    def __init__(
        self, engine: ResponseEngine, conditions: Mapping[str, Sequence[RuleCondition]]
    ) -> None:
        self._engine = engine
        self._by_gene: dict[str, dict[Place, None]] = {}
        self._by_word: dict[tuple[str, str], list[Place]] = {}
        self._by_number: dict[str, list[tuple[Callable[[Decimal], bool], Place]]] = {}
        self._by_field: dict[str, list[Place]] = {}
        self._by_kind: dict[str, list[Place]] = {kind: [] for kind in KINDS}
        self._place: dict[int, Place] = {}
        self._line_of: dict[Place, str] = {}
        self._least: dict[Place, int] = {}
        """The rank of the most urgent thing that a rule can say."""
        self._wide: set[Place] = set()
        """Rules on which more hangs than a line."""
        for number, index in enumerate(engine.tables):
            for place, rule in enumerate(index.rules):
                here = (number, place)
                self._place[id(rule)] = here
                own_line = number in (_THERAPY, _CONTEXT)
                self._line_of[here] = (
                    f"{rule.first_id}:{rule.subject}" if own_line else rule.subject
                )
                calls = rule.critical != "no" or rule.answers_sign or any(rule.actions.values())
                self._least[here] = 0 if calls else 1 + TIERS.index(rule.tier)
                if rule.answers_sign or rule.effect == AGGRAVATION:
                    self._wide.add(here)
                for row in conditions.get(rule.rule_id, ()):
                    self._note(row, (number, place))
        self._deciding: dict[str, set[str]] = {}
        for drug, items in engine.deciding.items():
            for item in items:
                self._deciding.setdefault(item.gene, set()).add(drug)
        self._infos = {info.drug: info for info in engine.drugs}
        self._lines: dict[tuple[str, Inputs], Prints] = {}
        self._known: dict[tuple[object, ...], Changes] = {}
        self._tokens: dict[object, int] = {}

    def _note(self, row: RuleCondition, place: Place) -> None:
        """Take down what makes a rule answer otherwise."""
        self._by_kind[row.kind].append(place)
        field = SUBJECTS.get(row.about)
        compared = field is not None and field.limits is not None and row.operator != "missing"
        if row.kind != "clinical":
            self._by_gene.setdefault(row.about, {})[place] = None
        elif compared and row.if_missing != "possible":
            self._by_number.setdefault(row.about, []).append((number_test(row), place))
        elif row.operator in ("is", "any_of") and row.if_missing != "possible":
            for word in row.value:
                self._by_word.setdefault((row.about, word), []).append(place)
        else:
            self._by_field.setdefault(row.about, []).append(place)

    def _rule(self, place: Place) -> Rule:
        return self._engine.tables[place[0]].rules[place[1]]

    def read(self, facts: PatientFacts) -> Reading:
        """Return a patient's lines as they are."""
        heard = self._engine.hear(facts)
        inputs = {name: self._inputs(name, heard.of(name), heard.facts) for name in self._infos}
        hits = self._hits(heard)
        lines = {name: self._line(name, made, heard) for name, made in inputs.items()}
        least = {
            name: min(map(rank_of, (*said, *(p for p, _ in inputs[name].hits))))
            for name, said in lines.items()
        }
        for place, hit in hits.items():
            if place[0] in (_THERAPY, _CONTEXT):
                least[self._line_of[place]] = rank_of(print_of(hit.statement))
        return Reading(
            facts,
            heard,
            hits,
            inputs,
            lines,
            least,
            {name: self._token(name, made, heard.facts) for name, made in inputs.items()},
            {s.statement_id: print_of(s) for s in self._engine.worked_out(heard)},
            {name: facts.clinical_value(name) for name in SUBJECTS},
        )

    def _token(self, drug: str, inputs: Inputs, facts: PatientFacts) -> int:
        """Return a number for the inputs of a line and what else rules ask about its drug."""
        state = (
            facts.takes(drug),
            facts.may_take(drug),
            drug in facts.stopping,
            facts.rash_while_taking(drug),
            facts.reactions.get(drug, ()),
        )
        return self._tokens.setdefault((inputs, state), len(self._tokens))

    def _hits(self, heard: Hearing) -> dict[Place, Fired]:
        said = (*heard.fired.values(), *heard.notes.values())
        beside = (index.fire(heard.facts) for index in self._engine.tables[_THERAPY:])
        return {self._place[id(hit.rule)]: hit for hits in (*said, *beside) for hit in hits}

    def _inputs(self, drug: str, heard: Heard, facts: PatientFacts) -> Inputs:
        """Return all that the line of a drug depends on."""
        beside = (*heard.interactions, *heard.add_on, *(n.statement for n in heard.notes))
        return Inputs(
            tuple((print_of(hit.statement), hit.open_ended) for hit in heard.hits),
            tuple(map(print_of, beside)),
            assess_deciding(self._engine.deciding.get(drug, ()), facts),
            situation_of(drug, facts),
        )

    def _line(self, drug: str, inputs: Inputs, heard: Hearing) -> Prints:
        """Return what the line of a drug says."""
        key = (drug, inputs)
        if key not in self._lines:
            if len(self._lines) >= _LINES:
                self._lines.clear()
            made = self._engine.predict(self._infos[drug], heard.of(drug), heard.facts)
            said = (*made.statements, *made.safety_notes)
            self._lines[key] = frozenset(map(print_of, said))
        return self._lines[key]

    def changes(self, reading: Reading, item: OpenItem) -> Changes:
        """Return the lines that some way to settle an item would change."""
        if not item.genes:
            return self._changes(reading, item, ())
        asking = self._asking_genes(reading, item)
        if reading.facts.clinical.failed and any(place in self._wide for place, *_ in asking):
            # The number of trials that count may hang on these rules, and much else on it.
            return self._changes(reading, item, asking)
        key = self._what_matters(reading, item, asking)
        if key not in self._known:
            if len(self._known) >= _ITEMS:
                self._known.clear()
            self._known[key] = self._changes(reading, item, asking)
        return self._known[key]

    def _what_matters(
        self, reading: Reading, item: OpenItem, asking: Sequence[Asking]
    ) -> tuple[object, ...]:
        """Return all that the answer about genes depends on, so that patients can share it."""
        lines = {self._line_of[place] for place, *_ in asking}
        for gene in item.genes:
            lines |= self._deciding.get(gene, set())
        facts = reading.heard.facts
        return (
            item.kind,
            item.subject,
            item.state,
            facts.list_given,
            facts.clinical.signs,
            tuple((place, certain) for place, _, certain in asking),
            tuple((line, reading.tokens.get(line)) for line in sorted(lines)),
        )

    def _changes(self, reading: Reading, item: OpenItem, of_genes: Sequence[Asking]) -> Changes:
        found: Changes = {}
        decided = {name for gene in item.genes for name in self._deciding.get(gene, ())}
        for facts in item.ways():
            if item.lists is Lists.CURRENT or facts.signs != reading.facts.signs:
                changed = self._all(reading, facts)
            else:
                asking = of_genes
                if item.lists is Lists.FAILED:
                    asking = tuple((p, (), ()) for p in self._asking_failed(reading, facts))
                elif facts.clinical is not reading.facts.clinical:
                    asking = tuple((p, (), ()) for p in sorted(self._asking(reading, facts)))
                asking = self._worth_asking(reading, asking, found)
                lines = {n for n in decided if found.get(n, _NOTHING).rank > reading.least[n]}
                if not (asking or lines or facts.clinical is not reading.facts.clinical):
                    break
                changed = self._some(reading, lines, facts, asking)
            for line, change in changed:
                if change.rank < found.get(line, _NOTHING).rank:
                    found[line] = change
        return found

    def _worth_asking(
        self, reading: Reading, asking: Sequence[Asking], found: Changes
    ) -> tuple[Asking, ...]:
        """Return the rules of lines of which no more than is known can turn out to change."""
        best: dict[str, int] = {}
        for place, *_ in asking:
            line = self._line_of[place]
            known = min(best.get(line, reading.least.get(line, _NOTHING.rank)), self._least[place])
            best[line] = known
        left = {line for line, rank in best.items() if found.get(line, _NOTHING).rank > rank}
        return tuple(x for x in asking if self._line_of[x[0]] in left or x[0] in self._wide)

    def _asking_genes(self, reading: Reading, item: OpenItem) -> tuple[Asking, ...]:
        """Return the rules that ask for the genes of an item, each with its questions to them.

        Rules that cannot fire whatever the genes say are left out.
        """
        found = []
        known = reading.heard.facts
        for place in sorted({p for gene in item.genes for p in self._by_gene.get(gene, ())}):
            rule = self._rule(place)
            own: list[Condition] = []
            others: list[Verdict] = []
            for condition, (kind, about, *_) in zip(rule.conditions, rule.kinds, strict=True):
                if kind != "clinical" and about in item.genes:
                    own.append(condition)
                else:
                    others.append(condition(known, rule.subject))
            if all(others):
                certain = tuple((v.truth, v.unconfirmed, v.open_ended, v.disputed) for v in others)
                found.append((place, tuple(own), certain))
        return tuple(found)

    def _asking(self, reading: Reading, facts: PatientFacts) -> set[Place]:
        """Return the rules that may answer another clinical entry otherwise."""
        places: set[Place] = set()
        for subject, before in reading.values.items():
            value = facts.clinical_value(subject)
            if value == before:
                continue
            places.update(self._by_field.get(subject, ()))
            for words in (value, before):
                if isinstance(words, tuple):
                    for word in words:
                        places.update(self._by_word.get((subject, word), ()))
                elif isinstance(words, Decimal):
                    tests = self._by_number.get(subject, ())
                    places.update(place for test, place in tests if test(words))
        return places

    def _asking_failed(self, reading: Reading, facts: PatientFacts) -> list[Place]:
        """Return the rules that may answer otherwise if other drugs were given up."""
        before = reading.heard.facts
        drugs = {d for one in (before, facts) for d in (*one.exposures, *_given_up(one))}
        places = {
            *(p for kind in ("history", "computed", "regimen") for p in self._by_kind[kind]),
            *(p for p in self._by_kind["exposure"] if self._rule(p).subject in drugs),
            *(p for p in reading.hits if p[0] < _THERAPY and self._rule(p).subject in drugs),
        }
        return sorted(places)

    def _some(
        self, reading: Reading, lines: set[str], facts: PatientFacts, asking: Iterable[Asking]
    ) -> Iterator[tuple[str, Change]]:
        """Yield what changes if only some rules may answer otherwise."""
        heard = reading.heard
        # What was worked out of the patient holds on, unless rules that answer say otherwise.
        known = replace(facts, stopping=heard.facts.stopping, computed=reading.facts.computed)
        new = self._asked(reading, known, (x for x in asking if x[0][0] < _THERAPY))
        if any(place[0] == _RULES and self._rule(place).answers_sign for place in new):
            yield from self._all(reading, facts)
            return
        fired = self._with(heard.fired, new, _RULES)
        trials = self._trials(reading, known, fired, new)
        beside = {x[0]: x for x in asking if x[0][0] >= _THERAPY}
        if trials.status != heard.trials.status:
            for place in self._by_kind["computed"]:
                beside[place] = (place, (), ())
        told = replace(known, computed={**known.computed, "resistance": trials.status})
        new |= self._asked(reading, told, (x for x in beside.values() if x[0][0] >= _THERAPY))
        notes = self._with(heard.notes, new, _SAFETY)
        changed = replace(heard, facts=told, fired=fired, notes=notes, trials=trials)
        yield from self._worked_out(reading, changed)
        yield from self._told_otherwise(reading, lines, changed, new)

    def _asked(
        self, reading: Reading, facts: PatientFacts, asking: Iterable[Asking]
    ) -> dict[Place, Fired | None]:
        """Return what rules say now that say something else, or nothing any more."""
        new: dict[Place, Fired | None] = {}
        for place, questions, _ in asking:
            rule = self._rule(place)
            holds = all(question(facts, rule.subject) for question in questions)
            hit = fire(rule, facts) if holds else None
            if _differ(reading.hits.get(place), hit):
                new[place] = hit
        return new

    def _worked_out(self, reading: Reading, heard: Hearing) -> Iterator[tuple[str, Change]]:
        """Yield what changes in what is said of the entry without a row of a rule table."""
        told, before = heard.facts, reading.facts
        raw = told.clinical is before.clinical and told.findings is before.findings
        if raw and heard.trials is reading.heard.trials:
            return
        after = {s.statement_id: print_of(s) for s in self._engine.worked_out(heard)}
        said = reading.worked_out
        for line in said.keys() | after.keys():
            yield from compare(
                line,
                frozenset(p for p in [said.get(line)] if p),
                frozenset(p for p in [after.get(line)] if p),
            )

    def _trials(
        self,
        reading: Reading,
        facts: PatientFacts,
        fired: Mapping[str, Sequence[Fired]],
        new: Iterable[Place],
    ) -> Trials:
        """Return what the failed trials count for, counted anew only if it may differ."""
        if facts.clinical is reading.facts.clinical and not (
            facts.clinical.failed and any(self._rule(place).effect == AGGRAVATION for place in new)
        ):
            return reading.heard.trials
        return self._engine.count(facts.clinical, fired)

    def _told_otherwise(
        self, reading: Reading, lines: set[str], heard: Hearing, new: Mapping[Place, Fired | None]
    ) -> Iterator[tuple[str, Change]]:
        """Yield what changes if some rules say something else, or nothing any more."""
        facts = heard.facts
        drugs = {*lines}
        for place, hit in new.items():
            if place[0] in (_RULES, _SAFETY):
                drugs.add(self._rule(place).subject)
            else:
                yield from _told(reading.hits.get(place), hit)
        if facts.clinical.failed != reading.facts.clinical.failed:
            drugs.update((*reading.facts.exposures, *facts.exposures))
        elif facts.clinical is not reading.facts.clinical:
            # The lists of drugs are the same, so that one drug tells of the others.
            one = next(iter(reading.inputs))
            if situation_of(one, facts) != reading.inputs[one].situation:
                drugs.update(self._infos)
        for name in sorted(drugs & self._infos.keys()):
            inputs = self._inputs(name, heard.of(name), facts)
            if inputs != reading.inputs[name]:
                yield from compare(name, reading.lines[name], self._line(name, inputs, heard))

    def _with(
        self, said: Mapping[str, Sequence[Fired]], new: Mapping[Place, Fired | None], table: int
    ) -> Mapping[str, Sequence[Fired]]:
        """Return what fired by drug with what fires now, in the order of the table."""
        changed: dict[str, dict[Place, Fired | None]] = {}
        for place, hit in new.items():
            if place[0] == table:
                changed.setdefault(self._rule(place).subject, {})[place] = hit
        if not changed:
            return said
        found = dict(said)
        for drug, hits in changed.items():
            every = {self._place[id(hit.rule)]: hit for hit in said.get(drug, ())} | hits
            found[drug] = [every[p] for p in sorted(every) if every[p] is not None]  # type: ignore[misc]
        return found

    def _all(self, reading: Reading, facts: PatientFacts) -> Iterator[tuple[str, Change]]:
        """Yield what changes in any line."""
        raw = reading.facts
        heard = self._engine.hear(replace(facts, stopping=raw.stopping, computed=raw.computed))
        for name, before in reading.inputs.items():
            inputs = self._inputs(name, heard.of(name), heard.facts)
            if inputs != before:
                yield from compare(name, reading.lines[name], self._line(name, inputs, heard))
        hits = self._hits(heard)
        for place in {*reading.hits, *hits}:
            if place[0] in (_THERAPY, _CONTEXT):
                yield from _told(reading.hits.get(place), hits.get(place))
        yield from self._worked_out(reading, heard)


def _given_up(facts: PatientFacts) -> set[str]:
    return {named_drug(item) for item in facts.clinical.failed or ()}


def _differ(before: Fired | None, after: Fired | None) -> bool:
    if before is None or after is None:
        return before is not after
    if before.open_ended != after.open_ended:
        return True
    return print_of(before.statement) != print_of(after.statement)


def _told(before: Fired | None, after: Fired | None) -> Iterator[tuple[str, Change]]:
    """Yield what changes in a statement that stands in no drug's line."""
    old, new = (frozenset({print_of(h.statement)} if h else ()) for h in (before, after))
    for line in {p.statement_id for p in old ^ new}:
        yield from compare(line, old, new)
