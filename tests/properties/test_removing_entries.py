"""Taking something out of the clinical entry takes away what it caused, and leaves a question."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.next_tests import next_tests_of
from epilepsy_pgx.response.ordering import SEVERITY
from epilepsy_pgx.response.rules import WARNINGS
from epilepsy_pgx.vocabulary import FailureReason, Sex, Tier, Transplant
from tests.drawing import examples
from tests.response.builders import Case, gave_up, takes
from tests.response.strategies import DRUGS, SIGNS, SYNDROMES, cases

Piece = tuple[str, object]
"""A field of the entry, and one thing in it."""
SINGLE: tuple[Piece, ...] = (
    ("age_years", Decimal("0.5")),
    ("age_years", Decimal(70)),
    ("sex", Sex.FEMALE),
    ("pregnant", True),
    ("pregnancy_potential", True),
    ("mitochondrial_suspected", True),
    ("transplant", Transplant.LIVER),
)
PIECES = st.lists(
    st.one_of(
        st.sampled_from([("current", takes(drug)) for drug in DRUGS]),
        st.sampled_from([("failed", gave_up(d, FailureReason.SEVERE_SKIN)) for d in DRUGS[:4]]),
        st.sampled_from([("syndromes", word) for word in SYNDROMES]),
        st.sampled_from([("signs", word) for word in SIGNS]),
        st.sampled_from(SINGLE),
    ),
    min_size=2,
    max_size=4,
    unique_by=lambda piece: piece[0] if piece in SINGLE else str(piece[1]),
)


@cache
def engine() -> ResponseEngine:
    return ResponseEngine(load_reference())


def entry(pieces: Iterable[Piece]) -> ClinicalEntry:
    made = ClinicalEntry()
    for field, value in pieces:
        one = (field, value) in SINGLE
        before = None if one else getattr(made, field) or ()
        made = replace(made, **{field: value if before is None else (*before, value)})
    return made


def warned(patient: Case, pieces: Iterable[Piece]) -> Mapping[str, int]:
    """Return how severe the gravest warning is by drug, of those that ask for something."""
    known = (patient.genes, patient.findings, patient.coverage)
    said = engine().interpret(*known, entry(pieces))
    gravest: dict[str, int] = {}
    for line in said.drugs:
        for statement in line.statements:
            if statement.response in WARNINGS and statement.tier in (Tier.ACT, Tier.CONSIDER):
                rank = SEVERITY[statement.response]
                gravest[line.drug] = min(rank, gravest.get(line.drug, rank))
    return gravest


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(patient=cases(), pieces=PIECES, data=st.data())
def test_what_is_taken_out_takes_no_warning_of_another_cause(
    patient: Case, pieces: list[Piece], data: st.DataObject
) -> None:
    """Whatever any other thing that was entered warns of in this person, it still warns of."""
    gone = data.draw(st.sampled_from(pieces))
    left = [piece for piece in pieces if piece is not gone]
    after = warned(patient, left)
    # A list says what is not taken, an age that it is known: without them more is possible.
    person = [piece for piece in left if piece in SINGLE or piece[0] == "current"]
    for cause in (piece for piece in left if piece not in person):
        for drug, rank in warned(patient, [*person, cause]).items():
            assert after.get(drug, len(SEVERITY)) <= rank, (drug, cause, gone)


@pytest.mark.parametrize(
    ("piece", "item"),
    [
        (("current", takes("valproate")), "list:current"),
        (("syndromes", "dravet"), "field:syndrome"),
        (("age_years", Decimal("0.5")), "field:age_years"),
        (("sex", Sex.FEMALE), "field:sex"),
        (("pregnant", True), "field:pregnant"),
        (("mitochondrial_suspected", True), "field:mitochondrial_suspected"),
        (("transplant", Transplant.LIVER), "field:transplant"),
        (("failed", gave_up("phenytoin", FailureReason.SEVERE_SKIN)), "list:failed"),
    ],
)
def test_where_it_was_the_only_cause_a_question_stands(piece: Piece, item: str) -> None:
    own = [] if piece[0] == "current" else [("current", takes("valproate"))]
    facts = engine().facts({}, (), {}, entry(own))
    asked = next_tests_of(load_reference(), engine()).of(facts)
    assert item in {f"{t.item.partition(':')[0]}:{s}" for t in asked for s in t.subjects}
