"""The kinds of condition: every module of `kinds` is one."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules

from epilepsy_pgx.reference.checks.genotypes import Diplotypes
from epilepsy_pgx.reference.conditions import kinds
from epilepsy_pgx.reference.conditions.base import (
    Condition,
    ConditionKind,
    Groups,
    Tables,
    bad_row,
)
from epilepsy_pgx.reference.package import Row


def _find() -> dict[str, ConditionKind]:
    found: dict[str, ConditionKind] = {}
    for module in sorted(iter_modules(kinds.__path__), key=lambda m: m.name):
        kind: ConditionKind = import_module(f"{kinds.__name__}.{module.name}").KIND
        assert kind.name == module.name, f"{module.name}.py holds the kind '{kind.name}'"
        found[kind.name] = kind
    return found


KINDS = _find()
"""Every kind of condition by its word."""


def kind_of(row: Row) -> ConditionKind:
    """Return the kind of a row.

    Raises
    ------
    TableError
        If there is no such kind, or it does not know the operator.
    """
    kind = KINDS.get(row.need("kind"))
    if kind is None:
        raise bad_row(row, "kind", ", ".join(KINDS))
    if row["operator"] not in kind.operators:
        raise bad_row(row, "operator", ", ".join(kind.operators))
    return kind


def compile_condition(row: Row, groups: Groups) -> Condition:
    """Return the question that a row asks.

    Raises
    ------
    TableError
        If the kind, the operator or the value is not one that the method knows.
    """
    return kind_of(row).question(row, groups)


def triggers_of(rows: Iterable[Row], groups: Groups) -> frozenset[str]:
    """Return keys of which a patient must have one for all of some conditions to hold.

    Empty if any patient may meet them.
    """
    for row in rows:
        keys = kind_of(row).triggers(row, groups)
        if keys is not None:
            return keys
    return frozenset()


def problem_of(row: Row, tables: Tables) -> str | None:
    """Return what a condition should be if nothing can meet it, else None."""
    kind = KINDS.get(row["kind"] or "")
    if kind is None:
        return f"a kind of condition: {', '.join(KINDS)}"
    if row["operator"] not in kind.operators:
        return f"an operator of '{kind.name}': {', '.join(sorted(kind.operators))}"
    if row["operator"] == "is" and len(row.many("value")) > 1:
        return "one value, or the operator any_of"
    return kind.problem(row, tables)


def diplotypes_of(row: Row, table: Diplotypes) -> set[int] | None:
    """Return the diplotypes of a gene for which a row holds; None if they do not decide."""
    kind = KINDS.get(row["kind"] or "")
    return None if kind is None else kind.diplotypes(row, table)


def is_genotypic(row: Row) -> bool:
    """Say whether a row is answered by the star alleles of a gene."""
    kind = KINDS.get(row["kind"] or "")
    return kind is not None and kind.genotypic


def is_negative(row: Row) -> bool:
    """Say whether a row waits for a negative or normal result."""
    kind = KINDS.get(row["kind"] or "")
    return kind is not None and kind.negative(row)


def matching(rows: Iterable[Row], table: Diplotypes) -> set[int]:
    """Return the diplotypes of a gene that meet all of some conditions on it."""
    left = set(range(len(table.names)))
    for row in rows:
        hits = diplotypes_of(row, table)
        if hits is not None:
            left &= hits
    return left
