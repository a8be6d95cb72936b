"""Find the pairs of samples that agree, without comparing each with all others.

Two samples agree if they differ in at most `differences` of the positions that both have, and have
enough of them in common. Cut the positions into one block more than differences are allowed: such
a pair agrees throughout in at least one block, and meets where samples are sorted by what they
have in it. A missing position agrees with anything: a sample that lacks a few stands there under
each genotype that the run has at them. That works among samples that lack few of some set of
positions, as those of one laboratory do; the few that fit no set are compared with all. No pair is
missed, and each that is met is compared in full.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import dataclass

MISSING = -1
MOST_SETS = 8
"""Sets of positions that samples are sorted by; those of other sets are compared with all."""
MOST_MISSING = 8
"""Positions of a set that a sample may lack."""
MOST_ENTRIES = 729
"""Entries of one sample in one block."""
CHUNK = 512
WIDE = 1 << 16
"""Samples, and others, that are compared at a time; pairs that are looked at, likewise."""
_MIX = np.uint64(0x9E3779B97F4A7C15)

Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of samples by number, the lower first."""

    one: Numbers
    other: Numbers
    differing: Numbers
    """Common positions at which the two differ."""


def find_pairs(prints: NDArray[np.int8], minimum: float, differences: float) -> Pairs:
    """Return the pairs that agree, in order.

    Parameters
    ----------
    prints
        Fingerprints, [sample, position]; -1 is missing.
    minimum
        Least number of positions in common.
    differences
        Most of them that may differ.
    """
    if len(prints) < 2:
        nobody = np.zeros(0, np.intp)
        return Pairs(nobody, nobody, nobody)
    sets, member = _sets_of(prints != MISSING)
    found = [_among_all(prints, np.flatnonzero(member < 0), minimum, differences)]
    for a in range(len(sets)):
        for b in range(a, len(sets)):
            shared = np.flatnonzero(sets[a] & sets[b])
            if len(shared) >= minimum:
                rows = np.flatnonzero((member == a) | (member == b))
                met = _met(prints, rows, shared, int(differences) + 1)
                found += [_judge(prints, i, j, minimum, differences) for i, j in met]
    pairs = np.concatenate([np.stack([p.one, p.other, p.differing], axis=1) for p in found])
    pairs = np.unique(pairs, axis=0)
    return Pairs(pairs[:, 0], pairs[:, 1], pairs[:, 2])


def _sets_of(known: NDArray[np.bool_]) -> tuple[list[NDArray[np.bool_]], Numbers]:
    """Return sets of positions, and the number of the set of which each sample lacks few; else -1.

    A sample has no position beside its set: what two have in common lies in both sets.
    """
    member = np.full(len(known), -1, np.intp)
    sets: list[NDArray[np.bool_]] = []
    while len(sets) < MOST_SETS:
        rest = np.flatnonzero(member < 0)
        if not len(rest):
            break
        # The first set is of all positions; a next one is what most of the rest have.
        chosen = _commonest(known[rest]) if sets else np.logical_or.reduce(known, axis=0)
        assert isinstance(chosen, np.ndarray)
        own = known[rest]
        lacking = (chosen & ~own).sum(axis=1)
        fits = ~(own & ~chosen).any(axis=1) & (lacking <= MOST_MISSING)
        if sets and not fits.any():
            break
        member[rest[fits]] = len(sets)
        sets.append(chosen)
    return sets, member


