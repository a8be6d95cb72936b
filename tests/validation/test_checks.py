"""One comparison that fails, or none at all, fails a check."""

import pytest

from epilepsy_pgx.validation.checks import Check, Comparison, Verdict, failed, judge

NAMED = ("an-id", "concordance", "A title")


def compared(*verdicts: Verdict) -> list[Comparison]:
    return [Comparison("an-id", f"S{i}", "x", "y", v) for i, v in enumerate(verdicts)]


@pytest.mark.parametrize(
    ("verdicts", "verdict", "found"),
    [
        ([Verdict.PASS, Verdict.PASS], Verdict.PASS, "2 of 2"),
        ([Verdict.PASS, Verdict.FAIL], Verdict.FAIL, "1 of 2"),
        ([Verdict.PASS, Verdict.NOT_COMPARED], Verdict.PASS, "1 of 1; 1 not compared"),
        ([Verdict.NOT_COMPARED], Verdict.FAIL, "0 of 0; 1 not compared"),
        ([], Verdict.FAIL, "0 of 0"),
    ],
)
def test_verdicts(verdicts, verdict, found):
    check = judge(NAMED, "all", compared(*verdicts))
    assert check == Check(*NAMED, "all", found, verdict)
    assert bool(failed([check])) == (verdict is Verdict.FAIL)
