"""Numbers of a FORMAT field, whatever type its header declares."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def read_whole(raw: Any, field: str) -> NDArray[np.int32] | None:
    """Return whole numbers [sample, value]; negative where missing; None without the field.

    A value that is no number is missing.
    """
    values = raw.format(field)
    if values is None or values.dtype.kind == "i":
        return values  # type: ignore[no-any-return]
    numbers = _from_text(values) if values.dtype.kind != "f" else values
    known = np.isfinite(numbers) & (np.abs(numbers) < 2**31)
    return np.where(known, numbers, -1).astype(np.int32)


def read_real(raw: Any, field: str) -> NDArray[np.float64] | None:
    """Return numbers [sample, value]; NaN where missing; None without the field.

    Only for fields that have no negative values.
    """
    values = raw.format(field)
    if values is None or values.dtype.kind == "f":
        return values  # type: ignore[no-any-return]
    if values.dtype.kind == "i":
        return np.where(values < 0, np.nan, values)
    return _from_text(values)


def _from_text(values: NDArray[Any]) -> NDArray[np.float64]:
    rows = [[_number(part) for part in str(text).split(",")] for text in values.ravel()]
    table = np.full((len(rows), max(map(len, rows), default=0)), np.nan)
    for row, numbers in zip(table, rows, strict=True):
        row[: len(numbers)] = numbers
    return table


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
