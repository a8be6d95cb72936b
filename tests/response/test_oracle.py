"""Published advice against the engine: every rule fires somewhere and stays silent elsewhere."""

import csv
from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.explain import parse_given
from tests.said import SpeakingEngine

CASES = tuple(
    csv.DictReader(
        (Path(__file__).parents[1] / "oracles" / "response.tsv").read_text("utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
)


def words(cell: str, separator: str) -> list[str]:
    return [] if cell == "." else cell.split(separator)


@pytest.mark.parametrize("case", CASES, ids=[c["case"] + "-" + c["rule"] for c in CASES])
def test_case(engine: SpeakingEngine, reference: Reference, case: dict[str, str]) -> None:
    facts = parse_given(words(case["genes"], ";"), words(case["context"], ";;"), reference, engine)
    result = engine.interpret_facts(facts)
    prediction = next(d for d in result.drugs if d.drug == case["drug"])
    found = [s for s in prediction.statements if any(e.row == case["rule"] for e in s.evidence)]
    if case["fires"] == "no":
        assert not found
        return
    assert len(found) == 1, [e.row for s in prediction.statements for e in s.evidence]
    assert found[0].response == case["response"]
    assert found[0].tier == case["tier"]
    assert found[0].conditional is (case["fires"] == "conditional")


def test_every_drug_rule_fires_and_is_silent_somewhere(engine: SpeakingEngine) -> None:
    fires = {c["rule"] for c in CASES if c["fires"] != "no"}
    silent = {c["rule"] for c in CASES if c["fires"] == "no"}
    rules = {rule.rule_id for rule in engine.rules.rules}
    assert rules - fires == set()
    assert rules - silent == set()
    assert (fires | silent) - rules == set()


def test_the_table_is_large_and_sourced() -> None:
    assert len(CASES) >= 200
    assert all(c["source"] not in ("", ".") for c in CASES)
    assert len({c["case"] for c in CASES}) == len(CASES)
