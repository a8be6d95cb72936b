"""The command `run`: from files to reports and tables, without a workflow."""

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from epilepsy_pgx import __version__
from epilepsy_pgx.cohort.page import write_cohort_page
from epilepsy_pgx.cohort.summary import CohortTables
from epilepsy_pgx.errors import PgxError, Problem
from epilepsy_pgx.files import locked, scratch_folder, write_text
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.clinvar import check_builds
from epilepsy_pgx.ledger.stale import earlier_in, naming_earlier
from epilepsy_pgx.pipeline.artefact import relative_path, sequence_of
from epilepsy_pgx.pipeline.cutting import digest_file
from epilepsy_pgx.pipeline.earlier import STATE, EarlierRun, RunRecord
from epilepsy_pgx.pipeline.failures import Failure, Result, failure_lines, problem_lines
from epilepsy_pgx.pipeline.genomes import compare_with_earlier
from epilepsy_pgx.pipeline.identity import identity_text, verdicts_of, withdrawn_of
from epilepsy_pgx.pipeline.inspection import Inspections, rows_of_files
from epilepsy_pgx.pipeline.job import Method, NamedFiles
from epilepsy_pgx.pipeline.plan import BATCH_SIZE, join_batches, plan_batches
from epilepsy_pgx.pipeline.predict import RunSettings, describe_thresholds
from epilepsy_pgx.pipeline.settle import Settler, settle_each
from epilepsy_pgx.pipeline.sheets import rows_for_files
from epilepsy_pgx.pipeline.stages import BatchJob, extract_batch, identify_batch, predict_batch
from epilepsy_pgx.pipeline.targets import TargetCache
from epilepsy_pgx.pipeline.write import (
    SUPERSEDED,
    Output,
    ReportWriter,
    Tabled,
    fill_tables,
    put_derived_aside,
    write_each,
    write_tables_of_all,
)
from epilepsy_pgx.progress import count
from epilepsy_pgx.quality.sites import SiteTally
from epilepsy_pgx.reference.texts import check_language
from epilepsy_pgx.report.superseded import Superseded
from epilepsy_pgx.report.write import PAGE

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did."""

    reports: int
    """Patients who have a report."""
    failures: tuple[Failure, ...]
    earlier: tuple[str, ...]
    """Lines on what earlier runs left."""
    problems: Path
    """Table of the failures."""
    lines: tuple[str, ...]
    """Lines on the first failures."""
    withdrawn: tuple[str, ...] = ()
    """Patients whose genome may be another person's."""


def _say_nothing(_: str) -> None:
    """Take the lines of a run that nobody reads."""


def run_files(
    files: NamedFiles,
    method: Method,
    settings: RunSettings,
    output: Output,
    tell: Callable[[str], None] = _say_nothing,
) -> Outcome:
    """Write reports and tables of some files into a folder: the stages of the workflow in turn.

    What is extracted lies in a temporary folder, as samples can only be compared when all are
    known; from there on each patient passes through the other stages alone.

    Parameters
    ----------
    tell
        Takes the sentence on what is read, before anything is.

    Raises
    ------
    PgxError
        If nothing can be read, or another run holds the folder.
    """
    ref, out = method.ref, output.folder
    # Before anything is read or written: what is released from here on, the drafts do not know.
    earlier = earlier_in(out)
    check_builds(settings.clinvar, [files.build])
    anyway = (out / "cohort" / STATE).is_file()
    job, problems = _plan(files, method, tell, anyway=anyway)
    check_language(ref, settings.language)
    # Jobs of a workflow hold the parts of their folder.
    with locked(out), locked(out / "cohort"), locked(output.reports), scratch_folder() as scratch:
        run = _Run(job, output, settings.language)
        failures = tuple(run.earlier.name_failures(Failure(p.sample, (p,)) for p in problems))
        extracted = scratch / job.batch.name
        extract_batch(job, method.thresholds, extracted)
        found = identify_batch(job, scratch)
        identity, again = compare_with_earlier(job, scratch, found, out)
        record = _record(job, method, settings, out)
        run.earlier.make_way(record)
        write_text(out / "cohort" / "identity.tsv", identity_text(identity))
        tally = SiteTally()
        results = predict_batch(job, settings, extracted, tally)
        verdicts = verdicts_of(identity)
        settler = Settler(ref, verdicts)
        tabled = run.write(naming_earlier(settle_each(results, settler), earlier), failures)
        run.finish(tabled, tally, record)
    return Outcome(
        len(tabled.done),
        tabled.failures,
        (*again, *run.earlier.lines(tabled)),
        out / "cohort" / "problems.tsv",
        tuple(failure_lines(tabled.failures, named=files.sheet is not None)),
        withdrawn_of(verdicts, tabled.done),
    )


