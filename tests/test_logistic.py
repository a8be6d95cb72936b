"""Splines, fits and intervals against what can be worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.logistic import NoFitError, design, fit, probability, spline, with_interval

KNOTS = (3.0, 6.0, 12.0)


def bend(x: float) -> float:
    """Harrell's formula with three knots, written out."""
    cubes = [max(x - k, 0.0) ** 3 for k in KNOTS]
    return (cubes[0] - cubes[1] * (12 - 3) / (12 - 6) + cubes[2] * (6 - 3) / (12 - 6)) / 81


@given(st.floats(0, 1000, allow_nan=False))
def test_the_spline_is_that_of_the_formula(x):
    linear, bent = spline([x], KNOTS)[0]
    assert linear == x
    assert bent == pytest.approx(bend(x), rel=1e-9, abs=1e-9)


def test_the_spline_is_a_line_outside_the_outer_knots():
    before, after = spline([0, 1, 2, 3], KNOTS)[:, 1], spline([12, 13, 20, 90], KNOTS)[:, 1]
    assert not before.any()
    assert np.diff(after) / [1, 7, 70] == pytest.approx([after[1] - after[0]] * 3)


def test_a_fit_of_two_groups_is_their_log_odds():
    matrix = np.column_stack([np.ones(100), np.repeat([0.0, 1.0], 50)])
    outcome = [1] * 10 + [0] * 40 + [1] * 30 + [0] * 20
    found, covariance = fit(matrix, outcome)
    assert found[0] == pytest.approx(math.log(10 / 40))
    assert found.sum() == pytest.approx(math.log(30 / 20))
    # The variance of the log odds of a group: 1/cases + 1/others.
    assert covariance[0, 0] == pytest.approx(1 / 10 + 1 / 40)
    chance, lower, upper = with_interval(matrix[[0, 99]], found, covariance)
    assert chance == pytest.approx([0.2, 0.6])
    reach = 1.959963984540054 * math.sqrt(1 / 30 + 1 / 20)
    assert lower[1] == pytest.approx(1 / (1 + math.exp(reach - math.log(1.5))))
    assert upper[1] == pytest.approx(1 / (1 + math.exp(-reach - math.log(1.5))))


@pytest.mark.parametrize("outcome", [[0, 0, 1, 1], [1, 1, 1, 1]])
def test_groups_without_overlap_are_no_fit(outcome):
    matrix = design([1, 2, 30, 40], [1, 1, 2, 2], KNOTS)[:, :2]
    with pytest.raises(NoFitError):
        fit(matrix, outcome)


def test_no_logit_is_too_large():
    assert probability(np.array([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.5, 1.0]
