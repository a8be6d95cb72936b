"""Every named check finds the fault it is there for, and nothing else cries wolf."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.errors import Problem, TableError
from epilepsy_pgx.reference.check import format_problems, list_checks, run_checks
from epilepsy_pgx.reference.describe import write_descriptor
from tests.reference.breaking import row
from tests.reference.test_check_genome import BROKEN as GENOME
from tests.reference.test_check_rules import BROKEN as RULES
from tests.reference.test_level_checks import CHECKS as LEVELS
from tests.reference.test_prediction_checks import CHECKS as PREDICTION
from tests.toy.package import short_tables, toy_tables, write_package


def break_file(name: str, change_text: Callable[[str], str]) -> Callable[[Path], None]:
    """Return a change of a file's text."""

    def apply(folder: Path) -> None:
        path = folder / name
        text = path.read_bytes().decode("utf-8")
        path.write_bytes(change_text(text).encode("utf-8"))

    return apply


def drop_from_schema(name: str, key: str) -> Callable[[str], str]:
    """Return a change of a schema that removes a key of one field."""

    def apply(text: str) -> str:
        raw = json.loads(text)
        for field in raw["fields"]:
            if field["name"] == name:
                field.pop(key, None)
                if key == "vocabulary":
                    field["constraints"].pop("enum")
        return json.dumps(raw)

    return apply


def in_memory(folder: Path) -> None:
    """Loosen the schema and write a word that the software does not know."""
    break_file("schemas/drug_rules.json", drop_from_schema("tier", "vocabulary"))(folder)
    break_file("drug_rules.tsv", lambda t: t.replace("\tact\t", "\tperhaps\t", 1))(folder)


def saved_as(name: str, encoding: str) -> Callable[[Path], None]:
    """Return the saving of a file in another encoding."""

    def apply(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))

    return apply


BROKEN_FILES: list[tuple[str, str, Callable[[Path], None]]] = [
    ("file-text", "genes.tsv", break_file("genes.tsv", lambda t: t.replace("\n", "\r\n"))),
    ("file-text", "genes.tsv", break_file("genes.tsv", lambda t: t.rstrip("\n"))),
    (
        "value-quoted",
        "texts.tsv",
        break_file("texts.tsv", lambda t: t.replace("Avoid {drug}.", '"Avoid {drug}."')),
    ),
    (
        "value-quoted",
        "texts.tsv",
        break_file("texts.tsv", lambda t: t.replace("Avoid {drug}.", 'Avoid ""{drug}"".')),
    ),
    ("cell-count", "genes.tsv", break_file("genes.tsv", lambda t: t[:-1] + "\tmore\n")),
    ("header", "genes.tsv", break_file("genes.tsv", lambda t: t.replace("role", "part", 1))),
    ("table-described", "extra.tsv", lambda p: (p / "extra.tsv").write_text("a\n1\n") and None),
    ("table-described", "schemas/genes.json", lambda p: (p / "genes.tsv").unlink()),
    (
        "schema-form",
        "schemas/genes.json",
        break_file("schemas/genes.json", drop_from_schema("role", "description")),
    ),
    ("schema-form", "schemas/genes.json", break_file("schemas/genes.json", lambda t: t[:40])),
    (
        "schema-form",
        "schemas/genes.json",
        break_file("schemas/genes.json", lambda t: t.replace('"name":', '"title":', 1)),
    ),
    (
        "schema-form",
        "schemas/genes.json",
        break_file(
            "schemas/genes.json", lambda t: t.replace('"primaryKey"', '"title": 1, "primaryKey"')
        ),
    ),
    (
        "descriptor-current",
        "datapackage.json",
        break_file("texts.tsv", lambda t: t.replace("Usual", "Common")),
    ),
    ("vocabulary", "drug_rules.tsv", in_memory),
    ("package-meta", "package.json", lambda p: (p / "package.json").unlink()),
]

