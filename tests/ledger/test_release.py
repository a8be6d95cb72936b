"""A draft is released once, with its files or not at all; what replaces it says what changed."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from epilepsy_pgx.authorisation import Authorisation
from epilepsy_pgx.errors import ConfigError, InputError, PlaceError
from epilepsy_pgx.genetics import Diplotype, SiteGenotype
from epilepsy_pgx.ledger import release as steps
from epilepsy_pgx.ledger.editions import STAGING
from epilepsy_pgx.ledger.entries import EntryKind
from epilepsy_pgx.ledger.release import Amendment, release, review, withdraw
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.ledger.verify import verify
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.recall.stored import stored_results
from epilepsy_pgx.report.authorise import read_verified
from epilepsy_pgx.report.compare import compare_reports
from epilepsy_pgx.report.view.words import amended
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.report.write import render_report
from epilepsy_pgx.vocabulary import Basis, GeneStatus
from tests.ledger.bench import QUICK, act, example, ledger, put, since, tables, without

ROOT = Path(__file__).parents[2]


def check_of(function, *given, error=(InputError, ConfigError)):
    with pytest.raises(error) as caught:
        function(*given)
    (problem,) = caught.value.problems
    return problem.check


def issue(book, path, who=None, amendment=None):
    return release(book, path, who or act(), tables(), amendment)


def whole(book):
    """Nothing is lost, doubled, or left lying about."""
    found = verify(book, tables())
    assert found.problems == ()
    return [(s.edition, s.state) for s in book.standing()]


def test_a_release_is_two_entries_and_the_files_they_name(tmp_path):
    path = put(tmp_path, example())
    with ledger(tmp_path / "r", Settings(formats=("json", "html"), valid_days=200)) as book:
        done = issue(book, path)
        first, second, third = book.entries()
        assert (first.kind, second.kind, third.kind) == ("settings", "authorised", "final")
        assert done.folder == tmp_path / "r" / "released" / "R-EX05" / "v1.en"
        assert sorted(p.name for p in done.folder.iterdir()) == ["EX05.html", "EX05.json"]
        final = read_verified((done.folder / "EX05.json").read_bytes(), "x")
        given = final.authorisation
        assert (given.entry, given.entry_digest) == (2, second.digest)
        assert (given.time, given.date) == ("2026-11-23T09:00:00+00:00", "2026-11-23")
        page = (done.folder / "EX05.html").read_text(encoding="utf-8")
        printed = f"Ledger 2 {second.digest[7:23]}"
        assert page.count(printed) == 2  # at the foot of the page and, in CSS, of each printed page
        assert "issued anew when the list changes, and after 200 days" in page
        assert whole(book) == [("R-EX05 v1", "final")]
        assert verify(book, tables(), (printed.removeprefix("Ledger "),)).problems == ()
    assert not (done.folder.stat().st_mode | (done.folder / "EX05.json").stat().st_mode) & 0o007


def test_a_draft_is_released_once(tmp_path):
    path = put(tmp_path, example())
    with ledger(tmp_path / "r") as book:
        issue(book, path)
        with pytest.raises(InputError, match="Dr R. Release released as R-EX05 v1"):
            issue(book, path, act("Dr S. Second"))
        other = put(tmp_path, without(example(), "phenytoin"), "other.json")
        assert check_of(issue, book, other) == "release-stands"
        assert whole(book) == [("R-EX05 v1", "final")]


def test_a_report_is_released_once_in_each_language_and_says_the_same(tmp_path):
    path = put(tmp_path, example())
    spanish = replace(example(), language="es")
    with ledger(tmp_path / "r") as book:
        issue(book, path)
        why = act(reason="HLA typing added")
        later = since(book, without(example(), "phenytoin"))
        issue(book, put(tmp_path, later), why, Amendment("R-EX05 v1"))
        other = put(tmp_path, spanish, "other.json")
        assert check_of(issue, book, other) == "release-translated"
        given = issue(book, put(tmp_path, without(spanish, "phenytoin"))).report.authorisation
        assert (given.version, given.replaces, given.state) == (2, "R-EX05 v1", "amended")
        again = put(tmp_path, replace(without(spanish, "phenytoin"), texts=()), "again.json")
        assert check_of(issue, book, again) == "release-stands"
        assert whole(book) == [("R-EX05 v1", "replaced"), *[("R-EX05 v2", "amended")] * 2]


def test_two_hosts_cannot_release_one_draft_twice(tmp_path):
    path = put(tmp_path, example())
    found = []
    tables()
    with ledger(tmp_path / "r"):
        pass

    def host(name):
        with ledger(tmp_path / "r") as book:
            try:
                found.append(issue(book, path, act(name)).entry.kind)
            except InputError as error:
                found.append(error.problems[0].check)

    hosts = [threading.Thread(target=host, args=(f"Dr {n}",)) for n in "AB"]
    for thread in hosts:
        thread.start()
    for thread in hosts:
        thread.join()
    assert sorted(found) == ["authorised", "draft-released"]
    with ledger(tmp_path / "r") as book:
        assert whole(book) == [("R-EX05 v1", "final")]


def test_an_edited_draft_is_not_released(tmp_path):
    path = put(tmp_path, example())
    data = json.loads(path.read_bytes())
    data["interpretation"]["urgent"] = []
    path.write_text(json.dumps(data))
    with ledger(tmp_path / "r") as book:
        assert check_of(issue, book, path) == "draft-unchanged"
        assert check_of(review, book, path, act()) == "draft-unchanged"
        assert len(book.entries()) == 1


def test_an_id_that_is_no_plain_name_makes_no_folder(tmp_path):
    path = put(tmp_path, replace(example(), report_id="../../elsewhere"))
    with ledger(tmp_path / "r") as book:
        assert check_of(issue, book, path) == "report-id"
        assert len(book.entries()) == 1
    assert not (tmp_path.parent / "elsewhere").exists()


def test_with_two_persons_another_one_reviews_this_very_draft(tmp_path):
    path = put(tmp_path, example())
    with ledger(tmp_path / "r", replace(QUICK, persons=2)) as book:
        assert check_of(issue, book, path) == "release-reviewed"
        review(book, path, act("dr r. release"))
        assert check_of(issue, book, path) == "release-reviewed"
        review(book, path, act("T. Technical"))
        again = put(tmp_path, without(example(), "phenytoin"), "again.json")
        assert check_of(issue, book, again) == "release-reviewed"
        given = issue(book, path).report.authorisation
        assert (given.name, given.review.name) == ("Dr R. Release", "T. Technical")
        assert check_of(issue, book, path) == "draft-released"


@pytest.mark.parametrize(
    ("who", "check"),
    [
        (act(day="2026-11-22"), None),
        (act(day="2026-11-21"), "authorise-date"),
        (replace(act(), time="2026-11-20T09:00:00+00:00", day="2026-11-23"), "draft-age"),
        (replace(act(), time="2038-01-19T03:14:07+00:00", day="2026-11-23"), "draft-age"),
        (replace(act(), time="2026-11-24T09:00:00+00:00", day="2026-11-23"), None),
        (replace(act(), time="2026-12-24T09:00:00+00:00", day="2026-11-23"), "authorise-date"),
        (act(""), "authorise-who"),
    ],
)
def test_a_wrong_clock_or_date_is_refused(who, check, tmp_path):
    path = put(tmp_path, example())
    with ledger(tmp_path / "r") as book:
        if check is None:
            issue(book, path, who)
        else:
            assert check_of(issue, book, path, who) == check
            assert len(book.entries()) == 1


def test_other_tables_release_nothing(tmp_path):
    report = example()
    made = replace(report.provenance, reference_digest="sha256:0")
    path = put(tmp_path, replace(report, provenance=made))
    with ledger(tmp_path / "r") as book:
        assert check_of(issue, book, path) == "final-makers"


def test_an_amended_report_says_what_it_replaces_and_what_changed(tmp_path):
    first = put(tmp_path, example())
    later = replace(without(example(), "phenytoin"), report_id="R-LATER")
    with ledger(tmp_path / "r", Settings(formats=("json", "html"))) as book:
        issue(book, first)
        second = put(tmp_path, since(book, later), "second.json")
        why = act(reason="HLA typing corrected")
        assert check_of(issue, book, second, act(), Amendment("R-EX05 v1")) == "authorise-amendment"
        assert check_of(issue, book, second, why, Amendment("R-EX05 v2")) == "edition-released"
        assert check_of(issue, book, first, why, Amendment("R-EX05 v1")) == "draft-released"
        other = put(tmp_path, example("EX07"), "other.json")
        assert check_of(issue, book, other, why, Amendment("R-EX05 v1")) == "amend-patient"
        done = issue(book, second, why, Amendment("R-EX05 v1", correction=True))
        given = done.report.authorisation
        assert (given.version, given.state) == (2, "corrected")
        assert given.changes.drugs == ("phenytoin",)
        assert not given.changes.added
        assert given.changes.removed
        page = (done.folder / "EX05.html").read_text(encoding="utf-8")
        one = page[: page.index('class="annex"')]
        assert "It replaces R-EX05 v1, which was wrong: HLA typing corrected." in one
        assert f"Statements changed: {given.changes.number} (0 new, " in one
        assert whole(book) == [("R-EX05 v1", "replaced"), ("R-LATER v2", "corrected")]
        third = put(tmp_path, replace(later, report_id="R-THIRD"), "third.json")
        assert check_of(issue, book, third, why, Amendment("R-EX05 v1")) == "amend-stands"


TYPED = GeneResult(
    "HLA-B",
    GeneStatus.COMPLETE,
    Basis.TYPING,
    (),
    0,
    (),
    (),
    alleles_present=("*15:02",),
    alleles_absent=("*57:01", "*58:01"),
)
CALLED = GeneResult(
    "CYP2C9",
    GeneStatus.COMPLETE,
    Basis.GENOTYPE,
    (Diplotype(("*1", "*3")),),
    1,
    ("intermediate metabolizer",),
    (Decimal("1.0"),),
)
COPIES = replace(CALLED, diplotypes=(Diplotype(("*1", "*2x2")),))
ONE_SITE = replace(
    CALLED, diplotypes=(), candidate_count=0, genotypes=(SiteGenotype("rs1", ("A", "G")),)
)
NOT_READ = GeneStatus.NOT_ASSESSED


@pytest.mark.parametrize(
    ("was", "now", "lost"),
    [
        (TYPED, TYPED, ()),
        # A typing of one field names no allele of the table, and rules none out.
        (
            TYPED,
            replace(TYPED, status=GeneStatus.AMBIGUOUS, alleles_present=(), alleles_absent=()),
            ("*15:02", "*57:01", "*58:01"),
        ),
        (
            TYPED,
            replace(TYPED, alleles_present=(), alleles_absent=("*15:02", "*57:01", "*58:01")),
            ("*15:02",),
        ),
        (TYPED, replace(TYPED, alleles_absent=("*57:01",)), ("*58:01",)),
        (TYPED, None, ("*15:02", "*57:01", "*58:01")),
        (CALLED, CALLED, ()),
        (CALLED, replace(CALLED, activity_scores=()), ("1.0",)),
        (CALLED, replace(CALLED, activity_scores=(Decimal("0.5"), Decimal("1.0"))), ("1.0",)),
        (CALLED, replace(CALLED, phenotypes=()), ("intermediate metabolizer",)),
        (CALLED, replace(CALLED, diplotypes=(), candidate_count=0, status=NOT_READ), ("*1/*3",)),
        (CALLED, replace(CALLED, diplotypes=(), candidate_count=40, unlisted=True), ("*1/*3",)),
        (CALLED, replace(CALLED, diplotypes=(Diplotype(("*1", "*2")),)), ("*1/*3",)),
        (CALLED, replace(CALLED, not_excluded=("*5",)), ("*1/*3",)),
        (CALLED, replace(CALLED, status=GeneStatus.PARTIAL), ("*1/*3",)),
        (CALLED, None, ("*1/*3",)),
        (COPIES, replace(COPIES, diplotypes=(Diplotype(("*1", "*2")),)), ("*1/*2x2",)),
        (ONE_SITE, replace(ONE_SITE, genotypes=()), ("rs1 A/G",)),
        (ONE_SITE, replace(ONE_SITE, genotypes=(SiteGenotype("rs1", ("A", "?")),)), ("rs1 A/G",)),
        # What becomes surer is not lost.
        (replace(CALLED, diplotypes=(), candidate_count=40, unlisted=True), CALLED, ()),
        (replace(CALLED, activity_scores=()), CALLED, ()),
        (replace(CALLED, not_excluded=("*5",), status=GeneStatus.PARTIAL), CALLED, ()),
        (replace(TYPED, alleles_absent=()), TYPED, ()),
    ],
)
def test_a_result_that_is_gone_or_less_sure_is_named(was, now, lost):
    """Whether or not a statement rests on it."""
    report = replace(example(), findings=(), coverage=())
    before = replace(report, genes=(was,))
    after = replace(report, genes=() if now is None else (now,))
    found = compare_reports(before, after)
    assert found.lost == tuple(f"{was.gene} {what}" for what in lost)
    given = Authorisation("A", "B", "2026-11-23", "sha256:0", "", 2, "R v1", "Typed", changes=found)
    for language in ("en", "es"):
        told = " ".join(amended(given, ReportWords(Wording(tables(), language))))
        assert all(what in told for what in found.lost)


def test_a_variant_or_bases_that_are_gone_are_named():
    """All that a report found, taken away piece by piece."""
    report = example("EX01")
    assert report.findings
    assert compare_reports(report, report).lost == ()
    for gone in report.findings:
        kept = tuple(f for f in report.findings if f != gone)
        (said,) = compare_reports(report, replace(report, findings=kept)).lost
        assert said.startswith(f"{gone.gene} ")
    for read in report.coverage:
        told = read.assessed or read.known_absent or any(count for *_, count in read.exons)
        less = replace(read, status=NOT_READ, exons=(), known_absent=0)
        after = replace(report, coverage=tuple(less if c == read else c for c in report.coverage))
        assert compare_reports(report, after).lost == ((read.gene,) if told else ())


def test_a_withdrawn_report_says_so_and_stays(tmp_path):
    path = put(tmp_path, example())
    with ledger(tmp_path / "r", Settings(formats=("json", "html"))) as book:
        issue(book, path)
        assert check_of(withdraw, book, "R-EX05 v1", act(), tables()) == "withdraw-reason"
        (done,) = withdraw(book, "R-EX05 v1", act(reason="another patient's specimen"), tables())
        page = (done.folder / "EX05.html").read_text(encoding="utf-8")
        assert 'status">Withdrawn<' in page
        assert "Withdrawn on 2026-11-23 by Dr R. Release, geneticist: another patient" in page
        assert whole(book) == [("R-EX05 v1", "withdrawn")]
        again = act(reason="again")
        assert check_of(withdraw, book, "R-EX05 v1", again, tables()) == "withdraw-twice"
        later = since(book, replace(example(), report_id="R-LATER"))
        later = put(tmp_path, later, "later.json")
        assert check_of(issue, book, later) == "release-stands"
        issue(book, later, act(reason="right specimen"), Amendment("R-EX05 v1"))
        assert whole(book)[-1] == ("R-LATER v2", "amended")


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("place", ["fsync", "rename"])
def test_a_full_disk_loses_and_doubles_nothing(place, tmp_path, monkeypatch):
    path = put(tmp_path, example())
    with ledger(tmp_path / "r") as book:
        with monkeypatch.context() as patch:
            patch.setattr(f"epilepsy_pgx.ledger.editions.os.{place}", full)
            assert check_of(issue, book, path, error=PlaceError) == "place-full"
        if place == "fsync":
            assert len(book.entries()) == 1
            issue(book, path)
        else:  # it counts, and the next step puts its files in place
            assert (tmp_path / "r/released" / STAGING).is_dir()
            assert check_of(issue, book, path) == "draft-released"
            with steps.held(book):
                pass
        assert whole(book) == [("R-EX05 v1", "final")]


KILLED = """
import os, signal, sys
from pathlib import Path
from epilepsy_pgx.ledger import release as steps
from tests.ledger.bench import act, ledger, tables
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[3] == "before":
    steps.Done = die
