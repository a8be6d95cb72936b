"""Nothing favours a drug that raises another whose level is too high already."""

from decimal import Decimal

import pytest

from epilepsy_pgx.clinical_entry import DrugExposure, DrugLevel, PlannedDrug, Quantity
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.conditions.base import members
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import DrugInteraction, DrugRule, LevelAlert, RuleCondition
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.rules import load_groups
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import LevelPart, Response, Tier
from tests.said import SpeakingEngine

SYNDROME = ("lennox_gastaut",)


def line(engine: SpeakingEngine, level: str, *, planned: bool = True, part=LevelPart.METABOLITE):
    """Return the line of cannabidiol beside clobazam with a level in mg/L."""
    found = DrugLevel(part, Quantity(Decimal(level), "mg/L"), date="2026-11-15")
    taken = DrugExposure("clobazam", True, "2026-01-01", entered="clobazam", levels=(found,))
    new = PlannedDrug("cannabidiol", True, entered="cannabidiol")
    entry = ClinicalEntry(
        age_years=Decimal(14),
        syndromes=SYNDROME,
        current=(taken,),
        planned=(new,) if planned else None,
        entry_date="2026-11-20",
    )
    lines = engine.interpret({}, (), {}, entry).drugs
    return next(d for d in lines if d.drug == "cannabidiol")


@pytest.mark.parametrize("planned", [True, False])
@pytest.mark.parametrize(("level", "high"), [("9", True), ("1", False)])
def test_a_level_that_is_too_high_keeps_a_drug_from_being_favoured(
    engine: SpeakingEngine, level: str, high: bool, planned: bool
) -> None:
    found = line(engine, level, planned=planned)
    said = [s for s in found.statements if s.text_id == "level-before-start"]
    assert bool(said) is high
    assert (found.response is Response.MAY_FAVOUR) is not high
    assert not high or found.response is Response.CAUTION
    for statement in said:
        assert statement.tier is (Tier.CONSIDER if planned else Tier.CONTEXT)
        assert statement.conditional
        assert {e.table for e in statement.evidence} == {"drug_interactions", "level_alerts"}


def test_a_drug_that_raises_nothing_is_favoured_as_before(engine: SpeakingEngine) -> None:
    found = DrugLevel(LevelPart.TOTAL, Quantity(Decimal(99), "mg/L"), date="2026-11-15")
    taken = DrugExposure("carbamazepine", True, "2020-01-01", entered="x", levels=(found,))
    entry = ClinicalEntry(syndromes=("childhood_absence_epilepsy",), current=(taken,))
    lines = engine.interpret({}, (), {}, entry).drugs
    favoured = next(d for d in lines if d.drug == "ethosuximide")
    assert favoured.response is Response.MAY_FAVOUR


def of_signs(
    engine: SpeakingEngine, reference: Reference, drugs: str, genes: tuple[str, ...]
) -> Statement:
    """Return what is said of signs of too much phenytoin, without a level."""
    context = (f"current_drugs={drugs}", "signs=nystagmus")
    result = engine.interpret_facts(parse_given(genes, context, reference, engine))
    line = next(d for d in result.drugs if d.drug == "phenytoin")
    return next(s for s in line.statements if s.text_id == "rule-reaction-toxicity-phenytoin")


@pytest.mark.parametrize(
    ("drugs", "genes", "wanted"),
    [
        ("phenytoin|ticlopidine|fluorouracil", (), "Raised here by: fluorouracil, ticlopidine."),
        ("phenytoin", ("CYP2C9=*3/*3",), "Broken down more slowly here by the genotype: CYP2C9."),
        ("phenytoin|sertraline", ("CYP2C9=*3/*3",), "Raised here by: sertraline."),
        # A row that nobody checked is a cause too: the list must not look whole without it.
        ("phenytoin|stiripentol|omeprazole", (), "Raised here by: omeprazole, stiripentol."),
        ("phenytoin|levetiracetam", ("CYP2C9=*1/*1",), None),
    ],
)
def test_signs_of_too_much_name_what_raises_the_drug(
    engine: SpeakingEngine,
    reference: Reference,
    drugs: str,
    genes: tuple[str, ...],
    wanted: str | None,
) -> None:
    said = of_signs(engine, reference, drugs, genes)
    assert said.urgent
    assert "the prescriber settles the next dose before it is given" in said.text
    if wanted is None:
        assert not said.further
    else:
        assert wanted in said.text


def test_every_drug_with_an_alert_limit_answers_signs_of_too_much(reference: Reference) -> None:
    rules = {r.rule_id for r in reference.rows(DrugRule) if r.effect == "toxicity"}
    answered = {c.rule_id for c in reference.rows(RuleCondition) if c.kind == "reaction"}
    named = {
        drug
        for row in reference.rows(DrugRule)
        if row.rule_id in rules & answered and row.critical == "taking"
        for drug in row.drug
    }
    assert {row.drug for row in reference.rows(LevelAlert) if row.verified} <= named


def rows_that_may_raise(victim: str) -> list[tuple[str, bool]]:
    """Return each drug that raises another or may, by the rows, and whether one is verified."""
    ref = load_reference()
    groups = load_groups(ref)
    found: dict[str, bool] = {}
    for row in ref.rows(DrugInteraction):
        if row.effect in ("up", "variable") and victim in members(row.victim, groups):
            for drug in members(row.perpetrator, groups) - {victim}:
                found[drug] = found.get(drug, False) or row.verified
    return sorted(found.items())


@pytest.mark.parametrize("shown", ["signs", "level"])
def test_every_row_that_may_raise_holds_the_planned_drug(
    engine: SpeakingEngine, reference: Reference, shown: str
) -> None:
    """One that stands without the hold reads as free beside those that have it."""
    rows = rows_that_may_raise("phenytoin")
    named = [drug for drug, _ in rows]
    assert {"valproate", "sulthiame", "stiripentol", "cenobamate"} <= set(named)
    too_much = {
        "signs": ["current_drugs=phenytoin", "signs=nystagmus"],
        "level": ["current_drugs=phenytoin[level=26 mg/L;level_date=2026-11-20]"],
    }[shown]
    entry = [*too_much, f"planned_drugs={'|'.join(named)}", "entry_date=2026-11-21"]
    result = engine.interpret_facts(parse_given([], entry, reference, engine))
    every = [*(s for d in result.drugs for s in d.statements), *result.interactions]
    held = {d: s for s in every if "-before-start" in s.text_id for d in s.drugs}
    lines = {d.drug for d in result.drugs}
    for drug, verified in rows:
        assert drug in held or drug not in lines, drug
        if drug in held:
            assert held[drug].tier is (Tier.CONSIDER if verified else Tier.CONTEXT), drug
