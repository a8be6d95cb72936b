"""The commands of the ledger, as a laboratory types them."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from epilepsy_pgx.ledger.book import opened
from epilepsy_pgx.ledger.entries import FILE
from epilepsy_pgx.report.write import report_folder
from tests.command import run
from tests.ledger.bench import example, put, since, without

WHO = ("--name", "Dr R. Release", "--role", "clinical geneticist")
REBUILD = ("--rebuild", "--paper", "a4", "--no-sign")


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr("epilepsy_pgx.ledger.book.now", lambda: "2026-11-23T12:00:00+00:00")


def test_a_day_in_the_laboratory(tmp_path):
    results, draft = tmp_path / "r", put(tmp_path, example())
    results.mkdir()
    assert "[ledger-found]" in run("release", results, draft, *WHO).stderr
    made = run("ledger", results, "--persons", "2", "--formats", "json", "--valid-days", "365")
    assert made.stderr.startswith("persons: 2; issue anew after days: 365; files: json (a4)")
    assert "[release-reviewed]" in run("release", results, draft, *WHO).stderr
    run("review", results, draft, "--name", "T. Technical", "--role", "technician")
    done = run("release", results, draft, *WHO)
    folder = results / "released/R-EX05/v1.en"
    assert (done.returncode, done.stdout) == (0, f"{folder}\n")
    queue = run("urgent", results)
    assert queue.stdout.splitlines()[1].startswith("open\tEX05\tR-EX05 v1\t")
    assert queue.stderr == "1 of 1 urgent results are open\n"
    told = ("--told", "Dr W. Ward", "--at", "2026-11-23T10:00", "--read-back")
    assert run("acknowledge", results, "EX05", *WHO, *told).returncode == 0
    assert run("urgent", results).stdout.splitlines()[1].startswith("done\tEX05")
    assert "[authorise-who]" in run("ledger", results, "--persons", "1").stderr
    assert run("ledger", results, "--persons", "1", *WHO).stderr.startswith("persons: 1;")
    with opened(results) as book:
        later = put(tmp_path, since(book, without(example(), "phenytoin")), "later.json")
    why = ("--replaces", "R-EX05 v1", "--reason", "HLA typing added")
    assert run("amend", results, later, *why, *WHO).returncode == 0
    assert run("withdraw", results, "R-EX05 v2", "--reason", "swap", *WHO).returncode == 0
    seen = json.loads((folder / "EX05.json").read_bytes())["authorisation"]
    printed = f"{seen['entry']} {seen['entry_digest'][7:23]}"
    found = run("verify", results, "--seen", printed)
    assert found.returncode == 0, found.stderr
    assert "3 sets of files, 3 made again, 0 problems" in found.stdout
    with closing(sqlite3.connect(results / FILE)) as plain:
        rows = plain.execute("SELECT report, version, state FROM reports").fetchall()
        who = plain.execute("SELECT person FROM entries WHERE kind = 'settings'").fetchall()
    assert who == [("",), ("Dr R. Release",)]
    assert rows == [("R-EX05", 1, "replaced"), ("R-EX05", 2, "withdrawn")]
    (results / FILE).rename(tmp_path / "lost")
    asked = run("ledger", results, "--rebuild")
    assert (asked.returncode, "[ledger-rebuild]" in asked.stderr) == (2, True)
    assert "--paper, --sign or --no-sign" in asked.stderr
    assert not (results / FILE).exists()
    # The withdrawal is the last entry: without its files only a page elsewhere shows it.
    shutil.move(results / "released/R-EX05/v2.en.withdrawn", tmp_path / "gone")
    again = run("ledger", results, *REBUILD, "--seen", seen["entry"] + 6)
    assert "they are lost" in again.stderr
    assert "Valid now, ask whether one was withdrawn: R-EX05 v2" in again.stderr
    assert "Reviews, calls or withdrawals may be among them" in again.stderr
    shown = run("verify", results)
    assert "the ledger was lost and made again; entries that no report holds: " in shown.stderr
    (results / FILE).unlink()
    unseen = run("ledger", results, *REBUILD)
    assert "count it with --seen" in unseen.stderr
    (results / FILE).unlink()
    shutil.move(tmp_path / "gone", results / "released/R-EX05/v2.en.withdrawn")
    again = run("ledger", results, *REBUILD)
    assert "persons: 1; issue anew after days: 365; files: json (a4)" in again.stderr
    assert run("verify", results).returncode == 0
    (folder / "EX05.json").unlink()
    assert run("verify", results).returncode == 3


def test_a_draft_is_found_by_its_sample(tmp_path, monkeypatch):
    folder = tmp_path / "reports" / report_folder("EX05")
    folder.mkdir(parents=True)
    put(folder, example(), "EX05.json")
    run("ledger", tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "EX05").mkdir()  # a folder of that name is no draft
    assert run("review", tmp_path, "EX05", *WHO).stderr == "R-EX05: reviewed (entry 2)\n"


@pytest.mark.parametrize(
    ("words", "check"),
    [
        (("--date", "31.12.2026"), "date"),
        (("--date", "2026-11-01"), "authorise-date"),
        (("--date", "9999-12-31"), "date"),
    ],
)
def test_dates_are_judged(words, check, tmp_path):
    draft = put(tmp_path, example())
    run("ledger", tmp_path)
    assert f"[{check}]" in run("release", tmp_path, draft, *WHO, *words).stderr
    assert not (tmp_path / "released/R-EX05").exists()


def test_beside_a_ledger_nothing_is_authorised_without_it(tmp_path):
    run("ledger", tmp_path)
    below = tmp_path / "reports"
    below.mkdir()
    draft = put(below, example())
    words = ("--date", "2026-11-23", "--out", tmp_path / "final.json")
    done = run("authorise", draft, *WHO, *words)
    assert (done.returncode, "[authorise-ledger]" in done.stderr) == (2, True)


def test_nothing_is_authorised_into_a_folder_with_a_ledger(tmp_path):
    draft = put(tmp_path, example())
    results = tmp_path / "r"
    results.mkdir()
    run("ledger", results)
    words = ("--date", "2026-11-23", "--out", results / "final.json")
    done = run("authorise", draft, *WHO, *words)
    assert (done.returncode, "[authorise-ledger]" in done.stderr) == (2, True)


@pytest.mark.parametrize("who", [(), WHO])
def test_who_makes_a_ledger_is_recorded_if_it_is_said(who, tmp_path):
    assert run("ledger", tmp_path, *who).returncode == 0
    with opened(tmp_path) as book:
        (entry,) = book.entries()
    assert (entry.person, entry.role) == ((who[1], who[3]) if who else ("", ""))


@pytest.mark.parametrize("gone", [None, "replaced", "withdrawn"])
def test_what_was_taken_back_is_not_rendered_as_if_it_stood(gone, tmp_path):
    results, why = tmp_path / "r", ("--reason", "x", *WHO)
    results.mkdir()
    run("ledger", results, "--formats", "json")
    assert run("release", results, put(tmp_path, example()), *WHO).returncode == 0
    if gone == "withdrawn":
        assert run("withdraw", results, "R-EX05 v1", *why).returncode == 0
    elif gone == "replaced":
        with opened(results) as book:
            later = put(tmp_path, since(book, without(example(), "phenytoin")))
        assert run("amend", results, later, "--replaces", "R-EX05 v1", *why).returncode == 0
    released = results / "released/R-EX05/v1.en/EX05.json"
    done = run("render", released, "--out", tmp_path / "x.html")
    assert (done.returncode, f"which was {gone}" in done.stderr) == (2 if gone else 0, bool(gone))
    if gone == "withdrawn":
        made = results / "released/R-EX05/v1.en.withdrawn/EX05.json"
        assert run("render", made, "--out", tmp_path / "w.html").returncode == 0
    done = run("render", released, "--out", released.with_name("extra.html"))
    assert (done.returncode, "[render-released]" in done.stderr) == (2, True)


@pytest.mark.parametrize("place", ["draft", "out"])
def test_a_lost_ledger_counts_as_one(place, tmp_path):
    """No step goes on as if nothing had been released there."""
    results = tmp_path / "r"
    results.mkdir()
    draft = put(results if place == "draft" else tmp_path, example())
    run("ledger", results, "--formats", "json")
    assert run("release", results, draft, *WHO).returncode == 0
    (results / FILE).unlink()
    out = tmp_path / "final.json" if place == "draft" else results / "x/final.json"
    words = (*WHO, "--date", "2026-11-23", "--out", out)
    done = run("authorise", draft, *words)
    assert (done.returncode, "or lost it" in done.stderr) == (2, True)
    why = ("--reason", "x", *WHO)
    for step in (
        ("review", results, draft, *WHO),
        ("release", results, draft, *WHO),
        ("amend", results, draft, "--replaces", "R-EX05 v1", *why),
        ("withdraw", results, "R-EX05 v1", *why),
        ("acknowledge", results, "EX05", "--told", "x", *WHO),
        ("urgent", results),
        ("verify", results),
        ("ledger", results),
        ("reanalyse", results, "--out", tmp_path / "re"),
        ("quality", results, "--out", tmp_path / "q"),
    ):
        done = run(*step)
        assert (done.returncode, "released reports without their ledger" in done.stderr) == (
            2,
            True,
        )


@pytest.mark.parametrize("step", ["review", "release"])
def test_a_draft_beside_one_ledger_is_not_released_by_another(step, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        run("ledger", tmp_path / name, "--formats", "json")
    (tmp_path / "a/reports").mkdir()
    draft = put(tmp_path / "a/reports", example())
    done = run(step, tmp_path / "b", draft, *WHO)
    assert (done.returncode, "[draft-ledger]" in done.stderr) == (2, True)
    assert run(step, tmp_path / "a", draft, *WHO).returncode == 0


@pytest.mark.parametrize("name", ["NOPE", "EX06"])
def test_what_is_no_draft_and_no_sample_is_said_to_be_neither(name, tmp_path, monkeypatch):
    """A folder of that name where the command is typed is no draft either."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "EX06").mkdir()
    run("ledger", tmp_path)
    for step in ("review", "release"):
        done = run(step, tmp_path, name, *WHO)
        assert (done.returncode, "[draft-found]" in done.stderr) == (2, True)
        assert "no sample with a draft" in done.stderr


