"""A folder that holds an earlier run: nothing of it is taken for the run at hand."""

import pytest

from tests.command import few_records, run, table

BUILD = ("--build", "GRCh38", "--date", "2026-11-27")
TABLES = ("cohort", "genes", "drugs", "quality")


@pytest.fixture
def files(root, tmp_path):
    for name in ("EX01", "EX02"):
        few_records(root / f"examples/vcf/{name}.vcf.gz", tmp_path / f"{name}.vcf")
    return tmp_path


def go(folder, *names, more=()):
    return run("run", *(folder / f"{n}.vcf" for n in names), *BUILD, "--out", folder / "o", *more)


def samples(folder, name="cohort"):
    return {r["sample_id"] for r in table(folder / f"o/cohort/{name}.tsv")}


def drafts(folder, place="reports"):
    return sorted(p.name for p in (folder / "o" / place).rglob("EX*.*"))


@pytest.mark.parametrize("fault", ["cut", "gone", "not a VCF"])
def test_a_patient_that_fails_has_no_draft_and_no_row(files, fault):
    assert go(files, "EX01", "EX02").returncode == 0
    path = files / "EX01.vcf"
    if fault == "cut":
        path.write_text(path.read_text() + "chr10\t99999999\t.\tA")
    elif fault == "gone":
        path.unlink()
    else:
        path.write_text("x")
    done = go(files, "EX01", "EX02")
    assert done.returncode == 3
    assert drafts(files) == ["EX02.html", "EX02.json", "EX02.tsv"]
    assert {n.split(".")[0] for n in drafts(files, "superseded")} == {"EX01"}
    rows = table(files / "o/superseded/superseded.tsv")
    assert {(r["sample_id"], r["reason"]) for r in rows} == {
        ("EX01", "the patient failed in a later run")
    }
    for name in TABLES:
        assert samples(files, name) == {"EX02"}
        assert {r["sample_id"] for r in table(files / f"o/superseded/cohort/{name}.tsv")} == {
            "EX01"
        }
    assert samples(files, "problems") == {"EX01"}
    assert "3 files of earlier runs were moved" in done.stderr


@pytest.mark.parametrize("fault", ["header", "cut", "gone"])
def test_the_only_patient_of_a_run_fails(files, fault):
    assert go(files, "EX01").returncode == 0
    (files / "o/cohort/genes.parquet").write_bytes(b"made of the tables")
    path = files / "EX01.vcf"
    if fault == "gone":
        path.unlink()
    else:
        text = path.read_text()
        path.write_text(f"x{text}" if fault == "header" else f"{text}chr10\t9\t.\tA")
    done = go(files, "EX01", more=("--min-depth", "9"))
    assert done.returncode == 2
    assert drafts(files) == []
    assert samples(files, "problems") == {"EX01"}
    assert not any(samples(files, name) for name in TABLES)
    assert "reports/53/EX01" not in (files / "o/cohort/index.html").read_text()
    assert not list((files / "o/cohort").glob("*.parquet"))


def test_a_typing_error_moves_nothing(files):
    assert go(files, "EX01").returncode == 0
    before = {p: p.read_bytes() for p in (files / "o").rglob("*.*") if p.is_file()}
    (files / "tiny.fa").write_text(">chr1\nACGT\n")
    for words in (
        ("--reference-fasta", "none.fa"),
        ("--reference-fasta", files / "tiny.fa"),
        ("--language", "xx"),
        ("--min-depth", "-1"),
        ("--date", "1.2.2026"),
    ):
        assert go(files, "EX01", more=words).returncode == 2
    assert go(files, "EX1").returncode == 2
    changed = {p.name for p, data in before.items() if not p.exists() or p.read_bytes() != data}
    assert changed <= {"index.html", "problems.tsv", "sites.tsv", "identity.tsv"}
    assert not (files / "o/superseded").exists()


def test_a_process_that_ended_between_two_tables(files):
    assert go(files, "EX01").returncode == 0
    (files / "o/cohort/run.json").unlink()
    assert go(files, "EX02").returncode == 0
    for name in TABLES:
        assert samples(files, name) == {"EX02"}


def test_an_extraction_that_ended_half_way_is_not_complete(files, monkeypatch, reference):
    from epilepsy_pgx.pipeline import stages
    from epilepsy_pgx.pipeline.inspection import Inspections
    from epilepsy_pgx.pipeline.plan import Batch, FileGroup
    from epilepsy_pgx.pipeline.targets import TargetCache
    from epilepsy_pgx.variants.record import Thresholds
    from epilepsy_pgx.vocabulary import GenomeBuild

    def end(*given):
        raise KeyboardInterrupt

    (files / "x").mkdir()
    (files / "x/complete.json").write_text("{}")
    monkeypatch.setattr(stages, "_extract", end)
    batch = Batch("batch00001", (FileGroup((), GenomeBuild.GRCH38, None, ()),))
    cache, inspections = TargetCache(reference, None), Inspections(reference)
    job = stages.BatchJob(batch, reference, cache, inspections)
    with pytest.raises(KeyboardInterrupt):
        stages.extract_batch(job, Thresholds(), files / "x")
    assert not (files / "x/complete.json").exists()


def test_other_patients_stay_and_are_counted(files):
    assert go(files, "EX01").returncode == 0
    first = {n: (files / f"o/cohort/{n}.tsv").read_text() for n in TABLES}
    done = go(files, "EX02")
    assert done.returncode == 0
    assert "1 patient of earlier runs stays in the tables" in done.stderr
    for name in TABLES:
        assert samples(files, name) == {"EX01", "EX02"}
        kept = (files / f"o/cohort/{name}.tsv").read_text()
        assert kept.endswith(first[name].split("\n", 1)[1])
    assert len(drafts(files)) == 6


