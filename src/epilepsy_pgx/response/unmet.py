"""Rules that a patient does not meet whatever is answered of some of the clinical entry.

A rule holds if all its conditions do. Where one that nothing touches does not hold, the rule says
nothing before an answer and nothing behind it, so that it need not be asked. Sets of rules are
numbers of which each bit is a rule: to join and to cut them costs next to nothing.
"""

from collections.abc import Hashable, Mapping
from functools import partial
from typing import NamedTuple

from epilepsy_pgx.clinical_entry import SUBJECTS, ClinicalEntry
from epilepsy_pgx.reference.conditions.base import Condition
from epilepsy_pgx.reference.conditions.registry import KINDS
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.questions import RuleQuestions
from epilepsy_pgx.response.reads import columns_differing, columns_read
from epilepsy_pgx.response.rule_bits import Place
from epilepsy_pgx.sharing import Recent

LISTS = ""
"""Stands among the fields of the entry for its lists of drugs and what is asked of them."""
_KEPT = 65536
"""Answers of results that are kept."""
_ENTRIES = 64
"""Clinical entries of which it is kept what they do not meet, at least."""
_FIELD = "clinical"
"""The kind of the conditions on a field of the entry."""
_LISTED = ("current", "failed", "planned", "signs", "weight_kg", "entry_date", "adherence")
"""Columns on which it depends what is asked of lists."""
_SIGN = "sign"
_OF_LISTS = tuple(kind for kind in KINDS.values() if kind.of_lists)


class _Asked(NamedTuple):
    """A condition, and the rules that have it."""

    condition: Condition
    about: str
    """Of results the gene or position, of a field its name, of lists the drug of the rules."""
    rules: int


class _Entered(NamedTuple):
    """What a clinical entry does not meet."""

    clinical: ClinicalEntry
    values: Mapping[str, Hashable]
    """All of each field on which it depends whether a condition on it holds; of lists too."""
    columns: Mapping[str, frozenset[str]]
    """By field, the columns on which this depends."""
    failing: Mapping[str, int]
    """By field, the rules with a condition on it that does not hold."""


class UnmetRules:
    """Finds the rules that a patient does not meet.

    Parameters
    ----------
    asked
        The rules by what they ask for.
    """

    def __init__(self, asked: RuleQuestions) -> None:
        self.asked = asked
        results: _Rules = {}
        fields: _Rules = {}
        lists: _Rules = {}
        for place in asked.line_of:
            rule, bit = asked.rule(place), asked.bits.of[place]
            for (word, about, *_), ask in zip(rule.kinds, rule.conditions, strict=True):
                kind = KINDS[word]
                if kind.of_results:
                    _add(results, ask, about, bit)
                elif word == _FIELD:
                    _add(fields, ask, about, bit)
                elif kind.of_lists:
                    # Of lists a rule asks for its own drug too.
                    _add(lists, ask, rule.subject, bit)
        # Rules about several drugs share the questions of their row.
        self._results, self._fields, self._lists = map(_listed_by, (results, fields, lists))
        self._known: dict[tuple[int, int], bool] = {}
        self._entered: Recent[object, _Entered] = Recent(_ENTRIES)

    def of(self, facts: PatientFacts, numbers: Mapping[str, int]) -> "Unmet":
        """Return those of a patient.

        Parameters
        ----------
        numbers
            What rules tell apart of each gene and position.
        """
        return Unmet(self, self._of_entry(facts), self._by_results(facts, numbers))

    def _by_results(self, facts: PatientFacts, numbers: Mapping[str, int]) -> int:
        """Return the rules that the results alone rule out."""
        if len(self._known) >= _KEPT:
            self._known.clear()
        found, known = 0, self._known
        for place, (ask, about, rules) in enumerate(self._results):
            key = (place, numbers[about])
            met = known.get(key)
            if met is None:
                met = known[key] = bool(ask(facts, ""))
            if not met:
                found |= rules
        return found

    def _of_entry(self, facts: PatientFacts) -> _Entered:
        """Return what the clinical entry does not meet; patients share it."""
        found = self._entered.get(facts.clinical)
        if found is None:
            failing = dict.fromkeys((*SUBJECTS, LISTS), 0)
            for ask, name, rules in self._fields:
                if not ask(facts, ""):
                    failing[name] |= rules
            ways = self._stopped(facts)
            for ask, drug, rules in self._lists:
                if not any(ask(way, drug) for way in ways):
                    failing[LISTS] |= rules
            columns = {n: columns_read(facts, partial(_value, name=n)) for n in SUBJECTS}
            # A sign may be laid to a drug that is taken.
            columns[_SIGN] |= {"current"}
            values = {LISTS: _listed(facts), **{n: _value(facts, n) for n in SUBJECTS}}
            found = _Entered(facts.clinical, values, columns, failing)
            self._entered.put(facts.clinical, found)
        return found

    def _stopped(self, facts: PatientFacts) -> tuple[PatientFacts, ...]:
        """Return a patient as entered; under signs also as one who has to stop every drug.

        Which drugs these are hangs on results; what is asked of each hangs on that drug alone.
        """
        if not facts.signs:
            return (facts,)
        return facts, facts.with_stopping({drug for _, drug, _ in self._lists})

    def without_triggers(self, facts: PatientFacts) -> int:
        """Return the rules that lack something which the lists of an entry must have for them."""
        keys = {key for way in self._stopped(facts) for kind in _OF_LISTS for key in kind.keys(way)}
        found = 0
        for wanted, rules in self.asked.needs.items():
            if wanted.isdisjoint(keys):
                found |= rules
        return found


