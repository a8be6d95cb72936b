"""Tests stand where their module stands, or `mirror.tsv` names the test that covers it."""

import ast
from functools import cache
from pathlib import Path

from tests.test_layers import MODULES, SOURCE

TESTS = Path(__file__).resolve().parent
STARTS = {
    "epilepsy_pgx.cli": "epilepsy_pgx.cli",
    "epilepsy-pgx": "epilepsy_pgx.cli",
    "snakemake": "epilepsy_pgx.pipeline.manifest",
}
"""What a test starts as a process of its own, by a word in it."""


def named(path: Path) -> str:
    return path.relative_to(SOURCE).with_suffix("").as_posix()


CODE = [named(p) for p in MODULES if p.name != "__init__.py" and named(p) != "cli/__main__"]
"""Modules that do something: a package's `__init__` only says what the package is."""
ELSEWHERE = dict(
    line.split("\t") for line in (TESTS / "mirror.tsv").read_text(encoding="utf-8").splitlines()[1:]
)


def mirror(module: str) -> list[Path]:
    """Return the test files at a module's own place: `test_NAME.py` and `test_NAME_*.py`."""
    place, name = (TESTS / module).parent, Path(module).name
    return [*place.glob(f"test_{name}.py"), *place.glob(f"test_{name}_*.py")]


def test_every_module_has_a_test() -> None:
    without = [m for m in CODE if not mirror(m) and m not in ELSEWHERE]
    assert without == [], "name its test in mirror.tsv"


def test_the_test_that_is_named_reaches_the_module() -> None:
    assert sorted({*ELSEWHERE} - {*CODE}) == [], "mirror.tsv names a module that is gone"
    assert [m for m in ELSEWHERE if mirror(m)] == [], "the module has a test of its own"
    paths = {module: TESTS / f"{test}.py" for module, test in ELSEWHERE.items()}
    gone = sorted({path.name for path in paths.values() if not path.is_file()})
    assert gone == [], "mirror.tsv names a test that is gone"
    assert [
        module
        for module, path in paths.items()
        if f"epilepsy_pgx.{module.replace('/', '.')}" not in reached(path)
    ] == []


def test_the_list_is_in_order() -> None:
    assert list(ELSEWHERE) == sorted(ELSEWHERE)


LOADED_BY_NAME = {
    "epilepsy_pgx.cli": "cli",
    "epilepsy_pgx.intake.result_files.registry": "intake/result_files/programs",
    "epilepsy_pgx.reference.conditions.registry": "reference/conditions/kinds",
    "epilepsy_pgx.report.formats": "report/formats",
    "epilepsy_pgx.worker.client": "worker",
}
"""Modules that load, or start, all of a folder without an `import` of each."""


def reached(path: Path) -> set[str]:
    """Return every module that a test loads, however deep, or starts by a command."""
    found: set[str] = set()
    waiting = [*imported(path)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += loaded_by(name)
    return found


@cache
def loaded_by(name: str) -> tuple[str, ...]:
    """Return what a module loads, and starts by a command."""
    file, folder = file_of(name), LOADED_BY_NAME.get(name)
    inside = [m for m in CODE if folder and m.startswith(f"{folder}/")]
    return (
        *(imported(file) if file.is_file() else ()),
        *(f"epilepsy_pgx.{m.replace('/', '.')}" for m in inside),
    )


def file_of(name: str) -> Path:
    """Return where a module of the program or of the tests lies."""
    first, *rest = name.split(".")
    base = (TESTS if first == "tests" else SOURCE).joinpath(*rest)
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Return what a file imports of the program and of the tests."""
    text = path.read_text(encoding="utf-8")
    names: list[str] = []
    if path.is_relative_to(TESTS):
        names += [module for word, module in STARTS.items() if word in text]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(n for n in names if n.split(".")[0] in ("epilepsy_pgx", "tests"))
