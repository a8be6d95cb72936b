"""Do the tests notice a changed rule? A sample of mutants of `calling/` and `response/`.

Run by `make mutation`. `tests.mutants` says what is changed, `tests.covering` which tests run the
changed line. No file is edited: one process collects the tests, and each mutant is tried in a fork
of it, where the functions of the changed module take their new code. What a module says while it
is imported (a class, an enumeration) may be held by others already; where such a mutant survives,
it is tried again in a process that imports the changed module in place of the real one. The sample
is drawn by a seed, so that the same command tries the same mutants.
"""

import argparse
import gc
import importlib
import importlib.abc
import importlib.util
import os
import pickle
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import hypothesis.strategies  # noqa: F401
import pytest

from tests.covering import Covering, Recorder, forget, record, silence
from tests.mutants import PACKAGES, ROOT, SOURCE, Mutant, modules, mutants_of
from tests.test_layers import ORDER

RECORD = ROOT / "docs/mutation.tsv"
ACCEPTED = ROOT / "tests/oracles/mutants.tsv"
BUDGET = 20.0
"""Seconds that the tests of one mutant may take together: the dearest are left out beyond it."""
SPARE, TIMES = 20, 4
"""A mutant is noticed after this many times the seconds that its tests take, and some to spare."""
WALL = 1800
"""Seconds after which a mutant counts as noticed whatever it does: it may wait for ever."""

IMPORTED = "ignore::pytest.PytestAssertRewriteWarning"
"""Libraries are imported before pytest starts, so that each child finds them ready."""
ARGUMENTS = (
    "-q",
    "-s",
    "-p",
    "no:cacheprovider",
    "-m",
    "not slow and not realdata",
    "-W",
    IMPORTED,
)

_NAMES = re.compile(rf"\b(epilepsy_pgx|tests)\.({'|'.join(PACKAGES)})\b")
_OTHER_RUNS = ("golden", "realdata", "reference", "report")
"""Folders of tests that are no part of this: on tables, on whole reports, on real data."""


def test_files() -> list[str]:
    """Return the test files that import one of the packages, or are named by `mirror.tsv`."""
    named = {f"{test}.py" for module, test in mirrored() if module.split("/")[0] in PACKAGES}
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        place = path.relative_to(ROOT / "tests")
        inside = place.parts[0] in PACKAGES or place.as_posix() in named
        if inside or (
            place.parts[0] not in _OTHER_RUNS and _NAMES.search(path.read_text(encoding="utf-8"))
        ):
            found.append(str(path.relative_to(ROOT)))
    return found


