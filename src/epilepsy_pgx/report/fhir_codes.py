"""Codes and building blocks of the FHIR form.

Codes are those of the HL7 Genomics Reporting Implementation Guide 3.0.0 (STU3), of the LOINC
terms that it names, and of FHIR R4 itself; docs/fhir.md says where each was looked up.
"""

import re
from datetime import date
from typing import Any

from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.vocabulary import Classification, GeneStatus, GenomeBuild, Zygosity

Json = dict[str, Any]

LOINC = "http://loinc.org"
PROFILES = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"
TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"
HGNC = "http://www.genenames.org"
HGVS = "http://varnomen.hgvs.org"
REFSEQ = "http://www.ncbi.nlm.nih.gov/refseq"
CLINVAR = "http://www.ncbi.nlm.nih.gov/clinvar"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
SECTION = "http://terminology.hl7.org/CodeSystem/v2-0074"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
RELATED = "http://hl7.org/fhir/StructureDefinition/workflow-relatedArtifact"

TERMS: dict[str, str] = {
    "48004-6": "DNA change (c.HGVS)",
    "48005-3": "Amino acid change (pHGVS)",
    "48013-7": "Genomic reference sequence [ID]",
    "48018-6": "Gene studied [ID]",
    "51958-7": "Transcript reference sequence [ID]",
    "51963-7": "Medication assessed [ID]",
    "51969-4": "Genetic analysis report",
    "53034-5": "Allelic state",
    "53037-8": "Genetic variation clinical significance [Imp]",
    "53040-2": "Genetic variation's effect on drug metabolism",
    "62374-4": "Human reference sequence assembly version",
    "69547-8": "Genomic ref allele [ID]",
    "69548-6": "Genetic variant assessment",
    "69551-0": "Genomic alt allele [ID]",
    "81252-9": "Discrete genetic variant",
    "81254-5": "Genomic allele start-end",
    "84413-4": "Genotype display name",
    "92822-6": "Genomic coord system",
    "93044-6": "Level of evidence",
}
"""The LOINC terms in use."""

PRESENT = ("LA9633-4", "Present")
INDETERMINATE = ("LA11884-6", "Indeterminate")
ONE_BASED = ("LA30102-0", "1-based character counting")
STATES = {
    Zygosity.HETEROZYGOUS: ("LA6706-1", "Heterozygous"),
    Zygosity.HOMOZYGOUS: ("LA6705-3", "Homozygous"),
    Zygosity.HEMIZYGOUS: ("LA6707-9", "Hemizygous"),
}
BUILDS = {GenomeBuild.GRCH37: ("LA14029-5", "GRCh37"), GenomeBuild.GRCH38: ("LA26806-2", "GRCh38")}
CLASSES = {
    Classification.PATHOGENIC: ("LA6668-3", "Pathogenic"),
    Classification.LIKELY_PATHOGENIC: ("LA26332-9", "Likely pathogenic"),
    Classification.UNCERTAIN: ("LA26333-7", "Uncertain significance"),
    Classification.LIKELY_BENIGN: ("LA26334-5", "Likely benign"),
    Classification.BENIGN: ("LA6675-8", "Benign"),
}
METABOLISER = {
    "ultrarapid metabolizer": ("LA10315-2", "Ultrarapid metabolizer"),
    "rapid metabolizer": ("LA25390-8", "Rapid metabolizer"),
    "normal metabolizer": ("LA25391-6", "Normal metabolizer"),
    "intermediate metabolizer": ("LA10317-8", "Intermediate metabolizer"),
    "poor metabolizer": ("LA9657-3", "Poor metabolizer"),
}
FUNCTION = {
    "increased function": ("LA25392-4", "Increased function"),
    "normal function": ("LA25393-2", "Normal function"),
    "decreased function": ("LA25395-7", "Decreased function"),
    "poor function": ("LA25394-0", "Poor function"),
}
ANSWERS = frozenset(
    {
        PRESENT,
        INDETERMINATE,
        ONE_BASED,
        *STATES.values(),
        *BUILDS.values(),
        *CLASSES.values(),
        *METABOLISER.values(),
        *FUNCTION.values(),
    }
)
"""The LOINC answers in use."""
TBD_TERMS = {
    "therapeutic-implication": "Therapeutic Implication",
    "diagnostic-implication": "Diagnostic Implication",
    "conclusion-string": "Conclusion Text",
}
ABSENT_OF = {GeneStatus.NOT_ASSESSED: "not-performed", GeneStatus.NOT_REPORTABLE: "error"}
"""Why a gene has no result."""
ABSENT_TERMS = {"not-performed": "Not Performed", "unknown": "Unknown", "error": "Error"}

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_UNFIT = re.compile(r"[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def line(text: str | None) -> str:
    """Write a text on one line; the empty text if there is none."""
    return " ".join((text or "").split())


def tidy(value: Any) -> Any:
    """Drop what is empty, and letters that FHIR forbids in a string."""
    if isinstance(value, str):
        return spell_hidden(_UNFIT.sub(" ", value)).strip()
    if isinstance(value, dict):
        kept = {k: tidy(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v not in (None, "", [], {})}
    if isinstance(value, (list, tuple)):
        return [v for v in map(tidy, value) if v not in (None, "", [], {})]
    return value


def day(text: str | None) -> str | None:
    """Return the day of a date or time, None if the text is neither."""
    try:
        return date.fromisoformat((text or "")[:10]).isoformat()
    except ValueError:
        return None


def instant(text: str) -> str | None:
    """Return a time that names its zone, None for anything less exact."""
    return text if day(text) and _INSTANT.fullmatch(text) else None


def coding(system: str, code: str, display: str | None = None) -> Json:
    """Return a code of a code system."""
    return {"system": system, "code": code, "display": display}


def term(code: str) -> Json:
    """Return a LOINC term as a concept."""
    return {"coding": [coding(LOINC, code, TERMS[code])]}


def tbd(code: str) -> Json:
    """Return a concept for which the guide has a code of its own."""
    return {"coding": [coding(TBD, code, TBD_TERMS[code])]}


def answer(found: tuple[str, str] | None, text: str | None = None) -> Json:
    """Return a concept with the text shown, and a LOINC answer if one fits."""
    return {"coding": [coding(LOINC, *found)] if found else None, "text": text}


def missing(reason: str, text: str | None = None) -> Json:
    """Say why there is no value."""
    return {"coding": [coding(ABSENT, reason, ABSENT_TERMS[reason])], "text": text}


def component(code: Json, **value: Any) -> Json:
    """Return a component of an observation."""
    return {"code": code, **value}
