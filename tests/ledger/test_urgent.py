"""An urgent result stays in the queue until somebody read it back."""

import os
import shutil
from dataclasses import replace
from datetime import datetime

import pytest

from epilepsy_pgx.cohort.page import write_cohort_page
from epilepsy_pgx.cohort.summary import CohortTables
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.owed import Call
from epilepsy_pgx.ledger.release import Amendment, release, withdraw
from epilepsy_pgx.ledger.urgent import UNKNOWN, acknowledge, urgent_queue
from epilepsy_pgx.pipeline.write import write_tables_of_all
from epilepsy_pgx.quality.sites import SiteTally
from epilepsy_pgx.report.superseded import Superseded
from epilepsy_pgx.report.write import report_folder
from tests.command import run
from tests.ledger.bench import act, example, ledger, put, since, tables, without

URGENT = tuple(s.statement_id for s in example().interpretation.urgent)


def drafts(results, *samples, count="1"):
    """Write the table of all patients, as a run does."""
    (results / "cohort").mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{s}\tdraft\t{count}\n" for s in samples)
    (results / "cohort/cohort.tsv").write_text(f"sample_id\tstatus\turgent\n{rows}")


def draft(results, report):
    folder = results / "reports" / report_folder(report.patient.sample_id)
    folder.mkdir(parents=True, exist_ok=True)
    return put(folder, report, f"{folder.name}.json")


def states(book, results):
    return [(i.sample, i.state) for i in urgent_queue(book, results)]


def test_a_draft_is_told_before_it_is_released_and_once(tmp_path):
    path = draft(tmp_path, example())
    drafts(tmp_path, "EX05")
    with ledger(tmp_path) as book:
        assert states(book, tmp_path) == [("EX05", "open")]
        acknowledge(book, tmp_path, "R-EX05", act(), Call("the ward"))
        assert states(book, tmp_path) == [("EX05", "told")]
        acknowledge(book, tmp_path, "EX05", act(), Call("Dr W. Ward", read_back=True))
        (item,) = urgent_queue(book, tmp_path)
        assert item.cells == (
            "done",
            "EX05",
            "R-EX05",
            "",
            ", ".join(URGENT),
            "Dr W. Ward",
            "Dr R. Release",
            "2026-11-23T09:00:00+00:00",
            "yes",
        )
        release(book, path, act(), tables())
        assert states(book, tmp_path) == [("EX05", "done")]


def test_what_an_amended_report_says_is_open_again(tmp_path):
    said = example().interpretation
    urgent = said.urgent[0]
    more = replace(urgent, statement_id="another:phenytoin")
    later = replace(example(), interpretation=replace(said, urgent=(urgent, more)))
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example()), act(), tables())
        acknowledge(book, tmp_path, "R-EX05 v1", act(), Call("Dr W", read_back=True))
        why = act(reason="new typing")
        path = put(tmp_path, since(book, later))
        release(book, path, why, tables(), Amendment("R-EX05 v1"))
        (item,) = urgent_queue(book, tmp_path)
        assert (item.state, item.open) == ("open", (urgent.statement_id, "another:phenytoin"))
        withdraw(book, "R-EX05 v2", why, tables())
        (item,) = urgent_queue(book, tmp_path)
        assert (item.state, item.withdrawn) == ("open", True)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "done"),
        ({"action_id": "action-other"}, "open"),
        ({"action_id": None}, "open"),
        ({"further": ("action-other",)}, "open"),
        ({"text_id": "rule-other"}, "open"),
        ({"drugs": ("phenytoin",)}, "open"),
        ({"conditional": True}, "open"),
        ({"hedged": True}, "open"),
    ],
)
@pytest.mark.parametrize("issued", [False, True])
def test_who_heard_one_thing_did_not_hear_another_under_the_same_id(
    issued, change, state, tmp_path
):
    """Told to start nothing, and then the drug is taken: rule and subject are the same."""
    first = example()
    drafts(tmp_path, "EX05")
    path = draft(tmp_path, first)
    with ledger(tmp_path) as book:
        if issued:
            release(book, path, act(), tables())
        acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
        said = first.interpretation
        urgent = tuple(replace(s, **change) for s in said.urgent)
        later = replace(first, limits=(), interpretation=replace(said, urgent=urgent))
        draft(tmp_path, later)
        (item,) = urgent_queue(book, tmp_path)
        assert (item.state, item.call is None) == (state, state == "open")
        assert item.cells[4] == ", ".join(URGENT)
        acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
        assert states(book, tmp_path) == [("EX05", "done")]


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("stored", [False, True])
def test_a_withdrawal_is_told_and_what_was_withdrawn_is_not(stored, told, tmp_path):
    """Whoever has the report may act on it; the draft of it is no urgent result any more."""
    path = draft(tmp_path, example()) if stored else put(tmp_path, example())
    drafts(tmp_path, *(["EX05"] if stored else []))
    call = Call("Dr W", read_back=True)
    with ledger(tmp_path) as book:
        release(book, path, act(), tables())
        if told:
            acknowledge(book, tmp_path, "EX05", act(), call)
        withdraw(book, "R-EX05 v1", act(hour=11, reason="wrong specimen"), tables())
        (item,) = urgent_queue(book, tmp_path)
        assert (item.state, item.report, item.withdrawn) == ("open", "R-EX05 v1", True)
        assert item.urgent == tuple(f"withdrawn {i}" for i in URGENT)
        assert item.since == "2026-11-23T11:00:00+00:00"
        early = Call("Dr W", "2026-11-23T10:00:00+00:00", read_back=True)
        with pytest.raises(InputError, match="acknowledge-time"):
            acknowledge(book, tmp_path, "EX05", act(hour=12), early)
        acknowledge(book, tmp_path, "EX05", act(hour=12), call)
        assert states(book, tmp_path) == [("EX05", "done")]
        if stored:
            more = since(book, replace(example(), report_id="R-NEW"))
            draft(tmp_path, more)
            (item,) = urgent_queue(book, tmp_path)
            assert (item.state, item.open) == ("open", URGENT)
        later = put(tmp_path, since(book, replace(example(), limits=())))
        how = Amendment("R-EX05 v1")
        release(book, later, act(hour=13, reason="right one"), tables(), how)
        (item,) = urgent_queue(book, tmp_path)
        assert (item.state, item.urgent, item.withdrawn) == ("open", URGENT, False)


