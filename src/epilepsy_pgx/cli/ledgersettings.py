"""The command that makes a ledger, changes how it works, migrates it, and makes it again."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, say
from epilepsy_pgx.errors import counted
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.report.formats import FORMATS

if TYPE_CHECKING:
    from epilepsy_pgx.ledger.book import Book
    from epilepsy_pgx.ledger.release import Act
    from epilepsy_pgx.ledger.settings import Settings
    from epilepsy_pgx.ledger.signing import NewKey

RESULTS = click.argument("results", type=options.PATH)


def act(name: str, role: str, day: str | None = None, reason: str = "") -> "Act":
    """Return who does something, by the clock of now."""
    from datetime import datetime

    from epilepsy_pgx.errors import ConfigError
    from epilepsy_pgx.hidden import spell_hidden
    from epilepsy_pgx.intake.table import is_day
    from epilepsy_pgx.ledger.book import now
    from epilepsy_pgx.ledger.release import Act

    if day is not None and not is_day(day):
        raise ConfigError.one(
            "date", column="--date", found=repr(day), expected="a date such as 2026-03-31"
        )
    name, role, reason = (spell_hidden(" ".join(t.split())) for t in (name, role, reason))
    time = now()
    # Reports are dated by the day where the laboratory is.
    here = datetime.fromisoformat(time).astimezone().date().isoformat()
    return Act(name, role, time, day or here, reason)


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


class _Steps(NamedTuple):
    """What else is done to a ledger."""

    accept_clock: bool
    rebuild: bool
    migrate: bool
    no_sign: bool
    seen: int


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
@RESULTS
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
    _Steps,
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
    click.option("--no-sign", is_flag=True, help="With --rebuild: entries were not signed."),
    click.option(
        "--seen",
        type=click.IntRange(min=0),
        default=0,
        help="With --rebuild: number of the last entry that a page elsewhere shows.",
    ),
)
@options.gather(
    "who",
    lambda name, role: act(name, role),
    click.option(
        "--name", default="", help="Who changes it; needed unless it is made, or made again."
    ),
    click.option("--role", default="", help="Role of that person."),
)
def ledger(
    results: Path, changes: dict[str, object], key: "NewKey | None", steps: _Steps, who: "Act"
) -> Exit:
    """Make the ledger of RESULTS, or change how it works; changes are entries too."""
    from epilepsy_pgx.ledger.book import created, has_released, now, opened
    from epilepsy_pgx.ledger.entries import FILE
    from epilepsy_pgx.ledger.settings import Settings, released_formats
    from epilepsy_pgx.ledger.signing import public_key

    if key is not None:
        changes["public_key"] = public_key()
    fresh = replace(Settings(formats=released_formats()), **changes)  # type: ignore[arg-type]
    if steps.rebuild:
        return _rebuild(results, fresh, changes, steps, who)
    held = results / FILE
    # An empty file is what a full disk leaves of a ledger that was to be made.
    made = held.exists() and held.stat().st_size
    # A clock is accepted against entries: where there is no ledger, that is said.
    if not made and not has_released(results) and not steps.accept_clock:
        with created(results, fresh, now(), (who.name, who.role)) as book:
            _tell(book.settings())
        return Exit.DONE
    with opened(results, network=bool(changes.get("network"))) as book:
        if steps.migrate:
            say(f"made anew, in today's form: {', '.join(book.migrate()) or 'nothing'}")
        with book.writing():
            _change(book, changes, key, steps.accept_clock, who)
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
    check_person(who)
    more: dict[str, object] = {"accept_clock": True} if clock else {}
    if key and key.lost:
        more["lost_key"] = key.lost
    entry = replace(settings_entry(settings, now(), **more), number=0)
    entry = replace(entry, person=who.name, role=who.role)
    book.add(entry, any_clock=clock, signer=signer)


def _rebuild(
    results: Path, fresh: "Settings", changes: dict[str, object], steps: _Steps, who: "Act"
) -> Exit:
    """Make a lost ledger again; say of each setting what it is now, and where it is from."""
    from epilepsy_pgx.errors import ConfigError
    from epilepsy_pgx.ledger.book import now, opened
    from epilepsy_pgx.ledger.rebuild import last_shown, lost_files, rebuild, settings_of

    shown = settings_of(results)
    asked = {"--paper": "paper" in changes, "--sign or --no-sign": "public_key" in changes}
    asked["--sign or --no-sign"] |= steps.no_sign
    if shown is not None and (lacking := [name for name, given in asked.items() if not given]):
        raise ConfigError.one(
            "ledger-rebuild",
            file=str(results),
            column=", ".join(lacking),
            found="no answer, and no released report holds it",
            expected="how the laboratory worked before the ledger was lost",
            fix="Give them. Persons, days and files are taken from the last released report.",
        )
    kept = fresh if shown is None else replace(shown, **changes)  # type: ignore[arg-type]
    last = last_shown(results)
    count, lost = rebuild(results, kept, now(), steps.seen, (who.name, who.role))
    say(f"In the new ledger: {counted(count, 'released report')}.")
    if lost:
        say(
            f"No released report holds entries {', '.join(map(str, lost))}: they are lost. "
            "Reviews, calls or withdrawals may be among them."
        )
    if steps.seen <= last:
        say(
            f"The last entry that a released report shows is {last}. What came after it shows only "
            "on pages that left the house: count it with --seen."
        )
    with opened(results, network=True) as book:
        gone = ("withdrawn", "replaced")
        valid = dict.fromkeys(s.edition for s in book.standing() if s.state not in gone)
        without = list(lost_files(book.entries()))
    if without:
        say(f"Withdrawn, as their withdrawals say; their own files are lost: {', '.join(without)}")
    say(f"Valid now, ask whether one was withdrawn: {', '.join(valid) or 'none'}")
    _tell(kept)
    say("persons, days and files are those of the last released report, if not given here.")
    return Exit.DONE


def _tell(settings: "Settings") -> None:
    say(
        f"persons: {settings.persons}; issue anew after days: {settings.valid_days or 'not said'}; "
        f"files: {', '.join(settings.written)} ({settings.paper}); "
        f"network file system: {'allowed' if settings.network else 'refused'}; "
        f"signed: {settings.public_key[:16] + '…' if settings.public_key else 'no'}"
    )
