"""Packets: what is read, what is refused with its path, and what may never follow from a gap."""

import contextlib
import copy
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import CHOSEN
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.packet_terms import ontology_terms, sign_words
from epilepsy_pgx.intake.packet_times import duration_months, identifier
from epilepsy_pgx.intake.phenopacket import (
    PhenopacketEntry,
    read_phenopacket,
    read_phenopacket_file,
)
from epilepsy_pgx.model import ClinicalEntry, Suggestion
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import OntologyTerm, Sign, Syndrome
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.statement import ReasonKind
from epilepsy_pgx.vocabulary import Mri, Sex
from tests.drawing import examples

EEG = {"procedure": {"code": {"id": "NCIT:C38054", "label": "Electroencephalography"}}}
RADIATION = {"radiationTherapy": {"modality": {"id": "X:1", "label": "Gamma knife"}, "dosage": 20}}


def drug(label: str, code: str = "X:1", **more: Any) -> dict[str, Any]:
    start = {"interval": {"start": "2026-10-18T00:00:00Z"}}
    return {"treatment": {"agent": {"id": code, "label": label}, "doseIntervals": [start]}, **more}


FULL: dict[str, Any] = {
    "id": "p1",
    "subject": {
        "id": "P1",
        "sex": "FEMALE",
        "karyotypicSex": "XX",
        "dateOfBirth": "2002-05-01T00:00:00Z",
        "timeAtLastEncounter": {"age": {"iso8601duration": "P24Y6M"}},
        "vitalStatus": {"status": "ALIVE"},
    },
    "phenotypicFeatures": [
        {
            "type": {"id": "HP:0007359", "label": "Focal-onset seizure"},
            "severity": {"id": "HP:0012828", "label": "Severe"},
            "onset": {"age": {"iso8601duration": "P7M"}},
        },
        {
            "type": {"id": "HP:0000988", "label": "Skin rash"},
            "onset": {"timestamp": "2026-11-18T00:00:00Z"},
        },
        {"type": {"id": "HP:0001945", "label": "Fever"}, "excluded": True},
    ],
    "diseases": [
        {"term": {"id": "MONDO:0100135", "label": "Dravet syndrome"}},
        {"term": {"id": "OMIM:191100", "label": "Tuberous sclerosis 1"}, "excluded": True},
    ],
    "measurements": [
        {
            "assay": {"id": "LOINC:29463-7", "label": "Body weight"},
            "value": {"quantity": {"unit": {"id": "UCUM:kg", "label": "kg"}, "value": 61.5}},
        }
    ],
    "medicalActions": [
        drug("Tegretol", adverseEvents=[{"id": "HP:0000988", "label": "Skin rash"}]),
        drug("valproic acid"),
        drug("phenytoin", treatmentTerminationReason={"id": "X:2", "label": "Rash"}),
        EEG,
    ],
    "metaData": {"created": "2026-11-22T10:00:00Z", "phenopacketSchemaVersion": "2.0"},
}


def put(path: str, value: Any) -> dict[str, Any]:
    """Return the full packet with one element set; `a.0.b` names the place."""
    packet = copy.deepcopy(FULL)
    place: Any = packet
    *way, last = (int(k) if k.isdigit() else k for k in path.split("."))
    for key in way:
        place = place[key]
    if isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return packet


def read(ref: Reference, packet: Any) -> PhenopacketEntry:
    text = packet if isinstance(packet, str) else json.dumps(packet)
    return read_phenopacket(text, ref, file="p.json", sample="P1")


