"""Every hazard has a control and a test that exists; the risk file is that of the hazards."""

import pytest

from epilepsy_pgx.tsv import read_table
from tests import risk
from tests.risk import COLUMNS, RESULTS, RISK, Outcomes, faults, hazards

COUNTS = {"inv": 24, "a": 25, "b": 15, "c": 15, "d": 2, "e": 8, "aud": 5, "mis": 13, "sta": 11}
"""Hazards of each part of the safety review and of the audit of the tables."""


def test_every_hazard_of_the_reviews_is_there_once():
    names = [row["hazard_id"] for row in hazards()]
    parts = [name.rpartition("-")[0] for name in names]
    assert len(set(names)) == len(names)
    assert {p: parts.count(p) for p in parts} == COUNTS


def test_every_hazard_has_a_test_that_exists():
    assert faults(hazards()) == []


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("tests", ".", "has no tests"),
        ("control", "", "has no control"),
        ("tests", "tests/test_risk.py::test_that_is_gone", "there is no test"),
        ("tests", "tests/test_gone.py::test_x", "there is no test"),
        ("rules", "no-such-rule-*", "there is no rule"),
    ],
)
def test_what_is_missing_is_found(column, value, said):
    (fault,) = faults([{**hazards()[0], column: value}])
    assert said in fault


def test_the_risk_file_is_that_of_the_hazards_and_none_has_failed():
    rows = list(read_table(RISK, RESULTS))
    assert [{c: row[c] for c in COLUMNS} for row in rows] == hazards(), (
        "python -m tests.risk --write"
    )
    assert [r["hazard_id"] for r in rows if r["last_result"] not in ("passed", "skipped")] == []
    assert all(row["date"] and row["commit"] for row in rows)


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ({"a": {"passed"}, "b": {"passed", "failed"}}, "failed"),
        ({"a": {"passed"}}, "not run"),
        ({"a": {"passed"}, "b": {"skipped"}}, "passed"),
        ({"a": {"skipped"}, "b": {"skipped"}}, "skipped"),
    ],
)
def test_one_word_for_several_tests(found, word):
    outcomes = Outcomes()
    outcomes.by_test.update(found)
    assert outcomes.of(["a", "b"]) == word


def test_the_command_refuses_a_hazard_without_a_test(monkeypatch, capsys):
    monkeypatch.setattr(risk, "hazards", lambda: [{**hazards()[0], "tests": "."}])
    monkeypatch.setattr("sys.argv", ["risk"])
    assert risk.main() == 1
    assert "has no tests" in capsys.readouterr().out
