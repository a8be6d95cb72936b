"""What the project promises is said, and each promise fails without its row."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import groupby
from math import isqrt
from typing import Any

import pytest

from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import PublishedModel
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from tests.mission_page import NOTHING, ROOT, TOPICS, Promise, promises
from tests.response.builders import covered, variant

PROMISES = promises()
SIDES = ("supports", "opposes", "unknown")


WIDTH = isqrt(len(PROMISES)) + 1
BATCHES = [PROMISES[i::WIDTH] for i in range(WIDTH)]
BATCHES += [PROMISES[i : i + WIDTH] for i in range(0, len(PROMISES), WIDTH)]
"""Each promise is in two batches, which have no other in common: rules are dear to compile."""


def without(reference: Reference, batch: Sequence[Promise]) -> Reference:
    """Return the data package without the rows of some promises; all else is as it was read."""
    less = Reference(reference.path)
    less._cache.update(reference._cache)
    for promise in batch:
        table = less.table(promise.table)
        lines = {
            line
            for cells, line in zip(table.cells, table.lines, strict=True)
            if fnmatchcase(cells[0], promise.row)
        }
        less._cache[promise.table] = table.without(lines)
    changed = {promise.table for promise in batch}
    same = {r: rows for r, rows in reference._records.items() if r.TABLE not in changed}
    less._records.update(same)
    return less


def said(found: Interpretation) -> Iterator[str]:
    """Yield the ids of all statements, and the lines of the factor table."""
    for drug in found.drugs:
        yield from (s.statement_id for s in (*drug.statements, *drug.safety_notes))
    for section in found.context:
        yield from (s.statement_id for s in section.statements)
    for said_of in (found.urgent, found.monogenic, found.interactions, found.exposure):
        yield from (s.statement_id for s in said_of)
    for factor in found.factors:
        sides = {"supports": factor.supports, "opposes": factor.opposes, "unknown": factor.unknown}
        for side, points in sides.items():
            for point in points:
                column = point.column or NOTHING
                yield f"{factor.factor}:{side}:{point.said.text_id}:{column}"


def ask(promise: Promise, engine: ResponseEngine, reference: Reference) -> set[str]:
    facts = parse_given(promise.genes, promise.context, reference, engine)
    if promise.variant != NOTHING:
        facts = with_variant(promise.variant, facts.clinical, engine, reference)
    return set(said(engine.interpret_facts(facts)))


def with_variant(words, clinical, engine, reference):
    gene, protein = words.split()
    (model,) = (m for m in reference.rows(PublishedModel) if m.gene == gene)
    made = variant(gene, protein=protein, truncating=True)
    found = replace(made, transcript=f"{model.transcript}.4", consequences=("stop_gained",))
    return engine.facts({}, (found,), covered(gene), clinical)


@pytest.mark.parametrize("promise", PROMISES, ids=[p.case for p in PROMISES])
def test_it_is_said(plain: ResponseEngine, reference: Reference, promise: Promise) -> None:
    keys = [cells[0] for cells in reference.table(promise.table).cells]
    assert any(fnmatchcase(key, promise.row) for key in keys)
    assert promise.expected in ask(promise, plain, reference)


@pytest.mark.parametrize("batch", BATCHES, ids=[f"{b[0].case}-{b[-1].case}" for b in BATCHES])
def test_it_is_not_said_without_its_row(reference: Reference, batch: tuple[Promise, ...]) -> None:
    engine = ResponseEngine(without(reference, batch))
    still = [p.case for p in batch if p.expected in ask(p, engine, reference)]
    assert not still


def test_no_two_promises_lose_their_rows_together_twice() -> None:
    for one in PROMISES:
        first, second = (set(batch) for batch in BATCHES if one in batch)
        assert first & second == {one}


SHOWN = sorted({p.example for p in PROMISES} - {NOTHING})


@pytest.mark.parametrize("example", SHOWN)
def test_the_example_that_is_named_shows_it(example: str) -> None:
    path = ROOT / f"tests/golden/expected/{example}.json"
    found = json.loads(path.read_text(encoding="utf-8"))["interpretation"]
    shown = {*ids(found), *lines(found.get("factors", ()))}
    assert {p.expected for p in PROMISES if p.example == example} <= shown


def ids(found: Any) -> Iterator[str]:
    """Yield the ids of the statements of a report's JSON."""
    if isinstance(found, list):
        for item in found:
            yield from ids(item)
    elif isinstance(found, dict):
        if "statement_id" in found:
            yield found["statement_id"]
        for item in found.values():
            yield from ids(item)


def lines(factors: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the factor table of a report's JSON."""
    for factor in factors:
        for side in SIDES:
            for point in factor.get(side, ()):
                column = point.get("column") or NOTHING
                yield f"{factor['factor']}:{side}:{point['said']['text_id']}:{column}"


def test_every_statement_of_the_mission_has_a_case() -> None:
    assert tuple(topic for topic, _ in groupby(PROMISES, key=lambda p: p.topic)) == TOPICS
    assert len({p.case for p in PROMISES}) == len(PROMISES)
