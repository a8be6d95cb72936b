"""Our bundles keep to the Genomics Reporting guide, and the validator finds faults of each kind."""

import copy
import json
from dataclasses import replace
from functools import cache

import pytest

from epilepsy_pgx.report.authorise import authorise_report, release_as
from epilepsy_pgx.report.fhir import report_to_fhir
from epilepsy_pgx.vocabulary import ReportState
from tests.ledger.bench import example, tables

pytest.importorskip("fhir.resources", reason="the extra 'fhir' is not installed")
pytest.importorskip("fhirpathpy", reason="fhirpathpy is not installed")

from tests.report.guide.validate import Validator, definitions, value_set  # noqa: E402

GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/"
RICH = "EX01"
"""An example with a genotype, a variant, a class, and statements that rest on them."""


@cache
def bundle(name=RICH):
    return json.loads(report_to_fhir(example(name), tables()))


@pytest.mark.parametrize("name", ["EX01", "EX05"])
def test_a_bundle_keeps_to_the_profiles_that_it_names(name):
    assert Validator(bundle(name)).faults() == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3, 4, 6, 7, 8, 9, 10, 11])
def test_every_example_keeps_to_the_profiles(number):
    assert Validator(bundle(f"EX{number:02}")).faults() == []


def test_a_final_report_proposes_what_it_asks_for_as_the_guide_has_it():
    """And a draft, or a report that was withdrawn, proposes nothing."""
    final = authorise_report(example("EX05"), "Dr R. Release", "geneticist", "2026-11-23")
    made = json.loads(report_to_fhir(final, tables(), "Dr R. Release, geneticist"))
    assert Validator(made).faults() == []
    tasks = {
        e["fullUrl"]: e["resource"]
        for e in made["entry"]
        if e["resource"]["resourceType"] == "Task"
    }
    (report,) = (
        e["resource"] for e in made["entry"] if e["resource"]["resourceType"] == "DiagnosticReport"
    )
    named = [
        x["valueReference"]["reference"]
        for x in report["extension"]
        if x["url"].endswith("recommended-action")
    ]
    assert named == list(tasks)
    assert "urgent" in {t.get("priority") for t in tasks.values()}
    given = replace(final.authorisation, state=ReportState.WITHDRAWN)
    gone = report_to_fhir(release_as(final, given), tables(), "Dr R. Release")
    for text in (gone, report_to_fhir(example("EX05"), tables())):
        assert "Task" not in {e["resource"]["resourceType"] for e in json.loads(text)["entry"]}


def test_the_bundle_names_profiles_of_the_guide():
    named = {p for e in bundle()["entry"] for p in e["resource"].get("meta", {}).get("profile", ())}
    kinds = (
        "genomic-report",
        "genomic-study",
        "genomic-study-analysis",
        "genotype",
        "variant",
        "diagnostic-implication",
        "therapeutic-implication",
    )
    assert named == {f"{GUIDE}StructureDefinition/{k}" for k in kinds}
    assert named <= definitions()["StructureDefinition"].keys()


def first(made, profile):
    """Return the first resource of a profile."""
    return next(
        e["resource"]
        for e in made["entry"]
        if any(p.endswith(profile) for p in e["resource"].get("meta", {}).get("profile", ()))
    )


def part(item, code):
    """Return the component with a code."""
    return next(c for c in item["component"] if c["code"]["coding"][0]["code"] == code)


def no_status(made):
    del first(made, "genotype")["status"]


def two_states(made):
    item = first(made, "variant")
    item["component"].append(copy.deepcopy(part(item, "53034-5")))


def other_code(made):
    first(made, "genotype")["code"]["coding"][0]["code"] = "69548-6"


def other_report_code(made):
    first(made, "genomic-report")["code"]["coding"][0]["code"] = "11502-2"


def no_category(made):
    item = first(made, "variant")
    item["category"] = item["category"][:1]


def other_status(made):
    first(made, "variant")["status"] = "done"


def odd_element(made):
    first(made, "variant")["colour"] = "red"


