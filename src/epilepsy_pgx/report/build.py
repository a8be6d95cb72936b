"""Put together everything that any rendering of a report may show."""

import hashlib
from collections.abc import Mapping, Sequence

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import (
    READ_AT_LISTED,
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
from epilepsy_pgx.reference.rows import Citation, ReportLimit
from epilepsy_pgx.reference.texts import asked
from epilepsy_pgx.report.serialise import SCHEMA_VERSION
from epilepsy_pgx.response.local import load_contacts
from epilepsy_pgx.statement import Message, Statement, Value
from epilepsy_pgx.vocabulary import CheckOutcome, ReportState, ReportStatus

NO_TRANSCRIPT = "coverage-no-transcript"
ENTERED = "not-considered-entered"
"""Text id of what a packet says in its own words and no rule considers."""
_NOT_READ = (NO_TRANSCRIPT, "coverage-no-sequence", "coverage-known-few", READ_AT_LISTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What is known of one patient before anything is said of drugs."""

    patient: Patient
    clinical: ClinicalEntry
    results: Mapping[str, GeneResult]
    """By gene."""
    findings: Sequence[VariantFinding]
    coverage: Mapping[str, GeneCoverage]
    """By gene."""
    not_reportable: Sequence[Message] = ()
    """Failed checks that are none of `quality`."""
    warnings: Sequence[Message] = ()
    """What the reader must know of the input."""
    quality: SampleQuality | None = None
    """Checks of the sample; those that failed make the report not reportable."""

    @property
    def stopped(self) -> tuple[Message, ...]:
        """Why no report may go out; empty if one may."""
        checks = () if self.quality is None else self.quality.checks
        failed = (c.found for c in checks if c.outcome is CheckOutcome.FAILED)
        return (*self.not_reportable, *failed)


def build_report(
    known: Assessed,
    interpretation: Interpretation,
    provenance: Provenance,
    ref: Reference,
    language: str = "en",
) -> PatientReport:
    """Return the draft of one patient's report, with every citation it uses."""
    stopped = known.stopped
    coverage = tuple(known.coverage.values())
    return PatientReport(
        schema_version=SCHEMA_VERSION,
        report_id=id_of_report(known.patient, provenance),
        language=language,
        patient=known.patient,
        clinical=known.clinical,
        status=ReportStatus.NOT_REPORTABLE if stopped else ReportStatus.DRAFT,
        not_reportable=stopped,
        genes=tuple(known.results.values()),
        findings=tuple(known.findings),
        coverage=coverage,
        interpretation=interpretation,
        limits=_limits(coverage, ref),
        provenance=provenance,
        warnings=tuple(known.warnings),
        citations=_citations(interpretation, known.findings, ref),
        quality=known.quality,
        contacts=load_contacts(ref),
    )


EARLIER = "earlier report"
"""Role of the report that a draft was made from, or that stood when its files were read."""


def report_state(report: PatientReport) -> ReportState:
    """Return where a report stands in the laboratory."""
    given = report.authorisation
    if given is not None and report.status == ReportStatus.FINAL and not report.not_reportable:
        return given.state
    if report.not_reportable:
        return ReportState.NOT_REPORTABLE
    return ReportState(report.status)


def missing_transcripts(genes: Sequence[str]) -> Message:
    """Return the limit that names the genes of which the tables have no transcript.

    A rendering that lists these genes elsewhere leaves it out.
    """
    return Message("limit-missing-transcripts", (Value("genes", tuple(genes)),))


def id_of_report(patient: Patient, provenance: Provenance) -> str:
    """Derive an id from what went in, so that the same input has the same id."""
    total = hashlib.sha256()
    parts = [
        patient.sample_id,
        patient.accession or "",
        provenance.software_version,
        provenance.reference_digest,
        provenance.created,
    ]
    # What stood before is the same for all languages of a report only until one is released.
    parts += [f.digest for f in provenance.inputs if f.role != EARLIER]
    for part in parts:
        total.update(part.encode() + b"\0")
    return f"R-{total.hexdigest()[:12].upper()}"


def _limits(coverage: Sequence[GeneCoverage], ref: Reference) -> tuple[Message, ...]:
    """Return the limits that hold for every report, with the genes that their texts name.

    A limit about genes of which there are none is left out.
    """
    named = {
        "genes": tuple(c.gene for c in coverage if c.reason == NO_TRANSCRIPT),
        "gene": tuple(c.gene for c in coverage if c.reason not in _NOT_READ),
    }
    texts = asked(ref)
    asked_for = {
        row.text_id: sorted(texts[row.text_id] & named.keys()) for row in ref.rows(ReportLimit)
    }
    return tuple(
        Message(i, tuple(Value(name, named[name]) for name in names))
        for i, names in asked_for.items()
        if all(named[name] for name in names)
    )


def all_statements(interpretation: Interpretation) -> list[Statement]:
    """Return every statement of a report."""
    found = [*interpretation.urgent, *interpretation.interactions, *interpretation.monogenic]
    for drug in interpretation.drugs:
        found += [*drug.statements, *drug.safety_notes]
    for section in interpretation.context:
        found += section.statements
    return [*found, *interpretation.exposure]


def _citations(
    interpretation: Interpretation, findings: Sequence[VariantFinding], ref: Reference
) -> tuple[tuple[str, str, str], ...]:
    """Return what is cited, first what stands in every report, so that its numbers are the same."""
    common = [n for d in interpretation.drugs for n in d.safety_notes]
    factors = {c for f in interpretation.factors for e in f.evidence for c in e.citations}
    common += [s for section in interpretation.context for s in section.statements]
    general = {c for s in common for e in s.evidence for c in e.citations}
    keys = {c for s in all_statements(interpretation) for e in s.evidence for c in e.citations}
    keys |= factors
    for finding in findings:
        for frequency in finding.frequencies:
            keys.update(frequency.citations)
        for functional in finding.functional:
            keys.update(functional.evidence.citations)
    listed = {row.key: row for row in ref.rows(Citation)}
    cited = []
    for key in (*sorted(general), *sorted(keys - general)):
        row = listed.get(key)
        if row is None:
            cited.append((key, key, "."))
            continue
        year = f" ({row.year})" if row.year else ""
        cited.append((key, f"{row.title}{year}", row.link or "."))
    return tuple(cited)
