"""Checks that genes, transcripts and sites are consistent."""

from collections import defaultdict

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.checks.sites import placed_variants

REACH = 100_000
"""Bases outside its region in which a site may still belong to a gene (promoters, shared loci)."""


@check(
    "gene-consistent",
    "A gene's region, chromosome, strand and transcript are those of its transcripts and sites.",
    needs=("genes",),
)
def check_genes(package: Package) -> Found:
    """Compare genes with transcripts and sites in both builds."""
    genes = {r["gene"]: r for r in package.rows("genes")}
    for row in genes.values():
        for build in ("grch38", "grch37"):
            start, end = row[f"{build}_start"], row[f"{build}_end"]
            if (start is None) != (end is None) or int(start or 0) > int(end or 0):
                yield package.problem(
                    "gene-consistent",
                    "genes",
                    row,
                    f"{build}_start",
                    f"{start} to {end}",
                    "a first and a last base",
                    "Correct the region.",
                )
    for row in package.rows("transcripts"):
        gene = genes.get(row["gene"])
        if gene is None:
            continue
        for column in ("transcript", "chrom", "strand"):
            if gene[column] != row[column]:
                yield package.problem(
                    "gene-consistent",
                    "transcripts",
                    row,
                    column,
                    row[column],
                    f"{gene[column]}, as in genes.tsv",
                    "Correct one of them.",
                )
        build = row.need("build").lower()
        low, high = gene[f"{build}_start"], gene[f"{build}_end"]
        starts, ends = row.many("exon_starts"), row.many("exon_ends")
        if low and high and (int(low) > int(starts[0]) + 1 or int(high) < int(ends[-1])):
            yield package.problem(
                "gene-consistent",
                "transcripts",
                row,
                "exon_starts",
                f"exons from {int(starts[0]) + 1} to {ends[-1]}",
                f"exons within {low} to {high}, the gene's region",
                "Correct the region or the exons.",
            )
    for v in placed_variants(package):
        gene = genes.get(v.gene)
        if gene is not None and gene["chrom"] not in (None, v.chrom):
            yield package.problem(
                "gene-consistent",
                v.table,
                v.row,
                "chrom" if "chrom" in v.row else v.column,
                v.chrom,
                f"{gene['chrom']}, the chromosome of {v.gene}",
                "Correct the chromosome.",
            )
    for row in package.rows("sites"):
        gene = genes.get(row["gene"])
        if gene is None or gene["chrom"] is None:
            continue
        for build in ("grch38", "grch37"):
            low, high = gene[f"{build}_start"], gene[f"{build}_end"]
            pos = int(row.need(f"{build}_pos"))
            near = low is None or int(low) - REACH <= pos <= int(high or 0) + REACH
            if not near:
                yield package.problem(
                    "gene-consistent",
                    "sites",
                    row,
                    f"{build}_pos",
                    f"{row['chrom']}:{pos}",
                    f"a position near {row['gene']} ({gene['chrom']}:{low})",
                    "Correct the gene or the position.",
                )


@check(
    "site-kind",
    "A site's kind follows from the lengths of its bases.",
    needs=("sites", "site_alleles"),
)
def check_kind(package: Package) -> Found:
    """Compare `kind` with the bases that are listed."""
    lengths: dict[str | None, set[int]] = defaultdict(set)
    for row in package.rows("site_alleles"):
        lengths[row["site"]].add(len(row.need("allele")))
    for row in package.rows("sites"):
        found = lengths[row["site"]]
        kind = "indel" if len(found) > 1 else "snv" if found == {1} else "mnv"
        if found and row["kind"] != kind:
            yield package.problem(
                "site-kind",
                "sites",
                row,
                "kind",
                row["kind"],
                kind,
                "Correct the kind or the bases.",
            )
