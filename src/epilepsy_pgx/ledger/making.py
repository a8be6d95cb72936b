"""The files of a released edition, and by which software and tables they were made."""

from contextlib import suppress

from epilepsy_pgx import __version__
from epilepsy_pgx.errors import PgxError
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.write import Renderers, report_folder


def render_files(final: PatientReport, settings: Settings, ref: Reference) -> dict[str, bytes]:
    """Return the files of a final report.

    A withdrawal leaves the house whatever software and tables there are by then: what they can
    make of the report says that it does not hold. JSON alone is made whatever the tables.
    """
    name = report_folder(final.patient.sample_id).name
    renderers = Renderers(ref, settings.paper)
    here = not other_makers(final, ref)
    files = {}
    for form in settings.written if here or _withdrawn(final) else ("json",):
        if here or form == "json":
            files[FORMATS[form].file_name(name)] = renderers.render(final, form)
        else:
            # These tables may lack a text or a drug of the report.
            with suppress(LookupError, ValueError, PgxError):
                files[FORMATS[form].file_name(name)] = renderers.render(final, form)
    return files


def other_makers(final: PatientReport, ref: Reference) -> str:
    """Return this software and these tables if others made a report; empty if they did."""
    made = final.provenance
    if (__version__, ref.digest) == (made.software_version, made.reference_digest):
        return ""
    return f"{__version__} {ref.digest}"


def _withdrawn(final: PatientReport) -> bool:
    return final.authorisation is not None and final.authorisation.withdrawal is not None
