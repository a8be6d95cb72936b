"""Reasons that are entered: what speaks for a factor, and the drugs that it names."""

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClinicalContext, FactorCondition, RuleCondition
from epilepsy_pgx.response.explain import parse_given
from tests.response.test_factors import DAY, FAILED, LEVEL, texts, told
from tests.said import SpeakingEngine

SPASMS = ("syndromes=infantile_spasms", "age_years=0.6", "seizures_per_month=900")
ADULT = ("age_years=35", "seizures_per_month=3")


def taking(drugs: str) -> tuple[str, ...]:
    """Return an adult who takes some drugs, entered on a day."""
    return (*ADULT, DAY, f"current_drugs={drugs}")


BRAND = (
    "current_drugs=lamotrigine[start=2020-01-01;level={};level_date=2026-11-10;level_hours=12;"
    "product_since={}]"
)
NEW_PRODUCT = (BRAND.format("0.5 mg/L", "2026-10-01"), DAY)
OLD_PRODUCT = (BRAND.format("0.5 mg/L", "2025-01-01"), DAY)
FIRST_PRODUCT = (BRAND.format("0.5 mg/L", "2020-01-01"), DAY)
ONE = "carbamazepine[dose=200 mg/day{}]"
BUILT_UP = "lamotrigine[start={};dose={} mg/day]"
LOW = (
    "factor-dose-low",
    "factor-dose-low-lately",
    "factor-dose-low-raised",
    "factor-dose-low-undated",
    "factor-dose-low-limited",
)
HOW_LOW = [
    # What is built up, or was begun lately, is no low dose; without a day it is open.
    (taking(ONE.format(";start=2025-01-01")), 0, {"carbamazepine"}),
    (taking(ONE.format(";start=2026-11-01")), 1, {"carbamazepine"}),
    (taking(ONE.format("")), 3, {"carbamazepine"}),
    ((*ADULT, "current_drugs=" + ONE.format(";start=2025-01-01")), 3, {"carbamazepine"}),
    (taking(BUILT_UP.format("2026-11-06", 25)), 1, {"lamotrigine"}),
    # A line on the drug, here that it is built up too fast, goes before its dose.
    (taking(BUILT_UP.format("2026-11-10", 100)), 4, {"lamotrigine"}),
    (taking(BUILT_UP.format("2026-11-06", 75) + "|valproate"), 4, {"lamotrigine"}),
    (taking(BUILT_UP.format("2025-01-01", 50)), 0, {"lamotrigine"}),
    # A drug that another one raises needs less of itself.
    (taking(BUILT_UP.format("2025-01-01", 100) + "|valproate"), 2, {"lamotrigine"}),
    (taking(BUILT_UP.format("2025-01-01", 200) + "|valproate"), None, set()),
    # Each drug by itself.
    (
        taking(BUILT_UP.format("2026-11-06", 25) + "|" + ONE.format(";start=2025-01-01")),
        0,
        {"carbamazepine"},
    ),
    (
        taking(BUILT_UP.format("2026-11-06", 25) + "|" + ONE.format(";start=2025-01-01")),
        1,
        {"lamotrigine"},
    ),
    # Of a drug that harms no word asks for more.
    ((*taking(BUILT_UP.format("2026-11-06", 25)), "signs=rash"), None, set()),
    ((*taking(ONE.format("")), "signs=unsteadiness"), None, set()),
]
"""Patient; which of the words on a low dose is said; of which drugs."""
TUBE = "current_drugs=valproate[route=feeding_tube;formulation={}]"
ENTERED = [
    # The first treatment of what is entered was not tried: each that is favoured is named.
    ((*SPASMS, "current_drugs=levetiracetam"), "diagnosis", "factor-untried",
     {"corticotropin", "vigabatrin"}),
    ((*SPASMS, "current_drugs=prednisolone"), "diagnosis", "factor-untried", {"vigabatrin"}),
    ((*SPASMS, "current_drugs=vigabatrin"), "diagnosis", "factor-untried", {"corticotropin"}),
    ((*SPASMS, "current_drugs=vigabatrin|prednisolone"), "diagnosis", "factor-untried", set()),
    # Without a list of drugs nobody knows what was tried.
    (SPASMS, "diagnosis", "factor-untried", set()),
    (("syndromes=childhood_absence_epilepsy", "current_drugs=carbamazepine",
      "failed_drugs=ethosuximide[reason=side_effect;adequate=no]"),
     "diagnosis", "factor-untried", {"ethosuximide"}),
    (("syndromes=childhood_absence_epilepsy", "current_drugs=carbamazepine",
      "failed_drugs=ethosuximide[reason=side_effect;adequate=yes]"),
     "diagnosis", "factor-untried", set()),
    (("syndromes=dravet", "current_drugs=oxcarbazepine"), "diagnosis", "factor-untried",
     {"stiripentol", "topiramate"}),
    (("mri=normal", "current_drugs=none"), "diagnosis", "factor-untried", set()),
    # Dose, duration, product and tube.
    (taking("carbamazepine[start=2025-01-01;dose=200 mg/day]"), "drug_way", "factor-dose-low",
     {"carbamazepine"}),
    (taking("carbamazepine[start=2025-01-01;dose=400 mg/day]"), "drug_way", "factor-dose-low",
     set()),
    (("age_years=5", DAY, "current_drugs=carbamazepine[start=2025-01-01;dose=200 mg/day]"),
     "drug_way", "factor-dose-low", set()),
    ((*ADULT, "failed_drugs=levetiracetam[reason=lack_of_effect;adequate=yes;"
      "highest_dose=500 mg/day]"), "drug_way", "factor-trial-dose", {"levetiracetam"}),
    ((*ADULT, "failed_drugs=levetiracetam[reason=lack_of_effect;highest_dose=500 mg/day]"),
     "drug_way", "factor-trial-dose", {"levetiracetam"}),
    ((*ADULT, "failed_drugs=levetiracetam[reason=side_effect;highest_dose=500 mg/day]"),
     "drug_way", "factor-trial-dose", set()),
    ((*ADULT, "failed_drugs=lamotrigine[reason=lack_of_effect;duration=2 weeks]"), "drug_way",
     "factor-trial-short", {"lamotrigine"}),
    ((*ADULT, "failed_drugs=lamotrigine[reason=lack_of_effect;duration=8 weeks]"), "drug_way",
     "factor-trial-short", set()),
    (("failed_drugs=lamotrigine[reason=inadequate_trial]",), "drug_way",
     "factor-trial-inadequate", {"lamotrigine"}),
    (NEW_PRODUCT, "drug_way", "factor-product-low", {"lamotrigine"}),
    (NEW_PRODUCT, "drug_way", "factor-product", {"lamotrigine"}),
    (OLD_PRODUCT, "drug_way", "factor-product-low", set()),
    (FIRST_PRODUCT, "drug_way", "factor-product", set()),
    ((BRAND.format("6 mg/L", "2026-10-01"), DAY), "drug_way", "factor-product-low", set()),
    ((TUBE.format("gastro_resistant"),), "drug_way", "factor-tube-extended", {"valproate"}),
    ((TUBE.format("liquid"),), "drug_way", "factor-tube-extended", set()),
    # Signs of now are not tolerated, each with the drug that may cause it.
    (("signs=unsteadiness|nystagmus", "current_drugs=phenytoin"), "tolerance",
     "factor-signs-now", {"phenytoin"}),
    (("signs=encephalopathy", "current_drugs=valproate"), "tolerance", "factor-signs-now",
     {"valproate"}),
    (("current_drugs=felbamate[reaction=low_blood_counts]",), "tolerance", "factor-signs-now",
     {"felbamate"}),
    (("current_drugs=lacosamide[reaction=aggression]",), "tolerance", "factor-reaction-now",
     {"lacosamide"}),
    (("current_drugs=lacosamide",), "tolerance", "factor-signs-now", set()),
    # Drugs in use that weigh on what is entered of mood and cognition; none that is only planned.
    (("mood=depression", "current_drugs=levetiracetam", "planned_drugs=perampanel"),
     "mood_cognition", "factor-mood-drug", {"levetiracetam"}),
    (("mood=depression|irritability", "current_drugs=topiramate|phenobarbital|lamotrigine"),
     "mood_cognition", "factor-mood-drug", {"phenobarbital", "topiramate"}),
    (("cognition=impaired", "current_drugs=topiramate|lamotrigine"), "mood_cognition",
     "factor-mood-drug", {"topiramate"}),
    (("cognition=developmental_delay", "current_drugs=topiramate"), "mood_cognition",
     "factor-mood-drug", set()),
    (("mood=normal", "current_drugs=levetiracetam"), "mood_cognition", "factor-mood-drug", set()),
    # A movement disorder or a decline meets the drug that can cause it.
    *[((f"movement_disorder={word}", f"current_drugs={drug}|levetiracetam"), "tolerance",
       "factor-movement", {drug})
      for word, drug in (("parkinsonism", "valproate"), ("tremor", "valproate"),
                         ("chorea", "phenytoin"), ("dystonia", "phenytoin"),
                         ("ataxia", "carbamazepine"), ("tremor", "perampanel"))],
    (("cognition=declining", "current_drugs=valproate|levetiracetam"), "tolerance",
     "factor-movement", {"valproate"}),
    (("cognition=declining", "current_drugs=levetiracetam"), "tolerance", "factor-movement",
     set()),
    (("movement_disorder=tremor", "current_drugs=levetiracetam"), "tolerance", "factor-movement",
     set()),
    # What lowers the threshold.
    (("current_drugs=levetiracetam|bupropion|tramadol",), "life", "factor-threshold",
     {"bupropion", "tramadol"}),
    (("current_drugs=levetiracetam", "planned_drugs=tramadol"), "life", "factor-threshold", set()),
    # The dose by weight that a trial of infants compared.
    ((*SPASMS, "current_drugs=vigabatrin[dose=30 mg/kg/day]"), "drug_way", "factor-dose-spasms",
     {"vigabatrin"}),
    ((*SPASMS, "current_drugs=vigabatrin[dose=120 mg/kg/day]"), "drug_way", "factor-dose-spasms",
     set()),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "said", "drugs"), HOW_LOW)
