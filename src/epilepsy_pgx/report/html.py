"""The report as one self-contained HTML page."""

import re
from collections.abc import Hashable, Iterable, Mapping
from typing import cast

from jinja2.runtime import Macro
from markupsafe import Markup

from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.format import TEMPLATES
from epilepsy_pgx.report.lean import Kept, Lean, Pieces
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.lollipop import SEEN, draw_lollipop
from epilepsy_pgx.report.pageone import plan_page_one
from epilepsy_pgx.report.pages import page_template
from epilepsy_pgx.report.papers import BROWSER
from epilepsy_pgx.report.room import WIDTH
from epilepsy_pgx.report.view import View, build_view
from epilepsy_pgx.report.view.extract import (
    INSTEAD,
    extract_lines,
    extract_of,
    only_behind,
    tell_extract,
)
from epilepsy_pgx.report.view.later import Chain, DrugRow
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.sharing import OfPart, Recent
from epilepsy_pgx.vocabulary import GenomeBuild

_KEPT = 8192
"""Rows and sections as HTML that are kept of the pages before."""
_STYLE = "<style></style>"


class HtmlRenderer:
    """Renders reports of one language."""

    def __init__(
        self,
        ref: Reference,
        language: str = "en",
        letterhead: Letterhead | None = None,
        paper: str = "a4",
        *,
        extract: bool = False,
    ) -> None:
        """Make ready what the reports share.

        Parameters
        ----------
        paper
            What it is printed on: `a4` or `letter`.
        extract
            True for page one alone.
        """
        self._ref = ref
        self._head = letterhead or Letterhead()
        self._extract = extract
        self._wording = Wording(ref, language, INSTEAD if extract else {})
        self._words = ReportWords(self._wording)
        self._html: Recent[tuple[object, ...], Kept] = Recent(_KEPT)
        self._numbers = OfPart(_numbers, _KEPT)
        self._lean = Lean()
        self._template = page_template("report.html")
        self._sheet = BROWSER[paper]
        self._style, self._picture_style, self._dense_style, head_style = (
            (TEMPLATES / name).read_text(encoding="utf-8").replace("\n", "")
            for name in ("report.css", "lollipop.css", "dense.css", "letterhead.css")
        )
        self._style = self._style.replace("size:A4", f"size:{paper.capitalize()}")
        self._style += "" if self._head.empty else head_style

    def render(self, report: PatientReport) -> str:
        """Return the page."""
        room = self._sheet.lines - self._head.lines(WIDTH)
        if self._extract:
            room -= extract_lines(report, self._words, self._sheet)
        plan = plan_page_one(report, self._words, room, sheet=self._sheet)
        view = build_view(report, self._words, self._head, plan)
        extract = None
        if self._extract:
            view = extract_of(view)
            extract = tell_extract(report, only_behind(report, plan, self._words), self._words)
        pictures = self._pictures(report)
        style = self._style + (self._picture_style if pictures else "")
        style += self._dense_style if plan.dense else ""
        context = self._template.new_context(
            dict(
                v=view,
                extract=extract,
                language=report.language,
                style="",
                pictures=pictures,
                seen=SEEN,
                logo=self._head.data_uri if self._head.logo else "",
                keep=self._keep,
                keep_each=self._keep_each,
                keep_chains=self._keep_chains,
                keep_drugs=self._keep_drugs,
            )
        )
        page = self._template.root_render_func(context)
        # The style is lean already, and its boxes are of one patient: nothing of it is kept.
        return self._lean(page).replace(
            _STYLE, _STYLE[:7] + style + _page_boxes(view) + _STYLE[7:], 1
        )

    def _kept(self, macro: Macro, part: object, *more: Hashable) -> Kept:
        """Return what a macro makes of a part of the view; of the same part, the same.

        Parameters
        ----------
        more
            Everything else that the macro is given.
        """
        key = (macro.name, id(part), more)
        try:
            return self._html.new[key]
        except KeyError:
            found = self._html.get(key)
        if found is None:
            # Of a page whose templates escape, a macro returns markup. The part stands beside:
            # no other can get its number meanwhile.
            found = Kept(cast(Markup, macro(part, *more)), part)
            self._html.put(key, found)
        return found

    def _keep(self, macro: Macro, part: object, *more: Hashable) -> Pieces:
        """Return a kept piece."""
        return Pieces.of([self._kept(macro, part, *more)])

    def _keep_each(self, macro: Macro, parts: Iterable[object], join: str = "") -> Markup:
        """Return what a macro makes of some parts, one behind the other."""
        made = [self._kept(macro, part) for part in parts]
        # All of it is markup already: nothing is asked or escaped again.
        return Markup(join.join([x.text for x in made])) if join else Pieces.of(made)

    def _keep_chains(
        self, macro: Macro, chains: Iterable[Chain], used: Mapping[str, int]
    ) -> Pieces:
        """Return the chains of evidence; those in `used` lead back to where they are used."""
        return Pieces.of([self._kept(macro, c, c.number.target in used) for c in chains])

    def _keep_drugs(self, macro: Macro, rows: Iterable[DrugRow], used: dict[str, int]) -> Pieces:
        """Return the rows of the drug table, and note to which chains of evidence they lead.

        What is the first to lead to a chain can be led back to.
        """
        made = []
        for row in rows:
            first = tuple([target for target in self._numbers(row) if target not in used])
            used.update(dict.fromkeys(first, 1))
            made.append(self._kept(macro, row, first))
        return Pieces.of(made)

    def _pictures(self, report: PatientReport) -> dict[str, str]:
        """Draw the variants of each gene whose protein the tables describe."""
        build = GenomeBuild(report.provenance.build)
        found = {
            gene: draw_lollipop(gene, report.findings, self._ref, self._wording, build)
            for gene in sorted({f.gene for f in report.findings})
        }
        return {gene: picture for gene, picture in found.items() if picture}


def _numbers(row: DrugRow) -> tuple[str, ...]:
    """Return the chains to which a row of the drug table leads."""
    said = (x for part in row.parts for x in part.said)
    return tuple(dict.fromkeys(x.number.target for x in said if x.number is not None))


_PLAIN = " ,.;:·-()/–"
"""Signs that stand in a CSS string as letters and digits do: none can end it or its element."""
_OTHER = re.compile(rf"[^0-9A-Za-z{re.escape(_PLAIN)}]")


def css_string(text: str) -> str:
    """Write a text as a CSS string that no letter in it can leave."""
    text = spell_hidden(text)
    return f'"{_OTHER.sub(_css_letter, text)}"'


def _css_letter(found: re.Match[str]) -> str:
    letter = found[0]
    return letter if letter.isalnum() else f"\\{ord(letter):x} "


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
