"""The command `run`: from files to reports and tables, without a workflow."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from epilepsy_pgx import __version__
from epilepsy_pgx.errors import PgxError
from epilepsy_pgx.files import locked
from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.pipeline.artefact import relative_path
from epilepsy_pgx.pipeline.faults import exit_code
from epilepsy_pgx.pipeline.plan import plan_batches
from epilepsy_pgx.pipeline.predict import RunSettings
from epilepsy_pgx.pipeline.run import (
    Failure,
    TargetCache,
    failure_lines,
    rows_of_files,
    run_groups,
)
from epilepsy_pgx.pipeline.sheets import rows_for_files
from epilepsy_pgx.pipeline.write import STATE, Output, write_run
from epilepsy_pgx.quality.sites import SiteTally
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.texts import check_language
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild


def run_files(
    vcfs: Sequence[Path],
    build: GenomeBuild,
    covers: str | None,
    out: Path,
    output: Output,
    ref: Reference,
    fasta: Path | None,
    settings: RunSettings,
    thresholds: Thresholds,
    sheet: Path | None = None,
    only: Sequence[str] = (),
) -> int:
    """Write reports and tables of some files into a folder; return the exit code.

    Parameters
    ----------
    sheet
        What is known of the patients; its rows choose the samples.
    only
        Samples to read; all if none is named.

    Raises
    ------
    PgxError
        If nothing can be read, or another run holds the folder.
    """
    rows, problems = rows_of_files(vcfs, build, covers, ref, only, sheet=sheet is not None)
    if sheet is not None:
        rows, problems = rows_for_files(sheet, rows, problems, build, covers, ref)
    if not rows and not (out / "cohort" / STATE).is_file():
        raise PgxError(problems)
    groups = [g for b in plan_batches(rows, 100) for g in b.groups]
    tally, cache = SiteTally(), TargetCache(ref, fasta)
    cache.check([build])
    check_language(ref, settings.language)
    # Jobs of a workflow hold the parts of their folder.
    with locked(out), locked(out / "cohort"), locked(output.reports):
        results = run_groups(
            groups, ref, cache, settings, thresholds,
            out / "cohort" / "identity.tsv", tally,
        )
        done, failures, said = write_run(
            results, out, output, ref, settings.language, tally,
            [Failure(p.sample, (p,)) for p in problems],
            _state(rows, ref, settings, fasta, out) if rows else None,
        )
    if done:
        click.echo(f"{done} reports in {output.reports}")
    click.echo(said, err=True, nl=False)
    if failures:
        click.echo(f"{len({(f.sample_id, f.problems) for f in failures})} patients or files "
                   f"failed: see {out / 'cohort' / 'problems.tsv'}", err=True)
        for line in failure_lines(failures, named=sheet is not None):
            click.echo(line, err=True)
    return exit_code(done, (p for f in failures for p in f.problems))


def _state(
    rows: Sequence[SampleRow], ref: Reference, settings: RunSettings, fasta: Path | None, out: Path
) -> dict[str, Any]:
    """Return what a run is made with, so that the next one can tell."""
    return {
        "settings": {
            "software": __version__,
            "reference": ref.digest,
            "language": settings.language,
            "sequence": None if fasta is None else relative_path(fasta, out),
            "parameters": [list(p) for p in settings.parameters],
        },
        "patients": {
            row.sample_id: [relative_path(p, out) for p in row.vcfs] for row in rows
        },
    }
