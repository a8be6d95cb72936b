"""Sets of rules as the bits of a number: to join and to cut them costs next to nothing."""

from collections.abc import Iterable

Place = tuple[int, int]
"""A rule: its table, and its place there."""


class RuleBits:
    """Turns rules into bits of a number, and back.

    Parameters
    ----------
    places
        All rules.

    Examples
    --------
    >>> bits = RuleBits([(0, 0), (1, 0), (0, 1)])
    >>> bits.unmask(bits.every & ~bits.mask([(0, 1)]))
    [(0, 0), (1, 0)]
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = tuple(sorted(places))
        """All rules, by table and place."""
        self.of = {place: 1 << n for n, place in enumerate(self.places)}
        """The bit of each."""
        self.every = (1 << len(self.places)) - 1

    def mask(self, places: Iterable[Place]) -> int:
        """Return some rules as the bits of a number."""
        found, of = 0, self.of
        for place in places:
            found |= of[place]
        return found

    def unmask(self, rules: int) -> list[Place]:
        """Return rules that are bits of a number, in the order of their tables."""
        found, places = [], self.places
        while rules:
            low = rules & -rules
            found.append(places[low.bit_length() - 1])
            rules ^= low
        return found
