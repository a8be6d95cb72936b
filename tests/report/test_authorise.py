"""A report is a draft until somebody releases it, and a released report stays as it is."""

import hashlib
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from epilepsy_pgx import __version__
from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.authorise import authorise_report, draft_digest, read_verified
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.report.write import render_report
from epilepsy_pgx.statement import Message
from tests.report.examples import example_reports
from tests.report.test_pdf import pages_of

WHO = ("Dr R. Release", "clinical geneticist", "2026-11-23")
HEAD = {"name": "Other", "address": [], "accreditation": "", "logo": ""}
FAILED = {"text_id": "quality-sex-not-assessed", "values": [], "text": "a failed check"}


def run(*words):
    done = CliRunner().invoke(
        commands, [str(w) for w in words], catch_exceptions=False, standalone_mode=False
    )
    return done.return_value


def check_of(*words):
    with pytest.raises(InputError) as caught:
        run(*words)
    return caught.value.problems[0].check


@pytest.fixture
def draft(tmp_path):
    path = tmp_path / "draft.json"
    report = example_reports()["EX05"]
    made = replace(
        report.provenance, software_version=__version__, reference_digest=load_reference().digest
    )
    path.write_text(report_to_json(replace(report, provenance=made)), encoding="utf-8")
    return path


@pytest.fixture
def final(draft, tmp_path):
    path = tmp_path / "final.json"
    assert (
        run("authorise", draft, "--name", WHO[0], "--role", WHO[1], "--date", WHO[2], "--out", path)
        == 0
    )
    return path


def test_final_report_names_who_and_what(draft, final):
    made = json.loads(final.read_bytes())
    given = made["authorisation"]
    assert made["status"] == "final"
    assert (given["name"], given["role"], given["date"]) == WHO
    assert given["digest"] == "sha256:" + hashlib.sha256(draft.read_bytes()).hexdigest()
    before = json.loads(draft.read_bytes())
    assert {**made, "status": "draft", "authorisation": None} == before


def test_final_report_renders_without_the_draft_mark(final, tmp_path):
    page = tmp_path / "final.html"
    assert run("render", final, "--out", page) == 0
    text = page.read_text(encoding="utf-8")
    assert "Draft" not in text
    assert all(w in text for w in WHO)
    assert "Reviewed by" not in text
    draft_page = render_report(example_reports()["EX05"], "html", load_reference()).decode()
    assert "Draft" in draft_page
    assert "Reviewed by" in draft_page


def test_final_pdf_shows_who_on_page_one_and_has_no_mark(final, tmp_path):
    pytest.importorskip("typst", reason="needs the extra pdf")
    out = tmp_path / "final.pdf"
    assert run("render", final, "--format", "pdf", "--paper", "letter", "--out", out) == 0
    pages = pages_of(out.read_bytes(), tmp_path)
    assert all(w in pages[0] for w in WHO)
    assert not any("raft: not" in p or "Draft" in p for p in pages)


def test_fhir_is_final_only_after_release(draft, final, tmp_path):
    pytest.importorskip("fhir.resources", reason="needs the extra fhir")
    for source, status in ((draft, "preliminary"), (final, "final")):
        out = tmp_path / f"{status}.fhir.json"
        assert run("render", source, "--format", "fhir", "--out", out) == 0
        report = json.loads(out.read_bytes())["entry"][0]["resource"]
        assert report["status"] == status
    assert report["resultsInterpreter"] == [{"display": f"{WHO[0]}, {WHO[1]}"}]
    assert report["conclusion"].startswith(f"Authorised by: {', '.join(WHO[:2])}; {WHO[2]}\n")
    assert "Draft" not in report["conclusion"]


def test_fhir_of_a_final_status_without_release_stays_preliminary():
    pytest.importorskip("fhir.resources", reason="needs the extra fhir")
    report = replace(example_reports()["EX05"], status="final")
    made = json.loads(render_report(report, "fhir", load_reference()))
    assert made["entry"][0]["resource"]["status"] == "preliminary"


def test_a_final_report_is_not_released_twice(final, tmp_path):
    assert (
        check_of(
            "authorise",
            final,
            "--name",
            "X",
            "--role",
            "Y",
            "--date",
            WHO[2],
            "--out",
            tmp_path / "again.json",
        )
        == "authorise-draft"
    )
    assert not (tmp_path / "again.json").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"status": "not reportable", "not_reportable": (Message("quality-sex-not-assessed"),)},
        {"not_reportable": (Message("quality-sex-not-assessed"),)},
        {"status": "final"},
    ],
)
def test_what_is_no_draft_is_never_released(change):
    with pytest.raises(InputError) as caught:
        authorise_report(replace(example_reports()["EX05"], **change), *WHO)
    assert caught.value.problems[0].check == "authorise-draft"
    assert caught.value.problems[0].sample == "EX05"


