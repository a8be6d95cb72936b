"""Read what a packet measured: body weight, albumin, kidney function and levels of drugs."""

import re
from collections.abc import Callable
from dataclasses import field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from epilepsy_pgx.clinical_entry import DrugExposure, DrugLevel, limits_of
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.drug_details import CONCENTRATIONS, HIGHEST_LEVEL
from epilepsy_pgx.intake.packet_columns import is_column
from epilepsy_pgx.intake.packet_drugs import known_drug
from epilepsy_pgx.intake.packet_json import Element
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Gene, LevelAnalyte
from epilepsy_pgx.reference.units import units_of

BODY_WEIGHTS = ("LOINC:29463-7", "LOINC:3141-9")
"""LOINC: body weight, stated or measured."""
_KILOGRAMS = {
    "kg": Decimal(1),
    "kilogram": Decimal(1),
    "kilograms": Decimal(1),
    "g": Decimal("0.001"),
    "gram": Decimal("0.001"),
    "grams": Decimal("0.001"),
}
_ALBUMINS = ("LOINC:1751-7",)
"""LOINC: albumin, mass concentration in serum or plasma."""
_GRAMS_PER_LITRE = {"g/l": Decimal(1), "g/dl": Decimal(10), "mg/dl": Decimal("0.01")}
_EGFRS = ("LOINC:98979-8", "LOINC:62238-1", "LOINC:33914-3", "LOINC:50210-4")
"""LOINC: estimated glomerular filtration rate for 1.73 m², by four formulas."""
_PER_SURFACE = {"ml/min/{1.73_m2}": Decimal(1), "ml/min/1.73m2": Decimal(1)}

Days = Callable[[Element], date | None]
"""Returns the day of a time element."""
Note = Callable[..., None]
"""Lists what is not considered."""


@dataclass(frozen=True, slots=True)
class Analyte:
    """A number that packets give by some codes, in some units."""

    column: str
    codes: tuple[str, ...]
    units: dict[str, Decimal]
    shown: str
    """Its unit."""
    written: tuple[str, str] | None = None
    """Label and UCUM unit under which its first code is written; None if the code says more than
    the number does, such as the formula of a filtration rate."""


NUMBERS = (
    Analyte("weight_kg", BODY_WEIGHTS, _KILOGRAMS, "kg", ("Body weight", "kg")),
    Analyte("albumin_g_l", _ALBUMINS, _GRAMS_PER_LITRE, "g/L", ("Albumin", "g/L")),
    Analyte("egfr_ml_min_173", _EGFRS, _PER_SURFACE, "mL/min/1.73 m²"),
)


@dataclass
class Measurements:
    """What a packet measured."""

    weight_kg: Decimal | None = None
    albumin_g_l: Decimal | None = None
    egfr_ml_min_173: Decimal | None = None
    levels: dict[str, list[DrugLevel]] = field(default_factory=dict)
    """By drug."""

    def with_levels(
        self, current: tuple[DrugExposure, ...], note: Note
    ) -> tuple[DrugExposure, ...]:
        """Return the drugs that are taken with their levels; levels of others are noted."""
        taken = {item.drug for item in current}
        for drug in self.levels.keys() - taken:
            note("measurements", drug)
        return tuple(
            replace(item, levels=tuple(sorted(self.levels.get(item.drug, ()), key=_by_day)))
            for item in current
        )


def _by_day(level: DrugLevel) -> tuple[bool, str]:
    return (level.date is None, level.date or "")


@lru_cache(maxsize=8)
def _codes(ref: Reference) -> dict[str, LevelAnalyte]:
    return {f"LOINC:{code}": row for row in ref.rows(LevelAnalyte) for code in row.loinc}


def _names_gene(label: str, ref: Reference) -> bool:
    """Say whether the label of a measurement names a gene of the tables, such as HLA-B."""
    words = {w.upper() for w in re.findall(r"\w+(?:-\w+)?", label)}
    return any(row.gene in words for row in ref.rows(Gene))