def test_rows_made_with_other_settings_do_not_mix(files):
    assert go(files, "EX01").returncode == 0
    done = go(files, "EX02", more=("--min-depth", "9"))
    assert done.returncode == 0
    assert samples(files) == {"EX02"}
    assert "1 patient of earlier runs, made with other settings" in done.stderr
    assert len(drafts(files)) == 6


def test_a_final_report_is_never_moved_or_overwritten(files):
    assert go(files, "EX01", "EX02").returncode == 0
    (draft,) = (files / "o/reports").rglob("EX01.json")
    words = ("--name", "Dr A", "--role", "head", "--date", "2026-11-28")
    final = draft.with_name("EX01.final.json")
    assert run("authorise", draft, *words, "--out", final).returncode == 0
    path = files / "EX01.vcf"
    text = path.read_text()
    path.write_text(text + "chr10\t9\t.\tA")
    assert go(files, "EX01", "EX02").returncode == 3
    assert drafts(files) == ["EX01.final.json", "EX02.html", "EX02.json", "EX02.tsv"]
    path.write_text(text)
    assert go(files, "EX01", "EX02").returncode == 0
    data = final.read_bytes()
    final.replace(draft)
    done = go(files, "EX01", "EX02")
    assert done.returncode == 3
    assert "[final-stands]" in done.stderr
    assert draft.read_bytes() == data
    assert samples(files) == {"EX02"}


def test_a_final_pdf_alone_is_known_for_one(files):
    assert go(files, "EX01").returncode == 0
    (draft,) = (files / "o/reports").rglob("EX01.json")
    words = ("--name", "Dr A", "--role", "head", "--date", "2026-11-28")
    assert run("authorise", draft, *words, "--out", files / "F.json").returncode == 0
    final = draft.with_suffix(".pdf")
    assert run("render", files / "F.json", "--format", "pdf", "--out", final).returncode == 0
    for form in ("json", "html", "tsv"):
        draft.with_suffix(f".{form}").unlink()
    data = final.read_bytes()
    for form in ("json", "pdf"):
        assert "[final-stands]" in go(files, "EX01", more=("--formats", form)).stderr
        assert final.read_bytes() == data


@pytest.mark.slow
def test_a_format_that_is_not_written_any_more(files):
    assert go(files, "EX01").returncode == 0
    assert go(files, "EX01", more=("--formats", "json")).returncode == 0
    assert drafts(files) == ["EX01.html", "EX01.json", "EX01.tsv"]  # they say the same
    assert go(files, "EX01", more=("--formats", "json", "--min-depth", "9")).returncode == 0
    assert drafts(files) == ["EX01.json", "EX01.tsv"]
    assert go(files, "EX01", more=("--formats", "json", "--reports", "none")).returncode == 0
    assert drafts(files) == []


@pytest.mark.slow
def test_batches_of_an_earlier_plan_are_put_aside(files, root):
    sheet, out = files / "s.tsv", files / "o"
    row = "{0}\t{0}.vcf\tGRCh38\n".format
    head = "sample_id\tvcf\tbuild\n"

    def stages(size, names):
        sheet.write_text(head + "".join(map(row, names)))
        count = -(-len(names) // size)
        for number in range(1, count + 1):
            batch = f"batch{number:05d}"
            words = ("--samples", sheet, "--batch", batch, "--batch-size", size)
            assert run("extract", *words, "--out", out / "x" / batch).returncode == 0
            done = run(
                "predict",
                *words,
                "--extracted",
                out / "x" / batch,
                "--out",
                out / f"p/{batch}.jsonl.gz",
                "--problems",
                out / f"p/{batch}.problems.tsv",
                "--sites",
                out / f"p/{batch}.sites.tsv",
            )
            assert done.returncode == 0, done.stderr
            run(
                "report",
                out / f"p/{batch}.jsonl.gz",
                "--out",
                out / "reports",
                "--manifest",
                out / f"reports/{batch}.tsv",
                "--superseded",
                out / "superseded",
            )
        return run(
            "cohort",
            "--predicted",
            out / "p",
            "--out",
            out / "cohort",
            "--samples",
            sheet,
            "--batch-size",
            size,
            "--reports-folder",
            out / "reports",
            "--superseded",
            out / "superseded",
        )

    assert stages(1, ["EX01", "EX02"]).returncode == 0
    assert samples(files) == {"EX01", "EX02"}
    assert stages(100, ["EX01", "EX02"]).returncode == 0
    assert samples(files) == {"EX01", "EX02"}
    assert sorted(p.name.split(".")[0] for p in (out / "p").iterdir()) == ["batch00001"] * 3
    assert stages(100, ["EX02"]).returncode == 0
    assert samples(files) == {"EX02"}
    assert {n.split(".")[0] for n in drafts(files)} == {"EX02"}
    rows = table(out / "superseded/superseded.tsv")
    assert {r["reason"] for r in rows if r["sample_id"] == "EX01"} == {
        "the patient is not in a later run"
    }
    sheet.write_text(head + row("EX01"))
    done = run("cohort", "--predicted", out / "p", "--out", out / "cohort", "--samples", sheet)
    assert done.returncode == 2
    assert "[batch-patients]" in done.stderr
    assert samples(files) == {"EX02"}
