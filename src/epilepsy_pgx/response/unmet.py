"""Rules that a patient does not meet whatever is answered of some fields of the clinical entry.

A rule holds if all its conditions do. Where one that nothing touches does not hold, the rule says
nothing before an answer and nothing behind it, so that it need not be asked.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from epilepsy_pgx.clinical_entry import SUBJECTS
from epilepsy_pgx.reference.conditions.base import Condition
from epilepsy_pgx.reference.conditions.registry import KINDS
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.questions import Place, RuleQuestions

_KEPT = 65536
"""Answers of results that are kept."""
_FIELD = "clinical"
"""The kind of the conditions on a field of the entry."""


class _Conditions(NamedTuple):
    """Conditions of a rule by what answers them; those on lists of drugs are in neither."""

    of_results: tuple[Condition, ...]
    of_fields: tuple[tuple[str, Condition], ...]
    about: tuple[str, ...]
    """The genes and positions for which the rule asks."""


class UnmetRules:
    """Finds the rules that a patient does not meet.

    Parameters
    ----------
    asked
        The rules by what they ask for.
    """

    def __init__(self, asked: RuleQuestions) -> None:
        self._conditions = {place: _conditions(asked, place) for place in asked.line_of}
        self.of_lines = asked.of_lines
        self._known: dict[tuple[object, ...], bool] = {}

    def of(self, facts: PatientFacts, numbers: Mapping[str, int]) -> "Unmet":
        """Return those of a patient.

        Parameters
        ----------
        numbers
            What rules tell apart of each gene and position.
        """
        return Unmet(self, facts, numbers)

    def fails_by_results(
        self, place: Place, facts: PatientFacts, numbers: Mapping[str, int]
    ) -> bool:
        """Say whether the results alone rule out that a rule holds."""
        asked = self._conditions[place]
        if not asked.of_results:
            return False
        key = (place, *[numbers[subject] for subject in asked.about])
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[key] = not all(ask(facts, "") for ask in asked.of_results)
        return found

    def fields_of(self, place: Place) -> tuple[tuple[str, Condition], ...]:
        """Return the conditions of a rule on fields of the entry, each with its field."""
        return self._conditions[place].of_fields


class Unmet:
    """The rules that one patient does not meet.

    Parameters
    ----------
    rules
        All rules.
    facts
        The patient.
    numbers
        What rules tell apart of each gene and position.
    """

    def __init__(self, rules: UnmetRules, facts: PatientFacts, numbers: Mapping[str, int]) -> None:
        self._rules, self._facts, self._numbers = rules, facts, numbers
        self._values = {name: _said(facts, name) for name in SUBJECTS}
        self._holds: dict[int, bool] = {}
        self._failing: dict[Place, frozenset[str] | None] = {}
        self._by_failing: dict[frozenset[str], dict[frozenset[str], list[Place]]] = {}
        self._open: dict[tuple[frozenset[str], frozenset[str]], frozenset[Place]] = {}

    def changed(self, facts: PatientFacts) -> frozenset[str]:
        """Return the fields of which another clinical entry says something else."""
        return frozenset(n for n, known in self._values.items() if _said(facts, n) != known)

    def may_hold(self, place: Place, changed: frozenset[str]) -> bool:
        """Say whether a rule may hold if only some fields of the entry are told otherwise."""
        if place not in self._failing:
            self._failing[place] = self._find(place)
        failing = self._failing[place]
        return failing is not None and failing <= changed

    def open_to(self, scope: frozenset[str], changed: frozenset[str]) -> frozenset[Place]:
        """Return the rules of some lines that may hold if only some fields are told otherwise."""
        key = (scope, changed)
        if key not in self._open:
            found = self._sorted(scope).items()
            fit = (places for failing, places in found if failing <= changed)
            self._open[key] = frozenset().union(*fit)
        return self._open[key]

    def _sorted(self, scope: frozenset[str]) -> Mapping[frozenset[str], Sequence[Place]]:
        """Return the rules of some lines by the fields whose conditions do not hold."""
        if scope not in self._by_failing:
            found: dict[frozenset[str], list[Place]] = {}
            for place in self._rules.of_lines(scope):
                if place not in self._failing:
                    self._failing[place] = self._find(place)
                failing = self._failing[place]
                if failing is not None:
                    found.setdefault(failing, []).append(place)
            self._by_failing[scope] = found
        return self._by_failing[scope]

    def _find(self, place: Place) -> frozenset[str] | None:
        """Return the fields whose conditions do not hold; None if the results rule it out."""
        if self._rules.fails_by_results(place, self._facts, self._numbers):
            return None
        fields = self._rules.fields_of(place)
        return frozenset(name for name, condition in fields if not self._meets(condition))

    def _meets(self, condition: Condition) -> bool:
        # Rules about several drugs share the questions of their row.
        key = id(condition)
        if key not in self._holds:
            self._holds[key] = bool(condition(self._facts, ""))
        return self._holds[key]


def _conditions(asked: RuleQuestions, place: Place) -> _Conditions:
    rule = asked.rule(place)
    kinds = [*zip(rule.kinds, rule.conditions, strict=True)]
    return _Conditions(
        tuple(ask for (kind, *_), ask in kinds if KINDS[kind].of_results),
        tuple((about, ask) for (kind, about, *_), ask in kinds if kind == _FIELD),
        asked.about.get(place, ()),
    )


def _said(facts: PatientFacts, name: str) -> tuple[object, object]:
    """Return all of a field on which it depends whether a condition on it holds."""
    return facts.clinical_value(name), facts.entered(name)
