"""The workflow as a bioinformatician runs it: real Snakemake on the example patients."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.intake.test_clinvar import text as clinvar_text
from tests.reference.overlays import write_overlay

CONTACT = {"role": "Genetics laboratory", "contact": "extension 123", "hours": "."}


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


def counts(done):
    """Return how often each rule is planned, from the table of a dry run."""
    lines = [line.split() for line in (done.stdout + done.stderr).splitlines()]
    return {
        words[0]: int(words[1])
        for words in lines
        if len(words) == 2 and words[1].isdigit() and ":" not in words[0]
    }


def ran(done):
    """Return how often each rule ran."""
    lines = (done.stdout + done.stderr).splitlines()
    begun = re.findall(r"^(?:local)?(?:rule|checkpoint) (\w+):$", "\n".join(lines), re.MULTILINE)
    return dict(Counter(begun))


def test_examples_then_a_second_run_then_a_changed_table(checkout, root):
    done = snakemake(checkout, "--quiet", "progress")
    assert done.returncode == 0, done.stderr
    assert len(list((checkout / "results/reports").rglob("*.html"))) == 11
    assert (checkout / "results/status.txt").read_text() == "11 patients have a report\n"
    # Snakemake's own records, which name samples, are closed at their top.
    places = [checkout / ".snakemake", checkout / "results", *(checkout / "results").rglob("*")]
    assert {p.name for p in places} >= {"reports", "cohort"}
    assert [p for p in places if not p.is_symlink() and p.stat().st_mode & 0o007] == []
    again = snakemake(checkout)
    assert "Nothing to be done" in again.stderr + again.stdout
    texts = checkout / "reference/texts.tsv"
    texts.write_text(texts.read_text(encoding="utf-8").replace("Current drugs", "Drugs taken now"))
    dry = counts(snakemake(checkout, "-n"))
    # What follows from the new plan is known when it is made: the test below.
    assert dry["plan"] == dry["check_reference"] == 1
    assert not {"extract", "predict", "report"} & {*dry}
    shutil.copy2(root / "reference/texts.tsv", texts)
    vcf = checkout / "examples/vcf/EX08.vcf"
    vcf.write_text(vcf.read_text().replace("#CHROM", "##note=x\n#CHROM", 1))
    dry = counts(snakemake(checkout, "-n", "--until", "predict"))
    assert dry == {"extract": 1, "predict": 1, "total": 2}
    shutil.copy2(root / "examples/vcf/EX08.vcf", vcf)


JOINED = {"check_reference": 1, "plan": 1, "identify": 1, "cohort": 1, "finish": 1}
ONE_BATCH = {"extract": 1, "predict": 1, "report": 1}


@pytest.fixture(scope="module")
def three_batches(checkout, tmp_path_factory):
    """A run over patients with a file each, two a batch."""
    folder = tmp_path_factory.mktemp("three")
    for name in ("Snakefile", "workflow", "reference"):
        (shutil.copytree if (checkout / name).is_dir() else shutil.copy)(
            checkout / name, folder / name
        )
    shutil.copytree(checkout / "examples/vcf", folder / "vcf")
    write_sheet(folder, *range(5))
    assert run_three(folder).returncode == 0
    return folder


def write_sheet(folder, *numbers, taken="."):
    """Write a sheet of patients who have copies of two example files, in turn."""
    lines = ["sample_id\tvcf\tvcf_sample\tbuild\trecord_number\tcurrent_drugs"]
    for n in numbers:
        source = ("EX01.vcf.gz", "EX02.vcf.gz")[n % 2]
        copy = folder / f"vcf/P{n}.vcf.gz"
        if not copy.exists():
            shutil.copy(folder / "vcf" / source, copy)
        said = taken if n == 3 else "."
        lines.append(f"P{n}\tvcf/P{n}.vcf.gz\t{source[:4]}\tGRCh38\tR{n % 2}\t{said}")
    (folder / "s.tsv").write_text("\n".join(lines) + "\n")


def run_three(folder, *words):
    """Run the workflow over the sheet."""
    given = ("samples=s.tsv", "batch_size=2", "report_date=2026-11-22")
    return snakemake(folder, "--quiet", "progress", "--config", *given, *words)


def edit_table(folder, name, old, new):
    path = folder / f"reference/{name}.tsv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    words = [sys.executable, "-m", "epilepsy_pgx.cli", "reference", "describe"]
    subprocess.run([*words, folder / "reference"], check=True, capture_output=True)


def rerun(folder):
    """Run again; return the jobs that this took, without those that every change takes."""
    done = run_three(folder)
    assert done.returncode == 0, done.stderr
    found = {k: v for k, v in ran(done).items() if k not in ("all", "everything")}
    assert "Nothing to be done" in "".join(snakemake_again(folder))
    return found


def snakemake_again(folder):
    done = run_three(folder)
    return done.stdout, done.stderr


@pytest.mark.slow
def test_one_more_and_one_less_take_the_jobs_of_one_batch(three_batches):
    folder = three_batches
    sheet_only = {k: v for k, v in JOINED.items() if k != "check_reference"}
    write_sheet(folder, 6, 0, 1, 2, 3, 4)  # one more, at the top
    assert rerun(folder) == {**sheet_only, **ONE_BATCH}
    write_sheet(folder, 0, 1, 2, 3, 4)  # and gone again
    assert rerun(folder) == {**sheet_only, **ONE_BATCH}


@pytest.mark.slow
def test_an_entry_a_wording_and_a_limit_take_the_jobs_that_rest_on_them(three_batches):
    folder = three_batches
    sheet_only = {k: v for k, v in JOINED.items() if k != "check_reference"}
    write_sheet(folder, 0, 1, 2, 3, 4, taken="clobazam")
    assert rerun(folder) == {**sheet_only, "predict": 1, "report": 1}
    edit_table(folder, "texts", "\tCurrent drugs\n", "\tDrugs taken now\n")
    assert rerun(folder) == {**JOINED, "report": 3}
    edit_table(folder, "quality_limits", "identity-chance\t0.01", "identity-chance\t0.011")
    assert rerun(folder) == {**JOINED, "extract": 3, "predict": 3, "report": 3}


def results(folder):
    """Return all reports and tables of a run, but for the genomes of all runs before it."""
    places = [*(folder / "results/reports").rglob("*.*"), *(folder / "results/cohort").iterdir()]
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in places
        if p.is_file() and not p.name.startswith((".", "batch", "genomes"))
    }


@pytest.mark.slow
def test_what_is_reported_depends_on_no_batch_and_no_history(three_batches):
    write_sheet(three_batches, 8, 0, 1, 2, 3, 4, taken="valproate")
    edit_table(three_batches, "texts", "\tMonogenic finding\n", "\tFinding in one gene\n")
    # One run must do after changes of every kind: nobody would know that another is due.
    assert run_three(three_batches).returncode == 0
    before = results(three_batches)
    assert any(b"Finding in one gene" in text for text in before.values())
    shutil.rmtree(three_batches / "results")
    assert run_three(three_batches, "batch_size=5").returncode == 0
    assert results(three_batches) == before


@pytest.mark.slow
def test_a_new_pair_withdraws_the_reports_of_the_two_in_one_run(three_batches, root):
    """The plan stays as it is: one file was replaced by another patient's."""
    folder = three_batches
    files = (("EX01.vcf.gz", "EX01"), ("EX02.vcf.gz", "EX02"), ("EX07.g.vcf.gz", "EX07"))
    lines = ["sample_id\tvcf\tvcf_sample\tbuild\trecord_number"]
    # The records are those of the runs before: another id with their genome would be a swap.
    for number, (name, sample) in enumerate(files):
        shutil.copy(root / "examples/vcf" / name, folder / "vcf" / f"W{name}")
        lines.append(f"W{sample}\tvcf/W{name}\t{sample}\tGRCh38\tR{number}")
    (folder / "s.tsv").write_text("\n".join(lines) + "\n")
    done = run_three(folder, "batch_size=1")
    assert done.returncode == 0
    assert "withdrawn" not in done.stderr
    text = gzip.decompress((root / "examples/vcf/EX01.vcf.gz").read_bytes())
    other = gzip.compress(text.replace(b"\tEX01\n", b"\tEX02\n"))
    (folder / "vcf/WEX02.vcf.gz").write_bytes(other)
    done = run_three(folder, "batch_size=1")
    assert done.returncode == 0
    assert "2 reports are withdrawn" in done.stderr.splitlines()[-1]
    assert "WEX02 has another genome than in an earlier run" in done.stderr
    assert {k: v for k, v in ran(done).items() if k in ONE_BATCH} == {**ONE_BATCH, "report": 2}
    stopped = {
        p.parent.name
        for p in (folder / "results/reports").rglob("*.json")
        if json.loads(p.read_bytes())["status"] == "not reportable"
    }
    assert stopped == {"WEX01", "WEX02"}


