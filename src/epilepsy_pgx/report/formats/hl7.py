"""HL7 version 2: the report for systems that take messages."""

import re
from typing import TYPE_CHECKING

from epilepsy_pgx.report.format import Format, RenderContext, Renderer

if TYPE_CHECKING:
    from epilepsy_pgx.model import PatientReport

_STATUS = re.compile(rb"\rOBR(?:\|[^|\r]*){24}\|[FC](?=[|\r])")


def _renderer(context: RenderContext) -> Renderer:
    from epilepsy_pgx.report.formats import FORMATS
    from epilepsy_pgx.report.hl7v2 import report_to_hl7

    pages: list[Renderer] = []

    def render(report: "PatientReport") -> bytes:
        if report.authorisation is None:
            return report_to_hl7(report, context.ref)
        if not pages and FORMATS["pdf"].installed:
            pages.append(FORMATS["pdf"].renderer(context))
        return report_to_hl7(report, context.ref, pages[0](report) if pages else b"")

    return render


FORMAT = Format(
    name="hl7",
    suffix="hl7",
    summary="HL7 version 2.5.1 message ORU^R01, see [fhir.md](fhir.md#hl7-version-2)",
    renderer=_renderer,
    is_final=lambda data: bool(_STATUS.search(data)),
)
