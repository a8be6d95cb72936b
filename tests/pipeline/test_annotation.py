"""What `annotate` is asked to write, and what it refuses."""

import csv
import gzip
import json
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


CHROM6, CHROM1, CHROM15, CHROM16 = 170805979, 248956422, 101991189, 90338345
SYNGAP1 = ("33423498 G C", "33438864 C G", "33438870 C CATG", "33438900 A ACT")
"""In coding exons of a gene without bases: two substitutions, insertions that keep and shift."""


def both(path: Path, out: Path) -> tuple[list[dict[str, str]], dict[str, object]]:
    """Return the table of `annotate`, and the report that `run` makes of the same file."""
    done = run(path, "--out", out / "o.vcf.gz")
    assert done.exit_code == 0, done.output
    words = ["run", str(path), "--build", "GRCh38", "--out", str(out / "run"), "--formats", "json"]
    done = CliRunner().invoke(commands, words)
    assert done.exit_code == 0, done.output
    with (out / "o.tsv").open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle, delimiter="\t") if r["pos"] != "."]
    (report,) = (out / "run" / "reports").rglob("S1.json")
    return rows, json.loads(report.read_text(encoding="utf-8"))


def test_no_coding_change_is_silent_for_want_of_bases(tmp_path: Path) -> None:
    path = tmp_path / "in.vcf"
    records = (f"{record} GT:GQ:DP 0/1:99:40" for record in SYNGAP1)
    path.write_text(vcf_text(*records, contig="chr6", length=CHROM6))
    rows, report = both(path, tmp_path)
    assert [(r["gene"], r["consequence"], r["functional_class"]) for r in rows] == [
        ("SYNGAP1", "coding_sequence_variant", "not_determined"),
        ("SYNGAP1", "coding_sequence_variant", "not_determined"),
        ("SYNGAP1", "inframe_insertion", "not_determined"),
        ("SYNGAP1", "frameshift_variant", "loss_of_function"),
    ]
    assert {r["classification"] for r in rows} == {"not_classified"}
    assert [r["hgvs_c"] for r in rows[:2]] == ["NM_006772.3:c.89G>C", "NM_006772.3:c.1621C>G"]
    named = [f["consequences"][0] for f in report["findings"]]
    assert named == ["inframe_insertion", "frameshift_variant"]
    (said,) = (w for w in report["warnings"] if w["text_id"] == "caveat-coding-unjudged")
    assert "SYNGAP1 (2)" in said["text"]


NEIGHBOURS = {
    "stop": ("chr15", CHROM15, ("89333660 G T", "89333661 C A")),
    "restored": ("chr16", CHROM16, ("2056201 TC T", "2056213 G GA")),
}
"""Two missense variants that make a stop codon; a frame that is shifted and restored."""


