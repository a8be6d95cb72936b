"""Files that atheris changes by which lines of our Python they reach, on the readers of one kind.

    python -m tests.fuzz.guided KIND --files 100000 --seed 1 [--write]

atheris is not a dependency: install it beside the software in an environment of its own. The files
that it starts from are those that are right; what it finds is kept as by `python -m tests.fuzz`.
"""

import argparse
import os
import sys
import tempfile
import time
import zlib
from datetime import date
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["epilepsy_pgx"]):
    from tests.fuzz.__main__ import commit, rows_of, streams, write

from epilepsy_pgx.cli.logs import set_up_log
from tests.fuzz.inprocess import Tally, alarm, try_one

MOST = 20_000
"""Bytes of a file."""


def guided(kind: str, files: int, seed: str, names: tuple[str, ...], keep: bool) -> None:
    """Try so many files, write what became of them, and end the process."""
    set_up_log(quiet=True)
    folder = Path(tempfile.mkdtemp(prefix="epilepsy-pgx-fuzz-"))
    stream, tally, began = streams(seed, folder)[kind], Tally(), time.monotonic()
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(stream.given):
        (corpus / str(number)).write_bytes(data)

    def one(data: bytes) -> None:
        try_one(kind, stream.read, folder / f"{kind}.{tally.total}", data, tally)
        if tally.total >= files:
            print(tally, flush=True)
            if keep:
                write(rows_of(tally, (*names, f"{time.monotonic() - began:.0f}", "guided")))
            # libFuzzer has no other way out that leaves the counts.
            os._exit(1 if tally.faults else 0)

    # Its own watch of time and memory would end the process before the fault is counted.
    limits = ["-timeout=0", "-rss_limit_mb=0", f"-max_len={MOST}", "-verbosity=0"]
    atheris.Setup(
        [sys.argv[0], str(corpus), f"-seed={zlib.crc32(seed.encode()) % 2**31}", *limits], one
    )
    with alarm():
        atheris.Fuzz()


def main() -> None:
    """Run the command; the exit code is 1 if a file broke a reader."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided", description=__doc__)
    parser.add_argument("kind")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", default=date.today().isoformat())
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    names = (date.today().isoformat(), commit(), given.seed)
    guided(given.kind, given.files, given.seed, names, given.write)


if __name__ == "__main__":
    main()
