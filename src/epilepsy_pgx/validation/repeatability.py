"""Repeatability: two runs in unlike circumstances write the same bytes."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.validation.checks import Check, Comparison, Verdict, judge, verdict_of
from epilepsy_pgx.validation.concordance import BUILD, DATA

CIRCUMSTANCES = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C", "LANGUAGE": "en"},
    {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "LANGUAGE": "es"},
)
"""Seed of hashes, time zone and locale."""
DAY = "2026-11-28"
SECONDS = 600
LIMIT = "every file has the same bytes"
SHEET = DATA / "patients.tsv"


def run_patients(ref: Reference, out: Path, circumstances: dict[str, str], formats: str) -> None:
    """Write the reports of the patients of the kit, in a process of its own.

    Raises
    ------
    ConfigError
        If the run fails, or does not end.
    """
    words = [sys.executable, "-m", "epilepsy_pgx.cli", "run", "--samples", str(SHEET)]
    words += [w for file in _files() for w in ("--vcf", str(file))]
    words += ["--build", BUILD.value, "--out", str(out), "--date", DAY, "--formats", formats]
    words += ["--reference", str(ref.path)]
    if ref.overlay:
        words += ["--overlay", str(ref.overlay)]
    try:
        done = subprocess.run(
            words,
            env={**os.environ, **circumstances},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failed(f"a run that did not end in {SECONDS} seconds") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise _failed(f"exit code {done.returncode}: {said[-1] if said else 'no message'}")


def _failed(found: str) -> ConfigError:
    return ConfigError.one(
        "validation-run", file=str(SHEET), found=found, expected="reports of the kit's patients"
    )


def _files() -> list[Path]:
    header, *rows = (x.split("\t") for x in SHEET.read_text(encoding="utf-8").splitlines())
    return [DATA / row[header.index("vcf")] for row in rows]


def digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file of a run."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def check_repeat(ref: Reference, folder: Path) -> tuple[list[Check], list[Comparison]]:
    """Run the patients twice, and compare every file."""
    told = " against ".join(", ".join(f"{k}={v}" for k, v in c.items()) for c in CIRCUMSTANCES)
    named = ("repeat", "repeatability", f"Two runs: {told}")
    runs = []
    for number, circumstances in enumerate(CIRCUMSTANCES, 1):
        out = folder / f"run{number}"
        try:
            run_patients(ref, out, circumstances, "json,html,tsv")
        except ConfigError as error:
            failed = Comparison("repeat", out.name, "reports", str(error), Verdict.FAIL)
            return [judge(named, LIMIT, [failed])], [failed]
        runs.append(digests(out))
    first, second = runs
    own = [
        Comparison(
            "repeat",
            name,
            first.get(name, "no file"),
            second.get(name, "no file"),
            verdict_of(first.get(name) == second.get(name)),
        )
        for name in sorted(first.keys() | second.keys())
    ]
    return [judge(named, LIMIT, own, " files")], own
