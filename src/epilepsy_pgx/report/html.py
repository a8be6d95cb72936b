"""The report as one self-contained HTML page."""

import re

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.directions import spell_directions
from epilepsy_pgx.report.format import TEMPLATES
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.lollipop import draw_lollipop
from epilepsy_pgx.report.pageone import plan_page_one
from epilepsy_pgx.report.pages import page_template
from epilepsy_pgx.report.room import LINES, WIDTH
from epilepsy_pgx.report.view import View, build_view
from epilepsy_pgx.report.view.first import release_lines
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.vocabulary import GenomeBuild

_BLANK = re.compile(r"\n\s*")
_BLOCKS = "li|tr|td|th|thead|tbody|table|ul|ol|dl|dt|dd|p|h[1-6]|section|div|details|summary|main"
_BETWEEN = re.compile(rf"\n(?=</?(?:{_BLOCKS})\b)")


def _lean(page: str) -> str:
    """Leave out the blanks that a browser does not need."""
    return _BETWEEN.sub("", _BLANK.sub("\n", page)).replace("&nbsp;", "\u00a0")


class HtmlRenderer:
    """Renders reports of one language."""

    def __init__(
        self, ref: Reference, language: str = "en", letterhead: Letterhead | None = None
    ) -> None:
        """Make ready what the reports share."""
        self._ref = ref
        self._head = letterhead or Letterhead()
        self._wording = Wording(ref, language)
        self._words = ReportWords(self._wording)
        self._template = page_template("report.html")
        self._style, self._picture_style = (
            (TEMPLATES / name).read_text(encoding="utf-8").replace("\n", "")
            for name in ("report.css", "lollipop.css")
        )

    def render(self, report: PatientReport) -> str:
        """Return the page."""
        room = LINES - self._head.lines(WIDTH) - release_lines(report, self._words)
        plan = plan_page_one(report, self._words, room)
        view = build_view(report, self._words, self._head, plan)
        pictures = self._pictures(report)
        style = self._style + (self._picture_style if pictures else "")
        page = self._template.render(
            v=view,
            language=report.language,
            style=style + _page_boxes(view),
            pictures=pictures,
            logo=self._head.data_uri if self._head.logo else "",
        )
        return spell_directions(_lean(page))

    def _pictures(self, report: PatientReport) -> list[str]:
        """Draw the variants of each gene whose protein the tables describe."""
        build = GenomeBuild(report.provenance.build)
        found = (
            draw_lollipop(gene, report.findings, self._ref, self._wording, build)
            for gene in sorted({f.gene for f in report.findings})
        )
        return [picture for picture in found if picture]


def css_string(text: str) -> str:
    """Write a text as a CSS string that no letter in it can leave."""
    text = spell_directions(text)
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'


def _page_boxes(view: View) -> str:
    """Return the foot and head of printed pages: identity, use, page number, draft mark."""
    identity = " · ".join((*view.identity.running, view.status))
    page = css_string(f"{view.page} ")
    rules = (
        f"@page{{@bottom-left{{content:{css_string(f'{identity}{chr(10)}{view.use}')}}}"
        f'@bottom-right{{content:{page} counter(page) "/" counter(pages)}}}}'
    )
    if view.draft_mark:
        mark = css_string(view.draft_mark)
        rules += f'@media print{{body::before{{content:{mark} / ""}}}}'
    return rules
