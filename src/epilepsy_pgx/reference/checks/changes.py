"""Checks of the change log."""

import datetime as dt
from collections.abc import Mapping

from msgspec import structs

from epilepsy_pgx.errors import Problem
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.history import Snapshot, compare_tables, read_at
from epilepsy_pgx.reference.rows import (
    ClinicalContext,
    CuratedText,
    DrugInteraction,
    DrugRule,
    DrugSafety,
    GeneTherapy,
    LoggedChange,
    RuleRow,
)

WHOLE_TABLE = "*"
"""Key of a log row about many rows of a table."""


@check(
    "log-order",
    "The change log names tables that exist and its dates never go back.",
    needs=("CHANGES",),
)
def check_log(package: Package) -> Found:
    """Read the log from top to bottom."""
    latest = dt.date.min
    versions = set()
    for row in package.rows(LoggedChange):
        date, table = row.date, row.table
        versions.add(row.version)
        if date < latest:
            yield package.problem(
                "log-order",
                "CHANGES",
                row,
                "date",
                date,
                f"{latest} or later",
                "Append new rows at the end.",
            )
        latest = max(latest, date)
        if table not in package.tables and row.change != "removed":
            yield package.problem(
                "log-order",
                "CHANGES",
                row,
                "table",
                table,
                "a table of the package",
                "Correct the name.",
            )


def _names(named: str, key: str) -> bool:
    """Say whether one name of a log row stands for the row with some key.

    A name is the whole key, its first columns (`rule` for all conditions of a rule), or the
    beginning of a key and a star. A star alone stands for the table.
    """
    if named.endswith(WHOLE_TABLE):
        return key.startswith(named.removesuffix(WHOLE_TABLE))
    return key == named or key.startswith(f"{named} ")


def _earlier(package: Package) -> Snapshot | None:
    """Return the tables at the git ref, read once for all checks; None if there are none."""
    return None if package.git_ref is None else read_at(package.path, package.git_ref)