def test_a_withdrawn_report_without_anything_urgent_asks_for_no_call(tmp_path):
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example("EX04")), act(), tables())
        withdraw(book, "R-EX04 v1", act(reason="wrong specimen"), tables())
        assert urgent_queue(book, tmp_path) == []


def test_a_draft_made_since_may_add_to_what_was_released(tmp_path):
    said = example().interpretation
    more = replace(said.urgent[0], statement_id="another:phenytoin")
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example()), act(), tables())
        draft(tmp_path, replace(example(), interpretation=replace(said, urgent=(more,))))
        drafts(tmp_path, "EX05")
        (item,) = urgent_queue(book, tmp_path)
        assert set(item.open) == {*URGENT, "another:phenytoin"}


def test_an_urgent_draft_without_its_json_is_in_the_queue_all_the_same(tmp_path):
    drafts(tmp_path, "B", "A", count="2")
    with ledger(tmp_path) as book:
        queue = urgent_queue(book, tmp_path)
        assert [(i.sample, i.state, i.urgent) for i in queue] == [
            ("A", "open", (UNKNOWN,)),
            ("B", "open", (UNKNOWN,)),
        ]
        acknowledge(book, tmp_path, "A", act(), Call("Dr W", read_back=True))
        assert states(book, tmp_path) == [("B", "open"), ("A", "done")]


def test_receipt_of_a_report_without_anything_urgent_is_recorded(tmp_path):
    calm = replace(example(), interpretation=replace(example().interpretation, urgent=()))
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, calm), act(), tables())
        entry = acknowledge(book, tmp_path, "R-EX05 v1", act(), Call("the ward"))
        assert (entry.edition, entry.sample) == ("R-EX05 v1", "EX05")
        assert urgent_queue(book, tmp_path) == []


@pytest.mark.parametrize(
    ("which", "told", "check"),
    [("R-NONE v1", "Dr W", "acknowledge-which"), ("EX05", "", "acknowledge-who")],
)
def test_who_and_what_must_be_known(which, told, check, tmp_path):
    with ledger(tmp_path) as book, pytest.raises(InputError, match=check):
        acknowledge(book, tmp_path, which, act(), Call(told))


