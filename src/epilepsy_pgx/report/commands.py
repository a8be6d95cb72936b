"""Commands on single reports: render one again, authorise one."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.report.paper import PAPERS, read_letterhead
from epilepsy_pgx.report.write import FORMATS

if TYPE_CHECKING:
    from epilepsy_pgx.model import PatientReport

PATH = click.Path(path_type=Path)


@click.command()
@click.argument("report", type=PATH)
@click.option("--format", "form", type=click.Choice(FORMATS), default="html", show_default=True,
              help="Format to write.")
@click.option("--out", type=PATH, required=True, help="File to write.")
@click.option("--paper", type=click.Choice(tuple(PAPERS)), default="a4", show_default=True,
              help="Paper of the PDF.")
@click.option("--laboratory", default="", metavar="LINE|LINE",
              help="Name, address and accreditation of the laboratory, joined by '|'.")
@click.option("--logo", type=PATH, default=None, help="The laboratory's logo: PNG, SVG or JPEG.")
@click.option("--reference", type=PATH, default=None,
              help="Folder of the curated tables (default: shipped).")
def render(
    report: Path, form: str, out: Path, paper: str, laboratory: str, logo: Path | None,
    reference: Path | None,
) -> int:
    """Render REPORT (JSON) again; the same report gives the same bytes."""
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.report.write import render_report, write_bytes

    read = _read(report, out)
    letterhead = read_letterhead(paper, laboratory, logo)
    write_bytes(out, render_report(read, form, load_reference(reference), letterhead))
    return 0


@click.command()
@click.argument("report", type=PATH)
@click.option("--name", required=True, help="Who authorises the report.")
@click.option("--role", required=True, help="As what.")
@click.option("--date", required=True, metavar="YYYY-MM-DD", help="Date of the authorisation.")
@click.option("--out", type=PATH, required=True, help="Final report (JSON) to write.")
@click.option("--version", type=click.IntRange(min=1), default=1, show_default=True,
              help="Version of the report; above 1 for an amended one.")
@click.option("--replaces", default=None, metavar="ID",
              help="Id of the report that an amended one replaces.")
@click.option("--reason", default=None, help="What changed in an amended report.")
def authorise(
    report: Path, name: str, role: str, date: str, out: Path, version: int,
    replaces: str | None, reason: str | None,
) -> int:
    """Make the draft REPORT (JSON) final; 'render' then makes the other formats from it."""
    from datetime import date as calendar

    from epilepsy_pgx.report.authorise import authorise_report
    from epilepsy_pgx.report.serialise import report_to_json
    from epilepsy_pgx.report.write import write_bytes

    read = _read(report, out)
    try:
        calendar.fromisoformat(date)
    except ValueError:
        raise ConfigError.one(
            "authorise-date", column="--date", found=repr(date),
            expected="a date such as 2026-03-31",
        ) from None
    final = authorise_report(read, name, role, date, replaces, reason, version)
    write_bytes(out, report_to_json(final).encode())
    return 0


def _read(report: Path, out: Path) -> "PatientReport":
    from epilepsy_pgx.report.serialise import report_from_json

    if out.resolve() == report.resolve():
        raise ConfigError.one(
            "render-out", column="--out", found="the report itself", expected="another file"
        )
    try:
        return report_from_json(report.read_bytes())
    except OSError as error:
        raise InputError.one("report-readable", file=str(report), found=str(error)) from None
    except ValueError as error:
        raise InputError.one(
            "report-json", file=str(report), found=str(error),
            expected="a report that this software wrote as JSON",
        ) from None
