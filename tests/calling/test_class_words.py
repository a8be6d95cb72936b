"""The words of a class: neighbours join, unknown words take a comfort back, numbers are coded."""

import pytest

from epilepsy_pgx.calling.class_words import ClassWords, load_class_words, parse_class, read_class
from epilepsy_pgx.vocabulary import Classification


@pytest.fixture(scope="module")
def words(reference) -> ClassWords:
    return load_class_words(reference)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Pathogenic", "pathogenic"),
        ("  likely_pathogenic ", "likely_pathogenic"),
        ("Pathogenic/Likely_pathogenic", "likely_pathogenic"),
        ("Benign|Likely benign", "likely_benign"),
        ("Pathogenic(3)", "pathogenic"),
        ("Pathogenic(3),Benign(2)", "conflicting"),
        ("Pathogenic%2CLikely_pathogenic", "likely_pathogenic"),
        (r"Pathogenic\x2cLikely_pathogenic", "likely_pathogenic"),
        ("[Benign]", "benign"),
        ("'Benign'", "benign"),
        ("ＢＥＮＩＧＮ", "benign"),
        ("5.0", "pathogenic"),
        ("5", "pathogenic"),
        ("1", "benign"),
        ("", "not_classified"),
        (".", "not_classified"),
    ],
)
def test_a_class_is_read(words, text: str, wanted: str) -> None:
    found = read_class(text, words)
    assert (found.classification, found.unknown) == (Classification(wanted), ())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Pathogenic|withdrawn", "pathogenic"),
        ("Likely pathogenic|withdrawn", "likely_pathogenic"),
        ("Benign|withdrawn", "not_classified"),
        ("Likely benign|withdrawn", "not_classified"),
        ("Uncertain significance|withdrawn", "not_classified"),
        ("withdrawn", "not_classified"),
        ("withdrawn|withdrawn", "not_classified"),
    ],
)
def test_beside_an_unknown_word_only_a_warning_is_kept(words, text: str, wanted: str) -> None:
    found = read_class(text, words)
    assert (found.classification, found.unknown) == (Classification(wanted), ("withdrawn",))


@pytest.mark.parametrize(
    ("text", "coding", "wanted"),
    [
        ("2", "acmg", "likely_benign"),
        ("2", "clinvar", "benign"),
        # Of two readings the more cautious one.
        ("2", "open", "likely_benign"),
        ("3", "open", "uncertain_significance"),
        ("5", "open", "pathogenic"),
        # Only ClinVar has a 255, so its neighbours are ClinVar's too.
        ("2|255", "open", "benign"),
        ("255", "clinvar", "not_classified"),
    ],
)
def test_what_a_number_means(words, text: str, coding: str, wanted: str) -> None:
    assert read_class(text, words, coding).classification == Classification(wanted)


def test_a_number_that_the_coding_lacks_is_unknown(words) -> None:
    assert read_class("255", words, "acmg").unknown == ("255",)
    assert read_class("99", words, "open").unknown == ("99",)


def test_a_laboratory_s_class_has_no_unknown_word(words) -> None:
    assert parse_class("Likely benign", words) is Classification.LIKELY_BENIGN
    assert parse_class("Pathogenic, maybe", words) is None
    assert parse_class("Likely benign") is Classification.LIKELY_BENIGN
