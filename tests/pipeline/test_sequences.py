"""`reference install --check` says how far each gene is read and what a file would add."""

from pathlib import Path

from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.cli.reference import reference
from tests.reference.test_fasta import WHOLE, plain, text
from tests.toy.package import short_tables, write_package


def check(*words: str | Path) -> tuple[int, list[str]]:
    done = CliRunner().invoke(reference, ["install", *map(str, words), "--check"])
    return done.exit_code, done.output.splitlines()


def test_the_shipped_tables() -> None:
    code, lines = check()
    assert code == 0
    rows = [x.split("\t") for x in lines if "\t" in x]
    assert {r[0] for r in rows} == {"GRCh37", "GRCh38"}
    of = {(r[0], r[1]): r[2] for r in rows}
    assert of["GRCh38", "SCN1A"].startswith("coding bases and splice sites (typed")
    assert of["GRCh38", "CACNA1A"] == "coding bases and splice sites"
    assert of["GRCh37", "DEPDC5"].startswith("coding bases, splice sites not")
    assert of["GRCh37", "SYNGAP1"].startswith("listed variants only (")
    assert any("of 83 genes" in x or "genes read for rare variants" in x for x in lines)
    assert any("a FASTA of chromosome 2 would add" in x and "SCN2A" in x for x in lines)


def test_one_gene_of_one_build() -> None:
    code, lines = check("--build", "GRCh38", "--gene", "PRRT2")
    assert code == 0
    assert [x.split("\t")[:2] for x in lines if "\t" in x] == [["GRCh38", "PRRT2"]]
    code, lines = check("--gene", "NOGENE")
    assert code == 2
    assert len(lines) == 1


def test_a_file_is_asked_and_nothing_is_installed(tmp_path: Path) -> None:
    package = write_package(tmp_path / "toy", short_tables())
    fasta = plain(tmp_path / "g.fa", text(WHOLE))
    before = sorted(p for p in package.rglob("*"))
    code, lines = check(package, "--build", "GRCh38", "--fasta", fasta)
    assert code == 0, lines
    assert lines[-1].startswith("GRCh38: g.fa would add")
    assert sorted(p for p in package.rglob("*")) == before


def test_the_first_line_of_a_run(root: Path, tmp_path: Path) -> None:
    words = [
        "run",
        str(root / "examples/vcf/EX01.vcf.gz"),
        "--build",
        "GRCh38",
        "--formats",
        "json",
    ]
    done = CliRunner().invoke(commands, [*words, "--out", str(tmp_path / "o")])
    first = done.output.splitlines()[0]
    assert first.startswith("GRCh38: of ")
    assert "--reference-fasta" in first
    quiet = CliRunner().invoke(commands, [*words, "--out", str(tmp_path / "p"), "-q"])
    assert "genes read for rare variants" not in quiet.output
