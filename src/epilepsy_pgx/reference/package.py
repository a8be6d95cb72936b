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
import io
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from epilepsy_pgx.errors import Problem, TableError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.reference.contigs import Contigs
from epilepsy_pgx.reference.rows.base import MISSING, Index, TableRow, decode
from epilepsy_pgx.reference.rows.genome import Contig
from epilepsy_pgx.vocabulary import GenomeBuild

R = TypeVar("R", bound=TableRow)
K = TypeVar("K")


class Row(dict[str, str | None]):
    """One row as text by column name; missing values are None. `line` is the 1-based file line.

    For what judges or compares any table alike. All else reads records: see `rows`.
    """

    __slots__ = ("file", "line")
    file: str
    line: int


@dataclass(frozen=True)
class Table:
    """A curated table in file order."""

    name: str
    path: Path
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    """The cells of each row."""
    lines: tuple[int, ...]
    """The line of each row in the file."""

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows by column name, for what looks at any table alike."""
        rows = []
        for cells, line in zip(self.cells, self.lines, strict=True):
            values = (None if c == MISSING else c for c in cells)
            row = Row(zip(self.columns, values, strict=True))
            row.file, row.line = self.path.name, line
            rows.append(row)
        return tuple(rows)

    def without(self, lines: Collection[int]) -> "Table":
        """Return the table without some lines."""
        if not lines:
            return self
        kept = [i for i, line in enumerate(self.lines) if line not in lines]
        return replace(
            self, cells=tuple(self.cells[i] for i in kept), lines=tuple(self.lines[i] for i in kept)
        )

    def decode(self, record: type[R], *, strict: bool = True) -> tuple[R, ...]:
        """Return the rows as records; unless strict, a cell that is no value stays text.

        Raises
        ------
        TableError
            If a cell holds no value of its field.
        """
        return decode(record, self.columns, self.cells, self.lines, strict=strict)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.cells)


def read_table(path: Path) -> Table:
    """Read one TSV; a byte order mark and Windows line ends are taken as what they are.

    Raises
    ------
    TableError
        If the file is not UTF-8, or a row has another number of cells than the header.
    """
    data = path.read_bytes()
    try:
        table, problems = parse_table(path, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise TableError.one(
            "file-text",
            file=str(path),
            line=data[: error.start].count(b"\n") + 1,
            found=f"byte {data[error.start]:#04x}",
            expected="UTF-8 text",
            fix="Save the file as UTF-8.",
        ) from None
    if problems:
        raise TableError(problems)
    return table


def parse_table(path: Path, text: str) -> tuple[Table, list[Problem]]:
    """Return the rows of a table's text that fit its header, and one problem for each other."""
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    with suppress(csv.Error):
        # Nearly every table is whole, and no row of one needs to be looked at by itself.
        whole = tuple(map(tuple, reader))
        if whole and all(map(len(whole[0]).__eq__, map(len, whole))):
            return Table(path.stem, path, whole[0], whole[1:], tuple(range(2, len(whole) + 1))), []
    reader = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    read = _readable_rows(path, reader, problems)
    header = next(read, ())
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    for cells in read:
        if len(cells) == len(header):
            rows.append(cells)
            lines.append(reader.line_num)
            continue
        problems.append(
            Problem(
                str(path),
                reader.line_num,
                ".",
                "cell-count",
                f"{len(cells)} cells",
                f"{len(header)} cells",
                "Write '.' for a missing value and no tab inside a value.",
            )
        )
    return Table(path.stem, path, header, tuple(rows), tuple(lines)), problems