def test_a_dose_is_low_only_once_it_is_built_up(
    engine: SpeakingEngine,
    reference: Reference,
    entry: tuple[str, ...],
    said: int | None,
    drugs: set[str],
) -> None:
    found = told(engine, reference, *entry)["drug_way"]
    points = {p.said.text_id: p for p in (*found.supports, *found.unknown)}
    if said is None:
        assert points.keys().isdisjoint(LOW)
        return
    named = next(v for v in points[LOW[said]].said.values if v.name == "drugs")
    assert set(named.items) == drugs
    assert (points[LOW[said]] in found.supports) == (said == 0)


@pytest.mark.parametrize(("entry", "factor", "text", "drugs"), ENTERED)
def test_what_is_entered_speaks_and_names_its_drugs(
    engine: SpeakingEngine,
    reference: Reference,
    entry: tuple[str, ...],
    factor: str,
    text: str,
    drugs: set[str],
) -> None:
    found = told(engine, reference, *entry)[factor]
    points = [p for p in (*found.supports, *found.unknown) if p.said.text_id == text]
    values = [v for point in points for v in point.said.values if v.name == "drugs"]
    assert {name for value in values for name in value.items} == drugs
    assert bool(points) is bool(drugs)


@pytest.mark.parametrize(
    ("entry", "factor", "text", "said"),
    [
        (("current_drugs=none",), "drug_way", "factor-nothing-taken", True),
        (("current_drugs=levetiracetam",), "drug_way", "factor-nothing-taken", False),
        ((), "drug_way", "factor-nothing-taken", False),
        (("current_drugs=unheardofin",), "drug_way", "factor-nothing-taken", False),
        (("syndromes=pyruvate_dehydrogenase_deficiency", "diet=none"), "other_treatments",
         "factor-diet-first", True),
        (("syndromes=glut1_deficiency", "diet=none"), "other_treatments", "factor-diet-first",
         True),
        (("syndromes=glut1_deficiency",), "other_treatments", "factor-diet-first", False),
        (("syndromes=glut1_deficiency|porphyria", "diet=none"), "other_treatments",
         "factor-diet-first", False),
        (("syndromes=dravet", "diet=none"), "other_treatments", "factor-diet-first", False),
        (("syndromes=norse",), "cause", "factor-entered", True),
        (("signs=low_sodium",), "life", "factor-low-sodium", True),
        (("signs=nystagmus",), "life", "factor-low-sodium", False),
    ],
)  # fmt: skip
def test_what_is_not_given_speaks_where_it_is_the_treatment(
    engine: SpeakingEngine,
    reference: Reference,
    entry: tuple[str, ...],
    factor: str,
    text: str,
    said: bool,
) -> None:
    assert (text in texts(told(engine, reference, *entry)[factor].supports)) is said


