"""Words on lines: how wide they are, and how many lines they take; and pages of them."""

import pytest

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.advances import Face, lines_of, width_of
from epilepsy_pgx.report.heights import Heights
from epilepsy_pgx.report.pageone import plan_page_one
from epilepsy_pgx.report.papers import BROWSER, PDF
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from tests.report.examples import example_reports
from tests.report.sheets import patients


@pytest.mark.parametrize(
    ("runs", "width", "lines"),
    [
        ((("", False),), 100, 1),
        ((("one", False),), 100, 1),
        ((("one two", False),), width_of("one two", Face.BROWSER, 10), 1),
        ((("one two", False),), width_of("one two", Face.BROWSER, 10) - 0.1, 2),
        ((("one", True), ("two", False)), width_of("one two", Face.BROWSER, 10), 2),
        ((("long-term", False),), width_of("long-", Face.BROWSER, 10), 2),
        ((("2026-11-29", False),), width_of("2026-11-29", Face.BROWSER, 10), 1),
        ((("m" * 10, False),), width_of("m" * 4, Face.BROWSER, 10), 3),
    ],
)
def test_words_are_broken_where_a_line_ends(runs, width, lines):
    assert lines_of(runs, Face.BROWSER, 10, width) == lines


@pytest.mark.parametrize("face", Face)
def test_every_letter_has_a_width(face):
    """What the table lacks counts as wide as high; bold words are no narrower."""
    assert width_of("漢", face, 10) == 10
    words = "lamotrigine – dosis más baja, ácido ≥ 5 µg"
    assert 0 < width_of(words, face, 10) <= width_of(words, face, 10, bold=True)
    assert width_of(words, Face.PDF, 10) < width_of(words, Face.BROWSER, 10)


@pytest.mark.parametrize("sheet", [*BROWSER.values(), *PDF.values()])
def test_a_page_that_goes_on_to_no_sheet_is_no_higher_than_one(sheet):
    for report in example_reports().values():
        words = ReportWords(Wording(load_reference(), report.language))
        page = plan_page_one(report, words, sheet.lines, sheet=sheet)
        assert page.goes_on or Heights(report, words, sheet).lines(page) <= sheet.lines


@pytest.mark.parametrize("sheet", [BROWSER["a4"], PDF["letter"]])
def test_what_was_measured_of_another_plan_changes_no_height(monkeypatch, sheet):
    """While lines give way, each plan is as high as if it were the only one."""
    kept, plans = Heights.lines, []

    def lines(self, plan):
        alone = Heights(self._report, self._words, self._sheet)
        high = kept(self, plan)
        # What stands above and below never gives way: it is told of the first plan.
        alone._fixed = self._fixed
        assert kept(alone, plan) == high
        plans.append(plan)
        return high

    monkeypatch.setattr(Heights, "lines", lines)
    for report in (*example_reports().values(), *patients(12)):
        words = ReportWords(Wording(load_reference(), report.language))
        plan_page_one(report, words, sheet.lines, sheet=sheet)
    assert len(plans) > 100
