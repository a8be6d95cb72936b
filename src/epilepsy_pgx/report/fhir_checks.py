"""Checks of a FHIR bundle that its library does not make.

The library accepts any word as a status and any text as a reference, so closed lists, references
and the rules of the genomics profiles are checked here.
"""

from collections.abc import Iterator
from typing import Any

from epilepsy_pgx.report.fhir_codes import (
    ABSENT,
    ABSENT_TERMS,
    ANSWERS,
    LOINC,
    PROFILES,
    TBD,
    TBD_TERMS,
    TERMS,
    Json,
)

_GIVEN = {"final", "amended", "corrected", "entered-in-error"}
"""Statuses of what somebody answers for."""
STATUSES = {
    "DiagnosticReport": {"preliminary", *_GIVEN, "cancelled"},
    "Observation": {"preliminary", *_GIVEN},
    "ServiceRequest": {"unknown"},
    "Task": {"requested"},
    "Procedure": {"completed", "entered-in-error"},
}
"""The statuses that this software gives, all of them words of FHIR R4."""
TARGETS = {
    "subject": {"Patient"},
    "patient": {"Patient"},
    "specimen": {"Specimen"},
    "device": {"Device"},
    "basedOn": {"ServiceRequest"},
    "result": {"Observation"},
    "performer": {"Organization"},
    "derivedFrom": {"Observation"},
    "for": {"Patient"},
    "reasonReference": {"Observation"},
}
"""Which resources an element may refer to."""
EXTENSIONS = {
    "recommended-action": "Task",
    "genomic-study-reference": "Procedure",
    "genomic-study-analysis-ext": "Procedure",
}
"""Which resource an extension of the guide may refer to."""
_FIXED = {
    "variant": (LOINC, "69548-6"),
    "genotype": (LOINC, "84413-4"),
    "therapeutic-implication": (TBD, "therapeutic-implication"),
    "diagnostic-implication": (TBD, "diagnostic-implication"),
    "genomic-report": (LOINC, "51969-4"),
}
_CODELESS = {
    ("Task", "medication-recommendation"),
    ("Procedure", "genomic-study"),
    ("Procedure", "genomic-study-analysis"),
}
"""Profiles to which the guide gives no code of their own."""
_LISTED = {
    LOINC: {*TERMS.items(), *ANSWERS},
    TBD: set(TBD_TERMS.items()),
    ABSENT: set(ABSENT_TERMS.items()),
}


def find_faults(bundle: Json) -> list[str]:
    """Return what is wrong with a bundle; nothing if all is well."""
    faults: list[str] = []
    kinds: dict[str, str] = {}
    for entry in bundle.get("entry", []):
        url = entry["fullUrl"]
        if url in kinds:
            faults.append(f"{url} is used twice")
        kinds[url] = entry["resource"]["resourceType"]
    reports = [
        e["resource"]
        for e in bundle.get("entry", [])
        if e["resource"]["resourceType"] == "DiagnosticReport"
    ]
    if bundle.get("type") != "collection" or len(reports) != 1:
        faults.append("not a collection with one report")
    for entry in bundle.get("entry", []):
        resource = entry["resource"]
        where = f"{resource['resourceType']} {entry['fullUrl']}"
        allowed = STATUSES.get(resource["resourceType"])
        if allowed is not None and resource.get("status") not in allowed:
            faults.append(f"{where}: status {resource.get('status')!r}")
        if resource["resourceType"] == "Observation":
            faults += [f"{where}: {f}" for f in _observation_faults(resource)]
        faults += [f"{where}: {f}" for f in _reference_faults(resource, kinds)]
        faults += [f"{where}: {f}" for f in _extension_faults(resource, kinds)]
        faults += [f"{where}: {f}" for f in _code_faults(resource)]
        faults += [f"{where}: {f}" for f in _profile_faults(resource)]
    for report in reports:
        faults += _report_faults(report, bundle)
    return faults


def _report_faults(report: Json, bundle: Json) -> Iterator[str]:
    observations = {
        e["fullUrl"]: e["resource"]
        for e in bundle["entry"]
        if e["resource"]["resourceType"] == "Observation"
    }
    if {r["reference"] for r in report.get("result", [])} != set(observations):
        yield "the report does not list exactly the observations"
    if report["status"] == "cancelled" and observations:
        yield "a report that is not reportable has results"
    if report["status"] in _GIVEN and not report.get("resultsInterpreter"):
        yield f"{report['status']} without the person who authorised it"
    if any(o.get("status") != report["status"] for o in observations.values()):
        yield "an observation has another status than the report"


def _observation_faults(resource: Json) -> Iterator[str]:
    parts = [("value", resource), *(("component", c) for c in resource.get("component", []))]
    for name, part in parts:
        values = [k for k in part if k.startswith("value")]
        absent = "dataAbsentReason" in part
        if len(values) + absent > 1:
            yield f"{name} has more than one value or reason"
        if name == "component" and not values and not absent:
            yield "component without value"
    if not resource.get("code", {}).get("coding") and not resource.get("code", {}).get("text"):
        yield "no code"


def _reference_faults(resource: Json, kinds: dict[str, str]) -> Iterator[str]:
    for name, value in resource.items():
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict) or "reference" not in item:
                continue
            kind = kinds.get(item["reference"])
            if kind is None:
                yield f"{name} leads nowhere: {item['reference']}"
            elif kind not in TARGETS.get(name, set()):
                yield f"{name} leads to a {kind}"


def _extension_faults(resource: Json, kinds: dict[str, str]) -> Iterator[str]:
    for item in resource.get("extension", []):
        target = item.get("valueReference", {}).get("reference")
        wanted = EXTENSIONS.get(item["url"].removeprefix(PROFILES))
        if target is not None and (target not in kinds or kinds[target] != wanted):
            yield f"extension {item['url']} leads to a {kinds.get(target)}"


def _profile_faults(resource: Json) -> Iterator[str]:
    for profile in resource.get("meta", {}).get("profile", []):
        name = profile.removeprefix(PROFILES)
        if (resource["resourceType"], name) in _CODELESS:
            continue
        codes = {(c["system"], c["code"]) for c in resource.get("code", {}).get("coding", [])}
        if _FIXED.get(name) not in codes:
            yield f"profile {name} has another code"
        if name.endswith("-implication") and not resource.get("derivedFrom"):
            yield "an implication that is derived from nothing"
        if name.endswith("-implication") and any(k.startswith("value") for k in resource):
            yield "an implication with a value"
        if name == "genotype" and "valueCodeableConcept" not in resource:
            yield "a genotype without value"


def _code_faults(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _code_faults(item)
    if not isinstance(value, dict):
        return
    system, code = value.get("system"), value.get("code")
    if isinstance(code, str) and system is not None:
        display = value.get("display")
        if system in _LISTED and (code, display) not in _LISTED[system]:
            yield f"code {code} ({display}) is not on the list"
    for item in value.values():
        yield from _code_faults(item)
