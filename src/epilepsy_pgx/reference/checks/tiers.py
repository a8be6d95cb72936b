"""Check of the recommended alleles."""

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.rows import Allele, ReportableTier


@check(
    "tiers-agree",
    "The recommended tiers of alleles are those that the recommendations list.",
    needs=("alleles", "reportable_tiers"),
)
def check_tiers(package: Package) -> Found:
    """Compare `amp_tier` of the alleles with the list, both ways."""
    listed = {(r.gene, r.allele): r for r in package.rows(ReportableTier)}
    for row in package.rows(Allele):
        entry = listed.get((row.gene, row.allele))
        wanted = str(entry.tier) if entry is not None else None
        if row.amp_tier != wanted:
            yield package.problem(
                "tiers-agree",
                "alleles",
                row,
                "amp_tier",
                row.amp_tier,
                f"{wanted or '.'}, as in reportable_tiers.tsv",
                "Correct one of the tables.",
            )
