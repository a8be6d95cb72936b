"""The page says what the report says, in order, and nothing escapes into its markup."""

import gzip
import html
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from shutil import which

import pytest

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.html import HtmlRenderer, css_string
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.lines import line_of, shown_names
from epilepsy_pgx.report.pageone import plan_page_one
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.vocabulary import Classification, Response, Tier
from tests.report.examples import NAMES, example_reports

HOSTILE = '</style><script>alert("x")</script>\'\\"}\n@import url(//example.org)'
SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80"/>'
VOID = {"meta", "br", "link", "img"}
IMPLIED = {
    "p": {"p", "ul", "ol", "table", "div", "section", "details", "h2", "h3"},
    "li": {"li"},
    "td": {"td", "th", "tr"},
    "th": {"td", "th", "tr"},
    "tr": {"tr", "tbody"},
    "thead": {"tbody"},
    "tbody": {"tbody"},
}
"""Elements whose end tag may be left out, and the start tags that end them (HTML standard)."""


@pytest.fixture(scope="module")
def words() -> ReportWords:
    return ReportWords(Wording(load_reference()))


@pytest.fixture(scope="module")
def renderer() -> HtmlRenderer:
    return HtmlRenderer(load_reference())


class Outline(HTMLParser):
    """Collects ids, links and headings, and checks that elements nest."""

    def __init__(self, page):
        super().__init__()
        self.open, self.ids, self.links, self.headings, self.elements = [], [], [], [], set()
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.elements.add(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        while self.open and tag in IMPLIED.get(self.open[-1], ()):
            self.open.pop()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open[-1] != tag and self.open[-1] in IMPLIED:
            self.open.pop()
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data.strip())


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere_and_ids_are_unique(name, renderer):
    outline = Outline(renderer.render(example_reports()[name]))
    assert len(outline.ids) == len(set(outline.ids))
    inner = {link[1:] for link in outline.links if link.startswith("#")}
    assert inner <= set(outline.ids)
    outside = {link for link in outline.links if not link.startswith("#")}
    assert all(link.startswith("https://") for link in outside)


@pytest.mark.parametrize("name", NAMES)
def test_order_of_page_one(name, renderer):
    page = renderer.render(example_reports()[name])
    headings = [h for h in Outline(page).headings if h]
    order = [
        "Stop or urgent",
        "Current drugs",
        "Before another drug is started",
        "Monogenic finding",
        "Clinical context (from the clinical entry, not from the genotype)",
        "Limits",
        "All anti-seizure drugs",
    ]
    places = [headings.index(h) for h in order if h in headings]
    assert places == sorted(places)
    assert page.index('class="sign"') < page.index('id="drugs"')


@pytest.mark.parametrize("name", NAMES)
def test_page_needs_no_script_and_no_network(name, renderer):
    page = renderer.render(example_reports()[name])
    outline = Outline(page)
    assert not outline.elements & {"script", "link", "img", "iframe"}
    assert "@import" not in page
    assert "url(" not in page


@pytest.mark.parametrize("name", NAMES)
def test_every_verdict_has_a_word_and_a_sign(name, renderer):
    page = renderer.render(example_reports()[name])
    verdicts = re.findall(
        r'<span class="verdict [\w-]+"><span aria-hidden=true>(.)</span> (.*?)<', page
    )
    assert verdicts
    assert len(re.findall(r'class="verdict ', page)) == len(verdicts)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_asks_for_action_is_missing_from_page_one(name, words):
    report = example_reports()[name]
    page = plan_page_one(report, words, 10_000)
    entries = (*page.current, *page.starting)
    gated = {d for _, drugs in page.required_tests for d in drugs}
    for drug in report.interpretation.drugs:
        asks = [s for s in drug.statements if s.tier in (Tier.ACT, Tier.CONSIDER)]
        shown = any(drug.drug in e.drugs for e in entries)
        open_only = all(s.response in (Response.NOT_ASSESSED, Response.PARTIAL) for s in asks)
        if asks:
            assert shown or (open_only and drug.drug in gated), drug.drug
        if drug.not_assessed:
            assert drug.drug in gated or any(
                drug.drug in e.drugs and e.not_assessed for e in entries
            )


