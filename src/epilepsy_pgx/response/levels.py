"""What the measured levels of the drugs that are taken say, and whether they can say anything.

A level is compared with every range that was read. No free level is computed, and an alert limit
counts whatever else makes a level hard to read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from epilepsy_pgx.clinical_entry import SUBJECTS, DrugExposure, DrugLevel, Quantity
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import LevelAlert, LevelAnalyte, LevelKinetics, LevelRange
from epilepsy_pgx.reference.units import Units, units_of
from epilepsy_pgx.response.facts import PatientFacts, named_drug
from epilepsy_pgx.vocabulary import LevelPart, LevelVerdict, RangeOrigin

TOXICITY = "toxicity"
"""Word in the table of signs for what too high a level may cause."""
LOWERS = "down"
"""Effect of a drug that lowers a level."""
LATEST_HOURS = Decimal(24)
"""Later than this a dose was due: a low level is then no trough."""
SETTLED_DAYS = 60
"""Days after which nobody asks for steady state, where no source gives a time to it."""
_CHANGE_DAYS = 14
"""Days for which another drug may go on changing a level after its start, at least: longer where
the level, or that drug, takes longer to settle. The number is ours."""
_FREE_TIMES = 3
"""A free fraction that has grown more than this is not reckoned with. The number is ours."""
_BELOW_LIMIT = re.compile(r"(\w+)<([0-9.]+)")
READ = (LevelVerdict.BELOW, LevelVerdict.WITHIN, LevelVerdict.ABOVE, LevelVerdict.DISAGREE)
"""Verdicts that rest on a comparison with ranges."""
UNREADABLE = (
    LevelVerdict.BEFORE_DOSE,
    LevelVerdict.BEFORE_DRUG,
    LevelVerdict.NOT_STEADY,
    LevelVerdict.TOO_EARLY,
    LevelVerdict.TOO_LATE,
    LevelVerdict.FREE_CHANGED,
)
"""Verdicts on a level that would say something if it were taken otherwise."""

_ITSELF = (LevelPart.TOTAL, LevelPart.METABOLITE)
_READ_FREE = (LevelVerdict.WITHIN, LevelVerdict.ABOVE)

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
    """What is not known of the sample: `steady`, `kinetics`, `settling`, `hours`, or, where the
    ranges are those of the active metabolite, which `substance` was measured."""
    free_given: bool = False
    """True if a free level of the drug is entered too."""
    later: tuple[str, ...] = ()
    """Drugs that change the level and were started on the day of the sample or after it."""
    settling: tuple[str, ...] = ()
    """Drugs that change the level and were started too short a time before the sample."""

    @property
    def free_higher(self) -> bool:
        """Say whether a total level is too high, and the free one higher than it shows."""
        return self.verdict is LevelVerdict.ABOVE and bool(self.causes)

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

    def by_metabolite(self, drug: str) -> bool:
        """Say whether the ranges of a drug are those of its active metabolite."""
        parts = (self.analytes.get((drug, part)) for part in _ITSELF)
        own, metabolite = (None if row is None else row.analyte for row in parts)
        return own is not None and own == metabolite

    def change_days(self, key: Analyte, other: str) -> int:
        """Return how many days after the start of another drug a level may go on changing."""
        rows = (self.kinetics.get(key), self.kinetics.get((other, LevelPart.TOTAL)))
        return max([_CHANGE_DAYS, *(row.steady_state_days or 0 for row in rows if row)])

    def far_below(self, key: Analyte, mass: Decimal | None) -> bool:
        """Say whether a level is below every range even with a free fraction grown threefold."""
        lows = [self.mass(Quantity(row.lower, row.unit), key) for row in self.ranges.get(key, ())]
        known = [low for low in lows if low is not None]
        return mass is not None and bool(known) and mass * _FREE_TIMES < min(known)


def assess_levels(
    tables: LevelTables,
    facts: PatientFacts,
    changing: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> tuple[LevelAssessment, ...]:
    """Judge the levels of every drug that is taken: of each kind the last, and all without a day.

    Parameters
    ----------
    tables
        Ranges, limits and kinetics.
    facts
        The patient.
    changing
        By drug, the others that are taken and change its level, each with its effect.
    """
    return tuple(
        _judge(tables, facts, item, level, changing.get(named_drug(item), {}))
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
    tables: LevelTables,
    facts: PatientFacts,
    item: DrugExposure,
    level: DrugLevel,
    changing: Mapping[str, str],
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
    later, settling = _newly_started(tables, key, changing, level, facts)
    verdict = _verdict(sides, level, mass, kinetics, days, causes)
    if verdict is LevelVerdict.FREE_CHANGED and tables.far_below(key, mass):
        verdict = LevelVerdict.BELOW
    verdict = _since(verdict, [changing[name] for name in (*later, *settling)])
    itself = level.part is LevelPart.TOTAL and tables.by_metabolite(drug)
    metabolite = any(other.part is LevelPart.METABOLITE for other in item.levels)
    # Above a range of the metabolite the drug itself is too high as well.
    if itself and metabolite and verdict in READ and not above:
        verdict = LevelVerdict.PARENT
    return LevelAssessment(
        drug,
        item.known,
        level,
        mass,
        verdict,
        reached,
        below,
        within,
        above,
        causes,
        days,
        kinetics,
        (*_unknown(kinetics, days, level), *(("substance",) if itself and not metabolite else ())),
        any(other.part is LevelPart.FREE for other in item.levels),
        later,
        settling,
    )


def _newly_started(
    tables: LevelTables,
    key: Analyte,
    changing: Mapping[str, str],
    level: DrugLevel,
    facts: PatientFacts,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the drugs whose effect on a level its sample cannot show in full.

    First those that were not taken before the day of the sample, then those that were started
    shortly before it.
    """
    if level.date is None:
        return (), ()
    sampled = date.fromisoformat(level.date)
    starts = {named_drug(x): x.start for x in facts.clinical.current or ()}
    later, settling = [], []
    for name in changing:
        if (start := starts.get(name)) is None:
            continue
        days = (sampled - date.fromisoformat(start)).days
        if days <= 0:
            later.append(name)
        elif days < tables.change_days(key, name):
            settling.append(name)
    return tuple(later), tuple(settling)


