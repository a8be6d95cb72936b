"""What lies between the stages: whatever is damaged or foreign is refused in one line."""

import json
import shutil
from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.pipeline.artefact import GroupRecord, group_folder, open_extraction, read_batch
from epilepsy_pgx.pipeline.identity import identity_text, read_verdicts, verdicts_of
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.plan import Batch, FileGroup
from epilepsy_pgx.pipeline.predict import RunSettings
from epilepsy_pgx.pipeline.stages import BatchJob, extract_batch, identify_batch, predict_batch
from epilepsy_pgx.pipeline.targets import TargetCache
from epilepsy_pgx.records import DamagedRecordError, read_record, record_text
from epilepsy_pgx.variants.record import Thresholds

PARTS = (
    "extraction.json",
    "coverage.npy",
    "readings.npy",
    "store/manifest.json",
    "store/alleles.npy",
    "store/quality.npy",
)
DAMAGES = {
    "gone": None,
    "empty": lambda data: b"",
    "cut short": lambda data: data[: len(data) // 2],
    "one bit": lambda data: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
    "longer": lambda data: data + b"\0",
    "an object": lambda data: b"{}",
    "nothing": lambda data: b"null",
    "deep": lambda data: b"[" * 100_000,
    "no text": lambda data: b"\xff\xfe\x00",
}
OTHER_VALUES = (None, 7, "x", ["x"], {"x": 1}, [[]])


@pytest.fixture(scope="module")
def job(root, reference):
    """The first example patient as a batch."""
    row = read_sheet(root / "examples/samples.tsv", reference).rows[0]
    batch = Batch("batch00001", (FileGroup(row.vcfs, row.build, row.callable, (row,)),))
    return BatchJob(batch, reference, TargetCache(reference, None), Inspections(reference))


@pytest.fixture(scope="module")
def whole(job, tmp_path_factory):
    folder = tmp_path_factory.mktemp("x") / job.batch.name
    assert extract_batch(job, Thresholds(), folder) == ()
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    """A copy at the same depth: the record names files as seen from the folder."""
    copy = whole.parent.parent / f"{tmp_path.name}x" / whole.name
    shutil.copytree(whole, copy)
    yield copy
    shutil.rmtree(copy.parent)


def damage(path: Path, kind: str) -> None:
    change = DAMAGES[kind]
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))


def one_line(error: InputError) -> str:
    (problem,) = error.problems
    assert len(str(problem).splitlines()) == 1
    return problem.check


def test_an_extraction_is_read_as_it_was_written(job, whole):
    digest = read_batch(job.batch, whole, job.ref).extractions[0]
    place = group_folder(whole, 0)
    found = open_extraction(place, digest, job.cache.of(job.batch.groups[0].build))
    text = (place / "extraction.json").read_text(encoding="utf-8")
    record = read_record(place / "extraction.json", GroupRecord, digest)
    assert record_text(record) == text
    assert (found.observed, found.inputs) == (record.observed, record.inputs)
    assert found.store.samples == ("EX01",)


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("part", PARTS)
def test_a_damaged_part_is_refused(part, kind, job, folder):
    digest = read_batch(job.batch, folder, job.ref).extractions[0]
    damage(group_folder(folder, 0) / part, kind)
    with pytest.raises(InputError) as caught:
        open_extraction(group_folder(folder, 0), digest, job.cache.of(job.batch.groups[0].build))
    assert one_line(caught.value) == "extract-whole"


@pytest.mark.parametrize("kind", [k for k in DAMAGES if k != "one bit"])
def test_a_damaged_record_of_a_batch_is_refused(kind, job, folder):
    damage(folder / "complete.json", kind)
    with pytest.raises(InputError) as caught:
        list(predict_batch(job, RunSettings("2026-11-22"), folder))
    assert one_line(caught.value) == "extract-complete"


def use(job, folder):
    list(predict_batch(job, RunSettings("2026-11-22"), folder))
    identify_batch(job, folder.parent)


def test_each_field_of_a_batch_is_needed_and_has_its_type(job, folder):
    path = folder / "complete.json"
    content = json.loads(path.read_bytes())
    for name in content:
        path.write_text(json.dumps({k: v for k, v in content.items() if k != name}))
        with pytest.raises(InputError):
            read_batch(job.batch, folder, job.ref)
        for value in OTHER_VALUES:
            if value == content[name]:
                continue
            path.write_text(json.dumps(content | {name: value}))
            # One that has the right type is refused by the stage that needs it.
            with pytest.raises(InputError) as caught:
                use(job, folder)
            assert one_line(caught.value).startswith("extract-"), (name, value)


def test_an_extraction_of_another_version_is_told_as_such(job, folder):
    path = folder / "complete.json"
    path.write_text(json.dumps({"software": "0.0.1", "states": ["extracted"]}))
    with pytest.raises(InputError) as caught:
        read_batch(job.batch, folder, job.ref)
    assert one_line(caught.value) == "extract-software"


def test_identify_refuses_damaged_fingerprints(job, folder):
    damage(folder / "fingerprints.npy", "cut short")
    with pytest.raises(InputError) as caught:
        identify_batch(job, folder.parent)
    assert one_line(caught.value) == "extract-whole"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text.replace("positions", "places"),
        lambda text: text.replace("EX01\t", "EX01\tx"),
        lambda text: text.rstrip("\n").rpartition("\t")[0] + "\n",
        lambda text: text.rstrip("\n") + "\tmore\n",
        lambda text: text.replace("assessed\n", "asked\n"),
        lambda text: text + "\0\n",
    ],
)
def test_a_damaged_table_of_identity_is_refused(change, job, whole, tmp_path):
    path = tmp_path / "identity.tsv"
    found = identify_batch(job, whole.parent)
    text = identity_text(found)
    path.write_text(text)
    assert read_verdicts([path]) == verdicts_of(found)
    path.write_text(change(text))
    with pytest.raises(InputError) as caught:
        read_verdicts([path])
    assert one_line(caught.value) == "identity-table"


def test_a_name_that_is_no_text_is_kept(tmp_path, job, whole):
    record = read_batch(job.batch, whole, job.ref)
    odd = "na\udcefve.vcf"
    path = tmp_path / "complete.json"
    group = type(record.groups[0])((odd,), record.groups[0].build, None, ())
    kept = type(record)("1", "2", odd, (group,), Thresholds(), (None,), (), (), "3")
    path.write_text(record_text(kept), encoding="ascii")
    assert read_record(path, type(record)) == kept
    with pytest.raises(DamagedRecordError):
        read_record(tmp_path / "none.json", type(record))
