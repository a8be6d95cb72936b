"""The strings that the PDF template sets, in the order of the report."""

from collections.abc import Sequence
from typing import Any

from epilepsy_pgx.model import PatientReport, Statement, VariantFinding
from epilepsy_pgx.report.evidence import Chain, EvidenceList
from epilepsy_pgx.report.html import group_drugs, group_facts, mark
from epilepsy_pgx.report.pageone import Entry, PageOne, finding_rank, plan_page_one
from epilepsy_pgx.report.paper import PAPERS, Letterhead
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.wording import Wording
from epilepsy_pgx.vocabulary import GeneStatus, Response

LINES = {"a4": 64, "letter": 58}
"""Lines of a page: the narrower letters hold more than the widest system font of a browser."""


class Layout:
    """Turns a report into the strings that the template sets."""

    def __init__(self, report: PatientReport, wording: Wording, letterhead: Letterhead) -> None:
        """Number the citations."""
        self._report = report
        self._say = wording.say
        self._terms = ReportWords(wording)
        self._letterhead = letterhead
        self._evidence = EvidenceList(report)
        self._numbers = {key: n for n, (key, _, _) in enumerate(report.citations, 1)}

    def data(self) -> dict[str, Any]:
        """Return what the template reads, as JSON types."""
        report, say = self._report, self._say
        lines = LINES[self._letterhead.paper] - self._head_lines()
        page = plan_page_one(report, self._terms, lines)
        patient, made = report.patient, report.provenance
        status = say(f"status-{report.status.replace(' ', '-')}")
        identity = [patient.name or patient.sample_id, patient.birth_date, patient.record_number,
                    f"{say('label-accession')} {patient.accession}" if patient.accession else None,
                    f"{say('label-report-id')} {report.report_id}"]
        fields = [
            ("label-name", patient.name), ("label-born", patient.birth_date),
            ("label-record", patient.record_number), ("label-accession", patient.accession),
            ("label-sample", patient.sample_id), ("label-specimen", patient.specimen),
            ("label-collected", patient.collected), ("label-received", patient.received),
            ("label-reported", made.created), ("label-report-id", report.report_id),
            ("label-build", made.build), ("label-requester", patient.requester),
        ]
        return {
            "title": say("heading-report"), "software": f"{made.software} {made.software_version}",
            "date": [int(x) for x in made.created[:10].split("-")], "language": report.language,
            "paper": PAPERS[self._letterhead.paper], "lab": list(self._letterhead.lines),
            "logo": self._letterhead.logo.name if self._letterhead.logo else None,
            "identity": " · ".join(x for x in identity if x), "status": status,
            "use": say("label-intended-use"), "page": say("label-page"),
            "watermark": say("label-draft-mark") if report.status == "draft" else None,
            "fields": [[say(k), v] for k, v in fields if v],
            "words": self._words(),
            "refused": list(report.not_reportable),
            "sign": self._signature(),
            **self._page_one(page), **self._later(),
        }

    def _words(self) -> dict[str, Any]:
        say = self._say
        words: dict[str, Any] = {
            name: say(f"heading-{name}")
            for name in ("urgent", "current", "monogenic", "context", "limits", "drugs", "facts",
                         "genes", "variants", "quality", "evidence", "methods", "citations")
        }
        words["starting"] = say("heading-before-starting")
        words["gates"] = say("label-test-first")
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
        return {"text": said, "tags": "; ".join(tags), "resolve": settle, "number": ""}

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

    def _sources(self, s: Statement) -> str:
        parts = []
        for e in s.evidence:
            doubt = "" if e.verified else f", {self._say('label-unverified')}"
            parts.append(f"{self._terms.source(e)}{doubt}{self._cited(e.citations)}")
        return "; ".join(parts)

    def _cited(self, citations: Sequence[str]) -> str:
        return "".join(f" [{self._numbers[c]}]" for c in citations if c in self._numbers)

    def _number(self, n: int) -> str:
        return self._say("label-evidence-number", number=str(n)) if n else ""

    def _chain(self, number: int, chain: Chain) -> list[str]:
        """Return the number of a chain, and the chain as a line."""
        if chain.same_as:
            because = self._say("label-as-in", number=self._number(chain.same_as))
        else:
            because = "; ".join(r.name + r.rest for r in chain.reasons)
        sources = []
        for source in chain.sources:
            e = source.evidence
            doubt = "" if e.verified else f", {self._say('label-unverified')}"
            sources.append(f"{self._terms.source(e)}{doubt}{self._cited(e.citations)} "
                           f"({e.table}: {', '.join(source.rows)})")
        return [self._number(number), " → ".join(x for x in (because, "; ".join(sources)) if x)]

    def _signature(self) -> list[list[str]]:
        """Return label and entry of each field of the signature block."""
        say, signed = self._say, self._report.authorisation
        if signed is None:
            return [[say(k), ""] for k in ("label-reviewed-by", "label-authorised-by",
                                           "label-date-signature")]
        version = say("label-version", number=str(signed.version))
        if signed.replaces is not None:
            version += " " + say("label-replaces", report=signed.replaces,
                                 reason=signed.reason or "")
        return [[say("label-authorised-by"), f"{signed.name}, {signed.role}"],
                [say("label-authorised-on"), signed.date], ["", version]]

    def _head_lines(self) -> int:
        """Return the lines of page one that the letterhead takes."""
        taken = len(self._letterhead.lines)
        return max(taken, 4) if self._letterhead.logo else taken

    def _drug_lines(self) -> list[dict[str, Any]]:
        words = self._terms
        drugs = []
        for group, rows, quiet in group_drugs(self._report.interpretation.drugs, words):
            title = words.word("drugclass", group)
            for row in rows:
                said = []
                for part in row.parts:
                    about = f"{words.drugs(part.names)}: " if part.names else ""
                    for n, x in enumerate(part.said):
                        item = self._tagged(x.statement, (about if n == 0 else "") + x.text,
                                            x.resolve, x.origin)
                        item["number"] = self._number(self._evidence.number(x.statement))
                        said.append(item)
                missing = "; ".join(
                    (f"{words.drugs(part.names)}: " if part.names else "")
                    + self._missing(part.not_assessed)
                    for part in row.parts if part.not_assessed
                )
                drugs.append({**self._verdict(row.response, row.conditional), "class": title,
                              "names": words.drugs(row.names), "said": said,
                              "missing": missing})
                title = ""
            if quiet:
                drugs.append({**self._verdict(Response.NO_RULE), "names": words.drugs(quiet),
                              "class": title, "said": [], "missing": ""})
        return drugs

    def _gene_lines(self) -> dict[str, Any]:
        """Return a line for each gene with a result, and the names of the others."""
        say, words = self._say, self._terms
        read, unread = [], []
        for g in self._report.genes:
            if g.status in (GeneStatus.NOT_ASSESSED, GeneStatus.NOT_REPORTABLE):
                unread.append(g.gene)
                continue
            status = say(f"status-gene-{g.status.value.replace('_', '-')}")
            parts = [words.gene_line(g), words.phenotypes(g)]
            read.append([g.gene, "; ".join(p for p in parts if p not in ("", "–")), status])
        rest = ""
        if unread:
            rest = f"{say('label-genes-not-assessed')} {', '.join(unread)}"
        return {"genes": read, "genes_rest": rest}

    def _quality(self) -> dict[str, Any]:
        quality, say = self._report.quality, self._say
        if quality is None:
            return {"checks": [], "measured": []}
        outcome = self._terms.word
        return {
            "checks": [
                [f"{c.label}: {outcome('check-outcome', c.outcome.value)}.", c.text]
                for c in quality.checks
            ],
            "measured": [
                [g.gene, say(
                    "quality-gene-line", usable=str(g.usable), positions=str(g.positions),
                    depth="–" if g.depth_median is None else str(g.depth_median),
                    quality="–" if g.quality_median is None else str(g.quality_median),
                ) + (" " + say("quality-gene-not-tested", alleles=", ".join(
                    (*g.tier1_not_tested, *g.tier2_not_tested)
                )) if g.tier1_not_tested or g.tier2_not_tested else "")]
                for g in quality.genes
            ],
        }

    def _later(self) -> dict[str, Any]:
        report, say, words = self._report, self._say, self._terms
        drugs = self._drug_lines()
        interactions = [
            f"{gene}: {say('label-genetic')} {genetic}; {say('label-adjusted')} {adjusted} ({by})"
            for gene, genetic, adjusted, by in report.interpretation.adjusted_phenotypes
        ] + [f"{s.text} {self._sources(s)}" for s in report.interpretation.interactions]
        sections = [{"heading": say("heading-interactions"), "said": interactions}]
        sections += [{"heading": c.heading,
                      "said": [f"{s.text} ({self._sources(s)})" for s in c.statements]}
                     for c in report.interpretation.context]
        made = report.provenance
        versions = [[say("label-software"), f"{made.software} {made.software_version}"],
                    [say("label-tables"), f"{made.reference_version} {made.reference_digest}"]]
        versions += [[words.word("role", f.role), f"{f.name} {f.digest}"] for f in made.inputs]
        versions += [[words.word("parameter", k), words.number(v)] for k, v in made.parameters]
        return {
            "drugs": drugs, "sections": [s for s in sections if s["said"]],
            "facts": [[words.drugs(names), text, self._sources(s)]
                      for names, text, s in group_facts(report.interpretation.drugs, words)],
            **self._gene_lines(), **self._quality(),
            "evidence": [self._chain(n, c) for n, c in enumerate(self._evidence.chains, 1)],
            "variants": [self._variant(f) for f in sorted(report.findings, key=finding_rank)],
            "limits": list(report.limits), "versions": versions,
            "citations": [f"{text}. {key}" for key, text, _ in report.citations],
        }

    def _variant(self, f: VariantFinding) -> list[str]:
        say = self._say
        place = f"{f.key.chrom}:{f.key.pos} {f.key.ref}>{f.key.alt}"
        return [f.gene, " ".join(x for x in (place, f.hgvs_c, f.hgvs_p) if x),
                say(f"label-class-{f.classification.value.replace('_', '-')}"),
                say(f"label-direction-{f.direction.value.replace('_', '-')}")]
