"""The strings that the template of the PDF sets, in the order of the report."""

import re
import unicodedata
from collections.abc import Callable
from enum import Enum
from typing import Any

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.pageone import PageOne, plan_page_one
from epilepsy_pgx.report.papers import PDF
from epilepsy_pgx.report.room import WIDTH
from epilepsy_pgx.report.view import View, build_view
from epilepsy_pgx.report.view.extract import extract_lines, extract_of, only_behind, tell_extract
from epilepsy_pgx.report.view.later import (
    Chain,
    Citations,
    DrugRow,
    Facts,
    GeneRow,
    OrderList,
    Picture,
    PlainGene,
    Quality,
    QualityGene,
    QuietClass,
    Section,
    VariantRow,
)
from epilepsy_pgx.report.view.model import (
    Field,
    Hint,
    Link,
    Named,
    Said,
    Source,
    Summary,
    Target,
    Verdict,
)
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.vocabulary import ReportStatus, Response

PAPERS = {"a4": "a4", "letter": "us-letter"}
LOGO = "logo.svg"
OVERFLOW = "page-one-overflow"
_LONG_NAME = re.compile(r"\S{41,}")


def cut_word(word: re.Match[str]) -> str:
    """Return the first and the last letters of a word that is longer than a line."""
    return f"{word[0][:24]}…{word[0][-12:]}"


def cut_name(name: str) -> str:
    """Shorten the long alleles in the name of a variant, which stands in a column."""
    return _LONG_NAME.sub(cut_word, name)


Keep = Callable[[Any], Any]


class Layout:
    """Turns a report into the strings that the template sets."""

    def __init__(
        self,
        report: PatientReport,
        words: ReportWords,
        letterhead: Letterhead,
        paper: str,
        *,
        extract: bool = False,
    ) -> None:
        self._report, self._words = report, words
        self._letterhead, self._paper = letterhead, paper
        self._extract = extract

    @property
    def room(self) -> float:
        """Lines that page one is expected to hold beside the letterhead."""
        sheet = PDF[self._paper]
        room = sheet.lines - self._letterhead.lines(WIDTH)
        return room - extract_lines(self._report, self._words, sheet) if self._extract else room

    def plan(self, lines: float) -> PageOne:
        """Choose what page one shows; whether it needs a second sheet, typesetting tells."""
        return replace(self._plan(lines, 1), goes_on=False)

    def plan_on(self) -> PageOne:
        """Choose what page one shows where what never gives way needs more than a sheet."""
        return replace(self._plan(self.room, 2), goes_on=True)

    def _plan(self, lines: float, sheets: int) -> PageOne:
        return plan_page_one(self._report, self._words, lines, sheets, PDF[self._paper])

    def view(self, page: PageOne) -> View:
        """Return what the pages print."""
        view = build_view(self._report, self._words, self._letterhead, page)
        return extract_of(view) if self._extract else view

    def data(self, page: PageOne, fit: bool, keep: Keep | None = None) -> dict[str, Any]:
        """Return what the template shows; with `fit` it stops if page one runs over.

        `drawings` are files beside it, by their names.

        Parameters
        ----------
        keep
            Returns what stands for a part that patients share; None for all as `plain` has it.
        """
        report, view = self._report, self.view(page)
        made = report.provenance
        shown: dict[str, Any] = plain(view, keep)
        shown["issued"] = [view.identity.issued.label, view.identity.issued.value]
        shown["identity"] = [[f.label, *_directed(f.value)] for f in view.identity.fields]
        shown["page_one"]["signatures"]["given"] = [
            [f.label, *_directed(f.value)] for f in view.page_one.signatures.given
        ]
        if shown["head"]:
            shown["head"]["logo"] = LOGO if self._letterhead.logo else None
            shown["head"]["alt"] = view.head.alt if view.head else None
        return {
            **shown,
            "extract": self._told_extract(page),
            "drawings": {} if self._extract else _drawings(view),
            "fit": fit,
            "overflow": OVERFLOW,
            "software": f"{made.software} {made.software_version}",
            # A later run knows by it that the file is not a draft of its own.
            "keywords": [] if report.authorisation is None else [str(report.status)],
            "date": [int(x) for x in made.created[:10].split("-")],
            "language": self._words.wording.language,
            "paper": PAPERS[self._paper],
            "page": {
                "identity": [_directed(x) for x in view.identity.running],
                "status": view.status,
                "use": view.use,
                "word": view.page,
            },
            "watermark": view.draft_mark
            or (None if view.kind is ReportStatus.FINAL else view.status),
        }

    def _told_extract(self, page: PageOne) -> list[str] | None:
        """Return what stands where page one is all there is."""
        if not self._extract:
            return None
        number = only_behind(self._report, page, self._words)
        told = tell_extract(self._report, number, self._words)
        return [told.heading, *told.said]


