"""A picture of the patient's variants on the protein, for paper as well as for the screen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

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
    features = ref.grouped(FEATURES_BY_GENE).get(gene, ())
    mine = [(residue_of(f.hgvs_p), f) for f in findings if f.gene == gene]
    placed = sorted(((p, f) for p, f in mine if p is not None), key=lambda m: (m[0], str(m[1].key)))
    transcript = load_transcripts(ref, build).get(gene)
    if not features or not placed or transcript is None:
        return None
    scale = _Scale(sum(end - start for start, end in transcript.coding) // 3 - 1)
    parts = [
        f'<path d="M{scale.x(1):.1f} {AXIS}H{scale.x(scale.length):.1f}" class="ax"/>',
        *_draw_features(features, scale),
        *_draw_tested(ref, gene, scale),
        *_draw_heads(placed, scale),
        *_draw_numbers(scale),
    ]
    title = escape(wording.say("label-lollipop-title", gene=gene, length=str(scale.length)))
    key = escape(wording.say("label-lollipop-key"))
    return (
        f'<figure class="lolli"><svg viewBox="0 12 {WIDTH:.0f} 138" role="img" '
        f'aria-labelledby="lt-{gene} ld-{gene}"><title id="lt-{gene}">{title}</title>'
        f'<desc id="ld-{gene}">{escape(_describe(placed, wording))}</desc>{"".join(parts)}</svg>'
        f"<figcaption>{key}</figcaption></figure>"
    )


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
            f"M{scale.x(row.start):.1f} {AXIS - tall / 2:.0f}h{wide:.1f}v{tall}h-{wide:.1f}z"
        )
    return [_path(shapes, kind) for kind, shapes in boxes.items() if shapes]


def _draw_tested(ref: Reference, gene: str, scale: _Scale) -> list[str]:
    """Return the marks of the tested variants of the tables, below the protein."""
    parts = []
    for direction, kind, height, shape in (
        (Direction.GAIN, "go", 103, "l4 8h-8z"),
        (Direction.LOSS, "lo", 119, "v9"),
    ):
        marks = [f"M{scale.x(r):.1f} {height}{shape}" for r in _tested(ref, gene, direction)]
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
            f'<text x="{scale.x(shown):.1f}" y="146" class="no" text-anchor="middle">{shown}</text>'
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