def test_a_drug_that_is_not_favoured_is_not_named_as_first(
    engine: SpeakingEngine, reference: Reference
) -> None:
    """Valproate stands in no such line while the genes that make it dangerous are open."""
    found = told(engine, reference, "syndromes=dravet", "current_drugs=oxcarbazepine")["diagnosis"]
    points = (p for p in found.supports if p.said.text_id == "factor-untried")
    named = {d for p in points for v in p.said.values if v.name == "drugs" for d in v.items}
    assert named
    assert "valproate" not in named


def test_a_level_before_the_end_of_autoinduction_decides_nothing(
    engine: SpeakingEngine, reference: Reference
) -> None:
    early = LEVEL.format("7 mg/L").replace("start=2024-01-01", "start=2026-11-04")
    way = told(engine, reference, early, DAY)["drug_way"]
    assert "factor-level-within" not in texts(way.opposes)
    assert "factor-level-unreadable" in texts(way.unknown)


def test_medicines_that_lower_the_threshold_speak_by_kind(reference: Reference) -> None:
    """A medicine of which the context says so is one of the reasons, too."""
    rows = {r.context_id for r in reference.rows(ClinicalContext)}
    named = {
        drug
        for c in reference.rows(RuleCondition)
        if c.rule_id in rows and c.kind == "medication"
        if c.rule_id.startswith(("context-threshold-", "context-bupropion"))
        for drug in c.subject
    }
    signs = [c for c in reference.rows(FactorCondition) if c.sign_id == "life-threshold"]
    assert named
    assert named <= {drug for c in signs for drug in c.subject}


