"""Commands that need no part of the command line but their own options."""

from pathlib import Path

import click

from epilepsy_pgx.report.letterhead import Letterhead, letterhead_options
from epilepsy_pgx.report.options import formats_option, read_formats, reports_option

PATH = click.Path(path_type=Path, readable=False)
reference_option = click.option(
    "--reference", type=PATH, default=None, help="Folder of the curated tables (default: shipped)."
)
superseded_option = click.option(
    "--superseded", type=PATH, default=None,
    help="Folder for files of earlier runs that do not count any more (default: 'superseded' in "
    "the output folder).",
)


@click.command()
@click.option("--samples", "sheet", type=PATH, required=True, help="Sample sheet.")
@click.option("--batch-size", type=click.IntRange(min=1), default=100, show_default=True,
              help="Patients per batch; the same number as when the run was planned.")
@click.option("--build", type=click.Choice(["GRCh37", "GRCh38"]), default=None,
              help="Build of sheet rows that state none.")
@click.option("--extracted", type=PATH, required=True,
              help="Folder of the extracted batches.")
@click.option("--out", type=PATH, required=True, help="Table of the comparison to write.")
@click.option("--reference", type=PATH, default=None,
              help="Folder of the curated tables (default: shipped).")
def identify(
    sheet: Path, batch_size: int, build: str | None, extracted: Path, out: Path,
    reference: Path | None,
) -> int:
    """Stage 2: compare the genomes of all patients: swaps, repetitions, twins."""
    from epilepsy_pgx.files import write_text
    from epilepsy_pgx.intake.sheet import read_sheet
    from epilepsy_pgx.pipeline.identity import identify_batches, identity_text
    from epilepsy_pgx.pipeline.plan import plan_batches
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.variants.sites import load_sites
    from epilepsy_pgx.vocabulary import GenomeBuild

    ref = load_reference(reference)
    rows = read_sheet(sheet, ref, GenomeBuild(build) if build else None).rows
    sites = {b: load_sites(ref, b) for b in {row.build for row in rows}}
    results = identify_batches(plan_batches(rows, batch_size), extracted, sites, ref)
    write_text(out, identity_text(results))
    matched = sum(bool(r.same_genome) for r in results.values())
    click.echo(f"{len(results)} patients compared, {matched} with the genome of another", err=True)
    return 0


@click.command()
@click.option("--reference", type=PATH, default=None,
              help="Folder of the curated tables (default: shipped).")
def selftest(reference: Path | None) -> int:
    """Check known answers on this machine."""
    from epilepsy_pgx.pipeline.selftest import run_selftest
    from epilepsy_pgx.reference.package import load_reference

    wrong = run_selftest(load_reference(reference), click.echo)
    if wrong:
        click.echo(f"{wrong} known answers are wrong: do not use this installation", err=True)
        return 1
    return 0


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="DRUG | GENE DIPLOTYPE | ROW-ID")
@click.option("--gene", "genes", multiple=True, metavar="GENE=RESULT",
              help="Result to assume for a drug: CYP2C9=*1/*3, HLA-B=+*15:02, SCN1A=lof_plp, "
              "'CYP2C19=Poor Metabolizer'.")
@click.option("--context", multiple=True, metavar="COLUMN=VALUE",
              help="Clinical entry to assume for a drug, as in the sample sheet.")
@click.option("--language", default="en", show_default=True, help="Language of the texts.")
@click.option("--reference", type=PATH, default=None,
              help="Folder of the curated tables (default: shipped).")
def explain(
    words: tuple[str, ...], genes: tuple[str, ...], context: tuple[str, ...], language: str,
    reference: Path | None,
) -> int:
    """Print the chain from a genotype, a drug or a table row to what a report would say.

    Examples: explain phenytoin --gene 'CYP2C9=*3/*3'; explain CYP2C19 '*2/*17';
    explain hla-b-1502-carbamazepine
    """
    from epilepsy_pgx.pipeline.explain import explain_words
    from epilepsy_pgx.reference.package import load_reference

    text = explain_words(words, genes, context, load_reference(reference), language)
    click.echo(text, nl=False)
    return 0


