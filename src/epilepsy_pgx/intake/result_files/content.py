"""The content of a result file, read once and asked by every reader whether it is its own."""

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake import outside_calls, table
from epilepsy_pgx.intake.table import decode_text, read_bytes, split_rows


class ResultKind(StrEnum):
    """What a result file holds, named by the sheet's column that takes it."""

    HLA = "hla"
    STAR_ALLELES = "outside_calls"

    @property
    def check(self) -> str:
        """Id of the check that a fault of such a file is reported under."""
        return "hla-file" if self is ResultKind.HLA else "outside-call"


_TEXT: Mapping[ResultKind, tuple[str, str]] = {
    ResultKind.HLA: ("hla-readable", "tab-separated UTF-8 text"),
    ResultKind.STAR_ALLELES: (outside_calls.CHECK, outside_calls.EXPECTED),
}
"""The check that a file which cannot be read at all fails, and what is expected of it."""
MOST_BYTES = {ResultKind.HLA: table.MOST_BYTES, ResultKind.STAR_ALLELES: 64 * 2**20}
"""A larger file, or table of an archive, is refused."""


@dataclass(frozen=True)
class Content:
    """A file as bytes, and as far as it can be read as text, as rows and as JSON."""

    path: Path
    kind: ResultKind
    raw: bytes

    @classmethod
    def of(cls, path: Path, kind: ResultKind) -> "Content":
        """Read a file.

        Raises
        ------
        InputError
            If it is no regular file, cannot be read, or is too large.
        """
        return cls(path, kind, read_bytes(path, *_TEXT[kind], MOST_BYTES[kind]))

    def decode(self, raw: bytes) -> str:
        """Return bytes of the file as text.

        Raises
        ------
        InputError
            If they are not UTF-8 text.
        """
        return decode_text(self.path, raw, *_TEXT[self.kind])

    def check_text(self) -> None:
        """Refuse a file that is no text.

        Raises
        ------
        InputError
            If it is not UTF-8 text.
        """
        if self.text is None:
            self.decode(self.raw)

    @cached_property
    def text(self) -> str | None:
        """The whole as text; None if it is none."""
        try:
            return self.decode(self.raw)
        except InputError:
            return None

    @cached_property
    def rows(self) -> tuple[tuple[int, list[str]], ...]:
        """The lines that are not blank, cut at tabs, with their 1-based numbers."""
        return tuple(split_rows(self.text or ""))

    def starts(self, header: list[str]) -> bool:
        """Say whether the first row begins with some cells."""
        return bool(self.rows) and self.rows[0][1][: len(header)] == header

    @cached_property
    def json(self) -> dict[str, Any] | None:
        """The object of a JSON text; None if it is none, or if a name in it is given twice."""
        text = self.text or ""
        if not text.lstrip().startswith("{"):
            return None
        try:
            found = json.loads(text, object_pairs_hook=_object)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):  # which of the two would hold is the parser's whim
        raise ValueError("a name is given twice")
    return found
