"""Write what the commands produce: reports, tables, problems."""

import csv
import logging
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain
from pathlib import Path

import msgspec

from epilepsy_pgx import tsv
from epilepsy_pgx.cohort.page import write_cohort_page
from epilepsy_pgx.cohort.summary import CohortTables, earlier_rows, is_chosen
from epilepsy_pgx.errors import InputError, Problem, counted
from epilepsy_pgx.files import write_text
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline.failures import PROBLEM_COLUMNS, Failure, Result, problem_lines
from epilepsy_pgx.pipeline.plan import Joined
from epilepsy_pgx.pipeline.results import read_results
from epilepsy_pgx.pipeline.settle import Settler
from epilepsy_pgx.progress import count, stage
from epilepsy_pgx.quality.sites import SiteTally
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.superseded import FOLDER, Superseded, holds_final, patients_with_drafts
from epilepsy_pgx.report.write import Renderers, report_folder, write_reports

_log = logging.getLogger(__name__)
SUPERSEDED = FOLDER
FAILED, LEFT = "the patient failed in a later run", "the patient is not in a later run"
NOT_WRITTEN = "a later run does not write this file"
DERIVED = "made from the tables of an earlier run"


@dataclass(frozen=True)
class Output:
    """Where and how the reports of a run are written."""

    reports: Path
    formats: Sequence[str]
    chosen: str = "all"
    """Whose reports are written, one of `CHOICES`."""
    paper: str = "a4"
    letterhead: Letterhead | None = None

    @property
    def folder(self) -> Path:
        """The folder of the run, which the reports are a part of."""
        return self.reports.parent


class ReportWriter:
    """Writes reports; what an earlier run wrote for the same patient goes aside."""

    def __init__(self, output: Output, ref: Reference, superseded: Superseded) -> None:
        """Remember the places."""
        self._output = output
        self._ref = ref
        self._superseded = superseded
        self._renderers = Renderers(ref, output.paper, output.letterhead)

    def refuse(self, report: PatientReport) -> Failure | None:
        """Return the failure of a patient whose final report stands where the draft would go."""
        sample = report.patient.sample_id
        if not is_chosen(report, self._output.chosen):
            return None
        if not holds_final(self._output.reports, sample):
            return None
        place = self._output.reports / report_folder(sample)
        return Failure(
            sample,
            (
                Problem(
                    str(place),
                    0,
                    ".",
                    "final-stands",
                    "a final report under the name of a draft",
                    "only drafts under these names",
                    "Keep final reports in a folder of their own, or under another name.",
                    sample,
                ),
            ),
        )

    def write(self, report: PatientReport) -> tuple[Path, ...]:
        """Write the files of one patient, if they are chosen, and return them."""
        output, sample = self._output, report.patient.sample_id
        files: tuple[Path, ...] = ()
        formats = output.formats if is_chosen(report, output.chosen) else ()
        if formats:
            ((_, files),) = write_reports(
                [report], output.reports, self._ref, formats, renderers=self._renderers
            )

        def same(form: str, path: Path) -> bool:
            return bool(formats) and path.read_bytes() == self._renderers.render(report, form)

        # What was written of a draft just now is not read again to see that it is one.
        known = formats if report.authorisation is None else ()
        self._superseded.drafts(output.reports, sample, NOT_WRITTEN, formats, same, known)
        return files


def write_each(
    results: Iterable[Result], writer: ReportWriter
) -> Iterator[tuple[Result, tuple[Path, ...]]]:
    """Stage report: write the reports of patients while they pass, and pass on what is written.

    A patient whose final report stands where the draft would be written fails.
    """
    for result in results:
        failed = result if isinstance(result, Failure) else writer.refuse(result)
        if failed is not None:
            yield failed, ()
        elif not isinstance(result, Failure):
            yield result, writer.write(result)


@dataclass(frozen=True, slots=True)
class Tabled:
    """Whom the tables over all patients hold, and who failed."""

    done: tuple[str, ...]
    failures: tuple[Failure, ...]

    @property
    def gone(self) -> frozenset[str]:
        """Patients who failed and have no result beside that."""
        return frozenset(f.sample_id for f in self.failures) - {".", *self.done}


