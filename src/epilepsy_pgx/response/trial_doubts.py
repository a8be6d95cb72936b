"""What of the entry contradicts that a trial of a drug was adequate."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal

from epilepsy_pgx.model import ClinicalEntry, FailedDrug
from epilepsy_pgx.reference.units import Units
from epilepsy_pgx.statement import Message, Value, ValueKind
from epilepsy_pgx.vocabulary import UnitKind

_ADULT = 18
"""Years; doses of children go by weight, and are not judged."""
_SHORT = 28
"""Days; a trial that lasted less is asked about, whatever the entry calls it. No source sets a
number, so that none is refused for good."""


def is_adult(clinical: ClinicalEntry) -> bool:
    """Say whether the doses of adults may be asked for."""
    return clinical.age_years is not None and clinical.age_years >= _ADULT


def doubts(
    item: FailedDrug, units: Units, low: Collection[str], doses: Mapping[str, Decimal]
) -> Iterator[Message]:
    """Yield what contradicts that a trial was adequate.

    Parameters
    ----------
    low
        Drugs of which the highest level lay below every range.
    doses
        The dose of a day, in mg, below which a trial is asked about.
    """
    dose, lowest = item.highest_dose, doses.get(item.drug)
    by_day = dose is not None and units.kind(dose) is UnitKind.DAILY_DOSE
    if dose is not None and by_day and lowest is not None and units.in_base(dose) < lowest:
        numbers = {"dose": units.in_base(dose), "lowest": lowest}
        yield Message(
            "unfit-dose",
            tuple(Value(name, (f"{n:f}",), ValueKind.NUMBER) for name, n in numbers.items()),
        )
    days = None if item.duration is None else units.in_base(item.duration)
    if days is None and item.start is not None and item.stop is not None:
        first, last = map(date.fromisoformat, (item.start, item.stop))
        days = Decimal((last - first).days + 1)
    if days is not None and days < _SHORT:
        yield Message("unfit-duration", (Value("days", (f"{days:.0f}",), ValueKind.NUMBER),))
    if item.drug in low:
        yield Message("unfit-level")
