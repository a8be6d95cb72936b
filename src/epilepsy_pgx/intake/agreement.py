"""Compare what a sheet states twice: age and birth date, dates in their order, one person's rows.

Two statements that contradict each other are an error; neither is believed.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal

from epilepsy_pgx.clinical_entry import dates_of
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import ClinicalEntry, Patient

Contradiction = tuple[str, str, str, str]
"""Column, check, what was found, what was expected. No cell is repeated: these go into logs."""

_INFANT_YEARS = 3
"""Below this age rules depend on months, so age and birth date must agree to weeks."""
_OLDEST = 130
_DATED_BACK = 31
"""Days by which an entry may be later than the date of its report."""
_ROUNDED = Decimal("0.15")
"""Years by which an age with decimals may differ by rounding."""


def age_between(born: str, day: str) -> Decimal:
    """Return the age in years on a day, cut (not rounded) to hundredths; both dates are ISO."""
    birth, now = date.fromisoformat(born), date.fromisoformat(day)
    years = now.year - birth.year - ((now.month, now.day) < (birth.month, birth.day))
    try:
        last = birth.replace(year=birth.year + years)
    except ValueError:  # born on 29 February
        last = date(birth.year + years, 3, 1)
    part = Decimal(max(0, (now - last).days)) / Decimal("366")
    return (Decimal(years) + part).quantize(Decimal("0.01"), ROUND_DOWN)


def settle_age(
    entry: ClinicalEntry, birth_date: str | None, as_of: str
) -> tuple[ClinicalEntry, tuple[Contradiction, ...]]:
    """Take the age from the birth date where none is given; compare the two where it is.

    Parameters
    ----------
    as_of
        ISO day on which the age holds: the date of the entry, else of the report.

    Returns
    -------
    tuple
        The entry with its age, and what contradicts.
    """
    if birth_date is None:
        return entry, tuple(_started_before_birth(entry, as_of))
    if birth_date > as_of:
        return entry, (
            (
                "birth_date",
                "birth-after-entry",
                "a birth after the day of the entry",
                "a day not after entry_date (or the date of the report)",
            ),
        )
    age = age_between(birth_date, as_of)
    if age > _OLDEST:
        return entry, (
            (
                "birth_date",
                "birth-date",
                f"an age of more than {_OLDEST} years",
                "a birth date of a living person",
            ),
        )
    if entry.age_years is None:
        entry = replace(entry, age_years=age)
    elif not ages_agree(entry.age_years, age):
        return entry, (
            (
                "age_years",
                "age-and-birth-date",
                "an age that is not that of birth_date on the day of the entry",
                "an age that fits birth_date and entry_date, or an empty cell",
            ),
        )
    if entry.onset_months is not None and entry.onset_months > (age + 1) * 12:
        return entry, (
            (
                "onset_months",
                "onset-after-age",
                "an onset later than the present age",
                "an onset not after the present age",
            ),
        )
    return entry, ()


def _started_before_birth(entry: ClinicalEntry, as_of: str) -> Iterator[Contradiction]:
    """Yield a drug that is taken for longer than the patient is old."""
    if entry.age_years is None:
        return
    for drug in entry.current or ():
        if (
            drug.start
            and drug.start < as_of
            and age_between(drug.start, as_of) > (entry.age_years + 1)
        ):
            yield (
                "current_drugs",
                "date-order",
                "a drug that is taken for longer than age_years",
                "a start within the patient's life",
            )
            return


def entered_later(entry: ClinicalEntry, report: str) -> tuple[Contradiction, ...]:
    """Say if an entry is dated long after its report: then no drug was taken as long as it says.

    A day of the entry some weeks ahead is left alone, as reports are dated back; what the entry
    dates is compared with that day. Of an entry without a day nothing lies after the report.
    """
    if entry.entry_date is None:
        late = {column for column, day in dates_of(entry) if day > report}
        return tuple(
            (column, "date-after-report", "a date after the report", "a day not after the report")
            for column in sorted(late)
        )
    ahead = date.fromisoformat(entry.entry_date) - date.fromisoformat(report)
    if ahead.days <= _DATED_BACK:
        return ()
    return (
        (
            "entry_date",
            "entry-after-report",
            "a day long after the date of the report",
            "a day not after the report",
        ),
    )


def dated_to_come(patient: Patient, report: str) -> tuple[Contradiction, ...]:
    """Yield what can only have happened before the report, and is dated after it.

    Parameters
    ----------
    report
        ISO day of the report.
    """
    days = [("collected", patient.collected), ("received", patient.received)]
    late = dict.fromkeys(column for column, day in days if day is not None and day > report)
    return tuple(
        (column, "date-to-come", "a day after the date of the report", f"a day up to {report}")
        for column in late
    )


def ages_agree(stated: Decimal, age: Decimal) -> bool:
    """Say whether a stated age can be that of a birth date.

    A whole number may stand for the years completed; from three years on it may be a year off,
    since it was often written on another day.
    """
    whole = stated == stated.to_integral_value()
    if whole and stated <= age < stated + 1:
        return True
    infant = min(stated, age) < _INFANT_YEARS
    return abs(stated - age) <= (_ROUNDED if infant or not whole else Decimal(1))


def check_order(cells: Mapping[str, str | None], entry: ClinicalEntry) -> Iterator[Contradiction]:
    """Yield dates that cannot follow each other as they do.

    Parameters
    ----------
    cells
        Cells by column; dates that are no dates must have been taken out.
    """
    born, collected, received = (cells.get(c) for c in ("birth_date", "collected", "received"))
    if born and collected and collected < born:
        yield ("collected", "date-order", "a day before birth_date", "a day after birth_date")
    if received and (first := collected or born) and received < first:
        yield (
            "received",
            "date-order",
            "a day before the collection or the birth",
            "a day not before collected and birth_date",
        )
    early = {column for column, day in dates_of(entry) if born and day < born}
    for column in sorted(early):
        yield (column, "date-order", "a date before birth_date", "a day not before birth_date")


def check_person(
    people: Sequence[tuple[int, Mapping[str, str | None]]],
) -> Iterator[tuple[int, Contradiction]]:
    """Yield the lines of one person's rows that state another birth date or sex.

    Parameters
    ----------
    people
        Line and cells of the rows that share a record number.
    """
    for column in ("birth_date", "sex"):
        stated = {(cells.get(column) or "").casefold() for _, cells in people} - {""}
        if len(stated) > 1:
            for line, cells in people:
                if cells.get(column):
                    yield (
                        line,
                        (
                            column,
                            "one-person",
                            "another answer than a row with the same record_number",
                            "one answer for one person",
                        ),
                    )
