"""The plain tables of `call`, `annotate` and `sites`."""

from collections.abc import Iterator, Sequence

from epilepsy_pgx.calling.findings import make_findings
from epilepsy_pgx.calling.genes import call_genes, site_call
from epilepsy_pgx.calling.undocumented import withdraw_normal
from epilepsy_pgx.pipeline.extract import Extraction, Targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.tables import (
    GENE_COLUMNS,
    VARIANT_COLUMNS,
    cell,
    finding_cells,
    gene_cells,
)
from epilepsy_pgx.variants.annotate import annotate_sites
from epilepsy_pgx.vocabulary import Sex

SITE_COLUMNS = (
    "sample_id", "gene", "site", "chrom", "pos", "alleles", "depth", "quality", "status", "reason",
)


def list_genes(
    extraction: Extraction, ref: Reference, names: Sequence[str] | None = None
) -> Iterator[tuple[str, ...]]:
    """Yield a row per sample and gene, samples in file order."""
    calls = call_genes(extraction.store, ref)
    keys = sorted({c.key for c in extraction.undocumented})
    annotations = annotate_sites(
        keys, extraction.targets.build, ref, extraction.targets.sequences
    )
    carried: dict[int, list[int]] = {}
    for number, carriers in enumerate(extraction.undocumented):
        for column in carriers.columns:
            carried.setdefault(column, []).append(number)
    plain: dict[tuple[str, int, tuple[int, ...]], tuple[str, ...]] = {}
    for column, sample in enumerate(names or extraction.store.samples):
        novel: dict[str, tuple[int, ...]] = {}
        for n in carried.get(column, ()):
            gene = extraction.undocumented[n].gene
            novel[gene] = (*novel.get(gene, ()), n)
        for gene, call in calls.items():
            number, extra = int(call.member[column]), novel.get(gene, ())
            if (gene, number, extra) not in plain:
                variants = [extraction.undocumented[n] for n in extra]
                one = withdraw_normal({gene: call.results[number]}, variants, annotations)[gene]
                plain[gene, number, extra] = gene_cells("", one)[1:]
            yield (sample, *plain[gene, number, extra])


def list_variants(
    extraction: Extraction, ref: Reference, sexes: Sequence[Sex | None] | None = None
) -> Iterator[tuple[str, ...]]:
    """Yield a row per sample, variant and gene for the genes that are read for variants."""
    keys = sorted({v.key for v in extraction.observed})
    annotations = annotate_sites(
        keys, extraction.targets.build, ref, extraction.targets.sequences
    )
    for column, sample in enumerate(extraction.store.samples):
        mine = [v for v in extraction.observed if v.sample == column]
        sex = sexes[column] if sexes else None
        for finding in make_findings(mine, annotations, {}, sex):
            yield finding_cells(sample, finding)


def list_sites(extraction: Extraction) -> Iterator[tuple[str, ...]]:
    """Yield a row per sample and curated site: what the file says there, and why."""
    store = extraction.store
    for column, sample in enumerate(store.samples):
        for row in range(len(store.sites)):
            call = site_call(store, row, column)
            yield tuple(
                cell(v)
                for v in (
                    sample, call.gene, call.site, call.chrom, call.pos,
                    ("|" if call.phased else "/").join(call.alleles), call.depth, call.quality,
                    call.status.value, call.reason,
                )
            )


def positions_bed(targets: Targets, prefix: str) -> Iterator[str]:
    """Yield BED lines of every position that has to be called so that nothing is missing."""
    for site in targets.sites.sites:
        yield f"{prefix}{site.chrom}\t{site.pos - 1}\t{site.end}\t{site.gene}:{site.name}\n"
    for target in targets.coding:
        if target.gene in targets.rare_genes:
            name = f"{target.gene}:coding_exon_{target.exon_number}"
            yield f"{prefix}{target.chrom}\t{target.start0}\t{target.end0}\t{name}\n"


def positions_vcf(targets: Targets, prefix: str, lengths: dict[str, int]) -> Iterator[str]:
    """Yield a sites-only VCF of the curated alleles, to force-call them."""
    build = targets.build.value
    yield "##fileformat=VCFv4.2\n"
    for chrom, length in lengths.items():
        yield f"##contig=<ID={prefix}{chrom},length={length},assembly={build}>\n"
    yield '##INFO=<ID=GENE,Number=1,Type=String,Description="Gene">\n'
    yield "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    for site in targets.sites.sites:
        alts = [a for a in site.alleles if a != site.ref]
        name = site.name if site.name.startswith("rs") else "."
        yield (
            f"{prefix}{site.chrom}\t{site.pos}\t{name}\t{site.ref}\t{','.join(alts) or '.'}"
            f"\t.\t.\tGENE={site.gene}\n"
        )


__all__ = [
    "GENE_COLUMNS", "SITE_COLUMNS", "VARIANT_COLUMNS", "cell", "finding_cells",
    "gene_cells", "list_genes", "list_sites", "list_variants", "positions_bed", "positions_vcf",
]
