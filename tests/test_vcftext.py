"""Rows of a VCF: each is read, or told with its line; one genotype harms no other."""

import gzip
import os
import subprocess
import sys
import threading
from pathlib import Path

import pysam
import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vcftext import LINE_LIMIT
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.toy.vcf import ALL_REFERENCE, vcf_text, with_records

BUILD = GenomeBuild.GRCH38
CARRIED = "1001 A G GT 0/1"
TEXT = vcf_text(*with_records(CARRIED))
HEADER_LINES = TEXT.count("\n") - 5
"""Lines before the five records."""


def read(toy, path, covers=None):
    found = extract_group([Path(path)], None, covers, load_targets(toy, BUILD), toy, Thresholds())
    return found.store.usable()


def stored(folder: Path, text: str | bytes, form: str) -> Path:
    path = folder / "v.vcf"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    if form == "gzip":
        (folder / "v.vcf.gz").write_bytes(gzip.compress(path.read_bytes(), 1, mtime=0))
    elif form == "index":
        pysam.tabix_compress(str(path), str(folder / "v.vcf.gz"), force=True)
        pysam.tabix_index(str(folder / "v.vcf.gz"), preset="vcf", force=True)
    return path if form == "plain" else folder / "v.vcf.gz"


def inserted(line: str, behind: int = 2) -> str:
    """Return the file with a line behind some of its records."""
    lines = TEXT.split("\n")
    lines.insert(HEADER_LINES + behind, line)
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        TEXT + "\n",
        TEXT + "\n\n\r\n",
        TEXT + "  \n",
        inserted(""),
        inserted("\t"),
        inserted("# a remark"),
        inserted("#"),
        TEXT.replace("\n", "\r\n"),
        TEXT[:-1],
    ],
    ids=["empty", "several", "spaces", "inside", "tab inside", "comment", "sign", "CRLF", "no end"],
)
@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_lines_that_are_passed_over(toy, tmp_path, text, form):
    assert read(toy, stored(tmp_path, text, form))[:, 0].tolist() == [
        [0, 1],
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
    ]


GOOD = "chr10\t1041\t.\tG\tA\t.\tPASS\t.\tGT\t0/1"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("##contig=<ID=chr1>", "a second header"),
        ("#CHROM\tPOS", "a second header"),
        ("#" + GOOD, "a record behind a # sign"),
        (GOOD + "\t0/1", "11 columns, where the header has 10"),
        (GOOD.rpartition("\t")[0], "9 columns, where the header has 10"),
        (GOOD.rpartition(".\t")[0], "8 columns"),
        ("chr10", "1 columns"),
        (GOOD.replace("\t1041\t", "\tx\t"), "no position"),
        (GOOD.replace("\t1041\t", "\t-5\t"), "no position"),
        (GOOD.replace("\t1041\t", "\t1e3\t"), "no position"),
        (GOOD.replace("\t1041\t", "\t1041.0\t"), "no position"),
        (GOOD.replace("chr10", "chr 10"), "no contig name"),
        (GOOD.replace("chr10", " chr10"), "no contig name"),
        (GOOD.replace("chr10", ""), "no contig name"),
        (GOOD.replace("chr10", "chr\x0110"), "no contig name"),
        (GOOD.replace("PASS", "PA\0SS"), "a zero byte"),
    ],
)
@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_lines_that_are_told(toy, tmp_path, line, found, form):
    path = stored(tmp_path, inserted(line), form)
    with pytest.raises(InputError, match=found) as caught:
        read(toy, path)
    (problem,) = caught.value.problems
    assert problem.line == HEADER_LINES + 3


@pytest.mark.parametrize("change", ["\t0/1", "\t0/1\t0/1"])
def test_rows_of_another_length_in_an_indexed_file(toy, tmp_path, change):
    text = inserted("chr10\t1030\t.\tG\tA\t.\tPASS\t.\tGT\t0/1" + change, 3)
    with pytest.raises(InputError, match="columns, where the header has 10 at chr10:1030"):
        read(toy, stored(tmp_path, text, "index"))


