"""Bridging: what an update of the curated tables changes, and whether the tables say so."""

import json
from collections.abc import Iterator
from pathlib import Path

from epilepsy_pgx.reference.history import read_snapshot
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.validation.calls import Calls, call_file, pairs_of, shown
from epilepsy_pgx.validation.checks import Check, Comparison, judge, verdict_of
from epilepsy_pgx.validation.concordance import BUILD
from epilepsy_pgx.validation.repeatability import CIRCUMSTANCES, run_patients
from epilepsy_pgx.validation.reportable import allele_file

CALLING = frozenset({"alleles", "allele_sites", "sites", "site_alleles", "phenotypes", "genes"})
"""Tables on which a result rests."""
LIMIT = "every result is as before, or the change log since then names the gene"


def check_bridge(
    ref: Reference, old: Reference, before: dict[str, Calls], now: dict[str, Calls], folder: Path
) -> tuple[list[Check], list[Comparison]]:
    """Compare all results under two states of the tables.

    Parameters
    ----------
    before, now
        Calls of the shipped inputs under the old and the new tables.
    """
    news = new_rows(ref, old)
    path = folder / "bridge.alleles.vcf"
    path.write_text(str(allele_file(old, BUILD)), encoding="utf-8")
    both = [
        *((before[name], now[name]) for name in before),
        (call_file(path, BUILD, old), call_file(path, BUILD, ref)),
    ]
    results = [c for was, has in both for c in _results(was, has, news)]
    lines = list(_statements(ref, old, folder, news))
    return [
        judge(("bridge-results", "bridging", "Results of genes"), LIMIT, results, _news(results)),
        judge(
            ("bridge-statements", "bridging", "Statements on the patients of the kit"),
            "every statement is as before, or the change log since then has rows",
            lines,
            _news(lines),
        ),
    ], [c for c in (*results, *lines) if c.note or c.expected != c.found]


def _news(compared: list[Comparison]) -> str:
    changed = sum(c.expected != c.found for c in compared)
    return f"; {changed} changed"


def new_rows(ref: Reference, old: Reference) -> list[tuple[str, str]]:
    """Return table and key of the rows of the change log that the old tables have not."""
    names = ("date", "version", "table", "key", "change", "reason")
    logs = [{tuple(row[n] or "" for n in names) for row in _log(tables)} for tables in (old, ref)]
    return sorted((row[2], row[3]) for row in logs[1] - logs[0])


def _log(ref: Reference) -> list[dict[str, str | None]]:
    return list(read_snapshot(ref.path, "tables").tables["CHANGES"].rows)


def explained(gene: str, news: list[tuple[str, str]]) -> bool:
    """Say whether the change log speaks of a gene's alleles or phenotypes."""
    words = (key.replace(",", " ").split() for table, key in news if table in CALLING)
    return any(gene in key or "*" in key[:1] for key in words)


def _results(was: Calls, has: Calls, news: list[tuple[str, str]]) -> Iterator[Comparison]:
    for key in sorted(was.keys() | has.keys()):
        one, two = was.get(key), has.get(key)
        same = (
            one is not None
            and two is not None
            and pairs_of(one) == pairs_of(two)
            and set(one.phenotypes) == set(two.phenotypes)
        )
        before, after = ("not called" if r is None else shown(r) for r in (one, two))
        known = explained(key[1], news)
        note = "" if same else "named in the change log" if known else "not in the change log"
        subject = f"{key[0]} {key[1]}"
        after = before if same else after
        verdict = verdict_of(same or known)
        yield Comparison("bridge-results", subject, before, after, verdict, note)


def _statements(
    ref: Reference, old: Reference, folder: Path, news: list[tuple[str, str]]
) -> Iterator[Comparison]:
    found = []
    for name, tables in (("old", old), ("new", ref)):
        out = folder / f"bridge.{name}"
        run_patients(tables, out, CIRCUMSTANCES[0], "json")
        found.append({p.stem: _ids(p) for p in sorted((out / "reports").rglob("VAL-*.json"))})
    was, has = found
    for patient in sorted(was.keys() | has.keys()):
        one, two = was.get(patient, set()), has.get(patient, set())
        for statement in sorted(one | two):
            before, after = ("said" if statement in s else "not said" for s in (one, two))
            same = statement in one and statement in two
            note = "" if same else "named in the change log" if news else "not in the change log"
            right = verdict_of(same or bool(news))
            name = f"{patient} {statement}"
            yield Comparison("bridge-statements", name, before, after, right, note)


def _ids(path: Path) -> set[str]:
    """Return the ids of all statements of a report."""
    found: set[str] = set()
    waiting = [json.loads(path.read_text(encoding="utf-8"))]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            name = part.get("statement_id")
            found |= {name} if isinstance(name, str) else set()
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found
