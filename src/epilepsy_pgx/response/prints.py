"""What tells a line of a report from the line that another result would make."""

from collections.abc import Iterator
from typing import NamedTuple

from epilepsy_pgx.response.ordering import TIERS
from epilepsy_pgx.response.rules import Fired
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Response, Tier

RANKS = {tier: rank for rank, tier in enumerate(TIERS, 1)}
"""How urgent each tier is: asked many thousand times for a patient."""


class Print(NamedTuple):
    """What tells a statement from another one."""

    statement_id: str
    text_id: str
    tier: Tier
    response: Response
    conditional: bool
    urgent: bool


def print_of(statement: Statement) -> Print:
    """Return what tells a statement from others."""
    return Print(
        statement.statement_id,
        statement.text_id,
        statement.tier,
        statement.response,
        statement.conditional,
        statement.urgent,
    )


class Said(NamedTuple):
    """All of what a rule says that bears on the line in which it stands."""

    shown: Print
    action_id: str | None
    """What to do: it may take the place of something else in the line."""
    open_ended: bool


def said_by(hit: Fired) -> Said:
    """Return what a rule that fired says."""
    return Said(print_of(hit.statement), hit.statement.action_id, hit.open_ended)


def rank_of(said: Print) -> int:
    """Return how urgent a statement is: the smaller, the more."""
    return 0 if said.urgent else RANKS[said.tier]


Prints = frozenset[Print]


class Change(NamedTuple):
    """The most that changes in a line."""

    urgent: bool
    tier: Tier

    @property
    def rank(self) -> int:
        """The smaller, the more urgent."""
        return 0 if self.urgent else RANKS[self.tier]


Changes = dict[str, Change]
"""By line: a drug, or the id of a statement that stands in no drug's line."""


def compare(line: str, before: Prints, after: Prints) -> Iterator[tuple[str, Change]]:
    """Yield a line with the most that changes in it, if anything does."""
    changed = before ^ after
    if changed:
        tier = min((p.tier for p in changed), key=TIERS.index)
        yield line, Change(any(p.urgent for p in changed), tier)


def told_by(before: Fired | None, after: Fired | None) -> Iterator[tuple[str, Change]]:
    """Yield what changes in a statement that stands in no drug's line."""
    old, new = (frozenset({print_of(h.statement)} if h else ()) for h in (before, after))
    for line in {p.statement_id for p in old ^ new}:
        yield from compare(line, old, new)
