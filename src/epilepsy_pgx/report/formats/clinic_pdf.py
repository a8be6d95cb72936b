"""PDF of page one alone, for the clinic."""

from epilepsy_pgx.report.format import Format, RenderContext, Renderer
from epilepsy_pgx.report.formats import pdf


def _renderer(context: RenderContext) -> Renderer:
    from epilepsy_pgx.report.pdf import PdfRenderer, PdfSettings

    settings = PdfSettings(context.paper, context.letterhead, extract=True)
    return PdfRenderer(context.ref, context.language, settings).render


FORMAT = Format(
    name="clinic-pdf",
    suffix="clinic.pdf",
    summary="page one alone as PDF, for the clinic: an extract of the report, which it names",
    renderer=_renderer,
    is_final=pdf.FORMAT.is_final,
    extra="pdf",
    library="typst",
    letterhead=True,
)
