"""Lengths, accessions and order of the chromosomes of a build, read in this place only."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Self

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.rows.genome import Contig


@dataclass(frozen=True)
class Contigs:
    """The chromosomes of one build, in the order of the contigs table."""

    lengths: Mapping[str, int]
    accessions: Mapping[str, str]
    """RefSeq accession of each chromosome."""

    @classmethod
    def of(cls, rows: Iterable[Contig], build: str) -> Self:
        """Return those of a build among the rows of the table."""
        own = [row for row in rows if row.build == build]
        return cls({r.chrom: r.length for r in own}, {r.chrom: r.refseq for r in own})

    @cached_property
    def order(self) -> Mapping[str, int]:
        """Place of each chromosome among them."""
        return {chrom: place for place, chrom in enumerate(self.lengths)}
