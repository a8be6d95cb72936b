"""What is counted from the records of a file."""

import pytest

from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.quality.checks import check_mixture, check_sex
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.sample_metrics import COUNTS
from epilepsy_pgx.vocabulary import CheckOutcome, GenomeBuild, Sex
from tests.toy.vcf import vcf_text

X38, CHR2 = 156040895, 242193529
WINDOW = 15564001
"""First base of a window on X."""


@pytest.fixture(scope="module")
def targets(reference):
    return load_targets(reference, GenomeBuild.GRCH38)


def read(reference, targets, tmp_path, text):
    path = tmp_path / "in.vcf"
    path.write_text(text)
    return extract_group([path], None, None, targets, reference, Thresholds()).readings


def counts(readings, sample=0):
    found = {name: readings.of(name, sample) for name in COUNTS}
    return {name: value for name, value in found.items() if value}


def x_records(*calls, form="GT:DP:GQ"):
    return [f"{WINDOW + 10 * i} A G {form} {call}" for i, call in enumerate(calls)]


def test_calls_on_x(reference, targets, tmp_path):
    records = x_records(
        "0/1:30:99", "1/1:30:99", "1:15:99", "0:15:99", "./.:0:0", "0/1:30:3", "0/1:3:99"
    )
    records.append(f"{WINDOW + 200} AT A GT:DP:GQ 0/1:30:99")
    records.append("2700000 A G GT:DP:GQ 0/1:30:99")
    records.append("15571000 A G GT:DP:GQ 0/1:30:99")
    readings = read(
        reference,
        targets,
        tmp_path,
        vcf_text(*sorted(records, key=lambda r: int(r.split(" ")[0])), contig="chrX", length=X38),
    )
    assert counts(readings) == {
        "x_heterozygous": 1,
        "x_homozygous": 1,
        "x_haploid": 2,
        "x_depth_records": 8,
        "x_depth": 153,
    }


def test_each_sample_is_counted_by_itself(reference, targets, tmp_path):
    text = vcf_text(
        *x_records("0/1:30:99 1:15:99", "0/1:30:99 1:15:99", "0/1:30:99 1:15:99"),
        samples=("S1", "S2"),
        contig="chrX",
        length=X38,
    )
    readings = read(reference, targets, tmp_path, text)
    limits = read_limits(reference)
    for sample, sex in ((0, Sex.FEMALE), (1, Sex.MALE)):
        result, found = check_sex(readings, sample, sex, limits)
        assert (result.outcome, found) == (CheckOutcome.PASSED, sex)


def coding_records(target, calls):
    at = target.coding_start0 + 1
    return [f"{at + i} A G GT:AD:DP:GQ {call}" for i, call in enumerate(calls)]


@pytest.mark.parametrize(
    ("foreign", "outcome"), [(0, CheckOutcome.PASSED), (1, CheckOutcome.FAILED)]
)
def test_foreign_reads(reference, targets, tmp_path, foreign, outcome):
    target = next(t for t in targets.coding if t.chrom == "2" and t.coding_end0 - t.start0 > 60)
    homozygous = [f"1/1:{foreign},{30 - foreign}:30:99"] * 10
    heterozygous = ["0/1:14,16:30:99"] * 10
    shallow = ["1/1:5,5:10:99"] * 3
    text = vcf_text(
        *coding_records(target, [*homozygous, *heterozygous, *shallow]), contig="chr2", length=CHR2
    )
    readings = read(reference, targets, tmp_path, text)
    found = counts(readings)
    assert (found["mixture_positions"], found["heterozygous"]) == (10, 10)
    assert check_mixture(readings, 0, read_limits(reference)).outcome is outcome


def test_a_call_that_failed_for_its_balance_counts_as_out_of_balance(reference, targets, tmp_path):
    target = next(t for t in targets.coding if t.chrom == "2" and t.coding_end0 - t.start0 > 60)
    text = vcf_text(
        *coding_records(target, ["0/1:27,3:30:99"] * 10 + ["0/1:15,15:30:99"] * 10),
        contig="chr2",
        length=CHR2,
    )
    readings = read(reference, targets, tmp_path, text)
    assert counts(readings)["heterozygous_skewed"] == 10
    assert check_mixture(readings, 0, read_limits(reference)).outcome is CheckOutcome.FAILED


def test_reads_of_paralogues_say_nothing(reference, targets, tmp_path):
    site = next(s for s in targets.sites.sites if s.name == "rs3745274")
    text = vcf_text(
        f"{site.pos} {site.ref} {site.alleles[1]} GT:AD:DP:GQ 1/1:9,30:39:99",
        contig=f"chr{site.chrom}",
        length=58617616,
    )
    assert counts(read(reference, targets, tmp_path, text)) == {}
