"""Check a hospital's overlay: its form, what it softens, and the tables under it."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.errors import Problem, TableError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.reference.check import MODULES, open_package, read_tables
from epilepsy_pgx.reference.checks import alleles, form, frequencies, proteins, sites, variants
from epilepsy_pgx.reference.checks.registry import CHECKS, Package
from epilepsy_pgx.reference.history import RowChange, key_of
from epilepsy_pgx.reference.overlay import GRADED, HOLDS, OVERLAY_LINE, LocalReference, lay_over
from epilepsy_pgx.reference.package import Reference, Row, Table, load_reference
from epilepsy_pgx.reference.rows import Override
from epilepsy_pgx.reference.softening import (
    WHY,
    Known,
    never_changes,
    softened_by_adding,
    softened_columns,
)

_ALONE = ("table-described", "foreign-key")
"""Checks of form that need the shipped tables too."""
_TABLES = (".tsv", ".csv", ".xlsx", ".xls", ".ods")
"""Ends of names of files that may hold tables."""
_REASON = "a row at least as strong, or a reason in OVERRIDES.tsv"


@dataclass(frozen=True)
class Overlay:
    """An overlay under check, and the package that it lies over."""

    folder: Path
    shown: str
    tables: dict[str, Table]
    base: Package

    def file(self, table: str) -> str:
        """Return the name of one of its files as problems show it."""
        return f"{self.shown}/{table}.tsv"

    def rows(self, table: str) -> dict[str, Row]:
        """Return its rows of a table by key."""
        key = self.base.schemas[table].primary_key
        return {key_of(r, key): r for r in self.tables.get(table, ())}

    def shipped(self, table: str) -> dict[str, Row]:
        """Return the shipped rows of a table by key."""
        key = self.base.schemas[table].primary_key
        return {key_of(r, key): r for r in self.base.tables.get(table, ())}


def open_reference(path: Path | None, overlay: Path | None) -> Reference:
    """Open a data package, under an overlay if there is one.

    Raises
    ------
    TableError
        If the folder holds no data package, or with every problem of the overlay.
    """
    ref = load_reference(path)
    if overlay is None:
        return ref
    _, problems = _read(overlay, ref.path)
    if problems:
        raise TableError(problems)
    return LocalReference(ref.path, overlay)


def open_checked(path: Path | None, overlay: Path | None) -> Reference:
    """Open a data package under an overlay that `reference check --overlay` would pass.

    What lies unused is passed over: no report shows it.

    Raises
    ------
    TableError
        If the folder holds no data package, or with every problem of the overlay.
    """
    ref = open_reference(path, overlay)
    if overlay is not None and (found := check_overlay(overlay, ref.path, unused=False)):
        raise TableError(found)
    return ref


def check_overlay(folder: Path, base: Path, *, unused: bool = True) -> tuple[Problem, ...]:
    """Return every problem of an overlay, those of the tables under it included.

    Parameters
    ----------
    unused
        False to pass over what lies unused, which no report shows.

    Raises
    ------
    TableError
        If one of the folders does not exist or holds no tables.
    """
    overlay, problems = _read(folder, base)
    if overlay is None or problems:
        return tuple(sorted(set(problems)))
    return tuple(sorted(set(_of_meaning(overlay, unused))))


def _read(folder: Path, base: Path) -> tuple[Overlay | None, list[Problem]]:
    """Read an overlay, with the problems of its form and of what it softens."""
    if not folder.is_dir():
        raise TableError.one(
            "overlay-exists",
            file=str(folder),
            found="no folder",
            expected="a folder with the tables of the hospital",
            fix="Correct the path.",
        )
    package, problems = open_package(base)
    if problems:
        return None, list(problems)
    shown = str(folder).rstrip("/")
    tables, problems = read_tables(folder, shown)
    problems += _unread(folder, shown, tables)
    for name in sorted(set(tables) - set(HOLDS)):
        del tables[name]
        problems.append(
            Problem(
                f"{shown}/{name}.tsv",
                0,
                ".",
                "overlay-table",
                "a table that no overlay holds",
                " ".join(HOLDS),
                "Remove the file: what is called and how is settled by the shipped tables.",
            )
        )
    schemas = {name: package.schemas[name] for name in tables}
    alone = Package(folder, shown, tables, schemas)
    for item in CHECKS.values():
        if item.run.__module__ == form.__name__ and item.id not in _ALONE:
            problems += item.run(alone)
    overlay = Overlay(folder, shown, tables, package)
    if not problems:
        problems += _overrides(overlay)
        problems += _softens(overlay)
    return overlay, problems


def _unread(folder: Path, shown: str, tables: Collection[str]) -> Iterator[Problem]:
    """Yield what lies in an overlay and is read as no table, and that it has none."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or (path.is_file() and path.suffix == ".tsv"):
            continue
        if path.suffix.lower() in _TABLES or (path.is_dir() and any(path.rglob("*.tsv"))):
            yield Problem(
                f"{shown}/{path.name}",
                0,
                ".",
                "overlay-table",
                "a folder with tables" if path.is_dir() else "a file that is no TSV table",
                "the tables themselves, as NAME.tsv",
                "Put the tables into the folder of the overlay, or take this away.",
            )
    if not tables:
        yield Problem(
            shown,
            0,
            ".",
            "overlay-table",
            "no table",
            f"one of {', '.join(HOLDS)}, as NAME.tsv",
            "Name the folder that holds the tables.",
        )


