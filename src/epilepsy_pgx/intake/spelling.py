"""Which known name a word that no table has may be a misspelling of.

Names of medicines share whole endings (-gravir, -conazole, -peridone), so that two real names are
often more alike than a name and its misspelling. A slip changes a letter or two and rarely those
that a word begins with; a medicine's name changes its beginning.
"""

from collections.abc import Iterable
from difflib import get_close_matches

_SIMILAR = 0.75
_LOOKED_AT = 8
_SLIPS = 2
_BEGINNING = 2
"""Letters that a word with two slips must share with the name."""


def edits(one: str, other: str) -> int:
    """Count the letters to change, add, leave out or swap with a neighbour between two words.

    Examples
    --------
    >>> edits("carbamazpine", "carbamazepine"), edits("valporate", "valproate")
    (1, 1)
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]


def misspelt(word: str, names: Iterable[str]) -> list[str]:
    """Return the names that a word is a slip away from, the nearest first.

    Examples
    --------
    >>> misspelt("carbamazpine", ["carbamazepine", "oxcarbazepine"])
    ['carbamazepine']
    >>> misspelt("doravirine", ["etravirine"])
    []
    """
    found = []
    for name in get_close_matches(word, names, _LOOKED_AT, _SIMILAR):
        slips = edits(word, name)
        if slips == 1 or (slips <= _SLIPS and word[:_BEGINNING] == name[:_BEGINNING]):
            found.append((slips, name))
    return [name for _, name in sorted(found)]
