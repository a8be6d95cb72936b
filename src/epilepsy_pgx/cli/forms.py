"""The command that writes the entry form."""

from pathlib import Path
from typing import TYPE_CHECKING

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, tell

if TYPE_CHECKING:
    from epilepsy_pgx.reference.package import Reference


@options.command()
@options.out_option("Folder for the form.")
@options.language_option("the form")
@options.tables_option
def form(out: Path, language: str, ref: "Reference") -> Exit:
    """Write the form for the clinical entry: a page for a browser, and a FHIR Questionnaire.

    The page (entry.html) works without a network and sends nothing. It saves a phenopacket for
    the column 'phenopacket' of the sample sheet.
    """
    from epilepsy_pgx.report.entryform.write import write_form

    for path in write_form(out, ref, language):
        tell(str(path))
    return Exit.DONE
