"""What a variant does to a transcript, in Sequence Ontology terms.

What `bcftools csq` and the names say of a small variant is brought together here. Structural
variants, and parts of a gene without sequence, are judged by position alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

from epilepsy_pgx.genetics import SymbolicKind
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.protein import ProteinChange, ProteinKind
from epilepsy_pgx.variants.borders import CANONICAL, BorderReading, placements, read_borders
from epilepsy_pgx.variants.frame import FrameEffect, read_frame
from epilepsy_pgx.variants.observed import Change, Span, read_change
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import Transcript

SEVERITY = (
    "transcript_ablation",
    "exon_loss_variant",
    "splice_acceptor_variant",
    "splice_donor_variant",
    "stop_gained",
    "frameshift_variant",
    "start_lost",
    "stop_lost",
    "transcript_amplification",
    "coding_transcript_variant",
    "missense_variant",
    "inframe_insertion",
    "inframe_deletion",
    "protein_altering_variant",
    "splice_region_variant",
    "stop_retained_variant",
    "start_retained_variant",
    "synonymous_variant",
    "coding_sequence_variant",
    "5_prime_UTR_variant",
    "3_prime_UTR_variant",
    "intron_variant",
    "not_assessed",
)
"""Terms in use, most severe first."""

# Up to and including start_lost.
TRUNCATING = frozenset(SEVERITY[:7])
"""Terms after which no normal protein is expected."""

SPLICE_TERMS = frozenset({"splice_acceptor_variant", "splice_donor_variant"})
"""Terms of a lost splice site."""

# Sequence Ontology, splice_region_variant (SO:0001630).
SPLICE_EXON = 3
"""Exon bases of the splice region."""
SPLICE_INTRON = 8
"""Intron bases of the splice region."""


def sort_terms(terms: Sequence[str] | frozenset[str] | set[str]) -> tuple[str, ...]:
    """Return the distinct terms, most severe first."""
    return tuple(sorted(set(terms), key=SEVERITY.index))


def locate(start0: int, end0: int, transcript: Transcript) -> frozenset[str]:
    """Return what an interval of the genome touches, by position alone.

    An empty interval stands for an insertion before `start0`; it touches a part only if it lies
    inside it.

    Returns
    -------
    frozenset
        Any of `coding`, `splice_donor`, `splice_acceptor`, `splice_region`, `5_prime_UTR`,
        `3_prime_UTR`, `intron`; empty outside the transcript.

    Examples
    --------
    An invented gene of the forward strand with two exons:

    >>> toy = Transcript("TOY1", "NM_1.1", "", "1", True, ((100, 200), (300, 400)), 150, 350)
    >>> sorted(locate(200, 201, toy))
    ['intron', 'splice_donor', 'splice_region']
    >>> sorted(locate(120, 121, toy))
    ['5_prime_UTR']
    """

    def touches(low: int, high: int) -> bool:
        if start0 == end0:
            return low < start0 < high
        return start0 < high and end0 > low

    found = set()
    first, last = transcript.exons[0], transcript.exons[-1]
    for start, end in transcript.exons:
        if touches(max(start, transcript.cds_start), min(end, transcript.cds_end)):
            found.add("coding")
        if start < transcript.cds_start and touches(start, min(end, transcript.cds_start)):
            found.add("5_prime_UTR" if transcript.forward else "3_prime_UTR")
        if end > transcript.cds_end and touches(max(start, transcript.cds_end), end):
            found.add("3_prime_UTR" if transcript.forward else "5_prime_UTR")
        if (start, end) != first:
            if touches(start - CANONICAL, start):
                found.add("splice_acceptor" if transcript.forward else "splice_donor")
            if touches(start - SPLICE_INTRON, start + SPLICE_EXON):
                found.add("splice_region")
        if (start, end) != last:
            if touches(end, end + CANONICAL):
                found.add("splice_donor" if transcript.forward else "splice_acceptor")
            if touches(end - SPLICE_EXON, end + SPLICE_INTRON):
                found.add("splice_region")
    if any(touches(start, end) for start, end in transcript.introns):
        found.add("intron")
    return frozenset(found)


def classify_by_position(key: VariantKey, transcript: Transcript) -> tuple[str, ...]:
    """Return the terms that hold whatever the bases are; `coding_sequence_variant` for the rest.

    An insertion or deletion inside an exon, away from its splice regions, shifts or keeps the
    frame by its length alone. No other codon than ATG starts a protein here. Empty for what
    touches no part of the transcript.
    """
    change = read_change(key)
    start, end = change.start0, change.end0
    parts = locate(start, end, transcript)
    terms = set()
    if len(key.ref) == len(key.alt) and _at_start_codon(change, transcript):
        terms.add("start_lost")
    if "splice_donor" in parts and start != end:
        terms.add("splice_donor_variant")
    if "splice_acceptor" in parts and start != end:
        terms.add("splice_acceptor_variant")
    if "coding" in parts and not terms & TRUNCATING:
        terms.add(
            "coding_sequence_variant" if parts - {"coding"} else _by_length(change, transcript)
        )
    if "splice_region" in parts and not terms & TRUNCATING:
        terms.add("splice_region_variant")
    for part in ("5_prime_UTR", "3_prime_UTR"):
        if part in parts:
            terms.add(f"{part}_variant")
    if "intron" in parts and not terms & TRUNCATING:
        terms.add("intron_variant")
    return sort_terms(terms)


def _by_length(change: Change, transcript: Transcript) -> str:
    """Return what the length of a change inside a coding exon says of the frame."""
    removed, added = len(change.removed), len(change.added)
    if (added - removed) % 3:
        return "frameshift_variant"
    stop = range(transcript.coding_length - 3, transcript.coding_length)
    touched = range(change.start0, max(change.end0, change.start0 + 1))
    ends = any(transcript.genome_position(i) in touched for i in stop)
    if added == removed or ends or _at_start_codon(change, transcript):
        return "coding_sequence_variant"
    if added and removed:
        return "protein_altering_variant"
    return "inframe_insertion" if added else "inframe_deletion"


def _at_start_codon(change: Change, transcript: Transcript) -> bool:
    """Say whether a change takes a base of the start codon, or comes beside or between them."""
    touched = range(change.start0 - (not change.removed), max(change.end0, change.start0 + 1))
    return any(transcript.genome_position(i) in touched for i in range(3))


def may_lose_site(key: VariantKey, transcript: Transcript) -> bool:
    """Say whether a change of length lies where some spelling of it may take a site away.

    For genes without sequence: beside or within a splice site or the start codon.
    """
    change = read_change(key)
    if len(change.removed) == len(change.added):
        return False
    near = "splice_region" in locate(change.start0, change.end0, transcript)
    return near or _at_start_codon(change, transcript)


def within_exon(key: VariantKey, transcript: Transcript, sequences: SequenceSource) -> bool:
    """Say whether every spelling of a change lies in the coding part of one exon.

    A change of length that reaches the edge of the exon in some spelling does not: beyond it the
    bases may let it move on. Nor does a change from the spot on at which a build is another gene.
    """
    change = read_change(key)
    spelled = list(placements(change, key.chrom, sequences))
    start, end = spelled[0].start0, max(s.end0 for s in spelled)
    margin = len(change.removed) != len(change.added)
    inside = any(low + margin <= start and end <= high - margin for low, high in transcript.coding)
    return inside and transcript.translates(start, max(end, start + 1))


def classify_span(span: Span, transcript: Transcript) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the terms of a structural variant and the coding exons it covers.

    Returns
    -------
    terms
        Empty outside the transcript.
    exons
        1-based numbers among the coding exons of those with a lost or doubled coding base.
    """
    start, end = span.start0, max(span.end0, span.start0 + (span.kind is SymbolicKind.INS))
    if end <= transcript.start or start >= transcript.end:
        return (), ()
    exons = tuple(
        number
        for number, (low, high) in enumerate(transcript.coding, 1)
        if start < high and end > low
    )
    parts = locate(start, end, transcript)
    covers = start <= transcript.cds_start and end >= transcript.cds_end
    spliced = {p for p in parts if p in ("splice_donor", "splice_acceptor")}
    terms: set[str] = set()
    if span.kind is SymbolicKind.DEL:
        if covers:
            terms.add("transcript_ablation")
        elif exons:
            terms.add("exon_loss_variant")
        terms |= {f"{p}_variant" for p in spliced}
    elif span.kind is SymbolicKind.DUP:
        if covers:
            terms.add("transcript_amplification")
        elif exons:
            terms.add("coding_transcript_variant")
    elif exons or spliced:
        terms.add("coding_transcript_variant")
    if not terms:
        terms |= {f"{p}_variant" for p in parts if p.endswith("UTR")}
        terms |= {"splice_region_variant"} & {f"{p}_variant" for p in parts}
        terms |= {"intron_variant"} if "intron" in parts else set()
    return sort_terms(terms), exons


