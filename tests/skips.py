"""Where a variable is set, a skipped test fails unless its reason is one of a few.

CI sets it: there a program that is missing would else take its tests away in silence.
"""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

VARIABLE = "EPILEPSY_PGX_REQUIRE"
ALLOWED = (
    "no real data: ",  # it is under licences and is not in the repository
    "not in CI: ",  # the rest of the reason says why
)
"""How the reasons begin for which a test may be skipped everywhere."""


def fault(reason: str, required: str | None) -> str | None:
    """Return what is wrong with a skip for a reason, if anything is.

    Parameters
    ----------
    reason
        As pytest gives it, with or without `Skipped: `.
    required
        Value of the variable; None or empty where it is not set.
    """
    reason = reason.removeprefix("Skipped: ")
    if not required or reason.startswith(ALLOWED):
        return None
    return f"{VARIABLE} is set and this was skipped: {reason}"


def _judge(report: Report) -> Report:
    if report.skipped and not hasattr(report, "wasxfail") and isinstance(report.longrepr, tuple):
        wrong = fault(report.longrepr[2], os.environ.get(VARIABLE))
        if wrong is not None:
            report.outcome, report.longrepr = "failed", wrong
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Judge the skip of a test."""
    return _judge((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Judge the skip of a whole file."""
    return _judge((yield))
