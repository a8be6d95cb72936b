"""Find specimens with one genome in a run: a swap, a repetition, or twins.

Two samples are compared at the common curated positions that both have. The chance that two
unrelated people agree is bounded from above: positions within one million bases count as one
block, and a block is as probable as the rarer of its least probable genotype by the published
frequencies (Hardy-Weinberg proportions) and the frequency of its combination in the run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.quality.checks import IDENTITY, CheckResult
from epilepsy_pgx.quality.pairs import MISSING, count_compared, find_pairs
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import SITE_ALLELES_BY_SITE
from epilepsy_pgx.variants.sites import SiteList
from epilepsy_pgx.variants.store import GenotypeStore
from epilepsy_pgx.vocabulary import CheckOutcome

BLOCK_SPAN = 1_000_000
LARGE_RUN = 100
"""From this many samples on, the run's own frequencies are used as well."""
MANY_PATTERNS = 20
"""Above this many patterns of missing positions a block's own frequencies are not used."""


@dataclass(frozen=True)
class Panel:
    """The positions that tell people apart."""

    sites: tuple[str, ...]
    blocks: NDArray[np.intp]
    """Block number of each position."""
    frequencies: tuple[tuple[float, ...], ...]
    """By position, frequency of each allele code."""


class IdentityFinding(StrEnum):
    """What the comparison of a sample with the others of the run came to."""

    PASSED = "passed"
    FAILED = "failed"
    DIFFERS = "differs"
    UNCLEAR = "unclear"
    NOT_ASSESSED = "not-assessed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a report says of the comparison. How many others there were it does not say: that
    changes with every patient who is added."""

    positions: int
    finding: IdentityFinding


@dataclass(frozen=True, slots=True)
class IdentityResult:
    """What the comparison says about one sample."""

    sample_id: str
    positions: int
    """Positions of the panel with a genotype."""
    compared: int
    """Other samples with enough positions in common."""
    same_genome: tuple[str, ...]
    """Samples with the same genome that were not expected to have it."""
    unclear: tuple[str, ...]
    """Samples that agree, but at positions too common to tell two people apart."""
    expected: tuple[str, ...] = ()
    """Samples stated to be of the same person, or of a twin, that indeed agree."""
    differ: tuple[str, ...] = ()
    """Samples stated to have the same genome that have another."""

    @property
    def verdict(self) -> Verdict:
        """What the report of the sample says."""
        if not (self.compared or self.differ):
            finding = IdentityFinding.NOT_ASSESSED
        elif self.same_genome:
            finding = IdentityFinding.FAILED
        elif self.differ:
            finding = IdentityFinding.DIFFERS
        elif self.unclear:
            finding = IdentityFinding.UNCLEAR
        else:
            finding = IdentityFinding.PASSED
        return Verdict(self.positions, finding)


def choose_panel(ref: Reference, sites: SiteList, minimum_frequency: float) -> Panel:
    """Return the positions whose alleles are common enough to tell people apart."""
    listed = ref.grouped(SITE_ALLELES_BY_SITE)
    names, blocks, frequencies = [], [], []
    block, last = -1, ("", 0)
    for site in sites.sites:
        known = {r.allele: float(r.frequency) for r in listed[site.name] if r.frequency is not None}
        values = [known.get(a) for a in site.alleles]
        if values.count(None) == 1:
            rest = 1 - sum(v for v in values if v is not None)
            values = [max(rest, 0.0) if v is None else v for v in values]
        if None in values or max(v for v in values if v is not None) > 1 - minimum_frequency:
            continue
        if site.chrom != last[0] or site.pos - last[1] > BLOCK_SPAN:
            block += 1
            last = (site.chrom, site.pos)
        names.append(site.name)
        blocks.append(block)
        frequencies.append(tuple(v for v in values if v is not None))
    return Panel(tuple(names), np.array(blocks, np.intp), tuple(frequencies))


def take_fingerprints(store: GenotypeStore, panel: Panel) -> NDArray[np.int8]:
    """Return int8 [sample, position]: a number for each unordered pair of alleles; -1 missing."""
    rows = [store.sites.index[name] for name in panel.sites]
    pairs = np.sort(store.usable()[rows], axis=2)
    low, high = pairs[:, :, 0].astype(np.int16), pairs[:, :, 1].astype(np.int16)
    # Triangular number of an unordered pair; unlisted alleles (100) are left out.
    codes = np.where((low < 0) | (high > 9), MISSING, high * (high + 1) // 2 + low)
    result: NDArray[np.int8] = codes.T.astype(np.int8)
    return result


def compare_all(
    names: Sequence[str],
    prints: NDArray[np.int8],
    panel: Panel,
    limits: Mapping[str, float],
    stated: Mapping[str, str],
) -> tuple[IdentityResult, ...]:
    """Compare every sample with every other.

    Parameters
    ----------
    prints
        Fingerprints, [sample, position].
    stated
        A word by sample name; samples with the same word are of one person or of twins.
    """
    limit = limits["identity-differences"]
    minimum = limits["identity-minimum-positions"]
    found = find_pairs(prints, minimum, limit)
    chances = _chances(prints, panel) if len(found.one) else np.ones((0, 0))
    others: dict[int, _Others] = {}
    pairs = zip(found.one.tolist(), found.other.tolist(), found.differing.tolist(), strict=True)
    for one, other, differing in pairs:
        expected = stated.get(names[one], one) == stated.get(names[other], other)
        for i, j in ((one, other), (other, one)):
            mine = others.setdefault(i, _Others())
            if expected:
                mine.expected.append(j)
                continue
            # Bonferroni: the matches by chance that one sample may expect among all others.
            chance = (len(names) - 1) * _chance(prints[i], prints[j], chances[i], panel)
            allowed = limits["identity-chance"]
            allowed *= limits["identity-difference-factor"] ** differing
            (mine.same if chance < allowed else mine.unclear).append(j)
    for one, other in _stated_pairs(names, stated):
        a, b = prints[one], prints[other]
        both = (a != MISSING) & (b != MISSING)
        if both.sum() >= minimum and (a != b)[both].sum() > limit:
            others.setdefault(one, _Others()).differ.append(other)
            others.setdefault(other, _Others()).differ.append(one)
    compared = count_compared(prints != MISSING, minimum).tolist()
    positions = (prints != MISSING).sum(axis=1).tolist()
    nobody = _Others()
    return tuple(
        others.get(i, nobody).result(name, positions[i], compared[i], names)
        for i, name in enumerate(names)
    )


def _stated_pairs(names: Sequence[str], stated: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of samples that are stated to have one genome."""
    groups: dict[str, list[int]] = {}
    for i, name in enumerate(names) if stated else ():
        if name in stated:
            groups.setdefault(stated[name], []).append(i)
    for members in groups.values():
        yield from combinations(members, 2)


