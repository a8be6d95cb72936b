"""What is known of every pair of drugs: a row, a source that was read, or that nobody read.

Absent is not reference holds for knowledge too. A pair is directed: what the first drug does to
the second. Two medicines neither of which is an anti-seizure drug are outside the tables.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from epilepsy_pgx.reference.conditions.base import Groups, members, read_groups
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug, DrugInteraction, EnzymeModifier, InteractionReview
from epilepsy_pgx.reference.texts import ANTISEIZURE

Pair = tuple[str, str]
"""A drug, and the drug on which its effect is asked."""

TOGETHER = "+"
"""Joins drugs that must be taken together for a row to speak."""


class PairState(StrEnum):
    """What is known of what one drug does to another."""

    ROWS = "rows exist"
    READ = "read, none of note"
    NO_SHARED_ENZYME = "no shared enzyme in our tables, not read"
    NOT_READ = "not read"


UNREAD = frozenset({PairState.NO_SHARED_ENZYME, PairState.NOT_READ})
"""States of pairs that nobody read: each is named where both drugs may be taken."""

_ENZYME = re.compile(r"\b([A-Z]{3,4})?(\d[A-Z])(\d+)(?:/(\d+)\b)?|\b([A-Z]{3,4}\d)\b")
"""An enzyme; of those that follow it in a list the family is left out, and often more."""


def enzymes_of(metabolism: str | None) -> frozenset[str]:
    """Return the enzymes that a cell of the column `metabolism` names.

    Examples
    --------
    >>> sorted(enzymes_of("CYP3A4/5, 2B6; UGT1A7/1A9; renal 40-50%"))
    ['CYP2B6', 'CYP3A4', 'CYP3A5', 'UGT1A7', 'UGT1A9']
    """
    found, family = set(), ""
    for match in _ENZYME.finditer(metabolism or ""):
        prefix, stem, number, second, other = match.groups()
        family = prefix or family
        if other:
            found.add(other)
        elif family:
            found |= {f"{family}{stem}{n}" for n in (number, second) if n}
    return frozenset(found)


def reviewed_pairs(row: InteractionReview) -> Iterator[Pair]:
    """Yield the pairs that a review names."""
    return ((a, b) for a in row.perpetrator for b in row.victim if a != b)


def interacting_pairs(rows: Iterable[DrugInteraction], groups: Groups) -> frozenset[Pair]:
    """Return the pairs of which interactions speak.

    A row about drugs taken together says nothing of one of them alone.
    """
    return frozenset(
        (a, b)
        for row in rows
        if not any(TOGETHER in word for word in row.perpetrator)
        for a in members(row.perpetrator, groups)
        for b in members(row.victim, groups)
        if a != b
    )


def _shared_enzyme(ref: Reference) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Return, by drug, the enzymes that handle or feel it, and those that handle it."""
    handled = {row.drug: enzymes_of(row.metabolism) for row in ref.rows(Drug)}
    changed: dict[str, set[str]] = {}
    for row in ref.rows(EnzymeModifier):
        changed.setdefault(row.drug, set()).add(row.gene)
    return {drug: (own | changed.get(drug, set()), own) for drug, own in handled.items()}


def pair_states(ref: Reference) -> Mapping[Pair, PairState]:
    """Return the state of every directed pair of which one drug at least is an anti-seizure drug.

    Only rows make a state: whether a row exists is never written by hand, *read, none of note*
    needs a row of `interaction_reviews`, and an enzyme in common is looked for only where the
    tables have enzymes of both drugs.
    """
    known = interacting_pairs(ref.rows(DrugInteraction), read_groups(ref.rows(Drug)))
    read = {pair for row in ref.rows(InteractionReview) for pair in reviewed_pairs(row)}
    enzymes = _shared_enzyme(ref)
    drugs = ref.rows(Drug)
    names = [row.drug for row in drugs]
    antiseizure = [row.drug for row in drugs if row.kind == ANTISEIZURE]
    states: dict[Pair, PairState] = {}
    for row in drugs:
        one, touched = row.drug, enzymes[row.drug][0]
        for other in names if row.kind == ANTISEIZURE else antiseizure:
            if one == other:
                continue
            pair, handling = (one, other), enzymes[other][1]
            if pair in known:
                states[pair] = PairState.ROWS
            elif pair in read:
                states[pair] = PairState.READ
            elif touched and handling and touched.isdisjoint(handling):
                states[pair] = PairState.NO_SHARED_ENZYME
            else:
                states[pair] = PairState.NOT_READ
    return states


def pair_figures(ref: Reference) -> dict[str, dict[str, int | float]]:
    """Return how many pairs are in each state, among anti-seizure drugs and with other medicines.

    Each block also has the number of drugs, of pairs, and the percentage of pairs with a state.
    """
    states = pair_states(ref)
    own = {row.drug for row in ref.rows(Drug) if row.kind == ANTISEIZURE}
    others = {row.drug for row in ref.rows(Drug)} - own
    blocks = {
        "antiseizure drugs": (
            len(own),
            len(own) * (len(own) - 1),
            {p for p in states if own >= {*p}},
        ),
        "other medicines": (
            len(others),
            2 * len(own) * len(others),
            {p for p in states if not own >= {*p}},
        ),
    }
    figures: dict[str, dict[str, int | float]] = {}
    for name, (drugs, pairs, found) in blocks.items():
        counts = Counter(states[pair] for pair in found)
        figures[name] = {
            "drugs": drugs,
            "pairs": pairs,
            **{state.value: counts[state] for state in PairState},
            "percent with a state": round(100 * len(found) / pairs, 1) if pairs else 100.0,
        }
    return figures
