"""The patients of a folder of results: what was released, else what was predicted or drafted."""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial
from pathlib import Path

from epilepsy_pgx import tsv
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.ledger.book import Book, Standing, has_ledger
from epilepsy_pgx.ledger.editions import files_of, finals, reading, released_json
from epilepsy_pgx.ledger.latest import failed_samples
from epilepsy_pgx.ledger.stale import State, made_from, withdrawn_states
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline.identity import read_verdicts
from epilepsy_pgx.pipeline.results import read_results
from epilepsy_pgx.pipeline.settle import Settler
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.stages import TableStage, stage_digest
from epilepsy_pgx.report.authorise import read_verified
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.vocabulary import ReportState

PREDICTED = "predict"
"""Folder in which the workflow keeps its predictions."""
GONE = ("replaced", ReportState.WITHDRAWN)
"""States of released reports that nobody is to read any more."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The stored result of one patient."""

    sample: str
    report: PatientReport = field(repr=False)
    edition: str = ""
    """Id and version of the released report; empty for a draft."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A patient of whom nothing can be read, and why."""

    sample: str
    why: str


def stored_results(results: Path, refs: Sequence[Reference] = ()) -> Iterator[Stored | Unread]:
    """Yield each patient once: the released report that stands, else the draft, else what the
    workflow predicted of whoever has no draft as JSON.

    Whoever the table over all patients names and nothing is stored of comes last.

    Parameters
    ----------
    refs
        Tables that may have made the predictions.
    """
    seen: set[str] = set()
    for source in (_released, _drafts, partial(_predicted, refs=refs), _tabled):
        for item in source(results):
            if item.sample not in seen:
                seen.add(item.sample)
                yield item


def results_to_tell(results: Path, refs: Sequence[Reference] = ()) -> Iterator[Stored | Unread]:
    """Yield the stored results that may be told again: nothing withdrawn, of no failed sample."""
    withdrawn, failed = _withdrawn(results), failed_samples(results)
    for item in stored_results(results, refs):
        if isinstance(item, Stored) and item.edition and item.sample in failed:
            checks = ", ".join(failed[item.sample])
            yield Unread(
                item.sample, f"{item.edition} is released, and the sample failed since: {checks}"
            )
            continue
        yield _told(item, withdrawn.get(item.sample))


def _told(item: Stored | Unread, gone: State | None) -> Stored | Unread:
    """Return what is told of a patient: of whom all was withdrawn, only a draft made since."""
    if gone is None or isinstance(item, Unread) or item.edition:
        return item
    if gone.known_to(made_from(item.report), item.report.provenance.created):
        return item
    return Unread(item.sample, f"{gone.edition} was withdrawn, and nothing was made since")


def _withdrawn(results: Path) -> Mapping[str, State]:
    """Return the withdrawn editions that nothing released took the place of."""
    if not has_ledger(results):
        return {}
    with reading(results) as book:
        return withdrawn_states(book)


def _released(results: Path) -> Iterator[Stored | Unread]:
    if not has_ledger(results):
        return
    with reading(results) as book:
        yield from _standing(book)


def _standing(book: Book) -> Iterator[Stored | Unread]:
    valid: dict[tuple[str, int, str], Standing] = {}
    last: dict[str, str] = {}
    for one in book.standing():
        if one.state not in GONE:
            valid[one.report, one.version, one.language] = one
            last[one.sample] = one.edition
    for entry in finals(book.entries()):
        standing = valid.get((entry.report, entry.version, entry.language))
        gone = entry.state == ReportState.WITHDRAWN
        if standing is None or gone or standing.edition != last[standing.sample]:
            continue
        path = released_json(book, entry)
        try:
            data = path.read_bytes()
            if f"sha256:{hashlib.sha256(data).hexdigest()}" != files_of(entry).files[path.name]:
                yield Unread(entry.sample, f"the file of {entry.edition} was changed")
                continue
            yield Stored(entry.sample, read_verified(data, str(path)), entry.edition)
        except (OSError, ValueError, InputError) as error:
            yield Unread(entry.sample, f"the file of {entry.edition}: {_said(error)}")


def _predicted(results: Path, refs: Sequence[Reference]) -> Iterator[Stored | Unread]:
    """Yield what the workflow keeps for each batch; patients behind a damaged line are unread.

    A prediction does not know whether its genome is another patient's: that it says here.
    """
    paths = sorted((results / PREDICTED).glob("*.jsonl.gz"))
    if not paths:
        return
    compared = results / "cohort" / "identity.tsv"
    verdicts = read_verdicts([compared]) if compared.is_file() else {}
    # The new tables come first: of two with the same rows for predictions the older ones count.
    settlers = {stage_digest(ref, TableStage.PREDICT): Settler(ref, verdicts) for ref in refs}
    for path in paths:
        found = read_results(path)
        try:
            for report in found:
                sample = report.patient.sample_id
                settler = settlers.get(report.provenance.reference_digest)
                if sample not in verdicts:
                    yield Unread(sample, f"{compared} does not say whose genome it is")
                elif settler is None:
                    yield Unread(sample, "the tables that made its prediction are not given")
                else:
                    yield Stored(sample, settler.settle(report, path))
        except (InputError, OSError):
            continue


def _drafts(results: Path) -> Iterator[Stored | Unread]:
    for folder in sorted((results / "reports").glob("[0-9a-f][0-9a-f]/*")):
        path = folder / FORMATS["json"].file_name(folder.name)
        if not path.is_file():
            continue
        try:
            report = read_verified(path.read_bytes(), str(path))
            yield Stored(report.patient.sample_id, report)
        except (OSError, ValueError, InputError) as error:
            yield Unread(folder.name, f"the draft: {_said(error)}")


def _tabled(results: Path) -> Iterator[Unread]:
    table = results / "cohort" / "cohort.tsv"
    if not table.is_file():
        return
    try:
        for row in tsv.read_table(table):
            yield Unread(row["sample_id"], "no result of this patient is stored as JSON")
    except (KeyError, ValueError, csv.Error):
        raise InputError.one(
            "cohort-table",
            file=str(table),
            found="columns or cells that no such table has",
            expected="the table of all patients that 'cohort' or 'run' wrote",
            fix="Make the table again.",
        ) from None


def _said(error: Exception) -> str:
    """Say what was found; no text of a file that could not be read."""
    if isinstance(error, InputError):
        return error.problems[0].found
    return "it cannot be read" if isinstance(error, OSError) else "a report of another form"
