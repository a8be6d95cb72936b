"""The ledger as a SQLite file: a rollback journal, every write flushed, entries only added.

`sqlite3 -readonly ledger.sqlite 'SELECT * FROM reports'` reads it without this software.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.files import place_error, private_mode, writing_to
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.ledger.entries import COLUMNS, FILE, RELEASED, Entry, EntryKind
from epilepsy_pgx.ledger.place import network_kind
from epilepsy_pgx.ledger.schema import STANDING, form_faults, older_parts, renew, statements
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.ledger.signing import Signer, sign

VERSION = 1
"""Form of the file, as its `user_version`."""
APPLICATION = 0x65706778
WAIT = 60.0
"""Seconds to wait for another process that writes."""
_BACK = timedelta(minutes=5)
"""How far the clock may go back from one entry to the next."""


class Standing(NamedTuple):
    """A released edition and where it stands now: a row of the view `reports`."""

    report: str
    version: int
    language: str
    sample: str
    time: str
    person: str
    role: str
    replaces: str
    state: str

    @property
    def edition(self) -> str:
        """The report with its version."""
        return f"{self.report} v{self.version}"


class Book:
    """An open ledger."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._db = connection

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / FILE

    @property
    def released(self) -> Path:
        """The folder of released files."""
        return self.folder / RELEASED

    def entries(self) -> list[Entry]:
        """Return all entries in their order."""
        return self._read("ORDER BY number")

    def _read(self, rest: str) -> list[Entry]:
        with _speaking(self.path):
            found = self._db.execute(f"SELECT {', '.join(COLUMNS)} FROM entries {rest}").fetchall()
        return [msgspec.convert(dict(zip(COLUMNS, row, strict=True)), Entry) for row in found]

    def head(self) -> Entry | None:
        """Return the last entry."""
        return next(iter(self._read("ORDER BY number DESC LIMIT 1")), None)

    def settings(self) -> Settings:
        """Return the settings that hold now."""
        with _speaking(self.path):
            row = self._db.execute(
                "SELECT details FROM entries WHERE kind = 'settings' ORDER BY number DESC LIMIT 1"
            ).fetchone()
        return Settings() if row is None else msgspec.json.decode(row[0], type=Settings)

    def standing(self) -> list[Standing]:
        """Return every released edition with its state."""
        # Not by the view, which is there for other programs and may have been changed.
        with _speaking(self.path):
            return [Standing(*row) for row in self._db.execute(STANDING)]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the ledger against all other writers; what is added counts when the block ends.

        Raises
        ------
        ConfigError
            If another process holds it for longer than a minute.
        """
        with _speaking(self.path):
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            with _speaking(self.path):
                self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise

    def add(self, entry: Entry, *, any_clock: bool = False, signer: Signer | None = None) -> Entry:
        """Add an entry behind the last one, with its number and digest.

        Parameters
        ----------
        any_clock
            True for an entry that settles which clock is right.
        signer
            What signs it, if it is not the key in use.

        Raises
        ------
        ConfigError
            If the clock is behind that of the last entry, or a key is needed and lacking.
        """
        last = self.head()
        if last is not None:
            if not any_clock:
                check_clock(last, entry.time)
            entry = replace(entry, number=last.number + 1, previous=last.digest)
        entry = entry.sealed()
        entry = replace(entry, signature=self._signature(entry, signer))
        values = [getattr(entry, name) for name in COLUMNS]
        marks = ", ".join("?" * len(COLUMNS))
        with _speaking(self.path):
            self._db.execute(
                f"INSERT INTO entries ({', '.join(COLUMNS)}) VALUES ({marks})",
                [str(v) if isinstance(v, EntryKind) else v for v in values],
            )
        return entry

    def _signature(self, entry: Entry, signer: Signer | None) -> str:
        key = self.settings().public_key
        if not key:
            return ""
        return signer(entry.digest) if signer else sign(entry.digest, key)

    def faults(self) -> list[str]:
        """Return what SQLite finds wrong with the file, and what somebody changed in its form."""
        with _speaking(self.path):
            found = [row[0] for row in self._db.execute("PRAGMA integrity_check")]
            return [*([] if found == ["ok"] else found), *form_faults(self._db)]

    def is_older(self) -> bool:
        """Say whether an earlier version of this software made the file, in its form of then."""
        with _speaking(self.path):
            return bool(older_parts(self._db))

    def migrate(self) -> list[str]:
        """Bring what stands beside the entries to the form of today; return what was made anew.

        Raises
        ------
        InputError
            If the file is neither of today's form nor of an earlier one.
        """
        with self.writing():
            if faults := self.faults():
                raise InputError.one(
                    "ledger-readable",
                    file=str(self.path),
                    found=faults[0],
                    expected="the form of today, or an earlier one",
                    fix="Somebody changed it: bring the ledger back from a backup.",
                )
            with _speaking(self.path):
                return renew(self._db)


def check_clock(last: Entry, time: str) -> None:
    """Raise if a time is earlier than that of the last entry.

    Raises
    ------
    ConfigError
        If it is.
    """
    if datetime.fromisoformat(time) < datetime.fromisoformat(last.time) - _BACK:
        raise ConfigError.one(
            "ledger-clock",
            found=f"a clock that shows {time}",
            expected=f"a time after {last.time}, when the last entry was made",
            fix="Set the clock. If it is right and the earlier one was wrong, record that with "
            "'epilepsy-pgx ledger RESULTS --accept-clock'.",
        )


def now() -> str:
    """Return the time of the machine's clock."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def settings_entry(settings: Settings, time: str, **more: Any) -> Entry:
    """Return the entry that records settings."""
    details = msgspec.json.encode(asdict(settings) | more).decode()
    return Entry(1, time, EntryKind.SETTINGS, details=details)


