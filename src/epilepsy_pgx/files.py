"""Write files whole or not at all, where the user said, and one run at a time in a folder.

A file is written under a name of its own in the same folder and renamed into place. What is no
regular file is written to as it is, and a link stays a link.
"""

import errno
import fcntl
import os
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

from epilepsy_pgx.errors import ConfigError, PlaceError

LOCK = ".epilepsy-pgx.lock"
"""Name of the file that is locked while a command writes into a folder."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
"""Faults of a place that is full or may not be written, whatever is being done."""
ACCESS = "EPILEPSY_PGX_ACCESS"
"""Environment variable that says who may read what is written: `owner`, `group` or `all`."""
_ACCESS = {"owner": 0o700, "group": 0o770, "all": 0o777}
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL, errno.EBADF})
_STREAM = re.compile(r"(?:/dev|/proc/(?:self|thread-self|\d+))/fd/(\d+)")
_NAMED = {"-": 1, "/dev/stdout": 1, "/dev/stderr": 2}
_MOST_LINKS = 40


def place_error(place: Path | str, error: OSError) -> PlaceError:
    """Return the error of a place that could not be written."""
    # NumPy's own message, that not all was written, has no number.
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, None)
    return PlaceError.one(
        "place-full" if full else "place-writable",
        file=str(place),
        found=os.strerror(error.errno).lower() if error.errno else str(error),
        expected="a writable location",
        fix="Free some space, or choose another location."
        if full
        else "Check the path and its permissions, or name another place.",
    )


@contextmanager
def writing_to(place: Path | str) -> Iterator[None]:
    """Turn what the operating system refuses into one problem that names the place."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise place_error(place, error) from None


@contextmanager
def _filling(place: Path | str) -> Iterator[None]:
    """Turn a write that fails into one problem; what fails to open has a name of its own."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is not None:
            raise
        raise place_error(place, error) from None


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder for the time being; if it cannot be written, the problem names TMPDIR."""
    with writing_to("TMPDIR"):
        folder = tempfile.TemporaryDirectory(prefix="epilepsy-pgx-", ignore_cleanup_errors=True)
    with folder as name:
        try:
            yield Path(name)
        except OSError as error:
            if error.errno in FULL:
                raise place_error(tempfile.gettempdir(), error) from None
            raise


def _limit() -> int:
    """Return the permissions that a new file or folder may have at most."""
    word = os.environ.get(ACCESS, "") or "group"
    if word not in _ACCESS:
        raise ConfigError.one(
            "access", column=ACCESS, found=repr(word), expected=", ".join(_ACCESS)
        )
    return _ACCESS[word]


def private_mode() -> int:
    """Return the permissions of a new file: those of the user's mask, without those of others."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask & _limit()


def make_folder(folder: Path) -> Path:
    """Make a folder and those above it; whoever may not read files may not see their names."""
    limit = _limit()
    with writing_to(folder):
        for place in (*reversed(folder.parents), folder):
            refuse_planted(place)
            if not place.is_dir():
                place.mkdir(mode=limit, exist_ok=True)
    return folder


@contextmanager
def open_output(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write; it gets its name when all is written, and nothing if that fails.

    `-`, standard output, a device and a pipe are written to directly, and what a link points to
    is replaced, not the link.

    Raises
    ------
    PlaceError
        If the place cannot be written.
    """
    number = _stream_number(path)
    with writing_to(path):
        target = None if number is not None else _regular_target(path)
        direct = (
            None
            if target
            else (os.fdopen(os.dup(number), "wb") if number is not None else path.open("wb"))
        )
    if target is None:
        assert direct is not None
        with _filling(path), direct as handle:
            yield handle
        return
    make_folder(target.parent)
    with writing_to(path):
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:60]}.", dir=target.parent)
    try:
        with _filling(path), os.fdopen(descriptor, "wb") as handle:
            yield handle
        with writing_to(path):
            os.chmod(name, _mode(target))
            os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def open_to_add(path: Path) -> IO[str]:
    """Open a text file to write behind its end; a new one is for whom `open_output` makes files."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, private_mode())

    return open(path, "a", encoding="utf-8", newline="\n", opener=opener)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file, as `open_output` does."""
    with open_output(path) as handle:
        handle.write(data)


