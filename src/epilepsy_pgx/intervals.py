"""Arithmetic of intervals of the genome: 0-based, half-open, by name of the sequence."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

Interval = tuple[str, int, int]
"""Sequence, start and end."""


def merge(intervals: Iterable[Interval], gap: int = 0) -> list[Interval]:
    """Join intervals with at most `gap` bases between them, in order of names and starts.

    Examples
    --------
    >>> merge([("2", 5, 9), ("1", 0, 4), ("2", 9, 12)])
    [('1', 0, 4), ('2', 5, 12)]
    """
    merged: list[Interval] = []
    for name, start, end in sorted(intervals):
        if merged and merged[-1][0] == name and start <= merged[-1][2] + gap:
            merged[-1] = (name, merged[-1][1], max(merged[-1][2], end))
        else:
            merged.append((name, start, end))
    return merged


class Spans:
    """Merged intervals on one sequence."""

    __slots__ = ("ends", "starts")

    def __init__(self) -> None:
        """Begin without one."""
        self.starts: list[int] = []
        self.ends: list[int] = []

    def __bool__(self) -> bool:
        return bool(self.starts)

    def covers(self, start: int, end: int) -> bool:
        """Say whether all of an interval lies inside one interval."""
        i = bisect_right(self.starts, start) - 1
        return i >= 0 and self.ends[i] >= end

    def meets(self, start: int, end: int) -> bool:
        """Say whether some base of an interval lies inside an interval."""
        i = bisect_right(self.ends, start)
        return i < len(self.ends) and self.starts[i] < end

    def overlap(self, start: int, end: int) -> int:
        """Return how many bases of an interval lie inside intervals."""
        first, last = bisect_right(self.ends, start), bisect_left(self.starts, end)
        inside = zip(self.starts[first:last], self.ends[first:last], strict=True)
        return sum(min(end, high) - max(start, low) for low, high in inside)


class Intervals:
    """Merged intervals to look places up in, by bisection of their starts or ends."""

    def __init__(self, intervals: Iterable[Interval]) -> None:
        self._by_name: dict[str, Spans] = {}
        for name, start, end in merge(intervals):
            spans = self._by_name.setdefault(name, Spans())
            spans.starts.append(start)
            spans.ends.append(end)

    def covers(self, name: str, start: int, end: int) -> bool:
        """Say whether all of an interval lies inside one interval."""
        return self.on(name).covers(start, end)

    def meets(self, name: str, start: int, end: int) -> bool:
        """Say whether some base of an interval lies inside an interval."""
        return self.on(name).meets(start, end)

    def overlap(self, name: str, start: int, end: int) -> int:
        """Return how many bases of an interval are covered."""
        return self.on(name).overlap(start, end)

    def size(self, name: str) -> int:
        """Return how many bases of a sequence are covered."""
        spans = self.on(name)
        return sum(spans.ends) - sum(spans.starts)

    def on(self, name: str) -> Spans:
        """Return those on one sequence, for loops that look up a line at a time."""
        return self._by_name.get(name, _NO_SPANS)


_NO_SPANS = Spans()


class Overlaps:
    """Intervals that keep their numbers, to ask which of them an interval meets.

    They are looked up by bisection of their starts, from as far back as the widest reaches.

    Examples
    --------
    >>> exons = Overlaps([("1", 0, 4), ("1", 2, 9), ("2", 0, 4)])
    >>> exons.meeting("1", 3, 5), exons.meeting("1", 4, 5), exons.meeting("X", 0, 9)
    ([0, 1], [1], [])
    """

    def __init__(self, intervals: Iterable[Interval]) -> None:
        by_name: dict[str, list[tuple[int, int, int]]] = {}
        for number, (name, start, end) in enumerate(intervals):
            by_name.setdefault(name, []).append((start, end, number))
        self._by_name: dict[str, tuple[list[int], list[int], list[int], int]] = {}
        for name, found in by_name.items():
            found.sort()
            widest = max(end - start for start, end, _ in found)
            self._by_name[name] = (
                [start for start, _, _ in found],
                [end for _, end, _ in found],
                [number for _, _, number in found],
                widest,
            )

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def on(self, name: str) -> list[int]:
        """Return the numbers of all on one sequence, in order of their starts."""
        return self._by_name[name][2] if name in self._by_name else []

    def meeting(self, name: str, start: int, end: int) -> list[int]:
        """Return the numbers of those that share a base with an interval, ascending."""
        if name not in self._by_name:
            return []
        starts, ends, numbers, widest = self._by_name[name]
        first = bisect_right(starts, start - widest)
        last = bisect_left(starts, end, lo=first)
        met = [numbers[i] for i in range(first, last) if ends[i] > start]
        met.sort()
        return met
