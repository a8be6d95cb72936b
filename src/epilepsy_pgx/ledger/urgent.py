"""Urgent results: who was told, by whom, when, and whether it was read back."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from epilepsy_pgx import tsv
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.book import Book
from epilepsy_pgx.ledger.entries import Entry, EntryKind
from epilepsy_pgx.ledger.release import Act, held
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.write import report_folder

UNKNOWN = "?"
"""An urgent statement of which only the number is known, for the report's JSON is not there."""
_NOT_KNOWN: tuple[str, ...] = (UNKNOWN,)
COLUMNS = ("state", "sample_id", "report", "since", "urgent", "told", "by", "at", "read_back")


class Call(msgspec.Struct, frozen=True):
    """What the details of an entry say of a call."""

    told: str = ""
    at: str = ""
    read_back: bool = False
    urgent: tuple[str, ...] = ()
    note: str = ""


class _Urgent(msgspec.Struct, frozen=True):
    """Ids of the urgent statements that an entry names."""

    urgent: tuple[str, ...] = ()


class _Statement(msgspec.Struct, frozen=True):
    statement_id: str


class _Interpretation(msgspec.Struct, frozen=True):
    urgent: tuple[_Statement, ...]


class _Draft(msgspec.Struct, frozen=True):
    """The parts of a draft that the queue needs."""

    report_id: str
    interpretation: _Interpretation


@dataclass(frozen=True, slots=True)
class Item:
    """The urgent results of one patient."""

    sample: str
    report: str
    """Id of the draft, or the released edition."""
    since: str
    """When it was released; empty for a draft."""
    urgent: tuple[str, ...]
    """Ids of the urgent statements."""
    open: tuple[str, ...]
    """Those of them that nobody read back."""
    call: Call | None = None
    """The last call."""
    by: str = ""

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
        report = (self.report, self.since, ", ".join(self.urgent))
        return (self.state, self.sample, *report, call.told, self.by, call.at, said)


def urgent_queue(book: Book, results: Path) -> list[Item]:
    """Return the urgent results of all patients: open ones first, the oldest first.

    A draft counts as well, for an urgent result is told before its report is released.
    """
    entries = book.entries()
    found: dict[str, Item] = {}
    for item in (*_drafts(results), *_released(book, entries)):
        before = found.get(item.sample)
        if before is not None:
            # A draft that was made since may say more than what was released.
            more = tuple(dict.fromkeys((*item.urgent, *before.urgent)))
            item = replace(item, urgent=tuple(i for i in more if i != UNKNOWN) or more)
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
    wanted = " ".join(which.split())
    with held(book):
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
        in_words = [s for s in standing if s.language == language] or standing
        last = in_words[-1] if in_words else None
        told = queue[0].urgent if queue and urgent else ()
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


def _released(book: Book, entries: list[Entry]) -> Iterator[Item]:
    said = {
        (e.report, e.version): msgspec.json.decode(e.details, type=_Urgent).urgent
        for e in entries
        if e.kind is EntryKind.AUTHORISED
    }
    for one in book.standing():
        if one.state not in ("withdrawn", "replaced"):
            urgent = said[one.report, one.version]
            yield Item(one.sample, one.edition, one.time, urgent, urgent)


def _drafts(results: Path) -> Iterator[Item]:
    """Yield the drafts with urgent statements that the table of all patients counts."""
    table = results / "cohort" / "cohort.tsv"
    if not table.is_file():
        return
    for row in tsv.read_table(table):
        if row.get("urgent", "0") in ("0", "."):
            continue
        sample = row["sample_id"]
        folder = results / "reports" / report_folder(sample)
        report, urgent = "", _NOT_KNOWN
        with suppress(OSError, msgspec.DecodeError):
            data = (folder / FORMATS["json"].file_name(folder.name)).read_bytes()
            draft = msgspec.json.decode(data, type=_Draft)
            report = draft.report_id
            urgent = tuple(s.statement_id for s in draft.interpretation.urgent)
        yield Item(sample, report, "", urgent, urgent)


def _answered(item: Item, entries: list[Entry]) -> Item:
    """Return an item with its last call, and what is still open."""
    calls = [
        (e, msgspec.json.decode(e.details, type=Call))
        for e in entries
        if e.kind is EntryKind.ACKNOWLEDGED and e.sample == item.sample
    ]
    calls = [(e, c) for e, c in calls if c.urgent]
    heard = {i for _, c in calls if c.read_back for i in c.urgent}
    still = tuple(i for i in item.urgent if i not in heard)
    told = {i for _, c in calls for i in c.urgent}
    if not calls or (still and not set(still) & told):
        return replace(item, open=still)
    entry, call = calls[-1]
    return replace(item, open=still, call=call, by=entry.person)