class Unmet:
    """The rules that one patient does not meet.

    Parameters
    ----------
    rules
        All rules.
    entered
        What the clinical entry does not meet.
    by_results
        The rules that the results rule out.
    """

    def __init__(self, rules: UnmetRules, entered: _Entered, by_results: int) -> None:
        self._rules, self._entered = rules, entered
        self._left = rules.asked.bits.every & ~by_results
        self._open: dict[frozenset[str], int] = {}

    def changed(self, facts: PatientFacts) -> frozenset[str]:
        """Return the fields of which another clinical entry says something else."""
        known, columns = self._entered.values, self._entered.columns
        differing = columns_differing(self._entered.clinical, facts.clinical)
        touched = [name for name in SUBJECTS if not differing.isdisjoint(columns[name])]
        found = {name for name in touched if _value(facts, name) != known[name]}
        if not differing.isdisjoint(_LISTED) and _listed(facts) != known[LISTS]:
            found.add(LISTS)
        return frozenset(found)

    def may_hold(self, place: Place, changed: frozenset[str]) -> bool:
        """Say whether a rule may hold if only some fields of the entry are told otherwise."""
        return bool(self.open_to(changed) & self._rules.asked.bits.of[place])

    def open_to(self, changed: frozenset[str]) -> int:
        """Return the rules that may hold if only some fields are told otherwise."""
        found = self._open.get(changed)
        if found is None:
            found = self._left
            for name, rules in self._entered.failing.items():
                if name not in changed:
                    found &= ~rules
            self._open[changed] = found
        return found


def _listed(facts: PatientFacts) -> tuple[object, ...]:
    return tuple(getattr(facts.clinical, column) for column in _LISTED)


def _value(facts: PatientFacts, name: str) -> tuple[object, object]:
    return facts.clinical_value(name), facts.entered(name)


_Rules = dict[tuple[int, str], tuple[Condition, int]]
"""By condition and what it is about, the rules that have it."""


def _add(found: _Rules, ask: Condition, about: str, rule: int) -> None:
    key = (id(ask), about)
    known = found.get(key)
    found[key] = (ask, rule if known is None else known[1] | rule)


def _listed_by(found: _Rules) -> tuple[_Asked, ...]:
    return tuple(_Asked(ask, about, rules) for (_, about), (ask, rules) in found.items())
