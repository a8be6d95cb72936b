"""A planned medicine that the clinical context speaks of has a verdict in its row."""

from types import SimpleNamespace
from typing import cast

import pytest

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import ClinicalContext, RuleCondition
from epilepsy_pgx.report.asked import ASKS, asked_in_context
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.vocabulary import Tier


def listed() -> list[tuple[str, str]]:
    """Return each medicine that a row of the context names, taken or planned, with its row."""
    ref = load_reference()
    asks = {r.context_id for r in ref.rows(ClinicalContext) if r.tier in ASKS}
    rows = [r for r in ref.rows(RuleCondition) if r.kind == "medication"]
    by_row: dict[str, int] = {}
    for c in ref.rows(RuleCondition):
        by_row[c.rule_id] = by_row.get(c.rule_id, 0) + 1
    return [
        (drug, row.rule_id)
        for row in rows
        if row.operator == "listed" and row.rule_id in asks and by_row[row.rule_id] == 1
        for drug in row.subject
    ]


@pytest.mark.parametrize(("drug", "row"), listed())
def test_what_the_context_asks_stands_with_the_drug(drug: str, row: str) -> None:
    ref = load_reference()
    engine = ResponseEngine(ref)
    facts = parse_given((), [f"planned_drugs={drug}"], ref, engine)
    report = cast(PatientReport, SimpleNamespace(interpretation=engine.interpret_facts(facts)))
    said = asked_in_context(report)[drug]
    assert any(s.statement_id.startswith(row) for s in said)
    assert all(s.tier in (Tier.ACT, Tier.CONSIDER) for s in said)


def test_kidney_function_decides_about_metformin() -> None:
    ref = load_reference()
    engine = ResponseEngine(ref)
    for kidney, text in (
        ("egfr_ml_min_173=22", "context-metformin-kidney"),
        ("dialysis=haemodialysis", "context-metformin-kidney"),
        ("egfr_ml_min_173=35", "context-metformin-kidney-moderate"),
        ("egfr_ml_min_173=60", None),
    ):
        for column in ("planned_drugs", "current_drugs"):
            facts = parse_given((), [kidney, f"{column}=metformin"], ref, engine)
            found = {
                s.text_id
                for c in engine.interpret_facts(facts).context
                for s in c.statements
                if s.text_id.startswith("context-metformin")
            }
            assert found == ({text} if text else set()), (kidney, column)
