"""Why the drugs failed, as pages say it."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.cohort.summary import COHORT_COLUMNS, cohort_row
from epilepsy_pgx.model import DrugExposure, FailedDrug, PatientReport
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.report.view.factors import short_factors
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Factor, FactorPoint, Message, Value, ValueKind
from tests.response.builders import gave_up, takes

REF = load_reference()
WORDS = ReportWords(Wording(REF))
GOLDEN = Path(__file__).parents[1] / "golden" / "expected" / "EX03.json"


def factor(
    name: str, *, supported: bool = False, last: bool = False, known: bool = False
) -> Factor:
    """Return a factor of which little is known."""
    column, told = ("adherence", "often_missed") if last else ("mri", "lesion")
    field = Value("field", (f"clinical-{column}",), ValueKind.TEXT)
    word = Value("value", (told,), ValueKind.SIGN)
    entered = FactorPoint(Message("factor-entered", (field, word)), (), "mri")
    asked = FactorPoint(Message("factor-not-given", (field,)), (), "mri")
    return Factor(
        name,
        Message(f"factor-{name.replace('_', '-')}"),
        (entered,) if supported else (),
        (),
        () if known else (asked,),
        None if known else Message(f"factor-do-{name.replace('_', '-')}"),
        last,
    )


def report_with(*factors: Factor) -> PatientReport:
    report = report_from_json(GOLDEN.read_bytes())
    return replace(report, interpretation=replace(report.interpretation, factors=factors))


def page_of(report: PatientReport, language: str = "en") -> str:
    page = HtmlRenderer(REF, language).render(report)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Why the drugs failed", "Speaks for it", "MRI of the brain: a lesion", "column mri"),
        ),
        ("es", ("Por qué fallaron los fármacos", "A favor", "columna mri")),
    ],
)
def test_the_table_stands_behind_page_one(language: str, words: tuple[str, ...]) -> None:
    page = page_of(report_with(factor("lesion_network", supported=True)), language)
    assert all(word in page for word in words)


FIRST_DRUG = FactorPoint(
    Message("factor-too-early", (Value("drugs", ("lamotrigine",), ValueKind.DRUG),)), (), ""
)


@pytest.mark.parametrize(
    ("supports", "current", "failed", "said"),
    [
        ((), (takes("lamotrigine"),), None, True),
        ((FIRST_DRUG,), (takes("lamotrigine"),), None, False),
        ((FIRST_DRUG,), (takes("lamotrigine"),), (gave_up("levetiracetam"),), True),
        ((), (), None, False),
        ((), (takes("apixaban"),), None, False),
        ((), (takes("apixaban"), takes("lamotrigine")), None, True),
        ((), (takes("apixaban"),), (gave_up("levetiracetam"),), True),
        ((), None, None, True),
    ],
)
def test_no_title_says_that_drugs_failed_before_any_has(
    supports: tuple[FactorPoint, ...],
    current: tuple[DrugExposure, ...] | None,
    failed: tuple[FailedDrug, ...] | None,
    said: bool,
) -> None:
    report = report_with(replace(factor("drug_way"), supports=supports))
    clinical = replace(report.clinical, current=current, failed=failed)
    told = replace(report, clinical=clinical)
    titles = ("Why the drugs failed", "Why the seizures go on")
    line = short_factors(told, WORDS)
    assert line is not None
    assert line.label == titles[not said]
    assert [title in page_of(told) for title in titles] == [said, not said]
    assert ("Por qué siguen las crisis" in page_of(told, "es")) is not said


def test_no_table_without_factors() -> None:
    assert "Why the drugs failed" not in page_of(report_with())
    assert short_factors(report_with(), WORDS) is None


def test_page_one_names_what_speaks_for_and_what_to_ask_first() -> None:
    few = [factor(name) for name in ("life", "cause", "tolerance", "doses")]
    line = short_factors(report_with(factor("lesion_network", supported=True), *few), WORDS)
    assert line is not None
    assert "lesion and network" not in line.value, "the finding is named, not its factor"
    assert "MRI of the brain: a lesion" in line.value
    assert line.value.count("MRI of the brain") == 4, "one of each factor, and three that are open"
    drugs = Value("drugs", ("lacosamide", "phenytoin"), ValueKind.DRUG)
    level = FactorPoint(Message("factor-level-not-given", (drugs,)), (), "current_drugs")
    asked = replace(factor("drug_way"), unknown=(level,))
    line = short_factors(report_with(asked, factor("life", known=True)), WORDS)
    assert line is not None
    assert "level: lacosamide, phenytoin" in line.value
    known = short_factors(report_with(factor("life", known=True)), WORDS)
    assert known is not None
    assert known.value.count(".") == 1, "what is known is not asked for"


def test_the_last_factor_is_never_named_alone() -> None:
    doses = factor("doses", supported=True, last=True)
    line = short_factors(report_with(factor("life"), doses), WORDS)
    assert line is not None
    assert "often missed" not in line.value
    # It is never hidden either: said with what is to be settled before it.
    assert "settle the open points first" in line.value
    assert "speaks for a reason" not in line.value
    none = short_factors(report_with(factor("life")), WORDS)
    assert none is not None
    assert "speaks for a reason" in none.value
    both = short_factors(report_with(factor("life", supported=True), doses), WORDS)
    assert both is not None
    assert re.search("MRI of the brain: a lesion.*; .*often missed", both.value)
    told = short_factors(report_with(*[many(drug) for drug in MANY], doses), WORDS)
    assert told is not None
    assert "more below" in told.value
    assert "often missed" in told.value, "what is thought of last never gives way"


def test_an_answer_is_never_asked_for_again() -> None:
    """Page one asks for no column that has an answer, whatever the answer leaves open."""
    for text, told in (("factor-no-answer", "none"), ("factor-scan-normal", "normal")):
        point = FactorPoint(
            Message(
                text,
                (
                    Value("field", ("clinical-surgery",), ValueKind.TEXT),
                    Value("value", (told,), ValueKind.SIGN),
                ),
            ),
            (),
            "surgery",
        )
        line = short_factors(report_with(replace(factor("life"), unknown=(point,))), WORDS)
        assert line is not None
        assert "ask first" not in line.value, text


MANY = ("carbamazepine", "lacosamide", "phenytoin", "topiramate", "valproate")


def many(drug: str) -> Factor:
    """Return a factor for which a drug speaks."""
    named = Value("drugs", (drug,), ValueKind.DRUG)
    point = FactorPoint(Message("factor-untried", (named,)), (), "")
    return replace(factor(drug), name=Message("factor-cause"), supports=(point,))


def test_a_factor_of_which_all_is_known_asks_for_nothing() -> None:
    page = page_of(report_with(factor("life", known=True)))
    assert "nothing that is entered" in page
    assert "alcohol and other drugs, sleep" not in page


def test_the_cohort_names_the_factors_that_something_speaks_for() -> None:
    report = report_with(factor("life", supported=True), factor("cause"))
    row = dict(zip(COHORT_COLUMNS, cohort_row(report, Wording(REF)), strict=True))
    assert row["factors_for"] == "life"


def test_the_json_keeps_factors() -> None:
    report = report_with(factor("life", supported=True))
    again = report_from_json(report_to_json(report))
    assert again.interpretation.factors == report.interpretation.factors