def test_a_time_that_is_none_and_a_clock_that_is_right(tmp_path):
    run("ledger", tmp_path)
    done = run("acknowledge", tmp_path, "EX05", *WHO, "--told", "x", "--at", "noon")
    assert "[time]" in done.stderr
    assert "[authorise-who]" in run("ledger", tmp_path, "--accept-clock").stderr
    none = run("ledger", tmp_path / "none", "--accept-clock", *WHO)
    assert (none.returncode, "[ledger-found]" in none.stderr) == (2, True)
    assert not (tmp_path / "none").exists()
    assert run("ledger", tmp_path, "--accept-clock", *WHO).returncode == 0


@pytest.mark.parametrize(
    ("left", "released", "words", "code"),
    [
        (b"", False, (), 0),
        (b"", True, (), 2),
        (b"", True, REBUILD, 0),
        (b"damaged", True, REBUILD, 2),
        (None, True, REBUILD, 0),
    ],
)
def test_what_a_full_disk_left_of_a_ledger_does_not_stand_in_the_way(
    left, released, words, code, tmp_path
):
    """Each line against it names a command that helps."""
    run("ledger", tmp_path, "--formats", "json", "--persons", "2")
    if released:
        draft = put(tmp_path, example())
        run("review", tmp_path, draft, "--name", "T. Technical", "--role", "technician")
        run("release", tmp_path, draft, *WHO)
    (tmp_path / FILE).unlink()
    if left is not None:
        (tmp_path / FILE).write_bytes(left)
    done = run("ledger", tmp_path, *words)
    assert done.returncode == code, done.stderr
    if code == 0 and released:
        assert "persons: 2" in done.stderr
        assert run("verify", tmp_path).returncode == 0
    if code:
        assert "--rebuild" in done.stderr or "move it" in done.stderr


