"""Emergencies beside epilepsy, and medicines beside anti-seizure drugs, are heard by kind."""

import pytest

from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Response
from tests.said import SpeakingEngine

DIETS = ("ketogenic", "medium_chain_triglyceride", "modified_atkins")
STATUS = "syndrome=status_epilepticus"


def told(
    engine: SpeakingEngine, reference: Reference, *context: str, genes: tuple[str, ...] = ()
) -> Interpretation:
    return engine.interpret_facts(parse_given(genes, context, reference, engine))


def rows(statements: tuple[Statement, ...]) -> set[str]:
    return {e.row for s in statements for e in s.evidence}


def said_of(result: Interpretation, drug: str) -> tuple[Statement, ...]:
    return next(d for d in result.drugs if d.drug == drug).statements


@pytest.mark.parametrize(
    ("row", "context"),
    [
        *[
            ("context-diet-ill", (f"diet={diet}", f"signs={sign}"))
            for diet in DIETS
            for sign in ("vomiting", "drowsiness", "encephalopathy")
        ],
        *[("context-diet-propofol", (f"diet={d}", "current_drugs=propofol")) for d in DIETS],
        ("context-pyridoxine-now-status", ("syndromes=pyridoxine_dependent|status_epilepticus",)),
        ("context-pnpo-now-status", ("syndromes=pnpo_deficiency|status_epilepticus",)),
        ("context-status-brugada", ("syndromes=brugada|status_epilepticus",)),
        ("context-fao-status", ("syndromes=carnitine_deficiency|status_epilepticus",)),
        ("context-fao-status", ("syndromes=fatty_acid_oxidation_disorder|status_epilepticus",)),
        ("context-ucd-status", ("syndromes=urea_cycle_disorder|status_epilepticus",)),
        ("context-methotrexate-blood", ("current_drugs=methotrexate", "signs=low_blood_counts")),
        ("context-azathioprine-blood", ("current_drugs=azathioprine", "signs=low_blood_counts")),
        *[
            ("context-blood-bleeding", (f"current_drugs={drug}", "signs=low_blood_counts"))
            for drug in ("warfarin", "aspirin", "clopidogrel", "apixaban", "dabigatran")
        ],
        *[
            ("context-sodium-medicines", (f"current_drugs={drug}", "signs=low_sodium"))
            for drug in ("citalopram", "desmopressin", "indapamide", "furosemide")
        ],
        ("context-metformin-kidney", ("current_drugs=metformin", "egfr_ml_min_173=22")),
        (
            "context-metformin-kidney-dialysis",
            ("current_drugs=metformin", "dialysis=haemodialysis"),
        ),
        *[
            (f"context-kidney-{drug}{row}", (f"{column}={drug}", kidney))
            for drug in ("dabigatran", "lithium", "methotrexate")
            for column in ("current_drugs", "planned_drugs")
            for row, kidney in (("", "egfr_ml_min_173=29"), ("-dialysis", "dialysis=peritoneal"))
        ],
        *[
            (f"context-pregnant-{row}", (f"{column}={drug}", "pregnant=yes"))
            for row, drug in (
                ("methotrexate", "methotrexate"),
                ("mycophenolate", "mycophenolate"),
                ("raas", "lisinopril"),
                ("raas", "valsartan"),
                ("retinoid", "isotretinoin"),
                ("warfarin", "warfarin"),
            )
            for column in ("current_drugs", "planned_drugs")
        ],
        *[
            ("context-brugada-avoid", (f"current_drugs={drug}", "syndromes=brugada"))
            for drug in ("amitriptyline", "clomipramine", "lithium", "nortriptyline")
        ],
        (
            "context-convulsions-pregnant-now",
            ("pregnant=yes", "seizure_types=tonic_clonic", "seizures_per_month=1"),
        ),
        (
            "clinical-porphyria-status",
            ("syndromes=porphyria|status_epilepticus", "current_drugs=phenobarbital"),
        ),
    ],
)
def test_it_stands_in_the_urgent_box(
    engine: SpeakingEngine, reference: Reference, row: str, context: tuple[str, ...]
) -> None:
    assert row in rows(told(engine, reference, *context).urgent)
    # It hears each entry: without one of them it is silent.
    for left_out in context:
        rest = [entry for entry in context if entry != left_out]
        assert row not in rows(told(engine, reference, *rest).urgent)


@pytest.mark.parametrize(
    ("syndrome", "row"),
    [
        ("pyridoxine_dependent", "context-pyridoxine-now-seizures"),
        ("pnpo_deficiency", "context-pnpo-now-seizures"),
    ],
)
@pytest.mark.parametrize(("often", "certain"), [("4", True), ("0", None), ("", False)])
def test_seizures_that_go_on_ask_for_the_vitamin(
    engine: SpeakingEngine,
    reference: Reference,
    syndrome: str,
    row: str,
    often: str,
    certain: bool | None,
) -> None:
    entry = (f"syndromes={syndrome}", f"seizures_per_month={often}")
    box = told(engine, reference, *(x for x in entry if not x.endswith("="))).urgent
    said = [not s.conditional for s in box if row in rows([s])]
    assert said == ([] if certain is None else [certain])


