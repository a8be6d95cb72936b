"""Who is at work in a folder of the workflow, and what going on with it runs."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.pipeline.resume import HOST, LOCKS, make_way, run_words, running_in, write_host


def said(_: str) -> None:
    """Take a line that the test does not look at."""


@contextmanager
def process(folder: Path, name: str, seconds: float = 30) -> Iterator[int]:
    """Have a process of some name work in a folder."""
    words = [sys.executable, "-c", f"import time; time.sleep({seconds})", name]
    started = subprocess.Popen(words, cwd=folder)
    try:
        while not Path(f"/proc/{started.pid}/cmdline").read_bytes():
            time.sleep(0.01)
        yield started.pid
    finally:
        started.kill()
        started.wait()


def leave_lock(folder: Path) -> None:
    (folder / LOCKS).mkdir(parents=True)
    (folder / LOCKS / "0.input.lock").touch()


def test_a_new_folder_has_no_lock(tmp_path: Path) -> None:
    assert not make_way(tmp_path, said)


def test_the_lock_of_a_run_that_is_gone_is_taken_away(tmp_path: Path) -> None:
    leave_lock(tmp_path)
    assert make_way(tmp_path, said)
    write_host(tmp_path)
    assert make_way(tmp_path, said)


def test_the_lock_of_another_machine_stays(tmp_path: Path) -> None:
    leave_lock(tmp_path)
    (tmp_path / HOST).write_text("node-17\n")
    with pytest.raises(ConfigError, match="node-17"):
        make_way(tmp_path, said)


def test_a_run_at_work_is_refused_and_one_elsewhere_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with process(tmp_path, "/opt/bin/snakemake") as number:
        with pytest.raises(ConfigError, match=f"a run, process {number}"):
            make_way(tmp_path, said)
        assert not make_way(tmp_path / "other", said)
    assert not make_way(tmp_path, said)


def test_jobs_that_outlived_their_run_are_waited_for(tmp_path: Path) -> None:
    lines: list[str] = []
    with process(tmp_path, "epilepsy-pgx", 0.2):
        make_way(tmp_path, lines.append)
    assert lines == ["still at work: 1 process of a run cut off"]
    with process(tmp_path, "epilepsy-pgx"), pytest.raises(ConfigError, match="was cut off"):
        make_way(tmp_path, said, patience=0)


def test_other_programs_are_no_run(tmp_path: Path) -> None:
    with process(tmp_path, "notes-on-snakemake.txt"):
        assert not list(running_in(tmp_path))


@pytest.mark.parametrize(
    ("words", "cores"),
    [
        ((), True),
        (("-n",), True),
        (("--config", "samples=s.tsv"), True),
        (("-c2",), False),
        (("--cores=2",), False),
        (("--jobs", "9"), False),
        (("--workflow-profile", "p"), False),
    ],
)
def test_cores_are_given_once(tmp_path: Path, words: tuple[str, ...], cores: bool) -> None:
    (tmp_path / "Snakefile").touch()
    found = run_words(tmp_path, words)
    assert found[:2] == ["snakemake", "--rerun-incomplete"]
    assert (found[2:4] == ["--cores", "all"]) is cores
    assert found[len(found) - len(words) :] == list(words)
    assert "--snakefile" not in found


def test_the_workflow_of_the_package_where_the_folder_has_none(tmp_path: Path, root: Path) -> None:
    found = run_words(tmp_path, ())
    assert Path(found[found.index("--snakefile") + 1]).samefile(root / "workflow/Snakefile")
