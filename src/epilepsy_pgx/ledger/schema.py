"""What makes up a ledger beside its entries: today's form, and those of earlier versions."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from epilepsy_pgx.ledger.entries import COLUMNS

_TYPES = {"number": "INTEGER PRIMARY KEY CHECK (number > 0)", "version": "INTEGER NOT NULL"}
STANDING = """
  SELECT a.report, a.version, a.language, a.sample, a.time, a.person, a.role, a.replaces,
    CASE
      WHEN EXISTS (SELECT 1 FROM entries w WHERE w.kind = 'withdrawn' AND w.report = a.report
        AND w.version = a.version AND w.language = a.language) THEN 'withdrawn'
      WHEN EXISTS (SELECT 1 FROM entries s WHERE s.kind = 'authorised'
        AND s.replaces = a.report || ' v' || a.version) THEN 'replaced'
      WHEN a.version < l.version THEN 'replaced'
      ELSE a.state
    END AS state
  FROM entries a
  JOIN (SELECT sample, max(version) AS version FROM entries WHERE kind = 'authorised'
    GROUP BY sample) l ON l.sample = a.sample
  WHERE a.kind = 'authorised' ORDER BY a.number"""
"""Where each edition stands: what replaces it does so in every language. So does a later version of
the patient, if what came between is lost."""
_BY_NAME_ALONE = """
  SELECT a.report, a.version, a.language, a.sample, a.time, a.person, a.role, a.replaces,
    CASE
      WHEN EXISTS (SELECT 1 FROM entries w WHERE w.kind = 'withdrawn' AND w.report = a.report
        AND w.version = a.version AND w.language = a.language) THEN 'withdrawn'
      WHEN EXISTS (SELECT 1 FROM entries s WHERE s.kind = 'authorised'
        AND s.replaces = a.report || ' v' || a.version) THEN 'replaced'
      ELSE a.state
    END AS state
  FROM entries a WHERE a.kind = 'authorised' ORDER BY a.number"""
SCHEMA = f"""
CREATE TABLE entries ({", ".join(f"{c} {_TYPES.get(c, 'TEXT NOT NULL')}" for c in COLUMNS)});
CREATE UNIQUE INDEX one_digest ON entries(digest);
CREATE UNIQUE INDEX one_release_of_a_draft ON entries(draft) WHERE kind = 'authorised';
CREATE UNIQUE INDEX one_release_of_an_edition
  ON entries(report, version, language) WHERE kind = 'authorised';
CREATE UNIQUE INDEX one_successor
  ON entries(replaces, language) WHERE kind = 'authorised' AND replaces <> '';
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries of the ledger are never changed'); END;
CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries of the ledger are never removed'); END;
CREATE VIEW reports AS{STANDING};
"""
_FORMER = {
    "view reports": (
        # What replaced an edition did so only if it named it.
        "CREATE VIEW reports AS" + _BY_NAME_ALONE,
        # And in its own language only.
        "CREATE VIEW reports AS"
        + _BY_NAME_ALONE.replace(
            "s.kind = 'authorised'\n", "s.kind = 'authorised' AND s.language = a.language\n"
        ),
    )
}
"""Parts as earlier versions made them, by name."""


def statements() -> Iterator[str]:
    """Yield the statements that make a ledger."""
    waiting = ""
    for line in SCHEMA.splitlines():
        waiting += line + "\n"
        if sqlite3.complete_statement(waiting):
            yield waiting
            waiting = ""


def form_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what was taken away, put in its place, or added by hand."""
    wanted, there, older = _wanted(), _parts(connection), older_parts(connection)
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            yield f"no {name}, which keeps entries as they are"
        elif name not in wanted:
            yield f"a {name} that this software did not make"
        elif wanted[name] != there[name] and name not in older:
            yield f"a {name} that was changed"


def older_parts(connection: sqlite3.Connection) -> list[str]:
    """Return the parts that are as an earlier version made them."""
    wanted = _wanted()
    return [
        name
        for name, sql in _parts(connection).items()
        if sql != wanted.get(name) and sql in _FORMER.get(name, ())
    ]


def renew(connection: sqlite3.Connection) -> list[str]:
    """Make anew what an earlier version made; return the names. Entries stay as they are."""
    wanted = _wanted()
    names = older_parts(connection)
    for name in names:
        connection.execute(f"DROP {name}")
        connection.execute(wanted[name])
    return names


def _wanted() -> dict[str, str]:
    with closing(sqlite3.connect(":memory:")) as fresh:
        for statement in statements():
            fresh.execute(statement)
        return _parts(fresh)


def _parts(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what makes up a ledger beside its entries, by name."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {f"{kind} {name}": sql for kind, name, sql in rows}
