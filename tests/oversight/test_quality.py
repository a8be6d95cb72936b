"""Control samples are compared in every run, and what does not agree stands first."""

import re
from dataclasses import replace

import pytest

from epilepsy_pgx.authorisation import Authorisation
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.entries import Entry, EntryKind
from epilepsy_pgx.ledger.release import Amendment, release, review, withdraw
from epilepsy_pgx.oversight.controls import read_controls
from epilepsy_pgx.oversight.page import look_at, write_oversight
from epilepsy_pgx.oversight.turnaround import Course, courses, due, expired, waiting
from epilepsy_pgx.report.wording import Wording
from tests.command import run, table
from tests.ledger.bench import act, example, ledger, put, since, tables
from tests.recall.bench import keep

VERSION = example().provenance.reference_version


def controls(folder, *rows):
    path = folder / "controls.tsv"
    lines = ["sample_id\tgene\texpected\ttables", *("\t".join(r) for r in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def named(report, sample, **patient):
    return replace(report, patient=replace(report.patient, sample_id=sample, **patient))


def result(name, gene):
    return next(g for g in example(name).genes if g.gene == gene)


@pytest.mark.parametrize(
    ("expected", "tables_of", "outcome"),
    [
        ("|".join(result("EX04", "CYP2C9").shown), ".", "agrees"),
        ("|".join(result("EX04", "CYP2C9").phenotypes), ".", "agrees"),
        ("*3/*3", ".", "differs"),
        ("*1/*2|*3/*3", ".", "differs"),
        ("*1/*2", VERSION, "agrees"),
        ("*3/*3", VERSION, "differs"),
    ],
)
def test_a_control_agrees_if_it_gives_just_what_is_expected(tmp_path, expected, tables_of, outcome):
    keep(tmp_path / "run1", named(example("EX04"), "CTRL"))
    rows = read_controls(controls(tmp_path, ("CTRL", "CYP2C9", expected, tables_of)))
    (found,) = look_at([tmp_path / "run1"], rows, 0).runs
    assert [c.outcome for c in found.controls] == [outcome]


def test_the_row_of_the_tables_in_use_counts_and_one_of_others_does_not(tmp_path):
    keep(tmp_path / "run1", named(example("EX04"), "CTRL"))
    rows = [("CTRL", "CYP2C9", "*3/*3", "."), ("CTRL", "CYP2C9", "*1/*2", VERSION)]
    (found,) = look_at([tmp_path / "run1"], read_controls(controls(tmp_path, *rows)), 0).runs
    assert [c.outcome for c in found.controls] == ["agrees"]
    other = read_controls(controls(tmp_path, ("CTRL", "CYP2C9", "*3/*3", "1999.1")))
    found = look_at([tmp_path / "run1"], other, 0)
    assert [(c.outcome, c.expected) for c in found.wrong] == [("nothing expected", "")]


@pytest.mark.parametrize(
    ("rows", "outcome", "code"),
    [
        ([("*1/*2", "1999.1")], "nothing expected", 3),
        ([("*1/*2", "1999.1"), ("*1/*2", VERSION)], "agrees", 0),
        ([("*3/*3", "1999.1"), ("*1/*2", ".")], "agrees", 0),
        ([("*3/*3", "1999.1"), ("*3/*3", ".")], "differs", 3),
        ([("*3/*3", "1999.1"), ("*3/*3", "2000.1")], "nothing expected", 3),
    ],
)
def test_a_control_that_drops_out_with_other_tables_is_named(rows, outcome, code, tmp_path):
    keep(tmp_path / "run1", named(example("EX04"), "CTRL"))
    path = controls(tmp_path, *(("CTRL", "CYP2C9", *row) for row in rows))
    done = run("quality", tmp_path / "run1", "--controls", path, "--out", tmp_path / "out")
    assert done.returncode == code
    assert [r["outcome"] for r in table(tmp_path / "out/controls.tsv")] == [outcome]
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert ("no expected result for these tables" in page) == (outcome == "nothing expected")


@pytest.mark.parametrize(
    ("step", "waits"), [("drafted", True), ("final", False), ("withdrawn", True), ("again", False)]
)
def test_an_order_waits_until_a_report_stands(step, waits, tmp_path):
    """Not one that was taken back."""
    folder = tmp_path / "run1"
    report = named(example(), "EX05", accession="A1", received="2026-11-20")
    keep(folder, report)
    with ledger(folder) as book:
        if step != "drafted":
            release(book, put(tmp_path, report), act(), tables())
        if step in ("withdrawn", "again"):
            withdraw(book, "R-EX05 v1", act(reason="swap"), tables())
        if step == "again":
            later = put(tmp_path, since(book, report))
            release(book, later, act(reason="right"), tables(), Amendment("R-EX05 v1"))
    path = tmp_path / "orders.tsv"
    path.write_text("priority\taccession\tsample_id\tstate\nroutine\tA1\tEX05\taccepted\n")
    queue = waiting(path, look_at([folder], [], 0).courses, "2026-11-30")
    assert [r[-1] for r in queue] == ([10] if waits else [])


def test_the_oldest_order_waits_first_whether_or_not_it_has_a_file(tmp_path):
    rows = [
        ("stat", "A1", "2026-11-29", 1),
        ("stat", "A2", "2026-11-30", 0),
        ("routine", "A3", ".", None),  # a date that nobody knows may be the oldest
        ("routine", "A4", "2026-05-03", 211),
        ("routine", "A5", "2026-11-04", 26),
    ]
    lines = [f"{p}\t{a}\t.\twaiting\t{day}" for p, a, day, _ in reversed(rows)]
    path = tmp_path / "orders.tsv"
    path.write_text("\n".join(["priority\taccession\tsample_id\tstate\treceived", *lines, ""]))
    queue = waiting(path, [Course("X", "A5", {"received": "2026-11-01"})], "2026-11-30")
    assert [(r[0], r[1], r[4]) for r in queue] == [(p, a, age) for p, a, _, age in rows]


@pytest.mark.parametrize(
    ("text", "check"),
    [
        (b"priority\taccession\tsample_id\nstat\tA1\tX\n", "orders-table"),
        (b"accession\tpriority\tpatient\nA1\tstat\tX\n", "orders-table"),
        (b"sample_id\tvcf\nX\tx.vcf\n", "orders-table"),
        (b"", "orders-table"),
        (b"\xff\xfe\x00", "orders-readable"),
        (b"priority\taccession\tsample_id\tstate\nstat\n", "orders-readable"),
    ],
)
def test_what_is_not_the_table_of_all_orders_is_named(text, check, tmp_path):
    """The order sheet and the sample sheet are taken for it."""
    path = tmp_path / "orders.tsv"
    path.write_bytes(text)
    with pytest.raises(InputError) as found:
        waiting(path, [], "2026-11-30")
    assert {p.check for p in found.value.problems} == {check}


def test_a_control_that_is_not_in_a_run_or_was_stopped_is_wrong(tmp_path):
    keep(tmp_path / "run1", example("EX05"))
    stopped = replace(
        named(example("EX04"), "CTRL"), not_reportable=example().limits[:1], status="not reportable"
    )
    keep(tmp_path / "run2", stopped)
    rows = read_controls(controls(tmp_path, ("CTRL", "CYP2C9", "*1/*2", ".")))
    found = look_at([tmp_path / "run1", tmp_path / "run2"], rows, 0)
    assert [c.outcome for c in found.wrong] == ["missing", "differs"]


def test_the_page_has_the_stages_the_queue_and_what_is_due(tmp_path):
    folder = tmp_path / "run1"
    patient = {"accession": "A1", "collected": "2026-11-18", "received": "2026-11-20"}
    report = named(example(), "EX05", **patient)
    none = {"collected": None, "received": None}
    others = (named(example("EX04"), "CTRL", **none), named(example("EX01"), "<b>", **none))
    keep(folder, report, *others)
    with ledger(folder) as book:
        path = put(tmp_path, report)
        review(book, path, act("T. Tech"))
        release(book, path, act(hour=10), tables())
    (tmp_path / "orders.tsv").write_text(
        "priority\taccession\tsample_id\tstate\nroutine\tA3\t.\twaiting\nstat\tA2\tP2\taccepted\n"
        "routine\tA1\tEX05\taccepted\n",
        encoding="utf-8",
    )
    rows = read_controls(controls(tmp_path, ("CTRL", "CYP2C9", "*3/*3", ".")))
    found = look_at([folder], rows, 5, ["CTRL"])
    write_oversight(
        found, tmp_path / "out", tmp_path / "orders.tsv", "2026-11-30", Wording(tables())
    )
    stages = {r["stage"]: r["median_days"] for r in table(tmp_path / "out/turnaround.tsv")}
    assert stages["collected to received"] == "2"
    assert stages["received to released"] == "3"
    assert "drafted to released" in stages
    assert [r["accession"] for r in table(tmp_path / "out/waiting.tsv")] == ["A2", "A3"]
    assert table(tmp_path / "out/due.tsv") == []
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert page.index("Controls that do not agree: 1") < page.index("<svg")
    assert "<b>" not in page
    write_oversight(found, tmp_path / "es", tmp_path / "orders.tsv", "x", Wording(tables(), "es"))
    spanish = (tmp_path / "es/index.html").read_text(encoding="utf-8")
    shown = ("no concuerdan: 1", "de recepción a emisión", "difiere", "rutina", "mediana en por")
    assert [w for w in shown if w not in spanish] == []
    both = (
        set(re.findall(r">([A-Za-z][^<]+)<", p.partition("<main>")[2])) for p in (page, spanish)
    )
    assert set.intersection(*both) <= {"A2", "A3", "P2", "CTRL", "CYP2C9", "run1", VERSION}
    exported = table(tmp_path / "out/eqa.tsv")
    assert {r["sample_id"] for r in exported} == {"CTRL"}
    assert next(r for r in exported if r["gene"] == "CYP2C9")["diplotype"] == "*1/*2"
    found.exported.clear()
    write_oversight(found, tmp_path / "out", None, "2026-11-30", Wording(tables()))
    assert not (tmp_path / "out/eqa.tsv").exists()
    assert len(list((tmp_path / "out/superseded").glob("eqa.*.tsv"))) == 1


@pytest.mark.parametrize(
    ("days", "state", "today", "over"),
    [
        (30, "final", "2026-12-20", False),
        (30, "final", "2026-12-21", True),
        (0, "final", "2099-01-01", False),
        (30, None, "2099-01-01", False),
    ],
)
def test_who_is_to_get_a_new_report_is_listed(days, state, today, over):
    entry = replace(example().clinical, entry_date="2026-11-20")
    given = Authorisation("Dr R", "geneticist", "2026-11-23", "x", "y", valid_days=days)
    report = replace(example(), clinical=entry, authorisation=given if state else None)
    assert expired([report], today) == ([("R-EX05 v1", "EX05", "2026-11-20")] if over else [])


def test_an_early_call_makes_no_stage_shorter(tmp_path):
    """What is urgent is told before the release, which receives nothing."""
    entries = [
        Entry(1, "2026-11-20T08:00:00+00:00", EntryKind.ACKNOWLEDGED, sample="EX05"),
        Entry(2, "2026-11-23T08:00:00+00:00", EntryKind.AUTHORISED, sample="EX05"),
        Entry(3, "2026-11-25T08:00:00+00:00", EntryKind.ACKNOWLEDGED, sample="EX05"),
    ]
    for told, days in ((entries, 2), (entries[1:], 2), (entries[:2], None)):
        (course,) = courses([example()], told)
        assert course.between("released", "acknowledged") == days


def test_old_reports_are_listed_and_stay(tmp_path):
    entries = [
        Entry(n, f"{year}-06-01T00:00:00+00:00", EntryKind.AUTHORISED, report=f"R{n}", version=1)
        for n, year in enumerate((2010, 2020, 2026), 1)
    ]
    assert [e for e, _, _ in due(entries, 10, "2026-11-30")] == ["R1 v1"]
    assert [e for e, _, _ in due(entries, 6, "2026-11-30")] == ["R1 v1", "R2 v1"]


@pytest.mark.parametrize(
    "text",
    [
        "sample_id\tgene\nA\tB\n",
        "sample_id\tgene\texpected\nA\tB\t.\n",
        "sample_id\tgene\texpected\nA\tB\tx\nA\tB\ty\n",
    ],
)
def test_controls_of_another_form_are_a_mistake(tmp_path, text):
    path = tmp_path / "controls.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_controls(path)


def test_the_command_ends_with_three_if_a_control_does_not_agree(tmp_path):
    keep(tmp_path / "run1", named(example("EX04"), "CTRL"))
    for expected, code in (("*1/*2", 0), ("*3/*3", 3)):
        path = controls(tmp_path, ("CTRL", "CYP2C9", expected, "."))
        done = run("quality", tmp_path / "run1", "--controls", path, "--out", tmp_path / "out")
        assert done.returncode == code


@pytest.mark.parametrize(
    ("folder", "words", "code", "said"),
    [
        ("run", (), 0, "1 run;"),
        ("run", ("--eqa", "EX05"), 0, "1 run;"),
        ("run", ("--eqa", "EX05", "--eqa", "NOPE"), 3, "--eqa NOPE: no such sample"),
        ("nowhere", (), 2, "found no folder"),
    ],
)
def test_what_is_not_there_is_said(folder, words, code, said, tmp_path):
    keep(tmp_path / "run", example())
    done = run("quality", tmp_path / folder, *words, "--out", tmp_path / "out")
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
