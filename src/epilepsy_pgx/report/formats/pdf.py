"""PDF: the report on paper."""

import re

from epilepsy_pgx.report.format import Format, RenderContext, Renderer

_KEYWORD = re.compile(rb"<pdf:Keywords>final</pdf:Keywords>")


def _renderer(context: RenderContext) -> Renderer:
    from epilepsy_pgx.report.pdf import PdfRenderer, PdfSettings

    settings = PdfSettings(context.paper, context.letterhead)
    return PdfRenderer(context.ref, context.language, settings).render


FORMAT = Format(
    name="pdf",
    suffix="pdf",
    summary="tagged PDF, A4 or Letter",
    renderer=_renderer,
    is_final=lambda data: bool(_KEYWORD.search(data)),
    extra="pdf",
    library="typst",
    released=True,
    letterhead=True,
)