def faults(ref: Reference, packet: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        read(ref, packet)
    problems = caught.value.problems
    assert all(p.file == "p.json" and p.sample == "P1" and p.fix for p in problems)
    return [(p.column, p.check.removeprefix("phenopacket-")) for p in problems]


def test_a_label_that_a_list_refuses_is_kept(
    reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(word: str, ref: Reference) -> None:
        raise ValueError(word)

    monkeypatch.setattr("epilepsy_pgx.intake.packet_drugs.resolve_drug", refuse)
    found = read(reference, put("medicalActions", [drug("carbamazepine valproate")]))
    assert [d.known for d in found.entry.current or ()] == [False]


def test_the_full_packet(reference: Reference) -> None:
    found = read(reference, FULL)
    entry = found.entry
    assert found.problems == found.unmapped == ()
    assert (entry.affected, entry.sex, entry.syndromes) == (True, Sex.FEMALE, ("dravet",))
    assert (entry.age_years, entry.onset_months) == (Decimal("24.5"), Decimal(7))
    assert entry.signs == ("rash",)
    assert entry.current is not None
    assert entry.failed is not None
    assert [(d.drug, d.reaction) for d in entry.current] == [
        ("carbamazepine", ("rash",)),
        ("valproate", ()),
    ]
    assert [(d.drug, d.reason) for d in entry.failed] == [("phenytoin", "rash")]


@pytest.mark.parametrize(
    "actions",
    [
        None,
        [],
        [EEG],
        [RADIATION],
        [EEG, RADIATION],
        [{}],
        [{"treatment": {}}],
        [{"treatment": None}],
        [drug("phenytoin", treatmentTerminationReason={"label": "Rash"})],
        [{"therapeuticRegimen": {"ontologyClass": {"id": "X:1", "label": "Ketogenic diet"}}}],
    ],
)
def test_actions_without_a_drug_in_use_give_no_list(reference: Reference, actions: Any) -> None:
    assert read(reference, put("medicalActions", actions)).entry.current is None


@pytest.mark.parametrize(
    ("agent", "drugs"),
    [
        ({"id": "RXCUI:2002", "label": "carbamazepine"}, ["carbamazepine"]),
        ({"id": "RXCUI:1", "label": "carbamazepine 200 MG Oral Tablet"}, ["carbamazepine"]),
        ({"id": "ATC:N03AF01", "label": "CARBAMAZEPINE"}, ["carbamazepine"]),
        ({"id": "NCIT:C62028", "label": "12 HR carbamazepine 400 ER"}, ["carbamazepine"]),
        ({"id": "X:1", "label": "carbamazepine, valproate"}, ["carbamazepine", "valproate"]),
        ({"id": "X:1", "label": "Tegretol + Keppra"}, ["carbamazepine", "levetiracetam"]),
        ({"id": "X:1", "label": "phenytoin and clobazam"}, ["phenytoin", "clobazam"]),
        ({"id": "X:1", "label": "Evotaz"}, ["atazanavir", "cobicistat"]),
        (
            {"id": "X:1", "label": "Keppra and Evotaz"},
            ["levetiracetam", "atazanavir", "cobicistat"],
        ),
        ({"id": "X:1", "label": "Triumeq"}, ["dolutegravir", "abacavir", "lamivudine (Triumeq)"]),
        ({"label": "a|b[c]=d;e"}, ["a|b[c]=d;e"]),
    ],
)
def test_agents(reference: Reference, agent: dict[str, str], drugs: list[str]) -> None:
    found = read(reference, put("medicalActions", [{"treatment": {"agent": agent}}]))
    assert [d.drug for d in found.entry.current or ()] == drugs


@pytest.mark.parametrize(
    ("agent", "suggestion"),
    [
        ({"id": "DRUGCENTRAL:495"}, None),
        ({"id": "CHEBI:3387", "label": "Zzyzx"}, None),
        ({"label": "carbamazepene"}, "carbamazepine"),
        ({"label": "carbamazepine, zzyzx"}, "carbamazepine"),
    ],
)
def test_an_unknown_agent_is_kept_with_its_identifier(
    reference: Reference, agent: dict[str, str], suggestion: str | None
) -> None:
    found = read(reference, put("medicalActions", [{"treatment": {"agent": agent}}]))
    (item,) = found.entry.current or ()
    assert not item.known
    assert suggestion is None or item.suggestion.drug == suggestion
    assert all(word in item.entered for word in agent.values())


@pytest.mark.parametrize(
    ("intervals", "taken"),
    [
        ([], True),
        ([{"start": "2026-01-01"}], True),
        ([{"start": "2026-01-01", "end": "2026-02-01"}], False),
        ([{"start": "2026-01-01", "end": "2026-11-22"}], True),
        ([{"start": "2026-01-01", "end": "2027-01-01"}], True),
        ([{"start": "2026-01-01", "end": "2026-02-01"}, {"start": "2026-03-01"}], True),
        ([{"end": "2026-02-01"}, {"end": "2026-03-01"}], False),
        ([{"end": "2026-02-01"}, {}], True),
    ],
)
def test_a_drug_is_over_if_all_its_intervals_are(
    reference: Reference, intervals: list[dict[str, str]], taken: bool
) -> None:
    doses = [{"interval": i} for i in intervals]
    action = {"treatment": {"agent": {"label": "phenytoin"}, "doseIntervals": doses}}
    entry = read(reference, put("medicalActions", [action])).entry
    assert (entry.current is not None, entry.failed is not None) == (taken, not taken)
    undated = put("medicalActions", [action])
    del undated["metaData"]
    assert read(reference, undated).entry.current is not None


MILLIGRAM = {"id": "UO:0000022", "label": "milligram"}
OPEN = {"start": "2026-10-18T00:00:00Z"}


@pytest.mark.parametrize(
    ("unit", "value", "often", "daily"),
    [
        (MILLIGRAM, 600, ["Twice Daily"], "1200 mg/day"),
        ({"id": "UCUM:g", "label": ""}, 0.5, ["Three Times Daily"], "1500 mg/day"),
        ({"id": "UCUM:mg/d", "label": "mg/day"}, 900, [""], "900 mg/day"),
        ({"id": "UCUM:mg/kg/d", "label": ""}, 20, [""], "20 mg/kg/day"),
        # What leaves open how much a day it is stays text.
        (MILLIGRAM, 600, ["As Needed"], None),
        (MILLIGRAM, 600, [""], None),
        ({"id": "X:1", "label": "tablet"}, 2, ["Twice Daily"], None),
        (MILLIGRAM, 600, ["Daily", "Daily"], None),
    ],
)
def test_the_dose_of_a_day_is_reckoned_where_it_is_certain(
    reference: Reference, unit: dict[str, str], value: float, often: list[str], daily: str | None
) -> None:
    doses = [
        {
            "quantity": {"unit": unit, "value": value},
            "scheduleFrequency": {"id": "X:1", "label": label},
            "interval": OPEN,
        }
        for label in often
    ]
    action = {"treatment": {"agent": {"label": "gabapentin"}, "doseIntervals": doses}}
    (item,) = read(reference, put("medicalActions", [action])).entry.current or ()
    assert item.dose is not None
    assert (None if item.daily_dose is None else str(item.daily_dose)) == daily


@pytest.mark.parametrize(
    ("form", "drugs"),
    [
        ("HP:0007359", True),
        ("HP:0012469", True),
        ("HP:0002373", True),
        ("HP:0002121", True),
        ("HP:0002123", True),
        ("HP:0001250", True),
        ("hp:0011153", True),
        ("http://purl.obolibrary.org/obo/HP_0002133", True),
        ("HP:0001263", False),
    ],
)
def test_every_kind_of_seizure_counts(reference: Reference, form: str, drugs: bool) -> None:
    feature = {"type": {"id": form, "label": ""}, "onset": {"age": {"iso8601duration": "P5M"}}}
    found = read(reference, {**put("phenotypicFeatures", [feature]), "diseases": []})
    assert found.entry.affected is (True if drugs else None)
    assert found.entry.onset_months == (Decimal(5) if drugs else None)


def test_the_table_knows_the_descendants_of_seizures_and_signs(reference: Reference) -> None:
    terms = ontology_terms(reference)
    words = {row.sign for row in reference.rows(Sign)}
    syndromes = {row.syndrome for row in reference.rows(Syndrome)}
    assert sum(m.kind == "seizure" for m in terms.ids.values()) > 400
    for row in reference.rows(OntologyTerm):
        chosen = {column.name: {word for word, _ in column.choices} for column in CHOSEN}
        known = {"sign": words, "syndrome": syndromes, **chosen}.get(row.kind)
        assert known is None or (row.words and set(row.words) <= known)
        assert identifier(row.term) == row.term
        assert row.kind != "onset" or all(w.isdigit() for w in row.words)
    for term, word in sign_words(reference).items():
        assert terms.ids[term].words == (word,)


@pytest.mark.parametrize(
    ("feature", "mri"),
    [
        ({"id": "HP:0012751", "label": ""}, Mri.UNCERTAIN),
        ({"id": "", "label": "Focal T2 hyperintense thalamic lesion"}, Mri.UNCERTAIN),
        # Neither says that MRI shows it.
        ({"id": "HP:0410263", "label": "Brain imaging abnormality"}, None),
        ({"id": "HP:0032046", "label": "Focal cortical dysplasia"}, None),
    ],
)
def test_only_terms_of_mri_answer_what_it_shows(
    reference: Reference, feature: dict[str, str], mri: Mri | None
) -> None:
    def answer(**more: Any) -> Mri | None:
        return read(reference, put("phenotypicFeatures", [{"type": feature, **more}])).entry.mri

    assert answer() is mri
    assert answer(excluded=True) is None
    assert answer(resolution={"age": {"iso8601duration": "P5M"}}) is None


@pytest.mark.parametrize(
    ("excluded", "stated", "affected"),
    [
        (["HP:0001250"], [], False),
        (["HP:0007359"], [], None),
        ([], [], None),
        (["HP:0002373"], ["HP:0007359"], True),
    ],
)
def test_only_all_seizures_excluded_mean_no(
    reference: Reference, excluded: list[str], stated: list[str], affected: bool | None
) -> None:
    features = [{"type": {"id": i}, "excluded": True} for i in excluded]
    features += [{"type": {"id": i}} for i in stated]
    found = read(reference, {**put("phenotypicFeatures", features), "diseases": []})
    assert found.entry.affected is affected


@pytest.mark.parametrize(
    ("term", "syndromes", "named"),
    [
        ({"id": "MONDO:0100135", "label": "SMEI"}, ("dravet",), ()),
        ({"id": "OMIM:607208", "label": "Epileptic encephalopathy"}, None, ()),
        ({"id": "ORPHA:33069"}, ("dravet",), ()),
        ({"id": "Orphanet:33069", "label": "Dravet"}, ("dravet",), ()),
        ({"id": "ORDO:Orphanet_33069"}, ("dravet",), ()),
        ({"id": "MONDO:0011794", "label": "Dravet syndrome"}, ("dravet",), ()),
        ({"id": "OMIM:607208", "label": "Dravet syndrome"}, ("dravet",), ()),
        ({"id": "OMIM:300672"}, ("cdkl5_deficiency",), ()),
        ({"id": "OMIM:203700"}, ("polg_disease",), ()),
        ({"id": "OMIM:311250"}, ("urea_cycle_disorder",), ()),
        ({"id": "X:1", "label": "Lennox-Gastaut syndrome"}, ("lennox_gastaut",), ()),
        ({"id": "MONDO:0005027", "label": "epilepsy"}, (), ()),
        ({"id": "MONDO:0004979", "label": "asthma"}, (), ("asthma",)),
        ({"id": "MONDO:0004979"}, (), ("MONDO:0004979",)),
        ({"label": "porphyria cutanea tarda"}, (), ("porphyria cutanea tarda",)),
    ],
)
def test_diseases_are_read_by_identifier_then_by_label(
    reference: Reference, term: dict[str, str], syndromes: tuple[str, ...] | None, named: Any
) -> None:
    found = read(reference, put("diseases", [{"term": term}]))
    assert syndromes is None or found.entry.syndromes == syndromes
    assert found.unmapped == named


@pytest.mark.parametrize(
    ("onset", "months"),
    [
        ({"age": {"iso8601duration": "P2M30D"}}, "2.9"),
        (
            {"ageRange": {"start": {"iso8601duration": "P1M"}, "end": {"iso8601duration": "P6M"}}},
            None,
        ),
        ({"ontologyClass": {"id": "HP:0003593", "label": "Infantile onset"}}, None),
        ({"ontologyClass": {"id": "HP:0003623", "label": "Neonatal onset"}}, "0"),
        ({"ontologyClass": {"id": "HP:0003581", "label": "Adult onset"}}, "192"),
        ({"timestamp": "2002-08-15T00:00:00Z"}, "3"),
        ({"interval": {"start": "2002-08-15", "end": "2003-08-15"}}, None),
        ({"gestationalAge": {"weeks": 33, "days": 2}}, "0"),
    ],
)
def test_onsets(reference: Reference, onset: dict[str, Any], months: str | None) -> None:
    entry = read(reference, put("phenotypicFeatures.0.onset", onset)).entry
    assert entry.onset_months == (None if months is None else Decimal(months))
    later = put("phenotypicFeatures.0.onset", onset)
    later["diseases"][0]["onset"] = {"age": {"iso8601duration": "P20Y"}}
    assert read(reference, later).entry.onset_months == entry.onset_months


def test_another_disease_is_no_onset_of_seizures(reference: Reference) -> None:
    asthma = {"term": {"label": "asthma"}, "onset": {"age": {"iso8601duration": "P1M"}}}
    assert read(reference, put("diseases.2", asthma)).entry.onset_months == 7


@pytest.mark.parametrize("text", ["P1Y2M3W4DT5H6M7S", "P0D", "PT12H", "P89D", "P2M30D"])
def test_rounding_completes_no_month(text: str) -> None:
    months = duration_months(text)
    assert months is not None
    assert duration_months("P89D") == duration_months("P2M30D") == Decimal("2.9")


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "T1H", "-P1Y", "P1", "1Y", "P1Y ", "P99999Y", "P\u0661Y"]
)
def test_what_is_no_duration(text: str) -> None:
    assert duration_months(text) is None


