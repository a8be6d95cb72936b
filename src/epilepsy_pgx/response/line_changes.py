"""What may change in each line of a report, shared by the patients who have equal parts.

A line depends on the clinical entry and on the genes that its rules ask for, so that what may
change in it is worked out once for all patients in whom these are the same.
"""

from collections.abc import Iterable, Mapping, Sequence

from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.open_results import OpenItem
from epilepsy_pgx.response.prints import Change, Changes
from epilepsy_pgx.response.probe import Probe
from epilepsy_pgx.response.questions import ENTRY

_LINES = 16384
"""Lines of which it is kept what may change."""

ItemKey = tuple[str, str]
"""Kind and subject of an item."""
Entry = tuple[ItemKey, str, Change]
"""An item, a line, and what changes in it."""


class LineChanges:
    """Works out what may change, line by line.

    Parameters
    ----------
    probe
        What asks the rules.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._lines = [(line, tuple(sorted(on))) for line, on in sorted(probe.subjects.items())]
        self._known: dict[tuple[object, ...], tuple[Entry, ...]] = {}
        self._same: dict[Entry, Entry] = {}

    def of(self, facts: PatientFacts, items: Sequence[OpenItem]) -> Mapping[ItemKey, Changes]:
        """Return what some items that are open may change."""
        if facts.signs:
            # Under signs a drug may have to be stopped, and on this every line may hang.
            reading = self._probe.read(facts)
            return {(i.kind, i.subject): self._probe.changes(reading, i) for i in items}
        keys = self._keys(facts)
        missing = {line for line, key in keys.items() if key not in self._known}
        fresh: dict[tuple[object, ...], tuple[Entry, ...]] = {}
        if missing:
            made = self._work_out(facts, items, frozenset(missing))
            fresh = {keys[line]: entries for line, entries in made.items()}
        found: dict[ItemKey, Changes] = {}
        for key in keys.values():
            for item, line, change in fresh[key] if key in fresh else self._known[key]:
                found.setdefault(item, {})[line] = change
        self._keep(fresh)
        return found

    def _keep(self, fresh: Mapping[tuple[object, ...], tuple[Entry, ...]]) -> None:
        if len(self._known) + len(fresh) > _LINES:
            self._known.clear()
            self._same.clear()
        self._known.update(fresh)

    def _work_out(
        self, facts: PatientFacts, items: Iterable[OpenItem], lines: frozenset[str]
    ) -> dict[str, tuple[Entry, ...]]:
        """Return what each of some lines may change to."""
        reading = self._probe.read(facts, lines)
        made: dict[str, list[Entry]] = {line: [] for line in lines}
        for item in items:
            for line, change in self._probe.changes(reading, item).items():
                entry = ((item.kind, item.subject), line, change)
                of = line if line in self._probe.lines else ENTRY
                if of in made:
                    made[of].append(self._same.setdefault(entry, entry))
        return {line: tuple(entries) for line, entries in made.items()}

    def _keys(self, facts: PatientFacts) -> dict[str, tuple[object, ...]]:
        """Return, by line, all of a patient that it may depend on."""
        numbers, entry = self._probe.answers.numbers(facts), self._probe.entry(facts.clinical)
        # Some texts are others beside a pathogenic variant, which an item may add or take away.
        pathogenic = min(2, facts.pathogenic_genes)
        return {
            line: (line, entry, pathogenic, *[numbers[s] for s in subjects])
            for line, subjects in self._lines
        }
