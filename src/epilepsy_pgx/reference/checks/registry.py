"""The list of named checks, and what each of them is given."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from epilepsy_pgx.errors import Problem, TableError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.reference.contigs import Contigs
from epilepsy_pgx.reference.genome import Genome
from epilepsy_pgx.reference.package import Table
from epilepsy_pgx.reference.rows import Contig, CuratedTranscript, Index, TableRow
from epilepsy_pgx.reference.rows.base import MISSING
from epilepsy_pgx.reference.schema import TableSchema

R = TypeVar("R", bound=TableRow)
K = TypeVar("K")
T = TypeVar("T")


class Placed(Protocol):
    """Whatever knows its line in a table."""

    @property
    def line(self) -> int:
        """1-based line of the file."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of some column, as the table writes it."""

    line: int
    text: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of a list."""
        return tuple(part.strip() for part in self.text.split("|"))


@dataclass(frozen=True)
class Package:
    """A data package under check: whatever could be read of it."""

    path: Path
    shown: str
    """The folder as the curator wrote it."""
    tables: dict[str, Table]
    """Every table whose header and rows could be read."""
    schemas: dict[str, TableSchema]
    bad_lines: dict[str, set[int]] = field(default_factory=dict)
    """Lines that broke their schema, by table; checks of meaning skip them."""
    git_ref: str | None = None
    version: str = "0"
    unread: list[Problem] = field(default_factory=list)
    """Cells that keep to the package's schema and still hold no value of their field."""
    _records: dict[type[TableRow], tuple[TableRow, ...]] = field(default_factory=dict, repr=False)
    _every: dict[type[TableRow], tuple[TableRow, ...]] = field(default_factory=dict, repr=False)
    _groups: dict[Index[Any, Any], Mapping[Any, tuple[Any, ...]]] = field(
        default_factory=dict, repr=False
    )
    _made: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False)
    _genomes: dict[str, Genome] = field(default_factory=dict, repr=False)

    def file(self, table: str) -> str:
        """Return the name of a table's file as problems show it."""
        return f"{self.shown}/{table}.tsv"

    def rows(self, record: type[R]) -> tuple[R, ...]:
        """Return the rows of a table that keep to its schema; empty without the table."""
        if record not in self._records:
            self._records[record] = self._decode(record)
        return cast(tuple[R, ...], self._records[record])

    def _decode(self, record: type[R]) -> tuple[R, ...]:
        """Read the sound rows, and leave out those that are no record whatever the schema says."""
        if record.TABLE not in self.tables:
            return ()
        bad = self.bad_lines.get(record.TABLE, set())
        sound = self.tables[record.TABLE].without(bad)
        try:
            return sound.decode(record)
        except TableError as error:
            shown = self.file(record.TABLE)
            self.unread.extend(replace(p, file=shown) for p in error.problems)
            return sound.without({p.line for p in error.problems}).decode(record)

    def every(self, record: type[R]) -> tuple[R, ...]:
        """Return all rows of a table, those that broke its schema too; empty without the table.

        For looking up whether something exists, so that one bad cell does not orphan others. A
        cell that holds no value of its field stands there as text.
        """
        if record.TABLE not in self.tables:
            return ()
        if record not in self._every:
            self._every[record] = self.tables[record.TABLE].decode(record, strict=False)
        return cast(tuple[R, ...], self._every[record])

    def grouped(self, index: Index[R, K]) -> Mapping[K, tuple[R, ...]]:
        """Return the sound rows of each key of an index."""
        if index not in self._groups:
            self._groups[index] = index.group(self.rows(index.record))
        return self._groups[index]

    def once(self, make: Callable[["Package"], T]) -> T:
        """Return what a function makes of the package, made when it is first asked for."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(T, self._made[make])

    def cells(self, table: str, column: str, *, every: bool = False) -> Iterator[Cell]:
        """Yield the cells of a column that hold a value; none without the table or the column.

        For what is asked of any table that has such a column.

        Parameters
        ----------
        every
            Whether cells count whose row broke its schema.
        """
        if column not in self.columns(table):
            return
        bad = set() if every else self.bad_lines.get(table, set())
        whole = self.tables[table]
        at = whole.columns.index(column)
        for cells, line in zip(whole.cells, whole.lines, strict=True):
            if cells[at] != MISSING and line not in bad:
                yield Cell(line, cells[at])

    def all_cells(self, *, every: bool = False) -> Iterator[tuple[str, str, Cell]]:
        """Yield (table, column, cell) of every value; with `every` those of broken rows too."""
        for name, table in self.tables.items():
            for column in table.columns:
                for cell in self.cells(name, column, every=every):
                    yield name, column, cell

    def contigs(self, build: str) -> Contigs:
        """Return the chromosomes of a build."""
        return Contigs.of(self.rows(Contig), build)

    def has(self, *tables: str) -> bool:
        """Say whether all of some tables could be read."""
        return all(t in self.tables for t in tables)

    def columns(self, table: str) -> frozenset[str]:
        """Return the column names of a table; empty without the table."""
        return frozenset(self.tables[table].columns) if table in self.tables else frozenset()

    def genome(self, build: str) -> Genome:
        """Return the installed bases and the transcripts of a build."""
        if build not in self._genomes:
            self._genomes[build] = Genome.load(self.path, build, self.rows(CuratedTranscript))
        return self._genomes[build]

    def problem(
        self,
        check: str,
        table: str,
        row: Placed | None,
        column: str,
        found: object,
        expected: str,
        fix: str,
    ) -> Problem:
        """Build a problem of a table's row."""
        shown = "nothing" if found is None else str(found)
        line = row.line if row is not None else 0
        return Problem(self.file(table), line, column, check, shown, expected, fix)


Found = Iterator[Problem]


@dataclass(frozen=True, slots=True)
class Check:
    """One named check."""

    id: str
    description: str
    """What must hold, in one sentence."""
    needs: tuple[str, ...]
    """Tables without which the check has nothing to look at."""
    run: Callable[[Package], Found]


CHECKS: dict[str, Check] = {}


def check(
    id: str, description: str, *, needs: tuple[str, ...] = ()
) -> Callable[[Callable[[Package], Found]], Callable[[Package], Found]]:
    """Register a function as the check of a given id."""

    def register(function: Callable[[Package], Found]) -> Callable[[Package], Found]:
        assert id not in CHECKS, id
        CHECKS[id] = Check(id, description, needs, function)
        return function

    return register
