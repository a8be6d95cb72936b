"""Fixtures shared by all tests."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from hypothesis import settings

from epilepsy_pgx.cli.logs import set_up_log
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.chromium import Chromium
from tests.sharing import share_in
from tests.skips import pytest_make_collect_report, pytest_runtest_makereport

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]

ROOT = Path(__file__).resolve().parents[1]

# The gate tries the same examples each time, so that it fails for what was changed and for nothing
# else; `make properties` draws new ones.
settings.register_profile("gate", deadline=None, derandomize=True, max_examples=40)
settings.register_profile("full", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("gate")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the expected reports anew."""
    parser.addoption("--update-golden", action="store_true", help="write expected files anew")


def pytest_collection_finish() -> None:
    """Keep the collector from going through what lives as long as the tests do.

    The tests and the tables are a million objects, and the fixtures keep more of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


@pytest.fixture(autouse=True)
def _log() -> None:
    """Print the log as the commands do, at their usual level."""
    set_up_log()


@pytest.fixture(scope="session", autouse=True)
def _shared(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the workers of one run share what is dear to make."""
    base = tmp_path_factory.getbasetemp()
    # A worker has a folder of its own within that of the run.
    share_in(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Reference:
    """Return the curated tables of the checkout."""
    shipped = load_reference()
    assert shipped.path == ROOT / "reference", "the tests want the checkout installed in place"
    return shipped


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Run one browser for all tests of a process, or skip."""
    program = which("chromium") or which("google-chrome")
    if program is None:
        pytest.skip("no chromium")
    browser = Chromium(program, tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data, or skip."""
    folder = Path(os.environ.get("EPILEPSY_PGX_REALDATA", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip("no real data: set EPILEPSY_PGX_REALDATA to their folder")
    return folder


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Return a data package of invented genes."""
    from tests.toy.package import write_toy

    return write_toy(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def toy_source(toy: Reference) -> SequenceSource:
    """Return the bases of the invented genes."""
    return open_sequences(toy, GenomeBuild.GRCH38)


@pytest.fixture(scope="session")
def genome() -> str:
    """Return the invented chromosome 2."""
    from tests.toy.genome import chromosome

    return chromosome()


@pytest.fixture(scope="session")
def package(reference: Reference) -> Reference:
    """Return the curated tables, for tests whose subject is the data package."""
    return reference


@pytest.fixture(scope="session", params=list(GenomeBuild))
def shipped(request: pytest.FixtureRequest, reference: Reference) -> SequenceSource:
    """Return the bases that come with the tables, of each build in turn."""
    return open_sequences(reference, request.param)
