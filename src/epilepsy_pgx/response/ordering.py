"""In which order statements stand, which are one, and where what to do is said once."""

from collections.abc import Mapping, Sequence

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import UrgentText
from epilepsy_pgx.statement import ReasonKind, Statement
from epilepsy_pgx.vocabulary import Response, Tier

TIERS = tuple(Tier)
SEVERITY = {response: rank for rank, response in enumerate(Response)}
STOPPING = (Response.CONTRAINDICATED, Response.AVOID, Response.AVOID_MAINTENANCE)
INTERACTING = (Response.INTERACTION, Response.AVOID_TOGETHER)
"""What is said of drugs that are taken together."""
_SIGNS = (ReasonKind.REACTION, ReasonKind.SIGN)
"""Reasons that are signs now: what rests on them stands first among its equals."""
_LAST = (Response.STANDARD, Response.NO_RULE)
_SOONEST = ("minutes", "hour", "hours")


def weight(statement: Statement) -> tuple[int, int, int]:
    """Return how early a statement stands: the smaller, the more it matters.

    What speaks against a drug comes first, by severity. Then the strength of the call to act
    decides before the word does. An interaction that matters only if the drug is started stands
    behind what must be tested first; reassurance and the absence of rules come last.
    """
    severity, tier = SEVERITY[statement.response], TIERS.index(statement.tier)
    if statement.response in STOPPING or statement.response is Response.AVOID_TOGETHER:
        return 0, severity, tier
    if statement.response in _LAST:
        return 2, severity, tier
    if statement.response is Response.INTERACTION and statement.conditional:
        return 1, tier, len(SEVERITY)
    return 1, tier, severity


def order(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Sort statements by weight, urgent before the rest, certain before conditional."""
    return tuple(
        sorted(
            statements,
            key=lambda s: (
                *weight(s),
                not s.urgent,
                s.conditional,
                _of_signs(s),
                # Ids only make the order total.
                s.evidence[0].row if s.evidence else "",
                s.text_id,
                s.statement_id,
            ),
        )
    )


def _of_signs(statement: Statement) -> int:
    """Return the rank of what rests on signs now; first if they are laid to its own drug."""
    signs = [r for r in statement.reasons if r.kind in _SIGNS]
    own = any(not set(r.subject.names).isdisjoint(statement.drugs) for r in signs)
    return 0 if own else 1 if signs else 2


def load_haste(ref: Reference) -> Mapping[str, int]:
    """Return, by a text that cannot wait until later in the day, how soon somebody must act."""
    return {row.text_id: _SOONEST.index(row.within) for row in ref.rows(UrgentText)}


def haste_of(statement: Statement, haste: Mapping[str, int]) -> int:
    """Return how soon somebody must act on a statement: the smaller, the sooner."""
    texts = (statement.text_id, statement.action_id or "")
    return min(haste.get(text, len(_SOONEST)) for text in texts)


def order_urgent(
    statements: Sequence[Statement], haste: Mapping[str, int]
) -> tuple[Statement, ...]:
    """Sort the statements of the urgent box: the certain first, what cannot wait, then by weight.

    A verdict on a drug weighs more than a call to treat, but it does not come sooner. An order to
    follow at once is not read behind what holds only if somebody confirms it.
    """
    return tuple(sorted(order(statements), key=lambda s: (s.conditional, haste_of(s, haste))))


def say_actions_once(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Leave out what to do where an earlier statement of the same drug has said it.

    A statement that is certain keeps its action after one that is only possible. What the
    urgent box or page one shows keeps its action after a statement that does not stand there;
    the other one leaves it out.

    Parameters
    ----------
    statements
        Those of one drug, in their order.
    """
    actions = [s.action_id for s in statements if s.action_id]
    if len(set(actions)) == len(actions):
        return tuple(statements)
    kept = []
    for place, statement in enumerate(statements):
        if statement.action_id and any(
            other.action_id == statement.action_id and _stands_for(other, statement, n < place)
            for n, other in enumerate(statements)
        ):
            statement = replace(statement, action_id=None)
        kept.append(statement)
    return tuple(kept)


def _stands_for(one: Statement, other: Statement, earlier: bool) -> bool:
    """Say whether what one statement tells to do is read wherever another stands.

    A later statement stands for an earlier one only if it is certain, or seen by more readers.
    """
    seen, wanted = _seen(one), _seen(other)
    # Whoever reads the urgent box may read nothing else.
    if any(a < b for a, b in zip(seen, wanted, strict=True)):
        return False
    if one.conditional and not other.conditional:
        return False
    return earlier or (seen, one.conditional) != (wanted, other.conditional)


def _seen(statement: Statement) -> tuple[bool, bool]:
    """Say whether a statement stands in the urgent box, and whether on page one."""
    return statement.urgent, statement.urgent or statement.tier in (Tier.ACT, Tier.CONSIDER)


def merge_repeats(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Join statements that say the same words on the same response into one.

    What is said for certain and asked as a question too is said for certain.
    """
    found: dict[tuple[object, ...], Statement] = {}
    for statement in statements:
        key = (statement.part_ids, statement.values, statement.drugs, statement.response)
        earlier = found.get(key)
        if earlier is None:
            found[key] = statement
            continue
        # One certain ground makes the whole certain; what would settle it is then moot.
        conditional = earlier.conditional and statement.conditional
        found[key] = replace(
            earlier,
            # The same words ask for as much as the stronger of their grounds does.
            tier=min(earlier.tier, statement.tier, key=TIERS.index),
            reasons=tuple(dict.fromkeys((*earlier.reasons, *statement.reasons))),
            evidence=tuple(dict.fromkeys((*earlier.evidence, *statement.evidence))),
            conditional=conditional,
            hedged=earlier.hedged and statement.hedged,
            urgent=earlier.urgent or statement.urgent,
            resolve=tuple(dict.fromkeys((*earlier.resolve, *statement.resolve)))
            if conditional
            else (),
        )
    return tuple(found.values())
