"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

from epilepsy_pgx.cli.logs import set_up_log
from epilepsy_pgx.reference.package import Reference, load_reference
from tests.skips import pytest_make_collect_report, pytest_runtest_makereport

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the expected reports anew."""
    parser.addoption("--update-golden", action="store_true", help="write expected files anew")


@pytest.fixture(autouse=True)
def _log() -> None:
    """Print the log as the commands do, at their usual level."""
    set_up_log()


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Reference:
    """Return the curated tables of the checkout."""
    return load_reference(ROOT / "reference")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data, or skip."""
    folder = Path(os.environ.get("EPILEPSY_PGX_REALDATA", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip("no real data: set EPILEPSY_PGX_REALDATA to their folder")
    return folder


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Return a data package with one invented gene."""
    from tests.toy import write_toy

    return write_toy(tmp_path_factory.mktemp("toy"))
