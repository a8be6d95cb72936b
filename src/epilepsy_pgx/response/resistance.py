"""Drug resistance as the clinical entry lets it be counted, and what may explain a failure.

The definition is that of the International League Against Epilepsy of 2010: failure of adequate
trials of two tolerated, appropriately chosen and used drugs to achieve sustained seizure
freedom. A trial counts here only if the entry says that it was adequate and failed for lack of
effect, and if no rule finds the drug a poor choice for this patient. Seizures must go on
(`outcomes`). A drug that is taken now counts only if the entry calls it adequate; where that would
decide, the line names it, and of each the line says what is known of its dose. What the entry says
of dose, duration and level comes before its word that a trial was adequate, and while the
diagnosis is in doubt nothing is met.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.model import ClinicalEntry, DrugExposure, FailedDrug
from epilepsy_pgx.reference.conditions.base import Groups
from epilepsy_pgx.reference.conditions.kinds.computed import SEIZURE_FREE, TREATED
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ChildDose, Drug, Syndrome, TrialDose
from epilepsy_pgx.reference.units import Units
from epilepsy_pgx.response.facts import named_drug
from epilepsy_pgx.response.levels import LevelTables
from epilepsy_pgx.response.outcomes import months_free, outcome_of
from epilepsy_pgx.response.resistance_brakes import Brakes, brakes
from epilepsy_pgx.response.rules import Fired, Rule
from epilepsy_pgx.response.trial_doubts import (
    NOTHING_NOW,
    LowestDoses,
    LowNow,
    doubts,
    doubts_now,
    earliest_onset,
    lowest_doses,
    not_shown,
)
from epilepsy_pgx.statement import Message, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import (
    FailureReason,
    LevelPart,
    Outcome,
    Resistance,
    Response,
    Tier,
    TrialUse,
)

AGGRAVATION = "aggravation"
TAKEN = "context-resistance-taken"
"""Said where drugs that are taken now would decide."""
GIVEN_UP = "context-resistance-failed"
"""Said where drugs that were given up would decide."""
RESCUE = "rescue"
"""The group of drugs that are given to end a seizure."""
PATIENT = "context-resistance:patient"
"""The statement on drug resistance."""
FAMILY = {status: f"context-resistance-{status.replace('_', '-')}" for status in Resistance}
"""What is said of each status."""
FREE = {
    Outcome.FREE: "context-resistance-free",
    Outcome.NO_INTERVAL: "context-resistance-free-open",
}
"""Said where no seizure came for a year, by whether the longest interval before is known."""
AGGRAVATED = {
    Resistance.NOT_SHOWN: "context-resistance-aggravated",
    Resistance.UNDETERMINED: "context-resistance-aggravated-open",
}
"""Said where trials do not count because the drug can worsen the epilepsy."""
VERDICTS = {
    **{text: status for status, text in (*FAMILY.items(), *AGGRAVATED.items())},
    TAKEN: Resistance.UNDETERMINED,
    GIVEN_UP: Resistance.UNDETERMINED,
    FREE[Outcome.FREE]: Resistance.NOT_SHOWN,
    FREE[Outcome.NO_INTERVAL]: Resistance.UNDETERMINED,
}
"""Every text that a statement on drug resistance may have, with what it says."""
_MONTHS = 3
"""A drug that is taken for longer may be a trial that fails; no source sets a number."""
NEEDED = 2
"""Adequate trials that fail, by the definition."""
_YEAR = Decimal("365.25")
_DOUBTED = "doubted"
_NONE = "none"
_COUNTED = (TrialUse.COUNTED, TrialUse.COUNTED_TAKEN)
_OPEN = (
    TrialUse.ADEQUACY_UNKNOWN,
    TrialUse.CONTRADICTED,
    TrialUse.REASON_UNKNOWN,
    TrialUse.NAME_UNKNOWN,
    TrialUse.INTOLERANCE,
    TrialUse.INTOLERANCE_ADEQUATE,
    TrialUse.RESCUE,
)
"""Trials that might count if more were known of them."""
_INTOLERANCE = (
    FailureReason.SIDE_EFFECT,
    FailureReason.RASH,
    FailureReason.SEVERE_SKIN,
    FailureReason.LIVER,
    FailureReason.PANCREATITIS,
)


@dataclass(frozen=True, slots=True)
class Trial:
    """A failed trial of a drug, and what it counts for."""

    drug: str
    use: TrialUse
    against: tuple[Message, ...] = ()
    """What contradicts that it was adequate."""


@dataclass(frozen=True, slots=True)
class TrialTables:
    """What the tables know of the drugs of trials."""

    drugs: Collection[str] | None = None
    """The anti-seizure drugs; None if every drug counts as one."""
    forms: Mapping[str, str] = field(default_factory=dict)
    """What a drug is turned into, or measured as, where that is another name than its own."""
    rescue: Collection[str] = ()
    """Drugs that are given to end a seizure."""
    doses: Mapping[str, Decimal] = field(default_factory=dict)
    """The dose of a day, in mg, below which a trial in an adult is asked about."""
    by_weight: Mapping[str, Decimal] = field(default_factory=dict)
    """The same of children, in mg per kilogram."""
    treating: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By syndrome, medicines that treat its seizures and are no anti-seizure drugs."""

    settle: Mapping[str, str] = field(default_factory=dict)
    """By syndrome, the text on what is settled before drug resistance is taken as met."""

    def of(self, syndromes: Collection[str]) -> "TrialTables":
        """Return the tables for a patient: hormones count as trials where they treat seizures."""
        more = {drug for word in syndromes for drug in self.treating.get(word, ())}
        if self.drugs is None or not more:
            return self
        return replace(self, drugs={*self.drugs, *more})


