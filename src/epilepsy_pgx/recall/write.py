"""What a re-analysis leaves: tables, a page, and drafts of the amendments."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from epilepsy_pgx.files import make_folder, write_text
from epilepsy_pgx.recall.outcome import Difference, Outcome, Rank
from epilepsy_pgx.recall.stored import Unread
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.format import TEMPLATES
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
    "changes": "something to act on or consider changes",
    "not told": "cannot be told without the file",
    "not told in full": "nothing found to change, but not all can be told without the file",
    "context": "only statements without an action change",
    "no change": "nothing changes",
}
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One patient in the tables."""

    state: str
    order: tuple[int, bool, str]
    cells: tuple[object, ...]


class RecallWriter:
    """Writes what is found while patients come, and the tables when all have come."""

    def __init__(self, out: Path, ref: Reference) -> None:
        """Remember the places."""
        self._out, self._ref = out, ref
        self._renderers = Renderers(ref)
        self._intended = Wording(ref).say("label-intended-use")
        self._rows: list[Row] = []
        self._statements: list[tuple[tuple[int, bool, str], str]] = []
        self._open: list[tuple[str, str]] = []

    def add(self, outcome: Outcome) -> None:
        """Write the draft of a patient whose actions change, and keep the rows."""
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
        self._rows.append(Row(state, outcome.order, (state, *cells)))
        for difference in outcome.differences:
            self._statements.append((outcome.order, _statement_line(outcome.sample, difference)))
        self._open += [
            (outcome.sample, table_line((outcome.sample, o.subject, o.why))) for o in outcome.open
        ]

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
        """Write the tables and the page."""
        make_folder(self._out)
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
        write_text(self._out / "index.html", self._page(rows))

    def _page(self, rows: list[Row]) -> str:
        style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
        title = "Re-analysis of stored results"
        numbers = "".join(
            f"<li>{number}: {escape(_TITLES[state])}</li>" for state, number in self.numbers.items()
        )
        sections = "".join(
            self._section(state, [r for r in rows if r.state == state])
            for state in STATES[:3]
            if self.numbers[state]
        )
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">\n"
            f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
            f'<header class="top"><h1>{title}</h1></header>\n<main>\n'
            f"<section><p>Tables {escape(self._ref.version)}, "
            f"{escape(self._ref.digest[:23])}…</p>\n<ul>{numbers}</ul></section>\n"
            f"{sections}</main>\n<footer>{escape(self._intended)}</footer>\n</body>\n</html>\n"
        )

    def _section(self, state: str, rows: list[Row]) -> str:
        """Return the patients of one state; whoever cannot wait is never behind a limit."""
        pressing = sum(r.order[0] == Rank.URGENT for r in rows)
        shown = rows[: max(_SHOWN, pressing)]
        names = [c.replace("_", " ") for c in COLUMNS[1:]]
        head = "".join(f'<th scope="col">{escape(n)}</th>' for n in names)
        body = "".join(_page_row(r) for r in shown)
        more = len(rows) - len(shown)
        rest = f"<p>{more} more in recall.tsv.</p>\n" if more else ""
        return (
            f"<section><h2>{escape(_TITLES[state].capitalize())}</h2>\n<table><thead><tr>{head}"
            f"</tr></thead><tbody>\n{body}</tbody></table>\n{rest}</section>\n"
        )


def state_of(outcome: Outcome) -> str:
    """Return the state of a patient."""
    if outcome.changes:
        return "changes"
    if not outcome.told:
        return "not told"
    if outcome.open:
        return "not told in full"
    return "context" if outcome.differences else "no change"


def _page_row(row: Row) -> str:
    cells = []
    for name, value in zip(COLUMNS[1:], row.cells[1:], strict=True):
        text = escape(_shown(value))
        if name == "draft" and value:
            page = escape(str(value).removesuffix("json") + "html", quote=True)
            text = f'<a href="{page}">draft</a>'
        cells.append(f'<th scope="row">{text}</th>' if name == "sample_id" else f"<td>{text}</td>")
    return f"<tr>{''.join(cells)}</tr>\n"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)


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
