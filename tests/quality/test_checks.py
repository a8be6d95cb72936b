"""Checks of a sample: too little data never pass, and never acquit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.model import GeneCoverage, GeneResult
from epilepsy_pgx.quality.checks import check_call_rate, check_mixture, check_sex, count_x
from epilepsy_pgx.quality.withdraw import withdraw_coverage, withdraw_results
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.variants.sample_metrics import COUNTS, SampleMetrics
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN, SiteList
from epilepsy_pgx.variants.store import STATUS_CODES, STATUS_OF, GenotypeStore
from epilepsy_pgx.vocabulary import CheckOutcome, GeneStatus, GenomeBuild, Sex, SiteStatus

PASSED, FAILED, OPEN = CheckOutcome.PASSED, CheckOutcome.FAILED, CheckOutcome.NOT_ASSESSED
ABSENT = STATUS_OF[SiteStatus.NOT_ASSESSED]


def store_of(codes):
    size = (len(codes), 1)
    return GenotypeStore(
        SiteList(GenomeBuild.GRCH38, ()),
        ("S1",),
        np.zeros((*size, 2), np.int8),
        np.array(codes, np.uint8).reshape(size),
        np.zeros(size, np.uint8),
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
    )


def readings(**counts):
    values = np.zeros((len(COUNTS), 1))
    for name, value in counts.items():
        values[COUNTS.index(name), 0] = value
    return SampleMetrics(values)


def statuses(called=0, low=0, absent=0):
    words = (SiteStatus.CALLED, SiteStatus.LOW_QUALITY, SiteStatus.NOT_ASSESSED)
    return [
        STATUS_OF[w] for w, n in zip(words, (called, low, absent), strict=True) for _ in range(n)
    ]


def test_call_rate(reference):
    limits = read_limits(reference)
    for counts, outcome in (
        ({"called": 95, "low": 5}, PASSED),
        ({"called": 70, "low": 30}, FAILED),
        ({"called": 70, "low": 5, "absent": 25}, OPEN),
        ({"absent": 100}, OPEN),
        ({"low": 26, "absent": 74}, FAILED),
    ):
        assert check_call_rate(store_of(statuses(**counts)), 0, limits).outcome is outcome, counts


def test_changed_copies_of_a_gene_are_no_fault_of_the_sample(reference):
    codes = [STATUS_CODES.index(SiteStatus.PARTIAL)] * 40 + statuses(called=60)
    store = store_of(codes)
    limits = read_limits(reference)
    assert check_call_rate(store, 0, limits).outcome is FAILED
    store.alleles[:40, 0] = (UNKNOWN, OTHER)
    assert check_call_rate(store, 0, limits).outcome is PASSED


@given(
    st.lists(st.sampled_from(range(len(STATUS_CODES))), min_size=1, max_size=60),
    st.sets(st.integers(0, 59)),
)
def test_leaving_positions_out_never_helps_the_call_rate(reference, codes, gone):
    limits = read_limits(reference)
    before = check_call_rate(store_of(codes), 0, limits).outcome
    less = [ABSENT if i in gone else c for i, c in enumerate(codes)]
    after = check_call_rate(store_of(less), 0, limits).outcome
    assert not (after is PASSED and before is not PASSED)
    assert not (after is FAILED and before is not FAILED)


def test_nothing_read_is_not_assessed(reference):
    limits = read_limits(reference)
    for sex in (None, *Sex):
        result, found = check_sex(readings(), 0, sex, limits)
        assert (result.outcome, found) == (OPEN, None)
    assert check_mixture(readings(), 0, limits).outcome is OPEN


FEMALE = {
    "x_heterozygous": 9,
    "x_homozygous": 7,
    "x_depth": 300,
    "x_depth_records": 10,
    "other_depth": 3000,
    "other_depth_records": 100,
}
HAPLOID = {"x_haploid": 20}
HALF_DEPTH = {
    "x_homozygous": 5,
    "x_depth": 150,
    "x_depth_records": 10,
    "other_depth": 3000,
    "other_depth_records": 100,
}
NO_HET = {"x_homozygous": 20}


def test_sex(reference):
    limits = read_limits(reference)
    for counts, stated, outcome, found in (
        (FEMALE, Sex.FEMALE, PASSED, Sex.FEMALE),
        (FEMALE, Sex.MALE, FAILED, Sex.FEMALE),
        (FEMALE, None, OPEN, Sex.FEMALE),
        (HAPLOID, Sex.MALE, PASSED, Sex.MALE),
        (HAPLOID, Sex.FEMALE, FAILED, Sex.MALE),
        (HALF_DEPTH, Sex.MALE, PASSED, Sex.MALE),
        (HALF_DEPTH, Sex.FEMALE, FAILED, Sex.MALE),
        # No heterozygous call is what missing data look like: it accuses, it does not acquit.
        (NO_HET, Sex.FEMALE, FAILED, None),
        (NO_HET, Sex.MALE, OPEN, None),
        # Signs of both: a lost X in part of the cells, or XXY.
        (FEMALE | HAPLOID, Sex.FEMALE, OPEN, None),
        (FEMALE | HAPLOID, Sex.MALE, OPEN, None),
    ):
        result, sex = check_sex(readings(**counts), 0, stated, limits)
        assert (result.outcome, sex) == (outcome, found), (counts, stated)


COUNT = st.integers(0, 60)


@given(het=COUNT, hom=COUNT, haploid=COUNT, ratio=st.none() | st.floats(0, 2))
def test_sex_passes_only_on_evidence_for_it(reference, het, hom, haploid, ratio):
    limits = read_limits(reference)
    counts = {"x_heterozygous": het, "x_homozygous": hom, "x_haploid": haploid}
    if ratio is not None:
        counts |= {
            "x_depth": ratio * 3000,
            "x_depth_records": 100,
            "other_depth": 3000,
            "other_depth_records": 100,
        }
    read = readings(**counts)
    copies, _ = count_x(read, 0, limits)
    outcomes = {sex: check_sex(read, 0, sex, limits)[0].outcome for sex in Sex}
    assert not (outcomes[Sex.MALE] is PASSED and outcomes[Sex.FEMALE] is PASSED)
    if outcomes[Sex.MALE] is PASSED:
        assert copies.one
        assert not copies.two
        assert outcomes[Sex.FEMALE] is FAILED
    if outcomes[Sex.FEMALE] is PASSED:
        assert copies.two
        assert not copies.one
        assert outcomes[Sex.MALE] is FAILED


def test_mixture(reference):
    limits = read_limits(reference)
    clean = {
        "mixture_positions": 20,
        "mixture_parts": 0.02,
        "heterozygous": 30,
        "heterozygous_skewed": 2,
    }
    for change, outcome in (
        ({}, PASSED),
        ({"mixture_parts": 0.5}, FAILED),
        ({"heterozygous_skewed": 12}, FAILED),
        ({"mixture_positions": 3, "mixture_parts": 0.001}, OPEN),
        ({"heterozygous": 2, "heterozygous_skewed": 0}, OPEN),
        # What is there and speaks against the sample is enough.
        ({"mixture_positions": 3, "mixture_parts": 0, "heterozygous_skewed": 29}, FAILED),
    ):
        assert check_mixture(readings(**clean | change), 0, limits).outcome is outcome, change


def test_withdrawn_results_keep_only_what_warns():
    normal = GeneResult(
        "TOY1",
        GeneStatus.COMPLETE,
        "genotype",
        (Diplotype(("*1", "*1")),),
        1,
        ("Normal Metabolizer",),
        (),
    )
    typed = GeneResult(
        "TOYH",
        GeneStatus.COMPLETE,
        "HLA typing",
        (),
        0,
        (),
        (),
        alleles_present=("*01:01",),
        alleles_absent=("*02:02",),
    )
    results = withdraw_results({"TOY1": normal, "TOYH": typed})
    assert results["TOY1"].status is GeneStatus.NOT_REPORTABLE
    assert results["TOYH"].status is GeneStatus.PARTIAL
    for result in results.values():
        assert (result.phenotypes, result.diplotypes, result.alleles_absent) == ((), (), ())
    assert results["TOYH"].alleles_present == ("*01:01",)
    coverage = withdraw_coverage(
        {"TOYR": GeneCoverage("TOYR", "NM_1", GeneStatus.COMPLETE, "x", ((1, 9, 9),))}
    )
    assert coverage["TOYR"].status is GeneStatus.NOT_REPORTABLE
    assert coverage["TOYR"].fraction is None
