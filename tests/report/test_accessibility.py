"""WCAG 2.2 AA by axe in Chromium, in light and dark."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.cohort.page import write_cohort_page
from epilepsy_pgx.cohort.summary import CohortTables
from epilepsy_pgx.pipeline.failures import PROBLEM_COLUMNS
from epilepsy_pgx.quality.sites import COLUMNS
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.statement import Message
from tests.chromium import Chromium
from tests.report.examples import NAMES, example_reports

AXE = Path(
    os.environ.get("AXE_CORE", Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js")
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "axe.run(document, {runOnly: %s}).then(r => r.violations.map(v => [v.id, v.nodes[0].html]))"


def page_named(name, folder):
    """Return the page of an example, of page one alone, of a refused report, or of all."""
    ref, reports = load_reference(), example_reports()
    if name == "cohort":
        tables = CohortTables(folder, ref)
        for report in reports.values():
            tables.add(report)
        tables.close()
        (folder / "problems.tsv").write_text("\t".join(PROBLEM_COLUMNS) + "\n", encoding="utf-8")
        sites = "\t".join(COLUMNS) + "\nrs1057910\tCYP2C9\t10\t8\t1\t1\tA:12|C:4\n"
        (folder / "sites.tsv").write_text(sites, encoding="utf-8")
        return write_cohort_page(folder, ref).read_text(encoding="utf-8")
    if name == "extract":
        return HtmlRenderer(ref, extract=True).render(reports["EX01"])
    report = reports["EX05" if name == "refused" else name]
    if name == "refused":
        report = replace(
            report, status="not reportable", not_reportable=(Message("quality-sex-not-assessed"),)
        )
    return HtmlRenderer(ref).render(report)


PAGES = (*NAMES, "refused", "extract", "cohort")
DARK = {"EX01", "EX04", "EX05", "EX10", "refused", "extract", "cohort"}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "dark"),
    # In the dark the colours alone are others: of each, one page has all.
    [(name, dark) for name in PAGES for dark in (False, True) if name in DARK or not dark],
)
def test_axe_finds_nothing(name: str, dark: bool, tmp_path: Path, chromium: Chromium) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core: npm install axe-core, or set AXE_CORE to its axe.min.js")
    source = tmp_path / "page.html"
    source.write_text(page_named(name, tmp_path), encoding="utf-8")
    with chromium.page(source, dark=dark) as page:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(RUN % json.dumps(RULES)) == []
