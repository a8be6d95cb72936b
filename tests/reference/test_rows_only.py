"""Only the package that reads the tables knows a row as text by column."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src/epilepsy_pgx"
RAW = {
    "reference/package.py": "reads the files, and gives their rows by column",
    "reference/arrange.py": "sorts the rows of any table",
    "reference/check.py": "reads whatever can be read of a package under check",
    "reference/history.py": "compares rows of any two states, column by column",
    "reference/overlay.py": "lays rows of any table over those of the same key",
    "reference/overlay_check.py": "judges the rows of any overlay before they are values",
    "reference/softening.py": "compares a row with the one it replaces, column by column",
    "reference/spreadsheet.py": "takes the cells of any table out and in",
    "recall/changes.py": "compares the tables that two runs used, column by column",
    "reference/checks/form.py": "judges cells by the schema, before they are values",
    "reference/checks/registry.py": "decodes the sound rows of a package under check",
}
"""Modules that see rows as text, and why."""
MODULES = sorted(str(p.relative_to(SOURCE)) for p in SOURCE.rglob("*.py"))


def raw_reads(source: str) -> list[int]:
    """Return the lines that import or ask for rows by column."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "epilepsy_pgx.reference.package":
            names = {alias.name for alias in node.names}
            if names & {"Row", "Table", "read_table"}:
                found.append(node.lineno)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "table":
            found.append(node.lineno)
    return found


def test_no_module_reads_rows_by_column_but_those_named() -> None:
    texts = {m: (SOURCE / m).read_text(encoding="utf-8") for m in MODULES if m not in RAW}
    found = {module: raw_reads(text) for module, text in texts.items()}
    assert {module: lines for module, lines in found.items() if lines} == {}


def test_modules_named_are_those_that_do() -> None:
    for module in RAW:
        assert raw_reads((SOURCE / module).read_text(encoding="utf-8")), module


def test_a_read_by_column_is_found() -> None:
    """The proof itself finds what it looks for."""
    for line in (
        "from epilepsy_pgx.reference.package import Reference, Row",
        "rows = ref.table('genes')",
        "rows = self._ref.table('genes')",
        "rows = load_reference().table('genes')",
    ):
        assert raw_reads(line) == [1], line
    assert raw_reads("rows = ref.rows(Gene)\nlink = v.table") == []
