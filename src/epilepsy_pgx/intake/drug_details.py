"""Read the lists of drugs that are taken or were given up, with what their brackets hold."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from epilepsy_pgx.clinical_entry import (
    ENTRY_WORDS,
    Column,
    DrugExposure,
    DrugLevel,
    FailedDrug,
    Quantity,
)
from epilepsy_pgx.intake.cells import Cells
from epilepsy_pgx.intake.druglist import ListedDrug
from epilepsy_pgx.intake.table import not_listed
from epilepsy_pgx.reference.units import units_of
from epilepsy_pgx.vocabulary import FailureReason, LevelPart, UnitKind

CURRENT, FAILED = "current_drugs", "failed_drugs"

CONCENTRATIONS = (UnitKind.MASS_CONCENTRATION, UnitKind.MOLAR_CONCENTRATION)
HIGHEST_LEVEL = Decimal(30000)
"""In mg/L or µmol/L; no drug of the tables is given to a higher level."""
_DAILY = (UnitKind.DAILY_DOSE, UnitKind.DAILY_DOSE_BY_WEIGHT)
_SINGLE = (UnitKind.SINGLE_DOSE, UnitKind.SINGLE_DOSE_BY_WEIGHT)
_DOSES = (Decimal("0.001"), Decimal(50000))
_YES = {"yes": True, "no": False}


def _dose_key(meaning: str) -> Column:
    return Column(meaning, unit_kinds=_DAILY, unused_kinds=_SINGLE, limits=_DOSES)


def _level_key(meaning: str) -> Column:
    limits = (Decimal(0), HIGHEST_LEVEL)
    return Column(meaning, unit_kinds=CONCENTRATIONS, limits=limits, undetected=True)


CURRENT_KEYS: Mapping[str, Column] = MappingProxyType(
    {
        "start": Column("ISO date of the first dose.", day=True),
        "dose": _dose_key(
            "Dose of a whole day with its unit: `400 mg/day`, `20 mg/kg/day`. A single dose "
            "(`200 mg`) is shown and not used."
        ),
        "dose_since": Column("ISO date of the last change of the dose.", day=True),
        "formulation": Column("Its form, by a word of the table of words.", table=ENTRY_WORDS),
        "route": Column("How it is given, by a word of the table of words.", table=ENTRY_WORDS),
        "product_since": Column("ISO date since which this brand or generic is taken.", day=True),
        "level": _level_key(
            "Total concentration in serum or plasma with its unit: `8 mg/L`, `34 µmol/L`; "
            "`<2 mg/L` if it is below the limit of detection."
        ),
        "free_level": _level_key("Concentration of what is not bound to protein, with its unit."),
        "metabolite_level": _level_key("Concentration of the active metabolite, with its unit."),
        "level_date": Column("ISO date of the sample.", day=True),
        "level_hours": Column(
            "Hours from the last dose to the sample.", limits=(Decimal(0), Decimal(336))
        ),
        "adequate": Column(
            "`yes` or `no`: is it given in an adequate dose, and was it for long enough?",
            choices=tuple(_YES.items()),
        ),
        "reaction": Column(
            "Signs that the patient has now and lays to this drug, joined with `+`.",
            table="signs",
            several=True,
        ),
    }
)
"""What may stand in the brackets of a drug that is taken."""
FAILED_KEYS: Mapping[str, Column] = MappingProxyType(
    {
        "reason": Column(
            "Why it was given up.", choices=tuple((word.value, word) for word in FailureReason)
        ),
        "adequate": Column(
            "`yes` or `no`: was it given in an adequate dose for long enough?",
            choices=tuple(_YES.items()),
        ),
        "start": Column("ISO date of the first dose.", day=True),
        "stop": Column("ISO date of the last dose.", day=True),
        "highest_dose": _dose_key("Highest dose of a whole day with its unit."),
        "duration": Column(
            "How long it was taken, with its unit: `4 months`.",
            unit_kinds=(UnitKind.TIME,),
            limits=(Decimal(1), Decimal(40000)),
        ),
        "highest_level": _level_key(
            "Highest total concentration in serum or plasma with its unit."
        ),
    }
)
"""What may stand in the brackets of a drug that was given up."""

_PARTS = {
    "level": LevelPart.TOTAL,
    "free_level": LevelPart.FREE,
    "metabolite_level": LevelPart.METABOLITE,
}


def read_current(cells: Cells, entry_date: str | None) -> tuple[DrugExposure, ...] | None:
    """Read the list of drugs that are taken; None if it was not given.

    Parameters
    ----------
    entry_date
        ISO date of the entry, after which nothing of it can lie.
    """
    items = cells.items(CURRENT, tuple(CURRENT_KEYS))
    if items is None:
        return None
    return tuple(_taken(cells, item, details, entry_date) for item, details in items)


def _taken(
    cells: Cells, item: ListedDrug, details: Mapping[str, str], entry_date: str | None
) -> DrugExposure:
    days = {
        key: _past(cells, CURRENT, key, details.get(key), entry_date)
        for key in ("start", "dose_since", "product_since", "level_date")
    }
    start = days["start"]
    for key in ("dose_since", "product_since", "level_date"):
        if start is not None and (day := days[key]) is not None and day < start:
            _order(cells, CURRENT, f"{key}= before start=", f"{key}= not before start=")
            days[key] = None
    form, route = (
        next(iter(cells.words(CURRENT, details.get(key), ENTRY_WORDS, "+", key)), None)
        for key in ("formulation", "route")
    )
    return DrugExposure(
        item.drug or item.word,
        item.drug is not None,
        start,
        details.get("dose"),
        item.word,
        item.suggestion,
        cells.words(CURRENT, details.get("reaction"), "signs", "+"),
        daily_dose=_dose(cells, CURRENT, details.get("dose")),
        dose_since=days["dose_since"],
        formulation=form,
        route=route,
        product_since=days["product_since"],
        levels=_levels(cells, details, days["level_date"]),
        adequate=_adequate(cells, CURRENT, details),
    )


def _past(
    cells: Cells, column: str, key: str, value: str | None, entry_date: str | None
) -> str | None:
    """Return a date that is not after the entry."""
    day = cells.day(column, value)
    if day is None or entry_date is None or day <= entry_date:
        return day
    cells.complain(
        column,
        f"{key.replace('_', '-')}-after-entry",
        f"a {key} after the entry",
        "a day not after entry_date",
        "Correct one of the two dates.",
    )
    return None


def _order(cells: Cells, column: str, found: str, expected: str) -> None:
    cells.complain(column, "date-order", found, expected, "Correct one of the two dates.")


def _dose(cells: Cells, column: str, value: str | None) -> Quantity | None:
    """Return the dose of a whole day; None for a single dose, which leaves open how often."""
    if value is not None and units_of(cells.ref).read(value, _SINGLE) is not None:
        return None
    return cells.quantity(
        column, value, _DAILY, _DOSES, "a dose of a whole day, such as 400 mg/day"
    )


def read_level(cells: Cells, column: str, value: str) -> tuple[Quantity, bool] | None:
    """Return a concentration, and whether it is only known to be lower; None if it is none."""
    undetected = value.lstrip().startswith("<")
    quantity = cells.quantity(
        column,
        value.lstrip().removeprefix("<"),
        CONCENTRATIONS,
        (Decimal(0), HIGHEST_LEVEL),
        "a level with its unit, such as 8 mg/L or 34 µmol/L",
    )
    return None if quantity is None else (quantity, undetected)


def _levels(cells: Cells, details: Mapping[str, str], date: str | None) -> tuple[DrugLevel, ...]:
    hours = _hours(cells, details.get("level_hours"))
    given = {key: details[key] for key in _PARTS if key in details}
    if not given and ("level_date" in details or "level_hours" in details):
        cells.complain(
            CURRENT,
            "drug-level",
            "the day or hour of a level without the level",
            "level=, free_level= or metabolite_level= beside it",
            "Give the level with its unit, or take the rest out.",
        )
    found = []
    for key, value in given.items():
        if (read := read_level(cells, CURRENT, value)) is not None:
            found.append(DrugLevel(_PARTS[key], *read, date, hours))
    return tuple(found)


def read_failed(cells: Cells, entry_date: str | None) -> tuple[FailedDrug, ...] | None:
    """Read the list of drugs that were given up; None if it was not given."""
    items = cells.items(FAILED, tuple(FAILED_KEYS))
    if items is None:
        return None
    return tuple(_given_up(cells, item, details, entry_date) for item, details in items)


def _given_up(
    cells: Cells, item: ListedDrug, details: Mapping[str, str], entry_date: str | None
) -> FailedDrug:
    adequate = _adequate(cells, FAILED, details)
    start, stop = (
        _past(cells, FAILED, key, details.get(key), entry_date) for key in ("start", "stop")
    )
    if start is not None and stop is not None and stop < start:
        _order(cells, FAILED, "stop= before start=", "stop= not before start=")
        start = stop = None
    level = details.get("highest_level")
    read = None if level is None else read_level(cells, FAILED, level)
    return FailedDrug(
        item.drug or item.word,
        item.drug is not None,
        _reason(cells, details),
        item.word,
        item.suggestion,
        adequate,
        start,
        stop,
        _dose(cells, FAILED, details.get("highest_dose")),
        _duration(cells, details.get("duration")),
        None if read is None else DrugLevel(LevelPart.TOTAL, *read),
    )


def _adequate(cells: Cells, column: str, details: Mapping[str, str]) -> bool | None:
    word = details.get("adequate", "").casefold()
    if word and word not in _YES:
        cells.complain(
            column,
            "clinical-word",
            "another word for adequate=",
            "yes or no",
            "Use yes or no, or leave it out.",
        )
    return _YES.get(word)


def _reason(cells: Cells, details: Mapping[str, str]) -> FailureReason:
    reasons = {reason.casefold(): reason for reason in FailureReason}
    said = details.get("reason", FailureReason.UNKNOWN).casefold()
    if said not in reasons:
        shown, fix = not_listed(said, tuple(reasons.values()))
        cells.complain(
            FAILED, "failure-reason", f"{shown} as reason", ", ".join(FailureReason), fix
        )
    return reasons.get(said, FailureReason.UNKNOWN)


def _duration(cells: Cells, value: str | None) -> Quantity | None:
    key = FAILED_KEYS["duration"]
    assert key.limits is not None
    return cells.quantity(FAILED, value, key.unit_kinds, key.limits, "a time such as 4 months")


def _hours(cells: Cells, value: str | None) -> Decimal | None:
    limits = CURRENT_KEYS["level_hours"].limits
    assert limits is not None
    return cells.number(CURRENT, value, limits, "level_hours=")
