"""Turn an internal error into a row of the table of problems, so that other patients go on."""

import logging
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path

from epilepsy_pgx.errors import PgxError, PlaceError
from epilepsy_pgx.files import FULL, place_error

CHECK = "software-fault"
_log = logging.getLogger(__name__)
_printed: set[str] = set()


def as_problem(error: Exception, *paths: Path) -> PgxError:
    """Return an unexpected error as the problem of files; one that is expected as it is.

    The traceback goes to standard error, each only once.

    Raises
    ------
    PlaceError
        If the error is none of the files but of a place that cannot be written.
    """
    if isinstance(error, PlaceError):
        raise error
    if isinstance(error, OSError) and error.errno in FULL:
        raise place_error(error.filename or tempfile.gettempdir(), error) from error
    if isinstance(error, PgxError):
        return error
    text = "".join(traceback.format_exception(error))
    if text not in _printed:
        _printed.add(text)
        _log.error("%s", text.removesuffix("\n"))
    return PgxError.one(
        CHECK,
        file="|".join(map(str, paths)),
        found=f"an internal error ({type(error).__name__})",
        fix="This is a bug in the software; these patients have no result. Please report it with "
        "the traceback from the log.",
    )


FIRST = 20
"""Lines about failed patients that a command prints; a table holds them all."""


def first_lines(lines: Iterable[str]) -> list[str]:
    """Return the first distinct lines, and how many more there are."""
    distinct = list(dict.fromkeys(lines))
    rest = len(distinct) - FIRST
    return [*distinct[:FIRST], *([f"and {rest} more"] if rest > 0 else [])]
