"""Mutated files through the readers of one process, counted."""

import random
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError, PgxError
from epilepsy_pgx.pipeline.faults import as_problem
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.worker import perform
from epilepsy_pgx.worker.jobs import Failure, Job, SplitJob
from tests.fuzz.inprocess import INTERNAL, MEGABYTES, SECONDS, Tally, alarm, fuzz, try_one
from tests.fuzz.mutator import mutate
from tests.fuzz.own_files import own_readers, own_seeds
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


@pytest.fixture(name="alarm")
def _alarm():
    with alarm():
        yield


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


@pytest.mark.usefixtures("alarm")
def test_files_of_the_program_are_read_and_some_mutated_ones_refused(
    reference: Reference, root: Path, tmp_path: Path
) -> None:
    readers, given = own_readers(reference, tmp_path), own_seeds(root, tmp_path)
    assert set(readers) == set(given)
    for kind, files in given.items():
        for number, data in enumerate(files):
            path = tmp_path / f"{kind}.{number}"
            path.write_bytes(data)
            readers[kind](path)
            path.unlink()
    tally = fuzz(readers, given, tmp_path, dict.fromkeys(readers, 4), "few")
    assert not tally.faults, str(tally)
    assert tally.count("refused")


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize(
    "fault", [KeyError("x"), NotImplementedError("type"), InputError.one("vcf", found="broken")]
)
def test_a_caught_traceback_counts_as_broken(
    fault: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path) -> None:
        raise as_problem(fault, path)

    tally = Tally()
    try_one("vcf", read, tmp_path / "a", b"x", tally)
    expected = isinstance(fault, PgxError)
    assert (tally.count("refused"), tally.faults.total()) == (expected, not expected)


def test_a_fault_in_the_worker_is_told_from_a_bad_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(job: Job) -> None:
        raise NotImplementedError

    monkeypatch.setattr(perform, "_split", breaks)
    answer = perform.perform(SplitJob(Path("a.vcf"), ()))
    assert isinstance(answer, Failure)
    assert INTERNAL in answer.message


@pytest.mark.usefixtures("alarm")
def test_files_that_once_broke_a_reader_are_read_or_refused(
    reference: Reference, root: Path, tmp_path: Path
) -> None:
    readers = {**Readers(reference, root, tmp_path).all(), **own_readers(reference, tmp_path)}
    kept = sorted((root / "tests/fuzz/crashes").iterdir())
    tally = Tally()
    for path in kept:
        kind = path.name.partition("-")[0]
        try_one(kind, readers[kind], tmp_path / path.name, path.read_bytes(), tally)
    assert kept
    assert not tally.faults, str(tally)


def fuzz_all(root: Path, folder: Path) -> tuple[Tally, int]:
    """Return what became of all mutated files, and the most memory (kB) that this process took."""
    with alarm():
        readers = Readers(load_reference(root / "reference"), root, folder).all()
        tally = fuzz(readers, seeds(root), folder, COUNTS, "20261127")
    return tally, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.slow
def test_no_mutated_file_breaks_a_reader(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # In a process of its own: what other tests took would be laid to the readers.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        tally, memory = pool.submit(fuzz_all, root, tmp_path).result()
    with capsys.disabled():
        print(f"\n{tally}")
    assert not tally.faults, str(tally)
    assert tally.total == 100_000
    assert tally.longest < SECONDS
    assert memory <= MEGABYTES * 1024, str(tally)