def _since(verdict: LevelVerdict, effects: Sequence[str]) -> LevelVerdict:
    """Return what a level still says after drugs that change it were started.

    Their effect may not be full for weeks. One that was too high is not called settled, and one
    that was too low is lower still beside drugs that lower it.
    """
    if not effects or verdict not in READ or verdict is LevelVerdict.ABOVE:
        return verdict
    down = all(effect == LOWERS for effect in effects)
    return verdict if verdict is LevelVerdict.BELOW and down else LevelVerdict.BEFORE_DRUG


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


def low_now(
    tables: LevelTables, facts: PatientFacts, changing: Mapping[str, Mapping[str, str]]
) -> frozenset[str]:
    """Return the drugs that are taken, of which a level that counts lies below every range.

    Parameters
    ----------
    tables
        Ranges and kinetics.
    facts
        The patient.
    changing
        By drug, the others that are taken and change its level, each with its effect.
    """
    judged = assess_levels(tables, facts, changing)
    free = {x.drug for x in judged if x.level.part is LevelPart.FREE and x.verdict in _READ_FREE}
    return frozenset(
        one.drug
        for one in judged
        # A free level that is not low answers for a total one that is.
        if one.verdict is LevelVerdict.BELOW
        and (one.drug not in free or one.level.part is not LevelPart.TOTAL)
    )


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
            itself = level.part is LevelPart.TOTAL and tables.by_metabolite(drug)
            unknown = ("substance",) if itself else ()
            yield LevelAssessment(
                drug, item.known, level, mass, LevelVerdict.BELOW, below=below, unknown=unknown
            )


Sides = tuple[tuple[LevelRange, ...], tuple[LevelRange, ...], tuple[LevelRange, ...]]


def _sides(tables: LevelTables, key: Analyte, level: DrugLevel, mass: Decimal | None) -> Sides:
    """Return the ranges that a level lies below, within and above."""
    found: tuple[list[LevelRange], ...] = ([], [], [])
    for row in tables.ranges.get(key, ()):
        low, high = (tables.mass(Quantity(n, row.unit), key) for n in (row.lower, row.upper))
        # Molar and mass units compare only through a molar mass, which not every drug has.
        if mass is None or low is None or high is None:
            continue
        if tables.units.kind(level.quantity) is not tables.units.kind(Quantity(low, row.unit)):
            low = min(low, _plain_number(low))
        # "<2" lies below a range that begins at 2, whatever it is.
        if mass < low or (level.undetected and mass <= low):
            found[0].append(row)
        elif level.undetected:
            return (), (), ()  # it may lie anywhere below its limit of detection
        else:
            found[1 if mass <= high else 2].append(row)
    below, within, above = map(tuple, found)
    return below, within, above


def _plain_number(number: Decimal) -> Decimal:
    """Return a limit that was converted as exactly as tables give limits: 50.47 is meant as 50."""
    return round(number, 1 - number.adjusted())


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
    soon = days is not None and days < SETTLED_DAYS
    asked = {
        "steady": days is None,
        "kinetics": soon and kinetics is not None and kinetics.steady_state_days is None,
        "settling": soon and kinetics is None,
        "hours": level.hours_after_dose is None
        and (kinetics is None or kinetics.earliest_hours is not None),
    }
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
