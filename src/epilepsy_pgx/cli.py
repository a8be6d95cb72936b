"""The command line: read files, call one function, write files."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epilepsy_pgx import __version__
from epilepsy_pgx.errors import ConfigError, PgxError, Problem
from epilepsy_pgx.pipeline.faults import exit_code
from epilepsy_pgx.report.letterhead import Letterhead, letterhead_options

if TYPE_CHECKING:
    from epilepsy_pgx.pipeline.run import Failure

DONE, NOTHING_RAN, SOME_FAILED = 0, 2, 3
PATH = click.Path(path_type=Path)
BUILD = click.Choice(["GRCh37", "GRCh38"])


def _several(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def add(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return add


vcf_option = click.option(
    "--vcf", "vcfs", type=PATH, multiple=True, required=True,
    help="VCF, gVCF or BCF, compressed or not; may be given several times.",
)
build_option = click.option(
    "--build", type=BUILD, required=True, help="Genome build of the files; checked, never guessed."
)
reference_option = click.option(
    "--reference", type=PATH, default=None, help="Folder of the curated tables (default: shipped)."
)
fasta_option = click.option(
    "--reference-fasta", type=PATH, default=None,
    help="Indexed FASTA of the build; without it novel variants are read in shipped slices only.",
)
callable_option = click.option(
    "--callable", "covers", default=None, metavar="all|BED",
    help="Where a position without a record is reference: 'all' for a whole genome of variants "
    "only, or a BED. Default: nowhere.",
)
threshold_options = _several(
    click.option("--min-quality", type=int, default=20, show_default=True,
                 help="Lowest genotype quality; a call below counts as not seen."),
    click.option("--min-depth", type=int, default=8, show_default=True,
                 help="Lowest read depth; a call below counts as not seen."),
    click.option("--min-balance", type=float, default=0.2, show_default=True,
                 help="Smallest part of the reads either allele of a heterozygous call has."),
    click.option("--class-field", default="CLNSIG", show_default=True,
                 help="INFO field of the VCF that holds an ACMG class."),
)
sheet_options = _several(
    click.option("--samples", "sheet", type=PATH, required=True, help="Sample sheet."),
    click.option("--batch", required=True, help="Name of the batch, such as batch00001."),
    click.option("--batch-size", type=click.IntRange(min=1), default=100, show_default=True,
                 help="Patients per batch; the same number as when the run was planned."),
    click.option("--build", type=BUILD, default=None,
                 help="Build of sheet rows that state none."),
)
written_options = _several(
    click.option("--language", default="en", show_default=True, help="Language of the report."),
    click.option("--date", "created", default=None, metavar="YYYY-MM-DD",
                 help="Date on the report (default: today)."),
)
formats_option = click.option(
    "--formats", default="html,json,tsv", show_default=True,
    help="Files to write for each patient, joined by commas: html, json, tsv, pdf, fhir.",
)
reports_option = click.option(
    "--reports", "chosen", type=click.Choice(["all", "findings", "none"]), default="all",
    show_default=True,
    help="Whose report files to write: of all; of patients with something urgent, to act on or to "
    "consider, or a failed check; of none. The tables hold everybody.",
)


class LazyGroup(click.Group):
    """A group that imports a subgroup only when it is asked for."""

    lazy = {
        "explain": ("epilepsy_pgx.pipeline.commands", "explain"),
        "identify": ("epilepsy_pgx.pipeline.commands", "identify"),
        "parquet": ("epilepsy_pgx.pipeline.commands", "parquet"),
        "reference": ("epilepsy_pgx.reference.commands", "reference"),
        "selftest": ("epilepsy_pgx.pipeline.commands", "selftest"),
        "authorise": ("epilepsy_pgx.report.commands", "authorise"),
        "render": ("epilepsy_pgx.report.commands", "render"),
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *self.lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module if need be."""
        if cmd_name in self.lazy:
            from importlib import import_module

            module, name = self.lazy[cmd_name]
            command: click.Command = getattr(import_module(module), name)
            return command
        return super().get_command(ctx, cmd_name)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="epilepsy-pgx")
def commands() -> None:
    """Pharmacogenomics for drug-resistant epilepsy: from a VCF to a report on anti-seizure drugs.

    Exit codes: 0 done; 2 the input must be mended and nothing ran; 3 some patients failed and
    the others are done; 1 a fault of the software and nothing is done.
    """


@commands.command()
@vcf_option
@build_option
@click.option("--out", type=PATH, required=True, help="Folder for reports and tables.")
@click.option("--sample", "only", multiple=True, help="Sample of the VCF; default: all.")
@callable_option
@fasta_option
@click.option("--samples", "sheet", type=PATH, default=None,
              help="Sample sheet with what is known of each patient; its rows choose the samples.")
