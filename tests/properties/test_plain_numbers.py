"""No number on a page is longer than what it rests on, unless somebody entered it so."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import DrugExposure, DrugLevel, FailedDrug, Quantity
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.figures import DIGITS
from epilepsy_pgx.vocabulary import FailureReason, LevelPart
from tests.drawing import examples
from tests.response.strategies import entries
from tests.said import SpeakingEngine

_NUMBER = re.compile(r"(?<![\w.:>+*/_-])\d[\d.,]*\d(?![\w:>/_-])")
_DRUGS = (
    "carbamazepine",
    "oxcarbazepine",
    "phenytoin",
    "valproate",
    "lamotrigine",
    "phenobarbital",
    "stiripentol",
)
_values = st.decimals("0.001", "900", places=3)
_quantities = st.builds(Quantity, _values, st.sampled_from(["mg/L", "µmol/L"]))
_levels = st.builds(
    DrugLevel, st.sampled_from(LevelPart), _quantities, st.booleans(), st.just("2026-11-10")
)
_doses = st.builds(
    Quantity, st.decimals("0.1", "200", places=3), st.sampled_from(["mg/day", "mg/kg/day"])
)
_taken = st.builds(
    DrugExposure,
    st.sampled_from(_DRUGS),
    st.just(True),
    st.just("2026-01-01"),
    daily_dose=st.none() | _doses,
    levels=st.lists(_levels, max_size=2).map(tuple),
    adequate=st.sampled_from([None, True]),
)
_given_up = st.builds(
    FailedDrug,
    st.sampled_from(_DRUGS),
    st.just(True),
    st.just(FailureReason.LACK_OF_EFFECT),
    adequate=st.just(True),
    highest_dose=st.none() | _doses,
    highest_level=st.none() | _levels,
)


@pytest.fixture(scope="module")
def engine(reference: Reference) -> SpeakingEngine:
    return SpeakingEngine(reference)


def _entered(value: object) -> Iterator[str]:
    """Yield every number of an entry, as it stands there."""
    if isinstance(value, Quantity):
        yield str(value.value)
    elif isinstance(value, DrugExposure):
        yield from _entered(value.daily_dose)
        for level in value.levels:
            yield from _entered(level.quantity)
    elif isinstance(value, FailedDrug):
        yield from _entered(value.highest_dose)
        yield from _entered(value.highest_level and value.highest_level.quantity)
    elif isinstance(value, Decimal):
        yield str(value)


@given(
    entries(),
    st.sampled_from([None, *map(Decimal, (5, 40))]),
    st.decimals("3", "150", places=3),
    st.lists(_taken, max_size=3, unique_by=lambda d: d.drug).map(tuple),
    st.lists(_given_up, max_size=3).map(tuple),
)
@settings(max_examples=examples(120), deadline=None)
def test_a_number_that_is_worked_out_is_short(
    engine: SpeakingEngine, entry, age, weight, taken, given_up
) -> None:
    entry = replace(
        entry,
        weight_kg=weight,
        current=taken,
        failed=given_up,
        seizures_per_month=Decimal(3),
        entry_date="2026-11-20",
        age_years=age,
    )
    known = {n for item in (*taken, *given_up, weight) for n in _entered(item)}
    said = engine.interpret({}, (), {}, entry)
    lines = [s.text for d in said.drugs for s in d.statements]
    lines += [s.text for section in said.context for s in section.statements]
    lines += [s.text for s in said.urgent]
    for line in lines:
        for number in _NUMBER.findall(line):
            plain = number.rstrip(".,")
            if plain in known or plain.count(".") > 1:
                continue
            digits = re.sub(r"[.,]", "", plain).lstrip("0")
            counted = digits if "." in plain else digits.rstrip("0")
            assert len(counted) <= DIGITS, line
