"""Parquet holds what the tables hold."""

import csv

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.cohort.parquet import write_parquet
from epilepsy_pgx.cohort.summary import CohortTables
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.reference.package import load_reference
from tests.report.examples import example_reports

pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet")


def test_every_cell_is_there(tmp_path):
    tables = CohortTables(tmp_path, load_reference())
    for report in example_reports().values():
        tables.add(report)
    tables.close()
    done = CliRunner().invoke(
        commands, ["parquet", str(tmp_path)], catch_exceptions=False, standalone_mode=False
    )
    assert done.return_value == 0
    for path in tmp_path.glob("*.tsv"):
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
        found = pq.read_table(path.with_suffix(".parquet")).to_pylist()
        assert [{k: v or "." for k, v in row.items()} for row in found] == rows
    assert len(list(tmp_path.glob("*.parquet"))) == 5


def test_a_folder_without_tables_is_said(tmp_path):
    with pytest.raises(InputError, match="parquet-tables"):
        write_parquet(tmp_path)
