"""Result files of other programs and laboratories, from the sheet's cell to the drug's line."""

import json
import zipfile

import pytest

from tests.command import run, table

COLUMNS = ("sample_id", "hla", "outside_calls", "current_drugs")
CYRIUS = "Sample\tGenotype\tFilter\n"


@pytest.fixture(scope="module")
def callers(root):
    return root / "tests/intake/result_files/examples"


@pytest.fixture
def run_sheet(root, tmp_path):
    """Run the clinic's examples with a sheet of these rows; files lie beside the sheet."""

    def start(*rows):
        lines = ["\t".join((*COLUMNS, "callable"))]
        bed = root / "examples/vcf/panel.bed"
        lines += ["\t".join((*row, str(bed))) for row in rows]
        (tmp_path / "samples.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = run(
            "run",
            "--vcf",
            root / "examples/vcf/clinic.GRCh38.vcf.gz",
            "--samples",
            tmp_path / "samples.tsv",
            "--build",
            "GRCh38",
            "--out",
            tmp_path / "out",
            "--date",
            "2026-11-22",
            "--formats",
            "json,html",
        )
        assert "Traceback" not in done.stderr
        return done

    return start


def gene(folder, sample, name):
    rows = table(folder / "out/cohort/genes.tsv")
    return next(r for r in rows if (r["sample_id"], r["gene"]) == (sample, name))


def lines_of(folder, sample, drug):
    rows = table(folder / "out/cohort/drugs.tsv")
    return [r for r in rows if (r["sample_id"], r["drug"]) == (sample, drug)]


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("optitype_result.tsv", "OptiType"),
        ("arcashla.genotype.json", "arcasHLA"),
        ("hla_la.R1_bestguess_G.txt", "HLA-LA"),
    ],
)
def test_a_typing_of_a_program_reaches_the_drug(run_sheet, callers, tmp_path, name, program):
    (tmp_path / "typing").write_bytes((callers / name).read_bytes())
    done = run_sheet(("EX03", "typing", ".", "carbamazepine"), ("EX04", ".", ".", "."))
    assert (done.returncode, done.stderr) == (0, "")
    found = gene(tmp_path, "EX03", "HLA-B")
    assert found["status"] == "partial"
    assert "hla-research-typing" in found["caveats"]
    answers = [r for r in lines_of(tmp_path, "EX03", "carbamazepine") if r["response"] == "avoid"]
    assert any(r["because"].startswith("HLA-B*15:02 present") for r in answers), program
    report = json.loads(next(tmp_path.rglob("EX03.json")).read_text(encoding="utf-8"))
    assert any(f["role"] == "HLA types" for f in report["provenance"]["inputs"])
    other = gene(tmp_path, "EX04", "HLA-B")
    assert other["status"] == "not_assessed"


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("hla", "arcashla.genotype.json"),
        ("hla", "optitype_result.tsv"),
        ("hla", "hla_la.R1_bestguess_G.txt"),
        ("outside_calls", "own"),
    ],
)
def test_one_file_without_a_sample_in_two_rows(run_sheet, callers, tmp_path, column, name):
    file = tmp_path / "result"
    file.write_bytes(b"CYP2C9\t*1/*3\n" if name == "own" else (callers / name).read_bytes())
    cells = ("result", ".") if column == "hla" else (".", "result")
    again = tuple(c.replace("result", "./result") for c in cells)
    done = run_sheet(("EX03", *cells, "."), ("EX04", ".", ".", "."), ("EX05", *again, "."))
    assert done.returncode == 2
    assert "in the lines 2, 4" in done.stderr
    assert f"{column}: found result, which names no sample" in done.stderr
    assert not list(tmp_path.rglob("*.html"))


def test_a_file_of_named_samples_may_stand_in_two_rows(run_sheet, tmp_path):
    (tmp_path / "cyrius.tsv").write_text(
        f"{CYRIUS}EX03\t*2x2/*2\tPASS\nEX04\t*4/*5\tPASS\nEX05\tNone\tNone\n"
    )
    done = run_sheet(*((s, ".", "cyrius.tsv", ".") for s in ("EX03", "EX04", "EX05", "EX06")))
    assert done.returncode == 3
    assert len(list((tmp_path / "out/reports").rglob("*.html"))) == 3
    (problem,) = table(tmp_path / "out/cohort/problems.tsv")
    assert (problem["sample_id"], problem["check"]) == ("EX06", "outside-sample")
    assert "EX03, EX04, EX05" in problem["found"]
    assert gene(tmp_path, "EX03", "CYP2D6")["candidates"].split("|")[0] == "*2/*2x2"
    assert gene(tmp_path, "EX04", "CYP2D6")["candidates"].split("|")[0] == "*4/*5"
    none = gene(tmp_path, "EX05", "CYP2D6")
    assert (none["candidates"], none["status"]) == ("*1/*1", "partial")
    assert "outside-call-none" in none["caveats"]


