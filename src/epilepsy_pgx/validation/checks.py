"""A check of the validation: what was expected, what was found, and the verdict."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from epilepsy_pgx.frozen import dataclass


class Verdict(StrEnum):
    """What became of a check, or of one comparison of it."""

    PASS = "pass"
    FAIL = "fail"
    NOT_COMPARED = "not compared"
    """No expectation holds here; the reason stands beside it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One result against what it should be."""

    check: str
    """Id of the check that it belongs to."""
    subject: str
    expected: str
    found: str
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the protocol with its acceptance limit."""

    id: str
    part: str
    title: str
    expected: str
    """The acceptance limit, in words."""
    found: str
    verdict: Verdict


def judge(
    check: tuple[str, str, str], limit: str, compared: Sequence[Comparison], more: str = ""
) -> Check:
    """Make a check of its comparisons: one that failed fails it, and so does having none.

    Parameters
    ----------
    check
        Id, part and title.
    limit
        Acceptance limit.
    more
        What else to say of what was found.
    """
    count = {v: sum(c.verdict is v for c in compared) for v in Verdict}
    of = count[Verdict.PASS] + count[Verdict.FAIL]
    found = f"{count[Verdict.PASS]} of {of}"
    if count[Verdict.NOT_COMPARED]:
        found += f"; {count[Verdict.NOT_COMPARED]} not compared"
    passed = of > 0 and not count[Verdict.FAIL]
    return Check(*check, limit, found + more, Verdict.PASS if passed else Verdict.FAIL)


def verdict_of(passed: bool) -> Verdict:
    """Return the verdict of a comparison."""
    return Verdict.PASS if passed else Verdict.FAIL


def failed(checks: Iterable[Check]) -> list[Check]:
    """Return the checks that failed."""
    return [c for c in checks if c.verdict is Verdict.FAIL]
