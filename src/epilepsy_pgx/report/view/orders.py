"""What to settle next, in words: three lines of page one, and the order list behind it."""

from collections.abc import Sequence

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.texts import do_id, why_id
from epilepsy_pgx.report.room import FIRST
from epilepsy_pgx.report.view.later import Order, OrderGroup, OrderList
from epilepsy_pgx.report.view.model import Field, NextSteps
from epilepsy_pgx.report.view.words import capital
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import NextTest
from epilepsy_pgx.vocabulary import Asked, Tier

_NAMED, _LISTED = 2, 5
"""Drugs that a line of page one names, and those that a row of the order list names."""


def tell_next_steps(
    report: PatientReport, words: ReportWords, dense: bool = False
) -> NextSteps | None:
    """Return the first items of what to settle next; None if nothing would change a line.

    Parameters
    ----------
    dense
        True if each is to stand in one line.
    """
    found = report.interpretation.next_tests
    if not found:
        return None
    rows = []
    for test in found[:FIRST]:
        rows.append(Field(_to_do(test, words), _decides(test, words, 1 if dense else _NAMED)))
    return NextSteps(words.say("heading-next-tests"), tuple(rows))


def _to_do(test: NextTest, words: ReportWords) -> str:
    """Return what to do about an item, or else its name."""
    told = do_id(test.name.text_id)
    asked = replace(test.name, text_id=told) if words.wording.has(told) else test.name
    return capital(words.tell(asked))


def _decides(test: NextTest, words: ReportWords, most: int) -> str:
    """Return what an item decides, or else what it may change; the order list has all lines."""
    urgency = _urgency(test, words)
    why = why_id(test.name.text_id)
    if not words.wording.has(why):
        return words.say("label-next-line", urgency=urgency, lines=_lines(test, words, most))
    # What is only context presses nobody.
    if test.tier is Tier.CONTEXT and not test.urgent:
        return words.say(why)
    return words.say("label-next-decides", why=words.say(why), urgency=urgency)


def tell_orders(report: PatientReport, words: ReportWords) -> OrderList | None:
    """Return the order list; None if nothing would change a line."""
    found = report.interpretation.next_tests
    return words.once("orders", found, (), lambda: _orders(found, words)) if found else None


def _orders(found: Sequence[NextTest], words: ReportWords) -> OrderList:
    groups = []
    for asked in Asked:
        rows = tuple(
            Order(
                capital(words.tell(test.name)),
                "" if test.order is None else words.tell(test.order),
                _lines(test, words, _LISTED),
                _urgency(test, words),
            )
            for test in found
            if test.asked_of is asked
        )
        if rows:
            groups.append(OrderGroup(words.say(f"label-asked-of-{asked.value}"), rows))
    return OrderList(
        words.say("heading-order-list"),
        words.say("label-next-rule"),
        tuple(words.say(x) for x in ("label-next-what", "label-next-why", "label-next-urgency")),
        tuple(groups),
    )


def _urgency(test: NextTest, words: ReportWords) -> str:
    return words.say("label-next-urgent") if test.urgent else words.word("label-tier", test.tier)


def _lines(test: NextTest, words: ReportWords, most: int) -> str:
    """Return the lines that may change: some drugs, and how many more."""
    parts = [words.drug(d) for d in test.drugs[:most]]
    left = test.lines - len(parts)
    if left:
        parts.append(
            words.say("label-next-others" if parts else "label-next-only", number=str(left))
        )
    return ", ".join(parts)
