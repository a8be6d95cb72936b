"""What is written as a table is read back, quotes and all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.tsv import ColumnsError, line, read_columns, read_table

CELL = st.text(st.characters(exclude_characters="\t\r\n\0", exclude_categories=["Cs"]), min_size=1)


@given(st.lists(st.tuples(CELL, CELL)))
def test_rows_are_read_as_they_were_written(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "rows.tsv"
    path.write_text("".join(map(line, [("a", "b"), *rows])), encoding="utf-8", newline="")
    assert [(r["a"], r["b"]) for r in read_table(path, ("a", "b"))] == rows


def test_other_columns_are_refused(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("a\tb\n1\t2\n", encoding="utf-8")
    with pytest.raises(ColumnsError):
        list(read_table(path, ("a", "c")))
    assert list(read_table(path)) == [{"a": "1", "b": "2"}]
    assert read_columns(path) == ("a", "b")
