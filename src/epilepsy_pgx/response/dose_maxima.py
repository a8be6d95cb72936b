"""Whether a dose that is entered is above the highest that product information gives.

A slip of a unit, a dose of a day for a single one, a nought too many and a true overdose all look
alike here, and each wants somebody to look today. No dose is ever advised. Of several sources the
highest dose counts, and where one row or another may hold, for want of an age or a weight, what is
above one of them is said as possible.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise, product

from epilepsy_pgx.clinical_entry import ClinicalEntry, DrugExposure
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import DoseMaximum, Drug
from epilepsy_pgx.response.facts import PatientFacts, named_drug
from epilepsy_pgx.response.figures import significant
from epilepsy_pgx.response.levels import TOXICITY
from epilepsy_pgx.statement import Evidence, Message, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import Origin, Response, Tier

BY_DAY, BY_WEIGHT = "mg/day", "mg/kg/day"
NOT_COMPARED = "dose-not-compared"
"""Text of doses that are held against no maximum."""
ABOVE, FAR_ABOVE, MAY_BE_ABOVE = "dose-above", "dose-far-above", "dose-may-be-above"
WITH_SIGNS, LEVEL_WITHIN = "dose-above-signs", "dose-above-level-within"
_FAR = 2
"""So many times the highest dose cannot wait. The number is ours."""
_DIGITS = 3
_NOT_COMPARED_OF = "dose-of-drug"
_AMOUNT = "dose-amount"
_AMOUNTS = {"day": "dose-amount-day", "kg": "dose-amount-kg"}
"""Texts of a dose: in both units, and in one."""


@dataclass(frozen=True, slots=True)
class Dose:
    """What is taken of a drug in a day; None where the entry does not tell."""

    by_day: Decimal | None
    by_weight: Decimal | None
    whole: bool = True
    """False if the drug is listed more than once, and one of its doses is not known."""


@dataclass(frozen=True, slots=True)
class Held:
    """A dose held against one row: how many times its limit it is, and whether all was known."""

    row: DoseMaximum
    times: Decimal
    limit: Decimal
    unit: str
    known: bool

    @property
    def above(self) -> bool:
        """Say whether the dose is above the row."""
        return self.times > 1


@dataclass(frozen=True, slots=True)
class Case:
    """A dose held against the rows for one age and weight."""

    rows: tuple[Held, ...]
    covered: bool
    """False if no row is of this age and weight: the nearest ones stand in, and clear nothing."""
    whole: Held
    """The same dose held against the highest of a day of the drug, whoever it is for."""

    @property
    def above(self) -> bool:
        """Say whether the dose is above every row."""
        return all(held.above for held in self.rows)

    @property
    def cleared(self) -> bool:
        """Say whether some row allows the dose."""
        return self.covered and any(held.known and not held.above for held in self.rows)

    @property
    def open(self) -> tuple[Held, ...]:
        """The rows that the dose is above, where a missing weight leaves the others open."""
        if any(held.known and not held.above for held in self.rows):
            return ()
        return tuple(held for held in (*self.rows, self.whole) if held.above)


@dataclass(frozen=True, slots=True)
class Judged:
    """The dose of one drug, for every age and weight that the patient may have."""

    drug: str
    dose: Dose
    cases: tuple[Case, ...]
    named: bool = True
    """False if the name of the drug is only probably this one."""

    @property
    def above(self) -> bool:
        """Say whether the dose is above the highest, whatever the age and the weight are."""
        return all(case.above for case in self.cases)

    @property
    def may_be_above(self) -> bool:
        """Say whether the age or the weight, which is missing, decides."""
        return not self.above and any(case.above or case.open for case in self.cases)

    @property
    def cleared(self) -> bool:
        """Say whether the dose is known not to be above the highest."""
        return self.dose.whole and all(case.cleared for case in self.cases)

    @property
    def least(self) -> Held:
        """The row that allows most, of those that the dose is or may be above."""
        sure = [one for case in self.cases if case.above for one in case.rows]
        held = sure or [one for case in self.cases for one in case.open]
        return min(held, key=lambda one: (one.times, one.row.max_id))


def dose_of(items: Sequence[DrugExposure], weight: Decimal | None) -> Dose | None:
    """Return what is taken of a drug in a day, of all its entries together; None without a dose."""
    doses = [item.daily_dose for item in items if item.daily_dose is not None]
    if not doses:
        return None
    totals = {unit: _total(items, unit, weight) for unit in (BY_DAY, BY_WEIGHT)}
    return Dose(totals[BY_DAY], totals[BY_WEIGHT], len(doses) == len(items))


def _total(items: Iterable[DrugExposure], unit: str, weight: Decimal | None) -> Decimal | None:
    total, found = Decimal(0), False
    for dose in (item.daily_dose for item in items):
        if dose is None or {dose.unit, unit} - {BY_DAY, BY_WEIGHT}:
            continue
        number = dose.value
        if dose.unit != unit:
            if weight is None:
                continue
            number = number * weight if unit == BY_DAY else number / weight
        total, found = total + number, True
    return total if found else None


def hold(row: DoseMaximum, dose: Dose) -> Held:
    """Hold a dose against one row; a limit of it that cannot be compared leaves it open."""
    pairs = ((dose.by_day, row.mg_per_day, BY_DAY), (dose.by_weight, row.mg_per_kg_day, BY_WEIGHT))
    asked = [(number, limit, unit) for number, limit, unit in pairs if limit is not None]
    found = [(n / limit, limit, unit) for n, limit, unit in asked if n is not None]
    times, limit, unit = max(found, default=(Decimal(0), Decimal(0), BY_DAY))
    return Held(row, times, limit, unit, len(found) == len(asked))


def _of_age(row: DoseMaximum, age: Decimal) -> bool:
    return row.from_years <= age and (row.below_years is None or age < row.below_years)


def _of_weight(row: DoseMaximum, weight: Decimal | None) -> bool:
    if weight is None:
        return True
    low, high = row.from_kg, row.to_kg
    return (low is None or low <= weight) and (high is None or weight <= high)


def rows_for(
    rows: Sequence[DoseMaximum], age: Decimal, weight: Decimal | None
) -> tuple[list[DoseMaximum], bool]:
    """Return the rows for an age and a weight, and whether they are of them.

    Of a patient whom none is for, the nearest older ones stand in, else all: what is too much for
    them is too much.
    """
    heavy = [row for row in rows if _of_weight(row, weight)]
    if own := [row for row in heavy if _of_age(row, age)]:
        return own, True
    pool = heavy or list(rows)
    older = min((row.from_years for row in pool if row.from_years > age), default=None)
    return [row for row in pool if older in (None, row.from_years)], False


def _ages(rows: Sequence[DoseMaximum], age: Decimal | None) -> Sequence[Decimal]:
    """Return the age, or one of each band that the rows tell apart."""
    if age is not None:
        return (age,)
    return sorted({Decimal(0), *(n for r in rows for n in (r.from_years, r.below_years) if n)})


def _weights(rows: Sequence[DoseMaximum], weight: Decimal | None) -> Sequence[Decimal | None]:
    """Return the weight, or one of each band: on its borders, and between them."""
    borders = sorted({n for row in rows for n in (row.from_kg, row.to_kg) if n is not None})
    if weight is not None or not borders:
        return (weight,)
    between = [(low + high) / 2 for low, high in pairwise([Decimal(0), *borders])]
    return (*between, *borders, borders[-1] + 1)


class DoseMaxima:
    """The highest doses, and what is said of those that are entered.

    Parameters
    ----------
    ref
        The data package.
    """

    def __init__(self, ref: Reference) -> None:
        self._rows: dict[str, list[DoseMaximum]] = {}
        for row in ref.rows(DoseMaximum):
            if row.verified:
                self._rows.setdefault(row.drug, []).append(row)
        self._asked = frozenset(row.drug for row in ref.rows(Drug))

    def judged(self, entry: ClinicalEntry) -> Iterator[Judged]:
        """Yield the doses of the drugs in use that are held against a maximum."""
        for drug, items in _by_drug(entry, self._asked).items():
            dose = dose_of(items, entry.weight_kg)
            if dose is None or drug not in self._rows:
                continue
            cases = tuple(_cases(self._rows[drug], dose, entry))
            yield Judged(drug, dose, cases, all(item.known for item in items))

    def above(self, entry: ClinicalEntry) -> frozenset[str]:
        """Return the drugs of which the dose is, or may be, above the highest."""
        return frozenset(one.drug for one in self.judged(entry) if one.above or one.may_be_above)

    def in_lines(
        self, facts: PatientFacts, within: Collection[str] = ()
    ) -> Mapping[str, list[Statement]]:
        """Return, by drug, what its line says of a dose that is or may be too high.

        Parameters
        ----------
        facts
            The patient.
        within
            Drugs with a level in every range: what is far above is then no emergency.
        """
        toxic = any(TOXICITY in facts.effects.get(sign, ()) for sign in facts.signs)
        return {
            one.drug: [_statement(one, _text(one, one.drug in within, toxic))]
            for one in self.judged(facts.clinical)
            if one.above or one.may_be_above
        }

    def messages(self, facts: PatientFacts) -> tuple[Message, ...]:
        """Return which doses that are shown were held against no maximum, once for all of them."""
        entry = facts.clinical
        said = {one.drug for one in self.judged(entry) if one.above or one.may_be_above}
        sure = {one.drug for one in self.judged(entry) if one.cleared}
        shown = tuple(
            Message(
                _NOT_COMPARED_OF,
                (
                    Value("drug", (drug,), ValueKind.DRUG),
                    Value("dose", tuple(item.dose for item in items if item.dose)),
                ),
            )
            for drug, items in _by_drug(entry, self._asked).items()
            if drug not in said | sure and any(item.dose for item in items)
        )
        return (Message(NOT_COMPARED, (Value("others", messages=shown),)),) if shown else ()


def _cases(rows: Sequence[DoseMaximum], dose: Dose, entry: ClinicalEntry) -> Iterator[Case]:
    """Yield the dose as it stands for each age and weight that the patient may have."""
    whole = hold(max(rows, key=lambda row: (row.mg_per_day or 0, row.max_id)), dose)
    for age, weight in product(_ages(rows, entry.age_years), _weights(rows, entry.weight_kg)):
        own, covered = rows_for(rows, age, weight)
        yield Case(tuple(hold(row, dose) for row in own), covered, whole)


def _by_drug(entry: ClinicalEntry, asked: Collection[str]) -> dict[str, list[DrugExposure]]:
    found: dict[str, list[DrugExposure]] = {}
    for item in entry.current or ():
        if (drug := named_drug(item)) in asked:
            found.setdefault(drug, []).append(item)
    return found


def _text(one: Judged, within: bool, toxic: bool) -> str:
    if not one.above:
        return MAY_BE_ABOVE
    if toxic:
        return WITH_SIGNS
    if within:
        return LEVEL_WITHIN
    return FAR_ABOVE if one.least.times >= _FAR else ABOVE


def _amount(dose: Dose) -> Message:
    both = {"day": dose.by_day, "kg": dose.by_weight}
    known = {name: number for name, number in both.items() if number is not None}
    text_id = _AMOUNT if len(known) > 1 else _AMOUNTS[next(iter(known))]
    return Message(text_id, tuple(_number(name, number) for name, number in known.items()))


def _number(name: str, number: Decimal) -> Value:
    return Value(name, (significant(number, _DIGITS),), ValueKind.NUMBER)


def _limit(held: Held) -> Message:
    name = "day" if held.unit == BY_DAY else "kg"
    return Message(_AMOUNTS[name], (_number(name, held.limit),))


def _statement(one: Judged, text_id: str) -> Statement:
    held = one.least
    row = held.row
    return Statement(
        statement_id=f"{ABOVE}:{one.drug}",
        text_id=text_id,
        tier=Tier.CONSIDER if text_id == LEVEL_WITHIN else Tier.ACT,
        response=Response.CAUTION,
        origin=Origin.CLINICAL,
        reasons=(),
        evidence=(Evidence(row.source, ".", row.citations, row.TABLE, row.max_id, row.verified),),
        values=(
            Value("dose", messages=(_amount(one.dose),)),
            Value("limit", messages=(_limit(held),)),
        ),
        drugs=(one.drug,),
        conditional=text_id == MAY_BE_ABOVE or not one.named,
        urgent=text_id in (FAR_ABOVE, WITH_SIGNS),
    )