def test_the_page_over_all_patients_lists_the_queue_first_and_follows_it(tmp_path):
    """Open ones first; a call that is recorded changes the page."""
    draft(tmp_path, example())
    patient = replace(example("EX01").patient, sample_id="AA")
    draft(tmp_path, replace(example(), patient=patient, report_id="R-AA"))
    cohort = tmp_path / "cohort"
    with CohortTables(cohort, tables(), "es", "none") as made:
        for report in (example(), replace(example(), patient=patient)):
            made.add(report)
    write_tables_of_all(cohort, [], SiteTally())
    page = write_cohort_page(cohort, tables(), "es")
    heading = "Resultados urgentes: a quién se avisó"
    assert heading not in page.read_text(encoding="utf-8")
    with ledger(tmp_path):
        pass
    words = ("--told", "Dr <W>", "--read-back", "--name", "T", "--role", "nurse")
    assert run("acknowledge", tmp_path, "AA", *words).returncode == 0
    text = page.read_text(encoding="utf-8")
    queue = text[text.index(heading) :].split("</section>")[0]
    assert "Abiertos: 1 de 2." in queue
    assert queue.index("EX05") < queue.index("AA")
    assert "abierto: no se avisó a nadie" in queue.split("AA")[0]
    assert "Dr &lt;W&gt;" in queue
    assert text.count("<h2>", 0, text.index(heading)) == 1


def test_a_step_counts_although_the_page_cannot_be_written(tmp_path):
    draft(tmp_path, example())
    drafts(tmp_path, "EX05")
    (tmp_path / "cohort/index.html").write_text('<html lang="en">', encoding="utf-8")
    with ledger(tmp_path):
        pass
    done = run("acknowledge", tmp_path, "EX05", "--told", "Dr W", "--name", "T", "--role", "nurse")
    assert done.returncode == 0
    assert "The step is recorded" in done.stderr
    with ledger(tmp_path) as book:
        assert book.entries()[-1].kind == "acknowledged"


def test_a_call_about_what_is_not_known_counts_for_that_draft_alone(tmp_path):
    """Without the JSON one read-back hides no later result, nor one beside what was released."""
    drafts(tmp_path, "EX05", count="2")
    with ledger(tmp_path) as book:
        acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
        assert states(book, tmp_path) == [("EX05", "done")]
        drafts(tmp_path, "EX05", count="3")
        assert states(book, tmp_path) == [("EX05", "open")]
        acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
        page = tmp_path / "reports" / report_folder("EX05") / "EX05.html"
        page.parent.mkdir(parents=True)
        page.write_text("urgent")
        assert states(book, tmp_path) == [("EX05", "open")]
        release(book, put(tmp_path, example()), act(), tables())
        acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
        assert states(book, tmp_path) == [("EX05", "done")]
        page.write_text("urgent, otherwise")
        (item,) = urgent_queue(book, tmp_path)
        assert (item.state, item.open) == ("open", (UNKNOWN,))


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("2026-11-22T08:00:00+00:00", False),
        ("2026-11-23T09:30:00+00:00", True),
        ("2026-11-24T09:30:00+00:00", True),
        (None, True),
    ],
)
def test_a_draft_without_its_json_that_is_older_than_the_release_adds_nothing(
    written, asked, gone, tmp_path
):
    """Nor after its withdrawal: what the laboratory took back is not told by phone."""
    drafts(tmp_path, "EX05")
    if written is not None:
        page = tmp_path / "reports" / report_folder("EX05") / "EX05.html"
        page.parent.mkdir(parents=True)
        page.write_text("urgent")
        time = datetime.fromisoformat(written).timestamp()
        os.utime(page, (time, time))
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example()), act(), tables())
        if gone:
            withdraw(book, "R-EX05 v1", act(hour=10, reason="wrong specimen"), tables())
        (item,) = urgent_queue(book, tmp_path)
        assert (UNKNOWN in item.urgent) == asked
        assert item.withdrawn == gone


@pytest.mark.parametrize("how", ["withdrawn", "amended", "corrected"])
def test_a_new_edition_is_to_be_told_again(how, tmp_path):
    other = replace(example(), limits=example().limits[:1])
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example()), act(), tables())
        acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
        why = act(reason="wrong specimen")
        if how == "withdrawn":
            withdraw(book, "R-EX05 v1", why, tables())
        amendment = Amendment("R-EX05 v1", correction=how == "corrected")
        release(book, put(tmp_path, since(book, other)), why, tables(), amendment)
        assert states(book, tmp_path) == [("EX05", "open")]
        acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
        release(book, put(tmp_path, replace(other, language="es")), act(), tables())
        assert states(book, tmp_path) == [("EX05", "done")]  # one more language of the same


def test_a_corrected_edition_lists_what_it_says_itself(tmp_path):
    said = example().interpretation
    more = replace(said.urgent[0], statement_id="another:phenytoin")
    wrong = replace(example(), interpretation=replace(said, urgent=(*said.urgent, more)))
    path = draft(tmp_path, wrong)
    drafts(tmp_path, "EX05")
    with ledger(tmp_path) as book:
        release(book, path, act(), tables())
        how = Amendment("R-EX05 v1", correction=True)
        path = put(tmp_path, since(book, example()))
        release(book, path, act(reason="typing"), tables(), how)
        (item,) = urgent_queue(book, tmp_path)
        assert item.urgent == (*URGENT, "withdrawn another:phenytoin")


