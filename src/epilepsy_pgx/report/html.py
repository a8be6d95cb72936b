"""The report as one self-contained HTML page."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from epilepsy_pgx.model import DrugPrediction, GeneResult, PatientReport, Statement
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.lollipop import draw_lollipop
from epilepsy_pgx.report.pageone import (
    RESPONSE_ORDER,
    brief,
    finding_rank,
    plan_page_one,
    share_sentence,
    template,
)
from epilepsy_pgx.response.wording import Wording
from epilepsy_pgx.vocabulary import GeneStatus, GenomeBuild, Response, Tier

TEMPLATES = Path(__file__).parent / "templates"
MARKS = {
    Response.CONTRAINDICATED: "■", Response.AVOID: "■", Response.AVOID_MAINTENANCE: "■",
    Response.CAUTION: "▲", Response.ADJUST_DOSE: "▲", Response.CONSIDER_ALTERNATIVE: "▲",
    Response.INTERACTION: "◆", Response.MAY_FAVOUR: "○", Response.STANDARD: "○",
    Response.PARTIAL: "?", Response.NOT_ASSESSED: "?", Response.NO_RULE: "–",
}
"""A sign beside each verdict, so that colour carries no meaning alone."""


class HtmlRenderer:
    """Renders reports of one language."""

    def __init__(self, ref: Reference, language: str = "en") -> None:
        """Compile the template once."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )
        self._ref = ref
        self._wording = Wording(ref, language)
        environment.globals["t"] = self._wording.say
        environment.globals["mark"] = lambda r: MARKS[r]
        environment.globals["css_class"] = lambda r: str(r).replace(" ", "-")
        environment.filters["cap"] = lambda s: s[:1].upper() + s[1:]
        environment.filters["anchor"] = _anchor
        environment.filters["brief"] = brief
        self._template = environment.get_template("report.html")
        self._style = (TEMPLATES / "report.css").read_text(encoding="utf-8")

    def render(self, report: PatientReport) -> str:
        """Return the page."""
        say = self._wording.say
        each = say("label-each-drug")
        drugs = report.interpretation.drugs
        deciding = {gene for d in drugs for gene, _ in d.deciding}
        genes = {g.gene for g in report.genes}
        page = self._template.render(
            r=report,
            style=self._style + _page_boxes(report, self._wording),
            p=plan_page_one(report, each),
            pictures=self._pictures(report),
            unknown=[d for d in report.clinical.current or () if not d.known],
            classes=group_drugs(drugs, each),
            facts=group_facts(drugs, each),
            key_genes=[g for g in report.genes if g.gene in deciding],
            other_genes=[g for g in report.genes if g.gene not in deciding],
            text=dict(report.texts),
            caveats=_number(c for g in report.genes for c in g.caveats),
            cite={key: number for number, (key, _, _) in enumerate(report.citations, 1)},
            findings=sorted(report.findings, key=finding_rank),
            read=[c for c in report.coverage if c.status is not GeneStatus.NOT_ASSESSED],
            unread=_unread(report),
            gene_line=gene_line,
            gene_of=lambda reason: _gene_of(reason, genes),
            show_origin=lambda s, said: adds_origin(s, said, self._wording),
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
    parts = [
        patient.name, patient.birth_date, patient.record_number, patient.accession,
        patient.sample_id, f"{wording.say('label-report-id')} {report.report_id}",
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


def _gene_of(reason: str, genes: set[str]) -> str | None:
    """Return the gene that a reason begins with, if its result is in the report."""
    word = re.split(r"[\s:,*]", reason, maxsplit=1)[0]
    return word if word in genes else None


def adds_origin(statement: Statement, said: str, wording: Wording) -> bool:
    """Say whether the label of the origin adds to a sentence."""
    label = wording.say(f"label-origin-{statement.origin.value.replace(' ', '-').lower()}")
    return label.casefold() not in said.casefold()


@dataclass(frozen=True, slots=True)
class DrugRow:
    """Drugs of which the same is said."""

    names: tuple[str, ...]
    drug: DrugPrediction
    said: tuple[tuple[Statement, str], ...]


def group_drugs(
    drugs: Sequence[DrugPrediction], each: str
) -> list[tuple[str, list[DrugRow], list[str]]]:
    """Group drugs by class: those about which something is said, and the names of the rest."""
    groups: dict[str, list[DrugPrediction]] = {}
    for drug in sorted(drugs, key=lambda d: (d.drug_class, RESPONSE_ORDER[d.response], d.drug)):
        groups.setdefault(drug.drug_class, []).append(drug)
    return [
        (name, _alike([d for d in group if not _quiet(d)], each),
         [d.drug for d in group if _quiet(d)])
        for name, group in groups.items()
    ]


def _alike(drugs: Sequence[DrugPrediction], each: str) -> list[DrugRow]:
    groups: dict[tuple[object, ...], list[DrugPrediction]] = {}
    for drug in drugs:
        said = tuple((template(s.text, drug.drug), s.because, s.evidence, s.resolve)
                     for s in drug.statements)
        groups.setdefault((drug.response, drug.not_assessed, said), []).append(drug)
    rows = []
    for members in groups.values():
        names, first = tuple(d.drug for d in members), members[0]
        said_of = tuple((s, share_sentence(s.text, names, each)) for s in first.statements)
        rows.append(DrugRow(names, first, said_of))
    return rows


def _quiet(drug: DrugPrediction) -> bool:
    return drug.response is Response.NO_RULE and not drug.deciding and all(
        s.tier is Tier.NONE for s in drug.statements
    )


def group_facts(
    drugs: Sequence[DrugPrediction], each: str
) -> list[tuple[tuple[str, ...], str, Statement]]:
    """Group the label facts: each once, with its drugs."""
    groups: dict[str, list[tuple[str, Statement]]] = {}
    for drug in drugs:
        for note in drug.safety_notes:
            groups.setdefault(note.text_id, []).append((drug.drug, note))
    facts = []
    for members in groups.values():
        names = tuple(name for name, _ in members)
        same = len({m.text for _, m in members}) == 1
        first = members[0][1]
        facts.append((names, first.text if same else share_sentence(first.text, names, each),
                      first))
    return sorted(facts, key=lambda f: f[0])


def _unread(report: PatientReport) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for item in report.coverage:
        if item.status is GeneStatus.NOT_ASSESSED:
            groups.setdefault(item.reason, []).append(item.gene)
    return sorted(groups.items())


def gene_line(gene: GeneResult) -> str:
    """Return a gene's result in one line, candidates joined with `or`."""
    if not gene.diplotypes:
        return ", ".join(gene.alleles_present) or "–"
    if gene.diplotypes == ("*",):
        return f"{gene.candidate_count} candidates"
    return " or ".join(gene.diplotypes)


