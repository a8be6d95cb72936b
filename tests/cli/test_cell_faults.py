"""A fault of form stops the run; a fault in a cell fails its patient alone, in the stages too."""

import csv
from pathlib import Path

import pytest

from tests.command import run as command

ROOT = Path(__file__).resolve().parents[2]
VCF = ROOT / "examples/vcf/EX08.vcf"
COLUMNS = ("sample_id", "vcf", "vcf_sample", "build", "name", "birth_date", "hla", "current_drugs")
GOOD = ("P1", str(VCF), "EX08", "GRCh38", "Ada Test", "1990-01-01", ".", "carbamazepine")
OTHER = ("P2", *GOOD[1:])
HLA = "sample_id\tgene\tallele_1\tallele_2\tmethod\tlaboratory\tdate\n"
TYPED = "\tHLA-B\t15:02\t40:01\tclinical\tLab\t2026-03-02\n"


def sheet(folder, *rows):
    lines = ["\t".join(COLUMNS), *("\t".join(row) for row in rows)]
    (folder / "s.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(folder):
    return command(
        "run",
        "--vcf",
        VCF,
        "--build",
        "GRCh38",
        "--samples",
        "s.tsv",
        "--out",
        "o",
        "--date",
        "2026-11-27",
        "--formats",
        "json",
        cwd=folder,
    )


def put(row, column, value):
    cells = list(row)
    cells[COLUMNS.index(column)] = value
    return tuple(cells)


@pytest.mark.parametrize(
    ("bad", "hla", "code", "said"),
    [
        (put(OTHER, "birth_date", "01.06.2021 Ada N."), None, 3, "birth_date"),
        (put(OTHER, "current_drugs", "no"), None, 3, "current_drugs"),
        (put(OTHER, "hla", "h.tsv"), HLA + "P2" + TYPED.replace("HLA-B", "HLA-X"), 3, "h.tsv:2"),
        (put(OTHER, "hla", "h.tsv"), HLA + "P2\tHLA-B\n", 3, "h.tsv:2"),
        (put(OTHER, "sample_id", "P1"), None, 2, "sample_id"),
        (OTHER[:5], None, 2, "s.tsv:3"),
    ],
)
def test_run(tmp_path, bad, hla, code, said):
    sheet(tmp_path, GOOD, bad)
    if hla is not None:
        (tmp_path / "h.tsv").write_text(hla)
    done = run(tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert "Ada" not in done.stderr + done.stdout
    assert "2021" not in done.stderr + done.stdout
    reports = sorted(p.parent.name for p in tmp_path.glob("o/reports/*/*/*.json"))
    assert reports == ([] if code == 2 else ["P1"])


def test_the_faults_of_all_files_of_a_patient_are_said_at_once(tmp_path):
    beside = ("hla", "outside_calls", "classifications", "fingerprint")
    columns = ("sample_id", "vcf", "vcf_sample", "build", *beside)
    cells = (*GOOD[:4], *(f"{name}.tsv" for name in beside))
    lines = ("\t".join(columns), "\t".join(cells))
    (tmp_path / "s.tsv").write_text("\n".join(lines) + "\n")
    for name in beside:
        (tmp_path / f"{name}.tsv").write_text("neither\tthis\nnor\tthat\n")
    done = run(tmp_path)
    assert done.returncode == 2
    assert [name for name in beside if f"{name}.tsv" not in done.stderr] == []


@pytest.mark.parametrize(
    ("text", "code", "reports"),
    [
        (HLA + "P1" + TYPED + "P2" + TYPED, 0, ["P1", "P2"]),
        (HLA + "P1" + TYPED + "P2" + TYPED.replace("15:02", "A*15:02"), 3, ["P1"]),
        (HLA + "P1" + TYPED + "P2\tHLA-B\t15:02\n", 2, []),
        (HLA.replace("gene", "locus") + "P1" + TYPED + "P2" + TYPED, 2, []),
        (HLA + "p1" + TYPED + "P2" + TYPED, 3, ["P2"]),
    ],
)
def test_an_hla_file_of_two_patients(tmp_path, text, code, reports):
    sheet(tmp_path, put(GOOD, "hla", "h.tsv"), put(OTHER, "hla", "h.tsv"))
    (tmp_path / "h.tsv").write_text(text)
    done = run(tmp_path)
    assert done.returncode == code
    assert sorted(p.parent.name for p in tmp_path.glob("o/reports/*/*/*.json")) == reports


@pytest.mark.parametrize("planned", [(), ("--samples", "s.tsv", "--reports-folder", "r")])
def test_the_stages_carry_a_faulty_row_into_the_table_of_problems(tmp_path, planned):
    sheet(tmp_path, put(OTHER, "birth_date", "01.06.2021 Ada N."), GOOD)
    batch = ("--samples", "s.tsv", "--batch", "batch00001")
    for words in (
        ("extract", *batch, "--out", "x"),
        (
            "predict",
            *batch,
            "--extracted",
            "x",
            "--out",
            "p/batch00001.jsonl.gz",
            "--problems",
            "p/batch00001.problems.tsv",
        ),
        ("cohort", "--predicted", "p", "--out", "c", *planned),
    ):
        done = command(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "Ada" not in done.stderr
    with (tmp_path / "c/problems.tsv").open() as handle:
        (row,) = csv.DictReader(handle, delimiter="\t")
    assert (row["sample_id"], row["column"], row["line"]) == ("P2", "birth_date", "2")
    status = command(
        "status",
        "--cohort",
        "c/cohort.tsv",
        "--problems",
        "c/problems.tsv",
        "--out",
        "s.txt",
        cwd=tmp_path,
    )
    assert status.returncode == 3


def test_a_sheet_says_whose_file_is_whose(tmp_path):
    """Files of one column's name, files of one patient, and ids that are other people's columns."""
    text = VCF.read_text(encoding="utf-8")
    head = "".join(x for x in text.splitlines(True) if x.startswith("#"))
    body = [x for x in text.splitlines(True) if not x.startswith("#")]
    parts = {"a": body[: len(body) // 2], "b": body[len(body) // 2 :]}
    for name, lines in parts.items():
        (tmp_path / f"{name}.vcf").write_text(head + "".join(lines))
    (tmp_path / "c.vcf").write_text(text)
    (tmp_path / "d.vcf").write_text(text.replace("\tEX08\n", "\tP1\n"))
    columns = "sample_id\tvcf\tvcf_sample\tname\n"
    files = [tmp_path / f"{name}.vcf" for name in "abcd"]

    def go(*rows):
        (tmp_path / "s.tsv").write_text(columns + "".join(f"{row}\tAda Test\n" for row in rows))
        words = [x for path in files for x in ("--vcf", path)]
        done = command(
            "run",
            *words,
            "--build",
            "GRCh38",
            "--samples",
            "s.tsv",
            "--out",
            "o",
            "--date",
            "2026-11-27",
            "--formats",
            "json",
            cwd=tmp_path,
        )
        with (tmp_path / "o/cohort/problems.tsv").open() as handle:
            failed = {(r["sample_id"], r["check"]) for r in csv.DictReader(handle, delimiter="\t")}
        return done, failed, sorted(p.parent.name for p in tmp_path.glob("o/reports/*/*/*.json"))

    several, whole, other = "P1\ta.vcf|b.vcf\tEX08", "P2\tc.vcf\tEX08", "P3\td.vcf\tP1"
    done, failed, reports = go(several, whole, other)
    assert (done.returncode, failed, reports) == (0, set(), ["P1", "P2", "P3"])
    done, failed, reports = go(several, "P2\t.\tEX08", other)
    assert (done.returncode, failed, reports) == (3, {("P2", "sample-once")}, ["P1", "P3"])
    files[3].write_text(text.replace("\tEX08\n", "\tP1\n") + "chr10\t9\t.\tA")
    done, failed, reports = go(several, whole, other)
    assert (done.returncode, failed, reports) == (3, {("P3", "vcf-complete")}, ["P1", "P2"])
    files[3].write_text("x" + text.replace("\tEX08\n", "\tP1\n"))
    done, failed, reports = go(several, whole, "P3\t.\tP1")
    assert (done.returncode, failed, reports) == (3, {("P3", "vcf-readable")}, ["P1", "P2"])
    files[3].write_text("x" + text.replace("\tEX08\n", "\tAda Test\n"))
    done, failed, reports = go(several, whole)
    assert (done.returncode, reports) == (3, ["P1", "P2"])
    assert failed == {(".", "vcf-readable"), ("P3", "vcf-readable")}  # the second is of before
    assert "Ada" not in done.stderr


def test_no_cell_of_a_table_begins_as_a_formula():
    from epilepsy_pgx.report.tables import cell, table_line

    for text in ("=1+1", "+1+1", "-x", "@SUM(A1)", "＝1", " =1", "\t=1", ("=a", "b")):
        assert cell(text).startswith("'")
        assert table_line(("P1", text)).split("\t")[1].startswith("'")
    for text in ("*1/*2", "-1.5", "2", ".", "c.-12A>G", "a=b"):
        assert cell(text) == text


@pytest.mark.parametrize(
    "option",
    [
        ("--min-quality", "-5"),
        ("--min-depth", "-1"),
        ("--min-balance", "2"),
        ("--min-balance", "nan"),
        ("--min-balance", "inf"),
        ("--min-balance", "-0.1"),
        ("--min-quality", "1e400"),
        ("--min-depth", "9999999"),
    ],
)
def test_thresholds_are_finite_and_in_range(tmp_path, option):
    done = command(
        "call", "--vcf", VCF, "--build", "GRCh38", "--out", "o.tsv", *option, cwd=tmp_path
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "o.tsv").exists()


def test_the_stages_join_a_batch_with_a_faulty_row(tmp_path):
    sheet(tmp_path, put(GOOD, "birth_date", "1.1.1990"), OTHER)
    words = ("--samples", "s.tsv", "--batch", "batch00001")
    assert command("extract", *words, "--out", "x", cwd=tmp_path).returncode == 0
    done = command(
        "predict",
        *words,
        "--extracted",
        "x",
        "--out",
        "p/batch00001.jsonl.gz",
        "--problems",
        "p/batch00001.problems.tsv",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    done = command("cohort", "--samples", "s.tsv", "--predicted", "p", "--out", "c", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    problems = (tmp_path / "c/problems.tsv").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[0] for line in problems[1:]] == ["P1"]
    assert "P2" in (tmp_path / "c/cohort.tsv").read_text(encoding="utf-8")


PANEL = "sample_id\tsite\tgenotype\n"
KNOWN = "10-94938719-T\tT/T\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PANEL + "P2\trsNOPE\tA/G\n", "no position of the tables"),
        (PANEL + "P3\t" + KNOWN, "no genotype of a sample"),
        (PANEL + "p2\t" + KNOWN, "no genotype of a sample"),
        (PANEL, "no genotype of a sample"),
        (PANEL + "P2\t" + KNOWN, None),
        (PANEL + "P2\t" + KNOWN + "P2\trsNOPE\tA/G\n", None),
    ],
)
def test_another_test_of_a_patient_is_compared_or_misses_on_page_one(tmp_path, text, said):
    """A check that was asked for is never left out in silence."""
    columns = (*COLUMNS, "fingerprint")
    lines = ["\t".join(columns), "\t".join((*GOOD, ".")), "\t".join((*OTHER, "panel.tsv"))]
    (tmp_path / "s.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "panel.tsv").write_text(text, encoding="utf-8")
    done = run(tmp_path)
    reports = {p.stem: p for p in tmp_path.glob("o/reports/*/*/*.json")}
    notices = {n: "caveat-fingerprint-open" in p.read_text("utf-8") for n, p in reports.items()}
    if said is None:
        assert (done.returncode, notices) == (0, {"P1": False, "P2": True})
    else:
        assert (done.returncode, notices) == (3, {"P1": False})
        assert "panel.tsv" in done.stderr
        assert said in done.stderr
