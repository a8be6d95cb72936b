"""What rules said of one patient is said of the next only if they cannot tell the two apart."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.hearing import CONTEXT
from epilepsy_pgx.response.remembering import RuleMemory
from epilepsy_pgx.vocabulary import FailureReason, Sex
from tests.response.builders import Case, case, covered, gave_up, star_gene, takes, typed, variant

ENTRY = ClinicalEntry(
    affected=True,
    sex=Sex.FEMALE,
    age_years=Decimal(20),
    entry_date="2026-11-22",
    current=(takes("carbamazepine", "2026-11-01"), takes("phenytoin")),
    failed=(gave_up("lamotrigine"), gave_up("valproate", FailureReason.RASH)),
)
PATIENTS = {
    "nothing known": case(),
    "normal": case(star_gene("CYP2C9", "*1/*1"), coverage=covered("POLG", "SCN1A")),
    "poor": case(star_gene("CYP2C9", "*3/*3"), typed("HLA-B", "*15:02"), clinical=ENTRY),
    "poor without an entry": case(star_gene("CYP2C9", "*3/*3")),
    "another position is missing": case(
        replace(star_gene("CYP2C9", "*3/*3"), missing_sites=("a",))
    ),
    "a variant": case(findings=(variant("SCN1A", truncating=True),), coverage=covered("SCN1A")),
    "another depth": case(
        findings=(replace(variant("SCN1A", truncating=True), depth=7),), coverage=covered("SCN1A")
    ),
    "a cause elsewhere": case(findings=(variant("POLG"),), coverage=covered("SCN1A", "POLG")),
    "signs": case(
        star_gene("CYP2C9", "*1/*3"), clinical=replace(ENTRY, signs=("rash",), current=None)
    ),
}


def facts_of(engine: ResponseEngine, patient: Case) -> PatientFacts:
    return engine.facts(patient.genes, patient.findings, patient.coverage, patient.clinical)


def test_remembered_rules_answer_as_rules_do(plain: ResponseEngine) -> None:
    """Each patient behind each other one, and twice."""
    memory = RuleMemory(plain.tables)
    patients = [facts_of(plain, patient) for patient in PATIENTS.values()]
    for facts in (f for pair in permutations(patients, 2) for f in pair):
        told = plain.hear(facts).facts
        fires = memory.of(facts)
        for table, index in enumerate(plain.tables):
            for known in (facts, told):
                assert fires(table, known) == list(index.fire(known))
    assert table == CONTEXT


def test_what_is_said_again_is_the_same_object(plain: ResponseEngine) -> None:
    memory = RuleMemory(plain.tables)
    fixed = {id(hit) for index in plain.tables for hit in index.fixed.values()}

    def said(name: str) -> dict[int, object]:
        facts = plain.hear(facts_of(plain, PATIENTS[name])).facts
        fires = memory.of(facts)
        hits = [hit for table in range(len(plain.tables)) for hit in fires(table, facts)]
        return {id(hit): hit for hit in hits if id(hit) not in fixed}

    first, second = said("nothing known"), said("normal")
    assert first.keys() & second.keys()
    assert said("normal").keys() == second.keys()
    memory.forget()
    assert not said("normal").keys() & {*first, *second}


@pytest.mark.parametrize("name", PATIENTS)
def test_a_report_does_not_depend_on_the_patients_before(
    name: str, plain: ResponseEngine, reference
) -> None:
    alone = ResponseEngine(reference)
    facts = facts_of(alone, PATIENTS[name])
    said = alone.interpret_facts(facts)
    for other in PATIENTS.values():
        plain.interpret_facts(facts_of(plain, other))
    assert plain.interpret_facts(facts_of(plain, PATIENTS[name])) == said
