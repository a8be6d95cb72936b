"""Use what a file says of a variant whose bases are not known here: its own, or ClinVar's."""

import re
from collections.abc import Iterable, Mapping, Sequence

from epilepsy_pgx.calling.open_reading import OpenReading
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import Alias, VariantKey
from epilepsy_pgx.protein import ProteinChange
from epilepsy_pgx.variants.annotate import UNJUDGED, UNREAD, SiteAnnotation
from epilepsy_pgx.variants.consequence import SEVERITY, TRUNCATING, sort_terms
from epilepsy_pgx.variants.infoclass import FileAnnotation
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.vocabulary import Direction

_VERSION = re.compile(r"\.\d+$")
OUTSIDE = frozenset({"intron_variant", "5_prime_UTR_variant", "3_prime_UTR_variant"})
"""Terms of what lies outside the codons of a transcript."""
SILENT = frozenset({"synonymous_variant", "stop_retained_variant", "start_retained_variant"})
"""Terms of a codon that says the same."""
NOTES = {
    "vep": "note-file-annotation-vep",
    "snpeff": "note-file-annotation-snpeff",
    "annovar": "note-file-annotation-annovar",
    "clinvar": "note-file-annotation-clinvar",
}
"""The text that names the program."""
OTHER_TRANSCRIPT = "note-file-transcript"


def with_file_annotation(annotation: SiteAnnotation, variant: ObservedVariant) -> SiteAnnotation:
    """Return an annotation with what the file says, where the bases of the gene are not known."""
    return with_entries(annotation, variant.file_annotations)


def with_entries(annotation: SiteAnnotation, entries: tuple[FileAnnotation, ...]) -> SiteAnnotation:
    """Return an annotation with what some entries say, where the bases are not known.

    Own names and terms stay. That the protein is cut short counts only on the transcript of the
    tables, and no direction follows from it: nobody here has read the bases.
    """
    if annotation.status not in UNREAD or not entries:
        return annotation
    found = _choose(annotation, entries)
    if found is None:
        return annotation
    ours = _is_ours(found, annotation) or not found.transcripts
    mine = {t for t in annotation.consequences if t not in ("not_assessed", UNJUDGED)}
    # By its position it changes a codon: that it does nothing can be said on our transcript alone.
    if UNJUDGED in annotation.consequences and not _settles(found.terms, ours):
        mine.add(UNJUDGED)
    terms = sort_terms({*mine, *found.terms})
    notes = [n for n in annotation.notes if n != "note-no-sequence"]
    notes.append(NOTES[found.program])
    if not ours:
        notes.append(OTHER_TRANSCRIPT)
    is_open = bool({*OpenReading} & {*annotation.notes})
    cut = ours and bool(TRUNCATING & {*found.terms}) and not annotation.truncating and not is_open
    return replace(
        annotation,
        consequences=terms or annotation.consequences,
        hgvs_c=annotation.hgvs_c or found.coding,
        protein=annotation.protein
        or (ProteinChange.read(found.protein) if found.protein and ours else None),
        # The number of a residue is that of its transcript: it stands beside ours, with its name.
        aliases=annotation.aliases if ours else (*annotation.aliases, *_other_names(found)),
        truncating=annotation.truncating or cut,
        direction=Direction.NOT_DETERMINED if cut else annotation.direction,
        direction_basis=annotation.direction_basis
        if annotation.truncating
        else "direction-basis-file",
        notes=tuple(notes),
    )


def _settles(terms: Sequence[str], ours: bool) -> bool:
    """Say whether terms tell what a change of a codon does."""
    return bool({*terms} - OUTSIDE - (frozenset() if ours else SILENT))


def _other_names(entry: FileAnnotation) -> tuple[Alias, ...]:
    """Return the names of an entry with the transcript that they count on."""
    who, _, coding = (entry.coding or "").rpartition(":")
    names = " ".join(n for n in (coding, entry.protein) if n)
    return (Alias(names, who or " ".join(entry.transcripts[:1])),) if names else ()


def _choose(annotation: SiteAnnotation, entries: Iterable[FileAnnotation]) -> FileAnnotation | None:
    """Return the entry on the gene: on our transcript, else the program's choice."""
    mine = [e for e in entries if e.read and e.terms and _is_of(e, annotation)]
    return min(
        mine,
        key=lambda e: (not _is_ours(e, annotation), not e.first, SEVERITY.index(e.terms[0])),
        default=None,
    )


def _is_of(entry: FileAnnotation, annotation: SiteAnnotation) -> bool:
    return entry.gene == annotation.gene or _is_ours(entry, annotation)


def _is_ours(entry: FileAnnotation, annotation: SiteAnnotation) -> bool:
    own = _VERSION.sub("", annotation.transcript)
    return own in {_VERSION.sub("", t) for t in entry.transcripts}


def unread_annotations(
    observed: Iterable[ObservedVariant],
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
) -> tuple[tuple[ObservedVariant, str], ...]:
    """Return the variants in genes without bases whose annotation was not read, with its field."""
    found = []
    for variant in sorted(observed, key=lambda v: v.key):
        lost = [a.program for a in variant.file_annotations if not a.read]
        if lost and any(a.status in UNREAD for a in annotations.get(variant.key, ())):
            found.append((variant, lost[0]))
    return tuple(found)
