"""A fault of the software over one file, and a sheet that names other files than the command."""

import gzip
import shutil
from unittest.mock import patch

import pytest

from epilepsy_pgx.pipeline import extract, inspection, predict
from tests.command import run, table


def fails_on(function, place):
    """Return a function that fails where it is given something of BAD."""

    def faulty(*given):
        if "BAD" in str(place(given)):
            raise ZeroDivisionError("odd")
        return function(*given)

    return faulty


PLACES = {
    "read": (extract, "pick_samples", lambda given: given[0][0].path),
    "inspect": (inspection, "inspect_vcf", lambda given: given[0]),
    "predict": (predict.Predictor, "_assess_quality", lambda given: given[1].sample_id),
}
"""Where a stage is made to fail, and what tells the patient there."""


def faulty(stage, *words):
    holder, name, place = PLACES[stage]
    with patch.object(holder, name, fails_on(getattr(holder, name), place)):
        return run(*words)


@pytest.fixture
def files(root, tmp_path):
    """Two files of one sample each: GOOD.vcf.gz and BAD.vcf.gz."""
    paths = {}
    for name, source in (("GOOD", "EX01"), ("BAD", "EX02")):
        text = gzip.open(root / f"examples/vcf/{source}.vcf.gz", "rt").read()
        paths[name] = tmp_path / f"{name}.vcf.gz"
        paths[name].write_bytes(
            gzip.compress(text.replace(f"\t{source}\n", f"\t{name}\n").encode())
        )
    return paths


def checks(folder):
    return [(r["sample_id"], r["check"]) for r in table(folder / "cohort/problems.tsv")]


@pytest.mark.parametrize("stage", ["read", "inspect", "predict"])
def test_a_fault_over_one_file_spares_the_others(files, tmp_path, stage):
    done = faulty(
        stage,
        "run",
        "--vcf",
        files["BAD"],
        "--vcf",
        files["GOOD"],
        "--build",
        "GRCh38",
        "--out",
        tmp_path / "out",
        "--formats",
        "json",
    )
    assert done.returncode == 3
    assert [p.stem for p in (tmp_path / "out/reports").rglob("*.json")] == ["GOOD"]
    assert done.stderr.count("Traceback") == 1
    assert "ZeroDivisionError" in done.stderr
    assert "[software-fault]" in done.stderr
    if stage != "inspect":
        assert checks(tmp_path / "out") == [("BAD", "software-fault")]


@pytest.mark.parametrize("stage", ["read", "inspect", "predict"])
def test_a_fault_that_leaves_nothing_is_exit_code_one(files, tmp_path, stage):
    done = faulty(
        stage,
        "run",
        "--vcf",
        files["BAD"],
        "--build",
        "GRCh38",
        "--out",
        tmp_path / "out",
        "--formats",
        "json",
    )
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 1


def test_a_fault_over_one_sample_spares_those_of_the_same_file(root, tmp_path):
    text = gzip.open(root / "examples/vcf/clinic.GRCh38.vcf.gz", "rt").read()
    names = next(x for x in text.splitlines() if x.startswith("#CHROM")).split("\t")[9:]
    path = tmp_path / "a.vcf"
    path.write_text(
        text.replace(f"\t{names[1]}\t", "\tBAD1\t").replace(f"\t{names[2]}\t", "\tBAD2\t")
    )
    done = faulty(
        "predict",
        "run",
        "--vcf",
        path,
        "--build",
        "GRCh38",
        "--out",
        tmp_path / "out",
        "--formats",
        "json",
    )
    assert done.returncode == 3
    made = {p.stem for p in (tmp_path / "out/reports").rglob("*.json")}
    assert made == {n for i, n in enumerate(names) if i not in (1, 2)}
    assert sorted(checks(tmp_path / "out")) == [
        ("BAD1", "software-fault"),
        ("BAD2", "software-fault"),
    ]


def test_a_fault_in_a_stage_is_kept_for_the_next(files, tmp_path):
    sheet = tmp_path / "samples.tsv"
    sheet.write_text("sample_id\tvcf\nBAD\tBAD.vcf.gz\nGOOD\tGOOD.vcf.gz\n")
    words = ("--samples", sheet, "--batch", "batch00001", "--build", "GRCh38")
    done = faulty("read", "extract", *words, "--out", tmp_path / "x")
    assert done.returncode == 0
    assert done.stderr.count("Traceback") == 1
    done = run(
        "predict",
        *words,
        "--extracted",
        tmp_path / "x",
        "--out",
        tmp_path / "r.gz",
        "--problems",
        tmp_path / "p.tsv",
    )
    assert done.returncode == 0
    assert [(r["sample_id"], r["check"]) for r in table(tmp_path / "p.tsv")] == [
        ("BAD", "software-fault")
    ]


def test_a_fault_in_a_listing(files, tmp_path):
    words = ("--build", "GRCh38", "--out", tmp_path / "genes.tsv")
    done = faulty("read", "call", "--vcf", files["BAD"], "--vcf", files["GOOD"], *words)
    assert done.returncode == 3
    assert {r["sample_id"] for r in table(tmp_path / "genes.tsv")} == {"GOOD"}
    assert faulty("read", "call", "--vcf", files["BAD"], *words).returncode == 1


@pytest.mark.parametrize("cell", ["", ".", "GOOD.vcf.gz", "./GOOD.vcf.gz", "link.vcf.gz"])
def test_a_sheet_that_names_the_same_file(files, tmp_path, cell):
    (tmp_path / "link.vcf.gz").symlink_to(files["GOOD"])
    sheet = tmp_path / "samples.tsv"
    sheet.write_text(f"sample_id\tvcf\nGOOD\t{cell}\n")
    done = run(
        "run",
        "--vcf",
        files["GOOD"],
        "--samples",
        sheet,
        "--build",
        "GRCh38",
        "--out",
        tmp_path / "out",
        "--formats",
        "json",
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("cell", ["copy.vcf.gz", "missing.vcf.gz", "GOOD.vcf.gz|copy.vcf.gz"])
def test_a_sheet_that_names_another_file(files, tmp_path, cell):
    shutil.copy(files["GOOD"], tmp_path / "copy.vcf.gz")
    sheet = tmp_path / "samples.tsv"
    sheet.write_text(f"sample_id\tvcf\nGOOD\t{cell}\n")
    done = run(
        "run",
        "--vcf",
        files["GOOD"],
        "--samples",
        sheet,
        "--build",
        "GRCh38",
        "--out",
        tmp_path / "out",
        "--formats",
        "json",
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{sheet}:2: vcf: found ")
    assert cell.split("|")[-1] in line
    assert not (tmp_path / "out").exists()
