"""The built packages hold workflow, tables and templates, and work without a checkout."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

SHIPPED = (
    *("config/README.md", "config/config.yaml", "reference/datapackage.json"),
    *("workflow/Snakefile", "workflow/rules/common.smk", "workflow/schemas/config.schema.yaml"),
    *("workflow/envs/epilepsy-pgx.yaml", "workflow/profiles/slurm/config.yaml"),
)
TEMPLATE = "epilepsy_pgx/report/templates/report.html"
FACES = tuple(
    f"epilepsy_pgx/report/fonts/{name}"
    for name in ("Regular.ttf", "SemiBold.ttf", "Bold.ttf", "Italic.ttf", "OFL.txt")
)


def run(*words: object, cwd: Path, right: int = 0) -> str:
    done = subprocess.run(
        [str(w) for w in words], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == right, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "hatchling", "build", "-d", folder)
    run(*build, "-t", "sdist", cwd=root)
    (source,) = folder.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(folder / "source", filter="data")
    (top,) = (folder / "source").iterdir()
    run(*build, "-t", "wheel", cwd=top)
    return folder


@pytest.mark.slow
def test_what_the_packages_hold(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {f"epilepsy_pgx/data/{name}" for name in SHIPPED} | {TEMPLATE, *FACES} <= held
    (top,) = (built / "source").iterdir()
    for name in (*SHIPPED, f"src/{TEMPLATE}", "examples/samples.tsv", "Snakefile"):
        assert (top / name).is_file(), name


@pytest.mark.slow
def test_the_workflow_in_an_empty_environment(built: Path, root: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    programs = tmp_path / "env/bin"
    words = ("install", "-q", "-c", root / "constraints.txt", f"{wheel}[workflow]")
    run(programs / "python", "-m", "pip", *words, cwd=tmp_path)
    vcf = root / "examples/vcf/EX08.vcf"
    run(
        *(programs / "epilepsy-pgx", "run", "--vcf", vcf, "--build", "GRCh38"),
        *("--out", tmp_path / "out"),
        cwd=tmp_path,
    )
    assert list((tmp_path / "out/reports").rglob("EX08.html"))
    folder = tmp_path / "started"
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls/EX08.vcf").write_bytes(vcf.read_bytes())
    run(programs / "epilepsy-pgx", "init", folder, "--from", tmp_path / "calls", cwd=tmp_path)
    path = f"PATH={programs}:/usr/bin:/bin"
    run("env", "-u", "PYTHONPATH", path, programs / "snakemake", cwd=folder)
    assert (folder / "results/status.txt").read_text() == "1 patient has a report\n"


EXTRAS_BRING = (
    *("IPython", "cryptography", "fhir", "jsonschema", "material", "maturin", "openpyxl"),
    *("pandas", "pyarrow", "requests", "snakemake", "typst", "weaver"),
)
LARGEST = 120
"""Megabytes of the install without an extra, beyond pip: what docs/how-to/install.md says."""


def megabytes(folder: Path) -> float:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6


@pytest.mark.slow
def test_the_install_without_extras_is_light_and_works(
    built: Path, root: Path, tmp_path: Path
) -> None:
    (wheel,) = built.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    before = megabytes(tmp_path / "env")
    words = ("install", "-q", "-c", root / "constraints.txt", wheel)
    run(tmp_path / "env/bin/python", "-m", "pip", *words, cwd=tmp_path)
    assert megabytes(tmp_path / "env") - before < LARGEST
    assert (
        f"| together, always under {LARGEST} MB |" in (root / "docs/how-to/install.md").read_text()
    )
    (packages,) = (tmp_path / "env").glob("lib/python*/site-packages")
    assert not [name for name in EXTRAS_BRING if (packages / name).exists()]
    vcf = (root / "examples/vcf/EX01.vcf.gz", "--build", "GRCh38")
    plain = ("env", "-u", "PYTHONPATH", tmp_path / "env/bin/epilepsy-pgx")
    run(*plain, "call", "--vcf", *vcf, "--out", "genes.tsv", cwd=tmp_path)
    run(*plain, "annotate", "--vcf", *vcf, "--out", "variants.tsv", cwd=tmp_path)
    assert "c.664C>T" in (tmp_path / "variants.tsv").read_text()
    run(*plain, "run", "--vcf", *vcf, "--out", "out", cwd=tmp_path)
    assert list((tmp_path / "out/reports").rglob("EX01.html"))
