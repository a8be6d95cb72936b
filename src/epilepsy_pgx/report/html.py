"""The report as one self-contained HTML page."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from epilepsy_pgx.model import (
    DrugPrediction,
    GeneResult,
    PatientReport,
    Statement,
    VariantFinding,
)
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.wording import Wording
from epilepsy_pgx.vocabulary import GeneStatus, Response, Tier

TEMPLATES = Path(__file__).parent / "templates"
_ORDER = {r: i for i, r in enumerate(Response)}
_MARKS = {
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
        wording = Wording(ref, language)
        environment.globals["t"] = wording.say
        environment.globals["mark"] = lambda r: _MARKS[r]
        environment.globals["css_class"] = lambda r: str(r).replace(" ", "-")
        environment.filters["cap"] = lambda s: s[:1].upper() + s[1:]
        self._template = environment.get_template("report.html")
        self._style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
        self._roles = {r.need("gene"): r for r in ref.table("genes")}

    def render(self, report: PatientReport) -> str:
        """Return the page."""
        drugs = report.interpretation.drugs
        taken = {d.drug for d in report.clinical.current or ()}
        deciding = {gene for d in drugs for gene, _ in d.deciding}
        links = {key: (number, text, link) for number, (key, text, link)
                 in enumerate(report.citations, 1)}
        return self._template.render(
            r=report,
            style=self._style,
            current=[d for d in drugs if d.drug in taken],
            unknown=[d for d in report.clinical.current or () if not d.known],
            page_one=_page_one(drugs, taken),
            gates=_gates(drugs, taken),
            quiet=sum(d.tier is Tier.NONE for d in drugs),
            classes=_by_class(drugs),
            key_genes=[g for g in report.genes if g.gene in deciding],
            other_genes=[g for g in report.genes if g.gene not in deciding],
            text=dict(report.texts),
            cite=links,
            findings=sorted(report.findings, key=_finding_rank),
            read=[c for c in report.coverage if c.status is not GeneStatus.NOT_ASSESSED],
            unread=_unread(report),
            gene_line=gene_line,
        )


def _page_one(drugs: Sequence[DrugPrediction], taken: Iterable[str]) -> list[DrugPrediction]:
    """Drugs to know about before one of them is started."""
    names = set(taken)
    chosen = [d for d in drugs if d.tier in (Tier.ACT, Tier.CONSIDER) and d.drug not in names]
    return sorted(chosen, key=lambda d: (_ORDER[d.response], d.drug))


def _gates(drugs: Sequence[DrugPrediction], taken: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Group the drugs whose deciding genes were not read, by those genes."""
    groups: dict[str, list[str]] = {}
    for drug in drugs:
        if drug.not_assessed and drug.drug not in set(taken):
            for gene in drug.not_assessed:
                groups.setdefault(gene, []).append(drug.drug)
    return sorted(groups.items())


def _by_class(drugs: Sequence[DrugPrediction]) -> list[tuple[str, list[DrugPrediction]]]:
    groups: dict[str, list[DrugPrediction]] = {}
    for drug in sorted(drugs, key=lambda d: (d.drug_class, _ORDER[d.response], d.drug)):
        groups.setdefault(drug.drug_class, []).append(drug)
    return list(groups.items())


def _finding_rank(finding: VariantFinding) -> tuple[int, str, int]:
    order = ("pathogenic", "likely_pathogenic", "conflicting", "uncertain_significance",
             "not_classified", "likely_benign", "benign")
    return order.index(finding.classification.value), finding.gene, finding.key.pos


def _unread(report: PatientReport) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for item in report.coverage:
        if item.status is GeneStatus.NOT_ASSESSED:
            groups.setdefault(item.reason, []).append(item.gene)
    return sorted(groups.items())


def gene_line(gene: GeneResult) -> str:
    """Return a gene's result in one line, candidates joined with `or`."""
    if not gene.diplotypes:
        return "–"
    if gene.diplotypes == ("*",):
        return f"{gene.candidate_count} candidates"
    return " or ".join(gene.diplotypes)


def statement_rows(statement: Statement) -> Any:
    """Return the evidence of a statement as (source, level, citations, table row)."""
    return [(e.source, e.level, e.citations, f"{e.table}: {e.row}") for e in statement.evidence]