def test_only_line_feeds_end_a_row(toy, tmp_path):
    """Other ends of line inside a cell neither end the row nor hide the rest of it."""
    for sign in ("\x0b", "\x0c", "\x1c", "\x85", "\u2028"):
        text = inserted("chr10\t1030\tid" + sign + "x\tG\tA\t.\tPASS\t.\tGT\t0/1", 3)
        assert read(toy, stored(tmp_path, text, "plain"))[0, 0].tolist() == [0, 1]
    with pytest.raises(InputError):
        read(toy, stored(tmp_path, TEXT.replace("\n", "\r"), "plain"))


GENOTYPES = [
    # in the cell, what is usable at rs5
    ("0/1", [0, 1]),
    ("0/2", None),
    ("2/2", None),
    ("2|0", None),
    ("0/9", None),
    ("0/937", None),
    ("0/65536", None),
    ("65536/65537", None),
    ("0/131072", None),
    ("0/2147483648", None),
    ("0/99999999999999999999", None),
    ("0/x", None),
    ("0/-1", None),
    ("", None),
    ("0//1", None),
    ("A/G", None),
    ("0/1/", None),
    (" 0/1", None),
    ("1/2", None),
    ("nan", None),
    ("0\\1", None),
]


@pytest.mark.parametrize(("genotype", "codes"), GENOTYPES)
@pytest.mark.parametrize("form", ["plain", "index"])
@pytest.mark.parametrize("fields", ["GT", "GT:GQ"])
def test_a_genotype_that_cannot_be_harms_no_other(
    toy, tmp_path, capsys, genotype, codes, form, fields
):
    tail = "" if fields == "GT" else ":60"
    row = f"chr10\t1041\t.\tG\tA\t.\tPASS\t.\t{fields}\t0/1{tail}\t{genotype}{tail}\n"
    text = vcf_text(*(f"{x} 0/0" for x in with_records(CARRIED)[:-1]), samples=("S1", "S2")) + row
    bed = tmp_path / "a.bed"
    bed.write_text("chr10\t0\t2000\n")
    path = stored(tmp_path, text, form)
    found = read(toy, path, str(bed))
    assert found[4, 0].tolist() == [0, 1]
    said = capsys.readouterr().err
    if codes is not None:
        assert found[4, 1].tolist() == codes
        assert not said
        return
    assert -1 in found[4, 1].tolist()
    if genotype.startswith("1/"):
        assert 1 in found[4, 1].tolist()
    line = text.split("\n").index(row[:-1]) + 1
    assert f"{path}:{line}: chr10:1041: found a genotype in 1 sample(s)" in said
    assert "S2" not in said


@pytest.mark.parametrize("index", [True, False])
def test_a_bcf_with_an_allele_that_its_record_lacks(toy, tmp_path, capsys, index):
    text = vcf_text(
        *(f"{x} 0/0" for x in with_records(CARRIED)[:-1]),
        "1041 G A GT 0/1 0/5",
        samples=("S1", "S2"),
    )
    plain = stored(tmp_path, text, "plain")
    path = tmp_path / "v.bcf"
    with (
        pysam.VariantFile(str(plain)) as source,
        pysam.VariantFile(str(path), "wb", header=source.header) as target,
    ):
        for record in source:
            target.write(record)
    if index:
        pysam.tabix_index(str(path), preset="bcf", csi=True)
    found = read(toy, path)
    assert found[4, 0].tolist() == [0, 1]
    assert -1 in found[4, 1].tolist()
    assert "1 sample(s)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("GQ", "60.5"),
        ("GQ", "6e1"),
        ("DP", "30.0"),
        ("AD", "15.0,15.0"),
        ("GQ", "high"),
        ("DP", "99999999999"),
        ("AD", "15,x"),
        ("GQ", "nan"),
        ("GQ", "-0.5"),
        ("DP", ""),
    ],
)
@pytest.mark.parametrize("form", ["plain", "index"])
def test_values_of_another_type_than_declared(toy, tmp_path, key, value, form):
    """The genotype is read or fails its own thresholds; the patient and the rest are not lost."""
    text = vcf_text(*with_records(CARRIED)[:-1], f"1041 G A GT:{key} 0/1:{value}")
    found = read(toy, stored(tmp_path, text, form))[:, 0].tolist()
    assert found[0] == [0, 1]
    assert found[4] == ([0, 1] if value in ("60.5", "6e1", "30.0", "15.0,15.0") else [-1, -1])


