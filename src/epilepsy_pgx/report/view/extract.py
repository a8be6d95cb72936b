"""Page one alone, which the clinic may ask for: an extract that names the report it is of.

It prints what page one of the report prints. Where that refers to the sheets behind it, `INSTEAD`
has texts that refer to the full report, and no link leads off the page.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from epilepsy_pgx.authorisation import name_edition
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report import pageone
from epilepsy_pgx.report.advances import lines_of
from epilepsy_pgx.report.build import all_statements
from epilepsy_pgx.report.lines import Line, pattern_of
from epilepsy_pgx.report.papers import SIZE, Sheet
from epilepsy_pgx.report.view.model import Notice
from epilepsy_pgx.report.view.whole import View
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Statement

INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        "label-factors-more": "extract-label-factors-more",
        "label-genes-listed": "extract-label-genes-listed",
        "label-genes-unread": "extract-label-genes-unread",
        "label-left-out": "extract-label-left-out",
        "label-more-variants": "extract-label-more-variants",
        "label-pairs-behind": "extract-label-pairs-behind",
        "label-said-behind": "extract-label-said-behind",
        "label-see-context": "extract-label-see-context",
        "label-skip": "extract-label-skip",
        "label-sources-behind": "extract-label-sources-behind",
    }
)
"""Texts of page one that lead behind it, each with what stands for it where nothing is behind."""
_HERE = frozenset({"now", "options", "cause", "unseen"})
"""Parts of page one to which the table of contents leads."""
_VERSIONS = 2
"""Of the software and of the tables: the foot of printed pages has no room for more."""
_DIGEST = 23
"""Letters of a digest that tell it from others."""


def extract_of(view: View) -> View:
    """Return the view of a report of which page one alone is printed.

    Its foot has the versions, which the full report has behind page one.
    """
    versions = (
        f"{v.label}: {v.name}{f' {v.digest[:_DIGEST]}…' if v.digest else ''}"
        for v in view.methods.versions[:_VERSIONS]
    )
    return replace(
        view,
        use=f"{view.use} {'; '.join(versions)}.",
        links=tuple(link for link in view.links if link.target in _HERE),
    )


def tell_extract(report: PatientReport, number: int, words: ReportWords) -> Notice:
    """Return of which report it is an extract, and how many statements stand only there."""
    named = name_edition(report.report_id, report.authorisation)
    return Notice(
        words.say("label-extract-of", report=named),
        (words.say("label-extract", number=str(number)),),
    )


def extract_lines(report: PatientReport, words: ReportWords, sheet: Sheet) -> float:
    """Return the lines of a sheet that it takes to say that it is an extract."""
    style = sheet.plain
    told = tell_extract(report, len(all_statements(report.interpretation)), words)
    runs = ((told.heading, True), *((text, False) for text in told.said))
    height = style.line * lines_of(runs, style.face, SIZE, style.width) + 2 * style.par
    return height / style.line


def only_behind(report: PatientReport, plan: pageone.PageOne, words: ReportWords) -> int:
    """Return how many statements of a report page one does not have."""
    shown: set[tuple[object, str]] = {(x.statement.statement_id, "") for x in _lines_of(plan)}
    for entry in (*plan.current, *plan.starting):
        for line in entry.said:
            # Drugs of which the same is said share a line.
            pattern = pattern_of(line.statement, words)
            shown |= {(pattern, drug) for drug in line.about or entry.drugs}
    found = {s.statement_id: s for s in all_statements(report.interpretation)}
    return sum(not _is_shown(s, shown, words) for s in found.values())


def _is_shown(said: Statement, shown: set[tuple[object, str]], words: ReportWords) -> bool:
    if (said.statement_id, "") in shown:
        return True
    pattern = pattern_of(said, words)
    return bool(said.drugs) and all((pattern, drug) in shown for drug in said.drugs)


def _lines_of(plan: pageone.PageOne) -> Iterator[Line]:
    yield from (line for line, _ in plan.urgent)
    for entry in (*plan.current, *plan.starting):
        yield from entry.said
    yield from plan.monogenic
    yield from plan.context
