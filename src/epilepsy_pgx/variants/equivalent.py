"""Whether two insertions or deletions are one, where not all bases between them are known.

An insertion or deletion in a repeat has a spelling at each place of it. Two spellings are one
change if the bases from one to the other repeat what is added or taken; without a sequence only
some of these bases are known: those that listed variants spell, and those between the place of a
listed variant and the place that its c. description gives it, which lies at the other end of the
repeat.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.rows import ClassifiedVariant
from epilepsy_pgx.variants.evidence import Spelled
from epilepsy_pgx.variants.observed import Change, read_change, trim_change
from epilepsy_pgx.variants.representation import is_bases
from epilepsy_pgx.variants.sequence import SequenceSource, complement
from epilepsy_pgx.variants.transcripts import COORDINATE, Transcript

NEAR = 50
"""Bases within which a change of length may be another spelling of a listed one."""
_NAME = re.compile(rf"c\.({COORDINATE})(?:_({COORDINATE}))?(delins|del|dup|ins)([ACGT]*)")

BaseAt = Callable[[int], str | None]
"""Reference base at a 0-based position, None where it is not known."""


class Sameness(StrEnum):
    """Whether two spellings are one change."""

    SAME = "same"
    POSSIBLE = "possible"
    """Bases that are not known here decide."""
    OTHER = "other"


def compare(one: Change, other: Change, base_at: BaseAt) -> Sameness:
    """Say whether two changes of one chromosome give the same sequence.

    Parameters
    ----------
    one, other
        As `read_change` gives them. Both add or both take bases and do nothing else, or they are
        the same only if they are spelled alike.

    Examples
    --------
    One C more, before and behind three bases of which the first is a C:

    >>> compare(Change(10, 10, "", "C"), Change(13, 13, "", "C"), {10: "C"}.get)
    <Sameness.POSSIBLE: 'possible'>
    >>> compare(Change(10, 10, "", "C"), Change(13, 13, "", "C"), {10: "C", 11: "A"}.get)
    <Sameness.OTHER: 'other'>
    """
    if one == other:
        return Sameness.SAME
    first, last = sorted((one, other), key=lambda c: c.start0)
    unit, moved = first.added or first.removed, last.added or last.removed
    pure = not (first.added and first.removed) and not (last.added and last.removed)
    if not pure or bool(first.added) != bool(last.added) or len(unit) != len(moved):
        return Sameness.OTHER
    turn = (last.start0 - first.start0) % len(unit)
    if unit[turn:] + unit[:turn] != moved:
        return Sameness.OTHER
    # What is taken is spelled at both places; what lies between has to repeat it.
    between = range(first.end0, last.start0)
    seen = [(base_at(p), unit[(p - first.start0) % len(unit)]) for p in between]
    if any(base not in (None, due) for base, due in seen):
        return Sameness.OTHER
    return Sameness.POSSIBLE if any(base is None for base, _ in seen) else Sameness.SAME


def may_hold(whole: Change, part: Change) -> bool:
    """Say whether a replacement of several bases may be another change and more beside it.

    Callers write neighbouring changes as one record. Which base of ALT stands for which one of
    REF is open where their numbers differ: any place that gaps of one sign allow will do.

    Examples
    --------
    >>> may_hold(Change(10, 12, "GG", "AA"), Change(10, 11, "G", "A"))
    True
    >>> may_hold(Change(10, 12, "GG", "CA"), Change(10, 11, "G", "A"))
    False
    """
    if not (whole.removed and whole.added) or len(whole.removed + whole.added) < 3:
        return False
    if whole == part or not whole.start0 <= part.start0 <= part.end0 <= whole.end0:
        return False
    rest = len(whole.added) - len(whole.removed) - (len(part.added) - len(part.removed))
    if rest and not (part.added and part.removed):
        return False
    first = part.start0 - whole.start0
    shifts = range(min(0, rest), max(0, rest) + 1)
    return any(
        first + shift >= 0 and whole.added.startswith(part.added, first + shift) for shift in shifts
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A change of length as HGVS writes it, whose own bases may not be known."""

    chrom: str
    kind: str
    """`del`, `dup`, `ins` or `delins`."""
    start0: int
    end0: int
    """What is lost or doubled, 0-based and half-open; empty where bases are only added."""
    added: str = ""
    told: str = ""
    """What is lost or doubled, on the forward strand, if the name tells it."""

    def compare(self, change: Change, base_at: BaseAt) -> Sameness:
        """Say whether a change is the one that is named."""
        if self.kind in ("ins", "delins"):
            told = [base_at(p) or "N" for p in range(self.start0, self.end0)]
            named = trim_change(self.start0, "".join(told), self.added)
            return compare(named, change, base_at) if "N" not in told else Sameness.OTHER
        unit, doubled = change.added or change.removed, self.kind == "dup"
        if doubled != bool(change.added) or len(unit) != self.end0 - self.start0:
            return Sameness.OTHER
        if change.added and change.removed:
            return Sameness.OTHER
        start = self.end0 if doubled else self.start0
        turn = (start - change.start0) % len(unit)
        moved = unit[turn:] + unit[:turn]
        if self.told not in ("", moved):
            return Sameness.OTHER
        if not doubled:
            return compare(Change(start, self.end0, moved, ""), change, base_at)
        seen = [(base_at(self.start0 + i), due) for i, due in enumerate(moved)]
        if any(base not in (None, due) for base, due in seen):
            return Sameness.OTHER
        same = compare(Change(start, start, "", moved), change, base_at)
        sure = all(base is not None for base, _ in seen)
        return Sameness.POSSIBLE if same is Sameness.SAME and not sure else same


