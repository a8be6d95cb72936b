"""What may be started speaks as what is taken: both directions, size, and what to do."""

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import Suggestion
from epilepsy_pgx.model import ClinicalEntry, Interpretation, PlannedDrug
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.interactions import Interaction
from epilepsy_pgx.response.rules import TIERS, capped
from epilepsy_pgx.statement import ReasonKind, Statement
from epilepsy_pgx.vocabulary import Origin, Response, Tier
from tests.drawing import examples
from tests.response.builders import takes, typed
from tests.response.strategies import DRUGS
from tests.said import SpeakingEngine, reasons_of

FEW = settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
OTHERS = ("rifampicin", "meropenem", "ethinylestradiol contraceptive", "warfarin", "edoxaban")


def ask(
    engine: SpeakingEngine, current: Iterable[str], planned: Iterable[str] = (), **results
) -> Interpretation:
    entry = ClinicalEntry(
        current=tuple(map(takes, current)),
        planned=tuple(PlannedDrug(drug, True, drug) for drug in planned),
    )
    return engine.interpret(results, (), {}, entry)


def said(result: Interpretation, drug: str) -> list[Statement]:
    """Return what a report says of a drug, in the drug table or beside it."""
    table = [s for d in result.drugs if d.drug == drug for s in d.statements]
    return [*table, *(s for s in result.interactions if drug in s.drugs)]


def tier_of(item: Interaction) -> Tier:
    return item.tier if item.evidence.verified else capped(item.tier, Tier.CONTEXT)


@FEW
@given(
    current=st.lists(st.sampled_from((*DRUGS, *OTHERS)), max_size=4, unique=True),
    planned=st.lists(st.sampled_from((*DRUGS, *OTHERS)), min_size=1, max_size=3, unique=True),
)
def test_each_interaction_of_a_planned_drug_is_said_at_its_tier(
    engine: SpeakingEngine, current: list[str], planned: list[str]
) -> None:
    """Whatever would act if it were started stands with it, as strongly as among drugs taken."""
    result = ask(engine, current, planned)
    new = set(planned) - set(current)
    together = new | set(current)
    for item in engine.interactions.interactions:
        parties = item.perpetrators | {item.victim}
        if not parties <= together or parties.isdisjoint(new):
            continue
        if not item.perpetrators & new and item.victim not in new:
            continue
        for drug in sorted(parties & new):
            tiers = {
                TIERS.index(s.tier)
                for s in said(result, drug)
                for e in s.evidence
                if e.row == item.evidence.row
            }
            assert tiers, (item.evidence.row, drug)
            assert min(tiers) <= TIERS.index(tier_of(item))


@FEW
@given(
    current=st.lists(st.sampled_from(DRUGS), max_size=4, unique=True),
    planned=st.lists(st.sampled_from((*DRUGS, *OTHERS)), max_size=3, unique=True),
)
def test_a_plan_takes_no_warning_away(
    engine: SpeakingEngine, current: list[str], planned: list[str]
) -> None:
    def strong(result: Interpretation) -> set[tuple[str, str]]:
        lines = [s for d in result.drugs for s in d.statements]
        return {
            (s.statement_id, s.text_id)
            for s in (*lines, *result.urgent, *result.interactions)
            if s.tier in (Tier.ACT, Tier.CONSIDER)
        }

    assert strong(ask(engine, current)) <= strong(ask(engine, current, planned))


def test_a_planned_medicine_that_is_no_antiseizure_drug_speaks(engine: SpeakingEngine) -> None:
    result = ask(engine, ["valproate"], ["meropenem"])
    (line,) = said(result, "meropenem")
    assert line.tier is Tier.ACT
    assert "-44 mg/L" in line.text
    assert "Meropenem is planned" in line.text
    assert reasons_of(line) == ("Medication list: valproate", "Planned: meropenem")