def _drawings(view: View) -> dict[str, bytes]:
    """Return the pictures as files, named by their section and their place in it."""
    overview = {"overview.svg": view.overview.drawing.encode()} if view.overview else {}
    return overview | {
        f"drawing{section}.{place}.svg": picture.drawing.encode()
        for section, part in enumerate(view.sections)
        for place, picture in enumerate(part.pictures)
    }


def plain(value: Any, keep: Keep | None = None) -> Any:
    """Return a part of the view as JSON has it, without what only a screen uses."""
    kind = type(value)
    if kind is str:
        return value
    if kind is tuple:
        return [plain(x, keep) for x in value]
    if keep is not None and kind in _SHARED:
        return keep(value)
    if kind in _SPECIAL:
        return _SPECIAL[kind](value)
    if isinstance(value, Target | Hint | Enum) or not hasattr(kind, "__dataclass_fields__"):
        return value if isinstance(value, bool) else None
    return {name: plain(getattr(value, name), keep) for name in kind.__slots__}


def _directed(text: str) -> tuple[str, bool]:
    """Return a text, and whether it is written from right to left."""
    first = next((c for c in text if c.isalpha()), "")
    return text, bool(first) and unicodedata.bidirectional(first) in ("R", "AL")


def _said(x: Said) -> dict[str, str]:
    number = x.number.text if x.number else ""
    sources = f"({_sources(x.sources)})" if x.sources else ""
    return {
        "text": x.text,
        "tags": "; ".join(x.tags),
        "resolve": x.resolve,
        "number": number or sources,
    }


def _source(x: Source) -> str:
    doubt = f", {x.unverified}" if x.unverified else ""
    rows = f" ({x.rows})" if x.rows else ""
    return f"{x.text}{doubt}{''.join(f' {c.text}' for c in x.cites)}{rows}"


def _sources(several: tuple[Source, ...]) -> str:
    return "; ".join(map(_source, several))


def _chain(x: Chain) -> list[str]:
    """Return the number of a chain, and its facts and sources."""
    facts = x.same_as.text if x.same_as else "; ".join(f.name + f.rest for f in x.facts)
    return [x.number.text, " → ".join(s for s in (facts, _sources(x.sources)) if s)]


def _variant(x: VariantRow) -> dict[str, Any]:
    shown = {name: plain(getattr(x, name)) for name in x.__slots__}
    shown["names"] = [cut_name(n) for n in x.names if n]
    return shown


def _picture(x: Picture) -> dict[str, str]:
    return {"alt": str(x.alt), "caption": x.caption}


_SHARED = frozenset(
    (
        Chain,
        Citations,
        DrugRow,
        Facts,
        GeneRow,
        OrderList,
        PlainGene,
        Quality,
        QualityGene,
        QuietClass,
        Section,
    )
)
"""Parts of the view that are one object for all patients in whose reports they are alike."""
_KINDS = {
    "stop": (
        Response.CONTRAINDICATED,
        Response.AVOID,
        Response.AVOID_MAINTENANCE,
        Response.AVOID_TOGETHER,
    ),
    "warn": (
        Response.CAUTION,
        Response.ADJUST_DOSE,
        Response.CONSIDER_ALTERNATIVE,
        Response.INTERACTION,
    ),
    "ok": (Response.MAY_FAVOUR, Response.STANDARD),
    "open": (Response.PARTIAL, Response.NOT_ASSESSED, Response.NO_RULE),
}
_KIND = {response: kind for kind, several in _KINDS.items() for response in several}
"""The colour of each verdict; its sign and its words tell it without."""


def _verdict(x: Verdict) -> dict[str, str]:
    return {"mark": x.mark, "text": x.text, "kind": _KIND[x.response]}


def _summary(x: Summary) -> dict[str, Any]:
    return {
        "kind": _KIND[x.response],
        "cause": x.cause,
        "said": list(x.said),
        "goes_on": x.goes_on,
        "counts": [
            {"kind": _KIND[c.response], "number": c.number, "label": c.label} for c in x.counts
        ],
    }


_SPECIAL: dict[type, Callable[[Any], Any]] = {
    Chain: _chain,
    Field: lambda x: [x.label, x.value],
    Link: lambda x: plain(x.text),
    Named: lambda x: x.text,
    Picture: _picture,
    Said: _said,
    Source: _source,
    Summary: _summary,
    VariantRow: _variant,
    Verdict: _verdict,
}
"""What the template takes in another form than by the names of its fields."""
