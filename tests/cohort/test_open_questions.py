"""Who is resistant and had no surgery, whose level is low, whose cause asks for action."""

import re
from dataclasses import replace

import pytest

from epilepsy_pgx.cohort.open_questions import (
    causes_to_act_on,
    levels_below,
    levels_compared,
    resistance_of,
    resistant_without_surgery,
)
from epilepsy_pgx.reference.rows import CuratedText
from epilepsy_pgx.response.resistance import PATIENT, VERDICTS
from epilepsy_pgx.vocabulary import Resistance, Tier
from tests.cohort.test_page import copies, page_of
from tests.report.examples import example_reports


def with_surgery(report, *words):
    return replace(report, clinical=replace(report.clinical, surgery=words))


@pytest.mark.parametrize(
    ("words", "said"),
    [((), "yes"), (("none",), "yes"), (("resection",), "no"), (("callosotomy",), "no")],
)
def test_only_surgery_that_was_done_takes_a_resistant_patient_off_the_list(words, said):
    assert resistant_without_surgery(with_surgery(example_reports()["EX11"], *words)) == said


def test_resistance_that_is_not_settled_is_no_answer():
    reports = example_reports()
    assert resistance_of(reports["EX11"]) is Resistance.DRUG_RESISTANT
    for report in reports.values():
        settled = resistance_of(report) in (Resistance.DRUG_RESISTANT, Resistance.NOT_SHOWN)
        assert (resistant_without_surgery(report) is not None) is settled
    # Without the line on resistance nothing is known of it.
    bare = replace(
        reports["EX11"], interpretation=replace(reports["EX11"].interpretation, context=())
    )
    assert resistance_of(bare) is Resistance.NOT_GIVEN


def said_of_resistance(report, text_id):
    context = tuple(
        replace(
            section,
            statements=tuple(
                replace(s, text_id=text_id) if s.statement_id == PATIENT else s
                for s in section.statements
            ),
        )
        for section in report.interpretation.context
    )
    return replace(report, interpretation=replace(report.interpretation, context=context))


def test_the_table_of_patients_knows_every_text_on_resistance(reference):
    """Those of the tables, all but the definition, which is no verdict."""
    report = example_reports()["EX11"]
    texts = {
        row.id for row in reference.rows(CuratedText) if row.id.startswith("context-resistance-")
    }
    texts.remove("context-resistance-definition")
    assert texts == set(VERDICTS)
    for text_id in texts:
        status = resistance_of(said_of_resistance(report, text_id))
        own = text_id.removeprefix("context-resistance-").replace("-", "_")
        free_of_it = own in ("free", "aggravated")
        other = Resistance.NOT_SHOWN if free_of_it else Resistance.UNDETERMINED
        assert status == (own if own in set(Resistance) else other)


def test_a_verdict_that_is_not_known_settles_nothing_and_ends_no_run(tmp_path):
    later = said_of_resistance(example_reports()["EX11"], "context-resistance-of-tomorrow")
    assert resistance_of(later) is Resistance.UNDETERMINED
    assert resistant_without_surgery(later) is None
    page_of(tmp_path, [later])


def test_levels_below_are_among_those_that_were_compared():
    reports = example_reports()
    assert levels_below(reports["EX10"]) == ("lamotrigine",)
    assert levels_compared(reports["EX11"]) == ("lacosamide",)
    assert levels_below(reports["EX11"]) == ()
    assert levels_compared(reports["EX07"]) == ()
    for report in reports.values():
        assert set(levels_below(report)) <= set(levels_compared(report))


def test_only_a_shown_cause_with_a_row_that_asks_for_action_counts():
    report = example_reports()["EX01"]
    assert causes_to_act_on(report) == ("SCN1A",)
    for change in ({"tier": Tier.CONTEXT}, {"conditional": True}):
        said = tuple(replace(s, **change) for s in report.interpretation.monogenic)
        assert not causes_to_act_on(
            replace(report, interpretation=replace(report.interpretation, monogenic=said))
        )


def section(page):
    return page.partition("Why drugs failed: what is open")[2].partition("</section>")[0]


def rows_of(page):
    found = re.findall(r'<tr><th scope="row">(.*?)</td></tr>', section(page))
    plain = [re.sub(r"<a.*?>|</a>", "", row) for row in found]
    return {cells[0]: cells[1:] for row in plain if (cells := re.split(r"</t[hd]><td>", row))}


def test_the_page_lists_each_with_the_reason_and_says_of_how_many_nothing_is_known(tmp_path):
    page = page_of(tmp_path, example_reports().values())
    rows = rows_of(page)
    assert rows["EX10"] == ["–", "lamotrigine", "–"]
    assert rows["EX11"] == ["yes", "–", "–"]
    assert rows["EX01"] == ["–", "–", "SCN1A"]
    assert "EX07" not in rows
    settled = sum(resistant_without_surgery(r) is not None for r in example_reports().values())
    assert f"Of {len(example_reports())} patients the entry settles resistance in {settled}" in page


def test_urgent_patients_come_first_and_the_list_has_an_end(tmp_path):
    resistant, urgent = example_reports()["EX11"], example_reports()["EX05"].interpretation.urgent
    loud = replace(
        resistant,
        patient=replace(resistant.patient, sample_id="Z-URGENT"),
        interpretation=replace(resistant.interpretation, urgent=urgent),
    )
    page = page_of(tmp_path, [*copies(resistant, 250), loud])
    assert next(iter(rows_of(page))) == "Z-URGENT"
    assert "And 51 more, in cohort.tsv." in section(page)


def test_an_empty_run_has_the_section_and_no_table(tmp_path):
    text = section(page_of(tmp_path, []))
    assert "Of 0 patients" in text
    assert "<table>" not in text
