"""The report as one self-contained HTML page."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from epilepsy_pgx.authorisation import name_edition
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.build import missing_transcripts
from epilepsy_pgx.report.drugtable import group_drugs, group_facts, mark
from epilepsy_pgx.report.evidence import gene_anchor, join_rows, number_evidence
from epilepsy_pgx.report.genetable import group_genes
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.lines import line_of
from epilepsy_pgx.report.lollipop import draw_lollipop
from epilepsy_pgx.report.pageone import LINES, WIDTH, finding_rank, plan_page_one
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.vocabulary import GenomeBuild

TEMPLATES = Path(__file__).parent / "templates"
class HtmlRenderer:
    """Renders reports of one language."""

    def __init__(
        self, ref: Reference, language: str = "en", letterhead: Letterhead | None = None
    ) -> None:
        """Compile the template once."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )
        self._ref = ref
        environment.globals["lab"] = self._head = letterhead or Letterhead()
        self._wording = Wording(ref, language)
        self._words = words = ReportWords(self._wording)
        environment.globals["t"] = self._wording.say
        environment.globals["mark"] = mark
        environment.globals["edition"] = name_edition
        environment.globals["css_class"] = lambda r: str(r).replace(" ", "-")
        environment.globals["w"] = words
        environment.globals["line"] = lambda statement: line_of(statement, words)
        environment.filters["cap"] = lambda s: s[:1].upper() + s[1:]
        environment.filters["anchor"] = _anchor
        environment.filters["gene_anchor"] = gene_anchor
        environment.filters["drugs"] = words.drugs
        environment.filters["word"] = lambda value, kind: words.word(kind, value)
        environment.filters["number"] = words.number
        self._template = environment.get_template("report.html")
        self._style, self._picture_style = (
            (TEMPLATES / name).read_text(encoding="utf-8").replace("\n", "")
            for name in ("report.css", "lollipop.css")
        )

    def render(self, report: PatientReport) -> str:
        """Return the page."""
        words = self._words
        drugs = report.interpretation.drugs
        groups = group_genes(report)
        plan = plan_page_one(report, words, LINES - self._head.lines(WIDTH))
        classes = group_drugs(drugs, words)
        evidence = number_evidence(
            report, (name for _, rows, _ in classes for row in rows for name in row.names), words)
        unread = _unread(report)
        pictures = self._pictures(report)
        style = self._style + (self._picture_style if pictures else "")
        page = self._template.render(
            r=report,
            style=style + _page_boxes(report, self._wording),
            p=plan,
            linked={e.drugs[0] for e in (*plan.current, *plan.starting)}
            | {drug for _, drug in plan.urgent},
            pictures=pictures,
            classes=classes,
            facts=group_facts(drugs, words),
            evidence=evidence,
            join_rows=join_rows,
            anchors=evidence.anchors | {
                gene_anchor(gene) for _, rows, _ in classes for row in rows for gene in row.genes
            },
            genes={g.gene: g for g in report.genes},
            groups=groups,
            caveats=_number(c for g in (*groups.deciding, *groups.other) for c in g.caveats),
            cite={key: number for number, (key, _, _) in enumerate(report.citations, 1)},
            findings=sorted(enumerate(report.findings, 1), key=lambda f: finding_rank(f[1])),
            read=[c for c in report.coverage if c.judged],
            unread=unread,
            stated=[missing_transcripts(genes) for _, genes in unread],
            runs=exon_runs,
        )
        return re.sub(r"\n\s*", "\n", page)

    def _pictures(self, report: PatientReport) -> list[str]:
        """Draw the variants of each gene whose protein the tables describe."""
        build = GenomeBuild(report.provenance.build)
        found = (
            draw_lollipop(gene, report.findings, self._ref, self._wording, build)
            for gene in sorted({f.gene for f in report.findings})
        )
        return [picture for picture in found if picture]


def _anchor(name: str) -> str:
    """Return a name as the id of an element."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", name)


def _number(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names), 1)}


def css_string(text: str) -> str:
    """Write a text as a CSS string that no letter in it can leave."""
    return '"' + "".join(
        c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text
    ) + '"'


def identity_line(report: PatientReport, wording: Wording) -> str:
    """Return who the report is about, for the foot of every page."""
    patient = report.patient
    edition = name_edition(report.report_id, report.authorisation)
    parts = [
        patient.name, patient.birth_date, patient.record_number, patient.accession,
        patient.sample_id, f"{wording.say('label-report-id')} {edition}",
        wording.say(f"status-{report.status.replace(' ', '-')}"),
    ]
    return " · ".join(p for p in parts if p)


def _page_boxes(report: PatientReport, wording: Wording) -> str:
    """Return the foot and head of printed pages: identity, use, page number, draft mark."""
    foot = f"{identity_line(report, wording)}\n{wording.say('label-intended-use')}"
    page = css_string(wording.say("label-page") + " ")
    rules = (
        f"@page{{@bottom-left{{content:{css_string(foot)}}}"
        f"@bottom-right{{content:{page} counter(page) \"/\" counter(pages)}}}}"
    )
    if report.status == "draft":
        mark = css_string(wording.say("label-draft-mark"))
        rules += f"@media print{{body::before{{content:{mark} / \"\"}}}}"
    return rules


def exon_runs(exons: Sequence[tuple[int, int, int]]) -> list[tuple[str, int, int]]:
    """Return (exons, bases judged, bases), neighbours that were judged in full as one run."""
    runs: list[list[tuple[int, int, int]]] = []
    for exon in exons:
        last = runs[-1][-1] if runs else None
        if last is not None and (last[1] == last[2]) and exon[1] == exon[2]:
            runs[-1].append(exon)
        elif last is not None and last[2] == 0 and exon[2] == 0:
            runs[-1].append(exon)
        else:
            runs.append([exon])
    return [
        (str(run[0][0]) if len(run) == 1 else f"{run[0][0]}–{run[-1][0]}",
         sum(e[2] for e in run), sum(e[1] for e in run))
        for run in runs
    ]


def _unread(report: PatientReport) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for item in report.coverage:
        if not item.judged:
            groups.setdefault(item.reason, []).append(item.gene)
    return sorted(groups.items())