@pytest.mark.parametrize("name", NAMES)
def test_statement_of_the_urgent_box_is_not_said_twice(name, words):
    page = plan_page_one(example_reports()[name], words)
    urgent = {s for s, _ in page.urgent}
    assert not urgent & {x.statement for e in page.current for x in e.said}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_page_is_small(name, language):
    page = HtmlRenderer(load_reference(), language).render(example_reports(language)[name])
    assert len(page.encode()) <= 90_000
    assert len(gzip.compress(page.encode(), mtime=0)) <= 25_000


@pytest.mark.parametrize("name", NAMES)
def test_evidence_is_stated_once_and_every_statement_has_it(name, renderer):
    report = example_reports()[name]
    page = renderer.render(report)
    listed = re.search(r'<details class="fold" id="evidence">.*?</details>', page, re.DOTALL)[0]
    number = r"<(?:a href=#re\1|b)>E(\d+)</[ab]>"
    chains = re.findall(rf"<li id=e(\d+)>{number} (.*?)(?=<li|</ul>)", listed)
    assert [int(a) for a, _, _ in chains] == list(range(1, len(chains) + 1))
    assert all(a == b for a, b, _ in chains)
    assert len({text for _, _, text in chains}) == len(chains)
    assert not [text for _, _, text in chains if text.strip().startswith("→")]
    rows = "; ".join(re.findall(r"<code>(.*?)</code>", listed))
    for drug in report.interpretation.drugs:
        for statement in drug.statements:
            if statement.reasons:
                assert all(e.row in rows for e in statement.evidence)


@pytest.mark.parametrize("name", NAMES)
def test_no_word_is_cut(name, renderer):
    page = renderer.render(example_reports()[name])
    reasons = {
        r.text
        for d in example_reports()[name].interpretation.drugs
        for s in d.statements
        for r in s.reasons
    }
    for cut in re.findall(r"([^<>;]*?) …", page):
        start = html.unescape(cut).strip()
        whole = [r for r in reasons if start[-40:] in r]
        assert whole, start
        assert all(not r.split(start[-40:])[1][:1].isalnum() for r in whole), start


@pytest.mark.parametrize("name", NAMES)
def test_a_verdict_on_page_one_has_its_reason(name, words):
    page = plan_page_one(example_reports()[name], words)
    for entry in page.current:
        assert entry.said or entry.urgent or entry.response is Response.NO_RULE, entry.drugs


@pytest.mark.parametrize("name", NAMES)
def test_drug_to_avoid_is_said_what_to_do_with(name, words):
    report = example_reports()[name]
    page = plan_page_one(report, words)
    stopping = (Response.CONTRAINDICATED, Response.AVOID, Response.AVOID_MAINTENANCE)
    for entry in page.starting:
        if entry.response in stopping:
            last = next(s for s in entry.said if s.statement.response in stopping)
            asked = words.wording.short(last.statement.action_id or last.statement.text_id)
            assert asked in {i for line in entry.said for i in line.text_ids}, last.text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_page_one_says_each_rule_in_short_and_whole(name, language):
    words = ReportWords(Wording(load_reference(), language))
    report = example_reports(language)[name]
    page = plan_page_one(report, words)
    lines = [line for e in page.starting for line in e.said]
    assert lines or not page.starting
    for line in [*lines, *page.monogenic, *page.context]:
        ids = tuple(map(words.wording.short, line.statement.part_ids))
        assert set(line.text_ids) <= set(ids), line.text
        assert "…" not in line.text
        assert all(p.text for p in line.parts)


def test_conditional_verdict_does_not_look_firm(renderer):
    page = renderer.render(example_reports()["EX05"])
    cells = re.findall(
        r'class="verdict [\w-]+"><span aria-hidden=true>(.)</span> ([^<]*)</span>'
        r"<td>\s*<p><strong>([^<]*)</strong>",
        page,
    )
    shown = {drug: (sign, word) for sign, word, drug in cells}
    assert shown["topiramate"] == ("□", "avoid, if confirmed")
    assert shown["valproate"] == ("□", "avoid, if confirmed")
    assert shown["lamotrigine"] == ("■", "avoid")


