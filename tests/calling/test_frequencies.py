"""A frequency is shown, and takes nothing away."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.calling import frequencies
from epilepsy_pgx.calling.frequencies import add_frequencies, load_frequencies
from epilepsy_pgx.model import ClassificationRecord, VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import VariantFrequency
from epilepsy_pgx.variants.infofrequency import read_frequency
from epilepsy_pgx.vocabulary import Classification, GenomeBuild
from tests.calling.test_findings import KEY, note, one, seen
from tests.toy.package import write_toy

BUILDS = (GenomeBuild.GRCH38, GenomeBuild.GRCH37)
COMMON = VariantKey("2", 166036278, "C", "T")
"""SCN1A p.Ala1067Thr."""


def test_a_common_missense_variant_is_shown_as_common(package: Reference) -> None:
    finding = replace(one(seen(), note()), key=COMMON)
    (told,) = add_frequencies([finding], [], package, GenomeBuild.GRCH38)
    (known,) = told.frequencies
    assert known.common
    assert known.value == Decimal("0.728")
    assert known.version.startswith("gnomAD")
    assert known.citations


@pytest.mark.parametrize("build", BUILDS)
def test_both_builds_know_every_row(package: Reference, build: GenomeBuild) -> None:
    rows = package.rows(VariantFrequency)
    assert len(load_frequencies(package, build).rows) == len(rows) > 1000


def test_what_no_table_knows_has_no_frequency(package: Reference) -> None:
    (told,) = add_frequencies([one(seen(), note())], [seen()], package, GenomeBuild.GRCH38)
    assert told.frequencies == ()


def test_a_field_of_the_file_is_read_beside_the_table(package: Reference) -> None:
    mine = seen(
        COMMON, info_frequencies=(("gnomADe_AF", "0.00011999999696"), ("X", "."), ("Y", "many"))
    )
    finding = replace(one(seen(), note()), key=COMMON)
    (told,) = add_frequencies([finding], [mine], package, GenomeBuild.GRCH38)
    assert [(f.field, f.common) for f in told.frequencies] == [("", True), ("gnomADe_AF", False)]
    assert str(told.frequencies[1].value) == "0.00012"


def test_a_package_without_the_table_knows_none(tmp_path: Path) -> None:
    toy = write_toy(tmp_path / "toy")
    (tmp_path / "toy/frequencies.tsv").unlink()
    mine = seen(info_frequencies=(("G", "0.5"),))
    (told,) = add_frequencies([one(seen(), note())], [mine], toy, GenomeBuild.GRCH38)
    assert [(f.value, f.common) for f in told.frequencies] == [(Decimal("0.5"), False)]


@given(st.text(max_size=12))
def test_a_frequency_is_a_part_of_one_or_nothing(text: str) -> None:
    value = read_frequency(text)
    assert value is None or 0 <= value <= 1


def test_a_pathogenic_class_stays_whatever_the_frequency(package: Reference) -> None:
    record = ClassificationRecord(Classification.PATHOGENIC, "Lab", None, "laboratory file", True)
    finding = replace(one(seen(), note()), key=COMMON, classifications=(record,))
    (told,) = add_frequencies([finding], [], package, GenomeBuild.GRCH38)
    assert told.frequencies[0].common
    assert told.classification is Classification.PATHOGENIC
    assert replace(told, frequencies=()) == finding
    assert KEY != COMMON


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0.0123456", "0.0123"), ("0.00001239", "0.0000124"), ("0.25", "0.25"), ("1", "1")],
)
def test_three_digits_of_a_frequency_are_shown(value: str, shown: str) -> None:
    assert str(frequencies._shown(Decimal(value))) == shown
