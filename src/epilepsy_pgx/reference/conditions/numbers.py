"""Comparing with numbers, for the kinds that do."""

from collections.abc import Callable
from decimal import Decimal

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.conditions.base import bad_row
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.reference.schema import to_decimal

NUMERIC = ("is", "at_most", "at_least", "less_than", "more_than", "between")
"""Operators that compare with numbers."""


def number_test(row: RuleCondition) -> Callable[[Decimal], bool]:
    """Return the comparison that a row makes.

    Raises
    ------
    TableError
        If its values are not the numbers that its operator compares with.
    """
    bounds = [n for n in map(to_decimal, row.value) if n is not None]
    if len(bounds) < len(row.value):
        raise bad_row(row, "value", "numbers")
    match (row.operator, bounds):
        case ("is", [_, *_]):
            return lambda number: number in bounds
        case ("at_most", [limit]):
            return lambda number: number <= limit
        case ("at_least", [limit]):
            return lambda number: number >= limit
        case ("less_than", [limit]):
            return lambda number: number < limit
        case ("more_than", [limit]):
            return lambda number: number > limit
        case ("between", [low, high]) if low <= high:
            return lambda number: low <= number <= high
    raise bad_row(row, "value", f"the numbers of '{row.operator}'")


def number_problem(row: RuleCondition) -> str | None:
    """Return what the values of a row should be if they cannot be compared with, else None."""
    try:
        number_test(row)
    except TableError as error:
        return error.problems[0].expected
    return None