@dataclass(slots=True)
class _Others:
    """The other samples of the run, by what their comparison with one sample says."""

    same: list[int] = field(default_factory=list)
    unclear: list[int] = field(default_factory=list)
    expected: list[int] = field(default_factory=list)
    differ: list[int] = field(default_factory=list)

    def result(
        self, sample_id: str, positions: int, compared: int, names: Sequence[str]
    ) -> IdentityResult:
        """Return them by name, in the order of the run."""
        same, unclear, expected, differ = (
            tuple(names[i] for i in sorted(found))
            for found in (self.same, self.unclear, self.expected, self.differ)
        )
        return IdentityResult(sample_id, positions, compared, same, unclear, expected, differ)


def _chances(prints: NDArray[np.int8], panel: Panel) -> NDArray[np.float64]:
    """Return [sample, block]: how probable it is that another person agrees in that block."""
    blocks = int(panel.blocks.max(initial=-1)) + 1
    chances = np.ones((len(prints), blocks))
    for column, frequencies in enumerate(panel.frequencies):
        table = np.ones(128)
        for high, p in enumerate(frequencies):
            for low, q in enumerate(frequencies[: high + 1]):
                # Hardy-Weinberg: p^2 or 2pq.
                table[high * (high + 1) // 2 + low] = p * p if high == low else 2 * p * q
        seen = prints[:, column]
        value = np.where(seen == MISSING, 1.0, table[np.maximum(seen, 0)])
        block = panel.blocks[column]
        # A published frequency of 0 comes from a finite sample: never below 1 in 10,000.
        chances[:, block] = np.minimum(chances[:, block], np.maximum(value, 1e-4))
    if len(prints) >= LARGE_RUN:
        for block in range(blocks):
            rows = prints[:, panel.blocks == block]
            chances[:, block] = np.minimum(chances[:, block], _shares(rows))
    return chances


def _shares(rows: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return, for each sample, the fraction of the run with the same genotypes as the sample.

    Fractions are computed for each pattern of non-missing positions; above `MANY_PATTERNS` they
    are not used (1.0). Counts below 2 are raised to 2: the sample itself and one other.
    """
    shares = np.ones(len(rows))
    have = rows != MISSING
    patterns, member = np.unique(np.packbits(have, axis=1), axis=0, return_inverse=True)
    if len(patterns) > MANY_PATTERNS:
        return shares
    columns = np.unpackbits(patterns, axis=1, count=rows.shape[1]).astype(bool)
    for number, pattern in enumerate(columns):
        if not pattern.any():
            continue
        seen = np.flatnonzero(have[:, pattern].all(axis=1))
        _, group, counts = np.unique(
            rows[np.ix_(seen, np.flatnonzero(pattern))],
            axis=0,
            return_inverse=True,
            return_counts=True,
        )
        own = member.ravel()[seen] == number
        shares[seen[own]] = np.maximum(counts[group.ravel()[own]], 2) / len(seen)
    return shares


def _chance(
    one: NDArray[np.int8], other: NDArray[np.int8], chances: NDArray[np.float64], panel: Panel
) -> float:
    """Return the chance that two people agree as these do.

    A block where they differ, or where the other lacks a position of the first, does not count.
    """
    usable = chances.copy()
    for block in np.unique(panel.blocks[(one != other) & (one != MISSING)]):
        usable[block] = 1.0
    return float(usable.prod())


_SAID = {
    IdentityFinding.PASSED: (CheckOutcome.PASSED, "quality-identity-passed"),
    IdentityFinding.FAILED: (CheckOutcome.FAILED, "quality-identity-failed"),
    IdentityFinding.DIFFERS: (CheckOutcome.FAILED, "quality-identity-differs"),
    IdentityFinding.UNCLEAR: (CheckOutcome.NOT_ASSESSED, "quality-identity-unclear"),
    IdentityFinding.NOT_ASSESSED: (CheckOutcome.NOT_ASSESSED, "quality-identity-not-assessed"),
}


def check_identity(verdict: Verdict | None) -> CheckResult:
    """Judge one sample by the comparison with the others of the run; None before there is one."""
    names = (
        "identity-chance",
        "identity-difference-factor",
        "identity-differences",
        "identity-minimum-positions",
    )
    finding = IdentityFinding.NOT_ASSESSED if verdict is None else verdict.finding
    measured: tuple[tuple[str, str], ...] = ()
    if verdict is not None and finding is not IdentityFinding.NOT_ASSESSED:
        measured = (("positions", str(verdict.positions)),)
    outcome, reason = _SAID[finding]
    return CheckResult(IDENTITY, outcome, reason, measured, names)
