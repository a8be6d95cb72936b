"""The commands that work on one report: render it again, release it."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit
from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.files import write_bytes
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.formats import DEFAULTS, FORMATS

if TYPE_CHECKING:
    from epilepsy_pgx.reference.package import Reference
    from epilepsy_pgx.report.letterhead import Letterhead


class Look(NamedTuple):
    """How a file looks."""

    form: str | None
    """None for that of the file's ending."""
    paper: str
    letterhead: "Letterhead"
    language: str | None
    """None for the report's own."""


@options.command()
@click.argument("report", type=options.PATH)
@click.option(
    "--format",
    "form",
    type=click.Choice(tuple(FORMATS)),
    help=f"Format to write (default: that of the file's ending, else {DEFAULTS[0]}).",
)
@click.option("--language", default=None, help="Language of the file (default: the report's).")
@options.out_option("File to write.")
@options.letterhead_options
@options.tables_option
@options.gather("look", Look)
def render(report: Path, look: Look, out: Path, ref: "Reference") -> Exit:
    """Render REPORT (JSON) again; the same report gives the same bytes.

    A final report is refused if it was changed since it was authorised, or if this software or
    the tables are not those that made it. It stays in the language that it was authorised in.
    """
    from epilepsy_pgx.reference.texts import check_language
    from epilepsy_pgx.report.authorise import require_makers
    from epilepsy_pgx.report.write import render_report

    form = form_of(out, look.form)
    read = _read(report, out)
    _check_place(out)
    if read.authorisation:
        require_makers(read, str(report), ref)
        _check_valid(read, report)
    _check_words(read, report, look.language)
    check_language(ref, look.language or read.language)
    data = render_report(read, form, ref, look.paper, look.letterhead, look.language)
    write_bytes(out, data)
    return Exit.DONE


class Release(NamedTuple):
    """Who releases a report, when, and what an amended one replaces."""

    name: str
    role: str
    day: str
    version: int
    replaces: str
    reason: str


@options.command()
@click.argument("report", type=options.PATH)
@click.option("--name", required=True, help="Name of the person who authorises the report.")
@click.option("--role", required=True, help="Role of that person.")
@click.option("--date", "day", required=True, metavar="YYYY-MM-DD", help="Date of authorisation.")
@options.out_option("Final report to write (JSON).")
@click.option(
    "--version",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Version of the report; above 1 for an amended report.",
)
@click.option("--replaces", default="", metavar="ID", help="Report that an amended one replaces.")
@click.option("--reason", default="", help="What was changed in an amended report, and why.")
@options.gather("release", Release)
def authorise(report: Path, release: Release, out: Path) -> Exit:
    """Authorise the draft REPORT (JSON): write it as final, with the name of the authoriser.

    Give the file that it writes to 'render' for pages without the draft mark. A report that is
    not reportable, or final already, is refused.
    """
    from epilepsy_pgx.ledger.book import ledger_above
    from epilepsy_pgx.report.authorise import authorise_report, require_draft
    from epilepsy_pgx.report.serialise import report_to_json

    for place in (report, out):
        if (folder := ledger_above(place)) is not None:
            raise ConfigError.one(
                "authorise-ledger",
                file=str(report),
                found=f"a draft, or a file to write, in {folder}, which has a ledger or lost it",
                expected="a release that the ledger records",
                fix="Use 'epilepsy-pgx release'.",
            )
    read = _read(report, out)
    require_draft(read, str(report))
    final = authorise_report(read, *release)
    write_bytes(out, report_to_json(final).encode())
    return Exit.DONE


def _check_place(out: Path) -> None:
    """Refuse to write among released files: what lies there was released."""
    from epilepsy_pgx.ledger.book import ledger_above
    from epilepsy_pgx.ledger.entries import RELEASED

    above = ledger_above(out)
    if above is not None and above / RELEASED in out.resolve().parents:
        raise ConfigError.one(
            "render-released",
            column="--out",
            found=f"a place in {above / RELEASED}",
            expected="another folder: released files lie there alone",
        )


def _check_valid(read: PatientReport, path: Path) -> None:
    """Refuse a released report that the ledger above it has as withdrawn or replaced."""
    from epilepsy_pgx.authorisation import name_edition
    from epilepsy_pgx.ledger.book import editions, ledger_above
    from epilepsy_pgx.ledger.editions import reading

    above, given = ledger_above(path), read.authorisation
    if above is None or given is None or given.withdrawal is not None:
        return
    edition = name_edition(read.report_id, given)
    with reading(above) as book:
        standing = editions(book.standing(), edition, read.language)
    gone = next((s.state for s in standing if s.state in ("withdrawn", "replaced")), None)
    if gone is not None:
        raise InputError.one(
            "render-gone",
            file=str(path),
            found=f"{edition}, which was {gone}",
            expected="a report that stands, or the JSON of its withdrawal",
            fix="Its released files stay as they are, for the record.",
        )


def _check_words(read: PatientReport, path: Path, language: str | None) -> None:
    """Refuse to render a released report in a language that was not authorised."""
    if read.authorisation and language not in (None, read.language):
        raise InputError.one(
            "final-language",
            file=str(path),
            column="--language",
            found=f"'{language}' for a final report in '{read.language}'",
            expected=f"'{read.language}', in which it was authorised",
            fix="Render the draft in the other language as JSON, and authorise that one too.",
        )


def form_of(out: Path, asked: str | None) -> str:
    """Return the format to write; the ending of a file never names another one.

    Raises
    ------
    ConfigError
        If the ending is that of another format than the one asked for.
    """
    # The longest ending first: `x.fhir.json` is FHIR, `x.json` is JSON.
    endings = sorted(((form.suffix, name) for name, form in FORMATS.items()), key=_longest)
    named = [(end, name) for end, name in endings if out.name.lower().endswith(f".{end}")]
    if asked is None:
        return named[0][1] if named else DEFAULTS[0]
    own = FORMATS[asked].suffix
    if named and _last(named[0][0]) != _last(own):
        raise ConfigError.one(
            "render-format",
            column="--out",
            found=f"a file that ends in .{named[0][0]}, beside --format {asked}",
            expected=f"a file that ends in .{own}",
            fix="Leave out --format, or name the file after it.",
        )
    return asked


def _longest(ending: tuple[str, str]) -> int:
    return -len(ending[0])


def _last(suffix: str) -> str:
    return suffix.rsplit(".", 1)[-1]


def _read(path: Path, out: Path) -> PatientReport:
    from epilepsy_pgx.report.authorise import read_report_file

    if out.resolve() == path.resolve():
        raise ConfigError.one(
            "render-out", column="--out", found="the report itself", expected="another file"
        )
    return read_report_file(path)[0]
