"""Tables that cannot be understood stop the method with file, line and column."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.package import Reference, read_table
from epilepsy_pgx.reference.rows import TableRow
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.vocabulary import Tier


class Toy(TableRow, frozen=True):
    """A row of an invented table."""

    TABLE: ClassVar[str] = "drugs"
    tier: Tier
    number: Decimal | None
    whole: int | None
    empty: str | None


def read_toy(path: Path, *cells: str) -> Toy:
    """Read a table of one row."""
    path.write_text("tier\tnumber\twhole\tempty\n" + "\t".join(cells) + "\n")
    (row,) = read_table(path).decode(Toy)
    return row


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ((".", "1.5", "1", "."), "tier"),
        (("acts", "1.5", "1", "."), "tier"),
        (("act", "NaN", "1", "."), "number"),
        (("act", "many", "1", "."), "number"),
        (("act", "1.5", "1.5", "."), "whole"),
        (("act", "1.5", "NaN", "."), "whole"),
    ],
)
def test_a_row_names_file_line_and_column_of_a_value_that_is_wrong(
    tmp_path: Path, cells: tuple[str, ...], column: str
) -> None:
    path = tmp_path / "drugs.tsv"
    good = read_toy(path, "act", "1.5", ".", ".")
    assert (good.tier, good.number, good.whole, good.empty) == (
        Tier.ACT,
        Decimal("1.5"),
        None,
        None,
    )
    with pytest.raises(TableError) as caught:
        read_toy(path, *cells)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column) == ("drugs.tsv", 2, column)
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
    ("planned_matters", "operator"),
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