def test_what_to_do_speaks_of_what_is_entered(engine: SpeakingEngine, reference: Reference) -> None:
    """What speaks for a factor has its own action; where nothing does, what is open has."""
    entry = ("age_years=40", "current_drugs=carbamazepine|tramadol")
    action = told(engine, reference, *entry)["life"].action
    assert action is not None
    assert (action.text_id, action.values[0].items) == ("factor-do-threshold", ("tramadol",))
    several = told(engine, reference, *entry, "sleep=sleep_apnoea")["life"].action
    assert several is not None
    inside = [m.text_id for value in several.values for m in value.messages]
    assert inside == ["factor-do-apnoea", "factor-do-threshold"]
    asked = told(engine, reference, "age_years=40")["life"].action
    assert asked is not None
    assert asked.text_id == "factor-do-life"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (("current_drugs=levetiracetam[start=2026-10-20]", DAY), True),
        (("current_drugs=levetiracetam[start=2026-05-20]", DAY), False),
        (("current_drugs=levetiracetam[start=2026-10-20]|lacosamide", DAY), False),
        (("current_drugs=levetiracetam[start=2026-10-20]",), False),
        (("current_drugs=levetiracetam[start=2026-10-20]", DAY, FAILED), False),
    ],
)
def test_a_first_drug_of_some_weeks_has_not_failed(
    engine: SpeakingEngine, reference: Reference, entry: tuple[str, ...], said: bool
) -> None:
    facts = parse_given((), ["seizures_per_month=1", *entry], reference, engine)
    found = {f.factor: f for f in engine.interpret_facts(facts).factors}
    assert ("factor-too-early" in texts(found["drug_way"].supports)) is said


