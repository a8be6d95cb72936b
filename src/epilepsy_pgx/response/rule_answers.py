"""What rules answer beside a clinical entry, shared by patients whose genes they cannot tell apart.

A rule asks for a gene or two, and of each it tells few results apart. Whatever else differs between
two patients, it says the same of both beside the same entry, so that each answer is worked out once
for many.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import VariantFinding
from epilepsy_pgx.response.candidates import GeneCandidates
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.monogenic import GeneFinding
from epilepsy_pgx.response.open_results import findings_of
from epilepsy_pgx.response.questions import Group, RuleQuestions, Told
from epilepsy_pgx.response.reading import Way
from epilepsy_pgx.response.rule_bits import Place
from epilepsy_pgx.response.rules import Fired, Fires
from epilepsy_pgx.sharing import OfPart

_ANSWERS = 65536
"""Answers of rules that are kept."""

Answer = Callable[[Place], Fired | None]
"""What a rule says about a patient."""


class RuleAnswers:
    """Remembers what rules answer.

    Parameters
    ----------
    asked
        The rules by what they ask for.
    """

    def __init__(self, asked: RuleQuestions) -> None:
        self._asked = asked
        self._numbers: dict[Hashable, int] = {}
        self._known: dict[tuple[object, ...], Fired | None] = {}
        self._fired: dict[tuple[object, ...], tuple[Fired, ...]] = {}
        about = {subject for subjects in asked.about.values() for subject in subjects}
        self._subjects = tuple(sorted(about.union(asked.deciding, asked.found)))
        self._called = OfPart(self._number_called)
        self._alike: dict[tuple[str, int], int] = {}
        self._told: dict[tuple[str, int], Told | None] = {}

    def number(self, known: Hashable) -> int:
        """Return a number for something; the same for what is equal."""
        return self._numbers.setdefault(known, len(self._numbers))

    def numbers(self, facts: PatientFacts) -> dict[str, int]:
        """Return, by gene or position, a number for all that is known of it."""
        return {subject: self.number_of(subject, facts) for subject in self._subjects}

    def classes(self, facts: PatientFacts, numbers: Mapping[str, int]) -> dict[str, int]:
        """Return, by gene or position, a number for what rules and lines tell apart of it.

        Parameters
        ----------
        numbers
            What is known of each.
        """
        return {subject: self._class(subject, numbers[subject], facts) for subject in numbers}

    def _class(self, subject: str, number: int, facts: PatientFacts) -> int:
        key = (subject, number)
        if key not in self._alike:
            told = self.told(subject, number, facts)
            self._alike[key] = self.number((subject, number if told is None else told))
        return self._alike[key]

    def told(self, subject: str, number: int, facts: PatientFacts) -> Told | None:
        """Return what rules and lines tell apart of a gene or position; None for all of it.

        Parameters
        ----------
        number
            What is known of it.
        """
        key = (subject, number)
        if key not in self._told:
            self._told[key] = self._asked.told_apart(subject, facts)
        return self._told[key]

    def number_of(self, subject: str, facts: PatientFacts) -> int:
        """Return a number for all that is known of a gene or position."""
        found, read = facts.findings.get(subject), facts.coverage.get(subject)
        site, called = facts.sites.get(subject), facts.genes.get(subject)
        return self.number(
            (
                called and self._called(called),
                found and seen_of(found),
                read and (read.status, read.known_absent, read.known_total),
                site and (site.gene, site.status, site.alleles),
                facts.bases.get(subject),
            )
        )

    def _number_called(self, called: GeneCandidates) -> int:
        # What a text or an order names beside is nothing that a rule asks for.
        return self.number(replace(called, missing_sites=(), shown=(), reported=()))

    def beside(self, entry: int, numbers: Mapping[str, int], facts: PatientFacts) -> Answer:
        """Return what answers for a patient.

        Parameters
        ----------
        entry
            A number for the clinical entry.
        numbers
            What is told apart of each gene.
        facts
            The patient.
        """
        patient, known, about = self._patient(entry, facts), self._known, self._asked.about

        def answer(place: Place) -> Fired | None:
            key = (patient, place, *[numbers[subject] for subject in about.get(place, ())])
            if key in known:
                return known[key]
            if len(known) >= _ANSWERS:
                known.clear()
            hit = known[key] = self._asked.fire(place, facts)
            return hit

        return answer

    def fires_at(self, way: Way, numbers: Mapping[str, int], rules: int) -> Fires:
        """Return what some rules say, as `beside` does, in the order of their table.

        Rules that name no drug of the way answer as they did beside another one.
        """
        unmask = self._asked.unmask
        own, alike = rules, 0
        if way.alike is not None:
            own, alike = rules & way.naming, rules & ~way.naming
        by_table = _by_table(unmask(own)), _by_table(unmask(alike))

        def fires(table: int, facts: PatientFacts) -> list[Fired]:
            hits: list[Fired] = []
            for entry, places in zip((way.entry, way.alike), by_table, strict=True):
                if found := places.get(table):
                    answer = self.beside(entry or 0, numbers, facts)
                    hits += [hit for place in found if (hit := answer(place))]
            return sorted(hits, key=lambda hit: self._asked.place[id(hit.rule)])

        return fires

    def fires(
        self,
        scope: frozenset[str],
        entry: int,
        numbers: Mapping[str, int],
        may_hold: Callable[[Place], bool],
    ) -> Fires:
        """Return what the rules that bear on some lines say.

        Parameters
        ----------
        scope
            The lines.
        entry, numbers
            As for `beside`.
        may_hold
            Says no of rules that cannot hold.
        """
        groups, place = self._asked.groups(scope), self._asked.place

        def fires(table: int, facts: PatientFacts) -> list[Fired]:
            patient = self._patient(entry, facts)
            hits: list[Fired] = []
            for group in groups[table]:
                key = (patient, group.places, *[numbers[subject] for subject in group.about])
                found = self._fired.get(key)
                if found is None:
                    left = tuple(filter(may_hold, group.places))
                    found = self._keep(key, Group(group.about, left), facts)
                hits += found
            return sorted(hits, key=lambda hit: place[id(hit.rule)])

        return fires

    def _keep(
        self, key: tuple[object, ...], group: Group, facts: PatientFacts
    ) -> tuple[Fired, ...]:
        if len(self._fired) >= _ANSWERS:
            self._fired.clear()
        found = tuple(self._asked.fire_group(group, facts)) if group.places else ()
        self._fired[key] = found
        return found

    def _patient(self, entry: int, facts: PatientFacts) -> int:
        """Return a number for all but the genes on which an answer may depend."""
        words = (entry, facts.has_pathogenic, facts.stopping, *sorted(facts.computed.items()))
        return self.number(words)


def seen_of(found: GeneFinding) -> Hashable:
    """Return all of a gene's findings on which an answer may depend; depth is no part."""
    if not found.states:
        return found.status
    states = tuple((state, evidence.sound) for state, evidence in found.states)
    return found.status, states, tuple(map(_seen, findings_of(found)))


def _seen(f: VariantFinding) -> Hashable:
    return (f.key, f.hgvs_c, f.hgvs_p, f.curated_id, f.zygosity, f.status, f.direction) + (
        f.truncating,
        f.classifications,
        f.phase_set,
    )


def _by_table(places: Iterable[Place]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = {}
    for place in places:
        found.setdefault(place[0], []).append(place)
    return found
