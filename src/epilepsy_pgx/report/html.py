"""The report as one self-contained HTML page."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from epilepsy_pgx.authorisation import name_edition
from epilepsy_pgx.model import DrugPrediction, GeneResult, PatientReport, Statement
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.evidence import EvidenceList, chain_key, gene_anchor, join_rows
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.lollipop import draw_lollipop
from epilepsy_pgx.report.pageone import (
    LINES,
    RESPONSE_ORDER,
    WIDTH,
    Said,
    finding_rank,
    is_conditional,
    is_quiet,
    plan_page_one,
    say_once,
    share_sentence,
    template,
)
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.wording import Wording
from epilepsy_pgx.vocabulary import GenomeBuild, Response

TEMPLATES = Path(__file__).parent / "templates"
MARKS = {
    Response.CONTRAINDICATED: "■", Response.AVOID: "■", Response.AVOID_MAINTENANCE: "■",
    Response.CAUTION: "▲", Response.ADJUST_DOSE: "▲", Response.CONSIDER_ALTERNATIVE: "▲",
    Response.INTERACTION: "◆", Response.MAY_FAVOUR: "○", Response.STANDARD: "○",
    Response.PARTIAL: "?", Response.NOT_ASSESSED: "?", Response.NO_RULE: "–",
}
"""A sign beside each verdict, so that colour carries no meaning alone."""
OPEN_MARKS = {"■": "□", "▲": "△"}
"""The sign of a verdict that is still to be confirmed."""


def mark(response: Response, conditional: bool = False) -> str:
    """Return the sign of a verdict."""
    sign = MARKS[response]
    return OPEN_MARKS.get(sign, sign) if conditional else sign


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
        deciding = {gene for d in drugs for gene, _ in d.deciding}
        plan = plan_page_one(report, words, LINES - self._head.lines(WIDTH))
        classes = group_drugs(drugs, words)
        evidence = _number_evidence(report, classes)
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
            key_genes=[g for g in report.genes if g.gene in deciding],
            other_genes=[g for g in report.genes if g.gene not in deciding and not _is_plain(g)],
            plain_genes=[g for g in report.genes if g.gene not in deciding and _is_plain(g)],
            text=dict(report.texts),
            caveats=_number(c for g in report.genes for c in g.caveats),
            cite={key: number for number, (key, _, _) in enumerate(report.citations, 1)},
            findings=sorted(enumerate(report.findings, 1), key=lambda f: finding_rank(f[1])),
            read=[c for c in report.coverage if c.judged],
            unread=unread,
            stated=[words.say("limit-missing-transcripts", genes=", ".join(genes))
                    for _, genes in unread],
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


def _is_plain(gene: GeneResult) -> bool:
    """Say whether genotypes are all there is to say of a gene."""
    return not (
        gene.phenotypes or gene.undocumented or gene.not_excluded or gene.caveats
        or gene.candidate_count > 1 or gene.basis != "genotype"
    )


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


@dataclass(frozen=True, slots=True)
class RowPart:
    """What is said of all drugs of a row, or of some of them."""

    names: tuple[str, ...]
    """The drugs it is about; empty for all of the row."""
    said: tuple[Said, ...]
    not_assessed: tuple[str, ...]
    """Deciding genes of these drugs that were not assessed in full."""


@dataclass(frozen=True, slots=True)
class DrugRow:
    """Drugs of one verdict whose most cautious statement is the same."""

    names: tuple[str, ...]
    response: Response
    conditional: bool
    """True if the verdict is still to be confirmed."""
    parts: tuple[RowPart, ...]
    genes: tuple[str, ...]
    """Deciding genes, where no statement names a result."""


def group_drugs(
    drugs: Sequence[DrugPrediction], words: ReportWords
) -> list[tuple[str, list[DrugRow], list[str]]]:
    """Group drugs by class: those about which something is said, and the names of the rest."""
    groups: dict[str, list[DrugPrediction]] = {}
    for drug in sorted(drugs, key=lambda d: (d.drug_class, RESPONSE_ORDER[d.response], d.drug)):
        groups.setdefault(drug.drug_class, []).append(drug)
    return [
        (name, _alike([d for d in group if not is_quiet(d)], words),
         [d.drug for d in group if is_quiet(d)])
        for name, group in groups.items()
    ]


def _alike(drugs: Sequence[DrugPrediction], words: ReportWords) -> list[DrugRow]:
    """Join drugs of one verdict whose first statement is the same."""
    keys = {
        d.drug: [(template(s.text, words.drug(d.drug)), chain_key(s), s.resolve)
                 for s in d.statements]
        for d in drugs
    }
    groups: dict[tuple[object, ...], list[DrugPrediction]] = {}
    for d in drugs:
        conditional = is_conditional(d.statements, d.response)
        groups.setdefault((d.response, conditional, *keys[d.drug][:1]), []).append(d)
    rows = []
    for members in groups.values():
        shared = [k for k in keys[members[0].drug] if all(k in keys[d.drug] for d in members)]
        parts: dict[tuple[object, ...], list[DrugPrediction]] = {}
        for d in members:
            own = tuple(k for k in keys[d.drug] if k not in shared)
            parts.setdefault((own, d.not_assessed), []).append(d)
        if len(parts) == 1:
            shared = keys[members[0].drug]
        same = len(parts) == 1
        made = [_part(members, [k in shared for k in keys[members[0].drug]], words, True,
                      members[0].not_assessed if same else ())]
        if not same:
            made += [_part(some, [k not in shared for k in keys[some[0].drug]], words, False,
                           some[0].not_assessed) for some in parts.values()]
        silent = not any(s.because for s in members[0].statements)
        rows.append(DrugRow(
            tuple(d.drug for d in members), members[0].response,
            is_conditional(members[0].statements, members[0].response),
            tuple(p for p in made if p.said or p.not_assessed),
            tuple(gene for gene, _ in members[0].deciding) if silent else (),
        ))
    return rows


def _part(
    drugs: Sequence[DrugPrediction], chosen: Sequence[bool], words: ReportWords, whole: bool,
    not_assessed: tuple[str, ...],
) -> RowPart:
    """Return the chosen statements of the first of some drugs as said of them all."""
    names = tuple(d.drug for d in drugs)
    shown = [words.drug(n) for n in names]
    each = words.say("label-each-drug")
    said = say_once([
        Said(share_sentence(s.text, shown, each), s)
        for s, wanted in zip(drugs[0].statements, chosen, strict=True) if wanted
    ])
    return RowPart(() if whole else names, said, not_assessed)


def _number_evidence(
    report: PatientReport, classes: Iterable[tuple[str, list[DrugRow], list[str]]]
) -> EvidenceList:
    """Number the chains of the drugs in the order of the drug table, then all others."""
    evidence = EvidenceList(report)
    statements = {d.drug: d.statements for d in report.interpretation.drugs}
    for _, rows, _ in classes:
        for row in rows:
            for name in row.names:
                for statement in statements[name]:
                    evidence.number(statement)
    said = report.interpretation
    for statement in (*said.urgent, *said.interactions, *said.monogenic):
        evidence.number(statement)
    return evidence


def group_facts(
    drugs: Sequence[DrugPrediction], words: ReportWords
) -> list[tuple[tuple[str, ...], str, Statement]]:
    """Group the label facts: each once, with its drugs."""
    groups: dict[str, list[tuple[str, Statement]]] = {}
    for drug in drugs:
        for note in drug.safety_notes:
            groups.setdefault(note.text_id, []).append((drug.drug, note))
    facts = []
    each = words.say("label-each-drug")
    for members in groups.values():
        names = tuple(name for name, _ in members)
        same = len({m.text for _, m in members}) == 1
        first = members[0][1]
        shown = [words.drug(n) for n in names]
        facts.append((names, first.text if same else share_sentence(first.text, shown, each),
                      first))
    return sorted(facts, key=lambda f: f[0])


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
