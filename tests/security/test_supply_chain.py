"""The same commit gives the same wheel, with its licences; every pin has its digests."""

import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

HELD = (
    "epilepsy_pgx/data/reference/LICENSE",
    "epilepsy_pgx/data/reference/package.json",
    "epilepsy_pgx/data/reference/citations.tsv",
    "epilepsy_pgx/validation/data/expected.tsv",
    "epilepsy_pgx/validation/data/patients.tsv",
)

DEBIAN_12 = "3.11.2"
"""The oldest Python that the environment is made with."""


@pytest.mark.slow
def test_the_wheel_is_reproducible_and_holds_its_licences(root: Path, tmp_path: Path) -> None:
    made = []
    for name, zone in (("one", "UTC"), ("two", "Asia/Tokyo")):
        words = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / name)
        subprocess.run(
            words,
            cwd=root,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000", "TZ": zone},
            check=True,
            capture_output=True,
            timeout=300,
        )
        (wheel,) = (tmp_path / name).glob("*.whl")
        made.append(wheel)
    assert made[0].name == made[1].name
    assert made[0].read_bytes() == made[1].read_bytes()
    held = set(zipfile.ZipFile(made[0]).namelist())
    assert set(HELD) <= held
    assert any(n.endswith("/licenses/LICENSE") for n in held)


def test_every_pin_has_the_digests_of_its_files_and_nothing_else(root: Path) -> None:
    pins = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    lines = (root / "constraints.hashes.txt").read_text(encoding="utf-8").splitlines()
    assert [line.partition(" ")[0] for line in lines] == pins, "python release/hashes.py 3.12 3.13"
    form = re.compile(r"[\w.-]+==[\w.]+( --hash=sha256:[0-9a-f]{64})+")
    assert [line for line in lines if not form.fullmatch(line)] == []
    found = [digest for line in lines for digest in line.split()[1:]]
    assert len(set(found)) == len(found)


def test_every_pin_takes_the_python_of_a_stable_system(root: Path) -> None:
    """One that asks for a later patch of 3.11 leaves pip without a solution there."""
    too_new = {}
    for pin in (root / "constraints.txt").read_text(encoding="utf-8").splitlines():
        name = pin.partition("==")[0]
        try:
            asked = metadata(name).get("Requires-Python", "")
        except PackageNotFoundError:
            continue
        if not SpecifierSet(asked).contains(DEBIAN_12):
            too_new[name] = asked
    assert too_new == {}
