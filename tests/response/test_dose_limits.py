"""Where a line on a drug lowers or limits its dose, no row calls that dose low."""

import re
from dataclasses import replace
from decimal import Decimal
from itertools import islice

import pytest

from epilepsy_pgx.clinical_entry import Quantity
from epilepsy_pgx.model import FailedDrug, Interpretation
from epilepsy_pgx.reference.check import open_package
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText, DrugRule, TrialDose
from epilepsy_pgx.response.can_fire import Asker
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.facts import PatientFacts, with_entry
from epilepsy_pgx.response.rules import WARNINGS
from epilepsy_pgx.response.witness_findings import Witnesses
from epilepsy_pgx.vocabulary import FailureReason, Response
from tests.response.builders import takes
from tests.response.test_factors import DAY, FAILED, GOES_ON
from tests.said import SpeakingEngine

LOWERS = re.compile(
    r"lower dose|lower the dose|reduc\w+|half|\d+ ?mg (once|a day|per day)|mg/day|lowest|smaller|"
    r"dose as below|% of the|maximum|accumulat|too much|too fast|dose (is )?review|clear\w* less",
    re.IGNORECASE,
)
"""Words of lines that lower a dose, limit it or look at it again."""
WARNS = (*sorted(WARNINGS), Response.ADJUST_DOSE)
LOW = ("factor-dose-low", "factor-dose-low-undated")


@pytest.fixture(scope="module")
def asker(engine: SpeakingEngine, reference: Reference) -> Asker:
    return Asker(open_package(reference.path)[0], engine, Witnesses(reference))


def lowered(facts: PatientFacts, drug: str) -> PatientFacts:
    """Return an adult who takes next to nothing of a drug since long, and has seizures."""
    entry = facts.clinical
    low = [
        replace(
            item, start="2020-01-01", daily_dose=item.daily_dose or Quantity(Decimal(1), "mg/day")
        )
        for item in entry.current or (takes(drug),)
    ]
    failed = FailedDrug("levetiracetam", True, FailureReason.LACK_OF_EFFECT, adequate=True)
    made = replace(
        entry,
        age_years=entry.age_years or Decimal(35),
        last_seizure=entry.last_seizure or entry.entry_date,
        current=tuple(low),
        failed=entry.failed or (failed,),
    )
    return with_entry(facts, made)


def low_doses(report: Interpretation) -> set[str]:
    """Return the drugs whose dose is called low, or is to be judged for more."""
    (way,) = (f for f in report.factors if f.factor == "drug_way")
    points = [p.said for p in (*way.supports, *way.unknown) if p.said.text_id in LOW]
    asked = [m for v in way.action.values for m in v.messages] if way.action else []
    asked += [way.action] if way.action else []
    points += [m for m in asked if m.text_id == "factor-do-dose-low"]
    return {d for m in points for v in m.values if v.name == "drugs" for d in v.items}


def lowering(reference: Reference) -> set[str]:
    """Return the rules on drugs whose words lower or limit the dose."""
    words = {row.id for row in reference.rows(CuratedText) if LOWERS.search(row.text)}
    return {
        row.rule_id
        for row in reference.rows(DrugRule)
        if row.response in WARNS
        and words.intersection((row.text_id, row.text_taking or "", f"action-{row.effect}"))
    }


def test_a_dose_that_a_line_lowers_is_not_called_low(asker: Asker, reference: Reference) -> None:
    doses = {row.drug for row in reference.rows(TrialDose)}
    wanted, seen = lowering(reference), set[str]()
    for rule in asker.engine.rules.rules:
        if rule.rule_id not in wanted or rule.rule_id in seen or rule.subject not in doses:
            continue
        rows = asker.conditions.get(rule.rule_id, ())
        for facts in islice(asker.patients(rows, rule.subject), 1):
            report = asker.engine.interpret_facts(lowered(facts, rule.subject))
            mine = {s.statement_id for line in report.drugs for s in line.statements}
            if report.factors and f"{rule.rule_id}:{rule.subject}" in mine:
                seen.add(rule.rule_id)
                assert rule.subject not in low_doses(report), rule.rule_id
    assert len(seen) > 20


LIMITED = [
    (("levetiracetam", "gabapentin"), ("dialysis=haemodialysis",), ()),
    (("levetiracetam", "lamotrigine"), ("egfr_ml_min_173=24", "age_years=79"), ()),
    (("phenytoin",), (), ("CYP2C9=*3/*3",)),
    # What another factor blames.
    (("phenobarbital",), ("sleep=sleep_apnoea",), ()),
    (("topiramate",), ("cognition=impaired",), ()),
]


