"""What is the same for many patients is made once: memory by the object, not by its value.

Parts of reports are frozen, so that what is made of one holds for as long as it is the same
object. To ask for the object is quick however large it is, and needs no thought of what it holds.
"""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")
Part = TypeVar("Part")
Made = TypeVar("Made")

PARTS = 4096
"""Parts that are kept of the patients before, at least: several times those of one report."""


class Recent(Generic[Key, Value]):
    """Keeps what was used last.

    Parameters
    ----------
    most
        How much is kept at least; at most twice as much.
    """

    def __init__(self, most: int = PARTS) -> None:
        self._most = most
        self.new: dict[Key, Value] = {}
        """What was used or put last."""
        self._old: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """Return what is kept under a key."""
        found = self.new.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: Key, value: Value) -> None:
        """Keep something."""
        if len(self.new) >= self._most:
            self._old, self.new = self.new, {}
        self.new[key] = value


class OfPart(Generic[Part, Made]):
    """Remembers what is made of frozen objects, each as long as it is kept here.

    Parameters
    ----------
    make
        Makes it of an object and of nothing else that changes.
    most
        Of how many objects it is remembered at least.
    """

    def __init__(self, make: Callable[[Part], Made], most: int = PARTS) -> None:
        self._make = make
        # The object stands beside what was made of it: no other can get its number meanwhile.
        self._kept: Recent[int, tuple[Part, Made]] = Recent(most)

    def __call__(self, part: Part) -> Made:
        """Return what is made of an object."""
        # Asked of each drug of a report, many times: no call that can be spared.
        number = id(part)
        try:
            return self._kept.new[number][1]
        except KeyError:
            found = self._kept.get(number)
        if found is None:
            found = part, self._make(part)
            self._kept.put(number, found)
        return found[1]


class OfParts:
    """Remembers what is made of some frozen objects and words together, by what it is."""

    def __init__(self, most: int = PARTS) -> None:
        self._kept: Recent[tuple[object, ...], tuple[object, Any]] = Recent(most)

    def __call__(
        self, what: str, parts: tuple[object, ...], more: Hashable, make: Callable[[], Made]
    ) -> Made:
        """Return what is made.

        Parameters
        ----------
        what
            What it is: one function, which makes the same of the same.
        parts
            The objects that it is made of.
        more
            Everything else that it is made of.
        make
            Makes it, of nothing else.
        """
        # Asked many thousand times for a report: no call that can be spared.
        key = (what, id(parts[0]) if len(parts) == 1 else tuple(map(id, parts)), more)
        try:
            known: Made = self._kept.new[key][1]
        except KeyError:
            found = self._kept.get(key)
        else:
            return known
        if found is None:
            # The objects stand beside: no other can get their numbers meanwhile.
            found = parts, make()
            self._kept.put(key, found)
        made: Made = found[1]
        return made


class Hashed:
    """A value whose hash is worked out once; two of equal values are equal."""

    __slots__ = ("_hash", "value")

    def __init__(self, value: Hashable) -> None:
        self.value = value
        self._hash = hash(value)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Hashed) or self._hash != other._hash:
            return False
        return self.value == other.value