@reference_option
@threshold_options
@written_options
@formats_option
@reports_option
@letterhead_options
def run(
    vcfs: tuple[Path, ...], build: str, out: Path, only: tuple[str, ...], covers: str | None,
    reference_fasta: Path | None, sheet: Path | None, reference: Path | None, min_quality: int,
    min_depth: int, min_balance: float, class_field: str, language: str, created: str | None,
    formats: str, chosen: str, paper: str, letterhead: Letterhead,
) -> int:
    """Write a report for each sample of some VCFs, without a workflow."""
    from epilepsy_pgx.pipeline.plan import plan_batches
    from epilepsy_pgx.pipeline.run import Failure, TargetCache, rows_of_files, run_groups
    from epilepsy_pgx.pipeline.sheets import rows_for_files
    from epilepsy_pgx.pipeline.write import write_run
    from epilepsy_pgx.quality.sites import SiteTally
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.vocabulary import GenomeBuild

    ref = load_reference(reference)
    written, tally = _formats(formats), SiteTally()
    rows, problems = rows_of_files(vcfs, GenomeBuild(build), covers, ref, only)
    if sheet is not None:
        rows, more = rows_for_files(sheet, rows, GenomeBuild(build), covers, ref)
        problems += more
    if not rows:
        raise PgxError(problems)
    groups = [g for b in plan_batches(rows, 100) for g in b.groups]
    cache = TargetCache(ref, reference_fasta)
    settings = _settings(language, created, min_quality, min_depth, min_balance)
    results = run_groups(
        groups, ref, cache, settings,
        _thresholds(min_quality, min_depth, min_balance, class_field),
        out / "cohort" / "identity.tsv", tally,
    )
    done, failures = write_run(
        results, out, written, ref, language, tally, chosen, paper, letterhead
    )
    early = [Failure(p.sample, (p,)) for p in problems]
    return _finish(done, [*early, *failures], out / "reports")


@commands.command()
@vcf_option
@build_option
@click.option("--out", type=PATH, required=True, help="Table of gene results to write.")
@click.option("--sites", "sites_out", type=PATH, default=None,
              help="Also write what was seen at every curated site.")
@callable_option
@fasta_option
@reference_option
@threshold_options
def call(
    vcfs: tuple[Path, ...], build: str, out: Path, sites_out: Path | None, covers: str | None,
    reference_fasta: Path | None, reference: Path | None, min_quality: int, min_depth: int,
    min_balance: float, class_field: str,
) -> int:
    """Call diplotypes and phenotypes: a row per sample and gene."""
    from epilepsy_pgx.pipeline.listing import GENE_COLUMNS, SITE_COLUMNS, gene_lines, site_lines
    from epilepsy_pgx.pipeline.write_listing import write_listing
    from epilepsy_pgx.reference.package import load_reference

    ref = load_reference(reference)
    return write_listing(
        vcfs, build, covers, reference_fasta, ref,
        _thresholds(min_quality, min_depth, min_balance, class_field),
        [(out, GENE_COLUMNS, lambda x: gene_lines(x, ref))]
        + ([(sites_out, SITE_COLUMNS, site_lines)] if sites_out else []),
        _print_problems, rare_variants=False,
    )


@commands.command()
@vcf_option
@build_option
@click.option("--out", type=PATH, required=True, help="Table of variants to write.")
@callable_option
@fasta_option
@reference_option
@threshold_options
def annotate(
    vcfs: tuple[Path, ...], build: str, out: Path, covers: str | None,
    reference_fasta: Path | None, reference: Path | None, min_quality: int, min_depth: int,
    min_balance: float, class_field: str,
) -> int:
    """Annotate variants in epilepsy genes: a row per sample, variant and gene."""
    from epilepsy_pgx.pipeline.listing import VARIANT_COLUMNS, variant_lines
    from epilepsy_pgx.pipeline.write_listing import write_listing
    from epilepsy_pgx.reference.package import load_reference

    ref = load_reference(reference)
    return write_listing(
        vcfs, build, covers, reference_fasta, ref,
        _thresholds(min_quality, min_depth, min_balance, class_field),
        [(out, VARIANT_COLUMNS, lambda x: variant_lines(x, ref))],
        _print_problems,
    )


