"""The command `run`: from files to reports and tables, without a workflow."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from epilepsy_pgx import __version__
from epilepsy_pgx.errors import PgxError, Problem
from epilepsy_pgx.files import locked
from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.pipeline.artefact import relative_path
from epilepsy_pgx.pipeline.job import Method, NamedFiles
from epilepsy_pgx.pipeline.plan import plan_batches
from epilepsy_pgx.pipeline.predict import RunSettings, describe_thresholds
from epilepsy_pgx.pipeline.run import Failure, TargetCache, failure_lines, rows_of_files, run_groups
from epilepsy_pgx.pipeline.sheets import rows_for_files
from epilepsy_pgx.pipeline.write import STATE, Output, write_run
from epilepsy_pgx.progress import count
from epilepsy_pgx.quality.sites import SiteTally
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.texts import check_language

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


def run_files(files: NamedFiles, method: Method, settings: RunSettings, output: Output) -> Outcome:
    """Write reports and tables of some files into a folder.

    Raises
    ------
    PgxError
        If nothing can be read, or another run holds the folder.
    """
    ref, out, sheet = method.ref, output.folder, files.sheet
    settings = replace(settings, parameters=describe_thresholds(method.thresholds))
    rows, problems = _read_rows(files, ref)
    count(_log, "inspect", files=len(files.vcfs), patients=len(rows), problems=len(problems))
    if not rows and not (out / "cohort" / STATE).is_file():
        raise PgxError(problems)
    groups = [g for b in plan_batches(rows, 100) for g in b.groups]
    tally, cache = SiteTally(), TargetCache(ref, method.fasta)
    cache.check([files.build])
    check_language(ref, settings.language)
    # Jobs of a workflow hold the parts of their folder.
    with locked(out), locked(out / "cohort"), locked(output.reports):
        results = run_groups(
            groups, ref, cache, settings, method.thresholds, out / "cohort" / "identity.tsv", tally
        )
        done, failures, earlier = write_run(
            results,
            output,
            ref,
            settings.language,
            tally,
            [Failure(p.sample, (p,)) for p in problems],
            _state(rows, method, settings, out) if rows else None,
        )
    return Outcome(
        done,
        tuple(failures),
        earlier,
        out / "cohort" / "problems.tsv",
        tuple(failure_lines(failures, named=sheet is not None)),
    )


def _read_rows(
    files: NamedFiles, ref: Reference
) -> tuple[tuple[SampleRow, ...], tuple[Problem, ...]]:
    """Return the patients of the files, and what is wrong with those that cannot be read."""
    rows, problems = rows_of_files(
        files.vcfs, files.build, files.covers, ref, files.only, sheet=files.sheet is not None
    )
    if files.sheet is None:
        return rows, problems
    return rows_for_files(files.sheet, rows, problems, files.build, files.covers, ref)


def _state(
    rows: Sequence[SampleRow], method: Method, settings: RunSettings, out: Path
) -> dict[str, Any]:
    """Return what a run is made with, so that the next one can tell."""
    return {
        "settings": {
            "software": __version__,
            "reference": method.ref.digest,
            "language": settings.language,
            "sequence": None if method.fasta is None else relative_path(method.fasta, out),
            "parameters": [list(p) for p in settings.parameters],
        },
        "patients": {row.sample_id: [relative_path(p, out) for p in row.vcfs] for row in rows},
    }
