"""The commands that the workflow's rules call, a stage each, and those beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, say, tell

if TYPE_CHECKING:
    from epilepsy_pgx.pipeline.plan import PlannedSheet
    from epilepsy_pgx.pipeline.predict import RunSettings
    from epilepsy_pgx.pipeline.stages import BatchJob
    from epilepsy_pgx.pipeline.write import Output
    from epilepsy_pgx.reference.package import Reference
    from epilepsy_pgx.variants.record import Thresholds

superseded_option = options.path_option(
    "--superseded",
    text="Folder for outdated files of earlier runs (default: 'superseded' in the output folder).",
)


def _job(
    planned: "PlannedSheet", batch: str, ref: "Reference", reference_fasta: Path | None
) -> "BatchJob":
    from epilepsy_pgx.pipeline.inspection import Inspections
    from epilepsy_pgx.pipeline.stages import BatchJob
    from epilepsy_pgx.pipeline.targets import TargetCache

    cache = TargetCache(ref, reference_fasta)
    return BatchJob(planned.batch(batch, ref), ref, cache, Inspections(ref))


batch_options = options.planned_options(
    click.option("--batch", required=True, help="Name of the batch, such as batch00001.")
)
with_job = options.gather("job", _job)
"""The parameter `job`, of `batch_options`, `--reference-fasta` and `--reference`."""


@options.command()
@batch_options
@options.fasta_option
@options.tables_option
@options.threshold_options
@options.out_option("Folder for the extraction.")
@with_job
def extract(job: "BatchJob", thresholds: "Thresholds", out: Path) -> Exit:
    """Stage 1: read the target records of a batch's files into arrays.

    A patient whose file cannot be read is recorded and does not stop the batch.
    """
    from epilepsy_pgx.files import locked
    from epilepsy_pgx.pipeline.failures import failure_lines
    from epilepsy_pgx.pipeline.stages import extract_batch

    for line in job.cache.sentences(group.build for group in job.batch.groups):
        tell(line)

    with locked(out):
        failures = extract_batch(job, thresholds, out)
    complain(failure_lines(failures, named=True))
    return Exit.DONE


@options.command()
@options.planned_options()
@options.path_option("--extracted", text="Folder of the extracted batches.", required=True)
@options.out_option("Table of the comparison to write.")
@options.tables_option
def identify(planned: "PlannedSheet", extracted: Path, out: Path, ref: "Reference") -> Exit:
    """Stage 2: compare the genomes of all patients to find swaps, duplicates and twins."""
    from epilepsy_pgx.files import write_text
    from epilepsy_pgx.pipeline.identity import identify_batches, identity_text
    from epilepsy_pgx.pipeline.plan import plan_batches
    from epilepsy_pgx.variants.sites import load_sites

    rows = planned.read(ref).rows
    sites = {b: load_sites(ref, b) for b in {row.build for row in rows}}
    results = identify_batches(plan_batches(rows, planned.batch_size), extracted, sites, ref)
    write_text(out, identity_text(results))
    matched = sum(bool(r.same_genome) for r in results.values())
    say(f"{len(results)} patients compared, {matched} with the genome of another")
    return Exit.DONE


@dataclass(frozen=True, slots=True)
class Predicted:
    """The files that `predict` writes."""

    out: Path
    problems: Path
    sites_out: Path | None


@options.command()
@batch_options
@options.fasta_option
@options.tables_option
@options.stated_thresholds
@options.settings_options
@options.path_option("--extracted", text="Folder that 'extract' wrote.", required=True)
@options.path_option(
    "--identity", text="Table that 'identify' wrote; without it identity is not assessed."
)
@options.gather(
    "files",
    Predicted,
    options.out_option("Results to write (JSON lines, gzip)."),
    options.path_option("--problems", text="Table of failed patients to write.", required=True),
    options.path_option(
        "--sites", "sites_out", text="Table of how often each position could be read."
    ),
)
@with_job
def predict(
    job: "BatchJob",
    stated: Mapping[str, object],
    settings: "RunSettings",
    extracted: Path,
    identity: Path | None,
    files: Predicted,
) -> Exit:
    """Stage 2: annotate, call and interpret; writes one result per patient of a batch.

    The thresholds and the class field are those of the extraction, and the reports print them;
    one that is given and differs is refused.
    """
    from epilepsy_pgx.files import write_text
    from epilepsy_pgx.pipeline.identity import read_identity
    from epilepsy_pgx.pipeline.results import write_results
    from epilepsy_pgx.pipeline.stages import predict_batch
    from epilepsy_pgx.quality.sites import SiteTally

    tally = SiteTally()
    compared = {} if identity is None else read_identity(identity)
    results = predict_batch(job, settings, extracted, compared, tally, stated)
    done, failed = write_results(results, files.out, files.problems)
    if files.sites_out is not None:
        write_text(files.sites_out, "".join(tally.lines()))
    say(f"{done} patients predicted, {failed} failed")
    return Exit.DONE


@options.command()
@click.argument("results", type=options.PATH, nargs=-1, required=True)
@options.out_option("Folder for the reports.")
@options.path_option("--manifest", text="Table of the files written.")
@superseded_option
@options.formats_option
@options.reports_option
@options.letterhead_options
@options.tables_option
@options.with_output
def report(
    results: tuple[Path, ...],
    output: "Output",
    manifest: Path | None,
    superseded: Path | None,
    ref: "Reference",
) -> Exit:
    """Stage 3: render results as reports."""
    from epilepsy_pgx.files import locked
    from epilepsy_pgx.pipeline.failures import failure_lines
    from epilepsy_pgx.pipeline.results import read_results
    from epilepsy_pgx.pipeline.write import SUPERSEDED, write_report_files

    reports = (r for path in results for r in read_results(path))
    folder = output.reports
    with locked(folder, shared=True):
        failures = write_report_files(
            reports, output, ref, manifest, superseded or folder / SUPERSEDED
        )
    complain(failure_lines(failures, named=True))
    return Exit.DONE


@dataclass(frozen=True, slots=True)
class Folders:
    """What `cohort` reads and writes, and what it puts aside."""

    predicted: Path
    out: Path
    reports_folder: Path | None
    superseded: Path | None


@options.command()
@options.path_option("--predicted", text="Folder of the predicted batches.", required=True)
@options.out_option("Folder for the tables.")
@options.language_option("the tables")
@options.planned_options(
    sheet=options.sheet_option(
        "Sample sheet of the run: only the results of its batches are read. Default: "
        "all results of the folder.",
        required=False,
    )
)
@options.path_option(
    "--reports-folder",
    text="Folder of the reports: with --samples, drafts of patients that failed or left "
    "the sheet, and results of other batches, are put aside.",
)
@superseded_option
@options.reports_option
@options.tables_option
@options.gather("folders", Folders)
def cohort(
    folders: Folders, language: str, planned: "PlannedSheet | None", chosen: str, ref: "Reference"
) -> Exit:
    """Stage 4: join all batches into tables over the cohort."""
    from epilepsy_pgx.files import locked
    from epilepsy_pgx.pipeline.write import SUPERSEDED, put_earlier_aside, write_cohort

    predicted, out, reports = folders.predicted, folders.out, folders.reports_folder
    batches = None if planned is None else planned.batches(ref)
    with locked(out):
        write_cohort(predicted, out, ref, language, chosen, batches)
        if batches is not None and reports is not None:
            folder = folders.superseded or out / SUPERSEDED
            moved = put_earlier_aside(predicted, reports, folder, batches, out)
            if moved:
                say(f"{moved} files of earlier runs were moved to {folder}")
    return Exit.DONE


@options.command()
@options.path_option("--cohort", "table", text="Cohort table of the run.", required=True)
@options.path_option("--problems", text="Table of failed patients.", required=True)
@options.out_option("File to write the answer to.")
def status(table: Path, problems: Path, out: Path) -> Exit:
    """Report how many patients have a report; exit code 3 if any has none."""
    from epilepsy_pgx.files import write_text
    from epilepsy_pgx.pipeline.faults import first_lines
    from epilepsy_pgx.pipeline.write import count_outcome, failed_lines

    text, failed = count_outcome(table, problems)
    say(text.removesuffix("\n"))
    if failed:
        complain(first_lines(failed_lines(problems)))
        return Exit.SOME_FAILED
    write_text(out, text)
    return Exit.DONE


@options.command()
@click.argument("folder", type=options.PATH)
def parquet(folder: Path) -> Exit:
    """Also write the cohort tables in FOLDER as Parquet (extra 'parquet')."""
    from epilepsy_pgx.cohort.parquet import write_parquet

    for path in write_parquet(folder):
        click.echo(path)
    return Exit.DONE
