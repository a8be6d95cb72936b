"""The command: what it runs, what it writes, and its exit code."""

import json
from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.validation import run as module
from epilepsy_pgx.validation.checks import Check, Verdict
from epilepsy_pgx.validation.run import inputs_digest, installation
from tests.command import run

PARTS = {
    "compare_inputs": "concordance",
    "check_range": "reportable range",
    "check_robustness": "robustness",
    "check_limits": "limits",
    "check_repeat": "repeatability",
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> dict[str, Verdict]:
    """Put a check of a line in the place of each part."""
    verdicts = dict.fromkeys(PARTS, Verdict.PASS)

    def make(name: str):
        def work(*_: object) -> tuple[list[Check], list[object]]:
            check = Check(f"{name}-1", PARTS[name], "T", "all", "1 of 1", verdicts[name])
            return [check], []

        return work

    for name in PARTS:
        monkeypatch.setattr(module, name, make(name))
    monkeypatch.setattr(module, "call_inputs", lambda ref: {})
    monkeypatch.setattr(module, "run_selftest", lambda ref, say: say("ok") or 0)
    return verdicts


def test_a_validation_that_passes(quick: dict[str, Verdict], tmp_path: Path) -> None:
    done = run("validate", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "out/validation.json").read_text())
    assert record["passed"] is True
    assert {c["id"] for c in record["checks"]} == {"known-answers", *(f"{n}-1" for n in PARTS)}
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert names >= {
        "protocol.html",
        "checks.tsv",
        "comparisons.tsv",
        "validation.json",
        "sbom.json",
    }


@pytest.mark.parametrize("part", PARTS)
def test_one_check_that_fails_is_named_and_fails_all(
    part: str, quick: dict[str, Verdict], tmp_path: Path
) -> None:
    quick[part] = Verdict.FAIL
    done = run("validate", str(tmp_path / "out"))
    assert done.returncode == 1
    assert f"FAIL {part}-1" in done.stderr
    assert "do not use" in done.stderr
    assert "FAILED" in (tmp_path / "out/protocol.html").read_text()


def test_the_installation_is_described(reference: Reference) -> None:
    made = installation(reference, reference)
    assert made.digest == made.against == reference.digest
    assert any(x.startswith("pysam ") for x in made.libraries)
    assert made.inputs == inputs_digest()


@pytest.mark.slow
def test_the_whole_validation_passes_on_this_installation(tmp_path: Path, root: Path) -> None:
    done = run("validate", str(tmp_path), "--against", str(root / "reference"))
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "validation.json").read_text())
    assert {c["part"] for c in record["checks"]} == {"installation", "bridging", *PARTS.values()}
