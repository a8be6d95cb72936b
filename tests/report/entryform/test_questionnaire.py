"""The questionnaire is one of FHIR R4, and asks what the page asks."""

import json

import pytest

from epilepsy_pgx.clinical_entry import COLUMNS
from epilepsy_pgx.report.entryform.questionnaire import render_questionnaire
from epilepsy_pgx.report.entryform.schema import KEYS


@pytest.fixture(scope="module", params=["en", "es"])
def made(request, reference):
    return json.loads(render_questionnaire(reference, request.param))


def items(item):
    for one in item.get("item", ()):
        yield one
        yield from items(one)


def test_it_is_a_questionnaire(made):
    pytest.importorskip("fhir.resources", reason="needs the extra fhir")
    from fhir.resources.R4B.questionnaire import Questionnaire

    Questionnaire.model_validate(made)


def test_every_item_is_named_once(made):
    links = [item["linkId"] for item in items(made)]
    assert len(links) == len(set(links))
    asked = {column.name for column in COLUMNS}
    assert asked <= set(links)
    for name, keys in KEYS.items():
        assert {f"{name}.{key}" for key in keys} <= set(links)


def test_every_choice_has_answers_and_every_quantity_its_units(made):
    for item in items(made):
        if item["type"] in ("choice", "open-choice"):
            assert item["answerOption"], item["linkId"]
            codes = [o["valueCoding"]["code"] for o in item["answerOption"]]
            assert len(codes) == len(set(codes)), item["linkId"]
        if item["type"] == "quantity":
            assert all(e["valueCoding"]["code"] for e in item["extension"]), item["linkId"]
        if item["type"] == "decimal":
            low, high = (e["valueDecimal"] for e in item["extension"])
            assert low < high
