"""Files of patients: names that cannot leave the folder, tables that stay tables."""

from dataclasses import replace

import pytest

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.tables import DRUG_COLUMNS, cell, report_tsv
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.write import report_folder, write_reports
from tests.report.examples import NAMES, example_reports


@pytest.mark.parametrize("name", ["../../etc", "..", ".", "a/b", "a\\b", "x" * 300, "é", "a b", ""])
def test_hostile_id_stays_below_the_folder(name, tmp_path):
    folder = report_folder(name)
    assert len(folder.parts) == 2
    assert ".." not in folder.parts
    assert (tmp_path / folder).resolve().is_relative_to(tmp_path.resolve())


def test_files_are_written_whole(tmp_path):
    reports = example_reports()
    written = dict(write_reports(reports.values(), tmp_path, load_reference()))
    assert sorted(written) == sorted(reports)
    files = sorted(p for p in tmp_path.rglob("*") if p.is_file())
    assert files == sorted(p for paths in written.values() for p in paths)
    assert not [p for p in files if p.name.startswith(".")]


@pytest.mark.parametrize("name", NAMES)
def test_table_is_rectangular(name):
    lines = report_tsv(example_reports()[name], Wording(load_reference())).splitlines()
    assert tuple(lines[0].split("\t")) == DRUG_COLUMNS
    assert {len(line.split("\t")) for line in lines} == {len(DRUG_COLUMNS)}


@pytest.mark.parametrize("value", ["a\tb", "a\nb", "a\r\nb", " a\x0bb "])
def test_cell_holds_no_break(value):
    assert cell(value) == "a b"


def test_id_with_a_tab_breaks_no_table():
    report = example_reports()["EX07"]
    hostile = replace(report, patient=replace(report.patient, sample_id="a\tb\nc"))
    rows = report_tsv(hostile, Wording(load_reference())).splitlines()
    assert {len(line.split("\t")) for line in rows} == {14}
