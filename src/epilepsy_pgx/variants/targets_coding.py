"""The genomic regions that have to be read to find rare variants."""

from collections.abc import Iterable
from dataclasses import dataclass

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import CallMethod, GenomeBuild

NO_TRANSCRIPT, NO_SEQUENCE = "no_transcript", "no_sequence"
PADDING = 8
"""Intron bases read on both sides of a coding exon: the splice region."""
WIDE_PADDING = 20
"""Intron padding where the shipped sequence slices cover it."""


@dataclass(frozen=True, slots=True)
class CodingTarget:
    """A coding exon with the bases around it. Coordinates are 0-based and half-open."""

    gene: str
    chrom: str
    start0: int
    end0: int
    exon_number: int
    """1-based among the coding exons, in the order of the transcript."""
    coding_start0: int
    coding_end0: int


def coding_targets(
    ref: Reference,
    build: GenomeBuild,
    genes: Iterable[str] | None = None,
    sequences: SequenceSource | None = None,
) -> tuple[CodingTarget, ...]:
    """Return the coding exons of the genes that have a transcript, in genome order.

    Parameters
    ----------
    ref, build
        Data package and build of the input.
    genes
        Genes wanted; None for all. A gene without a transcript has no target.
    sequences
        What is known of the build's bases, if it is open already: the installed slices decide,
        so that a FASTA changes no target.
    """
    wanted = None if genes is None else frozenset(genes)
    installed = open_sequences(ref, build) if sequences is None else sequences.without_fasta()
    targets = []
    for gene, transcript in load_transcripts(ref, build).items():
        if wanted is not None and gene not in wanted:
            continue
        for number, (start, end) in enumerate(transcript.coding, 1):
            low, high = start - PADDING, end + PADDING
            if installed.fetch(transcript.chrom, start, end) is not None:
                for extra in range(PADDING + 1, WIDE_PADDING + 1):
                    if installed.fetch(transcript.chrom, start - extra, start) is not None:
                        low = start - extra
                    if installed.fetch(transcript.chrom, end, end + extra) is not None:
                        high = end + extra
            targets.append(
                CodingTarget(gene, transcript.chrom, max(0, low), high, number, start, end)
            )
    order = ref.contigs(build).order
    targets.sort(key=lambda t: (order[t.chrom], t.start0, t.gene))
    return tuple(targets)


def unread_genes(
    ref: Reference, coding: Iterable[CodingTarget], sequences: SequenceSource
) -> dict[str, str]:
    """Return the genes whose rare variants cannot be named, each with the reason.

    The reason is `no_transcript` (its exons are in no table) or `no_sequence`.
    """
    held = {target.gene for target in coding}
    unread = {}
    for row in ref.rows(Gene):
        gene = row.gene
        if row.call_method is not CallMethod.RARE_VARIANT:
            continue
        if gene not in held:
            unread[gene] = NO_TRANSCRIPT
        elif not sequences.covers(gene):
            unread[gene] = NO_SEQUENCE
    return unread
