"""Whether the seizures go on, and what page one says where neither yes nor no is shown.

By the definition of 2010 a patient is free of seizures after twelve months, and three times the
longest interval before the treatment, whichever is longer; until then the outcome is not
determined, and a seizure before is a failure. A number of seizures a month says that they go on,
whatever the day of the last one; where the two exclude each other, neither is believed.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.units import Units
from epilepsy_pgx.statement import Evidence, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import Origin, Outcome, Response, Tier

PATIENT = "context-outcome:patient"
"""The statement on seizures that stopped, and not for long enough."""
SHORT = "context-outcome-short"
SHORT_OPEN = "context-outcome-short-open"
"""Said where the longest interval before is not entered."""
CONTRADICTED = "context-outcome-contradicted"
LONG_OPEN = "context-outcome-long-open"
"""Said after a year, where neither that interval nor the drugs given up are entered."""
_YEAR = Decimal("365.25")
_TIMES = 3
"""A treatment succeeds if no seizure comes for so many times the longest interval before it."""
_MONTH = 31
"""Days without a seizure that say nothing by themselves: an average is given by the month."""
_QUARTER = 92
"""Days of the last months, over which the number of seizures a month is an average."""


def outcome_of(clinical: ClinicalEntry, units: Units) -> Outcome:
    """Say whether the seizures go on on the day of the entry.

    Without a last seizure, a number of seizures a month that is not zero says that they do. No
    clock is read: without a day of the entry a last seizure says nothing.
    """
    often = clinical.seizures_per_month
    if clinical.last_seizure is None:
        return Outcome.ONGOING if often else Outcome.NO_LAST_SEIZURE
    free = days_free(clinical)
    if free is None:
        return Outcome.NO_ENTRY_DATE
    days, needed = Decimal(free), _needed(clinical, units)
    if often:
        return Outcome.CONTRADICTED if _exclude(days, often) else Outcome.ONGOING
    if days > max(_YEAR, needed or _YEAR):
        return Outcome.NO_INTERVAL if needed is None else Outcome.FREE
    return Outcome.ONGOING if days <= _MONTH else Outcome.TOO_SHORT


def _needed(clinical: ClinicalEntry, units: Units) -> Decimal | None:
    interval = clinical.longest_interval_before
    return None if interval is None else _TIMES * units.in_base(interval)


def _exclude(days: Decimal, often: Decimal) -> bool:
    """Say whether so many days without a seizure exclude so many seizures a month."""
    between = _YEAR / 12 / often
    return days > _YEAR or days > max(Decimal(_QUARTER), _TIMES * between)


def days_free(clinical: ClinicalEntry) -> int | None:
    """Return the days from the last seizure to the day of the entry; None if not known."""
    if clinical.last_seizure is None or clinical.entry_date is None:
        return None
    last, now = map(date.fromisoformat, (clinical.last_seizure, clinical.entry_date))
    return (now - last).days


def months_free(clinical: ClinicalEntry) -> int | None:
    """Return the whole months, by the calendar, from the last seizure to the day of the entry."""
    if clinical.last_seizure is None or clinical.entry_date is None:
        return None
    last, now = map(date.fromisoformat, (clinical.last_seizure, clinical.entry_date))
    return (now.year - last.year) * 12 + now.month - last.month - (now.day < last.day)


def outcome_statement(
    clinical: ClinicalEntry, outcome: Outcome, units: Units, evidence: Evidence
) -> Statement | None:
    """Return what page one says of an outcome that is not determined; None if nothing.

    Nothing is said of a patient of whom no treatment is known.
    """
    text_id = _text_of(clinical, outcome)
    treated = clinical.current is None or clinical.current or clinical.failed
    if text_id is None or clinical.affected is False or not (treated or _beside(clinical)):
        return None
    return Statement(
        statement_id=PATIENT,
        text_id=text_id,
        tier=Tier.CONSIDER,
        response=Response.NO_RULE,
        origin=Origin.CLINICAL,
        reasons=(),
        evidence=(evidence,),
        values=tuple(_values(clinical, units)),
    )


def _text_of(clinical: ClinicalEntry, outcome: Outcome) -> str | None:
    known = clinical.longest_interval_before is not None
    match outcome:
        case Outcome.TOO_SHORT:
            return SHORT if known else SHORT_OPEN
        case Outcome.CONTRADICTED:
            return CONTRADICTED
        case Outcome.NO_INTERVAL if clinical.failed is None:
            return LONG_OPEN
    return None


def _beside(clinical: ClinicalEntry) -> bool:
    treatments = (*clinical.surgery, *clinical.stimulator, *clinical.diet)
    return any(word != "none" for word in treatments)


def _values(clinical: ClinicalEntry, units: Units) -> Iterator[Value]:
    if clinical.last_seizure is None:
        return
    yield Value("months", (str(months_free(clinical) or 0),), ValueKind.NUMBER)
    yield Value("last", (clinical.last_seizure,))
    yield Value("often", (str(clinical.seizures_per_month or 0),), ValueKind.NUMBER)
    days = max(_YEAR, _needed(clinical, units) or _YEAR).to_integral_value(ROUND_CEILING)
    last = date.fromisoformat(clinical.last_seizure)
    if days < (date.max - last).days:
        yield Value("until", ((last + timedelta(days=int(days))).isoformat(),))
