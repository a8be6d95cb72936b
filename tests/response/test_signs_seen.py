"""What signs ask for is read where it is looked for: urgent box, page one, open lists."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.model import ClinicalEntry, DrugPrediction, Suggestion, VariantFinding
from epilepsy_pgx.response.rules import SIGNS_IF_TAKEN, SIGNS_NOW
from epilepsy_pgx.vocabulary import Classification, Direction, Response, Tier, Zygosity
from tests.response.builders import TODAY, Case, case, star_gene, takes, typed, variant
from tests.response.strategies import SIGNS, cases
from tests.response.test_actions import entry
from tests.response.test_invariants import FEW, ask, by_drug
from tests.said import SpeakingEngine

POLG = variant("POLG", zygosity=Zygosity.HOMOZYGOUS)
ONE_POLG = variant("POLG")


def said(line: DrugPrediction) -> str:
    return " ".join(s.text for s in line.statements)


@pytest.mark.parametrize(
    ("drug", "sign", "today"),
    [
        ("carbamazepine", "fever", "A doctor sees the patient today: skin, mouth"),
        ("lamotrigine", "fever", "A doctor sees the patient today: skin, mouth"),
        ("levetiracetam", "rash", "A doctor sees the patient today."),
        ("clobazam", "rash", "A doctor sees the patient today."),
        ("cenobamate", "rash", "A doctor sees the patient today."),
        ("valproate", "raised_liver_enzymes", "A doctor sees the patient today: ammonia"),
    ],
)
@pytest.mark.parametrize("laid", [True, False])
def test_a_sign_that_means_a_doctor_today_stops_nothing(
    engine: SpeakingEngine, drug: str, sign: str, today: str, laid: bool
) -> None:
    clinical = entry(
        current=(takes(drug, "2026-10-18", (sign,) if laid else ()),), signs=() if laid else (sign,)
    )
    line = by_drug(ask(engine, case(clinical=clinical)))[drug]
    assert today in said(line)
    assert f"stop {drug} now" not in said(line)


def test_a_doctor_today_becomes_a_stop_where_the_gene_speaks_against_the_drug(
    engine: SpeakingEngine,
) -> None:
    clinical = entry(current=(takes("carbamazepine", "2026-10-18"),), signs=("fever",))
    result = ask(engine, case(typed("HLA-B", "*15:02"), clinical=clinical))
    line = said(by_drug(result)["carbamazepine"])
    assert line.count("stop carbamazepine now, at once") == 1
    assert "Today: skin, mouth, eyes" in line
    assert "A doctor sees" not in line


@pytest.mark.parametrize("finding", [POLG, ONE_POLG])
@pytest.mark.parametrize("current", [None, "guess", "taken"])
def test_signs_mean_a_stop_however_little_is_known_of_the_list(
    engine: SpeakingEngine, finding: VariantFinding, current: str | None
) -> None:
    clinical = entry(signs=("vomiting",))
    drug = takes("valproate")
    if current == "taken":
        clinical = replace(clinical, current=(drug,))
    elif current == "guess":
        clinical = _guessed(clinical)
    result = ask(engine, case(findings=[finding], clinical=clinical))
    stop = "stop valproate now, at once" if current == "taken" else "stop it now, at once"
    assert stop in said(by_drug(result)["valproate"])
    box = " ".join(s.text for s in result.urgent)
    assert stop in box
    if current is None:
        assert "find out today whether the patient takes valproate" in box
        assert finding is ONE_POLG or "Do not start valproate." in box
    if current == "guess":
        assert "may mean valproate" in box
        assert "The patient is taking valproate" not in box


def _guessed(clinical: ClinicalEntry) -> ClinicalEntry:
    """Return an entry whose only drug is a misspelt valproate."""
    meant = Suggestion("valproate", "valproate")
    item = replace(takes("valproatte"), known=False, suggestion=meant)
    return replace(clinical, current=(item,))


@FEW
@given(patient=cases(), sign=st.sampled_from((None, *SIGNS)))
def test_every_stop_of_signs_is_in_the_urgent_box(
    engine: SpeakingEngine, patient: Case, sign: str | None
) -> None:
    if sign is not None:
        patient = replace(patient, clinical=replace(patient.clinical, signs=(sign,)))
    result = ask(engine, patient)
    for line in result.drugs:
        here = {s.action_id for s in line.statements} & {SIGNS_NOW, SIGNS_IF_TAKEN}
        assert here <= {s.action_id for s in line.statements if s.urgent}, line.drug


def test_a_class_of_others_takes_no_action_from_the_clinical_entry(engine: SpeakingEngine) -> None:
    copied = variant(
        "POLG", zygosity=Zygosity.HOMOZYGOUS, own=False, classification=Classification.PATHOGENIC
    )
    for current in (None, ()):
        clinical = replace(entry(mitochondrial_suspected=True), current=current, entry_date=TODAY)
        result = ask(engine, case(findings=[copied], clinical=clinical))
        line = by_drug(result)["valproate"]
        assert any(
            s.action_id == "action-not-started" and s.tier is Tier.ACT for s in line.statements
        )
        if current is None:
            assert any("Do not start valproate." in s.text for s in result.urgent)


@pytest.mark.parametrize(
    ("gene", "direction", "zygosity"),
    [
        ("CHRNA4", Direction.NOT_DETERMINED, Zygosity.HETEROZYGOUS),
        ("PRRT2", Direction.NOT_DETERMINED, Zygosity.HETEROZYGOUS),
        ("KCNQ2", Direction.LOSS, Zygosity.HETEROZYGOUS),
        ("KCNQ2", Direction.NOT_DETERMINED, Zygosity.HETEROZYGOUS),
        ("SCN2A", Direction.GAIN, Zygosity.HETEROZYGOUS),
        ("SCN8A", Direction.GAIN, Zygosity.HETEROZYGOUS),
    ],
)
def test_a_gene_names_no_drug_that_is_not_to_be_started(
    engine: SpeakingEngine, gene: str, direction: Direction, zygosity: Zygosity
) -> None:
    finding = variant(gene, direction=direction, zygosity=zygosity)
    clinical = entry(current=())
    for typing, limited in (((), False), ((typed("HLA-B", "*15:02"),), True)):
        result = ask(engine, case(*typing, findings=[finding], clinical=clinical))
        words = " ".join(s.text for s in result.monogenic)
        assert ("says not to give is not among the choices" in words) is limited, words


def test_a_drug_that_is_stopped_is_not_titrated(engine: SpeakingEngine) -> None:
    clinical = entry(current=(takes("clobazam", "2026-10-18", ("blisters",)),))
    result = ask(engine, case(star_gene("CYP2C19", "*1/*2"), clinical=clinical))
    line = said(by_drug(result)["clobazam"])
    assert "stop clobazam now" in line
    assert "titrate" not in line


def test_what_is_contraindicated_says_what_to_do(engine: SpeakingEngine) -> None:
    """A verdict of the tables that forbids a drug tells so before the start as well."""
    for rule in engine.rules.rules:
        if rule.response is Response.CONTRAINDICATED and rule.critical != "no":
            assert rule.actions["text_naive"], rule.rule_id
