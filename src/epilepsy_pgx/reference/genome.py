"""Installed reference bases, for checks of the tables alone, and c. coordinates, for all names.

The checks read the bases and translate apart from the code that reads patients' variants, so that
a table is proved by other arithmetic than that which will read it. Coordinates are 0-based and
half-open unless a name says otherwise.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.rows import CuratedTranscript

COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
_BASES = "TCAG"
_AMINO = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODONS = {
    a + b + c: _AMINO[16 * i + 4 * j + k]
    for i, a in enumerate(_BASES)
    for j, b in enumerate(_BASES)
    for k, c in enumerate(_BASES)
}
THREE = {
    "A": "Ala",
    "R": "Arg",
    "N": "Asn",
    "D": "Asp",
    "C": "Cys",
    "Q": "Gln",
    "E": "Glu",
    "G": "Gly",
    "H": "His",
    "I": "Ile",
    "L": "Leu",
    "K": "Lys",
    "M": "Met",
    "F": "Phe",
    "P": "Pro",
    "S": "Ser",
    "T": "Thr",
    "W": "Trp",
    "Y": "Tyr",
    "V": "Val",
    "*": "Ter",
}


def reverse_complement(bases: str) -> str:
    """Return the other strand."""
    return bases.translate(COMPLEMENT)[::-1]


def is_iupac_free(bases: str) -> bool:
    """Say whether a text is one or more of A, C, G, T."""
    return bool(bases) and not set(bases) - set("ACGT")


@dataclass(frozen=True)
class CodingTranscript:
    """Exons and coding part of one transcript in one build."""

    gene: str
    accession: str
    chrom: str
    strand: str
    exons: tuple[tuple[int, int], ...]
    cds: tuple[int, int]

    def _walked(self) -> list[tuple[int, int]]:
        """Exons in the order of transcription."""
        return list(self.exons) if self.strand == "+" else list(reversed(self.exons))

    def _offset(self, position0: int) -> tuple[int, int]:
        """Return (bases of exon before the anchor, intron offset) of a position.

        The anchor is the position itself in an exon, else the nearer exon's edge; a tie goes to
        the exon before, as HGVS counts.
        """
        before, best = 0, (0, 10**9)
        for start, end in self._walked():
            if start <= position0 < end:
                inside = position0 - start if self.strand == "+" else end - 1 - position0
                return before + inside, 0
            first, last = (start, end - 1) if self.strand == "+" else (end - 1, start)
            sign = 1 if self.strand == "+" else -1
            down, up = (position0 - last) * sign, (first - position0) * sign
            if 0 < down < abs(best[1]):
                best = (before + end - start - 1, down)
            if 0 < up < abs(best[1]):
                best = (before, -up)
            before += end - start
        return best

    @cached_property
    def _coding_ends(self) -> tuple[int, int]:
        """Bases of exon before the first and the last coding base."""
        first, last = self.cds[0], self.cds[1] - 1
        if self.strand != "+":
            first, last = last, first
        return self._offset(first)[0], self._offset(last)[0]

    def coding_name(self, position: int) -> str:
        """Return the HGVS c. coordinate of a 1-based genome position (`430`, `-12`, `*7`, `5+3`).

        Positions outside the transcript count from its nearer end.
        """
        first, last = self._coding_ends
        anchor, intron = self._offset(position - 1)
        if self.exons[0][0] > position - 1 or position > self.exons[-1][1]:
            anchor, intron = anchor + intron, 0
        if anchor < first:
            name = f"-{first - anchor}"
        elif anchor > last:
            name = f"*{anchor - last}"
        else:
            name = str(anchor - first + 1)
        return name if intron == 0 else f"{name}{intron:+d}"


def slices_of(path: Path) -> Iterator[tuple[str, int, str]]:
    """Yield the slices of a file as (chromosome, start, bases)."""
    for block in path.read_text(encoding="ascii", errors="replace").split(">")[1:]:
        head, _, body = block.partition("\n")
        chrom, _, span = head.partition(":")
        first = span.partition("-")[0]
        if first.isdigit():
            yield chrom, int(first) - 1, "".join(body.split()).upper()


@dataclass(frozen=True)
class Genome:
    """What is installed of one build."""

    build: str
    slices: dict[str, list[tuple[int, str]]]
    """(start, bases) by chromosome, sorted."""
    transcripts: dict[str, CodingTranscript]
    """By gene."""

    @classmethod
    def load(
        cls, package: Path, build: str, transcripts: Iterable[CuratedTranscript], skip: str = ""
    ) -> "Genome":
        """Read the slices of a build, but for the file named `skip`."""
        slices: dict[str, list[tuple[int, str]]] = {}
        for path in sorted((package / "sequences" / build).glob("*.fa")):
            if path.name == skip:
                continue
            for chrom, start, bases in slices_of(path):
                slices.setdefault(chrom, []).append((start, bases))
        for parts in slices.values():
            parts.sort()
        known = {
            row.gene: CodingTranscript(
                row.gene,
                row.transcript,
                row.chrom,
                row.strand,
                tuple(sorted(zip(row.exon_starts, row.exon_ends, strict=True))),
                (row.cds_start, row.cds_end),
            )
            for row in transcripts
            if row.build == build and len(row.exon_starts) == len(row.exon_ends)
        }
        return cls(build, slices, known)

    def bases(self, chrom: str, start0: int, end0: int) -> str | None:
        """Return the forward bases of an interval, or None unless all of it is installed."""
        parts = self.slices.get(chrom, [])
        at = bisect_right(parts, (start0, "~")) - 1
        while at >= 0:
            start, bases = parts[at]
            if start <= start0 and end0 <= start + len(bases):
                return bases[start0 - start : end0 - start]
            if start0 - start > 5_000_000:
                break
            at -= 1
        return None

    def coding_sequence(self, gene: str) -> str | None:
        """Return the coding sequence of a gene, or None unless every base is installed."""
        transcript = self.transcripts.get(gene)
        if transcript is None:
            return None
        parts = []
        for start, end in transcript.exons:
            low, high = max(start, transcript.cds[0]), min(end, transcript.cds[1])
            if low < high:
                bases = self.bases(transcript.chrom, low, high)
                if bases is None:
                    return None
                parts.append(bases)
        whole = "".join(parts)
        return whole if transcript.strand == "+" else reverse_complement(whole)


def translate(coding: str) -> str:
    """Translate a coding sequence, one letter a codon, `X` for a codon with an unknown base."""
    return "".join(CODONS.get(coding[i : i + 3], "X") for i in range(0, len(coding) - 2, 3))


def protein_change(coding: str, number: int, base: str) -> str:
    """Return the HGVS p. of a substitution of one coding base.

    Parameters
    ----------
    coding
        Coding sequence from the start codon on.
    number
        1-based coding position.
    base
        The new base on the coding strand.
    """
    changed = coding[: number - 1] + base + coding[number:]
    codon = (number - 1) // 3
    old, new = (CODONS.get(s[3 * codon : 3 * codon + 3], "X") for s in (coding, changed))
    if codon == 0 and old != new:
        return "p.Met1?"
    if old == new:
        return f"p.{THREE.get(old, 'Xaa')}{codon + 1}="
    if old == "*":
        return f"p.Ter{codon + 1}{THREE.get(new, 'Xaa')}ext"
    return f"p.{THREE.get(old, 'Xaa')}{codon + 1}{THREE.get(new, 'Xaa')}"
