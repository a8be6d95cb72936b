"""Take back the results of a sample that failed a check."""

from collections.abc import Mapping

from epilepsy_pgx.model import GeneCoverage, GeneResult
from epilepsy_pgx.vocabulary import Basis, GeneStatus


def withdraw_results(results: Mapping[str, GeneResult]) -> dict[str, GeneResult]:
    """Return the genes without their results.

    The genome may be another person's, so nothing of it may be used. What a laboratory typed
    as present stays, since it only ever warns; what it found absent goes, since it reassures.
    """
    withdrawn = {}
    for gene, r in results.items():
        typed = r.alleles_present if r.basis == Basis.TYPING else ()
        withdrawn[gene] = GeneResult(
            gene=gene,
            status=GeneStatus.PARTIAL if typed else GeneStatus.NOT_REPORTABLE,
            basis=r.basis if typed else Basis.NONE,
            diplotypes=(),
            candidate_count=0,
            phenotypes=(),
            activity_scores=(),
            alleles_present=typed,
            sites_total=r.sites_total,
        )
    return withdrawn


def withdraw_coverage(coverage: Mapping[str, GeneCoverage]) -> dict[str, GeneCoverage]:
    """Return the genes read for rare variants as if they had not been read."""
    return {
        gene: GeneCoverage(gene, c.transcript, GeneStatus.NOT_REPORTABLE, "coverage-not-reportable")
        for gene, c in coverage.items()
    }
