"""The ledger is added to and never changed; what it cannot trust it refuses in one line."""

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace

import pytest

from epilepsy_pgx.errors import ConfigError, InputError, PlaceError
from epilepsy_pgx.ledger import book as book_module
from epilepsy_pgx.ledger.book import APPLICATION, created, opened, settings_entry
from epilepsy_pgx.ledger.entries import FILE, START, Entry, EntryKind
from epilepsy_pgx.ledger.settings import Settings
from tests.ledger.bench import QUICK, ledger
from tests.ledger.bench import START as TIME


def note(time: str = TIME) -> Entry:
    return Entry(0, time, EntryKind.REVIEWED, person="A")


def raw(folder, *commands):
    with closing(sqlite3.connect(folder / FILE)) as connection, connection:
        return [connection.execute(c).fetchall() for c in commands]


def check_of(folder, error=InputError):
    with pytest.raises(error) as caught, opened(folder):
        pass
    (problem,) = caught.value.problems
    assert "\n" not in str(problem)
    return problem.check


def test_each_entry_holds_the_digest_of_the_one_before(tmp_path):
    with ledger(tmp_path) as book:
        with book.writing():
            for _ in range(3):
                book.add(note())
        entries = book.entries()
    assert [e.number for e in entries] == [1, 2, 3, 4]
    assert [e.previous for e in entries] == [START, *(e.digest for e in entries[:-1])]
    assert all(e.digest == e.own_digest() for e in entries)


@pytest.mark.parametrize("field", ["time", "person", "details", "draft", "previous", "number"])
def test_the_digest_covers_everything(field):
    entry = note().sealed()
    value = 7 if field == "number" else "another"
    assert replace(entry, **{field: value}).own_digest() != entry.digest


def test_the_file_refuses_changes_and_is_for_owner_and_group(tmp_path):
    with ledger(tmp_path):
        pass
    for command in ("UPDATE entries SET person = 'X'", "DELETE FROM entries"):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            raw(tmp_path, command)
    assert raw(tmp_path, "PRAGMA journal_mode", "SELECT kind FROM entries") == [
        [("delete",)],
        [("settings",)],
    ]
    assert not (tmp_path / FILE).stat().st_mode & stat.S_IRWXO


def test_what_does_not_end_does_not_count(tmp_path):
    with ledger(tmp_path) as book:

        def fail():
            with book.writing():
                book.add(note())
                raise KeyError

        pytest.raises(KeyError, fail)
        assert len(book.entries()) == 1


def test_a_clock_that_goes_back_is_refused_until_it_is_accepted(tmp_path):
    with ledger(tmp_path) as book, book.writing():
        book.add(note("2030-01-01T00:00:00+00:00"))
        with pytest.raises(ConfigError, match="ledger-clock"):
            book.add(note())
        book.add(replace(settings_entry(QUICK, TIME), number=0), any_clock=True)
        book.add(note())


def test_settings_are_entries_and_the_last_one_holds(tmp_path):
    with ledger(tmp_path) as book, book.writing():
        book.add(settings_entry(Settings(persons=2, network=True), TIME))
        assert book.settings() == Settings(persons=2, network=True)
        assert len(book.entries()) == 2


def test_no_ledger_a_newer_one_and_another_file_are_one_line(tmp_path):
    assert check_of(tmp_path) == "ledger-found"
    with ledger(tmp_path):
        pass
    raw(tmp_path, "PRAGMA user_version = 2")
    assert check_of(tmp_path) == "ledger-form"
    (tmp_path / FILE).write_bytes(b"no database at all, but long enough to be one" * 99)
    assert check_of(tmp_path) == "ledger-readable"
    (tmp_path / FILE).unlink()
    raw(tmp_path, "CREATE TABLE other (x)")
    assert check_of(tmp_path) == "ledger-form"


def read_of(folder) -> int:
    """Read all of a ledger; return how many lines were said against it."""
    try:
        with opened(folder) as book:
            book.entries(), book.standing(), book.settings()
    except InputError as error:
        return len(error.problems)
    return 0


def test_a_damaged_ledger_is_one_line_wherever_it_is_damaged(tmp_path):
    with ledger(tmp_path):
        pass
    path = tmp_path / FILE
    whole = path.read_bytes()
    refused = 0
    for start in range(0, len(whole), len(whole) // 30):
        path.write_bytes(whole[:start] + b"\xc5" * 300 + whole[start + 300 :])
        refused += read_of(tmp_path) == 1
    assert refused >= 5


def test_what_a_killed_process_left_of_a_new_ledger_is_none(tmp_path):
    (tmp_path / FILE).touch()
    assert check_of(tmp_path) == "ledger-found"
    with created(tmp_path, QUICK, TIME) as book:
        assert len(book.entries()) == 1
    assert raw(tmp_path, "PRAGMA application_id") == [[(APPLICATION,)]]
    with created(tmp_path, Settings(persons=2), TIME) as book:
        assert book.settings() == QUICK  # the one that is there stays


def test_a_ledger_that_another_process_writes_is_waited_for_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(book_module, "WAIT", 0.01)
    with ledger(tmp_path) as first, ledger(tmp_path) as second:
        with first.writing(), pytest.raises(ConfigError, match="ledger-busy"), second.writing():
            pass
        with second.writing():
            second.add(note())


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path):
    with ledger(tmp_path) as book:
        (pages,) = book._db.execute("PRAGMA page_count").fetchone()
        book._db.execute(f"PRAGMA max_page_count = {pages}")
        big = replace(note(), details='"' + "x" * 999_999 + '"')
        with pytest.raises(PlaceError, match="place-full"), book.writing():
            book.add(big)
        assert len(book.entries()) == 1
        assert book.faults() == []


def test_a_network_file_system_is_refused_unless_it_is_allowed(tmp_path, monkeypatch):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    with created(tmp_path / "a", QUICK, TIME):
        pass
    monkeypatch.setattr(book_module, "network_kind", lambda folder: "nfs4")
    assert check_of(tmp_path / "a", ConfigError) == "ledger-network"
    with pytest.raises(ConfigError, match="ledger-network"), created(tmp_path / "b", QUICK, TIME):
        pass
    assert not (tmp_path / "b" / FILE).exists()
    allowed = Settings(network=True)
    with created(tmp_path / "b", allowed, TIME):
        pass
    with opened(tmp_path / "b") as book:
        assert book.settings() == allowed