def write_text(path: Path, text: str) -> None:
    """Write text in UTF-8, as `open_output` does."""
    write_bytes(path, text.encode("utf-8"))


def replace_text(path: Path, text: str) -> None:
    """Write a file if that changes it: another time alone would make its readers run again."""
    try:
        if path.read_bytes() == text.encode("utf-8"):
            return
    except OSError:
        pass
    write_text(path, text)


def _stream_number(path: Path) -> int | None:
    """Return the number of an open file that a path stands for, such as /dev/stdout."""
    name = str(path)
    for _ in range(_MOST_LINKS):
        if name in _NAMED:
            return _NAMED[name]
        if match := _STREAM.fullmatch(name):
            return int(match[1])
        if not os.path.islink(name):
            return None
        name = os.path.normpath(os.path.join(os.path.dirname(name), os.readlink(name)))
    return None


def trusted_owners() -> frozenset[int]:
    """Return the users whose links are followed: whoever runs this, and root.

    In a folder that others may write to, a link of theirs may point to a file that is not theirs.
    """
    return frozenset({os.geteuid(), 0})


def refuse_planted(path: Path) -> None:
    """Raise if a place is a link that another user made.

    Raises
    ------
    PlaceError
        If it is.
    """
    if path.is_symlink() and path.lstat().st_uid not in trusted_owners():
        raise PlaceError.one(
            "place-link",
            file=str(path),
            found="a link that another user made",
            expected="a file, a folder, or a link of your own",
            fix="Look where it points to, and remove it.",
        )


def _regular_target(path: Path) -> Path | None:
    """Return the file to replace, or None for a device or a pipe."""
    for place in (path, *path.absolute().parents):
        refuse_planted(place)
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return None if target.exists() and not target.is_file() else target


def _mode(target: Path) -> int:
    """Return the permissions that a file has, or a new one is given."""
    return target.stat().st_mode & 0o7777 if target.exists() else private_mode()


@contextmanager
def locked(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a folder while a command writes into it.

    The lock is the operating system's and ends with the process, however it ends; the file that
    carries it says who has it and stays. Where the file system has no locks, none is held.

    Parameters
    ----------
    shared
        True for a command that may run beside its like: jobs of one workflow.

    Raises
    ------
    ConfigError
        If another process holds the folder.
    """
    make_folder(folder)
    path = folder / LOCK
    with writing_to(folder):
        descriptor = _open_lock(path)
    with os.fdopen(descriptor, "r+b", buffering=0) as handle:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise _held(folder, handle) from None
            if error.errno not in _NO_LOCKS:
                raise place_error(path, error) from None
        else:
            _sign(handle, _myself())
        try:
            yield
        finally:
            _sign(handle, "")


def _open_lock(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except PermissionError:
        if not path.exists():
            raise
        # Another user of the folder made it: it can be locked all the same, though not signed.
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _myself() -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()} since {now}\n"


def _sign(handle: IO[bytes], text: str) -> None:
    """Say who holds the lock; what another holder of a shared lock said is lost."""
    with suppress(OSError):
        handle.seek(0)
        handle.truncate()
        handle.write(text.encode())
        handle.flush()


def _held(folder: Path, handle: IO[bytes]) -> ConfigError:
    who = handle.read(300).decode("utf-8", "replace").strip() or "another process"
    return ConfigError.one(
        "folder-in-use",
        file=str(folder),
        found=f"a folder that {who} is writing to",
        expected="one run at a time in a folder",
        fix="Wait until it has finished, or choose another folder. The lock is released when "
        "its process ends.",
    )