_NO_TABLES = TrialTables()


@dataclass(frozen=True, slots=True)
class Trials:
    """The failed trials, each with what it counts for, and whether the seizures go on."""

    trials: tuple[Trial, ...]
    given: bool
    outcome: Outcome
    taken: tuple[str, ...] = ()
    """Drugs taken now, for months, that may be trials that fail: their adequacy is not entered."""
    affected: bool = True
    """False if the entry says that the person has no seizures, and none speaks against it."""
    doubted: bool = False
    """True if the entry says that the diagnosis is in doubt."""
    brakes: Brakes = Brakes()
    """What is settled before drug resistance is taken as met."""
    free_months: int | None = None
    """Months without a seizure, if they are twelve or more."""
    taken_now: tuple[str, ...] | None = None
    """The anti-seizure drugs that are taken; None if no list was given."""
    treated: bool = True
    """False if no anti-seizure drug is taken, and none is entered that was given up."""
    beside: tuple[str, ...] | None = None
    """Earlier surgery, stimulators and diets, as they are entered; None if one of them is not."""

    def of(self, *uses: TrialUse) -> tuple[str, ...]:
        """Return the drugs of the trials that count for one of some things, each once."""
        return tuple(dict.fromkeys(t.drug for t in self.trials if t.use in uses))

    @property
    def counted(self) -> tuple[str, ...]:
        """The drugs whose trials count."""
        return self.of(*_COUNTED)

    @property
    def words(self) -> Mapping[str, str]:
        """What rules may ask of the trials."""
        free = "no" if self.free_months is None else "yes"
        treated = "yes" if self.treated else "no"
        return {"resistance": self.status, SEIZURE_FREE: free, TREATED: treated}

    @property
    def aggravated(self) -> tuple[str, ...]:
        """The drugs that a rule finds may worsen the seizures: their trials do not count."""
        return self.of(TrialUse.AGGRAVATES)

    @property
    def open(self) -> tuple[str, ...]:
        """The drugs taken now with which the definition may be met while the seizures go on."""
        met = len(self.counted) >= NEEDED
        enough = len(self.counted) + len(self.taken) >= NEEDED
        return self.taken if enough and not met and self.outcome is Outcome.ONGOING else ()

    @property
    def unjudged(self) -> tuple[str, ...]:
        """The drugs given up in vain, of unknown adequacy, with which it may be met."""
        failed = self.of(TrialUse.ADEQUACY_UNKNOWN)
        known = len(self.counted)
        asked = known < NEEDED <= known + len(failed) and not self.open and not self.aggravated
        return failed if asked and self.outcome is Outcome.ONGOING and self.affected else ()

    @property
    def status(self) -> Resistance:
        """How far the entry shows drug resistance."""
        if self.outcome is Outcome.FREE or not self.affected:
            return Resistance.NOT_SHOWN
        # A list that is missing can only add trials to those of drugs that are taken.
        # One that fails in use is named without them.
        if not self.given and not self.counted:
            return Resistance.NOT_GIVEN
        if len(self.counted) >= NEEDED:
            ongoing = self.outcome is Outcome.ONGOING and not self.doubted
            return Resistance.DRUG_RESISTANT if ongoing else Resistance.UNDETERMINED
        unsettled = self.counted or self.of(*_OPEN) or self.open
        return Resistance.UNDETERMINED if unsettled else Resistance.NOT_SHOWN


