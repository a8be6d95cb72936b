"""A spreadsheet of the tables comes back as it went, and says what somebody changed in it."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.errors import InputError, TableError
from epilepsy_pgx.reference.spreadsheet import export_xlsx, read_xlsx
from tests.toy.package import write_package


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_package(tmp_path / "toy")


@pytest.fixture
def book(package: Path, tmp_path: Path) -> Path:
    export_xlsx(package, tmp_path / "toy.xlsx")
    return tmp_path / "toy.xlsx"


def edit(book: Path, sheet: str, cell: str, value: object) -> None:
    opened = openpyxl.load_workbook(book)
    opened[sheet][cell] = value
    opened.save(book)


def state(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*.tsv"))}


@pytest.mark.slow
def test_the_shipped_tables_survive_the_round_trip(root, tmp_path):
    target = tmp_path / "all.xlsx"
    names = export_xlsx(root / "reference", target)
    assert len(names) == len(list((root / "reference").glob("*.tsv")))
    proposal = read_xlsx(target, root / "reference")
    assert proposal.tables == ()
    assert "No row differs." in proposal.text


def test_values_that_look_like_something_else_stay_text(package, tmp_path):
    path = package / "drug_names.tsv"
    path.write_text(path.read_text().replace("Toyex", "=1+1"))
    export_xlsx(package, tmp_path / "t.xlsx", ["drug_names"])
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["drug_names"]
    assert sheet["A2"].value == "=1+1"
    assert {c.number_format for row in sheet for c in row} == {"@"}


def test_a_change_is_shown_and_written_when_it_is_confirmed(package, book):
    before = state(package)
    edit(book, "drug_names", "A2", "Toyol")
    told = CliRunner().invoke(reference, ["import", str(book), str(package)], input="n\n")
    assert "Toyol" in told.output
    assert told.exit_code != 0
    assert state(package) == before
    done = CliRunner().invoke(reference, ["import", str(book), str(package), "--yes"])
    assert done.exit_code == 0
    after = state(package)
    assert [n for n in before if before[n] != after[n]] == ["drug_names.tsv"]
    assert after["drug_names.tsv"] == before["drug_names.tsv"].replace(b"Toyex", b"Toyol")


def test_numbers_and_emptied_cells_are_what_was_typed(package, book):
    edit(book, "quality_limits", "B2", 12.0)
    edit(book, "quality_limits", "B3", 0.25)
    edit(book, "drug_names", "D2", None)
    by_name = {t.name: t for t in read_xlsx(book, package).tables}
    assert [cells[1] for cells in by_name["quality_limits"].cells[:2]] == ["12", "0.25"]
    assert by_name["drug_names"].cells[0][3] == "."


def test_rows_that_were_added_below_are_put_in_order(package, book):
    opened = openpyxl.load_workbook(book)
    sheet = opened["drug_names"]
    row = [cell.value for cell in sheet[2]]
    sheet.append(["Alphatoy", *row[1:]])
    opened.save(book)
    (table,) = read_xlsx(book, package).tables
    assert [cells[0] for cells in table.cells] == ["Alphatoy", "Toyex"]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (dt.datetime(2026, 2, 1), "the date 2026-02-01 00:00:00"),
        (True, "the truth value True"),
        ("=SUM(A1:A2)", "a formula"),
        ("two\nlines", "a tab or a line end"),
    ],
)
def test_what_a_spreadsheet_made_of_a_value_is_refused(package, book, value, found):
    edit(book, "drug_names", "A2", value)
    edit(book, "drugs", "A2", True)
    with pytest.raises(InputError) as raised:
        read_xlsx(book, package)
    shown = {(p.column, p.line, p.found) for p in raised.value.problems}
    assert shown == {("drug_names A2", 2, found), ("drugs A2", 2, "the truth value True")}


def test_other_sheets_and_columns_are_named(package, book):
    edit(book, "drug_names", "A1", "word")
    opened = openpyxl.load_workbook(book)
    opened.create_sheet("notes")
    opened.save(book)
    with pytest.raises(InputError) as raised:
        read_xlsx(book, package)
    assert {p.column for p in raised.value.problems} == {"drug_names", "notes"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"a\tb\n"])
def test_a_file_that_is_no_spreadsheet_is_one_line(package, tmp_path, content):
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_xlsx(path, package)
    assert [p.check for p in raised.value.problems] == ["xlsx-read"]
    with pytest.raises(InputError):
        read_xlsx(tmp_path / "missing.xlsx", package)


def test_a_damaged_spreadsheet_is_one_line(package, book):
    whole = book.read_bytes()
    refused = 0
    for at in range(40, len(whole), max(1, len(whole) // 25)):
        book.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            read_xlsx(book, package)
        except InputError:
            refused += 1
    assert refused


def test_a_spreadsheet_that_unpacks_without_end_is_refused(package, book, monkeypatch):
    monkeypatch.setattr("epilepsy_pgx.reference.spreadsheet.LARGEST", 1000)
    with pytest.raises(InputError, match="more than 1000"):
        read_xlsx(book, package)


def test_an_unknown_table_is_named(package, tmp_path):
    with pytest.raises(TableError, match="nothing"):
        export_xlsx(package, tmp_path / "t.xlsx", ["nothing"])


def test_the_same_tables_give_the_same_cells(package, tmp_path):
    export_xlsx(package, tmp_path / "a.xlsx")
    export_xlsx(package, tmp_path / "b.xlsx")
    one, two = (openpyxl.load_workbook(tmp_path / name) for name in ("a.xlsx", "b.xlsx"))
    assert one.properties.created == two.properties.created
    for sheet in one.worksheets:
        assert list(sheet.values) == list(two[sheet.title].values)
