"""A third reading of a coding change: translate the gene with and without it, and compare."""

from enum import StrEnum

from epilepsy_pgx.variants.observed import Change
from epilepsy_pgx.variants.sequence import SequenceSource, coding_sequence, complement
from epilepsy_pgx.variants.transcripts import Transcript

_TAIL = 600
"""Bases read behind the stop codon."""
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


def translate(coding: str) -> tuple[str, bool]:
    """Return the residues up to the first stop codon, and whether there is one.

    A codon with an unknown base is `X`.
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
    if first < 3:
        return None
    own, _ = translate(coding)
    seen, stopped = translate(coding[:first] + new + coding[last:] + _tail(source, transcript))
    shared = next(
        (i for i, (a, b) in enumerate(zip(own, seen, strict=False)) if a != b),
        min(len(own), len(seen)),
    )
    difference = len(new) - (last - first)
    if stopped and seen == own:
        return FrameEffect.SAME
    if shared == len(own):
        return FrameEffect.STOP_LOST
    if stopped and shared == len(seen):
        return FrameEffect.STOP_GAINED
    if difference % 3:
        return FrameEffect.FRAMESHIFT
    if stopped and len(seen) < len(own) + difference // 3:
        return FrameEffect.STOP_GAINED
    if not stopped or len(seen) > len(own) + difference // 3:
        return FrameEffect.STOP_LOST
    return FrameEffect.ALTERED


def _tail(source: SequenceSource, transcript: Transcript) -> str:
    """Return the bases behind the stop codon in the same exon, `N` where unknown."""
    start, end = transcript.coding_exons[-1]
    if transcript.forward:
        low, high = transcript.cds_end, min(end, transcript.cds_end + _TAIL)
    else:
        low, high = max(start, transcript.cds_start - _TAIL), transcript.cds_start
    bases = source.fetch_padded(transcript.chrom, low, high) if high > low else ""
    return bases if transcript.forward else complement(bases)

