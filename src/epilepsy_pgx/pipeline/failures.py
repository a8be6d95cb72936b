"""Patients without a report: what is kept of them, written in tables and said on the terminal."""

from collections.abc import Iterable

from epilepsy_pgx.errors import Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline.faults import first_lines
from epilepsy_pgx.report.tables import table_line

PROBLEM_COLUMNS = ("sample_id", "check", "file", "line", "column", "found", "expected", "fix")


@dataclass(frozen=True, slots=True)
class Failure:
    """A patient without a report, and why."""

    sample_id: str
    problems: tuple[Problem, ...]


Result = PatientReport | Failure
"""What the stages pass on of each patient."""


def failure_lines(failures: Iterable[Failure], *, named: bool) -> list[str]:
    """Return what a command prints of failed patients: the first, and the number of the rest.

    Parameters
    ----------
    named
        True if the ids are those of a sheet; the names of a file's columns may be people's.
    """
    return first_lines(
        (f"{f.sample_id}: " if named and f.sample_id != "." else "") + str(p)
        for f in failures
        for p in f.problems
    )


def problem_lines(failure: Failure) -> list[str]:
    """Return the table lines of one failed patient; what several samples have is said once."""
    return [
        table_line(
            (failure.sample_id, p.check, p.file, p.line, p.column, p.found, p.expected, p.fix)
        )
        for p in dict.fromkeys(failure.problems)
    ]
