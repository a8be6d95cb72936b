"""A patient of a real cohort has the same report in any company and any order."""

import numpy as np
import pytest

from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.model import ClinicalEntry, Patient
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.predict import Predictor, RunSettings
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.report.serialise import report_to_json
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

pytestmark = pytest.mark.realdata

ONE = "HG00096"


def test_any_company_gives_the_same_report(shared, reference):
    path = shared / "data/cohort_1kgp.GRCh38.vcf.gz"
    build = GenomeBuild.GRCH38
    targets = load_targets(reference, build)
    predictor = Predictor(reference, RunSettings("2026-11-27"))
    every = extract_group([path], None, None, targets, reference, Thresholds())
    names = [n for n in every.store.samples if n != ONE]
    rng = np.random.default_rng(5)
    found = set()
    for size in (0, 1, 40):
        chosen = [ONE, *rng.choice(names, size, replace=False).tolist()]
        rng.shuffle(chosen)
        part = extract_group([path], chosen, None, targets, reference, Thresholds())
        row = SampleRow(
            ONE, (path,), ONE, build, None, None, (), None, Patient(ONE, ONE), ClinicalEntry(), 0
        )
        (report,) = predictor.predict(part, [row])
        found.add(report_to_json(report))
        for place, name in enumerate(chosen):
            column = every.store.samples.index(name)
            for array in ("alleles", "status", "reason", "phase", "depth", "quality"):
                assert (
                    getattr(part.store, array)[:, place] == getattr(every.store, array)[:, column]
                ).all()
            assert (part.readings.counts[:, place] == every.readings.counts[:, column]).all()
            assert (part.callable_bases[:, place] == every.callable_bases[:, column]).all()
    assert len(found) == 1
