"""Two runs that differ in a byte, or do not end well, fail."""

from itertools import count
from pathlib import Path

import pytest

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.validation import repeatability
from epilepsy_pgx.validation.checks import failed
from epilepsy_pgx.validation.repeatability import CIRCUMSTANCES, check_repeat, run_patients


def test_circumstances_differ_in_each_respect() -> None:
    one, two = CIRCUMSTANCES
    assert one.keys() == two.keys() >= {"PYTHONHASHSEED", "TZ", "LC_ALL"}
    assert all(one[k] != two[k] for k in one)


@pytest.mark.slow
def test_two_runs_write_the_same_bytes(reference: Reference, tmp_path: Path) -> None:
    checks, compared = check_repeat(reference, tmp_path)
    assert not failed(checks)
    assert {Path(c.subject).suffix for c in compared} >= {".html", ".json", ".tsv"}


@pytest.mark.parametrize("second", [b"another", None])
def test_other_bytes_fail(
    second: bytes | None, toy: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = count()

    def write(ref: object, out: Path, *_: object) -> None:
        out.mkdir()
        data = b"one" if next(runs) == 0 else second
        if data is not None:
            (out / "a.html").write_bytes(data)
        (out / "same.tsv").write_bytes(b"same")

    monkeypatch.setattr(repeatability, "run_patients", write)
    checks, compared = check_repeat(toy, tmp_path)
    assert [c.found for c in failed(checks)] == ["1 of 2 files"]
    assert [c.subject for c in compared if c.verdict == "fail"] == ["a.html"]


def test_a_run_that_fails_or_does_not_end_is_a_failed_check(
    toy: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeatability, "SECONDS", 0.01)
    with pytest.raises(ConfigError, match="did not end"):
        run_patients(toy, tmp_path / "out", {}, "json")
    checks, _ = check_repeat(toy, tmp_path)
    assert failed(checks) == checks
