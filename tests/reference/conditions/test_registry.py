"""The kinds of condition agree with the schema, the tables and the facts of patients."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from epilepsy_pgx.clinical_entry import SUBJECTS
from epilepsy_pgx.errors import TableError
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.checks.registry import Package
from epilepsy_pgx.reference.conditions.base import Tables, read_groups
from epilepsy_pgx.reference.conditions.registry import (
    KINDS,
    compile_condition,
    problem_of,
    triggers_of,
)
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug, RuleCondition
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.rules import assess
from epilepsy_pgx.vocabulary import Resistance
from tests.response.builders import star_gene
from tests.response.strategies import DRUGS, cases

ROOT = Path(__file__).resolve().parents[3]
TABLES = (
    "genes",
    "alleles",
    "phenotypes",
    "hla_alleles",
    "site_alleles",
    "syndromes",
    "signs",
    "drugs",
    "entry_words",
)


def condition(
    kind: str, subject: str, operator: str, value: str, if_missing: Literal["no", "possible"] = "no"
) -> RuleCondition:
    about, values = (() if cell == "." else tuple(cell.split("|")) for cell in (subject, value))
    return RuleCondition(7, "x", kind, about, operator, values, if_missing)


@pytest.fixture(scope="module")
def tables(reference: Reference) -> Tables:
    return Tables(Package(reference.path, "reference", {n: reference.table(n) for n in TABLES}, {}))


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


def test_schema_names_the_kinds_and_their_operators() -> None:
    schema = json.loads((ROOT / "reference/schemas/drug_rule_conditions.json").read_text())
    words = {f["name"]: f.get("constraints", {}).get("enum") for f in schema["fields"]}
    assert sorted(words["kind"]) == sorted(KINDS)
    assert set(words["operator"]) == {o for kind in KINDS.values() for o in kind.operators}


def test_every_field_of_the_entry_has_a_name_for_reports(reference: Reference) -> None:
    texts = {row["id"] for row in reference.table("texts")}
    assert {f"clinical-{field.replace('_', '-')}" for field in SUBJECTS} <= texts
    assert {f"context-resistance-{word.replace('_', '-')}" for word in Resistance} <= texts


def facts_of(engine: ResponseEngine, patient, stopping, resistance) -> PatientFacts:
    facts = engine.facts(patient.genes, patient.findings, patient.coverage, patient.clinical)
    facts = facts.with_stopping(stopping & facts.current)
    return facts.with_computed({"resistance": resistance}) if resistance else facts


@given(
    patient=cases(),
    stopping=st.frozensets(st.sampled_from(DRUGS)),
    resistance=st.sampled_from([None, *Resistance]),
)
def test_a_rule_that_holds_is_found_by_its_triggers(
    engine: ResponseEngine, patient, stopping, resistance
) -> None:
    facts = facts_of(engine, patient, stopping, resistance)
    for table in engine.tables:
        for rule in table.rules:
            if assess(rule, facts):
                assert not rule.triggers or rule.triggers & facts.keys, rule.rule_id


@given(
    patient=cases(),
    stopping=st.frozensets(st.sampled_from(DRUGS)),
    resistance=st.sampled_from([None, *Resistance]),
    drug=st.sampled_from(DRUGS),
    data=st.data(),
)
def test_each_condition_that_holds_is_found_by_its_own_triggers(
    engine: ResponseEngine, reference: Reference, patient, stopping, resistance, drug, data
) -> None:
    """Rows with every operator of each kind, also those that no shipped rule has yet."""
    facts = facts_of(engine, patient, stopping, resistance)
    rows = reference.rows(RuleCondition)
    shipped = data.draw(st.lists(st.sampled_from(rows), max_size=20))
    asked = [
        structs.replace(row, if_missing=data.draw(st.sampled_from(["no", "possible"])))
        for row in shipped
    ]
    asked += [
        condition(
            "exposure",
            "self",
            "is",
            data.draw(
                st.sampled_from(
                    [
                        "naive",
                        "stopped",
                        "reaction",
                        "taking_under_3_months",
                        "taking_start_unknown",
                    ]
                )
            ),
        ),
        condition("clinical", data.draw(st.sampled_from(list(SUBJECTS))), "missing", "."),
        condition("clinical", "syndrome", "any_of", "dravet|porphyria", "possible"),
        condition("clinical", "childbearing", "is", "yes", "possible"),
    ]
    for row in asked:
        if compile_condition(row, engine.groups)(facts, drug):
            keys = triggers_of([row], engine.groups)
            assert not keys or keys & facts.keys, row


def test_every_shipped_condition_can_be_met(reference: Reference, tables: Tables) -> None:
    for row in reference.rows(RuleCondition):
        assert problem_of(row, tables) is None


@pytest.mark.parametrize(
    "row",
    [
        condition("horoscope", "CYP2C9", "is", "1"),
        condition("phenotype", "CYP2C9", "absent", "Poor Metabolizer"),
        condition("phenotype", "CYP2C9", "is", "Poor Metabolizer|Normal Metabolizer"),
        condition("phenotype", "CYP2C9", "is", "Ultra Metabolizer"),
        condition("phenotype", "NOGENE", "is", "Poor Metabolizer"),
        condition("phenotype", "SCN1A", "is", "Poor Metabolizer"),
        condition("activity_score", "CYP2C9", "at_most", "many"),
        condition("activity_score", "CYP2C9", "between", "1"),
        condition("activity_score", "CYP2C9", "between", "2|1"),
        condition("activity_score", "CYP2C9", "at_most", "1|2"),
        condition("activity_score", "CYP2C9", "at_least", "9"),
        condition("diplotype", "CYP2C9", "any_of", "*1/*none"),
        condition("function", "CYP2C9", "carries", "No function|Normal function"),
        condition("allele", "HLA-B", "present", "*99:99"),
        condition("allele", "HLA-B", "absent", "."),
        condition("site", "rs0", "carries", "A"),
        condition("finding", "SCN1A", "is", "lof_plpp"),
        condition("finding", "CYP2C9", "is", "vus"),
        condition("finding", "HLA-B", "is", "vus"),
        condition("clinical", "shoe_size", "is", "44"),
        condition("clinical", "age_years", "any_of", "1|2"),
        condition("clinical", "age_years", "at_least", "old"),
        condition("clinical", "sex", "at_least", "1"),
        condition("clinical", "sex", "is", "men"),
        condition("clinical", "affected", "is", "possible"),
        condition("clinical", "transplant", "is", "heart"),
        condition("clinical", "syndrome", "is", "@epilepsy"),
        condition("clinical", "sign", "is", "hiccups"),
        condition("medication", "self", "taking", "."),
        condition("medication", "carbamazepine|@nobody", "taking", "."),
        condition("history", "self", "any_of", "boredom"),
        condition("history", "@nobody", "any_of", "rash"),
        condition("reaction", "self", "any_of", "hiccups"),
        condition("course", "gabapentin", "more_than", "300"),
        condition("course", "mg/day", "more_than", "many"),
        condition("given", "self", "any_of", "feeding_tube"),
        condition("given", "route", "any_of", "liquid"),
        condition("given", "formulation", "any_of", "feeding_tube"),
        condition("exposure", "carbamazepine", "is", "naive"),
        condition("exposure", "self", "is", "unknown"),
        condition("computed", "destiny", "is", "yes"),
        condition("computed", "resistance", "is", "yes"),
        condition("course", "mg", "more_than", "2"),
        condition("course", "days", "at_most", "soon"),
        condition("regimen", "planned", "at_least", "2"),
        condition("regimen", "current", "at_least", "1.5"),
        condition("regimen", "current", "between", "3"),
    ],
    ids=lambda r: " ".join((r.kind, r.about, r.operator, r.compared or ".")),
)
def test_a_condition_that_nothing_can_meet_is_named(row: RuleCondition, tables: Tables) -> None:
    assert problem_of(row, tables)


SOUND = {
    "activity_score": ("CYP2C9", "at_most", "1"),
    "allele": ("HLA-B", "present", "*15:02"),
    "clinical": ("age_years", "at_least", "2"),
    "computed": ("resistance", "is", "not_shown"),
    "course": ("mg/day", "more_than", "200"),
    "diplotype": ("CYP2C9", "any_of", "*1/*3"),
    "exposure": ("self", "is", "naive"),
    "finding": ("SCN1A", "is", "lof_plp"),
    "function": ("CYP2C9", "carries", "No function"),
    "given": ("route", "any_of", "feeding_tube"),
    "history": ("self", "any_of", "rash"),
    "medication": ("valproate", "taking", "."),
    "phenotype": ("CYP2C9", "is", "Poor Metabolizer"),
    "reaction": ("self", "any_of", "rash"),
    "regimen": ("current", "at_least", "2"),
    "site": ("rs1045642", "carries", "G"),
}
"""A row of each kind that can be met."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_slip_is_named_by_its_column(kind: str, tables: Tables) -> None:
    subject, operator, value = SOUND[kind]
    written = {"kind": kind, "subject": subject, "operator": operator, "value": value}
    assert problem_of(condition(**written), tables) is None
    slips: list[dict[str, str]] = [
        {"kind": f"{kind}s"},
        {"subject": f"{subject}x"},
        {"subject": "."},
        {"operator": f"{operator}s"},
        {"value": "x" if value == "." else f"{value}x"},
    ]
    slips += [{"value": "."}, {"value": f"{value}|"}] if value != "." else []
    slips += [] if KINDS[kind].heeds_missing else [{"if_missing": "possible"}]
    for slip in slips:
        row = condition(**{**written, **slip})
        fault = problem_of(row, tables)
        assert fault is not None, slip
        assert ([fault.column], bool(fault.expected)) == (list(slip), True), slip


