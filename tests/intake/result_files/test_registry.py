"""Every program's result files: one module, one row of the table, one example, one way to read."""

from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.hla import HlaNames
from epilepsy_pgx.intake.outside_calls import OutsideTables, load_outside_tables
from epilepsy_pgx.intake.result_files import registry
from epilepsy_pgx.intake.result_files.content import ResultKind
from epilepsy_pgx.intake.result_files.hla_results import check_form, read_typings
from epilepsy_pgx.intake.result_files.reader import BY_NAME, ONE_UNNAMED
from epilepsy_pgx.intake.result_files.registry import READERS, names_no_sample, readers_of
from epilepsy_pgx.intake.result_files.source import UNNAMED, Source
from epilepsy_pgx.intake.result_files.star_allele_results import read_gene_calls
from tests.results import FILES, content, example, listed_programs

NAMES = sorted(READERS)
HLA, STARS = ResultKind.HLA, ResultKind.STAR_ALLELES


@pytest.fixture(scope="module")
def tables(reference) -> OutsideTables:
    return load_outside_tables(reference)


def test_the_table_lists_the_programs_that_are_read(reference):
    rows = {r.need("caller"): r.need("calls") for r in reference.table("outside_callers")}
    assert rows.keys() == READERS.keys()
    for name, calls in rows.items():
        assert READERS[name].kind is (HLA if calls.startswith("HLA") else STARS), name


def test_every_example_says_where_its_form_was_seen():
    page = (FILES / "README.md").read_text(encoding="utf-8")
    for name, reader in READERS.items():
        assert f"| {name}" in page, name
        assert reader.file, name
    for file in FILES.iterdir():
        assert file.name == "README.md" or file.name in page


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_told_by_its_content_and_by_one_reader(tmp_path, name):
    for kind in ResultKind:
        found = readers_of(content(tmp_path, kind, example(name)))
        assert found == ((READERS[name],) if READERS[name].kind is kind else ())


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_read(reference, tmp_path, tables, name):
    reader = READERS[name]
    given = content(tmp_path, reader.kind, example(name))
    program = listed_programs(reference)[name]
    found = reader.read(Source(given, name, program, tables))
    assert any(rows.genes for rows in found.values())
    assert (UNNAMED in found) is not reader.names_samples(given)
    assert names_no_sample(given.path, reader.kind) is (UNNAMED in found)
    assert reader.samples.startswith(ONE_UNNAMED if UNNAMED in found else BY_NAME)
    for rows in found.values():
        assert all(call.research for call in rows.calls)
        assert not any(typing.clinical for typing in rows.typings)


def read(path: Path, kind: ResultKind, reference, tables):
    """Read a file as the sheet's column does."""
    programs = listed_programs(reference)
    if kind is STARS:
        return read_gene_calls(path, tables, programs)
    methods = {name: program.kind for name, program in programs.items()}
    return read_typings(path, tables.typed, methods, HlaNames.of(reference))


@pytest.mark.parametrize("name", NAMES)
def test_no_file_of_a_program_is_read_in_the_other_column(reference, tmp_path, tables, name):
    (other,) = set(ResultKind) - {READERS[name].kind}
    given = content(tmp_path, other, example(name))
    with pytest.raises(InputError):
        read(given.path, other, reference, tables)


@pytest.mark.parametrize("kind", ResultKind)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "[]",
        '{"A": {}}',
        '{"B": ["B*15:02"], "B": ["B*40:01"]}',
        '{"A": ' * 100_000,
        '{"A": ' + "[" * 100_000,
        '{"A": ' + "1" * 10_000 + "}",
    ],
)
def test_a_json_of_no_program_is_a_fault(reference, tmp_path, tables, kind, text):
    given = content(tmp_path, kind, text)
    with pytest.raises(InputError):
        read(given.path, kind, reference, tables)


def test_no_file_is_read_that_two_programs_may_have_written(
    reference, tmp_path, tables, monkeypatch
):
    monkeypatch.setattr(registry, "READERS", {name: READERS[name] for name in ("Aldy", "OptiType")})
    for name in ("Aldy", "OptiType"):
        monkeypatch.setattr(type(READERS[name]), "accepts", lambda self, content: True)
        monkeypatch.setattr(type(READERS[name]), "kind", STARS)
    given = content(tmp_path, STARS, example("Aldy"))
    with pytest.raises(InputError, match="Aldy and OptiType"):
        read(given.path, STARS, reference, tables)


def test_the_form_of_an_hla_table_is_checked_and_that_of_a_program_is_not(tmp_path):
    check_form(content(tmp_path, HLA, example("arcasHLA")).path)
    with pytest.raises(InputError):
        check_form(content(tmp_path, HLA, "gene\tallele_1\n").path)


@pytest.mark.parametrize("row", ["S1", "S1\tCYP2C9", "\tCYP2C9\t*1/*3"])
def test_a_row_of_pharmcat_that_was_cut_names_its_line(reference, tmp_path, tables, row):
    _, header, *_ = example("PharmCAT").decode().splitlines()
    given = content(tmp_path, STARS, f"Sample ID\t{header}\nS1\tCYP2D6\t*1/*4\n{row}\n")
    with pytest.raises(InputError) as caught:
        read(given.path, STARS, reference, tables)
    assert [p.line for p in caught.value.problems] == [3]
