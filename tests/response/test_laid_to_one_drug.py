"""Who lays a sign to one drug gives an opinion: of every other drug all stays said."""

from functools import cache

import pytest

from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Drug, Sign
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.ordering import SEVERITY
from epilepsy_pgx.statement import ReasonKind, Statement
from epilepsy_pgx.vocabulary import Tier

ON_A_DAY = "entry_date=2026-11-22"
STARTS = ("start=2026-10-25", "start=2020-01-01", "")
"""When a drug was begun: weeks ago, years ago, nobody knows."""
DRUGS = tuple(r.drug for r in load_reference().rows(Drug) if r.kind == "antiseizure")
SIGNS = tuple(row.sign for row in load_reference().rows(Sign))


@cache
def engine() -> ResponseEngine:
    return ResponseEngine(load_reference())


def interpret(*entry: str) -> Interpretation:
    return engine().interpret_facts(parse_given((), list(entry), load_reference(), engine()))


def both_ways(
    sign: str, blamed: str, other: str, start: str, *more: str
) -> tuple[Interpretation, Interpretation]:
    """Return what is said with a sign entered by itself, and laid to one of two drugs."""
    rest = f"|{other}[{start}]" if other else ""
    by_itself = f"current_drugs={blamed}[start=2026-01-10]{rest}"
    laid = f"current_drugs={blamed}[start=2026-01-10;reaction={sign}]{rest}"
    return (
        interpret(by_itself, f"signs={sign}", ON_A_DAY, *more),
        interpret(laid, ON_A_DAY, *more),
    )


def is_loud(said: Statement) -> bool:
    return said.urgent or said.tier is Tier.ACT


def replaces(told: Statement, said: Statement) -> bool:
    """Say whether one statement says at least as much as another of the same row."""
    return (
        {e.row for e in said.evidence} <= {e.row for e in told.evidence}
        and (told.text_id, told.action_id, told.further)
        == (said.text_id, said.action_id, said.further)
        and SEVERITY[told.response] <= SEVERITY[said.response]
        and (told.tier is said.tier or told.tier is Tier.ACT)
        and told.urgent >= said.urgent
        and told.conditional <= said.conditional
    )


def lost(before: Interpretation, after: Interpretation, blamed: str) -> list[tuple[str, str]]:
    """Return what is loud about any drug but one, in its line or the box, and is said no more."""
    now = {line.drug: line.statements for line in after.drugs}
    gone = [
        (line.drug, said.text_id)
        for line in before.drugs
        if line.drug != blamed
        for said in line.statements
        if is_loud(said) and not any(replaces(told, said) for told in now[line.drug])
    ]
    gone += [
        (drug, said.text_id)
        for said in before.urgent
        for drug in {*(said.drugs or ("",))} - {blamed}
        if not any(
            told.text_id == said.text_id and (not drug or drug in told.drugs)
            for told in after.urgent
        )
    ]
    patient = [s for section in after.context for s in section.statements]
    return gone + [
        ("", said.text_id)
        for section in before.context
        for said in section.statements
        if is_loud(said) and not any(replaces(told, said) for told in patient)
    ]


def beside(blamed: str) -> list[str]:
    return [drug for drug in DRUGS if drug != blamed]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_laid_to_one_drug_silences_no_other_that_is_taken_or_planned(sign: str) -> None:
    turn = SIGNS.index(sign)
    blamed = DRUGS[(turn * 7) % len(DRUGS)]
    start = STARTS[turn % len(STARTS)]
    others = f"[{start}]|".join(beside(blamed))
    assert lost(*both_ways(sign, blamed, others, start), blamed) == []
    planned = "planned_drugs=" + "|".join(beside(blamed))
    assert lost(*both_ways(sign, blamed, "", "", planned), blamed) == []


