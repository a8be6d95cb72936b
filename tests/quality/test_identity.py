"""Specimens of one genome are found; people who merely look alike are not accused."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.quality.checks import IDENTITY
from epilepsy_pgx.quality.identity import Panel, check_identity, compare_all
from epilepsy_pgx.vocabulary import CheckOutcome
from tests.drawing import examples

LIMITS = {
    "identity-minimum-positions": 10,
    "identity-differences": 1,
    "identity-chance": 0.01,
    "identity-difference-factor": 0.001,
}
POSITIONS = 24
PANEL = Panel(
    tuple(f"rs{i}" for i in range(POSITIONS)),
    np.arange(POSITIONS, dtype=np.intp),
    ((0.5, 0.5),) * POSITIONS,
)


def people(count, seed=1):
    random = np.random.default_rng(seed)
    alleles = np.sort(random.integers(0, 2, (count, POSITIONS, 2)), axis=2)
    low, high = alleles[:, :, 0], alleles[:, :, 1]
    return (high * (high + 1) // 2 + low).astype(np.int8)


def compare(prints, stated=None):
    names = [f"S{i}" for i in range(len(prints))]
    return compare_all(names, prints, PANEL, LIMITS, stated or {})


def test_two_specimens_of_one_person_are_found_and_strangers_are_not():
    prints = people(40)
    prints[7] = prints[3]
    prints[7, 5] = -1
    results = compare(prints)
    assert results[3].same_genome == ("S7",)
    assert results[7].same_genome == ("S3",)
    assert [r.sample_id for r in results if r.same_genome] == ["S3", "S7"]
    assert check_identity(results[3].verdict).outcome is CheckOutcome.FAILED
    assert check_identity(results[0].verdict).outcome is CheckOutcome.PASSED


def test_one_difference_is_an_error_of_reading_and_two_are_another_person():
    prints = people(5)
    prints[1] = prints[0]
    for changed, found in ((0, True), (1, True), (2, False)):
        prints[1] = prints[0]
        prints[1, :changed] = (prints[0, :changed] + 1) % 3
        assert bool(compare(prints)[0].same_genome) is found


def test_stated_specimens_of_one_person_are_expected_and_others_are_a_swap():
    prints = people(5)
    prints[1] = prints[0]
    results = compare(prints, {"S0": "one", "S1": "one", "S2": "two", "S3": "two"})
    assert results[0].expected == ("S1",)
    assert check_identity(results[0].verdict).outcome is CheckOutcome.PASSED
    assert results[2].differ == ("S3",)
    assert check_identity(results[2].verdict).outcome is CheckOutcome.FAILED


def test_agreement_at_few_or_common_positions_accuses_nobody():
    prints = people(3)
    prints[1] = prints[0]
    prints[1, 8:] = -1
    result = compare(prints)[0]
    assert (result.same_genome, result.unclear, result.compared) == ((), (), 1)
    usual = np.zeros((3, POSITIONS), np.int8)
    common = Panel(PANEL.sites, PANEL.blocks, ((0.97, 0.03),) * POSITIONS)
    found = compare_all(["a", "b", "c"], usual, common, LIMITS, {})
    assert found[0].unclear == ("b", "c")
    assert check_identity(found[0].verdict).outcome is CheckOutcome.NOT_ASSESSED


def test_alone_is_not_assessed():
    assert check_identity(None).check == IDENTITY
    for verdict in (None, *(r.verdict for r in compare(people(1)))):
        assert check_identity(verdict).outcome is CheckOutcome.NOT_ASSESSED


@settings(max_examples=examples(40))
@given(st.integers(2, 9), st.integers(0, 10_000), st.floats(0, 0.5))
def test_the_matrix_product_counts_as_a_loop_does(count, seed, missing):
    random = np.random.default_rng(seed)
    prints = people(count, seed)
    prints[count - 1] = prints[0]
    prints[random.random(prints.shape) < missing] = -1
    for i, result in enumerate(compare(prints)):
        near, compared = set(), 0
        for j in range(count):
            both = (prints[i] >= 0) & (prints[j] >= 0)
            if j == i or both.sum() < LIMITS["identity-minimum-positions"]:
                continue
            compared += 1
            if (prints[i] != prints[j])[both].sum() <= LIMITS["identity-differences"]:
                near.add(f"S{j}")
        assert compared == result.compared
        assert near == {*result.same_genome, *result.unclear}
        assert result.positions == (prints[i] >= 0).sum()


def test_removing_genotypes_never_makes_a_match_surer():
    prints = people(6)
    prints[1] = prints[0]
    for gone in range(POSITIONS):
        prints[1, gone] = -1
        result = compare(prints)[0]
        if not result.same_genome:
            break
    rest = [compare(np.where(np.arange(POSITIONS) > k, prints, -1))[0] for k in range(gone, 20)]
    assert not any(r.same_genome for r in rest)
