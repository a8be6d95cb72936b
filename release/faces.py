"""Make the faces in which the PDF is set, of the variable font of Source Sans 3.

    pip install fonttools==4.68.0 fontpkg-source-sans-3==3.52
    python release/faces.py src/epilepsy_pgx/report/fonts

A variable font works out the width and the outline of every letter anew for each file; a face of
one weight has them. The outlines are those of the font, rounded to its units. What no text asks
for (small capitals, old figures and the like) is left out. The licence of the font (Open Font
License 1.1) reserves its name, so that what is made of it has another.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FAMILY = "Report Sans"
FACES = (
    ("Regular", "SourceSans3[wght].ttf", 400),
    ("SemiBold", "SourceSans3[wght].ttf", 600),
    ("Bold", "SourceSans3[wght].ttf", 700),
    ("Italic", "SourceSans3-Italic[wght].ttf", 400),
)
FEATURES = (
    *("ccmp", "locl", "rlig", "rclt", "calt", "liga", "clig", "kern", "mark", "mkmk"),
    *("frac", "numr", "dnom"),
)
"""What is done with letters unless a text asks for something else."""
_LICENCE = (0, 13, 14)
"""Numbers of the names that say who made the letters, and what may be done with them."""
_ITALIC, _BOLD, _REGULAR = 1, 1 << 5, 1 << 6


def make_face(source: Path, style: str, weight: int) -> TTFont:
    """Return a face of one weight."""
    variable = TTFont(source, recalcTimestamp=False)
    face = instantiateVariableFont(variable, {"wght": weight})
    options = Options(layout_features=FEATURES, notdef_outline=True, hinting=False)
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=face.getBestCmap())
    subsetter.subset(face)
    _name(face, style)
    flags = {"Regular": _REGULAR, "Bold": _BOLD, "Italic": _ITALIC}.get(style, 0)
    face["OS/2"].usWeightClass = weight
    face["OS/2"].fsSelection &= ~(_ITALIC | _BOLD | _REGULAR)
    face["OS/2"].fsSelection |= flags
    face["head"].macStyle = {"Bold": 1, "Italic": 2}.get(style, 0)
    return face


def _name(face: TTFont, style: str) -> None:
    """Give a face its own name; who made the letters, and the licence, stand as they did."""
    names = face["name"]
    names.names = [n for n in names.names if n.nameID in _LICENCE and n.platformID == 3]
    plain = FAMILY.replace(" ", "")
    # A family of four styles as old programs know it, and by its own styles (numbers 16 and 17).
    old = style in ("Regular", "Bold", "Italic")
    for number, text in (
        (1, FAMILY if old else f"{FAMILY} {style}"),
        (2, style if old else "Regular"),
        (3, f"{plain}-{style}"),
        (4, f"{FAMILY} {style}"),
        (6, f"{plain}-{style}"),
        (16, FAMILY),
        (17, style),
    ):
        names.setName(text, number, 3, 1, 0x409)


def main(out: Path) -> None:
    """Write the faces and their licence."""
    found = find_spec("fontpkg_source_sans_3")
    if found is None or found.origin is None:
        sys.exit("fontpkg-source-sans-3 is not installed")
    package = Path(found.origin).parent
    out.mkdir(exist_ok=True)
    for style, source, weight in FACES:
        make_face(package / "files" / source, style, weight).save(out / f"{style}.ttf")
    licence = (package / "LICENSE").read_text(encoding="utf-8")
    lines = "".join(f"{line.rstrip()}\n" for line in licence.splitlines())
    (out / "OFL.txt").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