def test_what_the_drugs_taken_do_to_a_planned_contraceptive_is_said(engine: SpeakingEngine) -> None:
    result = ask(engine, ["carbamazepine"], ["ethinylestradiol contraceptive"])
    (line,) = [s for s in said(result, "ethinylestradiol contraceptive") if s.tier is Tier.ACT]
    assert line.text.startswith("Carbamazepine lowers")


def test_two_planned_drugs_are_read_against_each_other(engine: SpeakingEngine) -> None:
    result = ask(engine, [], ["lamotrigine", "valproate"])
    for drug in ("lamotrigine", "valproate"):
        (line,) = [
            s
            for s in said(result, drug)
            if any(e.row == "valproate-lamotrigine" for e in s.evidence)
        ]
        assert line.tier is Tier.ACT
        assert [r.kind for r in line.reasons] == [ReasonKind.PLANNED]


def test_a_drug_that_is_not_planned_stays_context(engine: SpeakingEngine) -> None:
    asked, unasked = ask(engine, ["valproate"], ["lamotrigine"]), ask(engine, ["valproate"])
    tiers = [
        {s.tier for s in said(r, "lamotrigine") if s.response.value == "interaction"}
        for r in (asked, unasked)
    ]
    assert tiers == [{Tier.ACT}, {Tier.CONTEXT}]


def test_a_misspelt_plan_stays_what_was_entered(engine: SpeakingEngine) -> None:
    """What holds for a name that is alike may be the opposite of what holds for the plan."""
    meant = Suggestion("lamotrigine", "lamotrigine")
    entry = ClinicalEntry(
        current=(takes("valproate"),),
        planned=(PlannedDrug("lamotrigin", False, "lamotrigin", meant),),
    )
    result = engine.interpret({}, (), {}, entry)
    assert {s.tier for s in said(result, "lamotrigine") if s.origin is Origin.INTERACTION} == {
        Tier.CONTEXT
    }
    (told,) = (m.text for m in result.not_considered if m.text.startswith("lamotrigin:"))
    assert "not in the tables, not considered" in told
    assert "if lamotrigine is meant, correct the name" in told


def test_gene_rules_judge_a_planned_drug_as_one_not_started(engine: SpeakingEngine) -> None:
    locus = {"HLA-B": typed("HLA-B", "*15:02")}
    planned, unasked = (ask(engine, [], p, **locus) for p in (["carbamazepine"], []))
    lines = [next(d for d in r.drugs if d.drug == "carbamazepine") for r in (planned, unasked)]
    assert lines[0].response == lines[1].response
    # Boxed warnings are said of a planned drug only; they are no gene rules.
    of_genes = [[s for s in d.statements if s.origin is not Origin.GENERAL] for d in lines]
    assert of_genes[0] == of_genes[1] != []


USUAL = ("CYP2C19=*1/*1", "CYP2C9=*1/*1", "HLA-B=-*15:02,-*15:11,-*15:21,-*13:01")


@pytest.mark.parametrize("drug", ["brivaracetam", "clobazam"])
def test_no_usual_dose_stands_beside_an_interaction(engine: SpeakingEngine, drug: str) -> None:
    """Whatever is taken, and whichever of the two the pair is about."""

    def word(*entry: str) -> Response:
        facts = parse_given(USUAL, entry, load_reference(), engine)
        (found,) = (d for d in engine.interpret_facts(facts).drugs if d.drug == drug)
        return found.response

    assert word("current_drugs=none") is Response.STANDARD
    pairs = {
        p for i in engine.interactions.interactions if i.victim == drug for p in i.perpetrators
    }
    pairs |= {i.victim for i in engine.interactions.interactions if i.perpetrators == {drug}}
    assert len(pairs) > 5
    for other in sorted(pairs):
        assert word(f"current_drugs={other}", f"planned_drugs={drug}") is not Response.STANDARD
        assert word(f"current_drugs={other}") is not Response.STANDARD