def load_trial_tables(
    ref: Reference, groups: Groups, drugs: Collection[str], levels: LevelTables
) -> TrialTables:
    """Return what the tables know of the drugs of trials.

    Parameters
    ----------
    ref
        The data package.
    groups
        Drugs of each group.
    drugs
        The anti-seizure drugs.
    levels
        What is known of levels: two drugs measured as one substance act as one.
    """
    analytes = levels.analytes.items()
    forms = {drug: row.analyte for (drug, part), row in analytes if part is LevelPart.TOTAL}
    forms |= {row.drug: row.measured_as for row in ref.rows(Drug) if row.measured_as}
    doses = {row.drug: row.lowest_mg_per_day for row in ref.rows(TrialDose) if row.verified}
    treating = {row.syndrome: row.treated_by for row in ref.rows(Syndrome) if row.treated_by}
    weighed = {row.drug: row.lowest_mg_per_kg_day for row in ref.rows(ChildDose) if row.verified}
    settle = {row.syndrome: row.text_settle for row in ref.rows(Syndrome) if row.text_settle}
    rescue = groups.get(RESCUE, frozenset())
    return TrialTables(drugs, forms, rescue, doses, weighed, treating, settle)


def count_trials(
    clinical: ClinicalEntry,
    fired: Mapping[str, Sequence[Rule]],
    units: Units,
    tables: TrialTables = _NO_TABLES,
    low: Collection[str] = (),
    now: LowNow = NOTHING_NOW,
) -> Trials:
    """Say of each failed trial what it counts for.

    Parameters
    ----------
    clinical
        The clinical entry.
    fired
        Rules that fired, by drug.
    units
        The units of the data package.
    tables
        What the tables know of the drugs.
    low
        Drugs that were given up, of which the highest level lay below every range.
    now
        What levels and interactions say against the trials of drugs that are taken.
    """
    outcome, tables = outcome_of(clinical, units), tables.of(clinical.syndromes)
    doses = lowest_doses(clinical, tables.doses, tables.by_weight)
    onset = earliest_onset(clinical)
    trials = [
        _trial(item, fired, tables, doubts(item, units, low, doses, onset))
        for item in _failed(clinical)
    ]
    ongoing = outcome is Outcome.ONGOING
    long = list(_taken(clinical, fired, tables))
    if ongoing:
        trials += [_trial_now(x, units, doses, now) for x in long if x.adequate is not False]
    trials = list(_once(trials, tables.forms))
    met_by = dict.fromkeys(trial.drug for trial in trials if trial.use in _COUNTED)
    met = {_active(drug, tables.forms) for drug in met_by}
    # Of a dose or a level that is too low by the tables nothing is to be entered that would decide.
    asked = [x for x in long if x.adequate is None and not any(doubts_now(x, units, doses, now))]
    return Trials(
        tuple(trials),
        clinical.failed is not None,
        outcome,
        tuple(x.drug for x in asked if _active(x.drug, tables.forms) not in met),
        clinical.affected is not False or outcome is Outcome.ONGOING,
        clinical.diagnosis_confirmed == _DOUBTED,
        brakes(clinical, met_by, units, doses, tables.settle),
        months_free(clinical) if outcome in FREE else None,
        _seizure_drugs(clinical, tables),
        _is_treated(clinical, tables),
        _beside(clinical),
    )


def _is_treated(clinical: ClinicalEntry, tables: TrialTables) -> bool:
    """Say whether a drug against seizures is or was taken, or nobody knows; a typing error is one.

    What was given up counts whatever it is: it is entered as a drug that failed.
    """
    if clinical.current is None or clinical.failed:
        return True
    taken = map(named_drug, clinical.current)
    return any(tables.drugs is None or drug in tables.drugs for drug in taken)


def _seizure_drugs(clinical: ClinicalEntry, tables: TrialTables) -> tuple[str, ...] | None:
    """Return the anti-seizure drugs that are taken; None if nobody gave a list."""
    if clinical.current is None:
        return None
    known = (item.drug for item in clinical.current if item.known)
    return tuple(
        dict.fromkeys(drug for drug in known if tables.drugs is None or drug in tables.drugs)
    )


def _beside(clinical: ClinicalEntry) -> tuple[str, ...] | None:
    """Return what is done besides drugs; None if nothing is entered of one of them."""
    asked = (clinical.surgery, clinical.stimulator, clinical.diet)
    found = tuple(word for words in asked for word in words if word != _NONE)
    return found if found or all(asked) else None


def _failed(clinical: ClinicalEntry) -> Sequence[FailedDrug]:
    return clinical.failed or ()


def _active(drug: str, forms: Mapping[str, str]) -> str:
    """Return the substance that acts: a drug and what is turned into it are one trial."""
    return forms.get(drug, drug)


