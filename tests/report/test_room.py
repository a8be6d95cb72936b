"""Page one on one sheet, over generated patients of every kind, in the browser and as PDF."""

import re
from dataclasses import fields, replace
from pathlib import Path
from shutil import which

import pytest

from epilepsy_pgx.clinical_entry import PlannedDrug
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.report.asked import among_planned, meets_taken, of_today, parties
from epilepsy_pgx.report.giveway import GIVES_WAY, GIVES_WAY_LAST, warns_by_genes
from epilepsy_pgx.report.leftout import Left
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.pageone import PageOne, plan_page_one
from epilepsy_pgx.report.papers import BROWSER, PDF
from epilepsy_pgx.report.room import FIRST, LINES
from epilepsy_pgx.report.serialise import report_from_json
from epilepsy_pgx.report.view.build import build_view
from epilepsy_pgx.report.view.orders import tell_next_steps
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.report.write import Renderers
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.statement import ReasonKind, Statement
from epilepsy_pgx.vocabulary import Origin, Response, Tier
from tests.report.sheets import first_sheets, needs, patients, printed, texts_of
from tests.report.test_pageone import report_of
from tests.response.builders import case, star_gene, takes, typed
from tests.response.test_actions import entry

FEW, MANY = 12, 200
GOES_ON = {lang: Wording(load_reference(), lang).say("label-goes-on") for lang in ("en", "es")}
SAMPLE = re.compile(r"(?:Sample|Muestra)\s+(P\d{3})")


def sheets_of(made: dict[str, str], folder: Path, browser: str) -> dict[str, int]:
    """Return how many sheets page one of each patient takes."""
    sheets: dict[str, int] = {}
    name = ""
    for text in printed(made, folder, browser):
        found = SAMPLE.search(text)
        name = found[1] if found else name
        sheets[name] = sheets.get(name, 0) + 1
    return sheets


@pytest.mark.browser
@pytest.mark.parametrize("paper", sorted(BROWSER))
@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_printed_page_one_is_one_sheet_unless_what_acts_needs_two(
    count: int, paper: str, tmp_path: Path
) -> None:
    """The first sheet says that there is a second, and that only where nothing is left to give."""
    browser = needs(which("chromium") or which("google-chrome"))
    needs(which("pdftotext"))
    reports = patients(count)
    made = first_sheets(reports, paper)
    sheets = sheets_of(made, tmp_path, browser)
    assert len(sheets) == len(reports)
    names = {r.patient.sample_id: r for r in reports}
    going_on = [r for at, r in names.items() if GOES_ON[r.language] in made[at]]
    assert [at for at in names if sheets[at] > 1 and names[at] not in going_on] == []
    assert 1 in sheets.values()
    alone = sheets_of(first_sheets(going_on, paper, short=True), tmp_path, browser)
    # Lines are estimated for the widest face that a browser may choose.
    assert sum(number == 1 for number in alone.values()) <= 1 + count // 25


@pytest.mark.slow
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_page_one_of_the_pdf_is_one_sheet_or_says_that_it_goes_on(
    paper: str, tmp_path: Path
) -> None:
    pytest.importorskip("typst", reason="needs the extra pdf")
    needs(which("pdftotext"))
    on_one = 0
    renderers = Renderers(load_reference(), paper=paper)
    at = tmp_path / "made.pdf"
    for report in patients(MANY):
        at.write_bytes(renderers.render(report, "pdf"))
        pages = texts_of(at)
        signed = Wording(load_reference(), report.language).say(
            "label-authorised" if report.authorisation else "label-date-signature"
        )
        here = " ".join(pages[0].split())
        assert signed in here or GOES_ON[report.language] in here, report.patient.sample_id
        on_one += signed in here
    assert on_one


def test_a_small_sheet_keeps_what_is_urgent_and_to_be_acted_on() -> None:
    for report in patients(FEW):
        keeps_what_matters(report)


def among_taken(page: PageOne) -> set[Statement]:
    """Return what page one says of drugs that are taken together."""
    said = (x.statement for e in page.current for x in e.said)
    return {
        s
        for s in said
        if s.origin is Origin.INTERACTION and not s.conditional and s.tier is not Tier.CONTEXT
    }