@pytest.mark.parametrize(("drugs", "entry", "genes"), LIMITED)
def test_the_dose_is_the_one_of_the_line_that_limits_it(
    engine: SpeakingEngine,
    reference: Reference,
    drugs: tuple[str, ...],
    entry: tuple[str, ...],
    genes: tuple[str, ...],
) -> None:
    taken = "|".join(f"{drug}[start=2024-01-01;dose=50 mg/day]" for drug in drugs)
    age = () if any(cell.startswith("age") for cell in entry) else ("age_years=35",)
    cells = [FAILED, DAY, "seizures_per_month=3", f"current_drugs={taken}", *entry, *age]
    report = engine.interpret_facts(parse_given(genes, cells, reference, engine))
    (way,) = (f for f in report.factors if f.factor == "drug_way")
    (point,) = (p for p in way.unknown if p.said.text_id == "factor-dose-low-limited")
    assert {d for v in point.said.values if v.name == "drugs" for d in v.items} == set(drugs)
    assert low_doses(report) == set()


LEVEL = (
    "lamotrigine[start=2024-01-01;dose=75 mg/day;level={} mg/L;level_date=2026-11-10;"
    "level_hours=12]"
)
CHANGED = "[start=2020-01-01;dose=1000 mg/day;dose_since={}]"
WAY = [
    # One source of six puts it elsewhere: the level answers, and no dose is called low beside it.
    (LEVEL.format("6"), "opposes", "factor-level-within-most", {"lamotrigine"}),
    (LEVEL.format("6"), "unknown", "factor-level-unreadable", set()),
    (LEVEL.format("2"), "opposes", "factor-level-within-most", set()),
    (LEVEL.format("0.2"), "opposes", "factor-level-within-most", set()),
    (LEVEL.format("6"), "supports", "factor-dose-low", set()),
    # While a drug is built up nobody asks for its level.
    ("levetiracetam[start=2026-11-12;dose=500 mg/day]", "unknown", "factor-level-not-given",
     set()),
    ("levetiracetam[start=2026-11-12;dose=2000 mg/day]", "unknown", "factor-level-not-given",
     {"levetiracetam"}),
    ("levetiracetam[start=2026-01-12;dose=500 mg/day]", "unknown", "factor-level-not-given",
     {"levetiracetam"}),
    # Since the last change of the dose, which is no start.
    ("carbamazepine" + CHANGED.format("2026-11-12"), "supports", "factor-dose-changed",
     {"carbamazepine"}),
    ("carbamazepine" + CHANGED.format("2026-10-12"), "supports", "factor-dose-changed", set()),
    ("carbamazepine" + CHANGED.format("2020-01-01"), "supports", "factor-dose-changed", set()),
    ("lamotrigine[start=2020-01-01;dose=100 mg/day;dose_since=2026-11-12]", "supports",
     "factor-dose-low", set()),
    ("lamotrigine[start=2020-01-01;product_since=2026-10-25;level=2 mg/L;"
     "level_date=2026-11-19;level_hours=12]", "supports", "factor-product-low-most",
     {"lamotrigine"}),
]  # fmt: skip


@pytest.mark.parametrize(("taken", "side", "text", "drugs"), WAY)
def test_levels_and_changes_that_are_entered_are_used(
    engine: SpeakingEngine, reference: Reference, taken: str, side: str, text: str, drugs: set[str]
) -> None:
    cells = [FAILED, DAY, "age_years=35", "seizures_per_month=3", f"current_drugs={taken}"]
    report = engine.interpret_facts(parse_given((), cells, reference, engine))
    (way,) = (f for f in report.factors if f.factor == "drug_way")
    points = [p.said for p in getattr(way, side) if p.said.text_id == text]
    assert {d for m in points for v in m.values if v.name == "drugs" for d in v.items} == drugs


def test_what_sedates_is_named_beside_a_sleep_apnoea(
    engine: SpeakingEngine, reference: Reference
) -> None:
    taken = "current_drugs=phenobarbital|clonazepam|lamotrigine"
    for sleep, drugs in (("sleep_apnoea", {"phenobarbital", "clonazepam"}), ("insomnia", set())):
        facts = parse_given((), [FAILED, DAY, GOES_ON, taken, f"sleep={sleep}"], reference, engine)
        (life,) = (f for f in engine.interpret_facts(facts).factors if f.factor == "life")
        points = [p.said for p in life.supports if p.said.text_id == "factor-apnoea-drugs"]
        named = {d for m in points for v in m.values if v.name == "drugs" for d in v.items}
        assert named == drugs
