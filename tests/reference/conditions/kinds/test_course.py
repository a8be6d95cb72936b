"""At what dose and since when a drug is taken; what the entry does not tell counts for nothing."""

from decimal import Decimal

import pytest

from epilepsy_pgx.clinical_entry import DrugExposure, Quantity
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.conditions.kinds.course import begun_later
from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.conditions.verdict import Truth
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.engine import ResponseEngine

TODAY = "2026-11-20"


def taken(
    dose: str | None = None, start: str | None = None, drug: str = "toyamide"
) -> DrugExposure:
    """Return a drug that is taken at a dose, such as `30 mg/day`, and since a day."""
    amount, _, unit = (dose or "").partition(" ")
    quantity = Quantity(Decimal(amount), unit) if dose else None
    return DrugExposure(drug, True, start, entered=drug, daily_dose=quantity)


def ask(
    engine: ResponseEngine,
    subject: str,
    operator: str,
    value: str,
    *current: DrugExposure,
    weight: str | None = None,
    entered: str | None = TODAY,
) -> bool:
    row = RuleCondition(1, "toy", "course", (subject,), operator, tuple(value.split("|")), "no")
    entry = ClinicalEntry(
        current=current, weight_kg=Decimal(weight) if weight else None, entry_date=entered
    )
    facts = engine.facts({}, (), {}, entry)
    return bool(compile_condition(row, engine.groups)(facts, "toyamide"))


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


@pytest.mark.parametrize(
    ("subject", "dose", "weight", "more"),
    [
        ("mg/day", "201 mg/day", None, True),
        ("mg/day", "200 mg/day", None, False),
        ("mg/day", "5 mg/kg/day", "50", True),
        ("mg/day", "5 mg/kg/day", "40", False),
        ("mg/day", "5 mg/kg/day", None, False),
        ("mg/day", None, None, False),
        ("mg/kg/day", "201 mg/kg/day", None, True),
        ("mg/kg/day", "402 mg/day", "2", True),
        ("mg/kg/day", "402 mg/day", None, False),
        ("mg/kg/day", "201 mg/day", "2", False),
    ],
)
def test_a_dose_is_compared_in_the_unit_of_the_row(
    engine: ResponseEngine, subject, dose, weight, more
) -> None:
    assert ask(engine, subject, "more_than", "200", taken(dose), weight=weight) is more


@pytest.mark.parametrize(
    ("start", "entered", "within"),
    [
        ("2026-10-24", TODAY, True),
        ("2026-10-23", TODAY, False),
        (TODAY, TODAY, True),
        (None, TODAY, False),
        ("2026-11-19", None, False),
    ],
)
def test_days_are_counted_from_the_start(engine: ResponseEngine, start, entered, within) -> None:
    drug = taken(start=start)
    assert ask(engine, "days", "at_most", "27", drug, entered=entered) is within


def test_a_drug_listed_twice_is_taken_at_both_doses_since_its_first_day(
    engine: ResponseEngine,
) -> None:
    twice = (taken("150 mg/day", "2026-01-01"), taken("100 mg/day", "2026-11-19"))
    assert ask(engine, "mg/day", "more_than", "200", *twice)
    assert not ask(engine, "days", "at_most", "27", *twice)


def test_a_part_of_the_dose_is_enough_to_be_above_and_never_to_be_below(
    engine: ResponseEngine,
) -> None:
    partly = (taken("250 mg/day"), taken(None))
    assert ask(engine, "mg/day", "more_than", "200", *partly)
    assert not ask(engine, "mg/day", "less_than", "300", *partly)


def test_another_drug_and_an_unknown_name_say_nothing(engine: ResponseEngine) -> None:
    assert not ask(engine, "mg/day", "more_than", "200", taken("250 mg/day", drug="other"))
    unread = DrugExposure("toyamide", False, daily_dose=Quantity(Decimal(250), "mg/day"))
    assert not ask(engine, "mg/day", "more_than", "200", unread)


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
    row = RuleCondition(1, "toy", "course", ("mg/day",), "more_than", ("300",), "no")
    ask = compile_condition(row, {})
    clinical = ClinicalEntry(
        current=tuple(taken(dose, drug="gabapentin") for dose in doses), weight_kg=kilograms
    )
    verdict = ask(engine.facts({}, (), {}, clinical), "gabapentin")
    assert (verdict.truth is Truth.YES) is above
    other = ask(engine.facts({}, (), {}, clinical), "pregabalin")
    assert not other


@pytest.mark.parametrize("written", ["2.4 g/day", "2400 mg/day", "2,4 g/d", "2400000 mcg/day"])
def test_a_dose_above_the_limit_is_found_in_whatever_unit_it_was_entered(
    reference: Reference, engine: ResponseEngine, written: str
) -> None:
    row = {
        "sample_id": "P",
        "age_years": "59",
        "egfr_ml_min_173": "12",
        "current_drugs": f"gabapentin[dose={written}]",
    }
    entry, problems = parse_clinical(row, reference, file="s.tsv", line=2)
    assert not problems
    said = engine.interpret_facts(engine.facts({}, (), {}, entry)).urgent
    assert any(s.statement_id.startswith("kidney-dose-gabapentin-under-15") for s in said)


@pytest.mark.parametrize(
    ("own", "other", "later"),
    [
        ("2020-01-01", "2026-10-24", True),
        ("2020-01-01", "2026-10-23", False),
        ("2026-10-24", "2026-10-24", False),
        ("2026-11-10", "2026-11-01", False),
        (None, "2026-11-01", False),
        ("2020-01-01", None, False),
    ],
)
def test_what_was_begun_later_is_counted_from_its_own_start(
    engine: ResponseEngine, own, other, later
) -> None:
    both = (taken(start=own), taken(start=other, drug="aspirin"))
    assert ask(engine, "later_days", "at_most", "27", *both) is later
    kinds = [("course", "later_days", "at_most", "27")]
    entry = ClinicalEntry(current=both, entry_date=TODAY)
    (value,) = begun_later(kinds, entry, "toyamide")
    assert value.items == (("aspirin",) if later else ())


def test_an_unknown_name_or_an_undated_list_names_nobody(engine: ResponseEngine) -> None:
    unread = DrugExposure("aspirn", False, "2026-11-01")
    assert not ask(engine, "later_days", "at_most", "27", taken(start="2020-01-01"), unread)
    twice = (taken(start="2026-11-01", drug="aspirin"), taken(drug="aspirin"))
    assert not ask(engine, "later_days", "at_most", "27", taken(start="2020-01-01"), *twice)
