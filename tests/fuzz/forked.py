"""Mutated files through readers in forked processes: what kills one is counted like any fault."""

import gc
import os
import pickle
import random
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.inprocess import AS_VCF, STOP, Reader, Tally, alarm, keep, try_one
from tests.fuzz.mutator import mutate

CHUNK = 250
"""Files that one process reads before a new one takes over."""


@dataclass
class Stream:
    """The mutated files of one kind: each by its number, so that the same seed gives the same."""

    kind: str
    read: Reader
    given: list[bytes]
    seed: str
    number: int = 0
    """How many were tried."""
    seconds: float = 0.0
    """What they took."""
    current: Path = field(default_factory=Path)
    """Where the number of the file that is tried stands, for whoever finds the process dead."""

    def file(self, number: int) -> bytes:
        """Return one of the files."""
        rng = random.Random(f"{self.seed}:{self.kind}:{number}")
        return mutate(rng, rng.choice(self.given), vcf=self.kind in AS_VCF)

    def some(self, count: int, folder: Path) -> Tally:
        """Try the next files in this process."""
        tally = Tally()
        with alarm():
            for number in range(self.number, self.number + count):
                self.current.write_text(str(number))
                # Readers keep what they have read by its name.
                path = folder / f"{self.kind}.{number}"
                try_one(self.kind, self.read, path, self.file(number), tally)
        return tally

    def apart(self, count: int, folder: Path) -> Tally:
        """Try the next files in a process of their own, and outlive whatever becomes of it."""
        began, (end, start) = time.monotonic(), os.pipe()
        child = os.fork()
        if not child:
            os.close(end)
            with open(start, "wb") as pipe:
                pickle.dump(self.some(count, folder), pipe)
            os._exit(0)
        os.close(start)
        with open(end, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            tally: Tally = pickle.loads(answer)
            self.number += count
        else:
            tally = self._after_death(code, folder)
        self.seconds += time.monotonic() - began
        return tally

    def _after_death(self, code: int, folder: Path) -> Tally:
        """Count the file that killed a process, and what was read before it, once more."""
        killer = int(self.current.read_text())
        before = self.apart(killer - self.number, folder) if killer > self.number else Tally()
        how = signal.Signals(-code).name if code < 0 else f"exit {code}"
        words = f"{self.kind}: {how}"
        keep(words, self.file(killer), how)
        before.faults[words] += 1
        self.number = killer + 1
        return before


@dataclass(frozen=True)
class Bounds:
    """When to stop."""

    files: int
    seconds: float


def rounds(streams: Mapping[str, Stream], folder: Path, bounds: Bounds) -> Iterator[Tally]:
    """Try files until there are enough; the kind that had least time is next."""
    gc.collect()
    gc.freeze()
    until, done = time.monotonic() + bounds.seconds, 0
    for stream in streams.values():
        stream.current = folder / "current"
    while done < bounds.files and time.monotonic() < until and not STOP.is_set():
        stream = min(streams.values(), key=lambda s: s.seconds)
        tally = stream.apart(min(CHUNK, bounds.files - done), folder)
        done += tally.total
        yield tally
