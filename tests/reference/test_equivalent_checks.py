"""The checks of facts that have two columns, and of what cannot wait, find what is wrong."""

from dataclasses import replace

import pytest

from epilepsy_pgx.reference.check import open_package
from epilepsy_pgx.reference.checks.registry import CHECKS, Package
from epilepsy_pgx.reference.package import Reference
from tests.toy.package import Row


def package(reference: Reference, **tables: list[Row]) -> Package:
    """Return the real tables, some of them with other rows."""
    real, _ = open_package(reference.path)
    for name, rows in tables.items():
        made = real.tables[name]
        cells = tuple(tuple(row.get(c, ".") for c in made.columns) for row in rows)
        lines = tuple(range(2, len(cells) + 2))
        real.tables[name] = replace(made, cells=cells, lines=lines)
    return real


def rows_of(reference: Reference, name: str) -> list[Row]:
    table = open_package(reference.path)[0].tables[name]
    return [dict(zip(table.columns, cells, strict=True)) for cells in table.cells]


def found(checked: Package, check: str) -> list[str]:
    return [str(problem.found) for problem in CHECKS[check].run(checked)]


def test_a_pair_that_nobody_declared_is_found(reference: Reference) -> None:
    rows = rows_of(reference, "entry_equivalents")
    assert not found(package(reference), "equivalents-declared")
    for number, row in enumerate(rows):
        if row["words"] == "status" and row["column"] == "seizure_types":
            left = rows[:number] + rows[number + 1 :]
            # Another row declares the pair the other way round.
            left = [r for r in left if r["as_words"] != "status"]
            missing = found(package(reference, entry_equivalents=left), "equivalents-declared")
            assert any("status_epilepticus" in text for text in missing)
            assert any("norse" in text for text in missing)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"words": "stratus"}, "stratus"),
        ({"as_words": "nonsense"}, "nonsense"),
        ({"as_column": "nowhere"}, "status_epilepticus"),
        ({"as_column": "sign", "as_words": "rash"}, "sign"),
    ],
)
def test_words_of_no_column_are_found(
    reference: Reference, change: dict[str, str], wrong: str
) -> None:
    rows = [
        row | change if row["words"] == "status" and row["heard"] == "possible" else row
        for row in rows_of(reference, "entry_equivalents")
    ]
    assert wrong in found(package(reference, entry_equivalents=rows), "equivalents-words")
    assert not found(package(reference), "equivalents-words")


def test_what_sends_to_an_emergency_department_has_its_place(reference: Reference) -> None:
    rows = rows_of(reference, "urgent_order")
    assert not found(package(reference), "urgent-order")
    for text_id in ("context-status", "context-signs-emergency", "action-breathing-now"):
        left = [row for row in rows if row["text_id"] != text_id]
        assert any(
            text_id in text for text in found(package(reference, urgent_order=left), "urgent-order")
        )
    late = [row | {"within": "hours"} for row in rows]
    assert any(
        "context-status" in t for t in found(package(reference, urgent_order=late), "urgent-order")
    )
    lost = [*rows, rows[0] | {"text_id": "nothing"}]
    assert "nothing" in found(package(reference, urgent_order=lost), "urgent-order")
