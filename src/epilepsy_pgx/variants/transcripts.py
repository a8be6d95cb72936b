"""Exons and coding bases of the transcripts on which variants are named.

All coordinates here are 0-based and half-open, on the forward strand of one build.
"""

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.reference.genome import CodingTranscript
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedTranscript
from epilepsy_pgx.vocabulary import GenomeBuild

COORDINATE = r"[-*]?\d+(?:[+-]\d+)?"
"""How a place is written in a c. description: `430`, `-12`, `*7`, `5+3`."""
_COORDINATE = re.compile(r"([-*]?)([1-9]\d*)([+-][1-9]\d*)?")


@dataclass(frozen=True)
class Transcript:
    """One transcript of one gene in one build."""

    gene: str
    accession: str
    """RefSeq accession with version."""
    ensembl: str | None
    chrom: str
    forward: bool
    """True if the gene is read along the forward strand."""
    exons: tuple[tuple[int, int], ...]
    """(start, end) in genome order."""
    cds_start: int
    cds_end: int
    """Bounds of the coding bases in genome order, stop codon included."""
    spot: tuple[int, int] | None = None
    """The coding exon in which this build's genome lacks or has a base too much, so that from
    there on numbers are not those of the transcript."""

    def has_number(self, position0: int) -> bool:
        """Say whether a position has the number that the transcript gives it."""
        if self.spot is None:
            return True
        return position0 < self.spot[0] if self.forward else position0 >= self.spot[1]

    @cached_property
    def translated(self) -> int:
        """Number of coding bases that are translated: those of the whole codons before the spot."""
        if self.spot is None:
            return self.coding_length
        bases = sum(end - start for start, end in self.coding if self.has_number(start))
        return bases - bases % 3

    def translates(self, start0: int, end0: int) -> bool:
        """Say whether an interval within one exon lies in codons that are translated."""
        ends = (self.coding_index(start0), self.coding_index(end0 - 1))
        return all(index is not None and index < self.translated for index in ends)

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

    def spliced_index(self, start0: int, size: int) -> int | None:
        """Return the place in the joined exons where an interval of one exon begins.

        On the reverse strand it is where the interval ends in genome order, read backwards. None
        if the interval is not within an exon; of no bases, if it is not between two of them.
        """
        done = 0
        end0 = start0 + size
        for low, high in self.exons if self.forward else self.exons[::-1]:
            inside = low <= start0 and end0 <= high if size else low < start0 < high
            if inside:
                return done + (start0 - low if self.forward else high - start0)
            done += high - low
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

    def position_of(self, coordinate: str) -> int | None:
        """Return the genome position that a c. description writes; None if no base has the name.

        A place in an intron is counted from the base beside it, at most over the whole intron:
        beyond its middle another name is usual, but this one is as clear. From a base that lies
        beside no intron nothing can be counted.

        Examples
        --------
        >>> exons = ((10, 16), (26, 32))
        >>> made = Transcript("G", "NM_1.1", None, "1", True, exons, 12, 30)
        >>> [made.position_of(x) for x in ("1", "-2", "*2", "4+1", "4+10", "5-1")]
        [12, 10, 31, 16, 25, 25]
        >>> [made.position_of(x) for x in ("0", "-3", "*3", "9", "4+11", "3+1", "5+1", "*2+1")]
        [None, None, None, None, None, None, None, None]
        """
        match = _COORDINATE.fullmatch(coordinate)
        if match is None:
            return None
        number, step = int(match[2]), int(match[3] or 0)
        if not match[1] and number > self.coding_length:
            return None
        # Before the first coding base comes -1, after the last *1: there is no 0.
        first = {"-": -number, "": number - 1, "*": self.coding_length + number - 1}[match[1]]
        position = self._counted(self.leader + first, step)
        return position if position is not None and self.has_number(position) else None

    def span_of(self, first: str, last: str) -> tuple[int, int] | None:
        """Return the genome positions between two c. coordinates, None if they are none.

        They are written in the order of the transcript.
        """
        one, other = self.position_of(first), self.position_of(last)
        if one is None or other is None:
            return None
        low, high = (one, other) if self.forward else (other, one)
        return (low, high + 1) if low <= high else None

    @cached_property
    def leader(self) -> int:
        """Number of bases before the first coding one."""
        if self.forward:
            return sum(max(0, min(e, self.cds_start) - s) for s, e in self.exons)
        return sum(max(0, e - max(s, self.cds_end)) for s, e in self.exons)

    def _counted(self, index: int, step: int) -> int | None:
        """Return the genome position some bases from a base of the transcript, in its intron."""
        # On the reverse strand a base is named by its mirror image, so that both run upwards.
        exons = self.exons if self.forward else [(-e, -s) for s, e in reversed(self.exons)]
        for number, (start, end) in enumerate(exons):
            if 0 <= index < end - start:
                at = start + index + step
                before = exons[number - 1][1] if number else start
                after = exons[number + 1][0] if number + 1 < len(exons) else end
                inside = step == 0
                inside |= step > 0 and index == end - start - 1 and at < after
                inside |= step < 0 and index == 0 and at >= before
                return (at if self.forward else -at - 1) if inside else None
            index -= end - start
        return None


def _read(row: CuratedTranscript) -> Transcript:
    return Transcript(
        gene=row.gene,
        accession=row.transcript,
        ensembl=row.ensembl,
        chrom=row.chrom,
        forward=row.strand == "+",
        exons=tuple(zip(row.exon_starts, row.exon_ends, strict=True)),
        cds_start=row.cds_start,
        cds_end=row.cds_end,
    )


@lru_cache(maxsize=8)
def load_transcripts(ref: Reference, build: GenomeBuild) -> dict[str, Transcript]:
    """Return the transcript of each gene that has one, by gene, in table order."""
    rows = ref.rows(CuratedTranscript)
    found = {r.gene: _read(r) for r in rows if r.build == build}
    for row in rows:
        one = found.get(row.gene)
        if row.build != build and one is not None and one.coding_length % 3:
            found[row.gene] = replace(one, spot=_spot(one, _read(row)))
    return found


def _spot(one: Transcript, other: Transcript) -> tuple[int, int] | None:
    """Return the first coding exon, as it is read, that is not as long as in the other build."""
    pairs = zip(one.coding_exons, other.coding_exons, strict=False)
    return next((a for a, b in pairs if a[1] - a[0] != b[1] - b[0]), None)


def by_chromosome(transcripts: Iterable[Transcript]) -> dict[str, list[Transcript]]:
    """Group transcripts by chromosome, ordered by start."""
    groups: dict[str, list[Transcript]] = {}
    for transcript in sorted(transcripts, key=lambda t: (t.start, t.gene)):
        groups.setdefault(transcript.chrom, []).append(transcript)
    return groups
