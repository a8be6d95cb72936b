"""What rules say of patients, made once for all whom they cannot tell apart.

A rule looks at the clinical entry and at a gene or two. Of most genes nothing was found in most
patients, so that what is said of one is said of many, with the same reasons.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.rules import Fired, Fires, RuleIndex
from epilepsy_pgx.sharing import OfPart

_KEPT = 32768
"""Answers of groups of rules that are kept."""
_ENTRIES = 4096
"""Clinical entries, with what was worked out of them, that are kept."""

_Said = tuple[tuple[int, Fired], ...]


class _Group(NamedTuple):
    """Rules of a table that ask for the same genes and positions."""

    about: tuple[str, ...]
    places: tuple[int, ...]


def _grouped(index: RuleIndex) -> tuple[_Group, ...]:
    found: dict[tuple[str, ...], list[int]] = {}
    for place, rule in enumerate(index.rules):
        about = {subject for kind, subject, *_ in rule.kinds if kind != "clinical"}
        found.setdefault(tuple(sorted(about)), []).append(place)
    return tuple(_Group(about, tuple(places)) for about, places in found.items())


class RuleMemory:
    """Remembers what the rules of some tables say.

    Parameters
    ----------
    tables
        The rules.
    """

    def __init__(self, tables: Sequence[RuleIndex]) -> None:
        self._tables = tuple(tables)
        self._groups = tuple(map(_grouped, tables))
        about = (subject for groups in self._groups for group in groups for subject in group.about)
        self._about = tuple(dict.fromkeys(about))
        self._fired: dict[tuple[object, ...], _Said] = {}
        self._entries: dict[object, int] = {}
        self._known: dict[object, int] = {}
        # Numbers are never given twice: what is forgotten is asked again.
        self._new = count(1)
        self._number = OfPart(self._next)

    def of(self, patient: PatientFacts) -> Fires:
        """Return what asks the rules about a patient, whatever is worked out of the entry."""
        known = {subject: self._known_of(subject, patient) for subject in self._about}

        def fires(table: int, facts: PatientFacts) -> list[Fired]:
            entry = self._entry(facts)
            hits: list[tuple[int, Fired]] = []
            for number, group in enumerate(self._groups[table]):
                key = (table, number, entry, *[known[subject] for subject in group.about])
                found = self._fired.get(key)
                if found is None:
                    found = self._keep(key, table, group, facts)
                hits += found
            # Table order, as if each rule had been asked in its turn.
            return [hit for _, hit in sorted(hits, key=_place)]

        return fires

    def forget(self) -> None:
        """Drop what was kept of earlier patients."""
        self._fired.clear()
        self._entries.clear()
        self._known.clear()

    def _next(self, _: object) -> int:
        return next(self._new)

    def _keep(
        self, key: tuple[object, ...], table: int, group: _Group, facts: PatientFacts
    ) -> _Said:
        if len(self._fired) >= _KEPT:
            self._fired.clear()
        index = self._tables[table]
        asked = ((place, index.fire_one(place, facts)) for place in group.places)
        found = self._fired[key] = tuple((p, hit) for p, hit in asked if hit is not None)
        return found

    def _entry(self, facts: PatientFacts) -> int:
        """Return a number for all but the genes on which an answer may depend."""
        if len(self._entries) >= _ENTRIES:
            self._entries.clear()
        worked_out = (facts.has_pathogenic, facts.stopping, tuple(sorted(facts.computed.items())))
        key = (facts.clinical, *worked_out)
        return _numbered(self._entries, key, self._new)

    def _known_of(self, subject: str, facts: PatientFacts) -> int:
        """Return a number for all that is known of a gene or a position."""
        gene, found = facts.genes.get(subject), facts.findings.get(subject)
        key = (
            # Equal results of patients are one object for the most part.
            gene and self._number(gene),
            found and self._number(found),
            facts.sites.get(subject),
            facts.bases.get(subject),
        )
        if len(self._known) >= _KEPT:
            self._known.clear()
        return _numbered(self._known, key, self._new)


def _numbered(known: dict[object, int], key: object, new: Iterator[int]) -> int:
    found = known.get(key)
    if found is None:
        found = known[key] = next(new)
    return found


def _place(hit: tuple[int, Fired]) -> int:
    return hit[0]
