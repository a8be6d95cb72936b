"""The clinical cells of one line of the sample sheet: each is read in full, or refused."""

from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from epilepsy_pgx.clinical_entry import ENTRY_WORDS, Column, Quantity
from epilepsy_pgx.errors import Problem
from epilepsy_pgx.intake.druglist import ListedDrug, UnreadListError, details_of, read_drugs
from epilepsy_pgx.intake.table import is_day, not_listed, parse_number
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import WORDS_BY_COLUMN, Sign, Syndrome
from epilepsy_pgx.reference.units import units_of
from epilepsy_pgx.vocabulary import UnitKind


@lru_cache(maxsize=256)
def words_of(ref: Reference, table: str, column: str) -> Mapping[str, bool]:
    """Return the words that may answer a column, and whether each stands alone."""
    if table == Sign.TABLE:
        return {row.sign: False for row in ref.rows(Sign)}
    if table == Syndrome.TABLE:
        return {row.syndrome: False for row in ref.rows(Syndrome)}
    return {row.word: row.alone for row in ref.grouped(WORDS_BY_COLUMN).get(column, ())}


class Cells:
    """The clinical cells of one line, and what is wrong with them."""

    def __init__(self, row: Mapping[str, str | None], ref: Reference, file: str, line: int) -> None:
        self.row, self.ref, self.file, self.line = row, ref, file, line
        self.problems: list[Problem] = []

    def text(self, column: str) -> str | None:
        """Return a cell, or None if it is empty or `.`."""
        cell = self.row.get(column)
        if cell is None:
            return None
        value = cell.strip()
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

    def number(
        self, column: str, value: str | None, limits: tuple[Decimal, Decimal], name: str = ""
    ) -> Decimal | None:
        """Return a number within limits.

        Parameters
        ----------
        name
            What the number is, where the column holds more than it.
        """
        if value is None:
            return None
        low, high = limits
        number = parse_number(value)
        if number is None or not low <= number <= high:
            self.complain(
                column,
                "clinical-number",
                "another form of number" if number is None else "a number out of range",
                f"a number from {low} to {high}, digits with a decimal point"
                + (f", for {name}" if name else ""),
                "Correct the number or leave the cell empty.",
            )
            return None
        return number

    def quantity(
        self,
        column: str,
        value: str | None,
        kinds: tuple[UnitKind, ...],
        limits: tuple[Decimal, Decimal],
        example: str,
    ) -> Quantity | None:
        """Return a number with its unit, within limits in the base unit of its kind."""
        if value is None:
            return None
        units = units_of(self.ref)
        found = units.read(value, kinds)
        low, high = limits
        if found is not None and low <= units.in_base(found) <= high:
            return units.settle(found)
        if found is not None:
            said = "a number out of range"
        elif parse_number(value) is not None:
            said = "a number without its unit"
        else:
            said = "no number with a unit that is known"
        self.complain(
            column,
            "clinical-unit",
            said,
            f"{example}, with one of the units {', '.join(units.of_kinds(kinds))}",
            "Write the number, with a decimal point, and its unit; no unit is guessed.",
        )
        return None

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

    def words(
        self, column: str, value: str | None, table: str, mark: str, name: str = ""
    ) -> tuple[str, ...]:
        """Return words of a table that has them.

        Parameters
        ----------
        name
            The list in the table `entry_words`, if it is not that of the column.
        """
        if value is None:
            return ()
        key = "entry" if table == ENTRY_WORDS else table.removesuffix("s")
        known = words_of(self.ref, table, name or column)
        listed = f"of '{name or column}'" if table == ENTRY_WORDS else f"of the {table} table"
        found: dict[str, None] = {}
        for part in value.split(mark):
            word = part.strip().casefold().replace(" ", "_").replace("-", "_")
            if not word:
                continue
            if word not in known:
                close = get_close_matches(word, known, n=3, cutoff=0.5)
                shown = sorted(close) or (list(known) if table == ENTRY_WORDS else [])
                self.complain(
                    column,
                    f"{key}-word",
                    not_listed(word, tuple(known))[0],
                    f"a word {listed}" + (f", such as {', '.join(shown)}" if shown else ""),
                    "Use the table's word; leave out what has none.",
                )
                continue
            found[word] = None
        if not value.replace(mark, "").strip():
            self.complain(
                column,
                f"{key}-word",
                "no word",
                f"a word {listed}",
                "Write the word, or leave the cell empty.",
            )
        self._check_alone(column, found, known)
        return tuple(found)

    def _check_alone(
        self, column: str, found: Mapping[str, None], known: Mapping[str, bool]
    ) -> None:
        alone = [word for word in found if known[word]]
        if len(found) > 1 and alone:
            self.complain(
                column,
                "word-alone",
                f"'{alone[0]}' beside another word",
                f"'{alone[0]}' alone, or the others",
                "Take one of the two out.",
            )

    def items(
        self, column: str, keys: tuple[str, ...]
    ) -> list[tuple[ListedDrug, Mapping[str, str]]] | None:
        """Return each drug of a list with its details; None if the cell is empty."""
        value = self.text(column)
        if value is None:
            return None
        check = "drug-list"
        try:
            listed = read_drugs(self.ref, value)
            check = "drug-detail"
            return [(item, details_of(item.details, keys)) for item in listed]
        except UnreadListError as error:
            form = "drug[key=value;key=value]|drug" if keys else "drug|drug"
            self.complain(column, check, error.found, form, error.fix)
            return None
