"""The worker process, started by `client`: it takes requests on standard input until that ends.

Each job is done in a fork of its own, which shares the imported libraries. A job that crashes ends
its fork, and C libraries that keep state from run to run start afresh.
"""

import contextlib
import ctypes
import math
import os
import resource
import select
import signal
import traceback

from epilepsy_pgx.worker.jobs import Failure, Request, decode_request, describe_end, encode
from epilepsy_pgx.worker.perform import perform

_PR_SET_PDEATHSIG = 1
"""Number of the call in linux/prctl.h."""


def main() -> None:
    """Answer each request in turn."""
    # A Ctrl-C reaches the whole group of processes; the parent is the one to say so.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Not sys.stdin: in a fork that is the one of whoever started it, with what was read ahead.
    requests = os.fdopen(0, "rb", closefd=False)
    with os.fdopen(os.dup(1), "wb") as answers:
        # What a library prints must not run into the answers.
        os.dup2(2, 1)
        for line in requests:
            answers.write(_answer(decode_request(line), answers.fileno()))
            answers.flush()


def _answer(request: Request, answers: int) -> bytes:
    """Do a job in a fork; return its answer as a line, whatever becomes of the fork."""
    reading, writing = os.pipe()
    parent = os.getpid()
    try:
        child = os.fork()
    except OSError as error:
        os.close(reading)
        os.close(writing)
        return encode(Failure(f"no process for {request.job.task} ({error.strerror})"))
    if not child:
        _end_with(parent)
        # The parent must see these pipes end with this process, not with the fork.
        os.close(answers)
        os.close(reading)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        _do(request, writing)
    os.close(writing)
    answer = _wait_for(reading, child)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return encode(Failure(describe_end(code, request))) if code else answer


def _end_with(parent: int) -> None:
    """Ask the system to end this process if its parent is killed; Linux alone can."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have been killed before the system was asked.
    if os.getppid() != parent:
        os._exit(1)


def _do(request: Request, writing: int) -> None:
    """Do a job in this process, write the answer, and end."""
    code = 1
    try:
        # The default of this signal ends the process even while it runs C code.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(math.ceil(request.timeout))
        limit = request.memory + _held()
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        if request.folder is not None:
            os.chdir(request.folder)
        with os.fdopen(writing, "wb") as handle:
            handle.write(encode(perform(request.job)))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _held() -> int:
    """Return the bytes of address space that this process has already, shared with its parent."""
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as sizes:
        return int(sizes.read().split()[0]) * resource.getpagesize()
    return 0


def _wait_for(reading: int, child: int) -> bytes:
    """Return what a fork writes; end with it if the parent has gone."""
    watch = select.poll()
    watch.register(reading, select.POLLIN)
    watch.register(0, 0)
    answer = bytearray()
    with os.fdopen(reading, "rb", buffering=0) as handle:
        while True:
            ready = dict(watch.poll())
            if reading in ready:
                part = handle.read(1 << 16)
                if not part:
                    return bytes(answer)
                answer += part
            elif 0 in ready:
                os.kill(child, signal.SIGKILL)
                os._exit(1)
