"""The sample sheet: every problem at once, with its line; nothing guessed."""

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.pipeline.plan import plan_batches
from epilepsy_pgx.vocabulary import GenomeBuild

HEAD = "sample_id\tvcf\tbuild"


def sheet(folder, *lines, head=HEAD):
    path = folder / "samples.tsv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def complaints(path, ref, build=None):
    with pytest.raises(InputError) as caught:
        read_sheet(path, ref, build)
    return [(p.line, p.column, p.check) for p in caught.value.problems]


def test_a_good_sheet(reference, tmp_path):
    path = sheet(tmp_path, "001\ta.vcf|b.vcf\tGRCh38", "# a note\t\t", "P2\tc.vcf\t.")
    rows = read_sheet(path, reference, GenomeBuild.GRCH37).rows
    assert [r.sample_id for r in rows] == ["001", "P2"]
    assert rows[0].vcfs == (tmp_path / "a.vcf", tmp_path / "b.vcf")
    assert [r.build for r in rows] == ["GRCh38", "GRCh37"]
    assert rows[0].vcf_sample == "001"
    assert [r.line for r in rows] == [2, 4]


def test_every_problem_at_once(reference, tmp_path):
    path = sheet(
        tmp_path,
        "P1\ta.vcf\thg38",
        "P1\ta.vcf\tGRCh38",
        "../x\t.\tGRCh38",
        "\tb.vcf\tGRCh38",
        "P3\tb.vcf\t",
    )
    assert complaints(path, reference) == [
        (2, "build", "sheet-build"),
        (3, "sample_id", "sheet-sample-once"),
        (4, "sample_id", "sheet-sample-id"),
        (4, "vcf", "sheet-vcf"),
        (5, "sample_id", "sheet-sample-id"),
        (6, "build", "sheet-build"),
    ]


def test_ids_that_differ_only_in_case_are_one_folder_on_some_disks(reference, tmp_path):
    path = sheet(tmp_path, "p1\ta.vcf\tGRCh38", "P1\tb.vcf\tGRCh38")
    assert complaints(path, reference) == [(3, "sample_id", "sheet-sample-once")]


@pytest.mark.parametrize("bad", ["..", "../a", "a/b", "-x", "a b", "a\u202eb", "x" * 65, ".hidden"])
def test_ids_that_could_leave_the_output_folder(reference, tmp_path, bad):
    assert complaints(sheet(tmp_path, f"{bad}\ta.vcf\tGRCh38"), reference) == [
        (2, "sample_id", "sheet-sample-id")
    ]


def test_unknown_column_with_a_suggestion(reference, tmp_path):
    path = sheet(tmp_path, "P1\ta.vcf\tGRCh38\tx", head=f"{HEAD}\tonset_month")
    with pytest.raises(InputError, match="onset_months"):
        read_sheet(path, reference)


def test_missing_columns_and_file(reference, tmp_path):
    assert complaints(sheet(tmp_path, "x", head="vcf"), reference)[0] == (
        1,
        "sample_id",
        "sheet-column",
    )
    assert complaints(tmp_path / "none.tsv", reference) == [(0, ".", "sheet-readable")]


def test_dates(reference, tmp_path):
    path = sheet(tmp_path, "P1\ta.vcf\tGRCh38\t31.12.1999", head=f"{HEAD}\tbirth_date")
    assert complaints(path, reference) == [(2, "birth_date", "sheet-date")]


def test_words_that_a_spreadsheet_reader_would_lose(reference, tmp_path):
    rows = read_sheet(sheet(tmp_path, "NA\tNone.vcf\tGRCh38"), reference).rows
    assert (rows[0].sample_id, rows[0].vcfs[0].name) == ("NA", "None.vcf")


def test_single_files_share_batches_and_cohorts_do_not(reference, tmp_path):
    single = [f"S{i}\ts{i}.vcf\tGRCh38" for i in range(5)]
    cohort = [f"C{i}\tall.vcf\tGRCh38" for i in range(7)]
    rows = read_sheet(sheet(tmp_path, *single, *cohort), reference).rows
    batches = plan_batches(rows, 2)
    assert [len(b.rows) for b in batches] == [2, 2, 1, 7]
    assert {r.sample_id for b in batches for r in b.rows} == {r.sample_id for r in rows}
