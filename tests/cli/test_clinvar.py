"""A copy of ClinVar from the command line to the report."""

import json

import pytest

from tests.command import run
from tests.intake.test_clinvar import text

PLACE = ("2", 165991694, "G", "A")
"""A missense variant of SCN1A."""
VCF = """##fileformat=VCFv4.2
##contig=<ID=chr2,length=242193529>
##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP1
chr2\t165991694\t.\tG\tA\t.\tPASS\t.\tGT\t0/1
"""


def start(folder, content, *more, classes=""):
    (folder / "v.vcf").write_text(VCF)
    (folder / "c.vcf").write_text(content)
    (folder / "s.tsv").write_text(
        "sample_id\tvcf\tbuild\tclassifications\nP1\tv.vcf\tGRCh38\t"
        + ("l.tsv\n" if classes else ".\n")
    )
    (folder / "l.tsv").write_text("hgvs\tclass\tdate\tlaboratory\n" + classes)
    done = run(
        "run",
        "--vcf",
        folder / "v.vcf",
        "--samples",
        folder / "s.tsv",
        "--build",
        "GRCh38",
        "--clinvar",
        folder / "c.vcf",
        "--out",
        folder / "o",
        "--date",
        "2026-11-27",
        "--formats",
        "json,html",
        *more,
    )
    assert "Traceback" not in done.stderr
    reports = [json.loads(p.read_text()) for p in (folder / "o").rglob("reports/**/*.json")]
    return done, reports[0] if reports else None


def row(word, stars="criteria_provided,_multiple_submitters,_no_conflicts"):
    return [(*PLACE, f"CLNREVSTAT={stars};CLNSIG={word}")]


def test_date_and_stars_are_printed(tmp_path):
    done, report = start(tmp_path, text(rows=row("Pathogenic")))
    assert done.returncode == 0
    (finding,) = [f for f in report["findings"] if f["gene"] == "SCN1A"]
    assert ["ClinVar file, two stars", "2026-10-01", False] in [
        [c["who"], c["date"], c["act"]] for c in finding["classifications"]
    ]
    assert "ClinVar file" in [i["role"] for i in report["provenance"]["inputs"]]
    (page,) = tmp_path.rglob("P1.html")
    assert "ClinVar file, two stars, 2026-10-01" in page.read_text()


def test_a_later_class_asks_for_a_review(tmp_path):
    lab = "NM_001165963.4:c.5581C>T\tbenign\t2020-01-01\tLab\n"
    _, report = start(tmp_path, text(rows=row("Pathogenic")), classes=lab)
    (said,) = [w["text"] for w in report["warnings"] if "Review the class" in w["text"]]
    assert "benign, Lab, 2020-01-01" in said
    assert "pathogenic, ClinVar file, two stars, 2026-10-01" in said


def test_what_submitters_hold_is_printed(tmp_path):
    word = "Conflicting_classifications_of_pathogenicity;CLNSIGCONF=Pathogenic(1)|Likely_benign(2)"
    _, report = start(tmp_path, text(rows=row(word)))
    (said,) = [w["text"] for w in report["warnings"] if "submitters" in w["text"]]
    assert "Pathogenic(1), Likely benign(2)" in said


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (text(build="GRCh37"), "a copy of GRCh37"),
        (text("2027-01-01"), "the date 2027-01-01"),
        (text()[:-30], "a last line without its end"),
        ("", "an empty file"),
    ],
)
def test_what_is_no_copy_is_one_line(tmp_path, content, found):
    done, report = start(tmp_path, content)
    assert (done.returncode, report) == (2, None)
    assert len(done.stderr.strip().splitlines()) == 1
    assert "c.vcf" in done.stderr
    assert found in done.stderr


def test_annotate_reads_it_too(tmp_path):
    start(tmp_path, text(rows=row("Pathogenic")))
    done = run("annotate", "--vcf", tmp_path / "v.vcf", "--build", "GRCh38", "--clinvar",
               tmp_path / "c.vcf", "--out", tmp_path / "a.tsv")  # fmt: skip
    assert done.returncode == 0
    (line,) = [x for x in (tmp_path / "a.tsv").read_text().splitlines() if "SCN1A" in x]
    head = (tmp_path / "a.tsv").read_text().splitlines()[0].split("\t")
    cells = dict(zip(head, line.split("\t"), strict=True))
    assert cells["classification"] == "pathogenic"
    assert "ClinVar file, two stars 2026-10-01" in cells["class_source"]
