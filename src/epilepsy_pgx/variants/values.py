"""Numbers of a FORMAT field, whatever type its header declares."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

END_OF_LIST = -(2**31) + 1
"""What fills the row of a sample that has fewer values than another (the BCF specification)."""
_END_OF_REALS = 0x7F800002
"""The same among real numbers, as bits."""


def read_whole(raw: Any, field: str) -> NDArray[np.int32] | None:
    """Return whole numbers [sample, value]; negative where missing; None without the field.

    A value that is no number is missing. Rows are filled up with `END_OF_LIST`.
    """
    values = raw.format(field)
    if values is None or values.dtype.kind == "i":
        return values  # type: ignore[no-any-return]
    if values.dtype.kind == "f":
        numbers, ended = values, values.view(np.int32) == _END_OF_REALS
    else:
        numbers = _from_text(values)
        ended = np.isneginf(numbers)
    known = np.isfinite(numbers) & (np.abs(numbers) < 2**31 - 1)
    whole = np.where(known, numbers, -1).astype(np.int32)
    return np.where(ended, np.int32(END_OF_LIST), whole)


def count_values(values: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return how many values each sample has of its own, missing ones among them."""
    return np.asarray((values != END_OF_LIST).sum(axis=1), np.intp)


def read_real(raw: Any, field: str) -> NDArray[np.float64] | None:
    """Return numbers [sample, value]; NaN where missing; None without the field.

    Only for fields that have no negative values.
    """
    values = raw.format(field)
    if values is None or values.dtype.kind == "f":
        return values  # type: ignore[no-any-return]
    if values.dtype.kind == "i":
        return np.where(values < 0, np.nan, values)
    numbers = _from_text(values)
    return np.where(np.isneginf(numbers), np.nan, numbers)


def _from_text(values: NDArray[Any]) -> NDArray[np.float64]:
    rows = [[_number(part) for part in str(text).split(",")] for text in values.ravel()]
    table = np.full((len(rows), max(map(len, rows), default=0)), -np.inf)
    for row, numbers in zip(table, rows, strict=True):
        row[: len(numbers)] = numbers
    return table


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
