"""Urgent results: who was told, by whom, when, and whether it was read back."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.ledger.book import Book, Standing
from epilepsy_pgx.ledger.drafts import draft_places
from epilepsy_pgx.ledger.editions import finals, released_json
from epilepsy_pgx.ledger.entries import Entry, EntryKind, urgent_details
from epilepsy_pgx.ledger.owed import TAKEN_BACK, Call, Named, owed
from epilepsy_pgx.ledger.release import OLDEST, Act, held
from epilepsy_pgx.ledger.stale import State, earlier_among, withdrawn_states
from epilepsy_pgx.ledger.translated import Translations
from epilepsy_pgx.model import InputFile
from epilepsy_pgx.report.authorise import draft_digest

UNKNOWN = "?"
"""An urgent statement of which only the number is known, for the report's JSON is not there."""
_NOT_KNOWN: tuple[str, ...] = (UNKNOWN,)
_AHEAD = timedelta(minutes=5)
"""How far the clocks of two machines may lie apart."""
COLUMNS = ("state", "sample_id", "report", "since", "urgent", "told", "by", "at", "read_back")


class _Statement(msgspec.Struct, frozen=True):
    """What `urgent_details` needs of a statement."""

    statement_id: str
    text_id: str = ""
    action_id: str | None = None
    further: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    conditional: bool = False
    hedged: bool = False


class _Interpretation(msgspec.Struct, frozen=True):
    urgent: tuple[_Statement, ...]


class _Provenance(msgspec.Struct, frozen=True):
    created: str = ""
    inputs: tuple[InputFile, ...] = ()


class _Made(msgspec.Struct, frozen=True):
    """The part of a released report that says when its draft was made."""

    provenance: _Provenance = _Provenance()


class _Draft(msgspec.Struct, frozen=True):
    """The parts of a draft that the queue needs."""

    report_id: str
    interpretation: _Interpretation
    provenance: _Provenance = _Provenance()


@dataclass(frozen=True, slots=True)
class Item:
    """The urgent results of one patient."""

    sample: str
    report: str
    """Id of the draft, or the released edition."""
    since: str
    """When it was released; empty for a draft."""
    urgent: tuple[str, ...]
    """Ids of the urgent statements; one twice if a draft says it otherwise than the release."""
    open: tuple[str, ...]
    """Those of them that nobody read back."""
    call: Call | None = None
    """The last call."""
    by: str = ""
    after: int = 0
    """Entry of its release if it follows another edition: earlier calls were about that one."""
    mark: str = ""
    """Of a draft whose statements are not known: changes when the draft does."""
    draft: str = ""
    """Digest of a draft's JSON, as the ledger has it."""
    made: str = ""
    """When a draft was made, where that is known."""
    aside: bool = False
    """True of a draft that a later run put aside."""
    said: tuple[str, ...] = ()
    """What each of the statements tells, as a call names it; empty where that is not known."""
    source: InputFile | None = None
    """What a draft names as the report before it."""
    later: tuple[tuple[str, str], ...] = ()
    """What there was to tell only after the release: as a call names it, and since when."""
    touched: float = 0
    """Of a draft whose statements are not known: when its other files were written; 0 if none."""

    def older_than(self, time: str) -> bool:
        """Say whether a draft of which only other files are there was made before a time."""
        return 0 < self.touched < datetime.fromisoformat(time).timestamp()

    @property
    def asked(self) -> tuple[str, ...]:
        """The statements as a call names them; what is not known as that of this draft alone."""
        plain = tuple(i + self.mark if i == UNKNOWN else i for i in self.urgent)
        return self.said or plain

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each statement's id, and what a call names."""
        return tuple(zip(self.urgent, self.asked, strict=True))

    @property
    def withdrawn(self) -> bool:
        """True if it is to be told that a report was withdrawn."""
        return any(i.startswith(TAKEN_BACK) for i in self.urgent)

    @property
    def state(self) -> str:
        """`open`, `told` (but not read back), or `done`."""
        if not self.open:
            return "done"
        return "open" if self.call is None else "told"

    @property
    def cells(self) -> tuple[str, ...]:
        """The item as a row of the queue."""
        call = self.call or Call()
        said = "yes" if call.read_back else "no" if self.call else ""
        report = (self.report, self.since, ", ".join(dict.fromkeys(self.urgent)))
        return (self.state, self.sample, *report, call.told, self.by, call.at, said)


