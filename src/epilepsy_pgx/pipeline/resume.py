"""Go on with a run of the workflow that was cut off: who is at work in its folder, and what runs.

Snakemake leaves its lock behind when it is killed, and the jobs that it had started go on to
their end. A lock is taken away only if no process of the run is left on this machine; which
machine the last run was on is written down, for a folder that several share.
"""

import os
import platform
import re
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from epilepsy_pgx.errors import ConfigError, counted
from epilepsy_pgx.files import make_folder, write_text
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import shipped_folder

HOST = Path(".snakemake/epilepsy-pgx.host")
"""Where a run writes down the machine that it is on, below its folder."""
LOCKS = Path(".snakemake/locks")
SNAKEMAKE = "snakemake"
_JOBS = frozenset({"epilepsy-pgx", "epilepsy_pgx.cli", "epilepsy_pgx.worker"})
_WORDS = 4
"""Words of a command line among which the name of its program stands."""
_CORES = re.compile(r"-[cj]|--(cores|jobs|profile|workflow-profile)(=|$)")
"""Words that say how many cores to use."""
PATIENCE = 60.0
"""Seconds to wait for jobs that outlived their run."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process that works in a folder."""

    number: int
    is_run: bool
    """True for Snakemake itself, False for one of its jobs."""


def running_in(folder: Path) -> Iterator[Running]:
    """Yield the processes of a run in a folder, but for this one and those that started it."""
    own = _ancestors()
    place = folder.resolve()
    for path in Path("/proc").glob("[0-9]*"):
        number = int(path.name)
        try:
            if number in own or (path / "cwd").resolve(strict=True) != place:
                continue
            words = (path / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:  # another user's, or ended meanwhile
            continue
        names = {Path(word).name for word in words[:_WORDS]}
        if SNAKEMAKE in names or names & _JOBS:
            yield Running(number, SNAKEMAKE in names)


def _ancestors() -> set[int]:
    """Return this process, and those above it."""
    found, number = set(), os.getpid()
    while number > 1 and number not in found:
        found.add(number)
        try:
            # The name of a program stands in brackets and may hold any character.
            text = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2]
            number = int(text.split()[1])
        except (OSError, ValueError, IndexError):
            break
    return found


def make_way(folder: Path, tell: Callable[[str], None], patience: float = PATIENCE) -> bool:
    """Wait for the jobs of a run that was killed; say whether it left a lock to take away.

    Raises
    ------
    ConfigError
        If a run is at work in the folder, or may be on another machine.
    """
    locked = any((folder / LOCKS).glob("*"))
    host = _host(folder)
    if locked and host not in ("", platform.node()):
        raise ConfigError.one(
            "run-elsewhere",
            file=str(folder),
            found=f"the lock of a run on {host}",
            expected="a folder in which no run is at work",
            fix=f"Go on with it there; if it is no longer at work, remove {folder / HOST}.",
        )
    end = time.monotonic() + patience
    told = False
    while found := sorted(running_in(folder), key=lambda r: (not r.is_run, r.number)):
        first = found[0]
        if first.is_run or time.monotonic() > end:
            kind = "a run" if first.is_run else "a job of a run that was cut off"
            raise ConfigError.one(
                "run-at-work",
                file=str(folder),
                found=f"{kind}, process {first.number}",
                expected="a folder in which no run is at work",
                fix="Wait until it has finished, or end it.",
            )
        if not told:
            tell(f"still at work: {counted(len(found), 'process', 'processes')} of a run cut off")
            told = True
        time.sleep(min(0.5, patience))
    return locked


def _host(folder: Path) -> str:
    try:
        return (folder / HOST).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


def write_host(folder: Path) -> None:
    """Write down the machine that a run is on."""
    make_folder((folder / HOST).parent)
    write_text(folder / HOST, f"{platform.node()}\n")


def run_words(folder: Path, words: Sequence[str]) -> list[str]:
    """Return the command line of Snakemake for a folder, without Python's own part.

    Jobs that were cut off run again. The workflow is that of the folder, else that of the package.

    Raises
    ------
    ConfigError
        If Snakemake is not installed.
    """
    if find_spec(SNAKEMAKE) is None:
        raise ConfigError.one(
            "snakemake-found",
            file=".",
            found="no Snakemake",
            expected="the extra 'workflow'",
            fix="pip install 'epilepsy-pgx[workflow]'",
        )
    given = ["--rerun-incomplete"]
    if not any(map(_CORES.match, words)):
        given += ["--cores", "all"]
    own = (folder / "Snakefile", folder / "workflow/Snakefile")
    if not any(path.is_file() for path in own) and not {"-s", "--snakefile"} & {*words}:
        given += ["--snakefile", str(shipped_folder("workflow") / "Snakefile")]
    return [SNAKEMAKE, *given, *words]
