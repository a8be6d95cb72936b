"""What is said before drug resistance is taken as met, and of levels of whom they are."""

import pytest

from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.open_entry import OpenEntry
from epilepsy_pgx.response.resistance import PATIENT
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Tier
from tests.said import SpeakingEngine

NOW = {"entry_date": "2026-11-20", "last_seizure": "2026-11-10", "seizures_per_month": "3"}
IN_VAIN = "{}[reason=lack_of_effect;adequate=yes{}]"
TWO = "|".join(IN_VAIN.format(drug, "") for drug in ("lamotrigine", "levetiracetam"))
TAKEN = "carbamazepine[start=2024-01-01;level={} mg/L;level_date=2026-11-10;level_hours=12]"


def facts_of(engine: SpeakingEngine, reference: Reference, cells: dict[str, str]) -> PatientFacts:
    entry, problems = parse_clinical(cells, reference, file="x", line=1)
    assert not problems
    return engine.facts({}, (), {}, entry)


def told(engine: SpeakingEngine, reference: Reference, cells: dict[str, str]) -> Interpretation:
    return engine.interpret_facts(facts_of(engine, reference, cells))


def statements(said: Interpretation) -> list[Statement]:
    return [s for section in said.context for s in section.statements]


def verdict(said: Interpretation) -> Statement:
    return next(s for s in statements(said) if s.statement_id == PATIENT)


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ({"age_years": "50", "alcohol_drugs": "alcohol_withdrawal"}, "resistance-provoked"),
        ({"age_years": "50", "alcohol_drugs": "sedatives"}, "resistance-provoked"),
        ({"age_years": "6"}, "resistance-dose-unjudged"),
        ({}, "resistance-dose-unjudged"),
        (
            {"age_years": "50", "adherence": "not_taken", "current_drugs": TAKEN.format(8)},
            "resistance-taken-after-all",
        ),
    ],
)
def test_a_verdict_says_what_is_settled_first(
    engine: SpeakingEngine, reference: Reference, cells: dict[str, str], text: str
) -> None:
    line = verdict(told(engine, reference, NOW | {"failed_drugs": TWO} | cells))
    assert line.text_id == "context-resistance-drug-resistant"
    assert text in line.further
    assert "{" not in line.text


def test_an_adult_who_drinks_has_no_such_line(engine: SpeakingEngine, reference: Reference) -> None:
    cells = NOW | {"failed_drugs": TWO, "age_years": "50", "alcohol_drugs": "alcohol"}
    assert verdict(told(engine, reference, cells)).further == ()


@pytest.mark.parametrize(
    ("cells", "word"), [({}, "word-not-entered"), ({"current_drugs": "none"}, "word-none")]
)
def test_a_missing_list_is_no_empty_one(
    engine: SpeakingEngine, reference: Reference, cells: dict[str, str], word: str
) -> None:
    free = {
        "entry_date": "2026-11-20",
        "last_seizure": "2023-05-01",
        "longest_interval_before": "1 month",
        "failed_drugs": "none",
    }
    line = verdict(told(engine, reference, free | cells))
    values = {v.name: v.items for v in line.values}
    assert values["on"] == (word,)
    assert values["beside"] == ("word-not-entered",)
    every = {"surgery": "none", "stimulator": "none", "diet": "none"}
    line = verdict(told(engine, reference, free | cells | every))
    assert {v.name: v.items for v in line.values}["beside"] == ("word-none",)


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ({"age_years": "0.05"}, "level-infant"),
        ({"age_years": "5"}, None),
        ({"age_years": "5", "adherence": "taken"}, "level-taken-undetected"),
    ],
)
def test_a_level_says_of_whom_it_is(
    engine: SpeakingEngine, reference: Reference, cells: dict[str, str], text: str | None
) -> None:
    said = told(engine, reference, NOW | {"current_drugs": TAKEN.format("<0.5")} | cells)
    line = next(s for s in statements(said) if s.text_id.startswith("level-below"))
    assert line.further == ((text,) if text else ())


@pytest.mark.parametrize("syndrome", ["childhood_absence_epilepsy", "dravet"])
def test_a_drug_that_worsens_the_seizures_is_not_to_be_raised(
    engine: SpeakingEngine, reference: Reference, syndrome: str
) -> None:
    low = NOW | {"age_years": "9", "weight_kg": "30", "current_drugs": TAKEN.format(2)}
    for cells, speaks in ((low, True), (low | {"syndrome": syndrome}, False)):
        cells = {("syndromes" if k == "syndrome" else k): v for k, v in cells.items()}
        said = told(engine, reference, cells)
        way = next(f for f in said.factors if f.factor == "drug_way")
        drugs = {
            i for p in way.supports for v in p.said.values if v.name == "drugs" for i in v.items
        }
        assert ("carbamazepine" in drugs) is speaks