def urgent_queue(book: Book, results: Path) -> list[Item]:
    """Return the urgent results of all patients: open ones first, the oldest first.

    A draft counts as well, for an urgent result is told before its report is released.
    """
    entries = book.entries()
    known = {e.draft for e in entries if e.kind is EntryKind.AUTHORISED and e.draft}
    # One that was released itself says nothing beside what stands now, or was taken back.
    gone, translations = withdrawn_states(book), Translations(book, entries)
    found = {
        item.sample: _without_withdrawn(item, gone.get(item.sample), entries)
        for item, path in _drafts(results)
        if item.draft not in known and not translations.holds(item.sample, path)
    }
    for one in book.standing():
        # One without JSON whose files are all older is what was released, or what it followed.
        if one.sample in found and found[one.sample].older_than(one.time):
            del found[one.sample]
    for item in _released(book, entries):
        before, own = found.get(item.sample), item.asked
        # A draft that was made since may say more than what was released.
        if before is not None and not (before.aside and before.made[:10] < item.since[:10]):
            both = dict.fromkeys((*item.pairs, *before.pairs))
            more = tuple((asked, before.made[:10]) for asked in before.asked if before.made)
            item = replace(item, urgent=tuple(i for i, _ in both), said=tuple(s for _, s in both))
            item = replace(item, later=(*item.later, *(m for m in more if m[0] not in own)))
        found[item.sample] = item
    items = [_answered(item, entries) for item in found.values() if item.urgent]
    order = {"open": 0, "told": 1, "done": 2}
    return sorted(items, key=lambda i: (order[i.state], i.since or "9", i.sample))


def acknowledge(
    book: Book,
    results: Path,
    which: str,
    who: Act,
    call: Call,
    *,
    urgent: bool = True,
    language: str | None = None,
) -> Entry:
    """Record that somebody was told of a report, or has received it.

    Parameters
    ----------
    which
        Sample id, id of a draft, or edition.
    urgent
        False if a system received it: nobody was told of what is urgent.
    language
        In which it was received, where that is known.

    Raises
    ------
    InputError
        If there is no such report, or it is not said who was told and who told it.
    """
    if not (call.told and who.name and who.role):
        raise InputError.one(
            "acknowledge-who",
            column="--told, --name and --role",
            found="an empty text",
            expected="who was told, and name and role of who told it",
        )
    _check_time(call, who)
    with held(book):
        queue, last = _which(book, results, " ".join(which.split()), language)
        asked = _told(book, call, queue, last)
        told = asked if urgent else ()
        return book.add(
            Entry(
                0,
                who.time,
                EntryKind.ACKNOWLEDGED,
                report=last.report if last else queue[0].report,
                version=last.version if last else 0,
                language=last.language if last else "",
                sample=last.sample if last else queue[0].sample,
                person=who.name,
                role=who.role,
                details=msgspec.json.encode(
                    Call(call.told, call.at or who.time, call.read_back, told, call.note)
                ).decode(),
            )
        )


def _which(
    book: Book, results: Path, wanted: str, language: str | None
) -> tuple[list[Item], Standing | None]:
    """Return the urgent results that a name means, and the last edition that it means."""
    queue = [i for i in urgent_queue(book, results) if wanted in (i.sample, i.report)]
    standing = [s for s in book.standing() if wanted in (s.edition, s.sample)]
    if not queue and not standing:
        raise InputError.one(
            "acknowledge-which",
            file=str(book.path),
            found=f"no report '{wanted}'",
            expected="a sample id, or a report such as 'R-0123456789AB v1'",
            fix="'epilepsy-pgx urgent RESULTS' lists what is urgent.",
        )
    said = [s for s in standing if s.language == language] or standing
    return queue, said[-1] if said else None


def _check_time(call: Call, who: Act) -> None:
    """Raise if a call is said to have been later than the clock."""
    if not call.at:
        return
    at, clock = map(datetime.fromisoformat, (call.at, who.time))
    if at.astimezone() > clock + _AHEAD:
        raise InputError.one(
            "acknowledge-time",
            column="--at",
            found=f"{call.at}, while the clock shows {who.time}",
            expected="when somebody was told, not a time to come",
            fix="Check the time, and the clock.",
        )


def _told(book: Book, call: Call, queue: list[Item], last: Standing | None) -> tuple[str, ...]:
    """Return what a call tells: all that there was to tell when it was made.

    Raises
    ------
    InputError
        If there was nothing.
    """
    asked = queue[0].asked if queue else ()
    if not call.at:
        return asked
    later = {name: _moment(since) for item in queue for name, since in item.later}
    at, first = datetime.fromisoformat(call.at).astimezone(), _first(book, queue, last)
    told = tuple(name for name in asked if name not in later or at >= later[name])
    if asked and not told:
        first = max(filter(None, (first, min(later[name] for name in asked))))
    if first is not None and at < first:
        raise InputError.one(
            "acknowledge-time",
            column="--at",
            found=call.at,
            expected=f"a time after {first.isoformat(timespec='minutes')}, "
            "before which there was nothing to tell",
            fix="Check the time.",
        )
    return told


