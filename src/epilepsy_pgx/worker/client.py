"""Ask the worker process of this process to do a job; it starts with the first one."""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import IO, Any, Protocol

from epilepsy_pgx import worker
from epilepsy_pgx.worker.jobs import (
    Answer,
    Failure,
    Job,
    Request,
    decode_answer,
    describe_end,
    encode,
)

MEMORY_LIMIT = 1024**3
"""Address space for one job, in bytes."""
TIME_LIMIT = 3600.0
"""Longest time for one job, in seconds."""
_TAIL = 4096
_LONGEST_LINE = 300


def ask(job: Job, *, memory: int = MEMORY_LIMIT, timeout: float = TIME_LIMIT) -> Answer:
    """Do a job in the worker process.

    Returns
    -------
    Answer
        What the job gives; a `Failure` if it fails or its process ends, however that comes about.
    """
    global _worker
    # One thread after the other: an answer belongs to the request before it.
    with _one_at_a_time:
        if _worker is None or not _worker.is_alive():
            close()
            try:
                _worker = _Worker()
            except OSError as error:
                return Failure(f"no process for {job.task} ({error.strerror})")
        return _worker.ask(Request(job, _folder(), memory, timeout))


def _sole_thread() -> bool:
    try:
        return worker.forks and len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


class _Process(Protocol):
    """What a worker needs of its process, however that was started."""

    pid: int
    returncode: int | Any
    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def poll(self) -> int | None:
        """Return the exit code as of `subprocess.Popen`; None while it runs."""

    def wait(self) -> int:
        """Wait for its end and return the exit code."""


def _run(folder: str, errors: IO[bytes]) -> _Process:
    """Start a Python of its own."""
    # -P: a file in the user's folder must not be taken for a module of the same name.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "epilepsy_pgx.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**_environment(), "TMPDIR": folder},
    )


def _fork(folder: str, errors: IO[bytes]) -> _Process:
    """Fork this process."""
    # Imported here: the commands that cut out no records do without the libraries.
    from epilepsy_pgx.worker import serve

    with contextlib.ExitStack() as pipes:
        requests, sending = _pipe(pipes)
        receiving, answers = _pipe(pipes)
        pid = os.fork()
        # Two ends of them are the parent's from here on.
        pipes.pop_all()
    if not pid:
        code = 1
        try:
            for number, place in enumerate((requests, answers, errors.fileno())):
                os.dup2(place, number)
            # Files of the parent, and above all the other ends of the pipes, are none of its own.
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.environ["TMPDIR"] = tempfile.tempdir = folder
            serve.main()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            # Without what the parent does at its end.
            os._exit(code)
    os.close(requests)
    os.close(answers)
    return _Forked(pid, os.fdopen(sending, "wb"), os.fdopen(receiving, "rb"))


def _pipe(kept: contextlib.ExitStack) -> tuple[int, int]:
    """Open a pipe whose ends are closed if what follows fails."""
    ends = os.pipe()
    for end in ends:
        kept.callback(os.close, end)
    return ends


class _Forked:
    """A fork of this process, seen as `subprocess.Popen` shows one."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid = pid
        self.stdin: IO[bytes] | None = stdin
        self.stdout: IO[bytes] | None = stdout
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, less than 0 for a signal; None while it runs."""
        return self._look(os.WNOHANG)

    def wait(self) -> int:
        """Wait for its end and return the exit code."""
        code = self._look(0)
        assert code is not None
        return code

    def _look(self, options: int) -> int | None:
        if self.returncode is None:
            try:
                done, status = os.waitpid(self.pid, options)
            except ChildProcessError:
                # Somebody else has seen its end.
                done, status = self.pid, 0
            if done:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


class _Worker:
    """The parent's end of a worker process."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        # Whatever a job keeps for the time being lies here: one that is killed cannot take it away.
        self._folder = tempfile.mkdtemp(prefix="epilepsy-pgx-")
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
            self._errors = stack.enter_context(tempfile.TemporaryFile(dir=self._folder))
            start = _fork if _sole_thread() else _run
            self._process: _Process = start(self._folder, self._errors)
            stack.pop_all()

    def is_alive(self) -> bool:
        """Say whether the process runs and is of this process, not of one that forked it."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(self, request: Request) -> Answer:
        """Send a request and wait for its answer."""
        sending, receiving = self._process.stdin, self._process.stdout
        assert sending is not None
        assert receiving is not None
        line = b""
        try:
            sending.write(encode(request))
            sending.flush()
            line = receiving.readline()
        except BrokenPipeError:
            pass
        finally:
            # Also if this process was interrupted: a late answer must not be that of a later job.
            if not line.endswith(b"\n"):
                self._end()
        if line.endswith(b"\n"):
            return decode_answer(line)
        how = describe_end(self._process.returncode, request)
        return Failure(how + self._last_words())

    def close(self) -> None:
        """End the process and let go of its files."""
        if self._owner == os.getpid():
            self._end()
            self._errors.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self) -> None:
        # It ends, and what it is doing, when its standard input does.
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()

    def _last_words(self) -> str:
        # By position: the process writes at the same offset of the same open file.
        number = self._errors.fileno()
        start = max(0, os.fstat(number).st_size - _TAIL)
        lines = os.pread(number, _TAIL, start).decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1][:_LONGEST_LINE]}" if lines else ""


_worker: _Worker | None = None
_one_at_a_time = threading.Lock()


def _unlocked() -> None:
    """Give a process that was forked while a thread asked a lock that nobody holds."""
    global _one_at_a_time
    _one_at_a_time = threading.Lock()


os.register_at_fork(after_in_child=_unlocked)


@atexit.register
def close() -> None:
    """End the worker process, if there is one."""
    global _worker
    if _worker is not None:
        _worker.close()
    _worker = None


def _folder() -> Path | None:
    try:
        return Path.cwd()
    except OSError:
        return None


def _environment() -> dict[str, str]:
    """Return an environment in which the worker imports what this process imports."""
    here = _folder() or Path("/")
    places = (os.path.join(here, place) for place in sys.path)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in places if os.pathsep not in p)}
