"""Any FASTA of the build serves; what is wrong with another one is a line each."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pysam
import pytest
from click.testing import CliRunner, Result

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.reference.fasta import FastaNames, read_fasta
from epilepsy_pgx.reference.install import wanted_intervals
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import CuratedTranscript
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.toy.genome import BACKWARD, FORWARD, START
from tests.toy.package import short_tables, write_package

BUILD = GenomeBuild.GRCH38
PATTERN = ("ACGGTTCA" * 1200)[:9000]
WHOLE = {
    c: PATTERN[:START] + gene + PATTERN[START + len(gene) :]
    for c, gene in (("1", FORWARD), ("3", BACKWARD))
}


@pytest.fixture(scope="module")
def shipped() -> Reference:
    return load_reference()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_package(tmp_path / "toy", short_tables())


def lines(bases: str, width: int = 60) -> str:
    return "".join(f"{bases[i : i + width]}\n" for i in range(0, len(bases), width))


def text(contigs: dict[str, str], width: int = 60) -> str:
    return "".join(f">{name}\n{lines(bases, width)}" for name, bases in contigs.items())


def plain(path: Path, content: str) -> Path:
    path.write_text(content, encoding="ascii")
    return path


def indexed(path: Path, content: str) -> Path:
    pysam.faidx(str(plain(path, content)))
    return path


def gzipped(path: Path, content: str) -> Path:
    path = path.with_suffix(".fa.gz")
    path.write_bytes(gzip.compress(content.encode()))
    return path


def blocked(path: Path, content: str) -> Path:
    place = path.with_suffix(".fa.gz")
    pysam.tabix_compress(str(plain(path, content)), str(place), force=True)
    path.unlink()
    return place


def blocked_and_indexed(path: Path, content: str) -> Path:
    place = blocked(path, content)
    pysam.faidx(str(place))
    return place


FORMS = (plain, indexed, gzipped, blocked, blocked_and_indexed)


def install(package: Path, fasta: Path, *words: str) -> Result:
    asked = ["install", str(package), "--build", "GRCh38", "--fasta", str(fasta), *words]
    return CliRunner().invoke(reference, asked)


def installed(package: Path) -> set[str]:
    path = package / "sequences/GRCh38/installed.fa"
    if not path.is_file():
        return set()
    return {x[1:].partition(":")[0] for x in path.read_text().splitlines() if x[0] == ">"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("width", [1, 60, 100_000])
def test_every_form_gives_the_same_bases(
    package: Path, tmp_path: Path, form: Callable[[Path, str], Path], width: int
) -> None:
    ref = load_reference(package)
    wanted = wanted_intervals(ref, BUILD)
    path = form(tmp_path / "genome.fa", text({"other": "ACGT" * 50} | WHOLE, width))
    beside = set(tmp_path.iterdir())
    read = read_fasta(str(path), wanted, ref, BUILD)
    assert dict(read.bases) == {s: WHOLE[s[0]][s[1] : s[2]] for s in wanted}
    assert read.notes == ()
    assert set(tmp_path.iterdir()) == beside


NAMES = (
    "{}",
    "chr{}",
    "CHR{}",
    "NC_00000{}.{}",
    "NC_00000{}",
    "gi|568815|ref|NC_00000{}.{}|",
    "{} dna:chromosome chromosome:GRCh38:{}:1:9000:1 REF",
    "chr{}  AC:CM000663.2  LN:9000",
)


@pytest.mark.parametrize("name", NAMES)
def test_chromosomes_go_by_any_of_their_names(package: Path, tmp_path: Path, name: str) -> None:
    ref = load_reference(package)
    accession = dict(ref.contigs(BUILD).accessions)
    contigs = {
        (
            f"NC_00000{c}"
            if name == "NC_00000{}"
            else name.format(c, accession[c].partition(".")[2])
        ): b
        for c, b in WHOLE.items()
    }
    done = install(package, plain(tmp_path / "g.fa", text(contigs)))
    assert done.exit_code == 0, done.output
    assert installed(package) == {"1", "3"}


@pytest.mark.parametrize("style", ["CM000{}.2", "ENA|CM000{0}|CM000{0}.2", "chr{}", "NC_{}.12"])
def test_names_of_the_shipped_tables(style: str, shipped: Reference) -> None:
    names = FastaNames(shipped, BUILD)
    number = {"C": "664", "E": "664", "c": "2", "N": "000002"}[style[0]]
    assert names.chrom(style.format(number)) == "2"
    assert names.chrom("chr2_KI270894v1_alt") is None


def test_one_chromosome_after_another(package: Path, tmp_path: Path) -> None:
    first = install(package, plain(tmp_path / "1.fa", text({"chr1": WHOLE["1"]})))
    assert first.exit_code == 0, first.output
    assert installed(package) == {"1"}
    second = install(package, plain(tmp_path / "2.fa", text({"chr3": WHOLE["3"]})))
    assert second.exit_code == 0, second.output
    assert installed(package) == {"1", "3"}
    assert "2 genes proved" in second.output
    record = (package / "sequences/GRCh38/installed.json").read_text()
    assert '"1.fa; 2.fa"' in record


def test_one_gene_alone(package: Path, tmp_path: Path) -> None:
    whole = plain(tmp_path / "g.fa", text(WHOLE))
    done = install(package, whole, "--gene", "TOYR")
    assert done.exit_code == 0, done.output
    assert installed(package) == {"3"}
    again = install(package, whole)
    assert again.exit_code == 0, again.output
    assert "2 genes proved" in again.output
    unknown = install(package, whole, "--gene", "TOYS")
    assert unknown.exit_code == 2
    assert "Is it TOYR?" in unknown.output
    assert "gene-known" in unknown.output
    small = install(package, whole, "--gene", "toyr")
    assert "Write TOYR." in small.output
    assert "transcripts.tsv" not in small.output
    other = install(package, plain(tmp_path / "1.fa", text({"1": WHOLE["1"]})), "--gene", "TOYR")
    assert other.exit_code == 2
    assert "bases of GRCh38 chromosome 3" in other.output


def test_a_piece_of_a_chromosome(package: Path, tmp_path: Path) -> None:
    low, high = START - 200, START + 400
    piece = plain(tmp_path / "p.fa", text({f"chr3:{low + 1}-{high}": WHOLE["3"][low:high]}))
    done = install(package, piece, "--gene", "TOYR")
    assert done.exit_code == 0, done.output
    assert installed(package) == {"3"}
    short = plain(tmp_path / "q.fa", text({f"chr3:{low + 1}-{high}": WHOLE["3"][low : high - 9]}))
    assert "fasta-truncated" in install(package, short).output


def mask(bases: str, at: int, letter: str) -> str:
    return bases[:at] + letter + bases[at + 1 :]


def test_small_letters_are_bases(package: Path, tmp_path: Path) -> None:
    small = {c: b.lower() for c, b in WHOLE.items()}
    done = install(package, plain(tmp_path / "g.fa", text(small)))
    assert done.exit_code == 0, done.output
    assert "note" not in done.output


@pytest.mark.parametrize(("letter", "said"), [("N", "that are N"), ("R", "IUPAC"), ("y", "IUPAC")])
def test_a_gene_with_unknown_bases_is_left_out(
    package: Path, tmp_path: Path, letter: str, said: str
) -> None:
    rows = load_reference(package).rows(CuratedTranscript)
    row = next(r for r in rows if r.gene == "TOYR" and r.build is BUILD)
    contigs = WHOLE | {"3": mask(WHOLE["3"], row.cds_start + 4, letter)}
    path = plain(tmp_path / "g.fa", text(contigs))
    done = install(package, path)
    assert done.exit_code == 0, done.output
    assert said in done.output
    assert "slice-unknown" in done.output
    assert installed(package) == {"1"}
    alone = install(package, path, "--gene", "TOYR")
    assert alone.exit_code == 2
    assert "slice-unknown" in alone.output


OTHER = {c: b + "A" for c, b in WHOLE.items()}
FAULTS = {
    "two chromosomes of another length": (text(OTHER), "fasta-build"),
    "one of another length, not the last": (text(OTHER | {"3": WHOLE["3"]}), "fasta-build"),
    "the end is missing": (text(WHOLE)[:-3000], "fasta-truncated"),
    "a chromosome twice": (text(WHOLE) + text({"1": WHOLE["1"]}), "fasta-twice"),
    "a chromosome under two names": (text(WHOLE | {"chr1": WHOLE["1"]}), "fasta-twice"),
    "no chromosome": (text({"scaffold_1": WHOLE["1"]}), "fasta-contigs"),
    "accessions of the other build": (text({"NC_000001.9": WHOLE["1"]}), "fasta-contigs"),
    "a protein": (text({"1": ("MKLE" * 3000)[:9000]}), "fasta-opens"),
    "no FASTA": ("chrom\tpos\n1\t2\n", "fasta-opens"),
    "nothing": ("", "fasta-opens"),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("form", [plain, gzipped])
def test_a_fault_is_one_line(
    package: Path, tmp_path: Path, form: Callable[[Path, str], Path], name: str
) -> None:
    content, check = FAULTS[name]
    done = install(package, form(tmp_path / "g.fa", content))
    assert done.exit_code == 2, done.output
    said = [x for x in done.output.splitlines() if x.strip() and not x.startswith("Slices of")]
    assert len(said) == 1, said
    assert f"[{check}]" in said[0]
    assert "expected" in said[0]
    assert installed(package) == set()


def test_a_compressed_file_that_breaks_off(package: Path, tmp_path: Path) -> None:
    path = tmp_path / "g.fa.gz"
    path.write_bytes(gzip.compress(text(WHOLE).encode())[:-200])
    done = install(package, path)
    assert done.exit_code == 2
    assert "break off" in done.output


def test_an_index_older_than_its_file_is_not_believed(package: Path, tmp_path: Path) -> None:
    path = indexed(tmp_path / "g.fa", text({"1": "A" * 9000, "3": WHOLE["3"]}))
    plain(path, text({"x": "ACGT" * 40} | WHOLE))
    os.utime(f"{path}.fai", (1, 1))
    done = install(package, path)
    assert done.exit_code == 0, done.output
    assert installed(package) == {"1", "3"}


def test_a_missing_file_is_one_line(package: Path, tmp_path: Path) -> None:
    done = install(package, tmp_path / "none.fa")
    assert done.exit_code == 2
    assert "fasta-opens" in done.output


def test_an_interval_that_is_there_in_part_is_not_taken(package: Path, tmp_path: Path) -> None:
    ref = load_reference(package)
    wanted = wanted_intervals(ref, BUILD)
    low = wanted[0][1] + 5
    piece = {f"1:{low + 1}-{low + 50}": WHOLE["1"][low : low + 50]}
    path = plain(tmp_path / "g.fa", text(piece))
    assert read_fasta(str(path), wanted, ref, BUILD).bases == {}
    with pytest.raises(InputError, match="fasta-contigs"):
        read_fasta(str(plain(tmp_path / "h.fa", text({"z": "ACGT"}))), wanted, ref, BUILD)
