"""Where the drafts lie that may hold something urgent: also those that no table counts any more."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from epilepsy_pgx import tsv
from epilepsy_pgx.ledger.latest import ASIDE, latest_first
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.superseded import TABLE
from epilepsy_pgx.report.write import report_folder

_UNREADABLE = (OSError, ValueError, KeyError, csv.Error)


class Place(NamedTuple):
    """The draft of one patient, and what a table says of it."""

    sample: str
    row: Mapping[str, str]
    """Of the latest table that has the patient; empty if none has."""
    path: Path
    """Where its JSON is, or would be."""
    aside: bool = False
    """True if a later run put it aside without making another."""


def draft_places(results: Path) -> Iterator[Place]:
    """Yield each patient's last draft, but for those that a table has without anything urgent.

    A run with other tables or settings counts its own patients alone, and one that finds a fault
    of a patient puts the draft aside. What was urgent is urgent all the same.
    """
    now = _rows(results / "cohort" / "cohort.tsv")
    rows = dict(now)
    for table in latest_first((results / ASIDE / "cohort").glob("cohort.*.tsv")):
        with suppress(*_UNREADABLE):
            rows = {**_rows(table), **rows}
    aside = _put_aside(results)
    folders = {}
    for sample in dict.fromkeys((*rows, *aside)):
        place = _json(results, report_folder(sample))
        folders[place.parent] = sample
        row = rows.get(sample, {})
        if sample not in now and not place.is_file() and sample in aside:
            yield Place(sample, row, aside[sample], aside=True)
        elif row and row.get("urgent", "0") not in ("0", "."):
            yield Place(sample, row, place)
        elif not row and place.is_file():
            yield Place(sample, row, place)
    for folder in sorted((results / "reports").glob("[0-9a-f][0-9a-f]/*")):
        place = _json(results, folder.relative_to(results / "reports"))
        if folder not in folders and place.is_file():
            yield Place(folder.name, {}, place)


def _json(results: Path, folder: Path) -> Path:
    return results / "reports" / folder / FORMATS["json"].file_name(folder.name)


def _rows(table: Path) -> dict[str, Mapping[str, str]]:
    if not table.is_file():
        return {}
    return {row["sample_id"]: row for row in tsv.read_table(table)}


def _put_aside(results: Path) -> dict[str, Path]:
    """Return the last draft of each patient that was put aside, by the table that says so."""
    found = {}
    table = results / ASIDE / TABLE
    if table.is_file():
        with suppress(*_UNREADABLE):
            for row in tsv.read_table(table):
                own = _json(results, report_folder(row["sample_id"])).relative_to(results)
                if row["was"] == own.as_posix():
                    found[row["sample_id"]] = results / ASIDE / row["file"]
    return found
