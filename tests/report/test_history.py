"""The picture of trials and levels: a bar for each drug, and all of it in words beside."""

import re

import pytest

from epilepsy_pgx.clinical_entry import ClinicalEntry
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.view.history import draw_history
from epilepsy_pgx.report.view.later import Picture
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.engine import ResponseEngine


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


def entry(ref: Reference, **cells: str) -> ClinicalEntry:
    found, problems = parse_clinical({"entry_date": "2026-11-20", **cells}, ref, file="x", line=1)
    assert not problems
    return found


def drawn(engine: ResponseEngine, ref: Reference, language: str, **cells: str) -> Picture | None:
    clinical = entry(ref, **cells)
    (line,) = (
        s
        for section in engine.interpret({}, (), {}, clinical).context
        for s in section.statements
        if s.statement_id == "context-resistance:patient"
    )
    return draw_history(line, clinical, ReportWords(Wording(ref, language)))


FULL = {
    "failed_drugs": "levetiracetam[reason=lack_of_effect;adequate=yes;start=2021-01-15;"
    "stop=2022-06-30]|topiramate[reason=worsened_seizures]",
    "current_drugs": "lacosamide[start=2025-09-01;level=8 mg/L;level_date=2026-10-20]|<b>zz",
}


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_drawn_is_said(engine: ResponseEngine, reference: Reference, language) -> None:
    picture = drawn(engine, reference, language, **FULL)
    assert picture is not None
    words = ReportWords(Wording(reference, language))
    for drug in ("levetiracetam", "topiramate", "lacosamide"):
        assert words.drug(drug) in picture.caption
    assert all(day in picture.alt for day in ("2021-01-15", "2022-06-30", "2026-10-20"))
    assert picture.drawing.count("<circle") == 1
    bars = re.findall(r'height="12" fill="(#\w+)"', picture.drawing)
    assert sorted(bars) == ["#333", "#fff"]
    assert "<b>" not in picture.drawing


@pytest.mark.parametrize("more", ["duration=10 days", "highest_level=1 mg/L", "start=2026-11-10"])
def test_a_trial_that_its_entry_contradicts_is_drawn_with_why(
    engine: ResponseEngine, reference: Reference, more: str
) -> None:
    day = "" if more.startswith("start") else "start=2026-01-01;"
    cell = f"levetiracetam[reason=lack_of_effect;adequate=yes;{day}stop=2026-11-18;{more}]"
    picture = drawn(engine, reference, "en", failed_drugs=cell)
    assert picture is not None
    assert "was the trial adequate?" in picture.alt


def test_nothing_is_drawn_without_a_trial_or_level_that_has_a_day(
    engine: ResponseEngine, reference: Reference
) -> None:
    assert drawn(engine, reference, "en", current_drugs="lacosamide[start=2025-09-01]") is None
    assert drawn(engine, reference, "en", failed_drugs="topiramate") is None
    assert drawn(engine, reference, "en") is None


def test_one_day_is_a_picture_too(engine: ResponseEngine, reference: Reference) -> None:
    cell = "lacosamide[level=8 mg/L;level_date=2026-11-20]"
    picture = drawn(engine, reference, "en", current_drugs=cell)
    assert picture is not None
    assert "nan" not in picture.drawing


@pytest.mark.parametrize(
    ("start", "dashed", "words"),
    [("start=2025-09-01;", 0, "taken since 2025-09-01"), ("", 1, "taken, start not given")],
)
def test_a_start_that_is_not_known_is_not_drawn_as_one(
    engine: ResponseEngine, reference: Reference, start: str, dashed: int, words: str
) -> None:
    cell = f"lacosamide[{start}level=8 mg/L;level_date=2026-10-20]"
    picture = drawn(engine, reference, "en", current_drugs=cell)
    assert picture is not None
    assert picture.drawing.count("stroke-dasharray") == dashed
    assert words in picture.alt
