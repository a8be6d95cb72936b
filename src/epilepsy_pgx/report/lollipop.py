"""A picture of the patient's variants on the protein, for paper as well as for the screen."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from textwrap import wrap
from typing import Any

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import VariantFinding
from epilepsy_pgx.protein import ProteinChange
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import FEATURES_BY_GENE, FunctionalEffect, ProteinFeature
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import Classification, Direction, GenomeBuild

WIDTH, LEFT, RIGHT = 720.0, 12.0, 12.0
AXIS = 92.0
"""Height of the protein, in units of the picture."""
LONGEST_LABEL = 24
KEY_LETTERS = 125
"""Letters of the key on one line of a picture of its own."""
FONTS = "DejaVu Sans, Helvetica, Arial, sans-serif"
PAPER_FONTS = "Source Sans 3, DejaVu Sans, sans-serif"
"""The face of the page; typst draws the words of a picture thin unless they are semibold."""
SEEN = f"{WIDTH:.0f} 162"
BOX = f"0 -6 {SEEN}"
"""What is seen of the drawing: its title on top, numbers of residues at its foot."""
_DOMAIN = re.compile(r"D([IVX]+) ")
"""How the tables begin the names of a domain's parts."""
ALONE = (
    "text,.po{fill:#111}.no{font-size:11px}.paper{fill:#fff}"
    ".ax,.st,.lo{stroke:#111;fill:none}.ax{stroke-width:3}.tm{fill:#e6e6e6;stroke:#111}"
    ".go,.ho{fill:#fff;stroke:#111}.hf{fill:#111;stroke:#111}"
)
"""Style of a picture of its own: that of the report in black on white."""

_FILLED = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)
_SHOWN_KINDS = ("transmembrane", "pore", "inactivation particle", "selectivity filter")


def residue_of(hgvs_p: str | None) -> int | None:
    """Return the residue at which a protein change begins; None if it names none."""
    residues = None if hgvs_p is None else ProteinChange.read(hgvs_p).residues
    return residues[0] if residues else None


def draw_lollipop(
    gene: str,
    findings: Sequence[VariantFinding],
    ref: Reference,
    wording: Wording,
    build: GenomeBuild,
) -> str | None:
    """Return the picture as SVG; None if there is nothing to draw or no protein to draw it on.

    Filled heads are pathogenic or likely pathogenic variants, open heads all others. Below the
    protein stand the verified tested variants of the tables: triangles for gain, bars for loss
    of function. Nothing is told by colour.
    """
    placed = _place(gene, findings)
    if gene not in ref.grouped(FEATURES_BY_GENE) or not placed or not drawable(ref, build, gene):
        return None
    title, parts = _draw(gene, placed, ref, wording, build)
    key = escape(_key(gene, findings, placed, wording))
    return (
        f'<figure class="lolli"><svg id="p-{gene}" viewBox="{BOX}" role="img" '
        f'aria-labelledby="lt-{gene} ld-{gene}"><title id="lt-{gene}">{title}</title>'
        f'<desc id="ld-{gene}">{escape(_describe(placed, wording))}</desc>{_heading(title)}{parts}'
        f"</svg><figcaption>{key}</figcaption></figure>"
    )


@dataclass(frozen=True, slots=True)
class PaperPicture:
    """The same picture for paper, which has no style of a page around it."""

    svg: str
    alt: str
    caption: str


def draw_on_paper(
    gene: str,
    findings: Sequence[VariantFinding],
    ref: Reference,
    wording: Wording,
    build: GenomeBuild,
) -> PaperPicture | None:
    """Return what `draw_lollipop` draws, in black on white; None where it draws nothing."""
    placed = _place(gene, findings)
    if gene not in ref.grouped(FEATURES_BY_GENE) or not placed or not drawable(ref, build, gene):
        return None
    title, parts = _draw(gene, placed, ref, wording, build)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{BOX}" font-family="{PAPER_FONTS}" '
        f'font-size="12" font-weight="600"><style>{ALONE}</style>{_heading(title)}{parts}</svg>'
    )
    about = wording.say("label-lollipop-title", gene=gene, length=str(_length(gene, ref, build)))
    return PaperPicture(
        svg, f"{about}: {_describe(placed, wording)}", _key(gene, findings, placed, wording)
    )


