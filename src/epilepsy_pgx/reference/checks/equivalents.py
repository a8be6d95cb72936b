"""Checks of facts of the clinical entry that can be entered in two columns."""

import re
from collections.abc import Iterator
from itertools import combinations

from epilepsy_pgx.clinical_entry import COLUMNS, SUBJECTS, Column
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.conditions.base import Tables
from epilepsy_pgx.reference.rows import EntryEquivalent, EntryWord, Sign, Syndrome

_SHORTEST = 5
"""Letters of a word that means something by itself."""
_SAY_LITTLE = frozenset(
    "seizure epilepsy epileptic epilepticu disorder disease syndrome specified unknown normal "
    "other without cause earlier present past looked none another treatment related raised after "
    "brain sleep onset lesion impaired developmental".split()
)
"""Words, without the s at their end, that make two names no likelier to mean the same."""
Place = tuple[str, str]
"""A column and a word of it."""


def stems(text: str) -> frozenset[str]:
    """Return the words of a name that say what it is about."""
    words = (word.rstrip("s") for word in re.findall("[a-z]+", text.lower()))
    return frozenset(word for word in words if len(word) >= _SHORTEST) - _SAY_LITTLE


def _named(package: Package) -> Iterator[tuple[Place, frozenset[str]]]:
    """Yield the words of the entry with the stems of their names."""
    for syndrome in package.rows(Syndrome):
        name = f"{syndrome.syndrome} {syndrome.name}"
        yield ("syndrome", syndrome.syndrome), stems(name.replace("_", " "))
    for sign in package.rows(Sign):
        yield ("sign", sign.sign), stems(f"{sign.sign} {sign.name}".replace("_", " "))
    for row in package.rows(EntryWord):
        if row.column in SUBJECTS:
            yield (row.column, row.word), stems(f"{row.word} {row.name}".replace("_", " "))
    for column in COLUMNS:
        for word, stands_for in column.choices if column.asked else ():
            # Of a question with yes and no, the name of the column says what it is about.
            name = column.subject if stands_for is True else word if stands_for is not False else ""
            yield (column.subject, word), stems(name.replace("_", " "))


@check(
    "equivalents-declared",
    "Words of two columns of the clinical entry that look alike are heard alike, or kept apart.",
    needs=("entry_words", "syndromes", "signs"),
)
def check_declared(package: Package) -> Found:
    """Look for pairs of words whose names share a word and that no row names."""
    declared = {
        frozenset({(row.column, word), (row.as_column, other)})
        for row in package.rows(EntryEquivalent)
        for word in row.words
        for other in row.as_words
    }
    named = list(_named(package))
    for (one, stems_one), (other, stems_other) in combinations(named, 2):
        shared = stems_one & stems_other
        if one[0] == other[0] or not shared or frozenset({one, other}) in declared:
            continue
        yield package.problem(
            "equivalents-declared",
            "entry_equivalents",
            None,
            "words",
            f"nothing of {one[0]}={one[1]} and {other[0]}={other[1]}, which share {min(shared)}",
            "a row that says whether they mean the same",
            "Add it; `apart` if they do not.",
        )


@check(
    "equivalents-words",
    "Words that are heard in another column are words of both, and none is heard as a sign.",
)
def check_words(package: Package) -> Found:
    """Compare the words with those of their columns."""
    tables = Tables(package)
    for row in package.every(EntryEquivalent):
        for column, words, cell in (
            (row.column, row.words, "words"),
            (row.as_column, row.as_words, "as_words"),
        ):
            field = SUBJECTS.get(column)
            lost = sorted(set(words) - (_answers(field, tables) if field is not None else set()))
            if lost:
                yield package.problem(
                    "equivalents-words",
                    "entry_equivalents",
                    row,
                    cell,
                    "|".join(lost),
                    f"words of the column '{column}'",
                    "Correct the word or the column.",
                )
        # What a drug did is read of signs and of the lists of drugs, which a rule does not ask for.
        if row.heard != "apart" and row.as_column == "sign":
            yield package.problem(
                "equivalents-words",
                "entry_equivalents",
                row,
                "as_column",
                "sign",
                "another column: a sign is one that the patient has now",
                "Write a rule that asks for the word itself.",
            )


def _answers(field: Column, tables: Tables) -> set[str]:
    if field.table:
        return set(tables.of_vocabulary(field))
    return {word for word, _ in field.choices}
