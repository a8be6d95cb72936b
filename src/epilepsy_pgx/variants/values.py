"""Numbers of a FORMAT field, whatever type its header declares."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NO_INTEGER = -(2**31) + 8
"""Up to here, whole numbers of BCF mean that a value is missing or that the list has ended."""


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


def read_numbers(raw: Any, field: str) -> NDArray[np.float64] | None:
    """Return numbers [sample, value]; NaN where missing; None without the field."""
    values = raw.format(field)
    if values is None:
        return None
    if values.dtype.kind == "i":
        return np.where(values <= _NO_INTEGER, np.nan, values)
    numbers = values.astype(np.float64) if values.dtype.kind == "f" else _from_text(values)
    return np.where(np.abs(numbers) < 2**31, numbers, np.nan)


def read_real(raw: Any, field: str) -> NDArray[np.float64] | None:
    """Return numbers [sample, value]; NaN where missing; None without the field.

    Only for fields that have no negative values.
    """
    numbers = read_numbers(raw, field)
    return None if numbers is None else np.where(numbers < 0, np.nan, numbers)


def _from_text(values: NDArray[Any]) -> NDArray[np.float64]:
    rows = [[read_number(part) for part in str(text).split(",")] for text in values.ravel()]
    table = np.full((len(rows), max(map(len, rows), default=0)), np.nan)
    for row, numbers in zip(table, rows, strict=True):
        row[: len(numbers)] = numbers
    return table


def read_number(text: str) -> float:
    """Read a number, in per cent if it says so; NaN if it is none."""
    text, scale = (text.strip()[:-1], 0.01) if text.strip().endswith("%") else (text, 1.0)
    try:
        value = float(text) * scale
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
