"""How far each gene can be read for rare variants in a build, and what more bases would add."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant, Gene
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import CallMethod


class Extent(StrEnum):
    """How far a gene can be read."""

    WHOLE = "coding bases and splice sites"
    CODING = "coding bases, splice sites not"
    LISTED = "listed variants only"
    NOT = "not read"


@dataclass(frozen=True, slots=True)
class GeneReading:
    """What can be read of one gene."""

    gene: str
    chrom: str | None
    extent: Extent
    listed: int
    """Listed variants."""
    typed: bool
    """True if its bases were typed over, and a fault of them may be ours."""
    has_transcript: bool

    @property
    def gains(self) -> bool:
        """Say whether bases of its chromosome would add to what is read."""
        return self.has_transcript and self.extent is not Extent.WHOLE


def read_genes(ref: Reference, sequences: SequenceSource) -> tuple[GeneReading, ...]:
    """Say of each gene that is read for rare variants how far, in the order of its name."""
    transcripts = load_transcripts(ref, sequences.build)
    listed = Counter(row.gene for row in ref.rows(ClassifiedVariant))
    found = []
    for row in ref.rows(Gene):
        if row.call_method is not CallMethod.RARE_VARIANT:
            continue
        gene = row.gene
        if sequences.covers(gene):
            extent = Extent.WHOLE
        elif gene in sequences.coding_only:
            extent = Extent.CODING
        else:
            extent = Extent.LISTED if listed[gene] else Extent.NOT
        found.append(
            GeneReading(
                gene, row.chrom, extent, listed[gene], gene in sequences.typed, gene in transcripts
            )
        )
    return tuple(sorted(found, key=lambda r: r.gene))


def gained(genes: Sequence[GeneReading], order: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the genes that bases of each chromosome would add, in the order of chromosomes."""
    found = {chrom: tuple(g.gene for g in genes if g.gains and g.chrom == chrom) for chrom in order}
    return {chrom: names for chrom, names in found.items() if names}


def reading_sentence(ref: Reference, sequences: SequenceSource) -> str:
    """Return in one sentence what is read and what one option would add."""
    genes = read_genes(ref, sequences)
    counts = Counter(g.extent for g in genes)
    parts = [
        f"{counts[extent]} {words}"
        for extent, words in (
            (Extent.WHOLE, "base by base"),
            (Extent.CODING, "without splice sites"),
            (Extent.LISTED, "at listed variants only"),
            (Extent.NOT, "not at all"),
        )
        if counts[extent]
    ]
    said = (
        f"{sequences.build.value}: of {len(genes)} genes read for rare variants {', '.join(parts)}"
    )
    more = sum(g.gains for g in genes)
    if not more:
        return f"{said}."
    return (
        f"{said}; --reference-fasta FASTA, or 'epilepsy-pgx reference install' once, "
        f"would add the bases of {more}."
    )


def not_read(ref: Reference, sequences: SequenceSource) -> tuple[str, ...]:
    """Return the genes of which nothing is read, not even a listed variant."""
    return tuple(g.gene for g in read_genes(ref, sequences) if g.extent is Extent.NOT)
