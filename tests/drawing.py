"""How many examples a property draws: a share of them in the quick tests, all in the long ones."""

from hypothesis import settings

WHOLE = 100
"""Examples of a property that names no number, where all are drawn."""
_FEWEST = 10


def examples(number: int) -> int:
    """Return how many of so many examples the profile in use draws.

    Parameters
    ----------
    number
        What `make properties` and `make test-full` draw.
    """
    return max(min(number, _FEWEST), number * settings.default.max_examples // WHOLE)
