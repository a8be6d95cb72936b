"""Predict the p. description of a change of a transcript's bases, by translating both.

Rules of the HGVS recommendations 21.0 (https://hgvs-nomenclature.org): the most C-terminal place,
duplication before insertion, and no more than the first new residue and the new stop of a shifted
frame.
"""

from collections.abc import Sequence

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.protein import ProteinChange, ProteinKind
from epilepsy_pgx.reference.genome import THREE, translate
from epilepsy_pgx.variants.sequence import SequenceSource, complement
from epilepsy_pgx.variants.transcripts import Transcript

NO_PREDICTION = ProteinChange.read("p.?")
_UNCHANGED = ProteinChange.read("p.(=)")
_START_LOST = ProteinChange.read("p.(Met1?)")
_UNKNOWN = "Xaa"
_UNKNOWN_LETTER = "X"
_RESIDUES = {**THREE, _UNKNOWN_LETTER: _UNKNOWN}


@dataclass(frozen=True, slots=True, order=True)
class SplicedEdit:
    """Bases of a transcript, read in its own direction, that others take the place of."""

    first: int
    """0-based place in the joined exons."""
    last: int
    """One past the last base that goes; `first` if none does."""
    added: str


def spliced_bases(source: SequenceSource, transcript: Transcript) -> str:
    """Return the joined exons in the direction of the transcript, `N` where a base is unknown."""
    joined = "".join(source.fetch_padded(transcript.chrom, s, e) for s, e in transcript.exons)
    return joined if transcript.forward else complement(joined)


def predict_protein(edit: SplicedEdit, bases: str, transcript: Transcript) -> ProteinChange:
    """Return what becomes of the protein if the exons are joined as before.

    A change before the start codon has no prediction, one that touches it loses the start.

    Parameters
    ----------
    bases
        The joined exons, as `spliced_bases` returns them.

    Examples
    --------
    >>> exons = ((0, 15),)
    >>> made = Transcript("G", "NM_1.1", None, "1", True, exons, 0, 12)
    >>> edits = (SplicedEdit(4, 5, "C"), SplicedEdit(3, 6, ""), SplicedEdit(5, 5, "A"))
    >>> [str(predict_protein(e, "ATGAAAGAATAGCTG", made)) for e in edits]
    ['p.(Lys2Thr)', 'p.(Lys2del)', 'p.(Glu3ArgfsTer?)']
    """
    start, end = transcript.leader, transcript.leader + transcript.coding_length
    if edit.first >= end:
        return _UNCHANGED
    if edit.last <= start or _keeps_start(edit, bases, start):
        return NO_PREDICTION
    if edit.first < start + 3:
        return _START_LOST
    # Where a build breaks the frame, a stop comes early.
    own = _to_stop(translate(bases[start:end]))
    # Nothing changes before the codon in which the edit begins.
    whole = (edit.first - start) // 3
    codons = bases[start + 3 * whole : edit.first] + edit.added + bases[edit.last :]
    new = own[:whole] + _to_stop(translate(codons)) if whole < len(own) else own
    described = _describe(own, new, _InProtein.of(edit, start, end))
    return NO_PREDICTION if described is None else ProteinChange.read(f"p.({described})")


def predict_allele(
    edits: Sequence[SplicedEdit], bases: str, transcript: Transcript
) -> ProteinChange:
    """Return what becomes of the protein with several edits, sorted, of one copy.

    Edits in neighbouring codons are told as one, and so is everything from a shift of the frame
    to where it is restored. What follows a new stop is not told, nor what changes no residue.
    """
    told = []
    for edit in _segments(edits, bases, transcript.leader):
        change = predict_protein(edit, bases, transcript)
        if change in (NO_PREDICTION, _START_LOST):
            return change
        told.append(change)
        if change.edits[0].stops or change.has(ProteinKind.FRAMESHIFT):
            break
    changing = [c for c in told if c.kind not in (ProteinKind.UNCHANGED, ProteinKind.SILENT)]
    kept = changing or [c for c in told if c.kind is ProteinKind.SILENT]
    if len(kept) < 2:
        return kept[0] if kept else _UNCHANGED
    members = ";".join(c.name.removeprefix("p.(").removesuffix(")") for c in kept)
    return ProteinChange.read(f"p.[({members})]")


def _segments(edits: Sequence[SplicedEdit], bases: str, start: int) -> list[SplicedEdit]:
    """Join edits that have to be told together."""
    found: list[SplicedEdit] = []
    for edit in edits:
        before = found[-1] if found and found[-1].first > start else None
        if before is not None and (
            (len(before.added) - (before.last - before.first)) % 3
            or (edit.first - start) // 3 - (max(before.last - 1, before.first) - start) // 3 < 2
        ):
            added = before.added + bases[before.last : edit.first] + edit.added
            found[-1] = SplicedEdit(before.first, edit.last, added)
        else:
            found.append(edit)
    return found


