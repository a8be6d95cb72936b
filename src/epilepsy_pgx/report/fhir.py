"""The report as FHIR R4: a bundle in the form of the HL7 Genomics Reporting guide.

Nothing is said here that the report does not say. A code stands only where it means the same as
the report's words; what is open, partial or conditional stays text that says so.
"""

import base64
import hashlib
import json

from epilepsy_pgx.authorisation import Authorisation, name_edition
from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import StateCodes
from epilepsy_pgx.report.build import report_state
from epilepsy_pgx.report.fhir_checks import find_faults
from epilepsy_pgx.report.fhir_codes import (
    IDENTIFIER_TYPE,
    PROFILES,
    SECTION,
    Json,
    coding,
    day,
    instant,
    line,
    term,
    tidy,
)
from epilepsy_pgx.report.fhir_entries import Entries
from epilepsy_pgx.report.fhir_results import Results
from epilepsy_pgx.report.fhir_statements import Statements
from epilepsy_pgx.report.fhir_study import STUDY, Study
from epilepsy_pgx.report.notjudged import LABELS, all_not_judged
from epilepsy_pgx.report.room import not_considered
from epilepsy_pgx.report.view.words import amended, callability, valid
from epilepsy_pgx.report.view.words import authorised_by as author
from epilepsy_pgx.vocabulary import ReportState

RELEASED = frozenset(
    {ReportState.FINAL, ReportState.AMENDED, ReportState.CORRECTED, ReportState.WITHDRAWN}
)
"""States that somebody answers for."""
_UNRELEASED = ("preliminary", "cancelled")
_REPLACES = "http://hl7.org/fhir/StructureDefinition/diagnosticReport-replaces"


def report_to_fhir(
    report: PatientReport, ref: Reference, authorised_by: str = "", pdf: bytes = b""
) -> str:
    """Write a report as a FHIR R4 collection bundle: the same report gives the same text.

    Parameters
    ----------
    authorised_by
        Name and role of the person who authorised a final report. A report is final in FHIR only
        if its own status is final and this is given; otherwise it is preliminary, or cancelled
        and without results if it is not reportable. The table `report_states` has the status of
        each state.
    pdf
        The pages of a final report, which the bundle then carries.

    Raises
    ------
    ConfigError
        If the library fhir.resources is not installed.
    ValueError
        If the report's status or build is no known word.
    """
    try:
        from fhir.resources.R4B.bundle import Bundle
    except ImportError:
        raise ConfigError.one(
            "fhir-extra",
            column="--formats",
            found="no fhir.resources",
            expected="the optional extra 'fhir'",
            fix="pip install 'epilepsy-pgx[fhir]'",
        ) from None
    bundle = _bundle(report, ref, line(authorised_by), pdf)
    Bundle.model_validate(bundle)
    faults = find_faults(bundle)
    if faults:
        raise ValueError("the FHIR bundle breaks its own rules: " + "; ".join(faults[:5]))
    return json.dumps(bundle, ensure_ascii=False, indent=1) + "\n"


def status_of(report: PatientReport, ref: Reference, authorised_by: str) -> str:
    """Return the status that the table of states gives; what nobody answers for is a draft."""
    state = report_state(report)
    if state in RELEASED and not authorised_by:
        state = ReportState.DRAFT
    codes = {row.state: row.fhir_status for row in ref.rows(StateCodes)}
    return codes[state]


def _bundle(report: PatientReport, ref: Reference, authorised_by: str, pdf: bytes) -> Json:
    made = Entries(report, ref, status_of(report, ref, authorised_by))
    _add_people(made)
    if made.status != "cancelled":
        Results(made, ref).add()
        Study(made, ref).add()
        Statements(made, ref).add()
    main = _diagnostic_report(made, authorised_by)
    if made.status not in _UNRELEASED and pdf:
        main["presentedForm"] = [_attachment(made, pdf)]
    entries = {"report": main, **made.found}
    bundle: Json = tidy(
        {
            "resourceType": "Bundle",
            "language": report.language,
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{made.seed}"},
            "type": "collection",
            "timestamp": instant(report.provenance.created),
            "entry": [
                {"fullUrl": made.url(key), "resource": resource}
                for key, resource in entries.items()
            ],
        }
    )
    return bundle


def _attachment(made: Entries, pdf: bytes) -> Json:
    """Return the pages as they were released; FHIR takes their digest in SHA-1."""
    digest = hashlib.sha1(pdf, usedforsecurity=False).digest()
    return {
        "contentType": "application/pdf",
        "language": made.report.language,
        "data": base64.b64encode(pdf).decode(),
        "size": len(pdf),
        "hash": base64.b64encode(digest).decode(),
        "title": f"{name_edition(made.report.report_id, made.report.authorisation)}.pdf",
    }