else:
    first = steps.settle
    calls = []
    steps.settle = lambda book: die() if calls else (calls.append(1), first(book))
with ledger(Path(sys.argv[1])) as book:
    steps.release(book, Path(sys.argv[2]), act(), tables())
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_process_loses_and_doubles_nothing(when, tmp_path):
    """Before the entries count, and before the files are put in their place."""
    path = put(tmp_path, example())
    with ledger(tmp_path / "r"):
        pass
    words = (sys.executable, "-c", KILLED, tmp_path / "r", path, when)
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (tmp_path / "r/released" / STAGING).is_dir()
    with ledger(tmp_path / "r") as book:
        counted = [e.kind for e in book.entries()][1:]
        assert counted == ([] if when == "before" else [EntryKind.AUTHORISED, EntryKind.FINAL])
        if when == "before":
            issue(book, path)
        else:
            assert check_of(issue, book, path) == "draft-released"
            with steps.held(book):
                pass
        assert whole(book) == [("R-EX05 v1", "final")]


def test_what_replaces_an_edition_does_so_in_every_language(tmp_path):
    """The other language follows by `release`, must say the same, and is replaced until then."""
    english, spanish = example(), replace(example(), language="es")
    later = without(english, "phenytoin")
    why = act(reason="new typing")
    with ledger(tmp_path) as book:
        issue(book, put(tmp_path, english), act())
        issue(book, put(tmp_path, spanish), act())
        issue(book, put(tmp_path, since(book, later)), why, Amendment("R-EX05 v1"))
        states = [(s.version, s.language, s.state) for s in book.standing()]
        gone = [(1, "en", "replaced"), (1, "es", "replaced")]
        assert states == [*gone, (2, "en", "amended")]
        told = without(spanish, "phenytoin")
        assert check_of(issue, book, put(tmp_path, told), why, Amendment("R-EX05 v1")) == (
            "amend-stands"
        )
        other = without(spanish, "carbamazepine")
        assert check_of(issue, book, put(tmp_path, other), act()) == "release-translated"
        issue(book, put(tmp_path, told), act())
        states = [(s.version, s.language, s.state) for s in book.standing()]
        assert states == [*gone, (2, "en", "amended"), (2, "es", "amended")]
        (stored,) = stored_results(tmp_path)
        assert (stored.edition, stored.report.language) == ("R-EX05 v2", "en")


