"""The command `orders`: what may be run, and what is refused and why."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, exit_code, say

if TYPE_CHECKING:
    from epilepsy_pgx.reference.package import Reference
    from epilepsy_pgx.report.wording import Wording


@options.command()
@click.argument("orders", type=options.PATH)
@click.argument("manifest", type=options.PATH)
@click.option(
    "--earlier",
    type=options.PATH,
    multiple=True,
    help="Manifest of an earlier run: a file that it binds is not used again; repeatable.",
)
@options.path_option(
    "--entries", text="Clinical entries and side files: columns of the sheet, by accession."
)
@click.option(
    "--sign",
    is_flag=True,
    help="Sign what is accepted (EPILEPSY_PGX_LEDGER_KEY), for 'verify --manifest'.",
)
@options.gather(
    "page",
    lambda language, ref, out: (options.open_words(language, ref), ref, out),
    options.language_option("the page"),
    options.tables_option,
    options.out_option("Folder for the sample sheet, the table of orders, and their page."),
)
def orders(
    orders: Path,
    manifest: Path,
    earlier: tuple[Path, ...],
    entries: Path | None,
    sign: bool,
    page: "tuple[Wording, Reference, Path]",
) -> Exit:
    """Bring ORDERS and MANIFEST together: a sample sheet of what may run.

    An order without two identifiers or consent, a file that is another than the one bound, or is
    used twice, and a patient who has an order already are refused, each with its reason.
    """
    from epilepsy_pgx.intake.orders import read_entries, read_manifest, read_orders, switch_off
    from epilepsy_pgx.ledger.binding import FILE as BOUND
    from epilepsy_pgx.ledger.binding import write_binding
    from epilepsy_pgx.pipeline.orders import accepted_files, join_orders, numbers, write_orders
    from epilepsy_pgx.reference.rows import Gene
    from epilepsy_pgx.report.superseded import put_aside

    words, ref, out = page
    if sign:
        from epilepsy_pgx.ledger.signing import public_key

        # A key that is lacking is told before anything is written.
        public_key()
    before = [bound for path in earlier for bound in read_manifest(path)]
    genes = {row.gene for row in ref.rows(Gene)}
    ordered, files = read_orders(orders, genes=genes), read_manifest(manifest)
    known = {one.accession for one in ordered} | {one.accession for one in (*files, *before)}
    more = read_entries(entries, known, genes) if entries is not None else {}
    taken = join_orders(switch_off(ordered, more), files, before)
    write_orders(taken, out, words, more)
    if sign:
        write_binding(accepted_files(taken), out)
    else:
        put_aside(out, [out / BOUND], "signed manifest of an earlier call")
    for state, number in numbers(taken).items():
        say(f"{number}: {state}")
    problems = [p for one in taken for p in one.problems]
    complain(map(str, problems))
    click.echo(str(out / "samples.tsv"))
    return exit_code(numbers(taken)["accepted"], problems)