@pytest.mark.parametrize("kind", KINDS)
def test_no_row_is_asked_that_lacks_its_value_or_has_one_too_many(kind: str) -> None:
    """A rule without its value would hold for nobody, or for everybody."""
    for operator in KINDS[kind].operators:
        value = "x" if operator in KINDS[kind].valueless else "."
        with pytest.raises(TableError) as caught:
            compile_condition(condition(kind, SOUND[kind][0], operator, value), {})
        assert (caught.value.problems[0].line, caught.value.problems[0].column) == (7, "value")


@pytest.mark.parametrize("word", ["NaN", "sNaN", "Infinity", "-Infinity", "1,5", "", "one"])
def test_what_is_no_number_is_compared_with_nothing(word: str, tables: Tables) -> None:
    for kind, subject in (
        ("activity_score", "CYP2C9"),
        ("clinical", "age_years"),
        ("course", "days"),
        ("regimen", "current"),
    ):
        for operator, value in (
            ("at_least", word),
            ("between", f"{word}|1"),
            ("between", f"1|{word}"),
        ):
            row = condition(kind, subject, operator, value)
            fault = problem_of(row, tables)
            assert fault is not None
            assert fault.column == "value"
            with pytest.raises(TableError):
                compile_condition(row, {})


def test_a_number_is_equal_however_it_is_written(engine: ResponseEngine) -> None:
    facts = engine.facts({}, (), {}, ClinicalEntry(age_years=Decimal("5.0")))
    for written in ("5", "5.0", "5.00"):
        row = condition("clinical", "age_years", "is", written)
        assert compile_condition(row, {})(facts, "phenytoin")


