"""A line on a whole run of the tests, for `docs/receipts.tsv`.

A plugin that `make test-full` names. A run counts only where the commit says what was tested:
nothing is written if files differ from it before or after, or if the run was interrupted.
"""

import platform
import subprocess
import time
from collections.abc import Mapping, Sized
from datetime import UTC, datetime
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[1] / "docs" / "receipts.tsv"
COLUMNS = ("date", "commit", "seconds", "passed", "skipped", "failed", "python")


def state(folder: Path) -> tuple[str, bool]:
    """Return the commit of a checkout, and whether its files are those of the commit."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, check=True
        ).stdout.strip()

    return git("rev-parse", "HEAD"), not git("status", "--porcelain")


def line(commit: str, seconds: float, outcomes: Mapping[str, Sized]) -> str:
    """Return the line on a run.

    Parameters
    ----------
    commit
        What was tested.
    seconds
        How long it took.
    outcomes
        The reports by outcome, as pytest keeps them. An error counts as a failure.
    """
    count = {name: len(reports) for name, reports in outcomes.items()}
    cells = (
        datetime.now(UTC).date().isoformat(),
        commit,
        f"{seconds:.0f}",
        count.get("passed", 0),
        count.get("skipped", 0),
        count.get("failed", 0) + count.get("error", 0),
        platform.python_version(),
    )
    return "\t".join(map(str, cells)) + "\n"


class Receipt:
    """Notes the state of the checkout at the start of a run, and writes its line at the end."""

    def __init__(self, file: Path = FILE) -> None:
        self._file = file
        self._began = time.monotonic()
        self._before = state(file.parent)

    def write(self, outcomes: Mapping[str, Sized]) -> str:
        """Add the line if the run counts; return what was done."""
        if not self._before[1] or state(self._file.parent) != self._before:
            return "no receipt: files differ from the commit"
        with self._file.open("a", encoding="utf-8") as handle:
            handle.write(line(self._before[0], time.monotonic() - self._began, outcomes))
        return f"receipt: the last line of {self._file.name}, to be committed"


_RECEIPT = pytest.StashKey[Receipt]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin."""
    if not hasattr(config, "workerinput"):
        config.stash[_RECEIPT] = Receipt()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """End."""
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        terminalreporter.write_line(config.stash[_RECEIPT].write(terminalreporter.stats))
