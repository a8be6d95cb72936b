"""Whether a hospital's row warns at least as strongly as the row that it stands for.

What cannot be shown to be as strong counts as softer.
"""

from collections.abc import Callable, Iterator, Mapping, Set

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.overlay import ADDED
from epilepsy_pgx.reference.package import Row
from epilepsy_pgx.vocabulary import Response, Tier

_FREE = frozenset({"citations", "date", "level", "mechanism", "note", "source"})
"""Columns that change no warning."""
_SPEAKS_AGAINST = (
    Response.CONTRAINDICATED,
    Response.AVOID,
    Response.AVOID_MAINTENANCE,
    Response.CAUTION,
)
_STRONG = ("stop", "urgent", "change")
"""Classes of actions that may be added where nothing was asked."""
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "tier": tuple(Tier),
    "critical": ("always", "taking", "no"),
    "verified": ("yes", "no"),
}
"""Words of a column, the strongest first."""
_ACTIONS = ("text_naive", "text_taking", "text_reaction")


@dataclass(frozen=True)
class Known:
    """What both tables say about actions, and the ids that the shipped tables have."""

    classes: Mapping[str, str]
    """The class of each text that asks for something."""
    outranks: Set[tuple[str, str]]
    """(class, class that it takes the place of)."""
    ids: Mapping[str, Set[str]]
    """Ids of the shipped rules, and of the shipped texts, by `rules` and `texts`."""


def softened_columns(was: Row, now: Row, known: Known) -> Iterator[str]:
    """Yield the columns in which a row is not shown to warn as strongly as the one it replaces."""
    for column, before in was.items():
        after = now[column]
        if before != after and column not in _FREE and not _as_strong(column, was, now, known):
            yield column


def _as_strong(column: str, was: Row, now: Row, known: Known) -> bool:
    before, after = was[column], now[column]
    if column in _ORDERS:
        order = _ORDERS[column]
        return after in order and order.index(after) <= order.index(before or order[-1])
    if column == "response":
        return _warns_more(before, after)
    if column in _ACTIONS:
        return _asks_more(before, after, known)
    if column == "priority":
        return int(after or 0) <= int(before or 0)
    if column == "drug":
        against = now["response"] in {str(r) for r in _SPEAKS_AGAINST}
        return against and set((before or "").split("|")) <= set((after or "").split("|"))
    return False


def _warns_more(before: str | None, after: str | None) -> bool:
    order = [str(r) for r in Response]
    return after in {str(r) for r in _SPEAKS_AGAINST} and order.index(after) < order.index(
        before or order[-1]
    )


def _asks_more(before: str | None, after: str | None, known: Known) -> bool:
    asked = known.classes.get(after or "")
    if before is None:
        return asked in _STRONG
    return asked is not None and (asked, known.classes.get(before, "")) in known.outranks


def _narrows(row: Row, known: Known) -> str | None:
    return "rule_id" if row["rule_id"] in known.ids["rules"] else None


def _reclassifies(row: Row, known: Known) -> str | None:
    return "text_id" if row["text_id"] in known.ids["texts"] else None


def _reassures(row: Row, known: Known) -> str | None:
    """Name the column by which an added rule would take something away."""
    if row.get("response") == Response.STANDARD:
        return "response"
    # A failed trial of a drug that aggravates seizures does not count as drug resistance.
    if row.get("effect") == "aggravation":
        return "effect"
    return "first_id" if row.get("first_id") is not None else None


_ADDING: Mapping[str, Callable[[Row, Known], str | None]] = {
    "drug_rule_conditions": _narrows,
    "actions": _reclassifies,
    "text_forms": _reclassifies,
    "clinical_context": _reassures,
    "drug_interactions": _reassures,
    "drug_rules": _reassures,
    "drug_safety": _reassures,
    "gene_therapy": _reassures,
}
WHY = {
    ("drug_rule_conditions", "rule_id"): "a condition narrows a rule of the shipped tables",
    ("actions", "text_id"): "a class changes what gives way to a text of the shipped tables",
    ("text_forms", "text_id"): "another form takes the place of a text of the shipped tables",
    ("*", "response"): "'standard dosing' reassures",
    ("*", "effect"): "'aggravation' takes failed trials out of the count of drug resistance",
    ("*", "first_id"): "an own row has no earlier id",
}
"""Why a row that is added may soften something, by table and column."""


def softened_by_adding(table: str, row: Row, known: Known) -> str | None:
    """Return the column by which a row that is added may soften something, or None."""
    test = _ADDING.get(table)
    return test(row, known) if test else None


def never_changes(table: str) -> bool:
    """Say whether rows of a shipped table are not to be replaced at all."""
    return table in ADDED