@pytest.mark.parametrize(
    ("who", "check"),
    [
        (("", "geneticist", "2026-11-23"), "authorise-who"),
        (("Dr R. Release", " \n", "2026-11-23"), "authorise-who"),
        (("Dr R. Release", "geneticist", "23.11.2026"), "date"),
        (("Dr R. Release", "geneticist", "2026-11-21"), "authorise-date"),
        (("Dr R. Release", "geneticist", "9999-12-31"), "authorise-date"),
    ],
)
def test_who_and_when_are_needed(who, check):
    with pytest.raises(InputError) as caught:
        authorise_report(example_reports()["EX05"], *who)
    assert caught.value.problems[0].check == check


def changed(final, change):
    data = json.loads(final.read_bytes())
    change(data)
    final.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return final


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["patient"].update(name="Somebody Else"),
        lambda d: d["interpretation"]["drugs"].pop(),
        lambda d: d["authorisation"].update(name="Somebody Else"),
        lambda d: d["authorisation"].update(role="typist"),
        lambda d: d["authorisation"].update(date="2026-12-01"),
        lambda d: d["authorisation"].update(version=2),
        lambda d: d["authorisation"].update(replaces="R-OTHER v1"),
        lambda d: d.update(added="a field that no reader knows"),
        lambda d: d["provenance"]["parameters"].append(["depth at least", "0"]),
    ],
)
def test_a_changed_final_report_is_refused(change, final, tmp_path):
    for form in ("html", "json", "tsv"):
        assert (
            check_of("render", changed(final, change), "--format", form, "--out", tmp_path / "page")
            == "final-unchanged"
        )
    assert not (tmp_path / "page").exists()


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda d: d["patient"].update(name="Somebody Else"), "patient"),
        (lambda d: d["interpretation"]["drugs"].pop(), "interpretation.drugs"),
        (lambda d: d["interpretation"]["urgent"].clear(), "interpretation.urgent"),
        (lambda d: d["interpretation"].update(note="harmless"), "interpretation.note"),
        (lambda d: (d["limits"].clear(), d["patient"].update(name="X")), "limits, patient"),
        (lambda d: d.update(laboratory=HEAD), "laboratory"),
        (lambda d: d.update(added="a field that no reader knows"), "added"),
        (lambda d: d["texts"].append(["x", "a word"]), "texts"),
        (lambda d: d["genes"][0]["caveats"].append("caveat"), "genes"),
        (lambda d: d.update(content=None), "content"),
        (lambda d: d["content"].update(digest="sha256:0"), "content"),
        (lambda d: d["content"]["parts"].pop(0), "citations"),
    ],
)
def test_an_edited_draft_is_refused_with_what_changed(change, parts, draft, tmp_path):
    words = ("--name", WHO[0], "--role", WHO[1], "--date", WHO[2])
    changed(draft, change)
    for command in (("authorise", draft, *words), ("render", draft)):
        with pytest.raises(InputError) as caught:
            run(*command, "--out", tmp_path / "out")
        (problem,) = caught.value.problems
        assert problem.check == "draft-unchanged"
        assert problem.found.endswith(f": {parts}")
        assert not (tmp_path / "out").exists()


def test_another_layout_of_a_draft_is_the_same_draft(draft):
    text = draft.read_bytes()
    other = json.dumps(json.loads(text), sort_keys=True).encode()
    assert read_verified(other, "x") == read_verified(text, "x")


@pytest.mark.parametrize("maker", ["software_version", "reference_digest"])
def test_a_final_report_is_not_said_again_in_other_words(maker, draft, tmp_path):
    report = report_from_json(draft.read_bytes())
    made = replace(report.provenance, **{maker: "another"})
    draft.write_text(report_to_json(replace(report, provenance=made)), encoding="utf-8")
    final = tmp_path / "final.json"
    assert (
        run(
            "authorise", draft, "--name", WHO[0], "--role", WHO[1], "--date", WHO[2], "--out", final
        )
        == 0
    )
    assert check_of("render", final, "--out", tmp_path / "page") == "final-makers"
    assert run("render", draft, "--out", tmp_path / "page") == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(authorisation=None),
        lambda d: d.update(status="draft"),
        lambda d: d.update(not_reportable=[FAILED]),
    ],
)
def test_status_and_release_must_agree(change, final, tmp_path):
    assert (
        check_of("render", changed(final, change), "--out", tmp_path / "page") == "final-authorised"
    )


