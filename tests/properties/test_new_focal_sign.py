"""A new sign of the brain is a stroke or a bleed until shown otherwise, whatever drug is taken."""

from collections.abc import Iterable
from functools import cache

import pytest

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Drug
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.statement import Statement

EMERGENCY, SUDDEN = "context-focal-now", "context-focal-sudden"
ALONE = ("weakness", "severe_headache")
"""Signs that send to emergency care by themselves."""
TOXIC = ("double_vision", "drowsiness", "nystagmus", "slurred_speech", "unsteadiness")
"""Signs that too much of a drug causes as well."""
FOCAL = (*ALONE, *TOXIC, "encephalopathy", "visual_loss", "vomiting")
DISEASES = (
    "brain_aneurysm",
    "brain_tumour",
    "cerebral_venous_thrombosis",
    "hydrocephalus",
    "stroke",
    "sturge_weber",
    "traumatic_brain_injury",
    "vascular_malformation",
)
THINNERS = (
    "acenocoumarol",
    "apixaban",
    "aspirin",
    "clopidogrel",
    "dabigatran",
    "dalteparin",
    "dipyridamole",
    "edoxaban",
    "enoxaparin",
    "fondaparinux",
    "heparin",
    "phenprocoumon",
    "prasugrel",
    "rivaroxaban",
    "ticagrelor",
    "ticlopidine",
    "tinzaparin",
    "warfarin",
)
WITH_ALL = ("apixaban", "aspirin")
"""Drugs against clotting that are tried beside each drug against seizures; others beside few."""
FEW = ("phenytoin", "levetiracetam", "clobazam")
ANTISEIZURE = tuple(r.drug for r in load_reference().rows(Drug) if r.kind == "antiseizure")


@cache
def engine() -> ResponseEngine:
    return ResponseEngine(load_reference())


def boxed(*entry: str) -> list[Statement]:
    facts = parse_given((), list(entry), load_reference(), engine())
    return list(engine().interpret_facts(facts).urgent)


def certain(said: Iterable[Statement]) -> set[str]:
    return {s.text_id for s in said if not s.conditional}


def lists(thinner: str | None = None) -> Iterable[str]:
    """Yield medication lists: none, no drug besides, and drugs against seizures one by one."""
    if thinner is None:
        yield from ("sex=male", "current_drugs=none")
        yield from (f"current_drugs={drug}" for drug in ANTISEIZURE)
        return
    yield f"current_drugs={thinner}"
    for drug in ANTISEIZURE if thinner in WITH_ALL else FEW:
        yield f"current_drugs={thinner}|{drug}"


@pytest.mark.parametrize("sign", FOCAL)
@pytest.mark.parametrize("disease", DISEASES)
def test_beside_a_disease_of_the_brain_it_is_an_emergency(disease: str, sign: str) -> None:
    for listed in lists():
        box = boxed(listed, f"syndromes={disease}", f"signs={sign}")
        assert EMERGENCY in certain(box), listed
        assert SUDDEN not in certain(box)
        assert box[0].text_id == EMERGENCY, listed


@pytest.mark.parametrize("sign", FOCAL)
@pytest.mark.parametrize("thinner", THINNERS)
def test_on_a_drug_against_clotting_it_is_an_emergency(thinner: str, sign: str) -> None:
    for listed in lists(thinner):
        box = boxed(listed, f"signs={sign}")
        assert EMERGENCY in certain(box), listed
        assert box[0].text_id == EMERGENCY, listed


@pytest.mark.parametrize("sign", ALONE)
def test_some_signs_are_an_emergency_by_themselves(sign: str) -> None:
    for listed in lists():
        assert EMERGENCY in certain(boxed(listed, f"signs={sign}")), listed


@pytest.mark.parametrize("sign", TOXIC)
def test_a_sudden_sign_is_asked_about_in_anybody(sign: str) -> None:
    for listed in lists():
        assert certain(boxed(listed, f"signs={sign}")) & {EMERGENCY, SUDDEN}, listed


@pytest.mark.parametrize("sign", ["fever", "rash", "low_sodium", "aggression"])
def test_other_signs_bring_no_stroke(sign: str) -> None:
    for entry in ("syndromes=stroke;;current_drugs=warfarin|levetiracetam", "current_drugs=none"):
        said = certain(boxed(*entry.split(";;"), f"signs={sign}"))
        assert not said & {EMERGENCY, SUDDEN}


def test_without_a_new_sign_nothing_is_said() -> None:
    for entry in ("syndromes=stroke|brain_tumour", "current_drugs=warfarin", "sex=male"):
        assert not certain(boxed(entry)) & {EMERGENCY, SUDDEN}


def test_status_epilepticus_still_leads() -> None:
    box = boxed(
        "syndromes=stroke|status_epilepticus", "signs=drowsiness", "current_drugs=valproate"
    )
    assert box[0].text_id.startswith("context-status")
    assert EMERGENCY in certain(box)
