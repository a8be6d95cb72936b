"""What the project promises is said, and each promise fails without its row."""

import json
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import groupby

import pytest

from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import PublishedModel
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from tests.mission_page import NOTHING, ROOT, TOPICS, Promise, promises
from tests.response.builders import covered, variant

PROMISES = promises()
FACTOR_SIGNS = "factor_signs"


def without(reference: Reference, table: str, row: str) -> Reference:
    """Return the data package without the rows of a key; all else is as it was read."""
    whole = reference.table(table)
    lines = {
        line
        for cells, line in zip(whole.cells, whole.lines, strict=True)
        if fnmatchcase(cells[0], row)
    }
    assert lines, f"{table} has no row {row}"
    less = Reference(reference.path)
    less._cache.update(reference._cache)
    less._cache[table] = whole.without(lines)
    less._records.update({r: rows for r, rows in reference._records.items() if r.TABLE != table})
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
        sides = {
            "supports": factor.supports,
            "opposes": factor.opposes,
            "unknown": factor.unknown,
        }
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
def test_it_is_said_and_not_without_its_row(
    plain: ResponseEngine, reference: Reference, promise: Promise
) -> None:
    assert promise.expected in ask(promise, plain, reference)
    less = without(reference, promise.table, promise.row)
    assert promise.expected not in ask(promise, ResponseEngine(less), reference)


@pytest.mark.parametrize(
    "promise", PROMISES, ids=[p.case for p in PROMISES]
)
def test_the_example_that_is_named_shows_it(promise: Promise) -> None:
    if promise.example == NOTHING:
        return
    path = ROOT / f"tests/golden/expected/{promise.example}.json"
    report = path.read_text(encoding="utf-8")
    assert json.dumps(promise.expected) in report


def test_every_statement_of_the_mission_has_a_case() -> None:
    assert tuple(topic for topic, _ in groupby(PROMISES, key=lambda p: p.topic)) == TOPICS
    assert len({p.case for p in PROMISES}) == len(PROMISES)
