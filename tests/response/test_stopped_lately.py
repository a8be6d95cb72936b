"""A drug that was stopped within four weeks still counts: what it did wears off."""

import pytest

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Drug, DrugInteraction, DrugRule, RuleCondition
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.vocabulary import Tier

RULE = "stopped-inducer"


def inducers() -> set[str]:
    return {
        drug
        for row in load_reference().rows(RuleCondition)
        if row.rule_id == RULE and row.kind == "medication"
        for drug in row.subject
    }


def test_each_drug_that_the_inducers_lower_has_the_line() -> None:
    ref = load_reference()
    own = {row.drug for row in ref.rows(Drug) if row.kind == "antiseizure"}
    named = {d for row in ref.rows(DrugRule) if row.rule_id == RULE for d in row.drug}
    lowered = {
        victim
        for row in ref.rows(DrugInteraction)
        if row.effect == "down" and row.tier is not Tier.CONTEXT
        if inducers() & set(row.perpetrator)
        for victim in row.victim
    }
    assert lowered & own - named == set()


@pytest.mark.parametrize(
    ("stopped", "taken", "said"),
    [
        ("carbamazepine", "apixaban", "context-stopped-inducer"),
        ("phenytoin", "none", "context-stopped-inducer"),
        ("phenobarbital", "levetiracetam", "context-stopped-sedative"),
        ("clonazepam", "levetiracetam", "context-stopped-sedative"),
    ],
)
@pytest.mark.parametrize(
    ("stop", "lately"),
    [(";stop=2026-11-28", True), (";stop=2026-10-31", True), (";stop=2026-10-30", False)],
)
def test_the_day_of_the_stop_counts(
    stopped: str, taken: str, said: str, stop: str, lately: bool
) -> None:
    ref = load_reference()
    engine = ResponseEngine(ref)
    entry = [
        f"failed_drugs={stopped}[reason=side_effect{stop}]",
        f"current_drugs={taken}",
        "entry_date=2026-11-28",
    ]
    result = engine.interpret_facts(parse_given((), entry, ref, engine))
    assert (said in {s.text_id for c in result.context for s in c.statements}) is lately