class _Run:
    """The stages report and cohort of one run, in a folder that may hold an earlier one."""

    def __init__(self, job: BatchJob, output: Output, language: str) -> None:
        """Look at what stands in the folder."""
        superseded = Superseded(output.folder / SUPERSEDED, output.folder)
        self._ref = job.ref
        self._output = output
        self._language = language
        self._cohort = output.folder / "cohort"
        self._superseded = superseded
        self._writer = ReportWriter(output, job.ref, superseded)
        self.earlier = EarlierRun(output.folder, output.reports, superseded)

    def write(self, results: Iterable[Result], failures: Sequence[Failure]) -> Tabled:
        """Write reports and tables while patients come in.

        Parameters
        ----------
        failures
            Those that were found before the run.
        """
        linked = self._output.chosen if PAGE in self._output.formats else "none"
        with CohortTables(self._cohort, self._ref, self._language, linked) as tables:
            written = (result for result, _ in write_each(results, self._writer))
            found = fill_tables(written, tables)
            found = Tabled(found.done, (*failures, *found.failures))
            self.earlier.hand_over(tables, found)
        return found

    def finish(self, found: Tabled, tally: SiteTally, record: RunRecord | None) -> None:
        """Write what is known when all patients have come."""
        own = [line for failure in found.failures for line in problem_lines(failure)]
        rows = [*own, *self.earlier.problem_rows(found)]
        write_tables_of_all(self._cohort, rows, tally)
        self.earlier.save(record, found)
        if found.done or self.earlier.kept or (self._cohort / "index.html").exists():
            write_cohort_page(self._cohort, self._ref, self._language)
        put_derived_aside(self._cohort, self._superseded)
        count(
            _log,
            "report",
            patients=len(found.done),
            failed=len(found.gone),
            of_earlier_runs=len(self.earlier.kept),
            put_aside=self._superseded.files,
        )


def predict_files(files: NamedFiles, method: Method, settings: RunSettings) -> tuple[Result, ...]:
    """Make the reports of some files, in memory: what `run_files` writes.

    Raises
    ------
    PgxError
        If nothing can be read.
    """
    check_builds(settings.clinvar, [files.build])
    job, problems = _plan(files, method, _say_nothing, anyway=False)
    check_language(method.ref, settings.language)
    with scratch_folder() as scratch:
        extracted = scratch / job.batch.name
        extract_batch(job, method.thresholds, extracted)
        settler = Settler(method.ref, verdicts_of(identify_batch(job, scratch)))
        results = settle_each(predict_batch(job, settings, extracted), settler)
        return (*results, *(Failure(p.sample, (p,)) for p in problems))


def _plan(
    files: NamedFiles, method: Method, tell: Callable[[str], None], *, anyway: bool
) -> tuple[BatchJob, tuple[Problem, ...]]:
    """Return all patients of the files as one batch, and what is wrong with the others.

    Parameters
    ----------
    anyway
        True if there need be none: the patients of an earlier run were these.

    Raises
    ------
    PgxError
        If there is no patient.
    """
    ref = method.ref
    inspections = Inspections(ref)
    rows, problems = rows_of_files(files, inspections)
    if files.sheet is not None:
        rows, problems = rows_for_files(files.sheet, rows, problems, files.build, files.covers, ref)
    count(_log, "inspect", files=len(files.vcfs), patients=len(rows), problems=len(problems))
    if not rows and not anyway:
        raise PgxError(problems)
    cache = TargetCache(ref, method.fasta)
    cache.check([files.build])
    for line in cache.sentences([files.build]):
        tell(line)
    return BatchJob(join_batches(plan_batches(rows, BATCH_SIZE)), ref, cache, inspections), problems


def _copies(settings: RunSettings) -> dict[str, list[list[str]]]:
    """Return build and digest of the copies of ClinVar, if there are any."""
    copies = [[f.build.value, digest_file("ClinVar file", f.path).digest] for f in settings.clinvar]
    return {"clinvar": copies} if copies else {}


def _record(job: BatchJob, method: Method, settings: RunSettings, out: Path) -> RunRecord | None:
    """Return what a run is made with, so that the next one can tell; None if nothing is made."""
    if not job.batch.rows:
        return None
    parameters = describe_thresholds(method.thresholds)
    return RunRecord(
        {
            "software": __version__,
            "reference": job.ref.digest,
            "language": settings.language,
            "sequence": sequence_of(method.fasta, out),
            "parameters": [list(p) for p in parameters],
            **_copies(settings),
        },
        {row.sample_id: [relative_path(path, out) for path in row.vcfs] for row in job.batch.rows},
    )