def test_drafts_of_one_day_do_not_undo_each_other(root, tmp_path, monkeypatch):
    """Neither those of two recalls nor those of two runs: an open urgent result would go."""
    monkeypatch.undo()  # the clock of the runs
    results = tmp_path / "r"

    def sheet(name, drugs):
        path = tmp_path / f"{name}.tsv"
        path.write_text(f"sample_id\tcurrent_drugs\nEX06\t{drugs}\n", encoding="utf-8")
        return path

    def made(name, drugs, *how):
        done = run(*how, "--samples", sheet(name, drugs), "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
        return next((tmp_path / name).glob("*/*/EX06/EX06.json"))

    def again(drugs, *words):
        vcf = ("run", "--vcf", root / "examples/vcf/clinic.GRCh38.vcf.gz", "--build", "GRCh38")
        done = run(*vcf, *words, "--samples", sheet("s", drugs), "--out", results, *formats)
        assert done.returncode == 0, done.stderr
        return results / "reports" / report_folder("EX06") / "EX06.json"

    formats = ("--formats", "json")
    draft = again("valproate")
    run("ledger", results, *formats)
    assert run("release", results, draft, *WHO).returncode == 0
    first = json.loads(draft.read_bytes())["report_id"]
    recall = ("reanalyse", results)
    one = made("a", "valproate|meropenem", *recall)
    two = made("b", "valproate|lorazepam", *recall)
    three = shutil.copy(again("valproate|phenytoin"), tmp_path / "three.json")
    why = ("--correction", "--reason", "left out", *WHO)
    assert run("amend", results, one, "--replaces", f"{first} v1", *why).returncode == 0
    for stale in (two, three):
        done = run("amend", results, stale, "--replaces", f"{first} v2", *why)
        assert (done.returncode, "[amend-stale]" in done.stderr) == (2, True)
        assert "changed: valproate" in done.stderr
    assert "EX06" in run("urgent", results).stdout
    late = again("valproate|meropenem|phenytoin")
    assert run("amend", results, late, "--replaces", f"{first} v2", *why).returncode == 0
