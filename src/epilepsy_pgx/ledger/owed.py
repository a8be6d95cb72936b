"""What whoever has a released report is still to hear, over all editions of a patient.

A call that was opened is closed by its being read back alone: an edition that says the statement
no more, or a withdrawal, turns it into the call that the statement does not hold.
"""

from collections.abc import Iterable
from dataclasses import field

import msgspec

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.ledger.entries import Entry, EntryKind
from epilepsy_pgx.vocabulary import ReportState

TAKEN_BACK = "withdrawn "
"""Before a statement of which whoever has the report is to hear that it does not hold."""


class Call(msgspec.Struct, frozen=True):
    """What the details of an entry say of a call."""

    told: str = ""
    at: str = ""
    read_back: bool = False
    urgent: tuple[str, ...] = ()
    note: str = ""


class Named(msgspec.Struct, frozen=True):
    """Ids of the urgent statements that an entry names."""

    urgent: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    """What each of them tells; empty in an entry of an earlier version."""

    @property
    def pairs(self) -> Iterable[tuple[str, str]]:
        """Each statement's id, and what a call names."""
        return zip(self.urgent, self.said or self.urgent, strict=True)


@dataclass(slots=True)
class _Edition:
    entry: Entry
    """Of its release, in the first language."""
    named: Named
    languages: set[str] = field(default_factory=set)
    """Those in which it was not withdrawn."""


@dataclass(slots=True)
class Owed:
    """What is to be told of a patient, as far as the entries go."""

    says: Named = Named()
    """What the edition that stands says; nothing after its withdrawal."""
    after: int = 0
    """Entry from which on calls are about what holds now."""
    since: str = ""
    """Time of the withdrawal, if nothing stands."""
    later: dict[str, str] = field(default_factory=dict)
    """What was taken back beside an edition that stands, as a call names it, and when."""
    _back: dict[str, int] = field(default_factory=dict)
    """What does not hold any more, and the entry that took it back."""
    _editions: dict[str, _Edition] = field(default_factory=dict)
    _last: _Edition | None = None
    _calls: list[tuple[int, Call]] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Follow one more entry of the patient."""
        match entry.kind:
            case EntryKind.ACKNOWLEDGED:
                self._calls.append((entry.number, msgspec.json.decode(entry.details, type=Call)))
            case EntryKind.AUTHORISED if entry.edition in self._editions:
                self._editions[entry.edition].languages.add(entry.language)
            case EntryKind.AUTHORISED:
                self._release(entry)
            case EntryKind.WITHDRAWN if entry.edition in self._editions:
                self._withdraw(entry)

    def _release(self, entry: Entry) -> None:
        named = msgspec.json.decode(entry.details, type=Named)
        if entry.replaces:
            # Who heard what was right, only incomplete, need not hear that it is said no more.
            heard = set() if entry.state == ReportState.CORRECTED else self._heard(self.after)
            for statement, asked in self.says.pairs:
                if asked not in heard:
                    self._back.setdefault(statement, entry.number)
            self.after = entry.number
        for statement in named.urgent:
            self._back.pop(statement, None)
            self.later.pop(TAKEN_BACK + statement, None)
        self.says, self.since = named, ""
        self._last = self._editions[entry.edition] = _Edition(entry, named, {entry.language})

    def _withdraw(self, entry: Entry) -> None:
        gone = self._editions[entry.edition]
        before = bool(gone.languages)
        gone.languages.discard(entry.language)
        if gone is not self._last:
            # What replaced it may say the same; else whoever has it may act on it.
            for statement in gone.named.urgent:
                if statement not in {*self.says.urgent, *self._back}:
                    self._back[statement] = entry.number
                    self.later[TAKEN_BACK + statement] = entry.time
        elif before and not gone.languages:
            taken = [i for i, number in self._back.items() if number == gone.entry.number]
            # Who heard from it that a statement does not hold hears that this is not known.
            self._back |= dict.fromkeys((*gone.named.urgent, *taken), entry.number)
            self.says, self.after, self.since = Named(), entry.number, entry.time

    def _heard(self, after: int) -> set[str]:
        """Return what was read back in the calls since an entry."""
        calls = (call for number, call in self._calls if number > after and call.read_back)
        return {i for call in calls for i in call.urgent}

    @property
    def told(self) -> Named:
        """What is to be told: what stands, and what does not hold as far as nobody heard so.

        What the last step took back is named after it was heard as well, as done.
        """
        back = tuple(
            TAKEN_BACK + i
            for i, number in self._back.items()
            if number >= self.after or TAKEN_BACK + i not in self._heard(number)
        )
        # Without what each tells, the ids are what a call names.
        said = (*self.says.said, *back) if self.says.said else ()
        return Named((*self.says.urgent, *back), said)


def owed(entries: Iterable[Entry]) -> dict[str, Owed]:
    """Return what is to be told, by sample of each patient with a released report."""
    found: dict[str, Owed] = {}
    for entry in entries:
        found.setdefault(entry.sample, Owed()).add(entry)
    return found
