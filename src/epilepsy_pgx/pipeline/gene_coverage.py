"""How much of each gene that is read for rare variants could be assessed in one sample."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from typing import Protocol

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.model import READ_AT_LISTED, GeneCoverage, VariantKey
from epilepsy_pgx.pipeline.extract import Extraction
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant, Gene
from epilepsy_pgx.variants.equivalent import NEAR
from epilepsy_pgx.variants.observed import read_change, read_span
from epilepsy_pgx.variants.targets_coding import (
    NO_SEQUENCE,
    NO_TRANSCRIPT,
    PATHOGENIC,
    unread_genes,
)
from epilepsy_pgx.vocabulary import CallMethod, GeneStatus, GenomeBuild

ExonPart = tuple[int, int, int]
"""(coding exon number, coding bases, callable coding bases)."""


class Carried(Protocol):
    """A variant that a sample carries, whatever is known of it."""

    @property
    def key(self) -> VariantKey:
        """The variant, normalised."""


@dataclass(slots=True)
class _Read:
    """What one sample's file says of the targets of one gene."""

    exons: list[ExonPart] = field(default_factory=list)
    whole: list[tuple[int, int]] = field(default_factory=list)
    """Intervals read to the last base."""


_Made = tuple[dict[str, _Read], dict[str, GeneCoverage]]
_SAMPLES = 64
"""Samples of which it is kept what was read: in a file of variant sites all are alike."""


@lru_cache(maxsize=8)
def known_pathogenic(ref: Reference, build: GenomeBuild) -> dict[str, tuple[VariantKey, ...]]:
    """Return the curated pathogenic and likely pathogenic variants of each gene."""
    found: dict[str, set[tuple[str, int, str, str]]] = {}
    for row in ref.rows(ClassifiedVariant):
        if row.classification in PATHOGENIC and (place := row.place(build)) is not None:
            found.setdefault(row.gene, set()).add((row.chrom, *place))
    # In the order of their fields, as keys are; tuples are put in order much sooner.
    return {gene: tuple(VariantKey(*key) for key in sorted(keys)) for gene, keys in found.items()}


class GeneCoverages:
    """How much of each gene was read in the samples of one extraction.

    Samples of which the same bases were read share all but what depends on their variants.

    Parameters
    ----------
    extraction
        What was taken out of the files.
    ref
        The data package.
    """

    def __init__(self, extraction: Extraction, ref: Reference) -> None:
        self._extraction, self._limits = extraction, read_limits(ref)
        targets = extraction.targets
        self._unread = unread_genes(ref, targets.coding, targets.sequences)
        self._known = known_pathogenic(ref, targets.build)
        self._parts = {gene: _part(listed) for gene, listed in self._known.items()}
        self._rows = [r for r in ref.rows(Gene) if r.call_method is CallMethod.RARE_VARIANT]
        self._made: OrderedDict[bytes, _Made] = OrderedDict()

    def of(self, column: int, carried: Iterable[Carried] = ()) -> dict[str, GeneCoverage]:
        """Say for each rare-variant gene how much of its coding sequence could be assessed.

        Bases are counted only of a gene whose sequence is known: of another one they would say
        nothing. Where too few of them were read, or none can be, the curated pathogenic variants
        are counted that were read and that no variant of the sample is or may be. A common
        variant is not one of them, and their absence excludes nothing else.

        The less was read, the less is said: bases that are missing never raise a status or a
        count.
        """
        read, without = self._of_bases(column)
        there: dict[str, list[VariantKey]] = {}
        for variant in carried:
            there.setdefault(variant.key.chrom, []).append(variant.key)
        coverage = {**without}
        for gene, before in without.items():
            beside = _within(self._parts[gene], there) if before.known_total else ()
            if beside:
                coverage[gene] = self._count(before, beside, read[gene].whole)
        return coverage

    def _of_bases(self, column: int) -> _Made:
        """Return what was read of a sample, and the coverage if it carries no variant."""
        counted = self._extraction.callable_bases[:, column]
        key = counted.tobytes()
        if key not in self._made:
            read = self._read_targets(counted.tolist())
            coverage = {
                row.gene: self._of_gene(row.gene, row.transcript or ".", read) for row in self._rows
            }
            self._made[key] = read, coverage
            if len(self._made) > _SAMPLES:
                self._made.popitem(last=False)
        return self._made[key]

    def _of_gene(self, gene: str, name: str, read: Mapping[str, _Read]) -> GeneCoverage:
        unread = self._unread.get(gene)
        if unread == NO_TRANSCRIPT:
            return GeneCoverage(gene, name, GeneStatus.NOT_ASSESSED, "coverage-no-transcript")
        total = len(self._known.get(gene, ()))
        if unread == NO_SEQUENCE:
            listed = GeneCoverage(
                gene, name, GeneStatus.NOT_ASSESSED, "coverage-no-sequence", (), total
            )
            return self._count(listed, (), read[gene].whole)
        parts = tuple(sorted(read[gene].exons))
        least = self._limits["coding-minimum-part"]
        status, reason = _base_status(parts, unread is not None, least)
        made = GeneCoverage(gene, name, status, reason, parts)
        if reason != "coverage-too-few-bases":
            return made
        return self._count(replace(made, known_total=total), (), read[gene].whole)

    def _count(
        self, coverage: GeneCoverage, beside: Sequence[VariantKey], whole: Sequence[tuple[int, int]]
    ) -> GeneCoverage:
        """Count the listed variants of a gene that are absent, beside those of a sample."""
        absent = _count_absent(self._known.get(coverage.gene, ()), beside, whole)
        reason = coverage.reason
        if self._unread.get(coverage.gene) == NO_SEQUENCE:
            least = self._limits["listed-minimum-part"]
            reason = _listed_reason(absent, coverage.known_total, least)
        return replace(coverage, reason=reason, known_absent=absent)

    def _read_targets(self, bases: Sequence[int]) -> dict[str, _Read]:
        """Return what was read of each gene that has a target."""
        read: dict[str, _Read] = {}
        for target, counted in zip(self._extraction.targets.coding, bases, strict=True):
            size = target.coding_end0 - target.coding_start0
            seen = min(size, counted)
            here = read.setdefault(target.gene, _Read())
            if target.exon_number:
                here.exons.append((target.exon_number, size, seen))
            if seen == size:
                here.whole.append((target.coding_start0, target.coding_end0))
        return read


