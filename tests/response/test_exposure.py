"""Exposure by genotype: published sizes against the engine, and what an effect may never do."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ExposureEffect
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.vocabulary import Response, Tier
from tests.said import SpeakingEngine

CASES = tuple(
    csv.DictReader(
        (Path(__file__).parents[1] / "oracles" / "exposure.tsv").read_text("utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
)


def interpret(
    engine: SpeakingEngine, reference: Reference, genes: str, entry: str
) -> Interpretation:
    given = [] if genes == "." else [genes]
    facts = parse_given(given, entry.split(";;"), reference, engine)
    return engine.interpret_facts(facts)


@pytest.mark.parametrize("case", CASES, ids=[c["case"] for c in CASES])
def test_case(engine: SpeakingEngine, reference: Reference, case: dict[str, str]) -> None:
    said = interpret(engine, reference, case["genes"], case["entry"])
    found = {s.statement_id.rsplit(":", 1)[0]: s for s in said.exposure}
    kind, row = ("", case["effect"])
    if row.startswith("expected-"):
        kind, row = "-expected", row.removeprefix("expected-")
    line = found.get(f"exposure{kind}:{row}")
    assert (line is not None) == (case["said"] == "yes")
    if line is not None:
        whole = " ".join(s.text for s in said.exposure if s.drugs == line.drugs)
        text = whole if "not added up" in case["words"] or "saturates" in whole else line.text
        for word in case["words"].replace("; ", "\0").split(";"):
            assert word.replace("\0", "; ") in text, text
    if case["said"] == "no" and case["effect"].startswith("expected"):
        assert not any(name.startswith("exposure-expected") for name in found)


def test_the_cases_are_sourced() -> None:
    assert len(CASES) >= 20
    assert len({c["case"] for c in CASES}) == len(CASES)
    assert all(c["source"] not in ("", ".") for c in CASES)


def test_every_effect_has_a_case(reference: Reference) -> None:
    rows = {row.effect_id for row in reference.rows(ExposureEffect)}
    asked = {c["effect"].removeprefix("expected-") for c in CASES}
    beside = {"lamotrigine-ugt2b7-161t-valproate"}
    assert rows == asked | beside


def test_effects_inform_and_say_for_how_few_drugs_a_level_is_expected(
    engine: SpeakingEngine, reference: Reference
) -> None:
    """At most context: no dose, no verdict, nothing urgent, and the scope behind the lines."""
    for case in CASES[::4]:
        said = interpret(engine, reference, case["genes"], case["entry"])
        assert all(s.tier is Tier.CONTEXT and not s.urgent for s in said.exposure)
        assert all(s.response is Response.NO_RULE and s.action_id is None for s in said.exposure)
        ids = [s.statement_id for s in said.exposure]
        assert ids.count("exposure-scope:patient") == bool(ids)
    drugs = {r.drug for r in reference.rows(ExposureEffect) if r.per_dose is not None}
    said = interpret(engine, reference, "CYP2C9=*1/*2", "current_drugs=phenytoin")
    assert f"for {len(drugs)} of the drugs (lamotrigine)" in said.exposure[-1].text


def test_an_uncertain_genotype_is_said_under_its_condition(
    engine: SpeakingEngine, reference: Reference
) -> None:
    facts = parse_given(["CYP2C9=*1/*2,*1/*3"], ["current_drugs=phenytoin"], reference, engine)
    lines = [s for s in engine.interpret_facts(facts).exposure if s.drugs]
    assert lines
    assert all(s.conditional and s.hedged for s in lines)


def test_no_effect_changes_another_line(
    engine: SpeakingEngine, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[1]
    said = interpret(engine, reference, case["genes"], case["entry"])
    monkeypatch.setattr(engine._exposure, "_effects", ())
    without = interpret(engine, reference, case["genes"], case["entry"])
    assert said.exposure
    assert not without.exposure
    assert replace(said, exposure=()) == without