def fill_tables(results: Iterable[Result], tables: CohortTables) -> Tabled:
    """Stage cohort: add patients to the tables while they come in."""
    done: list[str] = []
    failures: list[Failure] = []
    for result in results:
        if isinstance(result, Failure):
            failures.append(result)
        else:
            tables.add(result)
            done.append(result.patient.sample_id)
    return Tabled(tuple(done), tuple(failures))


def write_tables_of_all(folder: Path, problems: Iterable[str], tally: SiteTally) -> None:
    """Write the tables that are known when all patients have come: problems and positions."""
    write_text(folder / "problems.tsv", "".join([tsv.line(PROBLEM_COLUMNS), *problems]))
    write_text(folder / "sites.tsv", "".join(tally.lines()))


def put_derived_aside(cohort: Path, superseded: Superseded) -> None:
    """Put aside what was made of the tables of an earlier run."""
    for path in sorted(cohort.glob("*.parquet")):
        superseded.move(path, ".", DERIVED)


def write_report_files(
    reports: Iterable[PatientReport],
    output: Output,
    ref: Reference,
    manifest: Path | None,
    superseded: Path,
) -> tuple[Failure, ...]:
    """Render the reports that are chosen; list the files written.

    Returns
    -------
    tuple
        The patients whose final report stands where the draft would be written.
    """
    lines = ["sample_id\tfile\n"]
    failures = []
    writer = ReportWriter(output, ref, Superseded(superseded, output.folder))
    done = 0
    with stage(_log, "report") as made:
        for result, files in write_each(reports, writer):
            if isinstance(result, Failure):
                failures.append(result)
                continue
            done += 1
            lines += [
                f"{result.patient.sample_id}\t{path.relative_to(output.reports).as_posix()}\n"
                for path in files
            ]
        made |= {"patients": done, "files": len(lines) - 1, "refused": len(failures)}
    if manifest is not None:
        write_text(manifest, "".join(lines))
    return tuple(failures)


def write_cohort(
    predicted: Path,
    out: Path,
    settler: Settler,
    language: str,
    chosen: str = "all",
    joined: Joined | None = None,
) -> None:
    """Join the results of all batches into tables.

    The rows stand in the order of the sheet, file by file: the batches do not show.

    Parameters
    ----------
    joined
        The patients of this run; None for every result in the folder.

    Raises
    ------
    InputError
        If a sample stands in two batches, or the results of a batch are not of its patients.
    """
    names = _batch_names(predicted, joined)
    done: dict[str, list[str]] = {name: [] for name in names}
    problems = [] if joined is None else [r for f in joined.faulty for r in problem_lines(f)]
    tally = SiteTally()
    with CohortTables(out, settler.ref, language, chosen) as tables:
        streams = [_settled(predicted / f"{n}.jsonl.gz", settler, done[n]) for n in names]
        if joined is None:
            results: Iterable[PatientReport] = chain.from_iterable(streams)
        else:
            last = len(joined.order)
            place = joined.order
            results = merge(*streams, key=lambda r: place.get(r.patient.sample_id, last))
        fill_tables(results, tables)
        seen: set[str] = set()
        for name in names:
            path = predicted / f"{name}.jsonl.gz"
            rows = _problem_rows(predicted / f"{name}.problems.tsv")
            mine = {*done[name], *(line.split("\t", 1)[0] for line in rows)}
            if joined is not None:
                _check_patients(path, mine, joined.batches[name])
                rows = [_with_line(row, joined) for row in rows]
            if len(set(done[name])) < len(done[name]) or seen & mine:
                raise _seen_twice(path)
            seen |= mine
            problems += rows
    count(_log, "cohort", batches=len(names), patients=len(seen), problems=len(problems))
    for path in (predicted / f"{name}.sites.tsv" for name in names):
        if path.is_file():
            _add_sites(tally, path)
    write_tables_of_all(out, problems, tally)
    write_cohort_page(out, settler.ref, language)


def _settled(path: Path, settler: Settler, done: list[str]) -> Iterator[PatientReport]:
    """Yield the reports of a batch, and note whose they are."""
    for made in read_results(path):
        done.append(made.patient.sample_id)
        yield settler.settle(made, path)


def _with_line(row: str, joined: Joined) -> str:
    """Return the row of a problem of the sheet with its line, which the batches do not know."""
    cells = row.split("\t")
    if cells[2] == joined.sheet and cells[3] == "0" and cells[0] in joined.lines:
        cells[3] = str(joined.lines[cells[0]])
    return "\t".join(cells)