def _base_status(
    parts: Sequence[ExonPart], no_splice_sites: bool, least: float
) -> tuple[GeneStatus, str]:
    """Return how far a gene was read whose coding bases are known, and the text that says so."""
    seen, size = sum(p[2] for p in parts), sum(p[1] for p in parts)
    if seen == 0:
        return GeneStatus.NOT_ASSESSED, "coverage-no-data"
    if seen < least * size:
        return GeneStatus.NOT_ASSESSED, "coverage-too-few-bases"
    if no_splice_sites:
        return GeneStatus.PARTIAL, "coverage-splice-sites-unread"
    if seen < size:
        return GeneStatus.PARTIAL, "coverage-partial"
    return GeneStatus.COMPLETE, "coverage-complete"


def _listed_reason(absent: int, total: int, least: float) -> str:
    """Return the text of a gene of which listed variants are all that can be read."""
    if not absent:
        return "coverage-no-sequence"
    return READ_AT_LISTED if absent >= least * total else "coverage-known-few"


def _count_absent(
    listed: Sequence[VariantKey], beside: Sequence[VariantKey], read: Sequence[tuple[int, int]]
) -> int:
    """Count the listed variants of a gene that lie where all was read and are not among others."""
    found = 0
    for key in listed:
        pos, end0 = key.pos, key.pos - 1 + len(key.ref)
        for start, end in read:
            if start < pos and end0 <= end:
                break
        else:
            continue
        if beside and (any(may_be(k, key) for k in beside) or may_be_several(beside, key)):
            continue
        found += 1
    return found


def _part(listed: Sequence[VariantKey]) -> tuple[str, int, int]:
    """Return the part of a gene in which variants are listed, and what is near it."""
    high = max(key.pos + len(key.ref) for key in listed) + NEAR
    return listed[0].chrom, listed[0].pos - NEAR, high


def _within(
    part: tuple[str, int, int], found: Mapping[str, Sequence[VariantKey]]
) -> list[VariantKey]:
    """Return the variants that reach into a part of a gene."""
    chrom, low, high = part
    return [
        other
        for other in found.get(chrom, ())
        if other.pos <= high and (read_span(other) or read_change(other)).end0 >= low
    ]


def may_be(found: VariantKey, listed: VariantKey) -> bool:
    """Say whether a variant may be a listed one.

    Without the bases around it a change of length has more than one spelling: one near by that
    adds or takes as many bases may be the same. A replacement of several bases may be written as
    several records, and a listed variant may be a part of one: where either is such a
    replacement, what meets it may be it.
    """
    if found == listed:
        return True
    if found.chrom != listed.chrom:
        return False
    added = len(listed.alt) - len(listed.ref)
    near = abs(found.pos - listed.pos) <= NEAR
    if near and added != 0 and added == len(found.alt) - len(found.ref):
        return True
    if read_span(found) is not None:
        return False
    changes = there, here = read_change(found), read_change(listed)
    replaced = any(c.removed and c.added and len(c.removed + c.added) > 2 for c in changes)
    return replaced and there.start0 < here.end0 and here.start0 < there.end0


def may_be_several(found: Sequence[VariantKey], listed: VariantKey) -> bool:
    """Say whether several variants of a sample may together be a listed change of length.

    They may if they are near it and some of them add and take as many bases as it does.
    """
    added = len(listed.alt) - len(listed.ref)
    if len(found) < 2 or not added:
        return False
    near = [k for k in found if abs(k.pos - listed.pos) <= NEAR and read_span(k) is None]
    sums: set[tuple[int, int]] = {(0, 0)}
    for key in near if len(near) > 1 else ():
        more = len(key.alt) - len(key.ref)
        sums |= {(total + more, min(2, number + 1)) for total, number in sums}
    return (added, 2) in sums
