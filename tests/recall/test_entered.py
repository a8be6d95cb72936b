"""Words of an entry that other tables read otherwise are never `no change`."""

from dataclasses import replace
from functools import cache

import pytest

from epilepsy_pgx.model import DrugExposure, InputFile
from epilepsy_pgx.recall.again import Remaker
from epilepsy_pgx.recall.changes import TableChanges
from epilepsy_pgx.recall.entered import read_otherwise
from epilepsy_pgx.recall.genes import Open
from tests.ledger.bench import example, tables
from tests.recall.bench import adding, changed, dropping, setting

DAY = "2026-11-23"
PLAIN, PACKET, DOSED = "plain", "packet", "dosed"
EDITS = {
    "brand": {"drug_names": setting({"name": "Tegretol"}, drug="lamotrigine")},
    "holds more": {"drug_names": setting({"name": "Tegretol"}, also="lamotrigine|caffeine")},
    "no brand": {"drug_names": dropping(name="Tegretol")},
    "other brand": {"drug_names": setting({"name": "ACTH"}, drug="lamotrigine")},
    "source": {"drug_names": setting({"name": "Tegretol"}, source="elsewhere")},
    "term": {"ontology_terms": setting({"term": "HP:0000155"}, words="facial_swelling")},
    "new term": {"ontology_terms": adding({"term": "HP:0000155"}, term="HP:0999999")},
    "label": {"ontology_terms": setting({"term": "HP:0000155"}, source="another release")},
    "sign": {"signs": setting({"sign": "aggression"}, hpo="HP:0999999")},
    "sign's name": {"signs": setting({"sign": "aggression"}, name="anger")},
    "unit": {"units": setting({"unit": "mg"}, spellings="milligram")},
    "code": {"drugs": setting({"drug": "lamotrigine"}, rxnorm="1")},
}


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    base = tmp_path_factory.mktemp("tables")
    return cache(lambda name: changed(base / name.replace(" ", "-"), **EDITS[name]))


def taking(how):
    """Return a patient who takes Tegretol, by a sheet or a phenopacket."""
    dose = {"dose": "400 mg/day"} if how == DOSED else {}
    drug = DrugExposure("carbamazepine", known=True, entered="Tegretol", **dose)
    report = example("EX04")
    report = replace(report, clinical=replace(report.clinical, current=(drug,), failed=None))
    made = report.provenance
    packet = InputFile("phenopacket", "pp.json", "sha256:0", 1)
    inputs = (*made.inputs, packet) if how == PACKET else made.inputs
    return replace(report, provenance=replace(made, inputs=inputs))


@pytest.mark.parametrize(
    ("edit", "open_for"),
    [
        ("brand", {PLAIN, PACKET, DOSED}),
        ("holds more", {PLAIN, PACKET, DOSED}),
        ("no brand", {PLAIN, PACKET, DOSED}),
        ("other brand", {PACKET}),
        ("source", set()),
        ("term", {PACKET}),
        ("new term", {PACKET}),
        ("label", set()),
        ("sign", {PACKET}),
        ("sign's name", set()),
        ("unit", {PACKET, DOSED}),
        ("code", {PACKET}),
    ],
)
def test_what_would_be_read_otherwise_is_open(edit, open_for, edited):
    changes = TableChanges(tables(), edited(edit))
    found = {how: list(read_otherwise(taking(how), changes)) for how in (PLAIN, PACKET, DOSED)}
    assert {how for how, said in found.items() if said} == open_for


def test_a_name_of_another_drug_is_open_for_who_takes_it(edited):
    made = Remaker(edited("brand"), (tables(),), DAY).remake(taking(PLAIN))
    assert Open("clinical entry", "the name Tegretol is read as another drug now") in made.open
