"""Tables that cannot be understood stop the method with file, line and column."""

from dataclasses import replace

import pytest

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.engine import ResponseEngine

BROKEN = [
    ("drug_rules", "tier"),
    ("drug_rules", "response"),
    ("drug_rules", "origin"),
    ("drug_rules", "priority"),
    ("drug_safety", "tier"),
    ("gene_therapy", "response"),
    ("clinical_context", "tier"),
    ("deciding_genes", "tier_missing"),
    ("drug_interactions", "tier"),
    ("drug_interactions", "victim"),
    ("phenoconversion", "direction"),
    ("phenoconversion", "factor"),
    ("actions", "class"),
    ("action_ranks", "over"),
    ("action_ranks", "when"),
    ("phenotypes", "activity_score"),
    ("drug_rule_conditions", "kind"),
    ("drug_rule_conditions", "operator"),
]


@pytest.mark.parametrize(("table", "column"), BROKEN)
def test_a_broken_table_stops_the_method_with_file_line_and_column(
    reference: Reference, table: str, column: str
) -> None:
    """A word or number that cannot be understood is a user's mistake, never a traceback."""
    broken = Reference(reference.path)
    whole = broken.table(table)
    at = next(i for i, row in enumerate(whole.rows) if row[column] is not None)
    cells = [list(row) for row in whole.cells]
    cells[at][whole.columns.index(column)] = "nonsense"
    broken._cache[table] = replace(whole, cells=tuple(map(tuple, cells)))
    with pytest.raises(TableError) as caught:
        ResponseEngine(broken)
    problem = caught.value.problems[0]
    assert (problem.file, problem.line, problem.column) == (f"{table}.tsv", whole.lines[at], column)
