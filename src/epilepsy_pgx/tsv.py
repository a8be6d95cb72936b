"""Tables that the program writes and reads again: tabs between cells, no quotes, a header."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path


class ColumnsError(ValueError):
    """A table with other columns than it should have."""


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
