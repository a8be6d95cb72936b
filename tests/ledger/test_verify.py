"""Whatever is changed, cut, added or taken away is found, and each kind named."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.entries import FILE
from epilepsy_pgx.ledger.release import release
from epilepsy_pgx.ledger.schema import statements
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.ledger.verify import verify
from tests.ledger.bench import act, example, ledger, put, tables

TRIGGERS = [s for s in statements() if s.startswith("CREATE TRIGGER")]
FOLDER = "released/R-EX05/v1.en"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    with ledger(folder, Settings(formats=("json", "tsv"))) as book:
        release(book, put(folder, example()), act(), tables())
        release(book, put(folder, example("EX07")), act(), tables())
    return folder


@pytest.fixture
def results(released, tmp_path):
    return shutil.copytree(released, tmp_path / "results")


def spoil(results, *commands):
    """Change the file as somebody would who may write it, without this software."""
    with closing(sqlite3.connect(results / FILE)) as connection, connection:
        connection.execute("DROP TRIGGER entries_stay")
        connection.execute("DROP TRIGGER entries_are_kept")
        for command in commands:
            connection.execute(command)
        for kept in TRIGGERS:
            connection.execute(kept)


def checks(results, *seen):
    with ledger(results) as book:
        return {p.check for p in verify(book, tables(), seen).problems}


def test_what_nobody_touched_is_right_and_is_made_again(results):
    with ledger(results) as book:
        found = verify(book, tables())
        head = book.head()
    assert found.problems == found.not_made_again == ()
    assert (found.entries, found.editions, found.made_again) == (5, 2, 2)
    assert found.head == f"{head.number} {head.digest}"


@pytest.mark.parametrize(
    ("command", "check"),
    [
        ("UPDATE entries SET person = 'Dr X' WHERE number = 2", "ledger-chain"),
        ("UPDATE entries SET details = '{}' WHERE number = 1", "ledger-chain"),
        ("DELETE FROM entries WHERE number = 2", "ledger-chain"),
        ("DELETE FROM entries WHERE number > 3", "ledger-tail"),
        ("DELETE FROM entries WHERE number > 3", "edition-unknown"),
        ("UPDATE entries SET number = 9 WHERE number = 5", "ledger-chain"),
    ],
)
def test_a_changed_ledger_is_found(command, check, results):
    with ledger(results) as book:
        seen = f"4 {book.entries()[3].digest[7:23]}"
    spoil(results, command)
    assert check in checks(results, seen)


@pytest.mark.parametrize(
    "change", ["kind = 'other'", "details = 'no JSON'", "version = 'x'", "details = '[]'"]
)
def test_an_entry_of_another_form_is_one_line(change, results):
    spoil(results, f"UPDATE entries SET {change} WHERE kind IN ('settings', 'final')")
    with pytest.raises(InputError, match="ledger-entries"):
        checks(results)


def test_a_tail_that_was_cut_and_written_again_is_found_by_a_page(results, tmp_path):
    with ledger(results) as book:
        printed = f"4 {book.entries()[3].digest[7:23]}…"
        later = act(name="Dr S. Second")
    spoil(results, "DELETE FROM entries WHERE number > 3")
    with ledger(results) as book, pytest.raises(InputError, match="ledger-tail"):
        release(book, put(tmp_path, example("EX08")), later, tables())
    (results / "released/R-EX07/v1.en").rename(tmp_path / "elsewhere")
    with ledger(results) as book:
        release(book, put(tmp_path, example("EX07")), later, tables())
    assert checks(results) == set()  # nothing on this disk tells it, a page does
    assert checks(results, printed) == {"ledger-tail"}


@pytest.mark.parametrize("name", ["EX05.json", "EX05.tsv"])
def test_a_changed_or_missing_file_is_found(name, results):
    path = results / FOLDER / name
    path.write_bytes(path.read_bytes().replace(b"EX05", b"EX06", 1))
    assert checks(results) == {"edition-files"}
    path.unlink()
    (results / FOLDER / "more.txt").write_text("x")
    assert checks(results) == {"edition-files", "edition-unknown"}


def test_reports_of_other_tables_are_named_and_not_called_wrong(results, monkeypatch):
    monkeypatch.setattr("epilepsy_pgx.ledger.verify.__version__", "99")
    with ledger(results) as book:
        found = verify(book, tables())
    assert found.problems == ()
    assert (found.made_again, len(found.not_made_again)) == (0, 2)


def test_a_file_that_is_made_otherwise_is_found(results, monkeypatch):
    monkeypatch.setattr(
        "epilepsy_pgx.ledger.verify.Renderers.render", lambda self, report, form: b"other"
    )
    assert checks(results) == {"edition-again"}


def test_an_entry_is_named_as_pages_print_it(results):
    with pytest.raises(InputError, match="ledger-seen"):
        checks(results, "entry twelve")


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("DROP TRIGGER entries_stay", "no trigger entries_stay"),
        ("DROP TRIGGER entries_are_kept", "no trigger entries_are_kept"),
        ("DROP INDEX one_release_of_a_draft", "no index one_release_of_a_draft"),
        ("DROP VIEW reports", "no view reports"),
        ("CREATE TABLE more (x)", "a table more that this software did not make"),
        (
            "CREATE TRIGGER gone AFTER INSERT ON entries BEGIN SELECT 1; END",
            "a trigger gone that this software did not make",
        ),
        (
            "DROP VIEW reports; CREATE VIEW reports AS SELECT report, version, language, sample, "
            "time, person, role, replaces, state FROM entries WHERE sample <> 'EX05'",
            "a view reports that was changed",
        ),
    ],
)
def test_what_keeps_the_entries_is_looked_at_too(command, found, results):
    with ledger(results) as book:
        before = book.standing()
    with closing(sqlite3.connect(results / FILE)) as connection:
        connection.executescript(command)
    with ledger(results) as book:
        (problem,) = verify(book, tables()).problems
        assert (problem.check, found in problem.found) == ("ledger-readable", True)
        assert book.standing() == before  # the view is for other programs


@pytest.mark.parametrize("place", [".x/y/EX99.pdf", "R-EX05/.v9/EX99.pdf", "R-EX05/v1.en/.EX99"])
def test_a_planted_file_is_found_wherever_it_lies(place, results):
    path = results / "released" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    assert checks(results) == {"edition-unknown"}


@pytest.mark.parametrize("place", ["R-FFFFFFFFFFFF", "R-EX05/v9.en", ".x"])
def test_a_linked_folder_is_found(place, results, tmp_path):
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / "EX99.pdf").write_text("x")
    (results / "released" / place).symlink_to(evil)
    assert checks(results) == {"edition-unknown"}


FORMER = """
DROP VIEW reports;
CREATE VIEW reports AS
  SELECT a.report, a.version, a.language, a.sample, a.time, a.person, a.role, a.replaces,
    CASE
      WHEN EXISTS (SELECT 1 FROM entries w WHERE w.kind = 'withdrawn' AND w.report = a.report
        AND w.version = a.version AND w.language = a.language) THEN 'withdrawn'
      WHEN EXISTS (SELECT 1 FROM entries s WHERE s.kind = 'authorised' AND s.language = a.language
        AND s.replaces = a.report || ' v' || a.version) THEN 'replaced'
      ELSE a.state
    END AS state
  FROM entries a WHERE a.kind = 'authorised' ORDER BY a.number;
