"""What a run says of itself: sums of its own jobs, and no more than is known."""

import json
from pathlib import Path

import pytest

from epilepsy_pgx import __version__
from epilepsy_pgx.files import write_text
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.pipeline.accounts import write_accounts
from epilepsy_pgx.pipeline.manifest import write_plan
from epilepsy_pgx.records import file_digest
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.stages import TableStage, stage_digest

HEAD = "s\th:m:s\tmax_rss\tmax_vms\tcpu_time\n"


@pytest.fixture
def results(tmp_path: Path, reference: Reference) -> Path:
    sheet = tmp_path / "s.tsv"
    sheet.write_text(
        "sample_id\tvcf\tbuild\n" + "".join(f"P{n}\tp{n}.vcf\tGRCh38\n" for n in "abc")
    )
    write_plan(tmp_path / "results/plan", read_sheet(sheet, reference, packets=False), 2, reference)
    write_text(tmp_path / "results/cohort/cohort.tsv", "sample_id\nPa\n")
    return tmp_path / "results"


def measured(folder: Path, name: str, *rows: str) -> None:
    write_text(folder / f"b/{name}.tsv", HEAD + "".join(f"{row}\n" for row in rows))


def account(results: Path, done: set[str], failed: set[str]) -> dict:
    write_accounts(results, results / "b", done, failed)
    return json.loads((results / "run.json").read_text())


def test_sums_over_the_jobs_of_this_plan(results: Path, reference: Reference) -> None:
    measured(results, "extract/batch00001", "2.5\t0:00:02\t100.5\t1\t2.0")
    measured(results, "extract/batch00002", "4.0\t0:00:04\t90\t1\t3.5")
    measured(results, "extract/batch00009", "99\t0:01:39\t9000\t1\t99")  # of an earlier plan
    measured(results, "cut/0123456789ab", "7\t0:00:07\t-\t-\t-")
    measured(results, "plan", "1.5\t0:00:01\tNA\tNA\tNA")
    found = account(results, {"Pa", "Pb"}, {"Pc"})
    assert found["stages"]["extract"] == {
        "jobs": 2,
        "ran": 2,
        "seconds": 6.5,
        "longest_seconds": 4.0,
        "cpu_seconds": 5.5,
        "peak_memory_mb": 100.5,
    }
    assert found["stages"]["cut"]["seconds"] == 7
    # What the system did not measure is not nothing.
    assert found["stages"]["cut"]["cpu_seconds"] is None
    assert found["stages"]["plan"]["peak_memory_mb"] is None
    assert "predict" not in found["stages"]
    assert found["patients"] == {"with a report": 2, "without a report": 1}
    assert found["batches"] == 2
    assert found["software"] == __version__
    assert found["sheet"] == file_digest(results.parent / "s.tsv")
    assert found["outputs"] == {"cohort.tsv": file_digest(results / "cohort/cohort.tsv")}
    assert found["tables"]["extract"] == stage_digest(reference, TableStage.EXTRACT)
    assert "Pa" not in (results / "run.json").read_text()


def test_a_folder_without_plan_and_benchmarks(tmp_path: Path) -> None:
    found = account(tmp_path, set(), {"P"})
    assert found["stages"] == {}
    assert found["sheet"] is None
    assert found["patients"] == {"with a report": 0, "without a report": 1}