@pytest.mark.parametrize(
    ("kind", "subject", "operator", "value"),
    [
        ("horoscope", "CYP2C9", "is", "1"),
        ("phenotype", "CYP2C9", "absent", "x"),
        ("activity_score", "CYP2C9", "at_most", "many"),
        ("finding", "SCN1A", "is", "x"),
        ("clinical", "shoe_size", "is", "44"),
        ("clinical", "age_years", "between", "1"),
        ("history", "self", "any_of", "boredom"),
        ("exposure", "self", "is", "x"),
        ("computed", "destiny", "is", "yes"),
        ("course", "planned", "at_least", "2"),
        ("regimen", "planned", "at_least", "2"),
    ],
)
def test_an_unknown_word_is_an_error_of_the_table(
    kind: str, subject: str, operator: str, value: str
) -> None:
    with pytest.raises(TableError) as caught:
        compile_condition(condition(kind, subject, operator, value), {})
    assert caught.value.problems[0].line == 7


def test_a_diplotype_is_written_in_either_order(engine: ResponseEngine, tables: Tables) -> None:
    facts = engine.facts({"CYP2C9": star_gene("CYP2C9", "*1/*3")}, (), {}, ClinicalEntry())
    for written in ("*1/*3", "*3/*1"):
        row = condition("diplotype", "CYP2C9", "any_of", written)
        assert problem_of(row, tables) is None
        assert compile_condition(row, {})(facts, "phenytoin")


def test_facts_are_values(engine: ResponseEngine) -> None:
    facts = engine.facts({}, (), {}, ClinicalEntry())
    told = facts.with_computed({"resistance": "not_shown"}).with_stopping({"valproate"})
    assert (facts.computed, facts.stopping) == ({}, frozenset())
    assert told.computed == {"resistance": "not_shown"}
    assert told.exposure("valproate") == "reaction" != facts.exposure("valproate")
    assert replace(told, computed={}, stopping=frozenset()) == facts
    assert told.with_stopping(()) is told


def test_groups_are_those_of_the_drugs_table(reference: Reference, engine: ResponseEngine) -> None:
    assert read_groups(reference.rows(Drug)) == engine.groups