def test_hostile_name_stays_text(renderer):
    report = example_reports()["EX05"]
    patient = replace(report.patient, name=HOSTILE, requester=HOSTILE, accession=HOSTILE)
    hostile = Message("caveat-class-none", (Value("file", (HOSTILE,)),))
    page = renderer.render(replace(report, patient=patient, warnings=(hostile,)))
    assert "<script" not in page
    assert page.count("</style>") == 1
    Outline(page)


def test_css_string_cannot_be_left():
    assert re.fullmatch(r'"(?:[^"\\<>&\n]|\\[0-9a-f]+ )*"', css_string(HOSTILE))


def test_name_from_right_to_left_is_isolated(renderer):
    report = example_reports()["EX03"]
    page = renderer.render(replace(report, patient=replace(report.patient, name="שם בדוי")))
    assert '<dd dir="auto">שם בדוי</dd>' in page


def test_forty_uncertain_variants_leave_page_one_short(words):
    report = example_reports()["EX01"]
    finding = replace(report.findings[0], classifications=())
    many = tuple(replace(finding, key=VariantKey("2", 1000 + n, "A", "G")) for n in range(40))
    page = plan_page_one(replace(report, findings=(*report.findings, *many)), words)
    assert page.findings[0].classification is Classification.PATHOGENIC
    assert len(page.findings) + page.more_findings == 41
    assert len(page.findings) == 4


def test_pages_are_the_same_letter_by_letter(renderer):
    report = example_reports()["EX04"]
    assert renderer.render(report) == HtmlRenderer(load_reference()).render(report)


@pytest.mark.parametrize(
    ("drugs", "expected"),
    [
        (("carbamazepine",), "carbamazepine"),
        (("carbamazepine", "phenytoin"), "carbamazepine/phenytoin"),
        (("carbamazepine", "b", "c", "d"), "the drug"),
    ],
)
def test_shared_sentence(drugs, expected, words):
    """A shared sentence names its drugs, and only where its text has a place for them."""
    report = example_reports()["EX05"]
    drug = next(d for d in report.interpretation.drugs if d.drug == "carbamazepine")
    for statement in drug.statements:
        shown = shown_names(drugs, words)
        assert shown == expected
        line = line_of(statement, words, shown)
        own = line_of(statement, words)
        for part, whole in zip(line.parts, own.parts, strict=True):
            names = words.wording.placeholders(part.text_ids[0])
            if {"drug", "Drug"} & names and expected != "carbamazepine":
                assert part.text != whole.text
                assert part.key != whole.key
            else:
                assert part == whole


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "language", "head"),
    [
        *((name, language, False) for name in NAMES for language in ("en", "es")),
        ("EX01", "en", True),
        ("EX05", "en", True),
        ("EX09", "en", True),
    ],
)
def test_page_one_fits_one_printed_page(name, language, head, tmp_path, chromium):
    if which("pdftotext") is None:
        pytest.skip("needs pdftotext")
    source, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    report, say = example_reports(language)[name], Wording(load_reference(), language).say
    shown = Letterhead(
        "Institute of Medical Genetics and Pharmacogenomics " * 3,
        ("1 Main Street", "City"),
        "Accredited to ISO 15189:2022",
        SQUARE,
    )
    page = HtmlRenderer(load_reference(), language, shown if head else None).render(report)
    source.write_text(page, encoding="utf-8")
    with chromium.page(source) as page:
        page.pdf(printed)
    pages = subprocess.run(
        ["pdftotext", str(printed), "-"], check=True, capture_output=True, text=True
    ).stdout.split("\f")[:-1]
    assert say("label-date-signature") in pages[0]
    groups = ("heading-current", "label-overview-planned", "label-overview-others")
    assert pages[1].startswith(tuple(map(say, groups))), "the picture of all drugs"
    assert say("heading-drugs") in pages[1]
    record = report.patient.record_number
    assert record
    assert all(record in page for page in pages)
