"""Every directed pair of drugs has one state, and only rows make it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any, cast

import pytest
from msgspec import structs

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.pairs import (
    UNREAD,
    Pair,
    PairState,
    enzymes_of,
    pair_figures,
    pair_states,
    reviewed_pairs,
)
from epilepsy_pgx.reference.rows import Citation, Drug, DrugInteraction, InteractionReview, TableRow
from epilepsy_pgx.reference.stats import format_stats, table_stats


class Without:
    """The tables without one row."""

    def __init__(self, ref: Reference, row: TableRow) -> None:
        self._ref, self._row = ref, row

    def rows(self, record: type[TableRow]) -> Sequence[TableRow]:
        return tuple(row for row in self._ref.rows(record) if row is not self._row)


class Invented:
    """Tables of some rows, and no others."""

    def __init__(self, tables: Mapping[type[TableRow], Sequence[TableRow]]) -> None:
        self._tables = tables

    def rows(self, record: type[TableRow]) -> Sequence[TableRow]:
        return self._tables.get(record, ())


def unread(ref: Any) -> set[Pair]:
    return {pair for pair, state in pair_states(cast(Reference, ref)).items() if state in UNREAD}


def test_every_directed_pair_has_exactly_one_state(reference: Reference) -> None:
    kinds = {row.drug: row.kind for row in reference.rows(Drug)}
    asked = {p for p in permutations(kinds, 2) if "antiseizure" in (kinds[p[0]], kinds[p[1]])}
    assert pair_states(reference).keys() == asked
    assert len([p for p in asked if {kinds[p[0]], kinds[p[1]]} == {"antiseizure"}]) == 1406
    assert Counter(kinds.values())["other"] >= 60


def test_the_figures_are_those_of_the_states(reference: Reference) -> None:
    figures = pair_figures(reference)
    counts = Counter(pair_states(reference).values())
    for state in PairState:
        assert sum(block[state.value] for block in figures.values()) == counts[state]
    assert all(block["percent with a state"] == 100 for block in figures.values())
    text = format_stats(table_stats(reference))
    assert f"{figures['antiseizure drugs']['not read']}  not read" in text


@pytest.mark.parametrize("record", [DrugInteraction, InteractionReview])
def test_no_row_that_goes_makes_a_pair_read(reference: Reference, record: type[TableRow]) -> None:
    before = unread(reference)
    for row in reference.rows(record):
        after = unread(Without(reference, row))
        assert before <= after, row
    alone = [p for r in reference.rows(InteractionReview) for p in reviewed_pairs(r)]
    assert len(alone) == len(set(alone)), "a pair that two rows review hides one that goes"


def test_each_review_says_where_and_when_it_was_read(reference: Reference) -> None:
    cited = {row.key: row for row in reference.rows(Citation)}
    states = pair_states(reference)
    for row in reference.rows(InteractionReview):
        assert row.verified
        assert row.locator
        assert any("read 2026" in cited[key].title for key in row.citations), row.review_id
        assert {states[pair] for pair in reviewed_pairs(row)} == {PairState.READ}


@pytest.mark.parametrize(
    ("cell", "enzymes"),
    [
        (None, set()),
        ("renal, unchanged", set()),
        ("renal 60-70%; hepatic oxidation (not well assigned)", set()),
        ("CYP3A4 (major, to 10,11-epoxide); EPHX1", {"CYP3A4", "EPHX1"}),
        ("phosphatases to phenytoin; then CYP2C9/2C19", {"CYP2C9", "CYP2C19"}),
        ("CYP3A4/5, 2B6", {"CYP3A4", "CYP3A5", "CYP2B6"}),
        ("CYP3A4/3A5; UGT1A4", {"CYP3A4", "CYP3A5", "UGT1A4"}),
    ],
)
def test_enzymes_are_read_from_a_cell(cell: str | None, enzymes: set[str]) -> None:
    assert enzymes_of(cell) == enzymes


def test_an_enzyme_in_common_is_no_reading_and_neither_is_silence(reference: Reference) -> None:
    one, other = (r for r in reference.rows(Drug) if r.drug in ("lamotrigine", "tiagabine"))
    states = {}
    for name, cell in (("apart", "UGT1A4"), ("shared", "CYP3A4"), ("unknown", None)):
        drugs = (structs.replace(one, metabolism="CYP3A4"), structs.replace(other, metabolism=cell))
        ref = Invented({Drug: drugs})
        states[name] = pair_states(cast(Reference, ref))[one.drug, other.drug]
    assert states == {
        "apart": PairState.NO_SHARED_ENZYME,
        "shared": PairState.NOT_READ,
        "unknown": PairState.NOT_READ,
    }
    assert set(states.values()) <= UNREAD


def test_drugs_that_act_only_together_are_no_row_of_one_of_them(reference: Reference) -> None:
    drugs = tuple(reference.rows(Drug))
    row = structs.replace(
        reference.rows(DrugInteraction)[0],
        perpetrator=("tiagabine+zonisamide",),
        victim=("bromide",),
    )
    states = pair_states(cast(Reference, Invented({Drug: drugs, DrugInteraction: (row,)})))
    assert states["tiagabine", "bromide"] in UNREAD
    assert PairState.ROWS not in states.values()
