"""What a reaction on record warns of, the same reaction now warns of at least as much."""

from functools import cache

import pytest

from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Drug, RuleCondition, Sign
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.ordering import SEVERITY
from epilepsy_pgx.response.rules import WARNINGS
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Response, Tier

WITHOUT_SYMPTOMS = "raised_liver_enzymes"
"""A laboratory value alone: a doctor looks at it, and it is no severe reaction yet."""

SIGNS = tuple(
    (row.sign, str(row.reason))
    for row in load_reference().rows(Sign)
    if str(row.reason) in {"rash", "severe_skin_or_DRESS", "liver", "pancreatitis"}
    and row.sign != WITHOUT_SYMPTOMS
)
"""Signs of the kind for which a drug that was given up is on record, with that kind."""

SUSPECTS = ("carbamazepine", "lamotrigine", "levetiracetam", "valproate", "zonisamide")
ON_A_DAY = "entry_date=2026-11-20"


@cache
def engine() -> ResponseEngine:
    return ResponseEngine(load_reference())


@cache
def predictions(*entry: str) -> dict[str, DrugPrediction]:
    facts = parse_given((), list(entry), load_reference(), engine())
    return {found.drug: found for found in engine().interpret_facts(facts).drugs}


def warnings(drug: str, *entry: str) -> list[Statement]:
    """Return the warnings of a drug that stand only because of the entry."""
    always = {s.text_id for s in predictions("current_drugs=none")[drug].statements}
    found = predictions(*entry)[drug].statements
    return [s for s in found if s.response in WARNINGS and s.text_id not in always]


def no_weaker(one: Statement, other: Statement) -> bool:
    tiers = list(Tier)
    return SEVERITY[one.response] <= SEVERITY[other.response] and tiers.index(
        one.tier
    ) <= tiers.index(other.tier)


def weaker_now(suspect: str, sign: str, reason: str) -> list[tuple[str, str]]:
    """Return what the reaction on record warns of and the reaction now does not."""
    past = ("current_drugs=none", f"failed_drugs={suspect}[reason={reason}]")
    now = (f"current_drugs={suspect}[start=2026-10-25;reaction={sign}]", ON_A_DAY)
    return [
        (drug, said.text_id)
        for drug in predictions("current_drugs=none")
        for said in warnings(drug, *past)
        if not any(no_weaker(told, said) for told in warnings(drug, *now))
    ]


@pytest.mark.parametrize("suspect", SUSPECTS)
@pytest.mark.parametrize(("sign", "reason"), SIGNS)
def test_a_reaction_now_warns_of_at_least_as_much(suspect: str, sign: str, reason: str) -> None:
    assert weaker_now(suspect, sign, reason) == []


@pytest.mark.slow
@pytest.mark.parametrize("suspect", sorted(predictions("current_drugs=none")))
def test_of_every_drug_a_reaction_now_warns_of_at_least_as_much(suspect: str) -> None:
    assert [s for s, reason in SIGNS if weaker_now(suspect, s, reason)] == []


def test_every_reason_that_a_rule_asks_for_is_compared() -> None:
    asked = {
        reason
        for row in load_reference().rows(RuleCondition)
        if row.kind == "history"
        for reason in row.value
    }
    # Of seizures that a drug made worse there is no sign today: the seizures are the sign. A side
    # effect of no kind has none either.
    assert {reason for _, reason in SIGNS} >= asked - {"worsened_seizures", "side_effect"}


@pytest.mark.parametrize("signs", ["rash|fever|swollen_lymph_nodes", "rash", "mucosal_lesions"])
@pytest.mark.parametrize(
    "drug", ["cenobamate", "ethosuximide", "felbamate", "lacosamide", "rufinamide", "zonisamide"]
)
def test_signs_laid_to_no_drug_warn_of_what_is_planned(signs: str, drug: str) -> None:
    entry = ("current_drugs=lamotrigine[start=2026-10-25]", f"signs={signs}", ON_A_DAY)
    assert "rule-reaction-skin-own-risk" in {
        s.text_id for s in warnings(drug, *entry, f"planned_drugs={drug}")
    }


JERKS = ("seizure_types=status|myoclonic", "age_years=19")


def barred(*syndromes: str) -> set[str]:
    found = predictions(*JERKS, "syndromes=" + "|".join(("status_epilepticus", *syndromes)))
    return {
        drug
        for drug, said in found.items()
        if any(s.text_id == "rule-clinical-myoclonic-type" for s in said.statements)
    }


def boxed(*entry: str) -> set[str]:
    facts = parse_given((), list(entry), load_reference(), engine())
    return {s.text_id for s in engine().interpret_facts(facts).urgent}


@pytest.mark.parametrize("cause", ["epilepsia_partialis_continua", "rasmussen"])
def test_focal_jerks_in_status_bar_no_drug_of_second_line(cause: str) -> None:
    box = "context-status-generalised"
    assert "phenytoin" in barred()
    assert not barred(cause) & {"carbamazepine", "oxcarbazepine", "phenytoin"}
    syndromes = f"syndromes=status_epilepticus|{cause}"
    assert box in boxed(*JERKS, "syndromes=status_epilepticus")
    assert box not in boxed(*JERKS, syndromes)
    for other in ("absence", "eyelid_myoclonia"):
        assert box in boxed(f"seizure_types=status|myoclonic|{other}", syndromes)
    assert box in boxed(*JERKS, syndromes + "|juvenile_myoclonic_epilepsy")
    assert "rule-clinical-myoclonic-type-focal" in {
        s.text_id for s in warnings("phenytoin", *JERKS, syndromes)
    }


