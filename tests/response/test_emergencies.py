"""What is an emergency comes first, and is heard in whichever column it is entered."""

from collections.abc import Sequence
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import SUBJECTS, ClinicalEntry
from epilepsy_pgx.model import PlannedDrug
from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.conditions.verdict import Verdict
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import EntryEquivalent, RuleCondition, UrgentText
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.ordering import haste_of, load_haste, order_urgent
from epilepsy_pgx.statement import Statement
from tests.response.builders import takes

SIGNS = ("rash", "vomiting", "encephalopathy", "drowsiness", "unsteadiness", "hyperammonaemia")
SYNDROMES = ("status_epilepticus", "norse", "dravet", "porphyria", "urea_cycle_disorder")
DRUGS = ("carbamazepine", "phenytoin", "valproate", "linezolid", "levetiracetam", "gabapentin")
INHIBITORS = ("acetazolamide", "sulthiame", "topiramate", "zonisamide")


def said(engine: ResponseEngine, entry: ClinicalEntry) -> tuple[Statement, ...]:
    """Return the urgent box of a patient without results."""
    return engine.interpret({}, (), {}, entry).urgent


def subsets(words: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), max_size=3, unique=True).map(tuple)


ENTRIES = st.builds(
    ClinicalEntry,
    signs=subsets(SIGNS),
    syndromes=subsets(SYNDROMES),
    pregnant=st.sampled_from([None, True, False]),
    current=st.none() | subsets(DRUGS).map(lambda names: tuple(map(takes, names))),
)


@given(ENTRIES)
def test_what_cannot_wait_stands_first(
    plain: ResponseEngine, reference: Reference, entry: ClinicalEntry
) -> None:
    haste = load_haste(reference)
    urgent = said(plain, entry)
    # What holds only if somebody confirms it is read behind every order to follow at once.
    waits = [(s.conditional, haste_of(s, haste)) for s in urgent]
    assert waits == sorted(waits)
    # The order is that of the statements, not that of what made them.
    assert order_urgent(urgent[::-1], haste) == urgent


def test_an_order_to_follow_now_stands_before_a_status_that_is_still_to_be_confirmed(
    plain: ResponseEngine,
) -> None:
    entry = ClinicalEntry(
        signs=("jaundice", "vomiting"), seizure_types=("status",), current=(takes("valproate"),)
    )
    open_ones = [s.conditional for s in said(plain, entry)]
    assert open_ones == sorted(open_ones)
    assert {*open_ones} == {False, True}


@pytest.mark.parametrize("drug", DRUGS)
@pytest.mark.parametrize("sign", SIGNS)
def test_status_epilepticus_leads_the_box(plain: ResponseEngine, drug: str, sign: str) -> None:
    for columns in (
        {"syndromes": ("status_epilepticus",)},
        {"syndromes": ("status_epilepticus", "dravet", "porphyria")},
        {"seizure_types": ("status",)},
    ):
        entry = ClinicalEntry(current=(takes(drug),), signs=(sign,), **columns)
        # As a type of seizure it may be long past: it leads what is still to be confirmed.
        maybe = "seizure_types" in columns
        first = next(s.text_id for s in said(plain, entry) if s.conditional is maybe)
        assert first.startswith(("context-status", "context-porphyria-status")), (columns, first)


@given(ENTRIES)
def test_the_type_says_what_the_syndrome_says(plain: ResponseEngine, entry: ClinicalEntry) -> None:
    bare = ClinicalEntry(
        signs=entry.signs,
        syndromes=tuple(w for w in entry.syndromes if w not in ("status_epilepticus", "norse")),
        pregnant=entry.pregnant,
        current=entry.current,
    )
    typed = said(plain, _with(bare, seizure_types=("status",)))
    named = said(plain, _with(bare, syndromes=(*bare.syndromes, "status_epilepticus")))
    # It is now or earlier: what it brings is conditional, and takes nothing else away.
    assert {s.statement_id for s in named} <= {s.statement_id for s in typed}
    assert {s.statement_id for s in said(plain, bare)} <= {s.statement_id for s in typed}
    assert all(s.conditional for s in typed if s.text_id.startswith("context-status"))


def _with(entry: ClinicalEntry, **columns: tuple[str, ...]) -> ClinicalEntry:
    known = {name: getattr(entry, name) for name in ("signs", "syndromes", "pregnant", "current")}
    return ClinicalEntry(**{**known, **columns})


def test_each_rule_hears_the_other_column(plain: ResponseEngine, reference: Reference) -> None:
    asked = [r for r in reference.rows(RuleCondition) if r.kind == "clinical"]
    heard = 0
    for row in reference.rows(EntryEquivalent):
        if row.heard == "apart":
            continue
        for word, other in product(row.words, row.as_words):
            context = f"{SUBJECTS[row.column].name}={word}"
            facts = parse_given([], [context, "affected="], reference, plain)
            for condition in asked:
                wants = condition.about == row.as_column and other in condition.value
                # Where a rule asks for the word itself nothing has to be heard from elsewhere.
                wants = wants and not (row.column == row.as_column and word in condition.value)
                if wants and condition.operator in ("is", "any_of"):
                    verdict = _ask(plain, condition, facts)
                    assert verdict.truth.name == ("YES" if row.heard == "certain" else "MAYBE")
                    heard += 1
    assert heard


