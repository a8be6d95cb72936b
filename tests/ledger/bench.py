"""A small laboratory: a folder of results with a ledger, and drafts to release."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from epilepsy_pgx import __version__
from epilepsy_pgx.ledger.book import Book, created, opened
from epilepsy_pgx.ledger.release import Act
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.ledger.stale import earlier_in, name_earlier
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.report.serialise import report_from_json, report_to_json

GOLDEN = Path(__file__).parents[1] / "golden" / "expected"
START = "2026-11-23T08:00:00+00:00"
QUICK = Settings(formats=("json",))


@cache
def tables() -> Reference:
    """Return the curated tables."""
    return load_reference()


@cache
def example(name: str = "EX05") -> PatientReport:
    """Return the draft of an example patient as this software and these tables would make it."""
    report = report_from_json((GOLDEN / f"{name}.json").read_bytes())
    made = replace(
        report.provenance, software_version=__version__, reference_digest=tables().digest
    )
    return replace(report, report_id=f"R-{name}", provenance=made)


def put(folder: Path, report: PatientReport, name: str = "draft.json") -> Path:
    """Write a draft."""
    path = folder / name
    path.write_text(report_to_json(report), encoding="utf-8")
    return path


def without(report: PatientReport, *drugs: str) -> PatientReport:
    """Return a report that says nothing of some drugs."""
    said = report.interpretation
    kept = tuple(replace(d, statements=()) if d.drug in drugs else d for d in said.drugs)
    return replace(report, interpretation=replace(said, drugs=kept))


def since(book: Book, report: PatientReport) -> PatientReport:
    """Return a draft as 'run' makes it into a folder with a ledger: it names what stands there."""
    return name_earlier(report, earlier_in(book.folder).get(report.patient.sample_id))


def act(name: str = "Dr R. Release", hour: int = 9, **more: str) -> Act:
    """Return who does something at an hour of the first day."""
    return Act(name, "geneticist", f"2026-11-23T{hour:02}:00:00+00:00", **more)


@contextmanager
def ledger(folder: Path, settings: Settings = QUICK) -> Iterator[Book]:
    """Open the ledger of a folder, made if there is none."""
    folder.mkdir(exist_ok=True)
    if not (folder / "ledger.sqlite").exists():
        with created(folder, settings, START):
            pass
    with opened(folder) as book:
        yield book
