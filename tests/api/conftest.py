"""What the functions make of one example patient, once for all tests."""

from pathlib import Path

import pytest

import epilepsy_pgx as pgx


@pytest.fixture(scope="session")
def given(root: Path) -> dict[str, object]:
    folder = root / "examples/vcf"
    return {
        "vcf": folder / "EX01.vcf.gz",
        "build": "GRCh38",
        "callable_regions": folder / "panel.bed",
    }


@pytest.fixture(scope="session")
def calls(given: dict[str, object]) -> pgx.Calls:
    return pgx.call(**given)


@pytest.fixture(scope="session")
def annotations(given: dict[str, object]) -> pgx.Annotations:
    return pgx.annotate(**given)


@pytest.fixture(scope="session")
def reports(given: dict[str, object]) -> pgx.Reports:
    return pgx.report(**given)
