"""Cells of the sheet in a packet: read as the sheet is, and compared with its terms."""

import json

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.phenopacket import read_phenopacket
from epilepsy_pgx.vocabulary import FailureReason, Mri

DEPRESSION = {"type": {"id": "HP:0000716", "label": "Depression"}}
RASH = {"type": {"id": "HP:0000988", "label": "Skin rash"}}


def cell(column, text):
    value = {"ontologyClass": {"id": "epilepsy-pgx:cell", "label": "as entered"}}
    return {"assay": {"id": f"epilepsy-pgx:{column}"}, "description": text, "value": value}


def agent(label, **more):
    return {"treatment": {"agent": {"id": "X:1", "label": label}}, **more}


def read(reference, *cells, features=(), actions=(), measured=()):
    packet = {
        "id": "p",
        "subject": {"id": "p"},
        "measurements": [*cells, *measured],
        "phenotypicFeatures": list(features),
        "medicalActions": list(actions),
        "metaData": {"created": "2026-11-22T00:00:00Z"},
    }
    return read_phenopacket(json.dumps(packet), reference, file="p.json", sample="P1")


def test_cells_say_what_no_term_can(reference):
    entry = read(
        reference,
        cell("current_drugs", "none"),
        cell("failed_drugs", "lamotrigine[reason=worsened_seizures;duration=4 month]"),
        cell("failed_drugs", "VPA[reason=rash]"),
        cell("planned_drugs", "cenobamate"),
        cell("mri", "lesion"),
        cell("last_seizure", "2026-11-20"),
    ).entry
    assert entry.current == ()
    assert [d.drug for d in entry.failed] == ["lamotrigine", "valproate"]
    assert entry.failed[0].reason is FailureReason("worsened_seizures")
    assert entry.planned[0].drug == "cenobamate"
    assert (entry.mri, entry.last_seizure, entry.entry_date) == (Mri.LESION, "2026-11-20", None)


def test_a_cell_that_is_wrong_is_a_problem_as_in_the_sheet(reference):
    read_packet = read(reference, cell("current_drugs", "VPA[level=45]"), cell("mood", "gloomy"))
    assert {p.column for p in read_packet.problems} == {"current_drugs", "mood"}


def test_what_only_terms_say_is_added(reference):
    found = read(reference, cell("mood", "anxiety"), features=[DEPRESSION, RASH]).entry
    assert found.mood == ("anxiety", "depression")
    assert found.signs == ("rash",)
    assert [
        d.drug for d in read(reference, cell("mri", "normal"), actions=[agent("VPA")]).entry.current
    ]


def test_a_level_that_only_a_measurement_states_is_added(reference):
    quantity = {"unit": {"id": "UCUM:mg/L", "label": "mg/L"}, "value": 9}
    level = {"assay": {"id": "LOINC:3432-2"}, "value": {"quantity": quantity}}
    found = read(
        reference,
        cell("current_drugs", "carbamazepine[level=7 mg/L;level_date=2026-11-02]"),
        actions=[agent("carbamazepine")],
        measured=[level],
    ).entry
    assert [str(one.quantity) for one in found.current[0].levels] == ["7 mg/L", "9 mg/L"]


@pytest.mark.parametrize(
    ("cells", "more"),
    [
        (["current_drugs", "none"], {"actions": [agent("VPA")]}),
        (["current_drugs", "lamotrigine"], {"actions": [agent("VPA")]}),
        (["current_drugs", "lamotrigine"], {"actions": [agent("VPA"), agent("lamotrigine")]}),
        (["mood", "normal"], {"features": [DEPRESSION]}),
        (["entry_date", "2026-11-21"], {}),
    ],
)
def test_cells_and_terms_that_contradict_are_a_fault(cells, more, reference):
    with pytest.raises(InputError) as caught:
        read(reference, cell(*cells), **more)
    (problem,) = caught.value.problems
    assert problem.check == "phenopacket-column-and-terms"
    assert cells[0] in problem.found


@pytest.mark.parametrize(
    ("cells", "check"),
    [
        ([cell("moood", "normal")], "phenopacket-column"),
        ([cell("mood", "normal"), cell("mood", "normal")], "phenopacket-column-once"),
        ([cell("mood", "")], "phenopacket-form"),
        ([cell("mood", 4)], "phenopacket-form"),
    ],
)
def test_a_column_that_cannot_be_read_is_a_fault(cells, check, reference):
    with pytest.raises(InputError) as caught:
        read(reference, *cells)
    assert caught.value.problems[0].check == check
