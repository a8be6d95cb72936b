"""Results of the genes of a VCF, by sample: the path that every patient takes."""

from collections.abc import Collection
from pathlib import Path

from epilepsy_pgx.calling.genes import call_genes
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.sites import Site
from epilepsy_pgx.vocabulary import GenomeBuild

FORMAT = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'
Calls = dict[tuple[str, str], GeneResult]
"""By sample and gene."""


def call_file(
    path: Path, build: GenomeBuild, ref: Reference, genes: Collection[str] | None = None
) -> Calls:
    """Call the genes of each sample of a file."""
    targets = load_targets(ref, build).without_rare_variants()
    store = extract_group([path], None, None, targets, ref, Thresholds()).store
    found = call_genes(store, ref, None if genes is None else sorted(genes))
    return {
        (sample, gene): calls.results[calls.member[column]]
        for column, sample in enumerate(store.samples)
        for gene, calls in found.items()
    }


def pairs_of(result: GeneResult) -> frozenset[str]:
    """Return the candidates of a result, each with its alleles in order."""
    return frozenset(_pair(d.alleles) for d in result.diplotypes)


def read_pairs(text: str) -> frozenset[str]:
    """Return the candidates that a table names, as `pairs_of` does."""
    return frozenset(_pair(p.split("/")) for p in text.split("|"))


def _pair(alleles: Collection[str]) -> str:
    return "/".join(sorted(alleles))


def shown(result: GeneResult) -> str:
    """Return a result in words: candidates and phenotypes."""
    pairs = " or ".join(result.shown) or "no result"
    return f"{pairs}, {' or '.join(result.phenotypes)}" if result.phenotypes else pairs


@dataclass(frozen=True, slots=True)
class VcfText:
    """A VCF whose header and records can be written in other ways."""

    head: tuple[str, ...]
    """The `##` lines."""
    columns: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]
    """Cells of each record."""

    @classmethod
    def read(cls, text: str) -> "VcfText":
        """Split a text into its lines and cells."""
        lines = text.splitlines()
        head = tuple(x for x in lines if x.startswith("##"))
        names, *rest = (tuple(x.split("\t")) for x in lines[len(head) :] if x)
        return cls(head, names, tuple(rest))

    def __str__(self) -> str:
        rows = ("\t".join(cells) for cells in (self.columns, *self.records))
        return "\n".join([*self.head, *rows]) + "\n"


def contig_lines(ref: Reference, build: GenomeBuild) -> list[str]:
    """Return the declarations of a build's contigs."""
    return [f"##contig=<ID={c},length={n}>" for c, n in ref.contigs(build).lengths.items()]


def record(site: Site, genotypes: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return the phased record of a site, from the bases of both copies of each sample."""
    alts = sorted({b for pair in genotypes for b in pair} - {site.ref})
    listed = [site.ref, *alts]
    cells = [f"{listed.index(a)}|{listed.index(b)}" for a, b in genotypes]
    place = (site.chrom, str(site.pos), ".", site.ref, ",".join(alts) or ".")
    return (*place, ".", "PASS", ".", "GT", *cells)
