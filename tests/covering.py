"""Which test runs which line of `calling/` and `response/`, and what each test costs.

`tests.mutate` asks, so that a mutant meets every test that runs its line, and no other.
"""

import hashlib
import os
import pickle
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import coverage
import pytest

from tests.mutants import PACKAGES, ROOT, SOURCE, modules

ENOUGH = 1.5
"""Seconds of a processor after which a test is dear and its further lines are not asked for."""
DEAR = 8.0
"""Seconds that a dear test is thought to take."""


class _Overtime(BaseException):
    """A test has run long enough; not an error that a test or hypothesis would catch."""


@dataclass(frozen=True)
class Covered:
    """One test: what it costs in seconds, and which lines of which module it runs."""

    seconds: float
    lines: dict[str, frozenset[int]]


@dataclass
class Covering:
    """What the tests of some files cover."""

    tests: dict[str, Covered] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    """By test file."""

    def chosen(self, module: str, lines: range | None, own: Sequence[str]) -> list[str]:
        """Return the tests that run one of these lines, or any line of the module.

        Those of the module's own files come first, then cheap ones before dear ones; tests of one
        file stay together in portions, since they share what a fixture makes.
        """
        of_module = [name for name, test in self.tests.items() if module in test.lines]
        dear = {name for name in of_module if self.tests[name].seconds >= ENOUGH}
        found = [n for n in of_module if lines is None or self.tests[n].lines[module] & {*lines}]
        # A dear test was stopped: it may run the line later.
        late = [name for name in of_module if name in dear and name not in found]
        found += [name for name in late if not found or name.split("::")[0] in own]
        found.sort(key=lambda name: self.tests[name].seconds)
        rank: dict[str, int] = defaultdict(int)
        keys = {}
        for name in found:
            path = name.split("::")[0]
            keys[name] = (name in dear, rank[path] // PORTION, path not in own, path)
            rank[path] += 1
        return sorted(found, key=lambda name: keys[name])


PORTION = 12
"""Tests of one file that are tried before those of the next."""


class Recorder:
    """A plugin of pytest that notes, of the test that runs, whether it failed or is dear."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.limit = 0.0
        self.overtime = False
        self.tracer: coverage.Coverage | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):  # type: ignore[no-untyped-def]
        """Note the lines that make a shared fixture under its own name."""
        if self.tracer is None or fixturedef.scope == "function":
            return (yield)
        self.tracer.switch_context(f"fixture {fixturedef.argname}")
        try:
            return (yield)
        finally:
            self.tracer.switch_context(request.node.nodeid if _is_test(request) else "")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Stop a test that has shown enough."""
        if not self.limit:
            return (yield)

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.overtime = True
            raise _Overtime

        if self.tracer is not None:
            self.tracer.switch_context(item.nodeid)
        signal.signal(signal.SIGPROF, stop)
        signal.setitimer(signal.ITIMER_PROF, self.limit)
        try:
            return (yield)
        except _Overtime:
            return None
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure; one after our own stop, which may strike a callback, tells nothing."""
        if report.failed and not self.overtime:
            self.failed.append(report.nodeid)


def _is_test(request: pytest.FixtureRequest) -> bool:
    return isinstance(request.node, pytest.Item)


def forget() -> None:
    """Empty what functions of the two packages keep, so that the next test runs their lines."""
    for name, module in list(sys.modules.items()):
        if name.startswith(tuple(f"epilepsy_pgx.{package}." for package in PACKAGES)):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def record(session: pytest.Session, recorder: Recorder, kept: Path | None) -> Covering:
    """Run each test once, a file in a process; read again what is kept of unchanged files."""
    known = Covering()
    if kept is not None and kept.is_file():
        known = pickle.loads(kept.read_bytes())
    by_file: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in session.items:
        by_file[item.nodeid.split("::")[0]].append(item)
    result = Covering()
    common = _digest(SOURCE / module for module in modules())
    for path, items in by_file.items():
        result.digests[path] = common + _digest([ROOT / path])
        if known.digests.get(path) == result.digests[path]:
            names = {item.nodeid for item in items}
            found = {n: t for n, t in known.tests.items() if n in names}
        else:
            found = _record_file(items, recorder)
            known.digests[path] = result.digests[path]
            known.tests.update(found)
            if kept is not None:
                kept.write_bytes(pickle.dumps(known))
        result.tests.update(found)
    return result


def _digest(paths: Iterable[Path]) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _record_file(items: Sequence[pytest.Item], recorder: Recorder) -> dict[str, Covered]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            silence(1, 2)
            answer = pickle.dumps(_run_all(items, recorder))
            with os.fdopen(writer, "wb") as stream:
                stream.write(answer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    failed, found = pickle.loads(answer) if answer else ([i.nodeid for i in items], {})
    # Such a test tells nothing of a mutant.
    for name in dict.fromkeys(failed):
        print(f"left out, since it fails without any change: {name}", flush=True)
        found.pop(name, None)
    return dict(found)


def silence(*streams: int) -> None:
    """Print nothing more from this process."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nothing, stream)


def _run_all(
    items: Sequence[pytest.Item], recorder: Recorder
) -> tuple[list[str], dict[str, Covered]]:
    wanted = [str(SOURCE / package / "*.py") for package in PACKAGES]
    tracer = coverage.Coverage(data_file=None, config_file=False, include=wanted)
    recorder.tracer, recorder.limit = tracer, ENOUGH
    seconds = {}
    tracer.start()
    for item, following in zip(items, [*items[1:], None], strict=True):
        recorder.overtime = False
        forget()
        tracer.switch_context(item.nodeid)
        begin = time.process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        seconds[item.nodeid] = DEAR if recorder.overtime else time.process_time() - begin
    tracer.stop()
    lines = _lines_of_contexts(tracer.get_data())
    found = {}
    for item in items:
        # A test depends on the lines that made its fixtures, whoever asked for them first.
        names = [item.nodeid, *(f"fixture {name}" for name in getattr(item, "fixturenames", ()))]
        together: dict[str, set[int]] = defaultdict(set)
        for name in names:
            for module, numbers in lines.get(name, {}).items():
                together[module] |= numbers
        found[item.nodeid] = Covered(
            seconds[item.nodeid], {module: frozenset(n) for module, n in together.items()}
        )
    return recorder.failed, found


def _lines_of_contexts(data: coverage.CoverageData) -> dict[str, dict[str, set[int]]]:
    lines: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for path in data.measured_files():
        module = Path(path).relative_to(SOURCE).as_posix()
        for number, names in data.contexts_by_lineno(path).items():
            for name in names:
                lines[name][module].add(number)
    return lines
