"""The commands as a user runs them: output, messages, exit codes."""

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from epilepsy_pgx.reference.rows import CuratedSite, CuratedText
from tests.command import run, run_process, table


@pytest.fixture(scope="module")
def examples(root):
    return root / "examples"


def test_run_writes_reports_and_tables(examples, tmp_path):
    done = run_process(
        "run",
        "--vcf",
        examples / "vcf/EX01.vcf.gz",
        "--build",
        "GRCh38",
        "--callable",
        examples / "vcf/panel.bed",
        "--out",
        tmp_path,
        "--date",
        "2026-11-22",
    )
    assert (done.returncode, done.stderr) == (0, "")
    report = next(tmp_path.rglob("EX01.json"))
    content = json.loads(report.read_text(encoding="utf-8"))
    assert content["provenance"]["created"] == "2026-11-22"
    assert any(f["hgvs_p"] == "p.(Arg222Ter)" for f in content["findings"])
    assert report.with_suffix(".html").is_file()
    assert {p.name for p in (tmp_path / "cohort").glob("*.tsv")} == {
        "cohort.tsv",
        "genes.tsv",
        "variants.tsv",
        "drugs.tsv",
        "problems.tsv",
        "quality.tsv",
        "identity.tsv",
        "genomes.tsv",
        "sites.tsv",
    }


@pytest.mark.parametrize(("chosen", "pages"), [("none", 0), ("findings", 1), ("all", 1)])
def test_report_files_of_those_who_were_chosen(examples, tmp_path, chosen, pages):
    done = run(
        "run",
        "--vcf",
        examples / "vcf/EX01.vcf.gz",
        "--samples",
        examples / "samples.tsv",
        "--build",
        "GRCh38",
        "--out",
        tmp_path,
        "--reports",
        chosen,
    )
    assert done.returncode == 3
    assert len(list(tmp_path.rglob("EX01.html"))) == pages
    row = table(tmp_path / "cohort/cohort.tsv")[0]
    assert (row["report"] == ".") == (pages == 0)
    assert len(table(tmp_path / "cohort/sites.tsv")) > 500


def test_the_same_input_gives_the_same_bytes(examples, tmp_path):
    for name in ("one", "two"):
        run(
            "run",
            "--vcf",
            examples / "vcf/clinic.GRCh38.vcf.gz",
            "--build",
            "GRCh38",
            "--out",
            tmp_path / name,
            "--date",
            "2026-11-22",
        )
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    assert len(files) >= 4 * 3 + 5
    for file in files:
        if (tmp_path / "one" / file).is_file():
            assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_one_bad_file_does_not_stop_the_others(examples, tmp_path):
    bad = tmp_path / "cut.vcf.gz"
    bad.write_bytes((examples / "vcf/EX02.vcf.gz").read_bytes()[:3000])
    done = run(
        "run",
        "--vcf",
        bad,
        "--vcf",
        examples / "vcf/EX01.vcf.gz",
        "--vcf",
        tmp_path / "none.vcf",
        "--build",
        "GRCh38",
        "--out",
        tmp_path / "out",
    )
    assert done.returncode == 3
    assert len(list((tmp_path / "out/reports").rglob("*.html"))) == 1
    assert "cut.vcf.gz: found a file that was cut short" in done.stderr
    assert "none.vcf: found no file at this path" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--vcf", "none.vcf", "--build", "GRCh38"], "no file at this path"),
        (["--vcf", "EX09.GRCh37.vcf.gz", "--build", "GRCh38"], "State GRCh37 as its build"),
        (["--vcf", "EX01.vcf.gz", "--build", "GRCh38", "--sample", "Nobody"], "no file has"),
        (["--vcf", "EX01.vcf.gz", "--build", "GRCh38", "--callable", "all"], "callable-plausible"),
        (["--vcf", "EX01.vcf.gz", "--build", "GRCh38", "--callable", "no.bed"], "'all' or a BED"),
        (["--vcf", "EX01.vcf.gz", "--build", "GRCh38", "--reference", "."], "datapackage.json"),
        (["--vcf", "EX01.vcf.gz", "--build", "GRCh38", "--formats", "doc"], "html"),
        (["--vcf", "EX01.vcf.gz", "--build", "GRCh38", "--date", "today"], "a date such as"),
        (["--vcf", "EX01.vcf.gz", "--build", "GRCh38", "--reference-fasta", "no.fa"], "FASTA"),
        (["--vcf", "EX01.vcf.gz"], "--build"),
        (["--vcf", "EX01.vcf.gz", "--build", "hg19"], "hg19"),
    ],
)
def test_a_mistake_is_one_clear_line(examples, tmp_path, words, message):
    done = run("run", *words, "--out", tmp_path / "out", cwd=examples / "vcf")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.html"))


