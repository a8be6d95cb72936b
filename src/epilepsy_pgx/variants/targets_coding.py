"""The genomic regions that have to be read to find rare variants."""

from collections.abc import Iterable

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.variants.equivalent import NEAR
from epilepsy_pgx.variants.evidence import load_evidence
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import CallMethod, Classification, GenomeBuild

NO_TRANSCRIPT, NO_SEQUENCE = "no_transcript", "no_sequence"
CODING_ONLY = "splice_sites_unread"
"""The coding bases of a gene are known, its splice sites are not."""
PADDING = 8
"""Intron bases read on both sides of a coding exon: the splice region."""
WIDE_PADDING = 20
"""Intron padding where the shipped sequence slices cover it."""


PATHOGENIC = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)
"""Classes of the listed variants that are counted where they were read and are absent."""


@dataclass(frozen=True, slots=True)
class CodingTarget:
    """A coding exon, or a listed variant elsewhere, with the bases around it.

    Coordinates are 0-based and half-open.
    """

    gene: str
    chrom: str
    start0: int
    end0: int
    exon_number: int
    """1-based among the coding exons, in the order of the transcript; 0 for a listed variant that
    is counted by itself."""
    coding_start0: int
    coding_end0: int
    """Bounds of what has to be read: the coding part of the exon, or the variant's own bases."""


def coding_targets(
    ref: Reference,
    build: GenomeBuild,
    genes: Iterable[str] | None = None,
    sequences: SequenceSource | None = None,
) -> tuple[CodingTarget, ...]:
    """Return what is read of each gene, in genome order.

    The coding exons of the genes that have a transcript, and each listed variant outside them:
    in introns, untranslated ends and exons of other transcripts. Of a gene without bases each
    listed pathogenic variant inside them too, for these are all that can be looked for.

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
    targets += _listed_targets(ref, build, targets, wanted, installed)
    order = ref.contigs(build).order
    targets.sort(key=lambda t: (order[t.chrom], t.start0, t.gene))
    return tuple(targets)


def _listed_targets(
    ref: Reference,
    build: GenomeBuild,
    exons: Iterable[CodingTarget],
    wanted: frozenset[str] | None,
    installed: SequenceSource,
) -> list[CodingTarget]:
    """Return the listed variants that are counted by themselves.

    One base more on each side is read, where a record may have its anchor; behind a change of
    length as many as its spelling may move in a repeat.
    """
    known = installed.covered | installed.coding_only
    coding: dict[str, list[tuple[int, int]]] = {}
    for target in exons:
        coding.setdefault(target.gene, []).append((target.coding_start0, target.coding_end0))
    found: dict[tuple[str, str, int, int], int] = {}
    for (chrom, pos, bases, changed), rows in load_evidence(ref, build).listed.items():
        start, end = pos - 1, pos - 1 + len(bases)
        for gene in {row.gene for row in rows}:
            inside = any(low <= start and end <= high for low, high in coding.get(gene, ()))
            causal = any(r.gene == gene and r.classification in PATHOGENIC for r in rows)
            alone = not inside or (causal and gene not in known)
            if alone and (wanted is None or gene in wanted):
                beyond = NEAR if len(bases) != len(changed) and not inside else 1
                place = gene, chrom, start, end
                found[place] = max(beyond, found.get(place, 0))
    return [
        CodingTarget(gene, chrom, max(0, start - 1), end + beyond, 0, start, end)
        for (gene, chrom, start, end), beyond in found.items()
    ]


def unread_genes(
    ref: Reference, coding: Iterable[CodingTarget], sequences: SequenceSource
) -> dict[str, str]:
    """Return the genes whose rare variants cannot be named, each with the reason.

    The reason is `no_transcript` (its exons are in no table), `no_sequence`, or
    `splice_sites_unread` (its coding bases are read, its splice sites are not).
    """
    held = {target.gene for target in coding if target.exon_number}
    unread = {}
    for row in ref.rows(Gene):
        gene = row.gene
        if row.call_method is not CallMethod.RARE_VARIANT:
            continue
        if gene not in held:
            unread[gene] = NO_TRANSCRIPT
        elif not sequences.covers(gene):
            unread[gene] = CODING_ONLY if gene in sequences.coding_only else NO_SEQUENCE
    return unread
