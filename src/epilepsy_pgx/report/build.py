"""Put together everything that any rendering of a report may show."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from epilepsy_pgx.model import (
    ClinicalEntry,
    GeneCoverage,
    GeneResult,
    Interpretation,
    Patient,
    PatientReport,
    Provenance,
    SampleQuality,
    VariantFinding,
)
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.texts import asked
from epilepsy_pgx.report.serialise import SCHEMA_VERSION
from epilepsy_pgx.statement import Message, Statement, Value
from epilepsy_pgx.vocabulary import CheckOutcome, ReportStatus

NO_TRANSCRIPT = "coverage-no-transcript"
_NOT_READ = (NO_TRANSCRIPT, "coverage-no-sequence", "coverage-known-variants")


def build_report(
    *,
    patient: Patient,
    clinical: ClinicalEntry,
    genes: Sequence[GeneResult],
    findings: Sequence[VariantFinding],
    coverage: Sequence[GeneCoverage],
    interpretation: Interpretation,
    provenance: Provenance,
    ref: Reference,
    language: str = "en",
    not_reportable: Sequence[Message] = (),
    warnings: Sequence[Message] = (),
    status: ReportStatus = ReportStatus.DRAFT,
    quality: SampleQuality | None = None,
) -> PatientReport:
    """Return the report of one patient, with every citation it uses.

    Parameters
    ----------
    not_reportable, warnings
        Failed checks, and what the reader must know of the input.
    quality
        Checks of the sample; those that failed make the report not reportable.
    """
    failed = () if quality is None else tuple(
        c.found for c in quality.checks if c.outcome is CheckOutcome.FAILED
    )
    stopped = (*not_reportable, *failed)
    return PatientReport(
        schema_version=SCHEMA_VERSION,
        report_id=_report_id(patient, provenance),
        language=language,
        patient=patient,
        clinical=clinical,
        status=ReportStatus.NOT_REPORTABLE if stopped else status,
        not_reportable=stopped,
        genes=tuple(genes),
        findings=tuple(findings),
        coverage=tuple(coverage),
        interpretation=interpretation,
        limits=_limits(coverage, ref),
        provenance=provenance,
        warnings=tuple(warnings),
        citations=_citations(interpretation, findings, ref),
        quality=quality,
    )


def missing_transcripts(genes: Sequence[str]) -> Message:
    """Return the limit that names the genes of which the tables have no transcript.

    A rendering that lists these genes elsewhere leaves it out.
    """
    return Message("limit-missing-transcripts", (Value("genes", tuple(genes)),))


def _report_id(patient: Patient, provenance: Provenance) -> str:
    """Derive an id from what went in, so that the same input has the same id."""
    total = hashlib.sha256()
    parts = [patient.sample_id, patient.accession or "", provenance.software_version,
             provenance.reference_digest, provenance.created]
    parts += [f.digest for f in provenance.inputs]
    for part in parts:
        total.update(part.encode() + b"\0")
    return f"R-{total.hexdigest()[:12].upper()}"


def _limits(coverage: Sequence[GeneCoverage], ref: Reference) -> tuple[Message, ...]:
    """Return the limits that hold for every report, with the genes that their texts name."""
    named = {
        "genes": tuple(c.gene for c in coverage if c.reason == NO_TRANSCRIPT),
        "gene": tuple(c.gene for c in coverage if c.reason not in _NOT_READ),
    }
    texts = asked(ref)
    return tuple(
        Message(i, tuple(Value(name, named[name]) for name in sorted(texts[i] & named.keys())))
        for i in _general_limits(ref)
    )


@lru_cache(maxsize=8)
def _general_limits(ref: Reference) -> tuple[str, ...]:
    """Return the ids of the limits that hold for every report; a gene's own are its caveats."""
    of_genes = {i for row in ref.table("genes") for i in row.many("limits")}
    return tuple(sorted(i for i in asked(ref).keys() - of_genes if i.startswith("limit-")))


def all_statements(interpretation: Interpretation) -> list[Statement]:
    """Return every statement of a report."""
    found = [*interpretation.urgent, *interpretation.interactions, *interpretation.monogenic]
    for drug in interpretation.drugs:
        found += [*drug.statements, *drug.safety_notes]
    for section in interpretation.context:
        found += section.statements
    return found


def _citations(
    interpretation: Interpretation, findings: Sequence[VariantFinding], ref: Reference
) -> tuple[tuple[str, str, str], ...]:
    """Return what is cited, first what stands in every report, so that its numbers are the same."""
    common = [n for d in interpretation.drugs for n in d.safety_notes]
    common += [s for section in interpretation.context for s in section.statements]
    general = {c for s in common for e in s.evidence for c in e.citations}
    keys = {c for s in all_statements(interpretation) for e in s.evidence for c in e.citations}
    for finding in findings:
        for functional in finding.functional:
            keys.update(functional.evidence.citations)
    listed = {row["key"]: row for row in ref.table("citations")}
    cited = []
    for key in (*sorted(general), *sorted(keys - general)):
        row = listed.get(key)
        if row is None:
            cited.append((key, key, "."))
            continue
        title = row["title"] or key
        year = f" ({row['year']})" if row["year"] else ""
        cited.append((key, f"{title}{year}", row["link"] or "."))
    return tuple(cited)
