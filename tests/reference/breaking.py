"""Ways to break the toy package in one place, and what its check must then say."""

from collections.abc import Callable
from pathlib import Path

from epilepsy_pgx.reference.check import run_checks
from tests.toy.package import Row, Tables, toy_tables, write_package

Broken = tuple[str, str, Callable[[Tables], None]]
"""A check, the table in which it finds the fault, and the change that makes it."""


def row(tables: Tables, table: str, **where: str) -> Row:
    """Return the one row with some values."""
    found = [r for r in tables[table] if all(r.get(k) == v for k, v in where.items())]
    assert len(found) == 1
    return found[0]


def change(table: str, where: Row, **values: str) -> Callable[[Tables], None]:
    """Return a change of one row."""

    def apply(tables: Tables) -> None:
        row(tables, table, **where).update(values)

    return apply


def add(table: str, /, **values: str) -> Callable[[Tables], None]:
    """Return the addition of a row."""
    return lambda tables: tables[table].append(values)


def drop(table: str, **where: str) -> Callable[[Tables], None]:
    """Return the removal of a row."""
    return lambda tables: tables[table].remove(row(tables, table, **where))


def ids_of(broken: list[Broken]) -> list[str]:
    """Return a name for each case: its number and its check."""
    return [f"{i}-{b[0]}" for i, b in enumerate(broken)]


def assert_found(folder: Path, broken: Broken) -> None:
    """Break the tables, and see that the check finds it in the table."""
    check, table, breaking = broken
    tables = toy_tables()
    breaking(tables)
    problems = run_checks(write_package(folder / "toy", tables))
    found = [p for p in problems if p.check == check]
    assert found, [str(p) for p in problems]
    assert any(p.file.endswith(f"/{table}.tsv") for p in found)
