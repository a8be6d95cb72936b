"""Pages of which parts are kept from earlier patients are those of each patient alone."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.formats import DEFAULTS
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.lean import lean_page
from epilepsy_pgx.report.parts import SharedParts
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.report.write import Renderers
from epilepsy_pgx.sharing import OfParts, Recent
from tests.report import sheets
from tests.report.examples import NAMES, example_reports

SEED = 18


class Forgetful(OfParts):
    """Remembers nothing."""

    def __call__(self, what, parts, more, make):
        return make()


class Empty(Recent):
    """Keeps nothing."""

    def put(self, key, value):
        pass


class AnewWords(ReportWords):
    """Words that keep nothing of the parts they were asked for."""

    def __init__(self, wording):
        super().__init__(wording)
        self.once = self.latest = Forgetful()

    def each(self, make):
        return lambda part: make(part, self)


def alone(language: str) -> HtmlRenderer:
    """Return a renderer that makes everything anew."""
    made = HtmlRenderer(load_reference(), language)
    made._words = AnewWords(made._wording)
    made._html = Empty()
    made._wording._told_of = Forgetful()
    made._lean = lambda parts: spell_hidden(lean_page("".join(parts)))
    return made


def without(report: PatientReport, place: random.Random) -> PatientReport:
    """Return a report that lacks something on which numbers, links or rows elsewhere hang."""

    def some(parts):
        left = list(parts)
        for _ in range(min(len(left), 2)):
            del left[place.randrange(len(left))]
        return tuple(left)

    said = report.interpretation
    drug = place.randrange(len(said.drugs))
    drugs = list(said.drugs)
    drugs[drug] = replace(drugs[drug], statements=some(drugs[drug].statements))
    match place.randrange(5):
        case 0:
            return replace(report, citations=some(report.citations))
        case 1:
            return replace(report, genes=some(report.genes))
        case 2:
            return replace(report, interpretation=replace(said, drugs=tuple(drugs)))
        case 3:
            return replace(report, interpretation=replace(said, drugs=some(said.drugs)))
        case _:
            return replace(report, interpretation=replace(said, next_tests=some(said.next_tests)))


def patients(place: random.Random) -> Iterator[PatientReport]:
    parts = SharedParts()
    for name in NAMES:
        report = parts.report(example_reports()[name])
        yield report
        for _ in range(2):
            yield without(report, place)
        yield report


@pytest.mark.parametrize("language", ["en", pytest.param("es", marks=pytest.mark.slow)])
def test_what_is_kept_is_what_would_be_made_anew(language):
    kept, anew = HtmlRenderer(load_reference(), language), alone(language)
    for number, report in enumerate(patients(random.Random(SEED))):
        page = kept.render(report)
        assert page == anew.render(report), (number, report.patient.sample_id)


@pytest.mark.parametrize("count", [12, pytest.param(120, marks=pytest.mark.slow)])
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_file_hangs_on_the_patients_before(language, count):
    """In two orders, and with parts that are shared or not, the bytes are the same."""
    ref = load_reference()
    reports = [*example_reports().values(), *sheets.patients(count)]
    shared = SharedParts()
    orders = [(r, r) for r in reports], [(r, shared.report(r)) for r in reversed(reports)]
    made = []
    for order in orders:
        files, renderers = {}, Renderers(ref, language=language)
        for report, rendered in order:
            for form in DEFAULTS:
                files[report.patient.sample_id, form] = renderers.render(rendered, form)
        made.append(files)
    assert len(made[0]) == len(reports) * len(DEFAULTS)
    assert made[0] == made[1]


def test_hardly_anything_is_made_twice(monkeypatch):
    """The second of two patients alike costs next to nothing, or nothing is kept at all."""
    kept = HtmlRenderer(load_reference())
    report = SharedParts().report(example_reports()[NAMES[0]])
    page = kept.render(report)
    made = []
    whole = kept._words.once._kept.put
    monkeypatch.setattr(kept._words.once._kept, "put", lambda k, v: made.append(k) or whole(k, v))
    assert kept.render(report) == page
    assert len(made) < 30
