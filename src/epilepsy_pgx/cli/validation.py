"""The command that validates an installation."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, say, tell
from epilepsy_pgx.errors import counted

if TYPE_CHECKING:
    from epilepsy_pgx.reference.package import Reference


@options.command()
@click.argument("out", type=options.PATH, metavar="OUT")
@options.path_option(
    "--against", text="Folder of the curated tables in use before: what changed is compared."
)
@options.tables_option
def validate(out: Path, against: Path | None, ref: "Reference") -> Exit:
    """Validate this installation, and write a protocol to be signed into the folder OUT.

    Concordance, reportable range, robustness, repeatability and limits are checked on inputs that
    come with the software; docs/validation.md describes them. The exit code is 1 if a check fails.
    """
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.validation.run import validate as run_checks

    old = None if against is None else load_reference(against)
    protocol = run_checks(ref, out, say, old)
    if not protocol.passed:
        complain(["The validation failed: do not use this installation."])
    tell(f"{counted(len(protocol.checks), 'check')}: {out / 'protocol.html'}")
    return Exit.DONE if protocol.passed else Exit.BUG