def test_what_happens_between_drugs_taken_stands_first_and_stays(reference: Reference) -> None:
    """Before a dose for a start, what holds for every patient, and drugs that nobody takes."""
    taken = ("phenytoin", "capecitabine", "fluorouracil", "clobazam", "stiripentol")
    patient = case(star_gene("CYP2C9", "*2/*3"), clinical=entry(current=tuple(map(takes, taken))))
    report = report_of(ResponseEngine(reference), patient)
    words = ReportWords(Wording(reference))
    for page in (plan_page_one(report, words, 10_000), last_but_names(report, words)):
        lines_of = {e.drugs: [x.statement for x in e.said] for e in page.current}
        phenytoin = lines_of["phenytoin",]
        first = [s.statement_id for s in phenytoin[:2]]
        assert first == [f"inhibitors-phenytoin:{d}:phenytoin" for d in taken[1:3]]
        assert any(s.response is Response.ADJUST_DOSE for s in phenytoin[2:])
        clobazam = [s.origin for s in lines_of["clobazam",]]
        assert Origin.INTERACTION in clobazam
        general = [n for n, origin in enumerate(clobazam) if origin is Origin.GENERAL]
        assert all(clobazam.index(Origin.INTERACTION) < n for n in general)
    unasked = next(e for e in page.starting if "fosphenytoin" in e.drugs)
    assert all(x.statement.origin is not Origin.INTERACTION for x in unasked.said)


def last_but_names(report: PatientReport, words: ReportWords) -> PageOne:
    """Return page one without what gives way before a page is printed densely."""
    page = plan_page_one(report, words, 10_000)
    for row in GIVES_WAY:
        page = [page, *row.steps(page, words)][-1]
    return page


def keeps_what_matters(report: PatientReport) -> None:
    """Hold a sheet without room against one that holds everything."""
    words = ReportWords(Wording(load_reference(), report.language))
    whole = plan_page_one(report, words, 10_000)
    small = plan_page_one(report, words, 1)
    assert small.goes_on
    assert not whole.goes_on
    assert not whole.left_out
    assert small.urgent == whole.urgent
    assert gates_of(small) == gates_of(whole)
    boxed = {(s.text_id, s.action_id) for s in (line.statement for line, _ in small.urgent)}

    def acts(page: PageOne) -> set[Statement]:
        entries = (*page.current, *page.starting)
        said = {x.statement for e in entries for x in e.said if x.statement.tier is Tier.ACT}
        # What the box says in full is referred to.
        return {s for s in said if (s.text_id, s.action_id) not in boxed}

    assert acts(small) == acts(whole)
    verdicts = {d: (e.response, e.conditional) for e in small.starting for d in e.drugs}
    for e in whole.starting:
        if e.response in NAMED or e.planned:
            assert {verdicts[d] for d in e.drugs} == {(e.response, e.conditional)}
    assert [e.drugs for e in small.current] == [e.drugs for e in whole.current]
    # What drugs that are taken do to each other is counted by itself.
    gone = among_taken(whole) - among_taken(small)
    assert all(s.tier is not Tier.ACT for s in gone)
    left = dict(small.left)
    assert len(gone) <= left.get(Left.INTERACTIONS, 0)
    # They ask for something of drugs in use: the count names these, and says so.
    for s in gone:
        pair = {*s.drugs, *parties(s, ReasonKind.TAKING)}
        assert any(pair <= {*drugs, *s.drugs} for drugs in small.left_together), s.statement_id
    dropped = sum(len(e.said) for e in whole.current) - sum(len(e.said) for e in small.current)
    kinds = (Left.INTERACTIONS, Left.TAKEN, Left.MEDICINES)
    assert dropped <= sum(left.get(kind, 0) for kind in kinds)
    said = sum(len(e.said) for e in whole.starting) - sum(len(e.said) for e in small.starting)
    referred = any(e.urgent for e in small.starting)
    assert bool(said) <= bool(small.left_out) or referred
    # Nothing that only asks to be considered is left, but for what warns by a result of genes,
    # what parts a planned drug from one that is taken, the boxed warning of a planned one, and
    # one reason of each warning.
    entries = (*small.current, *small.starting)
    for e, said in [(owner, x.statement) for owner in entries for x in owner.said]:
        parts = said.response is Response.AVOID_TOGETHER and meets_taken(said)
        favoured = e.response is Response.MAY_FAVOUR
        makes = said.response is e.response and (e.planned or e.exposures or favoured)
        joins = favoured and bool(parties(said, ReasonKind.TAKING))
        # A verdict that no line makes keeps one line.
        alone = len(e.said) == 1 and bool(e.planned or e.exposures or favoured)
        boxed_plan = e.planned and said.origin is Origin.GENERAL
        kept = parts or makes or joins or alone or boxed_plan
        assert said.tier is Tier.ACT or warns_by_genes(said) or kept
    reasoned = {e.drugs: e for e in whole.starting if e.planned and e.said}
    for e in small.starting:
        # No mark stands without a reason, unless the box has it.
        if e.drugs in reasoned and e.response is not Response.NO_RULE:
            assert e.said or e.urgent
    reasons = {d for e in whole.starting if e.response is Response.MAY_FAVOUR for d in e.drugs}
    told = {d for e in small.starting for x in e.said for d in x.about or e.drugs}
    assert reasons <= told
    for e, full in zip(small.current, whole.current, strict=True):
        if e.response in WARNS and not e.urgent and full.said:
            assert any(x.statement.response is e.response for x in e.said) or not any(
                x.statement.response is e.response for x in full.said
            )
    # No line refers to one that is not there.
    spoken = {x.statement.statement_id for e in small.starting for x in e.said if x.text_ids}
    for e in small.starting:
        assert all(x.text_ids or x.statement.statement_id in spoken for x in e.said if e.planned)
    kept = {x.statement for e in entries for x in e.said}
    for e in (*whole.current, *whole.starting):
        for said in (x.statement for x in e.said):
            assert said in kept or not warns_by_genes(said) or told_in(said, boxed)
            if meets_taken(said) and e.planned and not told_in(said, boxed):
                names = parties(said, ReasonKind.TAKING)
                assert said in kept or names <= small.to_settle.keys(), said.statement_id


