"""The command `init`: a folder to start a run in."""

from importlib.util import find_spec
from pathlib import Path

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, say, tell
from epilepsy_pgx.errors import counted


@options.command()
@click.argument("folder", type=options.PATH)
@options.path_option(
    "--from",
    "source",
    text="Output folder of sarek, DRAGEN or another pipeline: the sheet gets a row for each sample "
    "of its VCFs, with the build that the header proves.",
)
def init(folder: Path, source: Path | None) -> Exit:
    """Start a run in FOLDER: configuration, sample sheet, profiles and the workflow."""
    from epilepsy_pgx.pipeline.finding import search_folder
    from epilepsy_pgx.pipeline.starter import sheet_text, start_folder
    from epilepsy_pgx.reference.package import load_reference

    if source is None:
        start_folder(folder, sheet_text())
    else:
        found = search_folder(source, load_reference())
        start_folder(folder, sheet_text(found.best, found.notes))
        tell(f"In the sheet: {counted(len(found.best), 'sample')} of {source}")
        if found.notes:
            say(f"Read what stands at the head of the sheet: {counted(len(found.notes), 'note')}")
    if find_spec("snakemake") is None:
        say("to run it, the extra 'workflow' is needed: pip install 'epilepsy-pgx[workflow]'")
    tell(f"{folder}: fill in config/samples.tsv, then run snakemake there; see README.md")
    return Exit.DONE