def test_truncated_with_index_and_all_callable(examples, tmp_path):
    """With its index such a file reads as empty, and empty would read as reference."""
    for name in ("clinic.GRCh38.vcf.gz", "clinic.GRCh38.vcf.gz.tbi"):
        shutil.copy(examples / "vcf" / name, tmp_path / name)
    packed = tmp_path / "clinic.GRCh38.vcf.gz"
    packed.write_bytes(packed.read_bytes()[:5000])
    done = run(
        "run", "--vcf", packed, "--build", "GRCh38", "--callable", "all", "--out", tmp_path / "out"
    )
    assert done.returncode == 2
    assert "cut short" in done.stderr


def test_call(examples, tmp_path):
    out, sites = tmp_path / "genes.tsv", tmp_path / "sites.tsv"
    done = run(
        "call",
        "--vcf",
        examples / "vcf/clinic.GRCh38.vcf.gz",
        "--build",
        "GRCh38",
        "--out",
        out,
        "--sites",
        sites,
    )
    assert done.returncode == 0
    rows = table(out)
    assert (
        list(rows[0])
        == (
            "sample_id gene diplotype candidates candidate_count not_excluded phenotype "
            "activity_score status missing_sites caveats"
        ).split()
    )
    found = {(r["sample_id"], r["gene"]): r for r in rows}
    assert found["EX03", "CYP2C9"]["diplotype"] == "*3/*3"
    assert found["EX03", "CYP2C9"]["activity_score"] == "0.0"
    assert found["EX04", "CYP2C19"]["phenotype"] == "Poor Metabolizer"
    assert {r["status"] for r in table(sites) if r["gene"] == "CYP2C9"} == {"called", "reference"}


def test_half_of_the_sites_missing_is_never_complete(examples, tmp_path):
    out = tmp_path / "genes.tsv"
    run("call", "--vcf", examples / "vcf/EX08.vcf", "--build", "GRCh38", "--out", out)
    rows = {r["gene"]: r for r in table(out)}
    assert rows["CYP2C9"]["status"] != "complete"
    assert rows["CYP2C9"]["missing_sites"] != "."


def test_annotate(examples, tmp_path):
    out = tmp_path / "variants.tsv"
    done = run("annotate", "--vcf", examples / "vcf/EX02.vcf.gz", "--build", "GRCh38", "--out", out)
    assert done.returncode == 0
    rows = table(out)
    assert (
        list(rows[0])
        == (
            "sample_id chrom pos ref alt gene transcript consequence hgvs_c hgvs_p zygosity status "
            "curated_id functional_class classification class_source frequency also_named notes "
            "joint_change"
        ).split()
    )
    assert rows[0]["hgvs_p"] == "p.(Thr782Ile)"
    assert rows[0]["functional_class"] == "gain_of_function"


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_sites(build, reference):
    bed = run("sites", "--build", build).stdout.splitlines()
    named = {line.split("\t")[3] for line in bed}
    assert {f"{r.gene}:{r.site}" for r in reference.rows(CuratedSite)} <= named
    vcf = run("sites", "--build", build, "--vcf", "--no-chr").stdout.splitlines()
    records = [line for line in vcf if not line.startswith("#")]
    assert len(records) == len(reference.rows(CuratedSite))
    assert not records[0].startswith("chr")


def test_selftest():
    done = run("selftest")
    assert done.returncode == 0
    assert "WRONG" not in done.stdout
    assert done.stdout.count("ok ") >= 10


