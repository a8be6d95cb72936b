"""With a key every later entry is signed; another key, or none, adds nothing."""

import builtins
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.ledger import signing
from epilepsy_pgx.ledger.book import settings_entry
from epilepsy_pgx.ledger.entries import FILE, Entry, EntryKind
from epilepsy_pgx.ledger.verify import verify
from tests.ledger.bench import QUICK, START, ledger, tables


def note():
    return Entry(0, START, EntryKind.REVIEWED)


def key(path):
    pytest.importorskip("cryptography", reason="needs the extra sign")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    path.write_bytes(
        ed25519.Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(path)


def test_entries_are_signed_with_the_key_that_the_ledger_names(tmp_path, monkeypatch):
    monkeypatch.setenv(signing.VARIABLE, key(tmp_path / "own.pem"))
    with ledger(tmp_path, replace(QUICK, public_key=signing.public_key())) as book:
        with book.writing():
            book.add(note())
        assert [bool(e.signature) for e in book.entries()] == [False, True]
        assert verify(book, tables()).problems == ()
        monkeypatch.setenv(signing.VARIABLE, key(tmp_path / "other.pem"))
        with pytest.raises(ConfigError, match="another key"), book.writing():
            book.add(note())
        with closing(sqlite3.connect(tmp_path / FILE)) as other, other:
            other.execute("DROP TRIGGER entries_stay")
            other.execute("UPDATE entries SET signature = '00' WHERE number = 2")
        assert {p.check for p in verify(book, tables()).problems} == {
            "ledger-readable",
            "ledger-signature",
        }


def run(*arguments):
    return CliRunner().invoke(commands, [*map(str, arguments)])


WHO = ("--name", "Dr H. Head", "--role", "head of laboratory")


@pytest.fixture
def signed(tmp_path, monkeypatch):
    """A ledger with an entry by its first key; the environment names another key."""
    old = key(tmp_path / "old.pem")
    results = tmp_path / "results"
    monkeypatch.setenv(signing.VARIABLE, old)
    with ledger(results, replace(QUICK, public_key=signing.public_key())) as book, book.writing():
        book.add(note())
    monkeypatch.setenv(signing.VARIABLE, key(tmp_path / "new.pem"))
    return results, old


def test_a_new_key_is_recorded_by_the_old_one(signed):
    results, old = signed
    refused = run("ledger", results, "--sign", *WHO)
    assert refused.exit_code == 2
    assert "--old-key OLD.pem" in refused.output
    assert run("ledger", results, "--sign", "--old-key", old).exit_code == 2  # by whom
    done = run("ledger", results, "--sign", "--old-key", old, *WHO)
    assert done.exit_code == 0, done.output
    with ledger(results) as book:
        with book.writing():
            book.add(note(), any_clock=True)
        found = verify(book, tables())
    assert found.problems == ()
    first, second = found.notes
    assert first.startswith("entries 2 to 3: key ")
    assert second == f"entries 4 to 4: key {signing.public_key()[:16]}…"
    assert run("ledger", results, "--sign", *WHO).exit_code == 0  # the key in use


def test_a_lost_key_is_replaced_by_a_named_person_and_stays_named(signed):
    results, _ = signed
    assert run("ledger", results, "--sign", "--lost-key", "disk failed").exit_code == 2
    done = run("ledger", results, "--sign", "--lost-key", "disk failed", *WHO)
    assert done.exit_code == 0, done.output
    shown = run("verify", results)
    assert "was lost, as Dr H. Head (head of laboratory) says: disk failed" in shown.output
    with ledger(results) as book:
        found = verify(book, tables())
    assert found.problems == ()
    assert [k.split(":")[0] for k in found.notes] == ["entries 2 to 2", "entry 3", "entries 3 to 3"]


def test_a_key_that_takes_the_place_of_another_without_either_is_found(signed, tmp_path):
    results, old = signed
    with ledger(results) as book, book.writing():
        book.add(
            replace(
                settings_entry(replace(QUICK, public_key=signing.public_key()), START), number=0
            ),
            signer=lambda digest: signing.sign(digest, signing.public_key()),
        )
    with ledger(results) as book:
        (problem,) = verify(book, tables()).problems
    assert (problem.check, "entry 3" in problem.found) == ("ledger-signature", True)


@pytest.mark.parametrize(
    "given",
    [
        ("--old-key", "{old}"),
        ("--sign", "--old-key", "{old}", "--lost-key", "why"),
        ("--sign", "--old-key", "none.pem"),
        ("--sign", "--old-key", "{new}"),
    ],
)
def test_what_stands_for_no_new_key_is_refused(given, signed, tmp_path):
    results, old = signed
    given = [text.format(old=old, new=tmp_path / "new.pem") for text in given]
    refused = run("ledger", results, *given, *WHO)
    assert (refused.exit_code, "ledger-key" in refused.output) == (2, True)
    with ledger(results) as book:
        assert len(book.entries()) == 2


def test_without_a_key_or_its_library_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv(signing.VARIABLE, raising=False)
    with pytest.raises(ConfigError, match="ledger-key"):
        signing.sign("sha256:0", "00")
    monkeypatch.setenv(signing.VARIABLE, str(tmp_path / "none.pem"))
    if pytest.importorskip("cryptography", reason="needs the extra sign"):
        with pytest.raises(ConfigError, match="no such key"):
            signing.public_key()


def test_a_missing_library_is_one_clear_line(monkeypatch, tmp_path):
    usual = builtins.__import__

    def without(name, *rest):
        if name.startswith("cryptography"):
            raise ImportError(name)
        return usual(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setenv(signing.VARIABLE, str(tmp_path))
    with pytest.raises(ConfigError, match="sign-extra"):
        signing.public_key()
