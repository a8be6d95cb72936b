"""Whether page one fits its sheet, and what gives way if it does not.

Lines are estimated, for a browser chooses its font. What is urgent or to be acted on never gives
way: it goes on on a second sheet, and the first says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Statement, ValueKind
from epilepsy_pgx.vocabulary import Classification, Origin, Response, Tier

if TYPE_CHECKING:
    from epilepsy_pgx.report.lines import Line
    from epilepsy_pgx.report.pageone import Entry, PageOne

LINES = 60
"""Lines of text that an A4 page holds in the print style of the page."""
WIDTH = 92
"""Letters of a line in that style, on average."""
_BESIDE = 76
"""Letters of a line beside the column of verdicts."""
_VERDICT = 18
"""Letters of a line of that column."""
_IF_CONFIRMED = 16
"""Letters that a verdict gains while it is to be confirmed."""
_FACTOR_LINES = 2
"""Lines of the sentence on why the drugs failed."""
_FIXED = 24
"""Lines of what every report has: title, identity, summary, counts, headings, signatures."""
_GIVES_WAY = (
    Response.NO_RULE,
    Response.NOT_ASSESSED,
    Response.PARTIAL,
    Response.STANDARD,
    Response.INTERACTION,
    Response.CONSIDER_ALTERNATIVE,
    Response.ADJUST_DOSE,
    Response.MAY_FAVOUR,
    Response.CAUTION,
)
"""Order in which lines that ask for no action give way; a drug to avoid is always named."""


def fit_page(
    page: "PageOne",
    currents: Iterable[tuple["Entry", ...]],
    lines: int,
    report: PatientReport,
    words: ReportWords,
) -> "PageOne":
    """Return the fullest page one that its sheet holds.

    Parameters
    ----------
    currents
        The lines of the drugs that are taken, the fuller form first.
    lines
        Lines of text that the sheet holds.
    """
    for current in currents:
        page = replace(page, current=current)
        if _lines_of(page, report, words) <= lines:
            return page
    shortest = page
    for shortest in _shorter(page):
        if _lines_of(shortest, report, words) <= lines:
            return shortest
    return replace(shortest, goes_on=True)


def _shorter(page: "PageOne") -> Iterator["PageOne"]:
    """Yield page one with one thing less each time; what is left out is counted."""
    for steps in range(page.steps - 1, 0, -1):
        page = replace(page, steps=steps)
        yield page
    for response in _GIVES_WAY:
        for entry in reversed(page.starting):
            if entry.response is response and not _asks_to_act(entry):
                starting = tuple(e for e in page.starting if e is not entry)
                page = replace(page, starting=starting, left_out=page.left_out + 1)
                yield page
    # What else is said of a drug that nobody takes or plans, before anything of one that is taken.
    page = _verdicts_alone(page)
    yield page
    causal = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)
    kept = tuple(f for f in page.findings if f.classification in causal)
    more = page.more_findings + len(page.findings) - len(kept)
    page = replace(page, findings=kept, more_findings=more, read=())
    yield page
    current = tuple(map(_acting, page.current))
    left = _sentences(page.current) - _sentences(current)
    if left:
        page = replace(page, current=current, left_out=page.left_out + left)
        yield page
    context, monogenic = _to_act(page.context), _to_act(page.monogenic)
    left = len(page.context) + len(page.monogenic) - len(context) - len(monogenic)
    if left:
        yield replace(page, context=context, monogenic=monogenic, left_out=page.left_out + left)


def _verdicts_alone(page: "PageOne") -> "PageOne":
    """Return a page that says of a drug to start, which is not planned, what asks for action and
    what the verdict is."""
    starting = tuple(e if e.planned else _acting(e) for e in page.starting)
    left = _sentences(page.starting) - _sentences(starting)
    return replace(page, starting=starting, left_out=page.left_out + left)


def _sentences(entries: "Iterable[Entry]") -> int:
    return sum(len(entry.said) for entry in entries)


def _to_act(lines: "Iterable[Line]") -> "tuple[Line, ...]":
    return tuple(line for line in lines if line.statement.tier is Tier.ACT)


def _acting(entry: "Entry") -> "Entry":
    """Return an entry with what asks for action, what leads to its verdict, and what drugs that
    are taken do to it."""
    kept = tuple(
        x
        for x in entry.said
        if x.statement.tier is Tier.ACT
        or x.statement.response is entry.response
        or happens(x.statement)
    )
    return replace(entry, said=kept) if kept else entry


def happens(said: Statement) -> bool:
    """Say whether a statement is of drugs that are taken together, and asks for something."""
    asks = said.tier in (Tier.ACT, Tier.CONSIDER)
    return asks and said.origin is Origin.INTERACTION and not said.conditional


def _asks_to_act(entry: "Entry") -> bool:
    return entry.planned or entry.urgent or any(x.statement.tier is Tier.ACT for x in entry.said)


def _lines_of(page: "PageOne", report: PatientReport, words: ReportWords) -> int:
    return sum(_entry_lines(e, words) for e in page.current) + _other_lines(report, page, words)


def not_considered(report: PatientReport, words: ReportWords) -> tuple[str, ...]:
    """Return what was not considered: names one by one, pairs of drugs in one paragraph."""
    names: list[str] = []
    pairs: list[str] = []
    for message in report.interpretation.not_considered:
        of_pairs = any(v.messages or v.kind is ValueKind.DRUG for v in message.values)
        (pairs if of_pairs else names).append(words.tell(message))
    return (*names, "; ".join(pairs)) if pairs else tuple(names)


def _text_lines(text: str, width: int = WIDTH) -> int:
    return max(1, -(-len(text) // width))


def _entry_lines(entry: "Entry", words: ReportWords) -> int:
    """Estimate the lines of an entry: names stand in front of the first sentence."""
    return words.once("entry-lines", (entry,), (), lambda: _estimate(entry, words))


def _estimate(entry: "Entry", words: ReportWords) -> int:
    names = len(", ".join(entry.drugs)) + 2
    lines = 0
    for number, said in enumerate(entry.said):
        extra = names if number == 0 else 0
        extra += len(", ".join(said.about))
        more = len(words.tell_all(said.resolve)) + 24 if said.resolve else 0
        if said.origin and words.adds_origin(said.statement, said.text_ids):
            more += len(words.origin(said.statement, brief=True)) + 3
        more += len(words.brief_source((said.statement,))) + 1 if number == 0 else 0
        lines += _text_lines("x" * (len(said.text) + extra + more), _BESIDE)
    lines += bool(entry.exposures and entry.not_assessed)
    verdict = len(entry.response) + (_IF_CONFIRMED if entry.conditional else 0)
    return max(lines, _text_lines("x" * verdict, _VERDICT))


def _other_lines(report: PatientReport, page: "PageOne", words: ReportWords) -> int:
    """Estimate the lines of all but the drugs that are taken."""
    lines = _FIXED
    lines += sum(_text_lines(words.tell(x)) for x in (*report.not_reportable, *report.warnings))
    lines += sum(_text_lines(line.text) for line, _ in page.urgent) + (3 if page.urgent else 0)
    lines += sum(_entry_lines(e, words) for e in page.starting)
    lines += sum(_text_lines(", ".join((*g, *d))) for g, d in page.required_tests)
    lines += _text_lines(words.say("label-test-first")) if page.required_tests else 0
    lines += _text_lines("x" * sum(len(f"{g} {n} %, ") for g, n in page.read)) if page.read else 0
    lines += 2 * len(page.findings) + sum(_text_lines(s.text) for s in page.monogenic)
    lines += sum(_text_lines(s.text) for s in page.context)
    lines += _text_lines(words.drugs(page.silent), WIDTH) + 1 if page.silent else 0
    lines += _FACTOR_LINES if report.interpretation.factors else 0
    lines += 1 + page.steps if report.interpretation.next_tests else 0
    label = words.say("label-not-considered")
    lines += sum(_text_lines(f"{label} {x}") + 1 for x in not_considered(report, words))
    return lines + 2 * bool(page.left_out)
