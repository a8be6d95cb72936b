"""Tables are put into the order that the check asks for, and nothing else is touched."""

import random
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.arrange import arrange, sort_tables
from epilepsy_pgx.reference.check import run_checks
from epilepsy_pgx.reference.package import Table
from tests.toy.package import toy_tables, write_package


def table_of(*names: str) -> Table:
    cells = tuple((name, "x") for name in names)
    return Table("t", Path("t.tsv"), ("name", "more"), cells, tuple(range(2, len(cells) + 2)))


def shown(table: Table) -> list[str]:
    return [cells[0] for cells in table.cells]


def test_both_orders_are_left_as_they_are():
    for names in (("*10", "*2"), ("*2", "*10"), (".", "*1")):
        table = table_of(*names)
        assert arrange(table, ["name"]) is table


def test_what_is_in_neither_order_is_sorted():
    assert shown(arrange(table_of("*2", "*10", "*1"), ["name"])) == ["*1", "*10", "*2"]


def test_a_table_without_its_key_stays():
    table = table_of("b", "a")
    assert arrange(table, ["id"]) is table


@given(st.lists(st.text("*ab019", min_size=1, max_size=4), max_size=8))
def test_arranging_keeps_the_rows_and_ends(names):
    once = arrange(table_of(*names), ["name"])
    assert sorted(shown(once)) == sorted(names)
    assert arrange(once, ["name"]) is once


def test_a_table_that_is_not_utf_8_stops_it_in_one_line(tmp_path):
    folder = write_package(tmp_path / "toy")
    path = folder / "drugs.tsv"
    path.write_bytes(path.read_bytes() + b"\xff\n")
    with pytest.raises(TableError) as raised:
        sort_tables(folder)
    (problem,) = raised.value.problems
    assert (problem.check, problem.line, problem.found) == ("file-text", 5, "byte 0xff")


def test_shuffled_tables_pass_the_check_again(tmp_path):
    tables = toy_tables()
    chance = random.Random(3)
    for rows in tables.values():
        chance.shuffle(rows)
    folder = write_package(tmp_path / "toy", tables, in_order=False)
    log = (folder / "CHANGES.tsv").read_bytes()
    assert {p.check for p in run_checks(folder)} == {"sorted"}
    done = CliRunner().invoke(reference, ["sort", str(folder)])
    assert done.exit_code == 0
    named = {Path(line).stem for line in done.output.splitlines()}
    assert {"alleles", "texts"} <= named
    assert {p.check for p in run_checks(folder)} == {"descriptor-current"}
    assert (folder / "CHANGES.tsv").read_bytes() == log
    assert sort_tables(folder) == ()
