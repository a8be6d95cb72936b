"""Entries of the ledger, each holding the digest of the one before it."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import field, fields
from enum import StrEnum
from typing import Protocol

from epilepsy_pgx.frozen import dataclass, replace

FILE = "ledger.sqlite"
"""Name of the ledger in a folder of results."""
RELEASED = "released"
"""Folder of the released files beside it."""
START = "sha256:" + "0" * 64
"""What the first entry follows."""


class Said(Protocol):
    """The parts of a statement that decide what somebody is told."""

    @property
    def statement_id(self) -> str: ...  # noqa: D102
    @property
    def text_id(self) -> str: ...  # noqa: D102
    @property
    def action_id(self) -> str | None: ...  # noqa: D102
    @property
    def further(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def drugs(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def conditional(self) -> bool: ...  # noqa: D102
    @property
    def hedged(self) -> bool: ...  # noqa: D102


def urgent_details(statements: Iterable[Said]) -> dict[str, list[str]]:
    """Return the urgent statements as an entry names them: by id, and by what they tell.

    The id is that of rule and subject. What is to be done may change beside it, and who heard to
    start nothing did not hear to stop.
    """
    found: dict[str, list[str]] = {"urgent": [], "said": []}
    for one in statements:
        told = (one.text_id, one.action_id, one.further, one.drugs, one.conditional, one.hedged)
        found["urgent"].append(one.statement_id)
        digest = hashlib.sha256(repr(told).encode()).hexdigest()
        found["said"].append(f"{one.statement_id}#{digest[:8]}")
    return found


class EntryKind(StrEnum):
    """What an entry records."""

    SETTINGS = "settings"
    """How the laboratory works; the first entry is one."""
    REVIEWED = "reviewed"
    AUTHORISED = "authorised"
    """Somebody answers for a draft: at most once for each. Its digest stands on the pages."""
    FINAL = "final"
    """The files of an authorised report, with their digests."""
    WITHDRAWN = "withdrawn"
    ACKNOWLEDGED = "acknowledged"
    """Somebody was told, or has received a report."""
    REBUILT = "rebuilt"
    """The ledger was lost, and made again from the released reports."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger; what does not apply is empty."""

    number: int
    """From 1 on, without a gap."""
    time: str
    """By the clock of the machine, UTC."""
    kind: EntryKind
    report: str = ""
    """Id of the report."""
    version: int = 0
    language: str = ""
    sample: str = ""
    draft: str = ""
    """Digest of the draft."""
    state: str = ""
    """The state that the report has from here on."""
    replaces: str = ""
    """The edition that it replaces."""
    person: str = ""
    role: str = ""
    details: str = "{}"
    """All else, as JSON."""
    previous: str = START
    digest: str = ""
    signature: str = field(default="", compare=False)
    """Of the digest, as hexadecimal digits; empty where no key is in use."""

    @property
    def edition(self) -> str:
        """The report with its version: `R-0123456789AB v1`."""
        return f"{self.report} v{self.version}" if self.version else self.report

    def sealed(self) -> "Entry":
        """Return the entry with its digest."""
        return replace(self, digest=self.own_digest())

    def own_digest(self) -> str:
        """Return the digest of all else that the entry says."""
        import msgspec

        said = {f.name: getattr(self, f.name) for f in fields(self)}
        said = {name: said[name] for name in said if name not in ("digest", "signature")}
        return "sha256:" + hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def person_key(name: str) -> str:
    """Return what tells persons apart: the words of a name, in any order.

    Case, width, forms of accents, hidden signs and punctuation do not: `T.Tech` is `Tech, T.`.
    """
    plain = unicodedata.normalize("NFKC", name)
    seen = "".join(c for c in plain if unicodedata.category(c) not in _HIDDEN)
    # Letters with their marks, and digits, make words.
    words = (c if unicodedata.category(c)[0] in "LMN" else " " for c in seen.casefold())
    return " ".join(sorted(unicodedata.normalize("NFKC", "".join(words)).split()))


def same_person(one: str, other: str) -> bool:
    """Say whether two names may be one person's: each word of one stands in the other.

    Titles are no part of a name; an initial may be any name that begins with it; who writes a
    name in full is nobody else.

    Examples
    --------
    >>> same_person("T. Tech", "Dr Theo Tech"), same_person("Tina Tech", "Theo Tech")
    (True, False)
    """
    first, second = (person_key(name).split() for name in (one, other))
    few, many = sorted((Counter(_named(first)), Counter(_named(second))), key=Counter.total)
    return _stand_in([*(few - many).elements()], [*(many - few).elements()])


def _named(words: list[str]) -> list[str]:
    return [w for w in words if w not in _TITLES] or words


def _stand_in(few: list[str], many: list[str]) -> bool:
    """Say whether each word may be another one of the others; equal ones are left out."""
    if not few:
        return True
    word, *rest = few
    # Of equal words the first is as good as any.
    places = {other: at for at, other in reversed([*enumerate(many)])}
    return any(
        _may_be(word, other) and _stand_in(rest, [*many[:at], *many[at + 1 :]])
        for other, at in places.items()
    )


def _may_be(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    return word == other or (len(short) == 1 and long.startswith(short))


_TITLES = frozenset(
    "dr dra doctor doctora prof profa professor profesor profesora phd md msc bsc med mr mrs ms "
    "miss mx sir sr sra srta don doña lic ing dipl priv doz pd herr frau".split()
)
_HIDDEN = ("Cf", "Cc")
COLUMNS = tuple(f.name for f in fields(Entry))
"""Columns of the table, in the order of the fields."""
