"""Tables and the page of run charts."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from pathlib import Path
from statistics import median

from epilepsy_pgx.files import make_folder, write_text
from epilepsy_pgx.ledger.book import opened
from epilepsy_pgx.ledger.entries import FILE
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.oversight.controls import AGREES, Control, Expected, check_controls
from epilepsy_pgx.oversight.turnaround import Course, courses, due, stage_rows, waiting
from epilepsy_pgx.recall.stored import Stored, stored_results
from epilepsy_pgx.report.format import TEMPLATES
from epilepsy_pgx.report.tables import table_line
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
WAITING = ("priority", "accession", "sample_id", "state", "days_since_receipt")
_WIDTH, _HEIGHT, _LEFT = 640, 120, 40


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
    exported: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[Control]:
        """Controls that do not agree."""
        return [c for run in self.runs for c in run.controls if c.outcome != AGREES]


def look_at(
    folders: Sequence[Path], expected: Sequence[Expected], years: int, exported: Iterable[str] = ()
) -> Oversight:
    """Read some folders of results, each a run.

    Parameters
    ----------
    years
        How long reports are kept; 0 if nothing is due.
    exported
        Samples whose results are exported for an outside check.
    """
    found, wanted = Oversight(), frozenset(exported)
    for folder in folders:
        reports = [s.report for s in stored_results(folder) if isinstance(s, Stored)]
        found.runs.append(_run(folder.resolve().name, reports, expected))
        entries = []
        if (folder / FILE).is_file():
            with opened(folder) as book:
                entries = book.entries()
        found.courses += courses(reports, entries)
        found.due += due(entries, years, date.today().isoformat()) if years else []
        mine = (r for r in reports if r.patient.sample_id in wanted)
        found.exported += [row for report in mine for row in _eqa_rows(report)]
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


def write_oversight(found: Oversight, out: Path, orders: Path | None, today: str) -> None:
    """Write the tables and the page."""
    make_folder(out)
    queue = waiting(orders, found.courses, today) if orders is not None else []
    controls = [c.cells for run in found.runs for c in run.controls]
    stages = stage_rows(found.courses)
    tables: dict[str, tuple[Sequence[str], Sequence[Sequence[object]]]] = {
        "runs.tsv": (RUNS, [r.cells for r in found.runs]),
        "controls.tsv": (CONTROLS, controls),
        "turnaround.tsv": (("stage", "patients", "median_days", "longest_days"), stages),
        "waiting.tsv": (WAITING, queue),
        "due.tsv": (("report", "sample_id", "released"), found.due),
    }
    for name, (columns, rows) in tables.items():
        lines = [table_line(columns), *(table_line(row) for row in rows)]
        write_text(out / name, "".join(lines))
    if found.exported:
        write_text(out / "eqa.tsv", table_line(EQA) + "".join(found.exported))
    write_text(out / "index.html", _page(found, stages, queue))


def _page(
    found: Oversight, stages: Sequence[tuple[object, ...]], queue: Sequence[tuple[object, ...]]
) -> str:
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    wrong = [c.cells for c in found.wrong]
    charts = (
        ("Controls that agree, per cent", lambda r: _part(r.agreeing, len(r.controls)), 100.0),
        ("Positions that could be used, median per cent", lambda r: r.usable, 100.0),
        ("Samples that failed a check, per cent", lambda r: _part(r.stopped, r.patients), None),
    )
    drawn = "".join(_chart(title, found.runs, value, top) for title, value, top in charts)
    sections = (
        _section("Controls that do not agree", CONTROLS, wrong, "none"),
        f"<section><h2>Runs</h2>\n{drawn}{_table(RUNS, [r.cells for r in found.runs])}</section>\n",
        _section("Waiting, what cannot wait first", WAITING, queue, "nothing"),
        _section("Turnaround in days", ("stage", "patients", "median", "longest"), stages, "none"),
        _section(
            "Older than they must be kept", ("report", "sample", "released"), found.due, "none"
        ),
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>Quality over time</title>\n<style>{style}svg{{max-width:100%;height:auto}}"
        "svg text{font:12px system-ui,sans-serif;fill:currentColor}</style>\n</head>\n<body>\n"
        '<header class="top"><h1>Quality over time</h1></header>\n'
        f"<main>\n{''.join(sections)}</main>\n</body>\n</html>\n"
    )


def _part(number: int, total: int) -> float | None:
    return 100 * number / total if total else None


def _section(
    title: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]], none: str
) -> str:
    body = _table(columns, rows) if rows else f"<p>{none}</p>\n"
    return f"<section><h2>{escape(title)}: {len(rows)}</h2>\n{body}</section>\n"


def _table(columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(c.replace("_", " "))}</th>' for c in columns)
    body = ""
    for row in rows:
        cells = [escape("–" if c in (None, "") else str(c)) for c in row]
        rest = "".join(f"<td>{c}</td>" for c in cells[1:])
        body += f'<tr><th scope="row">{cells[0]}</th>{rest}</tr>\n'
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n"


def _chart(
    title: str, runs: Sequence[Run], value: Callable[[Run], float | None], top: float | None
) -> str:
    """Return a run chart: a point for each run, and their median as a line."""
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
        f"{escape(r.day)}: {v:.1f}</title></circle>"
        for i, r, v in points
        for x, y in [place(i, v)]
    )
    said = "; ".join(f"{r.name} {v:.1f}" for _, r, v in points)
    return (
        f'<figure><figcaption>{escape(title)}</figcaption>\n<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" aria-label="{escape(title, quote=True)}: {escape(said, quote=True)}">'
        f'<text x="0" y="14">{high:g}</text><text x="0" y="{_HEIGHT - 18}">0</text>'
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{middle:.1f}" y2="{middle:.1f}" '
        'stroke="#7f97ad" stroke-dasharray="4 3"/>'
        f'<polyline points="{line}" fill="none" stroke="#1d5b8f"/>{dots}</svg></figure>\n'
    )
