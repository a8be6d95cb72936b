"""Do the tests notice a changed rule? A sample of mutants of `calling/` and `response/`.

Run by `make mutation`. Each mutant is one change of one module: a comparison, `and` or `or`, an
arithmetic sign, a constant, what is returned, or a statement left out. It never touches the files:
a child process loads the changed module in place of the real one and runs the tests that cover it
(`TESTS`). The sample is drawn by a seed, so that the same command tries the same mutants.
"""

import argparse
import ast
import copy
import importlib
import importlib.abc
import importlib.util
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import hypothesis.strategies  # noqa: F401
import pytest

from tests.test_layers import ORDER

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src/epilepsy_pgx"
PACKAGES = ("calling", "response")
RECORD = ROOT / "docs/mutation.tsv"
ACCEPTED = ROOT / "tests/oracles/mutants.tsv"
CPU_SECONDS = 120
"""Time of a processor after which a mutant counts as noticed: some loop for ever."""

IMPORTED = "ignore::pytest.PytestAssertRewriteWarning"
"""Libraries are imported before pytest starts, so that each child finds them ready."""

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
SIGNS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}


UNCHANGED = -1


@dataclass(frozen=True)
class Mutant:
    """One change of a module: at the node with this number, in the order of `ast.walk`."""

    module: str
    node: int
    line: int
    kind: str
    change: str
    """Source text before and after."""

    def tree(self) -> ast.Module:
        """Return the changed module."""
        tree = ast.parse((SOURCE / self.module).read_text(encoding="utf-8"))
        if self.node == UNCHANGED:
            return tree
        node = list(ast.walk(tree))[self.node]
        _replace(tree, node, changed(node))
        return ast.fix_missing_locations(tree)


def changed(node: ast.AST) -> ast.AST:
    """Return what takes the place of a node."""
    new = copy.deepcopy(node)
    match new:
        case ast.Compare():
            new.ops[0] = COMPARISONS[type(new.ops[0])]()
        case ast.BoolOp():
            new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not()):
            return new.operand
        case ast.BinOp() | ast.AugAssign():
            new.op = SIGNS[type(new.op)]()
        case ast.Constant(value=bool()):
            new.value = not new.value
        case ast.Constant(value=int()):
            new.value += 1
        case ast.Constant(value=str()):
            new.value = f"not {new.value}"
        case ast.Return():
            new.value = ast.Constant(None)
        case _:
            return ast.Pass()
    return new


def kind_of(node: ast.AST) -> str | None:
    """Return which kind of change a node allows."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            return "comparison"
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return "logic"
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in SIGNS:
            return "sign"
        case ast.Constant(value=str(value)) if not value:
            return None
        case ast.Constant(value=bool() | int() | str()):
            return "constant"
        case ast.Return(value=value) if value is not None and not _is_none(value):
            return "return"
        case ast.Assign() | ast.Expr() | ast.Continue():
            return "statement"
    return None


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _replace(tree: ast.AST, node: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(v is node for v in value):
                setattr(parent, name, [new if v is node else v for v in value])


def _silent(tree: ast.Module) -> set[int]:
    """Return ids of nodes that are no rule: documentation, types, decorators, names exported."""
    silent: set[int] = set()

    def hush(node: ast.AST | None) -> None:
        if node is not None:
            silent.update(id(n) for n in ast.walk(node))

    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hush(node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for one in node.decorator_list:
                hush(one)
        if isinstance(node, ast.FunctionDef):
            hush(node.returns)
        if isinstance(node, ast.arg):
            hush(node.annotation)
        if isinstance(node, ast.AnnAssign):
            hush(node.annotation)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = ast.unparse(node.value)
            # A type with a name of its own is a type too.
            if node.targets[0].id == "__all__" or value.startswith(("tuple[", "Callable[")):
                hush(node)
    # A part of an f-string cannot stand alone.
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent.update(id(n) for n in node.values if isinstance(n, ast.Constant))
            silent.update(
                id(n)
                for value in node.values
                if isinstance(value, ast.FormattedValue) and value.format_spec
                for n in ast.walk(value.format_spec)
            )
    return silent


def mutants_of(module: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, named by its path below `src/epilepsy_pgx`."""
    tree = ast.parse((SOURCE / module).read_text(encoding="utf-8"))
    silent = _silent(tree)
    for number, node in enumerate(ast.walk(tree)):
        kind = kind_of(node)
        if kind is None or id(node) in silent:
            continue
        before, after = ast.unparse(node), ast.unparse(changed(node))
        line = getattr(node, "lineno", 0)
        change = " ".join(f"{_short(before)} -> {_short(after)}".split())
        yield Mutant(module, number, line, kind, change)


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= 60 else f"{one[:57]}..."


def modules() -> list[str]:
    """Return the modules of which mutants are made."""
    return [
        f"{package}/{path.name}"
        for package in PACKAGES
        for path in sorted((SOURCE / package).glob("*.py"))
        if path.name != "__init__.py"
    ]