def test_selftest_can_fail(root, tmp_path):
    folder = tmp_path / "reference"
    shutil.copytree(root / "reference", folder)
    known = folder / "known_answers.tsv"
    known.write_text(known.read_text().replace("*3/*3 Poor Metabolizer", "*3/*3 Nonsense"))
    done = run("selftest", "--reference", folder)
    assert done.returncode == 1
    assert "WRONG" in done.stdout


def test_stages_give_the_same_results_as_run(examples, tmp_path):
    words = ["--samples", examples / "samples.tsv", "--batch", "batch00001"]
    out = tmp_path / "stages"
    assert run("extract", *words, "--out", out / "extract").returncode == 0
    assert (
        run(
            "predict",
            *words,
            "--extracted",
            out / "extract",
            "--out",
            out / "p/b.jsonl.gz",
            "--problems",
            out / "p/b.problems.tsv",
            "--date",
            "2026-11-22",
        ).returncode
        == 0
    )
    assert run("report", out / "p/b.jsonl.gz", "--out", out / "reports").returncode == 0
    assert run("cohort", "--predicted", out / "p", "--out", out / "cohort").returncode == 0
    direct = run(
        "run",
        "--vcf",
        examples / "vcf/EX01.vcf.gz",
        "--samples",
        examples / "samples.tsv",
        "--build",
        "GRCh38",
        "--out",
        tmp_path / "direct",
        "--date",
        "2026-11-22",
    )
    assert direct.returncode == 3
    one = next((out / "reports").rglob("EX01.json"))
    two = next((tmp_path / "direct").rglob("EX01.json"))
    assert one.read_bytes() == two.read_bytes()
    assert len(table(out / "cohort/cohort.tsv")) == 11
    status = run(
        "status",
        "--cohort",
        out / "cohort/cohort.tsv",
        "--problems",
        out / "cohort/problems.tsv",
        "--out",
        out / "status.txt",
    )
    assert status.returncode == 0
    assert (out / "status.txt").read_text() == "11 patients have a report\n"


@pytest.mark.slow
def test_a_repeated_specimen_is_found_and_its_results_are_withdrawn(examples, tmp_path):
    copy = tmp_path / "copy.vcf.gz"
    text = gzip.open(examples / "vcf/EX01.vcf.gz", "rt").read()
    copy.write_bytes(gzip.compress(text.replace("\tEX01\n", "\tTWIN\n").encode()))
    sheet = tmp_path / "sheet.tsv"
    head = "sample_id\tvcf\tbuild\tcallable\trecord_number\tsame_genome_as\n"
    bed = examples / "vcf/panel.bed"
    lines = [
        f"EX01\t{examples}/vcf/EX01.vcf.gz\tGRCh38\t{bed}\t.\t.\n",
        f"TWIN\t{copy}\tGRCh38\t{bed}\t.\t{{}}\n",
        f"EX02\t{examples}/vcf/EX02.vcf.gz\tGRCh38\t{bed}\t.\t.\n",
    ]

    def stages(stated):
        sheet.write_text(head + "".join(lines).format(stated), encoding="utf-8")
        out = tmp_path / stated
        words = ["--samples", sheet, "--batch", "batch00001"]
        assert run("extract", *words, "--out", out / "x/batch00001").returncode == 0
        done = run(
            "identify", "--samples", sheet, "--extracted", out / "x", "--out", out / "identity.tsv"
        )
        assert done.returncode == 0, done.stderr
        made = run(
            *("predict", *words, "--extracted", out / "x/batch00001", "--out", out / "p.gz"),
            *("--problems", out / "p.tsv", "--date", "2026-11-22"),
        )
        assert made.returncode == 0, made.stderr
        told = run(
            *("report", out / "p.gz", "--identity", out / "identity.tsv"),
            *("--formats", "json", "--out", out / "reports"),
        )
        assert told.returncode == 0, told.stderr
        reports = [json.loads(p.read_text()) for p in (out / "reports").rglob("*.json")]
        return {r["patient"]["sample_id"]: r for r in reports}, table(out / "identity.tsv")

    reports, identity = stages(".")
    assert {r["sample_id"]: r["same_genome"] for r in identity} == {
        "EX01": "TWIN",
        "EX02": ".",
        "TWIN": "EX01",
    }
    for name in ("EX01", "TWIN"):
        assert reports[name]["status"] == "not reportable"
        assert reports[name]["findings"] == []
        assert {g["status"] for g in reports[name]["genes"]} == {"not_reportable"}
        other = {"EX01": "TWIN", "TWIN": "EX01"}[name]
        assert other not in json.dumps(reports[name])
    assert reports["EX02"]["status"] == "draft"
    reports, identity = stages("EX01")
    assert {r["status"] for r in reports.values()} == {"draft"}
    assert {r["sample_id"]: r["expected"] for r in identity} == {
        "EX01": "TWIN",
        "EX02": ".",
        "TWIN": "EX01",
    }


