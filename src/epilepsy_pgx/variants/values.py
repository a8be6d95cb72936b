"""Numbers of a FORMAT field, whatever type its header declares."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

END_OF_LIST = -(2**31) + 1
"""What fills the row of a sample that has fewer values than another (the BCF specification)."""
_NO_INTEGER = -(2**31) + 8
"""Up to here, whole numbers of BCF mean that a value is missing or that the list has ended."""
_END_OF_REALS = 0x7F800002
"""The end of a list among real numbers, as bits."""


def values_of(raw: Any, field: str) -> Any:
    """Return the values of a FORMAT field [sample, ...]; None without it.

    What the header declares with a type of no name that VCF knows is read as text, as htslib does.
    """
    try:
        return raw.format(field)
    except Exception as error:
        # cyvcf2 has no error of its own for it.
        if "not supported to format" not in str(error):
            raise
        return raw.format(field, str)


def read_whole(raw: Any, field: str) -> NDArray[np.int32] | None:
    """Return whole numbers [sample, value]; negative where missing; None without the field.

    A value that is no number is missing. Rows are filled up with `END_OF_LIST`.
    """
    values = values_of(raw, field)
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


def read_numbers(raw: Any, field: str) -> NDArray[np.float64] | None:
    """Return numbers [sample, value]; NaN where missing; None without the field.

    Behind the end of a sample's own list stands minus infinity.
    """
    values = values_of(raw, field)
    if values is None:
        return None
    if values.dtype.kind == "i":
        numbers = np.where(values <= _NO_INTEGER, np.nan, values)
        ended = values == END_OF_LIST
    elif values.dtype.kind == "f":
        numbers, ended = values.astype(np.float64), values.view(np.int32) == _END_OF_REALS
    else:
        numbers = _from_text(values)
        ended = np.isneginf(numbers)
    return np.where(ended, -np.inf, np.where(np.abs(numbers) < 2**31, numbers, np.nan))


def read_real(raw: Any, field: str) -> NDArray[np.float64] | None:
    """Return numbers [sample, value]; NaN where missing; None without the field.

    Only for fields that have no negative values.
    """
    numbers = read_numbers(raw, field)
    return None if numbers is None else np.where(numbers < 0, np.nan, numbers)


def _from_text(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the numbers of comma-separated texts; minus infinity behind the end of a list."""
    rows = [[read_number(part) for part in str(text).split(",")] for text in values.ravel()]
    table = np.full((len(rows), max(map(len, rows), default=0)), -np.inf)
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
