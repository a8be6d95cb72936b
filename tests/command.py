"""The command line as tests run it: in this process, or as a user does, in one of its own."""

import contextlib
import gzip
import io
import subprocess
import sys
import traceback
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from unittest.mock import patch

from epilepsy_pgx.cli import main
from epilepsy_pgx.pipeline import faults

PROGRAM = (sys.executable, "-m", "epilepsy_pgx.cli")


@dataclass(frozen=True)
class Done:
    """What a command did, under the names of `subprocess.CompletedProcess`."""

    returncode: int
    stdout: str
    stderr: str


def run(*words: object, cwd: PathLike[str] | str = ".") -> Done:
    """Run a command in this process by the entry point of the program.

    It saves the start of Python, the imports and the start of the worker. A command must not
    depend on what one before it left in memory, and these tests would show it if one did.

    Parameters
    ----------
    words
        What is typed after the program's name.
    cwd
        The folder that it is typed in.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        patch.object(sys, "argv", ["epilepsy-pgx", *map(str, words)]),
        patch.dict("os.environ"),
        patch.object(faults, "_printed", set()),  # tracebacks that a process has printed
    ):
        try:
            main()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except Exception:
            traceback.print_exc()
            code = 1
    return Done(code, _text(out), _text(err))


def run_process(
    *words: object, cwd: PathLike[str] | str = "."
) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process of its own."""
    return subprocess.run(
        [*PROGRAM, *map(str, words)], capture_output=True, text=True, cwd=cwd, check=False
    )


def few_records(source: Path, target: Path) -> Path:
    """Write a compressed VCF as text with one in twenty of its records; return its path.

    For tests of what becomes of files and rows, whatever the genotypes are.
    """
    lines = gzip.open(source, "rt", encoding="utf-8").read().splitlines(keepends=True)
    head = [line for line in lines if line.startswith("#")]
    target.write_text("".join([*head, *lines[len(head) :: 20]]), encoding="utf-8")
    return target


def table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table that a command wrote, by column."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = lines[0].split("\t")
    return [dict(zip(head, line.split("\t"), strict=True)) for line in lines[1:]]


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]
