"""The report as a PDF file, typeset by typst (optional extra `pdf`).

The file claims PDF/A-2a and PDF/UA-1, which typst enforces while it compiles; it is tagged, its
fonts are embedded, and the same report gives the same bytes.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from epilepsy_pgx.authorisation import name_edition
from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.model import GeneQuality, PatientReport, Statement, VariantFinding
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.html import DrugRow, RowPart, group_drugs, group_facts, mark
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.pageone import (
    RESPONSE_ORDER,
    WIDTH,
    Entry,
    PageOne,
    finding_rank,
    plan_page_one,
)
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.wording import Wording
from epilepsy_pgx.vocabulary import GeneStatus, Response

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
PAPERS = {"a4": "a4", "letter": "us-letter"}
STANDARDS = ("a-2a", "ua-1")
LOGO = "logo.svg"
_MISSING = "could not be displayed"
"""What typst says of a letter that no font holds."""
_LONG_NAME, _LONG_WORD = re.compile(r"\S{41,}"), re.compile(r"\S{81,}")
_OVERFLOW = "page-one-overflow"
_STEP = 3
"""Lines by which the plan of a page that ran over is shortened."""
_SCRIPTS = {"LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "COMBINING"}
_FIRST_OTHER = 0x2E80
"""Marks and signs from here on belong to scripts that the fonts lack."""
LINES = {"a4": 64, "letter": 58}
"""Lines of a page: the narrower letters hold more than the widest system font of a browser."""


@dataclass(frozen=True, slots=True)
class PdfSettings:
    """What a laboratory chooses for its paper."""

    paper: str = "a4"
    """`a4` or `letter`."""
    letterhead: Letterhead = field(default_factory=Letterhead)
    """What stands above the title."""


class PdfRenderer:
    """Renders reports of one language."""

    def __init__(
        self, ref: Reference, language: str = "en", settings: PdfSettings | None = None
    ) -> None:
        """Check that typst is installed, and read the template.

        Raises
        ------
        ConfigError
            If typst is not installed, or the paper is unknown.
        """
        try:
            import typst
        except ImportError:
            raise ConfigError.one(
                "pdf-extra", column="--formats", found="no typst",
                expected="the optional extra 'pdf'", fix="pip install 'epilepsy-pgx[pdf]'",
            ) from None
        self._settings = settings or PdfSettings()
        if self._settings.paper not in PAPERS:
            raise ConfigError.one(
                "paper", column="--paper", found=repr(self._settings.paper),
                expected=", ".join(PAPERS),
            )
        self._wording = Wording(ref, language)
        self._files = {"main.typ": TEMPLATE.read_bytes()}
        head = self._settings.letterhead
        if head.logo:
            self._files[LOGO] = head.svg
        self._error: Any = typst.TypstError
        self._compiler: Any = typst.Compiler(ignore_system_fonts=True)

    def render(self, report: PatientReport) -> bytes:
        """Return the PDF.

        A letter that no font holds, as in a Chinese name, stands as its number. If page one runs
        over, it is planned again with fewer lines, down to the shortest plan there is.
        """
        made = _Layout(report, self._wording, self._settings)
        room, spell = made.room, False
        plan = made.plan(room)
        fit = True
        while True:
            text = json.dumps(_cut_words(made.data(plan, fit)), ensure_ascii=False)
            try:
                return self._compile(spell_letters(text) if spell else text)
            except self._error as error:
                if _OVERFLOW in str(error) and fit:
                    shorter, room = plan, room - _STEP
                    while shorter == plan and room > 0:
                        shorter, room = made.plan(room), room - _STEP
                    fit, plan = shorter != plan, shorter
                elif _MISSING in str(error) and not spell:
                    spell = True
                else:
                    raise

    def _compile(self, data: str) -> bytes:
        made = self._compiler.compile(
            {**self._files, "data.json": data.encode()}, format="pdf",
            pdf_standards=list(STANDARDS), timestamp=0,
        )
        return bytes(made)


def _cut(word: re.Match[str]) -> str:
    return f"{word[0][:24]}…{word[0][-12:]}"


def _cut_words(data: Any) -> Any:
    """Shorten words longer than a line, as the alleles of long insertions; the JSON has them."""
    if isinstance(data, str):
        return _LONG_WORD.sub(_cut, data)
    if isinstance(data, dict):
        return {key: _cut_words(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_cut_words(value) for value in data]
    return data


def spell_letters(text: str) -> str:
    """Return a text with the letters that the fonts lack as their numbers: `[U+674E]`."""
    return "".join(c if _held(c) else f"[U+{ord(c):04X}]" for c in text)


def _held(letter: str) -> bool:
    if letter.isascii() or unicodedata.name(letter, "").split(" ")[0] in _SCRIPTS:
        return True
    return unicodedata.category(letter)[0] in "PSZC" and ord(letter) < _FIRST_OTHER


class _Layout:
    """Turns a report into the strings that the template sets."""

    def __init__(self, report: PatientReport, wording: Wording, settings: PdfSettings) -> None:
        self._report = report
        self._say = wording.say
        self._terms = ReportWords(wording)
        self._settings = settings
        self._numbers = {key: n for n, (key, _, _) in enumerate(report.citations, 1)}

    @property
    def room(self) -> int:
        """Lines that page one is expected to hold."""
        return LINES[self._settings.paper] - self._head_lines()

    def plan(self, lines: int) -> PageOne:
        """Choose what page one shows."""
        return plan_page_one(self._report, self._terms, lines)

    def data(self, page: PageOne, fit: bool) -> dict[str, Any]:
        """Return what the template shows; with `fit` it stops if page one runs over."""
        report, say = self._report, self._say
        patient, made = report.patient, report.provenance
        edition = name_edition(report.report_id, report.authorisation)
        status = say(f"status-{report.status.replace(' ', '-')}")
        identity = [patient.name or patient.sample_id, patient.birth_date, patient.record_number,
                    f"{say('label-accession')} {patient.accession}" if patient.accession else None,
                    f"{say('label-report-id')} {edition}"]
        fields = [
            ("label-name", patient.name), ("label-born", patient.birth_date),
            ("label-record", patient.record_number), ("label-accession", patient.accession),
            ("label-sample", patient.sample_id), ("label-specimen", patient.specimen),
            ("label-collected", patient.collected), ("label-received", patient.received),
            ("label-reported", made.created), ("label-report-id", edition),
            ("label-build", made.build), ("label-requester", patient.requester),
        ]
        return {
            "fit": fit, "overflow": _OVERFLOW,
            "title": say("heading-report"), "software": f"{made.software} {made.software_version}",
            "date": [int(x) for x in made.created[:10].split("-")], "language": report.language,
            "paper": PAPERS[self._settings.paper], "lab": self._head(),
            "page": {"identity": [x for x in identity if x], "status": status,
                     "use": say("label-intended-use"), "word": say("label-page")},
            "watermark": {"draft": say("label-draft-mark"), "final": None}.get(
                report.status, status),
            "fields": [[say(k), v] for k, v in fields if v],
            "words": self._words(),
            "refused": list(report.not_reportable),
            **self._signatures(),
            **self._page_one(page), **self._later(),
        }

    def _head(self) -> dict[str, Any] | None:
        head = self._settings.letterhead
        if head.empty:
            return None
        return {"name": head.name, "address": " · ".join(head.address),
                "accreditation": head.accreditation,
                "logo": LOGO if head.logo else None,
                "alt": head.name or self._say("parameter-laboratory-logo")}

    def _head_lines(self) -> int:
        """Estimate the lines that the letterhead and a long name under the report take."""
        given = self._report.authorisation
        lines = self._settings.letterhead.lines(WIDTH)
        return lines + (0 if given is None else len(f"{given.name}, {given.role}") // 30)

    def _signatures(self) -> dict[str, Any]:
        """Return empty lines to sign, or who authorised a final report."""
        say, given = self._say, self._report.authorisation
        if given is None:
            return {"signed": [], "sign": [
                say(f"label-{k}") for k in ("reviewed-by", "authorised-by", "date-signature")
            ]}
        return {"sign": [], "signed": [
            [say("label-authorised"), f"{given.name}, {given.role}"],
            [say("label-authorised-on"), given.date],
            [say("label-authorised-draft"), given.digest[:23] + "…"],
            *([["", say("label-amended", report=given.replaces, reason=given.reason)]]
              if given.replaces else []),
        ]}

    def _quality(self) -> dict[str, Any] | None:
        found, say = self._report.quality, self._say
        if found is None:
            return None
        return {
            "checks": [[c.label, say(f"quality-outcome-{c.outcome.value.replace(' ', '-')}"),
                        c.text] for c in found.checks],
            "columns": [say(f"quality-column-{x}")
                        for x in ("gene", "positions", "depth", "quality", "tiers")],
            "genes": [self._gene_quality(g) for g in found.genes if g.positions],
        }

    def _gene_quality(self, g: GeneQuality) -> list[str]:
        untested = [
            f"{self._say('quality-tier', number=number)} {', '.join(names)}"
            for number, names in (("1", g.tier1_not_tested), ("2", g.tier2_not_tested)) if names
        ]
        figures = ("–" if x is None else str(x) for x in (g.depth_median, g.quality_median))
        return [g.gene, f"{g.usable}/{g.positions}", *figures, "; ".join(untested) or "–"]

    def _words(self) -> dict[str, Any]:
        say = self._say
        words: dict[str, Any] = {
            name: say(f"heading-{name}")
            for name in ("urgent", "current", "monogenic", "context", "limits", "drugs", "facts",
                         "genes", "variants", "quality", "methods", "citations")
        }
        words["starting"] = say("heading-before-starting")
        words["gates"] = say("label-test-first")
        words["read_back"] = say("label-read-back")
        words["refused"] = say("heading-not-reportable")
        words["no_variant"] = say("label-no-variant-reported")
        words["drug_columns"] = [say(f"label-{x}") for x in ("drug", "verdict", "statements")]
        words["gene_columns"] = [
            say(f"label-{x}") for x in ("gene", "result", "phenotype", "how-complete")
        ]
        words["variant_columns"] = [
            say(f"label-{x}") for x in ("gene", "variant", "class", "direction")
        ]
        return words

    def _page_one(self, page: PageOne) -> dict[str, Any]:
        report, say = self._report, self._say
        clinical = report.clinical
        notes = []
        if clinical.current is None:
            notes.append(say("label-no-medication-list"))
        elif not clinical.current:
            notes.append(say("label-takes-nothing"))
        notes += [f"{say('label-not-considered')} {x}"
                  for x in report.interpretation.not_considered]
        findings = [[f.gene, self._finding(f)] for f in page.findings]
        if not findings:
            findings = [["", say("label-no-variant-reported")]]
        if page.more_findings:
            findings.append(["", say("label-more-variants", number=str(page.more_findings))])
        coverage = []
        if page.read:
            parts = ", ".join(f"{gene} {part} %" for gene, part in page.read)
            coverage.append(say("label-genes-read", genes=parts))
        if page.unread:
            coverage.append(say("label-genes-unread", number=str(page.unread)))
        covers = self._terms.before_colon("callability", report.provenance.callability)
        return {
            "urgent": [self._tagged(s, s.text, s.resolve) for s, _ in page.urgent],
            "current": [self._entry(e) for e in page.current], "current_notes": notes,
            "starting": [self._entry(e) for e in page.starting],
            "starting_notes":
                [] if page.starting else [say("label-no-finding-before-starting")],
            "gates": [[", ".join(genes), self._terms.drugs(drugs)] for genes, drugs in page.gates],
            "findings": findings, "coverage": " ".join(coverage),
            "monogenic": [self._tagged(s, s.text, s.resolve) for s in page.monogenic],
            "context": [s.text for s in page.context],
            "limits_short": [f"{covers[:1].upper()}{covers[1:]}. {say('label-limits-short')}",
                             *report.warnings],
        }

    def _finding(self, finding: VariantFinding) -> str:
        say = self._say
        named = " ".join(x for x in (finding.hgvs_c or str(finding.key), finding.hgvs_p) if x)
        word = say(f"label-class-{finding.classification.value.replace('_', '-')}")
        who = "; ".join(f"{self._terms.word('source', c.who)}, {c.date or say('label-no-date')}"
                        for c in finding.classifications)
        return f"{named}, {say('label-zygosity-' + finding.zygosity.value)}: {word} ({who or '–'})"

    def _verdict(self, response: Response, conditional: bool = False) -> dict[str, str]:
        word = self._terms.verdict(response, conditional)
        return {"mark": mark(response, conditional), "verdict": word}

    def _tagged(self, s: Statement, said: str, resolve: str, origin: bool = True) -> dict[str, str]:
        tags = []
        if self._terms.adds_condition(s, said):
            tags.append(self._say("label-conditional"))
        if origin and self._terms.adds_origin(s, said):
            tags.append(self._terms.origin(s))
        settle = f"{self._say('label-resolve')} {resolve}" if resolve else ""
        return {"text": said, "tags": "; ".join(tags), "resolve": settle, "chain": ""}

    def _entry(self, entry: Entry) -> dict[str, Any]:
        say = self._say
        note = []
        for x in entry.exposures:
            since = f"{say('label-since')} {x.start}" if x.start else say("label-start-unknown")
            note += [v for v in (x.dose, x.level, since) if v]
        if entry.urgent:
            note.append(say("label-see-urgent"))
        return {
            **self._verdict(entry.response, entry.conditional),
            "drugs": self._terms.drugs(entry.drugs),
            "note": ", ".join(note), "missing": self._missing(entry.not_assessed),
            "said": [self._tagged(x.statement, x.text, x.resolve, x.origin) for x in entry.said],
        }

    def _missing(self, genes: Sequence[str]) -> str:
        return f"{self._say('label-genes-not-assessed')} {', '.join(genes)}" if genes else ""

    def _sources(self, s: Statement, rows: bool = True) -> str:
        parts = []
        for e in s.evidence:
            doubt = "" if e.verified else f", {self._say('label-unverified')}"
            cited = "".join(f" [{self._numbers[c]}]" for c in e.citations if c in self._numbers)
            row = f" ({e.table}: {e.row})" if rows else ""
            parts.append(f"{self._terms.source(e)}{doubt}{cited}{row}")
        return "; ".join(parts)

    def _later(self) -> dict[str, Any]:
        report, say, words = self._report, self._say, self._terms
        groups = group_drugs(report.interpretation.drugs, words)
        texts = dict(report.texts)
        unread: dict[str, list[str]] = {}
        for item in report.coverage:
            if item.status is GeneStatus.NOT_ASSESSED:
                unread.setdefault(item.reason, []).append(item.gene)
        stated = {say("limit-missing-transcripts", genes=", ".join(g)) for g in unread.values()}
        return {
            "drugs": self._drugs([row for _, rows, _ in groups for row in rows],
                                 sorted(name for _, _, quiet in groups for name in quiet)),
            "sections": self._sections(),
            "facts": [[words.drugs(names), text, self._sources(s, False)]
                      for names, text, s in group_facts(report.interpretation.drugs, words)],
            "genes": [[g.gene, words.gene_line(g), words.phenotypes(g),
                       say(f"status-gene-{g.status.value.replace('_', '-')}")]
                      for g in report.genes],
            "variants": [self._variant(f) for f in sorted(report.findings, key=finding_rank)],
            "unread": [f"{texts.get(reason, '')} {', '.join(genes)}".strip()
                       for reason, genes in sorted(unread.items())],
            "quality": self._quality(),
            "limits": [x for x in report.limits if x not in stated], "versions": self._versions(),
            "citations": [f"{text}. {key}" for key, text, _ in report.citations],
        }

    def _drugs(self, rows: Sequence[DrugRow], quiet: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows of the drug table, most serious first, one for each part of a row.

        The drugs of which nothing is said share the last row.
        """
        words, drugs = self._terms, []
        for row in sorted(rows, key=lambda r: (RESPONSE_ORDER[r.response], r.names)):
            verdict = self._verdict(row.response, row.conditional)
            for part in row.parts or (RowPart((), (), ()),):
                said = []
                for x in part.said:
                    s = x.statement
                    item = self._tagged(s, x.text, x.resolve, x.origin)
                    because = "; ".join(s.because)
                    item["chain"] = " → ".join(x for x in (because, self._sources(s)) if x)
                    said.append(item)
                drugs.append({**verdict, "names": words.drugs(part.names or row.names),
                              "said": said, "missing": self._missing(part.not_assessed)})
        if quiet:
            drugs.append({**self._verdict(Response.NO_RULE), "names": words.drugs(quiet),
                          "said": [], "missing": ""})
        return drugs

    def _sections(self) -> list[dict[str, Any]]:
        report, say = self._report, self._say
        interactions = [
            f"{gene}: {say('label-genetic')} {genetic}; {say('label-adjusted')} {adjusted} ({by})"
            for gene, genetic, adjusted, by in report.interpretation.adjusted_phenotypes
        ] + [f"{s.text} {self._sources(s)}" for s in report.interpretation.interactions]
        sections = [{"heading": say("heading-interactions"), "said": interactions}]
        sections += [{"heading": c.heading,
                      "said": [f"{s.text} ({self._sources(s, False)})" for s in c.statements]}
                     for c in report.interpretation.context]
        return [s for s in sections if s["said"]]

    def _versions(self) -> list[list[str]]:
        say, words, made = self._say, self._terms, self._report.provenance
        versions = [[say("label-software"), f"{made.software} {made.software_version}"],
                    [say("label-tables"), f"{made.reference_version} {made.reference_digest}"]]
        versions += [[words.word("role", f.role), f"{f.name} {f.digest}"] for f in made.inputs]
        versions += [[words.word("parameter", k), words.number(v)] for k, v in made.parameters]
        return versions

    def _variant(self, f: VariantFinding) -> list[str]:
        say = self._say
        place = f"{f.key.chrom}:{f.key.pos} {f.key.ref}>{f.key.alt}"
        named = " ".join(x for x in (place, f.hgvs_c, f.hgvs_p) if x)
        return [f.gene, _LONG_NAME.sub(_cut, named),
                say(f"label-class-{f.classification.value.replace('_', '-')}"),
                say(f"label-direction-{f.direction.value.replace('_', '-')}")]