def _once(trials: Sequence[Trial], forms: Mapping[str, str]) -> Iterator[Trial]:
    """Yield the trials, each drug counted once, for the trial that counts."""
    seen: set[str] = set()
    counted = {_active(t.drug, forms) for t in trials if t.use in _COUNTED}
    for trial in trials:
        active = _active(trial.drug, forms)
        if active not in counted or (trial.use in _COUNTED and active not in seen):
            yield trial
        else:
            yield Trial(trial.drug, TrialUse.REPEATED)
        if trial.use in _COUNTED:
            seen.add(active)


def _taken(
    clinical: ClinicalEntry, fired: Mapping[str, Sequence[Rule]], tables: TrialTables
) -> Iterator[DrugExposure]:
    """Yield the drugs taken for months that no rule finds a poor choice, each once."""
    if clinical.entry_date is None:
        return
    now = date.fromisoformat(clinical.entry_date)
    items = {item.drug: item for item in clinical.current or () if item.known}
    for drug, item in items.items():
        days = [d for d in (item.start, item.dose_since, item.product_since) if d is not None]
        days += [level.date for level in item.levels if level.date is not None]
        if not days or (now - date.fromisoformat(min(days))).days * 12 < _YEAR * _MONTHS:
            continue
        poor = any(rule.effect == AGGRAVATION for rule in fired.get(drug, ()))
        seizure_drug = tables.drugs is None or drug in tables.drugs
        if seizure_drug and not poor and drug not in tables.rescue:
            yield item


def _trial(
    item: FailedDrug,
    fired: Mapping[str, Sequence[Rule]],
    tables: TrialTables,
    against: Iterator[Message],
) -> Trial:
    """Return what one trial counts for by itself."""
    use = _use(item, fired, tables)
    found = tuple(against) if use is TrialUse.COUNTED else ()
    return Trial(item.drug, TrialUse.CONTRADICTED if found else use, found)


def _trial_now(item: DrugExposure, units: Units, doses: LowestDoses, now: LowNow) -> Trial:
    """Return what a drug that is taken counts for while the seizures go on."""
    against = tuple(doubts_now(item, units, doses, now))
    if item.adequate:
        return Trial(
            item.drug, TrialUse.CONTRADICTED if against else TrialUse.COUNTED_TAKEN, against
        )
    found = against or tuple(not_shown(item, units, doses))
    return Trial(item.drug, TrialUse.TAKEN_OPEN, found)


def _use(item: FailedDrug, fired: Mapping[str, Sequence[Rule]], tables: TrialTables) -> TrialUse:
    if not item.known:
        return TrialUse.NAME_UNKNOWN  # it may be a drug that another trial names
    if tables.drugs is not None and item.drug not in tables.drugs:
        return TrialUse.NO_SEIZURE_DRUG
    # ILAE 2010 counts drugs that were "appropriately chosen": one that may worsen the seizures
    # was not, however adequate the dose (Kwan, doi:10.1111/j.1528-1167.2009.02397.x).
    if any(rule.effect == AGGRAVATION for rule in fired.get(item.drug, ())):
        return TrialUse.AGGRAVATES
    if item.reason is FailureReason.WORSENED:
        return TrialUse.WORSENED
    if item.reason is FailureReason.INADEQUATE_TRIAL or item.adequate is False:
        return TrialUse.NOT_ADEQUATE
    if item.reason in _INTOLERANCE:
        return TrialUse.INTOLERANCE_ADEQUATE if item.adequate else TrialUse.INTOLERANCE
    if item.reason is not FailureReason.LACK_OF_EFFECT:
        return TrialUse.REASON_UNKNOWN
    if item.drug in tables.rescue:
        return TrialUse.RESCUE
    return TrialUse.COUNTED if item.adequate else TrialUse.ADEQUACY_UNKNOWN


def explain_failures(
    clinical: ClinicalEntry, fired: Mapping[str, Sequence[Fired]]
) -> tuple[Statement, ...]:
    """Return which failed drugs a finding may explain, where a rule allows the claim at all."""
    lines: list[Statement] = []
    for item in clinical.failed or ():
        for hit in fired.get(item.drug, ()):
            rule, statement = hit.rule, hit.statement
            if item.reason not in rule.explains:
                continue
            key = "context-explained-conditional" if statement.conditional else "context-explained"
            reason = f"reason-{item.reason.lower().replace('_', '-')}"
            lines.append(
                Statement(
                    statement_id=f"context-explained:{statement.statement_id}",
                    text_id=key,
                    tier=Tier.CONTEXT,
                    response=Response.NO_RULE,
                    origin=rule.origin,
                    reasons=statement.reasons,
                    evidence=statement.evidence,
                    values=(Value("reason", (reason,), ValueKind.TEXT),),
                    drugs=(item.drug,),
                    conditional=statement.conditional,
                    resolve=statement.resolve,
                )
            )
    return tuple(lines)
