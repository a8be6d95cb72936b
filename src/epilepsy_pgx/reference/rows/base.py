"""What all records of the curated tables share, and how cells become their fields.

A record names its table and has one field a column, in the order of the table. The type of a
field says how its cells are read:

=========================  ==================================================================
`str`, `int`, `Decimal`,   a required value (`bool`: `yes` or `no`; `date`: ISO)
`bool`, `date`
an enum, `Literal[…]`      a required word of a closed list
`… | None`                 the same, where `.` stands for a missing value
`tuple[…, ...]`            the parts of a `|`-separated cell; empty where `.` stands
`AtLeastOne[…]`            the same, where a value is required
=========================  ==================================================================
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    runtime_checkable,
)

from msgspec import Meta, Struct, structs

from epilepsy_pgx.errors import Problem, TableError
from epilepsy_pgx.frozen import dataclass

MISSING = "."
_FIX = "Run 'epilepsy-pgx reference check'."

T = TypeVar("T")
R = TypeVar("R", bound="TableRow")
K = TypeVar("K")

AtLeastOne = Annotated[tuple[T, ...], Meta(min_length=1)]
"""Parts of a list that is never empty."""


class TableRow(Struct, frozen=True):
    """One row of a curated table, which knows where it stands."""

    TABLE: ClassVar[str]
    line: int
    """1-based line of the table's file."""

    @property
    def file(self) -> str:
        """Name of the table's file."""
        return f"{self.TABLE}.tsv"

    def cells(self) -> dict[str, str | None]:
        """Return the row as the table writes it: the text of each column, None if missing."""
        values = structs.astuple(self)[1:]
        readers = cell_readers(type(self))
        return {r.column: _text(v) for r, v in zip(readers, values, strict=True)}

    def wrong(self, column: str, found: object, expected: str) -> TableError:
        """Return the error for a value that is not what it should be."""
        return TableError([_wrong(self.file, self.line, column, found, expected)])


def _text(value: Any) -> str | None:
    """Return a value as a table writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "|".join(map(str, value)) or None
    return None if value is None else str(value)


@runtime_checkable
class Sourced(Protocol):
    """A row that says where it comes from."""

    @property
    def source(self) -> str:
        """Where the row comes from."""


@runtime_checkable
class Verified(Sourced, Protocol):
    """A row that says where it comes from, and whether somebody looked."""

    @property
    def line(self) -> int:
        """1-based line of the table's file."""

    @property
    def verified(self) -> bool:
        """True if the source was read."""


@runtime_checkable
class Cited(Protocol):
    """A row that cites what ships."""

    @property
    def citations(self) -> tuple[str, ...]:
        """Keys of the citations table."""


@runtime_checkable
class Worded(Protocol):
    """A row that names its wording."""

    @property
    def text_id(self) -> str:
        """Id of the texts table."""


def _wrong(file: str, line: int, column: str, found: object, expected: str) -> Problem:
    shown = "nothing" if found is None or found == MISSING else str(found)
    return Problem(file, line, column, "table-value", shown, expected, _FIX)


@dataclass(frozen=True, eq=False)
class Index(Generic[R, K]):
    """A way to look rows up. `Reference.grouped` does it once for each index.

    Examples
    --------
    >>> from epilepsy_pgx.reference.package import load_reference
    >>> from epilepsy_pgx.reference.rows import ALLELES_BY_GENE
    >>> load_reference().grouped(ALLELES_BY_GENE)["CYP2C19"][0].allele
    '*1'
    """

    record: type[R]
    key: Callable[[R], K]

    def group(self, rows: Iterable[R]) -> Mapping[K, tuple[R, ...]]:
        """Return the rows of each key, in file order."""
        groups: dict[K, list[R]] = {}
        for row in rows:
            groups.setdefault(self.key(row), []).append(row)
        return {key: tuple(found) for key, found in groups.items()}


