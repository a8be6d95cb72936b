"""Arithmetic of stretches of the genome: 0-based, half-open, by name of the sequence."""

from bisect import bisect_right
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


class Intervals:
    """Merged intervals to look places up in, by bisection of their starts or ends."""

    def __init__(self, intervals: Iterable[Interval]) -> None:
        self._by_name: dict[str, tuple[list[int], list[int]]] = {}
        for name, start, end in merge(intervals):
            starts, ends = self._by_name.setdefault(name, ([], []))
            starts.append(start)
            ends.append(end)

    def covers(self, name: str, start: int, end: int) -> bool:
        """Say whether all of a stretch lies inside one interval."""
        starts, ends = self.on(name)
        i = bisect_right(starts, start) - 1
        return i >= 0 and ends[i] >= end

    def meets(self, name: str, start: int, end: int) -> bool:
        """Say whether some base of a stretch lies inside an interval."""
        starts, ends = self.on(name)
        i = bisect_right(ends, start)
        return i < len(ends) and starts[i] < end

    def overlap(self, name: str, start: int, end: int) -> int:
        """Return how many bases of a stretch are covered."""
        return sum(
            max(0, min(end, high) - max(start, low))
            for low, high in zip(*self.on(name), strict=True)
        )

    def size(self, name: str) -> int:
        """Return how many bases of a sequence are covered."""
        return sum(high - low for low, high in zip(*self.on(name), strict=True))

    def on(self, name: str) -> tuple[list[int], list[int]]:
        """Return starts and ends on one sequence, for loops that look up a line at a time."""
        return self._by_name.get(name, _NONE)


_NONE: tuple[list[int], list[int]] = ([], [])
