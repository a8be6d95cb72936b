"""The recipes of the curating guide, done to a copy of the shipped tables."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from epilepsy_pgx.reference.check import run_checks
from epilepsy_pgx.reference.describe import dictionary_text, write_descriptor
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.response.explain import explain
from epilepsy_pgx.vocabulary import Response

BLOCK = re.compile(r"^```(add|declare|change) (.+?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RENAME = "Rename a rule"
RECIPES = (
    "Add a variant, and the allele it defines",
    "Add a gene",
    "Add a drug",
    "Add a drug rule",
    "Add an action, and give it its class",
    RENAME,
    "Add a brand name",
    "Add functional evidence",
    "Change a wording",
    "Say that a pair was read",
    "Say that two drugs are not taken together",
)
VARIANT, GENE, DRUG, RULE, ACTION, _, NAME, EVIDENCE, WORDING, _, _ = RECIPES
AFTER = {ACTION: (RULE,)}
"""Recipes that go on where another ended."""

Added = list[tuple[str, dict[str, str]]]
Changed = list[tuple[str, str, dict[str, str]]]


def blocks_of(guide: str, recipe: str) -> Added:
    """Return the rows that a recipe adds, as (table, values)."""
    rows: Added = []
    for verb, what, body in BLOCK.findall(section_of(guide, recipe)):
        if verb == "add":
            rows.append((what, values_of(body)))
        elif verb == "declare":
            drug, gene = what.split()
            rows += [
                (
                    "phenotypes_without_rule",
                    {
                        "drug": drug,
                        "gene": gene,
                        "phenotype": p,
                        "reason": "invented",
                        "source": "invented",
                        "citations": "PMID:99999901",
                        "verified": "yes",
                    },
                )
                for p in body.strip().splitlines()
            ]
    return rows


def changes_of(guide: str, recipe: str) -> Changed:
    """Return what a recipe changes, as (table, key or its first column, values)."""
    return [
        (*what.split(" ", 1), values_of(body))
        for verb, what, body in BLOCK.findall(section_of(guide, recipe))
        if verb == "change"
    ]


def section_of(guide: str, recipe: str) -> str:
    """Return the text of one recipe, which has at least one block."""
    section = guide.split(f"\n### {recipe}\n", 1)[1].split("\n#", 1)[0]
    assert BLOCK.search(section)
    return section


def values_of(body: str) -> dict[str, str]:
    """Return the values of a block by column."""
    return dict(line.split(" = ", 1) for line in body.strip().splitlines())


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


def change_rows(package: Path, changes: Changed) -> None:
    """Change rows, put them where their key belongs, and log the old and the new key of each."""
    for table, key, values in changes:
        path = package / f"{table}.tsv"
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        names = header.split("\t")
        assert set(values) <= set(names), table
        schema = json.loads((package / "schemas" / f"{table}.json").read_text(encoding="utf-8"))
        first = names.index(schema["primaryKey"][0])
        touched = set()
        for number, line in enumerate(lines):
            row = dict(zip(names, line.split("\t"), strict=True))
            if key not in (line.split("\t")[first], " ".join(row[c] for c in schema["primaryKey"])):
                continue
            after = row | values
            touched |= {" ".join(r[c] for c in schema["primaryKey"]) for r in (row, after)}
            lines[number] = "\t".join(after.values())
        assert touched, f"{table} has no row {key}"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        sort_table(path, package)
        with (package / "CHANGES.tsv").open("a", encoding="utf-8") as handle:
            for told in sorted(touched):
                handle.write(f"2099-01-01\t2099.1.0\t{table}\t{told}\tchanged\trecipe\tinvented\n")


def do_recipe(root: Path, package: Path, recipe: str, *, without: str = "") -> None:
    """Do the steps of a recipe, after those that it goes on from; `without` one table's rows."""
    guide = (root / "docs" / "curating.md").read_text(encoding="utf-8")
    for name in (*AFTER.get(recipe, ()), recipe):
        left_out = without if name == recipe else ""
        add_rows(package, [r for r in blocks_of(guide, name) if r[0] != left_out])
        change_rows(package, [c for c in changes_of(guide, name) if c[0] != left_out])


