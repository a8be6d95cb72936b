"""What the variants of a gene amount to, or that they amount to none of some states."""

import pytest

from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.conditions.verdict import Truth
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


@pytest.mark.parametrize(
    ("given", "truth"),
    [
        ([], Truth.YES),
        (["KCNQ2=none_found"], Truth.YES),
        (["KCNQ2=vus"], Truth.YES),
        (["KCNQ2=gof_tested_plp"], Truth.YES),
        (["KCNQ2=lof_plp"], Truth.NO),
        (["SCN2A=lof_plp"], Truth.YES),
    ],
)
def test_other_than_is_met_by_what_was_not_read(
    engine: ResponseEngine, reference: Reference, given: list[str], truth: Truth
) -> None:
    value = ("lof_plp", "direction_not_determined_plp")
    row = RuleCondition(1, "toy", "finding", ("KCNQ2",), "other_than", value, "no")
    facts = parse_given(given, [], reference, engine)
    assert compile_condition(row, engine.groups)(facts, "carbamazepine").truth is truth