@dataclass(frozen=True, slots=True)
class _InProtein:
    """What an edit of bases means for the residues."""

    first: int
    """0-based residue in whose codon it begins."""
    last: int
    """Last residue whose codon it takes bases of; `first` if it takes none."""
    until: int
    """One past the last residue of the new protein that has a new base; where the frame is
    shifted, that has no other bases than new ones behind its first."""
    longer: int
    """Coding bases that come more than go."""
    at_stop: bool
    """True if bases of the stop codon go, or come between them."""
    beyond: bool
    """True if bases behind the stop codon go, too."""

    @classmethod
    def of(cls, edit: SplicedEdit, start: int, end: int) -> "_InProtein":
        begin, taken = edit.first - start, edit.last - edit.first
        longer = len(edit.added) - taken
        come = begin + len(edit.added)
        return cls(
            begin // 3,
            (begin + max(taken, 1) - 1) // 3,
            come // 3 if longer % 3 else -(-come // 3),
            longer,
            max(edit.last, edit.first) > end - 3,
            edit.last > end,
        )


def _keeps_start(edit: SplicedEdit, bases: str, start: int) -> bool:
    """Say whether bases go before the coding ones, and ATG still stands before the rest."""
    if not 0 <= edit.first < start or edit.last > start + 3:
        return False
    return (bases[: edit.first] + edit.added + bases[edit.last : start + 3]).endswith("ATG")


def _to_stop(residues: str) -> str:
    """Return the residues up to the first stop, which is the last if there is one."""
    stop = residues.find("*")
    return residues if stop < 0 else residues[: stop + 1]


def _describe(own: str, new: str, edit: _InProtein) -> str | None:
    """Name the difference of two proteins; `own` ends in its stop, `new` if one was found."""
    front = min(edit.last, len(own) - 1) if own == new else _shared(own, new)
    # An unknown residue may be the first that changes.
    if _UNKNOWN_LETTER in own[edit.first : front + 1]:
        return None
    if own == new:
        return f"{_interval(own, edit.first, front)}="
    if front >= len(new):
        # All that is known of the new protein is a part of the own one.
        return None
    stopped = new.endswith("*")
    in_frame = edit.longer % 3 == 0
    if in_frame and not edit.at_stop and stopped and len(new) == len(own) + edit.longer // 3:
        return _replaced(own, new, front)
    here = _place(own, front)
    if own[front] == "*":
        return f"{here}{_spell(new[front])}extTer{_count(new, front + 1)}"
    if new[front] == "*":
        return f"{here}Ter"
    if stopped and len(new) <= edit.until:
        # A new stop among the bases that came: what stood in their codons goes.
        gone = _interval(own, front, min(max(front, edit.last), len(own) - 1))
        return f"{gone}delins{_spell(new[front:])}"
    if not in_frame:
        return f"{here}{_spell(new[front])}fsTer{_count(new, front)}"
    if edit.beyond:
        return None
    if stopped and len(new) < len(own) + edit.longer // 3:
        return f"{here}{_spell(new[front])}fsTer{_count(new, front)}"
    return _without_stop(own, new if stopped else new[: edit.until], front)


def _without_stop(own: str, new: str, front: int) -> str:
    """Name the loss of the last residues and the stop, with what is read in their place."""
    added = _spell(new[front:])
    return f"{_interval(own, front, len(own) - 1)}{f'delins{added}' if added else 'del'}"


def _replaced(own: str, new: str, front: int) -> str:
    """Name residues that go, come or are others, with all behind them as before."""
    back = min(_shared(own[::-1], new[::-1]), min(len(own), len(new)) - front)
    removed, added = own[front : len(own) - back], new[front : len(new) - back]
    if not removed:
        if own[:front].endswith(added):
            return f"{_interval(own, front - len(added), front - 1)}dup"
        return f"{_place(own, front - 1)}_{_place(own, front)}ins{_spell(added)}"
    single = len(removed) == len(added) == 1
    kind = "" if single else "delins" if added else "del"
    return f"{_interval(own, front, front + len(removed) - 1)}{kind}{_spell(added)}"


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts begin with in common."""
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def _count(new: str, front: int) -> str:
    """Return how many residues on the new stop stands, as HGVS counts them."""
    return str(len(new) - front) if new.endswith("*") else "?"


def _place(protein: str, index: int) -> str:
    return f"{_RESIDUES[protein[index]]}{index + 1}"


def _interval(protein: str, first: int, last: int) -> str:
    one, two = _place(protein, first), _place(protein, last)
    return one if one == two else f"{one}_{two}"


def _spell(residues: str) -> str:
    return "".join(_RESIDUES[r] for r in residues)
