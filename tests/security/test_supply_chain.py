"""The same commit gives the same wheel, with its licences; every pin has its digests."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HELD = (
    "epilepsy_pgx/data/reference/LICENSE",
    "epilepsy_pgx/data/reference/package.json",
    "epilepsy_pgx/data/reference/citations.tsv",
    "epilepsy_pgx/validation/data/expected.tsv",
    "epilepsy_pgx/validation/data/patients.tsv",
)


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
