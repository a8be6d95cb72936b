"""Tables that cannot be understood stop the method with file, line and column."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.package import Reference, read_table
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.vocabulary import Tier


def test_a_row_names_file_line_and_column_of_a_value_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "drugs.tsv"
    path.write_text("tier\tnumber\tempty\nact\t1.5\t.\nacts\tNaN\t.\nacts\tmany\t.\n")
    good, nan, bad = read_table(path)
    assert (good.one_of("tier", Tier), good.decimal("number")) == (Tier.ACT, Decimal("1.5"))
    assert (good.decimal("empty"), good.number("empty")) == (None, None)
    for row, column, ask in [
        (good, "empty", lambda: good.need("empty")),
        (good, "number", lambda: good.number("number")),
        (good, "empty", lambda: good.one_of("empty", Tier)),
        (bad, "tier", lambda: bad.one_of("tier", Tier)),
        (nan, "number", lambda: nan.decimal("number")),
        (bad, "number", lambda: bad.decimal("number")),
    ]:
        with pytest.raises(TableError) as caught:
            ask()
        problem = caught.value.problems[0]
        assert (problem.file, problem.line, problem.column) == ("drugs.tsv", row.line, column)
        assert problem.expected


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
