"""The report as an HL7 version 2.5.1 message, ORU^R01: an OBX for each thing that is said.

It says what the FHIR bundle says, in the words of the report's language. What is no code of a
table is a local one (`L`): the id of the statement.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator

from epilepsy_pgx.authorisation import name_edition
from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import StateCodes
from epilepsy_pgx.report.build import report_state
from epilepsy_pgx.report.fhir import RELEASED, conclusion, status_of
from epilepsy_pgx.report.fhir_entries import Entries
from epilepsy_pgx.report.view.words import authorised_by as author
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import ReportState, Tier

MOST_PDF = 10 * 2**20
"""Bytes of a PDF that a message carries."""
_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
_SPECIAL = re.compile(r"[\\|^&~]")
_UNFIT = re.compile(r"[\x00-\x1f\x7f]")
_SEX = {"female": "F", "male": "M"}
_REPORT = ("51969-4", "Genetic analysis report", "LN")
_GENOTYPE, _PHENOTYPE = ("84413-4", "Genotype display name", "LN"), ("phenotype", "Phenotype", "L")
_ASKS = (Tier.ACT, Tier.CONSIDER)


def escape(text: str | None) -> str:
    """Return a text as the content of a component."""
    plain = spell_hidden(_UNFIT.sub(" ", " ".join((text or "").split())))
    return _SPECIAL.sub(lambda m: _ESCAPES[m[0]], plain)


def report_to_hl7(report: PatientReport, ref: Reference, pdf: bytes = b"") -> bytes:
    """Write a report as a message in UTF-8: the same report gives the same bytes.

    Parameters
    ----------
    pdf
        The pages, which the message then carries as base64.

    Raises
    ------
    ConfigError
        If the PDF is larger than 10 MB.
    """
    if len(pdf) > MOST_PDF:
        raise ConfigError.one(
            "hl7-pdf",
            found=f"a PDF of {len(pdf) / 2**20:.1f} MB",
            expected=f"at most {MOST_PDF // 2**20} MB",
            fix="Leave the logo out, or make it smaller.",
        )
    return _Message(report, ref).write(pdf)


class _Message:
    def __init__(self, report: PatientReport, ref: Reference) -> None:
        given = report.authorisation
        by = author(given) if given is not None else ""
        state = report_state(report)
        if state in RELEASED and not by:
            state = ReportState.DRAFT
        codes = {row.state: row for row in ref.rows(StateCodes)}[state]
        self._report, self._codes, self._by = report, codes, by
        self._made = Entries(report, ref, status_of(report, ref, by))
        when = (given.time or given.date) if given is not None else report.provenance.created
        self._time = time_of(when)
        self._edition = name_edition(report.report_id, given)

    def write(self, pdf: bytes) -> bytes:
        segments = [*self._people(), *self._results(pdf), self._specimen()]
        body = "\r".join(segments)
        digest = hashlib.sha256((self._head("") + body).encode()).hexdigest()[:20].upper()
        return f"{self._head(digest)}\r{body}\r".encode()

    def _head(self, control: str) -> str:
        own = self._report.laboratory
        facility = escape(own.name) if own else ""
        made = escape(self._report.provenance.software).upper()
        return (
            f"MSH|^~\\&|{made}|{facility}|||{self._time}||ORU^R01^ORU_R01|{control}|P|2.5.1"
            "|||AL|NE||UNICODE UTF-8"
        )

    def _people(self) -> Iterator[str]:
        patient, clinical = self._report.patient, self._report.clinical
        number = patient.record_number or patient.sample_id
        kind = "MR" if patient.record_number else "PI"
        sex = _SEX.get(clinical.sex.value if clinical.sex else "", "U")
        born = time_of(patient.birth_date)
        yield f"PID|1||{escape(number)}^^^^{kind}||{escape(patient.name)}||{born}|{sex}"
        accession = escape(patient.accession or patient.sample_id)
        fields = {
            1: "1",
            2: accession,
            3: escape(self._edition),
            4: "^".join(_REPORT),
            7: time_of(patient.collected),
            16: f"^{escape(patient.requester)}" if patient.requester else "",
            22: self._time,
            24: "GE",
            25: self._codes.obr25,
            32: f"&{escape(self._by)}" if self._by else "",
        }
        yield _segment("OBR", fields)

    def _results(self, pdf: bytes) -> Iterator[str]:
        for number, (kind, code, sub, value, flag) in enumerate(self._said(pdf), 1):
            yield _segment(
                "OBX",
                {
                    1: str(number),
                    2: kind,
                    3: "^".join(map(escape, code)),
                    4: escape(sub),
                    5: value,
                    8: flag,
                    11: self._codes.obx11,
                    14: time_of(self._report.patient.collected),
                },
            )

    def _said(self, pdf: bytes) -> Iterator[tuple[str, tuple[str, ...], str, str, str]]:
        """Yield kind, code, sub-id, value and flag of each OBX."""
        for text in conclusion(self._made):
            if escape(text):
                yield "TX", ("conclusion", "Conclusion", "L"), "", escape(text), ""
        if self._made.status != "cancelled":
            yield from self._genes()
            yield from self._statements()
        if pdf:
            data = base64.b64encode(pdf).decode()
            yield "ED", ("PDF", "Report", "L"), "", f"^AP^PDF^Base64^{data}", ""

    def _genes(self) -> Iterator[tuple[str, tuple[str, ...], str, str, str]]:
        terms = self._made.terms
        for gene in self._report.genes:
            shown = " | ".join(gene.shown) if gene.shown != ("*",) else ""
            status = terms.word("status-gene", gene.status.value)
            value = f"{shown} ({status})" if shown else status
            yield "TX", _GENOTYPE, gene.gene, escape(f"{gene.gene}: {value}"), ""
            if gene.phenotypes:
                words = " | ".join(terms.word("phenotype", p) for p in gene.phenotypes)
                yield "TX", _PHENOTYPE, gene.gene, escape(f"{gene.gene}: {words}"), ""

    def _statements(self) -> Iterator[tuple[str, tuple[str, ...], str, str, str]]:
        """Yield what is to be acted on or considered, each once for its drug, urgent first."""
        found = self._report.interpretation
        done: set[object] = set()
        by_drug = [(s, d.drug) for d in found.drugs for s in d.statements]
        others: Iterable[Statement] = (
            *found.urgent,
            *found.interactions,
            *found.monogenic,
            *(s for c in found.context for s in c.statements),
            *found.exposure,
        )
        several = [*by_drug, *((s, "") for s in others)]
        several.sort(key=lambda x: (not x[0].urgent, x[0].tier is not Tier.ACT))
        for statement, drug in several:
            mark = (statement.wording, drug)
            known = mark in done or (not drug and statement.wording in done)
            if statement.tier not in _ASKS or known:
                continue
            done |= {mark, statement.wording}
            yield self._statement(statement, drug)

    def _statement(
        self, statement: Statement, drug: str
    ) -> tuple[str, tuple[str, ...], str, str, str]:
        made = self._made
        words = [made.say(f"label-tier-{statement.tier.value}")]
        if drug:
            words.insert(0, made.terms.verdict(statement.response))
        if statement.urgent:
            words.insert(0, made.say("heading-urgent"))
        if statement.conditional:
            words.append(made.say("label-conditional"))
        title = made.wording.names([drug]) if drug else statement.statement_id
        text = f"{'; '.join(words)}: {made.terms.sentence(statement)}"
        flag = "AA" if statement.urgent else "A" if statement.tier is Tier.ACT else ""
        return "TX", (statement.statement_id, title, "L"), drug, escape(text), flag

    def _specimen(self) -> str:
        patient = self._report.patient
        return _segment(
            "SPM",
            {
                1: "1",
                2: escape(patient.accession or patient.sample_id),
                4: f"^{escape(patient.specimen or 'not stated')}",
                17: time_of(patient.collected),
                18: time_of(patient.received),
            },
        )


def _segment(name: str, fields: dict[int, str]) -> str:
    last = max(n for n, v in fields.items() if v)
    return "|".join([name, *(fields.get(n, "") for n in range(1, last + 1))])


def time_of(text: str | None) -> str:
    """Return an ISO date or time in the form of version 2; empty for anything else."""
    found = re.fullmatch(
        r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:Z|([+-]\d{2}):(\d{2}))?)?",
        text or "",
    )
    if found is None:
        return ""
    return "".join(part or "" for part in found.groups())
