"""The strings that the template of the PDF sets, in the order of the report."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from epilepsy_pgx.authorisation import name_edition
from epilepsy_pgx.model import GeneQuality, GeneResult, PatientReport, VariantFinding
from epilepsy_pgx.report.build import missing_transcripts
from epilepsy_pgx.report.drugtable import DrugRow, RowPart, group_drugs, group_facts, mark
from epilepsy_pgx.report.evidence import Chain, join_rows, number_evidence
from epilepsy_pgx.report.genetable import group_genes
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.lines import Line, line_of
from epilepsy_pgx.report.pageone import (
    RESPONSE_ORDER,
    WIDTH,
    Entry,
    PageOne,
    finding_rank,
    plan_page_one,
)
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Evidence, Statement
from epilepsy_pgx.vocabulary import GeneStatus, Response

PAPERS = {"a4": "a4", "letter": "us-letter"}
LINES = {"a4": 64, "letter": 58}
"""Lines of a page: the narrower letters hold more than the widest system font of a browser."""
LOGO = "logo.svg"
OVERFLOW = "page-one-overflow"
_LONG_NAME = re.compile(r"\S{41,}")


def cut_word(word: re.Match[str]) -> str:
    """Return the first and the last letters of a word that is longer than a line."""
    return f"{word[0][:24]}…{word[0][-12:]}"


def _directed(text: str) -> tuple[str, bool]:
    """Return a text, and whether it is written from right to left."""
    first = next((c for c in text if c.isalpha()), "")
    return text, bool(first) and unicodedata.bidirectional(first) in ("R", "AL")


def _part_read(gene: GeneResult) -> str:
    if gene.sites_assessed == gene.sites_total:
        return ""
    return f" ({gene.sites_assessed}/{gene.sites_total})"


class Layout:
    """Turns a report into the strings that the template sets."""

    def __init__(
        self, report: PatientReport, wording: Wording, letterhead: Letterhead, paper: str
    ) -> None:
        """Group the drugs, and number citations and chains of evidence."""
        self._report = report
        self._say = wording.say
        self._terms = ReportWords(wording)
        self._letterhead, self._paper = letterhead, paper
        self._numbers = {key: n for n, (key, _, _) in enumerate(report.citations, 1)}
        self._classes = group_drugs(report.interpretation.drugs, self._terms)
        self._evidence = number_evidence(
            report,
            (name for _, rows, _ in self._classes for row in rows for name in row.names),
            self._terms,
        )

    @property
    def room(self) -> int:
        """Lines that page one is expected to hold."""
        return LINES[self._paper] - self._head_lines()

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
            "fit": fit, "overflow": OVERFLOW,
            "title": say("heading-report"), "software": f"{made.software} {made.software_version}",
            # A later run knows by it that the file is not a draft of its own.
            "keywords": [] if report.authorisation is None else [report.status],
            "date": [int(x) for x in made.created[:10].split("-")], "language": report.language,
            "paper": PAPERS[self._paper], "lab": self._head(),
            "page": {"identity": [_directed(x) for x in identity if x], "status": status,
                     "use": say("label-intended-use"), "word": say("label-page")},
            "watermark": {"draft": say("label-draft-mark"), "final": None}.get(
                report.status, status),
            "fields": [[say(k), *_directed(v)] for k, v in fields if v],
            "words": self._words(),
            "refused": [self._terms.tell(x) for x in report.not_reportable],
            **self._signatures(),
            **self._page_one(page), **self._later(),
        }

    def _head(self) -> dict[str, Any] | None:
        head = self._letterhead
        if head.empty:
            return None
        return {"name": head.name, "address": " · ".join(head.address),
                "accreditation": head.accreditation,
                "logo": LOGO if head.logo else None,
                "alt": head.name or self._say("parameter-laboratory-logo")}

    def _head_lines(self) -> int:
        """Estimate the lines that the letterhead and a long name under the report take."""
        given = self._report.authorisation
        lines = self._letterhead.lines(WIDTH)
        return lines + (0 if given is None else len(f"{given.name}, {given.role}") // 30)

    def _signatures(self) -> dict[str, Any]:
        """Return empty lines to sign, or who authorised a final report."""
        say, given = self._say, self._report.authorisation
        if given is None:
            return {"signed": [], "sign": [
                say(f"label-{k}") for k in ("reviewed-by", "authorised-by", "date-signature")
            ]}
        return {"sign": [], "signed": [
            [label, *_directed(value)] for label, value in (
                (say("label-authorised"), f"{given.name}, {given.role}"),
                (say("label-authorised-on"), given.date),
                (say("label-authorised-draft"), given.digest[:23] + "…"),
                *([("", say("label-amended", report=given.replaces, reason=given.reason))]
                  if given.replaces else []),
            )
        ]}

    def _quality(self) -> dict[str, Any] | None:
        found, say = self._report.quality, self._say
        if found is None:
            return None
        return {
            "checks": [[self._terms.word("quality-check", c.check),
                        say(f"quality-outcome-{c.outcome.value.replace(' ', '-')}"),
                        self._terms.tell(c.found)] for c in found.checks],
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
                         "genes", "variants", "quality", "evidence", "methods", "citations")
        }
        words["starting"] = say("heading-before-starting")
        words["gates"] = say("label-test-first")
        words["caveats"] = say("label-caveats")
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
        notes += [f"{say('label-not-considered')} {self._terms.tell(x)}"
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
        covers = self._terms.tell(report.provenance.callability)
        return {
            "urgent": [self._numbered(line) for line, _ in page.urgent],
            "current": [self._entry(e) for e in page.current], "current_notes": notes,
            "starting": [self._entry(e) for e in page.starting],
            "starting_notes":
                [] if page.starting else [say("label-no-finding-before-starting")],
            "gates": [[", ".join(genes), self._terms.drugs(drugs)] for genes, drugs in page.gates],
            "findings": findings, "coverage": " ".join(coverage),
            "monogenic": list(map(self._numbered, page.monogenic)),
            "context": [line.text for line in page.context],
            "limits_short": [f"{covers[:1].upper()}{covers[1:]}. {say('label-limits-short')}",
                             *map(self._terms.tell, report.warnings)],
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

    def _tagged(self, line: Line, origin: bool = True) -> dict[str, str]:
        words, statement = self._terms, line.statement
        tags = []
        if statement.conditional and not line.hedged:
            tags.append(self._say("label-conditional"))
        if origin and line.origin and words.adds_origin(statement, line.text_ids):
            tags.append(words.origin(statement))
        settle = ""
        if line.resolve:
            settle = f"{self._say('label-resolve')} {words.tell_all(line.resolve)}"
        return {"text": line.text, "tags": "; ".join(tags), "resolve": settle, "number": ""}

    def _numbered(self, line: Line) -> dict[str, str]:
        return {**self._tagged(line), "number": self._number(line.statement)}

    def _number(self, statement: Statement) -> str:
        number = self._evidence.number(statement)
        return self._say("label-evidence-number", number=str(number)) if number else ""

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
            "said": list(map(self._tagged, entry.said)),
        }

    def _missing(self, genes: Sequence[str]) -> str:
        return f"{self._say('label-genes-not-assessed')} {', '.join(genes)}" if genes else ""

    def _cited(self, e: Evidence) -> str:
        doubt = "" if e.verified else f", {self._say('label-unverified')}"
        cited = "".join(f" [{self._numbers[c]}]" for c in e.citations if c in self._numbers)
        return f"{self._terms.source(e)}{doubt}{cited}"

    def _sources(self, s: Statement) -> str:
        return "; ".join(self._cited(x.evidence) for x in join_rows(s.evidence))

    def _chain(self, number: int, chain: Chain) -> list[str]:
        """Return the number of a chain, and its facts and sources."""
        name = self._say("label-evidence-number", number=str(number))
        facts = "; ".join(r.name + r.rest for r in chain.reasons)
        if chain.same_as:
            other = self._say("label-evidence-number", number=str(chain.same_as))
            facts = self._say("label-as-in", number=other)
        sources = "; ".join(
            f"{self._cited(x.evidence)} ({x.evidence.table}: {', '.join(x.rows)})"
            for x in chain.sources
        )
        return [name, " → ".join(x for x in (facts, sources) if x)]

    def _later(self) -> dict[str, Any]:
        report, words = self._report, self._terms
        unread: dict[str, list[str]] = {}
        for item in report.coverage:
            if item.status is GeneStatus.NOT_ASSESSED:
                unread.setdefault(item.reason, []).append(item.gene)
        stated = [missing_transcripts(g) for g in unread.values()]
        drugs = self._drugs([row for _, rows, _ in self._classes for row in rows],
                            sorted(name for _, _, quiet in self._classes for name in quiet))
        return {
            "drugs": drugs, **self._genes(),
            "sections": self._sections(),
            "facts": [[words.drugs(names), line.text, self._sources(line.statement)]
                      for names, line in group_facts(report.interpretation.drugs, words)],
            "variants": [self._variant(f) for f in sorted(report.findings, key=finding_rank)],
            "unread": [f"{words.alone(reason)} {', '.join(genes)}".strip()
                       for reason, genes in sorted(unread.items())],
            "quality": self._quality(),
            "evidence": [self._chain(n, c) for n, c in enumerate(self._evidence.chains, 1)],
            "limits": [words.tell(x) for x in report.limits if x not in stated],
            "versions": self._versions(),
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
                for line in part.said:
                    said.append(self._numbered(line))
                drugs.append({**verdict, "names": words.drugs(part.names or row.names),
                              "said": said, "missing": self._missing(part.not_assessed)})
        if quiet:
            drugs.append({**self._verdict(Response.NO_RULE), "names": words.drugs(quiet),
                          "said": [], "missing": ""})
        return drugs

    def _genes(self) -> dict[str, Any]:
        """Return the gene table, and what stands below it as sentences."""
        say, words, groups = self._say, self._terms, group_genes(self._report)
        rows = (*groups.deciding, *groups.other)
        notes = {c: n for n, c in enumerate(dict.fromkeys(c for g in rows for c in g.caveats), 1)}
        below = []
        if groups.plain:
            said = "; ".join(f"{g.gene} {words.gene_line(g)}{_part_read(g)}" for g in groups.plain)
            below.append([say("label-genes-plain"), said])
        if groups.not_assessed:
            names = ", ".join(g.gene for g in groups.not_assessed)
            status = say("status-gene-not-assessed")
            below.append([f"{status[:1].upper()}{status[1:]}:", names])
        open_alleles = [f"{g.gene} {', '.join(g.not_excluded)}" for g in rows if g.not_excluded]
        if open_alleles:
            below.append([say("label-not-excluded"), "; ".join(open_alleles)])
        return {
            "genes": [self._gene(g, notes) for g in rows], "genes_below": below,
            "caveats": [say(c) for c in notes],
        }

    def _gene(self, g: GeneResult, notes: dict[str, int]) -> list[str]:
        say, words = self._say, self._terms
        result = words.gene_line(g)
        if g.undocumented:
            result += f". {say('label-undocumented')} {', '.join(g.undocumented)}"
        scores = "; ".join(words.number(x) for x in g.activity_scores)
        phenotype = words.phenotypes(g)
        if scores:
            phenotype += f" ({say('label-activity-score')} {scores})"
        complete = say(f"status-gene-{g.status.value.replace('_', '-')}")
        if g.sites_total:
            complete += f" {g.sites_assessed}/{g.sites_total}"
        if g.caveats:
            complete += f". {say('label-caveats')}: {', '.join(str(notes[c]) for c in g.caveats)}"
        return [g.gene, result, phenotype, complete]

    def _sections(self) -> list[dict[str, Any]]:
        report, say, words = self._report, self._say, self._terms
        interactions = [
            f"{a.gene}, {words.acting(a)}: {say('label-genetic')} {words.show(a.genetic)}; "
            f"{say('label-adjusted')} {words.tell(a.adjusted)}"
            for a in report.interpretation.adjusted_phenotypes
        ] + [
            f"{words.sentence(s)} ({self._number(s)})" for s in report.interpretation.interactions
        ]
        sections: list[dict[str, Any]] = [{
            "heading": say("heading-interactions"), "origin": "",
            "said": [{"text": x, "tags": "", "resolve": "", "number": ""} for x in interactions],
        }]
        for c in report.interpretation.context:
            origin = self._terms.shared_origin(c.statements)
            sections.append({
                "heading": say(c.heading_id), "origin": f"[{origin}]" if origin else "",
                "said": [{**self._tagged(line_of(s, words), not origin),
                          "number": f"({self._sources(s)})"} for s in c.statements],
            })
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
        return [f.gene, _LONG_NAME.sub(cut_word, named),
                say(f"label-class-{f.classification.value.replace('_', '-')}"),
                say(f"label-direction-{f.direction.value.replace('_', '-')}")]
