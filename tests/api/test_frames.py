"""Frames: typed columns, missing cells, and a clear line where pandas is not installed."""

import sys

import pytest

import epilepsy_pgx as pgx
from epilepsy_pgx.api.frames import make_frame
from epilepsy_pgx.cohort.summary import TABLES
from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.tsv import line


def test_positions_and_counts_are_numbers_and_all_else_is_text(annotations, reports):
    variants = annotations.to_frame()
    assert str(variants["pos"].dtype) == "Int64"
    cohort = reports.to_frame("cohort")
    for name in ("urgent", "act", "consider"):
        assert str(cohort[name].dtype) == "Int64"
    others = [c for c in cohort.columns if c not in ("urgent", "act", "consider")]
    assert {str(cohort[c].dtype) for c in others} == {"string"}


def test_a_missing_cell_is_missing_and_no_word_is():
    row = [".", "NA", "nan", "", "None"]
    frame = make_frame("any", list("abcde"), [row])
    assert frame.iloc[0].isna().tolist() == [True, False, False, False, False]


def test_no_rows_are_an_empty_frame_with_the_columns():
    frame = make_frame("variants", TABLES["variants"], [])
    assert tuple(frame.columns) == TABLES["variants"]
    assert len(frame) == 0


@pytest.fixture
def cohort(tmp_path):
    folder = tmp_path / "results/cohort"
    folder.mkdir(parents=True)
    columns = ("sample_id", "urgent", "act", "consider", "next_tests")
    rows = [("S1", "0", "2", "10", 'a "quoted" word'), ("S2", "1", ".", "0", "NA")]
    (folder / "cohort.tsv").write_text(line(columns) + "".join(map(line, rows)))
    (folder / "genes.tsv").write_text(line(TABLES["genes"]))
    return folder


def test_the_tables_of_a_run_are_read_from_either_folder(cohort):
    for place in (cohort, cohort.parent, str(cohort)):
        tables = pgx.read_tables(place)
        assert list(tables) == ["cohort", "genes"]
        frame = tables["cohort"]
        assert frame["consider"].sum() == 10
        assert frame["act"].isna().tolist() == [False, True]
        assert frame["next_tests"].tolist() == ['a "quoted" word', "NA"]
        assert frame["sample_id"].tolist() == ["S1", "S2"]


def test_a_folder_without_tables_is_one_line(tmp_path):
    with pytest.raises(InputError) as caught:
        pgx.read_tables(tmp_path)
    assert [p.check for p in caught.value.problems] == ["cohort-tables"]


def test_without_pandas_the_line_names_the_extra(calls, cohort, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    for ask in (calls.to_frame, lambda: pgx.read_tables(cohort)):
        with pytest.raises(ConfigError) as caught:
            ask()
        assert "pip install 'epilepsy-pgx[frames]'" in str(caught.value)
        assert "\n" not in str(caught.value)
