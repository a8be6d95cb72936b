"""The command `run`: from files to reports and tables, without a workflow."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, exit_code, say, tell
from epilepsy_pgx.errors import counted
from epilepsy_pgx.frozen import replace

if TYPE_CHECKING:
    from epilepsy_pgx.pipeline.job import Method, NamedFiles
    from epilepsy_pgx.pipeline.predict import RunSettings
    from epilepsy_pgx.pipeline.write import Output


def _chosen_files(files: "NamedFiles", only: tuple[str, ...], sheet: Path | None) -> "NamedFiles":
    return replace(files, only=only, sheet=sheet)


@options.command()
@options.vcf_options
@options.named_build_option
@options.out_option("Folder for reports and tables.")
@click.option("--sample", "only", multiple=True, help="Sample of the VCF; default: all.")
@options.callable_option
@options.fasta_option
@options.sheet_option(
    "Sample sheet with what is known of each patient; its rows choose the samples.", required=False
)
@options.tables_option
@options.threshold_options
@options.settings_options
@options.formats_option
@options.reports_option
@options.letterhead_options
@options.with_files
@options.with_method
@options.with_output
@options.gather("files", _chosen_files)
def run(files: "NamedFiles", method: "Method", settings: "RunSettings", output: "Output") -> Exit:
    """Write a report for each sample of some VCFs, without a workflow."""
    from epilepsy_pgx.ledger.withdrawn import failed_lines, withdrawn_lines
    from epilepsy_pgx.pipeline.run_files import run_files

    output = replace(output, reports=output.reports / "reports")
    done = run_files(files, method, settings, output, tell)
    if done.reports:
        click.echo(f"{counted(done.reports, 'report')} in {output.reports}")
    released = (
        *withdrawn_lines(done.withdrawn, output.folder),
        *failed_lines(output.folder, done.withdrawn),
    )
    for line in (*done.earlier, *released):
        say(line)
    if done.failures:
        failed = len({(f.sample_id, f.problems) for f in done.failures})
        which = counted(failed, "patient or file", "patients or files")
        complain([f"{which} failed: see {done.problems}", *done.lines])
    return exit_code(done.reports, (p for f in done.failures for p in f.problems))
