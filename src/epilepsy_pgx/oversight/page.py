"""Tables and the page of run charts."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from datetime import date
from html import escape
from pathlib import Path
from statistics import median

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.files import make_folder, write_text
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.ledger.book import has_ledger
from epilepsy_pgx.ledger.editions import reading
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.oversight.controls import (
    ABSENT,
    AGREES,
    DIFFERS,
    UNSAID,
    Control,
    Expected,
    check_controls,
)
from epilepsy_pgx.oversight.turnaround import (
    STAGES,
    Course,
    StageDays,
    courses,
    due,
    expired,
    stage_rows,
    valid_samples,
    waiting,
)
from epilepsy_pgx.recall.stored import Stored, stored_results
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.plainpage import cell, page_section, page_table, plain_page
from epilepsy_pgx.report.superseded import put_aside
from epilepsy_pgx.report.tables import table_line
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.vocabulary import Check, CheckOutcome

CONTROLS = ("run", "date", "tables", "sample_id", "gene", "expected", "found", "outcome")
RUNS = (
    "run",
    "date",
    "tables",
    "patients",
    "not_reportable",
    "usable_positions",
    "controls",
    "controls_agree",
)
EQA = (
    "sample_id",
    "gene",
    "diplotype",
    "phenotype",
    "activity_score",
    "status",
    "software",
    "tables",
)
EXPIRED = ("report", "sample_id", "listed")
WAITING = ("priority", "accession", "sample_id", "state", "days_since_receipt")
_WIDTH, _HEIGHT, _LEFT = 640, 120, 40
_STYLE = "svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:currentColor}"
_LABELS = {
    "run": "oversight-run",
    "date": "oversight-date",
    "tables": "label-tables",
    "patients": "oversight-patients",
    "not_reportable": "oversight-not-reportable",
    "usable_positions": "oversight-usable",
    "controls": "oversight-control-number",
    "controls_agree": "oversight-agree",
    "sample_id": "label-sample",
    "gene": "label-gene",
    "expected": "oversight-expected",
    "found": "label-found",
    "outcome": "oversight-outcome",
    "priority": "order-priority",
    "accession": "label-accession",
    "state": "oversight-state",
    "days_since_receipt": "oversight-days",
    "stage": "oversight-stage",
    "median": "oversight-median",
    "longest": "oversight-longest",
    "report": "recall-report",
    "released": "oversight-released",
    "listed": "oversight-listed",
}
"""Heading on the page by column of the tables."""
_WORDS = {
    "outcome": {
        AGREES: "oversight-agrees",
        DIFFERS: "oversight-differs",
        ABSENT: "oversight-missing",
        UNSAID: "oversight-unsaid",
    },
    "priority": {"stat": "order-priority-stat", "routine": "order-priority-routine"},
    "state": {
        "refused": "order-state-refused",
        "waiting": "order-state-waiting",
        "accepted": "order-state-accepted",
    },
}
"""Text by word, in the columns whose words are the program's."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run was like."""

    name: str
    day: str
    tables: str
    patients: int
    stopped: int
    usable: float | None
    """Median part of the curated positions that could be used, in per cent."""
    controls: tuple[Control, ...]

    @property
    def agreeing(self) -> int:
        """Controls that agree."""
        return sum(c.outcome == AGREES for c in self.controls)

    @property
    def cells(self) -> tuple[object, ...]:
        """The run as a row."""
        usable = None if self.usable is None else f"{self.usable:.1f}"
        return (
            self.name,
            self.day,
            self.tables,
            self.patients,
            self.stopped,
            usable,
            len(self.controls),
            self.agreeing,
        )


@dataclass(slots=True)
class Oversight:
    """What is found in the folders of results."""

    runs: list[Run] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    due: list[tuple[str, str, str]] = field(default_factory=list)
    expired: list[tuple[str, str, str]] = field(default_factory=list)
    exported: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    """Samples to export that no run has."""

    @property
    def wrong(self) -> list[Control]:
        """Controls that do not agree."""
        return [c for run in self.runs for c in run.controls if c.outcome != AGREES]


