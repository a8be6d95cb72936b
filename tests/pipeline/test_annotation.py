"""What `annotate` is asked to write, and what it refuses."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from epilepsy_pgx.cli import commands
from tests.toy.vcf import vcf_text

LENGTH = 242193529


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    path = tmp_path / "in.vcf"
    path.write_text(vcf_text("166052952 G A GT 0/1", contig="chr2", length=LENGTH))
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(commands, ["annotate", "--build", "GRCh38", *map(str, words)])


def test_the_picture_has_the_name_of_the_table(vcf: Path, tmp_path: Path) -> None:
    done = run(vcf, "--out", tmp_path / "o.tsv", "--plot", "SCN1A")
    assert done.exit_code == 0, done.output
    picture = (tmp_path / "o.SCN1A.svg").read_text(encoding="utf-8")
    assert picture.startswith("<svg xmlns=")
    assert "script" not in picture


def test_png_by_its_name(vcf: Path, tmp_path: Path) -> None:
    words = ("--out", tmp_path / "o.vcf.gz", "--plot", "POLG", "--plot-file", tmp_path / "p.png")
    first = run(vcf, *words)
    assert first.exit_code == 0, first.output
    data = (tmp_path / "p.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert (tmp_path / "o.tsv").exists()
    run(vcf, *words)
    assert (tmp_path / "p.png").read_bytes() == data


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "o.tsv", "--plot", "NOGENE"], "--plot.*'NOGENE'.*CACNA1A.*SCN1A"),
        (["--out", "o.tsv", "--plot", "CYP2C9"], "--plot.*'CYP2C9'.*SCN1A"),
        (["--out", "o.tsv", "--plot", "../../SCN1A"], "--plot.*'../../SCN1A'.*SCN1A"),
        (["--out", "o.tsv", "--plot", "SCN1A", "--plot-file", "p.pdf"], "--plot-file.*p.pdf.*svg"),
        (["--out", "o.tsv", "--plot-file", "p.svg"], "--plot-file.*no gene.*--plot GENE"),
        (["--out", "o.vcf"], r"--out.*o\.vcf'.*\.vcf\.gz"),
        (["--out", "o.bcf"], r"--out.*o\.bcf'.*\.vcf\.gz"),
        (["--out", "o.vcf.gz", "in.vcf", "other.vcf"], "--out.*2 files.*one file"),
        (["--out", "in.vcf"], "--out.*"),
    ],
)
def test_what_cannot_be_made_is_one_line(
    vcf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.vcf").write_text(vcf.read_text())
    before = vcf.read_bytes()
    names = [] if "in.vcf" in words and "other.vcf" in words else [vcf]
    done = run(*names, *words)
    assert done.exit_code == 2
    lines = [line for line in done.output.splitlines() if line.strip()]
    assert re.search(said, " ".join(lines)), done.output
    assert vcf.read_bytes() == before
    assert {p.name for p in tmp_path.iterdir()} == {"in.vcf", "other.vcf"}


def test_all_mistakes_at_once(vcf: Path, tmp_path: Path) -> None:
    done = run(vcf, "--out", tmp_path / "o.bcf", "--plot", "NOGENE")
    assert done.exit_code == 2
    assert "o.bcf" in done.output
    assert "NOGENE" in done.output
