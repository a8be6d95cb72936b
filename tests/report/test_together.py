"""Drugs that are not to be taken together: their mark, and their place in the report's head."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import ClinicalEntry, PlannedDrug
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import PairToAvoid
from epilepsy_pgx.report.pageone import RESPONSE_ORDER, plan_page_one
from epilepsy_pgx.report.together import pairs_to_avoid
from epilepsy_pgx.report.view.summary import tell_summary
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.interactions import Interaction
from epilepsy_pgx.vocabulary import Response
from tests.drawing import examples
from tests.report.test_pageone import report_of
from tests.response.builders import case, takes

SOME = settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


TOGETHER = RESPONSE_ORDER[Response.AVOID_TOGETHER]


def avoided(engine: ResponseEngine) -> list[Interaction]:
    return [item for item in engine.interactions.interactions if item.avoided]


def check(engine: ResponseEngine, reference: Reference, taken: set[str], planned: set[str]) -> None:
    """Look for a pair to avoid without its mark, its count or its words."""
    entry = ClinicalEntry(
        current=tuple(map(takes, sorted(taken))),
        planned=tuple(PlannedDrug(d, True, d) for d in sorted(planned)),
    )
    words = ReportWords(Wording(reference))
    report = report_of(engine, case(clinical=entry))
    page = plan_page_one(report, words)
    summary = tell_summary(report, page, words)
    together = taken | planned
    pairs = [i for i in avoided(engine) if i.perpetrators | {i.victim} <= together]
    found = {frozenset(pair) for pair in pairs_to_avoid(report.interpretation)}
    assert found == {i.perpetrators | {i.victim} for i in pairs}
    none = words.say("label-summary-none-to-avoid")
    count = next(c for c in summary.counts if c.label.endswith("to avoid"))
    if not pairs:
        return
    assert none not in summary.said
    assert any("To avoid together: " in said for said in summary.said)
    assert count.response is Response.AVOID
    assert int(count.number) >= len(found)
    marked = {
        drug
        for e in (*page.current, *page.starting)
        if RESPONSE_ORDER[e.response] <= TOGETHER
        for drug in e.drugs
    }
    for item in pairs:
        assert (item.perpetrators | {item.victim}) & marked, item


@pytest.mark.parametrize("way", ["taken", "perpetrator planned", "victim planned", "planned"])
def test_each_pair_to_avoid_has_its_mark_and_its_count(engine, reference, way):
    seen = set()
    for item in avoided(engine):
        # One drug of a group stands for all of it.
        if (item.evidence.row, item.victim) in seen or item.victim in item.perpetrators:
            continue
        seen.add((item.evidence.row, item.victim))
        acting, victim = set(item.perpetrators), {item.victim}
        taken = {
            "taken": acting | victim,
            "perpetrator planned": victim,
            "victim planned": acting,
            "planned": set(),
        }[way]
        check(engine, reference, taken, (acting | victim) - taken)
    assert {row for row, _ in seen} == {r.interaction_id for r in reference.rows(PairToAvoid)}


@SOME
@given(data=st.data())
def test_no_page_with_a_pair_to_avoid_says_that_there_is_none(engine, reference, data):
    drugs = sorted({d for i in avoided(engine) for d in (*i.perpetrators, i.victim)})
    chosen = data.draw(st.lists(st.sampled_from(drugs), max_size=6, unique=True))
    cut = data.draw(st.integers(0, len(chosen)))
    check(engine, reference, set(chosen[:cut]), set(chosen[cut:]))


def test_a_row_may_hold_for_some_of_its_drugs(engine):
    """The US label doubles dolutegravir beside carbamazepine, and avoids the other inducers."""
    found = {
        next(iter(i.perpetrators)): i.avoided
        for i in engine.interactions.interactions
        if i.evidence.row == "inducers-dolutegravir"
    }
    assert found.pop("carbamazepine") is False
    assert all(found.values())
