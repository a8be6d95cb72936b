"""The command `workflow`: Snakemake in this folder, also behind a run that was cut off."""

import os
import subprocess
import sys
from pathlib import Path

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, say

UNLOCK_SECONDS = 600
"""Time in which Snakemake reads the plan of a hundred thousand patients and takes its lock away."""


@options.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def workflow(words: tuple[str, ...]) -> Exit:
    """Run the workflow in this folder, or go on with a run that was cut off.

    WORDS go to Snakemake: --config samples=SHEET, -n, --workflow-profile DIR. The lock of a run
    that was killed is taken away if no process of it is left, and jobs that were cut off run
    again; what was finished stays. All cores are used if WORDS do not say how many.
    """
    from epilepsy_pgx.pipeline.resume import make_way, run_words, write_host

    folder = Path.cwd()
    python = [sys.executable, "-m", *run_words(folder, words)]
    if make_way(folder, say):
        say("the lock of a run that was cut off is taken away")
        subprocess.run([*python, "--unlock"], check=False, timeout=UNLOCK_SECONDS)
    write_host(folder)
    # This process becomes Snakemake: its exit code, and what kills it, are Snakemake's.
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, python)  # the words are no shell's
