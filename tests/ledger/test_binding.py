"""What was bound and signed is held against what was released."""

import json
from dataclasses import replace

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger import signing
from epilepsy_pgx.ledger.binding import FILE, BoundFile, read_binding, write_binding
from epilepsy_pgx.ledger.release import Amendment, release
from epilepsy_pgx.ledger.verify import verify
from tests.ledger.bench import QUICK, act, example, ledger, put, since, tables
from tests.ledger.test_signing import key


def bound(**other):
    files = example().provenance.inputs
    digests = tuple(f.digest for f in files if f.role == "VCF")
    return replace(BoundFile("A1", "EX05", digests), **other)


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A laboratory that has released the report of accession A1, and its signed manifest."""
    monkeypatch.setenv(signing.VARIABLE, key(tmp_path / "own.pem"))
    (tmp_path / "intake").mkdir()
    (tmp_path / "intake/samples.tsv").write_text("sample_id\nEX05\n", encoding="utf-8")
    report = example()
    ordered = replace(report, patient=replace(report.patient, accession="A1"))
    settings = replace(QUICK, public_key=signing.public_key())
    with ledger(tmp_path / "results", settings) as book:
        release(book, put(tmp_path, ordered), act(hour=10), tables())
        yield tmp_path, book


def said(lab, *rows):
    folder, book = lab
    write_binding(rows or [bound()], folder / "intake")
    return faults(lab)


def faults(lab):
    folder, book = lab
    problems = verify(book, tables(), manifests=[folder / "intake"]).problems
    assert {p.check for p in problems} <= {"manifest-signed"}
    return [p.found for p in problems]


def test_what_was_bound_is_what_was_released(lab):
    assert said(lab) == []


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"sample_id": "EX04"}, "another sample"),
        ({"digests": ("sha256:" + "1" * 64,)}, "another file"),
        ({"accession": "A2"}, "no manifest binds"),
    ],
)
def test_a_report_that_is_not_as_it_was_bound_is_found(lab, other, found):
    (fault,) = said(lab, bound(**other))
    assert found in fault


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({}, ["a report without the accession of its file"]),
        ({"sample_id": "EX04"}, ["a report without the accession of its file"]),
        ({"digests": ("sha256:" + "1" * 64,)}, ["a report without the accession of its file"]),
        ({"sample_id": "EX04", "digests": ("sha256:" + "1" * 64,)}, []),
    ],
)
def test_a_report_that_lost_its_accession_is_found(other, found, lab):
    """Who is amended without an accession is not taken for somebody who was never ordered."""
    folder, book = lab
    how = Amendment("R-EX05 v1", correction=True)
    report = replace(example(), patient=replace(example().patient, accession=None))
    lost = put(folder, since(book, report), "lost.json")
    release(book, lost, act(hour=11, reason="why"), tables(), how)
    faulty = said(lab, bound(**other))
    assert [f for f in faulty if "without" in f] == found


def test_a_manifest_that_was_changed_or_signed_by_another_is_found(lab, monkeypatch):
    folder, _ = lab
    assert said(lab) == []
    path = folder / "intake" / FILE
    whole = json.loads(path.read_text())
    path.write_text(json.dumps({**whole, "sheet": "sha256:0"}), encoding="utf-8")
    assert faults(lab) == ["a manifest that was changed", "another sample sheet"]
    path.write_text(json.dumps(whole), encoding="utf-8")
    (folder / "intake/samples.tsv").write_text("sample_id\nEX04\n", encoding="utf-8")
    assert faults(lab) == ["another sample sheet"]
    monkeypatch.setenv(signing.VARIABLE, key(folder / "other.pem"))
    (fault,) = said(lab)
    assert fault.startswith("a manifest signed with ")


@pytest.mark.parametrize("text", [None, "", "[]", '{"bound": 1}'])
def test_what_is_no_signed_manifest_is_one_line(tmp_path, text):
    if text is not None:
        (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no signed manifest"):
        read_binding(tmp_path)
