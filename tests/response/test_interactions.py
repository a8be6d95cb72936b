"""Which interaction is said where: both drugs taken, one to be started, both planned."""

from dataclasses import replace

import pytest

from epilepsy_pgx.clinical_entry import ClinicalEntry, PlannedDrug
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText, DrugInteraction
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.interactions import (
    Interaction,
    InteractionIndex,
    interaction_statement,
    opposing_statement,
)
from epilepsy_pgx.statement import Evidence, Message, Value, ValueKind
from epilepsy_pgx.vocabulary import Tier
from tests.response.builders import takes


def act(*perpetrators: str, on: str, effect: str = "up", size: str = "") -> Interaction:
    evidence = Evidence("source", ".", (), "drug_interactions", "row", True)
    return Interaction(
        frozenset(perpetrators),
        on,
        on,
        effect,
        size,
        "interaction-text",
        Tier.ACT,
        evidence,
        "first",
    )


VERBS = ("up", "down")
ONE = act("valproate", on="lamotrigine")
TWO = act("valproate", "topiramate", on="phenytoin")


def patient(plain: ResponseEngine, current: str, planned: str = "") -> PatientFacts:
    entry = ClinicalEntry(
        current=tuple(map(takes, current.split())),
        planned=tuple(PlannedDrug(d, True, entered=d) for d in planned.split()) or None,
    )
    return plain.facts({}, (), {}, entry)


def named(found: dict[str, list[Interaction]]) -> dict[str, list[str]]:
    return {drug: [item.victim for item in items] for drug, items in found.items()}


@pytest.mark.parametrize(
    ("current", "planned", "active", "started", "between"),
    [
        ("", "", {}, {}, {}),
        ("valproate", "", {}, {}, {}),
        ("valproate lamotrigine", "", {"lamotrigine": ["lamotrigine"]}, {}, {}),
        ("lamotrigine", "", {}, {"valproate": ["lamotrigine"]}, {}),
        # With two missing nobody proposes both.
        ("phenytoin", "", {}, {}, {}),
        ("phenytoin valproate", "", {}, {"topiramate": ["phenytoin"]}, {}),
        ("phenytoin topiramate", "", {}, {"valproate": ["phenytoin"]}, {}),
        ("phenytoin topiramate valproate", "", {"phenytoin": ["phenytoin"]}, {}, {}),
        (
            "",
            "valproate lamotrigine",
            {},
            {},
            {"lamotrigine": ["lamotrigine"], "valproate": ["lamotrigine"]},
        ),
        ("lamotrigine", "valproate", {}, {"valproate": ["lamotrigine"]}, {}),
        (
            "phenytoin",
            "topiramate valproate",
            {},
            {},
            {"topiramate": ["phenytoin"], "valproate": ["phenytoin"]},
        ),
        ("phenytoin", "topiramate", {}, {}, {}),
    ],
)
def test_where_an_interaction_is_said(
    plain: ResponseEngine,
    current: str,
    planned: str,
    active: dict[str, list[str]],
    started: dict[str, list[str]],
    between: dict[str, list[str]],
) -> None:
    facts, index = patient(plain, current, planned), InteractionIndex([ONE, TWO])
    # Rows about a victim that is not taken stand under it too; nothing is said of it.
    taken = {d: v for d, v in named(index.active(facts)).items() if d in facts.current}
    assert taken == active
    assert named(index.if_started(facts)) == started
    assert named(index.between_planned(facts)) == between
    may = facts.current | facts.planned
    pairs = {(p, i.victim) for i in (ONE, TWO) for p in i.perpetrators}
    spoken = {(p, v) for p, v in pairs if v in may}
    whole = {i.victim for i in (ONE, TWO) if i.perpetrators <= may}
    assert index.spoken(facts) == {(p, v) for p, v in spoken if v in whole}


SIZE = Value("size", ("twice",))


@pytest.mark.parametrize(
    ("size", "sized", "said"),
    [
        ("", False, ()),
        ("twice", False, (Message("interaction-size", (SIZE,)),)),
        (
            "twice",
            True,
            (Message("interaction-size", (Value("size", ("size-row",), ValueKind.TEXT),)),),
        ),
    ],
)
def test_the_size_is_that_of_the_texts_or_of_the_table(
    plain: ResponseEngine, size: str, sized: bool, said: tuple[Message, ...]
) -> None:
    facts = patient(plain, "valproate lamotrigine")
    line = interaction_statement(replace(ONE, size=size), facts, sized)
    (value,) = (v for v in line.values if v.name == "size")
    assert value.messages == said


@pytest.mark.parametrize(
    ("current", "planned", "started", "drugs", "further", "conditional"),
    [
        ("valproate lamotrigine", "", None, ("lamotrigine",), (), False),
        ("lamotrigine", "", "valproate", ("valproate",), ("interaction-if-started",), True),
        ("lamotrigine", "valproate", "valproate", ("valproate",), ("interaction-planned",), True),
        ("valproate", "", None, ("lamotrigine",), ("interaction-if-started",), True),
        ("valproate", "lamotrigine", None, ("lamotrigine",), ("interaction-planned",), True),
    ],
)
def test_a_line_says_whether_it_waits_for_a_drug(
    plain: ResponseEngine,
    current: str,
    planned: str,
    started: str | None,
    drugs: tuple[str, ...],
    further: tuple[str, ...],
    conditional: bool,
) -> None:
    line = interaction_statement(ONE, patient(plain, current, planned), False, started)
    assert (line.drugs, line.further, line.conditional) == (drugs, further, conditional)
    assert line.statement_id == "first:valproate:lamotrigine"
    assert line.tier is Tier.ACT


def test_a_row_that_nobody_read_again_informs(plain: ResponseEngine) -> None:
    unread = replace(ONE, evidence=replace(ONE.evidence, verified=False))
    line = interaction_statement(unread, patient(plain, "valproate lamotrigine"), False)
    assert line.tier is Tier.CONTEXT


UP, DOWN = ONE, act("carbamazepine", on="lamotrigine", effect="down")


@pytest.mark.parametrize(
    ("items", "opposed"),
    [
        ([UP, DOWN], True),
        ([UP, replace(DOWN, whole=False)], False),
        ([UP, replace(UP, first_id="other")], False),
        ([DOWN], False),
    ],
)
def test_a_level_that_is_raised_and_lowered(
    plain: ResponseEngine, items: list[Interaction], opposed: bool
) -> None:
    facts = patient(plain, "valproate carbamazepine lamotrigine")
    line = opposing_statement(items, facts)
    assert (line is not None) is opposed
    if line is not None:
        told = {value.name: value.items for value in line.values}
        assert {("valproate",), ("carbamazepine",)} <= set(told.values())
        assert line.drugs == ("lamotrigine",)


def test_the_words_of_an_effect_fit_the_sentence(reference: Reference) -> None:
    """“Raises” and “lowers” are verbs; the other effects are sentences of their own."""
    other = {row.text_id for row in reference.rows(DrugInteraction) if row.effect not in VERBS}
    ids = other | {f"short-{text_id}" for text_id in other}
    texts = [row for row in reference.rows(CuratedText) if row.id in ids]
    assert texts
    assert [row.id for row in texts if "{Perpetrator} {effect}" in row.text] == []
