"""Curated tables that were changed, and a folder of stored results."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.report.write import report_folder
from tests.ledger.bench import put, tables

Rows = list[dict[str, str]]


def changed(folder: Path, **edits: Callable[[Rows], object]) -> Reference:
    """Return a copy of the curated tables with some rows edited, by name of the table."""
    shutil.copytree(tables().path, folder, ignore=shutil.ignore_patterns("sequences"))
    (folder / "sequences").symlink_to(tables().path / "sequences")
    for name, edit in edits.items():
        path = folder / f"{name}.tsv"
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        columns = head.split("\t")
        rows = [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]
        edit(rows)
        text = ["\t".join(row[c] for c in columns) for row in rows]
        path.write_text("\n".join([head, *text]) + "\n", encoding="utf-8")
    return load_reference(folder)


def among(rows: Rows, **cells: str) -> Rows:
    """Return the rows with these cells; at least one."""
    found = [r for r in rows if all(r[c] == v for c, v in cells.items())]
    assert found, cells
    return found


def setting(where: dict[str, str], **cells: str) -> Callable[[Rows], None]:
    """Return an edit that sets cells of some rows."""

    def edit(rows: Rows) -> None:
        for row in among(rows, **where):
            row.update(cells)

    return edit


def adding(like: dict[str, str], **cells: str) -> Callable[[Rows], None]:
    """Return an edit that adds a row like another one."""

    def edit(rows: Rows) -> None:
        rows.append({**among(rows, **like)[0], **cells})

    return edit


def dropping(**cells: str) -> Callable[[Rows], None]:
    """Return an edit that removes rows."""

    def edit(rows: Rows) -> None:
        for row in among(rows, **cells):
            rows.remove(row)

    return edit


@cache
def less_function(base: Path) -> Reference:
    """Return tables in which CYP2C9*2 has no function."""
    where = {"gene": "CYP2C9", "allele": "*2"}
    edit = setting(where, function="No function", activity_value="0.0")
    return changed(base / "less", alleles=edit)


def keep(results: Path, *reports: PatientReport) -> Path:
    """Write reports as the drafts of a run."""
    for report in reports:
        folder = results / "reports" / report_folder(report.patient.sample_id)
        folder.mkdir(parents=True, exist_ok=True)
        put(folder, report, f"{folder.name}.json")
    return results
