"""A field of the entry that has none of some words: one that is missing has none either."""

import pytest

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.conditions.verdict import Truth
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.engine import ResponseEngine


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


@pytest.mark.parametrize(
    ("entry", "subject", "value", "truth"),
    [
        (ClinicalEntry(), "dialysis", "haemodialysis|peritoneal", Truth.YES),
        (ClinicalEntry(dialysis="none"), "dialysis", "haemodialysis|peritoneal", Truth.YES),
        (ClinicalEntry(dialysis="peritoneal"), "dialysis", "haemodialysis|peritoneal", Truth.NO),
        (ClinicalEntry(), "syndrome", "porphyria", Truth.YES),
        (ClinicalEntry(syndromes=("dravet",)), "syndrome", "porphyria", Truth.YES),
        (ClinicalEntry(syndromes=("dravet", "porphyria")), "syndrome", "porphyria", Truth.NO),
    ],
)
def test_other_than(
    engine: ResponseEngine, entry: ClinicalEntry, subject: str, value: str, truth: Truth
) -> None:
    words = tuple(value.split("|"))
    row = RuleCondition(1, "toy", "clinical", (subject,), "other_than", words, "no")
    facts = engine.facts({}, (), {}, entry)
    assert compile_condition(row, engine.groups)(facts, "lamotrigine").truth is truth