@pytest.mark.parametrize(
    ("place", "value", "check", "where"),
    [
        ("subject.sex", "F", "word", "$.subject.sex"),
        ("subject.sex", 9, "word", "$.subject.sex"),
        ("subject.sex", ["FEMALE"], "word", "$.subject.sex"),
        ("subject.karyotypicSex", "46,XX", "word", "$.subject.karyotypicSex"),
        ("subject.dateOfBirth", "yesterday", "date", "$.subject.dateOfBirth"),
        ("subject.dateOfBirth", "2030-01-01", "date", "$.subject.dateOfBirth"),
        (
            "subject.timeAtLastEncounter",
            {"age": {"iso8601duration": "24"}},
            "duration",
            "$.subject.timeAtLastEncounter.age.iso8601duration",
        ),
        (
            "subject.timeAtLastEncounter",
            {"age": {"iso8601duration": "P40Y"}},
            "age-and-birth",
            "$.subject.timeAtLastEncounter",
        ),
        (
            "subject.timeAtLastEncounter",
            {"age": {"iso8601duration": "P24Y"}, "timestamp": "2026-10-01"},
            "one-of",
            "$.subject.timeAtLastEncounter",
        ),
        ("phenotypicFeatures", {}, "form", "$.phenotypicFeatures"),
        ("phenotypicFeatures.1", "rash", "form", "$.phenotypicFeatures[1]"),
        (
            "phenotypicFeatures.0.type",
            {"id": "HP:0001250", "label": "Skin rash"},
            "term",
            "$.phenotypicFeatures[0].type",
        ),
        ("phenotypicFeatures.0.type.label", 5, "form", "$.phenotypicFeatures[0].type.label"),
        ("phenotypicFeatures.0.excluded", "yes", "form", "$.phenotypicFeatures[0].excluded"),
        ("phenotypicFeatures.0.exluded", True, "name", "$.phenotypicFeatures[0].exluded"),
        (
            "diseases.0.term",
            {"id": "MONDO:0100135", "label": "Lennox-Gastaut syndrome"},
            "term",
            "$.diseases[0].term",
        ),
        (
            "diseases.1.term",
            {"id": "MONDO:0100135", "label": "Dravet syndrome"},
            "excluded",
            "$.diseases[1]",
        ),
        ("diseases.0.term", {}, "term", "$.diseases[0].term"),
        (
            "measurements.0.value.quantity.value",
            "heavy",
            "form",
            "$.measurements[0].value.quantity.value",
        ),
        (
            "measurements.0.value.quantity.value",
            6150,
            "weight",
            "$.measurements[0].value.quantity.value",
        ),
        (
            "medicalActions.2.treatment.agent.label",
            ["x"],
            "form",
            "$.medicalActions[2].treatment.agent.label",
        ),
        (
            "medicalActions.0.treatment.agent.label",
            "None",
            "term",
            "$.medicalActions[0].treatment.agent.label",
        ),
        ("medicalActions.0.treatment", [], "form", "$.medicalActions[0].treatment"),
        (
            "medicalActions.0.treatment.agent",
            "Tegretol",
            "form",
            "$.medicalActions[0].treatment.agent",
        ),
        (
            "medicalActions.0.treatment.doseIntervals.0.interval.end",
            "2026-01-01",
            "interval",
            "$.medicalActions[0].treatment.doseIntervals[0].interval",
        ),
        (
            "medicalActions.0.treatment.doseIntervals.0.interval.start",
            "2026-12-01",
            "interval",
            "$.medicalActions[0].treatment.doseIntervals[0].interval.start",
        ),
        ("medicalActions.0.treatement", {}, None, ""),
        ("medicalAction", [], None, ""),
        ("metaData.created", "22.11.2026", "date", "$.metaData.created"),
    ],
)
def test_a_fault_names_its_path(
    reference: Reference, place: str, value: Any, check: str | None, where: str
) -> None:
    if check is None:
        packet = put(place, value)
        right = {"treatement": "treatment", "medicalAction": "medicalActions"}
        wrong = place.rsplit(".", 1)[-1]
        holder = packet["medicalActions"][0] if "." in place else packet
        del holder[right[wrong]]
        assert [c for _, c in faults(reference, packet)] == ["name"]
        return
    assert (where, check) in faults(reference, put(place, value))


