"""How wide text is in the faces that a report is set in, and how many lines it takes.

The table has the advance of each letter in thousandths of the size, read from the fonts: of a
browser the widest of the faces that systems come with, for which it chooses is not known, and of
the PDF its own face. Letters that it lacks are taken to be as wide as they are high.
"""

import re
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "templates" / "advances.tsv"
_LETTER = 1000
"""Advance of a letter that the table lacks, in thousandths of the size."""
_WORDS = 50_000
"""Words whose width is kept."""
_PARAGRAPHS = 4096
"""Paragraphs of which the lines are kept: page one is measured again for all that gives way."""
_HYPHEN = re.compile(r"(?<=[^\W_]-)(?=[^\W\d_])")
"""Where a word may be broken."""
Run = tuple[str, bool]
"""Words that stand in a row, and whether they are bold."""


class Face(Enum):
    """A face, by the columns of the table with its plain and its bold letters."""

    BROWSER = ("wide", "wide_bold")
    PDF = ("source", "source_bold")


class _Advances(dict[str, int]):
    """Advances by letter."""

    def __missing__(self, letter: str) -> int:
        return _LETTER


class _Widths(dict[str, int]):
    """Widths by word, made as they are asked for."""

    def __init__(self, advances: _Advances) -> None:
        super().__init__()
        self.advances = advances

    def __missing__(self, word: str) -> int:
        if len(self) >= _WORDS:
            self.clear()
        width = self[word] = sum(map(self.advances.__getitem__, word))
        return width


@cache
def _columns() -> dict[str, _Advances]:
    header, *rows = (
        line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if line
    )
    return {
        name: _Advances({chr(int(row[0], 16)): int(row[place]) for row in rows})
        for place, name in enumerate(header)
        if place
    }


@cache
def _widths(face: Face) -> tuple[_Widths, _Widths]:
    plain, bold = face.value
    return _Widths(_columns()[plain]), _Widths(_columns()[bold])


def width_of(text: str, face: Face, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in one line, in the unit of the size."""
    return _widths(face)[bold][text] * size / 1000


@lru_cache(maxsize=_PARAGRAPHS)
def lines_of(runs: tuple[Run, ...], face: Face, size: float, width: float) -> int:
    """Return how many lines words take that are broken at spaces, and behind a hyphen.

    Parameters
    ----------
    runs
        What stands in the paragraph; a space stands between two of them.
    width
        Of the lines, in the unit of the size.
    """
    room = width * 1000 / size
    faces = _widths(face)
    lines, at = 1, 0.0
    for text, bold in runs:
        widths = faces[bold]
        space = widths[" "]
        for whole in text.split():
            beside = space if at else 0
            for word in _HYPHEN.split(whole) if "-" in whole else (whole,):
                wide = widths[word]
                if at and at + beside + wide > room:
                    lines, at = lines + 1, wide
                else:
                    at += beside + wide
                beside = 0
                while at > room:  # A word longer than a line goes on in the next.
                    lines, at = lines + 1, at - room
    return lines