def value_and_reason(made):
    item = first(made, "genotype")
    item["dataAbsentReason"] = {"text": "not done"}


def empty_range(made):
    part(first(made, "variant"), "81254-5")["valueRange"] = {}


def two_values(made):
    first(made, "genomic-report")["extension"] = [{"url": "http://x.org/y"}]


def other_type(made):
    item = part(first(made, "variant"), "81254-5")
    item["valueBoolean"] = True
    del item["valueRange"]


def other_subject(made):
    report = first(made, "genomic-report")
    report["subject"]["reference"] = report["specimen"][0]["reference"]


def other_profile(made):
    first(made, "variant")["meta"]["profile"] = [f"{GUIDE}StructureDefinition/none"]


def unfinished_study(made):
    first(made, "genomic-study-analysis")["status"] = "preparation"


def study_of_nobody(made):
    del first(made, "genomic-study")["subject"]


def two_regions(made):
    extension = first(made, "genomic-study-analysis")["extension"]
    extension.append(copy.deepcopy(extension[-1]))


PLANTED = [
    (unfinished_study, "fixed"),
    (study_of_nobody, "cardinality"),
    (two_regions, "slice"),
    (no_status, "cardinality"),
    (two_states, "slice"),
    (no_category, "slice"),
    (other_code, "fixed"),
    (other_report_code, "fixed"),
    (other_status, "binding"),
    (odd_element, "unknown"),
    (value_and_reason, "invariant"),
    (empty_range, "invariant"),
    (two_values, "invariant"),
    (other_type, "type"),
    (other_subject, "type"),
    (other_profile, "profile"),
]


@pytest.mark.parametrize(("plant", "kind"), PLANTED, ids=lambda x: getattr(x, "__name__", x))
def test_a_planted_fault_is_found_as_what_it_is(plant, kind):
    made = copy.deepcopy(bundle())
    # A small bundle, so that each fault costs little: what the planted resources refer to stays.
    keep = ("genomic-report", "genotype", "variant")
    chosen = [first(made, p) for p in keep]
    plant(made)
    entries = [
        e
        for e in made["entry"]
        if e["resource"]["resourceType"] != "Observation" or any(e["resource"] is c for c in chosen)
    ]
    urls = {e["fullUrl"] for e in entries}
    made["entry"] = entries
    report = chosen[0]
    report["result"] = [r for r in report["result"] if r["reference"] in urls]
    assert kind in {f.kind for f in Validator(made).faults()}


def test_value_sets_that_the_packages_hold_are_known():
    assert value_set("http://hl7.org/fhir/ValueSet/observation-status")


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("DiagnosticReport", {"issued": "yesterday"}),
        ("DiagnosticReport", {"issued": "2026-11-29"}),
        ("DiagnosticReport", {"issued": "2026-02-30T10:00:00Z"}),
        ("DiagnosticReport", {"status": ["final"]}),
        ("DiagnosticReport", {"conclusion": 3}),
        ("DiagnosticReport", {"conclusion": ""}),
        ("DiagnosticReport", {"id": "a b"}),
        ("DiagnosticReport", {"presentedForm": [{"contentType": "x/y", "data": "%%%"}]}),
        ("DiagnosticReport", {"subject": "Patient/1"}),
        ("Patient", {"birthDate": "1978-13-40"}),
        ("Patient", {"birthDate": "1978-02-29"}),
        ("Patient", {"active": "yes"}),
        ("Patient", {"multipleBirthInteger": "2"}),
        ("Patient", {"name": []}),
        ("Patient", {"name": [{"text": ""}]}),
        ("Patient", {"name": [{}]}),
    ],
)
def test_a_value_of_another_form_is_found(kind, cells):
    made = copy.deepcopy(bundle())
    made["entry"] = [e for e in made["entry"] if e["resource"]["resourceType"] == kind]
    before = set(Validator(made).faults())
    made["entry"][0]["resource"].update(cells)
    (name,) = cells
    found = set(Validator(made).faults()) - before
    assert [f for f in found if f.kind == "type" and f".{name.removesuffix('Integer')}" in f.path]
