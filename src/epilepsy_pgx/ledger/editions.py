"""The files of released editions: written aside, and put in their place when the entry counts."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.files import make_folder, private_mode, writing_to
from epilepsy_pgx.ledger.book import Book, ledger_above, opened
from epilepsy_pgx.ledger.entries import START, Entry, EntryKind

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
STAGING = ".waiting"
"""Folder of files whose entry does not count yet."""


class Files(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the details of an entry say of the files that belong to it."""

    files: dict[str, str] = {}
    """Digest of each, by name."""
    folder: str = ""
    """Where they lie, below the folder of released files."""
    main: str = ""
    """The JSON among them."""
    made_by: str = ""
    """Software and tables that made them, where those are others than made the report."""


def files_of(entry: Entry) -> Files:
    """Return the files that belong to an entry."""
    return msgspec.json.decode(entry.details, type=Files)


def digest_of(data: bytes) -> str:
    """Return the digest of a file's bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def folder_name(entry: Entry) -> str:
    """Return where the files of an edition lie; those of its withdrawal lie beside it."""
    if not (_PLAIN.fullmatch(entry.report) and _PLAIN.fullmatch(entry.language)):
        raise InputError.one(
            "report-id",
            found=f"a report with the id {entry.report!r} in {entry.language!r}",
            expected="letters, digits and dashes",
            fix="Make the report again.",
        )
    end = ".withdrawn" if entry.kind is EntryKind.WITHDRAWN else ""
    return f"{entry.report}/v{entry.version}.{entry.language}{end}"


def stage(book: Book, folder: str, files: Mapping[str, bytes]) -> dict[str, str]:
    """Write files aside, flushed to the disk; return their digests.

    Raises
    ------
    InputError
        If something lies already where they are to be put.
    """
    _check_free(book.released / folder)
    waiting = _waiting(book) / folder.replace("/", "_")
    if waiting.exists():
        shutil.rmtree(waiting)
    make_folder(waiting)
    for name, data in files.items():
        path = waiting / name
        with writing_to(path):
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            with os.fdopen(os.open(path, flags, private_mode()), "wb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
    _flush_folder(waiting)
    _flush_folder(waiting.parent)
    return {name: digest_of(data) for name, data in files.items()}


def settle(book: Book) -> None:
    """Put every waiting file of an entry in its place, and remove what no entry names.

    So a process that ended between the two left nothing half done. The caller holds the ledger.

    Raises
    ------
    InputError
        If something else lies in that place: the files stay where they wait.
    """
    waiting = _waiting(book)
    if not waiting.is_dir():
        return
    named = {files_of(e).folder: e for e in book.entries() if files_of(e).folder}
    for folder in named:
        source = waiting / folder.replace("/", "_")
        target = book.released / folder
        if source.is_dir():
            _check_free(target)
            make_folder(target.parent)
            with writing_to(target):
                os.rename(source, target)
            _flush_folder(target.parent)
    for rest in sorted(waiting.iterdir()):
        shutil.rmtree(rest, ignore_errors=True)
    with suppress(OSError):
        waiting.rmdir()


def _waiting(book: Book) -> Path:
    """Return the folder of files that wait; what a link leads to is not ours to empty."""
    waiting = book.released / STAGING
    if waiting.is_symlink():
        raise _taken(waiting, "a link")
    return waiting


def _check_free(target: Path) -> None:
    """Raise unless the folder of an edition can be put in its place."""
    if os.path.lexists(target):
        raise _taken(target, "a file, a link or a folder")
    if os.path.lexists(target.parent) and (
        target.parent.is_symlink() or not target.parent.is_dir()
    ):
        raise _taken(target.parent, "a file or a link")


def _taken(place: Path, found: str) -> InputError:
    return InputError.one(
        "edition-place",
        file=str(place),
        found=f"{found} that this software did not make",
        expected="nothing where the files of an edition are to be",
        fix="Look what it is, and move it away.",
    )


def check_whole(book: Book, draft: Path | None = None) -> None:
    """Raise if released files lie there that no entry names, or an entry was changed.

    Then the ledger lost its end, or says what nobody recorded, and what is added now would hide it.

    Parameters
    ----------
    draft
        What is to be released, which lies beside no other ledger.

    Raises
    ------
    InputError
        If so.
    """
    above = None if draft is None else ledger_above(draft)
    if above is not None and above != book.folder.resolve():
        raise InputError.one(
            "draft-ledger",
            file=str(draft),
            found=f"a draft in {above}, which has a ledger of its own",
            expected=f"a draft of {book.folder}, or one beside no ledger",
            fix=f"Use 'epilepsy-pgx release {above}': one draft has one ledger.",
        )
    # First the folders: a release that ends meanwhile puts them there when its entry counts.
    folders = [p.relative_to(book.released) for p in book.released.glob("[!.]*/*") if p.is_dir()]
    entries = book.entries()
    named = {files_of(e).folder for e in entries}
    unknown = sorted(p.as_posix() for p in folders if p.as_posix() not in named)
    changed = _first_changed(entries)
    if unknown or changed is not None:
        raise InputError.one(
            "ledger-tail",
            file=str(book.path),
            found=f"released files that no entry names: {', '.join(unknown[:3])}"
            if unknown
            else f"entry {changed}, which was changed or follows another one",
            expected="a ledger that names every released file, with entries as they were made",
            fix="Bring the ledger back from a backup; 'epilepsy-pgx verify' says more.",
        )


@contextmanager
def reading(folder: Path) -> Iterator[Book]:
    """Open a ledger for what is told from it: a recall, a page, a call, a list, a draft.

    Raises
    ------
    PgxError
        If it cannot be opened, or is not whole: what is lost may be a withdrawal.
    """
    with opened(folder) as book:
        check_whole(book)
        yield book


def _first_changed(entries: list[Entry]) -> int | None:
    """Return the number of the first entry that is not as it was made; None if all are."""
    before = START
    for entry in entries:
        if entry.previous != before or entry.digest != entry.own_digest():
            return entry.number
        before = entry.digest
    return None


def _flush_folder(folder: Path) -> None:
    """Write a folder's names to the disk, where the file system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def released_json(book: Book, entry: Entry) -> Path:
    """Return the JSON of a released edition, by its entry of kind `final`."""
    found = files_of(entry)
    return book.released / found.folder / found.main


def finals(entries: list[Entry]) -> Iterator[Entry]:
    """Yield the entries that name the files of editions."""
    yield from (e for e in entries if e.kind is EntryKind.FINAL)
