"""One tree of errors that a user can fix. Everything else is a bug and keeps its traceback."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.hidden import on_one_line


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with an input: where, what was found, what was expected, what to do."""

    file: str
    """Path as the user wrote it; `.` if the problem has no file."""
    line: int
    """1-based line; 0 if the problem has no line."""
    column: str
    """Column, key or field name; `.` if none."""
    check: str
    """Stable id of the check, in kebab case."""
    found: str
    expected: str
    fix: str
    sample: str = "."
    """Sample the problem belongs to; `.` for the whole run. Never written to a log."""

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}"
        if self.column != ".":
            place += f": {self.column}"
        text = f"{place}: found {self.found}"
        if self.expected not in ("", "."):
            text += f", expected {self.expected}"
        text += f" [{self.check}]"
        if self.fix not in ("", "."):
            text += f". {self.fix}"
        # What is quoted was written by others: it stays on its line, and turns nothing.
        return on_one_line(text)


class PgxError(Exception):
    """An error that the user can fix. Carries every problem found, sorted."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Problem, ...]]]:
        """Say how another process makes it again: of its problems, not of their text."""
        return type(self), (self.problems,)

    @classmethod
    def one(
        cls,
        check: str,
        *,
        found: str,
        expected: str = ".",
        fix: str = ".",
        file: str = ".",
        line: int = 0,
        column: str = ".",
        sample: str = ".",
    ) -> Self:
        """Return the error for a single problem."""
        return cls([Problem(str(file), line, column, check, found, expected, fix, sample)])


class InputError(PgxError):
    """A VCF, sample sheet, BED, HLA or other patient file that cannot be used."""


class TableError(PgxError):
    """A curated table that breaks its schema or a check."""


class ConfigError(PgxError):
    """A configuration or command line that cannot be used."""


class PlaceError(ConfigError):
    """A folder or file that cannot be written: it ends the run, whichever patient is being read."""


class EngineError(PgxError):
    """A program that this one runs in a process of its own, and that did not do its job."""


@contextmanager
def gathering(problems: list[Problem]) -> Iterator[None]:
    """Add the problems of what fails inside to a list, so that all of several things are said."""
    try:
        yield
    except PgxError as error:
        problems += error.problems


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with the word for one, or for several: by default that with an s."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"
