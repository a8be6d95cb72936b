"""What the clinical entry says of medicines, as signs of the factors ask for it."""

from collections.abc import Collection, Iterable
from datetime import date

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import ClinicalEntry, DrugExposure, FailedDrug
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ChildDose, FactorCondition, TrialDose
from epilepsy_pgx.reference.units import units_of
from epilepsy_pgx.response.facts import named_drug
from epilepsy_pgx.response.levels import LevelTables
from epilepsy_pgx.response.trial_doubts import LOW_DOSES, LowestDoses, doubts, lowest_doses
from epilepsy_pgx.statement import Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import FailureReason

_RECENT_DAYS = 183
"""A product that is taken for longer explains no seizures of now; the number is ours."""
_TRIAL_DAYS = 91
"""A drug that is taken for longer may be a trial that fails; the number is ours."""
_CHANGED_DAYS = 28
"""Since a change of dose this many days show little of what it does; the number is ours."""
_FIRST, _ADDED, _CHANGED = "lately", "added_lately", "changed_lately"
_IN_VAIN = (FailureReason.LACK_OF_EFFECT, FailureReason.INADEQUATE_TRIAL)


@dataclass(frozen=True, slots=True)
class Found:
    """How a condition is met."""

    statements: tuple[Statement, ...] = ()
    values: tuple[Value, ...] = ()
    column: str = ""


@dataclass(frozen=True, slots=True)
class DoseLines:
    """The drugs taken of which a line says something that bears on a dose that looks low."""

    raised: Collection[str] = ()
    """Raised by another drug that is taken."""
    limited: Collection[str] = ()
    """Lowered, limited, held back or to be reviewed by a line on them."""
    measured: Collection[str] = ()
    """With a level that is not low."""


class Medicines:
    """What is asked of the medicines of an entry.

    Parameters
    ----------
    ref
        The data package.
    antiseizure
        The anti-seizure drugs.
    """

    def __init__(self, ref: Reference, antiseizure: Collection[str]) -> None:
        self._antiseizure = frozenset(antiseizure)
        levels = LevelTables(ref)
        self._measured = {
            drug
            for drug, part in levels.ranges
            if (kinetics := levels.kinetics.get((drug, part))) is None or kinetics.tracks_effect
        }
        self._units = units_of(ref)
        self._doses = {r.drug: r.lowest_mg_per_day for r in ref.rows(TrialDose) if r.verified}
        self._weighed = {r.drug: r.lowest_mg_per_kg_day for r in ref.rows(ChildDose) if r.verified}

    def ask(
        self, row: FactorCondition, entry: ClinicalEntry, lines: "DoseLines | None" = None
    ) -> Found | None:
        """Return what the entry says of what a condition asks for; None if it is not met.

        Parameters
        ----------
        lines
            What the lines of the drugs taken say that bears on their dose.
        """
        lines = DoseLines() if lines is None else lines
        items = entry.current or ()
        match row.subject[0]:
            case "list":
                return Found(column="current_drugs") if entry.current is None else None
            case "untried":
                return self._untried(row.value, entry)
            case "highest_level":
                in_vain = (d for d in entry.failed or () if d.reason is _IN_VAIN[0])
                lacking = (named_drug(d) for d in in_vain if d.highest_level is None)
                return _named((d for d in lacking if d in self._measured), "failed_drugs")
            case "trial":
                return self._trials(row.value, entry)
            case "level":
                drugs = (named_drug(d) for d in items if not d.levels and not self._new(d, entry))
                return _named(d for d in drugs if d in self._measured)
            case "dose":
                doses = self._doses_of(entry)
                low = (d for d in items if self._low(d, doses))
                return self._of(d for d in low if _kind_of_low(d, entry, lines) in row.value)
            case "product":
                return self._of(d for d in items if _changed(d, entry.entry_date))
            case "started":
                return self._lately(row.value, entry)
            case "reaction":
                return self._of(d for d in items if d.reaction)
            case subject:
                return self._of(d for d in items if getattr(d, subject) in row.value)

    def _lately(self, wanted: Collection[str], entry: ClinicalEntry) -> Found | None:
        """Ask for drugs that are taken for so short that nothing of them is to be judged.

        First drugs, before which none is known to have failed, those that were added later, or
        those whose dose was changed.
        """
        items = [d for d in entry.current or () if named_drug(d) in self._antiseizure]
        if _CHANGED in wanted:
            return _named(named_drug(d) for d in items if just_changed(d, entry))
        first = too_early(items, entry) and not entry.failed
        if (_FIRST if first else _ADDED) not in wanted:
            return None
        return _named(named_drug(d) for d in items if too_early((d,), entry))

    def _of(self, items: Iterable[DrugExposure]) -> Found | None:
        """Return the anti-seizure drugs among some medicines that are taken."""
        return _named(d for d in map(named_drug, items) if d in self._antiseizure)

    def _doses_of(self, entry: ClinicalEntry) -> LowestDoses:
        """Return the lowest doses; those of children go by weight."""
        return lowest_doses(entry, self._doses, self._weighed)

    def _low(self, item: DrugExposure, doses: LowestDoses) -> bool:
        trial = FailedDrug(item.drug, True, _IN_VAIN[0], highest_dose=item.daily_dose)
        said = doubts(trial, self._units, (), doses)
        return item.known and any(doubt.text_id in LOW_DOSES for doubt in said)

    def _new(self, item: DrugExposure, entry: ClinicalEntry) -> bool:
        """Say whether a drug is built up: its level decides nothing yet, unless there are signs."""
        signs = entry.signs or any(taken.reaction for taken in entry.current or ())
        early = too_early((item,), entry) and not signs
        return early and self._low(item, self._doses_of(entry))

    def _trials(self, wanted: Collection[str], entry: ClinicalEntry) -> Found | None:
        """Ask for drugs that were given up in vain, in too low a dose or too soon."""
        doses = self._doses_of(entry)
        drugs = (
            named_drug(item)
            for item in entry.failed or ()
            if item.reason in _IN_VAIN
            and any(d.text_id in wanted for d in doubts(item, self._units, (), doses))
        )
        return _named((d for d in drugs if d in self._antiseizure), "failed_drugs")

    def _untried(self, drugs: Collection[str], entry: ClinicalEntry) -> Found | None:
        """Ask whether none of some drugs was tried; without both lists nobody knows."""
        if entry.current is None or entry.failed is None:
            return None
        return None if any(was_tried(drug, entry) for drug in drugs) else Found()


