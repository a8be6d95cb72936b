"""Who drinks is given thiamine before glucose; the liver comes before a metabolic crisis."""

from itertools import product

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText
from epilepsy_pgx.response.explain import parse_given
from tests.said import SpeakingEngine

GENERAL, LIVER = "context-hyperammonaemia", "context-hyperammonaemia-liver"
WERNICKE, WITHDRAWAL = "context-alcohol-wernicke", "context-alcohol-withdrawal-now"
UREA, PDH = "context-ucd-crisis", "context-pdh-crisis"
AMMONIA = {GENERAL, LIVER, UREA, PDH}
DRUGS = ("none", "levetiracetam", "valproate", "carbamazepine", "clobazam|topiramate")
SIGNS = ("encephalopathy", "drowsiness", "vomiting", "hyperammonaemia", "unsteadiness", "nystagmus")


def boxed(engine: SpeakingEngine, reference: Reference, *entry: str) -> dict[str, str]:
    facts = parse_given((), list(entry), reference, engine)
    urgent = engine.interpret_facts(facts).urgent
    return {s.text_id: s.text for s in urgent if not s.conditional}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("sex=male", {GENERAL}),
        ("syndromes=liver_disease", {LIVER}),
        ("alcohol_drugs=alcohol", {LIVER}),
        ("alcohol_drugs=alcohol_withdrawal", {LIVER}),
        ("alcohol_drugs=cannabis", {GENERAL}),
        ("alcohol_drugs=alcohol;;syndromes=liver_disease", {LIVER}),
        ("syndromes=urea_cycle_disorder", {UREA}),
        ("syndromes=urea_cycle_disorder|liver_disease", {UREA}),
        ("alcohol_drugs=alcohol;;syndromes=urea_cycle_disorder", {UREA}),
        ("syndromes=pyruvate_dehydrogenase_deficiency", {PDH}),
        ("alcohol_drugs=alcohol;;syndromes=pyruvate_dehydrogenase_deficiency", {PDH}),
    ],
)
def test_raised_ammonia_is_answered_by_what_is_entered(
    engine: SpeakingEngine, reference: Reference, entry: str, said: set[str]
) -> None:
    for drugs in DRUGS:
        cells = [*entry.split(";;"), f"current_drugs={drugs}", "signs=hyperammonaemia"]
        box = boxed(engine, reference, *cells)
        assert box.keys() & AMMONIA == said, drugs
        if "alcohol_drugs=alcohol" in entry:
            assert any("thiamine" in text.lower() for text in box.values())


@pytest.mark.parametrize(
    ("sign", "word"), list(product(SIGNS, ("alcohol", "alcohol_withdrawal", "alcohol|cannabis")))
)
def test_signs_of_the_brain_in_who_drinks_bring_thiamine(
    engine: SpeakingEngine, reference: Reference, sign: str, word: str
) -> None:
    for drugs in DRUGS:
        cells = (f"alcohol_drugs={word}", f"signs={sign}", f"current_drugs={drugs}")
        assert boxed(engine, reference, *cells).keys() & {WERNICKE, WITHDRAWAL}, drugs


def test_status_epilepticus_in_who_drinks_brings_thiamine(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for word in ("alcohol", "alcohol_withdrawal"):
        cells = (f"alcohol_drugs={word}", "syndromes=status_epilepticus")
        assert boxed(engine, reference, *cells).keys() & {WERNICKE, WITHDRAWAL}


@pytest.mark.parametrize(
    "entry", ["alcohol_drugs=alcohol", "alcohol_drugs=alcohol;;signs=rash", "signs=encephalopathy"]
)
def test_nobody_else_is_told_so(engine: SpeakingEngine, reference: Reference, entry: str) -> None:
    assert WERNICKE not in boxed(engine, reference, *entry.split(";;"))


def test_no_text_gives_glucose_to_who_drinks_or_stops_protein_for_the_liver(
    reference: Reference,
) -> None:
    said = {r.id: r.text for r in reference.rows(CuratedText) if r.language == "en"}
    for text in (LIVER, WERNICKE):
        for words in (said[text], said[f"short-{text}"]):
            assert "thiamine" in words.lower()
            assert words.lower().find("thiamine") < words.lower().rfind("glucose")
    assert "protein is not restricted" in said[LIVER]
