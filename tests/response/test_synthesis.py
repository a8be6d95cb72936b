"""One line per drug: safety outranks benefit, and reassurance needs all of the evidence."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from epilepsy_pgx.response.deciding import GeneAssessment
from epilepsy_pgx.response.synthesis import (
    MATURE_YEARS,
    DrugInfo,
    Spoken,
    keep_allowed,
    make_line,
    predict_drug,
    situation_of,
)
from epilepsy_pgx.statement import Evidence, Reason, ReasonKind, Statement, Subject, SubjectKind
from epilepsy_pgx.vocabulary import Exposure, GeneStatus, Origin, Response, Tier

EVIDENCE = Evidence("source", ".", ("PMID:1",), "table", "row")


def line(response: Response, tier: Tier = Tier.CONTEXT, **more) -> Statement:
    plain = Statement(
        f"{response}:a", f"text-{response}", tier, response, Origin.GENOTYPE, (), (EVIDENCE,)
    )
    return replace(plain, **more)


STANDARD, FAVOUR = line(Response.STANDARD), line(Response.MAY_FAVOUR)
SILENT = line(Response.NO_RULE, Tier.NONE)
SOFT = (STANDARD, FAVOUR, SILENT)
GUARD = SimpleNamespace(gene="G", blocks_benefit=True)
DOSE = SimpleNamespace(gene="D", blocks_benefit=False)
KNOWN, OPEN = GeneAssessment(GeneStatus.COMPLETE), GeneAssessment(GeneStatus.PARTIAL)


def left(*more: Statement, items=(), assessments=(), unsettled=False, immature=False):
    said = (*SOFT, *more)
    kept = keep_allowed(said, items, assessments, unsettled=unsettled, immature=immature)
    return {s.response for s in kept} & {s.response for s in SOFT}


ALL = {s.response for s in SOFT}


def test_with_nothing_against_it_reassurance_stays() -> None:
    assert left() == ALL
    assert left(items=(GUARD, DOSE), assessments=(KNOWN, KNOWN)) == ALL


@pytest.mark.parametrize(
    "response",
    [
        Response.CONTRAINDICATED,
        Response.AVOID,
        Response.AVOID_MAINTENANCE,
        Response.CAUTION,
        Response.ADJUST_DOSE,
        Response.CONSIDER_ALTERNATIVE,
    ],
)
def test_a_warning_leaves_no_reassurance(response: Response) -> None:
    assert left(line(response)) == set()
    assert line(response) in keep_allowed(
        [*SOFT, line(response)], (), (), unsettled=True, immature=True
    )


def test_an_interaction_takes_the_usual_dose_away() -> None:
    assert left(line(Response.INTERACTION)) == ALL - {Response.STANDARD}


def test_an_open_gene_takes_the_usual_dose_away_and_one_of_safety_the_benefit() -> None:
    assert left(items=(DOSE,), assessments=(OPEN,)) == ALL - {Response.STANDARD}
    assert left(items=(GUARD,), assessments=(OPEN,)) == {Response.NO_RULE}
    assert left(items=(GUARD, DOSE), assessments=(KNOWN, OPEN)) == ALL - {Response.STANDARD}


def test_a_clinical_doubt_and_age() -> None:
    assert left(unsettled=True) == set()
    assert left(immature=True) == ALL - {Response.STANDARD}


def test_a_conditional_usual_dose_is_none() -> None:
    kept = keep_allowed(
        [replace(STANDARD, conditional=True)], (), (), unsettled=False, immature=False
    )
    assert kept == []


def test_the_absence_of_a_rule_is_kept_if_it_asks_for_something() -> None:
    asks = line(Response.NO_RULE, Tier.CONTEXT)
    assert keep_allowed([asks], (), (), unsettled=True) == [asks]


INFO = DrugInfo("a", "class", ())


def made(*said: Statement, vague=(), items=(), assessments=()):
    return make_line(INFO, said, vague, items, assessments, Exposure.NAIVE, (SILENT,))


def test_the_most_severe_leads_and_the_strongest_tier_stands() -> None:
    avoid, dose = line(Response.AVOID), line(Response.ADJUST_DOSE, Tier.ACT)
    for said in ((avoid, dose), (dose, avoid)):
        found = made(*said)
        assert (found.response, found.tier) == (Response.AVOID, Tier.ACT)
        assert found.statements == (avoid, dose)
    assert (found.drug, found.drug_class, found.exposure) == ("a", "class", Exposure.NAIVE)
    assert found.safety_notes == (SILENT,)


def test_what_is_vague_is_said_last_and_never_leads() -> None:
    vague, firm = line(Response.AVOID, Tier.ACT), line(Response.ADJUST_DOSE, Tier.CONTEXT)
    found = made(vague, firm, vague=(vague,))
    assert (found.response, found.tier) == (Response.ADJUST_DOSE, Tier.CONTEXT)
    assert found.statements == (firm, vague)
    alone = made(vague, vague=(vague,))
    assert (alone.response, alone.statements) == (Response.AVOID, (vague,))


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("firm", [STANDARD, SILENT, FAVOUR, line(Response.NOT_ASSESSED)])
def test_reassurance_and_silence_are_no_word_above_what_is_vague_and_asks(firm, tier) -> None:
    found = made(firm, line(Response.AVOID, tier), vague=(line(Response.AVOID, tier),))
    asks = tier in (Tier.ACT, Tier.CONSIDER) and firm in (STANDARD, SILENT)
    assert found.response is (Response.AVOID if asks else firm.response)
    assert found.tier is (tier if asks else firm.tier)


def test_which_genes_were_not_assessed_in_full() -> None:
    found = made(STANDARD, items=(GUARD, DOSE), assessments=(OPEN, KNOWN))
    assert found.deciding == (("G", GeneStatus.PARTIAL), ("D", GeneStatus.COMPLETE))
    assert found.not_assessed == ("G",)


def predicted(*fired, vague=(), missing=(), transplant=None, age=None, taken=False, perhaps=False):
    patient = SimpleNamespace(
        clinical=SimpleNamespace(transplant=transplant, age_years=age),
        takes=lambda drug: taken and drug == "a",
        may_take=lambda drug: perhaps and drug == "a",
        has_failed=lambda drug: False,
        exposure=lambda drug: Exposure.NAIVE,
        planned=frozenset(),
    )
    spoken = Spoken(fired, vague, (), missing, ())
    return predict_drug(INFO, spoken, (), (), situation_of(INFO.drug, patient), SILENT)


def test_nothing_said_is_the_line_that_says_so() -> None:
    assert predicted().statements == (SILENT,)


@pytest.mark.parametrize(
    ("organ", "kept"), [("liver", False), ("bone_marrow", False), ("kidney", True), (None, True)]
)
def test_an_organ_with_another_genome_takes_comfort_away(organ, kept: bool) -> None:
    assert (predicted(FAVOUR, transplant=organ).response is Response.MAY_FAVOUR) == kept


@pytest.mark.parametrize(
    ("age", "kept"), [(None, True), (0, False), (1, False), (MATURE_YEARS, True), (30, True)]
)
def test_no_usual_dose_while_enzymes_mature(age, kept: bool) -> None:
    assert (predicted(STANDARD, age=age).response is Response.STANDARD) == kept


def test_a_clinical_line_that_warns_of_nothing_leaves_the_benefit() -> None:
    context = line(Response.NO_RULE, origin=Origin.CLINICAL)
    assert predicted(FAVOUR, context).response is Response.MAY_FAVOUR


def test_of_a_drug_in_use_the_most_cautious_possibility_leads() -> None:
    vague, firm = line(Response.AVOID, Tier.ACT), line(Response.ADJUST_DOSE)
    assert predicted(vague, firm, vague=(vague,)).response is Response.ADJUST_DOSE
    assert predicted(vague, firm, vague=(vague,), taken=True).response is Response.AVOID
    assert predicted(vague, firm, vague=(vague,), perhaps=True).response is Response.AVOID


def test_what_must_be_tested_stands_in_the_line() -> None:
    ask = line(Response.NOT_ASSESSED, Tier.ACT)
    assert predicted(missing=(ask,)).statements == (ask,)


def _variant(gene: str) -> Reason:
    return Reason(ReasonKind.FINDING, Subject(SubjectKind.VARIANT, ("1-2-A-G",), gene), ())


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (line(Response.CONTRAINDICATED, reasons=(_variant("G"),)), ("D",)),
        (line(Response.CONTRAINDICATED, reasons=(_variant("X"),)), ("G", "D")),
        (line(Response.CONTRAINDICATED, reasons=(_variant("G"),), conditional=True), ("G", "D")),
        (line(Response.AVOID, reasons=(_variant("G"),)), ("G", "D")),
    ],
)
def test_a_gene_that_contraindicates_the_drug_is_not_to_be_tested(said, left) -> None:
    asks = [
        line(
            Response.PARTIAL,
            text_id=f"ask-{gene}",
            reasons=(Reason(ReasonKind.STATUS, Subject(SubjectKind.GENE, (gene,)), ()),),
        )
        for gene in ("G", "D")
    ]
    kept = predicted(said, missing=tuple(asks)).statements
    assert {s.text_id for s in kept} == {said.text_id, *(f"ask-{gene}" for gene in left)}
