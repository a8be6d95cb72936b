"""One change that a file writes as several records: neighbours on one chromosome copy.

Callers write a replacement of neighbouring bases as one record or as several. A copy of the
chromosome is proved to carry several variants if all of them but one are on both copies, or if
the input phases them together. Otherwise it is possible, and nothing more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import Phase
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.variants.equivalent import NEAR, BaseAt
from epilepsy_pgx.variants.observed import Change, ObservedVariant, normalise_key, read_change
from epilepsy_pgx.variants.representation import is_bases
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.vocabulary import SiteStatus

MOST_NEIGHBOURS = 7
"""Variants behind one, within `NEAR` bases, with which it is joined at most."""
_WORST = (
    SiteStatus.CONFLICT,
    SiteStatus.REF_MISMATCH,
    SiteStatus.NOT_ASSESSED,
    SiteStatus.NO_CALL,
    SiteStatus.LOW_QUALITY,
    SiteStatus.PARTIAL,
)

BasesOf = Callable[[str, Mapping[int, str]], BaseAt]
"""Gives what tells the bases of a chromosome, beside own ones by 0-based position."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Neighbouring records of one sample, as the one change that they make together."""

    variant: ObservedVariant
    parts: tuple[VariantKey, ...]
    sure: bool
    """Whether one chromosome copy is proved to carry these changes, and none between them."""


@dataclass(frozen=True, slots=True)
class _Part:
    change: Change
    variant: ObservedVariant

    @property
    def on_all(self) -> bool:
        """True if every copy carries it."""
        return self.variant.copies == self.variant.ploidy


def join_neighbours(
    observed: Sequence[ObservedVariant], bases_of: BasesOf, sequences: SequenceSource
) -> tuple[Joined, ...]:
    """Return every change that two or more neighbouring variants of one sample may make.

    Parameters
    ----------
    observed
        Variants of one sample.
    bases_of
        Tells the bases between the variants, beside the REF of any of them. Where they are not
        known, nothing is joined.
    """
    parts = _parts(observed)
    told: dict[str, dict[int, str]] = {}
    for key in (p.variant.key for p in parts):
        told.setdefault(key.chrom, {}).update(enumerate(key.ref, key.pos - 1))
    present = {p.variant.key for p in parts}
    found: dict[VariantKey, Joined] = {}
    for members in _groups(parts):
        whole = _write(members, told, bases_of)
        if whole is None:
            continue
        key = normalise_key(whole, sequences)
        if key in present:
            continue
        joined = _join(key, members, parts)
        # What one group of records proves, another one leaves open.
        if joined.sure or key not in found:
            found[key] = joined
    return tuple(found[key] for key in sorted(found))


def _parts(observed: Sequence[ObservedVariant]) -> list[_Part]:
    """Return the small variants of a sample in genome order."""
    small = (v for v in observed if is_bases(v.key.ref) and is_bases(v.key.alt) and v.copies)
    parts = [_Part(read_change(v.key), v) for v in small if len(v.key.ref) <= NEAR]
    return sorted(parts, key=lambda p: (p.variant.key.chrom, p.change.start0, p.change.end0))


def _groups(parts: Sequence[_Part]) -> Iterator[tuple[_Part, ...]]:
    """Yield the groups of neighbours that may lie on one copy, each in genome order."""
    for at, first in enumerate(parts):
        near = [
            p
            for p in parts[at + 1 : at + 1 + MOST_NEIGHBOURS]
            if p.variant.key.chrom == first.variant.key.chrom
            and p.change.end0 - first.change.start0 <= NEAR
        ]
        groups: list[tuple[_Part, ...]] = [(first,)]
        for part in near:
            more = [(*g, part) for g in groups if all(_may_meet(p, part) for p in g)]
            yield from more
            groups += more


def _may_meet(one: _Part, other: _Part) -> bool:
    """Say whether two variants may lie on one copy."""
    return not _overlap(one, other) and _phase(one, other) is not Phase.APART


