"""What the measured levels of the drugs that are taken say, and whether they can say anything.

A level is compared with every range that was read. Where the sources disagree on it, so does the
report. No free level is computed, nothing is taken off a warning, and an alert limit counts
whatever else makes a level hard to read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from epilepsy_pgx.clinical_entry import SUBJECTS, DrugExposure, DrugLevel, Quantity
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import LevelAlert, LevelAnalyte, LevelKinetics, LevelRange
from epilepsy_pgx.reference.units import Units, units_of
from epilepsy_pgx.response.facts import PatientFacts, named_drug
from epilepsy_pgx.statement import Evidence, Join, Message, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import LevelPart, LevelVerdict, Origin, RangeOrigin, Response, Tier

TOXICITY = "toxicity"
"""Word in the table of signs for what too high a level may cause."""
LATEST_HOURS = Decimal(24)
"""Later than this a dose was due: a low level is then no trough."""
SETTLED_DAYS = 60
"""Days after which nobody asks for steady state, where no source gives a time to it."""
_BELOW_LIMIT = re.compile(r"(\w+)<([0-9.]+)")
_TEXTS = {verdict: f"level-{verdict.value.replace('_', '-')}" for verdict in LevelVerdict}
_BELOW_PREGNANT = "level-below-pregnant"
_BELOW_LOWERED = "level-below-lowered"
BELOW_TEXTS = frozenset({_TEXTS[LevelVerdict.BELOW], _BELOW_PREGNANT, _BELOW_LOWERED})
"""Texts on a level of a drug in use that lies below every range, whatever cause is entered."""
READ = (LevelVerdict.BELOW, LevelVerdict.WITHIN, LevelVerdict.ABOVE, LevelVerdict.DISAGREE)
"""Verdicts that rest on a comparison with ranges."""
UNREADABLE = (
    LevelVerdict.BEFORE_DOSE,
    LevelVerdict.NOT_STEADY,
    LevelVerdict.TOO_EARLY,
    LevelVerdict.TOO_LATE,
    LevelVerdict.FREE_CHANGED,
)
"""Verdicts on a level that would say something if it were taken otherwise."""
_DIGITS = 3
"""Significant digits of a level that is converted: no assay measures more."""

Analyte = tuple[str, LevelPart]


@dataclass(frozen=True, slots=True)
class LevelAssessment:
    """One level of one drug, and what it says."""

    drug: str
    known: bool
    """False if the name of the drug is only probably this one."""
    level: DrugLevel
    mg_per_litre: Decimal | None
    verdict: LevelVerdict
    alert: LevelAlert | None = None
    """The limit that the level reaches."""
    below: tuple[LevelRange, ...] = ()
    within: tuple[LevelRange, ...] = ()
    above: tuple[LevelRange, ...] = ()
    causes: tuple[str, ...] = ()
    """What changes the free fraction: columns of the entry, or drugs."""
    days: int | None = None
    """From the last change to the sample."""
    kinetics: LevelKinetics | None = None
    unknown: tuple[str, ...] = ()
    """What is not known of the sample: `steady`, `kinetics`, `hours`."""
    free_given: bool = False
    """True if a free level of the drug is entered too."""

    @property
    def ranges(self) -> tuple[LevelRange, ...]:
        """The ranges that were compared, the one that counts first."""
        order = list(RangeOrigin)
        return tuple(
            sorted(
                (*self.below, *self.within, *self.above),
                key=lambda row: (order.index(row.set_by), row.range_id),
            )
        )


class LevelTables:
    """What a data package knows of levels.

    Parameters
    ----------
    ref
        The data package.
    """

    def __init__(self, ref: Reference) -> None:
        self.units: Units = units_of(ref)
        self.analytes: dict[Analyte, LevelAnalyte] = {
            (row.drug, row.part): row for row in ref.rows(LevelAnalyte)
        }
        self.ranges: dict[Analyte, list[LevelRange]] = {}
        for row in ref.rows(LevelRange):
            if row.verified:
                self.ranges.setdefault((row.drug, row.part), []).append(row)
        self.alerts = {(row.drug, row.part): row for row in ref.rows(LevelAlert) if row.verified}
        self.kinetics = {(row.drug, row.part): row for row in ref.rows(LevelKinetics)}

    def mass(self, quantity: Quantity, key: Analyte) -> Decimal | None:
        """Return a concentration of an analyte in mg/L; None if its molar mass is not known."""
        row = self.analytes.get(key)
        return self.units.in_mg_per_litre(quantity, None if row is None else row.molar_mass)


def assess_levels(tables: LevelTables, facts: PatientFacts) -> tuple[LevelAssessment, ...]:
    """Judge the levels of every drug that is taken: of each kind the last, and all without a day.

    Parameters
    ----------
    tables
        Ranges, limits and kinetics.
    facts
        The patient.
    """
    return tuple(
        _judge(tables, facts, item, level)
        for item in facts.clinical.current or ()
        for level in _last(item.levels)
    )


def _last(levels: Sequence[DrugLevel]) -> Iterator[DrugLevel]:
    for part in LevelPart:
        own = [level for level in levels if level.part is part]
        days = [level.date for level in own if level.date is not None]
        # ISO days sort as text. A level without a day may be the last one too.
        yield from (level for level in own if level.date is None or level.date == max(days))


def _judge(
    tables: LevelTables, facts: PatientFacts, item: DrugExposure, level: DrugLevel
) -> LevelAssessment:
    drug = named_drug(item)
    key = (drug, level.part)
    mass = tables.mass(level.quantity, key)
    kinetics = tables.kinetics.get(key)
    sides = _sides(tables, key, level, mass)
    below, within, above = sides
    alert = tables.alerts.get(key)
    reached = None
    # Of a level below its limit of detection the number is that limit, and no level.
    if alert is not None and mass is not None and not level.undetected:
        limit = tables.mass(Quantity(alert.limit, alert.unit), key)
        reached = alert if limit is not None and mass >= limit else None
    days = _days(item, level)
    # A changed free fraction misleads the reader of a total level; a free one shows it.
    causes = _causes(kinetics, facts) if level.part is LevelPart.TOTAL else ()
    return LevelAssessment(
        drug,
        item.known,
        level,
        mass,
        _verdict(sides, level, mass, kinetics, days, causes),
        reached,
        below,
        within,
        above,
        causes,
        days,
        kinetics,
        _unknown(kinetics, days, level),
        any(other.part is LevelPart.FREE for other in item.levels),
    )


def assess_failed_levels(tables: LevelTables, facts: PatientFacts) -> tuple[LevelAssessment, ...]:
    """Return the highest levels under drugs that were given up, where all ranges lie above.

    Of any other highest level nothing is said: it tells neither for nor against the trial.
    """
    return tuple(_failed_below(tables, facts.clinical))


def low_trials(tables: LevelTables, clinical: ClinicalEntry) -> frozenset[str]:
    """Return the drugs that were given up at a highest level below every range.

    Parameters
    ----------
    tables
        Ranges and kinetics.
    clinical
        The clinical entry.
    """
    return frozenset(one.drug for one in _failed_below(tables, clinical))


def _failed_below(tables: LevelTables, clinical: ClinicalEntry) -> Iterator[LevelAssessment]:
    for item in clinical.failed or ():
        level, drug = item.highest_level, named_drug(item)
        if level is None:
            continue
        key = (drug, level.part)
        mass = tables.mass(level.quantity, key)
        below, within, above = _sides(tables, key, level, mass)
        kinetics = tables.kinetics.get(key)
        tracked = kinetics is None or kinetics.tracks_effect
        if below and not within and not above and tracked:
            yield LevelAssessment(drug, item.known, level, mass, LevelVerdict.BELOW, below=below)


Sides = tuple[tuple[LevelRange, ...], tuple[LevelRange, ...], tuple[LevelRange, ...]]


def _sides(tables: LevelTables, key: Analyte, level: DrugLevel, mass: Decimal | None) -> Sides:
    """Return the ranges that a level lies below, within and above."""
    found: tuple[list[LevelRange], ...] = ([], [], [])
    for row in tables.ranges.get(key, ()):
        low, high = (tables.mass(Quantity(n, row.unit), key) for n in (row.lower, row.upper))
        # Molar and mass units compare only through a molar mass, which not every drug has.
        if mass is None or low is None or high is None:
            continue
        # "<2" lies below a range that begins at 2, whatever it is.
        if mass < low or (level.undetected and mass <= low):
            found[0].append(row)
        elif level.undetected:
            return (), (), ()  # it may lie anywhere below its limit of detection
        else:
            found[1 if mass <= high else 2].append(row)
    below, within, above = map(tuple, found)
    return below, within, above


def _days(item: DrugExposure, level: DrugLevel) -> int | None:
    """Return the days from the last known change of the treatment to the sample."""
    # Each change begins the way to steady state anew, so that the last one counts.
    changes = [d for d in (item.start, item.dose_since, item.product_since) if d is not None]
    if level.date is None or not changes:
        return None
    return (date.fromisoformat(level.date) - date.fromisoformat(max(changes))).days


def _causes(kinetics: LevelKinetics | None, facts: PatientFacts) -> tuple[str, ...]:
    """Return what of the patient changes the free fraction."""
    words = () if kinetics is None else kinetics.free_changed_by
    return tuple(word for word in words if _holds(word, facts))


def _holds(word: str, facts: PatientFacts) -> bool:
    if (match := _BELOW_LIMIT.fullmatch(word)) is not None:
        value = facts.clinical_value(match[1])
        return isinstance(value, Decimal) and value < Decimal(match[2])
    if word in SUBJECTS:
        return facts.clinical_value(word) not in (None, ("no",), ("none",))
    # Else it is a drug that displaces this one; one that is only probably taken misleads as much.
    return facts.takes(word) or facts.may_take(word)


def _unknown(kinetics: LevelKinetics | None, days: int | None, level: DrugLevel) -> tuple[str, ...]:
    """Return what would have to be known to trust the sample."""
    if kinetics is None:
        return ("steady", "hours")
    own = kinetics.steady_state_days is None and days is not None and days < SETTLED_DAYS
    hours = kinetics.earliest_hours is not None and level.hours_after_dose is None
    asked = {"steady": days is None, "kinetics": own, "hours": hours}
    return tuple(word for word, missing in asked.items() if missing)


def _verdict(
    sides: Sides,
    level: DrugLevel,
    mass: Decimal | None,
    kinetics: LevelKinetics | None,
    days: int | None,
    causes: tuple[str, ...],
) -> LevelVerdict:
    """Return what a level says; one that may be too high is never called unreadable for long.

    Before steady state, and with a larger free fraction, a level above all ranges stays above;
    soon after a dose one below all ranges stays below.
    """
    if kinetics is not None and not kinetics.tracks_effect:
        return LevelVerdict.NOT_TRACKED
    if mass is None:
        return LevelVerdict.NOT_COMPARABLE
    plain = _plain(sides, level)
    if plain in (LevelVerdict.NO_RANGE, LevelVerdict.NOT_COMPARABLE) or kinetics is None:
        return plain
    if days is not None and days < 0:
        return plain if plain is LevelVerdict.ABOVE else LevelVerdict.BEFORE_DOSE
    # Before steady state a level says nothing of the next weeks. Above all ranges it is so today.
    steady, hours = kinetics.steady_state_days, level.hours_after_dose
    if steady is not None and days is not None and days < steady:
        return plain if plain is LevelVerdict.ABOVE else LevelVerdict.NOT_STEADY
    if kinetics.earliest_hours is not None and hours is not None:
        # Soon after a dose a level is at its highest, and long after one at its lowest: what is
        # low at the peak, or high after the trough, is so at any time.
        if hours < kinetics.earliest_hours and plain is not LevelVerdict.BELOW:
            return LevelVerdict.TOO_EARLY
        if hours > LATEST_HOURS and plain is not LevelVerdict.ABOVE:
            return LevelVerdict.TOO_LATE
    if causes and plain is not LevelVerdict.ABOVE:
        return LevelVerdict.FREE_CHANGED
    return plain


def _plain(sides: Sides, level: DrugLevel) -> LevelVerdict:
    below, within, above = map(bool, sides)
    if below + within + above > 1:
        return LevelVerdict.DISAGREE
    if below:
        return LevelVerdict.BELOW
    if within:
        return LevelVerdict.WITHIN
    if above:
        return LevelVerdict.ABOVE
    return LevelVerdict.NOT_COMPARABLE if level.undetected else LevelVerdict.NO_RANGE


def level_statements(
    judged: Sequence[LevelAssessment],
    failed: Sequence[LevelAssessment],
    facts: PatientFacts,
    lowering: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> tuple[Statement, ...]:
    """Return the lines on the levels.

    A level that reaches its alert limit is `act`. With a sign that too high a level may cause
    that is urgent, and so is a level above every range, or one that cannot exclude the cause.
    Of a low one the cause that is entered is named: `lowering` holds, by drug, what lowers it.
    """
    toxic = any(TOXICITY in facts.effects.get(sign, ()) for sign in facts.signs)
    texts = {**_TEXTS}
    if facts.clinical.pregnant:
        # The cause is entered: asking for it would be asked for nothing.
        texts[LevelVerdict.BELOW] = _BELOW_PREGNANT
    lines = [line for n, one in enumerate(judged) for line in _lines(one, n, toxic, texts)]
    lines += [_statement(one, number, "level-failed-below") for number, one in enumerate(failed)]
    return tuple(_with_cause(line, lowering.get(line.drugs[0], ())) for line in lines)


def _with_cause(line: Statement, lowering: tuple[str, ...]) -> Statement:
    """Name the drugs that lower a level, if it is low and they are taken."""
    if line.text_id != _TEXTS[LevelVerdict.BELOW] or not lowering:
        return line
    named = Value("lowering", lowering, ValueKind.DRUG)
    return replace(line, text_id=_BELOW_LOWERED, values=(*line.values, named))


def _lines(
    one: LevelAssessment, number: int, toxic: bool, texts: Mapping[LevelVerdict, str]
) -> Iterator[Statement]:
    if one.alert is not None:
        yield _statement(one, number, "level-alert", toxic)
        if one.verdict is LevelVerdict.ABOVE:
            return
    loud = _loud(one) if toxic and one.alert is None else None
    if loud is not None:
        yield _statement(one, number, loud, urgent=True)
    if loud != "level-alert-above":
        yield _statement(one, number, texts[one.verdict])


def _loud(one: LevelAssessment) -> str | None:
    """Return what a level says beside a sign of toxicity; None if it says nothing of it.

    A level that is too low to be measured is no toxic one, whenever it was taken.
    """
    if one.verdict is LevelVerdict.ABOVE:
        return "level-alert-above"
    if one.verdict is LevelVerdict.DISAGREE:
        return "level-alert-some" if one.above else None
    if one.verdict not in UNREADABLE or one.level.undetected:
        return None
    above = one.above and not (one.below or one.within)
    return "level-alert-untimely" if above else "level-alert-open"


def _statement(one: LevelAssessment, number: int, text_id: str, urgent: bool = False) -> Statement:
    acts = text_id.startswith("level-alert")
    alert = one.alert if text_id == "level-alert" else None
    unknown = one.unknown if one.verdict in READ and not acts else ()
    asks = one.verdict in (LevelVerdict.BELOW, LevelVerdict.ABOVE)
    return Statement(
        statement_id=f"{text_id}:{one.drug}:{one.level.part}:{number}",
        text_id="level-alert-urgent" if urgent and alert is not None else text_id,
        tier=Tier.ACT if acts else Tier.CONSIDER if asks else Tier.CONTEXT,
        response=Response.NO_RULE,
        origin=Origin.CLINICAL,
        reasons=(),
        evidence=_evidence(one, alert),
        values=_values(one),
        drugs=(one.drug,),
        further=tuple(f"level-unknown-{word}" for word in unknown),
        conditional=not one.known,
        urgent=urgent,
    )


def _evidence(one: LevelAssessment, alert: LevelAlert | None) -> tuple[Evidence, ...]:
    if alert is not None:
        row = f"{alert.drug}|{alert.part}"
        return (Evidence(alert.source, ".", alert.citations, alert.TABLE, row, alert.verified),)
    if one.kinetics is not None and one.verdict not in READ:
        why = one.kinetics
        key = f"{why.drug}|{why.part}"
        return (Evidence(why.source, ".", why.citations, why.TABLE, key, why.verified),)
    return tuple(
        Evidence(row.source, ".", row.citations, row.TABLE, row.range_id, row.verified)
        for row in one.ranges
    )


def _range(row: LevelRange) -> Message:
    return Message(
        "level-range",
        (
            Value("lower", (str(row.lower),), ValueKind.NUMBER),
            Value("upper", (str(row.upper),), ValueKind.NUMBER),
            Value("unit", (row.unit,)),
            Value("source", (row.source,), ValueKind.SOURCE),
        ),
    )


def _values(one: LevelAssessment) -> tuple[Value, ...]:
    quantity = one.level.quantity
    shown = [
        Message("level-undetected" if one.level.undetected else "level-measured", _measure(one))
    ]
    own = one.ranges[:1]
    limit = () if one.alert is None else (one.alert,)
    causes = tuple(
        Message(f"level-cause-{word.partition('<')[0].replace('_', '-')}")
        if word.partition("<")[0] in SUBJECTS
        else Message("level-cause-drug", (Value("cause", (word,), ValueKind.DRUG),))
        for word in one.causes
    )
    return (
        Value("level", messages=tuple(shown)),
        Value("range", messages=tuple(map(_range, own))),
        _listed("below", one.below),
        _listed("within", one.within),
        _listed("above", one.above),
        Value("causes", messages=causes),
        Value("ask", messages=(Message(_asked(one)),)),
        Value("time", messages=_asked_time(one)),
        Value("days", (str(one.days),) if one.days is not None else (), ValueKind.NUMBER),
        Value("unit", (quantity.unit,)),
        Value("limit", tuple(str(row.limit) for row in limit), ValueKind.NUMBER),
        Value("limit_unit", tuple(row.unit for row in limit)),
        Value("limit_source", tuple(row.source for row in limit), ValueKind.SOURCE),
    )


def _asked(one: LevelAssessment) -> str:
    """Return what to ask for where a level cannot be read: nothing that was entered."""
    if one.verdict is not LevelVerdict.FREE_CHANGED:
        return "level-ask-sample"
    return "level-ask-read-free" if one.free_given else "level-ask-free"


def _asked_time(one: LevelAssessment) -> tuple[Message, ...]:
    return () if one.level.hours_after_dose is not None else (Message("level-ask-time"),)


def rounded(number: Decimal) -> str:
    """Return a number as it is shown: with its significant digits, in full."""
    last = number.adjusted() - _DIGITS + 1
    # Rounded to tens, a number would be written 1.23E+3.
    return f"{round(number, -last).normalize():f}"


def _listed(name: str, rows: Sequence[LevelRange]) -> Value:
    """Return ranges one after the other, or the word for none."""
    if not rows:
        return Value(name, ("word-none",), ValueKind.TEXT)
    return Value(name, join=Join.SEMICOLON, messages=tuple(map(_range, rows)))


def _measure(one: LevelAssessment) -> tuple[Value, ...]:
    quantity, mass = one.level.quantity, one.mg_per_litre
    number = (
        Value("number", (str(quantity.value),), ValueKind.NUMBER),
        Value("unit", (quantity.unit,)),
    )
    if mass is None or quantity.unit == "mg/L":
        shown = Message("level-number", number)
    else:
        value = Value("mass", (rounded(mass),), ValueKind.NUMBER)
        shown = Message("level-number-converted", (*number, value))
    return (
        Value("part", (f"level-part-{one.level.part}",), ValueKind.TEXT),
        Value("number", messages=(shown,)),
        Value("day", (f" ({one.level.date})",) if one.level.date else ()),
    )
