"""What must never change a result: every law of docs/laws.tsv has tests, and they exist."""

from epilepsy_pgx.tsv import read_table
from tests.risk import ROOT, functions

LAWS = {
    *("batch", "build", "circumstances", "language", "more", "naming", "order", "phase"),
    *("removal of an entry", "removal of data", "representation", "split and joined", "threads"),
}


def test_every_law_has_tests_that_exist() -> None:
    rows = list(read_table(ROOT / "docs/laws.tsv"))
    assert [row["law"] for row in rows] == sorted(LAWS)
    named = [test.partition("::") for row in rows for test in row["tests"].split("|")]
    assert [t for t in named if t[2] not in functions(t[0])] == []
