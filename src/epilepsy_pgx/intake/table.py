"""Read the text of sheets and side files, in one way for all of them.

Only a line feed ends a row (one carriage return before it belongs to the end). Every other
character that Unicode or Python counts as an end of line, from the vertical tab to U+2028, is
part of its cell. What is wrong with the form of a table (its encoding, its header, the number of
cells of a row, a quoted line break) is raised at once as `InputError`: nothing in such a file can
be trusted. What a cell may hold is for the reader of the file to say.
"""

import datetime
import difflib
import re
import stat
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.tsv import plain_text

MISSING = ("", ".")
"""Cells that hold nothing."""
MOST_BYTES = 256 * 2**20
"""A larger sheet or side file is refused: that of a hundred thousand patients is smaller."""
_MARKS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\x1f\x8b": "a gzip file",
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet",
    b"%PDF": "a PDF",
}
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
NUMBER_FORM = re.compile(r"[0-9]{1,12}(\.[0-9]{0,12})?|\.[0-9]{1,12}")
DAY_FORM = re.compile(r"(?:18|19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
"""A day of these centuries: a year such as 0226 or 1026 is a slip, and would count as long ago."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table whose form is right: every row has a cell for each column."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    """1-based line and cells by column, without white space at their ends."""


def read_bytes(path: Path, check: str, expected: str, most: int = MOST_BYTES) -> bytes:
    """Return the content of a side file, which is read more than once.

    Parameters
    ----------
    most
        Size in bytes above which the file is refused.

    Raises
    ------
    InputError
        Under `check`, if it is no regular file, cannot be read, or is too large.
    """
    fix = "Check the path and its permissions."
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            with path.open("rb") as handle:
                raw = handle.read(most + 1)
            if len(raw) <= most:
                return raw
            found, fix = f"more than {most >> 20} MB", "Check that it is the file that is meant."
        elif stat.S_ISDIR(mode):
            found = "no regular file but a folder"
        else:
            found, fix = "no regular file but a pipe or a device", "Write its content to disk."
    except FileNotFoundError:
        found, fix = "no file at this path", "Check the path."
    except OSError as error:
        found = (error.strerror or type(error).__name__).lower()
    raise InputError.one(check, file=str(path), found=found, expected=expected, fix=fix)


_UNSEEN = dict.fromkeys(
    (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
)
"""Signs that turn the direction of what follows, in a report as on a terminal."""


def mark_unseen(text: str) -> str:
    """Return text with a visible sign for each that would turn the direction of what follows.

    Examples
    --------
    >>> mark_unseen("class 5\\u202e")
    'class 5\ufffd'
    """
    return text.translate(_UNSEEN) if not text.isascii() else text


def decode_text(path: Path, raw: bytes, check: str, expected: str) -> str:
    """Return content as text; a byte order mark is passed over.

    Raises
    ------
    InputError
        Under `check`, if it is not UTF-8 text; the encoding that it seems to have is named.
    """
    line = 0
    found = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), "")
    if not found and b"\0" in raw:
        found = "UTF-16 without a mark, or a NUL byte"
    if not found:
        try:
            return mark_unseen(raw.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            found = "bytes that are not UTF-8 (Latin-1 or a Windows code page?)"
    raise InputError.one(
        check,
        file=str(path),
        line=line,
        found=found,
        expected=expected,
        fix="Save the file as UTF-8 text, tab-separated.",
    )


def read_text(path: Path, check: str, expected: str = "tab-separated UTF-8 text") -> str:
    """Return the text of a side file.

    Raises
    ------
    InputError
        Under `check`, if the file cannot be read or is not UTF-8 text.
    """
    return decode_text(path, read_bytes(path, check, expected), check, expected)


def split_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the 1-based number and the text of every line: only line feeds end one."""
    for number, line in enumerate(text.split("\n"), 1):
        yield number, line.removesuffix("\r")


def split_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of the lines that are not blank, cut at tabs, as they stand."""
    for number, line in split_lines(text):
        if line.strip():
            yield number, line.split("\t")


def header_row(rows: Iterator[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """Return the first row that is no note."""
    return next((row for row in rows if not _is_note(row[1])), (1, [""]))


def read_table(path: Path, check: str) -> TextTable:
    """Read a tab-separated table with one header line.

    Blank lines and lines that begin with `#` are passed over. A spreadsheet's empty columns on
    the right, and its quotation marks around a whole cell, are taken away.

    Parameters
    ----------
    check
        Id of the check that a fault is reported under.

    Raises
    ------
    InputError
        With every fault of the table's form.
    """
    table, problems = scan_table(path, check)
    if problems:
        raise InputError(problems)
    return table


def scan_table(path: Path, check: str) -> tuple[TextTable, list[Problem]]:
    """Read a table like `read_table`; return the rows of right form, and the faults of others.

    Raises
    ------
    InputError
        If the file is not a table at all.
    """
    text = read_text(path, check)
    file = str(path)
    problems: list[Problem] = []

    def fault(line: int, found: str, expected: str, fix: str, column: str = ".") -> None:
        problems.append(Problem(file, line, column, check, found, expected, fix))

    rows = split_rows(text)
    first, top = header_row(rows)
    header = column_names(top)
    found = _other_delimiter(text, top)
    if found is not None:
        fault(
            first,
            found,
            "columns separated by tabs, rows by line feeds",
            "Save the file as tab-separated text.",
        )
        raise InputError(problems)
    for name in sorted({n for n in header if n and header.count(n) > 1}):
        fault(first, "the column twice", "each column once", "Remove one of them.", name)
    read = []
    for line, cells in rows:
        if cells[0].startswith("#") or not any(c.strip() for c in cells):
            continue
        values = [c.strip() for c in cells]
        wrong = _row_fault(values, header)
        if wrong is not None:
            fault(line, *wrong)
            continue
        read.append(
            (line, {h: plain_text(_bare(v)) for h, v in zip(header, values, strict=False) if h})
        )
    return TextTable(file, tuple(h for h in header if h), tuple(read)), problems


def _is_note(cells: list[str]) -> bool:
    """Say whether a line above the header is a note: a `#`, and no further cell."""
    return cells[0].lstrip('"').startswith("#") and not any(c.strip() for c in cells[1:])


def _row_fault(values: list[str], header: list[str]) -> tuple[str, str, str] | None:
    """Return (found, expected, fix) if a row has not the form of the table."""
    expected = f"{len(header)} cells, as many as the header"
    again = not header or _bare(values[0]).casefold() == header[0].casefold()
    if again and [_bare(v).casefold() for v in values[: len(header)]] == [
        h.casefold() for h in header
    ]:
        return "the header again", "one header line", "Remove the line."
    if any(v[:1] == '"' and not _QUOTED.fullmatch(v) for v in values):
        return (
            "a quotation mark that is not closed in its cell",
            "cells without line breaks and tabs",
            "Take out the quotation mark, or the line break or tab inside the cell.",
        )
    if len(values) < len(header):
        return (
            f"{len(values)} cells",
            expected,
            "The row is cut short, or a line feed stands inside a cell; an empty cell still "
            "needs its tab.",
        )
    if any(values[len(header) :]):
        return f"{len(values)} cells", expected, "Take out the tab that is too many."
    if all(header):
        return None
    for number, (value, name) in enumerate(zip(values, header, strict=False), 1):
        if value and not name:
            return (
                f"something in column {number}, which has no name",
                "a name in the header",
                "Name the column or empty it.",
            )
    return None


def column_names(cells: Sequence[str]) -> list[str]:
    """Return the names of a header without quotation marks and without empty ones at the end."""
    names = [_bare(c.strip()) for c in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _bare(cell: str) -> str:
    """Take away the quotation marks that a spreadsheet puts around a whole cell."""
    match = _QUOTED.fullmatch(cell) if cell[:1] == '"' else None
    return match[1].replace('""', '"').strip() if match else cell


def _other_delimiter(text: str, top: list[str]) -> str | None:
    """Say in words what separates columns or rows where it is not the tab and the line feed."""
    if "\r" in text.rstrip("\r") and "\n" not in text:
        return "carriage returns as ends of lines"
    if len(top) == 1:
        for mark, name in ((",", "commas"), (";", "semicolons"), ("|", "bars"), (" ", "spaces")):
            if mark in top[0].strip():
                return f"columns separated by {name}"
    return None


def parse_number(text: str) -> Decimal | None:
    """Read a plain decimal number: ASCII digits, one decimal point, no sign, no exponent."""
    return Decimal(text) if NUMBER_FORM.fullmatch(text) else None


def is_day(text: str) -> bool:
    """Say whether a text is a date of the calendar written as year-month-day."""
    try:
        return bool(DAY_FORM.fullmatch(text)) and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Return the word of a closed list that is most like a word, without regard to case."""
    folded = {k.casefold(): k for k in known}
    close = difflib.get_close_matches(word.casefold(), folded, 1, 0.6)
    if not close and word:
        begun = [k for k in folded if k.startswith(word.casefold())]
        close = begun if len(begun) == 1 else []
    return folded[close[0]] if close else None


def not_listed(word: str, known: Sequence[str]) -> tuple[str, str]:
    """Return (found, fix) for a word that a closed list lacks.

    The word itself is shown only if it is like one of the list: any other may be a name or a
    date that stands in the wrong column, and messages go into logs.
    """
    near = nearest(word, known)
    if near is None:
        return "a word that is not in the list", "Use a word of the list."
    return f"'{word[:40]}'", f"Did you mean '{near}'?"
