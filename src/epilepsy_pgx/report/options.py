"""Options of the commands that write report files."""

import click

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.report.formats import DEFAULTS, FORMATS

formats_option = click.option(
    "--formats", default=",".join(DEFAULTS), show_default=True,
    help=f"Files to write for each patient, joined by commas: {', '.join(FORMATS)}.",
)
reports_option = click.option(
    "--reports", "chosen", type=click.Choice(["all", "findings", "none"]), default="all",
    show_default=True,
    help="Whose report files to write: of all; of patients with something urgent, to act on or to "
    "consider, or a failed check; of none. The tables hold everybody.",
)


def read_formats(text: str) -> tuple[str, ...]:
    """Return the formats that `--formats` names.

    Raises
    ------
    ConfigError
        If it names none, or one that does not exist.
    """
    chosen = tuple(dict.fromkeys(w.strip() for w in text.split(",") if w.strip()))
    if not chosen or not set(chosen) <= set(FORMATS):
        raise ConfigError.one(
            "formats", column="--formats", found=repr(text), expected=", ".join(FORMATS)
        )
    return chosen
