"""The commands of the ledger: settings, review, release, amend, withdraw, calls, verify."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain, exit_code, say
from epilepsy_pgx.report.formats import FORMATS

if TYPE_CHECKING:
    from epilepsy_pgx.ledger.book import Book
    from epilepsy_pgx.ledger.release import Act, Done
    from epilepsy_pgx.ledger.send import Receiver
    from epilepsy_pgx.ledger.settings import Settings
    from epilepsy_pgx.ledger.signing import NewKey
    from epilepsy_pgx.ledger.urgent import Call
    from epilepsy_pgx.reference.package import Reference

_RESULTS = click.argument("results", type=options.PATH)
_DRAFT = click.argument("draft", type=options.PATH, metavar="DRAFT|SAMPLE")
_EDITION = click.argument("edition", metavar="EDITION")


def _find_draft(results: Path, draft: Path) -> Path:
    """Return the draft's JSON: the file that is named, or that of a sample in the results."""
    from epilepsy_pgx.report.write import report_folder

    folder = results / "reports" / report_folder(str(draft))
    found = folder / FORMATS["json"].file_name(folder.name)
    return draft if draft.exists() or not found.exists() else found


def _act(name: str, role: str, day: str | None = None, reason: str = "") -> "Act":
    from datetime import datetime

    from epilepsy_pgx.errors import ConfigError
    from epilepsy_pgx.intake.table import is_day
    from epilepsy_pgx.ledger.book import now
    from epilepsy_pgx.ledger.release import Act

    if day is not None and not is_day(day):
        raise ConfigError.one(
            "date", column="--date", found=repr(day), expected="a date such as 2026-03-31"
        )
    name, role, reason = (" ".join(text.split()) for text in (name, role, reason))
    time = now()
    # Reports are dated by the day where the laboratory is.
    here = datetime.fromisoformat(time).astimezone().date().isoformat()
    return Act(name, role, time, day or here, reason)


def _named(name: str, role: str, day: str | None) -> "Act":
    return _act(name, role, day)


def _reasoned(name: str, role: str, day: str | None, reason: str) -> "Act":
    return _act(name, role, day, reason)


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


def _key(sign: bool, old_key: str, lost_key: str) -> "NewKey | None":
    from epilepsy_pgx.errors import ConfigError
    from epilepsy_pgx.ledger.signing import NewKey

    given = NewKey(old_key, " ".join(lost_key.split()))
    if not sign and (given.old or given.lost):
        raise ConfigError.one(
            "ledger-key",
            column="--sign",
            found="another key to replace, and no --sign",
            expected="--sign, which takes the new key of the environment",
        )
    return given if sign else None


def _steps(accept_clock: bool, rebuild: bool, migrate: bool) -> frozenset[str]:
    asked = {"accept_clock": accept_clock, "rebuild": rebuild, "migrate": migrate}
    return frozenset(name for name, wanted in asked.items() if wanted)


def _settings(
    persons: str | None,
    valid_days: int | None,
    formats: str | None,
    paper: str | None,
    network: bool | None,
) -> dict[str, object]:
    given: dict[str, object] = {"persons": int(persons) if persons else None}
    given |= {"valid_days": valid_days, "paper": paper, "network": network}
    given["formats"] = options.read_formats(formats) if formats else None
    return {name: value for name, value in given.items() if value is not None}


@options.command()
@_RESULTS
@options.gather(
    "changes",
    _settings,
    click.option(
        "--persons",
        type=click.Choice(("1", "2")),
        default=None,
        help="Persons a release needs; with 2 another one must review the draft first.",
    ),
    click.option(
        "--valid-days",
        type=click.IntRange(min=0),
        default=None,
        help="Days after which a report is to be issued anew; 0: not said.",
    ),
    click.option(
        "--formats",
        default=None,
        help=f"Files of a released report, joined by commas: {', '.join(FORMATS)}.",
    ),
    click.option("--paper", type=click.Choice(("a4", "letter")), default=None, help="Paper size."),
    click.option(
        "--network-file-system/--no-network-file-system",
        "network",
        default=None,
        help="Allow the ledger on a network file system whose locks are known to hold.",
    ),
)
@options.gather(
    "key",
    _key,
    click.option("--sign", is_flag=True, help="Sign every later entry (EPILEPSY_PGX_LEDGER_KEY)."),
    click.option("--old-key", default="", metavar="PEM", help="Key that a new one replaces."),
    click.option("--lost-key", default="", metavar="REASON", help="The key to replace is lost."),
)
@options.gather(
    "steps",
    _steps,
    click.option(
        "--accept-clock",
        is_flag=True,
        help="Record that the clock is right and an earlier one wrong.",
    ),
    click.option(
        "--rebuild", is_flag=True, help="Make a lost ledger again from the released reports."
    ),
    click.option(
        "--migrate", is_flag=True, help="Bring a ledger of an earlier version to today's form."
    ),
)
@options.gather(
    "who",
    lambda name, role: _act(name, role),
    click.option("--name", default="", help="Who changes it; needed for a ledger that is there."),
    click.option("--role", default="", help="Role of that person."),
)
def ledger(
    results: Path,
    changes: dict[str, object],
    key: "NewKey | None",
    steps: frozenset[str],
    who: "Act",
) -> Exit:
    """Make the ledger of RESULTS, or change how it works; changes are entries too."""
    from epilepsy_pgx.ledger.book import created, now, opened
    from epilepsy_pgx.ledger.entries import FILE, RELEASED
    from epilepsy_pgx.ledger.settings import Settings, released_formats
    from epilepsy_pgx.ledger.signing import public_key

    if key is not None:
        changes["public_key"] = public_key()
    fresh = replace(Settings(formats=released_formats()), **changes)  # type: ignore[arg-type]
    if "rebuild" in steps:
        return _rebuild(results, fresh, changes)
    held = results / FILE
    # An empty file is what a full disk leaves of a ledger that was to be made.
    made = held.exists() and held.stat().st_size
    if not made and not any((results / RELEASED).glob("*/*/*.json")):
        with created(results, fresh, now()) as book:
            _tell(book.settings())
        return Exit.DONE
    with opened(results, network=bool(changes.get("network"))) as book:
        if "migrate" in steps:
            say(f"made anew, in today's form: {', '.join(book.migrate()) or 'nothing'}")
        with book.writing():
            _change(book, changes, key, "accept_clock" in steps, who)
        _tell(book.settings())
    return Exit.DONE