def told_in(said: Statement, boxed: set[tuple[str, str | None]]) -> bool:
    """Say whether the urgent box has the words of a statement."""
    return (said.text_id, said.action_id) in boxed


def gates_of(page: PageOne) -> tuple[set[str], set[str]]:
    """Return the genes to be tested first, and the drugs that they decide about."""
    genes = {g for names, _ in page.required_tests for g in names}
    return genes, {d for _, names in page.required_tests for d in names}


WARNS = (
    Response.CONTRAINDICATED,
    Response.AVOID,
    Response.AVOID_MAINTENANCE,
    Response.AVOID_TOGETHER,
    Response.CAUTION,
)
NAMED = (Response.CONTRAINDICATED, Response.AVOID, Response.AVOID_MAINTENANCE, Response.MAY_FAVOUR)
"""Verdicts on drugs that keep their names."""
ROOMS = {"browser": LINES, **{paper: sheet.lines for paper, sheet in PDF.items()}}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("room", [1, *sorted(ROOMS.values())])
def test_the_patient_as_a_whole_and_the_next_steps_never_give_way(room: int, language: str) -> None:
    words = ReportWords(Wording(load_reference(), language))
    seen = 0
    for report in patients(40):
        whole = plan_page_one(report, words, 10_000)
        page = plan_page_one(report, words, room)
        told = tell_next_steps(report, words)
        assert told is not None
        assert len(told.rows) == min(FIRST, len(report.interpretation.next_tests))
        assert bool(page.context) is bool(whole.context)
        assert set(page.context) <= set(whole.context)
        urgent_first = [x for x in whole.context if x.statement.tier is Tier.ACT]
        assert set(urgent_first) <= set(page.context)
        dropped = len(whole.context) - len(page.context)
        assert dropped <= page.left_out
        seen += bool(dropped)
    assert seen or room != 1


