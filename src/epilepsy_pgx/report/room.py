"""Whether page one fits its sheet, and what gives way if it does not.

Its height is told from its words, in a browser for the widest face that it may choose. What never
gives way goes on on a second sheet, which then holds what the first has no room for, and the first
says so.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.giveway import GIVES_WAY, GIVES_WAY_LAST
from epilepsy_pgx.report.notjudged import LABELS
from epilepsy_pgx.report.papers import BROWSER, Sheet
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.dose_maxima import NOT_COMPARED
from epilepsy_pgx.response.uncompared import FORMS, STEPS
from epilepsy_pgx.statement import Message, ValueKind

if TYPE_CHECKING:
    from epilepsy_pgx.report.pageone import Entry, PageOne

FIRST = 3
"""Items of what to settle next that page one names."""
LINES = BROWSER["a4"].lines
"""Lines of text that a sheet holds in the print style of the page."""
_UNCOMPARED = (NOT_COMPARED, STEPS, FORMS)
"""Texts of what is entered of a dose and held against nothing."""
WIDTH = 92
"""Letters of a line in that style, on average."""


class Room(NamedTuple):
    """The sheets that page one may take."""

    lines: float
    """Lines of text that one holds."""
    sheets: int
    """How many it may take where one does not hold what never gives way."""
    sheet: Sheet


def fit_page(
    page: "PageOne",
    currents: Iterable[tuple["Entry", ...]],
    room: Room,
    report: PatientReport,
    words: ReportWords,
) -> "PageOne":
    """Return the fullest page one that one sheet holds, or else the fullest that more hold.

    Parameters
    ----------
    currents
        The lines of the drugs that are taken, the fuller form first.
    """
    # The view is made of page one, so it cannot be there before.
    from epilepsy_pgx.report.heights import Heights

    lines_of = Heights(report, words, room.sheet).lines
    plans = []
    for plan in _plans(page, currents, words):
        if lines_of(plan) <= room.lines:
            return plan
        plans.append(replace(plan, dense=True))
    # Denser printing is harder to read, but it takes nothing away from what may harm today.
    for plan in plans:
        if lines_of(plan) <= room.lines:
            return plan
    page = plans[-1]
    for row in GIVES_WAY_LAST:
        for shorter in row.steps(page, words):
            page = shorter
            if lines_of(page) <= room.lines:
                return page
            plans.append(page)
    for plan in plans if room.sheets > 1 else ():
        if lines_of(plan) <= room.lines * room.sheets:
            return replace(plan, goes_on=True)
    return replace(page, goes_on=True)


def _plans(
    page: "PageOne", currents: Iterable[tuple["Entry", ...]], words: ReportWords
) -> Iterator["PageOne"]:
    """Yield page one from the fullest on; what is left out is counted."""
    for current in currents:
        page = replace(page, current=current)
        yield page
    for row in GIVES_WAY:
        for shorter in row.steps(page, words):
            page = shorter
            yield page


def not_considered(report: PatientReport, words: ReportWords) -> tuple[str, ...]:
    """Return what was not considered: names in one paragraph, pairs of drugs in another."""
    told = (
        not_compared(report, words),
        unknown_names(report, words),
        unchecked_pairs(report, words),
    )
    return tuple(text for text in told if text)


def unknown_names(report: PatientReport, words: ReportWords) -> str:
    """Return the names of the clinical entry that were not considered."""
    names = (m for m in _considered(report) if not _of_pairs(m))
    return "; ".join(dict.fromkeys(map(words.tell, names)))


def unchecked_pairs(report: PatientReport, words: ReportWords) -> str:
    """Return the pairs of drugs that nobody checked."""
    return "; ".join(map(words.tell, filter(_of_pairs, _considered(report))))


def _considered(report: PatientReport) -> Iterator[Message]:
    return (
        m for m in report.interpretation.not_considered if m.text_id not in (*LABELS, *_UNCOMPARED)
    )


def _of_pairs(message: Message) -> bool:
    return any(v.messages or v.kind is ValueKind.DRUG for v in message.values)


def not_compared(report: PatientReport, words: ReportWords) -> str:
    """Return the doses, first steps, forms and routes that nothing was held against."""
    found = (m for m in report.interpretation.not_considered if m.text_id in _UNCOMPARED)
    return "; ".join(map(words.tell, found))


def short_pairs(report: PatientReport, words: ReportWords) -> str:
    """Return how many pairs of drugs nobody checked, where they are named behind page one."""
    found = [m for m in _considered(report) if _of_pairs(m)]
    named = sum(len(each.values[-1].items) for m in found for v in m.values for each in v.messages)
    if not named:
        return unchecked_pairs(report, words)
    # Medicines of which no pair is in these tables stand here as they are.
    rest = [words.tell(m) for m in found if not any(v.messages for v in m.values)]
    return "; ".join((words.say("label-pairs-behind", number=str(named)), *rest))


def told_of_taken(page: "PageOne", words: ReportWords) -> tuple[tuple[str, str], ...]:
    """Return what page one says of drugs in use that have no line, each with its label.

    Those that meet a planned drug come first; of those without any statement that is said.
    """
    met = "; ".join(
        f"{words.drug(taken)} ({words.drugs(planned)})" for taken, planned in page.to_settle.items()
    )
    told = (
        ("label-to-settle", met),
        ("label-said-behind", words.drugs(page.behind)),
        ("label-no-statement", words.drugs(page.silent)),
    )
    return tuple((words.say(label), names) for label, names in told if names)


def told_not_considered(
    report: PatientReport, page: "PageOne", words: ReportWords
) -> tuple[str, ...]:
    """Return what page one says of what was not considered."""
    if not page.pairs_behind:
        return not_considered(report, words)
    told = [not_compared(report, words), unknown_names(report, words), short_pairs(report, words)]
    told = [text for text in told if text]
    return ("; ".join(told),) if page.dense and told else tuple(told)
