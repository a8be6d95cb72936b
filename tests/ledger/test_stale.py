"""A draft that was made from an older edition never undoes what came between, in silence."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.release import Act, Amendment, release, withdraw
from epilepsy_pgx.ledger.stale import EARLIER, earlier_in, earlier_of, made_from, name_earlier
from epilepsy_pgx.ledger.urgent import urgent_queue
from epilepsy_pgx.recall.stored import Stored, results_to_tell
from epilepsy_pgx.report.authorise import read_report_file
from tests.command import run
from tests.ledger.bench import act, example, ledger, put, since, tables, without

WHY = act(reason="new tables")
RELEASED = WHY.time
EXAMPLES = Path(__file__).parents[2] / "examples"
DRUGS = ("phenytoin", "valproate", "carbamazepine")


def retold(stored, *drugs):
    """Return a draft as a recall of the same day makes it: under the same id."""
    return name_earlier(replace(without(example(), *drugs)), earlier_of(stored))


def issue(book, tmp_path, report, replaces=None, who=WHY):
    path = put(tmp_path, report, "draft.json")
    return release(book, path, who, tables(), Amendment(replaces) if replaces else None).report


def refused(book, tmp_path, *what):
    with pytest.raises(InputError, match="amend-stale") as caught:
        issue(book, tmp_path, *what)
    return str(caught.value)


def test_the_second_of_two_drafts_from_one_edition_is_refused_with_what_changed(tmp_path):
    with ledger(tmp_path / "r") as book:
        first = issue(book, tmp_path, example())
        second = issue(book, tmp_path, retold(first, "phenytoin"), "R-EX05 v1")
        said = refused(book, tmp_path, retold(first, "valproate"), "R-EX05 v2")
        assert "made from R-EX05 v1, while R-EX05 v2 stands" in said
        assert "changed: phenytoin" in said
        issue(book, tmp_path, retold(second, "valproate"), "R-EX05 v2")
        assert [(s.edition, s.state) for s in book.standing()][-1] == ("R-EX05 v3", "amended")


@pytest.mark.parametrize("source", range(3))
@pytest.mark.parametrize("how", ["recall", "run"])
def test_of_the_editions_of_a_day_only_the_last_is_followed(source, how, tmp_path):
    """All bear one id and one day."""
    with ledger(tmp_path / "r") as book:
        drafts, edition, last = [], None, None
        for number, drug in enumerate(DRUGS):
            before = None if last is None else f"R-EX05 v{number}"
            draft = example() if last is None else since(book, without(example(), drug))
            last = issue(book, tmp_path, draft, before)
            edition = f"R-EX05 v{number + 1}"
            later = without(example(), "lamotrigine")
            drafts.append(since(book, later) if how == "run" else retold(last, "lamotrigine"))
        if source < len(DRUGS) - 1:
            refused(book, tmp_path, drafts[source], edition)
            assert book.standing()[-1].edition == edition
        else:
            issue(book, tmp_path, drafts[source], edition)


def test_a_draft_from_a_report_that_was_never_released_is_refused_too(tmp_path):
    """So is one from a report of the same name in another laboratory's ledger."""
    with ledger(tmp_path / "other") as other:
        abroad = issue(other, tmp_path, without(example(), "phenytoin"))
    with ledger(tmp_path / "r") as book:
        issue(book, tmp_path, example())
        unreleased = without(example(), "valproate")
        assert "from R-EX05, while" in refused(book, tmp_path, retold(unreleased), "R-EX05 v1")
        said = refused(book, tmp_path, retold(abroad, "carbamazepine"), "R-EX05 v1")
        assert "made from another R-EX05 v1" in said


def test_a_draft_from_the_draft_that_was_released_is_made_from_that_edition(tmp_path):
    with ledger(tmp_path / "r") as book:
        issue(book, tmp_path, example())
        issue(book, tmp_path, retold(example(), "phenytoin"), "R-EX05 v1")


def test_a_draft_beside_one_language_replaces_the_edition_in_all(tmp_path):
    english, spanish = example(), replace(example(), language="es")
    with ledger(tmp_path / "r") as book:
        issue(book, tmp_path, english)
        later = replace(since(book, without(english, "phenytoin")), language="es")
        issue(book, tmp_path, spanish)
        issue(book, tmp_path, later, "R-EX05 v1")