def _known(overlay: Overlay) -> Known:
    base, rows = overlay.base.tables, overlay.tables
    actions = [*base["actions"], *rows.get("actions", ())]
    return Known(
        classes={str(r["text_id"]): str(r["class"]) for r in actions},
        outranks=frozenset((str(r["class"]), str(r["over"])) for r in base["action_ranks"]),
        ids={
            "rules": frozenset(k for name in GRADED for k in overlay.shipped(name)),
            "texts": frozenset(str(r["id"]) for r in base["texts"]),
        },
    )


def _overrides(overlay: Overlay) -> Iterator[Problem]:
    """Find rows of OVERRIDES.tsv that have nothing to say."""
    for row in overlay.tables.get(Override.TABLE, ()):
        table, key = str(row["table"]), str(row["key"])
        own = key in overlay.rows(table)
        if key not in overlay.shipped(table):
            yield Problem(
                overlay.file(Override.TABLE),
                row.line,
                "key",
                "overlay-key",
                f"no row '{key}' in {table}.tsv",
                "the key of a shipped row",
                "Correct the key; if an update took the row away, remove this one.",
            )
        elif own is not (row["change"] == "replace"):
            there = f"{'a' if own else 'no'} row '{key}' in the overlay's {table}.tsv"
            yield Problem(
                overlay.file(Override.TABLE),
                row.line,
                "change",
                "overlay-key",
                f"'{row['change']}' with {there}",
                "'replace' with a row of this key, or 'remove' without one",
                "Correct the word, or the overlay's table.",
            )


def _softens(overlay: Overlay) -> Iterator[Problem]:
    """Find what an overlay softens without a reason."""
    known = _known(overlay)
    reasons = {(r["table"], r["key"]) for r in overlay.tables.get(Override.TABLE, ())}
    for name in overlay.tables:
        shipped = overlay.shipped(name)
        for key, row in overlay.rows(name).items():
            was = shipped.get(key)
            if was is None:
                column = softened_by_adding(name, row, known)
                if column is not None:
                    yield _added(overlay, name, row, column)
            elif never_changes(name):
                if dict(was) != dict(row):
                    yield _changed(overlay, name, key, row)
            elif (name, key) not in reasons:
                for column in softened_columns(was, row, known):
                    yield _softer(overlay, name, (key, column), was, row)


def _softer(overlay: Overlay, table: str, at: tuple[str, str], was: Row, row: Row) -> Problem:
    key, column = at
    return Problem(
        overlay.file(table),
        row.line,
        column,
        "overlay-softens",
        f"'{row[column] or '.'}' for '{was[column] or '.'}' of the shipped row '{key}'",
        _REASON,
        f"Name the reason: a row of OVERRIDES.tsv with table {table}, key {key}, change replace.",
    )


