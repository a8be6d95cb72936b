"""Write what the commands produce: reports, tables, problems."""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from epilepsy_pgx import tsv
from epilepsy_pgx.cohort.page import write_cohort_page
from epilepsy_pgx.cohort.summary import TABLES, CohortTables, earlier_rows, is_chosen
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.files import write_text, writing_to
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline.artefact import relative_path
from epilepsy_pgx.pipeline.plan import Batch
from epilepsy_pgx.pipeline.run import PROBLEM_COLUMNS, Failure, problem_lines, read_results
from epilepsy_pgx.progress import count, stage
from epilepsy_pgx.quality.sites import SiteTally
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.superseded import Superseded, holds_final, patients_with_drafts
from epilepsy_pgx.report.write import PAGE, Renderers, report_folder, write_reports

_log = logging.getLogger(__name__)
STATE = "run.json"
"""Beside the tables of `run`: what they were made with, and from which files."""
SUPERSEDED = "superseded"
FAILED, LEFT = "the patient failed in a later run", "the patient is not in a later run"
NOT_WRITTEN = "a later run does not write this file"
DERIVED = "made from the tables of an earlier run"
OTHER_SETTINGS = "a later run used other software, tables or settings"


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

        self._superseded.drafts(output.reports, sample, NOT_WRITTEN, formats, same)
        return files


def write_run(
    results: Iterable[PatientReport | Failure],
    output: Output,
    ref: Reference,
    language: str,
    tally: SiteTally,
    early: Sequence[Failure] = (),
    state: dict[str, Any] | None = None,
) -> tuple[int, list[Failure], tuple[str, ...]]:
    """Write reports and tables while patients come in.

    The tables keep the rows of patients of earlier runs that were made with the same software,
    tables and settings; what an earlier run says of a patient that fails now goes aside.

    Parameters
    ----------
    tally
        Counts of the positions, complete when the last patient has come.
    early
        Failures that were found before the run.
    state
        What the run was made with (`settings`), and the files of each patient (`patients`); None
        if no file could be read, so that nothing is made.

    Returns
    -------
    tuple
        How many patients have a report, who failed, and lines on what earlier runs left.
    """
    out = output.folder
    cohort, failures, done = out / "cohort", list(early), []
    superseded = Superseded(out / SUPERSEDED, out)
    writer = ReportWriter(output, ref, superseded)
    before = _read_state(cohort / STATE)
    state = {**before, "patients": {}} if state is None else state
    failures = [*_with_earlier_names(failures, before, out)]
    if before["settings"] != state["settings"]:
        _put_tables_aside(cohort, superseded)
    linked = output.chosen if PAGE in output.formats else "none"
    with CohortTables(cohort, ref, language, linked) as tables:
        for result in results:
            failed = result if isinstance(result, Failure) else writer.refuse(result)
            if failed is not None:
                failures.append(failed)
                continue
            assert not isinstance(result, Failure)
            tables.add(result)
            writer.write(result)
            done.append(result.patient.sample_id)
        gone = {f.sample_id for f in failures} - {".", *done}
        for name in sorted(gone):
            superseded.drafts(output.reports, name, FAILED)
        for name, columns in TABLES.items():
            rows = earlier_rows(cohort / f"{name}.tsv", columns, ())
            rows = [line for line in rows if line.split("\t", 1)[0] in gone]
            superseded.add_rows(f"cohort/{name}.tsv", columns, rows)
        kept = tables.keep_earlier({*done, *gone})
        # Should the process end between two tables, the next run finds no state: all go aside.
        with writing_to(cohort):
            (cohort / STATE).unlink(missing_ok=True)
    write_text(cohort / "sites.tsv", "".join(tally.lines()))
    rest = earlier_rows(cohort / "problems.tsv", PROBLEM_COLUMNS, {".", *done, *gone})
    own = [line for failure in failures for line in problem_lines(failure)]
    write_text(cohort / "problems.tsv", "".join([tsv.line(PROBLEM_COLUMNS), *own, *rest]))
    earlier = {k: v for k, v in before["patients"].items() if k not in gone}
    patients = {**earlier, **{k: v for k, v in state["patients"].items() if k in done}}
    content = {"settings": state["settings"], "patients": patients}
    write_text(cohort / STATE, json.dumps(content, indent=1, sort_keys=True) + "\n")
    if done or kept or (cohort / "index.html").exists():
        write_cohort_page(cohort, ref, language)
    put_derived_aside(cohort, superseded)
    others = set(patients_with_drafts(output.reports)) - {*done, *gone, *kept}
    count(
        _log,
        "report",
        patients=len(done),
        failed=len(gone),
        of_earlier_runs=len(kept),
        put_aside=superseded.files,
    )
    return len(done), failures, _lines(len(kept), len(others), superseded.files, out)


def _lines(kept: int, others: int, moved: int, out: Path) -> tuple[str, ...]:
    said = []
    if kept:
        said.append(f"{kept} patients of earlier runs stay in the tables of {out / 'cohort'}")
    if others:
        said.append(
            f"{others} patients of earlier runs, made with other settings or of unknown ones, "
            f"have reports in {out / 'reports'}; the tables do not hold them"
        )
    if moved:
        said.append(f"{moved} files of earlier runs were moved to {out / SUPERSEDED}")
    return tuple(said)


def _read_state(path: Path) -> dict[str, Any]:
    nothing: dict[str, Any] = {"settings": None, "patients": {}}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return nothing
    return found if isinstance(found, dict) and set(found) == set(nothing) else nothing


