"""Fixtures of the response tests."""

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.engine import ResponseEngine
from tests.said import SpeakingEngine


@pytest.fixture(scope="session")
def engine(reference: Reference) -> SpeakingEngine:
    """Return the rule engine over the real tables."""
    return SpeakingEngine(reference)


@pytest.fixture(scope="session")
def spanish(reference: Reference) -> SpeakingEngine:
    """Return the same engine with its words in Spanish."""
    return SpeakingEngine(reference, "es")


@pytest.fixture(scope="session")
def plain(reference: Reference) -> ResponseEngine:
    """Return the rule engine as it is: its statements carry no words."""
    return ResponseEngine(reference)
