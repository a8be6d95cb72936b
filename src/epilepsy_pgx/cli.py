"""The command line: read files, call one function, write files."""

import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from epilepsy_pgx import __version__
from epilepsy_pgx.errors import ConfigError, PgxError, Problem
from epilepsy_pgx.files import FULL, place_error
from epilepsy_pgx.pipeline.faults import exit_code
from epilepsy_pgx.report.letterhead import Letterhead, letterhead_options
from epilepsy_pgx.report.options import formats_option, read_formats, reports_option

DONE, NOTHING_RAN = 0, 2
PATH = click.Path(path_type=Path, readable=False)
BUILD = click.Choice(["GRCh37", "GRCh38"])


def _several(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def add(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def _join_files(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def joined(files: tuple[Path, ...], vcfs: tuple[Path, ...], **given: Any) -> Any:
        from epilepsy_pgx.pipeline.samples import distinct_files

        if not (files or vcfs):
            raise click.UsageError("Name a VCF: as an argument, or with --vcf.")
        return function(vcfs=distinct_files([*vcfs, *files]), **given)

    return joined


def vcf_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the files of a command: each after --vcf, or as plain arguments."""
    plain = click.argument("files", type=PATH, nargs=-1, metavar="[VCF]...")
    option = click.option(
        "--vcf", "vcfs", type=PATH, multiple=True,
        help="VCF, gVCF or BCF, compressed or not; may be given several times. Files may stand "
        "without it too, so that patterns such as *.vcf.gz work.",
    )
    return plain(option(_join_files(function)))


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
    click.option("--min-gencall", type=click.FloatRange(0, 1), default=0.15, show_default=True,
                 help="Lowest GenCall score of a genotype from an array."),
    click.option("--class-field", default="CLNSIG", show_default=True,
                 help="INFO field of the VCF that holds an ACMG class."),
)
extracted_thresholds = _several(
    click.option("--min-quality", type=int, default=None,
                 help="Lowest genotype quality of the extraction, if it is to be checked."),
    click.option("--min-depth", type=int, default=None,
                 help="Lowest read depth of the extraction, if it is to be checked."),
    click.option("--min-balance", type=float, default=None,
                 help="Allele balance of the extraction, if it is to be checked."),
    click.option("--min-gencall", type=float, default=None,
                 help="GenCall score of the extraction, if it is to be checked."),
    click.option("--class-field", default=None,
                 help="Class field of the extraction, if it is to be checked."),
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

class LazyGroup(click.Group):
    """A group that imports a subgroup only when it is asked for."""

    lazy = {
        "cohort": ("epilepsy_pgx.pipeline.commands", "cohort"),
        "report": ("epilepsy_pgx.pipeline.commands", "report"),
        "status": ("epilepsy_pgx.pipeline.commands", "status"),
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
    min_depth: int, min_balance: float, min_gencall: float, class_field: str, language: str,
    created: str | None, formats: str, chosen: str, paper: str, letterhead: Letterhead,
) -> int:
    """Write a report for each sample of some VCFs, without a workflow."""
    from epilepsy_pgx.pipeline.run_files import run_files
    from epilepsy_pgx.pipeline.write import Output
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.vocabulary import GenomeBuild

    thresholds = _thresholds(min_quality, min_depth, min_balance, min_gencall, class_field)
    return run_files(
        vcfs, GenomeBuild(build), covers, out,
        Output(out / "reports", read_formats(formats), chosen, paper, letterhead),
        load_reference(reference), reference_fasta, _settings(language, created, thresholds),
        thresholds, sheet, only,
    )


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
    min_balance: float, min_gencall: float, class_field: str,
) -> int:
    """Call diplotypes and phenotypes: a row per sample and gene."""
    from epilepsy_pgx.pipeline.listing import GENE_COLUMNS, SITE_COLUMNS, gene_lines, site_lines
    from epilepsy_pgx.pipeline.write_listing import write_listing
    from epilepsy_pgx.reference.package import load_reference

    ref = load_reference(reference)
    return write_listing(
        vcfs, build, covers, reference_fasta, ref,
        _thresholds(min_quality, min_depth, min_balance, min_gencall, class_field),
        [(out, GENE_COLUMNS, lambda x: gene_lines(x, ref))]
        + ([(sites_out, SITE_COLUMNS, site_lines)] if sites_out else []),
        _file_problems, rare_variants=False,
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
    min_balance: float, min_gencall: float, class_field: str,
) -> int:
    """Annotate variants in epilepsy genes: a row per sample, variant and gene."""
    from epilepsy_pgx.pipeline.listing import VARIANT_COLUMNS, variant_lines
    from epilepsy_pgx.pipeline.write_listing import write_listing
    from epilepsy_pgx.reference.package import load_reference

    ref = load_reference(reference)
    return write_listing(
        vcfs, build, covers, reference_fasta, ref,
        _thresholds(min_quality, min_depth, min_balance, min_gencall, class_field),
        [(out, VARIANT_COLUMNS, lambda x: variant_lines(x, ref))],
        _file_problems, say=lambda text: click.echo(text, err=True),
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
    from epilepsy_pgx.pipeline.listing import positions_bed, positions_vcf
    from epilepsy_pgx.pipeline.targets import load_targets
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
    min_gencall: float, class_field: str, out: Path,
) -> int:
    """Stage 1: read the target records of a batch's files into arrays.

    A patient whose file cannot be read is written down and does not stop the batch.
    """
    from epilepsy_pgx.files import locked
    from epilepsy_pgx.pipeline.run import TargetCache, extract_batch, failure_lines
    from epilepsy_pgx.reference.package import load_reference

    ref = load_reference(reference)
    planned = _batch(sheet, batch, batch_size, build, ref)
    with locked(out):
        failures = extract_batch(
            planned, ref, TargetCache(ref, reference_fasta),
            _thresholds(min_quality, min_depth, min_balance, min_gencall, class_field), out,
        )
    for line in failure_lines(failures, named=True):
        click.echo(line, err=True)
    return DONE


@commands.command()
@sheet_options
@fasta_option
@reference_option
@extracted_thresholds
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
    reference: Path | None, min_quality: int | None, min_depth: int | None,
    min_balance: float | None, min_gencall: float | None, class_field: str | None, language: str,
    created: str | None, extracted: Path, identity: Path | None, out: Path, problems: Path,
    sites_out: Path | None,
) -> int:
    """Stage 2: annotate, call and respond: one result per patient of a batch.

    The thresholds and the class field are those of the extraction, and the reports print them;
    one that is given and differs is refused.
    """
    from epilepsy_pgx.files import write_text
    from epilepsy_pgx.pipeline.identity import read_identity
    from epilepsy_pgx.pipeline.run import TargetCache, predict_batch, write_results
    from epilepsy_pgx.quality.sites import SiteTally
    from epilepsy_pgx.reference.package import load_reference

    ref, tally = load_reference(reference), SiteTally()
    stated = {"quality": min_quality, "depth": min_depth, "balance": min_balance,
              "gencall_score": min_gencall, "class_field": class_field}
    results = predict_batch(
        _batch(sheet, batch, batch_size, build, ref), ref, TargetCache(ref, reference_fasta),
        _settings(language, created), extracted,
        {} if identity is None else read_identity(identity), tally,
        {name: value for name, value in stated.items() if value is not None},
    )
    done, failed = write_results(results, out, problems)
    if sites_out is not None:
        write_text(sites_out, "".join(tally.lines()))
    click.echo(f"{done} patients predicted, {failed} failed", err=True)
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


def _thresholds(quality: int, depth: int, balance: float, gencall: float, field: str) -> Any:
    from epilepsy_pgx.variants.decode import Thresholds

    return Thresholds(quality, depth, balance, class_field=field, gencall_score=gencall)


def _settings(language: str, created: str | None, thresholds: Any = None) -> Any:
    from datetime import date

    from epilepsy_pgx.intake.table import is_day
    from epilepsy_pgx.pipeline.predict import RunSettings, describe_thresholds

    if created is None:
        created = date.today().isoformat()
    elif not is_day(created):
        raise ConfigError.one(
            "date", column="--date", found=repr(created), expected="a date such as 2026-03-31"
        )
    parameters = () if thresholds is None else describe_thresholds(thresholds)
    return RunSettings(created, language, parameters)


def _example_reports(tables: Path) -> dict[str, str]:
    """Return the reports of the example patients under some tables, by sample id."""
    from epilepsy_pgx.pipeline.examples import example_reports

    return example_reports(tables)


def _file_problems(problems: Iterable[Problem]) -> None:
    from epilepsy_pgx.pipeline.faults import first_lines

    for line in first_lines(str(p) for p in problems):
        click.echo(line, err=True)


def main() -> None:
    """Run the command line and leave with its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # else NumPy starts one for each core
    try:
        code = commands.main(standalone_mode=False, obj={"make_reports": _example_reports})
        sys.stdout.flush()
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
    except OSError as error:
        if error.errno not in FULL:
            raise
        place = error.filename or "standard output"
        click.echo("\n".join(map(str, place_error(place, error).problems)), err=True)
        os._exit(NOTHING_RAN)  # what is still to be flushed would fail once more
    sys.exit(code if isinstance(code, int) else DONE)


if __name__ == "__main__":
    main()