def write_cohort(folder, root, count):
    """Write a file of so many copies of one sample."""
    lines = gzip.decompress((root / "examples/vcf/EX01.vcf.gz").read_bytes()).decode().splitlines()
    cut = [line.split("\t") for line in lines]
    names = [f"C{n}" for n in range(count)]
    wide = [
        c[0] if len(c) == 1 else "\t".join(c[:9] + (names if c[0] == "#CHROM" else c[9:] * count))
        for c in cut
    ]
    (folder / "vcf/cohort.vcf.gz").write_bytes(gzip.compress("\n".join([*wide, ""]).encode()))


def write_cohort_sheet(folder, numbers):
    lines = ["sample_id\tvcf\tvcf_sample\tbuild\trecord_number"]
    lines += [f"C{n}\tvcf/cohort.vcf.gz\tC{n}\tGRCh38\tR" for n in numbers]
    (folder / "s.tsv").write_text("\n".join(lines) + "\n")


@pytest.mark.slow
def test_a_file_of_several_batches_is_read_once(three_batches, root):
    folder = three_batches
    sheet_only = {k: v for k, v in JOINED.items() if k != "check_reference"}
    write_cohort(folder, root, 45)
    write_cohort_sheet(folder, range(42))
    first = {"extract": 2, "predict": 2, "report": 2, "cut": 1}
    assert {k: v for k, v in rerun(folder).items() if k in first} == first
    write_cohort_sheet(folder, range(43))  # one more of the same file
    assert rerun(folder) == {**sheet_only, **ONE_BATCH, "cut": 1}
    before = results(folder)
    assert len(list((folder / "results/cut").rglob("*.bcf"))) == 2
    # What is cut for several batches is what one batch reads of the file itself.
    shutil.rmtree(folder / "results")
    assert run_three(folder, "batch_size=5").returncode == 0
    assert not (folder / "results/cut").exists()
    assert results(folder) == before


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
    assert done.returncode == 2
    for part in ("bad.tsv:2: build", "bad.tsv:3: sample_id"):
        assert part in done.stderr
    # Nor does a sheet whose phenopackets are all at fault.
    (checkout / "examples/p.json").write_text("{")
    rows = ["A\tx.vcf\tGRCh38\tp.json", "B\ty.vcf\tGRCh38\tnone.json"]
    sheet.write_text("\n".join(["sample_id\tvcf\tbuild\tphenopacket", *rows]) + "\n")
    done = snakemake(checkout, "--config", "samples=examples/bad.tsv")
    assert done.returncode == 2
    last = done.stderr.splitlines()[-2:]
    assert [line.split(":")[0] for line in last] == ["examples/none.json", "examples/p.json"]