def _key(
    gene: str,
    findings: Iterable[VariantFinding],
    placed: Sequence[tuple[int, VariantFinding]],
    wording: Wording,
) -> str:
    """Return what the picture means, and how many variants have no place in it."""
    lost = sum(f.gene == gene for f in findings) - len(placed)
    key = wording.say("label-lollipop-key")
    if not lost:
        return key
    return f"{wording.say('label-lollipop-not-drawn', number=str(lost))} {key}"


def _heading(title: str) -> str:
    """Return the title as it is seen; it is escaped already."""
    return f'<text x="{LEFT:.0f}" y="6" font-weight="bold">{title}</text>'


def drawable(ref: Reference, build: GenomeBuild, gene: str) -> bool:
    """Say whether there is a protein of a gene to draw on."""
    return gene in load_transcripts(ref, build)


def draw_alone(
    gene: str,
    findings: Sequence[VariantFinding],
    ref: Reference,
    wording: Wording,
    build: GenomeBuild,
    about: str,
) -> str:
    """Return the picture as an SVG file of its own, with the protein alone if there is no variant.

    A variant of several samples is drawn once. `about` says whose variants they are.
    """
    once = {(f.key, f.hgvs_p): f for f in findings}
    placed = _place(gene, [once[k] for k in sorted(once, key=str)])
    _, parts = _draw(gene, placed, ref, wording, build)
    title = escape(f"{about} on the protein of {gene} ({_length(gene, ref, build)} residues)")
    lines = wrap(_key(gene, once.values(), placed, wording), KEY_LETTERS)
    key = "".join(
        f'<text x="{LEFT:.0f}" y="{166 + 13 * i}" class="no">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    size = f'width="{WIDTH:.0f}" height="{177 + 13 * len(lines)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 -8 {WIDTH:.0f} {177 + 13 * len(lines)}" font-family="{FONTS}" font-size="12">'
        f"<title>{title}</title><desc>{escape(_describe(placed, wording))}</desc>"
        f'<style>{ALONE}</style><rect y="-8" {size} class="paper"/>'
        f'<text x="{LEFT:.0f}" y="8" font-weight="bold">{title}</text>{parts}{key}</svg>\n'
    )


def _place(gene: str, findings: Sequence[VariantFinding]) -> list[tuple[int, VariantFinding]]:
    """Return the findings of a gene with their residue, in the order of the protein."""
    mine = [(residue_of(f.hgvs_p), f) for f in findings if f.gene == gene]
    return sorted(((p, f) for p, f in mine if p is not None), key=lambda m: (m[0], str(m[1].key)))


def _length(gene: str, ref: Reference, build: GenomeBuild) -> int:
    return load_transcripts(ref, build)[gene].residues


def _draw(
    gene: str,
    placed: Sequence[tuple[int, VariantFinding]],
    ref: Reference,
    wording: Wording,
    build: GenomeBuild,
) -> tuple[str, str]:
    """Return the title and the shapes of a picture."""
    scale = _Scale(_length(gene, ref, build))
    parts = [
        f'<path d="M{scale.x(1):.1f} {AXIS}H{scale.x(scale.length):.1f}" class="ax"/>',
        *_draw_features(ref.grouped(FEATURES_BY_GENE).get(gene, ()), scale),
        *_draw_domains(ref.grouped(FEATURES_BY_GENE).get(gene, ()), scale, wording),
        *_draw_tested(ref, gene, scale),
        *_draw_heads(placed, scale),
        *_draw_numbers(scale),
    ]
    title = escape(wording.say("label-lollipop-title", gene=gene, length=str(scale.length)))
    return title, "".join(parts)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where the residues of a protein of some length stand in the picture."""

    length: int

    def x(self, residue: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (residue - 0.5) / self.length


def _draw_features(features: Sequence[ProteinFeature], scale: _Scale) -> list[str]:
    """Return the boxes of the protein's parts: high ones for segments in the membrane."""
    boxes: dict[str, list[str]] = {"tm": [], "po": []}
    for row in features:
        if row.kind.split(" (")[0] not in _SHOWN_KINDS:
            continue
        tall = 16 if row.kind == "transmembrane" else 8
        wide = max(1.2, scale.x(row.end) - scale.x(row.start))
        boxes["tm" if row.kind == "transmembrane" else "po"].append(
            f"M{scale.x(row.start):.0f} {AXIS - tall / 2:.0f}h{wide:.0f}v{tall}h-{wide:.0f}z"
        )
    return [_path(shapes, kind) for kind, shapes in boxes.items() if shapes]


