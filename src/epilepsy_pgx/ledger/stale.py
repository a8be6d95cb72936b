"""A draft takes the place only of what it was made from: otherwise it undoes what came between."""

from pathlib import Path

from epilepsy_pgx.authorisation import Changes
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.book import Book, Standing
from epilepsy_pgx.ledger.editions import finals, released_json
from epilepsy_pgx.ledger.entries import Entry
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.authorise import read_verified
from epilepsy_pgx.report.compare import compare_reports

RETOLD = "notice-retold"
"""Notice of a draft that says which stored report it was made from."""


def made_from(report: PatientReport) -> str:
    """Return the id of the report that a draft was made from; empty if it was made from files."""
    for notice in report.warnings:
        if notice.text_id == RETOLD:
            return next((n for v in notice.values if v.name == "report" for n in v.items), "")
    return ""


def check_current(
    report: PatientReport, earlier: PatientReport, before: Standing, book: Book, path: Path
) -> None:
    """Raise if a draft was made from an older edition than the one it is to replace.

    Parameters
    ----------
    earlier, before
        What it is to replace, and where that stands.

    Raises
    ------
    InputError
        If it was; what changed between is named.
    """
    source = made_from(report)
    if source:
        if source == before.report:
            return
        found = f"a draft made from {source}, while {before.edition} stands"
        old = _released(source, book.entries(), book)
        between = compare_reports(old, earlier) if old else compare_reports(report, earlier)
    else:
        made, stood = report.provenance.created, earlier.provenance.created
        # One of the two may be a day without a time.
        length = min(len(made), len(stood))
        if made[:length] >= stood[:length]:
            return
        found = f"a draft of {made}, older than that of {before.edition} ({stood})"
        between = compare_reports(report, earlier)
    raise InputError.one(
        "amend-stale",
        file=str(path),
        column="--replaces",
        found=f"{found}; between them changed: {_subjects(between)}",
        expected=f"a draft made since {before.edition}",
        fix="It would undo what changed. Make it again: 'run', or 'reanalyse' from what stands.",
    )


def _subjects(changes: Changes) -> str:
    subjects = (*changes.drugs, *changes.genes, *changes.identity)
    return ", ".join(subjects) or "no statement"


def _released(report: str, entries: list[Entry], book: Book) -> PatientReport | None:
    """Return a released report by its id, None where there is none."""
    for entry in finals(entries):
        if entry.report == report:
            path = released_json(book, entry)
            try:
                return read_verified(path.read_bytes(), str(path))
            except (OSError, ValueError, InputError):
                return None
    return None
