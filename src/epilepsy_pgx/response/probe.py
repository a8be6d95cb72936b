"""Which lines of a report would read otherwise if something of the patient were known.

Only rules that ask for what differs are asked again, and only lines about which they say something
else are made again; where the lists of drugs differ, everything is.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from epilepsy_pgx.clinical_entry import SUBJECTS
from epilepsy_pgx.reference.conditions.base import Condition, members
from epilepsy_pgx.reference.conditions.numbers import number_test
from epilepsy_pgx.reference.conditions.registry import KINDS
from epilepsy_pgx.reference.conditions.verdict import Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.deciding import GeneAssessment, assess_deciding
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts, beside_results, named_drug
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
_ENTRIES = 16
"""Clinical entries of which a probe keeps the ways to complete them."""
ENTRY = ""
"""Stands for the lines that say of the clinical entry what no row of a rule table says."""

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
    scope: frozenset[str]
    """The lines that are looked at."""
    entry: int
    """A number for the clinical entry."""


class Way(NamedTuple):
    """A way in which something of the clinical entry may be answered."""

    facts: PatientFacts
    """Of some patient with the entry."""
    places: tuple[Place, ...]
    """Rules that may answer otherwise, whatever the genes are."""
    drugs: frozenset[str]
    """Drugs of which what fired is asked again."""
    touched: frozenset[str]
    """Lines that may change."""
    everything: bool = False
    """True if any rule about these lines may answer otherwise."""


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
        self._counting = {ENTRY, *(self._line_of[place] for place in self._by_kind["computed"])}
        """Lines on which it bears how many trials count."""
        self._places: dict[str, set[Place]] = {
            ENTRY: set(),
            **{name: set() for name in self._infos},
        }
        for here, line in self._line_of.items():
            self._places.setdefault(line, set()).add(here)
        self.lines = frozenset(
            line
            for line, places in self._places.items()
            if line in self._infos or line == ENTRY or any(p[0] >= _THERAPY for p in places)
        )
        """All lines that a report may have."""
        self._lines: dict[tuple[str, Inputs], Prints] = {}
        self._known: dict[tuple[object, ...], Changes] = {}
        self._tokens: dict[object, int] = {}
        self._mentioned: dict[str, frozenset[str] | None] = {}
        self._mention(conditions)
        self._places_of = {line: self._by_table(places) for line, places in self._places.items()}
        self._wide_places = self._by_table(self._wide)
        self._ways: OrderedDict[int, dict[tuple[str, str], tuple[Way, ...]]] = OrderedDict()

    def _by_table(self, places: Collection[Place]) -> tuple[frozenset[int], ...]:
        return tuple(
            frozenset(place for number, place in places if number == table)
            for table in range(len(self._engine.tables))
        )

    def subjects(self) -> dict[str, frozenset[str]]:
        """Return the genes and positions on which each line may depend."""
        asked: dict[Place, set[str]] = {}
        for about, places in self._by_gene.items():
            for place in places:
                asked.setdefault(place, set()).add(about)
        found = {
            line: set().union(*(asked.get(place, ()) for place in places))
            for line, places in self._places.items()
            if line in self.lines
        }
        for gene, drugs in self._deciding.items():
            for drug in drugs:
                found[drug].add(gene)
        worse = (p for p in self._line_of if self._rule(p).effect == AGGRAVATION)
        counted = set().union(*(asked.get(place, ()) for place in worse))
        for line in self._counting:
            found[line] |= counted
        found[ENTRY] |= self._engine.predicted
        return {line: frozenset(subjects) for line, subjects in found.items()}

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

    def read(self, facts: PatientFacts, scope: frozenset[str] | None = None) -> Reading:
        """Return some lines of a patient as they are, or all of them."""
        scope = self.lines if scope is None else scope
        within = self._within(scope)
        heard = self._engine.hear(facts, within)
        names = [name for name in self._infos if name in scope]
        inputs = {name: self._inputs(name, heard.of(name), heard.facts) for name in names}
        hits = self._hits(heard, within)
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
            {s.statement_id: print_of(s) for s in self._engine.worked_out(heard)}
            if ENTRY in scope
            else {},
            {name: facts.clinical_value(name) for name in SUBJECTS},
            scope,
            self._tokens.setdefault(facts.clinical, len(self._tokens)),
        )

    def _within(self, scope: frozenset[str]) -> tuple[frozenset[int], ...] | None:
        """Return the places of the rules of each table that bear on some lines; None for all."""
        if scope == self.lines:
            return None
        lines = [self._places_of[line] for line in scope]
        if not scope.isdisjoint(self._counting):
            lines.append(self._wide_places)
        return tuple(frozenset().union(*places) for places in zip(*lines, strict=True))

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

    def _hits(
        self, heard: Hearing, within: tuple[frozenset[int], ...] | None
    ) -> dict[Place, Fired]:
        said = (*heard.fired.values(), *heard.notes.values())
        beside = (
            index.fire(heard.facts, within and within[_THERAPY + number])
            for number, index in enumerate(self._engine.tables[_THERAPY:])
        )
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
            reading.entry if ENTRY in reading.scope else None,
            tuple((place, certain) for place, _, certain in asking),
            tuple((line, reading.tokens.get(line)) for line in sorted(lines)),
        )

    def _changes(self, reading: Reading, item: OpenItem, of_genes: Sequence[Asking]) -> Changes:
        found: Changes = {}
        if item.genes:
            told = self._by_genes(reading, item, of_genes, found)
        else:
            told = self._by_entry(reading, item, found)
        for line, change in told:
            if change.rank < found.get(line, _NOTHING).rank:
                found[line] = change
        return found

    def _by_genes(
        self, reading: Reading, item: OpenItem, asking: Sequence[Asking], found: Changes
    ) -> Iterator[tuple[str, Change]]:
        """Yield what the results of genes may change, as long as more than is found can change."""
        decided = {name for gene in item.genes for name in self._deciding.get(gene, ())}
        decided &= reading.scope
        if not (asking or decided):
            return
        for facts in item.ways():
            left = self._worth_asking(reading, asking, found)
            lines = {n for n in decided if found.get(n, _NOTHING).rank > reading.least[n]}
            if not (left or lines):
                return
            yield from self._some(reading, lines, facts, left)

    def _by_entry(
        self, reading: Reading, item: OpenItem, found: Changes
    ) -> Iterator[tuple[str, Change]]:
        """Yield what answers of the clinical entry may change."""
        raw = reading.facts
        for way in self._ways_of(reading, item):
            if way.touched.isdisjoint(reading.scope):
                continue
            facts = beside_results(way.facts, raw)
            if way.everything:
                yield from self._all(reading, facts, reading.scope & way.touched)
                continue
            again = (p for p in reading.hits if p[0] < _THERAPY and self._line_of[p] in way.drugs)
            bearing = self._bearing(reading.scope, {*way.places, *again})
            asking = self._worth_asking(reading, tuple((p, (), ()) for p in bearing), found)
            yield from self._some(reading, set(), facts, asking)

    def _bearing(self, scope: frozenset[str], places: Iterable[Place]) -> list[Place]:
        """Return those of some rules that bear on some lines."""
        counted = not scope.isdisjoint(self._counting)
        return sorted(
            p for p in places if self._line_of[p] in scope or (counted and p in self._wide)
        )

    def _ways_of(self, reading: Reading, item: OpenItem) -> tuple[Way, ...]:
        """Return the ways in which something may be answered; patients share them by entry."""
        if reading.entry not in self._ways:
            self._ways[reading.entry] = {}
            if len(self._ways) > _ENTRIES:
                self._ways.popitem(last=False)
        known = self._ways[reading.entry]
        key = (item.kind, item.subject)
        if key not in known:
            known[key] = tuple(self._way(reading, item, facts) for facts in item.ways())
        return known[key]

    def _way(self, reading: Reading, item: OpenItem, facts: PatientFacts) -> Way:
        nothing: frozenset[str] = frozenset()
        if facts.signs != reading.facts.signs:
            return Way(facts, (), nothing, self.lines, everything=True)
        if item.lists is Lists.CURRENT:
            return Way(facts, (), nothing, self._named_by(reading.facts, facts), everything=True)
        touched = {*self._counting}
        drugs = nothing
        if item.lists is Lists.FAILED:
            both = (reading.facts, facts)
            drugs = frozenset(d for one in both for d in (*one.exposures, *_given_up(one)))
            places = self._asking_failed(drugs)
        else:
            places = self._asking(reading, facts)
        one = next(iter(self._infos))
        if situation_of(one, facts) != situation_of(one, reading.heard.facts):
            touched.update(self._infos)
        touched.update(drugs, (self._line_of[place] for place in places))
        return Way(facts, tuple(sorted(places)), drugs, frozenset(touched))

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
        places = {p for gene in item.genes for p in self._by_gene.get(gene, ())}
        for place in self._bearing(reading.scope, places):
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

    def _named_by(self, before: PatientFacts, after: PatientFacts) -> frozenset[str]:
        """Return the lines that differ beside a list of drugs.

        One drug is as good as another to a line whose rules and interactions name neither, so
        that the first of them stands for all.
        """
        one = after.clinical.current or ()
        plain = before.clinical.current is None and not before.signs
        if len(one) != 1 or not plain or one[0].drug not in self._infos:
            return self.lines
        named = {*before.planned, *before.exposures}
        drug = one[0].drug
        if drug in named:
            return self.lines
        return frozenset(
            line
            for line, mentioned in self._mentioned.items()
            if mentioned is None
            or drug in mentioned
            or drug == next((d for d in self._infos if d not in mentioned and d not in named), None)
        )

    def _mention(self, conditions: Mapping[str, Sequence[RuleCondition]]) -> None:
        """Take down which drugs each line tells apart when they are taken; None for all."""
        engine = self._engine
        found: dict[str, set[str]] = {line: {line} for line in self.lines}
        for item in engine.interactions.interactions:
            parties = {*item.perpetrators, item.victim}
            for party in parties & found.keys():
                found[party] |= parties
        counting = {*self._counting}
        for place, line in self._line_of.items():
            for row in conditions.get(self._rule(place).rule_id, ()) if line in found else ():
                found[line] |= members(row.subject, engine.groups)
                if row.kind == "regimen":
                    counting.add(line)
        self._mentioned = {
            line: None if line in counting else frozenset(drugs) for line, drugs in found.items()
        }

    def _asking_failed(self, drugs: frozenset[str]) -> set[Place]:
        """Return the rules that may answer otherwise if some drugs were given up."""
        return {
            *(p for kind in ("history", "computed", "regimen") for p in self._by_kind[kind]),
            *(p for p in self._by_kind["exposure"] if self._rule(p).subject in drugs),
        }

    def _some(
        self, reading: Reading, lines: set[str], facts: PatientFacts, asking: Iterable[Asking]
    ) -> Iterator[tuple[str, Change]]:
        """Yield what changes if only some rules may answer otherwise."""
        heard = reading.heard
        # What was worked out of the patient holds on, unless rules that answer say otherwise.
        known = facts.changed(stopping=heard.facts.stopping, computed=reading.facts.computed)
        new = self._asked(reading, known, (x for x in asking if x[0][0] < _THERAPY))
        if any(place[0] == _RULES and self._rule(place).answers_sign for place in new):
            yield from self._all(reading, facts, reading.scope)
            return
        fired = self._with(heard.fired, new, _RULES)
        trials = self._trials(reading, known, fired, new)
        beside = {x[0]: x for x in asking if x[0][0] >= _THERAPY}
        if trials.status != heard.trials.status:
            for place in self._bearing(reading.scope, self._by_kind["computed"]):
                beside[place] = (place, (), ())
        told = known.changed(computed={**known.computed, "resistance": trials.status})
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
        if ENTRY not in reading.scope or (raw and heard.trials is reading.heard.trials):
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
        if reading.scope.isdisjoint(self._counting):
            return reading.heard.trials
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
            one = next(iter(self._infos))
            if situation_of(one, facts) != situation_of(one, reading.heard.facts):
                drugs.update(self._infos)
        for name in sorted(drugs & reading.inputs.keys()):
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

    def _all(
        self, reading: Reading, facts: PatientFacts, scope: frozenset[str]
    ) -> Iterator[tuple[str, Change]]:
        """Yield what changes in any of some lines."""
        raw, within = reading.facts, self._within(scope)
        told = facts.changed(stopping=raw.stopping, computed=raw.computed)
        heard = self._engine.hear(told, within)
        for name in [name for name in reading.inputs if name in scope]:
            inputs = self._inputs(name, heard.of(name), heard.facts)
            if inputs != reading.inputs[name]:
                yield from compare(name, reading.lines[name], self._line(name, inputs, heard))
        hits = self._hits(heard, within)
        for place in {*reading.hits, *hits}:
            if place[0] in (_THERAPY, _CONTEXT) and self._line_of[place] in scope:
                yield from _told(reading.hits.get(place), hits.get(place))
        if ENTRY in scope:
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