def _commonest(known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the commonest row."""
    rows, counts = np.unique(np.packbits(known, axis=1), axis=0, return_counts=True)
    whole = np.unpackbits(rows[counts.argmax()], count=known.shape[1])
    return whole.astype(bool)


def _met(
    prints: NDArray[np.int8], rows: Numbers, shared: Numbers, blocks: int
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield pairs that may agree throughout in a block of the shared positions.

    Neighbours go into different blocks: inherited together, they tell the same.
    """
    crowded: list[Numbers] = []
    for block in range(blocks):
        columns = shared[block::blocks]
        part = prints[np.ix_(rows, columns)]
        keys, owners, out = _entries(part)
        crowded.append(rows[out])
        order = np.argsort(keys, kind="stable")
        keys, owners = keys[order], rows[owners[order]]
        start = np.arange(len(keys))
        step = 1
        while len(start := start[start + step < len(keys)]):
            start = start[keys[start] == keys[start + step]]
            for at in range(0, len(start), WIDE):
                one, other = owners[start[at : at + WIDE]], owners[start[at : at + WIDE] + step]
                differ = one != other
                yield np.minimum(one, other)[differ], np.maximum(one, other)[differ]
            step += 1
    # Who has too many entries in one block is compared with all of these.
    for sample in np.unique(np.concatenate(crowded)):
        for at in range(0, len(rows), WIDE):
            other = rows[at : at + WIDE]
            other = other[other != sample]
            yield np.minimum(other, sample), np.maximum(other, sample)


def _entries(part: NDArray[np.int8]) -> tuple[NDArray[np.uint64], Numbers, Numbers]:
    """Return the keys of samples in a block, whose each is, and who would have too many.

    A sample has a key for each way in which what it lacks may be filled.
    """
    count, width = part.shape
    present = [np.unique(part[:, c]) for c in range(width)]
    values = [v[v != MISSING] for v in present]
    choices = np.array([max(len(v), 1) for v in values])
    lacks = part == MISSING
    ways = np.where(lacks, choices, 1).prod(axis=1, dtype=np.float64)
    kept = np.flatnonzero(ways <= MOST_ENTRIES)
    keys = np.zeros(len(kept), np.uint64)
    owners = kept
    for c in range(width):
        weight = _weights(c)
        own = part[owners, c]
        keys = keys + np.where(own == MISSING, 0, weight[own])
        open_ = np.flatnonzero(own == MISSING)
        if len(open_) and len(values[c]):
            filled = [keys[open_] + weight[v] for v in values[c]]
            whole = np.flatnonzero(own != MISSING)
            keys = np.concatenate([keys[whole], *filled])
            owners = np.concatenate([owners[whole], *[owners[open_]] * len(filled)])
    return keys, owners, np.flatnonzero(ways > MOST_ENTRIES)


def _weights(column: int) -> NDArray[np.uint64]:
    """Return a number for each genotype of a position; their sums are the keys."""
    return np.random.default_rng(column).integers(0, 1 << 63, 128, np.uint64) * _MIX


def _judge(
    prints: NDArray[np.int8], one: Numbers, other: Numbers, minimum: float, differences: float
) -> Pairs:
    """Compare pairs in full, and return those that agree."""
    a, b = prints[one], prints[other]
    both = (a != MISSING) & (b != MISSING)
    differing = (both & (a != b)).sum(axis=1)
    agree = (both.sum(axis=1) >= minimum) & (differing <= differences)
    return Pairs(one[agree], other[agree], differing[agree])


def _among_all(
    prints: NDArray[np.int8], rows: Numbers, minimum: float, differences: float
) -> Pairs:
    """Compare some samples with all, by matrix products, and return the pairs that agree."""
    found: list[NDArray[np.intp]] = [np.empty((0, 3), np.intp)]
    width = int(prints.max(initial=0)) + 1
    for at in range(0, len(rows), CHUNK):
        mine = rows[at : at + CHUNK]
        left, left_known = _one_hot(prints[mine], width)
        for begin in range(0, len(prints), WIDE):
            right, right_known = _one_hot(prints[begin : begin + WIDE], width)
            common = np.rint(left_known @ right_known.T).astype(np.int32)
            differing = common - np.rint(left @ right.T).astype(np.int32)
            near = np.argwhere((common >= minimum) & (differing <= differences))
            i, j = mine[near[:, 0]], near[:, 1] + begin
            part = np.stack(
                [np.minimum(i, j), np.maximum(i, j), differing[near[:, 0], near[:, 1]]], axis=1
            )
            found.append(part[i != j])
    pairs = np.concatenate(found)
    return Pairs(pairs[:, 0], pairs[:, 1], pairs[:, 2])


def _one_hot(prints: NDArray[np.int8], width: int) -> tuple[NDArray[np.float32], ...]:
    # One column for each genotype: counting agreements becomes a matrix product.
    columns = [(prints == code).astype(np.float32) for code in range(width)]
    return np.concatenate(columns, axis=1), (prints != MISSING).astype(np.float32)


def count_compared(known: NDArray[np.bool_], minimum: float) -> Numbers:
    """Return with how many others each sample has enough positions in common.

    Two that lack few have enough; the others are compared by what they have, each way once.
    """
    packed, member, counts = np.unique(
        np.packbits(known, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    masks = np.unpackbits(packed, axis=1, count=known.shape[1]).astype(np.float32)
    have = masks.sum(axis=1)
    low = np.flatnonzero(2 * have < known.shape[1] + minimum)
    rest = np.ones(len(masks), bool)
    rest[low] = False
    total = np.where(rest, counts[rest].sum(), 0)
    for at in range(0, len(low), CHUNK):
        some = low[at : at + CHUNK]
        enough = np.rint(masks @ masks[some].T) >= minimum
        total[rest] += (enough[rest] * counts[some]).sum(axis=1)
        total[some] = (enough * counts[:, np.newaxis]).sum(axis=0)
    total = total - (have >= minimum)
    found: Numbers = total[member.ravel()].astype(np.intp)
    return found
