"""FHIR: the report for other systems."""

import re
from typing import TYPE_CHECKING

from epilepsy_pgx.report.format import Format, RenderContext, Renderer

if TYPE_CHECKING:
    from epilepsy_pgx.model import PatientReport

_STATUS = re.compile(rb'"status"\s*:\s*"(?:final|amended|corrected)"')


def _renderer(context: RenderContext) -> Renderer:
    from epilepsy_pgx.report.fhir import report_to_fhir
    from epilepsy_pgx.report.view.words import authorised_by as author

    def render(report: "PatientReport") -> bytes:
        given = report.authorisation
        authorised_by = author(given) if given else ""
        return report_to_fhir(report, context.ref, authorised_by).encode()

    return render


FORMAT = Format(
    name="fhir",
    suffix="fhir.json",
    summary="FHIR R4 bundle for other systems, see [fhir.md](fhir.md)",
    renderer=_renderer,
    is_final=lambda data: bool(_STATUS.search(data)),
    extra="fhir",
)
