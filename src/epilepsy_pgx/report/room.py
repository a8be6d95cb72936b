"""Whether page one fits its sheet, and what gives way if it does not.

Lines are estimated, for a browser chooses its font. What never gives way goes on on a second sheet,
which then holds what the first has no room for, and the first says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.giveway import GIVES_WAY, GIVES_WAY_LAST
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Message, ValueKind

if TYPE_CHECKING:
    from epilepsy_pgx.report.pageone import Entry, PageOne

FIRST = 3
"""Items of what to settle next that page one names."""
SHEETS = {"a4": 59, "letter": 55}
"""Lines of text that a sheet holds in the print style of the page."""
LINES = SHEETS["a4"]
WIDTH = 92
"""Letters of a line in that style, on average."""
_BESIDE = 76
"""Letters of a line beside the column of verdicts."""
_VERDICT = 18
"""Letters of a line of that column."""
_IF_CONFIRMED = 16
"""Letters that a verdict gains while it is to be confirmed."""
_FACTOR_LINES = 3
"""Lines of the sentence on why the drugs failed."""
_WIDTH_DENSE = 95
"""Letters of a line where page one is printed densely, with narrower margins."""
_FIXED_DENSE = 13
"""The same where page one is printed densely: its lines and headings are lower, too."""
_RELEASED = 5
"""Lines that the names of a release take more than empty lines to sign."""
_MISSING = 40
"""Letters of what names the genes of a drug in use that were not read."""
_LEFT, _LEFT_EACH = 76, 28
"""Letters of what tells that lines are left out, and of the number of one kind."""
_FIXED = 24
"""Lines of what every report has: title, identity, summary, counts, headings, signatures."""


def fit_page(
    page: "PageOne",
    currents: Iterable[tuple["Entry", ...]],
    lines: int,
    report: PatientReport,
    words: ReportWords,
    sheets: int = 2,
) -> "PageOne":
    """Return the fullest page one that one sheet holds, or else the fullest that more hold.

    Parameters
    ----------
    currents
        The lines of the drugs that are taken, the fuller form first.
    lines
        Lines of text that a sheet holds.
    sheets
        Sheets that page one may take where one does not hold what never gives way.
    """
    plans = []
    for plan in _plans(page, currents, words):
        if _lines_of(plan, report, words) <= lines:
            return plan
        plans.append(replace(plan, dense=True))
    # Denser printing is harder to read, but it takes nothing away from what may harm today.
    for plan in plans:
        if _lines_of(plan, report, words) <= lines:
            return plan
    page = plans[-1]
    for row in GIVES_WAY_LAST:
        for shorter in row.steps(page, words):
            page = shorter
            if _lines_of(page, report, words) <= lines:
                return page
            plans.append(page)
    for plan in plans if sheets > 1 else ():
        if _lines_of(plan, report, words) <= lines * sheets:
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


def _lines_of(page: "PageOne", report: PatientReport, words: ReportWords) -> int:
    entries = (*page.current, *page.starting)
    counted = _dense_lines if page.dense else _entry_lines
    return sum(counted(e, words) for e in entries) + _other_lines(report, page, words)


def not_considered(report: PatientReport, words: ReportWords) -> tuple[str, ...]:
    """Return what was not considered: names in one paragraph, pairs of drugs in another."""
    told = (unknown_names(report, words), unchecked_pairs(report, words))
    return tuple(text for text in told if text)


def unknown_names(report: PatientReport, words: ReportWords) -> str:
    """Return the names of the clinical entry that were not considered."""
    names = (m for m in report.interpretation.not_considered if not _of_pairs(m))
    return "; ".join(dict.fromkeys(map(words.tell, names)))


def unchecked_pairs(report: PatientReport, words: ReportWords) -> str:
    """Return the pairs of drugs that nobody checked."""
    return "; ".join(map(words.tell, filter(_of_pairs, report.interpretation.not_considered)))


def _of_pairs(message: Message) -> bool:
    return any(v.messages or v.kind is ValueKind.DRUG for v in message.values)


def short_pairs(report: PatientReport, words: ReportWords) -> str:
    """Return how many pairs of drugs nobody checked, where they are named behind page one."""
    found = [m for m in report.interpretation.not_considered if _of_pairs(m)]
    named = sum(len(each.values[-1].items) for m in found for v in m.values for each in v.messages)
    if not named:
        return unchecked_pairs(report, words)
    # Medicines of which no pair is in these tables stand here as they are.
    rest = [words.tell(m) for m in found if not any(v.messages for v in m.values)]
    return "; ".join((words.say("label-pairs-behind", number=str(named)), *rest))


def _text_lines(text: str, width: int = WIDTH) -> int:
    return max(1, -(-len(text) // width))


def _entry_lines(entry: "Entry", words: ReportWords) -> int:
    """Estimate the lines of an entry: names stand in front of the first sentence."""
    return words.once("entry-lines", (entry,), (), lambda: _estimate(entry, words))


def _estimate(entry: "Entry", words: ReportWords) -> int:
    lines = sum(_text_lines("x" * n, _BESIDE) for n in _letters(entry, words, cited=True))
    lines += bool(entry.exposures and entry.not_assessed)
    return max(lines, _text_lines("x" * _verdict_letters(entry), _VERDICT))


def _dense_lines(entry: "Entry", words: ReportWords) -> int:
    """Estimate the lines of an entry in one paragraph."""
    return words.once("dense-lines", (entry,), (), lambda: _dense(entry, words))


def _dense(entry: "Entry", words: ReportWords) -> int:
    letters = _verdict_letters(entry) + 3 + sum(n + 3 for n in _letters(entry, words, cited=False))
    letters += _MISSING if entry.exposures and entry.not_assessed else 0
    return _text_lines("x" * letters, _WIDTH_DENSE)


def _verdict_letters(entry: "Entry") -> int:
    return len(entry.response) + (_IF_CONFIRMED if entry.conditional else 0)


def _letters(entry: "Entry", words: ReportWords, *, cited: bool) -> list[int]:
    """Return the letters of each sentence of an entry, with what stands around it.

    Parameters
    ----------
    cited
        True if the source of the first is printed.
    """
    names = len(", ".join(entry.drugs)) + 2
    letters = []
    for number, said in enumerate(entry.said):
        extra = names if number == 0 else 0
        extra += len(", ".join(said.about))
        more = len(words.tell_all(said.resolve)) + 24 if said.resolve else 0
        if said.origin and words.adds_origin(said.statement, said.text_ids):
            more += len(words.origin(said.statement, brief=True)) + 3
        more += len(words.brief_source((said.statement,))) + 3 if cited and number == 0 else 0
        letters.append(len(said.text) + extra + more)
    return letters or [names]


def _other_lines(report: PatientReport, page: "PageOne", words: ReportWords) -> int:
    """Estimate the lines of all but the drugs."""
    lines = _FIXED_DENSE if page.dense else _FIXED
    lines += _RELEASED if report.authorisation else 0
    width = _WIDTH_DENSE if page.dense else WIDTH
    lines += sum(
        _text_lines(words.tell(x), width) for x in (*report.not_reportable, *report.warnings)
    )
    lines += 3 if page.urgent else 0
    for line, drug in page.urgent:
        cited = words.brief_source((line.statement,)) if drug and not page.dense else ""
        lines += _text_lines(f"{line.text} · {cited}" if cited else line.text, width)
    lines += _gate_lines(page, words)
    lines += _text_lines("x" * sum(len(f"{g} {n} %, ") for g, n in page.read)) if page.read else 0
    lines += 2 * len(page.findings) + sum(_text_lines(s.text, width) for s in page.monogenic)
    lines += sum(_text_lines(s.text, width) for s in page.context)
    lines += sum(_text_lines(f"{x} {y}", width) for x, y in told_of_taken(page, words))
    lines += _FACTOR_LINES if report.interpretation.factors else 0
    steps = min(FIRST, len(report.interpretation.next_tests))
    lines += 1 + steps if steps else 0
    label = words.say("label-not-considered")
    lines += sum(
        _text_lines(f"{label} {x}", width) for x in told_not_considered(report, page, words)
    )
    left = _LEFT + _LEFT_EACH * len(page.left) + len(", ".join(page.left_avoid))
    return lines + _text_lines("x" * left, width) * bool(page.left)


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
    told = [unknown_names(report, words), short_pairs(report, words)]
    told = [text for text in told if text]
    return ("; ".join(told),) if page.dense and told else tuple(told)


def _gate_lines(page: "PageOne", words: ReportWords) -> int:
    """Estimate the lines of the genes to be tested first."""
    if not page.required_tests:
        return 0
    rows = [", ".join((*genes, *drugs)) + "; " for genes, drugs in page.required_tests]
    heading = words.say("label-test-first")
    if page.dense:
        return _text_lines(heading + " " + "".join(rows), _WIDTH_DENSE)
    return _text_lines(heading) + sum(map(_text_lines, rows))
