"""Packages import only what lies above them; the heavy libraries stay where they belong."""

import ast
from functools import cache
from pathlib import Path

from epilepsy_pgx.reference.rows import Drug, Gene
from tests.syntax import nodes

SOURCE = Path(__file__).resolve().parents[1] / "src/epilepsy_pgx"
ORDER = (
    "frozen",
    "vocabulary",
    "clinical_entry",
    "classes",
    "trimming",
    "intervals",
    "logistic",
    "genetics",
    "protein",
    "statement",
    "hidden",
    "errors",
    "addresses",
    "files",
    "records",
    "sharing",
    "tsv",
    "progress",
    "authorisation",
    "model",
    "vcfgenotypes",
    "vcftext",
    "bcfbytes",
    "htslib",
    "worker",
    "reference",
    "intake",
    "variants",
    "calling",
    "quality",
    "response",
    "report",
    "ledger",
    "cohort",
    "pipeline",
    "recall",
    "oversight",
    "api",
    "validation",
    "cli",
)
MODULES = sorted(SOURCE.rglob("*.py"))
GROUND = {"__init__"}


def layer(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return parts[0]


@cache
def imports(path: Path) -> tuple[str, ...]:
    names: list[str] = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
    return tuple(names)


def test_imports_point_upwards():
    owns = {path: layer(path) for path in MODULES if layer(path) not in GROUND}
    assert {own for own in owns.values() if own not in ORDER} == set(), "no place in the order"
    assert [
        f"{path.relative_to(SOURCE)} imports {name}"
        for path, own in owns.items()
        for name in imports(path)
        if name.startswith("epilepsy_pgx.") and ORDER.index(name.split(".")[1]) > ORDER.index(own)
    ] == []


def test_pysam_and_cyvcf2_stay_where_they_belong():
    for path in MODULES:
        used = {name.split(".")[0] for name in imports(path)}
        if "pysam" in used:
            assert path.name == "htslib.py" or layer(path) == "worker"
        if "pysam.bcftools" in imports(path):
            assert layer(path) == "worker", "bcftools may end its process"
        if "cyvcf2" in used:
            assert layer(path) == "variants"


def test_only_the_command_line_uses_click():
    for path in MODULES:
        if "click" in {name.split(".")[0] for name in imports(path)}:
            assert layer(path) == "cli"


def calls(path: Path):
    for node in nodes(path):
        if isinstance(node, ast.Call):
            function = node.func
            yield getattr(function, "attr", getattr(function, "id", "")), node


def test_what_is_logged_below_a_warning_are_counts_of_stages():
    """`progress` takes whole numbers; the names are written in the code, never made."""
    for path in MODULES:
        if path == SOURCE / "progress.py":
            continue
        own = "epilepsy_pgx.progress" in imports(path)
        for name, call in calls(path):
            assert name not in ("info", "debug", "log", "exception"), f"{path}:{call.lineno}"
            if own and name in ("count", "detail", "stage") and isinstance(call.func, ast.Name):
                if not (call.args and getattr(call.args[0], "id", "") == "_log"):
                    continue
                assert isinstance(call.args[1], ast.Constant), f"{path}:{call.lineno}"


def test_no_function_takes_more_than_eight_parameters():
    """More of them belong together and have a name. Keywords of an error are its fields."""
    for path in MODULES:
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef):
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                taken = [a.arg for a in given if a.arg not in ("self", "cls")]
                assert len(taken) <= 8, f"{path.name}: {node.name}"


def test_modules_are_not_too_long():
    for path in MODULES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, path.name


def functions(path: Path):
    """Yield name and number of lines of each function of a module, from its `def` to its end."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def test_functions_are_not_too_long():
    found = [(path.relative_to(SOURCE), f) for path in MODULES for f in functions(path)]
    assert [(str(path), f) for path, f in found if f[1] > 60] == []


def test_no_gene_or_drug_decides_in_python(reference):
    words = {r.gene for r in reference.rows(Gene)} | {r.drug for r in reference.rows(Drug)}
    for path in MODULES:
        documents = {
            node.body[0].value
            for node in nodes(path)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in nodes(path):
            if isinstance(node, ast.Constant) and node not in documents:
                assert node.value not in words, f"{path.name}:{node.lineno}: {node.value}"
