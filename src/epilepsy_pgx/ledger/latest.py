"""Only what the last run of a patient left is released: all else was put aside for a reason."""

import csv
from pathlib import Path

from epilepsy_pgx import tsv
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.book import Book
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.authorise import digest_of_draft, read_report_file
from epilepsy_pgx.report.compare import compare_reports
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.write import report_folder
from epilepsy_pgx.vocabulary import ReportStatus

ASIDE = "superseded"
"""Folder of what later runs put aside."""


def check_latest(book: Book, report: PatientReport, path: Path, *, first: bool) -> None:
    """Raise if a draft was put aside, or a later run of the patient says otherwise.

    Parameters
    ----------
    first
        True if nothing is released of the patient: what replaces an edition, or says it in another
        language, is compared with that one.

    Raises
    ------
    InputError
        If so.
    """
    sample = report.patient.sample_id
    folder = report_folder(sample)
    place = book.folder / "reports" / folder / FORMATS["json"].file_name(folder.name)
    aside = (book.folder / ASIDE).resolve()
    found = ""
    if aside in path.resolve().parents:
        found = "a draft that a later run put aside"
    elif _is_stopped(book.folder, sample):
        found = "a draft of a patient whom the last run found not reportable"
    elif place.is_file():
        last, _ = read_report_file(place)
        if last.not_reportable:
            found = "a draft of a patient whom the last run found not reportable"
        elif first and digest_of_draft(last) != digest_of_draft(report):
            changes = compare_reports(last, report)
            if changes.number or changes.identity:
                subjects = (*changes.drugs, *changes.genes, *changes.identity)
                found = f"another draft than that of the last run; they differ on {_said(subjects)}"
    if found:
        raise InputError.one(
            "draft-last",
            file=str(path),
            found=found,
            expected=f"what the last run left: {place}",
            fix="Look why it was made again; if that was wrong, run the patient once more.",
        )


def failed_samples(results: Path) -> dict[str, tuple[str, ...]]:
    """Return, by sample, the checks that failed in the last run, as the table of all patients has
    them; a table that cannot be read is no reason to end here."""
    table = results / "cohort" / "cohort.tsv"
    if not table.is_file():
        return {}
    try:
        rows = [(r["sample_id"], r.get("failed_checks", ".")) for r in tsv.read_table(table)]
    except (KeyError, ValueError, csv.Error):
        return {}
    return {sample: tuple(said.split("|")) for sample, said in rows if said not in (".", "")}


def _said(subjects: tuple[str, ...]) -> str:
    return ", ".join(subjects[:10])


def _is_stopped(results: Path, sample: str) -> bool:
    """Say whether the table of all patients has one as not reportable."""
    table = results / "cohort" / "cohort.tsv"
    if not table.is_file():
        return False
    try:
        return any(
            row.get("sample_id") == sample and row.get("status") == ReportStatus.NOT_REPORTABLE
            for row in tsv.read_table(table)
        )
    except (ValueError, csv.Error):
        return False
