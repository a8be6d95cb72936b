"""What of the entry contradicts that a trial of a drug was adequate."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal

from epilepsy_pgx.clinical_entry import Quantity
from epilepsy_pgx.model import ClinicalEntry, DrugExposure, FailedDrug
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
    yield from _low("unfit-dose", item.highest_dose, units, doses.get(item.drug))
    days = None if item.duration is None else units.in_base(item.duration)
    if days is None and item.start is not None and item.stop is not None:
        first, last = map(date.fromisoformat, (item.start, item.stop))
        days = Decimal((last - first).days + 1)
    if days is not None and days < _SHORT:
        yield Message("unfit-duration", (Value("days", (f"{days:.0f}",), ValueKind.NUMBER),))
    if item.drug in low:
        yield Message("unfit-level")


def doubts_now(item: DrugExposure, units: Units, doses: Mapping[str, Decimal]) -> Iterator[Message]:
    """Yield what contradicts that a drug in use is given in an adequate dose."""
    yield from _low("low-dose", item.daily_dose, units, doses.get(item.drug))


def not_shown(item: DrugExposure, units: Units, doses: Mapping[str, Decimal]) -> Iterator[Message]:
    """Yield what is missing to judge the dose of a drug in use, or that it was compared."""
    dose, lowest = item.daily_dose, doses.get(item.drug)
    if dose is None:
        yield Message("no-dose")
    elif lowest is None or units.kind(dose) is not UnitKind.DAILY_DOSE:
        yield Message("no-lowest-dose")
    else:
        yield Message("dose-reached", _numbers(units.in_base(dose), lowest))


def _low(
    text_id: str, dose: Quantity | None, units: Units, lowest: Decimal | None
) -> Iterator[Message]:
    by_day = dose is not None and units.kind(dose) is UnitKind.DAILY_DOSE
    if dose is not None and by_day and lowest is not None and units.in_base(dose) < lowest:
        yield Message(text_id, _numbers(units.in_base(dose), lowest))


def figure(number: Decimal) -> str:
    """Return a number as a page says it: not more exact than a hundredth."""
    return f"{number.quantize(Decimal('0.01')).normalize():f}"


def _numbers(dose: Decimal, lowest: Decimal) -> tuple[Value, ...]:
    numbers = {"dose": dose, "lowest": lowest}
    return tuple(Value(name, (figure(n),), ValueKind.NUMBER) for name, n in numbers.items())
