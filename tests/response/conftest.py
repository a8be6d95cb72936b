"""Fixtures of the response tests."""

import pytest

from epilepsy_pgx.reference.package import Reference
from tests.said import SpeakingEngine


@pytest.fixture(scope="session")
def engine(reference: Reference) -> SpeakingEngine:
    """Return the rule engine over the real tables."""
    return SpeakingEngine(reference)
