"""Read the clinical columns of the sample sheet.

Every column is optional and every cell may be empty. An empty cell is not an answer: `None`
travels on, and no rule reads it as `no`. Lists of drugs look like this::

    carbamazepine[start=2026-10-18;dose=400 mg/day;level=8 mg/L;level_date=2026-11-02]|valproate
    carbamazepine[start=2026-10-18;reaction=rash+fever]
    lamotrigine[reason=lack_of_effect;adequate=yes]|phenytoin[reason=rash]
    cenobamate|rifampicin
    none

`none` says that the patient takes (or has given up, or is to start) nothing. A drug that the tables
do not know is kept with `known=False` and a suggestion; it is never an error and never dropped. A
known name beside words that cannot be read is an error (`druglist`).
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from epilepsy_pgx.clinical_entry import (
    CHOSEN,
    ClinicalEntry,
    Column,
    DrugExposure,
    PlannedDrug,
    Suggestion,
)
from epilepsy_pgx.clinical_entry import COLUMNS as CLINICAL_COLUMNS
from epilepsy_pgx.errors import Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.cells import Cells
from epilepsy_pgx.intake.drug_details import read_current, read_failed
from epilepsy_pgx.intake.druglist import NOTHING, UnreadListError, drug_words
from epilepsy_pgx.reference.package import Reference

__all__ = [
    "COLUMNS",
    "EXCLUSIVE",
    "NOTHING",
    "Answer",
    "check_entry",
    "parse_clinical",
    "resolve_drug",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """A column of closed answers, and one of them."""

    column: str
    word: str
    check: str = ""
    """What a contradiction with it is called."""


EXCLUSIVE = (
    (Answer("sex", "male"), Answer("pregnant", "yes", "sex-and-pregnancy")),
    (Answer("sex", "male"), Answer("pregnancy_potential", "yes", "sex-and-pregnancy")),
    (Answer("pregnant", "yes"), Answer("pregnancy_potential", "no", "pregnant-without-potential")),
)
"""Answers that contradict each other."""

COLUMNS = tuple(column.name for column in CLINICAL_COLUMNS)
"""Columns of the sample sheet that this module reads."""


def resolve_drug(word: str, ref: Reference) -> tuple[str | None, Suggestion | None]:
    """Return (drug, suggestion) for a word of a medication list; see `DrugWords.resolve`."""
    try:
        return drug_words(ref).resolve(word)
    except UnreadListError:
        return None, None


def _planned(cells: Cells) -> tuple[PlannedDrug, ...] | None:
    items = cells.items("planned_drugs", ())
    if items is None:
        return None
    found = {
        item.drug or item.word: PlannedDrug(
            item.drug or item.word, item.drug is not None, item.word, item.suggestion
        )
        for item, _ in items
    }
    return tuple(found.values())


_ANSWERS = {
    answer: (column.attribute, dict(column.choices)[answer.word])
    for answer in chain.from_iterable(EXCLUSIVE)
    for column in CHOSEN
    if column.name == answer.column
}
"""Attribute of an entry, and its value, by answer."""


def _answers(entry: ClinicalEntry, answer: Answer) -> bool:
    attribute, value = _ANSWERS[answer]
    return bool(getattr(entry, attribute) == value)


def check_entry(entry: ClinicalEntry, *, file: str, line: int) -> tuple[Problem, ...]:
    """Return contradictions between the fields of a clinical entry."""
    problems: list[Problem] = []

    def complain(column: str, check: str, found: str, expected: str) -> None:
        problems.append(
            Problem(file, line, column, check, found, expected, "Correct one of the two cells.")
        )

    for first, second in EXCLUSIVE:
        if _answers(entry, first) and _answers(entry, second):
            complain(
                second.column,
                second.check,
                f"{second.column} '{second.word}' with {first.column} '{first.word}'",
                "two answers that agree, or an empty cell",
            )
    if entry.entry_date is not None and (entry.last_seizure or "") > entry.entry_date:
        complain(
            "last_seizure",
            "seizure-after-entry",
            "a last seizure after the entry",
            "a day not after entry_date",
        )
    # Two names may be two products of one substance or class: that is said, and fails nobody.
    taken = {(item.drug, _name(item)) for item in entry.current or () if item.known}
    twice = [item.drug for item in entry.planned or () if (item.drug, _name(item)) in taken]
    if twice:
        complain(
            "planned_drugs",
            "planned-and-taken",
            f"{', '.join(twice)}, which current_drugs has too",
            "drugs that are not taken yet",
        )
    if (
        entry.age_years is not None
        and entry.onset_months is not None
        and entry.onset_months > (entry.age_years + 1) * 12
    ):
        complain(
            "onset_months",
            "onset-after-age",
            "an onset later than the present age",
            "an onset not after the present age",
        )
    return tuple(problems)


def _name(item: DrugExposure | PlannedDrug) -> str:
    """Return the name of a drug as it is written on the sheet."""
    return (item.entered or item.drug).casefold()


def _answer(cells: Cells, column: Column) -> Any:
    """Return what a cell says that holds no list of drugs."""
    name, text = column.name, cells.text(column.name)
    if text is None:
        return () if column.several else None
    if column.choices:
        return cells.choice(column)
    if column.day:
        return cells.day(name, text)
    if column.unit_kinds and column.limits is not None:
        return cells.quantity(name, text, column.unit_kinds, column.limits, "such as 6 months")
    if column.limits is not None:
        return cells.number(name, text, column.limits)
    words = cells.words(name, text, column.table, "|")
    return words if column.several else next(iter(words), None)


_SINGLE = tuple(
    c for c in CLINICAL_COLUMNS if c.attribute not in ("current", "failed", "planned", "entry_date")
)
_UNSAID = {c.attribute: () if c.several else None for c in _SINGLE}


def parse_clinical(
    row: Mapping[str, str | None], ref: Reference, *, file: str, line: int
) -> tuple[ClinicalEntry, tuple[Problem, ...]]:
    """Read the clinical columns of one line of a sample sheet.

    Parameters
    ----------
    row
        Cells by column name; other columns are ignored.
    ref
        The data package (drug names, syndromes, signs).
    file, line
        Where the line stands, for problems.

    Returns
    -------
    tuple
        The entry, and every problem found. A cell with a problem is read as not given.
    """
    cells = Cells(row, ref, file, line)
    entry_date = cells.day("entry_date", cells.text("entry_date"))
    # Most cells of most sheets are empty.
    found: dict[str, Any] = _UNSAID | {
        "current": read_current(cells, entry_date),
        "failed": read_failed(cells, entry_date),
        "planned": _planned(cells),
        "entry_date": entry_date,
    }
    for column in _SINGLE:
        if row.get(column.name) is not None:
            found[column.attribute] = _answer(cells, column)
    entry = ClinicalEntry(**found)
    problems = (*cells.problems, *check_entry(entry, file=file, line=line))
    return entry, tuple(sorted(problems))
