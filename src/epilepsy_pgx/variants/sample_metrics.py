"""What the records of a file say about the sample itself, counted while they are read."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intervals import Interval
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedRegion
from epilepsy_pgx.variants.record import REASON_BALANCE, Record, some
from epilepsy_pgx.variants.representation import REF_BLOCK_ALTS
from epilepsy_pgx.vocabulary import GenomeBuild

COUNTS = (
    "x_heterozygous",
    "x_homozygous",
    "x_haploid",
    "x_depth",
    "x_depth_records",
    "other_depth",
    "other_depth_records",
    "mixture_positions",
    "mixture_parts",
    "heterozygous",
    "heterozygous_skewed",
)
"""Rows of `SampleMetrics.counts`. On the sex chromosome, outside the shared regions: variant calls
with two different alleles and with two equal ones, calls with one allele, sum and number of
depths. Elsewhere: sum and number of depths; confident homozygous SNV calls and the sum of their
parts of reference reads; confident heterozygous SNV calls, and those out of balance."""

BALANCE = (0.3, 0.7)
"""Outside these parts of alternative reads a heterozygous call counts as out of balance."""


@dataclass(frozen=True)
class QualityRegion:
    """An interval of the genome: 1-based, closed."""

    chrom: str
    first: int
    last: int
    purpose: str


@dataclass(frozen=True)
class SampleMetrics:
    """Counts by sample. `counts` is float64 [len(COUNTS), sample]."""

    counts: NDArray[np.float64]

    def of(self, name: str, sample: int) -> float:
        """Return one count of one sample."""
        return float(self.counts[COUNTS.index(name), sample])


def load_quality_regions(ref: Reference, build: GenomeBuild) -> tuple[QualityRegion, ...]:
    """Return the regions of one build."""
    return tuple(
        QualityRegion(row.chrom, row.start + 1, row.end, row.purpose)
        for row in ref.rows(CuratedRegion)
        if row.build == build
    )


class SampleMetricsCounter:
    """Takes in records; counts what sex, mixture and depth are judged from."""

    def __init__(self, regions: Sequence[QualityRegion], samples: int, minimum_depth: int) -> None:
        """Begin at zero.

        Parameters
        ----------
        minimum_depth
            Least reads of a position whose allele balance counts.
        """
        self._regions = tuple(regions)
        self._sex = frozenset(r.chrom for r in regions if r.purpose == "sex")
        self._left_out = tuple(r for r in regions if r.purpose != "sex")
        self._least = minimum_depth
        self.counts = np.zeros((len(COUNTS), samples), np.float64)
        self._row = {name: self.counts[i] for i, name in enumerate(COUNTS)}

    def spans(self) -> list[Interval]:
        """Return what has to be read."""
        return [(r.chrom, r.first - 1, r.last) for r in self._regions if r.purpose == "sex"]

    def add(self, record: Record) -> None:
        """Take in one record; without regions nothing is counted."""
        if not self._regions:
            return
        for region in self._left_out:
            if (
                region.chrom == record.chrom
                and record.pos <= region.last
                and record.end >= region.first
            ):
                return
        row = self._row
        place = "x" if record.chrom in self._sex else "other"
        known = record.depth >= 0
        if some(known):
            row[f"{place}_depth"] += np.where(known, record.depth, 0)
            row[f"{place}_depth_records"] += known
        if place == "x":
            self._count_copies(record, _is_good(record))
        elif _is_snv(record):
            self._count_balance(record, _is_good(record))

    def _count_copies(self, record: Record, good: NDArray[np.bool_]) -> None:
        self._row["x_haploid"] += good & (record.second == -2)
        if not _is_snv(record):
            return
        both = good & (record.second >= 0)
        self._row["x_heterozygous"] += both & (record.first != record.second)
        self._row["x_homozygous"] += both & (record.first == record.second) & (record.first > 0)

    def _count_balance(self, record: Record, good: NDArray[np.bool_]) -> None:
        reads = record.ref_reads + record.alt_reads
        # A call that failed for its balance alone is what a mixture makes.
        sound = (good | _unbalanced(record)) & (record.ref_reads >= 0) & (record.alt_reads >= 0)
        sound &= reads >= self._least
        if not sound.any():
            return
        part = np.divide(record.ref_reads, reads, out=np.zeros(len(reads)), where=reads > 0)
        same = sound & (record.first == record.second) & (record.first > 0)
        self._row["mixture_positions"] += same
        self._row["mixture_parts"] += np.where(same, part, 0)
        mixed = sound & (record.first == 0) & (record.second > 0)
        mixed |= sound & (record.second == 0) & (record.first > 0)
        self._row["heterozygous"] += mixed
        self._row["heterozygous_skewed"] += mixed & (
            (part < 1 - BALANCE[1]) | (part > 1 - BALANCE[0])
        )

    def finish(self) -> SampleMetrics:
        """Return the counts."""
        return SampleMetrics(self.counts)


def _is_good(record: Record) -> NDArray[np.bool_]:
    good: NDArray[np.bool_] = (record.bad == 0) & (record.first >= 0)
    return good


def _is_snv(record: Record) -> bool:
    """True for a record of one base with one alternative base, `<NON_REF>` and its like aside."""
    alts = [a for a in record.alts if a not in REF_BLOCK_ALTS]
    return len(record.ref) == 1 and len(alts) == 1 and len(alts[0]) == 1 and alts[0] != "*"


def _unbalanced(record: Record) -> NDArray[np.bool_]:
    failed: NDArray[np.bool_] = (record.bad == REASON_BALANCE) & (record.first >= 0)
    return failed
