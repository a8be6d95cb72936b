"""What no rule weighs of the planned drugs, as page one names it in two lines, and whole."""

from collections.abc import Iterator

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.unjudged import NOT_JUDGED
from epilepsy_pgx.statement import Message, Value

LETTERS = 184
"""Letters of two lines in the print style of page one."""


def not_judged(report: PatientReport) -> tuple[Message, ...]:
    """Return what was not judged of planned drugs."""
    return tuple(m for m in report.interpretation.not_considered if m.text_id == NOT_JUDGED)


def all_not_judged(report: PatientReport, words: ReportWords) -> str:
    """Return all that was not judged, with what to do; nothing if there is none."""
    found = not_judged(report)
    return _said(found, words) if found else ""


def short_not_judged(report: PatientReport, words: ReportWords) -> tuple[str, int]:
    """Return what two lines of page one hold of it, and how many drugs with a matter they lack.

    What is left is named behind page one.
    """
    found = not_judged(report)
    total = sum(map(_pairs, found))
    whole = "; ".join(map(words.tell, found))
    if _fits(whole, words):
        return whole, 0
    shown: list[Message] = []
    for message in found:
        for shorter in _shorter(message):
            left = total - sum(map(_pairs, shown)) - _pairs(shorter)
            if _fits(_told([*shown, shorter], left, words), words):
                shown.append(shorter)
                break
        else:
            break
        if shorter is not message:
            break
    left = total - sum(map(_pairs, shown))
    return _told(shown, left, words), left


def _shorter(message: Message) -> Iterator[Message]:
    """Yield a message about all of its drugs, then about fewer."""
    matters, others = message.values
    yield message
    for number in range(len(others.items) - 1, 0, -1):
        yield Message(NOT_JUDGED, (matters, replace(others, items=others.items[:number])))


def _told(found: list[Message], left: int, words: ReportWords) -> str:
    more = [words.say("label-not-judged-more", number=str(left))] if left else []
    return "; ".join([*map(words.tell, found), *more])


def _said(found: tuple[Message, ...], words: ReportWords) -> str:
    return f"{words.say('label-not-judged')} {'; '.join(map(words.tell, found))}"


def _fits(text: str, words: ReportWords) -> bool:
    return len(words.say("label-not-judged")) + 1 + len(text) <= LETTERS


def _pairs(message: Message) -> int:
    """Return how many drugs with a matter a message names."""
    matters, others = message.values
    return _number(matters) * _number(others)


def _number(value: Value) -> int:
    return len(value.items)