ORDER = (
    "the probability of a model",
    "drugs to start of which nothing asks for action",
    "of drugs to start, not planned: all but actions and the verdict's reason",
    "what planned drugs would do to each other, but for acts and a verdict's reason",
    "variants without a causal class, and which genes were read",
    "names of pairs of drugs that nobody checked, which are counted",
    "of drugs to start: what the urgent box says in full",
    "of drugs that are planned: the full sentences",
    "drugs to start of which the patient's own findings warn",
    "of drugs to start that are planned: all but actions and the verdict's reason",
    "of drugs in use: all but actions and the reason of the verdict",
    "gene findings that ask for no action",
    "clinical context that asks for no action, but for one line",
    "of drugs to start, not planned: all but actions and the name",
    "rows of such names: one for each verdict",
    "which gene is to be tested first for which drug",
    "of drugs that are planned: all but actions, the verdict, and what meets a drug in use",
    "of drugs in use: all but actions, the verdict, and what they do to each other",
    "what planned drugs and drugs in use do to each other, but for their names",
    "what drugs in use do to each other, but for their names and that it asks for something",
)
UNCOUNTED = {ORDER[0], ORDER[1], ORDER[6], ORDER[8]}
"""Whole drugs are counted by the drug, what the urgent box says is not left out, and a probability
is no advice."""


def told(page: PageOne) -> int:
    """Return how many lines of drugs, genes and context stand on page one."""
    entries = (*page.current, *page.starting)
    return sum(len(e.said) for e in entries) + len(page.monogenic) + len(page.context)


def crowded(language: str = "en") -> PatientReport:
    """Return a patient with medicines in use and many planned drugs, one with a risk allele."""
    taken, planned = (
        ("apixaban", "fluconazole", "metoprolol", "levetiracetam"),
        (
            "carbamazepine",
            "eslicarbazepine",
            "lamotrigine",
            "oxcarbazepine",
            "phenytoin",
            "topiramate",
            "valproate",
        ),
    )
    clinical = entry(
        current=tuple(map(takes, taken)),
        planned=tuple(PlannedDrug(name, True, name) for name in planned),
    )
    patient = case(typed("HLA-B", "*15:02"), clinical=clinical)
    return replace(report_of(ResponseEngine(load_reference()), patient), language=language)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("room", [1, *sorted(ROOMS.values()), 10_000])
def test_what_meets_a_drug_in_use_outlasts_pairs_of_planned_drugs(room: int, language: str) -> None:
    """And so does what a result of genes warns of; whatever has no room is named."""
    report = crowded(language)
    words = ReportWords(Wording(load_reference(), language))
    page = plan_page_one(report, words, room)
    assert {"apixaban", "fluconazole"} <= page.to_settle.keys()
    assert "carbamazepine" in page.to_settle["apixaban"]
    assert page.silent == ()
    assert page.behind == ("metoprolol",)
    lines = {e.drugs[0]: [x.statement for x in e.said] for e in page.starting if e.planned}
    for drug in ("carbamazepine", "eslicarbazepine", "lamotrigine", "oxcarbazepine", "phenytoin"):
        assert any(warns_by_genes(s) for s in lines[drug]), drug
    said = {s.statement_id: s for each in lines.values() for s in each}
    whole = plan_page_one(report, words, 10_000)
    wanted = {
        x.statement.statement_id
        for e in whole.starting
        for x in e.said
        if e.planned and meets_taken(x.statement)
    }
    pairs = [s for s in said.values() if among_planned(s) and s.tier is not Tier.ACT]
    made = {e.response for e in page.starting if e.planned}
    assert wanted <= said.keys() or all(s.response in made for s in pairs)
    view = build_view(report, words, Letterhead(), page)
    told = {f.label: f.value for f in view.page_one.current.not_considered}
    assert words.drug("apixaban") in told[words.say("label-to-settle")]
    assert told[words.say("label-said-behind")] == words.drug("metoprolol")