def test_all_faults_come_at_once(reference: Reference) -> None:
    packet = put("subject.sex", "x")
    packet["metaData"]["created"] = "x"
    packet["medicalActions"][1]["treatment"]["agent"]["label"] = 1
    assert len(faults(reference, packet)) == 3


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("", "json"),
        ("{", "json"),
        ("subject:\n  id: P1\n", "json"),
        ("[]", "subject"),
        ('"x"', "subject"),
        ("{}", "subject"),
        ('{"subject": null}', "subject"),
        ('{"subject": {"id": NaN}}', "json"),
        ('{"subject": {}, "x": -Infinity}', "json"),
        ('{"subject": {}, "x": 1e99999999999999999999}', "json"),
        ('{"subject": {"sex": "MALE", "sex": "FEMALE"}}', "name-once"),
        ('{"subject": {}, "metaData": {}, "meta_data": {}}', "name-once"),
        ('{"subject": {}, "x": "\\ud800"}', "text"),
        ('{"subject": {}, "x": ' + "[" * 100 + "]" * 100 + "}", "json"),
        ('{"subject": {}, "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "json"),
        ('{"proband": {"subject": {}}, "pedigree": {}}', "subject"),
        ('{"members": [{"subject": {}}]}', "subject"),
        ('{"resourceType": "Bundle"}', "subject"),
        ('{"subject": {"ageAtCollection": {"age": "P1Y"}}}', "version"),
        ('{"subject": {}, "metaData": {"phenopacketSchemaVersion": "1.0.0"}}', "version"),
        ('{"subject": {}, "htsFiles": []}', "version"),
        ('{"subject": {}, "phenotypicFeatures": [{"classOfOnset": {}}]}', "version"),
    ],
)
def test_other_texts_are_refused_in_words(reference: Reference, text: str, check: str) -> None:
    assert {c for _, c in faults(reference, text)} == {check}


