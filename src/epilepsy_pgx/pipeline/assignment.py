"""Decide which batch each patient is worked on in, so that one more moves nobody else.

A patient stays where an earlier plan put them; newcomers fill the first batch with room, or open
another one. What is reported never depends on the batch, only what is worked out again does.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field

from epilepsy_pgx.frozen import dataclass

MOST_BATCHES = 82
"""Three jobs each, one for each file that serves two of them or more, and a few for all: no run
has more than 300."""
COHORT_FACTOR = 20
"""A file of many samples is worth larger batches, since each of them opens what was cut of it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Patients whose data are in the same files."""

    key: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where the patients of a run are worked on."""

    size: int
    """Patients of a batch, as they were asked for."""
    batch: Mapping[str, str]
    """By sample id."""
    own: Mapping[str, str]
    """Key of the one file of a batch, by name of the batch, where it has no other."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the batches that hold patients, in order."""
        return tuple(sorted({*self.batch.values()}))


@dataclass(slots=True)
class _Plan:
    """Batches while they are filled."""

    size: int
    of_one_file: int
    """Most patients of a batch that has but one file."""
    held: Counter[str] = field(default_factory=Counter)
    """Patients by batch."""
    own: dict[str, str] = field(default_factory=dict)
    batch: dict[str, str] = field(default_factory=dict)
    _with_room: dict[str | None, list[str]] = field(default_factory=dict)

    def put(self, samples: Sequence[str], name: str) -> None:
        """Put patients into a batch."""
        self.batch.update(dict.fromkeys(samples, name))
        self.held[name] += len(samples)

    def room(self, count: int, key: str | None) -> str:
        """Return the batch for so many newcomers: one with room, a new one, or the emptiest."""
        limit = self.size if key is None else self.of_one_file
        if key not in self._with_room:
            self._with_room[key] = sorted(n for n in self.held if self.own.get(n) == key)
        names = self._with_room[key]
        names[:] = [n for n in names if self.held[n] < limit]
        for name in names:
            if self.held[name] + count <= limit:
                return name
        if len(self.held) >= MOST_BATCHES:
            alike = [n for n in self.held if self.own.get(n) == key] or [*self.held]
            name = min(alike, key=lambda n: (self.held[n], n))
            if self.own.get(name) != key:
                self.own.pop(name, None)
            return name
        number = 1
        while (name := f"batch{number:05d}") in self.held:
            number += 1
        self.held[name] = 0
        names.append(name)
        if key is not None:
            self.own[name] = key
        return name


def assign(units: Sequence[Unit], size: int, earlier: Assignment | None = None) -> Assignment:
    """Return the batch of each patient.

    The patients of a file with more than `size` make batches of their own, of up to twenty times
    that size, all alike; the others share batches of `size`. Above 82 batches they get larger.

    Parameters
    ----------
    earlier
        The plan before; one for another size, or that has come to use far too many batches, is
        not gone on with.

    Examples
    --------
    >>> first = assign([Unit("a", ("P1",)), Unit("b", ("P2",))], 1)
    >>> dict(first.batch)
    {'P1': 'batch00001', 'P2': 'batch00002'}
    >>> dict(assign([Unit("c", ("P0",)), Unit("b", ("P2",))], 1, first).batch)
    {'P2': 'batch00002', 'P0': 'batch00001'}
    """
    anew = _fill(units, size, None)
    if earlier is None or earlier.size != size:
        return anew
    kept = _fill(units, size, earlier)
    return kept if len(kept.names) <= 2 * len(anew.names) + 1 else anew


def _fill(units: Sequence[Unit], size: int, earlier: Assignment | None) -> Assignment:
    # Above so many patients each batch gets more, rather than the last ones all.
    least = -(-sum(len(u.samples) for u in units) // MOST_BATCHES)
    plan = _Plan(max(size, least), max(size * COHORT_FACTOR, least))
    new = [(unit, _stay(unit, plan, earlier)) for unit in units]
    for unit, samples in new:
        if not samples:
            continue
        key = unit.key if len(unit.samples) > plan.size else None
        most = plan.size if key is None else plan.of_one_file
        parts = -(-len(samples) // most)
        step = -(-len(samples) // parts)
        for at in range(0, len(samples), step):
            part = samples[at : at + step]
            plan.put(part, plan.room(len(part), key))
    return Assignment(size, plan.batch, plan.own)


def _stay(unit: Unit, plan: _Plan, earlier: Assignment | None) -> tuple[str, ...]:
    """Leave the patients of a unit where they were, and return the newcomers.

    All patients of a small file are in one batch, so that the file is opened once.
    """
    if earlier is None:
        return unit.samples
    large = len(unit.samples) > plan.size
    before = Counter(
        name
        for s in unit.samples
        if (name := earlier.batch.get(s)) is not None
        and earlier.own.get(name) == (unit.key if large else None)
    )
    if not before:
        return unit.samples
    if not large:
        name = min(before, key=lambda n: (-before[n], n))
        plan.put(unit.samples, name)
        return ()
    for name in before:
        plan.own[name] = unit.key
        plan.put([s for s in unit.samples if earlier.batch.get(s) == name], name)
    return tuple(s for s in unit.samples if earlier.batch.get(s) not in before)
