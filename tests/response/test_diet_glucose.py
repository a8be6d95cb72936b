"""No line holds sugar back from a patient whose disorder needs glucose, for every row."""

import re

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClinicalContext, CuratedText, RuleCondition
from tests.response.test_urgent_box import boxed
from tests.said import SpeakingEngine

HELD = re.compile(r"(as little|with little) sugar as possible|as possible sugar", re.IGNORECASE)
BARRED = "context-diet-contraindicated"
"""The row that lists the disorders in which the diet is contraindicated."""
GLUCOSE = re.compile("glucose by vein in saline|give glucose|ample glucose", re.IGNORECASE)


def english(reference: Reference) -> dict[str, str]:
    return {t.id: t.text for t in reference.rows(CuratedText) if t.language == "en"}


def disorders(reference: Reference, row: str, operator: str) -> set[str]:
    return {
        word
        for c in reference.rows(RuleCondition)
        if (c.rule_id, c.about, c.operator) == (row, "syndrome", operator)
        for word in c.value
    }


def test_every_line_that_holds_sugar_back_leaves_those_disorders_out(reference: Reference) -> None:
    said = english(reference)
    barred = disorders(reference, BARRED, "any_of")
    assert len(barred) >= 4
    held = [r.context_id for r in reference.rows(ClinicalContext) if HELD.search(said[r.text_id])]
    assert len(held) == 2
    for row in held:
        assert barred <= disorders(reference, row, "other_than"), row
        assert "contraindicated" in said[row], "nor where a genotype says so"


def test_every_line_on_a_contraindicated_diet_in_use_asks_for_glucose(reference: Reference) -> None:
    said = english(reference)
    lines = {
        r.text_id
        for r in reference.rows(ClinicalContext)
        if r.context_id.startswith("context-diet-in-use") or r.context_id.endswith("-barred")
    } - {"context-diet-glut1-barred"}
    assert len(lines) >= 4
    assert [i for i in lines if not GLUCOSE.search(said[i])] == []


@pytest.mark.parametrize("now", ["signs=vomiting", "signs=drowsiness", "status"])
@pytest.mark.parametrize("diet", ["ketogenic", "medium_chain_triglyceride", "modified_atkins"])
def test_glucose_is_asked_for_in_each_disorder(
    engine: SpeakingEngine, reference: Reference, diet: str, now: str
) -> None:
    for disorder in sorted(disorders(reference, BARRED, "any_of")):
        syndromes = f"syndromes={disorder}" + "|status_epilepticus" * (now == "status")
        entry = [syndromes, f"diet={diet}", *([now] if now != "status" else [])]
        said = boxed(engine, reference, *entry)
        texts = english(reference)
        assert not [row for row in said if HELD.search(texts.get(row, ""))], entry
        assert [row for row in said if GLUCOSE.search(texts.get(row, ""))], entry
