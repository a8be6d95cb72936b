"""Continuous haemofiltration is no dialysis: no dose is held against limits of others."""

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.vocabulary import Response

STOP = (Response.AVOID, Response.CONTRAINDICATED)


def said_of(
    ref: Reference, engine: ResponseEngine, *entry: str
) -> dict[str, set[tuple[str, Response, bool]]]:
    """Return, by drug, the rules on kidneys that speak, with verdict and urgency."""
    listed = "|".join(f"{r.drug}[dose=5000 mg/day]" for r in ref.rows(Drug))
    facts = parse_given((), [f"current_drugs={listed}", "age_years=60", *entry], ref, engine)
    return {
        line.drug: {
            (rule, s.response, s.urgent)
            for s in line.statements
            if (rule := s.statement_id.partition(":")[0]).startswith("kidney-")
        }
        for line in engine.interpret_facts(facts).drugs
    }


@pytest.mark.parametrize("egfr", ["", "5", "12", "20", "40", "55"])
def test_no_dose_is_judged_by_dialysis_or_by_a_filtration_rate(
    egfr: str, reference: Reference, plain: ResponseEngine
) -> None:
    entry = ["dialysis=haemofiltration", *([f"egfr_ml_min_173={egfr}"] if egfr else [])]
    said = said_of(reference, plain, *entry)
    for drug, rules in said.items():
        assert not any(name.startswith("kidney-dose-") for name, *_ in rules), drug
        own = {name for name, response, _ in rules if response not in STOP}
        assert all(name.startswith("kidney-haemofiltration") for name in own), drug
    for drug in ("levetiracetam", "gabapentin", "lacosamide", "topiramate", "valproate"):
        assert not any(urgent for *_, urgent in said[drug]), drug
        assert said[drug], drug


def test_what_dialysis_bars_haemofiltration_bars_too(
    reference: Reference, plain: ResponseEngine
) -> None:
    barred = [
        {
            (drug, name)
            for drug, rules in said_of(reference, plain, f"dialysis={word}").items()
            for name, response, _ in rules
            if response in STOP
        }
        for word in ("haemodialysis", "haemofiltration")
    ]
    assert barred[0]
    assert barred[0] == barred[1]


def test_each_drug_with_a_word_on_dialysis_has_one_on_haemofiltration(
    reference: Reference, plain: ResponseEngine
) -> None:
    dialysis = said_of(reference, plain, "dialysis=haemodialysis")
    filtration = said_of(reference, plain, "dialysis=haemofiltration")
    assert all(filtration[drug] for drug, rules in dialysis.items() if rules)