def _change(
    book: "Book", changes: dict[str, object], key: "NewKey | None", clock: bool, who: "Act"
) -> None:
    """Record settings that are others than those in use, and who changes them."""
    from epilepsy_pgx.ledger.book import now, settings_entry
    from epilepsy_pgx.ledger.release import check_person

    held = book.settings()
    settings = replace(held, **changes)  # type: ignore[arg-type]
    signer = key.signer(held.public_key, settings.public_key) if key else None
    if settings == held and not clock:
        return
    if settings != held:
        check_person(who)
    more: dict[str, object] = {"accept_clock": True} if clock else {}
    if key and key.lost:
        more["lost_key"] = key.lost
    entry = replace(settings_entry(settings, now(), **more), number=0)
    entry = replace(entry, person=who.name, role=who.role)
    book.add(entry, any_clock=clock, signer=signer)


def _rebuild(results: Path, fresh: "Settings", changes: dict[str, object]) -> Exit:
    """Make a lost ledger again; say of each setting what it is now, and where it is from."""
    from epilepsy_pgx.ledger.book import now
    from epilepsy_pgx.ledger.rebuild import rebuild, settings_of

    shown = settings_of(results)
    kept = fresh if shown is None else replace(shown, **changes)  # type: ignore[arg-type]
    count, lost = rebuild(results, kept, now())
    say(f"{count} released reports are in the new ledger.")
    if lost:
        say(f"No released report holds entries {', '.join(map(str, lost))}: they are lost.")
    _tell(kept)
    say("persons, days and files are those of the last released report, if not given here.")
    asked = {"paper": "--paper", "network": "--network-file-system", "public_key": "--sign"}
    if lacking := [option for name, option in asked.items() if name not in changes]:
        say(f"No report holds these, set them if they were in use: {', '.join(lacking)}")
    return Exit.DONE


def _tell(settings: "Settings") -> None:
    say(
        f"persons: {settings.persons}; issue anew after days: {settings.valid_days or 'not said'}; "
        f"files: {', '.join(settings.written)} ({settings.paper}); "
        f"network file system: {'allowed' if settings.network else 'refused'}; "
        f"signed: {settings.public_key[:16] + '…' if settings.public_key else 'no'}"
    )


@options.command()
@_RESULTS
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
@_RESULTS
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
@_RESULTS
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
@_RESULTS
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
    from epilepsy_pgx.ledger.urgent import Call

    try:
        when = datetime.fromisoformat(at).astimezone().isoformat(timespec="minutes") if at else ""
    except ValueError:
        raise ConfigError.one(
            "time", column="--at", found=repr(at), expected="a time such as 2026-03-31T14:30"
        ) from None
    return Call(" ".join(told.split()), when, read_back, (), " ".join(note.split()))


def _caller(name: str, role: str) -> "Act":
    return _act(name, role)


@options.command()
@_RESULTS
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
@_RESULTS
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
    from epilepsy_pgx.ledger.book import opened
    from epilepsy_pgx.ledger.send import send_edition

    with opened(results) as book:
        for entry in send_edition(book, results, edition, receiver, who, ref):
            say(f"{entry.edition} ({entry.language}): accepted (entry {entry.number})")
    return Exit.DONE


@options.command()
@_RESULTS
def urgent(results: Path) -> Exit:
    """List the urgent results of RESULTS, with who was told: open ones first."""
    from epilepsy_pgx.ledger.book import opened
    from epilepsy_pgx.ledger.urgent import COLUMNS, urgent_queue
    from epilepsy_pgx.report.tables import table_line

    with opened(results) as book:
        queue = urgent_queue(book, results)
    click.echo(table_line(COLUMNS), nl=False)
    for item in queue:
        click.echo(table_line(item.cells), nl=False)
    say(f"{sum(i.state != 'done' for i in queue)} of {len(queue)} urgent results are open")
    return Exit.DONE


@options.command()
@_RESULTS
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
    for line in found.keys:
        say(line)
    for name in found.not_made_again:
        say(f"{name}: made by other software or tables, not made again here")
    complain(map(str, found.problems))
    click.echo(
        f"{found.entries} entries, {found.editions} sets of files, {found.made_again} made again, "
        f"{len(found.problems)} problems; head {found.head}"
    )
    return exit_code(found.made_again, found.problems)