def mirrored() -> list[list[str]]:
    """Return the modules whose tests stand elsewhere, and where."""
    lines = (ROOT / "tests/mirror.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


def tests_of(module: str) -> list[str]:
    """Return the test files that may notice a mutant, those of its own place first."""
    package, name = module.removesuffix(".py").split("/")
    own = sorted((ROOT / "tests" / package).glob(f"test_{name}*.py"))
    key = f"{package}/{name}"
    elsewhere = [path for module, path in mirrored() if module == key]
    rest = [ROOT / "tests" / f"{path}.py" for path in (*elsewhere, *TESTS.get(key, "").split())]
    return [str(path.relative_to(ROOT)) for path in dict.fromkeys([*own, *rest])]


TESTS = {
    "calling/class_words": "calling/test_classifications variants/test_infoclass",
    "calling/classifications": "",
    "calling/definitions": "calling/test_genes calling/test_diplotypes",
    "calling/diplotypes": "calling/test_genes",
    "calling/completions": "calling/test_diplotypes",
    "calling/findings": "",
    "calling/genes": "variants/test_documented",
    "calling/outside_calls": "intake/test_outside_calls intake/test_hla",
    "calling/phenotypes": "calling/test_genes",
    "calling/novel_variants": "variants/test_documented",
    "response/actions": "response/test_signs_seen",
    "response/candidates": "test_genetics response/test_hard_cases",
    "response/deciding": "pipeline/test_gene_coverage response/test_hard_cases",
    "response/engine": "response/test_hard_cases response/test_statements response/test_oracle"
    " response/test_all_rules response/test_broken_tables response/test_invariants",
    "response/explain": "response/test_oracle response/test_all_rules properties/test_one_resolver",
    "response/facts": "response/test_clinical_entry response/test_hard_cases"
    " response/test_reactions intake/test_druglist",
    "response/interactions": "response/test_all_rules response/test_hard_cases"
    " response/test_invariants",
    "response/monogenic": "response/test_oracle",
    "response/resistance": "response/test_hard_cases",
    "response/rules": "response/test_hard_cases response/test_forbidden response/test_oracle"
    " response/test_signs_seen response/test_broken_tables response/test_all_rules"
    " response/test_reactions response/test_invariants",
    "response/settle": "response/test_actions response/test_signs_seen response/test_hard_cases",
    "response/synthesis": "response/test_hard_cases response/test_forbidden",
}
"""By module, the files below `tests` beside its own that cover it, quick ones first."""


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Load one module from a changed tree, and leave all others to Python."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self._name, self._path, self._tree = name, path, tree

    def find_spec(self, name, path, target=None):  # type: ignore[no-untyped-def]
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(name, self._path, loader=self)

    def create_module(self, spec):  # type: ignore[no-untyped-def]
        return None

    def exec_module(self, module) -> None:  # type: ignore[no-untyped-def]
        exec(compile(self._tree, str(self._path), "exec"), module.__dict__)


def run_child(mutant: Mutant) -> int:
    """Run the tests on a mutant, in this process; return pytest's exit code."""
    name = "epilepsy_pgx." + mutant.module.removesuffix(".py").replace("/", ".")
    sys.meta_path.insert(0, _Loader(name, SOURCE / mutant.module, mutant.tree()))
    files = tests_of(mutant.module)
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-W", IMPORTED, *files]))


OUTCOMES = {0: "survived", 1: "killed", 2: "killed", 99: "killed"}
"""By exit code of pytest: 2 if the changed module cannot be imported, 99 if pytest itself fell."""


def try_mutant(mutant: Mutant) -> tuple[str, float]:
    """Return `killed`, `timeout` or `survived`, and how many seconds that took.

    The child is a fork, so that libraries and the layers below are imported once for all mutants.
    """
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        code = 99
        try:
            code = run_child(mutant)
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == -signal.SIGXCPU:
        return "timeout", time.monotonic() - begin
    if code not in OUTCOMES:
        raise SystemExit(f"{mutant.module}:{mutant.line}: the tests did not run (exit code {code})")
    return OUTCOMES[code], time.monotonic() - begin


def preload(package: str) -> None:
    """Import the layers above a package in `ORDER`: they never import it."""
    for layer in ORDER[: ORDER.index(package)]:
        for path in sorted(SOURCE.glob(f"{layer}.py")) + sorted((SOURCE / layer).rglob("*.py")):
            if path.stem != "__main__":
                parts = path.relative_to(SOURCE).with_suffix("").parts
                importlib.import_module(".".join(("epilepsy_pgx", *parts)))


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
    parser.add_argument("--write", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args(arguments)
    every = [m for module in modules() for m in mutants_of(module)]
    if options.only:
        every = [m for m in every if m.module.startswith(options.only)]
    sample = random.Random(options.seed).sample(every, min(options.count, len(every)))
    counts: Counter[str] = Counter()
    survivors = []
    sound: set[str] = set()
    for mutant in sorted(sample, key=lambda m: m.module):
        if mutant.module not in sound:
            preload(mutant.module.split("/")[0])
            if try_mutant(replace(mutant, node=UNCHANGED))[0] != "survived":
                raise SystemExit(f"the tests of {mutant.module} fail without any change")
            sound.add(mutant.module)
        outcome, seconds = try_mutant(mutant)
        counts[outcome] += 1
        if outcome == "survived":
            survivors.append(mutant)
        place = f"{mutant.module}:{mutant.line}"
        print(f"{outcome}\t{seconds:.0f} s\t{place}\t{mutant.kind}\t{mutant.change}", flush=True)
    killed = len(sample) - len(survivors)
    print(
        f"{killed} of {len(sample)} noticed, of {len(every)} possible: {killed / len(sample):.0%}"
    )
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
