"""A clinical entry that meets conditions of a rule, made of the words of the conditions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta
from decimal import Decimal

from epilepsy_pgx.clinical_entry import (
    SINCE_ONSET,
    SUBJECTS,
    ClinicalEntry,
    DrugExposure,
    FailedDrug,
    PlannedDrug,
    Quantity,
)
from epilepsy_pgx.errors import TableError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.reference.conditions.base import SELF, Groups, members
from epilepsy_pgx.reference.conditions.kinds.computed import RECENT_SEIZURE, SEIZURE_FREE, TREATED
from epilepsy_pgx.reference.conditions.kinds.course import LATER, TIMES
from epilepsy_pgx.reference.conditions.kinds.exposure import PLANNED
from epilepsy_pgx.reference.conditions.kinds.given import ROUTE
from epilepsy_pgx.reference.conditions.kinds.medication import STOPPED
from epilepsy_pgx.reference.conditions.numbers import number_test
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.reference.texts import ANTISEIZURE
from epilepsy_pgx.vocabulary import Exposure, FailureReason

_TODAY, _LAST_WEEK, _LONG_AGO = "2026-03-31", "2026-03-24", "2020-01-01"
_CHILDBEARING = {
    "yes": ("pregnancy_potential", "yes"),
    "no": ("pregnancy_potential", "no"),
    "possible": ("sex", "female"),
}
_STARTS = {
    Exposure.TAKING_EARLY: _LAST_WEEK,
    Exposure.TAKING_TOLERATED: _LONG_AGO,
    Exposure.TAKING_UNKNOWN: None,
}
_STEP = Decimal("0.5")
_ADULT, _YEAR = "30", 12
"""Years of a witness whose age no condition gives; months of a year."""


@dataclass(slots=True)
class Entry:
    """A clinical entry while it is made for one drug."""

    drug: str
    groups: Groups
    row: dict[str, str] = field(default_factory=dict)
    current: dict[str, DrugExposure] = field(default_factory=dict)
    failed: list[FailedDrug] = field(default_factory=list)
    planned: list[PlannedDrug] = field(default_factory=list)
    lists: dict[str, bool] = field(default_factory=dict)
    """Whether a list of drugs is given, even an empty one."""

    def meet(self, rows: Sequence[RuleCondition]) -> None:
        """Take in all conditions that ask for the entry."""
        for row in rows:
            self._meet(row)
        self._meet_numbers([r for r in rows if r.kind == "clinical"])
        self._meet_course([r for r in rows if r.kind == "course"])
        for row in rows:
            if row.kind == "regimen":
                self._fill(row)

    def _meet(self, row: RuleCondition) -> None:
        match row.kind:
            case "clinical":
                self._word(row)
            case "medication":
                others = sorted(members(row.subject, self.groups) - {self.drug})[:1]
                if row.operator == PLANNED:
                    self.planned += [PlannedDrug(name, True, entered=name) for name in others]
                elif row.operator == STOPPED:
                    self._give_up(others, FailureReason.LACK_OF_EFFECT, stop=_LAST_WEEK)
                else:
                    self.take(others)
            case "history":
                own = row.about == SELF
                names = [self.drug] if own else sorted(members(row.subject, self.groups))
                self._give_up(names[:1], FailureReason(row.value[0]))
            case "reaction":
                own = row.about == SELF
                names = sorted(members(row.subject, self.groups) - {self.drug, SELF})
                self.take([self.drug] if own else names[:1], reaction=row.value[:1])
            case "exposure":
                self._expose(row.value[0])
            case "computed":
                self._compute(row)
            case "given":
                self._give(row)

    def _word(self, row: RuleCondition) -> None:
        subject = row.about
        if row.operator in ("missing", "other_than"):
            return
        if subject not in SUBJECTS or SUBJECTS[subject].limits:
            return
        if subject == "childbearing":
            column, word = _CHILDBEARING.get(row.value[0], ("", ""))
        else:
            column, word = SUBJECTS[subject].name, row.value[0]
        if not column:
            return
        several = SUBJECTS[subject].table if subject in SUBJECTS else ""
        earlier = self.row.get(column)
        self.row[column] = f"{earlier}|{word}" if several and earlier else word

    def _meet_numbers(self, rows: Iterable[RuleCondition]) -> None:
        asked: dict[str, list[RuleCondition]] = {}
        for row in rows:
            if row.operator != "missing" and row.about in SUBJECTS and SUBJECTS[row.about].limits:
                asked.setdefault(row.about, []).append(row)
        for subject, conditions in asked.items():
            bounds = {Decimal(v) for c in conditions for v in c.value}
            low, high = SUBJECTS[subject].limits or (Decimal(0), Decimal(0))
            # Between two bounds lies one of them, a step beyond one, or the half of one.
            tried = {low, high, *bounds, *(b + _STEP for b in bounds), *(b / 2 for b in bounds)}
            tests = [number_test(c) for c in conditions]
            for number in sorted(n for n in tried if low <= n <= high):
                if all(test(number) for test in tests):
                    self.row[SUBJECTS[subject].name] = f"{number:f}"
                    break
        if (since := self.row.pop(SINCE_ONSET, None)) is not None:
            months = Decimal(self.row.setdefault("age_years", _ADULT)) * _YEAR - Decimal(since)
            self.row["onset_months"] = f"{max(months, Decimal(0)):f}"

    def _meet_course(self, rows: Sequence[RuleCondition]) -> None:
        """Take the drug at a dose, and since a day, that meet all that is asked."""
        for subject in dict.fromkeys(r.about for r in rows):
            bounds = {Decimal(v) for r in rows for v in r.value if r.about == subject}
            tests = [number_test(r) for r in rows if r.about == subject]
            tried = sorted({*bounds, *(b * 2 for b in bounds), *(b / 2 for b in bounds)})
            number = next((n for n in tried if all(test(n) for test in tests)), None)
            if number is None:
                continue
            others = sorted(self.groups.get(ANTISEIZURE, frozenset()) - {self.drug})
            name = others[0] if subject == LATER else self.drug
            self.take([name])
            taken = self.current[name]
            if subject in TIMES:
                start = date.fromisoformat(_TODAY) - timedelta(days=int(number))
                self.current[name] = replace(taken, start=start.isoformat())
            else:
                self.current[self.drug] = replace(taken, daily_dose=Quantity(number, subject))

    def take(self, names: Iterable[str], reaction: tuple[str, ...] = ()) -> None:
        """Put drugs on the medication list."""
        self.lists["current"] = True
        for name in names:
            earlier = self.current.get(name)
            start = earlier.start if earlier else _LAST_WEEK
            signs = reaction or (earlier.reaction if earlier else ())
            self.current[name] = replace(
                earlier or DrugExposure(name, True, entered=name), start=start, reaction=signs
            )

    def _give_up(
        self,
        names: Sequence[str],
        reason: FailureReason,
        adequate: bool = True,
        stop: str | None = None,
    ) -> None:
        self.lists["failed"] = True
        self.failed += [FailedDrug(n, True, reason, n, adequate=adequate, stop=stop) for n in names]

    def _expose(self, word: str) -> None:
        if word == PLANNED:
            self.planned.append(PlannedDrug(self.drug, True, entered=self.drug))
            return
        exposure = Exposure(word)
        if exposure in _STARTS:
            self.take([self.drug])
            self.current[self.drug] = replace(self.current[self.drug], start=_STARTS[exposure])
        elif exposure is Exposure.STOPPED:
            self._give_up([self.drug], FailureReason.LACK_OF_EFFECT)
        elif exposure is Exposure.REACTION:
            self._give_up([self.drug], FailureReason.SEVERE_SKIN)

    def _give(self, row: RuleCondition) -> None:
        """Take the drug in such a way, or form."""
        self.take([self.drug])
        taken, word = self.current[self.drug], row.value[0]
        self.current[self.drug] = (
            replace(taken, route=word) if row.about == ROUTE else replace(taken, formulation=word)
        )

    def _compute(self, row: RuleCondition) -> None:
        if row.about == RECENT_SEIZURE:
            self.row["last_seizure"] = _LAST_WEEK
            return
        if row.about == SEIZURE_FREE:
            if row.value[0] == "yes":
                self.row.setdefault("last_seizure", _LONG_AGO)
            return
        if row.about == TREATED:
            if row.value[0] == "no":
                self.lists["current"] = True
            return
        if row.about != "resistance":
            self.take([self.drug])
            self._give_up([self.drug], FailureReason.RASH)
            return
        tried = sorted(self.groups.get(ANTISEIZURE, frozenset()) - {self.drug})
        match row.value[0]:
            case "drug_resistant":
                self.row.setdefault("seizures_per_month", "1")
                self._give_up(tried[:2], FailureReason.LACK_OF_EFFECT)
            case "undetermined":
                self._give_up(tried[:1], FailureReason.LACK_OF_EFFECT)
            case "not_shown":
                self.lists["failed"] = True

    def _fill(self, row: RuleCondition) -> None:
        """List so many drugs that a number of them is met."""
        try:
            test = number_test(row)
        except TableError:
            return
        counted = sorted(self.groups.get(ANTISEIZURE, frozenset()))
        self.lists[row.about] = True
        listed = (
            set(self.current) if row.about == "current" else {f.drug for f in self.failed}
        ) & set(counted)
        for name in [None, *(n for n in counted if n not in listed)]:
            if name is not None:
                listed.add(name)
                if row.about == "current":
                    self.take([name])
                else:
                    self._give_up([name], FailureReason.LACK_OF_EFFECT)
            if test(Decimal(len(listed))):
                return

    def finish(self, ref: Reference) -> ClinicalEntry | None:
        """Return the entry as it is read from a sheet; None if the sheet would be refused."""
        cells: Mapping[str, str | None] = {"entry_date": _TODAY, **self.row}
        entry, wrong = parse_clinical(dict(cells), ref, file=".", line=0)
        if wrong:
            return None
        return replace(
            entry,
            current=tuple(self.current.values()) if self.lists.get("current") else None,
            failed=tuple(self.failed) if self.lists.get("failed") else None,
            planned=tuple(self.planned) or None,
        )
