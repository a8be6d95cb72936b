"""Mutated files through the command, counted: nobody else's report changes by a byte."""

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.fuzz.command import Tally, one_batch
from tests.fuzz.through import base_run, make

SEED = 20261127
BATCHES = {"side-files": (30, 50, 40), "rows": (10, 50, 40), "vcfs": (25, 20, 16)}
"""Runs, patients, and patients with a mutated file: 2,000 mutated inputs in all."""


def fuzz(kind: str, folder: Path, batches: int, patients: int, mutated: int) -> Tally:
    """Return what became of the mutated inputs of some batches."""
    rng = random.Random(f"{SEED}:{kind}")
    plan = make(kind, patients, rng, folder / "made")
    base = base_run(folder / "base", plan)
    tally = Tally()
    for number in range(batches):
        place = folder / f"batch{number}"
        place.mkdir()
        before = len(tally.faults)
        one_batch(place, plan, base, rng, mutated, tally)
        kept = os.environ.get("EPILEPSY_PGX_CRASHES")
        if len(tally.faults) > before and kept:
            shutil.copytree(place, Path(kept) / f"{kind}-{number}", dirs_exist_ok=True)
        shutil.rmtree(place)
    return tally


@pytest.mark.slow
@pytest.mark.parametrize("kind", BATCHES)
def test_no_mutated_file_changes_another_patient(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batches, patients, mutated = BATCHES[kind]
    tally = fuzz(kind, tmp_path, batches, patients, mutated)
    with capsys.disabled():
        print(f"\n{kind}: {tally}")
    assert not tally.faults, f"{tally}\n" + "\n".join(sorted(set(tally.faults)))
    assert tally.read + tally.refused == batches * mutated


@pytest.mark.slow
@pytest.mark.parametrize("kind", BATCHES)
def test_the_same_patients_give_the_same_reports(kind: str, tmp_path: Path) -> None:
    """The comparison of the long test rests on this."""
    plan = make(kind, 4, random.Random(1), tmp_path / "made")
    first, second = (base_run(tmp_path / n, plan) for n in ("one", "two"))
    assert first.reports == second.reports