def _first(book: Book, queue: list[Item], last: Standing | None) -> datetime | None:
    """Return from when on there was something to tell, where that is known."""
    later = {name for item in queue for name, _ in item.later}
    for item in queue:
        if any(a.startswith(TAKEN_BACK) and a not in later for a in item.asked):
            return _moment(item.since)
    if last is None:
        return next((_moment(item.made[:10]) for item in queue if item.made), None)
    # In a second language the same edition is drafted and released later.
    released = min(
        (s.time for s in book.standing() if s.edition == last.edition), key=datetime.fromisoformat
    )
    if last.replaces:
        return _moment(released)
    # A draft may be told before its release; what replaces an edition is told after it.
    days = _drafted(book, last.edition)
    return _moment(min(days)) if days else datetime.fromisoformat(released) - OLDEST


def _moment(since: str) -> datetime:
    """Return the start of a day, or a time of the clock as another clock may show it."""
    time = datetime.fromisoformat(since).astimezone()
    return time - _AHEAD if "T" in since else time


def _drafted(book: Book, edition: str) -> list[str]:
    """Return the days on which the drafts of an edition were made, as its files say."""
    days = []
    for entry in finals(book.entries()):
        if entry.edition == edition:
            with suppress(OSError, msgspec.DecodeError):
                data = released_json(book, entry).read_bytes()
                days.append(msgspec.json.decode(data, type=_Made).provenance.created[:10])
    return [day for day in days if day]


def _released(book: Book, entries: list[Entry]) -> Iterator[Item]:
    last = {one.sample: one for one in book.standing()}
    told = owed(entries)
    for sample, one in last.items():
        mine = told[sample]
        named, since = mine.told, mine.since or one.time
        urgent, later = named.urgent, tuple(mine.later.items())
        item = Item(sample, one.edition, since, urgent, urgent, after=mine.after, said=named.said)
        yield replace(item, later=later)


def _without_withdrawn(item: Item, gone: State | None, entries: list[Entry]) -> Item:
    """Return a draft without what was withdrawn since it was made: that is not told any more."""
    # What a draft without a readable day tells stays.
    with suppress(ValueError):
        if gone is not None and not gone.known_to(item.source, item.made):
            return _without(item, gone, entries)
    return item


def _without(item: Item, gone: State, entries: list[Entry]) -> Item:
    told = (
        msgspec.json.decode(e.details, type=Named)
        for e in entries
        if e.kind is EntryKind.AUTHORISED and e.edition == gone.edition
    )
    back = {i for one in told for i in one.said or one.urgent}
    kept = [pair for pair in item.pairs if not back.intersection(pair)]
    said = tuple(s for _, s in kept) if item.said else ()
    return replace(item, urgent=tuple(i for i, _ in kept), said=said)


def _drafts(results: Path) -> Iterator[tuple[Item, Path]]:
    """Yield the drafts with urgent statements, whatever tables count them, and their JSON."""
    for place in draft_places(results):
        sample, row, folder = place.sample, place.row, place.path.parent
        report, urgent, digest, made = "", _NOT_KNOWN, "", ""
        said: tuple[str, ...] = ()
        source = None
        with suppress(OSError, msgspec.DecodeError):
            data = place.path.read_bytes()
            draft = msgspec.json.decode(data, type=_Draft)
            report, digest = draft.report_id, draft_digest(data)
            made, source = draft.provenance.created, earlier_among(draft.provenance.inputs)
            named = msgspec.convert(urgent_details(draft.interpretation.urgent), Named)
            urgent, said = named.urgent, named.said
        mark, touched = _mark(row, folder) if urgent == _NOT_KNOWN else ("", 0)
        item = Item(sample, report, "", urgent, urgent, mark=mark, draft=digest, made=made)
        item = replace(item, said=said, aside=place.aside, touched=touched, source=source)
        yield item, place.path


def _mark(row: Mapping[str, str], folder: Path) -> tuple[str, float]:
    """Return what tells one draft from a later one where only its row and other files are there,
    and when the last of these was written."""
    made, times = hashlib.sha256(repr(sorted(row.items())).encode()), [0.0]
    for path in sorted(folder.glob("*")):
        with suppress(OSError):
            made.update(path.read_bytes())
            times.append(path.stat().st_mtime)
    return made.hexdigest()[:16], max(times)


def _answered(item: Item, entries: list[Entry]) -> Item:
    """Return an item with its last call, and what is still open."""
    calls = [
        (e, msgspec.json.decode(e.details, type=Call))
        for e in entries
        if e.kind is EntryKind.ACKNOWLEDGED and e.sample == item.sample and e.number > item.after
    ]
    calls = [(e, c) for e, c in calls if c.urgent]
    heard = {i for _, c in calls if c.read_back for i in c.urgent}
    told = {i for _, c in calls for i in c.urgent}
    named = item.pairs
    still = tuple(dict.fromkeys(i for i, asked in named if asked not in heard))
    if not calls or (still and not any(a in told for _, a in named if a not in heard)):
        return replace(item, open=still)
    # What is done was done by the call that was read back, whatever came later.
    done = [pair for pair in calls if still or pair[1].read_back]
    entry, call = (done or calls)[-1]
    return replace(item, open=still, call=call, by=entry.person)