@pytest.mark.parametrize(
    ("made", "later"),
    [
        ("2026-11-19", False),
        ("2026-11-22T23:00:00+00:00", False),
        ("2026-11-23", False),  # in the morning, before the release?
        ("2026-11-23T08:59:59+00:00", False),
        ("2026-11-23T09:00:00+00:00", True),
        ("2026-11-24", True),
        ("2026-11-24T07:00:00+00:00", True),
    ],
)
@pytest.mark.parametrize("stands", ["2026-11-20", "2026-11-23", "2026-11-23T07:00:00+00:00"])
def test_a_draft_that_names_no_report_is_later_than_the_release_for_sure(
    stands, made, later, tmp_path
):
    """Whatever the day of the draft that was released."""

    def dated(report, day):
        return replace(report, provenance=replace(report.provenance, created=day))

    who = Act("Dr R. Release", "geneticist", "2026-11-24T09:00:00+00:00", reason="new tables")
    assert datetime.fromisoformat(who.time) - datetime.fromisoformat(RELEASED) == timedelta(days=1)
    with ledger(tmp_path / "r") as book:
        issue(book, tmp_path, dated(example(), stands))
        draft = dated(without(example(), "phenytoin"), made)
        if later:
            issue(book, tmp_path, draft, "R-EX05 v1", who)
        else:
            path = put(tmp_path, draft)
            with pytest.raises(InputError, match="names no report before it"):
                release(book, path, who, tables(), Amendment("R-EX05 v1"))


def test_what_a_draft_was_made_from_stands_with_its_files_and_once(tmp_path):
    assert made_from(example()) is None
    with ledger(tmp_path) as book:
        first = issue(book, tmp_path, example())
        draft = since(book, retold(first))
        assert [f.name for f in draft.provenance.inputs if f.role == EARLIER] == ["R-EX05 v1"]
        assert made_from(draft).digest == first.authorisation.digest
        assert draft.report_id == example().report_id
        withdraw(book, "R-EX05 v1", WHY, tables())
        assert made_from(since(book, example())).name == "R-EX05 v1 (withdrawn)"
    assert name_earlier(draft, None) == example()


DAYS = ("2026-11-22", "2026-11-23", "2026-11-24")
NAMES = {
    # What the draft names as the report before it, and whether that is what was withdrawn.
    "run before": False,
    "run since": True,
    "recall": False,
    "released draft": False,
    "nothing": None,
}


@pytest.mark.parametrize("last", ["v1", "v2"])
@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("names", NAMES)
def test_what_was_withdrawn_since_a_draft_was_made_is_never_undone_by_it(
    names, day, last, tmp_path
):
    """Not by `amend`, in no recall, and nothing of it is to be told by phone.

    A day says nothing where the draft names a report: whoever made it may have chosen the day.
    """
    who = Act("Dr R. Release", "geneticist", "2026-11-24T09:00:00+00:00", reason="again")
    edition = f"R-EX05 {last}"
    with ledger(tmp_path / "r") as book:
        stood = issue(book, tmp_path, example())
        if last == "v2":
            stood = issue(book, tmp_path, retold(stood, "phenytoin"), "R-EX05 v1")
        more = without(example(), "lamotrigine")
        draft = {"run before": since(book, more), "nothing": more}.get(names)
        if names == "recall":
            draft = retold(stood, "lamotrigine")
        elif names == "released draft":
            draft = name_earlier(more, replace(earlier_of(stood), name="R-EX05"))
        withdraw(book, edition, act(hour=11, reason="wrong specimen"), tables())
        draft = draft or since(book, more)
        draft = replace(draft, provenance=replace(draft.provenance, created=day))
        place = tmp_path / "r/reports/17/EX05"
        place.mkdir(parents=True)
        path = put(place, draft, "EX05.json")
        knows = NAMES[names] if NAMES[names] is not None else day == DAYS[-1]
        (item,) = urgent_queue(book, tmp_path / "r")
        assert {i.startswith("withdrawn ") for i in item.urgent} == (
            {True, False} if knows else {True}
        )
        (told,) = results_to_tell(tmp_path / "r", (tables(),))
        assert isinstance(told, Stored) == knows
        if knows:
            release(book, path, who, tables(), Amendment(edition))
            assert book.standing()[-1].state == "amended"
            return
        with pytest.raises(InputError, match=f"know that {edition} was withdrawn at") as caught:
            release(book, path, who, tables(), Amendment(edition))
        assert "amend-stale" in str(caught.value)
        assert book.standing()[-1].state == "withdrawn"


