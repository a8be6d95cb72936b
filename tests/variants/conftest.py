import pytest

from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.channel.toy import chromosome, make_package


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return make_package(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def toy_source(toy: Reference) -> SequenceSource:
    return open_sequences(toy, GenomeBuild.GRCH38)


@pytest.fixture(scope="session")
def genome() -> str:
    return chromosome()


@pytest.fixture(scope="session")
def package() -> Reference:
    return load_reference()


@pytest.fixture(scope="session", params=list(GenomeBuild))
def shipped(request: pytest.FixtureRequest, package: Reference) -> SequenceSource:
    return open_sequences(package, request.param)
