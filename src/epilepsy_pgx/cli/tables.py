"""The commands that write or print plain tables: `call`, `annotate`, `sites`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, exit_code, say

if TYPE_CHECKING:
    from epilepsy_pgx.errors import Problem
    from epilepsy_pgx.intake.clinvar import ClinvarFile
    from epilepsy_pgx.pipeline.job import Method, NamedFiles
    from epilepsy_pgx.reference.package import Reference


@options.command()
@options.vcf_options
@options.named_build_option
@options.out_option("Table of gene results to write.")
@options.path_option("--sites", "sites_out", text="Also write what was seen at every curated site.")
@options.callable_option
@options.fasta_option
@options.tables_option
@options.threshold_options
@options.with_files
@options.with_method
def call(files: "NamedFiles", method: "Method", out: Path, sites_out: Path | None) -> Exit:
    """Call diplotypes and phenotypes: one row per sample and gene."""
    from epilepsy_pgx.pipeline.listing import GENE_COLUMNS, SITE_COLUMNS, gene_lines, site_lines
    from epilepsy_pgx.pipeline.write_listing import Listing, write_listing

    tables = [Listing(out, GENE_COLUMNS, lambda found: gene_lines(found, method.ref))]
    if sites_out is not None:
        tables.append(Listing(sites_out, SITE_COLUMNS, site_lines))
    done = write_listing(files, method, tables, rare_variants=False)
    return _tell(done.files, done.problems)


@options.command()
@options.vcf_options
@options.named_build_option
@options.out_option(
    "Table of variants to write; with a name that ends in .vcf.gz the target records with INFO "
    "fields of ours, their index, and the table beside them (.tsv)."
)
@click.option(
    "--plot",
    "gene",
    default=None,
    metavar="GENE",
    help="Also draw the variants of all samples in a gene on its protein.",
)
@options.path_option(
    "--plot-file",
    text="Picture to write, .svg or .png (default: the name of --out with GENE.svg at its end).",
)
@options.callable_option
@options.fasta_option
@options.tables_option
@options.threshold_options
@options.clinvar_option
@options.with_files
@options.with_method
def annotate(
    files: "NamedFiles",
    method: "Method",
    out: Path,
    gene: str | None,
    plot_file: Path | None,
    clinvar: "tuple[ClinvarFile, ...]",
) -> Exit:
    """Annotate variants in epilepsy genes: one row per sample, variant and gene."""
    from epilepsy_pgx.intake.clinvar import check_builds
    from epilepsy_pgx.pipeline.annotation import Wanted, write_annotation
    from epilepsy_pgx.pipeline.targets import TargetCache

    check_builds(clinvar, [files.build])
    for line in TargetCache(method.ref, method.fasta).sentences([files.build]):
        say(line)
    done = write_annotation(files, method, Wanted(out, gene, plot_file, clinvar))
    if done.unread:
        say(f"not read for want of a sequence or transcript: {', '.join(done.unread)}")
    return _tell(done.files, done.problems)


def _tell(done: int, problems: Sequence["Problem"]) -> Exit:
    """Print what failed, and return the exit code."""
    from epilepsy_pgx.pipeline.faults import first_lines

    complain(first_lines(map(str, problems)))
    return exit_code(done, problems)


@options.command()
@options.named_build_option
@click.option("--bed", "form", flag_value="bed", default=True, help="Write BED (the default).")
@click.option("--vcf", "form", flag_value="vcf", help="Write a sites-only VCF.")
@click.option(
    "--chr/--no-chr", "prefixed", default=True, show_default=True, help="Contig names chr2 or 2."
)
@options.fasta_option
@options.tables_option
def sites(
    build: str, form: str, prefixed: bool, reference_fasta: Path | None, ref: "Reference"
) -> Exit:
    """Print the positions a laboratory must force-call so that nothing is missing."""
    from epilepsy_pgx.pipeline.listing import positions_bed, positions_vcf
    from epilepsy_pgx.pipeline.targets import load_targets
    from epilepsy_pgx.vocabulary import GenomeBuild

    targets = load_targets(ref, GenomeBuild(build), reference_fasta)
    prefix = "chr" if prefixed else ""
    lengths = ref.contigs(build).lengths
    lines = (
        positions_vcf(targets, prefix, lengths) if form == "vcf" else positions_bed(targets, prefix)
    )
    for line in lines:
        click.echo(line, nl=False)
    return Exit.DONE
