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
from tests.response.test_factors import DAY, FAILED
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
