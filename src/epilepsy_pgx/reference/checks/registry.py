"""The list of named checks, and what each of them is given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from epilepsy_pgx.errors import Problem
from epilepsy_pgx.reference.genome import Genome
from epilepsy_pgx.reference.package import Row, Table
from epilepsy_pgx.reference.schema import TableSchema


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
    _genomes: dict[str, Genome] = field(default_factory=dict, repr=False)

    def file(self, table: str) -> str:
        """Return the name of a table's file as problems show it."""
        return f"{self.shown}/{table}.tsv"

    def rows(self, table: str) -> tuple[Row, ...]:
        """Return the rows of a table that keep to its schema; empty without the table."""
        if table not in self.tables:
            return ()
        bad = self.bad_lines.get(table, set())
        return tuple(r for r in self.tables[table] if r.line not in bad)

    def every(self, table: str) -> tuple[Row, ...]:
        """Return all rows of a table, those that broke its schema too; empty without the table.

        For looking up whether something exists, so that one bad cell does not orphan others.
        """
        return self.tables[table].rows if table in self.tables else ()

    def has(self, *tables: str) -> bool:
        """Say whether all of some tables could be read."""
        return all(t in self.tables for t in tables)

    def columns(self, table: str) -> frozenset[str]:
        """Return the column names of a table; empty without the table."""
        return frozenset(self.tables[table].columns) if table in self.tables else frozenset()

    def genome(self, build: str) -> Genome:
        """Return the installed bases and the transcripts of a build."""
        if build not in self._genomes:
            self._genomes[build] = Genome.load(self.path, build, self.rows("transcripts"))
        return self._genomes[build]

    def problem(
        self,
        check: str,
        table: str,
        row: Row | None,
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