def test_another_layout_of_the_same_data_is_the_same_report(final):
    text = final.read_bytes()
    assert read_verified(text, "x") == read_verified(json.dumps(json.loads(text)).encode(), "x")


def test_a_final_report_has_the_head_it_was_released_with(draft, tmp_path):
    headed, final, page = (tmp_path / name for name in ("draft.2.json", "final.json", "page.html"))
    head = ("--laboratory", "City genetics", "--accreditation", "ISO 15189")
    assert run("render", draft, "--format", "json", *head, "--out", headed) == 0
    words = ("--name", WHO[0], "--role", WHO[1], "--date", WHO[2])
    assert run("authorise", headed, *words, "--out", final) == 0
    assert run("render", final, "--out", page) == 0
    own = page.read_bytes()
    assert b"City genetics" in own
    assert run("render", final, *head, "--out", page) == 0
    assert page.read_bytes() == own
    page.unlink()
    for other in (("--laboratory", "Other"), ("--accreditation", "No drug restrictions apply.")):
        with pytest.raises(ConfigError, match="final-letterhead"):
            run("render", final, *other, "--out", page)
    assert not page.exists()


def test_final_json_stays_as_authorised_whatever_the_letterhead(final, tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    out = tmp_path / "again.json"
    assert run("render", final, "--format", "json", "--logo", logo, "--out", out) == 0
    assert out.read_bytes() == final.read_bytes()


@pytest.mark.parametrize("name", ["EX01", "EX08", "EX09"])
def test_digest_of_a_draft_is_that_of_its_file(name):
    data = report_to_json(example_reports()[name]).encode()
    assert draft_digest(data) == "sha256:" + hashlib.sha256(data).hexdigest()


def test_an_amended_report_says_what_it_replaces_and_why(draft, tmp_path):
    final, page, paper = (tmp_path / f"amended.{x}" for x in ("json", "html", "pdf"))
    assert (
        run(
            "authorise",
            draft,
            "--name",
            WHO[0],
            "--role",
            WHO[1],
            "--date",
            WHO[2],
            "--out",
            final,
            "--version",
            2,
            "--replaces",
            "R-EXAMPLE v1",
            "--reason",
            "HLA typing added",
        )
        == 0
    )
    given = json.loads(final.read_bytes())["authorisation"]
    assert (given["version"], given["replaces"]) == (2, "R-EXAMPLE v1")
    assert run("render", final, "--out", page) == 0
    text = page.read_text(encoding="utf-8")
    assert "It replaces R-EXAMPLE v1: HLA typing added" in text
    assert "R-EXAMPLE v2" in text
    pytest.importorskip("typst", reason="needs the extra pdf")
    assert run("render", final, "--format", "pdf", "--out", paper) == 0
    pages = pages_of(paper.read_bytes(), tmp_path)
    assert "HLA typing added" in pages[0]
    assert all("R-EXAMPLE v2" in p for p in pages)


@pytest.mark.parametrize("told", [(2, "", ""), (2, "R-1 v1", ""), (1, "R-1 v1", "x"), (2, "", "x")])
def test_an_amendment_is_told_whole(told):
    with pytest.raises(InputError, match="authorise-amendment"):
        authorise_report(example_reports()["EX05"], *WHO, *told)


def _other_sex(data):
    data["clinical"]["sex"] = "male" if data["clinical"]["sex"] == "female" else "female"


def _no_action(data):
    for drug in data["interpretation"]["drugs"]:
        for statement in drug["statements"]:
            statement["action_id"] = None


def _no_field(data):
    del data["interpretation"]["urgent"]


def _one_field_more(data):
    data["note"] = "x"


def _other_digest(data):
    data["content"]["digest"] = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    "edit", [_other_sex, _no_action, _no_field, _one_field_more, _other_digest]
)
@pytest.mark.parametrize("name", ["EX01", "EX05", "EX08"])
@pytest.mark.parametrize("released", [False, True])
def test_what_was_edited_is_refused_in_whatever_form_it_is_written(name, edit, released):
    """In the very form in which this version writes reports, and in any other: the same answer."""
    report = example_reports()[name]
    if released:
        report = authorise_report(report, *WHO)
    text = report_to_json(report)
    plain = json.loads(text)
    assert _as_written(plain) == text.encode()
    same = {
        read_verified(form(plain), "x") == read_verified(text.encode(), "x")
        for form in (_as_written, _in_one_line)
    }
    assert same == {True}
    edit(plain)
    said = set()
    for form in (_as_written, _in_one_line):
        with pytest.raises((InputError, ValueError)) as caught:
            read_verified(form(plain), "x")
        said.add(str(caught.value))
    assert len(said) == 1


def _as_written(data):
    return json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n"


def _in_one_line(data):
    return json.dumps(data).encode()
