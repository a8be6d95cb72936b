"""The command that renders a report again, in any format, any time."""

from pathlib import Path

import click

from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.report.write import FORMATS


@click.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="html", show_default=True,
              help="Format to write.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option("--paper", type=click.Choice(("a4", "letter")), default="a4", show_default=True,
              help="Paper of the PDF.")
@click.option("--laboratory", default="", help="Name and address on top of the PDF.")
@click.option("--reference", type=click.Path(path_type=Path), default=None,
              help="Folder of the curated tables (default: shipped).")
def render(
    report: Path, form: str, out: Path, paper: str, laboratory: str, reference: Path | None
) -> int:
    """Render REPORT (JSON) again; the same report gives the same bytes."""
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.report.write import render_report, write_bytes

    if out.resolve() == report.resolve():
        raise ConfigError.one(
            "render-out", column="--out", found="the report itself", expected="another file"
        )
    from epilepsy_pgx.report.serialise import report_from_json

    try:
        read = report_from_json(report.read_bytes())
    except OSError as error:
        raise InputError.one("report-readable", file=str(report), found=str(error)) from None
    except ValueError as error:
        raise InputError.one(
            "report-json", file=str(report), found=str(error),
            expected="a report that this software wrote as JSON",
        ) from None
    data = render_report(read, form, load_reference(reference), paper, laboratory)
    write_bytes(out, data)
    return 0
