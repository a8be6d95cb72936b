"""The recipes of the curating guide, done to a copy of the shipped tables."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from epilepsy_pgx.reference.check import run_checks
from epilepsy_pgx.reference.describe import dictionary_text, write_descriptor

BLOCK = re.compile(r"^```(add|declare) (.+?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RECIPES = ("Add a variant, and the allele it defines", "Add a gene", "Add a drug rule")

Added = list[tuple[str, dict[str, str]]]


def blocks_of(guide: str, recipe: str) -> Added:
    """Return the rows that a recipe adds, as (table, values)."""
    section = guide.split(f"\n### {recipe}\n", 1)[1].split("\n#", 1)[0]
    rows: Added = []
    for verb, what, body in BLOCK.findall(section):
        if verb == "add":
            pairs = (line.split(" = ", 1) for line in body.strip().splitlines())
            rows.append((what, dict(pairs)))
        else:
            drug, gene = what.split()
            rows += [
                ("phenotypes_without_rule",
                 {"drug": drug, "gene": gene, "phenotype": p, "reason": "invented",
                  "source": "invented", "citations": "PMID:99999901", "verified": "yes"})
                for p in body.strip().splitlines()
            ]
    assert rows
    return rows


def add_rows(package: Path, rows: Added) -> None:
    """Add rows where their key puts them, and log each."""
    log = package / "CHANGES.tsv"
    for table, values in rows:
        path = package / f"{table}.tsv"
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        names = header.split("\t")
        schema = json.loads((package / "schemas" / f"{table}.json").read_text(encoding="utf-8"))
        unknown = set(values) - set(names)
        assert table == "phenotypes_without_rule" or not unknown, unknown
        lines.append("\t".join(values.get(n, ".") for n in names))
        key = [names.index(c) for c in schema["primaryKey"]]
        lines.sort(key=lambda line: [line.split("\t")[i] for i in key])
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        told = " ".join(values.get(c, ".") for c in schema["primaryKey"])
        with log.open("a", encoding="utf-8") as handle:
            handle.write(f"2099-01-01\t2099.1.0\t{table}\t{told}\tadded\trecipe\tinvented\n")


@pytest.fixture(scope="module")
def sorted_tables(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with a copy of the shipped tables in plain order of their keys."""
    package = tmp_path_factory.mktemp("tables") / "reference"
    shutil.copytree(root / "reference", package, ignore=shutil.ignore_patterns("*.lock"))
    for table in package.glob("*.tsv"):
        sort_table(table, package)
    write_descriptor(package)
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "tables"]):
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c",
             "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", *arguments],
            cwd=package.parent, check=True, capture_output=True,
        )
    return package


@pytest.fixture
def copy(sorted_tables: Path, tmp_path: Path) -> Path:
    """Return a copy of that repository's tables, to be changed."""
    shutil.copytree(sorted_tables.parent, tmp_path / "work")
    return tmp_path / "work" / "reference"


def sort_table(path: Path, package: Path) -> None:
    """Put the rows into plain order of their key."""
    if path.stem == "CHANGES":
        return
    schema = json.loads((package / "schemas" / f"{path.stem}.json").read_text(encoding="utf-8"))
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    key = [header.split("\t").index(c) for c in schema["primaryKey"]]
    lines.sort(key=lambda line: [line.split("\t")[i] for i in key])
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_gives_sound_tables(root: Path, copy: Path, recipe: str) -> None:
    rows = blocks_of((root / "docs" / "curating.md").read_text(encoding="utf-8"), recipe)
    add_rows(copy, rows)
    meta = json.loads((copy / "package.json").read_text(encoding="utf-8"))
    (copy / "package.json").write_text(json.dumps(meta | {"version": "2099.1.0"}))
    write_descriptor(copy)
    problems = run_checks(copy, "HEAD")
    assert not problems, "\n".join(str(p) for p in problems[:20])


@pytest.mark.parametrize(("recipe", "forgotten", "check"), [
    (RECIPES[0], "site_alleles", "site-bases"),
    (RECIPES[0], "allele_sites", "allele-reproduced"),
    (RECIPES[1], "phenotypes", "phenotype-unique"),
    (RECIPES[2], "drug_rule_conditions", "rule-conditions"),
    (RECIPES[2], "texts", "text-exists"),
    (RECIPES[2], "phenotypes_without_rule", "phenotype-handled"),
    (RECIPES[2], "citations", "citation-exists"),
])
def test_forgotten_step_is_found(
    root: Path, copy: Path, recipe: str, forgotten: str, check: str
) -> None:
    rows = blocks_of((root / "docs" / "curating.md").read_text(encoding="utf-8"), recipe)
    add_rows(copy, [r for r in rows if r[0] != forgotten])
    assert check in {p.check for p in run_checks(copy, only=[check])}


def test_dictionary_is_current(root: Path) -> None:
    written = (root / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == dictionary_text(root / "reference"), (
        "run: epilepsy-pgx reference describe --dictionary docs/data-dictionary.md"
    )


def test_guide_names_real_checks_and_files(root: Path) -> None:
    guide = (root / "docs" / "curating.md").read_text(encoding="utf-8")
    assert (root / "docs" / "curating-ci.yml").is_file()
    hooks = (root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    hook = re.search(r"- id: (\S+)", hooks)
    assert hook is not None
    assert f"- id: {hook[1]}" in guide
    for table, _ in (row for recipe in RECIPES for row in blocks_of(guide, recipe)):
        assert (root / "reference" / f"{table}.tsv").is_file()