def _with_earlier_names(
    failures: Iterable[Failure], before: dict[str, Any], out: Path
) -> Iterator[Failure]:
    """Name the patients that an earlier run found in a file that now cannot be read at all."""
    for failure in failures:
        names = [
            sample
            for sample, files in before["patients"].items()
            if failure.sample_id == "."
            and any(relative_path(Path(p.file), out) in files for p in failure.problems)
        ]
        for name in names:
            yield Failure(name, tuple(replace(p, sample=name) for p in failure.problems))
        if not names:
            yield failure


def _put_tables_aside(cohort: Path, superseded: Superseded) -> None:
    """Put the tables of a run with other settings aside: their rows must not mix with these."""
    for name in (*TABLES, "problems", "sites", "identity"):
        path = cohort / f"{name}.tsv"
        if path.is_file():
            superseded.move(path, ".", OTHER_SETTINGS)


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
        for report in reports:
            if failed := writer.refuse(report):
                failures.append(failed)
                continue
            done += 1
            lines += [
                f"{report.patient.sample_id}\t{path.relative_to(output.reports).as_posix()}\n"
                for path in writer.write(report)
            ]
        made |= {"patients": done, "files": len(lines) - 1, "refused": len(failures)}
    if manifest is not None:
        write_text(manifest, "".join(lines))
    return tuple(failures)


def write_cohort(
    predicted: Path,
    out: Path,
    ref: Reference,
    language: str,
    chosen: str = "all",
    batches: Sequence[Batch] | None = None,
) -> None:
    """Join the results of all batches into tables.

    Parameters
    ----------
    batches
        The batches of this run; None for every result in the folder.

    Raises
    ------
    InputError
        If a sample stands in two batches, or the results of a batch are not of its patients.
    """
    names = _batch_names(predicted, batches)
    seen: set[str] = set()
    lines = [tsv.line(PROBLEM_COLUMNS)]
    with CohortTables(out, ref, language, chosen) as tables:
        for number, name in enumerate(names):
            done = []
            path = predicted / f"{name}.jsonl.gz"
            for report in read_results(path):
                done.append(report.patient.sample_id)
                tables.add(report)
            rows = _problem_rows(predicted / f"{name}.problems.tsv")
            mine = {*done, *(line.split("\t", 1)[0] for line in rows)}
            if batches is not None:
                _check_patients(path, mine, batches[number].patients)
            if len(set(done)) < len(done) or seen & mine:
                raise InputError.one(
                    "sample-once",
                    file=str(path),
                    found="a sample of an earlier batch",
                    expected="each sample once",
                    fix="Remove the results of an earlier run from the folder, or name the "
                    "batches of this run with --samples.",
                )
            seen |= mine
            lines += rows
    write_text(out / "problems.tsv", "".join(lines))
    count(_log, "cohort", batches=len(names), patients=len(seen), problems=len(lines) - 1)
    tally = SiteTally()
    for name in names:
        path = predicted / f"{name}.sites.tsv"
        if path.is_file():
            tally.add_table(path)
    write_text(out / "sites.tsv", "".join(tally.lines()))
    write_cohort_page(out, ref, language)


def _batch_names(predicted: Path, batches: Sequence[Batch] | None) -> list[str]:
    held = sorted(p.name.removesuffix(".jsonl.gz") for p in predicted.glob("*.jsonl.gz"))
    if batches is None:
        return held
    lacking = [b.name for b in batches if b.name not in held]
    if lacking:
        raise InputError.one(
            "batch-predicted",
            file=str(predicted),
            found=f"no results of {lacking[0]}",
            expected=f"results of {len(batches)} batches",
            fix="Run 'predict' for it, with the batch size that the run was planned with.",
        )
    return [b.name for b in batches]


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
    predicted: Path, reports: Path, folder: Path, batches: Sequence[Batch], cohort: Path
) -> int:
    """Put aside what earlier runs of the workflow left: batches, and drafts without a result.

    Returns
    -------
    int
        The number of files moved.
    """
    superseded = Superseded(folder, folder.parent)
    names = {b.name for b in batches}
    for path in sorted([*predicted.glob("*.*"), *reports.glob("*.tsv")]):
        if not path.name.startswith(".") and path.name.split(".", 1)[0] not in names:
            superseded.move(path, ".", LEFT)
    done = {row["sample_id"] for row in tsv.read_table(cohort / "cohort.tsv")}
    planned = {name for b in batches for name in b.patients}
    for sample in patients_with_drafts(reports):
        if sample not in done:
            superseded.drafts(reports, sample, FAILED if sample in planned else LEFT)
    put_derived_aside(cohort, superseded)
    return superseded.files


def failed_lines(problems: Path) -> Iterator[str]:
    """Yield a line for each row of a table of failed patients."""
    for row in tsv.read_table(problems):
        problem = Problem(
            row["file"],
            int(row["line"]),
            row["column"],
            row["check"],
            row["found"],
            row["expected"],
            row["fix"],
        )
        yield f"{row['sample_id']}: {problem}"


def count_outcome(table: Path, problems: Path) -> tuple[str, int]:
    """Return a sentence on the run's outcome, and how many patients have no report."""

    def count(path: Path) -> set[str]:
        return {row["sample_id"] for row in tsv.read_table(path)}

    done, failed = count(table), count(problems)
    text = f"{len(done)} patients have a report\n"
    if failed:
        text += f"{len(failed)} patients have none: see {problems}\n"
    return text, len(failed)
