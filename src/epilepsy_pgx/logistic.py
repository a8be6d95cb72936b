"""Logistic regression on arrays: the basis of a restricted cubic spline, a fit, a probability.

Nothing here knows what the numbers are about; the curated tables hold the fitted models.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

NORMAL_975 = 1.959963984540054
"""The quantile of the normal distribution that leaves 2.5 % above it."""
_STEPS = 50
_CLOSE = 1e-13


class NoFitError(ValueError):
    """Data to which no logistic model can be fitted."""


def spline(x: npt.ArrayLike, knots: Sequence[float]) -> Array:
    """Return the basis of a restricted cubic spline, a line outside the outer knots.

    The first column is `x` itself; each further one is divided by the square of the distance of
    the outer knots, as Harrell has it, so that all columns are in the unit of `x`.

    Parameters
    ----------
    x
        Values.
    knots
        At least three, ascending.

    Examples
    --------
    >>> spline([3, 12], (3, 6, 12)).tolist()
    [[3.0, 0.0], [12.0, 5.0]]
    """
    values = np.asarray(x, dtype=np.float64)
    scale = (knots[-1] - knots[0]) ** 2
    last, before = knots[-1], knots[-2]
    columns = [values]
    for knot in knots[:-2]:
        left, right = (last - knot) / (last - before), (before - knot) / (last - before)
        bent = _cube(values - knot) - left * _cube(values - before) + right * _cube(values - last)
        columns.append(bent / scale)
    return np.column_stack(columns)


def _cube(values: Array) -> Array:
    cubes: Array = np.maximum(values, 0.0) ** 3
    return cubes


def design(bent: npt.ArrayLike, straight: npt.ArrayLike, knots: Sequence[float]) -> Array:
    """Return the design matrix: intercept, spline of one variable, another variable as it is."""
    curve, other = spline(bent, knots), np.asarray(straight, dtype=np.float64)
    return np.column_stack([np.ones(len(other)), curve, other])


def probability(logit: Array) -> Array:
    """Return the probability of a logit, whatever its size."""
    found: Array = 0.5 * (1.0 + np.tanh(0.5 * logit))
    return found


def fit(matrix: Array, outcome: npt.ArrayLike) -> tuple[Array, Array]:
    """Fit a logistic model by maximum likelihood; return coefficients and their covariance.

    Raises
    ------
    NoFitError
        If the steps do not come to rest, as where the outcomes are told apart without error.
    """
    happened = np.asarray(outcome, dtype=np.float64)
    found: Array = np.zeros(matrix.shape[1])
    for _ in range(_STEPS):
        chance = probability(matrix @ found)
        weight = matrix * (chance * (1.0 - chance))[:, None]
        try:
            step = np.linalg.solve(matrix.T @ weight, matrix.T @ (happened - chance))
        except np.linalg.LinAlgError:
            break
        found = found + step
        if np.abs(step).max() < _CLOSE * max(1.0, float(np.abs(found).max())):
            return found, np.asarray(np.linalg.inv(matrix.T @ weight), dtype=np.float64)
    raise NoFitError("the likelihood has no maximum")


def with_interval(
    matrix: Array, coefficients: Array, covariance: Array
) -> tuple[Array, Array, Array]:
    """Return probabilities with the limits of their 95 % intervals.

    The interval is that of the logit (delta method), so that its limits are probabilities too. It
    says how sure the fit is of the probability, not how sure the outcome is.
    """
    logit = matrix @ coefficients
    # Rounding may take a variance of nothing below zero.
    variance = np.maximum(np.einsum("ij,jk,ik->i", matrix, covariance, matrix), 0.0)
    reach = NORMAL_975 * np.sqrt(variance)
    return probability(logit), probability(logit - reach), probability(logit + reach)
