"""Beside failing kidneys an entered dose is compared with a limit, or it is said that it is not.

Whoever reads that the dose of one drug is above its limit takes that of the others as checked.
"""

import re

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText, DrugRule
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.vocabulary import Response
from tests.said import SpeakingEngine

SAYS_ENOUGH = re.compile(
    r"not compared|not recommended|contraindicated|not to be used|hold no kidney dose|"
    r"no dose is read"
)
"""No limit is named that a dose could be held against."""
KIDNEY = {"severe": "egfr_ml_min_173=22", "moderate": "egfr_ml_min_173=40"}


def test_every_line_with_a_dose_for_failing_kidneys_compares_it(reference: Reference) -> None:
    said = {t.id: t.text for t in reference.rows(CuratedText) if t.language == "en"}
    rules = reference.rows(DrugRule)
    compared = {
        (drug, where)
        for rule in rules
        if (found := re.fullmatch(r"kidney-dose-\w+-(severe|moderate|dialysis)", rule.rule_id))
        for drug in rule.drug
        for where in [found[1]]
    }
    lines = [
        (drug, found[1], rule)
        for rule in rules
        if (found := re.fullmatch(r"kidney-(severe|moderate|dialysis)-\w+", rule.rule_id))
        and rule.response not in (Response.CONTRAINDICATED, Response.AVOID)
        for drug in rule.drug
    ]
    assert len(lines) > 15
    assert [
        (drug, where, rule.rule_id)
        for drug, where, rule in lines
        if (drug, where) not in compared and not SAYS_ENOUGH.search(said[rule.text_id])
    ] == []


@pytest.mark.parametrize(
    ("drug", "dose", "kidney", "fires"),
    [
        ("lacosamide", 600, "severe", True),
        ("lacosamide", 300, "severe", False),
        ("lacosamide", 400, "moderate", False),
        ("topiramate", 400, "severe", True),
        ("topiramate", 250, "moderate", True),
        ("topiramate", 200, "severe", False),
        ("eslicarbazepine", 1200, "severe", True),
        ("eslicarbazepine", 600, "moderate", False),
    ],
)
def test_a_dose_above_the_limit_is_named(
    engine: SpeakingEngine, reference: Reference, drug: str, dose: int, kidney: str, fires: bool
) -> None:
    entry = [f"current_drugs={drug}[start=2024-01-01;dose={dose} mg/day]", KIDNEY[kidney]]
    facts = parse_given([], entry, reference, engine)
    line = next(d for d in engine.interpret_facts(facts).drugs if d.drug == drug)
    rows = {e.row for s in line.statements for e in s.evidence}
    assert (f"kidney-dose-{drug}-{kidney}" in rows) is fires
    urgent = {e.row for s in line.statements if s.urgent for e in s.evidence}
    assert (f"kidney-dose-{drug}-severe" in urgent) is (fires and kidney == "severe")
