"""What is dear to make and the same for all tests: made by one worker, read by the others."""

import fcntl
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_folders: list[Path] = []


def share_in(folder: Path) -> None:
    """Say where the processes of this run of the tests share what they make."""
    _folders[:] = [folder]


def made_once(name: str, make: Callable[[Path], T]) -> T:
    """Return what the first process that asks for a name makes; the others wait for it.

    Parameters
    ----------
    name
        What it is.
    make
        Makes it; is given a folder of its own, for files that stay until the run ends.
    """
    (base,) = _folders
    folder = base / f"shared-{name}"
    folder.mkdir(exist_ok=True)
    kept = base / f"shared-{name}.pickle"
    with (base / f"shared-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_file():
            data = pickle.dumps(make(folder))
            kept.write_bytes(data)
        made: T = pickle.loads(kept.read_bytes())
    return made