def _ask(engine: ResponseEngine, row: RuleCondition, facts: PatientFacts) -> Verdict:
    return compile_condition(row, engine.groups)(facts, "")


def test_each_text_that_cannot_wait_may_be_said(reference: Reference) -> None:
    assert {row.within for row in reference.rows(UrgentText)} == {"minutes", "hour", "hours"}


def about(engine: ResponseEngine, entry: ClinicalEntry, *drugs: str) -> set[str]:
    """Return the rows that speak of some drugs."""
    result = engine.interpret({}, (), {}, entry)
    lines = [s for line in result.drugs if line.drug in drugs for s in line.statements]
    beside = [s for section in result.context for s in section.statements]
    return {e.row for s in (*lines, *beside) for e in s.evidence}


@pytest.mark.parametrize("pair", list(combinations(INHIBITORS, 2)), ids="+".join)
@pytest.mark.parametrize("planned", [False, True])
def test_each_pair_of_carbonic_anhydrase_inhibitors_has_a_line(
    plain: ResponseEngine, pair: tuple[str, str], planned: bool
) -> None:
    one, other = pair
    entry = ClinicalEntry(
        current=(takes(one),) if planned else (takes(one), takes(other)),
        planned=(PlannedDrug(other, True),) if planned else (),
    )
    rows = {"acetazolamide-zonisamide", "carbonic-anhydrase-topiramate"}
    assert about(plain, entry, one, other) & {*rows, "carbonic-anhydrase-sulthiame"}


@pytest.mark.parametrize("drug", INHIBITORS)
def test_diet_and_metformin_add_to_acidosis(plain: ResponseEngine, drug: str) -> None:
    for diet in ("ketogenic", "medium_chain_triglyceride", "modified_atkins"):
        rows = about(plain, ClinicalEntry(current=(takes(drug),), diet=(diet,)), drug)
        assert rows & {"clinical-diet-acidosis", "clinical-diet-acidosis-others"}
    both = ClinicalEntry(current=(takes(drug), takes("metformin")))
    assert "metformin-carbonic-anhydrase" in about(plain, both, drug)


@pytest.mark.parametrize(
    "mao", ["linezolid", "methylthioninium chloride", "moclobemide", "rasagiline", "selegiline"]
)
@pytest.mark.parametrize(
    "other", ["amitriptyline", "pethidine", "sertraline", "sumatriptan", "tramadol", "venlafaxine"]
)
def test_serotonergic_medicines_are_named_whichever_they_are(
    plain: ResponseEngine, mao: str, other: str
) -> None:
    both = ClinicalEntry(current=(takes(mao), takes(other)))
    assert "context-serotonin-mao" in {e.row for s in said(plain, both) for e in s.evidence}
    one = ClinicalEntry(current=(takes(mao),), planned=(PlannedDrug(other, True),))
    assert "context-serotonin-mao-planned" in about(plain, one)
    assert not said(plain, one)
    for drug, row in (("fenfluramine", "mao-inhibitors-fenfluramine"),):
        rows = about(plain, ClinicalEntry(current=(takes(mao), takes(drug))), drug)
        assert row in rows
    assert "serotonergic-fenfluramine" in about(
        plain, ClinicalEntry(current=(takes(other), takes("fenfluramine"))), "fenfluramine"
    )


@pytest.mark.parametrize("medicines", ["none", "levetiracetam", "lisinopril|carbamazepine"])
@pytest.mark.parametrize(
    ("signs", "age", "said_of"),
    [
        ("facial_swelling", "40", "context-airway"),
        ("facial_swelling|rash", "40", "context-airway"),
        ("fever|drowsiness", "40", "context-infection-brain"),
        ("fever|severe_headache", "0.1", "context-infection-brain"),
        ("fever|encephalopathy|rash", "7", "context-infection-brain"),
        ("fever", "0.1", "context-infant-fever"),
        ("fever", "0.3", None),
        ("drowsiness", "0.1", None),
        ("rash", "40", None),
    ],
)
def test_an_emergency_that_is_no_reaction_is_named_whatever_is_taken(
    plain: ResponseEngine,
    reference: Reference,
    signs: str,
    age: str,
    said_of: str | None,
    medicines: str,
) -> None:
    words = [f"signs={signs}", f"age_years={age}", f"current_drugs={medicines}"]
    facts = parse_given([], words, reference, plain)
    named = {s.text_id for s in plain.interpret_facts(facts).urgent}
    ours = {"context-airway", "context-infection-brain", "context-infant-fever"}
    assert named & ours >= {said_of} - {None}
    assert said_of is not None or not named & ours
