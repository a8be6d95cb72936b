"""The command `run` opens each thing once, and its memory does not hold the patients."""

from collections import Counter

import pytest

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline import inspection, run_files, targets
from epilepsy_pgx.pipeline.job import Method, NamedFiles
from epilepsy_pgx.pipeline.predict import RunSettings
from epilepsy_pgx.pipeline.write import Output, ReportWriter
from epilepsy_pgx.reference import package
from epilepsy_pgx.variants import sequence, targets_coding
from epilepsy_pgx.variants.record import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

NAMES = ("EX01.vcf.gz", "EX02.vcf.gz", "clinic.GRCh38.vcf.gz")


@pytest.fixture
def go(root, tmp_path):
    """Run over the examples of one build."""

    def start():
        files = NamedFiles(
            tuple(root / "examples/vcf" / name for name in NAMES), GenomeBuild.GRCH38
        )
        method = Method(package.load_reference(root / "reference"), None, Thresholds())
        output = Output(tmp_path / "out/reports", ("json",))
        return run_files.run_files(files, method, RunSettings("2026-11-22"), output)

    return start


def test_each_file_table_and_sequence_is_opened_once(go, monkeypatch):
    opened: Counter[str] = Counter()

    def counted(place, name, key):
        function = getattr(place, name)

        def count(*given, **named):
            opened[f"{name} {key(given)}"] += 1
            return function(*given, **named)

        monkeypatch.setattr(place, name, count)

    counted(inspection, "inspect_vcf", lambda given: given[0].name)
    counted(package, "read_table", lambda given: given[0].name)
    counted(sequence, "read_slices", lambda given: given[0].name)
    for place in (targets, targets_coding):
        counted(place, "open_sequences", lambda given: given[1].value)
    counted(targets, "load_targets", lambda given: given[1].value)
    done = go()
    assert not done.failures
    assert set(opened.values()) == {1}
    assert {f"inspect_vcf {name}" for name in NAMES} <= set(opened)
    assert {"open_sequences GRCh38", "read_table texts.tsv"} <= set(opened)


def test_a_report_is_written_before_the_next_patient_is_worked_out(go, monkeypatch):
    order: list[str] = []
    predict, write = run_files.predict_batch, ReportWriter.write

    def predicted(*given):
        for result in predict(*given):
            assert isinstance(result, PatientReport)
            order.append(f"predicted {result.patient.sample_id}")
            yield result

    def written(self, report):
        order.append(f"written {report.patient.sample_id}")
        return write(self, report)

    monkeypatch.setattr(run_files, "predict_batch", predicted)
    monkeypatch.setattr(ReportWriter, "write", written)
    done = go()
    patients = [line.removeprefix("predicted ") for line in order[::2]]
    assert len(patients) == done.reports > 3
    assert order == [f"{what} {p}" for p in patients for what in ("predicted", "written")]