@pytest.mark.parametrize("phase", ["0|1", "0/1", "1/1"])
@pytest.mark.parametrize("name", ["stop", "restored"])
def test_neighbours_are_read_together_as_in_a_report(tmp_path: Path, name: str, phase: str) -> None:
    path = tmp_path / "in.vcf"
    contig, length, records = NEIGHBOURS[name]
    calls = (f"{record} GT:GQ:DP {phase}:99:40" for record in records)
    path.write_text(vcf_text(*calls, contig=contig, length=length))
    rows, report = both(path, tmp_path)
    told = [(r["pos"], r["functional_class"], r["joint_change"] != ".") for r in rows]
    assert told == [
        (str(f["key"]["pos"]), f["direction"], "note-haplotype" in f["notes"])
        for f in report["findings"]
    ]
    joined = phase != "0/1"
    assert {t[2] for t in told} == {joined}
    directions = {t[1] for t in told}
    assert directions == {"loss_of_function" if (name == "stop") is joined else "not_determined"}
    with gzip.open(tmp_path / "o.vcf.gz", "rt") as handle:
        lines = [x for x in handle if not x.startswith("#")]
    assert [("EPGX_JOINT=" in x) for x in lines] == [joined] * 2
    assert all(f"EPGX_DIRECTION={d}" in x for d, x in zip((t[1] for t in told), lines, strict=True))


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        (("1/1", "1/1"), "homozygous"),
        (("1/1", "0/1"), "heterozygous"),
        (("0|1", "0|1"), "heterozygous"),
        (("0/1", "0/1"), ""),
        (("0|1", "1|0"), None),
    ],
)
def test_a_listed_change_in_two_records_is_told_as_in_a_report(
    tmp_path: Path, calls: tuple[str, str], found: str | None
) -> None:
    path = tmp_path / "in.vcf"
    pairs = zip(("132392489 G A", "132392490 C T"), calls, strict=True)
    records = (f"{record} GT:GQ:DP {call}:99:40" for record, call in pairs)
    path.write_text(vcf_text(*records, contig="chr5", length=181538259))
    rows, report = both(path, tmp_path)
    wholes = [r for r in rows if r["alt"] == "AT"]
    told = [(r["zygosity"], r["curated_id"], r["classification"]) for r in wholes]
    assert told == ([(found, "ClinVar:6428", "pathogenic")] if found else [])
    assert [f["key"]["alt"] for f in report["findings"]] == ["AT"] * bool(found)
    said = {w["text_id"] for w in report["warnings"]}
    assert ("caveat-joined-possible" in said) is (found == "")
    # What a finding tells as a whole is not counted as unjudged beside it.
    whole = found and calls[0] == calls[1]
    assert ("caveat-coding-unjudged" in said) is not whole
    assert [("joined-possible" in r["notes"]) for r in rows] == [found == ""] * len(rows)
    with gzip.open(tmp_path / "o.vcf.gz", "rt") as handle:
        lines = [x for x in handle if not x.startswith("#")]
    assert ["EPGX_JOINT_CLASS=pathogenic" in x for x in lines] == [bool(found)] * 2
    assert ["EPGX_JOINT_POSSIBLE=yes" in x for x in lines] == [found == ""] * 2


def test_a_bar_without_its_set_is_said_to_be_possible(tmp_path: Path) -> None:
    """Where the header declares sets, `|` alone ties nothing, and nothing is left out for it."""
    contig, length, records = NEIGHBOURS["stop"]
    path = tmp_path / "in.vcf"
    calls = (f"{record} GT:GQ:DP 0|1:99:40" for record in records)
    sets = '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="set">'
    path.write_text(vcf_text(*calls, contig=contig, length=length, extra=(sets,)))
    rows, report = both(path, tmp_path)
    assert ["haplotype-possible" in r["notes"] for r in rows] == [True, True]
    assert {f["direction"] for f in report["findings"]} == {"loss_of_function"}


@pytest.mark.parametrize(
    ("calls", "second", "is_open"),
    [
        (("0|1", "0|1"), "63413510 CA C", True),
        (("1/1", "1/1"), "63413510 CA C", True),
        (("0|1", "1|0"), "63413510 CA C", False),
        (("0/1", "0/1"), "63413510 CA C", False),
        (("0|1", "0|1"), "63413510 CAG C", False),
    ],
)
def test_a_frame_that_returns_by_length_is_no_proved_loss(
    tmp_path: Path, calls: tuple[str, str], second: str, is_open: bool
) -> None:
    """KCNQ2 has no bases here: what the codons between say is not known."""
    path = tmp_path / "in.vcf"
    pairs = zip(("63413500 A AG", second), calls, strict=True)
    records = (f"{record} GT:GQ:DP {call}:99:40" for record, call in pairs)
    path.write_text(vcf_text(*records, contig="chr20", length=64444167))
    rows, report = both(path, tmp_path)
    assert len(rows) == 2
    assert {r["functional_class"] for r in rows} == {
        "not_determined" if is_open else "loss_of_function"
    }
    assert {"frame-open" in r["notes"] for r in rows} == {is_open}
    with gzip.open(tmp_path / "o.vcf.gz", "rt") as handle:
        lines = [x for x in handle if not x.startswith("#")]
    assert {"EPGX_DIRECTION=not_determined" in x for x in lines} == {is_open}
    assert {f["truncating"] for f in report["findings"]} == {not is_open}