def _add_sites(tally: SiteTally, path: Path) -> None:
    try:
        tally.add_table(path)
    except (LookupError, TypeError, ValueError, csv.Error):
        raise InputError.one(
            "sites-table",
            file=str(path),
            found="columns or cells that no such table has",
            expected="the table of positions that 'predict' wrote",
            fix="Run 'predict' again for this batch.",
        ) from None


def _seen_twice(path: Path) -> InputError:
    return InputError.one(
        "sample-once",
        file=str(path),
        found="a sample of an earlier batch",
        expected="each sample once",
        fix="Remove the results of an earlier run from the folder, or name the "
        "batches of this run with --samples.",
    )


def _batch_names(predicted: Path, joined: Joined | None) -> list[str]:
    held = sorted(p.name.removesuffix(".jsonl.gz") for p in predicted.glob("*.jsonl.gz"))
    if joined is None:
        return held
    lacking = [name for name in joined.batches if name not in held]
    if lacking:
        raise InputError.one(
            "batch-predicted",
            file=str(predicted),
            found=f"no results of {lacking[0]}",
            expected=f"results of {len(joined.batches)} batches",
            fix="Run 'predict' for it, with the batch size that the run was planned with.",
        )
    return [*joined.batches]


def _problem_rows(path: Path) -> list[str]:
    return earlier_rows(path, PROBLEM_COLUMNS, ())


def _check_patients(path: Path, found: set[str], planned: frozenset[str]) -> None:
    if found - {"."} != planned:
        raise InputError.one(
            "batch-patients",
            file=str(path),
            found=f"{len(found & planned)} of the {len(planned)} patients of this batch, and "
            f"{len(found - planned)} others",
            expected="the patients of the batch",
            fix="Run 'predict' for it, with the batch size that the run was planned with.",
        )


def put_earlier_aside(
    predicted: Path, reports: Path, folder: Path, joined: Joined, cohort: Path
) -> int:
    """Put aside what earlier runs of the workflow left: batches, and drafts without a result.

    Returns
    -------
    int
        The number of files moved.
    """
    superseded = Superseded(folder, folder.parent)
    names = joined.batches
    for path in sorted([*predicted.glob("*.*"), *reports.glob("*.tsv")]):
        if not path.name.startswith(".") and path.name.split(".", 1)[0] not in names:
            superseded.move(path, ".", LEFT)
    done = {row["sample_id"] for row in tsv.read_table(cohort / "cohort.tsv")}
    planned = joined.patients
    for sample in patients_with_drafts(reports):
        if sample not in done:
            superseded.drafts(reports, sample, FAILED if sample in planned else LEFT)
    put_derived_aside(cohort, superseded)
    return superseded.files


def failed_lines(problems: Path) -> Iterator[str]:
    """Yield a line for each row of a table of failed patients.

    Raises
    ------
    InputError
        If the file is not such a table.
    """
    rows = tsv.read_table(problems, PROBLEM_COLUMNS)
    try:
        for row in rows:
            failed = msgspec.convert(row, _FailedRow, strict=False)
            problem = Problem(
                failed.file,
                failed.line,
                failed.column,
                failed.check,
                failed.found,
                failed.expected,
                failed.fix,
            )
            yield f"{failed.sample_id}: {problem}"
    except (ValueError, csv.Error):
        raise InputError.one(
            "problems-table",
            file=str(problems),
            found="columns or cells that no such table has",
            expected="the table of failed patients that 'cohort' or 'run' wrote",
            fix="Make the table again.",
        ) from None


class _FailedRow(msgspec.Struct, frozen=True):
    """A row of `problems.tsv`."""

    sample_id: str
    check: str
    file: str
    line: int
    column: str
    found: str
    expected: str
    fix: str


def patients_of(table: Path) -> set[str]:
    """Return whom a table over all patients has rows of."""
    return {row["sample_id"] for row in tsv.read_table(table)}


def count_outcome(table: Path, problems: Path) -> tuple[str, int]:
    """Return a sentence on the run's outcome, and how many patients have no report."""
    done, failed = patients_of(table), patients_of(problems)
    text = f"{counted(len(done), 'patient has', 'patients have')} a report\n"
    if failed:
        text += f"{counted(len(failed), 'patient has', 'patients have')} none: see {problems}\n"
    return text, len(failed)