def test_allopurinol_is_named_to_carriers(engine: SpeakingEngine, reference: Reference) -> None:
    row = "context-elsewhere-allopurinol-carrier"
    genes = ("HLA-B=+*58:01",)
    for drugs in ("current_drugs=allopurinol", "planned_drugs=allopurinol"):
        assert row in rows(told(engine, reference, drugs, genes=genes).urgent)
    assert row not in rows(told(engine, reference, "current_drugs=none", genes=genes).urgent)


@pytest.mark.parametrize(
    ("context", "given"),
    [
        (("syndromes=status_epilepticus",), True),
        (("syndromes=status_epilepticus|porphyria",), False),
        (("syndromes=status_epilepticus|urea_cycle_disorder",), False),
        ((), None),
    ],
)
@pytest.mark.parametrize("may", ["pregnancy_potential=yes", "pregnant=yes"])
def test_a_rule_on_pregnancy_delays_no_emergency_dose(
    engine: SpeakingEngine,
    reference: Reference,
    may: str,
    context: tuple[str, ...],
    given: bool | None,
) -> None:
    entry = ("sex=female", "age_years=25", "planned_drugs=valproate", "current_drugs=none", may)
    line = said_of(told(engine, reference, *entry, *context), "valproate")
    actions = [s.action_id for s in line if "-status-" in s.text_id]
    assert bool(actions) is (given is not None)
    # A drug that is not to be given has no emergency dose either.
    assert ("action-emergency-dose" in actions) is (bool(given) and may != "pregnant=yes")


def test_a_drug_in_use_is_not_told_not_to_be_started(
    engine: SpeakingEngine, reference: Reference
) -> None:
    entry = ("syndromes=porphyria", "signs=encephalopathy|vomiting", "current_drugs=valproate")
    actions = {s.action_id for s in said_of(told(engine, reference, *entry), "valproate")}
    assert "action-signs-now" in actions
    assert "action-not-started" not in actions


def test_nothing_keeps_a_barbiturate_going_in_porphyria_and_status(
    engine: SpeakingEngine, reference: Reference
) -> None:
    entry = ("sex=female", "age_years=30", "pregnancy_potential=yes")
    entry = (*entry, "syndromes=porphyria|status_epilepticus", "current_drugs=phenobarbital")
    line = said_of(told(engine, reference, *entry), "phenobarbital")
    kept = {a for a, x in engine.actions.actions.items() if x.kind == "continue"}
    assert not kept & {s.action_id for s in line}


@pytest.mark.parametrize("planned", ["fluconazole", "amiodarone"])
def test_signs_of_too_much_hold_back_what_raises_it(
    engine: SpeakingEngine, reference: Reference, planned: str
) -> None:
    taken = ("current_drugs=phenytoin", f"planned_drugs={planned}")
    found = told(engine, reference, *taken, "signs=nystagmus")
    texts = {s.text_id for s in found.interactions}
    assert "signs-before-start" in texts | {s.text_id for d in found.drugs for s in d.statements}
    calm = told(engine, reference, *taken)
    assert "signs-before-start" not in {s.text_id for s in calm.interactions}


def test_two_drugs_of_one_kind_are_not_added_under_their_signs(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for one, other in (("gabapentin", "pregabalin"), ("pregabalin", "gabapentin")):
        taken = (f"current_drugs={one}", f"planned_drugs={other}", "signs=encephalopathy")
        line = said_of(told(engine, reference, *taken), other)
        assert any(s.response is Response.AVOID for s in line)
        assert "action-not-now" in {s.action_id for s in line}


@pytest.mark.parametrize("entry", ["mood=depression", "signs=suicidal_thoughts"])
def test_planned_drugs_that_weigh_on_mood_say_so(
    engine: SpeakingEngine, reference: Reference, entry: str
) -> None:
    for drug in ("levetiracetam", "topiramate", "vigabatrin", "zonisamide"):
        line = said_of(told(engine, reference, f"planned_drugs={drug}", entry), drug)
        assert {"rule-clinical-mood-planned", "rule-clinical-suicidal-planned"} & {
            s.text_id for s in line
        }


def test_an_infant_needs_no_onset_for_a_trial_of_pyridoxine(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for context in (("age_years=0.1",), ("age_years=0.1", "onset_months=0")):
        result = told(engine, reference, "affected=yes", *context)
        found = {s.text_id for section in result.context for s in section.statements}
        assert "context-b6" in found, context