def mirrored() -> list[list[str]]:
    """Return the modules whose tests stand elsewhere, and where."""
    lines = (ROOT / "tests/mirror.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


def own_files(module: str) -> list[str]:
    """Return the test files at a module's own place, or where `mirror.tsv` says they are."""
    package, name = module.removesuffix(".py").split("/")
    own = sorted((ROOT / "tests" / package).glob(f"test_{name}*.py"))
    named = [f"tests/{test}.py" for key, test in mirrored() if key == f"{package}/{name}"]
    return [*(str(path.relative_to(ROOT)) for path in own), *named]


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant."""

    word: str
    """`killed`, `timeout`, `survived`, or `uncovered`: no test runs the line."""
    seconds: float
    by: str = ""
    """The test that noticed it."""

    @property
    def noticed(self) -> bool:
        """Whether some test failed."""
        return self.word in ("killed", "timeout")


def name_of(module: str) -> str:
    """Return the name by which a module is imported."""
    return "epilepsy_pgx." + module.removesuffix(".py").replace("/", ".")


def install(mutant: Mutant) -> None:
    """Put a mutant in place of the module that this process has imported."""
    module = sys.modules[name_of(mutant.module)]
    space = {**{k: v for k, v in vars(module).items() if k.startswith("__")}}
    exec(compile(mutant.tree(), str(SOURCE / mutant.module), "exec"), space)
    for name, new in space.items():
        old = vars(module).get(name)
        if getattr(new, "__module__", module.__name__) == module.__name__ and not _swap(old, new):
            _rebind(name, old, new)
    for name in vars(module).keys() - space.keys():
        if others := [m for m in _users() if m is not module and name in vars(m)]:
            held = vars(module)[name]
            if any(vars(other)[name] is held for other in others):
                raise ImportError(name)
        delattr(module, name)
    forget()


def _users() -> list[types.ModuleType]:
    """Return the modules that may have imported a name of a changed one."""
    return [m for key, m in list(sys.modules.items()) if key.startswith(("epilepsy_pgx", "tests"))]


def _swap(old: object, new: object) -> bool:
    """Give a function, or the functions of a class, their new code; say whether it is one."""
    for inside in ("__wrapped__", "__func__", "func", "fget"):
        if not isinstance(old, type) and hasattr(old, inside) and hasattr(new, inside):
            return _swap(getattr(old, inside), getattr(new, inside))
    if isinstance(old, types.FunctionType) and isinstance(new, types.FunctionType):
        if len(old.__code__.co_freevars) == len(new.__code__.co_freevars):
            old.__code__ = new.__code__
            old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
        return True
    if isinstance(old, type) and isinstance(new, type):
        for name, value in vars(new).items():
            _swap(vars(old).get(name), value)
        return True
    return False


_PLAIN = (str, int, float, Decimal, timedelta, re.Pattern, tuple, frozenset, dict, set, list)


def _rebind(name: str, old: object, new: object) -> None:
    """Give a constant its new value wherever it was imported."""
    if name.startswith("__") or type(new) is not type(old) or not isinstance(new, _PLAIN):
        return
    for module in _users():
        if vars(module).get(name) is old:
            setattr(module, name, new)


class Server:
    """A session of pytest that has collected its tests, and tries mutants in forks of itself."""

    def __init__(self, mutants: Sequence[Mutant], jobs: int, kept: Path | None) -> None:
        self._mutants, self._jobs, self._kept = mutants, jobs, kept
        self._recorder = Recorder()
        self.outcomes: dict[Mutant, Outcome] = {}
        self.covering = Covering()

    def start(self) -> None:
        """Collect the tests, learn what they cover, try the mutants."""
        code = pytest.main([*ARGUMENTS, *test_files()], plugins=[self, self._recorder])
        if code not in (0, 5) and not self.outcomes:
            raise SystemExit(f"the tests could not be collected (exit code {code})")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of the loop that runs each test once."""
        begin = time.monotonic()
        self.covering = record(session, self._recorder, self._kept)
        print(f"{len(session.items)} tests; covering known in {time.monotonic() - begin:.0f} s")
        items = {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        running: dict[int, tuple[Mutant, float, tempfile.TemporaryDirectory[str]]] = {}
        for mutant in self._mutants:
            if len(running) == self._jobs:
                self._await(running)
            self._begin(mutant, items, running)
        while running:
            self._await(running)
        return True

    def _begin(
        self,
        mutant: Mutant,
        items: dict[str, pytest.Item],
        running: dict[int, tuple[Mutant, float, tempfile.TemporaryDirectory[str]]],
    ) -> None:
        names = affordable(self.covering, mutant)
        if not names:
            self._note(mutant, Outcome("uncovered", 0))
            return
        sys.stdout.flush()
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        begin = time.monotonic()
        child = os.fork()
        if child == 0:
            _in_fork(lambda: self._try(mutant, [items[n] for n in names], folder.name))
        running[child] = mutant, begin, folder

    def _try(self, mutant: Mutant, items: Sequence[pytest.Item], folder: str) -> int:
        limit(sum(self.covering.tests[item.nodeid].seconds for item in items))
        silence(1, 2)
        # What tests keep for one another must not pass from one mutant to the next.
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder
        try:
            install(mutant)
        except Exception as error:
            Path(folder, "by").write_text(f"import: {type(error).__name__}", encoding="utf-8")
            return 1
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._recorder.failed:
                Path(folder, "by").write_text(item.nodeid, encoding="utf-8")
                return 1
        return 0

    def _await(
        self, running: dict[int, tuple[Mutant, float, tempfile.TemporaryDirectory[str]]]
    ) -> None:
        child, status = os.wait()
        mutant, begin, folder = running.pop(child)
        by = Path(folder.name, "by")
        word = word_of(os.waitstatus_to_exitcode(status), mutant)
        test = by.read_text(encoding="utf-8") if by.is_file() else ""
        folder.cleanup()
        self._note(mutant, Outcome(word, time.monotonic() - begin, test))

    def _note(self, mutant: Mutant, outcome: Outcome) -> None:
        self.outcomes[mutant] = outcome
        tell(mutant, outcome)


def affordable(covering: Covering, mutant: Mutant) -> list[str]:
    """Return the tests that run the changed line, as many as the budget allows."""
    lines = mutant.lines if mutant.deferred else None
    names, spent = [], 0.0
    for name in covering.chosen(mutant.module, lines, own_files(mutant.module)):
        spent += covering.tests[name].seconds
        if names and spent > BUDGET:
            break
        names.append(name)
    return names


def _in_fork(work: Callable[[], int]) -> None:
    """Do something in a fork and leave it, whatever happens."""
    code = 99
    try:
        code = work()
    finally:
        os._exit(code)


def limit(seconds: float) -> None:
    """Let this process end if it takes far longer than its tests do."""
    most = int(SPARE + TIMES * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(WALL)


OUTCOMES = {0: "survived", 1: "killed", 2: "killed", 99: "killed"}
"""By exit code: 2 if the changed module cannot be imported, 99 if pytest itself fell."""


def word_of(code: int, mutant: Mutant) -> str:
    """Return what an exit code says of a mutant."""
    if code in (-signal.SIGXCPU, -signal.SIGALRM):
        return "timeout"
    if code not in OUTCOMES:
        raise SystemExit(f"{mutant.module}:{mutant.line}: the tests did not run (exit code {code})")
    return OUTCOMES[code]


def tell(mutant: Mutant, outcome: Outcome) -> None:
    """Print what became of a mutant."""
    place = f"{mutant.module}:{mutant.line}"
    cells = (outcome.word, f"{outcome.seconds:.1f} s", place, mutant.kind, mutant.change)
    print("\t".join((*cells, outcome.by)), flush=True)


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Load one module from a changed tree, and leave all others to Python."""

    def __init__(self, mutant: Mutant) -> None:
        self._name, self._path = name_of(mutant.module), SOURCE / mutant.module
        self._tree = mutant.tree()

    def find_spec(self, name, path, target=None):  # type: ignore[no-untyped-def]
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(name, self._path, loader=self)

    def create_module(self, spec):  # type: ignore[no-untyped-def]
        return None

    def exec_module(self, module) -> None:  # type: ignore[no-untyped-def]
        exec(compile(self._tree, str(self._path), "exec"), module.__dict__)


def import_anew(mutant: Mutant | None, names: Sequence[str], seconds: float) -> Outcome:
    """Run tests in a process that imports the changed module, or none, in place of the real one."""
    begin = time.monotonic()
    child = os.fork()
    if child == 0:

        def work() -> int:
            limit(seconds)
            silence(1, 2)
            if mutant is not None:
                sys.meta_path.insert(0, _Loader(mutant))
            return int(pytest.main(["-x", *ARGUMENTS, *names]))

        _in_fork(work)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    word = "timeout" if code in (-signal.SIGXCPU, -signal.SIGALRM) else OUTCOMES.get(code, "killed")
    return Outcome(word, time.monotonic() - begin, "imported anew")


def preload(package: str) -> None:
    """Import the layers above a package in `ORDER`: they never import it."""
    for layer in ORDER[: ORDER.index(package)]:
        for path in sorted(SOURCE.glob(f"{layer}.py")) + sorted((SOURCE / layer).rglob("*.py")):
            if path.stem != "__main__":
                parts = path.relative_to(SOURCE).with_suffix("").parts
                importlib.import_module(".".join(("epilepsy_pgx", *parts)))


def try_again(outcomes: dict[Mutant, Outcome], covering: Covering) -> None:
    """Import anew what survived although it runs at import, and note whether that is noticed."""
    sound: set[str] = set()
    for mutant in sorted(outcomes, key=lambda m: m.module):
        if mutant.deferred or outcomes[mutant].noticed:
            continue
        names = affordable(covering, mutant)
        seconds = sum(covering.tests[name].seconds for name in names)
        if not names:
            continue
        preload(mutant.module.split("/")[0])
        outcome = import_anew(mutant, names, seconds)
        if outcome.noticed and mutant.module not in sound:
            if import_anew(None, names, seconds).noticed:
                raise SystemExit(f"the tests of {mutant.module} fail without any change")
            sound.add(mutant.module)
        outcomes[mutant] = outcome
        tell(mutant, outcome)


def try_all(sample: Sequence[Mutant], jobs: int, kept: Path | None) -> dict[Mutant, Outcome]:
    """Return what became of each mutant.

    The tests are collected in a fork: this process imports nothing of what is changed, so that it
    can import the changed module anew.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer")
        child = os.fork()
        if child == 0:
            try:
                server = Server(sample, jobs, kept)
                server.start()
                answer.write_bytes(pickle.dumps((server.outcomes, server.covering)))
            finally:
                sys.stdout.flush()
                os._exit(0)
        os.waitpid(child, 0)
        if not answer.is_file():
            raise SystemExit("the mutants could not be tried: see above")
        outcomes, covering = pickle.loads(answer.read_bytes())
    try_again(outcomes, covering)
    return dict(outcomes)


def accepted() -> dict[tuple[str, str], str]:
    """Return why some mutants may survive, by module and change."""
    lines = ACCEPTED.read_text(encoding="utf-8").splitlines()[1:] if ACCEPTED.is_file() else []
    rows = [line.split("\t") for line in lines]
    return {(row[0], row[1]): row[2] for row in rows}


def main(arguments: Sequence[str] | None = None) -> int:
    """Try a sample and write what survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="module such as response/rules.py, or package")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--covering", type=Path, help="file that keeps which test covers which line"
    )
    parser.add_argument("--write", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args(arguments)
    every = [m for module in modules() for m in mutants_of(module)]
    if options.only:
        every = [m for m in every if m.module.startswith(options.only)]
    sample = random.Random(options.seed).sample(every, min(options.count, len(every)))
    begin = time.monotonic()
    outcomes = try_all(sample, options.jobs, options.covering)
    survivors = [m for m in sample if not outcomes[m].noticed]
    for package in PACKAGES:
        those = [m for m in sample if m.module.startswith(package)]
        if those:
            noticed = sum(outcomes[m].noticed for m in those)
            print(f"{package}: {noticed} of {len(those)} noticed: {noticed / len(those):.1%}")
    words = Counter(outcome.word for outcome in outcomes.values())
    print(f"{dict(words)} of {len(every)} possible, in {time.monotonic() - begin:.0f} s")
    if options.write:
        write_record(sample, survivors, options.seed)
    return 0


def write_record(sample: Sequence[Mutant], survivors: Sequence[Mutant], seed: int) -> None:
    """Write counts and survivors, each with the reason why it may live."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    reasons = accepted()
    killed = len(sample) - len(survivors)
    lines = [
        f"# {time.strftime('%Y-%m-%d')}, commit {commit}, seed {seed}: {len(sample)} sampled,"
        f" {killed} killed ({killed / len(sample):.0%}), {len(survivors)} survived",
        "module\tline\tkind\tchange\treason",
    ]
    for one in sorted(survivors, key=lambda m: (m.module, m.line, m.change)):
        reason = reasons.get((one.module, one.change), "not explained yet")
        lines.append("\t".join((one.module, str(one.line), one.kind, one.change, reason)))
    RECORD.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