@pytest.mark.parametrize(
    ("columns", "correction", "check"),
    [
        ({"name": "Dan"}, False, "amend-identity"),
        ({"name": "Dan"}, True, None),
        ({"accession": "A-2"}, False, "amend-identity"),
        ({"requester": None}, False, "amend-identity"),
        ({"accession": "A-2", "specimen": "saliva"}, True, None),
        ({"name": "Dan", "birth_date": "2001-01-01"}, True, "amend-identity"),
        ({"record_number": "MRN-2", "birth_date": "2001-01-01"}, True, "amend-identity"),
    ],
)
def test_who_a_patient_is_never_changes_in_silence(columns, correction, check, tmp_path):
    patient = replace(example().patient, name="Cora", record_number="MRN-1", accession="A-1")
    patient = replace(patient, birth_date="1978-12-24", requester="Dr Q", specimen="blood")
    first = replace(example(), patient=patient)
    later = without(replace(first, patient=replace(patient, **columns)), "phenytoin")
    with ledger(tmp_path) as book:
        issue(book, put(tmp_path, first), act())
        how = Amendment("R-EX05 v1", correction=correction)
        path = put(tmp_path, since(book, later))
        if check is not None:
            assert check_of(issue, book, path, act(reason="why"), how) == check
            return
        done = issue(book, path, act(reason="why"), how)
    assert set(done.report.authorisation.changes.identity) == set(columns)
    page = render_report(done.report, "html", tables()).decode()
    assert "Said otherwise of who the patient is" in page


