"""Intervals against sets of single bases."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx import intervals
from epilepsy_pgx.intervals import Intervals, Overlaps, merge

SPAN = st.tuples(st.integers(0, 30), st.integers(1, 8)).map(lambda p: (p[0], p[0] + p[1]))
NAMED = st.tuples(st.sampled_from("12"), SPAN).map(lambda p: (p[0], *p[1]))


def bases(spans, name):
    return {i for n, start, end in spans if n == name for i in range(start, end)}


@given(st.lists(NAMED), st.integers(0, 4))
def test_merging_keeps_bases_and_closes_gaps(spans, gap):
    merged = merge(spans, gap)
    assert merged == sorted(merged)
    for (one, _, end), (two, start, _) in zip(merged, merged[1:], strict=False):
        assert one != two or start > end + gap
    for name in "12":
        whole, held = bases(merged, name), bases(spans, name)
        assert held <= whole
        # What was added lies in a gap: held bases on both sides, near enough.
        for base in whole - held:
            low = max(b for b in held if b < base)
            assert min(b for b in held if b > base) - low - 1 <= gap


@given(st.lists(NAMED), st.sampled_from("123"), SPAN)
def test_looking_up_is_that_of_single_bases(spans, name, asked):
    held, wanted = bases(spans, name), set(range(*asked))
    found = Intervals(spans)
    assert found.covers(name, *asked) == (wanted <= held)
    assert found.meets(name, *asked) == bool(wanted & held)
    assert found.overlap(name, *asked) == len(wanted & held)
    assert found.size(name) == len(held)


@given(st.lists(NAMED), st.sampled_from("123"), SPAN)
def test_those_that_a_stretch_meets_keep_their_numbers(spans, name, asked):
    found = Overlaps(spans)
    wanted = set(range(*asked))
    met = [i for i, one in enumerate(spans) if bases([one], name) & wanted]
    assert found.meeting(name, *asked) == met
    assert set(found.on(name)) == {i for i, one in enumerate(spans) if one[0] == name}
    assert (name in found) == any(one[0] == name for one in spans)


def test_the_examples_hold():
    assert doctest.testmod(intervals).failed == 0
