"""HTML: the page to read."""

import re

from epilepsy_pgx.report.format import Format, RenderContext, Renderer

_DIGEST = re.compile(rb">sha256:[0-9a-f]{16}\xe2\x80\xa6</div>")
"""What only a page of a report with an authorisation holds: the digest of the draft."""


def _renderer(context: RenderContext) -> Renderer:
    from epilepsy_pgx.report.html import HtmlRenderer

    made = HtmlRenderer(context.ref, context.language, context.letterhead, context.paper)
    return lambda report: made.render(report).encode()


FORMAT = Format(
    name="html",
    suffix="html",
    summary="one self-contained page: no script, no network, light and dark, prints",
    renderer=_renderer,
    is_final=lambda data: bool(_DIGEST.search(data)),
    default=True,
    released=True,
    letterhead=True,
)
