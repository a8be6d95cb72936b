"""What no rule weighs of drugs planned or in use, as page one names it in two lines, and whole."""

from collections.abc import Iterator

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.unjudged import (
    NOT_JUDGED,
    NOT_JUDGED_BESIDES,
    NOT_JUDGED_STOPPED,
    NOT_JUDGED_TAKEN,
)
from epilepsy_pgx.statement import Message, Value

LETTERS = 184
"""Letters of two lines in the print style of page one."""
LABELS = {
    NOT_JUDGED_TAKEN: "label-not-judged-taken",
    NOT_JUDGED_BESIDES: "label-not-judged-besides",
    NOT_JUDGED_STOPPED: "label-not-judged-stopped",
    NOT_JUDGED: "label-not-judged",
}
"""What stands before it; what is taken today comes first."""


def not_judged(report: PatientReport, text_id: str) -> tuple[Message, ...]:
    """Return what was not judged of planned drugs, or of those in use."""
    return tuple(m for m in report.interpretation.not_considered if m.text_id == text_id)


def all_not_judged(report: PatientReport, words: ReportWords, text_id: str) -> str:
    """Return all that was not judged, with what to do; nothing if there is none."""
    found = not_judged(report, text_id)
    return f"{words.say(LABELS[text_id])} {'; '.join(map(words.tell, found))}" if found else ""


def behind_page_one(report: PatientReport, words: ReportWords) -> tuple[str, ...]:
    """Return whole what page one had room for in part, or leaves to a stop."""
    return tuple(
        all_not_judged(report, words, each)
        for each in LABELS
        if not_judged(report, each)
        and (each == NOT_JUDGED_STOPPED or short_not_judged(report, words, each)[1])
    )


def short_not_judged(report: PatientReport, words: ReportWords, text_id: str) -> tuple[str, int]:
    """Return what two lines of page one hold of it, and how many drugs with a matter they lack.

    What is left is named behind page one.
    """
    found = not_judged(report, text_id)
    label = words.say(LABELS[text_id])
    total = sum(map(_pairs, found))
    whole = "; ".join(map(words.tell, found))
    if _fits(label, whole):
        return whole, 0
    shown: list[Message] = []
    for message in found:
        for shorter in _shorter(message):
            left = total - sum(map(_pairs, shown)) - _pairs(shorter)
            if _fits(label, _told([*shown, shorter], left, words)):
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
        fewer = replace(others, items=others.items[:number])
        yield Message(message.text_id, (matters, fewer))


def _told(found: list[Message], left: int, words: ReportWords) -> str:
    more = [words.say("label-not-judged-more", number=str(left))] if left else []
    return "; ".join([*map(words.tell, found), *more])


def _fits(label: str, text: str) -> bool:
    return len(label) + 1 + len(text) <= LETTERS


def _pairs(message: Message) -> int:
    """Return how many drugs with a matter a message names."""
    matters, others = message.values
    return _number(matters) * _number(others)


def _number(value: Value) -> int:
    return len(value.items)
