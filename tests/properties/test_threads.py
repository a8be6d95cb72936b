"""Threads of one process report as one after the other does."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from epilepsy_pgx import api
from epilepsy_pgx.pipeline.predict import RunSettings
from epilepsy_pgx.report.serialise import report_to_json
from tests.command import few_records

FILES = ("EX01.vcf.gz", "EX02.vcf.gz")


def reported(path: Path) -> list[str]:
    made = api.report(path, build="GRCh38", settings=RunSettings("2026-11-22"))
    return [report_to_json(made[sample]) for sample in sorted(made)]


def test_threads_change_no_report(root: Path, tmp_path: Path) -> None:
    paths = [few_records(root / "examples/vcf" / n, tmp_path / f"{n[:4]}.vcf") for n in FILES]
    with ThreadPoolExecutor(2) as pool:
        together = [*pool.map(reported, paths)]
    assert together == [*map(reported, paths)]
    assert together[0] != together[1]
