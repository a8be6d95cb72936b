"""The genes as a table, and as sentences where a table would hold dashes."""

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import GeneResult, PatientReport
from epilepsy_pgx.vocabulary import Basis, GeneStatus


@dataclass(frozen=True, slots=True)
class GeneGroups:
    """The genes of a report by how much there is to say of them."""

    deciding: tuple[GeneResult, ...]
    """Genes that decide about a drug."""
    other: tuple[GeneResult, ...]
    """Further genes with a phenotype, a caveat or an open question."""
    plain: tuple[GeneResult, ...]
    """Genes of which a genotype is all there is to say."""
    not_assessed: tuple[GeneResult, ...]
    """Genes of which nothing was read, and nothing more is to say."""


def group_genes(report: PatientReport) -> GeneGroups:
    """Group the genes of a report, each in one group."""
    deciding = {gene for d in report.interpretation.drugs for gene, _ in d.deciding}
    groups: tuple[list[GeneResult], ...] = ([], [], [], [])
    for gene in report.genes:
        if _is_silent(gene):
            groups[3].append(gene)
        elif gene.gene in deciding:
            groups[0].append(gene)
        else:
            groups[2 if _is_plain(gene) else 1].append(gene)
    return GeneGroups(*(tuple(g) for g in groups))


def _is_silent(gene: GeneResult) -> bool:
    return gene.status is GeneStatus.NOT_ASSESSED and not (
        gene.sites_assessed
        or gene.sites
        or gene.caveats
        or gene.undocumented
        or gene.shown
        or gene.alleles_present
        or gene.alleles_absent
        or gene.phenotypes
    )


def _is_plain(gene: GeneResult) -> bool:
    return not (
        gene.phenotypes
        or gene.undocumented
        or gene.not_excluded
        or gene.caveats
        or gene.candidate_count > 1
        or gene.basis != Basis.GENOTYPE
    )
