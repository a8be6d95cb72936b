"""What of the entry contradicts that a trial of a drug was adequate."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal

from epilepsy_pgx.clinical_entry import Quantity
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import ClinicalEntry, DrugExposure, FailedDrug
from epilepsy_pgx.reference.units import Units
from epilepsy_pgx.response.figures import significant
from epilepsy_pgx.statement import Message, Value, ValueKind
from epilepsy_pgx.vocabulary import UnitKind

_ADULT = 18
"""Years; doses of children go by weight."""
_HEAVY = 60
"""Kilograms; a child of whom the weight is not known is not taken for heavier. Ours."""
_YEAR = Decimal("365.25")
_SHORT = 28
"""Days; a trial that lasted less is asked about, whatever the entry calls it. No source sets a
number, so that none is refused for good."""
LOW_DOSES = ("unfit-dose", "unfit-dose-child")
"""Texts on a highest dose that is too low."""
_OF_CHILD = {
    "unfit-dose": "unfit-dose-child",
    "low-dose": "low-dose-child",
    "dose-reached": "dose-reached-child",
}
"""What is said instead of a dose by weight."""


@dataclass(frozen=True, slots=True)
class LowestDoses:
    """The doses of a day below which a trial is asked about, for one patient."""

    by_day: Mapping[str, Decimal] = field(default_factory=dict)
    """Of adults, in mg."""
    by_weight: Mapping[str, Decimal] = field(default_factory=dict)
    """Of children, in mg per kilogram."""
    age: Decimal | None = None
    weight: Decimal | None = None

    @property
    def adult(self) -> bool:
        """Say whether the doses of adults hold; not of a patient of whom no age is known."""
        return self.age is not None and self.age >= _ADULT

    @property
    def child(self) -> bool:
        """Say whether the patient is known to be a child."""
        return self.age is not None and self.age < _ADULT

    def known(self, drug: str) -> bool:
        """Say whether a dose of a drug can be judged at this age."""
        return drug in self.by_day if self.adult else drug in self.by_weight

    def compare(self, drug: str, dose: Quantity, units: Units) -> "Compared | None":
        """Compare a dose of a day with the lowest one; None if no source or no weight allows it."""
        kind, number = units.kind(dose), units.in_base(dose)
        adult, child = self.by_day.get(drug), self.by_weight.get(drug)
        by_weight = kind is UnitKind.DAILY_DOSE_BY_WEIGHT
        if kind is not UnitKind.DAILY_DOSE and not by_weight:
            return None
        if self.adult:
            mass = number if not by_weight else self._times(number)
            return None if mass is None or adult is None else Compared(mass, adult, False)
        if child is None or not self.child or (self.weight is None and not by_weight):
            return None
        # A heavy child is not asked for more than an adult.
        capped = child
        if adult is not None and self.weight is not None:
            capped = min(child, adult / self.weight)
        if not by_weight and self.weight is not None:
            number = number / self.weight
        return Compared(number, capped, True)

    def _times(self, number: Decimal) -> Decimal | None:
        return None if self.weight is None else number * self.weight

    def unjudged(self, drug: str, dose: Quantity, units: Units) -> bool:
        """Say whether a dose may be too low, and the age or the weight is missing to judge it."""
        if self.age is None:
            ages = (Decimal(0), Decimal(_ADULT))
            patients = [LowestDoses(self.by_day, self.by_weight, a, self.weight) for a in ages]
            return any(
                one.unjudged(drug, dose, units)
                or ((found := one.compare(drug, dose, units)) is not None and found.low)
                for one in patients
            )
        if self.weight is not None or not self.child:
            return False
        adult, child = self.by_day.get(drug), self.by_weight.get(drug)
        if child is None or units.kind(dose) is not UnitKind.DAILY_DOSE:
            return False
        enough = child * _HEAVY if adult is None else min(adult, child * _HEAVY)
        return units.in_base(dose) < enough


@dataclass(frozen=True, slots=True)
class Compared:
    """A dose of a day beside the lowest one, in one unit."""

    dose: Decimal
    lowest: Decimal
    by_weight: bool

    @property
    def low(self) -> bool:
        """Say whether the dose is below it."""
        return self.dose < self.lowest

    def message(self, text_id: str) -> Message:
        """Return a text with both numbers."""
        numbers = {"dose": self.dose, "lowest": self.lowest}
        values = (Value(name, (significant(n),), ValueKind.NUMBER) for name, n in numbers.items())
        return Message(_OF_CHILD[text_id] if self.by_weight else text_id, tuple(values))


@dataclass(frozen=True, slots=True)
class LowNow:
    """What the levels and the company of the drugs in use say against their trials."""

    levels: Collection[str] = ()
    """Drugs of which a level lies below every range."""
    removed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By drug, those taken beside it that remove it."""