def _draw_domains(
    features: Sequence[ProteinFeature], scale: _Scale, wording: Wording
) -> Iterator[str]:
    """Yield the name of each domain, below the middle of its segments."""
    ends: dict[str, list[int]] = {}
    for row in features:
        found = _DOMAIN.match(row.feature)
        if found and row.kind == "transmembrane":
            ends.setdefault(found[1], []).extend((row.start, row.end))
    for name, places in ends.items():
        middle = scale.x((min(places) + max(places)) / 2)
        yield (
            f'<text x="{middle:.0f}" y="139" class="no" text-anchor="middle">'
            f"{escape(wording.say('label-lollipop-domain', name=name))}</text>"
        )


def _draw_tested(ref: Reference, gene: str, scale: _Scale) -> list[str]:
    """Return the marks of the tested variants of the tables, below the protein."""
    parts = []
    for direction, kind, height, shape in (
        (Direction.GAIN, "go", 103, "l4 8h-8z"),
        (Direction.LOSS, "lo", 119, "v9"),
    ):
        marks = [f"M{scale.x(r):.0f} {height}{shape}" for r in _tested(ref, gene, direction)]
        parts += [_path(marks, kind)] if marks else []
    return parts


def _draw_heads(placed: Sequence[tuple[int, VariantFinding]], scale: _Scale) -> list[str]:
    """Return stem, head and label of each variant; close ones stand at different heights."""
    parts = []
    last = -100.0
    level = 0
    for residue, finding in placed:
        at = scale.x(residue)
        level = (level + 1) % 3 if at - last < 110 else 0
        last = at
        top = 62.0 - 20 * level
        filled = "hf" if finding.classification in _FILLED else "ho"
        label = (finding.hgvs_p or "").removeprefix("p.").strip("()")[:LONGEST_LABEL]
        anchor = "start" if at < WIDTH * 0.7 else "end"
        shift = 9 if anchor == "start" else -9
        parts.append(
            f'<path d="M{at:.1f} {AXIS - 8}V{top}" class="st"/>'
            f'<circle cx="{at:.1f}" cy="{top}" r="5" class="{filled}"/>'
            f'<text x="{at + shift:.1f}" y="{top + 4}" text-anchor="{anchor}">'
            f"{escape(label)}</text>"
        )
    return parts


def _draw_numbers(scale: _Scale) -> Iterator[str]:
    """Yield the numbers of residues under the protein."""
    for residue in range(0, scale.length, 500):
        shown = max(1, residue)
        yield (
            f'<text x="{scale.x(shown):.0f}" y="152" class="no" text-anchor="middle">{shown}</text>'
        )


def _describe(placed: Sequence[tuple[int, VariantFinding]], wording: Wording) -> str:
    """Return in words what the heads show."""
    return "; ".join(
        wording.say(
            "label-lollipop-variant",
            name=f.hgvs_p or str(f.key),
            position=str(p),
            classification=wording.say(f"label-class-{f.classification.value.replace('_', '-')}"),
        )
        for p, f in placed
    )


def _path(shapes: Sequence[str], kind: str) -> str:
    return f'<path d="{"".join(shapes)}" class="{kind}"/>'


def _tested(ref: Reference, gene: str, direction: Direction) -> list[int]:
    """Return the residues of tested variants: a verified row, and no row that disagrees."""
    seen: dict[str, set[Direction]] = {}
    proved: set[str] = set()
    for row in ref.rows(FunctionalEffect):
        if row.gene == gene:
            seen.setdefault(row.protein_change, set()).add(row.direction)
            if row.verified:
                proved.add(row.protein_change)
    found = (
        residue_of(change)
        for change, said in seen.items()
        if said == {direction} and change in proved
    )
    return sorted({r for r in found if r is not None})


def render_png(picture: str) -> bytes:
    """Return a picture of its own as PNG, drawn by typst (optional extra `pdf`).

    Raises
    ------
    ConfigError
        If typst is not installed.
    """
    try:
        import typst
    except ImportError:
        raise ConfigError.one(
            "pdf-extra",
            column="--plot-file",
            found="no typst",
            expected="the optional extra 'pdf'",
            fix="pip install 'epilepsy-pgx[pdf]', or name a file that ends in .svg.",
        ) from None
    page = '#set page(width: auto, height: auto, margin: 0pt)\n#image("picture.svg")\n'
    compiler: Any = typst.Compiler(ignore_system_fonts=True)
    files = {"main.typ": page.encode(), "picture.svg": picture.encode()}
    made = compiler.compile(files, format="png", ppi=200.0, timestamp=0)
    return bytes(made)
