"""The picture of a patient among the cohort: the same everywhere, told in words, without colour."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from epilepsy_pgx.report import pageone
from epilepsy_pgx.report.giveway import GIVES_WAY
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.pdf_layout import Layout
from epilepsy_pgx.report.serialise import report_from_json
from epilepsy_pgx.report.view.cohortpicture import draw_prediction
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Value, ValueKind

SVG = "{http://www.w3.org/2000/svg}"
SECTION = "section-prediction"


@pytest.fixture(scope="module")
def report(root):
    return report_from_json((root / "tests/golden/expected/EX01.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def statement(report):
    return next(s for x in report.interpretation.context if x.heading_id == SECTION
                for s in x.statements)  # fmt: skip


def words(reference, language="en"):
    return ReportWords(Wording(reference, language))


def placed(statement, *percent):
    """Return the statement of another patient."""
    values = tuple(
        Value("place", tuple(f"{x:.2f}" for x in percent), ValueKind.NUMBER)
        if v.name == "place"
        else v
        for v in statement.values
    )
    return replace(statement, values=values)


@pytest.mark.parametrize("place", [(0, 0, 0.01), (0.4, 0.1, 2), (50, 1, 99), (100, 99.9, 100)])
@pytest.mark.parametrize("language", ["en", "es"])
def test_everything_stands_within_the_picture(reference, statement, place, language):
    picture = draw_prediction(placed(statement, *place), words(reference, language))
    drawn = ElementTree.fromstring(picture.drawing)
    wide, high = map(float, drawn.get("viewBox").split()[2:])
    for box in drawn.iter(f"{SVG}rect"):
        left, top = float(box.get("x", 0)), float(box.get("y", 0))
        assert 0 <= left <= left + float(box.get("width")) <= wide
        assert 0 <= top <= top + float(box.get("height")) <= high
    for text in drawn.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x")) <= wide
        assert 0 <= float(text.get("y")) <= high


def test_no_colour_tells_anything(reference, statement):
    picture = draw_prediction(statement, words(reference))
    for shade in re.findall(r"#([0-9a-f]+)", picture.drawing):
        assert len(set(shade)) == 1, "a grey"
    assert "url(" not in picture.drawing


def test_the_words_tell_what_is_drawn(reference, statement):
    picture = draw_prediction(statement, words(reference))
    people = next(v.items for v in statement.values if v.name == "band_people")
    cases = next(v.items for v in statement.values if v.name == "band_cases")
    for n, (some, every) in enumerate(zip(cases, people, strict=True)):
        assert f"{10 * n} to {10 * n + 10} %: {some} of {every}" in picture.alt
        assert f">{some}/{every}</text>" in picture.drawing
    assert "97 % (95 to 98 %)" in picture.alt
    assert "Dravet syndrome" in picture.caption
    drawn = ElementTree.fromstring(picture.drawing)
    assert drawn.find(f"{SVG}desc").text == picture.alt
    named = drawn.get("aria-labelledby").split()
    assert [drawn.find(f"{SVG}{t}").get("id") for t in ("title", "desc")] == named


def test_both_pages_hold_the_same_drawing(reference, report, statement):
    picture = draw_prediction(statement, words(reference))
    page = HtmlRenderer(reference).render(report)
    layout = Layout(report, ReportWords(Wording(reference, "en")), Letterhead(), "a4")
    data = layout.data(layout.plan(layout.room), True)
    # A page leaves out quotation marks that HTML does not ask for.
    drawn = picture.drawing.replace(' xmlns="http://www.w3.org/2000/svg"', "")
    assert drawn.replace('"', "") in page.replace('"', "")
    # Beside the overview of the drugs.
    assert len(data["drawings"]) == 2
    assert picture.drawing.encode() in data["drawings"].values()


def of_genes(report, reference, lines=10_000):
    plan = pageone.plan_page_one(report, words(reference), lines)
    assert not [line for line in plan.context if line.statement.text_id.startswith("prediction")]
    return [line.statement for line in plan.monogenic]


def with_interpretation(report, **parts):
    return replace(report, interpretation=replace(report.interpretation, **parts))


def test_page_one_says_it_beside_the_lines_on_the_gene_alone(reference, report, statement):
    said = of_genes(report, reference)
    assert said[-1] == statement
    assert len(said) > 1
    assert of_genes(with_interpretation(report, monogenic=()), reference) == []
    others = tuple(
        replace(s, statement_id=s.statement_id.replace("SCN1A", "SCN2A"))
        for s in report.interpretation.monogenic
    )
    assert statement not in of_genes(with_interpretation(report, monogenic=others), reference)


@pytest.mark.parametrize(("percent", "said"), [("97", True), ("51", True), ("50", False),
                                               ("2", False)])  # fmt: skip
def test_page_one_never_calms_by_a_probability(reference, report, statement, percent, said):
    values = tuple(
        replace(v, items=(percent,)) if v.name == "probability" else v for v in statement.values
    )
    other = replace(statement, values=values)
    context = tuple(
        replace(x, statements=(other,)) if x.heading_id == SECTION else x
        for x in report.interpretation.context
    )
    assert (other in of_genes(with_interpretation(report, context=context), reference)) is said


def test_a_probability_is_the_first_to_give_way(reference, report, statement):
    full = pageone.plan_page_one(report, words(reference), 10_000)
    first = GIVES_WAY[0]
    (less,) = first.steps(full, words(reference))
    assert statement not in [line.statement for line in less.monogenic]
    assert replace(less, monogenic=full.monogenic) == full
    assert statement not in of_genes(report, reference, 1)


@pytest.mark.parametrize(("language", "told"), [("en", "97 % for Dravet syndrome"),
                                                ("es", "97 % de síndrome de Dravet")])  # fmt: skip
def test_page_one_says_that_it_changes_no_warning(reference, report, statement, language, told):
    plan = pageone.plan_page_one(report, words(reference, language), 10_000)
    (line,) = [line for line in plan.monogenic if line.statement == statement]
    assert told in line.text
    assert {"en": "changes no warning", "es": "no cambia ninguna advertencia"}[
        language
    ] in line.text


def test_a_statement_without_a_figure_has_no_picture(reference, statement):
    bare = replace(statement, values=tuple(v for v in statement.values if v.name != "place"))
    assert draw_prediction(bare, words(reference)) is None
