"""Only what the last run of a patient left is released: all else was put aside for a reason."""

import csv
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from epilepsy_pgx import tsv
from epilepsy_pgx.errors import InputError, PgxError
from epilepsy_pgx.ledger.book import Book
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.authorise import digest_of_draft, read_report_file
from epilepsy_pgx.report.compare import compare_reports
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.write import report_folder
from epilepsy_pgx.vocabulary import Check, ReportStatus

ASIDE = "superseded"
"""Folder of what later runs put aside."""
SWAPS = frozenset({"vcf-bound"})
"""Checks that end a sample before it is read, and speak against what was told of it before."""
GENOMES = Path("cohort") / "genomes.tsv"
"""What genomes are compared by, of the samples of all runs of a folder."""


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
    else:
        last = read_report_file(place)[0] if place.is_file() else None
        made = digest_of_draft(report)
        unread = unread_samples(book.folder) if first and last is None else {}
        if (last is None or digest_of_draft(last) != made) and made in _put_aside(aside, folder):
            found = "a copy of a draft that a later run put aside"
        elif sample in unread:
            why = ", ".join(unread[sample])
            found = f"a draft of a patient of whom the last run made no report: {why}"
        elif sample in failed_samples(book.folder) or (last and last.not_reportable):
            found = "a draft of a patient whom the last run found not reportable"
        elif last and first and digest_of_draft(last) != made:
            changes = compare_reports(last, report)
            if changes.number or changes.identity or changes.lost:
                subjects = (*changes.drugs, *changes.genes, *changes.identity, *changes.lost)
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
    """Return, by sample, the checks that failed in the last run that says anything of it.

    A report that may not go out for another reason has the word of its status. A run with other
    settings counts its own patients alone: what the tables before it say of others holds. A table
    that cannot be read is no reason to end here.
    """
    found: dict[str, tuple[str, ...]] = {}
    aside = (results / ASIDE / "cohort").glob("cohort*.tsv")
    for table in (results / "cohort" / "cohort.tsv", *latest_first(aside)):
        for sample, row in _rows(table).items():
            stopped = row.get("status") == ReportStatus.NOT_REPORTABLE
            checks = tuple(c for c in (row.get("failed_checks") or ".").split("|") if c != ".")
            found.setdefault(sample, checks or (ReportStatus.NOT_REPORTABLE,) * stopped)
    for sample, checks in unread_samples(results).items():
        found[sample] = (*found.get(sample, ()), *(c for c in checks if c in SWAPS))
    for sample, row in _rows(results / GENOMES).items():
        said = found.get(sample, ())
        if (row.get("same_genome") or ".") != "." and Check.IDENTITY not in said:
            # A later run read the genome under another id.
            found[sample] = (*said, Check.IDENTITY)
    return {sample: said for sample, said in found.items() if said}


def _put_aside(aside: Path, folder: Path) -> set[str]:
    """Return the digests of a patient's drafts that later runs put aside."""
    found = set()
    for path in aside.rglob(f"{folder.name}*.json"):
        # What is no draft any more cannot be taken for one.
        with suppress(PgxError):
            found.add(digest_of_draft(read_report_file(path)[0]))
    return found


def unread_samples(results: Path) -> dict[str, tuple[str, ...]]:
    """Return, by sample, why the last run made no report of it."""
    found: dict[str, tuple[str, ...]] = {}
    with suppress(OSError, KeyError, ValueError, csv.Error):
        for row in tsv.read_table(results / "cohort" / "problems.tsv"):
            before = found.get(row["sample_id"], ())
            found[row["sample_id"]] = tuple(dict.fromkeys((*before, row["check"])))
    return found


def latest_first(tables: Iterable[Path]) -> list[Path]:
    """Return tables that were put aside, the last one first."""
    found = [p for p in tables if p.is_file()]
    return sorted(found, key=lambda p: p.stat().st_mtime, reverse=True)


def _rows(table: Path) -> dict[str, Mapping[str, str]]:
    """Return the last row of each sample; none of a table that cannot be read."""
    with suppress(OSError, KeyError, ValueError, csv.Error):
        return {row["sample_id"]: row for row in tsv.read_table(table)}
    return {}


def _said(subjects: tuple[str, ...]) -> str:
    return ", ".join(subjects[:10])
