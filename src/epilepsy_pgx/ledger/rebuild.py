"""Make a lost ledger again from the released reports, which hold all that is said of their release.

What no file holds is lost and stays so: technical reviews without a release, and who was told what.
Calls about urgent results are therefore open again, which is the safe side.
"""

from dataclasses import asdict
from pathlib import Path

import msgspec

from epilepsy_pgx.authorisation import Authorisation
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.book import Book, created
from epilepsy_pgx.ledger.editions import STAGING, Files, digest_of
from epilepsy_pgx.ledger.entries import FILE, RELEASED, Entry, EntryKind
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.authorise import read_verified
from epilepsy_pgx.vocabulary import ReportState

Found = tuple[Authorisation, PatientReport, Path]


def rebuild(folder: Path, settings: Settings, time: str) -> tuple[int, tuple[int, ...]]:
    """Make the ledger of a folder again.

    Returns
    -------
    tuple
        How many editions were found, and which numbers of entries no released file holds.

    Raises
    ------
    InputError
        If there is a ledger, no released report, or one that was changed since.
    """
    if (folder / FILE).exists():
        raise InputError.one(
            "ledger-lost",
            file=str(folder / FILE),
            found="a ledger",
            expected="none, for it is made again only where it was lost",
            fix="If it is damaged, move it to a safe place first.",
        )
    found = sorted(_released(folder), key=lambda x: x[0].entry)
    if not found:
        raise InputError.one(
            "ledger-lost",
            file=str(folder / RELEASED),
            found="no released report",
            expected="released reports to make the ledger from",
            fix="A new ledger is made by 'epilepsy-pgx ledger RESULTS'.",
        )
    numbers = {n for given, _, _ in found for n in (given.entry, given.entry + 1)}
    lost = tuple(n for n in range(2, max(numbers)) if n not in numbers)
    with created(folder, settings, time) as book, book.writing():
        details = msgspec.json.encode({"editions": len(found), "lost": lost}).decode()
        book.add(Entry(0, time, EntryKind.REBUILT, details=details))
        for given, report, path in found:
            _add(book, given, report, path, time)
    return len(found), lost


def _released(folder: Path) -> list[Found]:
    found: list[Found] = []
    for path in sorted((folder / RELEASED).glob("*/*/*.json")):
        if STAGING in path.parts or path.name.endswith(".fhir.json"):
            continue
        try:
            report = read_verified(path.read_bytes(), str(path))
        except ValueError as error:
            raise InputError.one(
                "report-json", file=str(path), found=str(error), expected="a released report"
            ) from None
        if report.authorisation is not None:
            found.append((report.authorisation, report, path))
    return found


def _add(book: Book, given: Authorisation, report: PatientReport, path: Path, time: str) -> None:
    gone = given.withdrawal
    who = gone or given
    details = {
        "was": f"{given.entry} {given.entry_digest}",
        "time": given.time,
        "date": who.date,
        "reason": who.reason,
        "urgent": [s.statement_id for s in report.interpretation.urgent],
    }
    entry = Entry(
        0,
        time,
        EntryKind.WITHDRAWN if gone else EntryKind.AUTHORISED,
        report=report.report_id,
        version=given.version,
        language=report.language,
        sample=report.patient.sample_id,
        draft="" if gone else given.digest,
        state=ReportState.WITHDRAWN if gone else given.state,
        replaces="" if gone else given.replaces,
        person=who.name,
        role=who.role,
        details=msgspec.json.encode(details).decode(),
    )
    book.add(entry)
    folder = path.parent
    files = {p.name: digest_of(p.read_bytes()) for p in sorted(folder.iterdir()) if p.is_file()}
    named = Files(files, folder.relative_to(book.released).as_posix(), path.name)
    said = asdict(entry) | {"details": msgspec.json.encode(named).decode()}
    book.add(Entry(**said | {"kind": EntryKind.FINAL}))
