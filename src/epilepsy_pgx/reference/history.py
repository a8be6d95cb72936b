"""An earlier state of the tables, and the rows that changed since."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Row, Table, read_table
from epilepsy_pgx.reference.schema import TableSchema, read_schemas

GIT_SECONDS = 60
"""The longest that git may take for one answer."""


@dataclass(frozen=True)
class Snapshot:
    """The tables of a package at some time."""

    label: str
    version: str
    tables: Mapping[str, Table]
    schemas: Mapping[str, TableSchema]


@dataclass(frozen=True, slots=True, order=True)
class RowChange:
    """One row that was added, removed or changed."""

    table: str
    key: str
    """Values of the primary key, joined by blanks."""
    kind: str
    """`added`, `removed` or `changed`."""
    line: int
    """Line in the new file; 0 for a removed row."""
    before: tuple[tuple[str, str | None], ...]
    """(column, value) of the columns that differ; of all columns for a removed row."""
    after: tuple[tuple[str, str | None], ...]


def _version(folder: Path) -> str:
    for name in ("package.json", "datapackage.json"):
        path = folder / name
        if path.is_file():
            return str(json.loads(path.read_text(encoding="utf-8")).get("version", "0"))
    return "0"


def read_snapshot(folder: Path, label: str) -> Snapshot:
    """Read the tables of a folder.

    Raises
    ------
    TableError
        If the folder has no tables or a table cannot be read.
    """
    paths = sorted(folder.glob("*.tsv"))
    if not paths:
        raise TableError.one(
            "package-exists",
            file=label,
            found="no tables",
            expected="a curated data package",
            fix="Name a folder with the tables, or a commit that has them.",
        )
    schemas, _ = read_schemas(folder)
    return Snapshot(label, _version(folder), {p.stem: read_table(p) for p in paths}, schemas)


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            check=True,
            timeout=GIT_SECONDS,
        )
    except FileNotFoundError:
        raise TableError.one(
            "git-ref", found="no git", expected="git", fix="Install git."
        ) from None
    except subprocess.TimeoutExpired:
        raise TableError.one(
            "git-ref",
            file=str(folder),
            found=f"git that did not end within {GIT_SECONDS} seconds",
            expected="a repository that git can read",
            fix="Try 'git status' there, or name a folder of tables.",
        ) from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise TableError.one(
            "git-ref",
            file=str(folder),
            found=said[-1] if said else "an error of git",
            expected="a commit, branch or tag of the repository that holds the tables",
            fix="Fetch the ref, or name another one.",
        ) from None
    return done.stdout


def write_at(folder: Path, ref: str, target: Path) -> bool:
    """Write the package as it was at a commit, branch or tag into another folder.

    Returns
    -------
    bool
        False if the package did not exist at that ref.

    Raises
    ------
    TableError
        If the folder is in no git repository or the ref is unknown.
    """
    commit = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    commit_id = commit.decode().strip()
    prefix = _git(folder, "rev-parse", "--show-prefix").decode().strip()
    listed = _git(folder, "ls-tree", "-r", "--name-only", commit_id, "./").decode().splitlines()
    if not any(n.endswith(".tsv") and "/" not in n for n in listed):
        return False
    for name in listed:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_git(folder, "show", f"{commit_id}:{prefix}{name}"))
    return True


def read_at(folder: Path, ref: str) -> Snapshot | None:
    """Read the tables as they were at a commit, branch or tag; None if there were none.

    Raises
    ------
    TableError
        If the folder is in no git repository or the ref is unknown.
    """
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        return read_snapshot(root, ref) if write_at(folder, ref, root) else None


def key_of(row: Row, key: tuple[str, ...]) -> str:
    """Return a row's primary key as one text."""
    return " ".join(row.get(c) or "." for c in key)


def compare_tables(
    old: Snapshot, tables: Mapping[str, Table], schemas: Mapping[str, TableSchema]
) -> Iterator[RowChange]:
    """Return the rows that differ, table by table, in the order of their keys.

    The log itself is left out. A table without a schema is keyed by its first column.
    """
    for name in sorted(set(old.tables) | set(tables)):
        if name == "CHANGES":
            continue
        schema = schemas.get(name) or old.schemas.get(name)
        before, after = old.tables.get(name), tables.get(name)
        some = after or before
        assert some is not None
        key = schema.primary_key if schema else some.columns[:1]
        was = {key_of(r, key): r for r in before or ()}
        now = {key_of(r, key): r for r in after or ()}
        for item in sorted(set(was) | set(now)):
            a, b = was.get(item), now.get(item)
            if a is None and b is not None:
                yield RowChange(name, item, "added", b.line, (), tuple(b.items()))
            elif b is None and a is not None:
                yield RowChange(name, item, "removed", 0, tuple(a.items()), ())
            elif a is not None and b is not None and dict(a) != dict(b):
                columns = [c for c in {**a, **b} if a.get(c) != b.get(c)]
                yield RowChange(
                    name,
                    item,
                    "changed",
                    b.line,
                    tuple((c, a.get(c)) for c in columns),
                    tuple((c, b.get(c)) for c in columns),
                )
