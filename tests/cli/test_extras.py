"""What an extra would bring is lacking: one line that names the extra, and exit code 2."""

import sys
import tomllib
from pathlib import Path

import pytest

from tests.command import run

LACKING = [
    ("fhir", "fhir", ("run", "--formats", "fhir")),
    ("pdf", "typst", ("run", "--formats", "pdf")),
    ("pdf", "typst", ("annotate", "--plot", "SCN1A", "--plot-file", "picture.png")),
    ("parquet", "pyarrow", ("parquet", "cohort")),
    ("xlsx", "openpyxl", ("reference", "export", "--xlsx", "tables.xlsx")),
    ("xlsx", "openpyxl", ("reference", "import", "tables.xlsx")),
    ("sign", "cryptography.hazmat.primitives", ("ledger", "results", "--sign")),
]


@pytest.mark.parametrize(("extra", "module", "words"), LACKING)
def test_a_lacking_extra_is_one_line(
    extra: str,
    module: str,
    words: tuple[str, ...],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setenv("EPILEPSY_PGX_LEDGER_KEY", str(tmp_path / "key.pem"))
    (tmp_path / "tables.xlsx").write_bytes(b"")
    (tmp_path / "cohort").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "cohort/cohort.tsv").write_text("sample_id\n")
    if words[0] in ("run", "annotate"):
        vcf = root / "examples/vcf/EX08.vcf"
        out = "out" if words[0] == "run" else "out.tsv"
        words = (*words, "--vcf", str(vcf), "--build", "GRCh38", "--out", out)
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    (line,) = (text for text in done.stderr.splitlines() if "extra" in text)
    assert f"expected the optional extra '{extra}'" in line
    assert f"pip install 'epilepsy-pgx[{extra}]'" in line
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "results").iterdir())
    assert not (tmp_path / "out").exists()


def test_every_lacking_extra_is_named_at_once(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("typst", "fhir"):
        monkeypatch.setitem(sys.modules, module, None)
    vcf = root / "examples/vcf/EX08.vcf"
    words = ("--vcf", vcf, "--build", "GRCh38", "--out", "out", "--formats", "pdf,fhir,json")
    done = run("run", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert [t for t in ("[pdf]'", "[fhir]'", "[json]'") if t in done.stderr] == [
        "[pdf]'",
        "[fhir]'",
    ]


def test_a_run_that_is_started_without_snakemake_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "extra" not in run("init", tmp_path / "one").stderr
    monkeypatch.setitem(sys.modules, "snakemake", None)
    done = run("init", tmp_path / "other")
    assert done.returncode == 0
    assert "pip install 'epilepsy-pgx[workflow]'" in done.stderr


def test_every_extra_of_a_command_is_tried(root: Path) -> None:
    with (root / "pyproject.toml").open("rb") as handle:
        extras = set(tomllib.load(handle)["project"]["optional-dependencies"])
    others = {"all", "docs", "frames", "kubernetes", "notebook", "slurm", "test", "workflow"}
    assert {extra for extra, _, _ in LACKING} == extras - others