@click.command()
@click.argument("results", type=PATH, nargs=-1, required=True)
@click.option("--out", type=PATH, required=True, help="Folder for the reports.")
@click.option("--manifest", type=PATH, default=None, help="Table of the files written.")
@superseded_option
@formats_option
@reports_option
@letterhead_options
@reference_option
def report(
    results: tuple[Path, ...], out: Path, manifest: Path | None, superseded: Path | None,
    formats: str, chosen: str, reference: Path | None, paper: str, letterhead: Letterhead,
) -> int:
    """Stage 3: render results as reports."""
    from epilepsy_pgx.files import locked
    from epilepsy_pgx.pipeline.run import failure_lines, read_results
    from epilepsy_pgx.pipeline.write import SUPERSEDED, Output, write_report_files
    from epilepsy_pgx.reference.package import load_reference

    reports = (r for path in results for r in read_results(path))
    output = Output(out, read_formats(formats), chosen, paper, letterhead)
    with locked(out, shared=True):
        failures = write_report_files(
            reports, output, load_reference(reference), manifest, superseded or out / SUPERSEDED
        )
    for line in failure_lines(failures, named=True):
        click.echo(line, err=True)
    return 0


@click.command()
@click.option("--predicted", type=PATH, required=True, help="Folder of the predicted batches.")
@click.option("--out", type=PATH, required=True, help="Folder for the tables.")
@click.option("--language", default="en", show_default=True, help="Language of the tables.")
@click.option("--samples", "sheet", type=PATH, default=None,
              help="Sample sheet of the run: only the results of its batches are read. Default: "
              "all results of the folder.")
@click.option("--batch-size", type=click.IntRange(min=1), default=100, show_default=True,
              help="Patients per batch; the same number as when the run was planned.")
@click.option("--build", type=click.Choice(["GRCh37", "GRCh38"]), default=None,
              help="Build of sheet rows that state none.")
@click.option("--reports-folder", type=PATH, default=None,
              help="Folder of the reports: with --samples, drafts of patients that failed or left "
              "the sheet, and results of other batches, are put aside.")
@superseded_option
@reports_option
@reference_option
def cohort(
    predicted: Path, out: Path, language: str, sheet: Path | None, batch_size: int,
    build: str | None, reports_folder: Path | None, superseded: Path | None, chosen: str,
    reference: Path | None,
) -> int:
    """Stage 4: join all batches into tables over the cohort."""
    from epilepsy_pgx.files import locked
    from epilepsy_pgx.intake.sheet import read_sheet
    from epilepsy_pgx.pipeline.plan import plan_batches
    from epilepsy_pgx.pipeline.write import SUPERSEDED, put_earlier_aside, write_cohort
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.vocabulary import GenomeBuild

    ref, batches = load_reference(reference), None
    if sheet is not None:
        read = read_sheet(sheet, ref, GenomeBuild(build) if build else None)
        batches = plan_batches(read.rows, batch_size, read.faulty)
    with locked(out):
        write_cohort(predicted, out, ref, language, chosen, batches)
        if batches is not None and reports_folder is not None:
            folder = superseded or out / SUPERSEDED
            moved = put_earlier_aside(predicted, reports_folder, folder, batches, out)
            if moved:
                click.echo(f"{moved} files of earlier runs were moved to {folder}", err=True)
    return 0


@click.command()
@click.option("--cohort", "table", type=PATH, required=True, help="Cohort table of the run.")
@click.option("--problems", type=PATH, required=True, help="Table of failed patients.")
@click.option("--out", type=PATH, required=True, help="File to write the answer to.")
def status(table: Path, problems: Path, out: Path) -> int:
    """Say how many patients have a report; exit 3 if any has none."""
    from epilepsy_pgx.files import write_text
    from epilepsy_pgx.pipeline.faults import SOME_FAILED, first_lines
    from epilepsy_pgx.pipeline.write import count_outcome, failed_lines

    text, failed = count_outcome(table, problems)
    click.echo(text, err=True, nl=False)
    if failed:
        for line in first_lines(failed_lines(problems)):
            click.echo(line, err=True)
        return SOME_FAILED
    write_text(out, text)
    return 0


@click.command()
@click.argument("folder", type=PATH)
def parquet(folder: Path) -> int:
    """Write the tables over all patients in FOLDER as Parquet too (extra 'parquet')."""
    from epilepsy_pgx.cohort.parquet import write_parquet

    for path in write_parquet(folder):
        click.echo(path)
    return 0
