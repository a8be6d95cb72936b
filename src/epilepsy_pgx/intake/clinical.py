"""Read the clinical columns of the sample sheet.

Every column is optional and every cell may be empty. An empty cell is not an answer: `None`
travels on, and no rule reads it as `no`. Lists of drugs look like this::

    carbamazepine[start=2026-10-18;dose=400 mg/day;level=8 mg/L]|valproate
    carbamazepine[start=2026-10-18;reaction=rash+fever]
    lamotrigine[reason=lack_of_effect;adequate=yes]|phenytoin[reason=rash]
    cenobamate|rifampicin
    none

`none` says that the patient takes (or has given up, or is to start) nothing. A drug that the tables
do not know is kept with `known=False` and a suggestion; it is never an error and never dropped. A
known name beside words that cannot be read is an error (`druglist`).
"""

from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from epilepsy_pgx.clinical_entry import COLUMNS as CLINICAL_COLUMNS
from epilepsy_pgx.clinical_entry import (
    ClinicalEntry,
    Column,
    DrugExposure,
    FailedDrug,
    PlannedDrug,
    Suggestion,
)
from epilepsy_pgx.errors import Problem
from epilepsy_pgx.intake.druglist import (
    NOTHING,
    ListedDrug,
    UnreadListError,
    details_of,
    drug_words,
)
from epilepsy_pgx.intake.table import is_day, not_listed, parse_number
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Sign, Syndrome
from epilepsy_pgx.vocabulary import FailureReason, Sex

__all__ = ["COLUMNS", "NOTHING", "check_entry", "parse_clinical", "resolve_drug"]

COLUMNS = tuple(column.name for column in CLINICAL_COLUMNS)
"""Columns of the sample sheet that this module reads."""

_YES = {"yes": True, "no": False}


@lru_cache(maxsize=8)
def _words(ref: Reference, table: str) -> frozenset[str]:
    """Return the words of the table `syndromes` or `signs`."""
    if table == Sign.TABLE:
        return frozenset(row.sign for row in ref.rows(Sign))
    return frozenset(row.syndrome for row in ref.rows(Syndrome))


def resolve_drug(word: str, ref: Reference) -> tuple[str | None, Suggestion | None]:
    """Return (drug, suggestion) for a word of a medication list; see `DrugWords.resolve`."""
    try:
        return drug_words(ref).resolve(word)
    except UnreadListError:
        return None, None


class _Cells:
    """The clinical cells of one line, and what is wrong with them."""

    def __init__(self, row: Mapping[str, str | None], ref: Reference, file: str, line: int) -> None:
        self.row, self.ref, self.file, self.line = row, ref, file, line
        self.problems: list[Problem] = []

    def text(self, column: str) -> str | None:
        """Return a cell, or None if it is empty or `.`."""
        value = (self.row.get(column) or "").strip()
        return value if value not in ("", ".") else None

    def complain(self, column: str, check: str, found: str, expected: str, fix: str) -> None:
        """Note a problem."""
        sample = self.row.get("sample_id") or "."
        self.problems.append(
            Problem(self.file, self.line, column, check, found, expected, fix, sample)
        )

    def choice(self, column: Column) -> Any:
        """Return what a word of a closed list stands for."""
        value = self.text(column.name)
        if value is None:
            return None
        words = dict(column.choices)
        if value.casefold() not in words:
            found, fix = not_listed(value, tuple(words))
            self.complain(
                column.name,
                "clinical-word",
                found,
                " or ".join(words),
                f"{fix} An answer that is not known is an empty cell.",
            )
            return None
        return words[value.casefold()]

    def number(self, column: Column) -> Decimal | None:
        """Return a number within the limits of its column."""
        value = self.text(column.name)
        if value is None or column.limits is None:
            return None
        low, high = column.limits
        number = parse_number(value)
        if number is None or not low <= number <= high:
            self.complain(
                column.name,
                "clinical-number",
                "another form of number" if number is None else "a number out of range",
                f"a number from {low} to {high}, digits with a decimal point",
                "Correct the number or leave the cell empty.",
            )
            return None
        return number

    def day(self, column: str, value: str | None) -> str | None:
        """Return an ISO date."""
        if value is None or is_day(value):
            return value
        self.complain(
            column,
            "clinical-date",
            "a date in another form",
            "a date such as 2026-10-18",
            "Write year-month-day.",
        )
        return None

    def words(self, column: str, value: str | None, table: str, mark: str) -> tuple[str, ...]:
        """Return words of the table `syndromes` or `signs`; the table's key is its singular."""
        key = table.removesuffix("s")
        known = _words(self.ref, table)
        found: dict[str, None] = {}
        for part in (value or "").split(mark):
            word = part.strip().casefold().replace(" ", "_").replace("-", "_")
            if not word:
                continue
            if word not in known:
                close = get_close_matches(word, known, n=3, cutoff=0.5)
                self.complain(
                    column,
                    f"{key}-word",
                    not_listed(word, tuple(known))[0],
                    f"a word of the {table} table"
                    + (f", such as {', '.join(sorted(close))}" if close else ""),
                    "Use the table's word; leave out what has none.",
                )
                continue
            found[word] = None
        if value is not None and not value.replace(mark, "").strip():
            self.complain(
                column,
                f"{key}-word",
                "no word",
                f"a word of the {table} table",
                "Write the word, or leave the cell empty.",
            )
        return tuple(found)

    def items(
        self, column: str, keys: tuple[str, ...]
    ) -> list[tuple[ListedDrug, Mapping[str, str]]] | None:
        """Return each drug of a list with its details; None if the cell is empty."""
        value = self.text(column)
        if value is None:
            return None
        check = "drug-list"
        try:
            listed = drug_words(self.ref).read(value)
            check = "drug-detail"
            return [(item, details_of(item.details, keys)) for item in listed]
        except UnreadListError as error:
            form = "drug[key=value;key=value]|drug" if keys else "drug|drug"
            self.complain(column, check, error.found, form, error.fix)
            return None


