"""The commands that the workflow's rules call, a stage each, and those beside them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, say, tell
from epilepsy_pgx.cli.planned import batch_size_option, planned_options, sheet_build_option
from epilepsy_pgx.errors import counted
from epilepsy_pgx.frozen import dataclass, replace

if TYPE_CHECKING:
    from epilepsy_pgx.pipeline.plan import Batch
    from epilepsy_pgx.pipeline.planned import PlanFolder, PlannedSheet
    from epilepsy_pgx.pipeline.predict import RunSettings
    from epilepsy_pgx.pipeline.settle import Settler
    from epilepsy_pgx.pipeline.stages import BatchJob
    from epilepsy_pgx.pipeline.write import Output
    from epilepsy_pgx.reference.package import Reference
    from epilepsy_pgx.variants.record import Thresholds

superseded_option = options.path_option(
    "--superseded",
    text="Folder for outdated files of earlier runs (default: 'superseded' in the output folder).",
)


def _job_of(batch: "Batch", ref: "Reference", reference_fasta: Path | None) -> "BatchJob":
    from epilepsy_pgx.pipeline.inspection import Inspections
    from epilepsy_pgx.pipeline.stages import BatchJob
    from epilepsy_pgx.pipeline.targets import TargetCache

    return BatchJob(batch, ref, TargetCache(ref, reference_fasta), Inspections(ref))


def _files_job(
    planned: "PlannedSheet | PlanFolder",
    batch: str,
    ref: "Reference",
    reference_fasta: Path | None,
    cuts: Path | None,
) -> "BatchJob":
    return replace(_job_of(planned.files(batch, ref), ref, reference_fasta), cuts=cuts)


def _rows_job(
    planned: "PlannedSheet | PlanFolder", batch: str, ref: "Reference", reference_fasta: Path | None
) -> "BatchJob":
    return _job_of(planned.batch(batch, ref), ref, reference_fasta)


batch_options = planned_options(
    click.option("--batch", required=True, help="Name of the batch, such as batch00001.")
)


def _sheet(sheet: Path, batch_size: int, build: str | None) -> "PlannedSheet":
    from epilepsy_pgx.pipeline.planned import PlannedSheet
    from epilepsy_pgx.vocabulary import GenomeBuild

    return PlannedSheet(sheet, batch_size, GenomeBuild(build) if build else None)


@options.command()
@options.gather("asked", _sheet, options.sheet_option(), batch_size_option, sheet_build_option)
@options.out_option("Folder for the plan.")
@options.fasta_option
@options.tables_option
@options.threshold_options
@options.settings_options
def plan(
    asked: "PlannedSheet",
    out: Path,
    reference_fasta: Path | None,
    ref: "Reference",
    thresholds: "Thresholds",
    settings: "RunSettings",
) -> Exit:
    """Stage 0: cut a sample sheet into batches, each a file that its jobs read.

    Patients of an earlier plan in the folder stay in their batches, and a file is written only if
    its content changes: one patient more changes the files of one batch. All that the options name
    is checked before anything runs, but for the files of single patients: phenopackets are read
    until one is found that can be used, so that a sheet without any is refused.
    """
    from epilepsy_pgx.intake.clinvar import check_builds
    from epilepsy_pgx.intake.sheet import check_packets, read_sheet
    from epilepsy_pgx.pipeline.manifest import known_rows, write_plan
    from epilepsy_pgx.pipeline.sheets import check_shared_files
    from epilepsy_pgx.pipeline.targets import TargetCache
    from epilepsy_pgx.reference.texts import check_language

    known = known_rows(out, asked.sheet, asked.build, ref)
    read = read_sheet(asked.sheet, ref, asked.build, packets=False, known=known)
    check_shared_files(read.rows)
    check_packets(read, ref)
    builds = [row.build for row in read.rows]
    if reference_fasta is not None:
        TargetCache(ref, reference_fasta).check(builds)
    check_builds(settings.clinvar, builds)
    check_language(ref, settings.language)
    made = write_plan(out, read, asked.batch_size, ref)
    complain(str(p) for faulty in read.faulty for p in faulty.problems)
    say(f"{counted(len(read.rows), 'patient')} in {counted(len(made.batches), 'batch', 'batches')}")
    return Exit.DONE


@options.command()
@options.path_option("--plan", text="Folder of the plan that 'plan' wrote.", required=True)
@click.option("--file", "name", required=True, help="Name of the files in the plan.")
@options.fasta_option
@options.tables_option
@options.out_option("Folder for what is cut out of all such files.")
def cut(plan: Path, name: str, reference_fasta: Path | None, ref: "Reference", out: Path) -> Exit:
    """Stage 1a: read files that serve several batches once, and give each batch its samples.

    Files that cannot be read fail their own patients, in the extraction of each batch.
    """
    from epilepsy_pgx.files import locked, write_text
    from epilepsy_pgx.pipeline.inspection import Inspections
    from epilepsy_pgx.pipeline.parts import CutJob, cut_for_batches
    from epilepsy_pgx.pipeline.planned import PlanFolder
    from epilepsy_pgx.pipeline.targets import TargetCache

    asked = PlanFolder(plan).cut(name)
    job = CutJob(asked, ref, TargetCache(ref, reference_fasta), Inspections(ref))
    with locked(out / name):
        problems = cut_for_batches(job, out / name)
        write_text(out / f"{name}.json", "{}\n")
    complain(map(str, problems))
    say(
        f"{counted(len(asked.batches), 'batch has its', 'batches have their')} part of "
        f"{counted(len(asked.vcfs), 'file')}"
    )
    return Exit.DONE


@options.command()
@batch_options
@options.fasta_option
@options.tables_option
@options.threshold_options
@options.path_option(
    "--cut", "cuts", text="Folder that 'cut' wrote; without it the files are read by each batch."
)
@options.out_option("Folder for the extraction.")
@options.gather("job", _files_job)
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
@planned_options()
@options.path_option("--extracted", text="Folder of the extracted batches.", required=True)
@options.out_option("Table of the comparison to write.")
@options.path_option(
    "--verdicts",
    text="Folder for what the reports of each batch say of it; a table that stays as it was is "
    "not written.",
)
@options.path_option(
    "--results",
    "earlier",
    text="Folder of results: the genomes of its earlier runs are compared too, and these are "
    "written down for later ones.",
)
@options.tables_option
def identify(
    planned: "PlannedSheet | PlanFolder",
    extracted: Path,
    out: Path,
    verdicts: Path | None,
    earlier: Path | None,
    ref: "Reference",
) -> Exit:
    """Stage 1b: compare the genomes of all patients to find swaps, duplicates and twins."""
    from epilepsy_pgx.files import write_text
    from epilepsy_pgx.pipeline.genomes import Extracted, compare_planned_with_earlier
    from epilepsy_pgx.pipeline.identity import EARLIER, identity_text, write_verdicts

    results = planned.identify(extracted, ref)
    if earlier is not None:
        names, stated = planned.persons(ref)
        these = Extracted(extracted, stated, ref)
        results, lines = compare_planned_with_earlier(names, these, results, earlier)
        complain(lines)
        write_text(earlier / EARLIER, "".join(f"{line}\n" for line in lines))
    if verdicts is not None:
        write_verdicts(results, planned.joined(ref).batches, verdicts)
    write_text(out, identity_text(results))
    matched = sum(bool(r.same_genome) for r in results.values())
    say(f"{counted(len(results), 'patient')} compared, {matched} with the genome of another")
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
@options.gather(
    "files",
    Predicted,
    options.out_option("Results to write (JSON lines, gzip)."),
    options.path_option("--problems", text="Table of failed patients to write.", required=True),
    options.path_option(
        "--sites", "sites_out", text="Table of how often each position could be read."
    ),
)
@options.gather("job", _rows_job)
def predict(
    job: "BatchJob",
    stated: Mapping[str, object],
    settings: "RunSettings",
    extracted: Path,
    files: Predicted,
) -> Exit:
    """Stage 2: annotate, call and interpret; writes one result per patient of a batch.

    The thresholds and the class field are those of the extraction, and the reports print them;
    one that is given and differs is refused. Beside a ledger each result names the released
    report that stood when the command began.
    """
    from epilepsy_pgx.files import write_text
    from epilepsy_pgx.ledger.book import ledger_above
    from epilepsy_pgx.ledger.stale import earlier_in, naming_earlier
    from epilepsy_pgx.pipeline.results import write_results
    from epilepsy_pgx.pipeline.stages import predict_batch
    from epilepsy_pgx.quality.sites import SiteTally

    tally = SiteTally()
    above = ledger_above(files.out)
    earlier = {} if above is None else earlier_in(above)
    made = predict_batch(job, settings, extracted, tally, stated)
    results = naming_earlier(made, earlier)
    done, failed = write_results(results, files.out, files.problems)
    if files.sites_out is not None:
        write_text(files.sites_out, "".join(tally.lines()))
    say(f"{counted(done, 'patient')} predicted, {failed} failed")
    return Exit.DONE


identity_option = click.option(
    "--identity",
    type=options.PATH,
    multiple=True,
    help="Table that 'identify' wrote, of all patients or of a batch; repeatable. Without it "
    "identity is not assessed.",
)


def _settler(identity: tuple[Path, ...], ref: "Reference") -> "Settler":
    from epilepsy_pgx.pipeline.identity import read_verdicts
    from epilepsy_pgx.pipeline.settle import Settler

    return Settler(ref, read_verdicts(identity))


with_settler = options.gather("settler", _settler)
"""The parameter `settler`, of `identity_option` and `tables_option`."""


@options.command()
@click.argument("results", type=options.PATH, nargs=-1, required=True)
@options.out_option("Folder for the reports.")
@options.path_option("--manifest", text="Table of the files written.")
@superseded_option
@options.formats_option
@options.reports_option
@options.letterhead_options
@options.tables_option
@identity_option
@options.with_output
@with_settler
def report(
    results: tuple[Path, ...],
    output: "Output",
    manifest: Path | None,
    superseded: Path | None,
    settler: "Settler",
) -> Exit:
    """Stage 3: render results as reports; a genome that is another patient's is withdrawn."""
    from epilepsy_pgx.files import locked
    from epilepsy_pgx.pipeline.failures import failure_lines
    from epilepsy_pgx.pipeline.results import read_results
    from epilepsy_pgx.pipeline.write import SUPERSEDED, write_report_files

    reports = (settler.settle(made, path) for path in results for made in read_results(path))
    folder = output.reports
    with locked(folder, shared=True):
        failures = write_report_files(
            reports, output, settler.ref, manifest, superseded or folder / SUPERSEDED
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
@planned_options(
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
@identity_option
@options.gather("folders", Folders)
@with_settler
def cohort(
    folders: Folders,
    language: str,
    planned: "PlannedSheet | PlanFolder | None",
    chosen: str,
    settler: "Settler",
) -> Exit:
    """Stage 4: join all batches into tables over the cohort."""
    from epilepsy_pgx.files import locked
    from epilepsy_pgx.pipeline.write import SUPERSEDED, put_earlier_aside, write_cohort

    predicted, out, reports = folders.predicted, folders.out, folders.reports_folder
    joined = None if planned is None else planned.joined(settler.ref)
    with locked(out):
        write_cohort(predicted, out, settler, language, chosen, joined)
        if joined is not None and reports is not None:
            folder = folders.superseded or out / SUPERSEDED
            moved = put_earlier_aside(predicted, reports, folder, joined, out)
            if moved:
                say(f"{counted(moved, 'file')} of earlier runs moved to {folder}")
    return Exit.DONE


@options.command()
@options.path_option("--cohort", "table", text="Cohort table of the run.", required=True)
@options.path_option("--problems", text="Table of failed patients.", required=True)
@options.path_option("--identity", text="Table of the comparison of genomes.")
@options.out_option("File to write the answer to, in the folder of results.")
@options.path_option(
    "--benchmarks", text="Folder of Snakemake's benchmarks: also write run.json beside the answer."
)
def status(
    table: Path, problems: Path, identity: Path | None, out: Path, benchmarks: Path | None
) -> Exit:
    """Report how many patients have a report; exit code 3 if any has none.

    With --identity, also whose report is withdrawn as the genome may be another person's, which of
    these were released by the ledger of the folder, and what earlier runs say of it. `run.json`
    says what the run took, stage by stage, with versions and digests.
    """
    from epilepsy_pgx.files import write_text
    from epilepsy_pgx.ledger.withdrawn import failed_lines as failed_since
    from epilepsy_pgx.ledger.withdrawn import withdrawn_lines
    from epilepsy_pgx.pipeline.faults import first_lines
    from epilepsy_pgx.pipeline.identity import read_earlier, read_verdicts, withdrawn_of
    from epilepsy_pgx.pipeline.write import count_outcome, failed_lines, patients_of

    text, failed = count_outcome(table, problems)
    if identity is not None:
        withdrawn = withdrawn_of(read_verdicts([identity]), patients_of(table))
        lines = [*read_earlier(out.parent), *withdrawn_lines(withdrawn, out.parent)]
        lines += failed_since(out.parent, withdrawn)
        text += "".join(f"{line}\n" for line in lines)
    say(text.removesuffix("\n"))
    if benchmarks is not None:
        from epilepsy_pgx.pipeline.accounts import write_accounts

        write_accounts(out.parent, benchmarks, patients_of(table), patients_of(problems))
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
