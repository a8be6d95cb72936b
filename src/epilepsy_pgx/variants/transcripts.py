"""Exons and coding bases of the transcripts on which variants are named.

All coordinates here are 0-based and half-open, on the forward strand of one build.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from epilepsy_pgx.reference.genome import CodingTranscript
from epilepsy_pgx.reference.package import Reference, Row
from epilepsy_pgx.vocabulary import GenomeBuild


@dataclass(frozen=True)
class Transcript:
    """One transcript of one gene in one build."""

    gene: str
    accession: str
    """RefSeq accession with version."""
    ensembl: str
    chrom: str
    forward: bool
    """True if the gene is read along the forward strand."""
    exons: tuple[tuple[int, int], ...]
    """(start, end) in genome order."""
    cds_start: int
    cds_end: int
    """Bounds of the coding bases in genome order, stop codon included."""

    @property
    def start(self) -> int:
        """First base of the transcript."""
        return self.exons[0][0]

    @property
    def end(self) -> int:
        """One past the last base of the transcript."""
        return self.exons[-1][1]

    @cached_property
    def coding(self) -> tuple[tuple[int, int], ...]:
        """Coding part of each coding exon, in the order of the transcript."""
        parts = [
            (max(s, self.cds_start), min(e, self.cds_end))
            for s, e in self.exons
            if s < self.cds_end and e > self.cds_start
        ]
        return tuple(parts if self.forward else reversed(parts))

    @cached_property
    def coding_exons(self) -> tuple[tuple[int, int], ...]:
        """Each exon with coding bases, untranslated part included, in transcript order."""
        parts = [(s, e) for s, e in self.exons if s < self.cds_end and e > self.cds_start]
        return tuple(parts if self.forward else reversed(parts))

    @cached_property
    def introns(self) -> tuple[tuple[int, int], ...]:
        """Introns in genome order."""
        return tuple((a[1], b[0]) for a, b in zip(self.exons, self.exons[1:], strict=False))

    @cached_property
    def coding_length(self) -> int:
        """Number of coding bases, stop codon included."""
        return sum(e - s for s, e in self.coding)

    @cached_property
    def numbering(self) -> CodingTranscript:
        """The same transcript as the c. numbering reads it."""
        return CodingTranscript(
            self.gene,
            self.accession,
            self.chrom,
            "+" if self.forward else "-",
            self.exons,
            (self.cds_start, self.cds_end),
        )

    @property
    def residues(self) -> int:
        """Length of the protein in residues."""
        return self.coding_length // 3 - 1

    def coding_index(self, position: int) -> int | None:
        """Return the 0-based index of a genome position in the coding sequence, or None."""
        done = 0
        for start, end in self.coding:
            if start <= position < end:
                return done + (position - start if self.forward else end - 1 - position)
            done += end - start
        return None

    def genome_position(self, index: int) -> int:
        """Return the genome position of a 0-based index in the coding sequence.

        Raises
        ------
        IndexError
            If the coding sequence is shorter.
        """
        done = 0
        for start, end in self.coding:
            if index < done + end - start:
                return start + index - done if self.forward else end - 1 - (index - done)
            done += end - start
        raise IndexError(index)


def _read(row: Row) -> Transcript:
    starts = [int(x) for x in row.many("exon_starts")]
    ends = [int(x) for x in row.many("exon_ends")]
    return Transcript(
        gene=row.need("gene"),
        accession=row.need("transcript"),
        ensembl=row.need("ensembl"),
        chrom=row.need("chrom"),
        forward=row.need("strand") == "+",
        exons=tuple(zip(starts, ends, strict=True)),
        cds_start=int(row.need("cds_start")),
        cds_end=int(row.need("cds_end")),
    )


def load_transcripts(ref: Reference, build: GenomeBuild) -> dict[str, Transcript]:
    """Return the transcript of each gene that has one, by gene, in table order."""
    return {t.gene: t for t in _read_all(ref, build)}


@lru_cache(maxsize=8)
def _read_all(ref: Reference, build: GenomeBuild) -> tuple[Transcript, ...]:
    return tuple(_read(r) for r in ref.table("transcripts") if r["build"] == build.value)


def by_chromosome(transcripts: Iterable[Transcript]) -> dict[str, list[Transcript]]:
    """Group transcripts by chromosome, ordered by start."""
    groups: dict[str, list[Transcript]] = {}
    for transcript in sorted(transcripts, key=lambda t: (t.start, t.gene)):
        groups.setdefault(transcript.chrom, []).append(transcript)
    return groups
