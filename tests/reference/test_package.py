"""The package is readable by standard tools, quick to load, and no damage crashes the check."""

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.errors import Problem, TableError
from epilepsy_pgx.reference.check import list_checks, run_checks
from epilepsy_pgx.reference.describe import build_descriptor, dictionary_text
from epilepsy_pgx.reference.package import load_reference, read_table
from tests.drawing import examples
from tests.toy.package import toy_tables, write_package

WORDS = st.sampled_from(
    [".", "", " ", "0", "-1", "1e9", "x|", "|", "A", "N", "N|A", "*1", "*1/*1", "rs101", "{", "{x}",
     "PMID:1", "Normal function", "nan", "inf", "1_000", "٣", "p.", "c.1A>T", "2-1-A-C", "a.tsv"]
)  # fmt: skip


@pytest.mark.slow
@settings(
    max_examples=examples(80),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_damaged_cell_crashes_the_check(tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "toy"
    if not folder.exists():
        write_package(folder)
    table = data.draw(st.sampled_from(sorted(toy_tables())))
    path = folder / f"{table}.tsv"
    whole = path.read_text(encoding="utf-8")
    lines = [line.split("\t") for line in whole.splitlines()]
    if len(lines) < 2:
        return
    try:
        for _ in range(data.draw(st.integers(1, 3))):
            row = data.draw(st.integers(1, len(lines) - 1))
            column = data.draw(st.integers(0, len(lines[0]) - 1))
            lines[row][column] = data.draw(WORDS)
        path.write_text("\n".join("\t".join(c) for c in lines) + "\n", encoding="utf-8")
        problems = run_checks(folder)
        assert all(isinstance(p, Problem) and p.fix for p in problems)
        changed = path.read_text(encoding="utf-8") != whole
        assert bool(problems) == changed
    finally:
        path.write_text(whole, encoding="utf-8")


@pytest.mark.parametrize("drop", sorted(toy_tables()))
def test_no_missing_table_crashes_the_check(tmp_path: Path, drop: str) -> None:
    folder = write_package(tmp_path / "toy")
    (folder / f"{drop}.tsv").unlink()
    assert "table-described" in {p.check for p in run_checks(folder)}


@pytest.mark.parametrize("drop", sorted(toy_tables()))
def test_no_missing_schema_crashes_the_check(tmp_path: Path, drop: str) -> None:
    folder = write_package(tmp_path / "toy")
    (folder / "schemas" / f"{drop}.json").unlink()
    assert "table-described" in {p.check for p in run_checks(folder)}


def test_standard_tool_reads_and_verifies_the_package(tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    folder = write_package(tmp_path / "toy")
    descriptor = str(folder / "datapackage.json")
    with frictionless.system.use_context(trusted=True):
        assert frictionless.validate(descriptor, type="package").valid
        path = folder / "alleles.tsv"
        path.write_text(
            path.read_text(encoding="utf-8").replace("\tcore\t", "\tperhaps\t"), encoding="utf-8"
        )
        report = frictionless.validate(descriptor, type="package")
    found = {e.type for task in report.tasks for e in task.errors}
    assert {"constraint-error", "hash-count"} <= found


def test_descriptor_has_what_a_package_needs(root: Path) -> None:
    descriptor = build_descriptor(root / "reference")
    assert {"name", "version", "licenses", "sources", "resources"} <= set(descriptor)
    for resource in descriptor["resources"]:
        assert resource["hash"].startswith("sha256:")
        if resource["format"] == "tsv":
            assert resource["description"]
            for field in resource["schema"]["fields"]:
                assert field["description"], (resource["name"], field["name"])
    assert (root / "reference" / "LICENSE").is_file()


def test_dictionary_names_every_column(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "toy")
    text = dictionary_text(folder)
    for path in (folder / "schemas").glob("*.json"):
        assert f"\n## {path.stem}\n" in text
        for field in json.loads(path.read_text(encoding="utf-8"))["fields"]:
            assert f"| `{field['name']}` |" in text


def test_dictionary_names_every_check(tmp_path: Path) -> None:
    text = dictionary_text(write_package(tmp_path / "toy"))
    assert all(f"| `{c.id}` | {c.description} |" in text for c in list_checks())


def test_loading_the_shipped_tables_is_quick(root: Path) -> None:
    names = sorted(p.stem for p in (root / "reference").glob("*.tsv"))
    times = []
    for _ in range(3):
        start = time.process_time()
        ref = load_reference(root / "reference")
        for name in names:
            ref.table(name)
        assert ref.digest
        times.append(time.process_time() - start)
    assert min(times) < 0.15


def test_describe_command_writes_descriptor_and_dictionary(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "toy", describe=False)
    page = tmp_path / "dictionary.md"
    done = CliRunner().invoke(reference, ["describe", str(folder), "--dictionary", str(page)])
    assert done.exit_code == 0, done.output
    assert run_checks(folder) == ()
    assert page.read_text(encoding="utf-8") == dictionary_text(folder)
    (folder / "schemas" / "genes.json").write_text("[]", encoding="utf-8")
    bad = CliRunner().invoke(reference, ["describe", str(folder), "--dictionary", str(page)])
    assert bad.exit_code == 2
    assert "schema-form" in bad.output


def test_installed_slices_are_no_part_of_the_descriptor(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "toy")
    before = build_descriptor(folder)
    (folder / "sequences" / "GRCh38" / "installed.fa").write_text(">1:1-4\nACGT\n", "ascii")
    assert build_descriptor(folder) == before


def test_a_line_that_ends_in_a_carriage_return_alone_is_one_line(tmp_path):
    path = tmp_path / "signs.tsv"
    path.write_bytes(b"sign\tname\nrash\trash\rfever\tfever\n")
    with pytest.raises(TableError) as raised:
        read_table(path)
    assert [(p.line, p.check) for p in raised.value.problems] == [(2, "file-text")]