def look_at(
    folders: Sequence[Path],
    expected: Sequence[Expected],
    years: int,
    exported: Iterable[str] = (),
    refs: Sequence[Reference] = (),
) -> Oversight:
    """Read some folders of results, each a run.

    Parameters
    ----------
    years
        How long reports are kept; 0 if nothing is due.
    exported
        Samples whose results are exported for an outside check.
    refs
        Tables that may have made what a workflow keeps without drafts as JSON.
    """
    found, wanted = Oversight(), frozenset(exported)
    found.unknown |= wanted
    for folder in folders:
        if not folder.is_dir():
            raise InputError.one(
                "results-stored",
                file=str(folder),
                found="no folder",
                expected="a folder of results",
            )
    for folder in folders:
        reports = [s.report for s in stored_results(folder, refs) if isinstance(s, Stored)]
        found.runs.append(_run(folder.resolve().name, reports, expected))
        entries, standing = [], []
        if has_ledger(folder):
            with reading(folder) as book:
                entries, standing = book.entries(), book.standing()
        found.courses += courses(reports, entries, valid_samples(standing))
        found.expired += expired(reports, date.today().isoformat())
        found.due += due(entries, years, date.today().isoformat()) if years else []
        mine = (r for r in reports if r.patient.sample_id in wanted)
        found.exported += [row for report in mine for row in _eqa_rows(report)]
        found.unknown -= {r.patient.sample_id for r in reports}
    found.runs.sort(key=lambda r: (r.day, r.name))
    return found


def _run(name: str, reports: Sequence[PatientReport], expected: Sequence[Expected]) -> Run:
    days = sorted(r.provenance.created[:10] for r in reports)
    tables = Counter(r.provenance.reference_version for r in reports)
    parts = [p for r in reports if (p := _usable(r)) is not None]
    return Run(
        name,
        days[-1] if days else "",
        tables.most_common(1)[0][0] if tables else "",
        len(reports),
        sum(bool(r.not_reportable) for r in reports),
        median(parts) if parts else None,
        tuple(check_controls(name, reports, expected)),
    )


def _usable(report: PatientReport) -> float | None:
    for check in report.quality.checks if report.quality else ():
        figures = dict(check.measured)
        if check.check is Check.CALL_RATE and check.outcome is not CheckOutcome.NOT_ASSESSED:
            return 100 * int(figures["usable"]) / max(1, int(figures["positions"]))
    return None


def _eqa_rows(report: PatientReport) -> Iterable[str]:
    """Yield what an outside check asks for: results of genes, and nothing of the person."""
    made = report.provenance
    for gene in report.genes:
        yield table_line(
            (
                report.patient.sample_id,
                gene.gene,
                gene.shown,
                gene.phenotypes,
                tuple(map(str, gene.activity_scores)),
                gene.status.value,
                f"{made.software} {made.software_version}",
                made.reference_version,
            )
        )


def write_oversight(
    found: Oversight, out: Path, orders: Path | None, today: str, words: Wording
) -> None:
    """Write the tables, and the page in a language."""
    make_folder(out)
    queue = waiting(orders, found.courses, today) if orders is not None else []
    controls = [c.cells for run in found.runs for c in run.controls]
    stages = stage_rows(found.courses)
    tables: dict[str, tuple[Sequence[str], Sequence[Sequence[object]]]] = {
        "runs.tsv": (RUNS, [r.cells for r in found.runs]),
        "controls.tsv": (CONTROLS, controls),
        "turnaround.tsv": (
            ("stage", "patients", "median_days", "longest_days"),
            [s.cells for s in stages],
        ),
        "waiting.tsv": (WAITING, queue),
        "due.tsv": (("report", "sample_id", "released"), found.due),
        "expired.tsv": (EXPIRED, found.expired),
    }
    for name, (columns, rows) in tables.items():
        lines = [table_line(columns), *(table_line(row) for row in rows)]
        write_text(out / name, "".join(lines))
    if found.exported:
        write_text(out / "eqa.tsv", table_line(EQA) + "".join(found.exported))
    else:
        put_aside(out, [out / "eqa.tsv"], "export of an earlier call")
    write_text(out / "index.html", spell_hidden(_page(found, stages, queue, words)))


