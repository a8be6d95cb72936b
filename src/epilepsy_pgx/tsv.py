"""Tables that the program writes and reads again: tabs between cells, no quotes, a header."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path


class ColumnsError(ValueError):
    """A table with other columns than it should have."""


_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""Characters at whose sight a spreadsheet takes a cell for a formula, wide forms included."""
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")


def mark_formula(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run, which it reads as: this is text.

    Examples
    --------
    >>> mark_formula("=A1"), mark_formula("-12"), plain_text(mark_formula("=A1"))
    ("'=A1", '-12', '=A1')
    """
    # A spreadsheet takes quotation marks off before it looks for a formula.
    runs = text.lstrip("\"'").startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return f"'{text}" if runs else text


def plain_text(cell: str) -> str:
    """Take the apostrophe of `mark_formula` off again: it is no part of a name."""
    plain = cell[1:]
    return plain if cell[:1] == "'" and mark_formula(plain) == cell else cell


def line(cells: Iterable[str]) -> str:
    """Return a row as a line."""
    return "\t".join(cells) + "\n"


def read_columns(path: Path) -> tuple[str, ...]:
    """Return the names of the columns of a table."""
    with path.open(encoding="utf-8", newline="") as handle:
        return tuple(handle.readline().rstrip("\n").split("\t"))


def read_table(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, str]]:
    """Yield the rows of a table by the names of its columns.

    Parameters
    ----------
    columns
        What the header must be; None for any.

    Raises
    ------
    ColumnsError
        If it is another one.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        if columns is not None and tuple(rows.fieldnames or ()) != tuple(columns):
            raise ColumnsError(f"columns of {path.name}")
        yield from rows
