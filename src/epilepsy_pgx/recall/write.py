"""What a re-analysis leaves: tables, a page, and drafts of the amendments."""

from collections import Counter
from collections.abc import Iterable
from html import escape
from pathlib import Path

from epilepsy_pgx.files import make_folder, write_text
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.recall.outcome import Difference, Outcome, Rank
from epilepsy_pgx.recall.stored import Unread
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.plainpage import cell, page_section, page_table, plain_page
from epilepsy_pgx.report.superseded import drafts_beside, put_aside
from epilepsy_pgx.report.tables import table_line
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.write import Renderers, report_folder, write_reports
from epilepsy_pgx.statement import Statement

DRAFTS = "drafts"
FORMATS = ("json", "html")
COLUMNS = (
    "state",
    "urgency",
    "sample_id",
    "report",
    "taking",
    "drugs",
    "statements",
    "rows",
    "not_told",
    "draft",
)
STATEMENTS = ("sample_id", "statement_id", "drugs", "was", "now", "rows")
OPEN = ("sample_id", "subject", "why")
STATES = ("changes", "not told", "not told in full", "context", "no change")
"""`no change` is said only where everything could be told."""
_TITLES = {
    "changes": "recall-changes",
    "not told": "recall-not-told",
    "not told in full": "recall-partly-told",
    "context": "recall-context",
    "no change": "recall-no-change",
}
_LABELS = {
    "sample_id": "label-sample",
    "urgency": "recall-urgency",
    "report": "recall-report",
    "taking": "recall-taking",
    "drugs": "recall-drugs",
    "statements": "label-statements",
    "rows": "recall-rows",
    "not_told": "recall-open",
    "draft": "status-draft",
}
"""Columns of the page, and their headings."""
_RANKS = {
    "urgent": "recall-rank-urgent",
    "act": "recall-rank-act",
    "removed": "recall-rank-removed",
    "less": "recall-rank-less",
    "consider": "recall-rank-consider",
}
_SUBJECTS = {
    "report": "recall-subject-report",
    "clinical entry": "recall-subject-entry",
    "sex": "recall-subject-sex",
}
_NAMED_SUBJECTS = {"table ": "recall-subject-table", "class of ": "recall-subject-class"}
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One patient in the tables."""

    state: str
    order: tuple[int, bool, str]
    cells: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What the tables say of one patient."""

    row: Row
    statements: tuple[str, ...]
    """Lines of statements that differ."""
    open: tuple[str, ...]
    """Lines of what cannot be told."""


