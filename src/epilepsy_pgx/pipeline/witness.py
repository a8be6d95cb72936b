"""Whether records bear witness that a whole genome was called: `callable: all`, sample by sample.

Only a record with a genotype of the sample counts. What the others of a file carry says nothing
of it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intake.vcf import VcfFile
from epilepsy_pgx.intervals import Intervals, Overlaps
from epilepsy_pgx.variants.decode import read_called
from epilepsy_pgx.variants.sites import Region, SiteList, merge_regions
from epilepsy_pgx.variants.targets_coding import CodingTarget

PLAUSIBLE_INTRON_FRACTION = 0.3
PLAUSIBLE_DENSITY = 0.1
"""A whole genome has variants in introns, and at least this many records per 1,000 bases
around the curated sites; an exome or an array has not."""
EXON_MARGIN = 100
"""Bases beside an exon of which an exome has records too."""
WITNESS_DISTANCE = 20_000
"""`callable: all` is believed at a site only if a record lies within this many bases: a file
that holds some genes or chromosomes says nothing about the others."""


def witness_regions(sites: SiteList) -> list[Region]:
    """Return the intervals in which records must witness that a genome was called."""
    return merge_regions(
        Region(s.chrom, max(0, s.pos - WITNESS_DISTANCE), s.end + WITNESS_DISTANCE)
        for s in sites.sites
    )


class Witnesses:
    """Counts, record by record, what speaks for each sample."""

    def __init__(self, sites: SiteList, coding: Sequence[CodingTarget], samples: int) -> None:
        """Begin with nothing seen."""
        self._sites = sites
        self._exons = Intervals(
            (t.chrom, t.start0 - EXON_MARGIN - 1, t.end0 + EXON_MARGIN) for t in coding
        )
        self.near = np.zeros((len(sites), samples), bool)
        """By site and sample: a record with a genotype lies near."""
        self.total = np.zeros(samples, np.int64)
        self.deep = np.zeros(samples, np.int64)
        """Records away from exons."""
        self._open = np.ones(len(sites), bool)
        self._rows = Overlaps(
            (s.chrom, s.pos - 1 - WITNESS_DISTANCE, s.pos + WITNESS_DISTANCE) for s in sites.sites
        )

    def add(self, chrom: str, pos: int, called: NDArray[np.bool_]) -> None:
        """Take in one record and the samples that it has a genotype of."""
        self.total += called
        if not self._exons.meets(chrom, pos - 1, pos):
            self.deep += called
        for row in self._rows.meeting(chrom, pos - 1, pos):
            if self._open[row]:
                self.near[row] |= called
                self._open[row] = not self.near[row].all()

    def implausible(self) -> NDArray[np.bool_]:
        """Return the samples whose records are not spread like those of a whole genome."""
        doubted = np.zeros(len(self.total), bool)
        sizes: dict[bytes, int] = {}
        for sample in range(len(self.total)):
            seen = self.near[:, sample]
            key = seen.tobytes()
            if key not in sizes:
                chosen = [s for s, n in zip(self._sites.sites, seen.tolist(), strict=True) if n]
                intervals = witness_regions(SiteList(self._sites.build, tuple(chosen)))
                sizes[key] = sum(r.end - r.start for r in intervals)
            total, deep = int(self.total[sample]), int(self.deep[sample])
            dense = total >= PLAUSIBLE_DENSITY * sizes[key] / 1000
            doubted[sample] = not total or not dense or deep < PLAUSIBLE_INTRON_FRACTION * total
        return doubted


def find_witnesses(
    files: Sequence[VcfFile],
    clean: Sequence[Path],
    sites: SiteList,
    coding: Sequence[CodingTarget],
    samples: Sequence[str],
) -> tuple[NDArray[np.bool_], list[Problem]]:
    """Return by site and sample whether `callable: all` is believed, and who is not believed.

    Raises
    ------
    InputError
        If no sample has records that are spread like those of a whole genome.
    """
    witnesses = Witnesses(sites, coding, len(samples))
    for file, bcf in zip(files, clean, strict=True):
        for record in read_called(bcf, {n: c for c, n in file.contig_names}):
            witnesses.add(*record)
    doubted = witnesses.implausible()
    problems = [
        Problem(
            str(files[0].path),
            0,
            ".",
            "callable-plausible",
            f"{witnesses.total[i]} records with a genotype around the curated positions, "
            f"{witnesses.deep[i]} of them away from exons",
            "records spread as in a whole genome",
            "An exome, a panel or an array is not callable everywhere: give its BED instead.",
            samples[i],
        )
        for i in np.flatnonzero(doubted).tolist()
    ]
    if doubted.all():
        raise InputError(problems)
    return witnesses.near, problems
