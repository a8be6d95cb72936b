"""What must not be called is not, and the check would see it if it were."""

from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.validation import refusals
from epilepsy_pgx.validation.calls import call_file
from epilepsy_pgx.validation.checks import failed
from epilepsy_pgx.validation.refusals import LIMITS, check_limits


@pytest.mark.slow
def test_every_limit_holds(reference: Reference, tmp_path: Path) -> None:
    checks, _ = check_limits(reference, tmp_path)
    assert [c.id for c in checks] == [f"limit-{name}" for name in LIMITS]
    assert not failed(checks)


@pytest.mark.parametrize("name", ["absent", "quality"])
def test_a_gene_that_is_called_all_the_same_fails(
    name: str, toy: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, work = LIMITS[name]
    assert all(c.verdict == "pass" for c in work("limit", toy, tmp_path))

    def whole(path: Path, build: object, ref: Reference, genes: set[str]) -> object:
        path.write_text(str(refusals._usual(ref)), encoding="utf-8")
        return call_file(path, refusals.BUILD, ref, genes)

    monkeypatch.setattr(refusals, "call_file", whole)
    assert not any(c.verdict == "pass" for c in work("limit", toy, tmp_path))


def test_a_file_that_is_read_fails(toy: Reference, tmp_path: Path) -> None:
    (found,) = refusals._refused("limit", "a.vcf", "vcf-build", lambda: None)
    assert (found.verdict, found.found) == ("fail", "it was read")
