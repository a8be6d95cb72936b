"""Typed records that the program keeps in JSON files, and checks when it reads them again."""

import hashlib
import json
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from epilepsy_pgx.addresses import input_path
from epilepsy_pgx.errors import PgxError

Kept = TypeVar("Kept", bound=msgspec.Struct)


class DamagedRecordError(ValueError):
    """A file that is not, or no longer, what a record of this kind is written as."""


def record_text(record: msgspec.Struct, *, indent: int | None = None) -> str:
    """Return a record as JSON: ASCII, its keys sorted, so that one record has one text."""
    # msgspec's own encoder refuses a path that is not UTF-8; json escapes the bytes in it.
    plain = msgspec.to_builtins(record, enc_hook=_path_text, order="deterministic")
    return json.dumps(plain, indent=indent, sort_keys=True) + "\n"


def _path_text(value: Any) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a record has no {type(value).__name__}")


def _read_path(kind: type, value: Any) -> Path:
    if issubclass(kind, Path) and isinstance(value, str):
        return input_path(value)
    raise TypeError(f"a record has no {kind.__name__}")


def read_record(
    path: Path, kind: type[Kept], digest: str | None = None, *, in_part: bool = False
) -> Kept:
    """Read a record, with the type of each field checked.

    Parameters
    ----------
    digest
        What `text_digest` said of the text that was written; None if nothing holds it.
    in_part
        True if the file may hold fields that the record has not.

    Raises
    ------
    DamagedRecordError
        If the file is gone, or is not such a record.
    """
    try:
        data = path.read_bytes()
        content = json.loads(data)
        record = msgspec.convert(content, kind, dec_hook=_read_path)
    # A type of the record may refuse its values by an error of its own.
    except (OSError, ValueError, TypeError, RecursionError, PgxError) as error:
        raise DamagedRecordError(f"{path.name} cannot be read") from error
    if digest is not None:
        whole = _digest(data) == digest
    else:
        # A field that is lacking must not pass for one that has its default.
        whole = in_part or json.loads(record_text(record)) == content
    if not whole:
        raise DamagedRecordError(f"{path.name} is not as it was written")
    return record


def text_digest(text: str) -> str:
    """Return the digest of a text as it stands in a file."""
    return _digest(text.encode())


def file_digest(path: Path) -> str:
    """Return the digest of a file."""
    with path.open("rb") as handle:
        return "sha256:" + hashlib.file_digest(handle, "sha256").hexdigest()


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