def test_its_level_is_asked_for_only_where_it_may_be_toxic(
    engine: SpeakingEngine, reference: Reference
) -> None:
    cells = NOW | {"age_years": "9", "current_drugs": "carbamazepine|clobazam"}
    ill = cells | {"syndromes": "dravet"}
    for row, asked in (
        (cells, {"carbamazepine", "clobazam"}),
        (ill, {"clobazam"}),
        (ill | {"signs": "nystagmus"}, {"carbamazepine", "clobazam"}),
    ):
        found = OpenEntry(engine, ()).of(facts_of(engine, reference, row))
        assert {item.subject for item in found if item.kind == "level"} == asked


@pytest.mark.parametrize("word", ["autoimmune_encephalitis", "fires", "norse", "rasmussen"])
def test_an_inflammation_is_settled_before_resistance(
    engine: SpeakingEngine, reference: Reference, word: str
) -> None:
    cells = NOW | {"failed_drugs": TWO, "age_years": "50"}
    assert "resistance-inflammation" not in verdict(told(engine, reference, cells)).further
    line = verdict(told(engine, reference, cells | {"syndromes": word}))
    assert "resistance-inflammation" in line.further


@pytest.mark.parametrize("word", ["autoimmune_encephalitis", "fires", "norse"])
def test_no_surgery_is_asked_for_while_an_inflammation_may_be_active(
    engine: SpeakingEngine, reference: Reference, word: str
) -> None:
    cells = NOW | {"failed_drugs": TWO, "age_years": "50"}
    texts = {s.text_id for s in statements(told(engine, reference, cells))}
    assert "context-surgery-referral" in texts
    texts = {s.text_id for s in statements(told(engine, reference, cells | {"syndromes": word}))}
    assert "context-surgery-inflammation" in texts
    assert "context-surgery-referral" not in texts


@pytest.mark.parametrize(
    ("cells", "urgent"),
    [
        ({"cognition": "declining", "seizures_per_month": "0"}, True),
        ({"seizures_per_month": "0.5"}, True),
        ({}, True),
        ({"seizures_per_month": "0"}, False),
    ],
)
def test_an_encephalitis_that_is_active_is_urgent(
    engine: SpeakingEngine, reference: Reference, cells: dict[str, str], urgent: bool
) -> None:
    said = told(engine, reference, {"syndromes": "autoimmune_encephalitis"} | cells)
    assert ("context-autoimmune-now" in {s.text_id for s in said.urgent}) is urgent


@pytest.mark.parametrize(
    ("syndrome", "text", "surgery"),
    [
        ("glut1_deficiency", "context-diet-glut1", "context-surgery-referral"),
        ("pyruvate_dehydrogenase_deficiency", "context-diet-pdh", "context-surgery-referral"),
        ("pyridoxine_dependent", "context-pyridoxine-dependent", "context-surgery-own"),
        ("pnpo_deficiency", "context-pnpo", "context-surgery-own"),
    ],
)
def test_the_treatment_of_the_cause_stands_before_surgery(
    engine: SpeakingEngine, reference: Reference, syndrome: str, text: str, surgery: str
) -> None:
    cells = NOW | {"failed_drugs": TWO, "age_years": "20", "syndromes": syndrome, "diet": "none"}
    said = told(engine, reference, cells)
    found = {s.text_id: (place, s.tier) for place, s in enumerate(statements(said))}
    assert found[text][1] is Tier.ACT
    assert found[text][0] < found[surgery][0]
    cause = next(f for f in said.factors if f.factor == "cause")
    assert syndrome in {i for p in cause.supports for v in p.said.values for i in v.items}
    assert not any(p.said.text_id == "factor-no-explanation" for p in cause.unknown)


@pytest.mark.parametrize(
    ("cells", "counted"),
    [
        ({"age_years": "6", "onset_months": "36"}, False),
        ({"age_years": "6", "onset_months": "12"}, True),
        ({"age_years": "6"}, True),
        ({"onset_months": "36"}, True),
    ],
)
def test_a_trial_before_the_first_seizure_is_a_contradiction(
    engine: SpeakingEngine, reference: Reference, cells: dict[str, str], counted: bool
) -> None:
    given = "|".join(
        IN_VAIN.format(drug, ";start=2021-11-01;stop=2022-10-01")
        for drug in ("lamotrigine", "levetiracetam")
    )
    line = verdict(told(engine, reference, NOW | cells | {"failed_drugs": given}))
    assert (line.text_id == "context-resistance-drug-resistant") is counted
    assert ("before the entered onset" in line.text) is not counted
