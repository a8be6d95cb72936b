"""Checks that genes, transcripts and sites are consistent."""

from collections import defaultdict
from collections.abc import Mapping

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.checks.variants import placed_variants
from epilepsy_pgx.reference.rows import CisMember, CuratedSite, CuratedTranscript, Gene, SiteAllele
from epilepsy_pgx.vocabulary import GenomeBuild

REACH = 100_000
"""Bases outside its region in which a site may still belong to a gene (promoters, shared loci)."""


@check(
    "gene-consistent",
    "A gene's region, chromosome, strand and transcript are those of its transcripts and sites.",
    needs=("genes",),
)
def check_genes(package: Package) -> Found:
    """Compare genes with transcripts and sites in both builds."""
    genes = {r.gene: r for r in package.rows(Gene)}
    yield from _check_regions(package, genes)
    yield from _check_transcripts(package, genes)
    for v in placed_variants(package):
        gene = genes.get(v.gene)
        if gene is not None and gene.chrom not in (None, v.chrom):
            yield package.problem(
                "gene-consistent",
                v.table,
                v.row,
                v.column if isinstance(v.row, CisMember) else "chrom",
                v.chrom,
                f"{gene.chrom}, the chromosome of {v.gene}",
                "Correct the chromosome.",
            )
    yield from _check_sites(package, genes)


def _check_regions(package: Package, genes: Mapping[str, Gene]) -> Found:
    """Look for regions that lack an end or run backwards."""
    for row in genes.values():
        for build in GenomeBuild:
            start, end = row.bounds(build)
            if (start is None) != (end is None) or (start or 0) > (end or 0):
                yield package.problem(
                    "gene-consistent",
                    "genes",
                    row,
                    f"{build.prefix}_start",
                    f"{start} to {end}",
                    "a first and a last base",
                    "Correct the region.",
                )


def _check_transcripts(package: Package, genes: Mapping[str, Gene]) -> Found:
    """Compare each transcript with its gene."""
    for row in package.rows(CuratedTranscript):
        gene = genes.get(row.gene)
        if gene is None:
            continue
        for column, there, here in (
            ("transcript", gene.transcript, row.transcript),
            ("chrom", gene.chrom, row.chrom),
            ("strand", gene.strand, row.strand),
        ):
            if there != here:
                yield package.problem(
                    "gene-consistent",
                    "transcripts",
                    row,
                    column,
                    here,
                    f"{there}, as in genes.tsv",
                    "Correct one of them.",
                )
        low, high = gene.bounds(row.build)
        first, last = row.exon_starts[0] + 1, row.exon_ends[-1]
        if low is not None and high is not None and (low > first or high < last):
            yield package.problem(
                "gene-consistent",
                "transcripts",
                row,
                "exon_starts",
                f"exons from {first} to {last}",
                f"exons within {low} to {high}, the gene's region",
                "Correct the region or the exons.",
            )


def _check_sites(package: Package, genes: Mapping[str, Gene]) -> Found:
    """Look for sites far from their gene."""
    for row in package.rows(CuratedSite):
        gene = genes.get(row.gene)
        if gene is None or gene.chrom is None:
            continue
        for build in GenomeBuild:
            low, high = gene.bounds(build)
            pos, _ = row.place(build)
            if low is not None and not low - REACH <= pos <= (high or 0) + REACH:
                yield package.problem(
                    "gene-consistent",
                    "sites",
                    row,
                    f"{build.prefix}_pos",
                    f"{row.chrom}:{pos}",
                    f"a position near {row.gene} ({gene.chrom}:{low})",
                    "Correct the gene or the position.",
                )


@check(
    "site-kind",
    "A site's kind follows from the lengths of its bases.",
    needs=("sites", "site_alleles"),
)
def check_kind(package: Package) -> Found:
    """Compare `kind` with the bases that are listed."""
    lengths: dict[str, set[int]] = defaultdict(set)
    for row in package.rows(SiteAllele):
        lengths[row.site].add(len(row.allele))
    for site in package.rows(CuratedSite):
        found = lengths[site.site]
        kind = "indel" if len(found) > 1 else "snv" if found == {1} else "mnv"
        if found and site.kind != kind:
            yield package.problem(
                "site-kind",
                "sites",
                site,
                "kind",
                site.kind,
                kind,
                "Correct the kind or the bases.",
            )