@pytest.mark.parametrize("other", DRUGS)
def test_of_each_pair_the_drug_that_nobody_blames_keeps_its_lines(other: str) -> None:
    turn = DRUGS.index(other)
    for i, sign in enumerate(SIGNS[turn % 2 :: 2]):
        blamed = beside(other)[(turn + 5 * i) % (len(DRUGS) - 1)]
        start = STARTS[(turn + i) % len(STARTS)]
        assert lost(*both_ways(sign, blamed, other, start), blamed) == [], (sign, blamed)


@pytest.mark.slow
@pytest.mark.parametrize("blamed", DRUGS)
def test_whichever_of_two_drugs_is_blamed_the_other_keeps_its_lines(blamed: str) -> None:
    for i, other in enumerate(beside(blamed)):
        for j, sign in enumerate(SIGNS):
            start = STARTS[(i + j) % len(STARTS)]
            assert lost(*both_ways(sign, blamed, other, start), blamed) == [], (sign, other)


@pytest.mark.parametrize("sign", SIGNS)
def test_the_drug_that_is_blamed_keeps_its_own_lines(sign: str) -> None:
    turn = SIGNS.index(sign)
    for i in range(3):
        blamed = DRUGS[(turn * 3 + i * 13) % len(DRUGS)]
        before, after = both_ways(sign, blamed, "", "")
        order = [line.response for line in (*before.drugs, *after.drugs) if line.drug == blamed]
        assert SEVERITY[order[1]] <= SEVERITY[order[0]], blamed


@pytest.mark.parametrize(
    ("taken", "signs", "texts"),
    [
        ("carbamazepine", "rash+fever", {"rule-reaction-skin-aromatic"}),
        ("lamotrigine", "rash+fever", {"rule-reaction-skin-aromatic"}),
        ("valproate", "jaundice", {"rule-reaction-liver-valproate"}),
        ("valproate", "pancreatitis", {"rule-reaction-pancreatitis-valproate"}),
        ("valproate", "hyperammonaemia", {"rule-reaction-ammonia-valproate"}),
        ("topiramate", "encephalopathy", {"rule-reaction-ammonia-topiramate"}),
        ("felbamate", "low_blood_counts", {"rule-reaction-blood-felbamate"}),
        ("carbamazepine", "low_blood_counts", {"rule-reaction-blood-carbamazepine"}),
        ("oxcarbazepine", "low_sodium", {"rule-reaction-sodium"}),
        ("perampanel", "suicidal_thoughts", {"rule-reaction-mood-perampanel"}),
        ("vigabatrin", "visual_loss", {"rule-reaction-vision-vigabatrin"}),
        ("phenytoin", "unsteadiness+nystagmus", {"rule-reaction-toxicity-phenytoin"}),
    ],
)
def test_the_line_of_the_other_drug_says_whose_opinion_it_is(
    taken: str, signs: str, texts: set[str]
) -> None:
    result = interpret(
        f"current_drugs=clobazam[start=2026-01-10;reaction={signs}]|{taken}[start=2026-10-25]",
        ON_A_DAY,
    )
    found = [s for s in result.urgent if taken in s.drugs and s.text_id in texts]
    assert {s.text_id for s in found} == texts
    for said in found:
        named = [r.subject.names for r in said.reasons if r.kind is ReasonKind.REACTION]
        assert named == [("clobazam",)], "the entry lays it to another drug, and the line tells so"


def test_a_medicine_that_is_blamed_clears_no_drug_either() -> None:
    result = interpret("current_drugs=allopurinol[reaction=rash]|lamotrigine", ON_A_DAY)
    assert "rule-reaction-skin-aromatic" in {
        s.text_id for s in result.urgent if "lamotrigine" in s.drugs
    }


def test_what_is_laid_to_a_drug_stands_before_what_it_only_can_cause() -> None:
    for blamed, other in (("carbamazepine", "phenytoin"), ("phenytoin", "carbamazepine")):
        both = f"current_drugs={blamed}[reaction=low_sodium+unsteadiness]|{other}"
        texts = [s.drugs for s in interpret(both, ON_A_DAY).urgent if s.drugs]
        assert texts[0] == (blamed,), texts
