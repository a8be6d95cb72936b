"""FHIR: the report for other systems."""

import re
from typing import TYPE_CHECKING

from epilepsy_pgx.report.format import Format, RenderContext, Renderer

if TYPE_CHECKING:
    from epilepsy_pgx.model import PatientReport

_STATUS = re.compile(rb'"status"\s*:\s*"(?:final|amended|corrected|entered-in-error)"')


def _renderer(context: RenderContext) -> Renderer:
    from epilepsy_pgx.report.fhir import report_to_fhir
    from epilepsy_pgx.report.formats import FORMATS
    from epilepsy_pgx.report.view.words import authorised_by as author

    pages: list[Renderer] = []

    def render(report: "PatientReport") -> bytes:
        given = report.authorisation
        if given is None:
            return report_to_fhir(report, context.ref).encode()
        if not pages and FORMATS["pdf"].installed:
            pages.append(FORMATS["pdf"].renderer(context))
        pdf = pages[0](report) if pages else b""
        return report_to_fhir(report, context.ref, author(given), pdf).encode()

    return render


FORMAT = Format(
    name="fhir",
    suffix="fhir.json",
    summary="FHIR R4 bundle for other systems, see [fhir.md](fhir.md)",
    renderer=_renderer,
    is_final=lambda data: bool(_STATUS.search(data)),
    extra="fhir",
    library="fhir",
    released=True,
)