@pytest.mark.parametrize(
    ("correction", "heard", "left"),
    [(True, False, True), (True, True, False), (False, False, False)],
)
def test_what_a_correction_takes_back_is_told_until_somebody_heard_it(
    correction, heard, left, tmp_path
):
    """Whoever was told to replace a drug hears that the typing was wrong; later editions too."""
    said = replace(example().interpretation, urgent=())
    quiet = replace(example(), interpretation=said)
    back = tuple(f"withdrawn {i}" for i in URGENT)
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example()), act(), tables())
        acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
        how = Amendment("R-EX05 v1", correction)
        release(book, put(tmp_path, since(book, quiet)), act(reason="typing"), tables(), how)
        queue = urgent_queue(book, tmp_path)
        assert [(i.state, i.urgent) for i in queue] == ([("open", back)] if correction else [])
        if heard:
            acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
            assert states(book, tmp_path) == [("EX05", "done")]
        more = replace(quiet, limits=quiet.limits[:1])
        how = Amendment("R-EX05 v2")
        release(book, put(tmp_path, since(book, more)), act(reason="more"), tables(), how)
        queue = urgent_queue(book, tmp_path)
        assert [(i.state, i.urgent) for i in queue] == ([("open", back)] if left else [])


@pytest.mark.parametrize(
    ("at", "taken"),
    [
        ("2026-11-23T08:30:00+00:00", True),
        ("2026-11-23T10:03:00+01:00", True),
        ("2026-11-23T09:30:00+00:00", False),
        ("2099-01-01T00:00:00+00:00", False),
    ],
)
def test_nobody_was_told_in_time_to_come(at, taken, tmp_path):
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example()), act(), tables())
        call = Call("Dr W", at, read_back=True)
        if taken:
            assert at in acknowledge(book, tmp_path, "EX05", act(), call).details
            return
        with pytest.raises(InputError, match="acknowledge-time"):
            acknowledge(book, tmp_path, "EX05", act(), call)
        assert states(book, tmp_path) == [("EX05", "open")]


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        ("1900-01-01T00:00+00:00", True),
        ("2026-11-22T23:00+00:00", False),  # the draft was told before its release
    ],
)
def test_nobody_was_told_before_there_was_anything_to_tell(at, refused, tmp_path):
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example()), act(), tables())
        call = Call("Dr W", at, read_back=True)
        if refused:
            with pytest.raises(InputError, match="acknowledge-time"):
                acknowledge(book, tmp_path, "EX05", act(hour=10), call)
        else:
            acknowledge(book, tmp_path, "EX05", act(hour=10), call)
        assert states(book, tmp_path) == [("EX05", "open" if refused else "done")]


def test_a_draft_is_told_from_its_day_on_and_a_new_edition_after_its_release(tmp_path):
    path = draft(tmp_path, example())
    drafts(tmp_path, "EX05")
    made = example().provenance.created[:10]
    before = f"{int(made[:4]) - 1}{made[4:]}T10:00+00:00"
    with ledger(tmp_path) as book:
        with pytest.raises(InputError, match="nothing to tell"):
            acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", before, read_back=True))
        release(book, path, act(), tables())
        later = since(book, replace(example(), report_id="R-LATER"))
        later = put(tmp_path, later, "later.json")
        why = act(hour=11, reason="new typing")
        release(book, later, why, tables(), Amendment("R-EX05 v1"))
        early = Call("Dr W", "2026-11-23T10:00+00:00", read_back=True)
        with pytest.raises(InputError, match="nothing to tell"):
            acknowledge(book, tmp_path, "EX05", act(hour=12), early)
        assert states(book, tmp_path) == [("EX05", "open")]


def test_a_later_call_does_not_hide_which_one_was_read_back(tmp_path):
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, example()), act(), tables())
        acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
        acknowledge(book, tmp_path, "EX05", act(hour=10), Call("the ward"))
        (item,) = urgent_queue(book, tmp_path)
        assert (item.state, item.call.told, item.cells[-1]) == ("done", "Dr W", "yes")


def moved(results):
    """Move the table of all patients away, as a run with other tables does."""
    target = results / "superseded/cohort/cohort.00000000.tsv"
    target.parent.mkdir(parents=True, exist_ok=True)
    (results / "cohort/cohort.tsv").rename(target)
    drafts(results, "OTHER", count="0")


