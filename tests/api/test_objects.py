"""Objects of the Python interface: by sample, as frames, and as the files of a report."""

import json

import pytest

from epilepsy_pgx.errors import InputError


def test_results_are_found_by_sample_and_gene(calls, annotations, reports):
    assert list(calls) == list(annotations) == list(reports) == ["EX01"]
    assert len(calls) == len(annotations) == len(reports) == 1
    assert calls["EX01"]["CYP2C19"] in calls.by_sample["EX01"]
    assert [v.gene for v in annotations["EX01"]] == ["SCN1A"]
    assert reports["EX01"].patient.sample_id == "EX01"
    with pytest.raises(KeyError):
        calls["EX02"]


def test_genes_that_were_not_read_are_rows_of_the_frame(annotations):
    frame = annotations.to_frame()
    unread = frame[frame["sample_id"].isna()]
    assert dict(zip(unread["gene"], unread["consequence"], strict=True)) == dict(annotations.unread)
    assert set(unread["status"]) <= {"not_assessed"}


def test_there_is_no_other_table(reports):
    with pytest.raises(KeyError):
        reports.to_frame("names")


def test_a_report_is_rendered_as_a_file(reports):
    assert reports.render("EX01").startswith(b"<!doctype html>")
    assert b'lang="es"' in reports.render("EX01", language="es")
    assert json.loads(reports.render("EX01", "json"))["patient"]["sample_id"] == "EX01"


def test_reports_are_written_as_run_writes_them(reports, tmp_path):
    files = reports.write(tmp_path, ("html", "json"))
    assert [f.name for f in files] == ["EX01.html", "EX01.json"]
    assert all(f.is_relative_to(tmp_path / "reports") for f in files)
    assert files[0].read_bytes() == reports.render("EX01")


def test_a_final_report_is_not_written_over(reports, tmp_path):
    _, made = reports.write(tmp_path, ("html", "json"))
    said = json.loads(made.read_text())
    made.write_text(json.dumps({**said, "status": "final"}))
    with pytest.raises(InputError, match="final report"):
        reports.write(tmp_path, ("html", "json"))
    assert json.loads(made.read_text())["status"] == "final"
