"""Files of several batches are read once, and each batch reads what it would read of the files."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.pipeline import parts
from epilepsy_pgx.pipeline.extract import Extraction, extract_cut, extract_group
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.manifest import CutPlan
from epilepsy_pgx.pipeline.parts import CutJob, cut_for_batches, open_part
from epilepsy_pgx.pipeline.targets import TargetCache
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.record import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.toy.vcf import vcf_text

BUILD = GenomeBuild.GRCH38
SAMPLES = ("S1", "S2", "S3", "S4", "S5")
FIRST = (
    "1001 A G GT:DP:GQ 0|1:30:99 0|0:30:99 1|1:30:5 ./.:.:. 1|0:2:99",
    "1011 C T GT:DP:GQ 0/1:30:99 0/7:30:99 0/0:30:99 0/0:30:99 1/1:30:99",
)
SECOND = ("1031 T . GT 0/0 0/0 0/0 0/0 0/0", "1041 G A GT 0/0 1/1 0/1 0/0 0/0")
BATCHES = {"batch00001": ("S4", "S2"), "batch00002": ("S1", "S6", "S5"), "batch00007": ("S3",)}
BEFORE = 1_000_000_000
"""A time long ago, in seconds."""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, ...]:
    names = ("one.vcf", "two.vcf")
    for name, records in zip(names, (FIRST, SECOND), strict=True):
        (tmp_path / name).write_text(vcf_text(*records, samples=SAMPLES))
    return tuple(tmp_path / name for name in names)


def job(
    files: Sequence[Path], ref: Reference, batches: dict[str, tuple[str, ...]] | None = None
) -> CutJob:
    names = tuple(map(str, files))
    plan = CutPlan(names, names, BUILD, None, BATCHES if batches is None else batches)
    return CutJob(plan, ref, TargetCache(ref, None), Inspections(ref))


def read(folder: Path, batch: str, asked: CutJob) -> Extraction:
    part = open_part(folder, batch, asked.targets, None, asked.ref)
    return extract_cut(part, None, asked.targets, asked.ref, Thresholds())


def changed(folder: Path) -> set[str]:
    """Return the files that were written since this was asked, but for what is seen of inputs."""
    found = {p.name for p in folder.iterdir() if p.stat().st_mtime > BEFORE}
    for path in folder.iterdir():
        os.utime(path, (BEFORE, BEFORE))
    return found - {"seen.json", "files.json"}


def test_a_batch_reads_what_it_would_read_of_the_files(
    files: tuple[Path, ...], toy: Reference, tmp_path: Path
) -> None:
    asked, folder = job(files, toy), tmp_path / "cut"
    assert cut_for_batches(asked, folder) == ()
    for batch, samples in BATCHES.items():
        found = read(folder, batch, asked)
        own = extract_group(files, samples, None, asked.targets, toy, Thresholds())
        assert found.store.samples == own.store.samples
        for name in ("alleles", "status", "reason", "phase", "depth", "quality"):
            assert np.array_equal(getattr(found.store, name), getattr(own.store, name)), name
        assert np.array_equal(found.callable_bases, own.callable_bases)
        assert np.array_equal(found.readings.counts, own.readings.counts, equal_nan=True)
        for name in ("observed", "undocumented", "inputs", "warnings", "callability", "caller"):
            assert getattr(found, name) == getattr(own, name), name
        assert found.sample_problems == own.sample_problems
        assert found.unwitnessed == own.unwitnessed


def test_only_parts_that_changed_are_cut(
    files: tuple[Path, ...], toy: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, wanted = tmp_path / "cut", []
    real = parts.cut_out

    def note(*given, **more):
        wanted.append(given[1])
        return real(*given, **more)

    monkeypatch.setattr(parts, "cut_out", note)
    cut_for_batches(job(files, toy), folder)
    # Of all files, once, whatever the number of batches; S6 is in none.
    assert wanted == [("S4", "S2", "S1", "S5", "S3")]
    changed(folder)
    cut_for_batches(job(files, toy), folder)
    assert changed(folder) == set()
    assert wanted[1:] == []
    more = {**BATCHES, "batch00007": ("S3", "S1")}
    cut_for_batches(job(files, toy, more), folder)
    assert changed(folder) == {f"batch00007.{end}" for end in ("json", "0.bcf", "1.bcf")}
    assert wanted[1:] == [("S3", "S1")]
    # A batch that left takes its genotypes with it.
    cut_for_batches(job(files, toy, {n: BATCHES[n] for n in ("batch00001", "batch00002")}), folder)
    assert not list(folder.glob("batch00007*"))
    assert changed(folder) == set()
    text = files[1].read_text()
    files[1].write_text(text.replace("GT\t0/0\t1/1", "GT\t0/0\t0/0"))
    asked = job(files, toy)
    cut_for_batches(asked, folder)
    assert {"batch00001.json", "batch00002.json"} <= changed(folder)
    assert read(folder, "batch00001", asked).store.alleles[4].tolist() == [[0, 0], [0, 0]]


def test_files_that_cannot_be_read_fail_each_batch_until_they_can(
    files: tuple[Path, ...], toy: Reference, tmp_path: Path
) -> None:
    folder, text = tmp_path / "cut", files[0].read_text()
    files[0].unlink()
    asked = job(files, toy)
    problems = cut_for_batches(asked, folder)
    assert [p.check for p in problems] == ["vcf-readable"]
    for batch in BATCHES:
        with pytest.raises(InputError, match="no file at this path"):
            open_part(folder, batch, asked.targets, None, toy)
    files[0].write_text(text)
    asked = job(files, toy)
    assert cut_for_batches(asked, folder) == ()
    assert read(folder, "batch00001", asked).store.samples == ("S4", "S2")


def test_a_batch_of_samples_that_no_file_has(
    files: tuple[Path, ...], toy: Reference, tmp_path: Path
) -> None:
    asked = job(files, toy, {"batch00001": ("S8", "S9"), "batch00002": ("S1",)})
    cut_for_batches(asked, tmp_path / "cut")
    with pytest.raises(InputError) as found:
        open_part(tmp_path / "cut", "batch00001", asked.targets, None, toy)
    assert {p.sample for p in found.value.problems} == {"S8", "S9"}
    assert {p.check for p in found.value.problems} == {"vcf-sample"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("batch00001.0.bcf", None),
        ("batch00001.0.bcf", b"x"),
        ("batch00001.json", None),
        ("batch00001.json", b"{}"),
        ("files.json", None),
        ("files.json", b"[]"),
    ],
)
def test_a_part_that_is_not_as_it_was_written_is_refused(
    files: tuple[Path, ...], toy: Reference, tmp_path: Path, name: str, text: bytes | None
) -> None:
    asked, folder = job(files, toy), tmp_path / "cut"
    cut_for_batches(asked, folder)
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(text)
    with pytest.raises(InputError, match="cut-whole"):
        open_part(folder, "batch00001", asked.targets, None, toy)


def test_a_part_of_other_regions_is_refused(
    files: tuple[Path, ...], toy: Reference, tmp_path: Path
) -> None:
    asked, folder = job(files, toy), tmp_path / "cut"
    cut_for_batches(asked, folder)
    with pytest.raises(InputError, match="other tables or bases"):
        open_part(folder, "batch00001", asked.targets, "all", toy)
