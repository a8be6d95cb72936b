"""Read the curated tables.

A table is a UTF-8, tab-separated file `reference/<name>.tsv` with one header line, one fact a
row, and `.` for a missing value::

    gene<TAB>allele<TAB>function<TAB>activity_value<TAB>…
    CYP2C9<TAB>*2<TAB>Decreased function<TAB>0.5<TAB>…

Genome positions in the tables are 1-based, exon and region starts included, unless the table's
descriptor says otherwise. Chromosomes have no `chr` prefix.
"""

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

from epilepsy_pgx.errors import PgxError, TableError

MISSING = "."
Word = TypeVar("Word", bound=StrEnum)


class Row(dict[str, str | None]):
    """One row by column name; missing values are None. `line` is the 1-based file line."""

    __slots__ = ("file", "line")
    file: str
    line: int

    def need(self, column: str) -> str:
        """Return a value that the table's descriptor requires.

        Raises
        ------
        TableError
            If the value is missing.
        """
        value = self[column]
        if value is None:
            raise self.wrong(column, "a value")
        return value

    def one_of(self, column: str, words: type[Word]) -> Word:
        """Return a required value that is a word of a closed vocabulary.

        Raises
        ------
        TableError
            If the value is missing or another word.
        """
        value = self.need(column)
        try:
            return words(value)
        except ValueError:
            raise self.wrong(column, f"one of: {', '.join(words)}") from None

    def decimal(self, column: str) -> Decimal | None:
        """Return a number, or None if missing.

        Raises
        ------
        TableError
            If the value is no finite number.
        """
        value = self[column]
        if value is None:
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise self.wrong(column, "a number") from None
        if not number.is_finite():
            raise self.wrong(column, "a number")
        return number

    def wrong(self, column: str, expected: str) -> PgxError:
        """Return the error for a value that is not what it should be."""
        return TableError.one(
            "table-value",
            file=getattr(self, "file", "reference"),
            line=self.line,
            column=column,
            found=self[column] or "nothing",
            expected=expected,
            fix="Run 'epilepsy-pgx reference check'.",
        )

    def many(self, column: str) -> tuple[str, ...]:
        """Return the parts of a `|`-separated value; empty if missing."""
        value = self[column]
        return tuple(part.strip() for part in value.split("|")) if value else ()

    def number(self, column: str) -> int | None:
        """Return an integer, or None if missing."""
        value = self[column]
        try:
            return None if value is None else int(value)
        except ValueError:
            raise self.wrong(column, "a whole number") from None


@dataclass(frozen=True)
class Table:
    """A curated table in file order."""

    name: str
    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def by(self, *columns: str) -> dict[tuple[str | None, ...], tuple[Row, ...]]:
        """Group the rows by the values of some columns, in file order; done once."""
        if columns not in self._groups:
            groups: dict[tuple[str | None, ...], list[Row]] = {}
            for row in self.rows:
                groups.setdefault(tuple(row[c] for c in columns), []).append(row)
            self._groups[columns] = {key: tuple(rows) for key, rows in groups.items()}
        return self._groups[columns]

    @cached_property
    def _groups(self) -> dict[tuple[str, ...], dict[tuple[str | None, ...], tuple[Row, ...]]]:
        return {}


def read_table(path: Path) -> Table:
    """Read one TSV.

    Raises
    ------
    TableError
        If a row has another number of cells than the header.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.reader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        header = tuple(next(reader, ()))
        rows = []
        for cells in reader:
            if len(cells) != len(header):
                raise TableError.one(
                    "cell-count",
                    file=str(path),
                    line=reader.line_num,
                    found=f"{len(cells)} cells",
                    expected=f"{len(header)} cells",
                    fix="Write '.' for a missing value and no tab inside a value.",
                )
            row = Row(zip(header, (None if c == MISSING else c for c in cells), strict=True))
            row.file, row.line = path.name, reader.line_num
            rows.append(row)
    return Table(path.stem, path, header, tuple(rows))


@dataclass(frozen=True, eq=False)
class Reference:
    """The curated data package of one folder. Tables are read when first asked for.

    Two of them are never equal: the files may have changed in between.
    """

    path: Path

    @cached_property
    def _cache(self) -> dict[str, Table]:
        return {}

    def table(self, name: str) -> Table:
        """Return a table by name.

        Raises
        ------
        TableError
            If the package has no such table.
        """
        if name not in self._cache:
            path = self.path / f"{name}.tsv"
            if not path.is_file():
                raise TableError.one(
                    "table-exists",
                    file=str(path),
                    found="an unknown table",
                    fix="Set reference_dir to a complete data package.",
                )
            self._cache[name] = read_table(path)
        return self._cache[name]

    def shipped_table(self, name: str) -> Table:
        """Return a vocabulary of input words; a package without one has that of the software."""
        own = (self.path / f"{name}.tsv").is_file()
        return self.table(name) if own else _shipped().table(name)

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Every file of the package that a result may depend on, sorted."""
        found = [self.path / "datapackage.json", *self.path.glob("*.tsv")]
        found += (self.path / "sequences").rglob("*.fa")
        return tuple(sorted(p for p in found if p.is_file()))

    @cached_property
    def digest(self) -> str:
        """`sha256:` over the names and bytes of all files of the package."""
        total = hashlib.sha256()
        for path in self.files:
            total.update(str(path.relative_to(self.path).as_posix()).encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
        return f"sha256:{total.hexdigest()}"

    @cached_property
    def version(self) -> str:
        """Calendar version from the package's descriptor."""
        descriptor = json.loads((self.path / "datapackage.json").read_text(encoding="utf-8"))
        return str(descriptor["version"])


def default_reference_dir() -> Path:
    """Return the data package that came with the software."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "data" / "reference"
    return installed if installed.is_dir() else package.parents[1] / "reference"


@lru_cache(maxsize=1)
def _shipped() -> Reference:
    return Reference(default_reference_dir())


def load_reference(path: Path | str | None = None) -> Reference:
    """Open a data package; without a path, the one that came with the software.

    Raises
    ------
    TableError
        If the folder holds no data package.
    """
    folder = Path(path) if path is not None else default_reference_dir()
    if not (folder / "datapackage.json").is_file():
        raise TableError.one(
            "package-exists",
            file=str(folder),
            found="no datapackage.json",
            expected="a curated data package",
            fix="Set reference_dir to the reference folder.",
        )
    return Reference(folder)
