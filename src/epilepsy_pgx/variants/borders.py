"""Splice sites, start codon and stop codon under every way to align a change.

A deletion or insertion in a repeat has as many representations as the repeat has places, all with
the same bases. If one of them leaves a site intact, it is intact: the changed sequence does not
say which base is gone. A replacement is aligned too, since callers join neighbouring changes.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.variants.frame import FrameEffect, read_exon_edit
from epilepsy_pgx.variants.observed import Change, trim_change
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import Transcript

CANONICAL = 2
"""Intron bases of a canonical splice site."""
LONGEST_SHIFT = 5_000
"""Bases over which a change is moved at most."""
LARGEST_TABLE = 250_000
"""Cells of an alignment; a larger replacement is judged by its position."""
_MILDEST_FIRST = (
    None,
    FrameEffect.SAME,
    FrameEffect.ALTERED,
    FrameEffect.STOP_LOST,
    FrameEffect.FRAMESHIFT,
    FrameEffect.STOP_GAINED,
    FrameEffect.START_LOST,
)


@dataclass(frozen=True, slots=True)
class BorderReading:
    """The mildest reading of a change that touches a site in some representation."""

    change: Change
    """The representation that is read so."""
    lost: frozenset[str]
    """`splice_donor` or `splice_acceptor` that no representation leaves intact."""
    effect: FrameEffect | None = None
    """Of the bases in the exon; None where no coding base changes, or a splice site is lost."""
    edit: Change | None = None
    """The change of the exon in this reading; None where there is none."""
    sites: int = 0
    """Splice sites that a representation touches, at most."""
    start: bool = False
    stop: bool = False
    """True if a representation touches the start or the stop codon."""


@dataclass(frozen=True, slots=True)
class _Site:
    """Two intron bases beside an exon; `edge` is where intron and exon meet."""

    edge: int
    after_exon: bool
    kind: str

    def touched(self, start: int, end: int) -> bool:
        low, high = self.pair
        if start == end:
            # At the edge itself the added bases are the exon's or the intron's.
            return low <= start < high if self.after_exon else low < start <= high
        return start < high and end > low

    @property
    def pair(self) -> tuple[int, int]:
        if self.after_exon:
            return self.edge, self.edge + CANONICAL
        return self.edge - CANONICAL, self.edge


@dataclass(frozen=True, slots=True)
class _Landmarks:
    """Sites of a transcript that a change may take away."""

    sites: tuple[_Site, ...]
    start_codon: frozenset[int]
    stop_codon: frozenset[int]
    edge: int
    """Where the untranslated bases meet the start codon."""


@lru_cache(maxsize=256)
def _landmarks(transcript: Transcript) -> _Landmarks:
    before, after = "splice_donor", "splice_acceptor"
    if not transcript.forward:
        before, after = after, before
    length = transcript.coding_length
    return _Landmarks(
        tuple(
            site
            for start, end in transcript.introns
            for site in (_Site(start, True, before), _Site(end, False, after))
        ),
        frozenset(transcript.genome_position(i) for i in range(3)),
        frozenset(transcript.genome_position(i) for i in range(length - 3, length)),
        transcript.cds_start if transcript.forward else transcript.cds_end,
    )


def placements(change: Change, chrom: str, sequences: SequenceSource) -> Iterator[Change]:
    """Yield every representation of an indel, from left to right; else the change itself.

    Moving stops where the sequence is not known.
    """
    if bool(change.removed) == bool(change.added):
        yield change
        return
    moved, at = change.removed or change.added, change.start0
    size = len(change.removed)
    for _ in range(LONGEST_SHIFT):
        if sequences.fetch(chrom, at - 1, at) != moved[-1]:
            break
        moved, at = moved[-1] + moved[:-1], at - 1
    # From the leftmost place: back to where the change came from, and as far beyond.
    for _ in range(2 * LONGEST_SHIFT):
        yield Change(at, at + size, moved if size else "", "" if size else moved)
        if sequences.fetch(chrom, at + size, at + size + 1) != moved[0]:
            return
        moved, at = moved[1:] + moved[0], at + 1


def _distances(text: str, other: str) -> list[int]:
    """Return the edit distance of a text from each beginning of another, the empty one first."""
    # Wagner-Fischer in one row, which ends as the distances to all prefixes of `other`.
    row = list(range(len(other) + 1))
    for i, base in enumerate(text, 1):
        last, row[0] = row[0], i
        for j, beside in enumerate(other, 1):
            last, row[j] = row[j], min(last + (base != beside), row[j] + 1, row[j - 1] + 1)
    return row


def _keep(
    site: _Site, change: Change, chrom: str, sequences: SequenceSource
) -> Iterator[Change | None]:
    """Yield the change of the exon for each alignment that keeps a site's pair; None for none.

    A deletion that takes a base of the pair, and an insertion between the two, leave none in this
    spelling. A replacement leaves the pair if one of its shortest alignments does, or if
    it has the pair at its place.
    """
    start, end, added = change.start0, change.end0, change.added
    if not change.removed and start == site.edge:
        yield change
    if not (change.removed and added) or len(change.removed) * len(added) > LARGEST_TABLE:
        return
    first, behind = site.pair
    low, high = min(start - CANONICAL, first), max(end + CANONICAL, behind)
    old = sequences.fetch_padded(chrom, low, high)
    new = old[: start - low] + added + old[end - low :]
    pair, own = old[first - low : behind - low], first - low
    before = _distances(old[:own], new)
    after = _distances(old[own + CANONICAL :][::-1], new[::-1])[::-1]
    shortest = _distances(old, new)[-1]
    # Equal length and the pair in place: position alone says that it is intact.
    own_place = len(old) == len(new) and new[own : own + CANONICAL] == pair
    for at in [own] if own_place else range(len(new) - CANONICAL + 1):
        # With the pair fixed at `at`, what lies on either side is aligned independently.
        cost = before[at] + after[at + CANONICAL]
        if new[at : at + CANONICAL] != pair or (cost > shortest and not own_place):
            continue
        if site.after_exon:
            edit = trim_change(low, old[:own], new[:at])
        else:
            edit = trim_change(behind, old[own + CANONICAL :], new[at + CANONICAL :])
        yield edit if edit.removed or edit.added else None


def _holds(change: Change, bases: frozenset[int]) -> bool:
    """Say whether a change removes one of some neighbouring bases, or comes between them."""
    if change.removed:
        return any(change.start0 <= base < change.end0 for base in bases)
    return change.start0 in bases and change.start0 - 1 in bases


def _mark(change: Change, marks: _Landmarks) -> BorderReading:
    """Say what one representation touches, as if all of it were lost."""
    sites = [s.kind for s in marks.sites if s.touched(change.start0, change.end0)]
    inserted_before = not change.removed and change.start0 == marks.edge
    return BorderReading(
        change,
        frozenset(sites),
        None,
        None,
        len(sites),
        inserted_before or _holds(change, marks.start_codon),
        _holds(change, marks.stop_codon),
    )


def _readings(
    marked: BorderReading, chrom: str, transcript: Transcript, sequences: SequenceSource
) -> Iterator[BorderReading]:
    """Read one representation in every way that leaves its sites intact; else as marked."""
    change = marked.change
    edits: Iterable[Change | None] = [change]
    # Over two sites at once, the exon or intron between them goes too: nothing to align.
    if marked.sites > 1:
        edits = []
    elif marked.sites:
        (site,) = (s for s in _landmarks(transcript).sites if s.touched(change.start0, change.end0))
        edits = _keep(site, change, chrom, sequences)
    kept = False
    for edit in edits:
        kept = True
        effect = None if edit is None else read_exon_edit(edit, sequences, transcript)
        yield replace(marked, lost=frozenset(), effect=effect, edit=edit)
    if not kept:
        yield marked


def read_borders(
    change: Change, chrom: str, transcript: Transcript, sequences: SequenceSource
) -> BorderReading | None:
    """Read a change at splice sites, start codon and stop codon under every alignment.

    Returns
    -------
    BorderReading or None
        The mildest reading; None if no representation touches these sites, or nothing changes.

    Examples
    --------
    The first base of an exon of SCN1A is deleted. It repeats the last base of the intron, so
    another representation takes that one; the splice site is intact, the frame is not:

    >>> reading = read_borders(Change(166052942, 166052943, "C", ""), "2", scn1a, sequences)
    >>> sorted(reading.lost), reading.effect.value
    ([], 'frameshift')
    """
    if change.removed == change.added:
        return None
    marks = _landmarks(transcript)
    spelled = [_mark(c, marks) for c in placements(change, chrom, sequences)]
    if not any(m.sites or m.start or m.stop for m in spelled):
        return None
    readings = (r for m in spelled for r in _readings(m, chrom, transcript, sequences))
    return replace(
        min(readings, key=_rank),
        sites=max(m.sites for m in spelled),
        start=any(m.start for m in spelled),
        stop=any(m.stop for m in spelled),
    )


def _rank(reading: BorderReading) -> tuple[int, int]:
    return len(reading.lost), _MILDEST_FIRST.index(reading.effect)
