"""Page one alone: what it keeps of the report that it is an extract of, and what it leads to."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which

import pytest

from epilepsy_pgx.ledger.release import release, withdraw
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.texts import asked
from epilepsy_pgx.report import html, pdf_layout
from epilepsy_pgx.report.authorise import authorise_report
from epilepsy_pgx.report.build import all_statements
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.pageone import PageOne, plan_page_one
from epilepsy_pgx.report.papers import BROWSER, PDF
from epilepsy_pgx.report.view.build import build_view
from epilepsy_pgx.report.view.extract import INSTEAD, extract_of, only_behind, tell_extract
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.report.write import Renderers, render_report
from epilepsy_pgx.statement import Message, Statement
from epilepsy_pgx.vocabulary import ReportStatus, Tier
from tests.ledger.bench import act, example, ledger, put, tables
from tests.report.examples import NAMES, example_reports
from tests.report.sheets import first_sheets, needs, patients, texts_of
from tests.report.test_html import Outline
from tests.report.test_room import GOES_ON, sheets_of
from tests.report.test_view import Text, atoms, squeeze

FEW, MANY = 12, 200
FORMS = ("clinic-html", "clinic-pdf")
LANGUAGES = ("en", "es")
LEADS_BEHIND = re.compile(
    r"next sheets|hojas siguientes|under (?:Variants|Interactions)|en (?:Variantes|Interacciones)"
    r"|more below|más abajo|see Variants|véase Variantes"
)
"""Words of page one that lead to the sheets behind it."""


def whole_plan(report: PatientReport, form: str) -> PageOne:
    """Return page one as the full report has it."""
    words = ReportWords(Wording(load_reference(), report.language))
    sheet = (PDF if form == "clinic-pdf" else BROWSER)["a4"]
    return plan_page_one(report, words, sheet.lines, sheet=sheet)


def printed_extract(report: PatientReport, form: str, folder: Path) -> tuple[str, PageOne]:
    """Return the text of page one alone, and what was planned for it."""
    plans: list[PageOne] = []
    with pytest.MonkeyPatch.context() as patch:
        for module in (html, pdf_layout):
            patch.setattr(module, "plan_page_one", lambda *a, **k: kept(plans, *a, **k))
        made = render_report(report, form, load_reference())
    if form == "clinic-html":
        return "".join(Text(made.decode()).said), plans[-1]
    path = folder / "made.pdf"
    path.write_bytes(made)
    text = subprocess.run(
        ["pdftotext", "-raw", str(path), "-"], check=True, capture_output=True, text=True
    ).stdout
    return text, plans[-1]


def kept(plans: list[PageOne], *given: object, **more: object) -> PageOne:
    plans.append(plan_page_one(*given, **more))
    return plans[-1]


def acts(page: PageOne) -> set[Statement]:
    """Return what page one says is urgent or to be acted on."""
    said = {line.statement for line, _ in page.urgent}
    lines = [x for e in (*page.current, *page.starting) for x in e.said]
    lines += [*page.monogenic, *page.context]
    return said | {x.statement for x in lines if x.statement.tier is Tier.ACT}


def in_box(page: PageOne) -> set[tuple[str, str | None]]:
    return {(line.statement.text_id, line.statement.action_id) for line, _ in page.urgent}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_urgent_or_to_be_acted_on_stands_in_the_extract(form: str, tmp_path: Path) -> None:
    """And all else that was planned for it, in print; verdicts to act on keep their drugs."""
    if form == "clinic-pdf":
        pytest.importorskip("typst", reason="needs the extra pdf")
        needs(which("pdftotext"))
    for report in (*patients(FEW * 3), *example_reports().values()):
        whole = whole_plan(report, form)
        text, plan = printed_extract(report, form, tmp_path)
        boxed = in_box(whole)
        lost = acts(whole) - acts(plan)
        # What the box says in full is referred to.
        assert not {s for s in lost if (s.text_id, s.action_id) not in boxed}
        assert plan.urgent == whole.urgent
        assert [(e.drugs, e.response) for e in plan.current] == [
            (e.drugs, e.response) for e in whole.current
        ]
        words = ReportWords(Wording(load_reference(), report.language, INSTEAD))
        view = extract_of(build_view(report, words, Letterhead(), plan))
        words_there = squeeze(text)
        for path, atom in atoms(view.page_one):
            # Printed densely there is no room for sources; on paper typesetting tells of a second
            # sheet; a number stands where nothing else tells the source.
            dense = plan.dense or path == "urgent.lines.source"
            dense = dense and path.endswith(".source")
            if dense or path == "summary.goes_on" or path.endswith(".number.text"):
                continue
            assert squeeze(atom) in words_there or parted(squeeze(atom), words_there), path
        told = tell_extract(report, only_behind(report, plan, words), words)
        for atom in (told.heading, *told.said, view.use, view.status):
            assert squeeze(atom) in words_there, atom


def parted(words: str, text: str) -> bool:
    """Say whether a text goes on overleaf, behind the foot of one page and the head of another."""
    return any(words[:at] in text and words[at:] in text for at in range(8, len(words) - 8))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_link_and_no_word_leads_off_the_page(name: str, language: str) -> None:
    page = HtmlRenderer(load_reference(), language, extract=True).render(
        example_reports(language)[name]
    )
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    assert {link[1:] for link in outline.links} <= set(outline.ids)
    assert all(link.startswith("#") for link in outline.links)
    named = re.findall(r'aria-labelledby="([^"]*)"', page)
    assert {each for ids in named for each in ids.split()} <= set(outline.ids)
    assert not re.findall(r"<use[ >]", page)
    assert not LEADS_BEHIND.search("".join(Text(page).said))
    assert "annex" not in page.partition("</style>")[2]


def test_the_words_that_lead_behind_page_one_are_found() -> None:
    """As the full page has them."""
    pages = [
        HtmlRenderer(load_reference(), language).render(report)
        for language in LANGUAGES
        for report in example_reports(language).values()
    ]
    first = [page[: page.index('<div class="annex')] for page in pages]
    assert sum(bool(LEADS_BEHIND.search(page)) for page in first) > len(first) // 3


def test_each_text_of_an_extract_has_what_the_one_that_it_stands_for_has() -> None:
    names = asked(load_reference())
    for whole, instead in INSTEAD.items():
        assert names[whole] - {"drugs", "evidence"} <= names[instead] <= names[whole], whole
        for language in LANGUAGES:
            wording = Wording(load_reference(), language)
            assert wording._texts[whole] != wording._texts[instead]
            assert not LEADS_BEHIND.search(wording._texts[instead])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_only_in_the_full_report_is_counted(language: str) -> None:
    """Less than all statements, and no less than those of the drugs that page one does not name."""
    words = ReportWords(Wording(load_reference(), language, INSTEAD))
    for report in (*patients(FEW), *example_reports(language).values()):
        full = plan_page_one(report, words, 10_000)
        small = plan_page_one(report, words, 1)
        total = len({s.statement_id for s in all_statements(report.interpretation)})
        numbers = [only_behind(report, page, words) for page in (full, small)]
        assert 0 < numbers[0] <= numbers[1] < total + 1
        named = {d for e in (*full.current, *full.starting) for d in e.drugs}
        unnamed = {
            s.statement_id
            for drug in report.interpretation.drugs
            if drug.drug not in named
            for s in drug.statements
            if s.tier is not Tier.ACT and not s.urgent
        } - {s.statement_id for s in report.interpretation.urgent}
        unnamed -= {x.statement.statement_id for x in (*full.monogenic, *full.context)}
        unnamed -= {x.statement.statement_id for e in full.current for x in e.said}
        assert len(unnamed) <= numbers[0]


@pytest.mark.parametrize("form", FORMS)
def test_an_extract_has_the_marks_of_its_report(form: str, tmp_path: Path) -> None:
    if form == "clinic-pdf":
        pytest.importorskip("typst", reason="needs the extra pdf")
        needs(which("pdftotext"))
    draft = example_reports()["EX05"]
    final = authorise_report(draft, "Dr R. Release", "clinical geneticist", "2026-11-23")
    refused = replace(
        draft,
        status=ReportStatus.NOT_REPORTABLE,
        not_reportable=(Message("stop-bone-marrow-transplant"),),
    )
    texts = {}
    for name, report in (("draft", draft), ("final", final), ("refused", refused)):
        texts[name] = squeeze(printed_extract(report, form, tmp_path)[0])
    assert squeeze("R-EXAMPLE.") in texts["draft"]
    assert squeeze("R-EXAMPLE v1.") in texts["final"]
    assert "DrR.Release" in texts["final"]
    say = Wording(load_reference()).say
    assert squeeze(say("label-date-signature")) in texts["draft"]
    assert squeeze(say("label-date-signature")) not in texts["final"]
    assert squeeze(say("stop-bone-marrow-transplant")) in texts["refused"]
    if form == "clinic-html":
        mark = squeeze(say("label-draft-mark"))
        assert [mark in texts[name] for name in texts] == [True, False, False]


def test_a_withdrawal_marks_the_extract_too(tmp_path: Path) -> None:
    """The ledger writes it with the other files of an edition, and verifies it."""
    path = put(tmp_path, example())
    formats = ("json", "clinic-html")
    with ledger(tmp_path / "r", Settings(formats=formats)) as book:
        issued = release(book, path, act(), tables())
        made = sorted(p.name for p in issued.folder.iterdir())
        assert made == ["EX05.clinic.html", "EX05.json"]
        assert 'status">Final<' in (issued.folder / made[0]).read_text(encoding="utf-8")
        (done,) = withdraw(book, "R-EX05 v1", act(reason="another specimen"), tables())
        page = (done.folder / made[0]).read_text(encoding="utf-8")
    assert 'status">Withdrawn<' in page
    assert "Withdrawn on 2026-11-23 by Dr R. Release, geneticist: another specimen" in page
    assert Wording(tables()).say("label-withdrawn-mark") in page
    assert "an extract of report R-EX05 v1." in page


@pytest.mark.browser
@pytest.mark.parametrize("paper", sorted(BROWSER))
@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_printed_extract_is_one_sheet_unless_it_says_that_it_goes_on(
    count: int, paper: str, tmp_path: Path
) -> None:
    browser = needs(which("chromium") or which("google-chrome"))
    needs(which("pdftotext"))
    reports = patients(count)
    made = first_sheets(reports, paper, extract=True)
    sheets = sheets_of(made, tmp_path, browser)
    assert len(sheets) == len(reports)
    names = {r.patient.sample_id: r for r in reports}
    more = [at for at in names if sheets[at] > 1 and GOES_ON[names[at].language] not in made[at]]
    assert more == []


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_an_extract_as_pdf_is_one_sheet_or_says_that_it_goes_on(
    count: int, paper: str, tmp_path: Path
) -> None:
    pytest.importorskip("typst", reason="needs the extra pdf")
    needs(which("pdftotext"))
    renderers = Renderers(load_reference(), paper=paper)
    at = tmp_path / "made.pdf"
    for report in patients(count):
        at.write_bytes(renderers.render(report, "clinic-pdf"))
        pages = texts_of(at)
        goes_on = GOES_ON[report.language] in " ".join(pages[0].split())
        assert (len(pages) > 1) == goes_on, report.patient.sample_id
