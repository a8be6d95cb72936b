"""Every way to fill the missing sites of a genotype, and which pairs of alleles explain each.

Ways are numbered; a set of them is an integer, in which bit n stands for way n.
"""

from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.calling.definitions import GeneDefinition
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.variants.sites import UNKNOWN

COMPLETION_LIMIT = 512
"""Above this many ways to fill the missing core sites, UNDEFINED counts as possible."""

Bases = tuple[int, int]
"""Allele codes of the two haplotypes at one site."""


@dataclass(frozen=True)
class Completions:
    """The ways to fill the missing sites of a genotype."""

    sites: tuple[int, ...]
    ways: tuple[tuple[Bases, ...], ...]
    """For each way, the bases at each of `sites`."""
    options: tuple[tuple[tuple[int, int, int], ...], ...]
    """For each site and each choice of bases there: the set of the alleles that carry the first
    base, that of the second, and the set of the ways that make this choice."""
    _known: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def every(self) -> int:
        """The set of all ways."""
        return (1 << len(self.ways)) - 1

    def explained_by(self, pair: tuple[int, int]) -> int:
        """Return the set of the ways that a pair of alleles explains.

        A missing site is free against all others, so its bases only have to fit in one order.
        """
        if pair not in self._known:
            left, right = pair
            explained = self.every
            for options in self.options:
                here = 0
                for first, second, ways in options:
                    # Bit n of a set: does allele n carry the base?
                    if (first >> left & second >> right | second >> left & first >> right) & 1:
                        here |= ways
                explained &= here
            self._known[pair] = explained
        return self._known[pair]


def complete_missing(definition: GeneDefinition, codes: NDArray[np.int8]) -> Completions | None:
    """Return the ways to fill the missing sites of a genotype; None if there are too many.

    Examples
    --------
    One core site without a call, where the tables list two bases:

    >>> [way[0] for way in complete_missing(cyp3a5, without_rs776746).ways]
    [(0, 0), (0, 1), (1, 1)]
    """
    sites = np.flatnonzero((codes == UNKNOWN).any(axis=1))
    missing = zip(sites.tolist(), codes[sites].tolist(), strict=True)
    return _fill(definition, tuple((site, *bases) for site, bases in missing))


@lru_cache(maxsize=32)
def _fill(
    definition: GeneDefinition, missing: tuple[tuple[int, int, int], ...]
) -> Completions | None:
    """Enumerate the completions; cached, since samples of one file often lack the same sites."""
    choices: list[list[Bases]] = []
    total = 1
    for site, first, second in missing:
        bases = range(definition.code_count[site])
        if first == second == UNKNOWN:
            # With both bases missing their order makes no difference.
            choices.append([(a, b) for a in bases for b in bases if a <= b])
        else:
            choices.append([(b, second) if first == UNKNOWN else (first, b) for b in bases])
        total *= len(choices[-1])
        if total > COMPLETION_LIMIT:
            return None
    ways = tuple(product(*choices))
    options = []
    for column, (site, _, _) in enumerate(missing):
        options.append(
            tuple(
                (
                    definition.carriers_of(site, first),
                    definition.carriers_of(site, second),
                    sum(1 << n for n, way in enumerate(ways) if way[column] == (first, second)),
                )
                for first, second in choices[column]
            )
        )
    return Completions(tuple(site for site, _, _ in missing), ways, tuple(options))


def set_bits(members: int) -> Iterator[int]:
    """Yield the members of a set in ascending order.

    Examples
    --------
    >>> list(set_bits(0b1011))
    [0, 1, 3]
    """
    while members:
        # In two's complement this isolates the lowest set bit.
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest
