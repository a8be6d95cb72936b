"""Whether page one fits its sheet, and what gives way if it does not.

Lines are estimated, for a browser chooses its font. What never gives way goes on on a second sheet,
which then holds what the first has no room for, and the first says so.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.lines import pattern_of
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Statement, ValueKind
from epilepsy_pgx.vocabulary import Classification, Origin, Response, Tier

if TYPE_CHECKING:
    from epilepsy_pgx.report.lines import Line
    from epilepsy_pgx.report.pageone import Entry, PageOne

FIRST = 3
"""Items of what to settle next that page one names."""
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
_QUIET = (
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
_CAUSAL = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)


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
    shorter = []
    for plan in _plans(page, currents, words):
        size = _lines_of(plan, report, words)
        if size <= lines:
            return plan
        shorter.append((size, plan))
    found = (plan for size, plan in shorter if sheets > 1 and size <= lines * sheets)
    return replace(next(found, shorter[-1][1]), goes_on=True)


def _plans(
    page: "PageOne", currents: Iterable[tuple["Entry", ...]], words: ReportWords
) -> Iterator["PageOne"]:
    """Yield page one from the fullest to the shortest; what is left out is counted."""
    for current in currents:
        page = replace(page, current=current)
        yield page
    for _, give in GIVES_WAY:
        for shorter in give(page, words):
            page = shorter
            yield page


def _quiet_drugs(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    for response in _QUIET:
        for entry in reversed(page.starting):
            if entry.response is response and not _asks_to_act(entry):
                starting = tuple(e for e in page.starting if e is not entry)
                page = replace(page, starting=starting, left_out=page.left_out + 1)
                yield page


def _verdicts_alone(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    """Leave out what else is said of drugs to start that are not planned.

    It goes before anything of a drug that is taken.
    """
    starting = tuple(e if e.planned else _acting(e) for e in page.starting)
    left = _sentences(page.starting) - _sentences(starting)
    yield replace(page, starting=starting, left_out=page.left_out + left)


def _other_findings(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    kept = tuple(f for f in page.findings if f.classification in _CAUSAL)
    more = page.more_findings + len(page.findings) - len(kept)
    yield replace(page, findings=kept, more_findings=more, read=())


def _boxed_drugs(page: "PageOne", words: ReportWords) -> Iterator["PageOne"]:
    """Refer to the urgent box for what it says of drugs to start; nothing is left out by it."""
    boxed = {
        (pattern_of(s, words), s.text_id, s.action_id, drug)
        for s in (line.statement for line, _ in page.urgent)
        for drug in s.drugs
    }

    def outside(entry: "Entry") -> "tuple[Line, ...]":
        return tuple(
            line
            for line in entry.said
            for s in (line.statement,)
            if not all(
                (pattern_of(s, words), s.text_id, s.action_id, drug) in boxed
                for drug in line.about or entry.drugs
            )
        )

    said = ((entry, outside(entry)) for entry in page.starting)
    starting = tuple(
        entry if lines == entry.said else replace(entry, said=lines, urgent=True)
        for entry, lines in said
    )
    yield replace(page, starting=starting)


def _acting_starts(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    starting = tuple(map(_acting, page.starting))
    left = _sentences(page.starting) - _sentences(starting)
    yield replace(page, starting=starting, left_out=page.left_out + left)


def _acting_currents(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    current = tuple(map(_acting, page.current))
    left = _sentences(page.current) - _sentences(current)
    yield replace(page, current=current, left_out=page.left_out + left)


def _acting_genes(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    kept = tuple(line for line in page.monogenic if line.statement.tier is Tier.ACT)
    left = len(page.monogenic) - len(kept)
    yield replace(page, monogenic=kept, left_out=page.left_out + left)


def _other_context(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    """Leave out what of the clinical context asks for no action, the last first.

    What is said of the patient as a whole is never left out as a whole: one line stays.
    """
    for line in reversed(page.context):
        if len(page.context) > 1 and line.statement.tier is not Tier.ACT:
            context = tuple(x for x in page.context if x is not line)
            page = replace(page, context=context, left_out=page.left_out + 1)
            yield page


GIVES_WAY: tuple[tuple[str, Callable[["PageOne", ReportWords], Iterator["PageOne"]]], ...] = (
    ("drugs to start of which nothing asks for action", _quiet_drugs),
    ("of drugs to start, not planned: all but actions and the verdict's reason", _verdicts_alone),
    ("variants without a causal class, and which genes were read", _other_findings),
    ("of drugs to start: what the urgent box says in full", _boxed_drugs),
    ("of drugs to start that are planned: the same", _acting_starts),
    ("of drugs in use: all but actions and the reason of the verdict", _acting_currents),
    ("gene findings that ask for no action", _acting_genes),
    ("clinical context that asks for no action, but for one line", _other_context),
)
"""In which order room is given up, once drugs in use are said in short. What stands in no row never
gives way: the urgent box, lines to act on, drugs to avoid, drugs that are planned, a line of the
clinical context, and the first items of what to settle next."""


def _sentences(entries: "Iterable[Entry]") -> int:
    return sum(len(entry.said) for entry in entries)


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
    steps = min(FIRST, len(report.interpretation.next_tests))
    lines += 1 + steps if steps else 0
    label = words.say("label-not-considered")
    lines += sum(_text_lines(f"{label} {x}") + 1 for x in not_considered(report, words))
    return lines + 2 * bool(page.left_out)