@commands.command()
@build_option
@click.option("--bed", "form", flag_value="bed", default=True, help="Write BED (the default).")
@click.option("--vcf", "form", flag_value="vcf", help="Write a sites-only VCF.")
@click.option("--chr/--no-chr", "prefixed", default=True, show_default=True,
              help="Contig names chr2 or 2.")
@fasta_option
@reference_option
def sites(
    build: str, form: str, prefixed: bool, reference_fasta: Path | None, reference: Path | None
) -> int:
    """Print the positions a laboratory must force-call so that nothing is missing."""
    from epilepsy_pgx.pipeline.extract import load_targets
    from epilepsy_pgx.pipeline.listing import positions_bed, positions_vcf
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.vocabulary import GenomeBuild

    ref = load_reference(reference)
    targets = load_targets(ref, GenomeBuild(build), reference_fasta)
    prefix = "chr" if prefixed else ""
    lengths = {
        r.need("chrom"): int(r.need("length"))
        for r in ref.table("contigs") if r["build"] == build
    }
    lines = (
        positions_vcf(targets, prefix, lengths) if form == "vcf" else positions_bed(targets, prefix)
    )
    for line in lines:
        click.echo(line, nl=False)
    return DONE


@commands.command()
@sheet_options
@fasta_option
@reference_option
@threshold_options
@click.option("--out", type=PATH, required=True, help="Folder for the extraction.")
def extract(
    sheet: Path, batch: str, batch_size: int, build: str | None, reference_fasta: Path | None,
    reference: Path | None, min_quality: int, min_depth: int, min_balance: float,
    class_field: str, out: Path,
) -> int:
    """Stage 1: read the target records of a batch's files into arrays.

    A patient whose file cannot be read is written down and does not stop the batch.
    """
    from epilepsy_pgx.pipeline.run import TargetCache, extract_batch
    from epilepsy_pgx.reference.package import load_reference

    ref = load_reference(reference)
    failures = extract_batch(
        _batch(sheet, batch, batch_size, build, ref), ref, TargetCache(ref, reference_fasta),
        _thresholds(min_quality, min_depth, min_balance, class_field), out,
    )
    _print_failures(failures)
    return DONE


@commands.command()
@sheet_options
@fasta_option
@reference_option
@threshold_options
@written_options
@click.option("--extracted", type=PATH, required=True, help="Folder that 'extract' wrote.")
@click.option("--identity", type=PATH, default=None,
              help="Table that 'identify' wrote; without it identity is not assessed.")
@click.option("--out", type=PATH, required=True, help="Results to write (JSON lines, gzip).")
@click.option("--problems", type=PATH, required=True, help="Table of failed patients to write.")
@click.option("--sites", "sites_out", type=PATH, default=None,
              help="Table of how often each position could be read.")
def predict(
    sheet: Path, batch: str, batch_size: int, build: str | None, reference_fasta: Path | None,
    reference: Path | None, min_quality: int, min_depth: int, min_balance: float,
    class_field: str, language: str,
    created: str | None, extracted: Path, identity: Path | None, out: Path, problems: Path,
    sites_out: Path | None,
) -> int:
    """Stage 2: annotate, call and respond: one result per patient of a batch."""
    from epilepsy_pgx.pipeline.identity import read_identity
    from epilepsy_pgx.pipeline.run import (
        TargetCache,
        predict_batch,
        write_results,
        write_text,
    )
    from epilepsy_pgx.quality.sites import SiteTally
    from epilepsy_pgx.reference.package import load_reference

    ref, tally = load_reference(reference), SiteTally()
    results = predict_batch(
        _batch(sheet, batch, batch_size, build, ref), ref, TargetCache(ref, reference_fasta),
        _settings(language, created, min_quality, min_depth, min_balance), extracted,
        {} if identity is None else read_identity(identity), tally,
    )
    done, failed = write_results(results, out, problems)
    if sites_out is not None:
        write_text(sites_out, "".join(tally.lines()))
    click.echo(f"{done} patients predicted, {failed} failed", err=True)
    return DONE


@commands.command()
@click.argument("results", type=PATH, nargs=-1, required=True)
@click.option("--out", type=PATH, required=True, help="Folder for the reports.")
@click.option("--manifest", type=PATH, default=None, help="Table of the files written.")
@formats_option
@reports_option
@letterhead_options
@reference_option
def report(
    results: tuple[Path, ...], out: Path, manifest: Path | None, formats: str,
    chosen: str, reference: Path | None, paper: str, letterhead: Letterhead,
) -> int:
    """Stage 3: render results as reports."""
    from epilepsy_pgx.pipeline.run import read_results
    from epilepsy_pgx.pipeline.write import write_report_files
    from epilepsy_pgx.reference.package import load_reference

    reports = (r for path in results for r in read_results(path))
    ref = load_reference(reference)
    write_report_files(
        reports, out, _formats(formats), ref, manifest, chosen, paper, letterhead
    )
    return DONE


