"""Try mutated files on every reader for some time, and count what becomes of them.

    python -m tests.fuzz --seconds 3600 --seed 1 [--write]

Files that break a reader are kept in the folder that EPILEPSY_PGX_CRASHES names. With `--write` the
counts become rows of docs/robustness.tsv, and docs/robustness.md is written from all its rows.
"""

import argparse
import random
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

from epilepsy_pgx.cli.logs import set_up_log
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.tsv import line, read_table
from tests.fuzz.inprocess import AS_VCF, Tally, alarm, try_one
from tests.fuzz.mutator import mutate
from tests.fuzz.own_files import own_readers, own_seeds
from tests.fuzz.readers import Readers
from tests.fuzz.robustness_page import COLUMNS, PAGE, TABLE, page
from tests.fuzz.seeds import seeds

ROOT = Path(__file__).resolve().parents[2]
TURN = 50
"""Files of one kind before the next kind has its turn."""
SLOW = 2.0
"""Seconds of a turn over which a kind gets every fourth turn only."""


def run(seconds: float, seed: str, folder: Path) -> Tally:
    """Mutate and read, one kind after the other, until the time is over."""
    set_up_log(quiet=True)
    ref = load_reference()
    readers = {**Readers(ref, ROOT, folder).all(), **own_readers(ref, folder)}
    given = {**seeds(ROOT), **own_seeds(ROOT, folder)}
    draws = {kind: random.Random(f"{seed}:{kind}") for kind in readers}
    dear: set[str] = set()
    tally, until, turn = Tally(), time.monotonic() + seconds, 0
    with alarm():
        while time.monotonic() < until:
            turn += 1
            for kind, read in readers.items():
                if kind in dear and turn % 4:
                    continue
                began, rng = time.monotonic(), draws[kind]
                for number in range(TURN):
                    data = mutate(rng, rng.choice(given[kind]), vcf=kind in AS_VCF)
                    # Readers keep what they have read by its name.
                    try_one(kind, read, folder / f"{kind}.{turn}.{number}", data, tally)
                if time.monotonic() - began > SLOW:
                    dear.add(kind)
    return tally


def commit() -> str:
    """Return the commit that is checked out, with a mark where files differ from it."""
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def rows_of(tally: Tally, seed: str, made_at: str, seconds: float) -> list[list[str]]:
    """Return a row for each kind of file."""
    kinds = sorted({k for k, _ in tally.done} | {f.partition(":")[0] for f in tally.faults})
    broken = {k: sum(n for f, n in tally.faults.items() if f.startswith(f"{k}:")) for k in kinds}
    return [
        [
            *(date.today().isoformat(), made_at, seed, f"{seconds:.0f}", kind),
            *(str(tally.count(w, kind)) for w in ("read", "refused")),
            str(broken[kind]),
        ]
        for kind in kinds
    ]


def write(rows: list[list[str]]) -> None:
    """Add rows to the table, and write the page of all of them."""
    old = [list(r.values()) for r in read_table(TABLE, COLUMNS)] if TABLE.is_file() else []
    text = "".join(line(cells) for cells in (COLUMNS, *old, *rows))
    TABLE.write_text(text, encoding="utf-8")
    PAGE.write_text(page(list(read_table(TABLE, COLUMNS))), encoding="utf-8")


def main() -> int:
    """Run the command; the exit code is 1 if a file broke a reader."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", default=date.today().isoformat())
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    made_at, began = commit(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="epilepsy-pgx-fuzz-") as folder:
        tally = run(given.seconds, given.seed, Path(folder))
    print(tally)
    if given.write:
        write(rows_of(tally, given.seed, made_at, time.monotonic() - began))
    return 1 if tally.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
