"""Whose reports the comparison of genomes withdraws is said, and which of them were released."""

from pathlib import Path

from epilepsy_pgx.ledger.release import release, withdraw
from epilepsy_pgx.ledger.withdrawn import withdrawn_lines
from tests.ledger.bench import act, example, ledger, put, tables

SAMPLE = "EX05"


def test_nobody_is_no_line(tmp_path: Path) -> None:
    assert withdrawn_lines([], tmp_path) == []


def test_the_patients_are_counted_and_named(tmp_path: Path) -> None:
    (line,) = withdrawn_lines(["A", "B"], tmp_path)
    assert line.startswith("2 reports are withdrawn")
    assert "A, B (see" in line
    (many,) = withdrawn_lines([f"P{n}" for n in range(25)], tmp_path)
    assert "P19 ..." in many
    assert "P20" not in many


def test_a_released_report_is_named_until_it_is_withdrawn(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    with ledger(folder) as book:
        released = release(book, put(folder, example(SAMPLE)), act(), tables())
        assert len(withdrawn_lines(["A"], folder)) == 1
        _, line = withdrawn_lines(["A", SAMPLE], folder)
        assert line.startswith(f"{SAMPLE}: {released.entry.edition} (en) is released")
        assert f'withdraw {folder} "{released.entry.edition}"' in line
        withdraw(book, released.entry.edition, act(hour=10, reason="swapped"), tables())
    assert len(withdrawn_lines(["A", SAMPLE], folder)) == 1


def test_a_ledger_that_cannot_be_read_hides_no_withdrawal(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no database at all")
    first, second, *_ = withdrawn_lines([SAMPLE], tmp_path)
    assert first.startswith("1 report")
    assert "not known" in second
