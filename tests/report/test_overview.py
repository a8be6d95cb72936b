"""The picture of all drugs: each drug that the page speaks of, once, by its verdict."""

import re
from xml.etree import ElementTree

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.drugtable import mark
from epilepsy_pgx.report.pageone import verdict_of
from epilepsy_pgx.report.view.later import Picture
from epilepsy_pgx.report.view.overview import _COLOURS, WIDTH, draw_overview
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.vocabulary import Response
from tests.report.sheets import patients

SVG = "{http://www.w3.org/2000/svg}"
LUMINANCE = (0.2126, 0.7152, 0.0722)


def words_of(report: PatientReport) -> ReportWords:
    return ReportWords(Wording(load_reference(), report.language))


def drawn(report: PatientReport) -> Picture:
    picture = draw_overview(report, words_of(report))
    assert picture is not None
    return picture


def test_each_drug_of_the_page_is_drawn_once_behind_its_verdict() -> None:
    for report in patients(40):
        words, picture = words_of(report), drawn(report)
        rows = {}
        for row in ElementTree.fromstring(picture.drawing).iter(f"{SVG}g"):
            lines = row.findall(f"{SVG}text")
            told = [t.text or "" for line in lines for t in line.findall(f"{SVG}tspan")]
            label = " ".join((line.text or "").strip() for line in lines).strip()
            for sign, _, name in (text.partition(" ") for text in told):
                assert name not in rows, name
                rows[name] = (sign, label)
        named = {d.drug for d in report.clinical.current or ()}
        named |= {d.drug for d in report.clinical.planned or ()}
        for drug in report.interpretation.drugs:
            name = words.drug(drug.drug)
            if drug.response is Response.NO_RULE and drug.drug not in named:
                assert name not in rows
            else:
                verdict = verdict_of(drug)
                assert rows.pop(name) == (mark(*verdict), words.verdict(*verdict))
                assert name in picture.alt
        assert not rows


def test_nothing_runs_over_the_edge_or_into_a_neighbour() -> None:
    """Reckoned with the widest letters that a browser may choose, seven units on average."""
    lines = [
        line
        for report in patients(12)
        for line in re.findall(r"<text[^>]*>.*?</text>", drawn(report).drawing)
        if "<tspan" in line
    ]
    assert lines
    for line in lines:
        places = [(int(x), len(t)) for x, t in re.findall(r'<tspan x="(\d+)">([^<]*)<', line)]
        ends = [x + 7 * letters for x, letters in places]
        starts = [*(x for x, _ in places[1:]), WIDTH]
        assert all(end <= start for end, start in zip(ends, starts, strict=True)), line


def test_words_are_read_on_white_paper() -> None:
    for colour in _COLOURS.values():
        parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        light = sum(a * b**2.2 for a, b in zip(LUMINANCE, parts, strict=True))
        assert 1.05 / (light + 0.05) >= 4.5
