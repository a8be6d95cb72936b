"""A ledger that lost its end is told from nowhere: what it lost may be a withdrawal."""

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from epilepsy_pgx.cohort.urgent import read_queue, read_unbacked
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.editions import check_whole, reading
from epilepsy_pgx.ledger.entries import FILE
from epilepsy_pgx.ledger.release import Amendment, release, withdraw
from tests.command import run
from tests.ledger.bench import act, example, ledger, put, since, tables, without
from tests.recall.bench import keep

SOURCE = Path(__file__).resolve().parents[2] / "src" / "epilepsy_pgx"
VCF = Path(__file__).resolve().parents[2] / "examples" / "vcf" / "EX08.vcf"
JSON = "released/R-EX05/v1.en/EX05.json"
WHO = ("--name", "Dr R", "--role", "geneticist")


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    """Return a folder of results, and its ledger as backups have it, oldest first."""
    folder = tmp_path_factory.mktemp("laboratory") / "r"
    backups = []

    def back_up(book):
        backups.append(book.path.read_bytes())

    with ledger(folder) as book:
        back_up(book)
        keep(folder, example())
        release(book, put(folder, example()), act(), tables())
        back_up(book)
        later = since(book, without(example(), "phenytoin"))
        how = Amendment("R-EX05 v1")
        release(book, put(folder, later), act(hour=10, reason="more"), tables(), how)
        back_up(book)
        withdraw(book, "R-EX05 v2", act(hour=11, reason="wrong specimen"), tables())
    return folder, tuple(backups)


@pytest.fixture
def results(laboratory, tmp_path):
    return shutil.copytree(laboratory[0], tmp_path / "r")


COMMANDS = {
    "reanalyse": ("reanalyse", "{r}", "--out", "{out}"),
    "render": ("render", f"{{r}}/{JSON}", "--out", "{out}.html"),
    "urgent": ("urgent", "{r}"),
    "quality": ("quality", "{r}", "--out", "{out}"),
    "run": ("run", VCF, "--build", "GRCh38", "--out", "{r}"),
    "review": ("review", "{r}", "EX05", *WHO),
    "release": ("release", "{r}", "EX05", *WHO),
    "amend": ("amend", "{r}", "EX05", "--replaces", "R-EX05 v1", "--reason", "x", *WHO),
    "withdraw": ("withdraw", "{r}", "R-EX05 v1", "--reason", "x", *WHO),
    "acknowledge": ("acknowledge", "{r}", "EX05", "--told", "Dr W", *WHO),
    "send": ("send", "{r}", "R-EX05 v1", "--to", "127.0.0.1:1", *WHO),
}


def files(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("backup", range(3))
def test_no_command_goes_on_with_a_ledger_from_an_older_backup(
    backup, command, laboratory, results, tmp_path
):
    """One line, and nothing is written."""
    (results / FILE).write_bytes(laboratory[1][backup])
    before = files(tmp_path)
    words = [str(w).format(r=results, out=tmp_path / "out") for w in COMMANDS[command]]
    done = run(*words)
    assert done.returncode == 2, done.stdout
    (line,) = done.stderr.strip().splitlines()
    assert "ledger-tail" in line
    assert "released files that no entry names: R-EX05/v" in line
    assert files(tmp_path) == before


@pytest.mark.parametrize("command", ["reanalyse", "urgent", "quality"])
def test_a_whole_ledger_is_told_from(command, results, tmp_path):
    words = [str(w).format(r=results, out=tmp_path / "out") for w in COMMANDS[command]]
    done = run(*words)
    assert (done.returncode, "ledger-tail" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("read", [read_queue, read_unbacked])
def test_no_page_is_made_from_a_ledger_that_was_cut_or_changed(read, results):
    read(results)
    with closing(sqlite3.connect(results / FILE)) as plain, plain:
        plain.execute("DROP TRIGGER entries_stay")
        plain.execute("UPDATE entries SET person = 'Nobody' WHERE number = 2")
    with pytest.raises(InputError, match="entry 2, which was changed"):
        read(results)


def test_a_release_that_ends_while_a_ledger_is_read_is_no_lost_end(tmp_path, monkeypatch):
    """The folder comes after the entry that counts, so folders are looked at first."""
    with ledger(tmp_path) as book, reading(tmp_path) as other:
        entries = other.entries

        def slow():
            found = entries()
            if not (tmp_path / "released").exists():
                release(book, put(tmp_path, example()), act(), tables())
            return found

        monkeypatch.setattr(other, "entries", slow)
        check_whole(other)


READERS = {
    # Each step holds the ledger, and looks at it then; settings, a check and a rebuild tell what
    # they find.
    "cli/ledger": {"review", "release", "amend", "withdraw", "acknowledge", "verify"},
    "cli/ledgersettings": {"ledger", "_rebuild"},
    "ledger/editions": {"reading"},
    "ledger/rebuild": {"_nothing_in"},
}


def test_whatever_else_reads_a_ledger_reads_a_whole_one():
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name, within = path.relative_to(SOURCE).with_suffix("").as_posix(), ""
        for line in path.read_text(encoding="utf-8").splitlines():
            within = match[1] if (match := re.match(r"\s*def (\w+)", line)) else within
            if re.search(r"\bwith opened\(", line):
                found.setdefault(name, set()).add(within)
    assert found == READERS
