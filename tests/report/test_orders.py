"""What to settle next, as pages say it."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.cohort.summary import COHORT_COLUMNS, cohort_row
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.report.view.orders import tell_next_steps, tell_orders
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Message, NextTest, Value, ValueKind
from epilepsy_pgx.vocabulary import Asked, Tier

REF = load_reference()
WORDS = ReportWords(Wording(REF))
GOLDEN = Path(__file__).parents[1] / "golden" / "expected" / "EX03.json"


def wanted(gene: str, drugs: tuple[str, ...], statements: tuple[str, ...] = (), **more) -> NextTest:
    """Return an item that is asked for."""
    values = (Value("subject", (gene,)), Value("details", ("*15:02",)))
    found = NextTest(
        "typing:*",
        Asked.LABORATORY,
        (gene,),
        Message("test-typing", values),
        Message("order-typing", values),
        urgent=False,
        tier=Tier.ACT,
        most=1,
        drugs=drugs,
        statements=statements,
    )
    return replace(found, **more)


FIELD = Message("test-field", (Value("subject", ("clinical-sex",), ValueKind.TEXT),))
TESTS = (
    wanted("HLA-B", ("carbamazepine", "phenytoin", "lamotrigine", "oxcarbazepine"), urgent=True),
    wanted("HLA-A", ("carbamazepine",), ("x", "y")),
    wanted("sex", (), ("x",), asked_of=Asked.CLINIC, name=FIELD, order=None, tier=Tier.CONTEXT),
    wanted("HLA-C", ("valproate",)),
)


@pytest.fixture(scope="module")
def report() -> PatientReport:
    found = report_from_json(GOLDEN.read_bytes())
    return replace(found, interpretation=replace(found.interpretation, next_tests=TESTS))


@pytest.mark.parametrize("aside", [False, True])
def test_a_gap_that_decides_nothing_now_is_asked_for_and_not_called_the_largest(report, aside):
    tests = tuple(replace(test, aside=aside) for test in TESTS)
    told = replace(report, interpretation=replace(report.interpretation, next_tests=tests))
    page = HtmlRenderer(REF).render(told)
    assert ("Largest gap" in page) is not aside
    assert tell_next_steps(told, WORDS) == tell_next_steps(report, WORDS)


def test_page_one_names_three_and_what_they_may_change(report):
    steps = tell_next_steps(report, WORDS)
    assert steps is not None
    assert [(row.label, row.value) for row in steps.rows] == [
        (
            "Order HLA-B typing",
            "may change carbamazepine, phenytoin, 2 more; most pressing: urgent",
        ),
        ("Order HLA-A typing", "may change carbamazepine, 2 more; most pressing: act"),
        (
            "Ask and enter: sex",
            "may change statements about no single drug: 1; most pressing: context",
        ),
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"tier": Tier.CONTEXT}, "may show the cause; decides about surgery"),
        ({}, "may show the cause; decides about surgery; most pressing: act"),
        (
            {"drugs": ("valproate",), "urgent": True},
            "may show the cause; decides about surgery; most pressing: urgent",
        ),
    ],
)
def test_page_one_says_what_an_item_decides(report, more, said):
    one = replace(wanted("mri", (), ("x",), name=Message("test-mri")), **more)
    found = replace(report, interpretation=replace(report.interpretation, next_tests=(one,)))
    steps = tell_next_steps(found, WORDS)
    assert steps is not None
    assert steps.rows[0].value == said


def test_the_order_list_names_all_by_who_is_asked(report):
    orders = tell_orders(report, WORDS)
    assert orders is not None
    asked = {group.heading: [row.what for row in group.rows] for group in orders.groups}
    assert asked == {
        "For the laboratory": ["HLA-B typing", "HLA-A typing", "HLA-C typing"],
        "For the clinic: complete the entry": ["Sex (clinical entry)"],
    }
    first = orders.groups[0].rows[0]
    assert first.how.startswith("EDTA blood; HLA-B at two fields, each of *15:02")
    assert first.why == "carbamazepine, phenytoin, lamotrigine, oxcarbazepine"


def test_nothing_to_settle_prints_nothing(report):
    quiet = replace(report, interpretation=replace(report.interpretation, next_tests=()))
    assert tell_next_steps(quiet, WORDS) is None
    assert tell_orders(quiet, WORDS) is None
    page = HtmlRenderer(REF).render(quiet)
    assert 'id="orders"' not in page
    assert WORDS.say("heading-next-tests") not in page


def test_page_leads_to_the_list_and_json_gives_it_back(report):
    page = HtmlRenderer(REF).render(report)
    assert page.count('id="orders"') == 1
    # From the contents of the page, and from the first item of page one.
    assert page.count("href=#orders>") == 2
    shown = html.unescape(re.sub(r"<[^>]+>", " ", page))
    assert "HLA-C typing" in shown
    assert report_from_json(report_to_json(report)).interpretation.next_tests == TESTS


def test_cohort_table_names_the_first_three(report):
    row = dict(zip(COHORT_COLUMNS, cohort_row(report, WORDS.wording), strict=True))
    assert row["next_tests"] == "HLA-B typing|HLA-A typing|sex (clinical entry)"
