"""What the clinical entry leaves open, and each way in which it may be answered.

The columns are those that `ClinicalEntry` declares and the answers those that its rules can tell
apart, so that a column that is added is asked for as soon as a rule uses it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, get_type_hints

from epilepsy_pgx.clinical_entry import (
    COLUMNS,
    SINCE_ONSET,
    ClinicalEntry,
    Column,
    DrugExposure,
    DrugLevel,
    FailedDrug,
    Quantity,
    may_conceive,
)
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.intake.clinical import check_entry
from epilepsy_pgx.reference.conditions.reasons import text_value
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.reference.rows.words import Place
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import REACTIONS, PatientFacts, with_entry
from epilepsy_pgx.response.levels import TOXICITY, LevelTables, assess_levels
from epilepsy_pgx.response.open_results import Lists, OpenItem
from epilepsy_pgx.response.outcomes import outcome_of
from epilepsy_pgx.response.resistance import AGGRAVATION
from epilepsy_pgx.statement import Value, ValueKind
from epilepsy_pgx.vocabulary import FailureReason, LevelPart, LevelVerdict, Outcome

_TYPES = get_type_hints(ClinicalEntry)
_SOME_DAY = "2026-01-01"
_YEAR = 12
"""Months."""
_OF_PREGNANCY = ("pregnant", "pregnancy_potential")
_RECENT, _LONG = timedelta(days=7), timedelta(days=730)
_STOPPED = (FailureReason.LACK_OF_EFFECT, FailureReason.SIDE_EFFECT, FailureReason.RASH, *REACTIONS)


class OpenEntry:
    """What of the clinical entry is open.

    Parameters
    ----------
    engine
        The rules.
    asked
        Their conditions.
    again
        By column, words that leave it open.
    """

    def __init__(
        self,
        engine: ResponseEngine,
        asked: Iterable[RuleCondition],
        again: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        self._again = again
        self._drugs = tuple(info.drug for info in engine.drugs)
        rows: dict[str, list[RuleCondition]] = {}
        for row in asked:
            if row.kind == "clinical" and row.operator != "missing":
                rows.setdefault(row.about, []).append(row)
        self._columns = tuple(
            (column, _answers(column, rows.get(column.subject, ())))
            for column in COLUMNS
            if column.asked
        )
        self._since = sorted({Decimal(v) for row in rows.get(SINCE_ONSET, ()) for v in row.value})
        self._tables = engine.levels
        self._fire = engine.rules.fire
        self._quantities = _quantities(engine.levels)
        self._free = _quantities(engine.levels, LevelPart.FREE)
        self._days = tuple(
            column for column in COLUMNS if _is_day(column) and column.attribute != "entry_date"
        )

    def of(self, facts: PatientFacts) -> Iterator[OpenItem]:
        """Yield what of a patient's clinical entry is open."""
        entry = facts.clinical
        day = entry.entry_date or _SOME_DAY
        days = tuple(_before(day, time) for time in (_RECENT, _LONG))
        # Where the entry contradicts itself, what is entered is asked for again.
        contradicted = outcome_of(entry, self._tables.units) is Outcome.CONTRADICTED
        doubted = ("last_seizure",) if contradicted else ()
        for column, own in (*self._columns, *((column, days) for column in self._days)):
            known = getattr(entry, column.attribute)
            answers = (*own, *_since_onset(entry, column.attribute, self._since))
            again = known in self._again.get(column.subject, ()) or column.attribute in doubted
            if again or known in (None, ()):
                # Several words are answered by a tuple of them.
                ways = tuple((word,) for word in answers) if known == () else answers
                yield OpenItem(
                    "field",
                    column.subject,
                    partial(_answered, facts, column.attribute, ways),
                    text_value("subject", "clinical", column.subject),
                    place=Place.FIRST if again else None,
                )
        yield from self._lists(facts)
        yield from self._levels(facts)
        yield from self._free_levels(facts)
        yield from _starts(facts)
        yield from _trials(facts)
        yield from _in_use(facts)

    def _lists(self, facts: PatientFacts) -> Iterator[OpenItem]:
        entry = facts.clinical
        if entry.current is None:
            ways = ((), *((DrugExposure(d, True, entered=d),) for d in self._drugs))
            yield OpenItem(
                "list",
                "current",
                lambda: (with_entry(facts, replace(entry, current=way)) for way in ways),
                text_value("subject", "clinical", "current"),
                lists=Lists.CURRENT,
            )
        if entry.failed is None:
            yield OpenItem(
                "list",
                "failed",
                lambda: (with_entry(facts, replace(entry, failed=way)) for way in self._given_up()),
                text_value("subject", "clinical", "failed"),
                lists=Lists.FAILED,
            )

    def _levels(self, facts: PatientFacts) -> Iterator[OpenItem]:
        """Yield drugs that are taken without a level, of which a range or a limit is known."""
        taken = facts.clinical.current or ()
        worsening = self._worsening(facts) if taken else frozenset()
        for item in taken:
            found = self._quantities.get(item.drug)
            # Nobody raises a drug that worsens the seizures: its level shows no cause of failure.
            if item.drug in worsening:
                continue
            if item.known and not item.levels and found:
                yield OpenItem(
                    "level",
                    item.drug,
                    partial(_measured, facts, item, found),
                    Value("subject", (item.drug,), ValueKind.DRUG),
                )

    def _worsening(self, facts: PatientFacts) -> frozenset[str]:
        """Return the drugs that may worsen the seizures; none where one may be toxic."""
        entered = [*facts.signs, *(w for x in facts.clinical.current or () for w in x.reaction)]
        if any(TOXICITY in facts.effects.get(sign, ()) for sign in entered):
            return frozenset()
        hits = self._fire(facts)
        return frozenset(
            hit.rule.subject
            for hit in hits
            if hit.rule.effect == AGGRAVATION and not hit.statement.conditional
        )

    def _free_levels(self, facts: PatientFacts) -> Iterator[OpenItem]:
        """Yield drugs whose total level cannot be read without the free one."""
        asked = {
            one.drug
            for one in assess_levels(self._tables, facts)
            if (one.verdict is LevelVerdict.FREE_CHANGED or one.free_higher) and not one.free_given
        }
        for item in facts.clinical.current or ():
            if item.known and item.drug in asked & self._free.keys():
                yield OpenItem(
                    "free_level",
                    item.drug,
                    partial(_measured, facts, item, self._free[item.drug], LevelPart.FREE),
                    Value("subject", (item.drug,), ValueKind.DRUG),
                )

    def _given_up(self) -> Iterator[tuple[FailedDrug, ...]]:
        """Yield lists of drugs that were given up: none, two in vain, and each for all reasons."""
        yield ()
        yield tuple(_failed(drug, FailureReason.LACK_OF_EFFECT) for drug in self._drugs[:2])
        for drug in self._drugs:
            yield tuple(_failed(drug, reason) for reason in _STOPPED)


