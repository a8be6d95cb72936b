"""The sheets that page one is set on: sizes and distances of the styles of the browser and the PDF.

All is in points. A line is as high as from its foot to that of the next one; where a style sets
room between the lines alone, that of the last line is taken off what stands below.
"""

from typing import NamedTuple

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.report.advances import Face

_MM = 72 / 25.4
_PAPERS = {"a4": (210 * _MM, 297 * _MM), "letter": (215.9 * _MM, 279.4 * _MM)}
_TILES = (0.161, 0.161, 0.202, 0.218, 0.258)
"""1 : 1 : 1.25 : 1.35 : 1.6, as the styles set them."""
SIZE = 10
"""Of all text of page one but its title."""


class Box(NamedTuple):
    """What stands around something: room above and below it, and what it takes itself."""

    above: float
    below: float
    high: float = 0
    wide: float = 0


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """How page one is set."""

    face: Face
    width: float
    height: float
    line: float
    par: float
    """Between paragraphs, where nothing else is set."""
    fixed: float
    """Of the title, and of what stands between the last line and the names who sign."""
    title: Box
    """`high` of its letters, `wide` of what stands between and around what is beside it, and
    `above` of what is taken by what has no room beside it."""
    heading: Box
    identity: Box
    summary: Box
    tiles: Box
    """`high` of what a number takes beside the lines of its words."""
    tile_line: float
    tile_widths: tuple[float, ...]
    """Parts of the width, what stands between them taken off."""
    tile_size: float
    urgent: Box
    urgent_heading: float
    entry: Box
    said: float
    """Between the sentences of an entry."""
    verdict: float
    """Width of the words of a verdict; 0 where they stand in the paragraph."""
    text: float
    """What is left of the width beside it."""
    listed: Box
    sign: Box
    sign_gap: float
    dense: bool = False


_BROWSER = Style(
    face=Face.BROWSER,
    width=0,
    height=0,
    line=11.3,
    par=1.0,
    fixed=27.0,
    title=Box(16.5, 0, 14, 34),
    heading=Box(3.6, 1.2, 13.12),
    identity=Box(1.2, 1.2, 0, 6),
    summary=Box(2.5, 2.5, 4, 16.5),
    tiles=Box(2, 2, 5.0),
    tile_line=10.5,
    tile_widths=_TILES,
    tile_size=13,
    urgent=Box(2.5, 2.5, 5.5, 17.25),
    urgent_heading=14.9,
    entry=Box(0, 0, 2.75),
    said=0.3,
    verdict=81,
    text=100,
    listed=Box(2, 2, 0, 11),
    sign=Box(3, 3, 3.25),
    sign_gap=10,
)
_DENSE = replace(
    _BROWSER,
    line=10.7,
    par=0.4,
    fixed=27.0,
    heading=Box(2, 0.8, 11.45),
    identity=Box(1.2, 1.2, 0, 6),
    summary=Box(1.2, 1.2, 4.8, 16.5),
    tiles=Box(1.2, 1.2, 5.0),
    urgent=Box(1.2, 1.2, 5.5, 17.25),
    urgent_heading=13.7,
    entry=Box(1, 1, 0),
    said=0,
    verdict=0,
    text=6.25,
    dense=True,
)
_PDF = Style(
    face=Face.PDF,
    width=0,
    height=0,
    line=11.6,
    par=1.2,
    fixed=5.0,
    title=Box(11.6, 0, 15, 29),
    heading=Box(4.64, -0.18, 14.15),
    identity=Box(1.8, 1.8, 0, 6.8),
    summary=Box(1.8, 0.67, 10.2, 17),
    tiles=Box(1.2, 1.2, 34.76),
    tile_line=0,
    tile_widths=_TILES,
    tile_size=15,
    urgent=Box(1.2, 1.2, 12.47, 17),
    urgent_heading=12.8,
    entry=Box(-0.18, -0.18, 1.7),
    said=1.2,
    verdict=82.2,
    text=97,
    listed=Box(1.2, 1.2, 0, 8.5),
    sign=Box(6.3, 0, 2.83),
    sign_gap=17,
)
_PDF_DENSE = replace(
    _PDF,
    heading=Box(1.24, -1.88, 14.15),
    entry=Box(-1.6, -1.6, 0.57),
    said=0,
    verdict=0,
    text=6.24,
    dense=True,
)


def _on(style: Style, paper: str, beside: float, above: float) -> Style:
    wide, high = _PAPERS[paper]
    return replace(style, width=wide - beside * _MM, height=high - above * _MM)


class Sheet(NamedTuple):
    """A sheet of paper, as it is printed at first, and densely."""

    plain: Style
    dense: Style

    @property
    def lines(self) -> float:
        """Lines that it holds."""
        return self.plain.height / self.plain.line


BROWSER = {
    paper: Sheet(_on(_BROWSER, paper, 24, 24), _on(_DENSE, paper, 18, 22)) for paper in _PAPERS
}
PDF = {paper: Sheet(_on(_PDF, paper, 22, 28), _on(_PDF_DENSE, paper, 22, 28)) for paper in _PAPERS}
