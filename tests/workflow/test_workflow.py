"""The workflow as a bioinformatician runs it: real Snakemake on the example patients."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def checkout(root, tmp_path_factory):
    """A copy of what the workflow needs, in a path with spaces."""
    folder = tmp_path_factory.mktemp("a run") / "with spaces"
    folder.mkdir()
    for name in ("Snakefile", "workflow", "config", "examples", "reference"):
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder / name)
    subprocess.run(
        [sys.executable, "-m", "epilepsy_pgx.cli", "reference", "describe", folder / "reference"],
        check=True,
        capture_output=True,
    )
    return folder


def snakemake(folder, *words):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
        check=False,
    )


def jobs(done):
    return {
        line.split()[0]
        for line in done.stdout.splitlines() + done.stderr.splitlines()
        if len(line.split()) == 2 and line.split()[1].isdigit()
    }


def test_examples_then_a_second_run_then_a_changed_table(checkout):
    done = snakemake(checkout, "--quiet", "progress")
    assert done.returncode == 0, done.stderr
    assert len(list((checkout / "results/reports").rglob("*.html"))) == 11
    assert (checkout / "results/status.txt").read_text() == "11 patients have a report\n"
    again = snakemake(checkout)
    assert "Nothing to be done" in again.stderr + again.stdout
    texts = checkout / "reference/texts.tsv"
    texts.write_text(texts.read_text(encoding="utf-8").replace("Current drugs", "Drugs taken now"))
    dry = snakemake(checkout, "-n")
    assert {"extract", "predict", "report", "cohort"} <= jobs(dry)


@pytest.mark.slow  # `make check`, the first half of the test command, runs it too
def test_lint(checkout):
    done = snakemake(checkout, "--lint")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_patient_whose_file_is_missing_fails_alone(checkout, root):
    sheet = checkout / "examples/samples.tsv"
    rows = sheet.read_text().splitlines()
    one = rows[1].replace("vcf/EX01.vcf.gz", "vcf/none.vcf.gz")
    (checkout / "examples/two.tsv").write_text("\n".join([rows[0], one, rows[2]]) + "\n")
    shutil.copytree(root / "reference", checkout / "reference", dirs_exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "epilepsy_pgx.cli", "reference", "describe", checkout / "reference"],
        check=True,
        capture_output=True,
    )
    done = snakemake(checkout, "--config", "samples=examples/two.tsv", "--forceall")
    assert done.returncode == 1
    assert len(list((checkout / "results/cohort").glob("*.tsv"))) == 8
    problems = (checkout / "results/cohort/problems.tsv").read_text().splitlines()
    assert [line.split("\t")[:2] for line in problems[1:]] == [["EX01", "vcf-readable"]]
    assert (checkout / "results/reports/batch00001.tsv").is_file()


def test_a_bad_sheet_lists_every_problem_and_runs_nothing(checkout):
    sheet = checkout / "examples/bad.tsv"
    sheet.write_text("sample_id\tvcf\tbuild\nA\tx.vcf\thg38\nA\ty.vcf\tGRCh38\n")
    done = snakemake(checkout, "--config", "samples=examples/bad.tsv")
    assert done.returncode != 0
    for part in ("bad.tsv:2: build", "bad.tsv:3: sample_id"):
        assert part in done.stderr


def test_letterhead_of_the_configuration_reaches_the_reports(checkout):
    (checkout / "my logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (checkout / "head.yaml").write_text(
        "laboratory: {name: City genetics, address: [1 Main Street, City], logo: my logo.svg}\n"
        "paper: letter\n"
    )
    done = snakemake(checkout, "-n", "-p", "--forceall", "--configfile", "head.yaml")
    assert done.returncode == 0, done.stderr
    lines = [x for x in done.stdout.splitlines() if "epilepsy-pgx report " in x]
    assert lines
    for words in (
        "--paper letter",
        "--laboratory 'City genetics'",
        "--logo 'my logo.svg'",
        "--address '1 Main Street' --address City",
    ):
        assert all(words in x for x in lines)


def test_a_misspelt_key_is_refused(checkout):
    done = snakemake(checkout, "-n", "--config", "sample=examples/samples.tsv")
    assert done.returncode != 0
    assert "'sample' was unexpected" in done.stderr + done.stdout