@pytest.mark.parametrize(
    ("reviewer", "another"),
    [
        ("dr r. release", False),
        ("Dr R. Release\u200b", False),
        ("Dr\u00a0R. Release", False),
        ("Ｄｒ R. Release", False),
        ("Dr R.  Rel\u00adease", False),
        ("Dr. R.Release", False),
        ("Release, Dr R", False),
        ("Dr_R-Release", False),
        ("R. Release", False),
        ("Prof. R. Release, PhD", False),
        ("Dra. Release, R.", False),
        ("Dr R. Q. Release", False),
        ("Dr Release", False),
        ("Rosa Release", False),
        ("Release, Rosa Q.", False),
        ("R. R.", False),
        ("Dr R. Reléase", True),
        ("Dr P. Release", True),
        ("T. Technical", True),
    ],
)
def test_one_person_is_not_two_by_how_the_name_is_written(reviewer, another, tmp_path):
    path = put(tmp_path, example())
    with ledger(tmp_path / "r", Settings(persons=2, formats=("json",))) as book:
        review(book, path, act(reviewer))
        if another:
            issue(book, path)
            return
        assert check_of(issue, book, path) == "release-reviewed"


def test_composed_and_decomposed_names_are_one(tmp_path):
    path = put(tmp_path, example())
    with ledger(tmp_path / "r", Settings(persons=2, formats=("json",))) as book:
        review(book, path, act("Dr A. Jose\u0301"))
        assert check_of(issue, book, path, act("Dr A. Jos\u00e9")) == "release-reviewed"
        assert check_of(issue, book, path, act("\u200b")) == "authorise-who"