CSQ = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|SYMBOL|Feature">'


@pytest.mark.parametrize(
    ("calls", "second", "is_open"),
    [
        (("0|1", "0|1"), "33423501 G C", True),
        (("1/1", "1/1"), "33423501 G C", True),
        (("0/1", "1/1"), "33423501 G C", True),
        (("0|1", "1|0"), "33423501 G C", False),
        (("0/1", "0/1"), "33423501 G C", False),
        (("0|1", "0|1"), "33423503 A C", False),  # the next codon
    ],
)
@pytest.mark.parametrize("csq", ["", "CSQ=T|stop_gained|SYNGAP1|NM_006772.3"])
def test_a_stop_whose_codon_is_changed_twice_is_no_proved_loss(
    tmp_path: Path, calls: tuple[str, str], second: str, is_open: bool, csq: str
) -> None:
    """Arg31 of SYNGAP1 becomes a stop by its first base; with its second base, perhaps Ser."""
    path = tmp_path / "in.vcf"
    pairs = zip(("33423500 C T", second), calls, strict=True)
    records = [f"{record} PASS . GT:GQ:DP {call}:99:40" for record, call in pairs]
    records[0] = records[0].replace(" . ", f" {csq or '.'} ", 1)
    path.write_text(vcf_text(*records, contig="chr6", length=170805979, extra=(CSQ,)))
    rows, report = both(path, tmp_path)
    (stop,) = (r for r in rows if r["pos"] == "33423500")
    assert stop["functional_class"] == ("not_determined" if is_open else "loss_of_function")
    assert ("codon-open" in stop["notes"]) is is_open
    (found,) = (f for f in report["findings"] if f["hgvs_p"] == "p.(Arg31Ter)")
    assert found["truncating"] is not is_open
    assert [c["classification"] for c in found["classifications"]] == ["pathogenic"]


@pytest.mark.parametrize(
    ("form", "call", "carried"),
    [
        ("GT", "0/1", "A"),
        ("GT", "1", "A"),
        ("GT", "./1", "A"),
        ("GT", "0/0/1", "A"),
        ("GT", "0|0|1", "A"),
        ("GT", "0/1/1", "A"),
        ("GT", "1/1/1", "A"),
        ("GT", "0/0/0/1", "A"),
        ("GT", "././1", "A"),
        ("GT", "0/1/2", "AG"),
        ("GT", "0/0/1/2", "AG"),
        ("GT", "0/0/0", ""),
        ("GT", "0/0/.", ""),
        ("LGT:LAA", "0/0/1:2", "G"),
        ("LGT:LAA", "0/1/2:1,2", "AG"),
        ("LGT:LAA", "0/1/.:1", "A"),
    ],
)
@pytest.mark.parametrize("other", ["0/0", "0/0/0/0/0"])
def test_an_allele_on_any_copy_is_seen(
    tmp_path: Path, form: str, call: str, carried: str, other: str
) -> None:
    """A genotype may have any number of copies, and another sample of the record more."""
    record = f"2062597 T A,G {form} {call} {other if form == 'GT' else other + ':1'}"
    path = tmp_path / "in.vcf"
    text = vcf_text(record, contig="chr16", length=90338345, samples=("S", "O"))
    local = '##FORMAT=<ID={},Number=.,Type={},Description="local">'
    names = [local.format("LGT", "String"), local.format("LAA", "Integer")]
    path.write_text(text.replace("##FILTER", "\n".join([*names, "##FILTER"]), 1))
    assert run(path, "--out", tmp_path / "o.tsv").exit_code == 0
    with (tmp_path / "o.tsv").open() as handle:
        rows = [r for r in csv.DictReader(handle, delimiter="\t") if r["pos"] != "."]
    assert "".join(sorted(r["alt"] for r in rows)) == carried
    sure = call.count("/") < 2 and "|" not in call and "." not in call
    assert {r["status"] == "called" for r in rows} == ({sure} if carried else set())
