"""Whose reports the comparison of genomes withdraws is said, and which of them were released."""

from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.cli import commands
from epilepsy_pgx.cohort.urgent import read_unbacked, unbacked_section
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.release import Amendment, release, withdraw
from epilepsy_pgx.ledger.verify import verify
from epilepsy_pgx.ledger.withdrawn import failed_lines, withdrawn_lines
from epilepsy_pgx.recall.stored import Unread, results_to_tell
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.vocabulary import Check
from tests.ledger.bench import act, example, ledger, put, since, tables

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


def failing(folder: Path, checks: str) -> Path:
    """Write the table of all patients as a run does whose checks of a sample failed."""
    table = folder / "cohort/cohort.tsv"
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text(
        f"sample_id\tstatus\tfailed_checks\n{SAMPLE}\tdraft\t{checks}\nB\tdraft\tsex\n"
    )
    return table


@pytest.mark.parametrize("check", [*Check, "sex|fingerprint"])
def test_a_released_report_is_named_when_its_sample_failed_since(
    tmp_path: Path, check: str
) -> None:
    """Whatever check: the report that left the house stands until somebody takes it back."""
    failing(tmp_path, check)
    assert failed_lines(tmp_path) == []
    with ledger(tmp_path) as book:
        path = put(tmp_path, example(SAMPLE))
        failing(tmp_path, ".")
        released = release(book, path, act(), tables())
        assert failed_lines(tmp_path) == []
        failing(tmp_path, check)
        (line,) = failed_lines(tmp_path)
        assert line.startswith(f"{SAMPLE}: {released.entry.edition} (en) is released")
        assert check.replace("|", ", ") in line
        assert failed_lines(tmp_path, [SAMPLE]) == []
        told, *_ = results_to_tell(tmp_path)
        assert isinstance(told, Unread)
        assert check.replace("|", ", ") in told.why
        withdraw(book, released.entry.edition, act(hour=10, reason="swapped"), tables())
    assert failed_lines(tmp_path) == []


def test_a_ledger_that_cannot_be_read_hides_no_failed_sample(tmp_path: Path) -> None:
    failing(tmp_path, "sex")
    (tmp_path / "ledger.sqlite").write_bytes(b"no database at all")
    first, *_ = failed_lines(tmp_path)
    assert first.startswith("samples failed: 2")


OTHERS = "sample_id\tstatus\tfailed_checks\nB\tdraft\t.\n"
HEAD = "sample_id\tstatus\tfailed_checks\n"


@pytest.mark.parametrize(
    ("left", "named", "faulty"),
    [
        ({"cohort/cohort.tsv": f"{HEAD}{SAMPLE}\tdraft\t.\n"}, "", False),
        (
            {"cohort/cohort.tsv": f"{HEAD}{SAMPLE}\tnot reportable\tfingerprint\n"},
            "fingerprint",
            True,
        ),
        ({"cohort/cohort.tsv": f"{HEAD}{SAMPLE}\tnot reportable\t.\n"}, "not reportable", True),
        # A later run with other settings counts its own patients alone.
        (
            {
                "superseded/cohort/cohort.1.tsv": f"{HEAD}{SAMPLE}\tnot reportable\tsex\n",
                "cohort/cohort.tsv": OTHERS,
            },
            "sex",
            True,
        ),
        (
            {
                "superseded/cohort/cohort.1.tsv": f"{HEAD}{SAMPLE}\tnot reportable\tsex\n",
                "cohort/cohort.tsv": f"{HEAD}{SAMPLE}\tdraft\t.\n",
            },
            "",
            False,
        ),
        # The file of the sample is not there any more: nothing speaks against the report.
        (
            {
                "cohort/cohort.tsv": OTHERS,
                "cohort/problems.tsv": f"sample_id\tcheck\n{SAMPLE}\tvcf-digest\n",
            },
            "vcf-digest",
            False,
        ),
        # It is another file than the one bound to the patient: that speaks against the report.
        (
            {
                "cohort/cohort.tsv": OTHERS,
                "cohort/problems.tsv": f"sample_id\tcheck\n{SAMPLE}\tvcf-bound\n",
            },
            "vcf-bound",
            True,
        ),
        ({"cohort/cohort.tsv": "no such table"}, "", False),
    ],
)
def test_run_verify_and_page_name_what_no_run_bears_out(
    left: dict[str, str], named: str, faulty: bool, tmp_path: Path
) -> None:
    words = ReportWords(Wording(tables(), "en"))
    with ledger(tmp_path) as book:
        released = release(book, put(tmp_path, example(SAMPLE)), act(), tables())
        for name, text in left.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        said = " ".join(failed_lines(tmp_path))
        page = unbacked_section(read_unbacked(tmp_path), words)
        for text in (said, page):
            assert (released.entry.edition in text) == bool(named)
        assert said.count(named) == bool(named) or not named
        found = [p for p in verify(book, tables()).problems if p.check == "edition-failed"]
        assert bool(found) == faulty
        if faulty:
            assert named in found[0].found
            withdraw(book, released.entry.edition, act(hour=10, reason="swapped"), tables())
            assert unbacked_section(read_unbacked(tmp_path), words) == ""
            assert not [p for p in verify(book, tables()).problems if p.check == "edition-failed"]


def test_status_counts_those_who_have_a_report(tmp_path: Path) -> None:
    tables_ = {
        "cohort": "sample_id\nA\nB\nC\n",
        "problems": "sample_id\n",
        "identity": "sample_id\tpositions\tfinding\nA\t70\tfailed\nB\t70\tunclear\n"
        "C\t70\tdiffers\nD\t70\tfailed\n",
    }
    words = ["status", "--out", str(tmp_path / "status.txt")]
    for name, text in tables_.items():
        (tmp_path / f"{name}.tsv").write_text(text)
        words += [f"--{name}", str(tmp_path / f"{name}.tsv")]
    commands.main(words, standalone_mode=False)
    first, second = (tmp_path / "status.txt").read_text().splitlines()
    assert first == "3 patients have a report"
    assert second.startswith("2 reports are withdrawn")
    assert ": A, C (see" in second


def test_what_was_replaced_is_not_withdrawn_while_what_replaced_it_stands(tmp_path: Path) -> None:
    """Its message would be the later one on the order, and take back what stands."""
    later = replace(example(SAMPLE), limits=example(SAMPLE).limits[:1])
    why = act(hour=10, reason="wrong specimen")
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example(SAMPLE)), act(), tables())
        second = put(tmp_path, since(book, later))
        release(book, second, why, tables(), Amendment("R-EX05 v1", correction=True))
        before = book.head()
        with pytest.raises(InputError, match="R-EX05 v2, which stands.*withdraw-replaced"):
            withdraw(book, "R-EX05 v1", why, tables())
        assert book.head() == before
        withdraw(book, "R-EX05 v2", why, tables())
        withdraw(book, "R-EX05 v1", why, tables())
        assert [s.state for s in book.standing()] == ["withdrawn", "withdrawn"]