FACTORS = ("exposure-effects", "explains-effect", "factor-conditions", "factor-last")
EQUIVALENTS = ("equivalents-declared", "equivalents-words", "urgent-order")
ELSEWHERE = {"sorted", "changes-logged", "translation-stale", *FACTORS, *LEVELS, *PREDICTION}
ELSEWHERE |= {*EQUIVALENTS}
"""Checks with tests of their own: below, and those of factors, levels and models in their files."""


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Return a valid package."""
    return write_package(tmp_path / "toy")


def test_sound_package_has_no_problem(sound: Path) -> None:
    assert run_checks(sound) == ()


@pytest.mark.parametrize(
    ("check", "name", "breaking"),
    BROKEN_FILES,
    ids=[f"{i}-{b[0]}" for i, b in enumerate(BROKEN_FILES)],
)
def test_broken_file_fails_with_its_check(
    sound: Path, check: str, name: str, breaking: Callable[[Path], None]
) -> None:
    breaking(sound)
    found = [p for p in run_checks(sound) if p.check == check]
    assert any(p.file.endswith(f"/{name}") for p in found), found


@pytest.mark.parametrize(
    ("breaking", "found"),
    [
        (break_file("genes.tsv", lambda t: t.replace("\n", "\r\n")), "7 line ends of Windows"),
        (saved_as("genes.tsv", "utf-8-sig"), "a byte order mark"),
        (saved_as("texts.tsv", "utf-16"), "UTF-16 text"),
        (break_file("genes.tsv", lambda t: t + "\n"), "an empty line"),
    ],
)
def test_a_file_saved_in_another_way_is_reported_once(
    sound: Path, breaking: Callable[[Path], None], found: str
) -> None:
    """Its rows are read all the same, so that nothing else seems to be missing."""
    breaking(sound)
    write_descriptor(sound)
    problems = [p for p in run_checks(sound) if p.check not in ("value-empty", "cell-count")]
    assert [p.found for p in problems] == [found]


def test_a_file_of_another_encoding_is_reported_once(sound: Path) -> None:
    path = sound / "texts.tsv"
    path.write_bytes(path.read_bytes().replace(b"bitual", b"bit\xfaal"))
    write_descriptor(sound)
    (problem,) = run_checks(sound)
    assert problem.found == "byte 0xfa"
    assert problem.line == 1 + path.read_bytes()[: path.read_bytes().index(b"\xfa")].count(b"\n")


def test_unsorted_rows_fail(tmp_path: Path) -> None:
    tables = short_tables()
    tables["alleles"].reverse()
    problems = run_checks(write_package(tmp_path / "toy", tables, in_order=False))
    assert [p.check for p in problems if p.file.endswith("alleles.tsv")] == ["sorted"]


def test_every_check_has_a_broken_package() -> None:
    tried = (
        {b[0] for b in GENOME} | {b[0] for b in RULES} | {b[0] for b in BROKEN_FILES} | ELSEWHERE
    )
    assert {c.id for c in list_checks()} <= tried


def test_checks_have_descriptions_and_kebab_ids() -> None:
    for item in list_checks():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", item.id)
        assert item.description.endswith(".")


def test_all_problems_are_reported_in_one_run(tmp_path: Path) -> None:
    tables = toy_tables()
    row(tables, "sites", site="rs101")["grch38_pos"] = "x"
    row(tables, "alleles", gene="TOY2", allele="*2")["tier"] = "perhaps"
    row(tables, "drug_rules", rule_id="toy-poor")["verified"] = "no"
    problems = run_checks(write_package(tmp_path / "toy", tables))
    assert {"value-type", "value-vocabulary", "act-source"} <= {p.check for p in problems}


def test_problem_names_file_line_and_column(tmp_path: Path) -> None:
    tables = toy_tables()
    row(tables, "sites", site="rs102")["rsid"] = "nonsense"
    folder = write_package(tmp_path / "toy", tables)
    problem = next(p for p in run_checks(folder) if p.check == "value-pattern")
    line = (folder / "sites.tsv").read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert "nonsense" in line
    assert (problem.column, problem.found) == ("rsid", "nonsense")
    assert problem.expected
    assert problem.fix


def test_only_and_unknown_check(sound: Path) -> None:
    assert run_checks(sound, only=["ref-base"]) == ()
    with pytest.raises(TableError, match="no-such-check"):
        run_checks(sound, only=["no-such-check"])


def test_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="package-exists"):
        run_checks(tmp_path)


PROBLEM = Problem("reference/a,b.tsv", 3, "ref", "ref-base", "A", "G%", "Check: it.\nTwice.")


def test_formats() -> None:
    text = format_problems([PROBLEM])
    assert "reference/a,b.tsv:3: ref: found A, expected G% [ref-base]" in text
    data = json.loads(format_problems([PROBLEM], "json"))
    assert data["problems"][0]["line"] == 3
    github = format_problems([PROBLEM], "github")
    assert github.startswith("::error file=reference/a%2Cb.tsv,line=3,title=ref-base::")
    assert github.count("\n") == 1
    assert "G%25" in github
    assert "%0ATwice" in github
    assert format_problems([]) == "no problem found.\n"


def test_command_exit_codes(sound: Path) -> None:
    run = CliRunner()
    good = run.invoke(reference, ["check", str(sound)])
    assert (good.exit_code, good.output) == (0, "no problem found.\n")
    (sound / "genes.tsv").unlink()
    bad = run.invoke(reference, ["check", str(sound), "--format", "github"])
    assert bad.exit_code == 2
    assert "::error" in bad.output
    none = run.invoke(reference, ["check", str(sound / "schemas")])
    assert none.exit_code == 2
    assert "package-exists" in none.output
    listed = run.invoke(reference, ["check", "--list"])
    assert len(listed.output.splitlines()) == len(list_checks())


def test_shipped_tables_pass(root: Path) -> None:
    start = time.process_time()
    problems = run_checks(root / "reference")
    spent = time.process_time() - start
    assert not problems, "\n".join(str(p) for p in problems[:40])
    assert spent < 10


def test_descriptor_is_deterministic(sound: Path) -> None:
    first = (sound / "datapackage.json").read_bytes()
    assert write_descriptor(sound).read_bytes() == first