def read_measurements(top: Element, ref: Reference, note: Note, day: Days) -> Measurements:
    """Read the measurements of a packet.

    Parameters
    ----------
    top
        The packet.
    ref
        The data package.
    note
        Called with what is not considered.
    day
        Returns the day of a time element.
    """
    found = Measurements()
    numbers: dict[str, list[tuple[date | None, Decimal]]] = {}
    named: dict[str, str] = {}
    for item in top.items("measurements"):
        assay = item.get("assay")
        code, label = assay.text("id").upper(), assay.text("label")
        if is_column(code):
            continue
        analyte = next((a for a in NUMBERS if code in a.codes), None)
        substance = _codes(ref).get(code)
        if analyte is not None:
            value = _number(item, analyte)
            if value is None:
                note("measurements", label or code)
            else:
                when = day(item.get("timeObserved"))
                numbers.setdefault(analyte.column, []).append((when, value))
                named[analyte.column] = label or code
        elif substance is not None:
            level = _level(item, ref, substance, day(item.get("timeObserved")))
            if level is not None:
                found.levels.setdefault(substance.drug, []).append(level)
        else:
            parts = re.findall(r"\w{4,}", label)
            if any(known_drug(w, ref)[0] for w in parts) or _names_gene(label, ref):
                note("measurements", label)
    for column, values in numbers.items():
        setattr(found, column, _last(values))
        if getattr(found, column) is None:
            note("measurements", named[column])
    return found


def _number(item: Element, analyte: Analyte) -> Decimal | None:
    """Return a measured number in the unit of its column; None if it has another unit."""
    quantity = item.get("value").get("quantity")
    unit = quantity.get("unit")
    words = (unit.text("label").casefold(), unit.text("id").rpartition(":")[2].casefold())
    factor = next((analyte.units[w] for w in words if w in analyte.units), None)
    value = quantity.number("value")
    if value is None or factor is None:
        return None
    low, high = limits_of(analyte.column)
    if not low <= value * factor <= high:
        name = analyte.column.partition("_")[0]
        quantity.faults.add(
            f"{quantity.path}.value",
            name,
            f"a number for {name} out of range",
            f"{low} to {high} {analyte.shown}",
            "Correct the value or its unit.",
        )
    return value * factor


def _last(found: list[tuple[date | None, Decimal]]) -> Decimal | None:
    """Return the last of some numbers; None where several cannot be put in order."""
    if len({number for _, number in found}) == 1:
        return found[0][1]
    days = [d for d, _ in found if d is not None]
    last = {number for d, number in found if days and d == max(days)}
    return last.pop() if len(days) == len(found) and len(last) == 1 else None


def _level(
    item: Element, ref: Reference, substance: LevelAnalyte, when: date | None
) -> DrugLevel | None:
    """Return a level; one without a unit of concentration is a fault, for none is guessed."""
    quantity = item.get("value").get("quantity")
    unit = quantity.get("unit")
    value = quantity.number("value")
    if value is None:
        quantity.faults.add(
            f"{quantity.path}.value",
            "level",
            "a level without a number",
            "a number",
            "Give the value, or leave the measurement out.",
        )
        return None
    units = units_of(ref)
    code, label = unit.text("id"), unit.text("label")
    code = code.rpartition(":")[2] if code.upper().startswith("UCUM:") else code
    read = units.coded(value, code, label, CONCENTRATIONS)
    if read is None or not 0 <= units.in_base(read) <= HIGHEST_LEVEL:
        quantity.faults.add(
            f"{quantity.path}.unit" if read is None else f"{quantity.path}.value",
            "level",
            "no unit of concentration" if read is None else "a level out of range",
            "a number with a UCUM unit such as mg/L or umol/L",
            "Correct the value or its unit; no unit is guessed.",
        )
        return None
    return DrugLevel(substance.part, read, date=None if when is None else when.isoformat())
