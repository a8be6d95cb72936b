"""Control samples: what is expected of them, by version of the tables, and what was found."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.table import MISSING, read_table
from epilepsy_pgx.model import GeneResult, PatientReport

COLUMNS = ("sample_id", "gene", "expected", "tables")
ABSENT, AGREES, DIFFERS, UNSAID = "missing", "agrees", "differs", "nothing expected"
"""What came of a control; the last if no row says what these tables must give."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a control sample must give for one gene."""

    sample: str
    gene: str
    expected: frozenset[str]
    """Diplotype or phenotype; all candidates where several are expected."""
    tables: str
    """Version of the tables that it holds for; empty for every other one."""


@dataclass(frozen=True, slots=True)
class Control:
    """One control sample in one run."""

    run: str
    day: str
    tables: str
    sample: str
    gene: str
    expected: str
    found: str
    outcome: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The control as a row."""
        return (
            self.run,
            self.day,
            self.tables,
            self.sample,
            self.gene,
            self.expected,
            self.found,
            self.outcome,
        )


def read_controls(path: Path) -> list[Expected]:
    """Read a table of expected results; a row with `tables` holds for that version alone.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    table = read_table(path, "controls-readable")
    problems = [
        Problem(
            str(path),
            1,
            c,
            "controls",
            "no column of this name",
            f"the columns {COLUMNS}",
            "Add it.",
        )
        for c in COLUMNS[:3]
        if c not in table.header
    ]
    found = []
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in table.rows if not problems else ():
        given = {c: "" if (v := cells.get(c, "")) in MISSING else v for c in COLUMNS}
        key = (given["sample_id"], given["gene"], given["tables"])
        lacking = [c for c in COLUMNS[:3] if not given[c]]
        if lacking or key in seen:
            what = "nothing" if lacking else f"the control of line {seen[key]} again"
            column = lacking[0] if lacking else "gene"
            problems.append(
                Problem(
                    str(path),
                    line,
                    column,
                    "controls",
                    what,
                    "one expected result in each row",
                    "Correct the row.",
                )
            )
        seen.setdefault(key, line)
        names = frozenset(w.strip() for w in given["expected"].split("|"))
        found.append(Expected(given["sample_id"], given["gene"], names, given["tables"]))
    if problems:
        raise InputError(problems)
    return found


def check_controls(
    run: str, reports: Iterable[PatientReport], expected: Sequence[Expected]
) -> Iterator[Control]:
    """Compare the control samples of one run; one that is not in the run is missing."""
    asked: dict[tuple[str, str], list[Expected]] = {}
    for one in expected:
        asked.setdefault((one.sample, one.gene), []).append(one)
    samples = {one.sample for one in expected}
    seen: set[str] = set()
    for report in reports:
        sample = report.patient.sample_id
        if sample not in samples:
            continue
        seen.add(sample)
        made = report.provenance
        genes = {g.gene: g for g in report.genes}
        for (name, gene), rows in asked.items():
            wanted = _for_tables(rows, made.reference_version)
            if name != sample:
                continue
            names = frozenset() if wanted is None else wanted.expected
            outcome, shown = _compare(genes.get(gene), names, report)
            # A control that dropped out with other tables is no control that agrees.
            outcome = UNSAID if wanted is None else outcome
            text = "|".join(sorted(names))
            yield Control(
                run, made.created[:10], made.reference_version, sample, gene, text, shown, outcome
            )
    for sample in sorted(samples - seen):
        yield Control(run, "", "", sample, "", "", "", ABSENT)


def _for_tables(rows: Sequence[Expected], version: str) -> Expected | None:
    exact = [r for r in rows if r.tables == version]
    return next(iter([*exact, *(r for r in rows if not r.tables)]), None)


def _compare(
    result: GeneResult | None, expected: frozenset[str], report: PatientReport
) -> tuple[str, str]:
    """Compare diplotypes, or phenotypes where those are expected; a stopped report has none."""
    if report.not_reportable or result is None:
        return DIFFERS, "not reportable" if report.not_reportable else "no result"
    shown, phenotypes = frozenset(result.shown), frozenset(result.phenotypes)
    agrees = expected in (shown, phenotypes)
    return AGREES if agrees else DIFFERS, "|".join(sorted(shown)) or result.status.value
