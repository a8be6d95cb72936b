"""What is the same for many patients is made once: memory by the object, not by its value.

Parts of reports are frozen, so that what is made of one holds for as long as it is the same
object. To ask for the object is quick however large it is, and needs no thought of what it holds.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

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
        self._new: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """Return what is kept under a key."""
        found = self._new.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: Key, value: Value) -> None:
        """Keep something."""
        if len(self._new) >= self._most:
            self._old, self._new = self._new, {}
        self._new[key] = value


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
        found = self._kept.get(id(part))
        if found is None:
            found = part, self._make(part)
            self._kept.put(id(part), found)
        return found[1]