def _file(place, _):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("", encoding="utf-8")


def _link(place, elsewhere):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(elsewhere)


def _dangling(place, elsewhere):
    _link(place, elsewhere / "nowhere")


def _parent(make):
    return lambda place, elsewhere: make(place.parent, elsewhere)


def _waiting(place, elsewhere):
    _link(place.parents[1] / STAGING, elsewhere)


PLANTED = [_file, _link, _dangling, *map(_parent, (_file, _link, _dangling))]


@pytest.mark.parametrize(
    ("plant", "when"),
    [*((p, w) for p in PLANTED for w in ("before", "between")), (_waiting, "before")],
)
def test_what_lies_in_the_place_of_an_edition_costs_no_file(plant, when, tmp_path, monkeypatch):
    """Nothing counts if it lay there before; the files wait if it came while they were written."""
    path = put(tmp_path, example())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x", encoding="utf-8")
    place = tmp_path / "r/released/R-EX05/v1.en"
    with ledger(tmp_path / "r") as book:
        with monkeypatch.context() as patch:
            if when == "before":
                plant(place, elsewhere)
            else:

                def late(*given, first=steps.stage):
                    made = first(*given)
                    plant(place, elsewhere)
                    return made

                patch.setattr(steps, "stage", late)
            # A folder of files that no entry names looks like a lost end of the ledger.
            with pytest.raises(InputError, match="edition-place|ledger-tail") as caught:
                issue(book, path)
        assert ("The step counts" in str(caught.value)) == (when == "between")
        assert len(book.entries()) == (1 if when == "before" else 3)
        for made in (place, place.parent, place.parents[1] / STAGING):
            if made.is_symlink() or made.is_file():
                made.unlink()
        if when == "before":
            issue(book, path)
        else:
            with steps.held(book):
                pass
        assert whole(book) == [("R-EX05 v1", "final")]
    assert (elsewhere / "kept").is_file()


@pytest.mark.parametrize(
    ("other", "correction", "check"),
    [
        (None, False, None),
        ("EX06", False, "amend-identity"),
        ("EX03", False, "amend-identity"),
        ("EX06", True, None),
    ],
)
def test_another_genome_under_the_same_name_is_no_plain_amendment(
    other, correction, check, tmp_path
):
    """The tube of another patient, read under this one's id since."""
    genes = example().genes if other is None else example(other).genes
    with ledger(tmp_path) as book:
        issue(book, put(tmp_path, example()), act())
        path = put(tmp_path, since(book, replace(example(), genes=genes)))
        what = (act(reason="read again"), Amendment("R-EX05 v1", correction))
        if check is None:
            given = issue(book, path, *what).report.authorisation
            assert given.changes.identity == (() if other is None else ("genome",))
        else:
            assert check_of(issue, book, path, *what) == check
            assert [s.state for s in book.standing()] == ["final"]
