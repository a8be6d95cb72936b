"""Ages and times of a packet."""

import re
from datetime import date
from decimal import ROUND_DOWN, Decimal

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.packet_json import Element

_FORMS = ("gestationalAge", "age", "ageRange", "ontologyClass", "timestamp", "interval")
_DURATION = re.compile(
    r"P(?:(?P<Y>\d{1,4}(?:\.\d{1,9})?)Y)?(?:(?P<M>\d{1,5}(?:\.\d{1,9})?)M)?"
    r"(?:(?P<W>\d{1,5}(?:\.\d{1,9})?)W)?(?:(?P<D>\d{1,6}(?:\.\d{1,9})?)D)?"
    r"(?P<T>T(?:\d{1,9}(?:\.\d{1,9})?[HMS])+)?",
    re.ASCII,
)
_MONTHS = {
    "Y": Decimal(12),
    "M": Decimal(1),
    "W": Decimal(7) / Decimal("30.4375"),
    "D": Decimal(1) / Decimal("30.4375"),
}
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Time:
    """A time in a patient's life."""

    given: bool = False
    months: Decimal | None = None
    """Age in months; None where the packet gives a span or a word that no age stands for."""
    day: date | None = None
    words: str = ""
    """What was given, where no age could be taken from it."""


def duration_months(text: str) -> Decimal | None:
    """Return an ISO 8601 duration in months; None if it is not one.

    Tenths of a month are kept. Rounding never completes a month: an onset at 2 months and 30
    days is before 3 months.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    total = sum(
        (Decimal(match[unit]) * size for unit, size in _MONTHS.items() if match[unit]), Decimal(0)
    )
    rounded = total.quantize(_TENTH)
    if rounded > total and rounded == rounded.to_integral_value():
        rounded = total.quantize(_TENTH, ROUND_DOWN)
    return rounded.normalize() + 0


def months_between(first: date, last: date) -> Decimal:
    """Return the full months from one day to another."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return Decimal(months - (last.day < first.day))


def read_time(element: Element, birth: date | None, classes: dict[str, Decimal]) -> Time:
    """Return a TimeElement.

    Parameters
    ----------
    element
        The element; its value may be absent.
    birth
        Date of birth, which turns a day into an age.
    classes
        Ages in months that stand for classes of onset, by identifier.
    """
    if element.value is None:
        return Time()
    element.known(*_FORMS)
    forms = [f for f in _FORMS if element.get(f).value is not None]
    if len(forms) > 1:
        element.faults.add(
            element.path, "one-of", " and ".join(forms), "one of them", "Leave all but one out."
        )
    if not forms:
        return Time()
    form = forms[0]
    inner = element if form == "timestamp" else element.get(form)
    if form == "age":
        return Time(True, _duration(inner))
    if form == "timestamp":
        return _moment(inner, birth)
    if form == "interval":
        return _interval(inner, birth)
    if form == "ageRange":
        return _age_range(inner)
    if form == "gestationalAge":
        inner.number("weeks"), inner.number("days")
        return Time(True, Decimal(0), words=form)
    label = inner.text("label") or inner.text("id")
    return Time(True, classes.get(identifier(inner.text("id"))), words=label)


def _moment(element: Element, birth: date | None) -> Time:
    day = element.day("timestamp")
    if day is not None and birth is not None and day < birth:
        element.faults.add(
            f"{element.path}.timestamp",
            "date",
            "a day before the birth",
            "a day after it",
            "Correct one of the dates.",
        )
    return _at(day, birth, "timestamp")


def _interval(element: Element, birth: date | None) -> Time:
    start, end = element.day("start"), element.day("end")
    if start is not None and end is not None and end < start:
        _refuse_order(element)
    return _at(start, birth, "interval") if start == end else Time(True, words="interval")


def _age_range(element: Element) -> Time:
    ends = element.get("start"), element.get("end")
    low, high = map(_duration, ends)
    if low is not None and high is not None and high < low:
        _refuse_order(element)
    words = " - ".join(end.text("iso8601duration") for end in ends)
    return Time(True, low if low == high else None, words=words)


def _refuse_order(element: Element) -> None:
    element.faults.add(
        element.path,
        "interval",
        "an end before its start",
        "an end after it",
        "Correct one of them.",
    )


def _at(day: date | None, birth: date | None, form: str) -> Time:
    if day is None or birth is None or day < birth:
        return Time(True, day=day, words=form)
    return Time(True, months_between(birth, day), day)


def _duration(element: Element) -> Decimal | None:
    text = element.text("iso8601duration")
    months = duration_months(text)
    if text and months is None:
        element.faults.add(
            f"{element.path}.iso8601duration",
            "duration",
            f"'{text}'",
            "an ISO 8601 duration such as P2Y6M",
            "Correct it.",
        )
    return months


def identifier(text: str) -> str:
    """Return an identifier of an ontology in one spelling.

    `http://purl.obolibrary.org/obo/HP_0001250`, `hp:0001250` and `HP:0001250` are one.
    """
    prefix, mark, number = text.strip().rsplit("/", 1)[-1].replace("_", ":").rpartition(":")
    prefix = prefix.upper().rpartition(":")[2]
    prefix = {"ORPHANET": "ORPHA", "ORDO": "ORPHA", "MIM": "OMIM"}.get(prefix, prefix)
    return f"{prefix}:{number}" if mark else text
