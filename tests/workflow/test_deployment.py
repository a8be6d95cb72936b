"""The workflow deployed the ways the field does it: each from a folder that is no checkout."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.workflow.test_workflow import jobs, snakemake

BEFORE = {"check_reference", "plan", "identify", "cohort", "finish"}
IMPORT = """module pgx:
    snakefile: "{snakefile}"
    config: {config}
{prefix}
use rule * from pgx as {names}
"""


@pytest.fixture
def sheet(root: Path) -> str:
    """The rows of a sheet with one example patient, and one whose file is missing."""
    rows = f"EX08\t{root}/examples/vcf/EX08.vcf\tGRCh38\nNO1\t/none/NO1.vcf\tGRCh38\n"
    return f"sample_id\tvcf\tbuild\n{rows}"


def write_module(
    folder: Path,
    snakefile: Path,
    prefix: str = "",
    names: str = "*",
    config: str = '{"samples": "s.tsv"}',
) -> None:
    """Write a workflow that imports this one and configures little but the sheet."""
    given = {"snakefile": snakefile, "config": config, "names": names}
    line = f'    prefix: "{prefix}"\n' if prefix else ""
    (folder / "Snakefile").write_text(IMPORT.format(**given, prefix=line))


def assert_done(done: subprocess.CompletedProcess[str], results: Path) -> None:
    """One patient is done; the other is named, with file, reason and remedy, in the last lines."""
    assert done.returncode == 1, done.stderr
    assert len(list((results / "reports").rglob("*.html"))) == 1
    last = done.stderr.rstrip("\n").splitlines()[-3:]
    assert last[0] == "1 patient has a report"
    assert last[1].startswith("1 patient has none: see ")
    assert last[2].startswith("NO1: /none/NO1.vcf: found no file at this path")
    assert last[2].endswith("Check the path.")


def test_a_module_with_a_prefix_and_one_key(tmp_path: Path, root: Path, sheet: str) -> None:
    (tmp_path / "s.tsv").write_text(sheet)
    write_module(tmp_path, root / "workflow/Snakefile", "pgx", "pgx_*")
    done = snakemake(tmp_path, "-n")
    assert done.returncode == 0, done.stderr
    # How many batches there are, the plan says.
    assert {f"pgx_{name}" for name in BEFORE} < jobs(done)
    assert "output: pgx/results/status.txt" in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("patients", [1, 21])
def test_a_module_with_a_prefix_runs_to_its_end(tmp_path: Path, root: Path, patients: int) -> None:
    """More than twenty patients of one file are in two batches, and the file is cut for both."""
    row = f"{root}/examples/vcf/clinic.GRCh38.vcf.gz\tEX03\tGRCh38\n"
    rows = "".join(f"P{number:02d}\t{row}" for number in range(patients))
    (tmp_path / "s.tsv").write_text(f"sample_id\tvcf\tvcf_sample\tbuild\n{rows}")
    given = '{"samples": "s.tsv", "batch_size": 1, "report_formats": ["json"]}'
    write_module(tmp_path, root / "Snakefile", "deep/er", config=given)
    done = snakemake(tmp_path)
    assert done.returncode == 0, done.stderr
    results = tmp_path / "deep/er/results"
    assert len(list((results / "reports").rglob("*.json"))) == patients
    assert (results / "cut").is_dir() == (patients > 20)


@pytest.mark.slow
@pytest.mark.parametrize("snakefile", ["Snakefile", "workflow/Snakefile"])
@pytest.mark.parametrize("prefix", ["", "pgx", "deep/er"])
def test_a_module_runs(tmp_path: Path, root: Path, sheet: str, snakefile: str, prefix: str) -> None:
    (tmp_path / "s.tsv").write_text(sheet)
    write_module(tmp_path, root / snakefile, prefix)
    assert_done(snakemake(tmp_path), tmp_path / prefix / "results")


@pytest.mark.slow
@pytest.mark.parametrize("snakefile", ["Snakefile", "workflow/Snakefile"])
def test_a_snakefile_and_a_profile_from_elsewhere(
    tmp_path: Path, root: Path, sheet: str, snakefile: str
) -> None:
    there, here, profile = (tmp_path / name for name in ("a b", "here", "profile"))
    for folder in (there / "config", here, profile):
        folder.mkdir(parents=True)
    (there / "my sheet.tsv").write_text(sheet)
    (there / "config/config.yaml").write_text("samples: my sheet.tsv\n")
    (profile / "config.yaml").write_text("keep-going: true\nprintshellcmds: true\n")
    words = ("-s", f"{root}/{snakefile}", "-d", str(there), "--profile", str(profile))
    assert_done(snakemake(here, *words), there / "results")
    assert not list(here.iterdir())


def clone(root: Path, folder: Path) -> Path:
    """Return a clone as git has it, with what is not committed yet left out."""
    words = ["git", "clone", "--quiet", "--no-hardlinks", f"file://{root}", folder]
    subprocess.run(words, check=True, capture_output=True)
    return folder


@pytest.mark.slow
def test_clone_and_run(tmp_path: Path, root: Path) -> None:
    folder = clone(root, tmp_path / "clone")
    done = snakemake(folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "results/status.txt").read_text() == "11 patients have a report\n"


@pytest.mark.slow
def test_snakedeploy(tmp_path: Path, root: Path, sheet: str) -> None:
    """`SNAKEDEPLOY` names the program where it lies in an environment of its own."""
    program = os.environ.get("SNAKEDEPLOY") or shutil.which("snakedeploy")
    if program is None:
        pytest.skip("not in CI: snakedeploy is in no environment of this package")
    source, there = clone(root, tmp_path / "epilepsy-pgx"), tmp_path / "deployed"
    there.mkdir()
    words = [program, "deploy-workflow", str(source), str(there), "--tag", "v0"]
    subprocess.run(words, check=True, capture_output=True)
    # It names a local source by its path within; only a hosted one can be loaded as it is.
    written = there / "workflow/Snakefile"
    text = written.read_text()
    assert '"workflow/Snakefile"' in text
    written.write_text(text.replace('"workflow/Snakefile"', f'"{source}/workflow/Snakefile"'))
    lacking = snakemake(there, "-n")
    assert lacking.returncode == 2
    assert lacking.stderr.splitlines()[-1].startswith("examples/samples.tsv: found no such file")
    (there / "config/samples.tsv").write_text(sheet)
    assert_done(snakemake(there, "--config", "samples=config/samples.tsv"), there / "results")


FAULTY = """samples: s.tsv
report_formts: [html]
report_formats: [htm]
report_date: 2026-11-22
thresholds: {depth: many, allele_balance: 2}
clinvar: [none.vcf.gz]
laboratory: {logo: none.png}
"""
REFUSED = """laboratory.logo: found none.png, expected a file
clinvar: found none.vcf.gz, expected a file
report_date: found 2026-11-22, read as a date, expected a text or null
report_formats.0: found htm, expected one of html, json
report_formts: found this key, expected a key of config/README.md
thresholds.allele_balance: found 2, expected 0.5 or less
thresholds.depth: found many, expected a whole number
"""


def refusal_of(folder: Path, root: Path, text: str) -> list[str]:
    """Return the lines with which a dry run refuses a configuration."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config/config.yaml").write_text(text)
    done = snakemake(folder, "-n", "-s", f"{root}/workflow/Snakefile")
    assert done.returncode == 2, done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("config/config.yaml: ")]


