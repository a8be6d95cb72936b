"""Put the rows of the tables into the order of their keys."""

from collections.abc import Sequence
from pathlib import Path

from epilepsy_pgx import tsv
from epilepsy_pgx.files import write_text
from epilepsy_pgx.reference.checks.form import FREE_TABLES, natural
from epilepsy_pgx.reference.package import Table, read_table
from epilepsy_pgx.reference.rows.base import MISSING
from epilepsy_pgx.reference.schema import read_schemas


def arrange(table: Table, key: Sequence[str]) -> Table:
    """Return a table with its rows in order; as it is if they are in one of the two orders.

    Plain and numeric order are both right. A table that is in neither gets the plain one.

    Parameters
    ----------
    key
        Columns of the primary key. A table that lacks one of them stays as it is.
    """
    if not set(key) <= set(table.columns):
        return table
    places = [table.columns.index(column) for column in key]
    plain = [tuple(cells[i] for i in places) for cells in table.cells]
    numeric = [
        tuple(natural(None if value == MISSING else value) for value in values) for values in plain
    ]
    if plain == sorted(plain) or numeric == sorted(numeric):
        return table
    order = sorted(range(len(plain)), key=plain.__getitem__)
    cells = tuple(table.cells[i] for i in order)
    return Table(table.name, table.path, table.columns, cells, tuple(range(2, len(cells) + 2)))


def write_table(table: Table, folder: Path) -> Path:
    """Write a table into a folder; return its file."""
    path = folder / f"{table.name}.tsv"
    write_text(path, "".join(map(tsv.line, (table.columns, *table.cells))))
    return path


def sort_tables(folder: Path) -> tuple[Path, ...]:
    """Sort the tables of a package that are not in the order of their keys.

    The change log keeps the order in which it was written.

    Returns
    -------
    tuple of Path
        The files that were written.

    Raises
    ------
    TableError
        If a table cannot be read; then none is written.
    """
    schemas, _ = read_schemas(folder)
    changed = []
    for name in sorted(schemas.keys() - FREE_TABLES):
        path = folder / f"{name}.tsv"
        if path.is_file():
            table = read_table(path)
            arranged = arrange(table, schemas[name].primary_key)
            if arranged is not table:
                changed.append(arranged)
    return tuple(write_table(table, folder) for table in changed)