def test_a_contradiction_warns_by_the_more_cautious_candidate(run_sheet, tmp_path):
    """Whichever side finds the poor metaboliser, its line is shown and no all-clear is."""
    (tmp_path / "poor.tsv").write_text("CYP2C19\t*2/*2\n")
    (tmp_path / "normal.tsv").write_text("CYP2C19\t*1/*1\n")
    done = run_sheet(
        ("EX04", ".", "normal.tsv", "clobazam"),
        ("EX05", ".", "poor.tsv", "clobazam"),
        ("EX06", ".", ".", "clobazam"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    for sample in ("EX04", "EX05"):
        found = gene(tmp_path, sample, "CYP2C19")
        assert set(found["candidates"].split("|")) == {"*1/*1", "*2/*2"}
        assert set(found["phenotype"].split("|")) == {"Normal Metabolizer", "Poor Metabolizer"}
        assert (found["status"], found["diplotype"]) == ("partial", ".")
        assert "outside-call-conflict" in found["caveats"]
        answers = lines_of(tmp_path, sample, "clobazam")
        worst = [r for r in answers if r["response"] == "adjust dose"]
        assert [r["conditional"] for r in worst] == ["yes"]
        assert "*2/*2" in worst[0]["because"]
        assert not any(r["response"] == "standard dosing" for r in answers)
        page = next(tmp_path.rglob(f"{sample}.html")).read_text(encoding="utf-8")
        assert "contradict each other" in page
    assert "outside-call-conflict" not in gene(tmp_path, "EX06", "CYP2C19")["caveats"]


def test_cyrius_for_one_gene(run_sheet, tmp_path):
    (tmp_path / "cyrius.tsv").write_text(f"{CYRIUS}EX03\t*4/*4+*4\tPASS\nbam-04\t*4/*5\tPASS\n")
    done = run_sheet(("EX03", ".", "cyrius.tsv", "."))
    assert (done.returncode, done.stderr) == (0, "")
    found = gene(tmp_path, "EX03", "CYP2D6")
    assert found["candidates"] == "*4/*4x2|*1/*1"
    assert {"outside-call-research", "outside-call-conflict"} <= set(found["caveats"].split("|"))
    assert found["phenotype"].split("|") == ["Poor Metabolizer", "Normal Metabolizer"]
    assert (found["activity_score"], found["status"]) == ("0|2", "partial")
    page = next(tmp_path.rglob("EX03.html")).read_text(encoding="utf-8")
    assert "research program" in page


def test_an_allele_that_the_tables_do_not_know_is_never_a_normal(run_sheet, tmp_path):
    (tmp_path / "cyrius.tsv").write_text(f"{CYRIUS}EX03\t*1/*199+*4\tPASS\n")
    run_sheet(("EX03", ".", "cyrius.tsv", "."))
    found = gene(tmp_path, "EX03", "CYP2D6")
    assert found["candidates"] == "*1/*199+*4|*1/*1"
    assert "Indeterminate" in found["phenotype"].split("|")
    assert found["status"] == "partial"


def test_aldy_and_pypgx(run_sheet, callers, tmp_path):
    text = (callers / "aldy.tsv").read_text().replace("\nS1\t", "\nEX05\t")
    (tmp_path / "a.aldy").write_text(text)
    with zipfile.ZipFile(tmp_path / "results.zip", "w") as archive:
        archive.write(callers / "pypgx.metadata.txt", "tmp/metadata.txt")
        data = (callers / "pypgx.data.tsv").read_text().replace("\nS1\t", "\nEX03\t")
        archive.writestr("tmp/data.tsv", data)
    done = run_sheet(("EX05", ".", "a.aldy", "clobazam"), ("EX03", ".", "results.zip", "."))
    assert done.returncode == 0
    (note,) = done.stderr.splitlines()
    assert note.endswith("they were ignored: DPYD.")
    assert gene(tmp_path, "EX05", "CYP2C19")["candidates"] == "*2/*2|*1/*1"
    assert any(r["response"] == "adjust dose" for r in lines_of(tmp_path, "EX05", "clobazam"))
    assert gene(tmp_path, "EX03", "CYP2D6")["candidates"].startswith("*4/*5|")


def test_several_files_of_one_sample(run_sheet, tmp_path):
    (tmp_path / "cyrius.tsv").write_text(f"{CYRIUS}EX03\t*4/*4\tPASS\n")
    (tmp_path / "own.tsv").write_text("CYP2C9\t*1/*3\n")
    (tmp_path / "again.tsv").write_text("CYP2D6\t*1/*4\n")
    done = run_sheet(("EX03", ".", "cyrius.tsv | own.tsv", "."))
    assert (done.returncode, done.stderr) == (0, "")
    assert gene(tmp_path, "EX03", "CYP2D6")["candidates"] == "*4/*4|*1/*1"
    assert gene(tmp_path, "EX03", "CYP2C9")["candidates"].startswith("*1/*3")
    done = run_sheet(("EX03", ".", "cyrius.tsv|again.tsv", "."))
    assert done.returncode != 0
    assert "CYP2D6, which another file of the sample has" in done.stderr


def test_the_report_of_pharmcat(run_sheet, callers, tmp_path):
    (tmp_path / "report.tsv").write_bytes((callers / "pharmcat.report.tsv").read_bytes())
    done = run_sheet(("EX05", ".", "report.tsv", "phenytoin"))
    assert done.returncode == 0
    (note,) = done.stderr.splitlines()
    assert note.endswith("they were ignored: TPMT, DPYD.")
    assert gene(tmp_path, "EX05", "CYP2C9")["candidates"] == "*1/*3|*1/*1"
    assert gene(tmp_path, "EX05", "CYP2C19")["candidates"] == "*1/*4|*4/*17|*1/*1"
    own = gene(tmp_path, "EX05", "SLCO1B1")
    assert (own["status"], "outside-call-none" in own["caveats"]) == ("partial", True)
    assert "Intermediate Metabolizer" in gene(tmp_path, "EX05", "CYP2C9")["phenotype"]
    double = run_sheet(("EX05", ".", "report.tsv", "."), ("EX03", ".", "report.tsv", "."))
    assert "in the lines 2, 3" in double.stderr


def test_star_alleles_and_hla_of_pb_starphase(run_sheet, callers, tmp_path):
    (tmp_path / "calls.json").write_bytes((callers / "pb_starphase.json").read_bytes())
    done = run_sheet(("EX05", ".", "calls.json", "carbamazepine"))
    assert done.returncode == 0
    passed, typed = done.stderr.splitlines()
    assert passed.endswith("they were ignored: HLA-DRB1, MT-RNR1.")
    assert "HLA-B" in typed
    found = gene(tmp_path, "EX05", "CYP2D6")
    assert found["candidates"].split("|")[0] == "*1x2/*68+*4"
    assert found["status"] == "partial"
    assert gene(tmp_path, "EX05", "CYP2C19")["candidates"] == "*1/*4|*4/*17|*1/*1"
    assert "outside-call-none" in gene(tmp_path, "EX05", "CYP2C9")["caveats"]
    answers = [r for r in lines_of(tmp_path, "EX05", "carbamazepine") if r["response"] == "avoid"]
    assert any(r["because"].startswith("HLA-B*15:02 present") for r in answers)
    double = run_sheet(("EX05", ".", "calls.json", "."), ("EX03", ".", "calls.json", "."))
    assert "in the lines 2, 3" in double.stderr


def test_a_file_that_is_not_understood_fails_its_own_patient(run_sheet, tmp_path):
    (tmp_path / "cyrius.tsv").write_text(f"{CYRIUS}EX03\t*4/*4\tPerhaps\n")
    done = run_sheet(("EX03", ".", "cyrius.tsv", "."), ("EX04", ".", ".", "."))
    assert done.returncode == 3
    assert "cyrius.tsv:2: found filter 'Perhaps'" in done.stderr
    assert [p.name for p in (tmp_path / "out/reports").rglob("*.html")] == ["EX04.html"]