def test_a_genotype_that_the_header_declares_a_number(toy, tmp_path):
    text = TEXT.replace("ID=GT,Number=1,Type=String", "ID=GT,Number=1,Type=Integer")
    for form in ("plain", "index"):
        assert read(toy, stored(tmp_path, text, form))[0, 0].tolist() == [0, 1]


@pytest.mark.parametrize("where", ["header line", "header", "record", "sample name"])
@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_what_is_longer_than_any_is_refused(toy, tmp_path, where, form):
    large = "A" * (LINE_LIMIT + 10)
    if where == "header line":
        text = TEXT.replace("##FILTER", f"##x={large}\n##FILTER", 1)
    elif where == "header":
        text = TEXT.replace("##FILTER", f"##x={large[: 1 << 20]}\n" * 66 + "##FILTER", 1)
    elif where == "sample name":
        text = TEXT.replace("\tS1\n", f"\t{large}\n", 1)
    else:
        text = inserted(f"chr10\t1030\t.\tG\tA\t.\tPASS\tX={large}\tGT\t0/1")
    with pytest.raises(InputError, match="more than 64 MB"):
        read(toy, stored(tmp_path, text, form))


def test_many_empty_lines_are_no_text(toy, tmp_path):
    with pytest.raises(InputError, match="lines without text"):
        read(toy, stored(tmp_path, TEXT + "\n" * 2000, "plain"))


def test_pipes_are_refused_without_a_hang(toy, tmp_path):
    fifo = tmp_path / "f.vcf"
    os.mkfifo(fifo)
    with pytest.raises(InputError, match="a pipe or device"):
        read(toy, fifo)
    one, two = os.pipe()
    writer = threading.Thread(target=lambda: (os.write(two, TEXT.encode()), os.close(two)))
    writer.start()
    with pytest.raises(InputError, match="a pipe or device"):
        read(toy, f"/dev/fd/{one}")
    writer.join()
    os.close(one)
    with pytest.raises(InputError, match="a pipe or device"):
        read(toy, "/dev/zero")


def test_a_file_on_standard_input_is_read(tmp_path, request):
    path = stored(tmp_path, vcf_text("94842866 A G GT 0/1"), "plain")
    with path.open("rb") as handle:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "epilepsy_pgx.cli",
                "call",
                "--vcf",
                "/dev/stdin",
                "--build",
                "GRCh38",
                "--out",
                str(tmp_path / "o.tsv"),
            ],
            stdin=handle,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr


def test_concatenated_gzip_is_read_to_its_end(toy, tmp_path):
    lines = TEXT.splitlines(keepends=True)
    parts = "".join(lines[:-2]), lines[-2], lines[-1]
    path = tmp_path / "v.vcf.gz"
    path.write_bytes(b"".join(gzip.compress(p.encode(), mtime=0) for p in parts))
    assert read(toy, path)[4, 0].tolist() == [0, 0]
    sound = path.read_bytes()
    path.write_bytes(sound + b"and more")
    with pytest.raises(InputError, match="vcf-complete"):
        read(toy, path)


def test_text_behind_the_end_of_bgzip(toy, tmp_path):
    path = stored(tmp_path, TEXT, "index")
    path.write_bytes(path.read_bytes() + b"chr10\t1041\n")
    with pytest.raises(InputError, match="vcf-complete"):
        read(toy, path)


def test_every_reference_call_is_untouched(toy, tmp_path):
    path = stored(tmp_path, vcf_text(*ALL_REFERENCE), "index")
    assert read(toy, path)[:, 0].tolist() == [[0, 0]] * 5
