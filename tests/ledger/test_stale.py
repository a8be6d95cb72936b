"""A draft that was made from an older edition never undoes what came between, in silence."""

from dataclasses import replace

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.release import Amendment, release
from epilepsy_pgx.ledger.stale import RETOLD, made_from
from epilepsy_pgx.statement import Message, Value
from tests.ledger.bench import act, example, ledger, put, tables, without

WHY = act(reason="new tables")


def retold(source, name, *drugs):
    """Return a draft as a recall makes it from a stored report."""
    values = (Value("report", (source,)), Value("date", ("2026-11-22",)))
    warnings = (*example().warnings, Message(RETOLD, values))
    return replace(without(example(), *drugs), report_id=name, warnings=warnings)


def dated(name, day):
    report = replace(example(), report_id=name)
    return replace(report, provenance=replace(report.provenance, created=day))


def issue(book, tmp_path, report, replaces=None):
    path = put(tmp_path, report, f"{report.report_id}.json")
    return release(book, path, WHY, tables(), Amendment(replaces) if replaces else None)


def test_the_second_of_two_drafts_from_one_edition_is_refused_with_what_changed(tmp_path):
    with ledger(tmp_path / "r") as book:
        issue(book, tmp_path, example())
        issue(book, tmp_path, retold("R-EX05", "R-A", "phenytoin"), "R-EX05 v1")
        stale = retold("R-EX05", "R-B", "valproate")
        with pytest.raises(InputError, match="amend-stale") as caught:
            issue(book, tmp_path, stale, "R-A v2")
        assert "made from R-EX05, while R-A v2 stands" in str(caught.value)
        assert "changed: phenytoin" in str(caught.value)
        issue(book, tmp_path, retold("R-A", "R-C", "valproate"), "R-A v2")
        assert [(s.edition, s.state) for s in book.standing()][-1] == ("R-C v3", "amended")


def test_a_draft_from_a_report_that_was_never_released_is_refused_too(tmp_path):
    with ledger(tmp_path / "r") as book:
        issue(book, tmp_path, example())
        with pytest.raises(InputError, match="amend-stale"):
            issue(book, tmp_path, retold("R-ELSE", "R-A"), "R-EX05 v1")


@pytest.mark.parametrize(
    ("stands", "draft", "stale"),
    [
        ("2026-11-20", "2026-11-19", True),
        ("2026-11-20", "2026-11-20", False),
        ("2026-11-20", "2026-11-20T08:00:00+00:00", False),
        ("2026-11-20T09:00:00+00:00", "2026-11-20T08:00:00+00:00", True),
        ("2026-11-20T09:00:00+00:00", "2026-11-21", False),
    ],
)
def test_a_draft_from_files_is_not_older_than_what_it_replaces(stands, draft, stale, tmp_path):
    with ledger(tmp_path / "r") as book:
        issue(book, tmp_path, dated("R-ONE", stands))
        later = without(dated("R-TWO", draft), "phenytoin")
        if stale:
            with pytest.raises(InputError, match="older than that of R-ONE v1"):
                issue(book, tmp_path, later, "R-ONE v1")
        else:
            issue(book, tmp_path, later, "R-ONE v1")


def test_what_a_draft_was_made_from_is_read_from_its_notice():
    assert made_from(example()) == ""
    assert made_from(retold("R-1", "R-2")) == "R-1"
