"""The types behind the notations of genetics."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.genetics import Phase, PhaseSet
from tests.response.builders import variant

ONE = PhaseSet("2", "77", 0)
places = st.none() | st.builds(
    PhaseSet, st.sampled_from(["2", "X"]), st.sampled_from(["all", "7", "8"]), st.integers(0, 1)
)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (ONE, Phase.TOGETHER),
        (replace(ONE, haplotype=1), Phase.APART),
        (replace(ONE, name="78"), Phase.UNKNOWN),
        (replace(ONE, chrom="X"), Phase.UNKNOWN),
        (None, Phase.UNKNOWN),
    ],
)
def test_phase_of_two_variants(other: PhaseSet | None, expected: Phase) -> None:
    assert ONE.compare(other) is expected


@given(places, places)
def test_only_one_copy_of_one_set_is_in_cis(one: PhaseSet | None, two: PhaseSet | None) -> None:
    first, second = variant("SCN1A", phase_set=one), variant("SCN1A", phase_set=two)
    told = first.phase_with(second)
    assert told is second.phase_with(first)
    assert (told is Phase.TOGETHER) == (one is not None and one == two)
    if one is None or two is None:
        assert told is Phase.UNKNOWN
