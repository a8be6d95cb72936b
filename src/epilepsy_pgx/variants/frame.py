"""A third reading of a coding change: translate the gene with and without it, and compare."""

from enum import StrEnum

from epilepsy_pgx.variants.observed import Change
from epilepsy_pgx.variants.sequence import SequenceSource, coding_sequence, complement
from epilepsy_pgx.variants.transcripts import Transcript

_TAIL = 600
"""Bases read behind the stop codon."""
# The standard code (NCBI translation table 1). A second copy on purpose: see
# docs/decisions/005-two-writers-of-hgvs.md.
_BASES = "TCAG"
_RESIDUES = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
_CODE = {
    first + second + third: _RESIDUES[16 * i + 4 * j + k]
    for i, first in enumerate(_BASES)
    for j, second in enumerate(_BASES)
    for k, third in enumerate(_BASES)
}


class FrameEffect(StrEnum):
    """What a change does to the protein."""

    SAME = "same"
    ALTERED = "altered"
    STOP_GAINED = "stop_gained"
    FRAMESHIFT = "frameshift"
    STOP_LOST = "stop_lost"
    START_LOST = "start_lost"


def translate(coding: str) -> tuple[str, bool]:
    """Return the residues up to the first stop codon, and whether there is one.

    A codon with an unknown base is `X`.

    Examples
    --------
    >>> translate("ATGGCNTAAGGG")
    ('MX', True)
    """
    residues: list[str] = []
    for i in range(0, len(coding) - 2, 3):
        residue = _CODE.get(coding[i : i + 3], "X")
        if residue == "*":
            return "".join(residues), True
        residues.append(residue)
    return "".join(residues), False


def read_frame(
    change: Change, source: SequenceSource, transcript: Transcript
) -> FrameEffect | None:
    """Compare the protein with and without a change inside one coding exon.

    Returns
    -------
    FrameEffect or None
        None if the change reaches out of its exon's coding bases, touches the start codon or the
        edge of an exon, or bases are unknown.

    Examples
    --------
    c.664C>T of SCN1A, a gene of the reverse strand:

    >>> at = scn1a.genome_position(663)
    >>> read_frame(Change(at, at + 1, "G", "A"), sequences, scn1a).value
    'stop_gained'
    """
    start, end, added = change.start0, change.end0, change.added
    # At the ends of the coding bases the exon goes on, and a replacement may touch them.
    inside = any(
        (low < start or (low == start == transcript.cds_start and end > start))
        and (end < high or (high == end == transcript.cds_end and end > start))
        for low, high in transcript.coding
    )
    coding = coding_sequence(source, transcript)
    if not inside or coding is None:
        return None
    ends = [transcript.coding_index(p) for p in (start, end - 1 if end > start else start)]
    if ends[0] is None or ends[1] is None:
        return None
    if transcript.forward:
        first, last = ends[0], ends[1] + 1 if end > start else ends[0]
        new = added
    else:
        first, last = ends[1], ends[0] + 1
        if end == start:
            first = last = ends[0] + 1
        new = complement(added)
    # Which codon starts instead of a changed ATG is not a matter of translation.
    if first < 3:
        return None
    own, _ = translate(coding)
    seen, stopped = translate(coding[:first] + new + coding[last:] + _tail(source, transcript))
    return _compare(own, seen, stopped, len(new) - (last - first))


def _compare(own: str, seen: str, stopped: bool, difference: int) -> FrameEffect:
    """Compare two proteins whose coding bases differ in number by `difference`."""
    shared = next(
        (i for i, (a, b) in enumerate(zip(own, seen, strict=False)) if a != b),
        min(len(own), len(seen)),
    )
    if stopped and seen == own:
        return FrameEffect.SAME
    # Every residue of the own protein is there, and more follow.
    if shared == len(own):
        return FrameEffect.STOP_LOST
    # The new protein is a prefix of the own one.
    if stopped and shared == len(seen):
        return FrameEffect.STOP_GAINED
    if difference % 3:
        return FrameEffect.FRAMESHIFT
    if stopped and len(seen) < len(own) + difference // 3:
        return FrameEffect.STOP_GAINED
    if not stopped or len(seen) > len(own) + difference // 3:
        return FrameEffect.STOP_LOST
    return FrameEffect.ALTERED


def read_exon_edit(
    change: Change, source: SequenceSource, transcript: Transcript
) -> FrameEffect | None:
    """Compare the protein with and without a change, with the exons joined as before.

    Of a change that reaches out of its exon only the part within counts. If the start codon comes
    to stand elsewhere within the changed bases, the protein is read from there.

    Returns
    -------
    FrameEffect or None
        None if no coding base changes.
    """
    bases, done = [], 0
    first = last = coding_start = coding_end = 0
    found = False
    for low, high in transcript.exons:
        bases.append(source.fetch_padded(transcript.chrom, low, high))
        start, end = max(change.start0, low), min(change.end0, high)
        if start <= end and not found:
            found = True
            first, last = done + start - low, done + end - low
        if low <= transcript.cds_start < high:
            coding_start = done + transcript.cds_start - low
        if low < transcript.cds_end <= high:
            coding_end = done + transcript.cds_end - low
        done += high - low
    if not found:
        return None
    joined, added = "".join(bases), change.added
    if not transcript.forward:
        joined, added = complement(joined), complement(added)
        first, last = done - last, done - first
        coding_start, coding_end = done - coding_end, done - coding_start
    if last <= coding_start or first >= coding_end:
        return None
    own, _ = translate(joined[coding_start:coding_end])
    if first > coding_start:
        edited = [joined[coding_start:first] + added + joined[last:]]
    else:
        # The start codon is among the changed bases: try each place where it may be now.
        edited = [added[cut:] + joined[last:] for cut in range(len(added))]
    effects = []
    for text in edited:
        if first < coding_start + 3 and not text.startswith("ATG"):
            continue
        seen, stopped = translate(text)
        difference = len(text) - (len(joined) - coding_start)
        effect = _compare(own, seen, stopped, difference)
        if last > coding_end and effect not in (FrameEffect.SAME, FrameEffect.STOP_GAINED):
            # The stop codon went with the bases behind it.
            effect = FrameEffect.STOP_LOST
        effects.append(effect)
    # `FrameEffect` is in order of severity; the mildest reading counts.
    return min(effects, key=list(FrameEffect).index, default=FrameEffect.START_LOST)


def _tail(source: SequenceSource, transcript: Transcript) -> str:
    """Return the bases behind the stop codon in the same exon, `N` where unknown."""
    start, end = transcript.coding_exons[-1]
    if transcript.forward:
        low, high = transcript.cds_end, min(end, transcript.cds_end + _TAIL)
    else:
        low, high = max(start, transcript.cds_start - _TAIL), transcript.cds_start
    bases = source.fetch_padded(transcript.chrom, low, high) if high > low else ""
    return bases if transcript.forward else complement(bases)
