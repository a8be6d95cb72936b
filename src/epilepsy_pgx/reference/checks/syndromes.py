"""Check that no word for a syndrome is silent without saying so."""

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.rows import RuleCondition, Syndrome


@check(
    "syndrome-declared",
    "A word for a syndrome says whether a rule asks for it, a source was read or none was.",
    needs=("drug_rule_conditions",),
)
def check_syndromes(package: Package) -> Found:
    """Compare the column `drug_statement` with the conditions of the rules."""
    asked = {
        word
        for row in package.rows(RuleCondition)
        if (row.kind, row.about) == ("clinical", "syndrome")
        for word in row.value
    }
    for row in package.rows(Syndrome):
        if (row.drug_statement == "rows") != (row.syndrome in asked):
            yield package.problem(
                "syndrome-declared",
                "syndromes",
                row,
                "drug_statement",
                row.drug_statement,
                "'rows' for a word that a rule asks for, and for no other",
                "Correct the declaration, or write the rule.",
            )
        elif row.drug_statement == "none_read" and not row.citations:
            yield package.problem(
                "syndrome-declared",
                "syndromes",
                row,
                "citations",
                "none",
                "the source that was read and says nothing about drugs",
                "Add its key, or write 'not_read'.",
            )