"""
"""The view of a ledger that the first version made."""


def command(results, *commands):
    with closing(sqlite3.connect(results / FILE)) as connection:
        connection.executescript(";".join(commands))


@pytest.mark.parametrize("former", [FORMER, FORMER.replace(" AND s.language = a.language", "")])
def test_an_older_form_is_named_and_migrated_by_one_command(former, results):
    command(results, former)
    with ledger(results) as book:
        before = book.entries()
        (problem,) = verify(book, tables()).problems
    assert (problem.check, "--migrate" in problem.fix) == ("ledger-older", True)
    done = CliRunner().invoke(commands, ["ledger", str(results), "--migrate"])
    assert done.exit_code == 0, done.output
    assert "view reports" in done.output
    with ledger(results) as book:
        assert book.entries() == before
        assert verify(book, tables()).problems == ()
        assert book.migrate() == []


def test_an_older_form_that_somebody_changed_is_not_migrated(results):
    command(results, FORMER, "DROP TRIGGER entries_stay")
    with ledger(results) as book, pytest.raises(InputError, match="no trigger entries_stay"):
        book.migrate()
    assert checks(results) == {"ledger-older", "ledger-readable"}
    command(results, FORMER.replace("ELSE a.state", "ELSE 'final'"))
    assert checks(results) == {"ledger-readable"}


@pytest.mark.parametrize("number", [2, 3, 5])
def test_no_step_is_added_behind_an_entry_that_was_changed(number, results, tmp_path):
    spoil(results, f"UPDATE entries SET person = 'Dr X' WHERE number = {number}")
    with ledger(results) as book, pytest.raises(InputError, match=f"entry {number}, which"):
        release(book, put(tmp_path, example("EX08")), act(hour=10), tables())
