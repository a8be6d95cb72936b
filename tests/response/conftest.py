"""Fixtures of the response tests."""

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.engine import ResponseEngine


@pytest.fixture(scope="session")
def engine(reference: Reference) -> ResponseEngine:
    """Return the rule engine over the real tables."""
    return ResponseEngine(reference)
