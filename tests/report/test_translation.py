"""A report says the same in another language as a run in that language would."""

import json
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from click.testing import CliRunner

from epilepsy_pgx import __version__
from epilepsy_pgx.cli import commands
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.authorise import authorise_report
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.report.write import render_report
from tests.report.examples import NAMES, drawn, example_reports


def without_texts(value: Any) -> Any:
    """Return a report whose rendered words are all gone or false."""
    if isinstance(value, tuple):
        return tuple(without_texts(v) for v in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    return replace(
        value,
        **{
            f.name: "false"
            if not f.compare and f.type is str
            else without_texts(getattr(value, f.name))
            for f in fields(value)
            if f.init
        },
    )


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("name", NAMES)
def test_a_report_in_another_language_is_that_of_a_run_in_it(name, form):
    if form == "pdf":
        pytest.importorskip("typst")
    there, here = example_reports("es")[name], example_reports()[name]
    assert drawn(here, form, "es") == drawn(there, form)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_gives_the_page_of_a_run_in_the_language(name, tmp_path):
    source, page = tmp_path / "report.json", tmp_path / "page.html"
    source.write_text(report_to_json(example_reports()[name]), encoding="utf-8")
    done = CliRunner().invoke(
        commands, ["render", str(source), "--language", "es", "--out", str(page)]
    )
    assert done.exit_code == 0, done.output
    spanish = example_reports("es")[name]
    assert page.read_bytes() == drawn(spanish, "html")


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("name", NAMES)
def test_no_file_is_made_from_the_rendered_words(name, form, reference):
    if form == "pdf":
        pytest.importorskip("typst")
    report = example_reports()[name]
    # Statements compare without their words, so that `drawn` would take one for the other.
    bare = render_report(without_texts(report), form, reference)
    assert bare == drawn(report, form)


@pytest.mark.parametrize("name", NAMES)
def test_runs_differ_in_nothing_but_their_language(name):
    there, here = example_reports("es")[name], example_reports()[name]
    assert replace(there, language="en") == here


def test_a_released_report_keeps_its_language(tmp_path):
    ref = load_reference()
    report = example_reports()["EX05"]
    made = replace(report.provenance, software_version=__version__, reference_digest=ref.digest)
    final = authorise_report(replace(report, provenance=made), "A. Bee", "consultant", "2026-11-27")
    source = tmp_path / "final.json"
    source.write_text(report_to_json(final), encoding="utf-8")
    done = CliRunner().invoke(
        commands, ["render", str(source), "--language", "es", "--out", str(tmp_path / "page.html")]
    )
    assert "final-language" in str(done.exception) + done.output
    assert done.exit_code


def test_a_report_of_an_older_form_is_named():
    data = json.loads(report_to_json(example_reports()["EX07"]))
    data["schema_version"] = "1.0"
    with pytest.raises(ValueError, match=r"1\.0.*2\.1"):
        report_from_json(json.dumps(data))
