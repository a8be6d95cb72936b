"""A file that kills the process that reads it is counted, kept, and not the end of the run."""

import os
import signal
from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError
from tests.fuzz import forked
from tests.fuzz.forked import Bounds, Stream, rounds


def reads(path: Path) -> None:
    """Kill the process on some files, refuse others, read the rest."""
    match sum(path.read_bytes()) % 5:
        case 0:
            os.kill(os.getpid(), signal.SIGKILL)
        case 1:
            raise InputError.one("other", found="an odd file")


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_what_kills_a_reader_is_counted_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPILEPSY_PGX_CRASHES", str(tmp_path / "kept"))
    monkeypatch.setattr(forked, "CHUNK", 20)
    streams = {k: Stream(k, reads, [b"a\tb\nc\td\n" * 3], "1") for k in ("one", "two")}
    files = {k: [s.file(n) for n in range(40)] for k, s in streams.items()}
    tallies = list(rounds(streams, tmp_path, Bounds(40, 60)))
    tried = {k: s.number for k, s in streams.items()}
    assert sum(tried.values()) == sum(t.total for t in tallies) == 40
    deadly = {k: [d for d in files[k][: tried[k]] if sum(d) % 5 == 0] for k in streams}
    assert all(deadly.values())
    for kind, killers in deadly.items():
        assert sum(t.faults[f"{kind}: SIGKILL"] for t in tallies) == len(killers)
    kept = [p.read_bytes() for p in (tmp_path / "kept").iterdir() if not p.suffix]
    assert kept
    assert all(any(data in killers for killers in deadly.values()) for data in kept)
