"""The report as a PDF file, typeset by typst (optional extra `pdf`).

The file claims PDF/A-2a and PDF/UA-1, which typst enforces while it compiles; it is tagged, its
fonts are embedded, and the same report gives the same bytes.
"""

import re
import unicodedata
from dataclasses import field
from pathlib import Path
from typing import Any

import msgspec

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.lollipop import PaperPicture, draw_on_paper
from epilepsy_pgx.report.pdf_layout import LOGO, OVERFLOW, PAPERS, Layout, cut_word, plain
from epilepsy_pgx.report.view.extract import INSTEAD
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.sharing import OfPart
from epilepsy_pgx.vocabulary import GenomeBuild

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
FONTS = Path(__file__).parent / "fonts"
"""The faces of the text, so that no machine differs: `release/faces.py` makes them."""
FAMILY = "Report Sans"
_SCREEN_FAMILY = "Source Sans 3"
"""The font that the faces are made of, which drawings name; its licence reserves the name."""
STANDARDS = ("a-2a", "ua-1")
_MISSING = "could not be displayed"
"""What typst says of a letter that no font holds."""
_LONG_WORD = re.compile(r"\S{81,}")
_PERCENT = re.compile(r"(?<=\d) %")
"""What no line is broken at."""
_STEP = 1
"""Lines by which the plan of a page that ran over is shortened."""
_SCRIPTS = {"LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "COMBINING"}
_FIRST_OTHER = 0x2E80
"""Marks and signs from here on belong to scripts that the fonts lack."""


@dataclass(frozen=True, slots=True)
class PdfSettings:
    """What a laboratory chooses for its paper."""

    paper: str = "a4"
    """`a4` or `letter`."""
    letterhead: Letterhead = field(default_factory=Letterhead)
    """What stands above the title."""
    extract: bool = False
    """True for page one alone."""


class PdfRenderer:
    """Renders reports of one language."""

    def __init__(
        self, ref: Reference, language: str = "en", settings: PdfSettings | None = None
    ) -> None:
        """Check that typst is installed, and make it ready.

        Raises
        ------
        ConfigError
            If typst is not installed, or the paper is unknown.
        """
        try:
            import typst
        except ImportError:
            raise ConfigError.one(
                "pdf-extra",
                column="--formats",
                found="no typst",
                expected="the optional extra 'pdf'",
                fix="pip install 'epilepsy-pgx[pdf]'",
            ) from None
        self._settings = settings or PdfSettings()
        if self._settings.paper not in PAPERS:
            raise ConfigError.one(
                "paper",
                column="--paper",
                found=repr(self._settings.paper),
                expected=", ".join(PAPERS),
            )
        self._ref = ref
        self._wording = Wording(ref, language, INSTEAD if self._settings.extract else {})
        self._words = ReportWords(self._wording)
        # What a compiler is given is parsed for each report; what it finds in its folder, once.
        self._files = {"main.typ": f'#include "{TEMPLATE.name}"'.encode()}
        head = self._settings.letterhead
        if head.logo:
            self._files[LOGO] = head.svg
        self._shared = OfPart(_written)
        self._error: Any = typst.TypstError
        self._compiler: Any = typst.Compiler(
            root=TEMPLATE.parent, ignore_system_fonts=True, font_paths=[FONTS]
        )

    def render(self, report: PatientReport) -> bytes:
        """Return the PDF.

        A letter that no font holds, as in a Chinese name, stands as its number. If page one runs
        over, it is planned again with fewer lines, down to the shortest plan there is; if that
        one runs over too, with all that more sheets hold.
        """
        chosen = self._settings
        made = Layout(report, self._words, chosen.letterhead, chosen.paper, extract=chosen.extract)
        room, spell = made.room, False
        plan = made.plan(room)
        fit = True
        # They stand behind page one.
        pictures = [] if chosen.extract else self._pictures(report)
        while True:
            data = made.data(plan, fit, self._shared)
            drawings = data.pop("drawings")
            drawings |= {f"gene{n}.svg": x.svg.encode() for n, x in enumerate(pictures)}
            drawings = {name: _in_faces(drawing) for name, drawing in drawings.items()}
            data["pictures"] = [{"alt": x.alt, "caption": x.caption} for x in pictures]
            text = msgspec.json.encode(_cut_words(data)).decode()
            try:
                return self._compile(spell_letters(text) if spell else text, drawings)
            except self._error as error:
                if OVERFLOW in str(error) and fit:
                    shorter, room = plan, room - _STEP
                    while shorter == plan and room > 0:
                        shorter, room = made.plan(room), room - _STEP
                    fit = shorter != plan
                    plan = shorter if fit else made.plan_on()
                elif _MISSING in str(error) and not spell:
                    spell = True
                else:
                    raise

    def _pictures(self, report: PatientReport) -> list[PaperPicture]:
        """Draw the variants of each gene whose protein the tables describe."""
        build = GenomeBuild(report.provenance.build)
        found = (
            draw_on_paper(gene, report.findings, self._ref, self._wording, build)
            for gene in sorted({f.gene for f in report.findings})
        )
        return [picture for picture in found if picture is not None]

    def _compile(self, data: str, drawings: dict[str, bytes]) -> bytes:
        made = self._compiler.compile(
            {**self._files, **drawings, "data.json": data.encode()},
            format="pdf",
            pdf_standards=list(STANDARDS),
            timestamp=0,
        )
        return bytes(made)


def _in_faces(drawing: bytes) -> bytes:
    """Return a drawing with its words in the faces of the text."""
    return drawing.replace(
        f'font-family="{_SCREEN_FAMILY}'.encode(), f'font-family="{FAMILY}'.encode()
    )


def _written(part: object) -> msgspec.Raw:
    """Write a part of the view that patients share as JSON."""
    return msgspec.Raw(msgspec.json.encode(_cut_words(plain(part))))


def _cut_words(data: Any) -> Any:
    """Shorten words longer than a line, as the alleles of long insertions; the JSON has them.

    A percent sign stays with its number.
    """
    if isinstance(data, str):
        # Before JSON has control characters escaped, which no font can show.
        return _PERCENT.sub("\u00a0%", _LONG_WORD.sub(cut_word, spell_hidden(data)))
    if isinstance(data, dict):
        return {key: _cut_words(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_cut_words(value) for value in data]
    return data


def spell_letters(text: str) -> str:
    """Return a text with the letters that the fonts lack as their numbers: `[U+674E]`."""
    return "".join(c if _held(c) else f"[U+{ord(c):04X}]" for c in text)


def _held(letter: str) -> bool:
    if letter.isascii() or unicodedata.name(letter, "").split(" ")[0] in _SCRIPTS:
        return True
    return unicodedata.category(letter)[0] in "PSZC" and ord(letter) < _FIRST_OTHER