def _add_people(made: Entries) -> None:
    report, patient = made.report, made.report.patient
    provenance = report.provenance
    sex = report.clinical.sex
    record = {
        "type": {"coding": [coding(IDENTIFIER_TYPE, "MR", "Medical record number")]},
        "value": line(patient.record_number),
    }
    sample = {"type": {"text": made.say("label-sample")}, "value": line(patient.sample_id)}
    made.found["patient"] = {
        "resourceType": "Patient",
        "identifier": [i for i in (record, sample) if i["value"]],
        "name": [{"text": line(patient.name)}],
        "gender": sex.value if sex else None,
        "birthDate": day(patient.birth_date),
    }
    accession = {
        "type": {"coding": [coding(IDENTIFIER_TYPE, "ACSN", "Accession ID")]},
        "value": line(patient.accession),
    }
    made.found["specimen"] = {
        "resourceType": "Specimen",
        "accessionIdentifier": accession if patient.accession else None,
        "type": {"text": line(patient.specimen)},
        "subject": made.to("patient"),
        "receivedTime": day(patient.received),
        "collection": {"collectedDateTime": day(patient.collected)},
    }
    if patient.requester:
        made.found["request"] = {
            "resourceType": "ServiceRequest",
            "status": "unknown",
            "intent": "order",
            "code": term("51969-4"),
            "subject": made.to("patient"),
            "requester": {"display": line(patient.requester)},
        }
    if own := report.laboratory:
        made.found["laboratory"] = {
            "resourceType": "Organization",
            "name": line(own.name) or "-",
            "address": [{"text": line(", ".join(own.address))}] if own.address else None,
        }
    versions = (
        (made.say("label-software"), provenance.software_version),
        (made.say("label-tables"), f"{provenance.reference_version} {provenance.reference_digest}"),
    )
    made.found["software"] = {
        "resourceType": "Device",
        "deviceName": [{"name": provenance.software, "type": "model-name"}],
        "version": [{"type": {"text": kind}, "value": line(v)} for kind, v in versions],
    }


def _diagnostic_report(made: Entries, authorised_by: str) -> Json:
    report, patient = made.report, made.report.patient
    given = report.authorisation if made.status not in _UNRELEASED else None
    results = [k for k, r in made.found.items() if r["resourceType"] == "Observation"]
    return {
        "resourceType": "DiagnosticReport",
        "meta": {"profile": [PROFILES + "genomic-report"]},
        "language": report.language,
        "extension": [*_replaces(given), *_recommended(made), *_study(made)],
        "identifier": _identifiers(made, given),
        "basedOn": [made.to("request")] if "request" in made.found else None,
        "status": made.status,
        "category": [{"coding": [coding(SECTION, "GE", "Genetics")]}],
        "code": {**term("51969-4"), "text": made.say("heading-report")},
        "subject": made.to("patient"),
        "effectiveDateTime": day(patient.collected),
        "issued": instant((given.time or given.date) if given else report.provenance.created),
        "performer": [made.to("laboratory")] if "laboratory" in made.found else None,
        "resultsInterpreter": (
            [{"display": authorised_by}] if made.status not in _UNRELEASED else None
        ),
        "specimen": [made.to("specimen")],
        "result": [made.to(key) for key in results],
        "conclusion": "\n".join(line(said) for said in conclusion(made) if line(said)),
    }


def _recommended(made: Entries) -> list[Json]:
    """Return the tasks that the report proposes."""
    tasks = [k for k, r in made.found.items() if r["resourceType"] == "Task"]
    url = PROFILES + "recommended-action"
    return [{"url": url, "valueReference": made.to(key)} for key in tasks]


def _study(made: Entries) -> list[Json]:
    url = PROFILES + "genomic-study-reference"
    return [{"url": url, "valueReference": made.to(STUDY)}] if STUDY in made.found else []


def _replaces(given: Authorisation | None) -> list[Json]:
    """Return what the report replaces: named, for the receiver has it under its own id."""
    if given is None or not given.replaces:
        return []
    named = {
        "type": "DiagnosticReport",
        "identifier": {"value": line(given.replaces)},
        "display": f"{line(given.replaces)}: {line(given.reason)}",
    }
    return [{"url": _REPLACES, "valueReference": named}]


def _identifiers(made: Entries, given: Authorisation | None) -> list[Json]:
    report_id = line(made.report.report_id)
    found = [{"type": {"text": made.say("label-report-id")}, "value": report_id}]
    if given:
        edition = name_edition(report_id, given)
        found.append({"type": {"text": made.say("label-report-version")}, "value": edition})
    return found


def conclusion(made: Entries) -> list[str]:
    """Return what a reader of the report alone must know: what is urgent, and its limits."""
    report, tell = made.report, made.terms.tell
    said = []
    if made.status == "preliminary":
        said.append(made.say("label-draft-mark"))
    given = report.authorisation
    if given and made.status not in _UNRELEASED:
        said += [x for x in (*amended(given, made.terms), valid(report, made.terms)) if x]
        said.append(f"{made.say('label-authorised')}: {author(given)}; {given.date}")
    if made.status == "cancelled":
        said += [made.say("heading-not-reportable"), *map(tell, report.not_reportable)]
    else:
        said += [
            f"{made.say('heading-urgent')}: {made.terms.sentence(s)}"
            for s in report.interpretation.urgent
        ]
    said += map(tell, report.warnings)
    if made.status != "cancelled":
        said += map(tell, report.limits)
    if unread := not_considered(report, made.terms):
        said.append(f"{made.say('label-not-considered')} " + "; ".join(unread))
    unjudged = (all_not_judged(report, made.terms, each) for each in LABELS)
    said += [x for x in unjudged if x]
    created, build = report.provenance.created, report.provenance.build
    said += [f"{made.say('label-build')}: {build}", callability(report, made.terms)]
    said += [f"{made.say('label-reported')}: {created}", made.say("label-intended-use")]
    return said