def test_nothing_of_a_patient_in_the_messages(examples, tmp_path):
    done = run(
        "extract", "--samples", examples / "samples.tsv", "--batch", "batch00001", "--out", tmp_path
    )
    for word in ("Ada", "Nonsense", "1/1", "MRN"):
        assert word not in done.stdout + done.stderr


def test_a_hostile_sample_name_stays_in_the_folder_and_is_escaped(examples, tmp_path):
    name = "../../<script>alert(1)</script>"
    text = gzip.open(examples / "vcf/EX01.vcf.gz", "rt").read().replace("\tEX01\n", f"\t{name}\n")
    path = tmp_path / "in.vcf"
    path.write_text(text)
    out = tmp_path / "a" / "b" / "out"
    done = run("run", "--vcf", path, "--build", "GRCh38", "--out", out)
    assert done.returncode == 0
    written = {p for p in tmp_path.rglob("*") if p.is_file()} - {path}
    assert all(out in p.parents for p in written)
    pages = list(out.rglob("*.html"))
    assert len(pages) == 2
    for page in pages:
        text = page.read_text(encoding="utf-8")
        # The page over all patients has one script of its own; a report has none.
        assert text.count("<script") == (page.parent.name == "cohort")
        assert "<script>alert" not in text


def test_exit_code_of_a_bug_is_one():
    code = (
        "import epilepsy_pgx.pipeline.listing as m, sys;"
        "m.positions_bed = lambda *a: 1 / 0;"
        "sys.argv = ['epilepsy-pgx', 'sites', '--build', 'GRCh38'];"
        "from epilepsy_pgx.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_paths_with_spaces(examples, tmp_path):
    folder = tmp_path / "a path with spaces"
    folder.mkdir()
    shutil.copy(examples / "vcf/EX08.vcf", folder / "my file.vcf")
    done = run(
        "call",
        "--vcf",
        folder / "my file.vcf",
        "--build",
        "GRCh38",
        "--out",
        Path(folder) / "genes.tsv",
    )
    assert done.returncode == 0


def test_a_language_that_is_not_complete_is_refused(examples, tmp_path, reference):
    have = {}
    for row in reference.rows(CuratedText):
        have.setdefault(row.language, set()).add(row.id)
    for language, texts in [*have.items(), ("xx", set())]:
        done = run(
            "run",
            "--vcf",
            examples / "vcf/EX01.vcf.gz",
            "--build",
            "GRCh38",
            "--out",
            tmp_path / language,
            "--language",
            language,
        )
        assert done.returncode == (0 if have["en"] <= texts else 2)


def test_a_class_in_a_field_of_the_laboratorys_choice(examples, tmp_path):
    text = gzip.open(examples / "vcf/EX01.vcf.gz", "rt").read()
    head = '##INFO=<ID=LABCLASS,Number=1,Type=String,Description="class">\n#CHROM'
    text = text.replace("#CHROM", head, 1).replace(
        "166052882\t.\tG\tA\t.\tPASS\t.", "166052882\t.\tG\tA\t.\tPASS\tLABCLASS=Benign"
    )
    path = tmp_path / "in.vcf"
    path.write_text(text)
    for words, found in (([], "likely_pathogenic"), (["--class-field", "LABCLASS"], "conflicting")):
        out = tmp_path / "variants.tsv"
        run("annotate", "--vcf", path, "--build", "GRCh38", "--out", out, *words)
        rows = [r for r in table(out) if r["sample_id"] != "."]
        assert [r["classification"] for r in rows] == [found]
