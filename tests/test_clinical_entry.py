"""Every column of the clinical entry is declared once, and all that is made of it follows."""

from decimal import Decimal
from enum import StrEnum
from types import NoneType
from typing import get_args, get_origin, get_type_hints

import pytest

from epilepsy_pgx.clinical_entry import (
    CHOSEN,
    COLUMNS,
    LISTED,
    SUBJECTS,
    ClinicalEntry,
    Quantity,
    limits_of,
    months_since_onset,
)
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import WORDS_BY_COLUMN, CuratedText
from epilepsy_pgx.reference.texts import word_id


def test_the_type_of_a_field_says_what_its_answers_are() -> None:
    hints = get_type_hints(ClinicalEntry)
    for column in COLUMNS:
        first = next(k for k in get_args(hints[column.attribute]) if k not in (NoneType, ...))
        chosen = first is bool or (isinstance(first, type) and issubclass(first, StrEnum))
        assert chosen == bool(column.choices), column.name
        assert (first in (Decimal, Quantity)) == (column.limits is not None), column.name
        assert (first is Quantity) == bool(column.unit_kinds), column.name
        several = get_args(hints[column.attribute]) == (str, ...)
        assert column.several == (several or get_origin(hints[column.attribute]) is tuple)
        plain = first is str and not column.day
        assert plain == bool(column.table), column.name


@pytest.mark.parametrize("column", CHOSEN, ids=lambda c: c.name)
def test_each_word_of_a_closed_list_is_read_and_can_be_said(column, reference: Reference) -> None:
    texts = {row.id for row in reference.rows(CuratedText)}
    for word, value in column.choices:
        entry, problems = parse_clinical({column.name: word}, reference, file="x", line=1)
        assert getattr(entry, column.attribute) == value
        assert not problems
        assert word_id("word", word) in texts


@pytest.mark.parametrize("column", LISTED, ids=lambda c: c.name)
def test_each_word_of_the_table_is_read_and_can_be_said(column, reference: Reference) -> None:
    texts = {row.id for row in reference.rows(CuratedText)}
    rows = reference.grouped(WORDS_BY_COLUMN)[column.name]
    for row in rows:
        assert word_id("word", row.word) in texts
        entry, problems = parse_clinical({column.name: row.word}, reference, file="x", line=1)
        assert getattr(entry, column.attribute) == ((row.word,) if column.several else row.word)
        assert not problems
    one, other = rows[0].word, rows[-1].word
    both = f"{one}|{other}"
    _, problems = parse_clinical({column.name: both}, reference, file="x", line=1)
    alone = any(row.alone for row in (rows[0], rows[-1]))
    assert [p.check for p in problems] == (["word-alone"] if alone else [])
    if not column.several:
        assert all(row.alone for row in rows)


def test_numbers_are_read_up_to_their_limits(reference: Reference) -> None:
    for subject, column in SUBJECTS.items():
        if column.limits is None or not column.attribute:
            continue  # words, or worked out of other columns
        low, high = limits_of(subject)
        for number, good in ((low, True), (high, True), (high + 1, False)):
            row = {column.name: str(number)}
            entry, problems = parse_clinical(row, reference, file="x", line=1)
            assert (getattr(entry, column.attribute) == number) == good
            assert bool(problems) != good


def test_conditions_ask_for_the_columns_of_their_kind() -> None:
    unasked = {column.name for column in COLUMNS if not column.asked}
    dated = {column.name for column in COLUMNS if column.day}
    assert unasked - dated == {
        "current_drugs",
        "failed_drugs",
        "planned_drugs",
        "longest_interval_before",
    }
    # Childbearing and the months since the onset are worked out of others.
    assert len(SUBJECTS) == len(COLUMNS) - len(unasked) + 2


@pytest.mark.parametrize(
    ("age", "onset", "months"),
    [
        ("40", "479", "1"),
        ("40", "485", "0"),
        ("0.5", "2", "4"),
        (None, "2", None),
        ("4", None, None),
    ],
)
def test_how_long_ago_the_seizures_began(
    age: str | None, onset: str | None, months: str | None
) -> None:
    """The shortest time that an age in whole years leaves, since new seizures ask for more."""
    entry = ClinicalEntry(
        age_years=None if age is None else Decimal(age),
        onset_months=None if onset is None else Decimal(onset),
    )
    assert months_since_onset(entry) == (None if months is None else Decimal(months))
