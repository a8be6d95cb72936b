"""The kinds of condition: every module of `kinds` is one."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, NamedTuple

from epilepsy_pgx.reference.conditions import kinds
from epilepsy_pgx.reference.conditions.base import Condition, ConditionKind, Groups, Tables, bad_row
from epilepsy_pgx.reference.rows import RuleCondition

if TYPE_CHECKING:
    from epilepsy_pgx.reference.checks.genotypes import Diplotypes


def _find() -> dict[str, ConditionKind]:
    found: dict[str, ConditionKind] = {}
    for module in sorted(iter_modules(kinds.__path__), key=lambda m: m.name):
        kind: ConditionKind = import_module(f"{kinds.__name__}.{module.name}").KIND
        assert kind.name == module.name, f"{module.name}.py holds the kind '{kind.name}'"
        found[kind.name] = kind
    return found


KINDS = _find()
"""Every kind of condition by its word."""


def kind_of(row: RuleCondition) -> ConditionKind:
    """Return the kind of a row.

    Raises
    ------
    TableError
        If there is no such kind, it does not know the operator, or there is no value to compare
        with.
    """
    fault = _fault_of_form(row)
    if fault is not None:
        raise bad_row(row, *fault)
    return KINDS[row.kind]


def compile_condition(row: RuleCondition, groups: Groups) -> Condition:
    """Return the question that a row asks.

    Raises
    ------
    TableError
        If the kind, the operator or the value is not one that the method knows.
    """
    return kind_of(row).question(row, groups)


def triggers_of(rows: Iterable[RuleCondition], groups: Groups) -> frozenset[str]:
    """Return keys of which a patient must have one for all of some conditions to hold.

    Empty if any patient may meet them.
    """
    for row in rows:
        keys = kind_of(row).triggers(row, groups)
        if keys is not None:
            return keys
    return frozenset()


class Fault(NamedTuple):
    """What is wrong with a condition."""

    column: str
    expected: str


def _fault_of_form(row: RuleCondition) -> Fault | None:
    """Return what is wrong with the form of a row, which can be said without other tables."""
    kind = KINDS.get(row.kind)
    if kind is None:
        return Fault("kind", f"a kind of condition: {', '.join(KINDS)}")
    if row.operator not in kind.operators:
        return Fault("operator", f"an operator of '{kind.name}': {', '.join(kind.operators)}")
    if not row.subject:
        return Fault("subject", kind.subject)
    valueless = row.operator in kind.valueless
    if valueless and row.compared is not None:
        return Fault("value", f"no value: '{row.operator}' compares with none")
    if not valueless and not all(row.value or ("",)):
        return Fault("value", kind.value)
    return None


def problem_of(row: RuleCondition, tables: Tables) -> Fault | None:
    """Return what a condition should be if nothing can meet it, else None."""
    fault = _fault_of_form(row)
    if fault is not None:
        return fault
    kind = KINDS[row.kind]
    expected = kind.lost_subject(row, tables)
    if expected is not None:
        return Fault("subject", expected)
    if row.operator == "is" and len(row.value) > 1:
        several = "any_of" in kind.operators
        return Fault("value", "one value, or the operator any_of" if several else "one value")
    expected = kind.problem(row, tables)
    if expected is not None:
        return Fault("value", expected)
    if row.if_missing == "possible" and not kind.heeds_missing:
        heeding = " and ".join(k.name for k in KINDS.values() if k.heeds_missing)
        return Fault("if_missing", f"no: only {heeding} ask of what an entry may leave open")
    return None


def diplotypes_of(row: RuleCondition, table: "Diplotypes") -> set[int] | None:
    """Return the diplotypes of a gene for which a row holds; None if they do not decide."""
    kind = KINDS.get(row.kind)
    return None if kind is None else kind.diplotypes(row, table)


def is_genotypic(row: RuleCondition) -> bool:
    """Say whether a row is answered by the star alleles of a gene."""
    kind = KINDS.get(row.kind)
    return kind is not None and kind.genotypic


def is_negative(row: RuleCondition) -> bool:
    """Say whether a row waits for a negative or normal result."""
    kind = KINDS.get(row.kind)
    return kind is not None and kind.negative(row)


def matching(rows: Iterable[RuleCondition], table: "Diplotypes") -> set[int]:
    """Return the diplotypes of a gene that meet all of some conditions on it."""
    left = set(range(len(table.names)))
    for row in rows:
        hits = diplotypes_of(row, table)
        if hits is not None:
            left &= hits
    return left
