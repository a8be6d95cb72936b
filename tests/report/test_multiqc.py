"""The row for MultiQC: counts only, nothing where nothing was measured, and MultiQC reads it."""

import csv
import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from epilepsy_pgx.cohort.summary import TABLES, cohort_row
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.write import render_report, write_reports
from epilepsy_pgx.vocabulary import CheckOutcome, GeneStatus
from tests.report.examples import NAMES, example_reports

COUNTS = ("urgent", "act", "consider")


def content(report):
    return json.loads(render_report(report, "multiqc", load_reference()))


def row(report):
    ((sample, cells),) = content(report)["data"].items()
    assert sample == report.patient.sample_id
    return cells


def with_check(report, name, **fields):
    checks = tuple(replace(c, **fields) if c.check == name else c for c in report.quality.checks)
    return replace(report, quality=replace(report.quality, checks=checks))


@pytest.mark.parametrize("name", NAMES)
def test_the_row_holds_counts_and_nothing_of_the_patient(name):
    report = example_reports()[name]
    made, cells = content(report), row(report)
    assert list(cells) == [column for column in made["headers"] if column in cells]
    assert cells.pop("status") == "draft"
    assert all(type(value) in (int, float) and value >= 0 for value in cells.values())
    shown = set(re.findall(r"[\w*-]+", json.dumps({**made, "data": cells})))
    genes = {g.gene for g in (*report.genes, *report.coverage)}
    named = {d.drug for d in report.interpretation.drugs}
    given = {
        report.patient.name,
        report.patient.birth_date,
        report.patient.record_number,
        report.patient.accession,
        report.report_id,
    } - {None}
    assert not shown & (genes | named | given)
    assert not [word for word in shown if "*" in word]


@pytest.mark.parametrize("name", NAMES)
def test_counts_agree_with_the_report_and_the_table_over_all_patients(name):
    report = example_reports()[name]
    cells = row(report)
    texts = Wording(load_reference())
    cohort = dict(zip(TABLES["cohort"], cohort_row(report, texts), strict=True))
    assert {c: str(cells[c]) for c in COUNTS} == {c: cohort[c] for c in COUNTS}
    for kind, found in (("genes", report.genes), ("coding", report.coverage)):
        parts = [cells[f"{kind}_{d}"] for d in ("complete", "partial", "not_assessed")]
        assert sum(parts) == len(found)
        assert parts[0] == sum(g.status is GeneStatus.COMPLETE for g in found)
    checks = report.quality.checks
    assert sum(v for k, v in cells.items() if k.startswith("checks_")) == len(checks)
    assert cells["checks_passed"] == sum(c.outcome is CheckOutcome.PASSED for c in checks)


def test_all_rows_have_the_columns_of_one_table():
    made = [content(report) for report in example_reports().values()]
    for other in made:
        other.pop("data")
        assert other == made[0]
    assert all(c["title"] and c["description"] for c in made[0]["headers"].values())


@pytest.mark.parametrize(
    ("usable", "positions", "shown"),
    [
        ("526", "526", 100.0),
        ("525", "526", 99.8),
        ("99999", "100000", 99.9),
        ("0", "526", 0.0),
        ("0", "0", None),
    ],
)
def test_only_all_positions_are_a_hundred_per_cent(usable, positions, shown):
    measured = (("positions", positions), ("usable", usable))
    report = with_check(example_reports()["EX05"], "call rate", measured=measured)
    assert row(report).get("call_rate") == shown


def test_what_was_not_measured_has_no_cell():
    report = example_reports()["EX05"]
    without = row(replace(report, quality=None))
    assert not [c for c in without if c.startswith(("checks", "call", "depth"))]
    genes = tuple(replace(g, depth_median=None) for g in report.quality.genes)
    assert "depth_median" not in row(replace(report, quality=replace(report.quality, genes=genes)))


@pytest.mark.parametrize("status", GeneStatus)
def test_only_a_complete_gene_counts_as_complete(status):
    report = example_reports()["EX05"]
    report = replace(report, genes=(replace(report.genes[0], status=status),))
    assert row(report)["genes_complete"] == (status is GeneStatus.COMPLETE)


def test_what_is_not_reportable_says_so_and_reassures_of_nothing():
    report = with_check(example_reports()["EX05"], "mixture", outcome=CheckOutcome.FAILED)
    silent = replace(report.interpretation, urgent=(), drugs=())
    report = replace(report, status="not reportable", not_reportable=("mixture",))
    said = row(report)
    assert said["status"] == "not reportable"
    assert said["checks_failed"] == 1
    assert said["urgent"] == 1, "a warning stands"
    assert not set(COUNTS) & set(row(replace(report, interpretation=silent)))


@pytest.mark.slow
def test_multiqc_joins_the_patients(root, tmp_path):
    own = root / ".multiqc/bin/multiqc"
    program = str(own) if own.is_file() else shutil.which("multiqc")
    if program is None:
        pytest.skip("needs MultiQC: make .multiqc/.ready")
    reports = example_reports().values()
    for _ in write_reports(reports, tmp_path / "reports", load_reference(), ("json", "multiqc")):
        pass
    made = subprocess.run(
        [
            program,
            "--strict",
            "--no-version-check",
            "-o",
            str(tmp_path / "out"),
            str(tmp_path / "reports"),
        ],
        text=True,
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "out" / "multiqc_report.html").is_file()
    table = tmp_path / "out" / "multiqc_data" / "multiqc_epilepsy_pgx_table.txt"
    with table.open(newline="") as handle:
        rows = {r.pop("Sample"): r for r in csv.DictReader(handle, delimiter="\t")}
    assert {name: {k: v for k, v in cells.items() if v} for name, cells in rows.items()} == {
        r.patient.sample_id: {k: str(v) for k, v in row(r).items()} for r in reports
    }
