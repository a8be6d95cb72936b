"""A lost ledger is made again from the released reports; what they do not hold is lost."""

import shutil
from dataclasses import replace

import pytest

from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.ledger.book import opened
from epilepsy_pgx.ledger.entries import FILE
from epilepsy_pgx.ledger.owed import Call
from epilepsy_pgx.ledger.rebuild import last_shown, rebuild
from epilepsy_pgx.ledger.release import Amendment, release, review, withdraw
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.ledger.urgent import acknowledge, urgent_queue
from epilepsy_pgx.ledger.verify import verify
from tests.ledger.bench import QUICK, act, example, ledger, put, since, tables, without

LATER = "2026-11-24T09:00:00+00:00"


@pytest.fixture
def results(tmp_path):
    first, second = example(), without(example(), "phenytoin")
    with ledger(tmp_path) as book:
        review(book, put(tmp_path, first), act("T. Technical"))
        release(book, put(tmp_path, first), act(), tables())
        call = Call("Dr W. Ward", read_back=True)
        acknowledge(book, tmp_path, "R-EX05 v1", act(), call)
        why = act(reason="HLA typing added")
        path = put(tmp_path, since(book, second))
        release(book, path, why, tables(), Amendment("R-EX05 v1"))
        withdraw(book, "R-EX05 v2", act(reason="wrong specimen"), tables())
    return tmp_path


def test_it_holds_again_what_the_reports_hold(results):
    with ledger(results) as book:
        before, printed = book.standing(), f"3 {book.entries()[2].digest[7:23]}"
        assert [i.withdrawn for i in urgent_queue(book, results)] == [True]
    shutil.move(results / FILE, results / "lost")
    with pytest.raises(InputError, match="without their ledger"), opened(results):
        pass
    assert rebuild(results, QUICK, LATER) == (3, (2, 5))
    with ledger(results) as book:
        after = book.standing()
        assert [(s.edition, s.state, s.person) for s in after] == [
            (s.edition, s.state, s.person) for s in before
        ]
        assert [i.withdrawn for i in urgent_queue(book, results)] == [True]
        assert verify(book, tables(), (printed,)).problems == ()
        with pytest.raises(InputError, match="draft-released"):
            release(book, put(results, example()), act(), tables())


@pytest.mark.parametrize("folder", ["v1.en", "v2.en", "v2.en.withdrawn"])
def test_files_that_waited_for_their_place_count(folder, results):
    """The process was killed between entry and place: a withdrawal most of all is not forgotten."""
    with ledger(results) as book:
        before = [(s.edition, s.state) for s in book.standing()]
    waiting = results / "released/.waiting"
    waiting.mkdir()
    (results / "released/R-EX05" / folder).rename(waiting / f"R-EX05_{folder}")
    (waiting / "R-EX05_v9.en").mkdir()
    (waiting / "R-EX05_v9.en/EX05.json").write_text("{", encoding="utf-8")
    (results / FILE).unlink()
    rebuild(results, QUICK, LATER, who=("Dr R", "head"))
    with ledger(results) as book:
        assert [(s.edition, s.state) for s in book.standing()] == before
        (entry,) = (e for e in book.entries() if e.kind == "rebuilt")
        assert (entry.person, entry.role) == ("Dr R", "head")


def test_a_first_report_that_waited_is_no_circle(results):
    released = results / "released"
    shutil.rmtree(released / "R-EX05/v2.en")
    shutil.rmtree(released / "R-EX05/v2.en.withdrawn")
    (released / ".waiting").mkdir()
    (released / "R-EX05/v1.en").rename(released / ".waiting/R-EX05_v1.en")
    (results / FILE).unlink()
    with pytest.raises(InputError, match="without their ledger"), opened(results):
        pass
    assert rebuild(results, QUICK, LATER)[0] == 1


def test_a_ledger_is_not_made_again_by_a_clock_behind_its_reports(results):
    (results / FILE).unlink()
    with pytest.raises(ConfigError, match="ledger-clock"):
        rebuild(results, QUICK, "2020-01-01T00:00:00+00:00")
    assert not (results / FILE).exists()


def test_calls_are_open_again(results):
    shutil.rmtree(results / "released/R-EX05/v2.en")
    shutil.rmtree(results / "released/R-EX05/v2.en.withdrawn")
    (results / FILE).unlink()
    rebuild(results, QUICK, LATER)
    with ledger(results) as book:
        assert [i.state for i in urgent_queue(book, results)] == ["open"]


def test_it_is_refused_beside_a_ledger_without_reports_and_on_changed_ones(results, tmp_path):
    with pytest.raises(InputError, match="ledger-lost"):
        rebuild(results, QUICK, LATER)
    (results / FILE).unlink()
    path = results / "released/R-EX05/v1.en/EX05.json"
    path.write_bytes(path.read_bytes().replace(b"Dr R. Release", b"Dr X. Unknown", 1))
    with pytest.raises(InputError, match="final-unchanged"):
        rebuild(results, QUICK, LATER)
    assert not (results / FILE).exists()
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="ledger-lost"):
        rebuild(empty, QUICK, LATER)


