"""Where the log goes: to standard error, as plain lines."""

import logging
import sys

from epilepsy_pgx.hidden import spell_hidden

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
"""By how often `-v` is given."""


class _PlainLines(logging.Handler):
    """Prints each message as it is, to what standard error is at that time.

    Unlike the handlers of the standard library it lets errors of writing pass: the command line
    has an exit code for them.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message."""
        print(spell_hidden(self.format(record)), file=sys.stderr)


def set_up_log(verbose: int = 0, *, quiet: bool = False) -> None:
    """Print the log of this package from a level on; may be called again.

    Parameters
    ----------
    verbose
        How often `-v` was given.
    quiet
        True for errors only, whatever `verbose` says.
    """
    log = logging.getLogger("epilepsy_pgx")
    log.setLevel(logging.ERROR if quiet else LEVELS[min(verbose, len(LEVELS) - 1)])
    if not any(isinstance(handler, _PlainLines) for handler in log.handlers):
        log.addHandler(_PlainLines())
