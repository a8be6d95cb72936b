"""What a page says of how common a variant is."""

from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.genetics import PopulationFrequency
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.view.words import frequency_words
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from tests.response.builders import variant

TABLE = PopulationFrequency(Decimal("0.127"), True, version="gnomAD r2", date="2019")
FILE = PopulationFrequency(Decimal("0.00012"), False, field="gnomADe_AF")


@pytest.mark.parametrize(
    ("language", "common", "stated", "unknown"),
    [
        ("en", "common in the population: frequency 0.127", "0.00012", "not in our table"),
        (
            "es",
            "frecuente en la población: frecuencia 0,127",
            "0,00012",
            "no está en nuestra tabla",
        ),
    ],
)
def test_each_figure_has_its_source(
    package: Reference, language: str, common: str, stated: str, unknown: str
) -> None:
    words = ReportWords(Wording(package, language))
    finding = variant("SCN1A")
    first, second = frequency_words(replace(finding, frequencies=(TABLE, FILE)), words)
    assert first.startswith(common)
    assert "gnomAD r2, 2019" in first
    assert stated in second
    assert "gnomADe_AF" in second
    (nothing,) = frequency_words(finding, words)
    assert unknown in nothing
    assert "rare" not in nothing
