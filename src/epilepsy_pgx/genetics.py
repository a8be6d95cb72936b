"""Types for what genetics writes as one word: phase, symbols of VCF, pairs of alleles.

They are frozen, and their text is made and read here alone.
"""

import re
from decimal import Decimal
from enum import StrEnum

from epilepsy_pgx.frozen import dataclass


class Phase(StrEnum):
    """How two variants of one gene lie to each other."""

    TOGETHER = "together"
    """On one chromosome copy, in cis."""
    APART = "apart"
    """On different copies, in trans."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class PhaseSet:
    """One of the two copies of an interval that the input phases."""

    chrom: str
    name: str
    """Of the set; `all` for phase over the whole chromosome."""
    haplotype: int
    """0 or 1, in the order of the genotype."""

    def compare(self, other: "PhaseSet | None") -> Phase:
        """Say how two variants lie to each other: sets of other names are not comparable.

        Examples
        --------
        >>> first = PhaseSet("2", "77", 0)
        >>> first.compare(PhaseSet("2", "77", 1)).value
        'apart'
        >>> first.compare(None).value
        'unknown'
        """
        if other is None or (self.chrom, self.name) != (other.chrom, other.name):
            return Phase.UNKNOWN
        return Phase.TOGETHER if self.haplotype == other.haplotype else Phase.APART


class SymbolicKind(StrEnum):
    """What a symbolic allele of VCF does to its interval."""

    DEL = "DEL"
    DUP = "DUP"
    INS = "INS"
    INV = "INV"
    BND = "BND"
    CNV = "CNV"


SIZED = r"(?:DEL|DUP|CNV|INV|CN\d)"
"""Pattern of the words whose size is the number of reference bases that they span."""
UNSIZED_REACH = 1_000_000
"""Bases behind POS that a segment without a size may have lost, gained or turned."""
_SYMBOLIC = re.compile(rf"<({'|'.join(SymbolicKind)}):END=(\d+)>")


@dataclass(frozen=True, slots=True)
class SymbolicAllele:
    """A structural variant as it is known here: what it does, and up to which base."""

    kind: SymbolicKind
    end: int
    """Last 1-based position."""

    def __str__(self) -> str:
        return f"<{self.kind}:END={self.end}>"

    @classmethod
    def read(cls, alt: str) -> "SymbolicAllele | None":
        """Read the text of an ALT; None unless it is one that this software writes.

        Examples
        --------
        >>> SymbolicAllele.read("<DEL:END=900>").end
        900
        """
        match = _SYMBOLIC.fullmatch(alt)
        return cls(SymbolicKind(match[1]), int(match[2])) if match else None


@dataclass(frozen=True, slots=True)
class Diplotype:
    """The named alleles of a gene, one for each chromosome copy."""

    alleles: tuple[str, ...]
    """Two, unless another place states another number."""

    def __str__(self) -> str:
        return "/".join(self.alleles)

    def __contains__(self, allele: str) -> bool:
        return allele in self.alleles

    @classmethod
    def read(cls, text: str) -> "Diplotype":
        """Read a diplotype as tables and people write it.

        Examples
        --------
        >>> Diplotype.read("*1/*3").alleles
        ('*1', '*3')
        """
        return cls(tuple(text.split("/")))


@dataclass(frozen=True, slots=True)
class SiteGenotype:
    """What two chromosome copies carry at a curated site."""

    site: str
    bases: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.site} {'/'.join(self.bases)}"


@dataclass(frozen=True, slots=True)
class PopulationFrequency:
    """How common a variant is in a population: the highest figure of one source."""

    value: Decimal
    common: bool
    """True from the limit of the tables on. It takes no class and no warning away."""
    version: str = ""
    """Data set and version, of a figure of the tables."""
    date: str = ""
    """Of the data set."""
    field: str = ""
    """INFO field, of a figure of the file."""
    citations: tuple[str, ...] = ()
