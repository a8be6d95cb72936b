"""HTML of page one alone, for the clinic."""

from epilepsy_pgx.report.format import Format, RenderContext, Renderer
from epilepsy_pgx.report.formats import html


def _renderer(context: RenderContext) -> Renderer:
    from epilepsy_pgx.report.html import HtmlRenderer

    made = HtmlRenderer(
        context.ref, context.language, context.letterhead, context.paper, extract=True
    )
    return lambda report: made.render(report).encode()


FORMAT = Format(
    name="clinic-html",
    suffix="clinic.html",
    summary="page one alone, for the clinic: an extract of the page to read, which it names",
    renderer=_renderer,
    is_final=html.FORMAT.is_final,
    letterhead=True,
)
