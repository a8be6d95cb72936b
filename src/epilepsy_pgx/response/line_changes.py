"""What may change in each line of a report, shared by the patients who have equal parts.

A line depends on the clinical entry and on how its few questions to some genes are answered. What
an answer of the entry may change in it is worked out once for all patients in whom these are the
same; what a result of a gene may change, once for all in whom it may also turn out to answer the
questions of the line in the same ways.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.response.bundles import Bundle
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.open_results import OpenItem
from epilepsy_pgx.response.prints import Change, Changes
from epilepsy_pgx.response.probe import Probe
from epilepsy_pgx.response.reading import Reading
from epilepsy_pgx.sharing import OfParts

_KEPT = 32768
"""Answers of each kind that are kept."""
_JOINED = 8192
"""Items of which it is kept what they change by line, at least."""

ItemKey = tuple[str, str]
"""Kind and subject of an item."""
LineChange = tuple[str, Change]
Entry = tuple[ItemKey, str, Change]
"""An item, a line, and what changes in it."""
Key = tuple[object, ...]


class _Open(NamedTuple):
    """Something open of a gene, as a bundle of lines sees it."""

    item: ItemKey
    ways: tuple[tuple[int, bool], ...]
    """What the bundle tells apart of each way in which it may turn out, and whether a variant of
    the gene counts as pathogenic then; each once, in their order."""


class _Seen(NamedTuple):
    """What a bundle of lines tells apart of a gene or position, and what is open of it."""

    token: int
    """A number for all of it."""
    now: int
    pathogenic: bool
    open: tuple[_Open, ...]


@dataclass(frozen=True, slots=True)
class _Patient:
    """A patient, and what is asked about."""

    facts: PatientFacts
    beside: tuple[int, int]
    """A number for the clinical entry, and genes with pathogenic variants, at most two."""
    seen: Mapping[str, Mapping[int, _Seen]]
    """By gene or position and bundle."""
    items: Mapping[ItemKey, OpenItem]
    of_entry: tuple[OpenItem, ...]
    """Those of the items that are about the clinical entry."""


class _Before(NamedTuple):
    """The patient before, of whom the next one differs in a few genes."""

    beside: tuple[int, int]
    seen: Mapping[str, Mapping[int, _Seen]]
    entries: Mapping[int, tuple[tuple[Entry, ...], tuple[Entry, ...]]]
    """By bundle, what results of genes and what answers of the entry may change."""


class LineChanges:
    """Works out what may change, bundle of lines by bundle.

    Parameters
    ----------
    probe
        What asks the rules.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe, self._answers = probe, probe.answers
        self._bundles = probe.bundles
        self._seen: dict[Key, Mapping[int, _Seen]] = {}
        self._of_entry: dict[Key, tuple[Entry, ...]] = {}
        self._of_genes: dict[Key, tuple[Entry, ...]] = {}
        self._of_item: dict[Key, tuple[LineChange, ...]] = {}
        self._same: dict[Entry, Entry] = {}
        self._before: _Before | None = None
        self._joined = OfParts(_JOINED)

    def of(self, facts: PatientFacts, items: Sequence[OpenItem]) -> Mapping[ItemKey, Changes]:
        """Return what the items that are open may change.

        Parameters
        ----------
        items
            All of the patient's that are ever asked about: what they change is kept for the next.

        Returns
        -------
        Mapping
            By item; where the same changes in the same lines, most often the same object.
        """
        if facts.signs:
            # Under signs a drug may have to be stopped, and on this every line may hang.
            reading = self._probe.read(facts)
            return {(i.kind, i.subject): self._probe.changes(reading, i) for i in items}
        patient = self._patient(facts, items)
        found: dict[ItemKey, list[Entry]] = {}
        for both in self._entries(patient):
            for entries in both:
                for entry in entries:
                    found.setdefault(entry[0], []).append(entry)
        return {item: self._join(tuple(entries)) for item, entries in found.items()}

    def _join(self, entries: tuple[Entry, ...]) -> Changes:
        """Return what changes by line."""
        return self._joined("changes", entries, None, lambda: {e[1]: e[2] for e in entries})

    def _patient(self, facts: PatientFacts, items: Sequence[OpenItem]) -> _Patient:
        open_of: dict[str, list[OpenItem]] = {}
        of_entry = []
        for item in items:
            if not item.genes:
                of_entry.append(item)
            for gene in item.genes:
                open_of.setdefault(gene, []).append(item)
        # Some texts are others beside a pathogenic variant, which an item may add or take away.
        beside = self._probe.entry(facts.clinical), min(2, facts.pathogenic_genes)
        return _Patient(
            facts,
            beside,
            {
                subject: self._see(subject, number, facts, open_of.get(subject, ()))
                for subject, number in self._answers.numbers(facts).items()
            },
            {(item.kind, item.subject): item for item in items},
            tuple(of_entry),
        )

    def _see(
        self, subject: str, number: int, facts: PatientFacts, items: Sequence[OpenItem]
    ) -> Mapping[int, _Seen]:
        """Return what each bundle sees of a gene or position; the number is for all of it."""
        key = (subject, number, *[(item.kind, item.subject) for item in items])
        if key not in self._seen:
            _make_room(self._seen)
            now = self._bundles.classes(subject, number, facts)
            ways = [(item, [*self._ways(subject, item)]) for item in items]
            pathogenic = _is_pathogenic(subject, facts)
            self._seen[key] = {
                bundle: self._seen_by(bundle, mine, pathogenic, ways)
                for bundle, mine in now.items()
            }
        return self._seen[key]

    def _ways(self, subject: str, item: OpenItem) -> Iterator[tuple[Mapping[int, int], bool]]:
        """Yield what bundles tell apart of each way in which a gene may turn out."""
        for way in item.ways():
            number = self._answers.number_of(subject, way)
            classes = self._bundles.classes(subject, number, way)
            yield classes, _is_pathogenic(subject, way)

    def _seen_by(
        self,
        bundle: int,
        now: int,
        pathogenic: bool,
        ways: Iterable[tuple[OpenItem, list[tuple[Mapping[int, int], bool]]]],
    ) -> _Seen:
        found = tuple(
            _Open(
                (item.kind, item.subject),
                tuple(dict.fromkeys((classes[bundle], bad) for classes, bad in some)),
            )
            for item, some in ways
        )
        return _Seen(self._answers.number((now, pathogenic, found)), now, pathogenic, found)

    def _entries(self, patient: _Patient) -> Iterable[tuple[tuple[Entry, ...], tuple[Entry, ...]]]:
        """Return what the items may change in each bundle."""
        seen, beside = patient.seen, patient.beside
        genes: dict[Key, Bundle] = {}
        entry: dict[Key, Bundle] = {}
        keys: dict[int, tuple[Key, Key]] = {}
        for bundle in self._bundles_to_ask(patient):
            number = bundle.number
            of_genes: Key = (number, *beside, *[seen[s][number].token for s in bundle.touched])
            if of_genes not in self._of_genes:
                genes[of_genes] = bundle
            of_entry: Key = (number, *beside, *[seen[s][number].now for s in bundle.subjects])
            if of_entry not in self._of_entry:
                entry[of_entry] = bundle
            keys[number] = of_genes, of_entry
        # What is made may push out what is known.
        known = {n: (self._of_genes.get(g), self._of_entry.get(e)) for n, (g, e) in keys.items()}
        by_genes, by_entry = self._made(patient, genes, entry) if genes or entry else ({}, {})
        entries = {} if self._before is None else dict(self._before.entries)
        for number, (of_genes, of_entry) in keys.items():
            one, other = known[number]
            entries[number] = (
                by_genes[of_genes] if one is None else one,
                by_entry[of_entry] if other is None else other,
            )
        self._before = _Before(beside, seen, entries)
        return entries.values()

    def _bundles_to_ask(self, patient: _Patient) -> Iterable[Bundle]:
        """Return the bundles that see anything else of a patient than of the one before."""
        before = self._before
        if before is None or before.beside != patient.beside:
            return self._bundles.all
        # What is seen of a gene is one object for as long as it is kept.
        found: dict[int, Bundle] = {}
        for subject, seen in patient.seen.items():
            if before.seen[subject] is not seen:
                found |= {b.number: b for b in self._bundles.touching.get(subject, ())}
        return found.values()

    def _made(
        self, patient: _Patient, genes: Mapping[Key, Bundle], entry: Mapping[Key, Bundle]
    ) -> tuple[dict[Key, tuple[Entry, ...]], dict[Key, tuple[Entry, ...]]]:
        """Return what the items may change in bundles of which it is not known."""
        asked = {key: self._asked(bundle, patient) for key, bundle in genes.items()}
        missing = [genes[key] for key, items in asked.items() if not self._are_known(items)]
        scope = frozenset().union(*(b.lines for b in (*missing, *entry.values())))
        reading = self._probe.read(patient.facts, scope) if scope else None
        known = self._of_items(patient, genes, asked, reading)
        made = {}
        for key, items in asked.items():
            entries = ((i, line, c) for i, told in items.items() for line, c in known[told])
            made[key] = tuple(map(self._shared, entries))
            _make_room(self._of_genes)
            self._of_genes[key] = made[key]
        fresh: dict[Key, tuple[Entry, ...]] = {}
        if entry and reading is not None:
            _make_room(self._of_entry, len(entry))
            fresh = self._answered(patient, entry, reading)
            self._of_entry.update(fresh)
        return made, fresh

    def _are_known(self, asked: Mapping[ItemKey, Key]) -> bool:
        return self._of_item.keys() >= {*asked.values()}

    def _asked(self, bundle: Bundle, patient: _Patient) -> dict[ItemKey, Key]:
        """Return the items on genes that a bundle hangs on, each with all that tells its answer."""
        number, seen = bundle.number, patient.seen
        found: dict[ItemKey, Key] = {}
        for subject in bundle.touched:
            mine = seen[subject][number]
            if mine.open:
                others = [seen[s][number].now for s in bundle.subjects if s != subject]
                known = (number, *patient.beside, subject, mine.now, mine.pathogenic, *others)
                for one in mine.open:
                    found[one.item] = (*known, one.ways)
        return found

    def _of_items(
        self,
        patient: _Patient,
        bundles: Mapping[Key, Bundle],
        asked: Mapping[Key, Mapping[ItemKey, Key]],
        reading: Reading | None,
    ) -> dict[Key, tuple[LineChange, ...]]:
        """Return what each item on a gene may change in some bundles, by what tells the answer.

        Of an item all bundles are asked about at once.
        """
        known: dict[Key, tuple[LineChange, ...]] = {}
        wanted: dict[ItemKey, dict[Key, frozenset[str]]] = {}
        for bundle, items in asked.items():
            for item, key in items.items():
                if (found := self._of_item.get(key)) is not None:
                    known[key] = found
                else:
                    wanted.setdefault(item, {})[key] = bundles[bundle].lines
        for item, scopes in wanted.items():
            assert reading is not None
            made = self._probe.changes_in(reading, patient.items[item], [*scopes.values()])
            known.update(zip(scopes, (tuple(some.items()) for some in made), strict=True))
            _make_room(self._of_item, len(scopes))
            self._of_item.update((key, known[key]) for key in scopes)
        return known

    def _answered(
        self, patient: _Patient, bundles: Mapping[Key, Bundle], reading: Reading
    ) -> dict[Key, tuple[Entry, ...]]:
        """Return what answers of the clinical entry may change in some bundles."""
        lines = frozenset().union(*(bundle.lines for bundle in bundles.values()))
        reading = replace(reading, scope=lines)
        found: dict[str, list[Entry]] = {line: [] for line in lines}
        for item in patient.of_entry:
            for line, change in self._probe.changes(reading, item).items():
                of = self._probe.line_of(line)
                if of in found:
                    found[of].append(self._shared(((item.kind, item.subject), line, change)))
        return {
            key: tuple(entry for line in sorted(bundle.lines) for entry in found[line])
            for key, bundle in bundles.items()
        }

    def _shared(self, entry: Entry) -> Entry:
        _make_room(self._same)
        return self._same.setdefault(entry, entry)


def _make_room(kept: dict[Any, Any], more: int = 1) -> None:
    """Forget what is kept if so much more would be too much."""
    if len(kept) + more > _KEPT:
        kept.clear()


def _is_pathogenic(subject: str, facts: PatientFacts) -> bool:
    """Say whether a variant of a gene counts as pathogenic."""
    found = facts.findings.get(subject)
    return found is not None and found.pathogenic
