"""MultiQC: the sample's quality as a row that MultiQC joins with those of other samples.

MultiQC finds `*_mqc.json` below the folder that it is given, and puts all rows of one id into one
table. Only counts stand in the file, under the sample id: no name, genotype or drug. What was not
measured has no cell, for a zero would be an answer.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from epilepsy_pgx.hidden import escape_hidden
from epilepsy_pgx.report.format import Format, RenderContext, Renderer
from epilepsy_pgx.vocabulary import CheckOutcome, GeneStatus, Tier

if TYPE_CHECKING:
    from epilepsy_pgx.model import PatientReport, SampleQuality

Cell = str | int | float

_JUDGED = {
    GeneStatus.COMPLETE: "complete",
    GeneStatus.PARTIAL: "partial",
    GeneStatus.AMBIGUOUS: "partial",
    GeneStatus.UNDEFINED: "partial",
    GeneStatus.NOT_ASSESSED: "not assessed",
    GeneStatus.NOT_REPORTABLE: "not assessed",
}
"""How far a gene was read: a result with several candidates, or with none, is not the whole one."""
_DEGREES = {
    "complete": "read in full, with one result",
    "partial": "read in part, or without one sure result",
    "not assessed": "not read, or without a result that counts",
}
_OUTCOMES = {
    CheckOutcome.PASSED: "Checks that the sample passed",
    CheckOutcome.FAILED: "Checks that the sample failed, so that it is not reportable",
    CheckOutcome.NOT_ASSESSED: "Checks for which the data are too few",
}


def _column(title: str, description: str, **more: object) -> dict[str, object]:
    return {
        "title": title,
        "description": description,
        "min": 0,
        "format": "{:,.0f}",
        "scale": False,
        **more,
    }


def _headers() -> dict[str, dict[str, object]]:
    """Return the columns in order; their names and words are English, as in every table."""
    made: dict[str, dict[str, object]] = {
        "status": {"title": "Report", "description": "draft, final or not reportable"},
        "urgent": _column("Urgent", "Urgent statements", scale="Reds"),
        "act": _column("Act", "Drugs about which something asks for action", scale="Oranges"),
        "consider": _column("Consider", "Drugs about which something is to be considered"),
        "call_rate": _column(
            "Call rate",
            "Curated positions with a genotype that counts",
            max=100,
            suffix="%",
            format="{:,.1f}",
            scale="RdYlGn",
        ),
        "depth_median": _column(
            "Depth",
            "Median over the genes of each gene's median depth at curated positions",
            suffix="x",
        ),
    }
    for outcome, said in _OUTCOMES.items():
        made[_key("checks", outcome)] = _column(f"Checks {outcome}", said)
    for degree, said in _DEGREES.items():
        made[_key("genes", degree)] = _column(f"Genes {degree}", f"Genes {said}")
    for degree, said in _DEGREES.items():
        made[_key("coding", degree)] = _column(
            f"Coding {degree}",
            f"Genes whose coding sequence was, for rare variants, {said}",
            hidden=True,
        )
    return made


def _key(kind: str, word: str) -> str:
    return f"{kind}_{word}".replace(" ", "_")


def _quality_cells(quality: "SampleQuality") -> dict[str, Cell]:
    from statistics import median_low

    cells: dict[str, Cell] = {}
    for check in quality.checks:
        counts = dict(check.measured)
        if check.check == "call rate" and int(counts["positions"]):
            # Rounded down: 100 % means all of them.
            cells["call_rate"] = 1000 * int(counts["usable"]) // int(counts["positions"]) / 10
    depths = [g.depth_median for g in quality.genes if g.depth_median is not None]
    if depths:
        cells["depth_median"] = median_low(depths)
    found = Counter(check.outcome for check in quality.checks)
    return cells | {_key("checks", outcome): found[outcome] for outcome in _OUTCOMES}


def _gene_cells(kind: str, statuses: Iterable[GeneStatus]) -> dict[str, Cell]:
    found = Counter(_JUDGED[status] for status in statuses)
    return {_key(kind, degree): found[degree] for degree in _DEGREES}


def _said_cells(report: "PatientReport") -> dict[str, Cell]:
    """Count what is said; of a sample that is not reportable no count of nothing stands."""
    said = report.interpretation
    counts = {
        "urgent": len(said.urgent),
        "act": sum(drug.tier is Tier.ACT for drug in said.drugs),
        "consider": sum(drug.tier is Tier.CONSIDER for drug in said.drugs),
    }
    return {name: n for name, n in counts.items() if n or not report.not_reportable}


def _render(report: "PatientReport") -> bytes:
    cells: dict[str, Cell] = {
        "status": report.status,
        **(_quality_cells(report.quality) if report.quality else {}),
        **_gene_cells("genes", (gene.status for gene in report.genes)),
        **_gene_cells("coding", (gene.status for gene in report.coverage)),
        **_said_cells(report),
    }
    headers = _headers()
    content = {
        "id": "epilepsy_pgx",
        "section_name": "epilepsy-pgx",
        "description": "How well each sample could be read for its report on anti-seizure drugs, "
        "and how much the report says. An empty cell was not measured or not judged.",
        "plot_type": "table",
        "pconfig": {"id": "epilepsy_pgx_table", "title": "epilepsy-pgx: samples"},
        "headers": headers,
        "data": {
            report.patient.sample_id: {name: cells[name] for name in headers if name in cells}
        },
    }
    return escape_hidden((json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def _is_final(data: bytes) -> bool:
    from epilepsy_pgx.report.authorise import FINAL

    try:
        rows = json.loads(data)["data"].values()
        return any(row["status"] == FINAL for row in rows)
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


def _renderer(context: RenderContext) -> Renderer:
    return _render


FORMAT = Format(
    name="multiqc",
    suffix="pgx_mqc.json",
    summary="counts of the sample's quality and of what is said, for MultiQC to join with others",
    renderer=_renderer,
    is_final=_is_final,
)