def _page(
    found: Oversight,
    stages: Sequence[StageDays],
    queue: Sequence[tuple[object, ...]],
    words: Wording,
) -> str:
    wrong = [c.cells for c in found.wrong]
    charts = (
        ("oversight-chart-controls", lambda r: _part(r.agreeing, len(r.controls)), 100.0),
        ("oversight-chart-positions", lambda r: r.usable, 100.0),
        ("oversight-chart-stopped", lambda r: _part(r.stopped, r.patients), None),
    )
    drawn = "".join(_chart(title, found.runs, value, top, words) for title, value, top in charts)
    runs = _table(RUNS, [r.cells for r in found.runs], words)
    sections = (
        _section("oversight-controls", CONTROLS, wrong, words),
        page_section(words.say("oversight-runs", number=str(len(found.runs))), drawn + runs),
        _section("oversight-waiting", WAITING, queue, words),
        _section(
            "oversight-turnaround",
            ("stage", "patients", "median", "longest"),
            [_stage_row(s, words) for s in stages],
            words,
        ),
        _section("oversight-expired", EXPIRED, found.expired, words),
        _section("oversight-due", ("report", "sample_id", "released"), found.due, words),
    )
    return plain_page("heading-oversight", sections, words, _STYLE)


def _stage_row(stage: StageDays, words: Wording) -> tuple[object, ...]:
    names = {n: words.say(STAGES[v]) for n, v in (("first", stage.first), ("last", stage.last))}
    return words.say("oversight-from-to", **names), *stage.cells[1:]


def _part(number: int, total: int) -> float | None:
    return 100 * number / total if total else None


def _section(
    title: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]], words: Wording
) -> str:
    none = f"<p>{cell(words.say('oversight-none'))}</p>\n"
    said = {"number": str(len(rows))} if "number" in words.placeholders(title) else {}
    return page_section(words.say(title, **said), _table(columns, rows, words) if rows else none)


def _table(columns: Sequence[str], rows: Sequence[tuple[object, ...]], words: Wording) -> str:
    def shown(column: str, value: object) -> str:
        text_id = _WORDS.get(column, {}).get(str(value))
        return cell(words.say(text_id) if text_id else _numbered(value, words))

    return page_table(
        [words.say(_LABELS[c]) for c in columns],
        ([shown(c, v) for c, v in zip(columns, row, strict=True)] for row in rows),
    )


def _numbered(value: object, words: Wording) -> object:
    """Return a decimal number with the mark of the language, anything else as it is."""
    return words.number(value) if re.fullmatch(r"\d+\.\d", str(value)) else value


def _chart(
    text_id: str,
    runs: Sequence[Run],
    value: Callable[[Run], float | None],
    top: float | None,
    words: Wording,
) -> str:
    """Return a run chart: a point for each run, and their median as a line."""
    title = words.say(text_id)
    points = [(i, r, v) for i, r in enumerate(runs) if (v := value(r)) is not None]
    if not points:
        return ""
    numbers = [v for _, _, v in points]
    high = top if top is not None else max(*numbers, 1.0)
    step = (_WIDTH - _LEFT - 20) / max(1, len(runs) - 1)

    def place(i: int, v: float) -> tuple[float, float]:
        return _LEFT + 10 + i * step, 10 + (_HEIGHT - 30) * (1 - v / high)

    middle = place(0, median(numbers))[1]
    line = " ".join("{:.1f},{:.1f}".format(*place(i, v)) for i, _, v in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1d5b8f"><title>{escape(r.name)}, '
        f"{escape(r.day)}: {words.number(f'{v:.1f}')}</title></circle>"
        for i, r, v in points
        for x, y in [place(i, v)]
    )
    said = "; ".join(f"{r.name} {words.number(f'{v:.1f}')}" for _, r, v in points)
    return (
        f'<figure><figcaption>{escape(title)}</figcaption>\n<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" aria-label="{escape(title, quote=True)}: {escape(said, quote=True)}">'
        f'<text x="0" y="14">{high:g}</text><text x="0" y="{_HEIGHT - 18}">0</text>'
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{middle:.1f}" y2="{middle:.1f}" '
        'stroke="#7f97ad" stroke-dasharray="4 3"/>'
        f'<polyline points="{line}" fill="none" stroke="#1d5b8f"/>{dots}</svg></figure>\n'
    )