def test_room_is_given_up_in_the_order_that_is_stated(root: Path) -> None:
    """Each row gives up its own matter alone, and what is left out is counted."""
    rows = (*GIVES_WAY, *GIVES_WAY_LAST)
    assert tuple(row.what for row in rows) == ORDER
    changed = set()
    example = (root / "tests/golden/expected/EX01.json").read_text(encoding="utf-8")
    for report in (*patients(40), crowded(), report_from_json(example)):
        words = ReportWords(Wording(load_reference(), report.language))
        page = plan_page_one(report, words, 10_000)
        for row in rows:
            for shorter in row.steps(page, words):
                other = {f.name for f in fields(page)} - {
                    *row.fields,
                    "left",
                    "left_avoid",
                    "left_together",
                }
                assert all(getattr(page, name) == getattr(shorter, name) for name in other)
                if row.what not in UNCOUNTED:
                    assert told(page) - told(shorter) == shorter.left_out - page.left_out, row.what
                changed |= {row.what} if shorter != page else set()
                page = shorter
    assert changed == set(ORDER)


@pytest.mark.parametrize("room", [1, *sorted(ROOMS.values())])
def test_no_drug_to_start_is_counted_without_its_name(room: int) -> None:
    """The most serious of those without a line are named, and how many more there are."""
    seen = set()
    for report in patients(40):
        words = ReportWords(Wording(load_reference(), report.language))
        whole, page = (plan_page_one(report, words, lines) for lines in (10_000, room))
        drugs = [d for e in whole.starting for d in e.drugs]
        assert list(page.unnamed) == [d for d in drugs if d not in named(page)]
        assert not whole.unnamed
        view = build_view(report, words, Letterhead(), page).page_one.starting
        told = " ".join(x.text for x in view.left_out.counts) if view.left_out else ""
        assert all(words.drug(d) in told for d in page.unnamed[:3])
        assert len(page.unnamed) <= 3 or str(len(page.unnamed) - 3) in told
        seen.add(min(len(page.unnamed), 4))
    assert seen > {0} or room > 1


def named(page: PageOne) -> set[str]:
    """Return the drugs to start that page one names in lines of their own."""
    return {d for e in page.starting for d in e.drugs}


def test_a_second_sheet_is_filled_before_anything_is_left_out() -> None:
    """Where one sheet does not hold what matters, two hold the fullest page that they can."""
    more = 0
    for report in patients(40):
        words = ReportWords(Wording(load_reference(), report.language))
        one, two = (plan_page_one(report, words, LINES, sheets) for sheets in (1, 2))
        assert one.goes_on is two.goes_on
        assert two.left_out <= one.left_out
        more += two.left_out < one.left_out
    assert more


def test_the_urgent_box_names_each_drug_and_says_each_text() -> None:
    """What is joined loses no drug and no text, and what is asked of several stands once."""
    joined = asked = 0
    for report in patients(40):
        words = ReportWords(Wording(load_reference(), report.language))
        box = plan_page_one(report, words).urgent
        ids = {i for line, _ in box for i in line.text_ids}
        for said in report.interpretation.urgent:
            assert set(said.part_ids) <= ids
        for line, _ in box:
            assert all(words.drug(drug) in line.text.casefold() for drug in line.about)
        joined += len(box) < len(report.interpretation.urgent)
        asked += any(x.text_ids == x.statement.further[-1:] for x, _ in box)
    assert joined
    assert asked


@pytest.mark.parametrize("sign", ["low_blood_counts", "rash", "drowsiness", "low_sodium"])
@pytest.mark.parametrize("room", [1, *sorted(ROOMS.values()), 10_000])
def test_what_a_sign_of_today_asks_of_a_planned_drug_never_gives_way(room: int, sign: str) -> None:
    """Neither to a fact of every patient nor to drugs that nobody plans."""
    planned = ("carbamazepine", "ethosuximide", "perampanel", "phenytoin", "valproate", "imatinib")
    clinical = entry(
        current=(takes("levetiracetam"),),
        planned=tuple(PlannedDrug(name, True, name) for name in planned),
        signs=(sign,),
    )
    patient = case(typed("HLA-B", "*15:02"), clinical=clinical)
    report = report_of(ResponseEngine(load_reference()), patient)
    words = ReportWords(Wording(load_reference(), "en"))

    def today(page: PageOne) -> set[str]:
        lines = (x for e in page.starting if e.planned for x in e.said)
        return {x.statement.statement_id for x in lines if of_today(x.statement)}

    whole = today(plan_page_one(report, words, 10_000))
    assert whole
    assert today(plan_page_one(report, words, room)) == whole