@pytest.mark.slow
def test_broken_tables_are_named_and_nothing_runs(checkout, root, tmp_path):
    tables = tmp_path / "tables"
    shutil.copytree(root / "reference", tables)
    drugs = tables / "drugs.tsv"
    drugs.write_text(drugs.read_text(encoding="utf-8") + "a\tb\n", encoding="utf-8")
    shutil.copytree(checkout / "examples", tmp_path / "x/examples")
    words = ("samples=examples/samples.tsv", f"reference_dir={tables}")
    done = snakemake(checkout, "--config", *words, "-d", str(tmp_path / "x"))
    assert done.returncode == 2, done.stderr
    assert any("drugs.tsv" in line and "found " in line for line in done.stderr.splitlines()[-5:])
    assert not (tmp_path / "x/results/plan").exists()


def test_letterhead_of_the_configuration_reaches_the_reports(checkout):
    (checkout / "my logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (checkout / "head.yaml").write_text(
        "laboratory: {name: City genetics, address: [1 Main Street, City], logo: my logo.svg}\n"
        "paper: letter\n"
    )
    target = "results/reports/batch00001.tsv"
    done = snakemake(checkout, "-n", "-p", "--configfile", "head.yaml", "--", target)
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


def test_overlay_and_copy_of_clinvar_reach_the_commands(checkout):
    own = checkout / "own"
    own.mkdir()
    write_overlay(own, {"contacts": [CONTACT]})
    (checkout / "c.vcf").write_text(clinvar_text("2025-01-01"))
    more = checkout / "own.yaml"
    more.write_text(f"reference_overlay: {own.name}\nclinvar: c.vcf\n")
    targets = ("results/reports/batch00001.tsv", "results/cohort/cohort.tsv")
    words = ("-n", "-p", "--configfile", more.name, "--", *targets)
    done = snakemake(checkout, *words)
    assert done.returncode == 0, done.stderr
    for name in ("plan", "extract", "identify", "predict", "report", "cohort"):
        (line,) = (x for x in done.stdout.splitlines() if f"epilepsy-pgx {name} " in x)
        assert f"--overlay {own.name}" in line
        assert ("--clinvar c.vcf" in line) is (name in ("plan", "predict"))
    assert f"{own.name}/contacts.tsv" in done.stdout


def test_a_misspelt_key_is_refused(checkout):
    done = snakemake(checkout, "-n", "--config", "sample=examples/samples.tsv")
    assert done.returncode == 2
    assert "sample: found this key, expected a key of config/README.md" in done.stderr
    assert "Did you mean 'samples'?" in done.stderr