def snake(value: Any) -> Any:
    if isinstance(value, list):
        return [snake(v) for v in value]
    if isinstance(value, dict):
        return {
            "".join(f"_{c.lower()}" if c.isupper() else c for c in k): snake(v)
            for k, v in value.items()
        }
    return value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("change", [lambda p: p, snake])
def test_names_and_encodings_of_the_standard(
    reference: Reference, tmp_path: Path, encoding: str, change: Any
) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps(change(FULL)), encoding=encoding)
    assert read_phenopacket_file(path, reference).entry == read(reference, FULL).entry
    assert read(reference, put("subject.sex", 1)).entry == read(reference, FULL).entry


@pytest.mark.parametrize("kind", ["utf-16", "latin-1", "folder", "pipe", "none", "large"])
def test_files_that_cannot_be_read(reference: Reference, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "p.json"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "large":
        path.write_bytes(b" " * (9 << 20))
    elif kind != "none":
        path.write_text('{"subject": {"id": "ä"}}', encoding=kind)
    with pytest.raises(InputError) as caught:
        read_phenopacket_file(path, reference)
    assert [p.check for p in caught.value.problems] == ["phenopacket-readable"]


@pytest.mark.parametrize(
    ("place", "value", "field", "note"),
    [
        ("subject.sex", "UNKNOWN_SEX", "sex", ()),
        ("subject.sex", "OTHER_SEX", "sex", ()),
        ("subject.karyotypicSex", "XY", "sex", ("sex: FEMALE / XY",)),
        ("subject.dateOfBirth", None, "", ()),
        ("subject.vitalStatus.status", "DECEASED", "", ("vitalStatus: DECEASED",)),
        ("measurements.0.value.quantity.unit", {"label": "stone"}, "weight_kg", ("Body weight",)),
        (
            "measurements.1",
            {"assay": {"label": "Carbamazepine [Mass/volume] in Serum"}},
            "",
            ("Carbamazepine",),
        ),
        (
            "interpretations",
            [{"diagnosis": {"disease": {"id": "OMIM:311250"}}}],
            "",
            ("interpretations",),
        ),
        ("phenotypicFeatures.3", {"type": {"id": "SNOMED:1", "label": "Odd"}}, "", ("Odd",)),
        ("phenotypicFeatures.3", {"type": {"id": "HP:0001263", "label": "Delay"}}, "", ()),
    ],
)
def test_what_is_not_considered_is_named(
    reference: Reference, place: str, value: Any, field: str, note: tuple[str, ...]
) -> None:
    found = read(reference, put(place, value))
    assert not field or getattr(found.entry, field) is None
    assert len(found.unmapped) == len(note)
    assert all(n in u for n, u in zip(note, found.unmapped, strict=True))


@pytest.mark.parametrize(
    ("encounter", "years"),
    [
        ({"age": {"iso8601duration": "P20Y"}}, "20"),
        (None, None),
        ({"timestamp": "2026-10-01"}, None),
        ({"ontologyClass": {"id": "HP:0003581"}}, None),
        (
            {
                "ageRange": {
                    "start": {"iso8601duration": "P20Y"},
                    "end": {"iso8601duration": "P25Y"},
                }
            },
            None,
        ),
    ],
)
def test_ages(reference: Reference, encounter: Any, years: str | None) -> None:
    packet = put("subject.timeAtLastEncounter", encounter)
    assert read(reference, packet).entry.age_years == Decimal("24.5")
    del packet["subject"]["dateOfBirth"]
    age = read(reference, packet).entry.age_years
    assert age == (
        None
        if years is None and "ontologyClass" not in str(encounter)
        else Decimal(16)
        if "ontologyClass" in str(encounter)
        else Decimal(years or 0)
    )


@pytest.mark.parametrize(
    ("events", "reaction"),
    [
        ([{"label": "Stevens-Johnson syndrome"}], "blisters"),
        ([{"id": "MONDO:0019810"}], "blisters"),
        ([{"id": "HP:0032061", "label": "Odd"}], None),
        ([{"id": "HP:0001399", "label": "Hepatic failure"}], "liver_dysfunction"),
        ([{"id": "HP:0040186", "label": "Maculopapular exanthema"}], "rash"),
        ([{"label": "Liver injury"}], "liver_dysfunction"),
    ],
)
def test_a_reaction_is_told_by_its_identifier_a_descendant_or_its_label(
    reference: Reference, events: list[dict[str, str]], reaction: str | None
) -> None:
    found = read(reference, put("medicalActions", [drug("phenytoin", adverseEvents=events)]))
    assert found.entry.current is not None
    assert (reaction in found.entry.current[0].reaction) is (reaction is not None)
    assert bool(found.unmapped) is (reaction is None)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    for key, inner in (
        value.items()
        if isinstance(value, dict)
        else (enumerate(value) if isinstance(value, list) else ())
    ):
        found += places(inner, (*path, key))
    return found


def without(path: tuple[Any, ...]) -> dict[str, Any]:
    packet = copy.deepcopy(FULL)
    place: Any = packet
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return packet


def urgent(
    engine: ResponseEngine, entry: ClinicalEntry, *, history: bool = True
) -> dict[str, set[str]]:
    """Return what is urgent by drug; without what rests on a drug that was given up, if asked."""
    found = engine.interpret({}, (), {}, entry)
    return {
        d.drug: {
            s.text_id
            for s in d.statements
            if s.urgent and (history or all(r.kind is not ReasonKind.HISTORY for r in s.reasons))
        }
        for d in found.drugs
    }


@pytest.mark.parametrize("path", places(FULL), ids=lambda p: ".".join(map(str, p)))
def test_removing_an_element_takes_nothing_else_away(
    reference: Reference, engine: ResponseEngine, path: tuple[Any, ...]
) -> None:
    """Lists lose at most what the element itself says; nothing else becomes more certain."""
    before = read(reference, FULL).entry
    try:
        after = read(reference, without(path)).entry
    except InputError:
        return
    assert after.current != ()
    top, *rest = path
    own = {
        "medicalActions": {"current", "failed"},
        "diseases": {"syndromes", "affected"},
        "phenotypicFeatures": {"signs", "affected", "onset_months"},
        "measurements": {"weight_kg"},
        "subject": {"sex", "age_years"},
        "metaData": {"entry_date", "failed"},
    }.get(top, set())
    for name in (
        "affected",
        "sex",
        "weight_kg",
        "onset_months",
        "age_years",
        "entry_date",
        "syndromes",
        "failed",
    ):
        one, other = getattr(before, name), getattr(after, name)
        assert one == other or (name in own and not (one is None and other is not None)), name
    lost = {d.drug for d in before.current or ()} - {d.drug for d in after.current or ()}
    assert not lost or (top == "medicalActions" and len(lost) <= (len(rest) == 0) + 1)
    assert set(before.signs) <= set(after.signs) or top == "phenotypicFeatures"
    if top != "medicalActions" and top != "phenotypicFeatures":
        now, then = urgent(engine, before), urgent(engine, after)
        assert all(lines <= then[name] for name, lines in now.items())
    elif top == "medicalActions":
        # A treatment that was stopped takes along what rests on its stop, and nothing else.
        now, then = urgent(engine, before, history=False), urgent(engine, after)
        assert all(lines <= then[name] for name, lines in now.items() if name not in lost)


@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_no_value_in_any_place_breaks_the_reader(reference: Reference, data: st.DataObject) -> None:
    packet = copy.deepcopy(FULL)
    scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    odd = st.recursive(
        scalar | st.sampled_from(["", "P1Y", "2026-11-22", "none", "nan", "HP:0001250", "\0"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "label", "age", "value", "excluded", "x"]), inner, max_size=3
            )
        ),
        max_leaves=4,
    )
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(packet)))
        place: Any = packet
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = data.draw(odd)
    with contextlib.suppress(InputError):
        assert read(reference, packet).entry.current != ()


