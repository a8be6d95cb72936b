"""With a key every later entry is signed; another key, or none, adds nothing."""

import builtins
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.ledger import signing
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