@commands.command()
@click.option("--predicted", type=PATH, required=True, help="Folder of the predicted batches.")
@click.option("--out", type=PATH, required=True, help="Folder for the tables.")
@click.option("--language", default="en", show_default=True, help="Language of the tables.")
@reports_option
@reference_option
def cohort(
    predicted: Path, out: Path, language: str, chosen: str, reference: Path | None
) -> int:
    """Stage 4: join all batches into tables over the cohort."""
    from epilepsy_pgx.pipeline.write import write_cohort
    from epilepsy_pgx.reference.package import load_reference

    write_cohort(predicted, out, load_reference(reference), language, chosen)
    return DONE


@commands.command()
@click.option("--cohort", "table", type=PATH, required=True, help="Cohort table of the run.")
@click.option("--problems", type=PATH, required=True, help="Table of failed patients.")
@click.option("--out", type=PATH, required=True, help="File to write the answer to.")
def status(table: Path, problems: Path, out: Path) -> int:
    """Say how many patients have a report; exit 3 if any has none."""
    from epilepsy_pgx.pipeline.write import count_outcome

    text, failed = count_outcome(table, problems)
    click.echo(text, err=True, nl=False)
    if failed:
        return SOME_FAILED
    out.write_text(text, encoding="utf-8")
    return DONE


def _batch(sheet: Path, name: str, size: int, build: str | None, ref: Any) -> Any:
    from epilepsy_pgx.intake.sheet import read_sheet
    from epilepsy_pgx.pipeline.plan import plan_batches
    from epilepsy_pgx.vocabulary import GenomeBuild

    read = read_sheet(sheet, ref, GenomeBuild(build) if build else None)
    batches = {b.name: b for b in plan_batches(read.rows, size, read.faulty)}
    if name not in batches:
        raise ConfigError.one(
            "batch-exists", file=str(sheet), column="--batch", found=repr(name),
            expected=f"one of {len(batches)} batches of this sheet",
            fix="Use the batch size that the run was planned with.",
        )
    return batches[name]


def _thresholds(quality: int, depth: int, balance: float, class_field: str) -> Any:
    from epilepsy_pgx.variants.decode import Thresholds

    return Thresholds(quality, depth, balance, class_field=class_field)


def _settings(language: str, created: str | None, quality: int, depth: int, balance: float) -> Any:
    from datetime import date

    from epilepsy_pgx.intake.table import is_day
    from epilepsy_pgx.pipeline.predict import RunSettings

    if created is None:
        created = date.today().isoformat()
    elif not is_day(created):
        raise ConfigError.one(
            "date", column="--date", found=repr(created), expected="a date such as 2026-03-31"
        )
    return RunSettings(
        created, language,
        (("genotype quality at least", str(quality)), ("depth at least", str(depth)),
         ("allele balance at least", str(balance))),
    )


def _example_reports(tables: Path) -> dict[str, str]:
    """Return the reports of the example patients under some tables, by sample id."""
    from epilepsy_pgx.pipeline.examples import example_reports

    return example_reports(tables)


def _formats(text: str) -> tuple[str, ...]:
    from epilepsy_pgx.report.write import FORMATS

    chosen = tuple(dict.fromkeys(w.strip() for w in text.split(",") if w.strip()))
    if not chosen or not set(chosen) <= set(FORMATS):
        raise ConfigError.one(
            "formats", column="--formats", found=repr(text), expected=", ".join(FORMATS)
        )
    return chosen


def _print_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)


def _print_failures(failures: "Iterable[Failure]") -> None:
    for line in dict.fromkeys(str(p) for f in failures for p in f.problems):
        click.echo(line, err=True)


def _finish(done: int, failures: "list[Failure]", folder: Path) -> int:
    _print_failures(failures)
    if done:
        click.echo(f"{done} reports in {folder}")
    if failures:
        click.echo(f"{len(failures)} patients or files failed", err=True)
    return exit_code(done, (p for f in failures for p in f.problems))


def main() -> None:
    """Run the command line and leave with its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # else NumPy starts one for each core
    try:
        code = commands.main(standalone_mode=False, obj={"make_reports": _example_reports})
    except PgxError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        code = exit_code(0, error.problems)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = NOTHING_RAN
    except BrokenPipeError:
        code = DONE
    sys.exit(code if isinstance(code, int) else DONE)


if __name__ == "__main__":
    main()
