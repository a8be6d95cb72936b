"""What may change in each line of a report, shared by the patients who have equal parts.

A line depends on the clinical entry and on the genes that its rules ask for, so that what may
change in it is worked out once for all patients in whom these are the same: what answers of the
entry may change, for all whose genes the rules do not tell apart.
"""

from collections.abc import Iterable, Mapping, Sequence

from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.open_results import OpenItem
from epilepsy_pgx.response.prints import Change, Changes
from epilepsy_pgx.response.probe import Probe
from epilepsy_pgx.response.questions import ENTRY

_LINES = 32768
"""Lines of which it is kept what may change."""

ItemKey = tuple[str, str]
"""Kind and subject of an item."""
Entry = tuple[ItemKey, str, Change]
"""An item, a line, and what changes in it."""
Key = tuple[object, ...]
"""A line, and all of a patient that what may change in it depends on."""


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
        self._known: dict[Key, tuple[Entry, ...]] = {}
        self._same: dict[Entry, Entry] = {}

    def of(self, facts: PatientFacts, items: Sequence[OpenItem]) -> Mapping[ItemKey, Changes]:
        """Return what some items that are open may change."""
        if facts.signs:
            # Under signs a drug may have to be stopped, and on this every line may hang.
            reading = self._probe.read(facts)
            return {(i.kind, i.subject): self._probe.changes(reading, i) for i in items}
        found: dict[ItemKey, Changes] = {}
        for of_genes, keys in zip((True, False), self._keys(facts), strict=True):
            some = [item for item in items if bool(item.genes) is of_genes]
            for entries in self._entries(facts, some, keys):
                for item, line, change in entries:
                    found.setdefault(item, {})[line] = change
        return found

    def _entries(
        self, facts: PatientFacts, items: Sequence[OpenItem], keys: Mapping[str, Key]
    ) -> list[tuple[Entry, ...]]:
        """Return what some items may change in each line; its key is all that it hangs on."""
        missing = {line for line, key in keys.items() if key not in self._known}
        fresh: dict[Key, tuple[Entry, ...]] = {}
        if missing:
            made = self._work_out(facts, items, frozenset(missing))
            fresh = {keys[line]: entries for line, entries in made.items()}
        found = [fresh[key] if key in fresh else self._known[key] for key in keys.values()]
        self._keep(fresh)
        return found

    def _keep(self, fresh: Mapping[Key, tuple[Entry, ...]]) -> None:
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

    def _keys(self, facts: PatientFacts) -> tuple[dict[str, Key], dict[str, Key]]:
        """Return, by line, all on which it may depend what results, and what answers, change."""
        numbers = self._probe.answers.numbers(facts)
        classes = self._probe.answers.classes(facts, numbers)
        # A model looks at more of a variant than a rule does.
        modelled = classes | {gene: numbers[gene] for gene in self._probe.modelled}
        entry = self._probe.entry(facts.clinical)
        # Some texts are others beside a pathogenic variant, which an item may add or take away.
        pathogenic = min(2, facts.pathogenic_genes)
        of_genes: dict[str, Key] = {}
        of_entry: dict[str, Key] = {}
        for line, subjects in self._lines:
            of_genes[line] = (True, line, entry, pathogenic, *[numbers[s] for s in subjects])
            told = modelled if line == ENTRY else classes
            of_entry[line] = (False, line, entry, pathogenic, *[told[s] for s in subjects])
        return of_genes, of_entry