def test_all_faults_of_a_configuration_are_lines(tmp_path: Path, root: Path, sheet: str) -> None:
    (tmp_path / "s.tsv").write_text(sheet)
    said = refusal_of(tmp_path, root, FAULTY)
    expected = sorted(REFUSED.splitlines())
    assert len(said) == len(expected), said
    for line, start in zip(said, expected, strict=True):
        assert line.startswith(f"config/config.yaml: {start}"), (line, start)
    assert "Did you mean 'report_formats'?" in "".join(said)
    assert "Put it in quotes." in "".join(said)


@pytest.mark.parametrize("text", ["", "- samples", "samples: [a\n"])
def test_a_file_that_is_no_configuration_is_one_line(tmp_path: Path, root: Path, text: str) -> None:
    (line,) = refusal_of(tmp_path, root, text)
    assert "[config-readable]" in line


@pytest.mark.slow
def test_no_configuration_at_all_is_one_line(tmp_path: Path, root: Path) -> None:
    done = snakemake(tmp_path, "-n", "-s", f"{root}/Snakefile")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("config/config.yaml: samples: found no sample")


@pytest.mark.slow
def test_report_of_snakemake(tmp_path: Path, root: Path, sheet: str) -> None:
    (tmp_path / "s.tsv").write_text("\n".join(sheet.splitlines()[:2]) + "\n")
    words = ("-s", f"{root}/workflow/Snakefile", "--config", "samples=s.tsv")
    assert snakemake(tmp_path, *words).returncode == 0
    done = snakemake(tmp_path, *words, "--report", "report.zip")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        held = {Path(name).name for name in archive.namelist()}
        page = archive.read("report/report.html").decode()
    tables = "cohort genes variants drugs quality sites problems identity".split()
    assert {"index.html", "EX08.html", *(f"{name}.tsv" for name in tables)} <= held
    assert "The report of EX08 as the workflow wrote it" in page
    for word in ("Cohort", "Tables", "All patients", "Patients", "not a diagnosis"):
        assert word in page, word
