"""Where a neighbour on the same chromosome copy leaves a reading open, for want of bases.

A shifted frame may return, and a codon that two variants change says another thing than either
alone: where the bases are not known, neither a loss nor a tested direction is proved.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.genetics import PhaseSet
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.variants.annotate import UNREAD, SiteAnnotation
from epilepsy_pgx.variants.consequence import TRUNCATING
from epilepsy_pgx.variants.implied import read_substitution
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.vocabulary import Direction, SiteStatus


class OpenReading(StrEnum):
    """What a neighbour leaves open: the note that says so."""

    FRAME = "note-frame-open"
    CODON = "note-codon-open"


FRAME_REACH = 300
"""Bases within which a second shift of the frame is read together with the first."""
_BASES = {
    OpenReading.FRAME: "direction-basis-frame-open",
    OpenReading.CODON: "direction-basis-codon-open",
}
Copy = PhaseSet | VariantKey | int | None
"""A chromosome copy: as the input phases it; the one that carries a variant of no known phase;
the side of a genotype with `|` that is no phase, where calls may lie together and what they break
is said; or None for every copy."""

Annotations = Mapping[VariantKey, tuple[SiteAnnotation, ...]]
_Sites = list[tuple[VariantKey, SiteAnnotation]]
_Open = set[tuple[str, VariantKey]]


def copies_of(variant: ObservedVariant) -> tuple[Copy, ...]:
    """Return the chromosome copies that carry a variant."""
    # Homozygous: it lies on every copy.
    if variant.copies and variant.copies == variant.ploidy:
        return (None,)
    if variant.phase_sets:
        return variant.phase_sets
    return variant.haplotypes if variant.marked else (variant.key,)


def with_open_readings(
    observed: Iterable[ObservedVariant], annotations: Annotations
) -> dict[VariantKey, tuple[SiteAnnotation, ...]]:
    """Return the annotations that change: of whom a proved neighbour leaves the reading open."""
    copies: dict[tuple[str, Copy], _Sites] = {}
    for variant in observed:
        if variant.status is not SiteStatus.CALLED or variant.marked:
            continue
        for annotation in annotations.get(variant.key, ()):
            if annotation.status in UNREAD:
                for place in copies_of(variant):
                    site = variant.key, annotation
                    copies.setdefault((annotation.gene, place), []).append(site)
    found: dict[OpenReading, _Open] = {kind: set() for kind in OpenReading}
    for (gene, place), own in copies.items():
        everywhere = copies.get((gene, None), []) if place is not None else []
        members = sorted((*own, *everywhere), key=lambda m: m[0])
        # The other copy carries what lies on both alone.
        mine = {key for key, _ in own}
        found[OpenReading.FRAME] |= {(gene, k) for k in _open_frames(members) & mine}
        found[OpenReading.CODON] |= {(gene, k) for k in _open_codons(members) & mine}
    return {
        key: tuple(_opened(a, [k for k in OpenReading if (a.gene, key) in found[k]]) for a in sites)
        for key, sites in annotations.items()
        if any((a.gene, key) in found[k] for a in sites for k in OpenReading)
    }


def _open_frames(members: _Sites) -> set[VariantKey]:
    """Return the shifts of the frame after which it returns, by their lengths."""
    shifts = [k for k, a in members if "frameshift_variant" in a.consequences]
    found: set[VariantKey] = set()
    for at, first in enumerate(shifts):
        near = [k for k in shifts[at:] if k.pos - first.pos < FRAME_REACH]
        for end in range(2, len(near) + 1):
            if sum(len(k.alt) - len(k.ref) for k in near[:end]) % 3 == 0:
                found.update(near[:end])
    return found


def _open_codons(members: _Sites) -> set[VariantKey]:
    """Return the substitutions of one base whose codon another one changes too."""
    codons: dict[int, set[VariantKey]] = {}
    for key, annotation in members:
        place = read_substitution(annotation.hgvs_c)
        if place is not None:
            codons.setdefault(place[0], set()).add(key)
    return {key for keys in codons.values() if len(keys) > 1 for key in keys}


def _opened(annotation: SiteAnnotation, kinds: Iterable[OpenReading]) -> SiteAnnotation:
    for kind in kinds:
        cut = TRUNCATING & set(annotation.consequences)
        if kind is OpenReading.FRAME and cut != {"frameshift_variant"}:
            continue
        annotation = replace(
            annotation,
            truncating=False,
            direction=Direction.NOT_DETERMINED,
            direction_basis=_BASES[kind],
            notes=(*annotation.notes, kind.value),
        )
    return annotation
