"""A hospital's own rows over the shipped tables.

An overlay is a folder of tables of the same form. A row with a key that the shipped table has
stands in its place, any other is added. What `OVERRIDES.tsv` sets aside stays as a remark: no
warning vanishes. `overlay_check` says what an overlay may hold.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.reference.package import Reference, Table, read_table
from epilepsy_pgx.reference.rows import Override
from epilepsy_pgx.reference.schema import TableSchema, read_schemas

LOCAL = ("OVERRIDES", "contacts", "formulary", "jurisdictions")
"""Tables that only an overlay fills."""
GRADED = ("clinical_context", "drug_interactions", "drug_rules", "drug_safety", "gene_therapy")
"""Tables whose rows say how strongly they warn; those of OVERRIDES.tsv."""
ADDED = (
    "actions",
    "citations",
    "drug_rule_conditions",
    "level_ranges",
    "phenotypes_without_rule",
    "text_forms",
    "texts",
)
"""Tables to which an overlay adds, and whose rows it never changes."""
HOLDS = tuple(sorted((*LOCAL, *GRADED, *ADDED)))

OVERLAY_LINE = 1_000_000
"""Added to the line of an overlay's row, so that it is told from a line of the shipped table."""
_ASIDE = {
    "tier": "context",
    "response": "no genetic rule",
    "critical": "no",
    "text_naive": ".",
    "text_taking": ".",
    "text_reaction": ".",
}
"""What a row says that was set aside: its sentence, as a remark."""

Key = tuple[str, ...]


def keys_of(table: Table, schema: TableSchema) -> dict[Key, int]:
    """Return the place of each row by its key."""
    places = [table.columns.index(c) for c in schema.primary_key]
    return {tuple(cells[p] for p in places): i for i, cells in enumerate(table.cells)}


def lay_over(base: Table, own: Table | None, aside: set[str], schema: TableSchema) -> Table:
    """Return a shipped table with an overlay's rows over it.

    Parameters
    ----------
    base
        The shipped table.
    own
        The overlay's table of this name.
    aside
        Keys, joined by blanks, of rows that are set aside.
    schema
        Describes both tables.
    """
    cells, lines = list(base.cells), list(base.lines)
    places = keys_of(base, schema)
    for key, at in places.items():
        if " ".join(key) in aside:
            named = zip(base.columns, cells[at], strict=True)
            cells[at] = tuple(_ASIDE.get(column, cell) for column, cell in named)
    if own is not None:
        for key, i in keys_of(own, schema).items():
            if key in places:
                cells[places[key]], lines[places[key]] = (own.cells[i], own.lines[i] + OVERLAY_LINE)
            else:
                cells.append(own.cells[i])
                lines.append(own.lines[i] + OVERLAY_LINE)
    return replace(base, cells=tuple(cells), lines=tuple(lines))


@dataclass(frozen=True, eq=False)
class LocalReference(Reference):
    """A data package under an overlay that was checked."""

    folder: Path

    @property
    def overlay(self) -> Path:
        """The overlay's folder."""
        return self.folder

    @cached_property
    def _schemas(self) -> Mapping[str, TableSchema]:
        return read_schemas(self.path)[0]

    @cached_property
    def _aside(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        path = self.folder / f"{Override.TABLE}.tsv"
        for row in read_table(path).decode(Override) if path.is_file() else ():
            if row.change == "remove":
                found.setdefault(row.table, set()).add(row.key)
        return found

    def table(self, name: str) -> Table:
        """Return a table by name, with the overlay's rows.

        Raises
        ------
        TableError
            If the package has no such table.
        """
        if name not in self._cache:
            base = super().table(name)
            path = self.folder / f"{name}.tsv"
            own = read_table(path) if name in HOLDS and path.is_file() else None
            if own is not None or name in self._aside:
                base = lay_over(base, own, self._aside.get(name, set()), self._schemas[name])
            self._cache[name] = base
        return self._cache[name]

    @cached_property
    def overlay_files(self) -> tuple[Path, ...]:
        """The overlay's tables, sorted."""
        return tuple(sorted(p for p in self.folder.glob("*.tsv") if p.is_file()))

    @cached_property
    def overlay_digest(self) -> str:
        """`sha256:` over the names and bytes of the overlay's tables."""
        total = hashlib.sha256()
        for path in self.overlay_files:
            total.update(path.name.encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
        return f"sha256:{total.hexdigest()}"

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Every file that a result may depend on: those of the package, then the overlay's."""
        return (*Reference(self.path).files, *self.overlay_files)

    @cached_property
    def digest(self) -> str:
        """`sha256:` over the digests of the package and of the overlay."""
        both = Reference(self.path).digest + self.overlay_digest
        return f"sha256:{hashlib.sha256(both.encode()).hexdigest()}"
