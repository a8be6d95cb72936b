"""A draft that a later run put aside, or says otherwise, is not released behind its back."""

from dataclasses import replace

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.latest import failed_samples
from epilepsy_pgx.ledger.release import Amendment, release
from tests.ledger.bench import act, example, ledger, put, since, tables, without
from tests.recall.bench import keep

STOPPED = {"not_reportable": example().limits[:1], "status": "not reportable"}


def tabled(results, status):
    (results / "cohort").mkdir()
    (results / "cohort/cohort.tsv").write_text(f"sample_id\tstatus\nEX05\t{status}\n")


@pytest.mark.parametrize(
    ("left", "taken"),
    [
        (None, True),
        ({}, True),
        ({"report_id": "R-SAME"}, True),
        ({"language": "es"}, True),
        (STOPPED, False),
        ("phenytoin", False),
        ("identity", False),
    ],
)
def test_a_first_release_says_what_the_last_run_said(left, taken, tmp_path):
    last = example()
    if left == "phenytoin":
        last = without(last, "phenytoin")
    elif left == "identity":
        last = replace(last, patient=replace(last.patient, birth_date="2001-01-01"))
    elif left is not None:
        last = replace(last, **left)
    with ledger(tmp_path / "r") as book:
        if left is not None:
            keep(tmp_path / "r", last)
        path = put(tmp_path, example())
        if taken:
            release(book, path, act(), tables())
        else:
            with pytest.raises(InputError, match="draft-last"):
                release(book, path, act(), tables())
            assert book.standing() == []


@pytest.mark.parametrize("how", ["table", "json"])
@pytest.mark.parametrize("replaces", [False, True])
def test_of_whom_the_last_run_found_not_reportable_nothing_is_released(how, replaces, tmp_path):
    with ledger(tmp_path / "r") as book:
        if replaces:
            release(book, put(tmp_path, example()), act(), tables())
        if how == "table":
            tabled(tmp_path / "r", "not reportable")
        else:
            keep(tmp_path / "r", replace(example(), **STOPPED))
        path = put(tmp_path, since(book, without(example(), "phenytoin")))
        how = Amendment("R-EX05 v1") if replaces else None
        with pytest.raises(InputError, match="found not reportable"):
            release(book, path, act(reason="why"), tables(), how)


def test_what_was_put_aside_is_not_released(tmp_path):
    results = tmp_path / "r"
    (results / "superseded/reports").mkdir(parents=True)
    tabled(results, "draft")
    path = put(results / "superseded/reports", example())
    path = path.rename(path.with_name("EX05.0123abcd.json"))
    with ledger(results) as book:
        with pytest.raises(InputError, match="put aside"):
            release(book, path, act(), tables())
        # A copy of it is no other draft, as long as no run made it again.
        with pytest.raises(InputError, match="copy of a draft that a later run put aside"):
            release(book, put(tmp_path, example()), act(), tables())
        keep(results, example())
        release(book, put(tmp_path, example()), act(), tables())


@pytest.mark.parametrize("again", [False, True])
def test_of_whom_the_last_run_made_no_report_nothing_is_released(tmp_path, again):
    results = tmp_path / "r"
    (results / "cohort").mkdir(parents=True)
    row = "EX05\ts.tsv\t3\tvcf\tvcf-bound\tx\ty\tz\n"
    head = "sample_id\tfile\tline\tcolumn\tcheck\tfound\texpected\tfix\n"
    with ledger(results) as book:
        if again:
            release(book, put(tmp_path, example()), act(), tables())
        (results / "cohort/problems.tsv").write_text(head + row)
        if again:
            assert failed_samples(results) == {"EX05": ("vcf-bound",)}
        else:
            with pytest.raises(InputError, match="made no report: vcf-bound"):
                release(book, put(tmp_path, example()), act(), tables())
