"""Quality checks on real genomes."""

import gzip

import numpy as np
import pytest

from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.quality.checks import check_call_rate, check_mixture, check_sex
from epilepsy_pgx.quality.identity import choose_panel, compare_all, take_fingerprints
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import CheckOutcome, GenomeBuild, Sex

pytestmark = pytest.mark.realdata

FEMALE = ("NA12878", "NA12892", "NA19238", "NA07055", "NA10859", "NA12717", "NA18526")
MALE = ("NA10851", "NA07048", "NA11839", "NA18544", "NA19789")
"""Sexes that the 1000 Genomes Project publishes for these donors."""


@pytest.fixture(scope="module")
def targets(reference):
    return load_targets(reference, GenomeBuild.GRCH38)


@pytest.mark.parametrize("name", [*FEMALE, *MALE])
def test_sex_and_mixture(reference, targets, shared, name):
    limits = read_limits(reference)
    path = shared / "data/gvcf" / f"{name}.g.vcf.gz"
    found = extract_group([path], None, None, targets, reference, Thresholds())
    sex = Sex.FEMALE if name in FEMALE else Sex.MALE
    other = Sex.MALE if name in FEMALE else Sex.FEMALE
    result, seen = check_sex(found.readings, 0, sex, limits)
    assert (result.outcome, seen) == (CheckOutcome.PASSED, sex)
    assert check_sex(found.readings, 0, other, limits)[0].outcome is CheckOutcome.FAILED
    assert check_call_rate(found.store, 0, limits).outcome is CheckOutcome.PASSED
    assert check_mixture(found.readings, 0, limits).outcome is not CheckOutcome.FAILED


def test_a_mixture_of_two_genomes_is_seen(reference, targets, shared, tmp_path):
    """Every homozygous call of another allele gets 6 % reads of the reference allele."""
    limits = read_limits(reference)
    path = tmp_path / "mixed.g.vcf"
    with gzip.open(shared / "data/gvcf/NA12878.g.vcf.gz", "rt") as source, path.open("w") as out:
        for line in source:
            cells = line.rstrip("\n").split("\t")
            if not line.startswith("#") and "AD" in cells[8] and cells[9].startswith("1/1"):
                form = cells[8].split(":")
                values = cells[9].split(":")
                reads = [int(x) for x in values[form.index("AD")].split(",")]
                reads[0] = round(0.06 * reads[1])
                values[form.index("AD")] = ",".join(map(str, reads))
                cells[9] = ":".join(values)
            out.write("\t".join(cells) + "\n")
    found = extract_group([path], None, None, targets, reference, Thresholds())
    assert check_mixture(found.readings, 0, limits).outcome is CheckOutcome.FAILED


def test_no_two_of_3202_people_are_one_and_planted_copies_are_found(reference, targets, shared):
    limits = read_limits(reference)
    found = extract_group(
        [shared / "data/cohort_1kgp.GRCh38.vcf.gz"], None, None, targets, reference, Thresholds()
    )
    panel = choose_panel(reference, targets.sites, limits["identity-frequency"])
    prints = take_fingerprints(found.store, panel)
    names = list(found.store.samples)
    results = compare_all(names, prints, panel, limits, {})
    accused = [(r.sample_id, r.same_genome) for r in results if r.same_genome]
    assert accused == []
    assert min(r.compared for r in results) == 3201
    copies = np.arange(0, 3202, 100)
    both = np.concatenate([prints, prints[copies]])
    again = compare_all([*names, *(f"copy {i}" for i in copies)], both, panel, limits, {})
    assert all(f"copy {i}" in again[i].same_genome for i in copies)
