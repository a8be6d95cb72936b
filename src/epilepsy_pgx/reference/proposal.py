"""Write what a source says otherwise as a change of the tables that `git apply` takes.

Only single cells are proposed: a new allele needs its definition, which a curator writes.
"""

from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Allele, CuratedSite, PhenotypeRule
from epilepsy_pgx.reference.upstream import Drift

_COLUMNS = {
    "function": "function",
    "activity value": "activity_value",
    "phenotype": "phenotype",
    "merged rsID": "rsid",
}
"""The column that a difference is about."""


def proposal_text(ref: Reference, drifts: Iterable[Drift]) -> str:
    """Return a unified diff of the tables, below a line for each difference.

    Lines that begin with `#` are read by nobody but the curator: two sources may say two things
    of one cell, and then none of them is proposed.

    Parameters
    ----------
    drifts
        What `check_upstream` found.
    """
    told = tuple(drifts)
    said = [
        f"# {d.table} {d.key}: {d.what}: {d.here} here, {d.there} in {d.source}\n".replace(
            "\t", " "
        )
        for d in told
    ]
    wanted: dict[tuple[str, int, str], set[str]] = {}
    for drift in told:
        for line in _lines(ref, drift):
            cell = drift.table, line, _COLUMNS[drift.what]
            wanted.setdefault(cell, set()).add(drift.there)
    sure = {cell: values.pop() for cell, values in wanted.items() if len(values) == 1}
    tables = sorted({table for table, _, _ in sure})
    parts = [
        _changed(ref.path, table, {(n, c): v for (t, n, c), v in sure.items() if t == table})
        for table in tables
    ]
    return "".join([*said, *parts])


def _lines(ref: Reference, drift: Drift) -> list[int]:
    """Return the lines of the rows whose cell a difference is about."""
    if drift.what not in _COLUMNS or drift.there in ("", ".", "None") or "\t" in drift.there:
        return []
    if drift.table == "alleles":
        return [r.line for r in ref.rows(Allele) if f"{r.gene} {r.allele}" == drift.key]
    if drift.table == "sites":
        return [r.line for r in ref.rows(CuratedSite) if r.rsid == drift.key]
    return [
        r.line
        for r in ref.rows(PhenotypeRule)
        if f"{r.gene} {r.function_1} + {r.function_2}" == drift.key
    ]


def _changed(folder: Path, table: str, cells: dict[tuple[int, str], str]) -> str:
    before = (folder / f"{table}.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    columns = before[0].rstrip("\n").split("\t")
    after = list(before)
    for (line, column), value in cells.items():
        row = after[line - 1].rstrip("\n").split("\t")
        row[columns.index(column)] = value
        after[line - 1] = "\t".join(row) + "\n"
    name = f"{folder.resolve().name}/{table}.tsv"
    return "".join(unified_diff(before, after, f"a/{name}", f"b/{name}"))
