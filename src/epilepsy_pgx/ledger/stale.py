"""A draft takes the place only of what it was made from: otherwise it undoes what came between."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from epilepsy_pgx.authorisation import Changes, name_edition
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.book import Book, Standing, has_ledger, opened
from epilepsy_pgx.ledger.editions import finals, released_json
from epilepsy_pgx.ledger.entries import EntryKind
from epilepsy_pgx.model import InputFile, PatientReport
from epilepsy_pgx.report.authorise import digest_of_draft, read_verified
from epilepsy_pgx.report.build import EARLIER
from epilepsy_pgx.report.compare import compare_reports

_Failed = TypeVar("_Failed")
RETOLD = "notice-retold"
"""Notice of a draft that says which stored report it was made from."""


def name_earlier(report: PatientReport, earlier: InputFile | None) -> PatientReport:
    """Return a draft that names the report before it, with the digest of that one's draft.

    The id stays: it is the same in all languages, whichever of them were released already.
    """
    made = report.provenance
    others = tuple(f for f in made.inputs if f.role != EARLIER)
    named = () if earlier is None else (earlier,)
    return replace(report, provenance=replace(made, inputs=(*others, *named)))


def naming_earlier(
    results: Iterable[PatientReport | _Failed], earlier: Mapping[str, InputFile]
) -> Iterator[PatientReport | _Failed]:
    """Yield results as they come, each report with what stood of its sample, if anything did."""
    for made in results:
        if isinstance(made, PatientReport):
            yield name_earlier(made, earlier.get(made.patient.sample_id))
        else:
            yield made


def earlier_of(stored: PatientReport) -> InputFile:
    """Return a stored report as what a draft is made from."""
    name = name_edition(stored.report_id, stored.authorisation)
    return InputFile(EARLIER, name, digest_of_draft(stored), 0)


def earlier_in(results: Path) -> Mapping[str, InputFile]:
    """Return the last released report of each sample in a folder; none without a ledger.

    Raises
    ------
    PgxError
        If the ledger was lost, or cannot be read: neither can the urgent results of the folder.
    """
    if not has_ledger(results):
        return {}
    with opened(results) as book:
        drafts = {(e.edition, e.language): e.draft for e in book.entries() if _gives(e.kind)}
        return {
            s.sample: InputFile(EARLIER, s.edition, drafts[s.edition, s.language], 0)
            for s in book.standing()
            if s.state != "replaced"
        }


def _gives(kind: EntryKind) -> bool:
    return kind is EntryKind.AUTHORISED


def made_from(report: PatientReport) -> InputFile | None:
    """Return the report that a draft names as the one before it; None if it names none."""
    return next((f for f in report.provenance.inputs if f.role == EARLIER), None)


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
        If it was, or if nothing shows that it was not; what changed between is named.
    """
    source = made_from(report)
    if source is not None:
        # An id may be that of several drafts of a day, and two ledgers may have the same name.
        if source.digest in {
            e.draft for e in book.entries() if _gives(e.kind) and e.edition == before.edition
        }:
            return
        name = source.name if source.name != before.edition else f"another {source.name}"
        found = f"a draft made from {name}, while {before.edition} stands"
        old = _released(source, book)
    else:
        made = report.provenance.created
        if is_later(made, before.time):
            return
        found = (
            f"a draft of {made} that names no report before it, "
            f"while {before.edition} was released at {before.time}"
        )
        old = None
    between = compare_reports(old or report, earlier)
    raise InputError.one(
        "amend-stale",
        file=str(path),
        column="--replaces",
        found=f"{found}; between them changed: {_subjects(between)}",
        expected=f"a draft made since {before.edition} was released",
        fix="It would undo what changed. Make it again: 'run' into the folder of the ledger, or "
        "'reanalyse' from what stands.",
    )


def is_later(made: str, released: str) -> bool:
    """Say whether a draft is later for sure; of a day without a time its beginning counts."""
    end = datetime.fromisoformat(released)
    if len(made) <= len("2026-11-20"):
        return date.fromisoformat(made) > end.astimezone().date()
    return datetime.fromisoformat(made).astimezone() >= end


def _subjects(changes: Changes) -> str:
    subjects = (*changes.drugs, *changes.genes, *changes.identity)
    return ", ".join(subjects) or "no statement"


def _released(source: InputFile, book: Book) -> PatientReport | None:
    """Return the released report that a draft names, None where there is none."""
    for entry in finals(book.entries()):
        if entry.draft == source.digest:
            path = released_json(book, entry)
            try:
                return read_verified(path.read_bytes(), str(path))
            except (OSError, ValueError, InputError):
                return None
    return None