def _current(cells: _Cells, entry_date: str | None) -> tuple[DrugExposure, ...] | None:
    items = cells.items("current_drugs", ("start", "dose", "level", "reaction"))
    if items is None:
        return None
    found = []
    for item, details in items:
        word, drug, suggestion = item.word, item.drug, item.suggestion
        start = cells.day("current_drugs", details.get("start"))
        if start is not None and entry_date is not None and start > entry_date:
            cells.complain(
                "current_drugs",
                "start-after-entry",
                "a start after the entry",
                "a day not after entry_date",
                "Correct one of the two dates.",
            )
            start = None
        found.append(
            DrugExposure(
                drug or word,
                drug is not None,
                start,
                details.get("dose"),
                details.get("level"),
                word,
                suggestion,
                cells.words("current_drugs", details.get("reaction"), "signs", "+"),
            )
        )
    return tuple(found)


def _failed(cells: _Cells) -> tuple[FailedDrug, ...] | None:
    items = cells.items("failed_drugs", ("reason", "adequate"))
    if items is None:
        return None
    reasons = {reason.casefold(): reason for reason in FailureReason}
    found = []
    for item, details in items:
        word, drug, suggestion = item.word, item.drug, item.suggestion
        said = details.get("reason", FailureReason.UNKNOWN).casefold()
        if said not in reasons:
            shown, fix = not_listed(said, tuple(reasons.values()))
            cells.complain(
                "failed_drugs",
                "failure-reason",
                f"{shown} as reason",
                ", ".join(FailureReason),
                fix,
            )
        adequate = details.get("adequate", "").casefold()
        if adequate and adequate not in _YES:
            cells.complain(
                "failed_drugs",
                "clinical-word",
                "another word for adequate=",
                "yes or no",
                "Use yes or no, or leave it out.",
            )
        found.append(
            FailedDrug(
                drug or word,
                drug is not None,
                reasons.get(said, FailureReason.UNKNOWN),
                word,
                suggestion,
                _YES.get(adequate),
            )
        )
    return tuple(found)


def _planned(cells: _Cells) -> tuple[PlannedDrug, ...] | None:
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


def check_entry(entry: ClinicalEntry, *, file: str, line: int) -> tuple[Problem, ...]:
    """Return contradictions between the fields of a clinical entry."""
    problems: list[Problem] = []

    def complain(column: str, check: str, found: str, expected: str) -> None:
        problems.append(
            Problem(file, line, column, check, found, expected, "Correct one of the two cells.")
        )

    if entry.sex is Sex.MALE:
        for column in ("pregnant", "pregnancy_potential"):
            if getattr(entry, column):
                complain(
                    column,
                    "sex-and-pregnancy",
                    f"{column} 'yes' with sex 'male'",
                    "no or an empty cell",
                )
    if entry.pregnant and entry.pregnancy_potential is False:
        complain(
            "pregnancy_potential",
            "pregnant-without-potential",
            "pregnant 'yes' with pregnancy_potential 'no'",
            "two answers that agree",
        )
    taken = {item.drug for item in entry.current or () if item.known}
    twice = [item.drug for item in entry.planned or () if item.drug in taken]
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
    cells = _Cells(row, ref, file, line)
    entry_date = cells.day("entry_date", cells.text("entry_date"))
    found: dict[str, Any] = {
        "current": _current(cells, entry_date),
        "failed": _failed(cells),
        "planned": _planned(cells),
        "entry_date": entry_date,
    }
    for column in CLINICAL_COLUMNS:
        if column.choices:
            found[column.attribute] = cells.choice(column)
        elif column.limits is not None:
            found[column.attribute] = cells.number(column)
        elif column.table:
            text = cells.text(column.name)
            found[column.attribute] = cells.words(column.name, text, column.table, "|")
    entry = ClinicalEntry(**found)
    problems = (*cells.problems, *check_entry(entry, file=file, line=line))
    return entry, tuple(sorted(problems))