_SHORTENING = frozenset({"stop_gained", "frameshift_variant"})
_LENGTH_TERMS = _SHORTENING | {"stop_lost", "start_lost"}
_SILENT_TERMS = frozenset({"synonymous_variant", "stop_retained_variant", "start_retained_variant"})
_SPLICE_SITES = ("splice_donor", "splice_acceptor")
_LOST_TERMS = SPLICE_TERMS | {"exon_loss_variant"}
_EFFECT_TERMS = {
    FrameEffect.STOP_GAINED: "stop_gained",
    FrameEffect.FRAMESHIFT: "frameshift_variant",
    FrameEffect.STOP_LOST: "stop_lost",
    FrameEffect.START_LOST: "start_lost",
}
_CODING_TERMS = frozenset(
    {
        "stop_gained",
        "frameshift_variant",
        "start_lost",
        "stop_lost",
        "missense_variant",
        "inframe_insertion",
        "inframe_deletion",
        "protein_altering_variant",
        "synonymous_variant",
        "stop_retained_variant",
        "start_retained_variant",
        "coding_sequence_variant",
    }
)


class Verdict(NamedTuple):
    """Terms of a variant, most severe first."""

    terms: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """Ids of texts on how they came about."""
    edit: Change | None = None
    """The change of the coding bases that the terms speak of, where the spelling is another."""


