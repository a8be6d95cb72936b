"""Which lines of a report would read otherwise if something of the patient were known.

Only rules that ask for what differs are asked again, and only lines about which they say something
else are made again; where the lists of drugs differ, everything is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from epilepsy_pgx.clinical_entry import SUBJECTS, ClinicalEntry
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.bundles import Bundles
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts, beside_results
from epilepsy_pgx.response.hearing import CONTEXT, RULES, SAFETY, THERAPY, Hearing
from epilepsy_pgx.response.made_lines import MadeLines
from epilepsy_pgx.response.open_results import OpenItem
from epilepsy_pgx.response.prints import (
    Change,
    Changes,
    compare,
    print_of,
    rank_of,
    said_by,
    told_by,
)
from epilepsy_pgx.response.questions import ENTRY, Asking, RuleQuestions
from epilepsy_pgx.response.reading import NOTHING, Reading, Search, Way, with_worked_out
from epilepsy_pgx.response.reads import Reads
from epilepsy_pgx.response.resistance import AGGRAVATION, Trials
from epilepsy_pgx.response.rule_answers import RuleAnswers
from epilepsy_pgx.response.rule_bits import Place
from epilepsy_pgx.response.rules import Fired, Fires, fire
from epilepsy_pgx.response.synthesis import situation_of
from epilepsy_pgx.response.unmet import LISTS, UnmetRules
from epilepsy_pgx.response.ways import EntryWays

_ITEMS = 65536
"""Answers about items that a probe keeps."""


class Probe:
    """Asks rules again and compares what lines say.

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
        self._asked = RuleQuestions(engine, conditions)
        self.lines = self._asked.lines
        """All lines that a report may have."""
        self.answers = RuleAnswers(self._asked)
        """What the rules answer."""
        self.bundles = Bundles(self._asked, self.answers, engine.predicted)
        """The lines by the genes and positions on which they may depend."""
        self._unmet = UnmetRules(self._asked)
        self._made = MadeLines(engine)
        self._infos = self._made.infos
        self._known: dict[tuple[object, ...], Changes] = {}
        self._ways = EntryWays(engine, self._asked, self.answers, self._unmet)

    def read(self, facts: PatientFacts, scope: frozenset[str] | None = None) -> Reading:
        """Return some lines of a patient as they are, or all of them."""
        scope = self.lines if scope is None else scope
        numbers = self.answers.classes(facts, self.answers.numbers(facts))
        entry = self.entry(facts.clinical)
        unmet = self._unmet.of(facts, numbers)
        fires = self.answers.fires(scope, entry, numbers, lambda p: unmet.may_hold(p, frozenset()))
        heard = self._engine.hear(facts, fires)
        names = [name for name in self._infos if name in scope]
        inputs = {name: self._made.inputs(name, heard.of(name), heard.facts) for name in names}
        hits = self._hits(heard, fires)
        lines = {name: self._made.line(name, made, heard) for name, made in inputs.items()}
        least = {
            name: min(self._made.floor(name, heard.of(name)), *map(rank_of, said))
            for name, said in lines.items()
        }
        for place, hit in hits.items():
            if place[0] in (THERAPY, CONTEXT):
                least[self._asked.line_of[place]] = rank_of(print_of(hit.statement))
        return Reading(
            facts,
            heard,
            hits,
            inputs,
            lines,
            least,
            {name: self._made.token(name, made, heard.facts) for name, made in inputs.items()},
            {s.statement_id: print_of(s) for s in self._engine.worked_out(heard)}
            if ENTRY in scope
            else {},
            {name: facts.clinical_value(name) for name in SUBJECTS},
            scope,
            entry,
            numbers,
            unmet,
            self._asked.mask(hits),
            Reads(self._engine, heard),
        )

    def entry(self, clinical: ClinicalEntry) -> int:
        """Return a number for a clinical entry."""
        return self.answers.number(clinical)

    def _fires(self, reading: Reading, scope: frozenset[str], way: Way | None) -> Fires:
        """Return what asks the rules of some lines; beside an answer of the entry, by the entry."""
        if way is not None:
            rules = reading.unmet.open_to(way.changed) & self._asked.of_lines(scope) & ~way.lacking
            return self.answers.fires_at(way, reading.numbers, rules)
        within = self._asked.within(scope)
        return lambda table, facts: self._engine.tables[table].fire(
            facts, within[table] if within else None
        )

    def _hits(self, heard: Hearing, fires: Fires) -> dict[Place, Fired]:
        said = (*heard.fired.values(), *heard.notes.values())
        beside = (fires(table, heard.facts) for table in (THERAPY, CONTEXT))
        return {self._asked.place[id(hit.rule)]: hit for hits in (*said, *beside) for hit in hits}

    def changes(self, reading: Reading, item: OpenItem) -> Changes:
        """Return the lines that some way to settle an item would change."""
        if not item.genes:
            return self._changes(reading, item, ())
        (found,) = self.changes_in(reading, item, (reading.scope,))
        return found

    def changes_in(
        self, reading: Reading, item: OpenItem, scopes: Sequence[frozenset[str]]
    ) -> list[Changes]:
        """Return, for each of some sets of lines, those that results of genes would change.

        What is not known of any of them is worked out for all at once.
        """
        genes, facts = item.genes, reading.heard.facts
        asking = self._asked.of_genes(genes, facts, frozenset().union(*scopes))
        keys = [self._key(reading, item, asking, scope) for scope in scopes]
        found = [None if key is None else self._known.get(key) for key in keys]
        lines = frozenset().union(
            *(scope for scope, known in zip(scopes, found, strict=True) if known is None)
        )
        if not lines:
            return [known for known in found if known is not None]
        bearing = self._asked.bearing_of(asking, lines)
        made = self._changes(replace(reading, scope=lines), item, bearing)
        for place, (scope, key) in enumerate(zip(scopes, keys, strict=True)):
            if found[place] is None:
                found[place] = {n: c for n, c in made.items() if self.line_of(n) in scope}
                self._keep(key, found[place])
        return [known or {} for known in found]

    def _key(
        self, reading: Reading, item: OpenItem, asking: Sequence[Asking], scope: frozenset[str]
    ) -> tuple[object, ...] | None:
        """Return what tells the answer about some lines; None if only the whole patient does."""
        asking = self._asked.bearing_of(asking, scope)
        if reading.facts.clinical.failed and any(place in self._asked.wide for place, *_ in asking):
            # The number of trials that count may hang on these rules, and much else on it.
            return None
        return self._what_matters(reading, scope, item, asking)

    def _keep(self, key: tuple[object, ...] | None, changes: Changes | None) -> None:
        if key is not None and changes is not None:
            if len(self._known) >= _ITEMS:
                self._known.clear()
            self._known[key] = changes

    def line_of(self, line: str) -> str:
        """Return the line of a change: what is worked out of the entry stands for itself."""
        return line if line in self.lines else ENTRY

    def _what_matters(
        self, reading: Reading, scope: frozenset[str], item: OpenItem, asking: Sequence[Asking]
    ) -> tuple[object, ...]:
        """Return all that the answer about genes depends on, so that patients can share it."""
        lines = {self._asked.line_of[place] for place, *_ in asking}
        for gene in item.genes:
            lines |= self._asked.deciding.get(gene, set())
        facts = reading.heard.facts
        return (
            item.kind,
            item.subject,
            item.state,
            facts.list_given,
            facts.present,
            # Some texts are others beside a pathogenic variant, which a gene may add or take away.
            min(2, facts.pathogenic_genes),
            reading.entry if ENTRY in scope else None,
            tuple((place, certain) for place, _, certain in asking),
            tuple((line, reading.tokens.get(line)) for line in sorted(lines & scope)),
        )

    def _changes(self, reading: Reading, item: OpenItem, of_genes: Sequence[Asking]) -> Changes:
        found: Changes = {}
        search = Search(reading, found, set())
        if item.genes:
            told = self._by_genes(search, item, of_genes)
        else:
            told = self._by_entry(search, item)
        for line, change in told:
            if change.rank < found.get(line, NOTHING).rank:
                found[line] = change
        return found

    def _by_genes(
        self, search: Search, item: OpenItem, asking: Sequence[Asking]
    ) -> Iterator[tuple[str, Change]]:
        """Yield what the results of genes may change, as long as more than is found can change."""
        reading, found, _ = search
        decided = {name for gene in item.genes for name in self._asked.deciding.get(gene, ())}
        decided &= reading.scope
        if not (asking or decided):
            return
        line_of, wide = self._asked.line_of, self._asked.wide
        for facts in item.ways():
            open_ones = self._lines_left(reading, (place for place, _, _ in asking), found)
            left = tuple(x for x in asking if line_of[x[0]] in open_ones or x[0] in wide)
            lines = {n for n in decided if found.get(n, NOTHING).rank > reading.least[n]}
            if not (left or lines):
                return
            yield from self._some(search, lines, facts, left)

    def _by_entry(self, search: Search, item: OpenItem) -> Iterator[tuple[str, Change]]:
        """Yield what answers of the clinical entry may change."""
        reading, found, _ = search
        raw = reading.facts
        within = self._asked.of_lines(reading.scope)
        line_of, wide = self._asked.line_of, self._asked.wide
        for way in self._ways.of(reading, item):
            touches = not way.touched.isdisjoint(reading.scope)
            if not touches and not way.rules & within:
                continue
            if way.everything:
                facts = beside_results(way.facts, raw)
                yield from self._all(search, facts, reading.scope & way.touched, way)
                continue
            rules = way.rules
            if drugs := way.drugs:
                rules |= self._asked.mask(
                    p for p in reading.hits if p[0] < THERAPY and line_of[p] in drugs
                )
            # What lacks something now may have fired before.
            rules &= reading.unmet.open_to(way.changed) & (reading.fired | ~way.lacking) & within
            bearing = self._asked.unmask(rules)
            left = self._lines_left(reading, bearing, found)
            asking = [(p, (), ()) for p in bearing if line_of[p] in left or p in wide]
            if asking or way.situated or self._tells(way, reading):
                facts = beside_results(way.facts, raw)
                yield from self._some(search, set(), facts, asking, way)

    def _tells(self, way: Way, reading: Reading) -> bool:
        """Say whether an answer may change what is said without a row of a rule table."""
        reads = reading.reads
        return _reaches(way, reads.counting) or _reaches(way, reads.worked_out)

    def _lines_left(self, reading: Reading, places: Iterable[Place], found: Changes) -> set[str]:
        """Return the lines of some rules of which no more than is known can turn out to change."""
        line_of, least, now = self._asked.line_of, self._asked.least, reading.least
        best: dict[str, int] = {}
        for place in places:
            line, rank = line_of[place], least[place]
            if rank < best.get(line, NOTHING.rank):
                best[line] = rank
        ranks = {line: min(rank, now.get(line, rank)) for line, rank in best.items()}
        return {line for line, rank in ranks.items() if found.get(line, NOTHING).rank > rank}

    def _some(
        self,
        search: Search,
        lines: set[str],
        facts: PatientFacts,
        asking: Iterable[Asking],
        way: Way | None = None,
    ) -> Iterator[tuple[str, Change]]:
        """Yield what changes if only some rules may answer otherwise.

        Parameters
        ----------
        way
            How the clinical entry is answered, if no gene is told otherwise than it is.
        """
        reading = search.reading
        heard = reading.heard
        # What was worked out of the patient holds on, unless rules that answer say otherwise.
        known = with_worked_out(facts, heard.facts.stopping, reading.facts.computed)
        new = self._ask(reading, known, (x for x in asking if x[0][0] < THERAPY), way)
        if any(place[0] == RULES and self._asked.rule(place).answers_sign for place in new):
            yield from self._all(search, facts, reading.scope, way)
            return
        fired = self._with(heard.fired, new, RULES)
        trials = self._trials(reading, known, fired, new, way)
        beside = {x[0]: x for x in asking if x[0][0] >= THERAPY}
        words = heard.facts.computed if trials is heard.trials else trials.words
        if words is not heard.facts.computed and words != heard.trials.words:
            counted = self._asked.by_trials & self._asked.of_lines(reading.scope)
            for place in self._asked.unmask(counted):
                beside[place] = (place, (), ())
        told = known.changed(computed={**known.computed, **words})
        new |= self._ask(reading, told, (x for x in beside.values() if x[0][0] >= THERAPY), way)
        notes = self._with(heard.notes, new, SAFETY)
        changed = replace(heard, facts=told, fired=fired, notes=notes, trials=trials)
        yield from self._worked_out(reading, changed, way)
        yield from self._told_otherwise(search, lines, changed, new, way)

    def _ask(
        self, reading: Reading, facts: PatientFacts, asking: Iterable[Asking], way: Way | None
    ) -> dict[Place, Fired | None]:
        """Return what rules say now that say something else, or nothing any more."""
        new: dict[Place, Fired | None] = {}
        answer = None if way is None else self.answers.beside(way.entry, reading.numbers, facts)
        for place, questions, _ in asking:
            if way is not None and not reading.unmet.may_hold(place, way.changed):
                continue
            rule = self._asked.rule(place)
            if answer is not None:
                hit = answer(place)
            else:
                holds = all(question(facts, rule.subject) for question in questions)
                hit = fire(rule, facts) if holds else None
            before = reading.hits.get(place)
            if (before and said_by(before)) != (hit and said_by(hit)):
                new[place] = hit
        return new

    def _worked_out(
        self, reading: Reading, heard: Hearing, way: Way | None
    ) -> Iterator[tuple[str, Change]]:
        """Yield what changes in what is said of the entry without a row of a rule table."""
        told, before = heard.facts, reading.facts
        same = heard.trials is reading.heard.trials
        same = same and not (way is not None and _reaches(way, reading.reads.worked_out))
        # Of the genes, only those that a model knows are looked at.
        same = same and all(
            told.findings.get(gene) is before.findings.get(gene) for gene in self._engine.predicted
        )
        if ENTRY not in reading.scope or same:
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
        way: Way | None,
    ) -> Trials:
        """Return what the failed trials count for, counted anew only if it may differ."""
        if reading.scope.isdisjoint(self._asked.counting):
            return reading.heard.trials
        told = way is not None and _reaches(way, reading.reads.counting)
        worse = (self._asked.rule(place).effect == AGGRAVATION for place in new)
        if not told and not (facts.clinical.failed and any(worse)):
            return reading.heard.trials
        return self._engine.count(facts, fired)

    def _told_otherwise(
        self,
        search: Search,
        lines: set[str],
        heard: Hearing,
        new: Mapping[Place, Fired | None],
        way: Way | None,
    ) -> Iterator[tuple[str, Change]]:
        """Yield what changes if some rules say something else, or nothing any more."""
        reading = search.reading
        facts = heard.facts
        drugs = {*lines}
        for place, hit in new.items():
            if place[0] in (RULES, SAFETY):
                drugs.add(self._asked.rule(place).subject)
            else:
                yield from told_by(reading.hits.get(place), hit)
        if facts.clinical.failed != reading.facts.clinical.failed:
            drugs.update((*reading.facts.exposures, *facts.exposures))
        elif facts.clinical is not reading.facts.clinical:
            # The lists of drugs are the same, so that one drug tells of the others.
            one = next(iter(self._infos))
            if situation_of(one, facts) != situation_of(one, reading.heard.facts):
                drugs.update(self._infos)
        said: dict[str, list[object]] = {}
        for place, hit in new.items() if way is not None else ():
            said.setdefault(self._asked.line_of[place], []).append((place, hit and said_by(hit)))
        for name in sorted(drugs & reading.inputs.keys()):
            if way is not None:
                # Of an answer nothing else bears on a line that it leaves its genes.
                key = (name, situation_of(name, facts), facts.present, *said.get(name, ()))
                if key in search.seen:
                    continue
                search.seen.add(key)
            yield from self._drug(search, name, heard)

    def _with(
        self, said: Mapping[str, Sequence[Fired]], new: Mapping[Place, Fired | None], table: int
    ) -> Mapping[str, Sequence[Fired]]:
        """Return what fired by drug with what fires now, in the order of the table."""
        changed: dict[str, dict[Place, Fired | None]] = {}
        for place, hit in new.items():
            if place[0] == table:
                changed.setdefault(self._asked.rule(place).subject, {})[place] = hit
        if not changed:
            return said
        found = dict(said)
        for drug, hits in changed.items():
            every = {self._asked.place[id(hit.rule)]: hit for hit in said.get(drug, ())} | hits
            found[drug] = [every[p] for p in sorted(every) if every[p] is not None]  # type: ignore[misc]
        return found

    def _all(
        self, search: Search, facts: PatientFacts, scope: frozenset[str], way: Way | None
    ) -> Iterator[tuple[str, Change]]:
        """Yield what changes in any of some lines."""
        reading = search.reading
        raw, fires = reading.facts, self._fires(reading, scope, way)
        told = with_worked_out(facts, raw.stopping, raw.computed)
        heard = self._engine.hear(told, fires)
        for name in [name for name in reading.inputs if name in scope]:
            yield from self._drug(search, name, heard)
        hits = self._hits(heard, fires)
        for place in {*reading.hits, *hits}:
            if place[0] in (THERAPY, CONTEXT) and self._asked.line_of[place] in scope:
                yield from told_by(reading.hits.get(place), hits.get(place))
        if ENTRY in scope:
            yield from self._worked_out(reading, heard, way)

    def _drug(self, search: Search, name: str, heard: Hearing) -> Iterator[tuple[str, Change]]:
        """Yield what changes in the line of a drug, if it can be more than was found."""
        reading, said = search.reading, heard.of(name)
        # What stays in the line may have other words beside what is new.
        rank = min(reading.least[name], self._made.floor(name, said))
        if search.can_grow(name, rank):
            inputs = self._made.inputs(name, said, heard.facts)
            if inputs != reading.inputs[name]:
                yield from compare(name, reading.lines[name], self._made.line(name, inputs, heard))


def _reaches(way: Way, columns: frozenset[str]) -> bool:
    """Say whether an answer may change what is read of some columns, or of the lists of drugs."""
    return LISTS in way.changed or not way.differing.isdisjoint(columns)
