"""Mutated files through the command until there are enough, counted by kind."""

import random
import tempfile
from collections import Counter
from pathlib import Path

from tests.fuzz import inprocess
from tests.fuzz.command import Outcome, Plan, Tally, clinical_rows, one_batch, own_vcfs, run
from tests.fuzz.command import side_files as with_side_files

MOST = 3600
"""Seconds for a run with nothing changed."""
SHARES = {"vcfs": (0.02, 60, 57), "rows": (0.03, 200, 190), "side-files": (0.95, 300, 290)}
"""Share of the files, patients of a run, and those of them with changed files."""


def base_run(folder: Path, plan: Plan) -> Outcome:
    """Run the plan as it stands."""
    done = run(folder, plan, {}, MOST)
    assert done.code == 0, done.errors
    assert sorted(done.reports) == sorted(plan.patients)
    return done


def make(kind: str, patients: int, rng: random.Random, folder: Path) -> Plan:
    """Return the patients of one kind of batch."""
    if kind == "vcfs":
        return own_vcfs(patients, folder)
    return (with_side_files if kind == "side-files" else clinical_rows)(patients, rng)


def of_kind(kind: str, seed: str, files: int, folder: Path) -> Tally:
    """Return what became of so many files, or a few more, of one kind."""
    _, patients, mutated = SHARES[kind]
    rng = random.Random(f"{seed}:{kind}")
    plan = make(kind, patients, rng, folder / "made")
    plan.several = bool(plan.owner)
    base, tally, number = base_run(folder / "base", plan), Tally(), 0
    while tally.read + tally.refused < files and not inprocess.STOP.is_set():
        with tempfile.TemporaryDirectory(dir=folder) as place:
            before = len(tally.faults)
            one_batch(Path(place), plan, base, rng, mutated, tally)
            number += 1
            print(f"{kind}, run {number}: {tally}", *tally.faults[before:], sep="\n  ", flush=True)
    return tally


def through_command(seed: str, files: int) -> inprocess.Tally:
    """Return what became of so many files, or a few more."""
    done: Counter[tuple[str, str]] = Counter()
    faults: Counter[str] = Counter()
    for kind, (share, _, _) in SHARES.items():
        with tempfile.TemporaryDirectory(prefix="epilepsy-pgx-fuzz-") as folder:
            tally = of_kind(kind, seed, round(share * files), Path(folder))
        done[kind, "read"], done[kind, "refused"] = tally.read, tally.refused
        faults.update(f"{kind}: {words}" for words in tally.faults)
    return inprocess.Tally(done, faults)