def has_ledger(folder: Path) -> bool:
    """Say whether a folder has a ledger, or had one: the reports that it released are there."""
    return (folder / FILE).exists() or has_released(folder)


def has_released(folder: Path) -> bool:
    """Say whether reports lie there that some ledger released."""
    places = ("[!.]*/v*.*/*.json", ".waiting/*/*.json")
    return any(path for place in places for path in (folder / RELEASED).glob(place))


def ledger_above(path: Path) -> Path | None:
    """Return the nearest folder above a file that has a ledger, or had one."""
    return next(filter(has_ledger, path.resolve().parents), None)


@contextmanager
def opened(folder: Path, *, network: bool = False) -> Iterator[Book]:
    """Open the ledger of a folder of results.

    Parameters
    ----------
    network
        True to open it on a network file system whatever it says itself.

    Raises
    ------
    InputError
        If there is none, or it is none that this version reads.
    ConfigError
        If it lies on a network file system and does not say that it may.
    """
    path = folder / FILE
    if not path.is_file() or not path.stat().st_size:
        lost = has_released(folder)
        raise InputError.one(
            "ledger-found",
            file=str(path),
            found="released reports without their ledger" if lost else "no ledger",
            expected="the ledger of this folder",
            fix="Bring it back from a backup, or make it again with 'epilepsy-pgx ledger "
            "RESULTS --rebuild'."
            if lost
            else "Make one with 'epilepsy-pgx ledger RESULTS'.",
        )
    with _connected(path) as connection:
        book = Book(folder, connection)
        try:
            with _speaking(path):
                _check_form(path, connection)
                allowed = network or book.settings().network
            _check_place(folder, allowed)
            yield book
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise InputError.one(
                "ledger-entries",
                file=str(path),
                found=f"an entry that this software did not write: {error}",
                expected="entries as they were made",
                fix="Bring the ledger back from a backup.",
            ) from None


@contextmanager
def created(
    folder: Path, settings: Settings, time: str, who: tuple[str, str] = ("", "")
) -> Iterator[Book]:
    """Make a new ledger, whole or not at all, and open it; one that is there is only opened.

    Parameters
    ----------
    who
        Name and role of the person who makes it, as far as they are given.
    """
    _check_place(folder, settings.network)
    path = folder / FILE
    with writing_to(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, private_mode()))
    with _connected(path) as connection:
        book = Book(folder, connection)
        with book.writing():
            if connection.execute("PRAGMA schema_version").fetchone()[0] == 0:
                for statement in statements():
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
                name, role = who
                book.add(replace(settings_entry(settings, time), person=name, role=role))
            else:
                _check_form(path, connection)
        yield book


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    with _speaking(path):
        connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
    with closing(connection):
        with _speaking(path):
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA trusted_schema = OFF")
        yield connection


def _check_form(path: Path, connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if (application, version) == (APPLICATION, VERSION):
        return
    newer = application == APPLICATION and version > VERSION
    raise InputError.one(
        "ledger-form",
        file=str(path),
        found=f"a ledger of form {version}" if application == APPLICATION else "no ledger",
        expected=f"a ledger of form {VERSION}",
        fix="Use the newer version of the software that wrote it."
        if newer
        else "Bring the ledger back from a backup.",
    )


def _check_place(folder: Path, allowed: bool) -> None:
    kind = network_kind(folder)
    if kind and not allowed:
        raise ConfigError.one(
            "ledger-network",
            file=str(folder),
            found=f"a network file system ({kind}), whose locks may not hold",
            expected="a folder on a disk of this machine",
            fix="Move the results, or allow it with 'epilepsy-pgx ledger RESULTS "
            "--network-file-system' if its locks are known to hold between machines.",
        )


_BUSY = ("locked", "busy")
_FULL = ("full", "disk i/o")
_FORBIDDEN = ("readonly", "unable to open", "access permission")


@contextmanager
def _speaking(path: Path) -> Iterator[None]:
    """Turn what SQLite refuses into one line."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise InputError.one(
            "ledger-twice",
            file=str(path),
            found=f"an entry that the ledger may hold once only: {error}",
            expected="a report, version and language that is not released",
            fix="sqlite3 -readonly ledger.sqlite 'SELECT * FROM reports' shows what is.",
        ) from None
    # A name in a damaged schema need not be text.
    except (sqlite3.Error, UnicodeDecodeError) as error:
        said = str(error).lower()
        if any(word in said for word in _BUSY):
            raise ConfigError.one(
                "ledger-busy",
                file=str(path),
                found="a ledger that another process is writing",
                expected="one writer at a time",
                fix="Try again when it has finished.",
            ) from None
        if any(word in said for word in _FULL):
            raise place_error(path, OSError(28, "")) from None
        if any(word in said for word in _FORBIDDEN):
            raise place_error(path, OSError(13, "")) from None
        raise InputError.one(
            "ledger-readable",
            file=str(path),
            found=f"a file that is damaged or no ledger: {error}",
            expected="the ledger of this folder",
            fix="Bring it back from a backup, or move it away and make it again with "
            "'epilepsy-pgx ledger RESULTS --rebuild'.",
        ) from None


def editions(standing: Sequence[Standing], edition: str, language: str | None) -> list[Standing]:
    """Return the released editions of a name such as `R-0123456789AB v1`."""
    wanted = " ".join(edition.split())
    return [s for s in standing if s.edition == wanted and language in (None, s.language)]
