"""Reportable range: every allele that the tables define, in both builds, and nothing unread."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from epilepsy_pgx.calling.definitions import GeneDefinition, define_gene
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.validation.calls import (
    FORMAT,
    VcfText,
    call_file,
    contig_lines,
    pairs_of,
    record,
    shown,
)
from epilepsy_pgx.validation.checks import Check, Comparison, judge, verdict_of
from epilepsy_pgx.variants.sites import SiteList
from epilepsy_pgx.vocabulary import CallMethod, GenomeBuild

LIMIT = "the allele is among the candidates beside the usual one, for every allele"


def definitions(ref: Reference, build: GenomeBuild) -> Iterator[tuple[GeneDefinition, SiteList]]:
    """Yield the genes that have named alleles at positions."""
    sites = load_targets(ref, build).sites
    for row in ref.rows(Gene):
        if row.call_method is CallMethod.DIPLOTYPE:
            definition = define_gene(ref, sites, row.gene)
            if definition.rows:
                yield definition, sites


@lru_cache(maxsize=4)
def allele_file(ref: Reference, build: GenomeBuild) -> VcfText:
    """Return a phased VCF: a sample for each allele, beside the usual allele of its gene."""
    found = list(definitions(ref, build))
    names = [sample_name(d.gene, a) for d, _ in found for a in d.alleles]
    rows: dict[tuple[int, int, str], tuple[str, ...]] = {}
    order = ref.contigs(build).order
    for definition, sites in found:
        for column, row in enumerate(definition.rows):
            site = sites.sites[row]
            usual = site.alleles[definition.wild_type_code[column]]
            pairs = [(usual, usual)] * len(names)
            for i, allele in enumerate(definition.alleles):
                base = site.alleles[int(definition.permits[i, column].argmax())]
                pairs[names.index(sample_name(definition.gene, allele))] = (usual, base)
            rows[order[site.chrom], site.pos, site.name] = record(site, pairs)
    head = ("##fileformat=VCFv4.2", FORMAT, *contig_lines(ref, build))
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split()
    return VcfText(head, (*columns, *names), tuple(rows[key] for key in sorted(rows)))


def sample_name(gene: str, allele: str) -> str:
    """Return the sample that carries an allele."""
    return f"{gene}:{allele}".replace(" ", "_")


def check_range(ref: Reference, folder: Path) -> tuple[list[Check], list[Comparison]]:
    """Call each allele in both builds."""
    checks, compared = [], []
    for build in GenomeBuild:
        path = folder / f"alleles.{build.value}.vcf"
        path.write_text(str(allele_file(ref, build)), encoding="utf-8")
        calls = call_file(path, build, ref)
        for definition, _ in definitions(ref, build):
            check = f"range-{definition.gene}-{build.value}"
            own = [
                _compare(
                    check, definition, a, calls[sample_name(definition.gene, a), definition.gene]
                )
                for a in definition.alleles
            ]
            title = f"Every allele of {definition.gene} that the tables define, {build.value}"
            outside = ", ".join(definition.structural)
            more = f"; outside the range, structural: {outside}" if outside else ""
            checks.append(judge((check, "reportable range", title), LIMIT, own, more))
            compared += own
    return checks, compared


def _compare(check: str, of: GeneDefinition, allele: str, result: GeneResult) -> Comparison:
    """Judge one allele."""
    usual = of.reported_as[of.wild_type]
    wanted = "/".join(sorted((usual, of.reported_as[allele])))
    found = wanted in pairs_of(result)
    return Comparison(check, f"{of.gene} {allele}", wanted, shown(result), verdict_of(found))
