"""No words that keep a drug going stand beside those that stop it, for every row of the tables.

What a drug's line says is known by ids. A text whose words hold a drug back from a stop, or leave
the stop to somebody, therefore has a class and says something else once the stop is decided; and
what answers a sign that the patient has now allows the stop for which a reaction asks.
"""

import re

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ActionRank, ActionText, CuratedText, DrugRule
from epilepsy_pgx.vocabulary import ActionClass, Answers, Response

HOLDS = re.compile(
    r"abrupt|nobody stops|(not|never) stopped at once"
    r"|de golpe|parada brusca|bruscamente|nadie (lo |la |suspende|deja)",
    re.IGNORECASE,
)
LEAVES = re.compile(
    r"decides today whether (it|\{drug\}) is stopped|decide hoy si se suspende", re.IGNORECASE
)
LINES = ("rule-", "interaction-", "fact-", "level-", "deciding-")
"""Beginnings of the ids of what stands in a drug's line."""
OTHERS = {"interaction-hypericum-antiseizure"}
"""They speak of the stop of a herb, which no line stops at once."""


@pytest.fixture(scope="module")
def said(reference: Reference) -> dict[str, list[str]]:
    """All words of each text, in both languages, short and in full."""
    found: dict[str, list[str]] = {}
    for row in reference.rows(CuratedText):
        found.setdefault(row.id.removeprefix("short-"), []).append(row.text)
    return found


@pytest.fixture(scope="module")
def actions(reference: Reference) -> dict[str, ActionText]:
    return {row.text_id: row for row in reference.rows(ActionText)}


def having(said: dict[str, list[str]], words: re.Pattern[str]) -> set[str]:
    return {i for i, texts in said.items() if any(map(words.search, texts))}


def test_what_holds_a_drug_gives_way_to_a_stop(
    said: dict[str, list[str]], actions: dict[str, ActionText]
) -> None:
    holding = having(said, HOLDS) | having(said, LEAVES)
    instead = {row.text_instead for row in actions.values()}
    lines = {i for i in holding if i.startswith(LINES)} - OTHERS
    assert len(lines) > 20
    # What is said instead of another text never gives way again: it must hold nothing.
    assert sorted(lines - actions.keys()) == []
    assert sorted(i for i in holding if i in instead and i.startswith((*LINES, "action-"))) == []


def test_a_stop_takes_the_place_of_every_class_that_may_hold(
    reference: Reference, said: dict[str, list[str]], actions: dict[str, ActionText]
) -> None:
    holding = {actions[i].action_class for i in having(said, HOLDS) if i in actions}
    beaten = {r.over for r in reference.rows(ActionRank) if r.action_class is ActionClass.STOP}
    assert holding <= beaten


def test_what_answers_signs_allows_the_stop_for_a_reaction(
    said: dict[str, list[str]], actions: dict[str, ActionText]
) -> None:
    """Beside a rash a doctor decides on the stop: nothing else that is urgent forbids it."""
    urgent = {
        i
        for i, row in actions.items()
        if row.action_class is ActionClass.URGENT and row.answers is Answers.SIGN_NOW
    }
    allowed = re.compile(r"reaction|reacción|es una causa|whether it is left out|stepwise|pasos")
    held = [text for i in urgent for text in said[i] if HOLDS.search(text)]
    assert len(held) >= 10
    assert [text for text in held if not allowed.search(text)] == []


LEFT = re.compile(
    r"cover|stepwise|abrupt|nobody|not taken away|withdrawn|stop|replace|lower", re.IGNORECASE
)
"""Words on how a drug in use is left, or that it is stopped at once."""


def test_what_is_urgent_of_a_forbidden_drug_in_use_says_how_it_is_left(
    reference: Reference, actions: dict[str, ActionText]
) -> None:
    """In the urgent box “contraindicated” alone reads as a stop at once, which brings status."""
    english = {t.id: t.text for t in reference.rows(CuratedText) if t.language == "en"}
    rows = [
        row
        for row in reference.rows(DrugRule)
        if row.response in (Response.CONTRAINDICATED, Response.AVOID)
        and row.text_taking in actions
        and actions[row.text_taking].action_class is ActionClass.URGENT
    ]
    assert len(rows) > 10
    assert [
        row.rule_id
        for row in rows
        if not LEFT.search(f"{english[row.text_taking or '']} {english[row.text_id]}")
    ] == []
