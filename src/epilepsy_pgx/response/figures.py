"""Numbers that are worked out, as a page says them: no longer than what they rest on."""

from decimal import Decimal

DIGITS = 4
"""Significant digits of a number that is no count; no measurement here is more exact."""


def significant(number: Decimal, digits: int = DIGITS) -> str:
    """Return a number with its significant digits, in full.

    Examples
    --------
    >>> significant(Decimal("3.571428571")), significant(Decimal(1234567), 3)
    ('3.571', '1230000')
    """
    if not number:
        return "0"
    last = number.adjusted() - digits + 1
    # Rounded to tens, a number would be written 1.23E+3.
    return f"{round(number, -last).normalize():f}"
