"""No pair is missed that comparing each sample with every other finds, and none is added."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.quality.pairs import MISSING, Pairs, count_compared, find_pairs
from tests.drawing import examples

POSITIONS = 75


def brute(prints, minimum, differences):
    """Compare each with all: the pairs that agree, and how many each was compared with."""
    pairs, compared = [], []
    for i in range(len(prints)):
        both = (prints[i] != MISSING) & (prints != MISSING)
        differing = (both & (prints[i] != prints)).sum(axis=1)
        enough = both.sum(axis=1) >= minimum
        enough[i] = False
        compared.append(int(enough.sum()))
        later = enough & (differing <= differences) & (np.arange(len(prints)) > i)
        pairs += [(i, j, int(differing[j])) for j in np.flatnonzero(later).tolist()]
    return pairs, compared


def as_list(found: Pairs):
    return list(
        zip(found.one.tolist(), found.other.tolist(), found.differing.tolist(), strict=True)
    )


def mixed(count, seed, positions=POSITIONS, common=0.35):
    """Samples of several laboratories, with repeated specimens, errors and missing positions."""
    random = np.random.default_rng(seed)
    shares = random.uniform(common, 1, positions)
    prints = (random.random((count, positions, 2)) > shares[:, np.newaxis]).sum(axis=2)
    prints = prints.astype(np.int8)
    for _ in range(count // 8):
        source, copy = random.integers(0, count, 2)
        prints[copy] = prints[source]
        wrong = random.integers(0, positions, random.integers(0, 4))
        prints[copy, wrong] = random.integers(0, 3, len(wrong))
    kits = [random.random(positions) < share for share in (1.0, 0.45, 0.3)]
    for i, kit in enumerate(random.choice(len(kits), count, p=(0.6, 0.25, 0.15)).tolist()):
        prints[i, ~kits[kit]] = MISSING
    noise = random.choice([0.0, 0.01, 0.05, 0.3], count, p=(0.3, 0.5, 0.17, 0.03))
    prints[random.random(prints.shape) < noise[:, np.newaxis]] = MISSING
    return prints


def assert_same(prints, minimum, differences):
    pairs, compared = brute(prints, minimum, differences)
    assert as_list(find_pairs(prints, minimum, differences)) == pairs
    assert count_compared(prints != MISSING, minimum).tolist() == compared
    return pairs


def test_mixed_samples():
    assert len(assert_same(mixed(500, 1), 15, 1)) > 40


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_five_thousand_mixed_noisy_samples(seed):
    assert len(assert_same(mixed(5_000, seed), 15, 1)) > 400


@settings(max_examples=examples(60), deadline=None)
@given(
    st.integers(0, 40),
    st.integers(0, 10_000),
    st.integers(1, 12),
    st.integers(0, 3),
    st.sampled_from([0.0, 0.3, 0.9]),
)
def test_any_samples(count, seed, minimum, differences, common):
    """Few positions, all alike, all missing: many agree by chance."""
    prints = mixed(count, seed, positions=12, common=common)
    assert_same(prints, minimum, differences)


def test_samples_that_lack_most_are_compared_with_all():
    prints = mixed(120, 3)
    random = np.random.default_rng(5)
    prints[::2][random.random((60, POSITIONS)) < 0.6] = MISSING
    prints[1] = np.where(random.random(POSITIONS) < 0.5, prints[0], MISSING)
    assert_same(prints, 5, 1)
