"""The picture of a patient's variants says nothing by colour and hides nothing."""

import json
import re
from dataclasses import replace

import pytest

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.report.lollipop import draw_alone, draw_lollipop, draw_on_paper, residue_of
from epilepsy_pgx.report.serialise import report_from_json
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.vocabulary import Classification, GenomeBuild


@pytest.fixture(scope="module")
def finding(root):
    text = (root / "tests/golden/expected/EX01.json").read_text(encoding="utf-8")
    assert json.loads(text)["findings"]
    report = report_from_json(text)
    return next(f for f in report.findings if f.gene == "SCN1A")


def draw(reference, *findings, language="en", build=GenomeBuild.GRCH38):
    return draw_lollipop("SCN1A", findings, reference, Wording(reference, language), build)


@pytest.mark.parametrize(
    ("name", "residue"),
    [("p.(Arg222Ter)", 222), ("p.Thr782Ile", 782), ("p.(Met1?)", 1), ("p.?", None), (None, None)],
)
def test_residue(name, residue):
    assert residue_of(name) == residue


def test_every_variant_is_drawn_and_told(reference, finding):
    many = [replace(finding, hgvs_p=f"p.(Arg{n}Ter)") for n in (2, 222, 230, 1000, 2008)]
    picture = draw(reference, *many)
    assert picture.count("<circle") == 5
    told = re.search("<desc[^>]*>(.*?)</desc>", picture)[1]
    for variant in many:
        assert variant.hgvs_p in told
    places = [float(v) for v in re.findall(r'<circle cx="([\d.]+)"', picture)]
    assert places == sorted(places)
    assert places[0] > 0
    assert places[-1] < 720


def test_the_class_is_a_shape(reference, finding):
    assert 'class="hf"' in draw(reference, finding)
    other = replace(
        finding,
        classifications=tuple(
            replace(c, classification=Classification.UNCERTAIN) for c in finding.classifications
        ),
    )
    assert 'class="ho"' in draw(reference, other)
    assert 'class="hf"' not in draw(reference, other)
    assert not re.search(r'fill="#|stroke="#|style="', draw(reference, finding))


def test_nothing_to_draw(reference, finding):
    assert draw(reference) is None
    assert draw(reference, replace(finding, hgvs_p=None)) is None
    wording = Wording(reference, "en")
    assert (
        draw_lollipop(
            "POLG", [replace(finding, gene="POLG")], reference, wording, GenomeBuild.GRCH38
        )
        is None
    )


def test_escaped_and_the_same_every_time(reference, finding):
    hostile = replace(finding, hgvs_p="p.(Arg222<script>)")
    picture = draw(reference, hostile)
    assert "<script" not in picture
    assert picture == draw(reference, hostile)
    assert len(draw(reference, finding)) < 12_000


def test_both_builds_and_languages(reference, finding):
    assert draw(reference, finding) == draw(reference, finding, build=GenomeBuild.GRCH37)
    assert "residuo" in draw(reference, finding, language="es")


def test_tested_marks_are_those_no_row_disagrees_with(reference, finding):
    picture = draw(reference, finding)
    gains = re.search('<path d="([^"]*)" class="go"/>', picture)
    assert gains[1].count("M") == 5


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("p.(Arg2Ter)", "p.(Arg222Ter)"), None),
        (("p.(Arg2Ter)", None, "p.?"), "2 not drawn"),
        ((None,), "1 not drawn"),
        ((), None),
    ],
)
def test_what_a_picture_of_its_own_leaves_out_is_counted(reference, finding, names, said):
    many = [
        replace(finding, hgvs_p=name, key=VariantKey("2", n, "A", "C"))
        for n, name in enumerate(names, 1)
    ]
    words = Wording(reference, "en")
    # A variant of two samples is one.
    picture = draw_alone("SCN1A", [*many, *many], reference, words, GenomeBuild.GRCH38, "Variants")
    assert ("not drawn" in picture) is (said is not None)
    assert said is None or said in picture


@pytest.mark.parametrize(("language", "said"), [("en", "2 not drawn"), ("es", "2 sin dibujar")])
def test_what_a_report_leaves_out_is_counted(reference, finding, language, said):
    names = ("p.(Arg2Ter)", None, "p.?")
    many = [
        replace(finding, hgvs_p=n, key=VariantKey("2", i, "A", "C")) for i, n in enumerate(names, 1)
    ]
    words, build = Wording(reference, language), GenomeBuild.GRCH38
    assert said in draw(reference, *many, language=language)
    assert said in draw_on_paper("SCN1A", many, reference, words, build).caption
    assert said.split(" ", 1)[1] not in draw(reference, *many[:1], language=language)
