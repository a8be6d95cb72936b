"""Overlays for tests."""

from collections.abc import Mapping
from pathlib import Path

from epilepsy_pgx.reference.package import default_reference_dir

Rows = Mapping[str, list[dict[str, str]]]
BASE = default_reference_dir()


def shipped(table: str, *key: str) -> dict[str, str]:
    """Return the shipped row whose first columns have some values."""
    header, *lines = (BASE / f"{table}.tsv").read_text(encoding="utf-8").splitlines()
    names = header.split("\t")
    return next(
        dict(zip(names, cells, strict=True))
        for cells in (line.split("\t") for line in lines)
        if tuple(cells[: len(key)]) == key
    )


def write_overlay(folder: Path, rows: Rows) -> Path:
    """Write the tables of an overlay."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, values in rows.items():
        header = (BASE / f"{table}.tsv").read_text(encoding="utf-8").splitlines()[0]
        lines = ["\t".join(r.get(c, ".") for c in header.split("\t")) for r in values]
        text = "\n".join([header, *sorted(lines)]) + "\n"
        (folder / f"{table}.tsv").write_text(text, encoding="utf-8")
    return folder


def own_rule(**values: str) -> dict[str, str]:
    """Return a rule of a hospital that warns of a drug."""
    return {
        "rule_id": "own-rule",
        "drug": "levetiracetam",
        "priority": "50",
        "origin": "clinical entry",
        "tier": "act",
        "response": "avoid",
        "text_id": "rule-clinical-lgs-blockers",
        "effect": "information",
        "critical": "no",
        "source": "Protocol of the hospital",
        "verified": "yes",
    } | values


def reason(table: str, key: str, change: str) -> dict[str, str]:
    """Return a row of OVERRIDES.tsv."""
    return {
        "table": table,
        "key": key,
        "change": change,
        "reason": "decided by the <b>board</b>",
        "who": "A. Invented",
        "date": "2026-11-01",
    }
