"""A genotype names alleles of its record, or is written without those that the record has not."""

import pytest

from epilepsy_pgx.vcfgenotypes import is_genotype, without_first_mark, without_others


@pytest.mark.parametrize("text", [b"0/1", b"1|0", b".", b"./.", b"1", b"0/0/1", b"|0|1", b"/0/1"])
def test_a_genotype_of_the_alleles_of_its_record_is_possible(text: bytes) -> None:
    assert is_genotype(text, 1)


@pytest.mark.parametrize(
    "text", [b"", b"0/2", b"0/", b"0//1", b"a/b", b"0,1", b"-1/0", b"0/1 ", b"0/9999999999"]
)
def test_any_other_is_not(text: bytes) -> None:
    assert not is_genotype(text, 1)


def test_alleles_that_the_record_has_not_become_missing() -> None:
    assert without_others(b"0/2", 1) == b"0/."
    assert without_others(b"3|1", 2) == b".|1"


def test_what_has_not_the_form_of_a_genotype_says_nothing() -> None:
    assert without_others(b"0/x", 1) == b"./."


def test_a_mark_before_the_first_allele_counts_only_if_all_marks_say_the_same() -> None:
    assert without_first_mark(b"|0|1") == b"0|1"
    assert without_first_mark(b"/0|1") == b"0/1"
    assert without_first_mark(b"|0/1") == b"0/1"