@pytest.fixture(scope="session")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        ({"id": "ATC:N03AF01"}, "carbamazepine"),
        ({"id": "RxNorm:2002"}, "carbamazepine"),
        ({"id": "ATC:N03AG01", "label": "Hausmarke"}, "valproate"),
        ({"id": "X:1", "label": "N03AB02"}, "phenytoin"),
    ],
)
def test_an_identifier_of_a_drug_is_not_lost(reference, agent, found):
    listed = read(reference, put("medicalActions", [{"treatment": {"agent": agent}}])).entry.current
    assert [(d.known, d.suggestion) for d in listed or ()] == [(False, Suggestion(found, found))]


@pytest.mark.parametrize(
    ("code", "label", "number"),
    [
        ("ATC:N03AF01", "Tegretol retard 400", 0),
        ("ATC:N03AG01", "carbamazepine", 1),
        ("RXNORM:8183", "fosphenytoin", 1),
        ("RXNORM:308979", "carbamazepine", 0),
    ],
)
def test_an_identifier_and_a_label_of_two_drugs_are_a_fault(reference, code, label, number):
    packet = put("medicalActions", [drug(label, code)])
    if number:
        assert len(faults(reference, packet)) == number
    else:
        assert read(reference, packet).entry.current


@pytest.mark.parametrize(("status", "taken"), [("STARTED", True), ("COMPLETED", False)])
def test_a_regimen_named_after_a_drug_is_that_drug(reference, status, taken):
    regimen = {"ontologyClass": {"id": "X:1", "label": "Carbamazepine"}, "regimenStatus": status}
    entry = read(reference, put("medicalActions", [{"therapeuticRegimen": regimen}])).entry
    listed = entry.current if taken else entry.failed
    assert [d.drug for d in listed or ()] == ["carbamazepine"]