def reconcile(
    readings: Sequence[tuple[str, ...]],
    protein: ProteinChange | None,
    key: VariantKey,
    transcript: Transcript,
    sequences: SequenceSource,
) -> Verdict:
    """Bring the terms of the consequence engine together with the name of the protein change.

    Splice sites, start codon and stop codon are whole if any alignment of the change leaves them
    whole (`read_borders`). Elsewhere two engines read the same sequence, the first of them in
    the outermost representations. Where the engines differ on whether the protein is cut short or
    prolonged, a plain translation decides; where that cannot, the more severe reading counts.

    Parameters
    ----------
    readings
        Terms from `run_csq`, for each spelling of which the engine said anything.
    protein
        Predicted change, or None.

    Examples
    --------
    >>> key = VariantKey("2", scn1a.genome_position(663) + 1, "G", "A")
    >>> protein = ProteinChange.read("p.(Arg222Ter)")
    >>> reconcile([("stop_gained",)], protein, key, scn1a, sequences).terms
    ('stop_gained',)
    """
    change = read_change(key)
    start, end = change.start0, change.end0
    parts = locate(start, end, transcript)
    border = read_borders(change, key.chrom, transcript, sequences)
    covers = any(start <= low and high <= end for low, high in transcript.coding)
    if border is not None and not covers and _is_whole(border):
        terms = _border_terms(border, transcript)
        notes = _border_notes(border, TRUNCATING & frozenset(terms))
        return Verdict(terms, notes, border.edit if border.effect is not None else None)
    named = _named_term(protein, key)
    unchanged = protein is not None and protein.kind is ProteinKind.UNCHANGED
    found = set(_choose(readings, named))
    found = _at_borders(found, border)
    if border is not None and not border.lost and border.effect is FrameEffect.START_LOST:
        named = "start_lost"
    if covers and end - start > len(change.added):
        found |= {"exon_loss_variant", *(f"{p}_variant" for p in parts if p in _SPLICE_SITES)}
    if _LOST_TERMS & found or (named is None and not unchanged):
        return Verdict(sort_terms(found) or classify_by_position(key, transcript))
    if _length_terms(found) == _length_terms({named} if named else set()):
        if named in _SHORTENING:
            found = (found - _SHORTENING) | {named}
        elif named is not None and not found & _CODING_TERMS:
            found.add(named)
        return Verdict(sort_terms(found) or classify_by_position(key, transcript))
    effect = read_frame(change, sequences, transcript)
    if effect is None and unchanged:
        effect = FrameEffect.SAME
    if effect is None:
        terms = sort_terms(found | ({named} if named else set()))
        return Verdict(terms, ("note-engines-differ",) if found else ())
    return Verdict(_decide(found, effect, named))


def _at_borders(found: set[str], border: BorderReading | None) -> set[str]:
    """Return an engine's terms with those of splice sites and start codon as `border` has them."""
    if found & SPLICE_TERMS:
        # csq judges one representation; `read_borders` has seen them all.
        found = (found - SPLICE_TERMS) | {"splice_region_variant"}
    if border is not None and border.lost:
        found = (found - {"splice_region_variant"}) | {f"{p}_variant" for p in border.lost}
    elif border is not None and border.effect is FrameEffect.START_LOST:
        # Without a start codon there is no frame in which a stop could be gained.
        found = (found - _SHORTENING) | {"start_lost"}
    if "start_lost" in found and not (border is not None and border.start):
        # No representation touches the start codon: the bases lie before it.
        found = (found - {"start_lost"}) or {"5_prime_UTR_variant"}
    return found


