"""A call counts for what there was to tell when it was made."""

from dataclasses import replace

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.owed import Call
from epilepsy_pgx.ledger.release import Amendment, release
from epilepsy_pgx.ledger.urgent import acknowledge, urgent_queue
from tests.ledger.bench import act, example, ledger, put, since, tables
from tests.ledger.test_urgent import draft, drafts, states

QUIET = replace(example(), interpretation=replace(example().interpretation, urgent=()))


def made_on(day, report=None):
    report = report or example()
    return replace(report, provenance=replace(report.provenance, created=day))


def read_back(book, folder, at, hour=14):
    return acknowledge(book, folder, "EX05", act(hour=hour), Call("Dr W", at, read_back=True))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("at", "taken"),
    [
        ("2025-12-15T10:00+00:00", False),
        ("2026-10-20T10:00+00:00", False),
        ("2026-11-18T10:00+00:00", False),
        ("2026-11-20T12:00+00:00", True),
        ("2026-11-23T09:30+00:00", True),
    ],
)
def test_a_released_report_is_told_from_the_day_of_its_draft_on(at, taken, language, tmp_path):
    """The first draft of the edition, in whatever language: a typed wrong month closes nothing."""
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, made_on("2026-11-20")), act(), tables())
        if language == "es":
            later = replace(made_on("2026-11-23"), language="es")
            release(book, put(tmp_path, later, "es.json"), act(hour=13), tables())
        if taken:
            read_back(book, tmp_path, at)
        else:
            with pytest.raises(InputError, match="acknowledge-time"):
                read_back(book, tmp_path, at)
        assert states(book, tmp_path) == [("EX05", "done" if taken else "open")]


@pytest.mark.parametrize(("at", "taken"), [("09:30", False), ("10:30", True), ("12:30", True)])
def test_what_replaces_is_told_from_its_first_release_on(at, taken, tmp_path):
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example()), act(), tables())
        new = since(book, replace(example(), limits=example().limits[:1]))
        how = Amendment("R-EX05 v1")
        release(book, put(tmp_path, new), act(hour=10, reason="more"), tables(), how)
        new = replace(new, language="es")
        release(book, put(tmp_path, new, "es.json"), act(hour=12), tables())
        if not taken:
            with pytest.raises(InputError, match="acknowledge-time"):
                read_back(book, tmp_path, f"2026-11-23T{at}+00:00")
            return
        read_back(book, tmp_path, f"2026-11-23T{at}+00:00")
        assert states(book, tmp_path) == [("EX05", "done")]


@pytest.mark.parametrize("released", [example(), QUIET])
def test_a_call_before_a_later_draft_does_not_close_what_that_adds(released, tmp_path):
    said = example().interpretation
    more = replace(said.urgent[0], statement_id="another:phenytoin")
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, made_on("2026-11-20", released)), act(), tables())
        later = replace(example(), interpretation=replace(said, urgent=(more,)))
        draft(tmp_path, made_on("2026-11-23", later))
        drafts(tmp_path, "EX05")
        if released is QUIET:
            with pytest.raises(InputError, match="acknowledge-time"):
                read_back(book, tmp_path, "2026-11-21T10:00+00:00")
        else:
            read_back(book, tmp_path, "2026-11-21T10:00+00:00")
        (item,) = urgent_queue(book, tmp_path)
        assert item.open == ("another:phenytoin",)
        read_back(book, tmp_path, "2026-11-23T12:00+00:00")
        assert states(book, tmp_path) == [("EX05", "done")]
