"""Put together everything that any rendering of a report may show."""

import hashlib
from collections.abc import Sequence

from epilepsy_pgx.model import (
    ClinicalEntry,
    GeneCoverage,
    GeneResult,
    Interpretation,
    Patient,
    PatientReport,
    Provenance,
    SampleQuality,
    Statement,
    VariantFinding,
)
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.serialise import SCHEMA_VERSION
from epilepsy_pgx.response.wording import Wording
from epilepsy_pgx.vocabulary import CheckOutcome, ReportStatus

_NOT_READ = ("coverage-no-transcript", "coverage-no-sequence", "coverage-known-variants")


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
    not_reportable: Sequence[str] = (),
    warnings: Sequence[str] = (),
    notices: Sequence[str] = (),
    status: ReportStatus = ReportStatus.DRAFT,
    quality: SampleQuality | None = None,
) -> PatientReport:
    """Return the report of one patient, with every text and citation it uses.

    Parameters
    ----------
    not_reportable, warnings
        Text ids of failed checks, and of what the reader must know of the input.
    notices
        What else must be known of the input, in the report's language.
    quality
        Checks of the sample; those that failed make the report not reportable.
    """
    texts = Wording(ref, language)
    failed = () if quality is None else tuple(
        c.text for c in quality.checks if c.outcome is CheckOutcome.FAILED
    )
    stopped = (*(texts.say(i) for i in not_reportable), *failed)
    used = sorted(_text_ids(genes, findings, coverage, warnings, not_reportable))
    values = {
        "genes": ", ".join(c.gene for c in coverage if c.reason == "coverage-no-transcript"),
        "gene": ", ".join(c.gene for c in coverage if c.reason not in _NOT_READ),
    }
    limits = tuple(texts.say(i, **values) for i in _general_limits(ref))
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
        limits=limits,
        provenance=provenance,
        warnings=(*(texts.say(i) for i in warnings), *notices),
        texts=tuple((i, texts.say(i)) for i in used),
        citations=_citations(interpretation, findings, ref),
        quality=quality,
    )


def _report_id(patient: Patient, provenance: Provenance) -> str:
    """Derive an id from what went in, so that the same input has the same id."""
    total = hashlib.sha256()
    parts = [patient.sample_id, patient.accession or "", provenance.software_version,
             provenance.reference_digest, provenance.created]
    parts += [f.digest for f in provenance.inputs]
    for part in parts:
        total.update(part.encode() + b"\0")
    return f"R-{total.hexdigest()[:12].upper()}"


def _text_ids(
    genes: Sequence[GeneResult],
    findings: Sequence[VariantFinding],
    coverage: Sequence[GeneCoverage],
    warnings: Sequence[str],
    not_reportable: Sequence[str],
) -> set[str]:
    found = {*warnings, *not_reportable}
    for gene in genes:
        found.update(gene.caveats)
    for finding in findings:
        found.update(finding.notes)
        found.add(finding.direction_basis)
    found.update(c.reason for c in coverage)
    return {f for f in found if f and f != "."}


def _general_limits(ref: Reference) -> list[str]:
    """Return the ids of the limits that hold for every report; a gene's own are its caveats."""
    of_genes = {i for row in ref.table("genes") for i in row.many("limits")}
    ids = {row.need("id") for row in ref.table("texts")}
    return sorted(i for i in ids - of_genes if i.startswith("limit-"))


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