def newest_day(package: Package) -> dt.date:
    """Return the last day that a table may name: today, or the last one of its version's month."""
    today = dt.date.today() + dt.timedelta(days=1)
    year, _, rest = package.version.partition(".")
    month = rest.partition(".")[0]
    if not (year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12 and len(year) == 4):
        return today
    later = dt.date(int(year) + int(month) // 12, int(month) % 12 + 1, 1)
    return max(today, later - dt.timedelta(days=1))


def dated_to_come(package: Package, last: dt.date) -> Found:
    """Yield the days that the tables of a package name and that lie after some day."""
    for name, table in package.tables.items():
        schema = package.schemas.get(name)
        held = () if schema is None else schema.columns
        columns = [c.name for c in held if c.type == "date" and c.name in table.columns]
        for row in table:
            for column in columns:
                if str(row[column] or "") > last.isoformat():
                    yield package.problem(
                        "date-to-come",
                        name,
                        row,
                        column,
                        str(row[column]),
                        "a day that has been",
                        "Write the day on which it was decided, read or changed.",
                    )


@check("date-to-come", "No row was read, decided or changed on a day to come.")
def check_days(package: Package) -> Found:
    """Days are compared with today, or with the month of the version."""
    yield from dated_to_come(package, newest_day(package))


@check(
    "changes-logged",
    "Against a git ref: a changed row has a new log row and the version is higher.",
)
def check_logged(package: Package) -> Found:
    """Compare the package with a commit; does nothing without one."""
    old = package.once(_earlier)
    if old is None or package.git_ref is None:
        return
    log = old.tables.get(LoggedChange.TABLE)
    before = {_said(r) for r in log.decode(LoggedChange, strict=False)} if log else set()
    now = package.rows(LoggedChange)
    logged: dict[str, list[str]] = {}
    for row in now:
        if _said(row) not in before:
            logged.setdefault(row.table, []).extend(k.strip() for k in row.key.split(","))
    lost = before - {_said(r) for r in now}
    if lost:
        yield Problem(
            package.file("CHANGES"),
            0,
            ".",
            "changes-logged",
            f"{len(lost)} log row(s) of {package.git_ref} gone",
            "an append-only log",
            "Restore the rows.",
        )
    changed = False
    for change in compare_tables(old, package.tables, package.schemas):
        changed = True
        if not any(_names(key, change.key) for key in logged.get(change.table, ())):
            yield Problem(
                package.file(change.table),
                change.line,
                ".",
                "changes-logged",
                f"{change.kind} row '{change.key}' without a log row",
                "a row of CHANGES.tsv",
                "Append date, table, key, change, reason and source.",
            )
    version = package.version
    if changed and _parts(version) <= _parts(old.version):
        yield Problem(
            f"{package.shown}/package.json",
            0,
            "version",
            "changes-logged",
            f"version {version}",
            f"higher than {old.version} of {package.git_ref}",
            "Raise the version of the package.",
        )


@check(
    "translation-stale",
    "Against a git ref: a changed English text has changed translations, or the log says that "
    "they were looked at.",
    needs=("texts",),
)
def check_translations(package: Package) -> Found:
    """Look for English texts that changed without their translations."""
    old = package.once(_earlier)
    if old is None or CuratedText.TABLE not in old.tables:
        return
    log = old.tables.get(LoggedChange.TABLE)
    before = {_said(r) for r in log.decode(LoggedChange, strict=False)} if log else set()
    looked_at = {
        key.strip()
        for r in package.rows(LoggedChange)
        if r.table == CuratedText.TABLE and _said(r) not in before
        for key in r.key.split(",")
    }
    earlier = old.tables[CuratedText.TABLE].decode(CuratedText, strict=False)
    was = {(r.id, r.language): r.text for r in earlier}
    now = {(r.id, r.language): r for r in package.rows(CuratedText)}
    changed = {row.id for row in now.values() if row.in_english and _differs(row, was)}
    for (text_id, language), row in sorted(now.items()):
        if row.in_english or text_id not in changed or f"{text_id} {language}" in looked_at:
            continue
        if not _differs(row, was) and (text_id, language) in was:
            yield package.problem(
                "translation-stale",
                CuratedText.TABLE,
                row,
                "text",
                f"the '{language}' text of {text_id} as it was",
                "a translation of the English text as it is now",
                f"Translate the change; if the text still holds, log '{text_id} {language}' "
                "in CHANGES.tsv.",
            )


def _differs(row: CuratedText, was: Mapping[tuple[str, str], str]) -> bool:
    """Say whether a text existed and read otherwise."""
    earlier = was.get((row.id, row.language))
    return earlier is not None and earlier != row.text


def _said(row: LoggedChange) -> tuple[object, ...]:
    """Return what a log row says, wherever it stands."""
    return structs.astuple(row)[1:]


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(p) if p.isdigit() else 0 for p in version.split("."))


_NAMED: tuple[type[RuleRow | DrugInteraction], ...] = (
    DrugRule,
    DrugSafety,
    GeneTherapy,
    ClinicalContext,
    DrugInteraction,
)
"""Rows that make statements, and keep the id under which they first did."""


@check(
    "first-id",
    "No two rows make statements of one id: a row that was renamed keeps its first "
    "id, and no other row has it.",
    needs=("drug_rules",),
)
def check_first_ids(package: Package) -> Found:
    """Look for a first id that another row has as its own or as its first."""
    for record in _NAMED:
        rows = package.rows(record)
        own = {r.key for r in rows}
        seen: set[str] = set()
        for row in rows:
            first = row.first_id
            if first is None:
                continue
            if first in own or first in seen:
                yield package.problem(
                    "first-id",
                    record.TABLE,
                    row,
                    "first_id",
                    first,
                    "an id that no other row has or had",
                    "Leave it empty in a new row; name the id before the first "
                    "renaming in one that was renamed.",
                )
            seen.add(first)