def _added(overlay: Overlay, table: str, row: Row, column: str) -> Problem:
    why = WHY.get((table, column)) or WHY[("*", column)]
    return Problem(
        overlay.file(table),
        row.line,
        column,
        "overlay-softens",
        f"'{row[column] or '.'}': {why}",
        "a row that only adds",
        "Set the shipped row aside in OVERRIDES.tsv, and write a row with an id of its own.",
    )


def _changed(overlay: Overlay, table: str, key: str, row: Row) -> Problem:
    return Problem(
        overlay.file(table),
        row.line,
        ".",
        "overlay-softens",
        f"another row of the shipped key '{key}'",
        "rows with keys of their own",
        "Write a text, source or condition of its own, and let a rule name it.",
    )


def laid_over(overlay: Overlay) -> Package:
    """Return the package with the overlay's rows, as the checks see it."""
    aside: dict[str, set[str]] = {}
    for row in overlay.tables.get(Override.TABLE, ()):
        if row["change"] == "remove":
            aside.setdefault(str(row["table"]), set()).add(str(row["key"]))
    base = overlay.base
    tables = {
        name: lay_over(table, overlay.tables.get(name), aside.get(name, set()), base.schemas[name])
        if name in HOLDS
        else table
        for name, table in base.tables.items()
    }
    return Package(base.path, base.shown, tables, base.schemas, version=base.version)


def _of_meaning(overlay: Overlay, unused: bool) -> Iterator[Problem]:
    """Yield the problems that the tables have under the overlay only."""
    assert MODULES
    merged = laid_over(overlay)
    ours = {merged.file(name): overlay.file(name) for name in overlay.tables}
    found = _run(merged, unused)
    shipped = any(p.line < OVERLAY_LINE and p.check not in _UNUSED for p in found)
    before = set(_run(overlay.base, unused)) if shipped else set()
    for problem in found:
        if problem.line >= OVERLAY_LINE:
            yield replace(
                problem, file=ours.get(problem.file, problem.file), line=problem.line - OVERLAY_LINE
            )
        elif problem not in before and problem.check not in _UNUSED:
            yield problem


_UNUSED = ("no-orphans",)
"""Nothing is wrong with a shipped text or source that an overlay's row no longer needs."""


_ELSEWHERE = frozenset(m.__name__ for m in (form, alleles, frequencies, proteins, sites, variants))
"""Modules of checks of the form, which the overlay passed, and of tables that no overlay holds."""
_OF_PACKAGE = frozenset({"file-exists", "descriptor-current"})
"""Checks of the files that ship."""


def _run(package: Package, unused: bool) -> list[Problem]:
    """Run the checks of meaning that read a table which an overlay may hold."""
    found: list[Problem] = []
    for item in CHECKS.values():
        elsewhere = item.run.__module__ in _ELSEWHERE and item.id != "foreign-key"
        passed_over = item.id in _OF_PACKAGE or (item.id in _UNUSED and not unused)
        if not elsewhere and not passed_over and package.has(*item.needs):
            found += item.run(package)
    return found


def touched(folder: Path, base: Path, changes: Sequence[RowChange]) -> tuple[str, ...]:
    """Say which rows of an overlay an update of the shipped tables touches.

    Parameters
    ----------
    folder
        The overlay.
    base
        The package whose schemas describe it.
    changes
        The rows that the update changes.
    """
    package, _ = open_package(base)
    tables, problems = read_tables(folder, str(folder))
    if problems:
        raise TableError(problems)
    overlay = Overlay(folder, str(folder).rstrip("/"), tables, package)
    said: list[str] = []
    for change in changes:
        named = [
            (Override.TABLE, row.line)
            for row in tables.get(Override.TABLE, ())
            if (row["table"], row["key"]) == (change.table, change.key)
        ]
        if change.table in HOLDS and change.key in overlay.rows(change.table):
            named.append((change.table, overlay.rows(change.table)[change.key].line))
        columns = ", ".join(column for column, _ in change.before)
        what = {
            "removed": "is gone",
            "added": "is new, with the same key",
            "changed": f"has changed ({columns})",
        }[change.kind]
        said += [
            f"{overlay.file(name)}:{line}: the shipped row '{change.key}' of {change.table} {what}"
            for name, line in named
        ]
    return tuple(said)