class RecallWriter:
    """Writes what is found while patients come, and the tables when all have come."""

    def __init__(self, out: Path, ref: Reference, language: str = "en") -> None:
        """Remember the places, and the language of the page."""
        self._out, self._ref = out, ref
        self._renderers = Renderers(ref)
        self._words = Wording(ref, language)
        self._rows: list[Row] = []
        self._statements: list[tuple[tuple[int, bool, str], str]] = []
        self._open: list[tuple[str, str]] = []

    def add(self, outcome: Outcome) -> None:
        """Write the draft of a patient whose actions change, and keep the rows."""
        self.keep(self.told(outcome))

    def told(self, outcome: Outcome) -> Told:
        """Write the draft of a patient whose actions change; return the rows."""
        draft = ""
        if outcome.changes and outcome.draft is not None:
            folder = report_folder(outcome.sample)
            for _ in write_reports(
                [outcome.draft], self._out / DRAFTS, self._ref, FORMATS, self._renderers
            ):
                draft = f"{DRAFTS}/{folder.as_posix()}/{folder.name}.json"
        about = {d for x in outcome.differences for d in _drugs(x)}
        named = tuple(dict.fromkeys(r for x in outcome.differences for r in x.rows))
        urgency = outcome.rank.name.lower() if outcome.changes else None
        subjects = tuple(dict.fromkeys(o.subject for o in outcome.open))
        cells = (
            urgency,
            outcome.sample,
            outcome.edition or outcome.report_id,
            outcome.taking,
            tuple(sorted(about)),
            len(outcome.differences),
            named,
            subjects,
            draft,
        )
        state = state_of(outcome)
        return Told(
            Row(state, outcome.order, (state, *cells)),
            tuple(_statement_line(outcome.sample, d) for d in outcome.differences),
            tuple(table_line((outcome.sample, o.subject, o.why)) for o in outcome.open),
        )

    def keep(self, told: Told) -> None:
        """Keep the rows of a patient for the tables."""
        row = told.row
        self._rows.append(row)
        self._statements += [(row.order, line) for line in told.statements]
        self._open += [(row.order[2], line) for line in told.open]

    def add_unread(self, unread: Unread) -> None:
        """Keep a patient of whom nothing can be read."""
        state = "not told"
        cells = (state, None, unread.sample, None, (), (), 0, (), ("report",), None)
        self._rows.append(Row(state, (int(Rank.OTHER), True, unread.sample), cells))
        self._open.append((unread.sample, table_line((unread.sample, "report", unread.why))))

    @property
    def numbers(self) -> dict[str, int]:
        """How many patients are in each state."""
        found = Counter(row.state for row in self._rows)
        return {state: found[state] for state in STATES}

    def finish(self) -> None:
        """Write the tables and the page, and put aside the drafts of a recall before this one."""
        make_folder(self._out)
        kept = {(self._out / str(r.cells[-1])).parent for r in self._rows if r.cells[-1]}
        put_aside(self._out, drafts_beside(self._out / DRAFTS, kept), "draft of an earlier recall")
        rows = sorted(self._rows, key=lambda r: (STATES.index(r.state), r.order))
        write_text(
            self._out / "recall.tsv",
            table_line(COLUMNS) + "".join(table_line(r.cells) for r in rows),
        )
        write_text(
            self._out / "statements.tsv",
            table_line(STATEMENTS) + "".join(line for _, line in sorted(self._statements)),
        )
        write_text(
            self._out / "not_told.tsv",
            table_line(OPEN) + "".join(line for _, line in sorted(self._open)),
        )
        write_text(self._out / "index.html", spell_hidden(self._page(rows)))

    def _page(self, rows: list[Row]) -> str:
        say = self._words.say
        tables = say("recall-tables", version=self._ref.version, digest=self._ref.digest[:23])
        numbers = "".join(f"<li>{escape(self._title(state))}</li>" for state in STATES)
        sections = [f"<section><p>{escape(tables)}</p>\n<ul>{numbers}</ul></section>\n"]
        for state in STATES[:3]:
            mine = [r for r in rows if r.state == state]
            sections += [self._section(state, mine)] if mine else []
        return plain_page("heading-recall", sections, self._words, footer=say("label-intended-use"))

    def _title(self, state: str) -> str:
        return self._words.say(_TITLES[state], number=str(self.numbers[state]))

    def _section(self, state: str, rows: list[Row]) -> str:
        """Return the patients of one state; whoever cannot wait is never behind a limit."""
        pressing = sum(r.order[0] == Rank.URGENT for r in rows)
        shown = rows[: max(_SHOWN, pressing)]
        say = self._words.say
        body = page_table(
            [say(c) for c in _LABELS.values()], [_page_row(r, self._words) for r in shown]
        )
        if more := len(rows) - len(shown):
            rest = say("label-more-rows", number=str(more), file="recall.tsv")
            body += f"<p>{escape(rest)}</p>\n"
        return page_section(self._title(state), body)


def state_of(outcome: Outcome) -> str:
    """Return the state of a patient."""
    if outcome.changes:
        return "changes"
    if not outcome.told:
        return "not told"
    if outcome.open:
        return "not told in full"
    return "context" if outcome.differences else "no change"


def _page_row(row: Row, words: Wording) -> list[str]:
    cells = []
    values = dict(zip(COLUMNS, row.cells, strict=True))
    for name in _LABELS:
        value = values[name]
        text = cell(_shown(name, value, words))
        if name == "draft" and value:
            page = escape(str(value).removesuffix("json") + "html", quote=True)
            text = f'<a href="{page}">{escape(words.say("status-draft"))}</a>'
        cells.append(text)
    return cells


def _shown(column: str, value: object, words: Wording) -> str:
    """Return a cell of the table in words of the language."""
    if column == "urgency" and value:
        return words.say(_RANKS[str(value)])
    if not isinstance(value, tuple):
        return "" if value is None else str(value)
    if column in ("taking", "drugs"):
        return words.names(value)
    if column == "not_told":
        return ", ".join(_subject(str(v), words) for v in value)
    return ", ".join(map(str, value))


def _subject(subject: str, words: Wording) -> str:
    """Return what cannot be told; names of genes and variants stay as they are."""
    if subject in _SUBJECTS:
        return words.say(_SUBJECTS[subject])
    for start, text_id in _NAMED_SUBJECTS.items():
        if subject.startswith(start):
            return words.say(text_id, name=subject.removeprefix(start))
    return subject


def _drugs(difference: Difference) -> Iterable[str]:
    return (d for s in (difference.was, difference.now) if s is not None for d in s.drugs)


def _statement_line(sample: str, difference: Difference) -> str:
    drugs = tuple(dict.fromkeys(_drugs(difference)))
    said = map(_told, (difference.was, difference.now))
    return table_line((sample, difference.statement_id, drugs, *said, difference.rows))


def _told(statement: Statement | None) -> str | None:
    """Return tier, response and texts of a statement, as ids."""
    if statement is None:
        return None
    words = [statement.tier.value, statement.response.value, statement.text_id]
    words += [statement.action_id] if statement.action_id else []
    words += ["urgent"] if statement.urgent else []
    words += ["conditional"] if statement.conditional else []
    return " ".join(words)
