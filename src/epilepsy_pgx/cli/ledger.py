"""The commands of the ledger: review, release, amend, withdraw, calls, verify."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, exit_code, say
from epilepsy_pgx.cli.ledgersettings import RESULTS, act
from epilepsy_pgx.errors import counted
from epilepsy_pgx.report.formats import FORMATS

if TYPE_CHECKING:
    from epilepsy_pgx.ledger.owed import Call
    from epilepsy_pgx.ledger.release import Act, Done
    from epilepsy_pgx.ledger.send import Receiver
    from epilepsy_pgx.reference.package import Reference

_DRAFT = click.argument("draft", type=options.PATH, metavar="DRAFT|SAMPLE")
_EDITION = click.argument("edition", metavar="EDITION")


def _find_draft(results: Path, draft: Path) -> Path:
    """Return the draft's JSON: the file that is named, or that of a sample in the results.

    Raises
    ------
    InputError
        If it is neither.
    """
    from epilepsy_pgx.errors import InputError
    from epilepsy_pgx.report.write import report_folder

    folder = results / "reports" / report_folder(str(draft))
    found = folder / FORMATS["json"].file_name(folder.name)
    if draft.is_file() or (draft.exists() and not draft.is_dir()):
        return draft
    if found.exists():
        return found
    raise InputError.one(
        "draft-found",
        file=str(results),
        column="DRAFT|SAMPLE",
        found=f"'{draft}', which is no file, and no sample with a draft as JSON in {results}",
        expected=f"a draft's JSON, or a sample with {results / 'reports'}/…/SAMPLE.json",
        fix="Check the name. 'run' writes JSON unless --formats leaves it out.",
    )


def _named(name: str, role: str, day: str | None) -> "Act":
    return act(name, role, day)


def _reasoned(name: str, role: str, day: str | None, reason: str) -> "Act":
    return act(name, role, day, reason)


_NAME = click.option("--name", required=True, help="Name of the person who does it.")
_ROLE = click.option("--role", required=True, help="Role of that person.")
_DAY = click.option(
    "--date",
    "day",
    default=None,
    metavar="YYYY-MM-DD",
    help="Date on the report, at most a week from today (default: today).",
)
_person = options.gather("who", _named, _NAME, _ROLE, _DAY)


def _reason(text: str) -> options.Decorator:
    option = click.option("--reason", required=True, help=text)
    return options.gather("who", _reasoned, _NAME, _ROLE, _DAY, option)


@options.command()
@RESULTS
@_DRAFT
@_person
def review(results: Path, draft: Path, who: "Act") -> Exit:
    """Record that a draft (JSON, or a sample of RESULTS) was reviewed technically."""
    from epilepsy_pgx.ledger.book import opened
    from epilepsy_pgx.ledger.release import review as record

    with opened(results) as book:
        entry = record(book, _find_draft(results, draft), who)
    say(f"{entry.report}: reviewed (entry {entry.number})")
    return Exit.DONE


@options.command()
@RESULTS
@_DRAFT
@_person
@options.tables_option
def release(results: Path, draft: Path, who: "Act", ref: "Reference") -> Exit:
    """Release a draft (JSON, or a sample of RESULTS): write its final files, and record it.

    A draft is released once, whoever tries; one that was edited since it was made is refused.
    """
    from epilepsy_pgx.ledger.book import opened
    from epilepsy_pgx.ledger.release import release as issue

    with opened(results) as book:
        done = issue(book, _find_draft(results, draft), who, ref)
    _tell_done(done)
    _refresh(results, ref)
    return Exit.DONE


@options.command()
@RESULTS
@_DRAFT
@click.option("--replaces", required=True, metavar="EDITION", help="Edition that it replaces.")
@click.option("--correction", is_flag=True, help="What it replaces was wrong, not only incomplete.")
@_reason("What was changed, and why.")
@options.tables_option
def amend(
    results: Path, draft: Path, replaces: str, correction: bool, who: "Act", ref: "Reference"
) -> Exit:
    """Release a draft in place of a released report, such as 'R-0123456789AB v1'.

    What the two say is compared, and page one tells what changed.
    """
    from epilepsy_pgx.ledger.book import opened
    from epilepsy_pgx.ledger.release import Amendment
    from epilepsy_pgx.ledger.release import release as issue

    with opened(results) as book:
        found = _find_draft(results, draft)
        done = issue(book, found, who, ref, Amendment(replaces, correction))
    _tell_done(done)
    _refresh(results, ref)
    return Exit.DONE


@options.command()
@RESULTS
@_EDITION
@_reason("Why it is withdrawn.")
@options.tables_option
def withdraw(results: Path, edition: str, who: "Act", ref: "Reference") -> Exit:
    """Withdraw a released report, such as 'R-0123456789AB v1'.

    Its files stay; beside them lie files that say that it is withdrawn, for who has received it.
    """
    from epilepsy_pgx.ledger.book import opened
    from epilepsy_pgx.ledger.release import withdraw as take_back

    with opened(results) as book:
        for done in take_back(book, edition, who, ref):
            _tell_done(done)
    _refresh(results, ref)
    return Exit.DONE


def _refresh(results: Path, ref: "Reference") -> None:
    """Write the page over all patients again; the step counts, whatever becomes of the page."""
    from epilepsy_pgx.cohort.page import refresh_cohort_page
    from epilepsy_pgx.errors import PgxError

    try:
        refresh_cohort_page(results, ref)
    except (PgxError, OSError, LookupError, ValueError) as error:
        complain([f"The step is recorded. The page over all patients was not written: {error}"])


def _tell_done(done: "Done") -> None:
    entry = done.entry
    say(f"{entry.edition}: {entry.state} (entry {entry.number} {entry.digest[7:23]}…)")
    click.echo(str(done.folder))


def _call(told: str, at: str, read_back: bool, note: str) -> "Call":
    from datetime import datetime

    from epilepsy_pgx.errors import ConfigError
    from epilepsy_pgx.ledger.owed import Call

    try:
        when = datetime.fromisoformat(at).astimezone().isoformat(timespec="minutes") if at else ""
    except ValueError:
        raise ConfigError.one(
            "time", column="--at", found=repr(at), expected="a time such as 2026-03-31T14:30"
        ) from None
    return Call(" ".join(told.split()), when, read_back, (), " ".join(note.split()))


def _caller(name: str, role: str) -> "Act":
    return act(name, role)


@options.command()
@RESULTS
@click.argument("which", metavar="SAMPLE|REPORT")
@options.gather("who", _caller, _NAME, _ROLE)
@options.gather(
    "call",
    _call,
    click.option("--told", required=True, help="Who was told, or has received the report."),
    click.option("--at", default="", metavar="TIME", help="When (default: now)."),
    click.option("--read-back", is_flag=True, help="The result was read back and is right."),
    click.option("--note", default="", help="Anything else."),
)
def acknowledge(results: Path, which: str, who: "Act", call: "Call") -> Exit:
    """Record who was told of a report: an urgent result is done when it was read back."""
    from epilepsy_pgx.ledger.book import opened
    from epilepsy_pgx.ledger.urgent import acknowledge as record
    from epilepsy_pgx.reference.package import load_reference

    with opened(results) as book:
        entry = record(book, results, which, who, call)
    _refresh(results, load_reference())
    say(f"{entry.edition}: recorded (entry {entry.number})")
    return Exit.DONE


def _receiver(text: str) -> "Receiver":
    from epilepsy_pgx.errors import ConfigError
    from epilepsy_pgx.ledger.send import Receiver

    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError.one(
            "send-to", column="--to", found=repr(text), expected="HOST:PORT, such as lis:2575"
        )
    return Receiver(host, int(port))


@options.command()
@RESULTS
@_EDITION
@options.gather(
    "receiver",
    lambda to: _receiver(to),
    click.option("--to", required=True, metavar="HOST:PORT", help="System that takes MLLP."),
)
@options.gather("who", _caller, _NAME, _ROLE)
@options.tables_option
def send(results: Path, edition: str, receiver: "Receiver", who: "Act", ref: "Reference") -> Exit:
    """Send a released report, such as 'R-0123456789AB v1', as an HL7 version 2 message.

    Its receipt is recorded. That nobody was told of what is urgent stays open.
    """
    from epilepsy_pgx.ledger.editions import reading
    from epilepsy_pgx.ledger.send import send_edition

    with reading(results) as book:
        for entry in send_edition(book, results, edition, receiver, who, ref):
            say(f"{entry.edition} ({entry.language}): accepted (entry {entry.number})")
    return Exit.DONE


@options.command()
@RESULTS
def urgent(results: Path) -> Exit:
    """List the urgent results of RESULTS, with who was told: open ones first."""
    from epilepsy_pgx.ledger.editions import reading
    from epilepsy_pgx.ledger.urgent import COLUMNS, urgent_queue
    from epilepsy_pgx.report.tables import table_line

    with reading(results) as book:
        queue = urgent_queue(book, results)
    click.echo(table_line(COLUMNS), nl=False)
    for item in queue:
        click.echo(table_line(item.cells), nl=False)
    say(f"{sum(i.state != 'done' for i in queue)} of {len(queue)} urgent results are open")
    return Exit.DONE


@options.command()
@RESULTS
@click.option(
    "--seen",
    multiple=True,
    metavar="ENTRY",
    help="Entry as a page prints it, number and digest; repeatable.",
)
@click.option(
    "--manifest",
    "manifests",
    type=options.PATH,
    multiple=True,
    help="Folder of 'orders --sign': files and samples are held against it; repeatable.",
)
@options.tables_option
def verify(
    results: Path, seen: tuple[str, ...], manifests: tuple[Path, ...], ref: "Reference"
) -> Exit:
    """Check the ledger of RESULTS and every released file, and make each again.

    Files are made again with this software and these tables if they made them; others are named.
    """
    from epilepsy_pgx.ledger.book import opened
    from epilepsy_pgx.ledger.verify import verify as look

    with opened(results) as book:
        found = look(book, ref, seen, manifests)
    for line in found.notes:
        say(line)
    for name in found.not_made_again:
        say(f"{name}: made by other software or tables, not made again here")
    complain(map(str, found.problems))
    click.echo(
        f"{counted(found.entries, 'entry', 'entries')}, "
        f"{counted(found.editions, 'set')} of files, {found.made_again} made again, "
        f"{counted(len(found.problems), 'problem')}; head {found.head}"
    )
    return exit_code(found.made_again, found.problems)
