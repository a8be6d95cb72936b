"""Reports of the example patients under other tables, to see what an edit changes."""

from pathlib import Path

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.files import scratch_folder
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.pipeline.failures import Failure
from epilepsy_pgx.pipeline.identity import verdicts_of
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.plan import BATCH_SIZE, join_batches, plan_batches
from epilepsy_pgx.pipeline.predict import RunSettings
from epilepsy_pgx.pipeline.settle import Settler, settle_each
from epilepsy_pgx.pipeline.stages import BatchJob, extract_batch, identify_batch, predict_batch
from epilepsy_pgx.pipeline.targets import TargetCache
from epilepsy_pgx.reference.package import default_reference_dir, load_reference
from epilepsy_pgx.report.tables import report_tsv
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.variants.decode import Thresholds

DAY = "2026-11-22"
"""Date on these reports, soon after the entries: they are compared, never given out."""


def example_reports(tables: Path) -> dict[str, str]:
    """Return what the reports of the example patients say, by sample id.

    Raises
    ------
    ConfigError
        If this installation has no example patients.
    """
    sheet = default_reference_dir().parent / "examples" / "samples.tsv"
    if not sheet.is_file():
        raise ConfigError.one(
            "examples-exist",
            file=str(sheet),
            found="no example patients",
            expected="a checkout of the repository",
            fix="Run this from a checkout.",
        )
    ref = load_reference(tables)
    batch = join_batches(plan_batches(read_sheet(sheet, ref).rows, BATCH_SIZE))
    job = BatchJob(batch, ref, TargetCache(ref, None), Inspections(ref))
    texts = Wording(ref)
    reports = {}
    with scratch_folder() as scratch:
        extract_batch(job, Thresholds(), scratch / batch.name)
        identity = identify_batch(job, scratch)
        results = predict_batch(job, RunSettings(DAY), scratch / batch.name)
        for result in settle_each(results, Settler(ref, verdicts_of(identity))):
            if isinstance(result, Failure):
                reports[result.sample_id] = "\n".join(str(p) for p in result.problems)
            else:
                reports[result.patient.sample_id] = report_tsv(result, texts)
    return reports
