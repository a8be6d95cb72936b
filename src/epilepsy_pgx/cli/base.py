"""What all commands share: exit codes, faults, and how much is said on standard error."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from functools import partial
from io import StringIO
from typing import Any

import click

from epilepsy_pgx.errors import PgxError, Problem
from epilepsy_pgx.files import FULL, place_error
from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.pipeline.faults import CHECK


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    BUG = 1
    NOTHING_RAN = 2
    SOME_FAILED = 3
    STOPPED = 130
    """The user pressed Ctrl-C, as a shell says it."""


def end_in_order() -> None:
    """Have signals that end a process first take away what it keeps for the time being.

    A scheduler sends one before it kills a job. Genotypes lie in the folder for temporary files
    meanwhile; the exit code is the one that a shell gives for the signal.
    """

    def leave(number: int, _: object) -> None:
        for known in _ENDING:
            signal.signal(known, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in _ENDING:
        # Who started this process may have asked it to live on, as nohup does.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, leave)


_ENDING = (signal.SIGTERM, signal.SIGHUP)


def exit_code(done: int, problems: Iterable[Problem]) -> Exit:
    """Return the exit code: 1 for an internal error only if nothing was completed."""
    checks = {p.check for p in problems}
    if not checks:
        return Exit.DONE
    if done:
        return Exit.SOME_FAILED
    return Exit.BUG if CHECK in checks else Exit.NOTHING_RAN


def say(text: str) -> None:
    """Print a line on the outcome to standard error, unless only errors are wanted."""
    if not click.get_current_context().meta.get(_QUIET):
        click.echo(spell_hidden(text), err=True)


def tell(text: str) -> None:
    """Print a line on the run itself to standard output, unless only errors are wanted."""
    if not click.get_current_context().meta.get(_QUIET):
        click.echo(text)


def complain(lines: Iterable[str]) -> None:
    """Print lines on what failed to standard error, also if only errors are wanted."""
    for line in lines:
        click.echo(spell_hidden(line), err=True)


_VERBOSE, _QUIET = f"{__name__}.verbose", f"{__name__}.quiet"


def verbosity_options(variable: str | None = None) -> list[click.Parameter]:
    """Return the options `-v` and `-q`, which set the level of the log and reach no command.

    Parameters
    ----------
    variable
        Name of an environment variable that holds how often `-v` is given, if there is one.
    """

    def note_verbose(ctx: click.Context, _: click.Parameter, count: int) -> None:
        # The group and the command share `meta`: -v counts before and behind the command's name.
        ctx.meta[_VERBOSE] = ctx.meta.get(_VERBOSE, 0) + count
        _set_level(ctx)

    def note_quiet(ctx: click.Context, _: click.Parameter, given: bool) -> None:
        ctx.meta[_QUIET] = ctx.meta.get(_QUIET, False) or given
        _set_level(ctx)

    text = "Log counts and seconds for each stage; -vv also for each group of files."
    if variable is not None:
        text += f" [{variable}=1 or 2]"
    return [
        click.Option(
            ["-v", "--verbose"],
            count=True,
            expose_value=False,
            callback=note_verbose,
            envvar=variable,
            help=text,
        ),
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=note_quiet,
            help="Print errors only, not warnings.",
        ),
    ]


def _set_level(ctx: click.Context) -> None:
    from epilepsy_pgx.cli.logs import set_up_log

    set_up_log(ctx.meta.get(_VERBOSE, 0), quiet=ctx.meta.get(_QUIET, False))


class Command(click.Command):
    """A command that knows `-v` and `-q`."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.params += verbosity_options()


class Group(click.Group):
    """A group of commands that ends with our exit codes.

    A user's mistake is a line for each problem; anything else that is raised is a fault of the
    software and keeps its traceback. With `standalone_mode=False` everything is raised.
    """

    command_class = Command

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and leave with its exit code."""
        run: Callable[[], Any] = partial(
            super().main, args, prog_name, complete_var, False, **extra
        )
        if not standalone_mode:
            return run()
        try:
            code = run()
            sys.stdout.flush()
        except PgxError as error:
            complain(map(str, error.problems))
            code = exit_code(0, error.problems)
        except click.exceptions.Abort:
            code = Exit.STOPPED
        except click.ClickException as error:
            shown = StringIO()
            error.show(shown)
            complain((shown.getvalue().rstrip("\n"),))
            code = Exit.NOTHING_RAN
        except BrokenPipeError:
            code = Exit.DONE
        except OSError as error:
            if error.errno not in FULL:
                raise
            place = error.filename or "standard output"
            complain(map(str, place_error(place, error).problems))
            os._exit(Exit.NOTHING_RAN)  # what is still to be flushed would fail once more
        sys.exit(code if isinstance(code, int) else Exit.DONE)