def test_a_draft_that_knows_a_withdrawal_replaces_no_report_that_stands(tmp_path):
    """Then the ledger lost the withdrawal."""
    with ledger(tmp_path / "r") as book:
        first = issue(book, tmp_path, example())
        source = replace(earlier_of(first), name="R-EX05 v1 (withdrawn)")
        draft = name_earlier(without(example(), "phenytoin"), source)
        assert "(withdrawn), while R-EX05 v1 stands" in refused(book, tmp_path, draft, "R-EX05 v1")


def test_what_else_a_draft_says_is_told_beside_a_withdrawal(tmp_path):
    """It may be of the right specimen, and made before the wrong one was withdrawn."""
    said = example().interpretation
    more = replace(said.urgent[0], statement_id="another:phenytoin")
    urgent = replace(said, urgent=(*said.urgent, more))
    with ledger(tmp_path) as book:
        issue(book, tmp_path, example())
        place = tmp_path / "reports/17/EX05"
        place.mkdir(parents=True)
        put(place, since(book, replace(example(), interpretation=urgent)), "EX05.json")
        withdraw(book, "R-EX05 v1", act(hour=11, reason="wrong specimen"), tables())
        (item,) = urgent_queue(book, tmp_path)
        back = [f"withdrawn {s.statement_id}" for s in said.urgent]
        assert sorted(item.open) == sorted(["another:phenytoin", *back])


def test_without_a_ledger_no_report_is_named(tmp_path):
    assert earlier_in(tmp_path) == {}


@pytest.mark.parametrize("how", ["garbage", "empty", "lost", "newer"])
def test_a_run_beside_a_ledger_that_cannot_be_read_writes_nothing(how, root, tmp_path):
    """Its page could not list what is urgent."""
    with ledger(tmp_path) as book:
        issue(book, tmp_path, example())
        path = book.path
    if how == "lost":
        path.unlink()
    elif how == "newer":
        with closing(sqlite3.connect(path)) as plain:
            plain.execute("PRAGMA user_version = 7")
    else:
        path.write_bytes(b"no ledger" if how == "garbage" else b"")
    there = sorted(tmp_path.rglob("*"))
    vcf = ("--vcf", root / "examples/vcf/clinic.GRCh38.vcf.gz", "--build", "GRCh38")
    done = run("run", *vcf, "--sample", "EX05", "--out", tmp_path)
    assert (done.returncode, "ledger" in done.stderr) == (2, True)
    assert sorted(tmp_path.rglob("*")) == there


def test_a_draft_of_the_stages_names_what_stood_when_it_was_predicted(tmp_path):
    """So the workflow's draft follows a release of the same day."""
    lines = ("sample_id\tvcf\tbuild", f"EX08\t{EXAMPLES / 'vcf/EX08.vcf'}\tGRCh38")
    (tmp_path / "s.tsv").write_text("\n".join(lines) + "\n")
    batch = ("--samples", "s.tsv", "--batch", "batch00001")
    predicted = ("--out", "r/predict/b.jsonl.gz", "--problems", "r/predict/b.problems.tsv")

    def done(*words):
        found = run(*words, cwd=tmp_path)
        assert found.returncode == 0, found.stderr

    def stages(*more):
        done("predict", *batch, "--extracted", "x", *predicted)
        made = ("r/predict/b.jsonl.gz", "--out", "r/reports", "--formats", "json")
        done("report", *made, *more)
        return next((tmp_path / "r/reports").rglob("EX08.json"))

    done("extract", *batch, "--out", "x")
    (tmp_path / "r").mkdir()
    done("ledger", "r", "-q")
    who = ("--name", "Dr R", "--role", "geneticist")
    first = read_report_file(stages())[0]
    assert made_from(first) is None
    done("release", "r", "EX08", *who)
    later = read_report_file(stages("--laboratory", "Another head"))[0]
    assert made_from(later).name == f"{first.report_id} v1"
    assert later.report_id == first.report_id
    again = ("--replaces", f"{first.report_id} v1", "--reason", "the head")
    done("amend", "r", "EX08", *again, *who)
