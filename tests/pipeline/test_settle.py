"""A report is settled where it is written: what the comparison of all patients says is in it."""

from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.plan import join_batches, plan_batches
from epilepsy_pgx.pipeline.predict import RunSettings
from epilepsy_pgx.pipeline.settle import Settler
from epilepsy_pgx.pipeline.stages import BatchJob, extract_batch, predict_batch
from epilepsy_pgx.pipeline.targets import TargetCache
from epilepsy_pgx.quality.identity import IdentityFinding, Verdict
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.record import Thresholds
from epilepsy_pgx.vocabulary import GeneStatus, ReportStatus

SAMPLE = "EX02"


@pytest.fixture(scope="module")
def made(
    root: Path, reference: Reference, tmp_path_factory: pytest.TempPathFactory
) -> PatientReport:
    """The prediction of an example patient."""
    rows = [r for r in read_sheet(root / "examples/samples.tsv", reference).rows]
    row = next(r for r in rows if r.sample_id == SAMPLE)
    cache = TargetCache(reference, None)
    job = BatchJob(join_batches(plan_batches([row], 1)), reference, cache, Inspections(reference))
    folder = tmp_path_factory.mktemp("s") / "x"
    extract_batch(job, Thresholds(), folder)
    (found,) = predict_batch(job, RunSettings("2026-11-22"), folder)
    assert isinstance(found, PatientReport)
    return found


def settled(made: PatientReport, ref: Reference, finding: str) -> PatientReport:
    verdict = Verdict(70, IdentityFinding(finding))
    return Settler(ref, {made.patient.sample_id: verdict}).settle(made)


def test_the_tables_are_named_as_a_whole(made: PatientReport, reference: Reference) -> None:
    found = Settler(reference, {}).settle(made).provenance
    assert (found.reference_digest, found.reference_version) == (
        reference.digest,
        reference.version,
    )
    assert made.provenance.reference_digest != reference.digest


def test_a_comparison_that_finds_nothing_changes_the_check_alone(
    made: PatientReport, reference: Reference
) -> None:
    plain = Settler(reference, {}).settle(made)
    for finding in ("passed", "unclear", "not-assessed"):
        found = settled(made, reference, finding)
        assert replace(found, quality=plain.quality) == plain
        assert found.quality is not None
        (check,) = (c for c in found.quality.checks if c.check == "identity")
        assert check.found.text_id == f"quality-identity-{finding}"


@pytest.mark.parametrize("finding", ["failed", "differs"])
def test_the_genome_of_another_is_withdrawn(
    made: PatientReport, reference: Reference, finding: str
) -> None:
    assert any(g.diplotypes for g in made.genes)
    assert made.interpretation.next_tests
    found = settled(made, reference, finding)
    assert found.status is ReportStatus.NOT_REPORTABLE
    assert [m.text_id for m in found.not_reportable] == [f"quality-identity-{finding}"]
    assert not any(g.diplotypes or g.phenotypes for g in found.genes)
    withdrawn = {GeneStatus.NOT_REPORTABLE, GeneStatus.PARTIAL}
    assert {g.status for g in found.genes} <= withdrawn
    assert {c.status for c in found.coverage} == {GeneStatus.NOT_REPORTABLE}
    assert not found.findings
    assert not found.interpretation.next_tests
    assert found.clinical == made.clinical
    assert found.warnings == made.warnings
    entered = [m for m in made.interpretation.not_considered if m.text_id.endswith("-entered")]
    assert {*entered} <= {*found.interpretation.not_considered}


def test_results_of_other_tables_are_refused(made: PatientReport, reference: Reference) -> None:
    other = replace(made, provenance=replace(made.provenance, reference_digest="sha256:0"))
    with pytest.raises(InputError, match="other curated tables"):
        Settler(reference, {}).settle(other, Path("p/batch00001.jsonl.gz"))