def put_aside(results):
    """Move the draft away, as a run does that finds a fault of the patient."""
    superseded = Superseded(results / "superseded", results)
    superseded.drafts(results / "reports", "EX05", "the patient failed in a later run")
    drafts(results, "OTHER", count="0")


def left_out(results):
    drafts(results, "OTHER", count="0")


def without_table(results):
    (results / "cohort/cohort.tsv").unlink()


def without_json(results):
    moved(results)
    shutil.rmtree(results / "reports")


def damaged(results):
    moved(results)
    (results / "superseded/cohort/cohort.00000000.tsv").write_bytes(b"\xff")


def run_again(results):
    """Run the patient again: what the last table says counts."""
    moved(results)
    drafts(results, "EX05", count="0")


def aside_and_run_again(results):
    put_aside(results)
    drafts(results, "EX05", count="0")


@pytest.mark.parametrize(
    ("change", "urgent"),
    [
        (moved, URGENT),
        (put_aside, URGENT),
        (left_out, URGENT),
        (without_table, URGENT),
        (without_json, (UNKNOWN,)),
        (damaged, URGENT),
        (run_again, None),
        (aside_and_run_again, None),
    ],
)
def test_what_was_urgent_waits_for_its_answer_whatever_the_tables_hold(change, urgent, tmp_path):
    """A run with other tables or settings, or one that finds a fault, answers nobody's result."""
    draft(tmp_path, example())
    drafts(tmp_path, "EX05")
    with ledger(tmp_path) as book:
        assert states(book, tmp_path) == [("EX05", "open")]
        change(tmp_path)
        queue = urgent_queue(book, tmp_path)
        assert [(i.sample, i.urgent) for i in queue] == ([("EX05", urgent)] if urgent else [])
        if urgent:
            acknowledge(book, tmp_path, "EX05", act(), Call("Dr W", read_back=True))
            assert states(book, tmp_path) == [("EX05", "done")]


@pytest.mark.parametrize(("made", "asked"), [("2026-11-01", False), ("2026-11-30", True)])
def test_a_draft_put_aside_adds_to_an_earlier_release_only(made, asked, tmp_path):
    quiet = replace(example(), interpretation=replace(example().interpretation, urgent=()))
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, quiet), act(), tables())
        made_ = replace(example().provenance, created=made)
        draft(tmp_path, replace(example(), provenance=made_))
        drafts(tmp_path, "EX05")
        put_aside(tmp_path)
        assert bool(urgent_queue(book, tmp_path)) == asked


def less(report):
    """Return a report that says nothing urgent any more."""
    said = report.interpretation
    return replace(report, interpretation=replace(said, urgent=()))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        # The draft is the edition that was replaced, in another language: also one made later.
        ({}, False),
        ({"named": "v1"}, False),
        # It was made since the amendment, says something else, or is the same language again.
        ({"named": "v2"}, True),
        ({"lost": True}, True),
        ({"language": "es"}, True),
    ],
)
def test_a_draft_that_an_edition_was_in_another_language(changed, told, tmp_path):
    """What was taken back is not asked to be told and to be taken back in one call."""
    report = replace(example(), language=changed.get("language", "en"))
    drafts(tmp_path, "EX05")
    with ledger(tmp_path) as book:
        first = release(book, put(tmp_path, replace(example(), language="es")), act(), tables())
        if changed.get("named") == "v1":
            report = since(book, report)
        why = act(reason="new list")
        second = put(tmp_path, replace(since(book, less(example())), language="es"))
        release(book, second, why, tables(), Amendment("R-EX05 v1"))
        if changed.get("named") == "v2":
            report = since(book, report)
        if changed.get("lost"):
            report = without(report, "phenytoin")
        if changed.get("language"):
            made = replace(report.provenance, inputs=report.provenance.inputs[:-1])
            report = replace(report, provenance=made)
        draft(tmp_path, report)
        (item,) = urgent_queue(book, tmp_path)
        back = tuple(f"withdrawn {i}" for i in URGENT)
        assert item.urgent == ((*back, *URGENT) if told else back)
        # A run says it again, knowing what stands: that is told.
        draft(tmp_path, since(book, report))
        (item,) = urgent_queue(book, tmp_path)
        assert item.urgent == (*back, *URGENT)
        # Files that cannot be read take nothing away.
        draft(tmp_path, report)
        (first.folder / "EX05.json").unlink()
        (item,) = urgent_queue(book, tmp_path)
        assert item.urgent == (*back, *URGENT)