NOTHING_NOW = LowNow()


def lowest_doses(
    clinical: ClinicalEntry, by_day: Mapping[str, Decimal], by_weight: Mapping[str, Decimal]
) -> LowestDoses:
    """Return the lowest doses for a patient."""
    return LowestDoses(by_day, by_weight, clinical.age_years, clinical.weight_kg)


def earliest_onset(clinical: ClinicalEntry) -> Decimal | None:
    """Return the earliest day on which the seizures can have begun; None if that is open.

    It is counted from the year one. An age in whole years leaves the birthday open, so that the
    earliest one is taken.
    """
    age, now = clinical.age_years, clinical.entry_date
    if clinical.onset_months is None or age is None or now is None:
        return None
    born = date.fromisoformat(now).toordinal() - (age + 1) * _YEAR
    return born + clinical.onset_months * _YEAR / 12


def doubts(
    item: FailedDrug,
    units: Units,
    low: Collection[str],
    doses: LowestDoses,
    onset: Decimal | None = None,
) -> Iterator[Message]:
    """Yield what contradicts that a trial was adequate.

    Parameters
    ----------
    low
        Drugs of which the highest level lay below every range.
    doses
        The dose of a day below which a trial is asked about.
    onset
        The earliest day on which the seizures can have begun, counted from the year one.
    """
    if onset is not None and item.start is not None:
        if date.fromisoformat(item.start).toordinal() < onset:
            yield Message("unfit-onset")
    yield from _low("unfit-dose", item.drug, item.highest_dose, units, doses)
    days = None if item.duration is None else units.in_base(item.duration)
    if days is None and item.start is not None and item.stop is not None:
        first, last = map(date.fromisoformat, (item.start, item.stop))
        days = Decimal((last - first).days + 1)
    if days is not None and days < _SHORT:
        yield Message("unfit-duration", (Value("days", (f"{days:.0f}",), ValueKind.NUMBER),))
    if item.drug in low:
        yield Message("unfit-level")


def doubts_now(
    item: DrugExposure, units: Units, doses: LowestDoses, now: LowNow = NOTHING_NOW
) -> Iterator[Message]:
    """Yield what contradicts that a drug in use is an adequate trial."""
    yield from _low("low-dose", item.drug, item.daily_dose, units, doses)
    if item.drug in now.levels:
        yield Message("low-level")
    if found := now.removed.get(item.drug):
        yield Message("removed-now", (Value("by", found, ValueKind.DRUG),))


def not_shown(item: DrugExposure, units: Units, doses: LowestDoses) -> Iterator[Message]:
    """Yield what is missing to judge the dose of a drug in use, or that it was compared."""
    dose = item.daily_dose
    if dose is None:
        yield Message("no-dose")
    elif (found := doses.compare(item.drug, dose, units)) is not None:
        yield found.message("dose-reached")
    else:
        yield Message("no-lowest-dose")


def _low(
    text_id: str, drug: str, dose: Quantity | None, units: Units, doses: LowestDoses
) -> Iterator[Message]:
    if dose is None:
        return
    found = doses.compare(drug, dose, units)
    if found is not None and found.low:
        yield found.message(text_id)
    elif found is None and doses.unjudged(drug, dose, units):
        yield Message("unjudged-dose", (Value("dose", (str(dose),)),))
