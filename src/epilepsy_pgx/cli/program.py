"""The program `epilepsy-pgx`: all its commands, each imported when it is asked for."""

import atexit
import gc
import os
from importlib import import_module
from pathlib import Path

import click

from epilepsy_pgx import __version__
from epilepsy_pgx.cli.base import Group, end_in_order, verbosity_options
from epilepsy_pgx.worker import fork_workers


class LazyGroup(Group):
    """A group that imports a command only when it is asked for."""

    lazy = {
        "acknowledge": "ledger",
        "amend": "ledger",
        "annotate": "tables",
        "authorise": "release",
        "call": "tables",
        "cohort": "stages",
        "cut": "stages",
        "explain": "answers",
        "extract": "stages",
        "form": "forms",
        "identify": "stages",
        "init": "init",
        "model": "models",
        "ledger": "ledgersettings",
        "orders": "orders",
        "parquet": "stages",
        "plan": "stages",
        "predict": "stages",
        "quality": "oversight",
        "reanalyse": "recall",
        "reference": "reference",
        "release": "ledger",
        "render": "release",
        "report": "stages",
        "review": "ledger",
        "run": "run",
        "selftest": "answers",
        "send": "ledger",
        "sites": "tables",
        "status": "stages",
        "urgent": "ledger",
        "validate": "validation",
        "verify": "ledger",
        "withdraw": "ledger",
        "workflow": "workflow",
    }
    """The module of each command, which has the command's name there."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *self.lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module if need be."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"epilepsy_pgx.cli.{self.lazy[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="epilepsy-pgx")
def commands() -> None:
    """Pharmacogenomics for drug-resistant epilepsy: from a VCF to a report on anti-seizure drugs.

    Exit codes: 0: done; 2: invalid input, nothing was run; 3: some patients failed, the others
    were completed; 1: internal error, nothing was completed.
    """


commands.params += verbosity_options("EPILEPSY_PGX_VERBOSE")


_OBJECTS = 1_000_000
"""New objects after which Python looks for those that hold on to each other and nothing else."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # else NumPy starts one for each core
    # A command keeps most of what it makes: to look for garbage is a tenth of a short run.
    gc.set_threshold(_OBJECTS)
    # Nor is there a use for it at the end of the process.
    atexit.register(gc.freeze)
    end_in_order()
    fork_workers()
    commands.main(obj={"make_reports": _example_reports})


def _example_reports(tables: Path) -> dict[str, str]:
    """Return the reports of the example patients under some tables, by sample id."""
    from epilepsy_pgx.pipeline.examples import example_reports

    return example_reports(tables)
