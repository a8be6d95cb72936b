"""A copy of ClinVar: read plain or by its index, and refused in one line."""

import gzip
from pathlib import Path

import pysam
import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.clinvar import check_builds, open_clinvar
from epilepsy_pgx.intake.contigs import load_contig_names
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.vocabulary import GenomeBuild

B38, B37 = GenomeBuild.GRCH38, GenomeBuild.GRCH37
DAY = "2026-11-27"
HEAD = """##fileformat=VCFv4.1
##fileDate={date}
##source=ClinVar
##reference={build}
##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="review status">
##INFO=<ID=CLNSIG,Number=.,Type=String,Description="classification">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""
ROWS = (
    ("1", 100, "A", "G", "CLNREVSTAT=practice_guideline;CLNSIG=Pathogenic"),
    ("2", 50, "A", "C", "CLNREVSTAT=criteria_provided,_single_submitter;CLNSIG=Benign"),
    ("2", 150, "AT", "A", "CLNSIG=Likely_pathogenic,_low_penetrance;CLNVI=UniProt:1"),
    ("2", 160, "C", "T", "CLNREVSTAT=no_classification_provided"),
    (
        "2",
        170,
        "C",
        "T",
        "CLNREVSTAT=criteria_provided,_conflicting_classifications;"
        "CLNSIG=Conflicting_classifications_of_pathogenicity;"
        "CLNSIGCONF=Pathogenic(1)|Benign(2)",
    ),
)


def text(date: str = "2026-10-01", build: str = "GRCh38", rows: object = ROWS) -> str:
    lines = [f"{c}\t{p}\t7\t{r}\t{a}\t.\t.\t{i}\n" for c, p, r, a, i in rows]  # type: ignore[attr-defined]
    return HEAD.format(date=date, build=build) + "".join(lines)


def write(folder: Path, form: str, content: str) -> Path:
    path = folder / ("c.vcf" if form == "plain" else "c.vcf.gz")
    if form == "plain":
        path.write_text(content)
    elif form == "gzip":
        path.write_bytes(gzip.compress(content.encode()))
    else:
        plain = folder / "p.vcf"
        plain.write_text(content)
        pysam.tabix_compress(str(plain), str(path), force=True)
        if form == "indexed":
            pysam.tabix_index(str(path), preset="vcf", force=True)
    return path


@pytest.mark.parametrize("form", ["plain", "gzip", "blocked", "indexed"])
def test_records_over_regions(tmp_path: Path, form: str) -> None:
    file = open_clinvar(write(tmp_path, form, text()), DAY)
    assert (file.date, file.build, file.index is not None) == ("2026-10-01", B38, form == "indexed")
    names = load_contig_names(load_reference(), B38)
    regions = [("2", 100, 149), ("2", 140, 200), ("X", 1, 5)]
    found = list(file.records(regions, names))
    assert [(r.pos, r.stars) for r in found] == [(150, 0), (170, 1)]
    assert found[0].word == "Likely_pathogenic,_low_penetrance"
    assert found[1].conflict == "Pathogenic(1)|Benign(2)"
    (one,) = file.records([("1", 99, 100)], names)
    assert (one.ref, one.alt, one.stars) == ("A", "G", 4)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (text("2026-11-28"), "the date 2026-11-28"),
        (text("2026-09-01\n##fileDate=2026-10-01"), "the dates 2026-09-01 and 2026-10-01"),
        (text("20261128"), "the date 2026-11-28"),
        (text("sometime"), "no date"),
        (text(build="GRCh36"), "no build"),
        (text().replace("ID=CLNSIG,", "ID=AF,"), "no field CLNSIG"),
        ("hello", "does not start with ##fileformat"),
    ],
)
def test_what_is_no_copy_is_refused(tmp_path: Path, content: str, found: str) -> None:
    with pytest.raises(InputError) as caught:
        open_clinvar(write(tmp_path, "plain", content), DAY)
    (problem,) = caught.value.problems
    assert found in str(problem)


@pytest.mark.parametrize("form", ["gzip", "blocked"])
def test_a_copy_that_was_cut_short_is_refused(tmp_path: Path, form: str) -> None:
    path = write(tmp_path, form, text(rows=ROWS * 500))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError):
        open_clinvar(path, DAY)


@pytest.mark.parametrize("row", ["2\tx\t.\tA\tC\t.\t.\tCLNSIG=Benign\n", "2\t50\tA\n"])
def test_a_damaged_record_is_one_line(tmp_path: Path, row: str) -> None:
    file = open_clinvar(write(tmp_path, "plain", text() + row), DAY)
    with pytest.raises(InputError) as caught:
        list(file.records([("2", 0, 500)], load_contig_names(load_reference(), B38)))
    assert len(caught.value.problems) == 1


def test_an_index_of_another_file_is_not_used(tmp_path: Path) -> None:
    path = write(tmp_path, "indexed", text())
    write(tmp_path, "blocked", text(rows=ROWS * 2000))
    file = open_clinvar(path, DAY)
    names = load_contig_names(load_reference(), B38)
    assert file.index is None
    assert len(list(file.records([("1", 99, 100)], names))) == 2000


def test_one_copy_a_build(tmp_path: Path) -> None:
    file = open_clinvar(write(tmp_path, "plain", text()), DAY)
    check_builds([file], [B38, B37, B38])
    for files, builds in (([file], [B37]), ([file, file], [B38])):
        with pytest.raises(InputError, match="GRCh38"):
            check_builds(files, builds)