def test_what_has_no_place_is_named(reference):
    assay = {"id": "LOINC:57979-5", "label": "HLA-B*15:02 [Presence]"}
    packet = put("measurements", [{"assay": assay}])
    packet["pharmacy"] = [{"label": "carbamazepine"}]
    unmapped = read(reference, packet).unmapped
    assert any("HLA-B*15:02" in u for u in unmapped)
    assert "pharmacy" in unmapped


def test_a_misspelt_name_beside_the_right_one_is_a_fault(reference):
    packet = put("subject.id", "P1")
    packet["medicalAction"] = [drug("valproate")]
    assert [path for path, _ in faults(reference, packet)] == ["$.medicalAction"]


def measured(code: str, value: object, unit: str, day: str = "2026-11-01") -> dict[str, Any]:
    return {
        "assay": {"id": f"LOINC:{code}", "label": ""},
        "value": {"quantity": {"unit": {"id": f"UCUM:{unit}", "label": ""}, "value": value}},
        "timeObserved": {"timestamp": f"{day}T08:00:00Z"},
    }


def test_levels_are_of_the_drugs_that_are_taken(reference: Reference) -> None:
    packet = put("measurements.1", measured("3432-2", 34, "umol/L"))
    packet["measurements"] += [
        measured("3432-2", 6, "mg/L", "2026-01-01"),
        measured("4086-5", 70, "ug/mL"),
        measured("6948-4", 4, "mg/L"),
        measured("1751-7", 3.1, "g/dL"),
    ]
    found = read(reference, packet)
    assert found.entry.current is not None
    levels = {d.drug: [str(x.quantity) for x in d.levels] for d in found.entry.current}
    assert levels == {"carbamazepine": ["6 mg/L", "34 µmol/L"], "valproate": ["70 mg/L"]}
    assert found.entry.current[0].levels[1].date == "2026-11-01"
    assert found.entry.albumin_g_l == 31
    assert "measurements: lamotrigine" in found.unmapped


