"""Trimming against the plain loop, which takes one base at a time."""

import doctest
from os.path import commonprefix

from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx import trimming
from epilepsy_pgx.trimming import shared_ends, trim
from epilepsy_pgx.variants.observed import trim_change

BASES = st.text("AC", max_size=8)


def one_at_a_time(pos, ref, alt, keep):
    while len(ref) > keep and len(alt) > keep and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > keep and len(alt) > keep and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


@given(st.integers(0, 99), BASES, BASES, st.integers(0, 1))
def test_trimming_is_that_of_one_base_at_a_time(pos, ref, alt, keep):
    assert trim(pos, ref, alt, keep) == one_at_a_time(pos, ref, alt, keep)


@given(BASES, BASES, st.integers(0, 1))
def test_a_trimmed_variant_is_the_same_change_and_stays(ref, alt, keep):
    start, short, new = trim(0, ref, alt, keep)
    assert ref[:start] + new + ref[start + len(short) :] == alt
    assert trim(start, short, new, keep) == (start, short, new)


@given(BASES, BASES)
def test_a_change_is_the_trimmed_variant(ref, alt):
    change = trim_change(7, ref, alt)
    start, removed, added = trim(7, ref, alt)
    assert (change.start0, change.removed, change.added) == (start, removed, added)
    assert change.end0 - change.start0 == len(removed)


@given(BASES, BASES)
def test_shared_ends_are_the_longest_start_and_what_is_left(ref, alt):
    start, end = shared_ends(ref, alt)
    assert start == len(commonprefix((ref, alt)))
    assert end == len(commonprefix((ref[start:][::-1], alt[start:][::-1])))


def test_the_examples_hold():
    assert doctest.testmod(trimming).failed == 0