@dataclass(frozen=True, slots=True)
class CellReader:
    """How the cells of one column become the values of a field."""

    column: str
    required: bool
    listed: bool
    """True if a cell holds parts joined by `|`."""
    kind: Any
    """The type of a value, or of one part."""
    read: Callable[[str], Any] | None
    """Reads one part, and raises ValueError for what is none; None for text."""
    expected: str

    def value(self, cell: str) -> Any:
        """Read one cell.

        Raises
        ------
        ValueError
            If the cell holds no such value; the message says what was expected.
        """
        if cell == MISSING:
            if self.required:
                raise ValueError("a value")
            return () if self.listed else None
        read = self.read or str
        try:
            if self.listed:
                return tuple(read(part.strip()) for part in cell.split("|"))
            return read(cell)
        except ValueError:
            raise ValueError(self.expected) from None

    def lenient(self, cell: str) -> Any:
        """Read one cell; what is no value stays text, in parts if the field is a list."""
        try:
            return self.value(cell)
        except ValueError:
            if cell == MISSING:
                return () if self.listed else None
            return tuple(p.strip() for p in cell.split("|")) if self.listed else cell

    def values(self, cells: Sequence[str]) -> Iterable[Any]:
        """Read a column. Equal cells are read once: most columns have few words.

        Raises
        ------
        ValueError
            If any cell holds no such value.
        """
        if self.read is None and not self.listed and MISSING not in cells:
            return cells
        known = {cell: self.value(cell) for cell in set(cells)}
        return map(known.__getitem__, cells)


def _number(cell: str) -> Decimal:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        raise ValueError(cell) from None
    if not number.is_finite():
        raise ValueError(cell)
    return number


def _word(words: Iterable[str]) -> tuple[Callable[[str], str], str]:
    known = {word: word for word in words}

    def read(cell: str) -> str:
        if cell not in known:
            raise ValueError(cell)
        return known[cell]

    return read, f"one of: {', '.join(known)}"


def _yes_or_no(cell: str) -> bool:
    if cell not in ("yes", "no"):
        raise ValueError(cell)
    return cell == "yes"


_READ: Mapping[Any, tuple[Callable[[str], Any] | None, str]] = {
    str: (None, "a value"),
    bool: (_yes_or_no, "one of: yes, no"),
    int: (int, "a whole number"),
    Decimal: (_number, "a number"),
    dt.date: (dt.date.fromisoformat, "a date such as 2026-01-31"),
}


def _reading(kind: Any) -> tuple[Callable[[str], Any] | None, str]:
    """Return how one part is read, and what is expected of it."""
    if get_origin(kind) is Literal:
        return _word(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind, f"one of: {', '.join(kind)}"
    return _READ[kind]


def _cell_reader(column: str, hint: Any) -> CellReader:
    never_empty = get_origin(hint) is Annotated
    bare = get_args(hint)[0] if never_empty else hint
    listed = get_origin(bare) is tuple
    optional = get_origin(bare) in (Union, UnionType)
    if listed:
        kind = get_args(bare)[0]
    elif optional:
        (kind,) = (a for a in get_args(bare) if a is not NoneType)
    else:
        kind = bare
    read, expected = _reading(kind)
    required = never_empty if listed else not optional
    return CellReader(column, required, listed, kind, read, expected)


@cache
def cell_readers(record: type[TableRow]) -> tuple[CellReader, ...]:
    """Return how each column of a record's table is read, in the order of its fields."""
    names = zip(record.__struct_fields__, record.__struct_encode_fields__, strict=True)
    types = record.__annotations__
    return tuple(_cell_reader(column, types[name]) for name, column in names if name in types)


def decode(
    record: type[R],
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    lines: Sequence[int],
    *,
    strict: bool = True,
) -> tuple[R, ...]:
    """Make a record of each row of a table.

    Columns are found by name: one that the record does not have is passed over, and one that may
    be missing may be missing altogether.

    Parameters
    ----------
    record
        The type of the table's rows.
    header
        The names of the columns.
    rows, lines
        The cells of each row, and its line in the file.
    strict
        Whether a cell must hold a value of its field; else it stays text where it holds none.

    Raises
    ------
    TableError
        For every cell that holds no value of its field, and every required column that is not
        there.
    """
    if not rows:
        return ()
    cells = dict(zip(header, zip(*rows, strict=True), strict=True))
    made: list[Iterable[Any]] = []
    problems: list[Problem] = []
    file = f"{record.TABLE}.tsv"
    for reader in cell_readers(record):
        column = cells.get(reader.column, (MISSING,) * len(rows))
        try:
            made.append(reader.values(column))
        except ValueError:
            problems += _bad_cells(reader, column, file, lines)
            made.append([reader.lenient(cell) for cell in column])
    if problems and strict:
        raise TableError(problems)
    return tuple(map(record, lines, *made))


def _bad_cells(
    reader: CellReader, cells: Sequence[str], file: str, lines: Sequence[int]
) -> Iterable[Problem]:
    for cell, line in zip(cells, lines, strict=True):
        try:
            reader.value(cell)
        except ValueError as error:
            yield _wrong(file, line, reader.column, cell, str(error))
