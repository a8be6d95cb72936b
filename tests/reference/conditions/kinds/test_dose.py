"""Whether the dose that is taken lies above a limit; what was not entered is no high dose."""

from decimal import Decimal

import pytest

from epilepsy_pgx.clinical_entry import Quantity
from epilepsy_pgx.model import ClinicalEntry, DrugExposure
from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.conditions.verdict import Truth
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.engine import ResponseEngine


def taken(*doses: str | None, drug: str = "gabapentin") -> tuple[DrugExposure, ...]:
    """Return a drug once for each dose, written as a number and a unit."""
    found = []
    for dose in doses:
        number, _, unit = (dose or "").partition(" ")
        amount = Quantity(Decimal(number), unit) if dose else None
        found.append(DrugExposure(drug, True, daily_dose=amount))
    return tuple(found)


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


@pytest.mark.parametrize(
    ("doses", "weight", "above"),
    [
        (["300.1 mg/day"], None, True),
        (["300 mg/day"], None, False),
        (["200 mg/day", "200 mg/day"], None, True),
        (["200 mg/day", None], None, False),
        (["40 mg/kg/day"], "10", True),
        (["30 mg/kg/day"], "10", False),
        (["40 mg/kg/day"], None, False),
        ([None], "70", False),
        ([], "70", False),
    ],
)
def test_a_known_dose_of_a_day_is_compared(
    engine: ResponseEngine, doses: list[str | None], weight: str | None, above: bool
) -> None:
    kilograms = None if weight is None else Decimal(weight)
    row = RuleCondition(1, "toy", "dose", ("self",), "more_than", ("300",), "no")
    ask = compile_condition(row, {})
    clinical = ClinicalEntry(current=taken(*doses), weight_kg=kilograms)
    verdict = ask(engine.facts({}, (), {}, clinical), "gabapentin")
    assert (verdict.truth is Truth.YES) is above
    other = ask(engine.facts({}, (), {}, clinical), "pregabalin")
    assert not other
