"""Pairs of drugs that nobody read are named, and are never called free of interactions."""

import re
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.model import ClinicalEntry, Interpretation, PlannedDrug
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.pairs import UNREAD, Pair, PairState, pair_states
from epilepsy_pgx.reference.rows import Drug
from epilepsy_pgx.statement import Message
from epilepsy_pgx.vocabulary import Response
from tests.drawing import examples
from tests.response.builders import gave_up, takes
from tests.response.strategies import DRUGS
from tests.said import SpeakingEngine

FEW = settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
COMFORT = re.compile(
    r"\b(no|not|without|none) (known |relevant |clinical(ly)? |expected )*interact|\bsafe\b|"
    r"none of note|can be combined|sin interacc|segur[oa]",
    re.IGNORECASE,
)
OTHERS = ("melatonin", "rifampicin", "warfarin", "simvastatin", "ethinylestradiol contraceptive")


def ask(engine: SpeakingEngine, current: Iterable[str], planned: Iterable[str] = ()):
    entry = ClinicalEntry(
        current=tuple(map(takes, current)),
        planned=tuple(PlannedDrug(drug, True, drug) for drug in planned),
    )
    return engine.interpret({}, (), {}, entry)


def named_pairs(result: Interpretation) -> set[Pair]:
    """Return the directed pairs that a report calls not checked."""
    found: set[Pair] = set()
    for message in result.not_considered:
        for value in message.values:
            for each in value.messages:
                (drug,), others = (v.items for v in each.values)
                found |= {(drug, other) for other in others}
                if each.text_id == "pairs-of":
                    found |= {(other, drug) for other in others}
    return found


def words(result: Interpretation) -> str:
    return " ".join(m.text for m in result.not_considered)


@FEW
@given(
    current=st.lists(st.sampled_from((*DRUGS, *OTHERS)), max_size=5, unique=True),
    planned=st.lists(st.sampled_from((*DRUGS, *OTHERS)), max_size=2, unique=True),
)
def test_each_pair_that_nobody_read_is_named(
    engine: SpeakingEngine, reference: Reference, current: list[str], planned: list[str]
) -> None:
    result = ask(engine, current, planned)
    named, states = named_pairs(result), pair_states(reference)
    together = {*current, *planned}
    spoken = engine.interactions.spoken(
        engine.facts({}, (), {}, ClinicalEntry(current=tuple(map(takes, together))))
    )
    without_row = {
        str(value.items[0])
        for message in result.not_considered
        if message.text_id == "not-considered-no-row"
        for value in message.values
    }
    for pair in ((a, b) for a in together for b in together if (a, b) in states):
        if without_row.isdisjoint(pair):
            assert (pair in named) == (states[pair] in UNREAD and pair not in spoken), pair
        else:
            assert pair not in named
    assert not COMFORT.search(words(result))


def test_a_drug_with_a_row_elsewhere_is_still_named(
    engine: SpeakingEngine, reference: Reference
) -> None:
    """Rifampicin has rows, but none about levetiracetam."""
    states = pair_states(reference)
    assert PairState.ROWS in {s for (a, _), s in states.items() if a == "rifampicin"}
    assert states["rifampicin", "levetiracetam"] in UNREAD
    result = ask(engine, ["rifampicin", "levetiracetam"])
    assert words(result) == "not checked against each other: levetiracetam with rifampicin"


def test_a_pair_that_was_read_is_not_named_and_not_praised(engine: SpeakingEngine) -> None:
    result = ask(engine, ["gabapentin", "valproate"])
    assert result.not_considered == ()


def test_one_direction_is_named_as_one(engine: SpeakingEngine) -> None:
    result = ask(engine, ["lamotrigine", "valproate"])
    assert words(result) == "not checked: the effect of lamotrigine on valproate"


def test_drugs_that_act_together_are_spoken_of(engine: SpeakingEngine) -> None:
    result = ask(engine, ["clobazam", "fenfluramine", "stiripentol"])
    assert ("stiripentol", "fenfluramine") not in named_pairs(result)


def test_medicines_beside_each_other_are_named_once(engine: SpeakingEngine) -> None:
    result = ask(engine, ["rifampicin", "warfarin"])
    assert [m.text_id for m in result.not_considered] == ["not-checked-medicines"]
    assert "rifampicin, warfarin" in words(result)


def test_a_drug_that_the_report_proposes_is_paired_with_what_is_taken(
    engine: SpeakingEngine, reference: Reference
) -> None:
    entry = ClinicalEntry(current=(takes("rufinamide"),), syndromes=("dravet",))
    result = engine.interpret({}, (), {}, entry)
    proposed = {
        d.drug for d in result.drugs for s in d.statements if s.response is Response.MAY_FAVOUR
    }
    states = pair_states(reference)
    for drug in proposed - {"rufinamide"}:
        for pair in ((drug, "rufinamide"), ("rufinamide", drug)):
            assert (pair in named_pairs(result)) == (states[pair] in UNREAD)


def test_a_drug_given_up_is_in_no_pair(engine: SpeakingEngine) -> None:
    entry = ClinicalEntry(current=(takes("rufinamide"),), failed=(gave_up("tiagabine"),))
    assert engine.interpret({}, (), {}, entry).not_considered == ()


@pytest.mark.parametrize("language", ["en", "es"])
def test_long_lists_are_few_sentences(reference: Reference, language: str) -> None:
    drugs = sorted(row.drug for row in reference.rows(Drug) if row.kind == "antiseizure")[:8]
    found = ask(SpeakingEngine(reference, language), drugs).not_considered
    assert {m.text_id for m in found} <= {"not-checked-pairs", "not-checked-effects"}
    assert len(found) <= 2
    assert all(isinstance(m, Message) and "{" not in m.text for m in found)
    assert not COMFORT.search(" ".join(m.text for m in found))
