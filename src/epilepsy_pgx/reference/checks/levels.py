"""Checks of the tables by which levels of drugs are read."""

import re
from collections.abc import Iterable
from decimal import Decimal

from epilepsy_pgx.clinical_entry import LISTED, SUBJECTS
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.rows import (
    DoseMaximum,
    Drug,
    EntryWord,
    LevelAlert,
    LevelAnalyte,
    LevelKinetics,
    LevelRange,
    Unit,
)
from epilepsy_pgx.vocabulary import UnitKind

CONCENTRATIONS = (UnitKind.MASS_CONCENTRATION, UnitKind.MOLAR_CONCENTRATION)
_LIMIT = re.compile(r"(\w+)<\d+(\.\d+)?")


def _measured(package: Package) -> set[tuple[str, str]]:
    return {(row.drug, row.part) for row in package.rows(LevelAnalyte)}


@check(
    "level-range",
    "A range has its limits in order, in a unit of concentration, of what is measured.",
    needs=("level_ranges", "level_analytes", "units"),
)
def check_ranges(package: Package) -> Found:
    """Compare each range with what is measured of its drug."""
    kinds = {row.unit: row.kind for row in package.rows(Unit)}
    measured = _measured(package)
    for row in package.rows(LevelRange):

        def bad(column: str, found: object, expected: str, row: LevelRange = row) -> Found:
            yield package.problem(
                "level-range", "level_ranges", row, column, found, expected, "Correct the row."
            )

        if not Decimal(0) <= row.lower < row.upper:
            yield from bad("upper", row.upper, "a number above the lower limit")
        if kinds.get(row.unit) not in CONCENTRATIONS:
            yield from bad("unit", row.unit, "a unit of concentration")
        if (row.drug, row.part) not in measured:
            yield from bad("part", row.part, "a drug and part of level_analytes.tsv")


@check(
    "level-limit",
    "An alert limit lies above the ranges of its own source.",
    needs=("level_alerts", "level_ranges", "level_analytes"),
)
def check_alerts(package: Package) -> Found:
    """Compare limits and ranges of one source in one unit."""
    measured = _measured(package)
    for row in package.rows(LevelAlert):
        own = [
            other
            for other in package.rows(LevelRange)
            if (other.drug, other.part, other.unit, other.citations)
            == (row.drug, row.part, row.unit, row.citations)
        ]
        if (row.drug, row.part) not in measured or any(row.limit <= x.upper for x in own):
            yield package.problem(
                "level-limit",
                "level_alerts",
                row,
                "limit",
                row.limit,
                "a limit above the range of the same source, of what is measured of the drug",
                "Correct the limit, or leave the row out: the end of a range is no alert.",
            )


@check(
    "dose-maximum",
    "A highest dose has a limit, of an anti-seizure drug, and its ages and weights in order.",
    needs=("dose_maxima", "drugs"),
)
def check_maxima(package: Package) -> Found:
    """Look at what each highest dose is of, and for whom."""
    treated = {row.drug for row in package.rows(Drug) if row.kind == "antiseizure"}
    for row in package.rows(DoseMaximum):

        def bad(column: str, found: object, expected: str, row: DoseMaximum = row) -> Found:
            yield package.problem(
                "dose-maximum", "dose_maxima", row, column, found, expected, "Correct the row."
            )

        if row.drug not in treated:
            yield from bad("drug", row.drug, "an anti-seizure drug")
        if not (row.mg_per_day or row.mg_per_kg_day):
            yield from bad("mg_per_day", row.mg_per_day, "a dose above 0, here or by weight")
        if row.below_years is not None and row.below_years <= row.from_years:
            yield from bad("below_years", row.below_years, "an age above the youngest")
        if row.to_kg is not None and row.to_kg <= (row.from_kg or 0):
            yield from bad("to_kg", row.to_kg, "a weight above the lowest")


@check(
    "level-kinetics",
    "What changes the free fraction is a column of the entry or a drug.",
    needs=("level_kinetics", "level_analytes", "drugs"),
)
def check_kinetics(package: Package) -> Found:
    """Look up what a row names."""
    measured = _measured(package)
    known = {*SUBJECTS, *(row.drug for row in package.rows(Drug))}
    for row in package.rows(LevelKinetics):
        lost = list(_lost(row.free_changed_by, known))
        if (row.drug, row.part) not in measured or lost:
            yield package.problem(
                "level-kinetics",
                "level_kinetics",
                row,
                "free_changed_by" if lost else "part",
                lost[0] if lost else row.part,
                "a column of the clinical entry, a column below a number (albumin_g_l<35), or a "
                "drug; and a drug and part of level_analytes.tsv",
                "Correct the row.",
            )


def _lost(words: Iterable[str], known: set[str]) -> Iterable[str]:
    for word in words:
        limit = _LIMIT.fullmatch(word)
        column = SUBJECTS.get(limit[1]) if limit else None
        if (column is None or column.limits is None) if limit else word not in known:
            yield word


@check(
    "entry-words",
    "A column that takes one word has only words that stand alone.",
    needs=("entry_words",),
)
def check_entry_words(package: Package) -> Found:
    """Compare the column `alone` with the type of the column of the entry."""
    single = {column.name for column in LISTED if not column.several} | {"formulation", "route"}
    for row in package.rows(EntryWord):
        if row.column in single and not row.alone:
            yield package.problem(
                "entry-words",
                "entry_words",
                row,
                "alone",
                "no",
                "'yes': the column takes one word",
                "Correct the cell.",
            )
