"""Lines of a report that hang on the same genes, and all of a gene that they can tell apart.

A line asks a few questions of each gene, and each has few answers. Two patients of whom they are
answered alike have the same line beside the same clinical entry, however their genotypes differ.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.questions import ENTRY, RuleQuestions, Told
from epilepsy_pgx.response.rule_answers import RuleAnswers


class Bundle(NamedTuple):
    """Lines that may depend on the same genes and positions."""

    number: int
    lines: frozenset[str]
    subjects: tuple[str, ...]
    """The genes and positions on which they may depend."""
    touched: tuple[str, ...]
    """These, and all genes in which a pathogenic variant may be found, if a text of the lines is
    another one beside such a variant."""


class Bundles:
    """The lines in bundles, and what each bundle tells apart.

    Parameters
    ----------
    asked
        The rules by what they ask for.
    answers
        Numbers for what is known.
    whole
        Genes of which the lines of the clinical entry tell everything apart: a model looks at more
        of a variant than a rule does.
    """

    def __init__(
        self, asked: RuleQuestions, answers: RuleAnswers, whole: Iterable[str] = ()
    ) -> None:
        self._asked, self._answers = asked, answers
        self._whole = frozenset(whole)
        self.all = tuple(self._find())
        self.touching: dict[str, list[Bundle]] = {}
        """By gene or position."""
        for bundle in self.all:
            for subject in bundle.touched:
                self.touching.setdefault(subject, []).append(bundle)
        self._places = {
            bundle.number: asked.asked_by(bundle.lines, bundle.subjects) for bundle in self.all
        }

    def _find(self) -> Iterable[Bundle]:
        alike: dict[tuple[tuple[str, ...], bool, bool], set[str]] = {}
        beside = self._asked.beside_variant
        for line, about in sorted(self._asked.subjects().items()):
            key = (tuple(sorted(about)), line in beside, line == ENTRY)
            alike.setdefault(key, set()).add(line)
        for number, ((subjects, told, _), lines) in enumerate(alike.items()):
            touched = {*subjects, *(self._asked.found if told else ())}
            yield Bundle(number, frozenset(lines), subjects, tuple(sorted(touched)))

    def classes(self, subject: str, known: int, facts: PatientFacts) -> Mapping[int, int]:
        """Return, by bundle, a number for all that its lines tell apart of a gene or position.

        Parameters
        ----------
        known
            A number for all that is known of it.
        """
        told = self._answers.told(subject, known, facts)
        return {
            bundle.number: self._answers.number(self._class(bundle, subject, known, told))
            for bundle in self.touching.get(subject, ())
        }

    def _class(self, bundle: Bundle, subject: str, known: int, told: Told | None) -> Hashable:
        if subject not in bundle.subjects:
            return None
        if told is None or (subject in self._whole and ENTRY in bundle.lines):
            return known
        questions, items = self._places[bundle.number][subject]
        verdicts, assessed = told
        # How many variants are known to be absent is a number in a text, which stays the same.
        judged = ((assessed[i].status, assessed[i].known_absent > 0) for i in items)
        return bundle.number, subject, tuple(verdicts[i] for i in questions), tuple(judged)