OF_NOW = "lamotrigine[start={};dose=100 mg/day]"
ADDED = [
    # A drug that is added to others, or after others, is too early to judge by itself.
    ((OF_NOW.format("2026-11-01"), FAILED), {"lamotrigine"}),
    ((OF_NOW.format("2026-11-01") + "|levetiracetam[start=2020-01-01]",), {"lamotrigine"}),
    ((OF_NOW.format("2026-11-01") + "|levetiracetam",), {"lamotrigine"}),
    ((OF_NOW.format("2026-11-01") + "|levetiracetam[start=2026-10-01]", FAILED),
     {"lamotrigine", "levetiracetam"}),
    ((OF_NOW.format("2026-05-01"), FAILED), set()),
    (("lamotrigine", FAILED), set()),
    # What is no drug against seizures counts for nothing.
    (("levetiracetam[start=2020-01-01]|dexamethasone[start=2026-11-01]",), set()),
    # A first drug has its own words, and weeks decide in spasms, minutes in a status.
    ((OF_NOW.format("2026-11-01") + "|levetiracetam[start=2026-10-01]",), set()),
    ((OF_NOW.format("2026-11-01"), FAILED, "syndromes=infantile_spasms"), set()),
    ((OF_NOW.format("2026-11-01"), FAILED, "syndromes=status_epilepticus"), set()),
    # Days decide in a newborn, and nobody knows of whom no age is entered.
    ((OF_NOW.format("2026-11-01"), FAILED, "age_years=0.06"), set()),
    ((OF_NOW.format("2026-11-01"), FAILED, "age_years=."), {"lamotrigine"}),
    # Of a drug that harms nobody judges the full dose.
    ((OF_NOW.format("2026-11-01"), FAILED, "signs=rash"), set()),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "drugs"), ADDED)
def test_a_drug_that_is_added_is_too_early_to_judge(
    engine: SpeakingEngine, reference: Reference, entry: tuple[str, ...], drugs: set[str]
) -> None:
    taken, *cells = entry
    facts = parse_given((), [*ADULT, DAY, f"current_drugs={taken}", *cells], reference, engine)
    way = {f.factor: f for f in engine.interpret_facts(facts).factors}["drug_way"]
    early = [p for p in way.supports if p.said.text_id == "factor-early"]
    named = {d for p in early for v in p.said.values if v.name == "drugs" for d in v.items}
    assert named == drugs
    # What is too early to judge is never called low in the same breath.
    assert not drugs or "factor-dose-low" not in texts(way.supports)


def test_no_factor_blames_a_drug_that_is_only_planned(
    engine: SpeakingEngine, reference: Reference
) -> None:
    drugs = sorted(info.drug for info in engine.drugs)
    entered = ("mood=depression|anxiety|irritability", "cognition=declining", "sleep=sleep_apnoea")
    cells = [*ADULT, DAY, FAILED, "current_drugs=lamotrigine", *entered]
    for some in (drugs[:40], drugs[40:]):
        planned = "|".join(drug for drug in some if drug != "lamotrigine")
        facts = parse_given((), [*cells, f"planned_drugs={planned}"], reference, engine)
        for factor in engine.interpret_facts(facts).factors:
            for point in factor.supports:
                # What was never tried is no drug that is blamed.
                if point.said.text_id == "factor-untried":
                    continue
                named = {d for v in point.said.values if v.name == "drugs" for d in v.items}
                assert named <= {"lamotrigine", "levetiracetam"}, factor.factor