def _overlap(one: _Part, other: _Part) -> bool:
    """Say whether two changes cannot both be made: they take one base, or add at one place."""
    first, last = sorted((one.change, other.change), key=lambda c: (c.start0, c.end0))
    both_add = first.start0 == first.end0 == last.start0 == last.end0
    return first.end0 > last.start0 or both_add


def _phase(one: _Part, other: _Part) -> Phase:
    """Say how two variants lie to each other."""
    if one.on_all or other.on_all:
        return Phase.TOGETHER
    if _overlap(one, other):
        return Phase.APART
    sets, others = one.variant.phase_sets, other.variant.phase_sets
    return sets[0].compare(others[0]) if len(sets) == len(others) == 1 else Phase.UNKNOWN


def _write(
    members: Sequence[_Part], told: Mapping[str, Mapping[int, str]], bases_of: BasesOf
) -> VariantKey | None:
    """Write some changes as one; None if a base between is not known, or nothing changes."""
    keys = [p.variant.key for p in members]
    chrom, start = keys[0].chrom, min(k.pos for k in keys) - 1
    end = max(k.pos - 1 + len(k.ref) for k in keys)
    own = told[chrom]
    base_at = own.get if all(p in own for p in range(start, end)) else bases_of(chrom, own)
    bases = [base_at(place) for place in range(start, end)]
    if not all(bases):
        return None
    ref, parts, at = "".join(b or "" for b in bases), [], start
    for change in (p.change for p in members):
        parts += [ref[at - start : change.start0 - start], change.added]
        at = change.end0
    alt = "".join(parts) + ref[at - start :]
    return VariantKey(chrom, start + 1, ref, alt) if ref != alt else None


def _join(key: VariantKey, members: Sequence[_Part], parts: Sequence[_Part]) -> Joined:
    """Return the whole of some variants as the sample carries it."""
    single = [p for p in members if not p.on_all]
    least = min(single or members, key=_fraction).variant
    sure = all(_phase(p, q) is Phase.TOGETHER for p in single for q in single if p is not q)
    copies = 1 if single else least.copies
    between = _between(members, parts)
    if between:
        # One copy may carry another change between these, and the other copy carries none.
        free = not single and not any(p.on_all for p in between)
        alike = all(_phase(p, q) is Phase.TOGETHER for p in between for q in between if p is not q)
        apart = not any(_overlap(p, q) for p in between for q in members)
        sure, copies = sure and free and alike and apart, 1
    statuses = {p.variant.status for p in members}
    variant = replace(
        least,
        key=key,
        copies=copies,
        depth=_least(p.variant.depth for p in members),
        quality=_least(p.variant.quality for p in members),
        status=next((s for s in _WORST if s in statuses), SiteStatus.CALLED),
        phase_sets=least.phase_sets if single or copies == least.copies else (),
        filters=tuple(dict.fromkeys(f for p in members for f in p.variant.filters)),
        info_class=None,
        info_field="INFO",
        info_coding="open",
        info_fits=True,
        info_frequencies=(),
        file_annotations=(),
    )
    return Joined(variant, tuple(p.variant.key for p in members), sure)


def _between(members: Sequence[_Part], parts: Sequence[_Part]) -> list[_Part]:
    """Return the other variants between some that may lie on the same copy."""
    chrom, low = members[0].variant.key.chrom, members[0].change.start0
    high = members[-1].change.end0
    return [
        p
        for p in parts
        if p.variant.key.chrom == chrom
        and not any(p is m for m in members)
        and (
            (low < p.change.end0 and p.change.start0 < high) or any(_overlap(p, m) for m in members)
        )
        and not any(_phase(p, m) is Phase.APART for m in members if not m.on_all)
    ]


def _fraction(part: _Part) -> float:
    ref, alt = part.variant.ref_reads, part.variant.alt_reads
    return alt / (ref + alt) if ref is not None and alt is not None and ref + alt else 1.0


def _least(values: Iterator[int | None]) -> int | None:
    """Return the smallest number that is stated."""
    return min((v for v in values if v is not None), default=None)