def _is_whole(border: BorderReading) -> bool:
    """Say whether some alignment leaves whole what others touch.

    At the stop codon the translation of an insertion or deletion decides, intact or not.
    """
    if border.lost:
        return False
    if border.sites:
        return True
    if border.start:
        return border.effect is not FrameEffect.START_LOST
    return bool(border.change.removed) != bool(border.change.added)


def _border_terms(border: BorderReading, transcript: Transcript) -> tuple[str, ...]:
    """Return the terms of the mildest reading of a change that another reading calls a loss."""
    change = border.change
    terms = {"splice_region_variant"} if border.sites else set[str]()
    kept = {
        term
        for term, touched in (
            ("start_retained_variant", border.start),
            ("stop_retained_variant", border.stop),
        )
        if touched
    }
    if border.effect is None:
        parts = locate(change.start0, change.end0, transcript)
        terms |= kept | {f"{p}_variant" for p in parts if p.endswith("UTR")}
    elif border.effect is FrameEffect.SAME:
        terms |= kept or {"synonymous_variant"}
    elif border.effect is FrameEffect.ALTERED:
        difference = len(change.added) - len(change.removed)
        pure = not (change.added and change.removed)
        indel = "inframe_insertion" if difference > 0 else "inframe_deletion"
        terms.add(indel if pure else "protein_altering_variant")
        terms |= kept & {"start_retained_variant"}
    else:
        terms.add(_EFFECT_TERMS[border.effect])
    return sort_terms(terms)


def _border_notes(border: BorderReading, lost: frozenset[str]) -> tuple[str, ...]:
    """Return what to say of the readings; `lost` are the terms by which the mildest is a loss."""
    if lost:
        return ("note-lost-either-way",) if border.sites or border.start else ()
    if border.sites:
        return ("note-splice-site-whole",)
    if border.start:
        return ("note-start-whole",)
    return ("note-stop-whole",) if border.effect in (None, FrameEffect.SAME) else ()


def _decide(found: set[str], effect: FrameEffect, named: str | None) -> tuple[str, ...]:
    """Return the terms after a plain translation."""
    if effect is FrameEffect.ALTERED:
        found = found - _LENGTH_TERMS
        changing = _CODING_TERMS - _LENGTH_TERMS - _SILENT_TERMS
        if not found & changing:
            found.add(named if named in changing else "protein_altering_variant")
    elif effect is FrameEffect.SAME:
        found = (found - _CODING_TERMS) | (found & _SILENT_TERMS)
        if not found:
            found.add("synonymous_variant")
    else:
        found = (found - _CODING_TERMS) | {_EFFECT_TERMS[effect]}
    return sort_terms(found)


def _length_terms(terms: set[str]) -> set[str]:
    """Return what some terms say about the length of the protein, in one word each."""
    said = terms & _LENGTH_TERMS
    # A frameshift ends in a premature stop, and engines name either.
    return {"stop_gained"} if said & _SHORTENING else said


def _choose(readings: Sequence[tuple[str, ...]], named: str | None) -> tuple[str, ...]:
    """Return the reading that the name confirms, else the most severe one."""
    wanted = _length_terms({named} if named else set())
    confirmed = [r for r in readings if _length_terms(set(r)) == wanted]
    return min(
        confirmed or readings,
        key=lambda terms: (SEVERITY.index(terms[0]), -len(terms), terms),
        default=(),
    )


_TERM_OF_KIND = {
    ProteinKind.START_LOST: "start_lost",
    ProteinKind.EXTENSION: "stop_lost",
    ProteinKind.FRAMESHIFT: "frameshift_variant",
}
"""Terms that one of several changes gives to all of them, the first one first."""


def _named_term(change: ProteinChange | None, key: VariantKey) -> str | None:
    """Return the term that a predicted protein change stands for; None if it says nothing."""
    if change is None or change.kind in (ProteinKind.UNKNOWN, ProteinKind.UNCHANGED):
        return None
    for kind, term in _TERM_OF_KIND.items():
        if change.has(kind):
            return term
    if any(e.stops for e in change.edits):
        return "stop_gained"
    if len(change.edits) > 1:
        return "protein_altering_variant"
    match change.kind:
        case ProteinKind.SILENT:
            return "synonymous_variant"
        case ProteinKind.SUBSTITUTION:
            return "missense_variant"
        case ProteinKind.DELINS:
            return "protein_altering_variant"
    return "inframe_insertion" if len(key.alt) > len(key.ref) else "inframe_deletion"
