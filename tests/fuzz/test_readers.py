"""Mutated files through the readers of one process, counted."""

import hashlib
import os
import random
import resource
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from epilepsy_pgx.errors import PgxError
from epilepsy_pgx.reference.package import Reference
from tests.fuzz.mutator import mutate
from tests.fuzz.readers import Readers
from tests.fuzz.seeds import seeds

COUNTS = {
    "sheet": 20_000,
    "packet": 20_000,
    "hla": 12_000,
    "outside": 18_000,
    "classes": 10_000,
    "bed": 8_000,
    "vcf": 4_000,
    "records": 8_000,
}
"""Mutated inputs of each kind: 100,000 in all."""
SECONDS = 20
MEGABYTES = 1000


class TooLongError(Exception):
    """A reader that did not come back."""


def _too_long(number: int, frame: object) -> None:
    raise TooLongError(f"over {SECONDS} s")


def keep(words: str, data: bytes, error: str) -> None:
    """Keep the shortest input that broke a reader there, in the folder the environment names."""
    if folder := os.environ.get("EPILEPSY_PGX_CRASHES"):
        name = hashlib.sha256(words.encode()).hexdigest()[:8]
        place = Path(folder) / f"{words.partition(':')[0]}-{name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists() or place.stat().st_size > len(data):
            place.write_bytes(data)
            place.with_suffix(".txt").write_text(error)


def fuzz(
    readers: Readers, root: Path, folder: Path, counts: dict[str, int], seed: int
) -> tuple[Counter[str], Counter[str], float]:
    """Return what became of each input, the tracebacks, and the longest time of one."""
    done: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    longest = 0.0
    given = seeds(root)
    for kind, read in readers.all().items():
        rng = random.Random(f"{seed}:{kind}")
        for number in range(counts.get(kind, 0)):
            data = mutate(rng, rng.choice(given[kind]), vcf=kind in ("vcf", "records"))
            path = folder / f"{kind}{number}"
            path.write_bytes(data)
            began = time.monotonic()
            signal.alarm(SECONDS)
            try:
                read(path)
                done[f"{kind} read"] += 1
            except PgxError:
                done[f"{kind} refused"] += 1
            except Exception as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                words = (
                    f"{kind}: {type(error).__name__} at {Path(where.filename).name}:"
                    f"{where.lineno} {where.name}"
                )
                faults[words] += 1
                keep(words, data, "".join(traceback.format_exception(error)))
            finally:
                signal.alarm(0)
            longest = max(longest, time.monotonic() - began)
            path.unlink()
    return done, faults, longest


def report(done: Counter[str], faults: Counter[str], longest: float) -> str:
    """Return the counts in words."""
    read = sum(n for k, n in done.items() if k.endswith("read"))
    refused = sum(n for k, n in done.items() if k.endswith("refused"))
    broken = sum(faults.values())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    lines = [
        f"{read + refused + broken} mutated inputs: {read} read, {refused} refused; "
        f"{broken} tracebacks; longest {longest:.2f} s; {memory} MB"
    ]
    lines += [f"  {n} {k}" for k, n in sorted(done.items())]
    lines += [f"  {n} x {k}" for k, n in faults.most_common()]
    return "\n".join(lines)


@pytest.fixture
def alarm():
    old = signal.signal(signal.SIGALRM, _too_long)
    yield
    signal.signal(signal.SIGALRM, old)


def test_the_same_seed_gives_the_same_bytes(root: Path) -> None:
    for kind, files in seeds(root).items():
        made = [
            [mutate(rng, rng.choice(files)) for _ in range(30)]
            for rng in (random.Random(f"1:{kind}"), random.Random(f"1:{kind}"))
        ]
        assert made[0] == made[1]


def checks(read: Callable[[Path], object], path: Path) -> set[str]:
    """Return what a reader says against a file."""
    try:
        read(path)
    except PgxError as error:
        return {p.check for p in error.problems}
    return set()


@pytest.mark.usefixtures("alarm")
def test_seeds_are_read(reference: Reference, root: Path, tmp_path: Path) -> None:
    readers = Readers(reference, root, tmp_path).all()
    for kind, files in seeds(root).items():
        for number, data in enumerate(files):
            path = tmp_path / f"{kind}.{number}"
            path.write_bytes(data)
            # A program's file of other samples is refused for the patient, not as a file.
            said = checks(readers[kind], path)
            assert all("sample" in check for check in said), (kind, number, said)


@pytest.mark.slow
@pytest.mark.usefixtures("alarm")
def test_no_mutated_file_breaks_a_reader(
    reference: Reference, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readers = Readers(reference, root, tmp_path)
    # The tests before this one may have needed more.
    allowed = max(MEGABYTES * 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    done, faults, longest = fuzz(readers, root, tmp_path, COUNTS, seed=20261127)
    words = report(done, faults, longest)
    with capsys.disabled():
        print(f"\n{words}")
    assert not faults, words
    assert sum(done.values()) == 100_000
    assert longest < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss <= allowed, words
