"""By what way and in what form a drug is given; what the entry does not tell counts for nothing."""

import pytest

from epilepsy_pgx.clinical_entry import DrugExposure
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.conditions.registry import KINDS, compile_condition
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.engine import ResponseEngine


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


def ask(engine: ResponseEngine, subject: str, words: str, *current: DrugExposure) -> bool:
    row = RuleCondition(1, "toy", "given", (subject,), "any_of", tuple(words.split("|")), "no")
    facts = engine.facts({}, (), {}, ClinicalEntry(current=current))
    met = bool(compile_condition(row, engine.groups)(facts, "toyamide"))
    keys = set(KINDS["given"].keys(facts))
    # A rule is only asked of who has one of its keys.
    assert not met or keys & (KINDS["given"].triggers(row, engine.groups) or frozenset())
    return met


@pytest.mark.parametrize(
    ("item", "met"),
    [
        (DrugExposure("toyamide", True, route="feeding_tube"), True),
        (DrugExposure("toyamide", True, route="oral"), False),
        (DrugExposure("toyamide", True), False),
        (DrugExposure("toyamide", False, route="feeding_tube"), False),
        (DrugExposure("other", True, route="feeding_tube"), False),
    ],
    ids=["so", "otherwise", "not told", "unknown name", "another drug"],
)
def test_route(engine: ResponseEngine, item: DrugExposure, met: bool) -> None:
    assert ask(engine, "route", "feeding_tube|rectal", item) is met


def test_form(engine: ResponseEngine) -> None:
    item = DrugExposure("toyamide", True, formulation="liquid")
    assert ask(engine, "formulation", "liquid", item)
    assert not ask(engine, "formulation", "granules", item)
    assert not ask(engine, "route", "liquid", item)


def test_one_of_two_entries_of_a_drug_is_enough(engine: ResponseEngine) -> None:
    items = [DrugExposure("toyamide", True, route=r) for r in ("oral", "feeding_tube")]
    assert ask(engine, "route", "feeding_tube", *items)
