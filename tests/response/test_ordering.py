"""Which statement stands first, and which keeps the words on what to do."""

from collections.abc import Iterable

import pytest

from epilepsy_pgx.response.ordering import merge_repeats, order, say_actions_once
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Origin, Response, Tier

ACT, CONSIDER, CONTEXT = Tier.ACT, Tier.CONSIDER, Tier.CONTEXT


def said(name: str, action: str | None = "stop", **more: object) -> Statement:
    given = {"tier": ACT, "response": Response.AVOID, **more}
    return Statement(
        statement_id=name,
        text_id=name,
        origin=Origin.GENOTYPE,
        reasons=(),
        evidence=(),
        action_id=action,
        **given,  # type: ignore[arg-type]
    )


def keep(statements: Iterable[Statement]) -> list[str]:
    """Return which statements keep their action."""
    return [s.statement_id for s in say_actions_once(tuple(statements)) if s.action_id]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ({}, {}, ["a"]),
        ({}, {"action": "wait"}, ["a", "b"]),
        # What is certain says it itself, and for what is only possible.
        ({"conditional": True}, {}, ["b"]),
        ({}, {"conditional": True}, ["a"]),
        ({"conditional": True}, {"conditional": True}, ["a"]),
        # Whoever reads the urgent box may read nothing else.
        ({}, {"urgent": True}, ["b"]),
        ({"urgent": True}, {}, ["a"]),
        ({"urgent": True}, {"urgent": True}, ["a"]),
        # Nor does whoever reads page one.
        ({"tier": CONTEXT}, {}, ["b"]),
        ({"tier": CONTEXT}, {"tier": CONSIDER}, ["b"]),
        ({}, {"tier": CONTEXT}, ["a"]),
        ({"tier": CONSIDER}, {}, ["a"]),
        # Each is seen by more, or surer, than the other: both keep it.
        ({"urgent": True, "conditional": True}, {}, ["a", "b"]),
        ({}, {"urgent": True, "conditional": True}, ["a", "b"]),
        ({"tier": CONTEXT}, {"conditional": True}, ["a", "b"]),
    ],
)
def test_what_to_do_is_said_once(
    first: dict[str, object], second: dict[str, object], kept: list[str]
) -> None:
    assert keep([said("a", **first), said("b", **second)]) == kept  # type: ignore[arg-type]


def test_what_asks_for_nothing_is_left_alone() -> None:
    assert keep([said("a", None), said("b"), said("c", None), said("d")]) == ["b"]


INTERACTION, STANDARD = Response.INTERACTION, Response.STANDARD


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"response": Response.CONTRAINDICATED}, {}),
        ({"tier": CONTEXT}, {"response": Response.NOT_ASSESSED}),
        ({"response": Response.NOT_ASSESSED, "tier": CONTEXT}, {"response": STANDARD}),
        ({}, {"tier": CONSIDER}),
        ({"urgent": True}, {}),
        ({}, {"conditional": True}),
        ({"urgent": True, "conditional": True}, {}),
        ({"response": INTERACTION, "tier": CONSIDER}, {"response": INTERACTION, "tier": CONTEXT}),
        ({"response": Response.NOT_ASSESSED}, {"response": INTERACTION, "conditional": True}),
        ({"response": INTERACTION, "conditional": True}, {"response": STANDARD}),
    ],
)
def test_what_matters_more_stands_first(first: dict[str, object], then: dict[str, object]) -> None:
    before, after = said("z", **first), said("a", **then)  # type: ignore[arg-type]
    assert order([after, before]) == order([before, after]) == (before, after)


@pytest.mark.parametrize(
    ("one", "other", "conditional", "urgent"),
    [(True, True, True, False), (True, False, False, False), (False, True, False, True)],
)
def test_the_same_words_are_said_once(
    one: bool, other: bool, conditional: bool, urgent: bool
) -> None:
    """One certain ground makes the whole certain."""
    pair = [said("a", conditional=one), said("a", conditional=other, urgent=urgent)]
    (joined,) = merge_repeats(pair)
    assert (joined.conditional, joined.urgent) == (conditional, urgent)
    assert len(merge_repeats([said("a"), said("b")])) == 2
    assert len(merge_repeats([said("a"), said("a", response=Response.STANDARD)])) == 2
