"""Every text is said by a row or by the software, and an unsaid one is found."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.reference import text_use
from epilepsy_pgx.reference.check import open_package
from epilepsy_pgx.reference.checks.registry import CHECKS, Package
from epilepsy_pgx.reference.package import Table
from epilepsy_pgx.reference.texts import SHOWN
from epilepsy_pgx.statement import ValueKind
from tests.syntax import nodes

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/epilepsy_pgx"
FAMILIES = {*text_use.ENUMS, *text_use.COLUMNS, *text_use.QUOTED, *text_use.WORDS, *SHOWN, "source"}
NO_TEXTS = {"extract-", "phenopacket-"} | {
    f"{kind}-" for kind in ("caller", "concordance", "limit", "range", "robustness")
}
"""First parts of names that are no texts: of checks and of rules of the workflow."""
PREFIXES = sorted(
    {
        line.split("\t")[0].partition("-")[0]
        for line in (ROOT / "reference/texts.tsv").read_text(encoding="utf-8").splitlines()[1:]
    }
)


@pytest.fixture(scope="module")
def package() -> Package:
    return open_package(ROOT / "reference")[0]


def another(table: Table, **cells: str) -> tuple[str, ...]:
    """Return a row like the first of a table, but for some cells."""
    values = zip(table.columns, table.cells[0], strict=True)
    return tuple(cells.get(column, cell) for column, cell in values)


def planted(package: Package, *ids: str) -> list[str]:
    """Return what `no-orphans` finds in the package with more texts."""
    texts = package.tables["texts"]
    rows = [another(texts, id=i, text="Nobody says so.") for i in ids]
    lines = range(texts.lines[-1] + 1, texts.lines[-1] + 1 + len(rows))
    more = replace(texts, cells=(*texts.cells, *rows), lines=(*texts.lines, *lines))
    tables = {**package.tables, "texts": more}
    return [
        p.found
        for p in CHECKS["no-orphans"].run(
            Package(package.path, package.shown, tables, package.schemas)
        )
    ]


def test_planted_orphans_of_every_prefix_are_found(package: Package) -> None:
    ids = [f"{p}-said-by-nobody" for p in PREFIXES]
    assert planted(package, *ids) == ids


def test_words_outside_their_families_are_orphans(package: Package) -> None:
    ids = [
        "label-class-female",
        "status-gene-drafted",
        "consequence-unheard",
        "word-maybe",
        "quality-sex-not-stated-other",
        "action-nobody",
        "label-tier-first",
        "nobody",
    ]
    assert planted(package, *ids) == ids


def test_family_of_every_declaration_has_texts() -> None:
    ids = [
        line.split("\t")[0]
        for line in (ROOT / "reference/texts.tsv").read_text(encoding="utf-8").splitlines()
    ]
    for family in FAMILIES:
        assert any(i.startswith(f"{family}-") for i in ids), family


def trees() -> tuple[tuple[Path, tuple[ast.AST, ...]], ...]:
    """Return each module with the nodes of its syntax tree."""
    return tuple((path, nodes(path)) for path in sorted(SOURCE.rglob("*.py")))


def test_code_makes_no_other_family_of_ids() -> None:
    """Ids that the code makes of a prefix and a word are of a family that is declared."""
    for path, tree in trees():
        for node in tree:
            if not isinstance(node, ast.JoinedStr) or len(node.values) < 2:
                continue
            head, word = node.values[:2]
            if not isinstance(head, ast.Constant) or not isinstance(word, ast.FormattedValue):
                continue
            prefix = str(head.value)
            if re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*-", prefix) and prefix not in NO_TEXTS:
                assert prefix[:-1] in FAMILIES, f"{path.name}:{node.lineno}: {prefix}"


def test_code_asks_for_words_of_declared_families() -> None:
    kinds = {
        k.value
        for k in (
            ValueKind.DRUG,
            ValueKind.PHENOTYPE,
            ValueKind.BASIS,
            ValueKind.SIGN,
            ValueKind.SOURCE,
            ValueKind.STRENGTH,
        )
    }
    for path, tree in trees():
        if path.parent.name == "intake":
            continue
        for node in tree:
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                place = {"word": 0, "word_id": 0, "text_value": 1}.get(name)
                if place is not None and isinstance(node.args[place], ast.Constant):
                    kinds.add(str(node.args[place].value))
    assert kinds <= FAMILIES


def test_unused_group_of_drugs_is_found(package: Package) -> None:
    drugs = package.tables["drugs"]
    first = another(drugs, groups="named_by_nobody")
    few = replace(drugs, cells=(first,), lines=drugs.lines[:1])
    tables = {**package.tables, "drugs": few}
    found = CHECKS["no-orphans"].run(Package(package.path, package.shown, tables, package.schemas))
    assert "named_by_nobody" in [p.found for p in found]
