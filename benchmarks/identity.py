"""Measure the comparison of genomes: seconds of one core, and memory, by the number of samples.

    python -m benchmarks.identity 100000 1000000

Genotypes are drawn at the published frequencies of the positions that are compared, independent
of each other between blocks and alike within one; 1 % are missing, a third of the samples has
been read by a panel of fewer positions, and one in a thousand is a second specimen of another.
"""

import resource
import sys
import time

import numpy as np

from epilepsy_pgx.pipeline.identity import panel_of
from epilepsy_pgx.quality.identity import Panel, compare_all
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import load_reference

PART = 100_000
"""Samples drawn at a time."""


def draw(count: int, panel: Panel, seed: int = 1) -> np.ndarray:
    """Return fingerprints, [sample, position]."""
    random = np.random.default_rng(seed)
    prints = np.empty((count, len(panel.sites)), np.int8)
    for begin in range(0, count, PART):
        part = prints[begin : begin + PART]
        drawn = np.zeros((len(part), 2))
        for column, shares in enumerate(panel.frequencies):
            same = column and panel.blocks[column] == panel.blocks[column - 1]
            ends = np.cumsum(shares) / sum(shares)
            # Neighbours share their draw but for one in five: they are inherited together.
            fresh = random.random((len(part), 2))
            drawn = np.where(random.random((len(part), 2)) < 0.2, fresh, drawn) if same else fresh
            alleles = np.sort(np.searchsorted(ends, drawn), axis=1)
            part[:, column] = alleles[:, 1] * (alleles[:, 1] + 1) // 2 + alleles[:, 0]
    again = random.integers(0, count, (count // 1000, 2))
    prints[again[:, 0]] = prints[again[:, 1]]
    kit = random.random(prints.shape[1]) < 0.45
    prints[np.ix_(np.flatnonzero(random.random(count) < 1 / 3), np.flatnonzero(~kit))] = -1
    for begin in range(0, count, PART):
        part = prints[begin : begin + PART]
        part[random.random(part.shape) < 0.01] = -1
    return prints


def main() -> None:
    """Print a line for each number of samples."""
    ref = load_reference()
    panel, limits = panel_of(ref), read_limits(ref)
    print("samples\tCPU s\tpeak MB\twith the genome of another\tunclear")
    for count in map(int, sys.argv[1:] or ["10000"]):
        prints = draw(count, panel)
        names = [f"S{i}" for i in range(count)]
        begun = time.process_time()
        found = compare_all(names, prints, panel, limits, {})
        used = time.process_time() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        same = sum(bool(r.same_genome) for r in found)
        unclear = sum(bool(r.unclear) for r in found)
        print(f"{count}\t{used:.1f}\t{peak:.0f}\t{same}\t{unclear}", flush=True)


if __name__ == "__main__":
    main()