@pytest.mark.parametrize(
    "entry",
    [
        ("seizure_types=status|myoclonic|focal_aware",),
        ("mri=lesion",),
        ("syndromes=status_epilepticus|polg_disease",),
        ("syndromes=status_epilepticus|mitochondrial_disease",),
        ("syndromes=status_epilepticus|stroke",),
    ],
)
def test_what_makes_focal_jerks_likely_is_asked_about_in_status(entry: tuple[str, ...]) -> None:
    cells = (*JERKS, "syndromes=status_epilepticus", *entry)
    given = dict(cell.split("=") for cell in cells)
    asked = [f"{k}={v}" for k, v in given.items()]
    blockers = {"carbamazepine", "oxcarbazepine", "phenytoin"}
    box = {"context-status-generalised", "context-status-generalised-without"}
    assert not box & boxed(*asked)
    for drug in blockers:
        said = {s.text_id for s in warnings(drug, *asked)}
        assert said & {"rule-clinical-myoclonic-status-focal"}
        assert "rule-clinical-myoclonic-type" not in said
    # A generalised syndrome bars them still, and so does everything outside the status.
    given["syndromes"] += "|juvenile_myoclonic_epilepsy"
    asked = [f"{k}={v}" for k, v in given.items()]
    assert box & boxed(*asked)
    given["syndromes"] = ""
    calm = [f"{k}={v}".replace("status|", "") for k, v in given.items() if v]
    for drug in blockers:
        assert "rule-clinical-myoclonic-type" in {s.text_id for s in warnings(drug, *calm)}


INFANT = "context-infant-now"


@pytest.mark.parametrize(
    ("entry", "urgent"),
    [
        ("age_years=0.1;;syndromes=early_infantile_dee;;seizures_per_month=200", True),
        ("age_years=0.3;;seizures_per_month=300", True),
        ("age_years=0.12;;syndromes=early_infantile_dee|status_epilepticus", True),
        ("age_years=0.3;;seizures_per_month=2", False),
        ("age_years=0.3", False),
        ("age_years=0.04;;seizures_per_month=300", False),
        ("age_years=1.2;;seizures_per_month=300", False),
        ("age_years=0.3;;seizures_per_month=300;;syndromes=infantile_spasms", False),
        ("age_years=0.3;;seizures_per_month=300;;affected=no", False),
        # What has no urgent line of its own leaves this one.
        ("age_years=0.3;;seizures_per_month=300;;syndromes=dravet", True),
        ("age_years=0.3;;seizures_per_month=300;;syndromes=tuberous_sclerosis", True),
        ("age_years=0.3;;syndromes=glut1_deficiency|status_epilepticus", True),
        ("age_years=0.3;;syndromes=infantile_spasms|status_epilepticus", True),
        ("age_years=0.3;;syndromes=pnpo_deficiency|status_epilepticus", False),
    ],
)
def test_an_infant_with_daily_seizures_is_urgent(entry: str, urgent: bool) -> None:
    assert (INFANT in boxed(*entry.split(";;"))) is urgent


NO_CAUSE = {"rule-reaction-skin-recent", "rule-reaction-rash-recent", "rule-reaction-skin-other"}
"""Said of a drug because it is new, or blamed by a clinician: it names no risk of its own."""
SKIN_SIGNS = tuple(
    row.sign
    for row in load_reference().rows(Sign)
    if "skin" in row.effects and row.sign not in {"fever", "jaundice", "liver_dysfunction"}
)
"""Signs by which a reaction of the skin shows itself; the others may have many a cause."""


def named_by(sign: str, *, planned: bool, cover: str = "levetiracetam") -> dict[str, set[str]]:
    """Return, by drug, the rules on the skin sign that speak of it, taken or planned."""
    found = {}
    for drug in predictions("current_drugs=none"):
        other = "valproate" if drug == cover else cover
        entry = (f"current_drugs={drug}[start=2026-11-01]",)
        if planned:
            entry = (f"current_drugs={other}[start=2020-01-01]", f"planned_drugs={drug}")
        said = predictions(*entry, f"signs={sign}", ON_A_DAY)[drug].statements
        calm = predictions(*entry, ON_A_DAY)[drug].statements
        without = {s.text_id for s in calm}
        found[drug] = {
            s.text_id
            for s in said
            if s.response in WARNINGS and s.text_id not in without | NO_CAUSE
        }
    return found


@pytest.mark.parametrize("sign", SKIN_SIGNS)
def test_what_is_named_as_a_cause_if_taken_is_held_back_if_planned(sign: str) -> None:
    taken, planned = named_by(sign, planned=False), named_by(sign, planned=True)
    assert {drug for drug, said in taken.items() if said and not planned[drug]} == set()


@pytest.mark.parametrize("sign", SKIN_SIGNS)
@pytest.mark.parametrize(
    ("hla", "cover"),
    [
        ((), "none"),
        (("HLA-B=-*15:02", "HLA-A=-*31:01"), "levetiracetam"),
        ((), "clobazam"),
        ((), "cenobamate"),
    ],
)
def test_no_aromatic_drug_is_started_in_a_reaction(
    sign: str, hla: tuple[str, ...], cover: str
) -> None:
    aromatic = {d.drug for d in load_reference().rows(Drug) if "aromatic" in d.groups}
    facts = parse_given(
        hla, [f"current_drugs={cover}", f"signs={sign}", ON_A_DAY], load_reference(), engine()
    )
    drugs = [d for d in engine().interpret_facts(facts).drugs if d.drug in aromatic]
    assert len(drugs) >= 8
    for drug in drugs:
        barred = [s for s in drug.statements if s.response is Response.AVOID]
        assert [s for s in barred if s.tier is Tier.ACT and not s.conditional], drug.drug