def skip_without_first_id(package: Path, recipe: str) -> None:
    """Skip what needs a column that the tables may not have yet."""
    header = (package / "drug_rules.tsv").read_text(encoding="utf-8").partition("\n")[0]
    if recipe == RENAME and "first_id" not in header.split("\t"):
        pytest.skip("drug_rules has no column first_id yet")


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
            [
                "git",
                "-c",
                "user.name=x",
                "-c",
                "user.email=x@example.org",
                "-c",
                "commit.gpgsign=false",
                "-c",
                "core.hooksPath=/dev/null",
                *arguments,
            ],
            cwd=package.parent,
            check=True,
            capture_output=True,
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


@pytest.mark.parametrize(
    "recipe",
    # Each checks all the tables against git: two of them here, the others with the long tests.
    [r if r in (RULE, WORDING) else pytest.param(r, marks=pytest.mark.slow) for r in RECIPES],
)
def test_recipe_gives_sound_tables(root: Path, copy: Path, recipe: str) -> None:
    skip_without_first_id(copy, recipe)
    do_recipe(root, copy, recipe)
    meta = json.loads((copy / "package.json").read_text(encoding="utf-8"))
    (copy / "package.json").write_text(json.dumps(meta | {"version": "2099.1.0"}))
    write_descriptor(copy)
    problems = run_checks(copy, "HEAD")
    assert not problems, "\n".join(str(p) for p in problems[:20])


@pytest.mark.parametrize(
    ("recipe", "forgotten", "check"),
    [
        (VARIANT, "site_alleles", "site-bases"),
        (VARIANT, "allele_sites", "allele-reproduced"),
        (GENE, "phenotypes", "phenotype-unique"),
        (DRUG, "texts", "language-words"),
        (RULE, "drug_rule_conditions", "rule-conditions"),
        (RULE, "texts", "text-exists"),
        (RULE, "phenotypes_without_rule", "phenotype-handled"),
        (RULE, "citations", "citation-exists"),
        (ACTION, "actions", "action-classified"),
        (ACTION, "texts", "text-exists"),
        (RENAME, "drug_rule_conditions", "rule-conditions"),
        (EVIDENCE, "citations", "citation-exists"),
    ],
)
def test_forgotten_step_is_found(
    root: Path, copy: Path, recipe: str, forgotten: str, check: str
) -> None:
    skip_without_first_id(copy, recipe)
    do_recipe(root, copy, recipe, without=forgotten)
    assert check in {p.check for p in run_checks(copy, only=[check])}


def test_every_recipe_of_the_guide_is_done(root: Path) -> None:
    guide = (root / "docs" / "curating.md").read_text(encoding="utf-8")
    written = guide.split("\n## Recipes\n", 1)[1].split("\n## ", 1)[0]
    assert tuple(re.findall(r"^### (.+)$", written, re.MULTILINE)) == RECIPES


def test_a_renamed_rule_keeps_the_ids_of_its_statements(root: Path, copy: Path) -> None:
    skip_without_first_id(copy, RENAME)
    poor = ["CYP2C19=*2/*2"]
    guide = (root / "docs" / "curating.md").read_text(encoding="utf-8")
    old = next(key for table, key, _ in changes_of(guide, RENAME) if table == "drug_rules")

    def said() -> set[tuple[str, str]]:
        drug = explain("diazepam", load_reference(copy), genes=poor)
        return {(s.statement_id, s.evidence[0].row) for s in drug.statements}

    before = said()
    assert (f"{old}:diazepam", old) in before
    do_recipe(root, copy, RENAME)
    write_descriptor(copy)
    after = said()
    assert {name for name, _ in after} == {name for name, _ in before}
    assert old not in {row for _, row in after}


def test_an_added_drug_is_read_and_listed(root: Path, copy: Path) -> None:
    do_recipe(root, copy, DRUG)
    write_descriptor(copy)
    drug = explain("Toyamide", load_reference(copy))
    assert (drug.drug, drug.response) == ("toyamide", Response.NO_RULE)


def test_an_added_brand_name_is_read(root: Path, copy: Path) -> None:
    do_recipe(root, copy, NAME)
    write_descriptor(copy)
    assert explain("toylepsin", load_reference(copy)).drug == "lamotrigine"


def test_a_wording_changed_in_one_language_is_found(root: Path, copy: Path) -> None:
    guide = (root / "docs" / "curating.md").read_text(encoding="utf-8")
    english, _ = changes_of(guide, WORDING)
    change_rows(copy, [english])
    (problem,) = run_checks(copy, "HEAD", ["translation-stale"])
    assert english[1].removesuffix(" en") in problem.found


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
