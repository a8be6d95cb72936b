"""Whether page one fits its sheet, and what gives way if it does not.

Lines are estimated, for a browser chooses its font. What never gives way goes on on a second sheet,
which then holds what the first has no room for, and the first says so.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.lines import Length, line_of, pattern_of, say_once
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Message, Statement, ValueKind
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
_WIDTH_DENSE = 95
"""Letters of a line where page one is printed densely, with narrower margins."""
_FIXED_DENSE = 12
"""The same where page one is printed densely: its lines and headings are lower, too."""
_RELEASED = 5
"""Lines that the names of a release take more than empty lines to sign."""
_MISSING = 40
"""Letters of what names the genes of a drug in use that were not read."""
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
    plans = []
    for plan in _plans(page, currents, words):
        if _lines_of(plan, report, words) <= lines:
            return plan
        plans.append(replace(plan, dense=True))
    # Denser printing comes last, for it is harder to read, but before a second sheet.
    sizes = [_lines_of(plan, report, words) for plan in plans]
    for most in range(1, sheets + 1):
        for size, plan in zip(sizes, plans, strict=True):
            if size <= lines * most:
                return replace(plan, goes_on=most > 1)
    return replace(plans[-1], goes_on=True)


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


def _pairs_behind(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    """Count the pairs of drugs that nobody checked, and name them behind page one."""
    yield replace(page, pairs_behind=True)


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
        for line, _ in page.urgent
        for s in (line.statement,)
        for drug in line.about or s.drugs
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


def _short_plans(page: "PageOne", words: ReportWords) -> Iterator["PageOne"]:
    """Say of planned drugs in the short forms what was said in full; nothing is left out."""

    def short(entry: "Entry", line: "Line") -> "Line":
        said = line.statement
        if not line.text_ids:
            return line  # It refers to the line of another drug.
        hedge = not (entry.conditional and said.response is entry.response)
        return line_of(said, words, length=Length.SHORT, hedge=hedge)

    starting = tuple(
        replace(e, said=say_once([short(e, x) for x in e.said], words)) if e.planned else e
        for e in page.starting
    )
    yield replace(page, starting=starting)


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
    ("names of pairs of drugs that nobody checked, which are counted", _pairs_behind),
    ("of drugs to start: what the urgent box says in full", _boxed_drugs),
    ("of drugs that are planned: the full sentences", _short_plans),
    (
        "of drugs to start that are planned: all but actions and the verdict's reason",
        _acting_starts,
    ),
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
    lines = sum(_text_lines("x" * n, _BESIDE) for n in _letters(entry, words))
    lines += bool(entry.exposures and entry.not_assessed)
    return max(lines, _text_lines("x" * _verdict_letters(entry), _VERDICT))


def _dense_lines(entry: "Entry", words: ReportWords) -> int:
    """Estimate the lines of an entry in one paragraph."""
    return words.once("dense-lines", (entry,), (), lambda: _dense(entry, words))


def _dense(entry: "Entry", words: ReportWords) -> int:
    letters = _verdict_letters(entry) + 3 + sum(n + 3 for n in _letters(entry, words))
    letters += _MISSING if entry.exposures and entry.not_assessed else 0
    return _text_lines("x" * letters, _WIDTH_DENSE)


def _verdict_letters(entry: "Entry") -> int:
    return len(entry.response) + (_IF_CONFIRMED if entry.conditional else 0)


def _letters(entry: "Entry", words: ReportWords) -> list[int]:
    """Return the letters of each sentence of an entry, with what stands around it."""
    names = len(", ".join(entry.drugs)) + 2
    letters = []
    for number, said in enumerate(entry.said):
        extra = names if number == 0 else 0
        extra += len(", ".join(said.about))
        more = len(words.tell_all(said.resolve)) + 24 if said.resolve else 0
        if said.origin and words.adds_origin(said.statement, said.text_ids):
            more += len(words.origin(said.statement, brief=True)) + 3
        more += len(words.brief_source((said.statement,))) + 1 if number == 0 else 0
        letters.append(len(said.text) + extra + more)
    return letters or [names]


def _other_lines(report: PatientReport, page: "PageOne", words: ReportWords) -> int:
    """Estimate the lines of all but the drugs."""
    lines = _FIXED
    if page.dense:
        lines = _FIXED_DENSE + (_RELEASED if report.authorisation else 0)
    width = _WIDTH_DENSE if page.dense else WIDTH
    lines += sum(
        _text_lines(words.tell(x), width) for x in (*report.not_reportable, *report.warnings)
    )
    lines += sum(_text_lines(line.text, width) for line, _ in page.urgent) + (
        3 if page.urgent else 0
    )
    lines += _gate_lines(page, words)
    lines += _text_lines("x" * sum(len(f"{g} {n} %, ") for g, n in page.read)) if page.read else 0
    lines += 2 * len(page.findings) + sum(_text_lines(s.text, width) for s in page.monogenic)
    lines += sum(_text_lines(s.text, width) for s in page.context)
    lines += _text_lines(words.drugs(page.silent), WIDTH) + 1 if page.silent else 0
    lines += _FACTOR_LINES if report.interpretation.factors else 0
    steps = min(FIRST, len(report.interpretation.next_tests))
    lines += 1 + steps if steps else 0
    label = words.say("label-not-considered")
    lines += sum(
        _text_lines(f"{label} {x}", width) for x in told_not_considered(report, page, words)
    )
    return lines + 2 * bool(page.left_out)


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