@pytest.mark.parametrize("settings", [QUICK, Settings(2, 90, ("json",), "letter")])
def test_a_rebuilding_that_did_not_end_is_begun_again(settings, results):
    """A full disk may leave the first entry alone; it is no ledger that anybody used."""
    (results / FILE).unlink()
    with ledger(results, settings):
        pass
    rebuild(results, QUICK, LATER)
    with ledger(results) as book:
        assert book.settings() == QUICK
        assert verify(book, tables()).problems == ()


def test_what_a_page_elsewhere_shows_is_counted(results):
    """A withdrawal whose files are lost too leaves no other trace."""
    with ledger(results) as book:
        end = book.head().number
    shutil.rmtree(results / "released/R-EX05/v2.en.withdrawn")
    (results / FILE).unlink()
    assert last_shown(results) == 6
    assert rebuild(results, QUICK, LATER, end)[1] == (2, 5, 8, 9)
    with ledger(results) as book:
        (note,) = verify(book, tables()).notes
    assert note.endswith("entries that no report holds: 2, 5, 8, 9")


@pytest.mark.parametrize(
    ("lost", "states", "named"),
    [
        # What says that v2 was withdrawn says that it was released, and what it replaced.
        (("v2.en",), {"v1 en": "replaced", "v2 en": "withdrawn", "v2 es": "withdrawn"}, 1),
        (("v2.en", "v2.es"), {"v1 en": "replaced", "v2 en": "withdrawn", "v2 es": "withdrawn"}, 2),
        # A withdrawal is one of all languages, whichever of its files are left.
        (
            ("v2.es.withdrawn",),
            {"v1 en": "replaced", "v2 en": "withdrawn", "v2 es": "withdrawn"},
            0,
        ),
        (("v2.es", "v2.es.withdrawn"), {"v1 en": "replaced", "v2 en": "withdrawn"}, 0),
        (("v2.en", "v2.es", "v2.es.withdrawn"), {"v1 en": "replaced", "v2 en": "withdrawn"}, 1),
    ],
)
@pytest.mark.parametrize("third", ["", "v3", "v3 withdrawn", "v3 lost"])
def test_what_a_withdrawal_says_of_lost_files_counts(third, lost, states, named, results):
    """An edition that was replaced never comes back, though the files of its successor are lost."""
    with ledger(results) as book:
        (results / "released").rename(results / "gone")
    (results / FILE).unlink()
    with ledger(results) as book:
        release(book, put(results, example()), act(), tables())
        changed = since(book, without(example(), "phenytoin"))
        why = act(reason="HLA typing added")
        release(book, put(results, changed), why, tables(), Amendment("R-EX05 v1"))
        release(book, put(results, replace(changed, language="es")), why, tables())
        withdraw(book, "R-EX05 v2", act(reason="wrong specimen"), tables())
        if third:
            path = put(results, since(book, example()))
            release(book, path, why, tables(), Amendment("R-EX05 v2"))
        if third[3:]:
            withdraw(book, "R-EX05 v3", act(reason="again"), tables())
        asked = [i.urgent for i in urgent_queue(book, results)]
    for folder in (*lost, *(["v3.en"] if third == "v3 lost" else [])):
        shutil.rmtree(results / "released/R-EX05" / folder)
    (results / FILE).unlink()
    rebuild(results, QUICK, LATER)
    with ledger(results) as book:
        found = {f"v{s.version} {s.language}": s.state for s in book.standing()}
        last = {} if not third else {"v3 en": "withdrawn" if third[3:] else "amended"}
        assert found == {**states, **last}
        assert book.standing()[-1].version == (3 if third else 2)
        assert [i.urgent for i in urgent_queue(book, results)] == asked
        done = verify(book, tables())
        assert done.problems == ()
        assert len(done.notes) == 1 + named + (third == "v3 lost")


def test_a_withdrawn_edition_without_its_own_files_is_amended(results):
    shutil.rmtree(results / "released/R-EX05/v2.en")
    (results / FILE).unlink()
    rebuild(results, QUICK, LATER)
    with ledger(results) as book:
        path = put(results, since(book, example()))
        who = replace(act(reason="the right specimen"), time=LATER)
        assert release(book, path, who, tables(), Amendment("R-EX05 v2")).entry.version == 3
        assert verify(book, tables()).problems == ()


def test_an_edition_before_one_that_left_no_trace_stays_replaced(results):
    """Not even a withdrawal of v2 is left, only v3, which names it."""
    with ledger(results) as book:
        path = put(results, since(book, example()))
        release(book, path, act(reason="again"), tables(), Amendment("R-EX05 v2"))
    for folder in ("v2.en", "v2.en.withdrawn"):
        shutil.rmtree(results / "released/R-EX05" / folder)
    (results / FILE).unlink()
    rebuild(results, QUICK, LATER)
    with ledger(results) as book:
        assert [(s.version, s.state) for s in book.standing()] == [(1, "replaced"), (3, "amended")]
