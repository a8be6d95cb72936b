"""The command `quality`: control samples, turnaround and what is due, over several runs."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, say
from epilepsy_pgx.errors import counted

if TYPE_CHECKING:
    from epilepsy_pgx.report.wording import Wording


class Rules(NamedTuple):
    """What is compared and exported."""

    controls: Path | None
    orders: Path | None
    keep_years: int
    eqa: tuple[str, ...]


@options.command()
@click.argument("results", type=options.PATH, nargs=-1, required=True)
@options.gather(
    "rules",
    Rules,
    options.path_option(
        "--controls", text="Expected results: a TSV with sample_id, gene, expected, tables."
    ),
    options.path_option("--orders", text="The table orders.tsv that 'orders' wrote."),
    click.option(
        "--keep-years",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="List released reports older than this; 0: none. Nothing is removed.",
    ),
    click.option(
        "--eqa", multiple=True, metavar="SAMPLE", help="Sample to export for an outside check."
    ),
)
@options.page_language_option
@options.out_option("Folder for tables and page.")
def quality(results: tuple[Path, ...], rules: Rules, words: "Wording", out: Path) -> Exit:
    """Compare the control samples of some RESULTS, each a run, and chart them over time.

    Exit code 3 if a control does not agree, or is missing from a run, or a sample to export is in
    no run.
    """
    from datetime import date

    from epilepsy_pgx.oversight.controls import read_controls
    from epilepsy_pgx.oversight.page import look_at, write_oversight
    from epilepsy_pgx.reference.package import load_reference

    expected = read_controls(rules.controls) if rules.controls is not None else []
    found = look_at(results, expected, rules.keep_years, rules.eqa, (load_reference(),))
    write_oversight(found, out, rules.orders, date.today().isoformat(), words)
    controls = sum(len(run.controls) for run in found.runs)
    say(
        f"{counted(len(found.runs), 'run')}; {controls - len(found.wrong)} of "
        f"{controls} controls agree"
    )
    complain(f"--eqa {sample}: no such sample in these runs" for sample in sorted(found.unknown))
    click.echo(str(out / "index.html"))
    return Exit.SOME_FAILED if found.wrong or found.unknown else Exit.DONE
