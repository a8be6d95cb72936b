"""What the log says of the stages: counts and seconds.

Every line below the level of a warning is written here. It holds the name of a stage, names of
counts that stand in the code, and whole numbers: there is no place in it for a name, a genotype,
a variant or a file.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString


def count(log: logging.Logger, name: LiteralString, **counts: int) -> None:
    """Log counts of a stage (level INFO)."""
    log.info("%s:%s", name, _words(counts))


def detail(log: logging.Logger, name: LiteralString, **counts: int) -> None:
    """Log counts of a part of a stage (level DEBUG)."""
    if log.isEnabledFor(logging.DEBUG):
        log.debug("%s:%s", name, _words(counts))


@contextmanager
def stage(log: logging.Logger, name: LiteralString, **given: int) -> Iterator[dict[str, int]]:
    """Log what goes into a stage and, when it is done, what comes out and how long it took.

    Yields
    ------
    dict
        To be filled with the counts of what comes out.

    Examples
    --------
    >>> with stage(logging.getLogger("epilepsy_pgx.example"), "extract", patients=9) as made:
    ...     made["failed"] = 1
    """
    start = time.monotonic()
    log.info("%s: in%s", name, _words(given))
    made: dict[str, int] = {}
    yield made
    log.info("%s: out%s seconds=%.1f", name, _words(made), time.monotonic() - start)


def _words(counts: dict[str, int]) -> str:
    # `d` refuses whatever is no whole number.
    return "".join(f" {name}={number:d}" for name, number in counts.items())
