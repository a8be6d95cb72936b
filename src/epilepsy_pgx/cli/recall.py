"""The command `reanalyse`: stored results with other tables or corrected entries."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, exit_code, say
from epilepsy_pgx.errors import ConfigError

if TYPE_CHECKING:
    from epilepsy_pgx.reference.package import Reference


def _made_with(tables: tuple[Path, ...], made_with_overlay: Path | None) -> "tuple[Reference, ...]":
    """Open the tables that may have made the stored results; those of the software always."""
    from epilepsy_pgx.reference.package import load_reference

    found = [load_reference(), *map(load_reference, tables)]
    if made_with_overlay is not None:
        from epilepsy_pgx.reference.overlay_check import open_checked

        found += [open_checked(ref.path, made_with_overlay) for ref in found]
    return tuple(found)


class Written(NamedTuple):
    """What the files say beside what is found, and how many processes make them."""

    day: str
    language: str
    threads: int | None


def _written(day: str | None, language: str, threads: int | None) -> Written:
    from datetime import date

    from epilepsy_pgx.intake.table import is_day

    if day is not None and not is_day(day):
        raise ConfigError.one(
            "date", column="--date", found=repr(day), expected="a date such as 2026-03-31"
        )
    return Written(day or date.today().isoformat(), language, threads)


@options.command()
@click.argument("results", type=options.PATH)
@options.sheet_option(
    "Corrected sheet: its patients get its clinical entry, typings, outside calls and classes.",
    required=False,
)
@options.gather(
    "made_with",
    _made_with,
    click.option(
        "--made-with",
        "tables",
        type=options.PATH,
        multiple=True,
        help="Tables that made the stored results, if other than the software's; repeatable.",
    ),
    options.path_option("--made-with-overlay", text="The overlay that they were made with."),
)
@options.gather(
    "written",
    _written,
    click.option(
        "--date",
        "day",
        default=None,
        metavar="YYYY-MM-DD",
        help="Date on the drafts (default: today).",
    ),
    options.language_option("the page"),
    click.option(
        "-j",
        "--threads",
        type=click.IntRange(min=1),
        default=None,
        help="Processes that tell patients again (default: one for each core).",
    ),
)
@options.tables_option
@options.out_option("Folder for tables, page and drafts.")
def reanalyse(
    results: Path,
    sheet: Path | None,
    made_with: "tuple[Reference, ...]",
    written: Written,
    ref: "Reference",
    out: Path,
) -> Exit:
    """Tell the stored results of RESULTS again, without the VCFs: whose actions change, and why.

    What was not stored is listed patient by patient as not told, never as no change.
    """
    from epilepsy_pgx.recall.reanalyse import Asked
    from epilepsy_pgx.recall.reanalyse import reanalyse as tell_again
    from epilepsy_pgx.recall.spread import cores
    from epilepsy_pgx.reference.texts import check_language

    check_language(ref, written.language)

    if out.resolve() == results.resolve():
        raise ConfigError.one(
            "recall-out", column="--out", found="the results themselves", expected="another folder"
        )
    threads = written.threads or cores()
    asked = Asked(results, out, written.day, made_with, sheet, written.language, threads)
    done = tell_again(asked, ref)
    for state, number in done.numbers.items():
        say(f"{number}: {state}")
    complain(map(str, done.problems))
    click.echo(str(out / "recall.tsv"))
    return exit_code(done.patients, done.problems)
