"""The command that asks published prediction models."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, exit_code, say

if TYPE_CHECKING:
    from epilepsy_pgx.reference.package import Reference


@options.command()
@click.argument("name", metavar="MODEL")
@options.path_option(
    "--table",
    text="Table with the columns sample, onset_months (age at the first seizure) and protein "
    "(a change such as p.Arg1234Trp, or 'truncating'); a column class is optional.",
    required=True,
)
@options.out_option(
    "Table to write: that of --table with probability, lower and upper (95 % interval; all in per "
    "cent), and status."
)
@options.tables_option
def model(name: str, table: Path, out: Path, ref: "Reference") -> Exit:
    """Ask a published prediction MODEL, such as scn1a, about each row of a table.

    The status is 'computed', or says why there is no probability: no_variant, benign_class,
    not_missense_or_truncating, no_residue_score, no_onset, onset_outside_training_range. A row
    that cannot be read is left out and named; the exit code is then 3.
    """
    from epilepsy_pgx.pipeline.prediction_table import predict_table
    from epilepsy_pgx.reference.rows import PublishedModel
    from epilepsy_pgx.response.prediction_model import load_model

    rows = {row.model: row for row in ref.rows(PublishedModel)}
    if name not in rows:
        raise click.UsageError(f"No model '{name[:40]}'; known: {', '.join(sorted(rows))}.")
    done = predict_table(table, out, load_model(ref, rows[name]), ref)
    for note in done.notes:
        say(note)
    complain(map(str, done.problems))
    return exit_code(done.rows, done.problems)