def _readable_rows(path: Path, reader: Any, problems: list[Problem]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each line, up to one that is no line of a table."""
    try:
        for cells in reader:
            yield tuple(cells)
    except csv.Error as error:
        found = f"what is no row of a table: {str(error).partition(' - ')[0]}"
        problems.append(
            Problem(
                str(path),
                reader.line_num,
                ".",
                "file-text",
                found,
                "lines that end in a line feed, and no cell of endless length",
                "Save the file as tab-separated text anew.",
            )
        )


@dataclass(frozen=True, eq=False)
class Reference:
    """The curated data package of one folder. Tables are read when first asked for.

    Two of them are never equal: the files may have changed in between.
    """

    path: Path

    @property
    def overlay(self) -> Path | None:
        """The folder of a hospital's own rows, if some lie over the tables."""
        return None

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

    @cached_property
    def _records(self) -> dict[type[TableRow], tuple[TableRow, ...]]:
        return {}

    def rows(self, record: type[R]) -> tuple[R, ...]:
        """Return the rows of a record's table, in file order; read once.

        Raises
        ------
        TableError
            If the package has no such table, or a cell holds no value of its field.

        Examples
        --------
        >>> from epilepsy_pgx.reference.rows import Gene
        >>> sorted({g.call_method.value for g in load_reference().rows(Gene)})[0]
        'diplotype'
        """
        if record not in self._records:
            self._records[record] = self.table(record.TABLE).decode(record)
        return cast(tuple[R, ...], self._records[record])

    def has(self, record: type[TableRow]) -> bool:
        """Say whether the package has a record's table."""
        return (self.path / f"{record.TABLE}.tsv").is_file()

    def shipped_rows(self, record: type[R]) -> tuple[R, ...]:
        """Return a vocabulary of input words; a package without one has that of the software."""
        own = (self.path / f"{record.TABLE}.tsv").is_file()
        return self.rows(record) if own else _shipped().rows(record)

    @cached_property
    def _groups(self) -> dict[Index[Any, Any], Mapping[Any, tuple[Any, ...]]]:
        return {}

    def grouped(self, index: Index[R, K]) -> Mapping[K, tuple[R, ...]]:
        """Return the rows of each key of an index, in file order; grouped once."""
        if index not in self._groups:
            self._groups[index] = index.group(self.rows(index.record))
        return self._groups[index]

    @cached_property
    def _contigs(self) -> dict[str, Contigs]:
        return {}

    def contigs(self, build: GenomeBuild | str) -> Contigs:
        """Return the chromosomes of a build."""
        if build not in self._contigs:
            self._contigs[build] = Contigs.of(self.rows(Contig), build)
        return self._contigs[build]

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
            total.update(self.digest_of(path))
        return f"sha256:{total.hexdigest()}"

    @cached_property
    def _digests(self) -> dict[Path, bytes]:
        return {}

    def digest_of(self, path: Path) -> bytes:
        """Return the SHA-256 of a file of the package; read once, as several digests ask for it."""
        if path not in self._digests:
            self._digests[path] = hashlib.sha256(path.read_bytes()).digest()
        return self._digests[path]

    @cached_property
    def version(self) -> str:
        """Calendar version from the package's descriptor."""
        descriptor = json.loads((self.path / "datapackage.json").read_text(encoding="utf-8"))
        return str(descriptor["version"])


def shipped_folder(name: str) -> Path:
    """Return a folder that came with the software: `config`, `reference` or `workflow`.

    An installed package holds a copy; a checkout installed in place has it at its top.
    """
    package = Path(__file__).resolve().parents[1]
    installed = package / "data" / name
    return installed if installed.is_dir() else package.parents[1] / name


def default_reference_dir() -> Path:
    """Return the data package that came with the software."""
    return shipped_folder("reference")


def load_reference(path: Path | str | None = None) -> Reference:
    """Open a data package; without a path, the one that came with the software.

    The latter is opened once in a process: it is part of the software.

    Raises
    ------
    TableError
        If the folder holds no data package.
    """
    return _shipped() if path is None else _open(Path(path))


@lru_cache(maxsize=1)
def _shipped() -> Reference:
    return _open(default_reference_dir())


def _open(folder: Path) -> Reference:
    if not (folder / "datapackage.json").is_file():
        raise TableError.one(
            "package-exists",
            file=str(folder),
            found="no datapackage.json",
            expected="a curated data package",
            fix="Set reference_dir to the folder of the tables, or to null for those that came "
            "with the software.",
        )
    return Reference(folder)