def too_early(items: Collection[DrugExposure], entry: ClinicalEntry) -> bool:
    """Say whether each of some drugs is known to be taken for less than three months."""
    if entry.entry_date is None or not items:
        return False
    now = date.fromisoformat(entry.entry_date)
    return all(
        item.start is not None and (now - date.fromisoformat(item.start)).days < _TRIAL_DAYS
        for item in items
    )


def just_changed(item: DrugExposure, entry: ClinicalEntry) -> bool:
    """Say whether the dose of a drug that is taken for long was changed some days ago."""
    since = item.dose_since
    if since is None or entry.entry_date is None or too_early((item,), entry):
        return False
    if item.start is not None and since <= item.start:
        return False
    days = (date.fromisoformat(entry.entry_date) - date.fromisoformat(since)).days
    return days < _CHANGED_DAYS


def _kind_of_low(item: DrugExposure, entry: ClinicalEntry, lines: DoseLines) -> str:
    """Say what a dose below the usual one shows: only a settled one is a low dose.

    Where a line on the drug lowers, limits or reviews its dose, the dose is the one of that line,
    and a level that is not low speaks for itself. A dose is built up over weeks, and a drug that
    another one raises needs less of itself.
    """
    drug = named_drug(item)
    if drug in lines.limited:
        return "low_limited"
    if drug in lines.measured:
        return "low_measured"
    if too_early((item,), entry):
        return "low_lately"
    if just_changed(item, entry):
        return "low_changed"
    if drug in lines.raised:
        return "low_raised"
    return "low" if item.start and entry.entry_date else "low_undated"


def was_tried(drug: str, entry: ClinicalEntry) -> bool:
    """Say whether a drug is taken, or was given up after a trial that may have been adequate."""
    taken = (named_drug(item) for item in entry.current or ())
    given_up = (
        named_drug(item)
        for item in entry.failed or ()
        if item.reason is not FailureReason.INADEQUATE_TRIAL and item.adequate is not False
    )
    return drug in taken or drug in given_up


def _named(drugs: Iterable[str], column: str = "current_drugs") -> Found | None:
    found = tuple(dict.fromkeys(drugs))
    value = Value("drugs", found, ValueKind.DRUG)
    return Found(values=(value,), column=column) if found else None


def _changed(item: DrugExposure, entered: str | None) -> bool:
    """Say whether another product of a drug is taken since some months; its first is no change."""
    since = item.product_since
    if since is None or (item.start is not None and since <= item.start):
        return False
    if entered is None:
        return True
    return (date.fromisoformat(entered) - date.fromisoformat(since)).days <= _RECENT_DAYS