def _failed(drug: str, reason: FailureReason) -> FailedDrug:
    return FailedDrug(drug, True, reason, drug, adequate=True)


def _answered(
    facts: PatientFacts, attribute: str, answers: Iterable[object]
) -> Iterator[PatientFacts]:
    """Yield the patient with each answer that may be: one that a sheet would take, at this age."""
    for answer in answers:
        if answer is True and attribute in _OF_PREGNANCY and not may_conceive(facts.clinical):
            continue
        changed: dict[str, Any] = {attribute: answer}
        entry = replace(facts.clinical, **changed)
        if not check_entry(entry, file="", line=0):
            yield facts.changed(clinical=entry)


def _answers(column: Column, rows: Iterable[RuleCondition]) -> tuple[object, ...]:
    """Return one answer for each that the rules can tell apart."""
    if column.choices:
        return tuple(answer for _, answer in column.choices)
    if column.limits:
        # A number on each bound of a rule, and one between each two.
        bounds = sorted({*column.limits, *(Decimal(v) for row in rows for v in row.value)})
        between = [(low + high) / 2 for low, high in zip(bounds, bounds[1:], strict=False)]
        return tuple(sorted({*bounds, *between}))
    return tuple(sorted({word for row in rows for word in row.value}))


def _since_onset(
    entry: ClinicalEntry, attribute: str, bounds: Iterable[Decimal]
) -> Iterator[Decimal]:
    """Yield ages, or ages at onset, with which the seizures began as long ago as rules ask."""
    if attribute == "onset_months" and entry.age_years is not None:
        now = entry.age_years * _YEAR
        yield from (now - bound for bound in bounds if bound <= now)
    if attribute == "age_years" and entry.onset_months is not None:
        yield from ((entry.onset_months + bound) / _YEAR for bound in bounds)


def _is_day(column: Column) -> bool:
    """Say whether a column holds a date: text that is no word of a table."""
    return _TYPES[column.attribute] == str | None and not column.table


