"""A medicine that the clinical context speaks of has a verdict in its row, and in the head."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from epilepsy_pgx.clinical_entry import ClinicalEntry
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import ClinicalContext, RuleCondition
from epilepsy_pgx.report.asked import ASKS, asked_in_context, parties
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.lines import lines_of, with_names
from epilepsy_pgx.report.pageone import RESPONSE_ORDER, plan_page_one
from epilepsy_pgx.report.together import others_to_avoid
from epilepsy_pgx.report.view.model import Summary
from epilepsy_pgx.report.view.summary import tell_summary
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.vocabulary import Response, Tier
from tests.report.test_pageone import entries, report_of
from tests.response.builders import case


def listed() -> list[tuple[str, str]]:
    """Return each medicine that a row of the context names, taken or planned, with its row."""
    ref = load_reference()
    asks = {r.context_id for r in ref.rows(ClinicalContext) if r.tier in ASKS}
    rows = [r for r in ref.rows(RuleCondition) if r.kind == "medication"]
    by_row: dict[str, int] = {}
    for c in ref.rows(RuleCondition):
        by_row[c.rule_id] = by_row.get(c.rule_id, 0) + 1
    return [
        (drug, row.rule_id)
        for row in rows
        if row.operator == "listed" and row.rule_id in asks and by_row[row.rule_id] == 1
        for drug in row.subject
    ]


@pytest.mark.parametrize(("drug", "row"), listed())
def test_what_the_context_asks_stands_with_the_drug(drug: str, row: str) -> None:
    ref = load_reference()
    engine = ResponseEngine(ref)
    facts = parse_given((), [f"planned_drugs={drug}"], ref, engine)
    report = cast(PatientReport, SimpleNamespace(interpretation=engine.interpret_facts(facts)))
    said = asked_in_context(report)[drug]
    assert any(s.statement_id.startswith(row) for s in said)
    assert all(s.tier in (Tier.ACT, Tier.CONSIDER) for s in said)


def test_kidney_function_decides_about_metformin() -> None:
    ref = load_reference()
    engine = ResponseEngine(ref)
    for kidney, text in (
        ("egfr_ml_min_173=22", "context-metformin-kidney"),
        ("dialysis=haemodialysis", "context-metformin-kidney"),
        ("egfr_ml_min_173=35", "context-metformin-kidney-moderate"),
        ("egfr_ml_min_173=60", None),
    ):
        for column in ("planned_drugs", "current_drugs"):
            facts = parse_given((), [kidney, f"{column}=metformin"], ref, engine)
            found = {
                s.text_id
                for c in engine.interpret_facts(facts).context
                for s in c.statements
                if s.text_id.startswith("context-metformin")
            }
            assert found == ({text} if text else set()), (kidney, column)


def told(entry: list[str], genes: tuple[str, ...] = ()) -> PatientReport:
    """Return the report of a patient whose list of drugs is known."""
    if not any(word.startswith("current_drugs") for word in entry):
        entry = [*entry, "current_drugs=none"]
    ref = load_reference()
    engine = ResponseEngine(ref)
    facts = parse_given(genes, entry, ref, engine)
    report = report_of(engine, case(clinical=facts.clinical))
    return replace(report, interpretation=engine.interpret_facts(facts))


@pytest.mark.parametrize("column", ["current_drugs", "planned_drugs"])
@pytest.mark.parametrize(("drug", "row"), listed())
def test_a_medicine_of_the_context_has_a_row(drug: str, row: str, column: str) -> None:
    report = told([f"{column}={drug}"])
    words = ReportWords(Wording(load_reference()))
    entry = entries(plan_page_one(report, words))[drug]
    caution = RESPONSE_ORDER[Response.CAUTION]
    assert RESPONSE_ORDER[entry.response] <= caution, (row, entry.response)
    # It says what, or where that stands.
    assert entry.said or entry.urgent


NONE = "No drug to avoid was found"
AVOIDED: tuple[tuple[str, list[str], tuple[str, ...]], ...] = (
    ("bupropion", [], ()),
    ("metformin", ["egfr_ml_min_173=22"], ()),
    ("abacavir", [], ("HLA-B=+*57:01",)),
    ("allopurinol", [], ("HLA-B=+*58:01",)),
)
IN_BOTH = [
    (*avoided, column) for avoided in AVOIDED for column in ("current_drugs", "planned_drugs")
]


@pytest.mark.parametrize(
    ("drug", "entry", "genes", "column"),
    [*IN_BOTH, ("abacavir", ["signs=rash|fever"], (), "current_drugs")],
)
def test_the_head_counts_medicines_to_avoid(
    drug: str, entry: list[str], genes: tuple[str, ...], column: str
) -> None:
    words = ReportWords(Wording(load_reference()))
    report = told([f"{column}={drug}", *entry], genes)
    assert drug in others_to_avoid(report)
    summary = tell_summary(report, plan_page_one(report, words), words)
    assert not any(NONE in said for said in summary.said)
    without = told(entry, genes)
    before = tell_summary(without, plan_page_one(without, words), words)
    assert _number(summary) == _number(before) + 1


def _number(summary: Summary) -> int:
    return next(int(c.number) for c in summary.counts if c.label.endswith("to avoid"))


def test_an_anti_seizure_drug_is_counted_once() -> None:
    report = report_of(ResponseEngine(load_reference()), case(clinical=ClinicalEntry()))
    assert others_to_avoid(report) == {}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "entry",
    [
        "planned_drugs=clozapine|methotrexate;;signs=low_blood_counts",
        "planned_drugs=desmopressin;;signs=low_sodium",
        "planned_drugs=sulfasalazine|nevirapine;;signs=rash",
        "planned_drugs=bupropion|metformin;;dialysis=haemodialysis",
    ],
)
def test_a_line_of_the_context_names_its_medicine(entry: str, language: str) -> None:
    """Alone, a line without a name is an order that nobody can follow."""
    reference = load_reference()
    engine = ResponseEngine(reference)
    words = ReportWords(Wording(reference, language))
    facts = parse_given([], ["current_drugs=none", *entry.split(";;")], reference, engine)
    named = 0
    for section in engine.interpret_facts(facts).context:
        for line in lines_of(section.statements, words):
            asked = {words.drug(n) for n in parties(line.statement)}
            text = with_names(line, words).text.casefold()
            assert not asked or any(name.casefold() in text for name in asked), text
            named += bool(asked)
    assert named


def test_what_was_not_judged_stands_before_the_planned_drugs_and_whole_behind() -> None:
    entry = ["pregnant=yes", "egfr_ml_min_173=20", "signs=jaundice"]
    many = "baclofen|warfarin|methotrexate|amitriptyline|codeine|rifampicin|lithium|doxycycline"
    many += "|ibuprofen|tamoxifen|azathioprine|cisplatin"
    for drugs, whole in (("baclofen|warfarin", 1), (many, 2)):
        page = HtmlRenderer(load_reference()).render(told([f"planned_drugs={drugs}", *entry]))
        assert page.count("Not judged here") == whole
        first = page.index("Not judged here")
        assert page.index("Before another drug is started") < first < page.index("baclofen", first)
        assert ("more under Interactions" in page) == (whole > 1)