@pytest.mark.parametrize(
    ("value", "unit"), [(45, "banana"), (45, ""), (45, "mg"), (-3, "mg/L"), (99999, "mg/L")]
)
def test_a_level_without_unit_or_sense_is_a_fault(reference: Reference, value, unit) -> None:
    packet = put("measurements.1", measured("3432-2", value, unit))
    assert [check for _, check in faults(reference, packet)] == ["level"]


def test_terms_and_treatments_answer_the_columns_of_words(reference: Reference) -> None:
    packet = put("phenotypicFeatures.2", {"type": {"id": "HP:0000716", "label": "Depression"}})
    packet["phenotypicFeatures"] += [
        {"type": {"id": "HP:0002384", "label": ""}},
        {"type": {"id": "HP:0001332", "label": ""}, "excluded": True},
        {"type": {"id": "HP:0001249", "label": ""}},
    ]
    packet["medicalActions"] += [
        {"procedure": {"code": {"id": "X:1", "label": "Vagus nerve stimulation"}}},
        {"therapeuticRegimen": {"ontologyClass": {"id": "X:2", "label": "Ketogenic diet"}}},
    ]
    entry = read(reference, packet).entry
    assert entry.mood == ("depression",)
    assert entry.cognition == ("intellectual_disability",)
    assert entry.movement_disorder == ()
    assert "focal_impaired_awareness" in entry.seizure_types
    assert (entry.stimulator, entry.diet) == (("vagus_nerve",), ("ketogenic",))


def test_a_regimen_of_a_product_is_all_that_it_holds(reference: Reference) -> None:
    regimen = {"therapeuticRegimen": {"ontologyClass": {"id": "X:1", "label": "Triumeq"}}}
    found = read(reference, put("medicalActions", [regimen])).entry.current or ()
    assert [d.drug for d in found] == ["dolutegravir", "abacavir", "lamivudine (Triumeq)"]


def test_a_product_beside_the_code_of_another_drug_is_two_drugs(reference: Reference) -> None:
    agent = {"id": "ATC:N03AF01", "label": "Triumeq"}
    packet = put("medicalActions", [{"treatment": {"agent": agent}}])
    assert [check for _, check in faults(reference, packet)] == ["term"]
