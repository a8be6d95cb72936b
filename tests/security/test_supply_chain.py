"""The same commit gives the same wheel, with its licences and the inputs of the validation."""

import os
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
