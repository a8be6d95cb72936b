"""Mutated files through the readers of one process: what is tried, judged and counted."""

import hashlib
import os
import random
import resource
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from epilepsy_pgx.errors import PgxError
from tests.fuzz.mutator import mutate

SECONDS = 20
"""Seconds of CPU that a reader may take for one file; a busy machine is not its fault."""
WAIT = 300
"""Seconds after which a reader that uses no CPU has not come back."""
MEGABYTES = 1000
INTERNAL = "an internal error"
"""How the software calls its own fault where it goes on for the sake of other patients."""
AS_VCF = ("vcf", "records", "clinvar", "api")
"""Kinds whose files are mutated by words of the VCF too."""
Reader = Callable[[Path], object]
STOP = Event()
"""Set by a signal: what is running ends, and what was counted stays."""


class TooLongError(Exception):
    """A reader that did not come back."""


def _too_long(number: int, frame: object) -> None:
    raise TooLongError(f"over {SECONDS} s of CPU, or {WAIT} s in all")


@contextmanager
def alarm() -> Iterator[None]:
    """Stop a reader that does not come back."""
    old = {s: signal.signal(s, _too_long) for s in (signal.SIGALRM, signal.SIGPROF)}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


@dataclass
class Tally:
    """What became of the mutated files."""

    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind of file and by `read` or `refused`."""
    faults: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0

    def count(self, word: str, kind: str | None = None) -> int:
        """Return how many files were read, or refused."""
        return sum(n for (k, w), n in self.done.items() if w == word and kind in (None, k))

    @property
    def total(self) -> int:
        """All files, with those that broke a reader."""
        return sum(self.done.values()) + sum(self.faults.values())

    def __str__(self) -> str:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        lines = [
            f"{self.total} mutated inputs: {self.count('read')} read, "
            f"{self.count('refused')} refused; {sum(self.faults.values())} tracebacks; "
            f"longest {self.longest:.2f} s; {memory} MB"
        ]
        lines += [f"  {n} {kind} {word}" for (kind, word), n in sorted(self.done.items())]
        lines += [f"  {n} x {k}" for k, n in self.faults.most_common()]
        return "\n".join(lines)


def keep(words: str, data: bytes, error: str) -> None:
    """Keep the shortest input that broke a reader there, in the folder the environment names."""
    if folder := os.environ.get("EPILEPSY_PGX_CRASHES"):
        name = hashlib.sha256(words.encode()).hexdigest()[:8]
        place = Path(folder) / f"{words.partition(':')[0]}-{name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists() or place.stat().st_size > len(data):
            place.write_bytes(data)
            place.with_suffix(".txt").write_text(error)


def internal(error: PgxError) -> str:
    """Return the problem that is no file's fault: one that stands for a caught traceback."""
    said = (str(p.found) for p in error.problems)
    return next((words for words in said if INTERNAL in words), "")


def try_one(kind: str, read: Reader, path: Path, data: bytes, tally: Tally) -> None:
    """Let a reader read a file; a clear refusal is an answer, anything else that is raised not."""
    path.write_bytes(data)
    began = time.process_time()
    signal.alarm(WAIT)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        read(path)
        tally.done[kind, "read"] += 1
    except PgxError as error:
        if own := internal(error):
            words = f"{kind}: {own}"
            tally.faults[words] += 1
            keep(words, data, own)
        else:
            tally.done[kind, "refused"] += 1
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        words = (
            f"{kind}: {type(error).__name__} at {Path(where.filename).name}:"
            f"{where.lineno} {where.name}"
        )
        tally.faults[words] += 1
        keep(words, data, "".join(traceback.format_exception(error)))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
    if (grown := resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) > MEGABYTES * 1024:
        words = f"{kind}: over {MEGABYTES} MB"
        if not tally.faults[words]:
            keep(words, data, f"{grown // 1024} MB")
        tally.faults[words] += 1
    tally.longest = max(tally.longest, time.process_time() - began)
    path.unlink()


def fuzz(
    readers: dict[str, Reader],
    seeds: dict[str, list[bytes]],
    folder: Path,
    counts: dict[str, int],
    seed: str,
) -> Tally:
    """Return what became of so many files of each kind; the same seed tries the same files."""
    tally = Tally()
    for kind, read in readers.items():
        rng = random.Random(f"{seed}:{kind}")
        for number in range(counts.get(kind, 0)):
            data = mutate(rng, rng.choice(seeds[kind]), vcf=kind in AS_VCF)
            try_one(kind, read, folder / f"{kind}{number}", data, tally)
    return tally