@dataclass(frozen=True, slots=True)
class Matches:
    """Listed variants that a variant is, and those that it may be."""

    same: tuple[Spelled, ...] = ()
    possible: tuple[Spelled, ...] = ()
    within: tuple[Spelled, ...] = ()
    """Those that a replacement of several bases may hold, beside other changes."""


class ListedChanges:
    """Finds the listed variant that a change is, in whatever way either is spelled."""

    def __init__(
        self,
        listed: Mapping[Spelled, Sequence[ClassifiedVariant]],
        transcripts: Mapping[str, Transcript],
        sequences: SequenceSource,
    ) -> None:
        """Take what is listed; it is indexed when a change of several bases is first asked for."""
        self._listed = listed
        self._transcripts = transcripts
        self._sequences = sequences
        self._found: dict[VariantKey, Matches] = {}
        self._told: dict[str, dict[int, str]] = {}

    def find(self, key: VariantKey) -> Matches:
        """Return the listed variants, other than one spelled alike, that a variant is or may be."""
        if len(key.ref) == len(key.alt) == 1 or not (is_bases(key.ref) and is_bases(key.alt)):
            return Matches()
        if key not in self._found:
            self._found[key] = self._find(key)
        return self._found[key]

    def compare(self, meant: VariantKey | Place, key: VariantKey) -> Sameness:
        """Say whether a variant is the one that is meant, with all bases that are known here."""
        if meant == key:
            return Sameness.SAME
        if meant.chrom != key.chrom or not (is_bases(key.ref) and is_bases(key.alt)):
            return Sameness.OTHER
        own = {key.pos - 1 + i: base for i, base in enumerate(key.ref)}
        if isinstance(meant, Place):
            return meant.compare(read_change(key), self.base_at(key.chrom, own))
        if not (is_bases(meant.ref) and is_bases(meant.alt)):
            return Sameness.OTHER
        own |= {meant.pos - 1 + i: base for i, base in enumerate(meant.ref)}
        return compare(read_change(meant), read_change(key), self.base_at(key.chrom, own))

    def _find(self, key: VariantKey) -> Matches:
        rows = self._index.get((key.chrom, len(key.alt) - len(key.ref)), [])
        change, spelled = read_change(key), (key.chrom, key.pos, key.ref, key.alt)
        at = bisect_left(rows, change.start0 - NEAR, key=lambda row: row[0].start0)
        found: dict[Sameness, list[Spelled]] = {s: [] for s in Sameness}
        while at < len(rows) and rows[at][0].start0 <= change.start0 + NEAR:
            known, other = rows[at]
            if other != spelled:
                own = {key.pos - 1 + i: base for i, base in enumerate(key.ref)}
                found[compare(known, change, self.base_at(key.chrom, own))].append(other)
            at += 1
        same, possible = found[Sameness.SAME], found[Sameness.POSSIBLE]
        within = [s for s in self._within(key.chrom, change) if s not in (spelled, *same)]
        return Matches(tuple(same), tuple(possible), tuple(within))

    def _within(self, chrom: str, change: Change) -> Iterable[Spelled]:
        """Yield the listed variants that a replacement may hold."""
        if not (change.removed and change.added):
            return
        rows = self._by_place.get(chrom, [])
        at = bisect_left(rows, change.start0, key=lambda row: row[0].start0)
        while at < len(rows) and rows[at][0].start0 <= change.end0:
            known, spelled = rows[at]
            if may_hold(change, known):
                yield spelled
            at += 1

    @cached_property
    def _by_place(self) -> dict[str, list[tuple[Change, Spelled]]]:
        """All listed variants by chromosome, in genome order."""
        index: dict[str, list[tuple[Change, Spelled]]] = {}
        for spelled in self._listed:
            change = read_change(VariantKey(*spelled))
            index.setdefault(spelled[0], []).append((change, spelled))
        for rows in index.values():
            rows.sort(key=lambda row: row[0].start0)
        return index

    @cached_property
    def _index(self) -> dict[tuple[str, int], list[tuple[Change, Spelled]]]:
        """Listed variants of several bases by chromosome and bases added, in genome order."""
        index: dict[tuple[str, int], list[tuple[Change, Spelled]]] = {}
        for spelled in self._listed:
            chrom, pos, ref, alt = spelled
            if not len(ref) == len(alt) == 1:
                change = read_change(VariantKey(chrom, pos, ref, alt))
                index.setdefault((chrom, len(alt) - len(ref)), []).append((change, spelled))
        for rows in index.values():
            rows.sort(key=lambda row: row[0].start0)
        return index

    def base_at(self, chrom: str, own: Mapping[int, str]) -> BaseAt:
        """Return what tells the base at a place of a chromosome, beside `own` ones, by place."""
        told = self._told_on(chrom)

        def base_at(position: int) -> str | None:
            base = self._sequences.fetch(chrom, position, position + 1)
            if base in (None, "N"):
                base = own.get(position) or told.get(position)
            return base

        return base_at

    def _told_on(self, chrom: str) -> dict[int, str]:
        """Return the bases that the listed variants of a chromosome tell, by 0-based position.

        One that two rows tell differently is not known.
        """
        if chrom not in self._told:
            told: dict[int, set[str]] = {}
            for (where, pos, ref, alt), rows in self._listed.items():
                if where != chrom:
                    continue
                for i, base in enumerate(ref):
                    told.setdefault(pos - 1 + i, set()).add(base)
                if len(ref) != len(alt):
                    for place, base in self._rolled(VariantKey(chrom, pos, ref, alt), rows):
                        told.setdefault(place, set()).add(base)
            self._told[chrom] = {
                p: next(iter(bases)) for p, bases in told.items() if len(bases) < 2
            }
        return self._told[chrom]

    def _rolled(
        self, key: VariantKey, rows: Iterable[ClassifiedVariant]
    ) -> Iterable[tuple[int, str]]:
        """Yield the bases from the place of a listed variant to that of its c. description."""
        change = read_change(key)
        if change.added and change.removed:
            return
        unit = change.added or change.removed
        for row in rows:
            transcript = self._transcripts.get(row.gene)
            named = place_of_name(row.hgvs_c or "", transcript) if transcript else None
            if named is None or named.added or named.end0 - named.start0 != len(unit):
                continue
            # A doubling is named by the bases that are doubled, and added behind them.
            low, high = min(named.start0, change.start0), max(named.end0, change.end0)
            if high - low > NEAR + len(unit):
                continue
            for place in range(low, high):
                yield place, unit[(place - change.start0) % len(unit)]


def place_of_name(coding: str, transcript: Transcript) -> Place | None:
    """Return the place of a c. description of a change of length, or None for another one."""
    match = _NAME.fullmatch(coding)
    if match is None:
        return None
    span = transcript.span_of(match[1], match[2] or match[1])
    if span is None:
        return None
    added = match[4] or ""
    added = added if transcript.forward else complement(added)
    return make_place(transcript.chrom, match[3], *span, added)


def make_place(chrom: str, kind: str, start0: int, end0: int, added: str) -> Place | None:
    """Return the place of a description; None if bases are added between none or not told."""
    if kind in ("del", "dup"):
        # What HGVS writes behind is what is lost or doubled: it is compared elsewhere.
        return Place(chrom, kind, start0, end0)
    if not is_bases(added):
        return None
    if kind == "delins":
        return Place(chrom, kind, start0, end0, added)
    return Place(chrom, kind, start0 + 1, start0 + 1, added) if end0 - start0 == 2 else None
