"""The tables as one spreadsheet, and back.

Every cell is written as text, so that a spreadsheet program changes neither `1-2` into a date
nor `1.10` into a number. What comes back is compared with the tables before it is written.
"""

import datetime as dt
import math
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from epilepsy_pgx.errors import ConfigError, InputError, Problem, TableError
from epilepsy_pgx.files import open_output
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.reference.arrange import arrange, write_table
from epilepsy_pgx.reference.diff import DomainChange, diff_states, diff_text
from epilepsy_pgx.reference.history import Snapshot, read_snapshot
from epilepsy_pgx.reference.package import Table
from epilepsy_pgx.reference.rows.base import MISSING

_TEXT = "@"
"""The number format of a cell that holds text."""
_MADE = dt.datetime(2000, 1, 1)
"""Time that every file carries, so that the same tables give the same bytes."""
_WIDEST = 60
LARGEST = 200_000_000
"""Bytes that a spreadsheet may have when unpacked."""


@dataclass(frozen=True)
class Proposal:
    """What a spreadsheet would change."""

    old: Snapshot
    new: Snapshot
    changes: tuple[DomainChange, ...]
    tables: tuple[Table, ...]
    """The tables that would be written."""

    @property
    def text(self) -> str:
        """The changes for a person."""
        return diff_text(self.old, self.new, self.changes)


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError:
        raise ConfigError.one(
            "xlsx-extra",
            found="no openpyxl",
            expected="the optional extra 'xlsx'",
            fix="pip install 'epilepsy-pgx[xlsx]'",
        ) from None
    return openpyxl


def export_xlsx(folder: Path, target: Path, names: Collection[str] = ()) -> tuple[str, ...]:
    """Write tables of a package into a spreadsheet, one sheet each; return their names.

    Parameters
    ----------
    names
        Tables to write; all if empty.

    Raises
    ------
    ConfigError
        If openpyxl is not installed.
    TableError
        If a table cannot be read or does not exist.
    """
    openpyxl = _openpyxl()
    tables = read_snapshot(folder, str(folder)).tables
    if lost := sorted(set(names) - set(tables)):
        raise TableError.one(
            "table-exists",
            file=str(folder),
            found=", ".join(lost),
            expected="names of tables, such as " + ", ".join(sorted(tables)[:3]),
            fix="Correct the name.",
        )
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.created = book.properties.modified = _MADE
    chosen = sorted(names or tables)
    for name in chosen:
        _fill(book.create_sheet(name), tables[name])
    with open_output(target) as handle:
        book.save(handle)
    return tuple(chosen)


def _fill(sheet: Any, table: Table) -> None:
    for number, cells in enumerate((table.columns, *table.cells), 1):
        for column, value in enumerate(cells, 1):
            cell = sheet.cell(number, column)
            cell.value, cell.number_format = value, _TEXT
            # A text that begins with = is no formula.
            cell.data_type = "s"
    sheet.freeze_panes = "B2"
    for number, name in enumerate(table.columns):
        widest = max([len(name), *(len(cells[number]) for cells in table.cells)])
        letter = sheet.cell(1, number + 1).column_letter
        sheet.column_dimensions[letter].width = min(_WIDEST, widest + 2)


def read_xlsx(file: Path, folder: Path) -> Proposal:
    """Compare a spreadsheet with the tables of a package.

    Sheets are named as the tables; a table without a sheet stays as it is. An empty cell is a
    missing value, and the rows are put in order.

    Raises
    ------
    ConfigError
        If openpyxl is not installed.
    InputError
        If the file is no spreadsheet, or with every sheet and cell that cannot be taken as it is:
        dates and formulas, for instance, into which a spreadsheet turns what somebody typed.
    TableError
        If the tables themselves cannot be read.
    """
    old = read_snapshot(folder, str(folder))
    problems: list[Problem] = []
    tables = dict(old.tables)
    changed: list[Table] = []
    for sheet in _open(file).worksheets:
        before = old.tables.get(sheet.title)
        if before is None:
            problems.append(
                _problem(file, sheet.title, 0, "a sheet of this name", "the name of a table")
            )
            continue
        after = _read_sheet(file, sheet, before, problems)
        schema = old.schemas.get(sheet.title)
        if after is not None and schema is not None and after.name != "CHANGES":
            after = arrange(after, schema.primary_key)
        if after is not None and after.cells != before.cells:
            tables[sheet.title] = after
            changed.append(after)
    if problems:
        raise InputError(problems)
    new = replace(old, label=file.name, tables=tables)
    return Proposal(old, new, diff_states(old, new), tuple(changed))


def write_proposal(proposal: Proposal, folder: Path) -> tuple[Path, ...]:
    """Write the tables that a spreadsheet changes; return their files."""
    return tuple(write_table(table, folder) for table in proposal.tables)


def _open(file: Path) -> Any:
    openpyxl = _openpyxl()
    try:
        with file.open("rb") as handle:
            with ZipFile(handle) as packed:
                size = sum(part.file_size for part in packed.infolist())
            if size > LARGEST:
                raise ValueError(f"{size} bytes when unpacked, more than {LARGEST}")
            handle.seek(0)
            return openpyxl.load_workbook(handle)
    # What its parsers of zip and XML raise on a damaged file has no end.
    except Exception as error:
        raise InputError.one(
            "xlsx-read",
            file=str(file),
            found=str(error) or type(error).__name__,
            expected="a spreadsheet in the format .xlsx",
            fix="Save the file as .xlsx.",
        ) from None


def _problem(file: Path, sheet: str, line: int, found: str, expected: str) -> Problem:
    return Problem(
        str(file), line, sheet, "xlsx-cell", found, expected, "Correct the sheet, as text."
    )


def _read_sheet(file: Path, sheet: Any, before: Table, problems: list[Problem]) -> Table | None:
    rows = list(sheet.iter_rows())
    header = tuple(str(cell.value) for cell in rows[0] if cell.value is not None) if rows else ()
    if header != before.columns:
        expected = "the columns " + " ".join(before.columns)
        problems.append(_problem(file, sheet.title, 1, " ".join(header) or "no column", expected))
        return None
    known = len(problems)
    cells = [
        tuple(_texts(file, sheet.title, row[: len(header)], problems))
        for row in rows[1:]
        if any(cell.value is not None for cell in row)
    ]
    if len(problems) > known:
        return None
    lines = tuple(range(2, len(cells) + 2))
    return Table(before.name, before.path, header, tuple(cells), lines)


def _texts(file: Path, sheet: str, row: Sequence[Any], problems: list[Problem]) -> Iterator[str]:
    """Yield the cells of a row as text; note those that a spreadsheet may have changed."""
    for cell in row:
        value, found = cell.value, None
        if value is None:
            yield MISSING
            continue
        if cell.data_type == "f":
            found = "a formula"
        elif isinstance(value, bool):
            found = f"the truth value {value}"
        elif isinstance(value, dt.date | dt.time):
            found = f"the date {value}"
        elif isinstance(value, float) and not math.isfinite(value):
            found = f"the number {value}"
        elif isinstance(value, str) and set(value) & set("\t\r\n"):
            found = "a tab or a line end"
        if found is not None:
            problems.append(_problem(file, f"{sheet} {cell.coordinate}", cell.row, found, "text"))
        whole = isinstance(value, float) and value.is_integer()
        yield str(int(value)) if whole else str(value)
