"""What rules tell apart of results: nothing that they ask for is lost."""

from dataclasses import replace

import pytest

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.conditions.registry import KINDS
from epilepsy_pgx.response.facts import with_entry
from epilepsy_pgx.response.questions import RuleQuestions
from epilepsy_pgx.response.rule_answers import RuleAnswers
from epilepsy_pgx.response.rules import load_conditions
from epilepsy_pgx.vocabulary import Sex
from tests.response.builders import case, covered, star_gene, takes, typed, variant

OTHER = ClinicalEntry(
    affected=True, sex=Sex.MALE, current=(takes("phenytoin"),), signs=("rash",), planned=()
)
PATIENTS = {
    "nothing": case(),
    "normal": case(star_gene("CYP2C9", "*1/*1"), coverage=covered("POLG")),
    "lesser": case(star_gene("CYP2C9", "*1/*3")),
    "alike": case(replace(star_gene("CYP2C9", "*3/*3"), missing_sites=("rs1",))),
    "poor": case(star_gene("CYP2C9", "*3/*3")),
    "open": case(star_gene("CYP2C9", "*1/*1", not_excluded=("*6",))),
    "typed": case(typed("HLA-B", "*15:02")),
    "absent": case(typed("HLA-B", absent=("*15:02",))),
    "caused": case(findings=(variant("POLG"),), coverage=covered("POLG", "SCN1A")),
    "unsure": case(findings=(variant("POLG", own=False),), coverage=covered("POLG", "SCN1A")),
}


@pytest.fixture(scope="module")
def asked(plain, reference) -> RuleQuestions:
    return RuleQuestions(plain, load_conditions(reference))


def facts_of(plain, name):
    patient = PATIENTS[name]
    return plain.facts(patient.genes, patient.findings, patient.coverage, patient.clinical)


def test_results_are_told_apart_as_rules_answer(plain, asked):
    answers = RuleAnswers(asked)
    told = {}
    for name in PATIENTS:
        facts = facts_of(plain, name)
        told[name] = answers.classes(facts, answers.numbers(facts))
    cyp2c9 = {name: classes["CYP2C9"] for name, classes in told.items()}
    # A position that was not read is named in words; no rule asks for it.
    assert cyp2c9["poor"] == cyp2c9["alike"]
    apart = ("nothing", "normal", "lesser", "poor", "open")
    assert len({cyp2c9[name] for name in apart}) == len(apart)
    assert len({told[name]["HLA-B"] for name in ("nothing", "typed", "absent")}) == 3
    assert len({told[name]["POLG"] for name in ("nothing", "normal", "caused", "unsure")}) == 4


@pytest.mark.parametrize("name", PATIENTS)
def test_what_asks_for_results_heeds_neither_the_entry_nor_the_drug(plain, name):
    """What is told apart is asked beside one entry and holds beside each."""
    facts = facts_of(plain, name)
    beside = with_entry(facts, OTHER)
    for table in plain.tables:
        for rule in table.rules:
            for question, (kind, *_) in zip(rule.conditions, rule.kinds, strict=True):
                if KINDS[kind].of_results:
                    assert question(facts, "") == question(beside, rule.subject), rule.rule_id
