"""The ways in which something open of the clinical entry may be answered, and what each touches."""

from collections import OrderedDict

from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.open_results import Lists, OpenItem
from epilepsy_pgx.response.questions import RuleQuestions
from epilepsy_pgx.response.reading import Reading, Way, given_up
from epilepsy_pgx.response.reads import columns_differing, columns_read
from epilepsy_pgx.response.rule_answers import RuleAnswers
from epilepsy_pgx.response.synthesis import situation_of
from epilepsy_pgx.response.unmet import LISTS, UnmetRules

_ENTRIES = 16
"""Clinical entries of which the ways to complete them are kept."""


class EntryWays:
    """Finds what an answer of the clinical entry touches.

    Parameters
    ----------
    engine
        The rules.
    asked
        The rules by what they ask for.
    answers
        Numbers for entries.
    unmet
        What patients do not meet.
    """

    def __init__(
        self, engine: ResponseEngine, asked: RuleQuestions, answers: RuleAnswers, unmet: UnmetRules
    ) -> None:
        self._engine, self._asked = engine, asked
        self._answers, self._unmet = answers, unmet
        self._drugs = tuple(info.drug for info in engine.drugs)
        self._read: dict[int, frozenset[str]] = {}
        self._ways: OrderedDict[int, dict[tuple[str, str], tuple[Way, ...]]] = OrderedDict()

    def of(self, reading: Reading, item: OpenItem) -> tuple[Way, ...]:
        """Return the ways in which something may be answered; patients share them by entry."""
        if reading.entry not in self._ways:
            self._ways[reading.entry] = {}
            if len(self._ways) > _ENTRIES:
                self._ways.popitem(last=False)
        known, key = self._ways[reading.entry], (item.kind, item.subject)
        if key not in known:
            known[key] = tuple(self._way(reading, item, facts) for facts in item.ways())
        return known[key]

    def _way(self, reading: Reading, item: OpenItem, facts: PatientFacts) -> Way:
        nothing: frozenset[str] = frozenset()
        entry, changed = self._answers.number(facts.clinical), reading.unmet.changed(facts)
        lacking = self._unmet.without_triggers(facts) if LISTS in changed else 0
        differing = columns_differing(facts.clinical, reading.facts.clinical)
        way = Way(
            facts,
            entry,
            0,
            nothing,
            self._asked.lines,
            changed,
            differing,
            lacking,
            everything=True,
        )
        if facts.signs != reading.facts.signs:
            return way
        if item.lists is Lists.CURRENT:
            named = self._asked.named_by(reading.facts, facts)
            if named == self._asked.lines:
                return way
            alike = self._answers.number(("one drug that is not named", reading.entry))
            (drug,) = facts.current
            naming = self._asked.rules_naming(drug)
            return way._replace(touched=named, alike=alike, naming=naming)
        touched, drugs = {*self._asked.counting}, nothing
        if item.lists is Lists.FAILED:
            both = reading.facts, facts
            drugs = frozenset(d for one in both for d in (*one.exposures, *given_up(one)))
            rules = self._asked.of_failed(drugs)
        else:
            rules = self._asked.of_entry(reading.values, facts, changed)
        one = self._drugs[0]
        if situation_of(one, facts) != situation_of(one, reading.facts):
            touched.update(self._drugs)
            way = way._replace(situated=True)
        touched.update(drugs)
        by_level, spared = set[str](), frozenset[str]()
        if LISTS in changed or not differing.isdisjoint(self._levels(reading)):
            by_level = self._by_level(reading, facts)
            # What lines of other drugs say of these has other words then.
            spared = self._engine.spared(facts) ^ self._engine.spared(reading.facts)
        touched.update(by_level, self._asked.naming(spared) if spared else ())
        more = bool(by_level or spared)
        touched.update(self._asked.lines_of(rules) if more else ())
        return way._replace(rules=rules, drugs=drugs, touched=frozenset(touched), everything=more)

    def _levels(self, reading: Reading) -> frozenset[str]:
        """Return the columns on which it depends what levels say and which drugs are spared."""
        if reading.entry not in self._read:
            works = self._engine.by_level.in_lines, self._engine.spared
            self._read = {reading.entry: columns_read(reading.facts, *works)}
        return self._read[reading.entry]

    def _by_level(self, reading: Reading, facts: PatientFacts) -> set[str]:
        """Return the drugs in whose lines levels say something else."""
        before, after = map(self._engine.by_level.in_lines, (reading.facts, facts))
        drugs = before.keys() | after.keys()
        return {drug for drug in drugs if before.get(drug) != after.get(drug)}
