"""What is entered of how a drug is taken is judged by a rule, or named as not judged."""

from decimal import Decimal

import pytest

from epilepsy_pgx.clinical_entry import DrugExposure, Quantity
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.conditions.kinds.course import TIMES
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug, EntryWord
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.rules import Rule
from epilepsy_pgx.response.uncompared import FORMS, STEPS, Uncompared

DAY = "2026-11-23"


def taken(
    drug: str,
    start: str | None,
    dose: str | None,
    form: str | None = None,
    route: str | None = None,
) -> DrugExposure:
    """Return a drug in use, with a dose in mg a day."""
    daily = None if dose is None else Quantity(Decimal(dose), "mg/day")
    return DrugExposure(
        drug, True, start=start, dose=dose, daily_dose=daily, formulation=form, route=route
    )


def named(engine: ResponseEngine, item: DrugExposure) -> set[str]:
    """Return the texts of what is named about a drug in use."""
    entry = ClinicalEntry(current=(item,), entry_date=DAY)
    return {m.text_id for m in Uncompared(engine.rules.rules).messages(entry)}


def with_steps(rules: tuple[Rule, ...]) -> set[str]:
    """Return the drugs with a rule on the dose of their first days."""
    found = ((r.subject, {k[1] for k in r.kinds if k[0] == "course"}) for r in rules)
    return {drug for drug, asked in found if "days" in asked and asked.difference(TIMES)}


def test_each_new_drug_is_compared_or_named(engine: ResponseEngine, reference: Reference) -> None:
    """A new start at a dose is never passed over, whatever the drug."""
    compared = with_steps(engine.rules.rules)
    assert compared
    for drug in (row.drug for row in reference.rows(Drug)):
        found = named(engine, taken(drug, "2026-11-18", "12"))
        assert (STEPS in found) is (drug not in compared), drug


@pytest.mark.parametrize(
    "item",
    [
        taken("levetiracetam", "2020-01-01", "12"),
        taken("levetiracetam", None, "12"),
        taken("levetiracetam", "2026-11-18", None),
    ],
    ids=["taken for years", "no start", "no dose"],
)
def test_no_first_steps(engine: ResponseEngine, item: DrugExposure) -> None:
    """Without a late start, or without a dose, there are no steps to compare."""
    assert STEPS not in named(engine, item)


def test_dose_that_no_rule_reads_is_named(engine: ResponseEngine) -> None:
    """A dose without its day is compared with no step, whatever rules there are."""
    for drug in with_steps(engine.rules.rules):
        item = DrugExposure(drug, True, start="2026-11-18", dose="some")
        assert STEPS in named(engine, item), drug


def test_each_form_and_route_is_named(engine: ResponseEngine, reference: Reference) -> None:
    """Only what is taken as usual needs no word."""
    for row in reference.rows(EntryWord):
        if row.column in ("formulation", "route"):
            key = "form" if row.column == "formulation" else "route"
            item = taken("valproate", None, None, **{key: row.word})
            usual = row.word in ("immediate_release", "oral")
            assert (FORMS in named(engine, item)) is not usual, row.word