def _starts(facts: PatientFacts) -> Iterator[OpenItem]:
    """Yield drugs that are taken since nobody said when."""
    entry = facts.clinical
    taken = entry.current or ()
    day = entry.entry_date or max((d.start for d in taken if d.start), default=_SOME_DAY)
    for item in taken:
        if not item.known or (item.start is not None and entry.entry_date is not None):
            continue
        yield OpenItem(
            "start",
            item.drug,
            partial(_started, facts, item, day),
            Value("subject", (item.drug,), ValueKind.DRUG),
            lists=Lists.CURRENT,
        )


def _started(facts: PatientFacts, item: DrugExposure, day: str) -> Iterator[PatientFacts]:
    """Yield the patient who takes a drug since a few days, or for long."""
    for time in (_RECENT, _LONG):
        told = replace(item, start=_before(day, time))
        taken = tuple(told if d == item else d for d in facts.clinical.current or ())
        yield with_entry(facts, replace(facts.clinical, entry_date=day, current=taken))


def _quantities(
    tables: LevelTables, wanted: LevelPart = LevelPart.TOTAL
) -> dict[str, tuple[Quantity, ...]]:
    """Return levels below, within and above each range of a drug, and at its limit."""
    found: dict[str, list[Quantity]] = {}
    for (drug, part), rows in tables.ranges.items():
        for row in rows if part is wanted else ():
            numbers = (row.lower / 2, (row.lower + row.upper) / 2, row.upper * 2)
            found.setdefault(drug, []).extend(Quantity(n, row.unit) for n in numbers)
    for (drug, part), alert in tables.alerts.items():
        if part is wanted:
            found.setdefault(drug, []).append(Quantity(alert.limit, alert.unit))
    return {drug: tuple(quantities) for drug, quantities in found.items()}


def _measured(
    facts: PatientFacts,
    item: DrugExposure,
    quantities: Iterable[Quantity],
    part: LevelPart = LevelPart.TOTAL,
) -> Iterator[PatientFacts]:
    """Yield the patient with each level of a drug, sampled on the day of the entry."""
    for quantity in quantities:
        level = DrugLevel(part, quantity, date=facts.clinical.entry_date)
        kept = tuple(known for known in item.levels if known.part is not part)
        told = replace(item, levels=(*kept, level))
        taken = tuple(told if d == item else d for d in facts.clinical.current or ())
        yield with_entry(facts, replace(facts.clinical, current=taken))


def _before(day: str, time: timedelta) -> str:
    return (date.fromisoformat(day) - time).isoformat()


def _trials(facts: PatientFacts) -> Iterator[OpenItem]:
    """Yield drugs that were given up, of which it is open why, or whether the trial was fair."""
    entry = facts.clinical
    failed = entry.failed or ()
    for item in failed:
        if not item.known:
            continue
        if item.reason is FailureReason.UNKNOWN:
            kind, ways = "reason", [_told(item, reason) for reason in _STOPPED]
        elif item.adequate is None and item.reason is FailureReason.LACK_OF_EFFECT:
            kind, ways = "adequate", [replace(item, adequate=answer) for answer in (True, False)]
        else:
            continue
        yield OpenItem(
            kind,
            item.drug,
            partial(_tried, facts, item, ways),
            Value("subject", (item.drug,), ValueKind.DRUG),
            lists=Lists.FAILED,
        )


def _in_use(facts: PatientFacts) -> Iterator[OpenItem]:
    """Yield drugs that are taken, of which it is open whether they are a fair trial."""
    asked = {item.drug for item in facts.clinical.failed or ()}
    for item in facts.clinical.current or ():
        if item.known and item.adequate is None and item.drug not in asked:
            yield OpenItem(
                "adequate",
                item.drug,
                partial(_judged, facts, item),
                Value("subject", (item.drug,), ValueKind.DRUG),
                lists=Lists.CURRENT,
            )


def _judged(facts: PatientFacts, item: DrugExposure) -> Iterator[PatientFacts]:
    for answer in (True, False):
        told = replace(item, adequate=answer)
        taken = tuple(told if d == item else d for d in facts.clinical.current or ())
        yield with_entry(facts, replace(facts.clinical, current=taken))


def _tried(
    facts: PatientFacts, item: FailedDrug, ways: Iterable[FailedDrug]
) -> Iterator[PatientFacts]:
    for way in ways:
        failed = tuple(way if d is item else d for d in facts.clinical.failed or ())
        yield with_entry(facts, replace(facts.clinical, failed=failed))


def _told(item: FailedDrug, reason: FailureReason) -> FailedDrug:
    return replace(item, reason=reason, adequate=item.adequate is not False)
