"""Try mutated files on every reader for some time, and count what becomes of them.

    python -m tests.fuzz [--files 250000] [--seconds 3600] --seed 1 [--write]
    python -m tests.fuzz --command --files 20000 --seed 1 [--write]

Files that break a reader are kept in the folder that EPILEPSY_PGX_CRASHES names. With `--write` the
counts become rows of docs/robustness.tsv, and docs/robustness.md is written from all its rows.
A signal to end (SIGTERM) ends a run early; what was counted is written.
With `--command` files go through `epilepsy-pgx run`, many patients in each run.
"""

import argparse
import os
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from epilepsy_pgx.cli.logs import set_up_log
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.tsv import line, read_table
from tests.fuzz.forked import Bounds, Stream, rounds
from tests.fuzz.inprocess import STOP, Tally
from tests.fuzz.lab_files import lab_readers
from tests.fuzz.own_files import own_readers, own_seeds
from tests.fuzz.readers import Readers
from tests.fuzz.robustness_page import COLUMNS, PAGE, TABLE, page
from tests.fuzz.seeds import seeds
from tests.fuzz.through import through_command

ROOT = Path(__file__).resolve().parents[2]


def streams(seed: str, folder: Path) -> dict[str, Stream]:
    """Return the files of every kind of reader, beside files that are right."""
    ref = load_reference()
    readers = {**Readers(ref, ROOT, folder).all(), **own_readers(ref, folder)}
    given = {**seeds(ROOT), **own_seeds(ROOT, folder)}
    more_readers, more_given = lab_readers(ref, ROOT, folder)
    given |= more_given
    return {k: Stream(k, r, given[k], seed) for k, r in {**readers, **more_readers}.items()}


def joined(tallies: Iterable[Tally]) -> Tally:
    """Add up."""
    whole = Tally()
    for one in tallies:
        whole.done += one.done
        whole.faults += one.faults
        whole.longest = max(whole.longest, one.longest)
    return whole


def commit() -> str:
    """Return the commit that is checked out, with a mark where files differ from it."""
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def rows_of(tally: Tally, names: Iterable[str]) -> list[list[str]]:
    """Return a row for each kind of file, behind what names the run."""
    kinds = sorted({k for k, _ in tally.done} | {f.partition(":")[0] for f in tally.faults})
    broken: Counter[str] = Counter()
    for fault, number in tally.faults.items():
        broken[fault.partition(":")[0]] += number
    return [
        [*names, k, *(str(tally.count(w, k)) for w in ("read", "refused")), str(broken[k])]
        for k in kinds
    ]


def write(rows: list[list[str]]) -> None:
    """Add rows to the table, and write the page of all of them."""
    old = [list(r.values()) for r in read_table(TABLE, COLUMNS)] if TABLE.is_file() else []
    text = "".join(line(cells) for cells in (COLUMNS, *old, *rows))
    TABLE.write_text(text, encoding="utf-8")
    PAGE.write_text(page(list(read_table(TABLE, COLUMNS))), encoding="utf-8")


def in_process(seed: str, bounds: Bounds) -> Tally:
    """Try files in forked processes, from memory where the machine has a place for that."""
    set_up_log(quiet=True)
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="epilepsy-pgx-fuzz-", dir=place) as name:
        folder = Path(name)
        return joined(rounds(streams(seed, folder), folder, bounds))


def main() -> int:
    """Run the command; the exit code is 1 if a file broke a reader."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", default=date.today().isoformat())
    parser.add_argument("--command", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: STOP.set())
    made_at, began = commit(), time.monotonic()
    if given.command:
        tally = through_command(given.seed, given.files)
    else:
        tally = in_process(given.seed, Bounds(given.files, given.seconds))
    print(tally)
    if given.write:
        seconds = f"{time.monotonic() - began:.0f}"
        way = "command" if given.command else "readers"
        write(rows_of(tally, (date.today().isoformat(), made_at, given.seed, seconds, way)))
    return 1 if tally.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
