"""The line of a drug that is not to be used names no dose for a start; what forbids a drug."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.response.actions import Action, ActionTable
from epilepsy_pgx.response.forms import TextForms
from epilepsy_pgx.response.interactions import PLANNED
from epilepsy_pgx.response.settle import Held, Lines, forbids
from epilepsy_pgx.statement import Evidence, Statement
from epilepsy_pgx.vocabulary import ActionClass, Exposure, Origin, Response, Tier

TABLE = ActionTable(
    {
        text: Action(text, kind, None, frozenset(), instead)
        for text, kind, instead in (
            ("start", ActionClass.START, "start-left"),
            ("start-whole", ActionClass.START, None),
            ("change", ActionClass.CHANGE, "change-left"),
            ("stop", ActionClass.STOP, None),
            ("todo-start", ActionClass.START, "todo-left"),
            ("todo-start-whole", ActionClass.START, None),
            ("todo-stop", ActionClass.STOP, "never"),
        )
    },
    {},
)
FORMS = TextForms(signs={"start": ((frozenset({"status"}), "stop"),)})
"""What is said before a start is another thing beside a condition."""
PLAIN = Statement(
    "a:x",
    "start",
    Tier.CONSIDER,
    Response.ADJUST_DOSE,
    Origin.GENOTYPE,
    (),
    (Evidence("source", ".", (), "table", "row"),),
    action_id="todo-start",
    further=("first", PLANNED, "last"),
)


def settled(
    said: Statement, response=Response.AVOID, *, barred=False, taken=False, perhaps=False
) -> Statement:
    facts = SimpleNamespace(
        takes=lambda drug: taken, may_take=lambda drug: perhaps, forms=TextForms()
    )
    line = DrugPrediction("x", "class", response, Tier.ACT, Exposure.NAIVE, (said,))
    (found,) = Lines([line], facts, TABLE, Held({"x"} if barred else ())).drugs
    return found.statements[0]


@pytest.mark.parametrize("response", Response)
def test_only_a_line_that_bars_the_drug_loses_its_dose(response: Response) -> None:
    left = replace(PLAIN, text_id="start-left", action_id="todo-left", further=("first", "last"))
    barred = response in (Response.CONTRAINDICATED, Response.AVOID)
    assert settled(PLAIN, response) == (left if barred else PLAIN)


@pytest.mark.parametrize("response", Response)
def test_what_was_not_assessed_keeps_its_words(response: Response) -> None:
    """They say what must not wait for the result."""
    said = replace(PLAIN, response=response)
    open_ = response in (Response.NOT_ASSESSED, Response.PARTIAL)
    assert (settled(said) == said) is open_


@pytest.mark.parametrize(
    ("text", "todo", "left"),
    [
        ("start", None, ("start-left", None)),
        ("start", "unclassed", ("start-left", "unclassed")),
        ("start", "todo-stop", ("start-left", "todo-stop")),
        ("start", "todo-start-whole", ("start-left", None)),
        ("start-whole", "todo-start", ("start-whole", "todo-left")),
        ("stop", "todo-start", None),
        ("unclassed", "todo-start", None),
    ],
)
def test_what_is_left_of_a_text_and_of_its_action(text, todo, left) -> None:
    said = replace(PLAIN, text_id=text, action_id=todo)
    found = settled(said)
    assert (found.text_id, found.action_id) == (left or (text, todo))
    assert (found == said) is (left is None)


@pytest.mark.parametrize("barred", [True, False])
@pytest.mark.parametrize(("taken", "perhaps"), [(False, False), (True, False), (False, True)])
def test_only_a_forbidden_drug_that_nobody_takes_loses_its_change(barred, taken, perhaps) -> None:
    said = replace(PLAIN, text_id="change", action_id=None)
    found = settled(said, barred=barred, taken=taken, perhaps=perhaps)
    assert found.text_id == ("change-left" if barred and not (taken or perhaps) else "change")


@pytest.mark.parametrize(
    ("naive", "response", "conditional", "present", "forbidden"),
    [
        ("stop", Response.ADJUST_DOSE, False, (), True),
        ("stop", Response.ADJUST_DOSE, True, (), False),
        ("start", Response.ADJUST_DOSE, False, (), False),
        ("start", Response.ADJUST_DOSE, False, ("status",), True),
        ("start", Response.ADJUST_DOSE, True, ("status",), False),
        ("unclassed", Response.AVOID, False, ("status",), False),
        (None, Response.AVOID, False, (), False),
        (None, Response.CONTRAINDICATED, False, (), True),
        (None, Response.CONTRAINDICATED, True, (), False),
    ],
)
def test_a_drug_is_forbidden_by_its_verdict_or_by_what_is_said_before_a_start(
    naive, response, conditional, present, forbidden
) -> None:
    hit = SimpleNamespace(
        rule=SimpleNamespace(actions={"text_naive": naive} if naive else {}),
        statement=replace(PLAIN, response=response, conditional=conditional),
    )
    other = SimpleNamespace(rule=SimpleNamespace(actions={}), statement=PLAIN)
    facts = SimpleNamespace(forms=FORMS, present=present)
    assert forbids([other, hit], TABLE, facts) is forbidden
