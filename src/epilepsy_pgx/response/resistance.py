"""Drug resistance as the clinical entry lets it be counted, and what may explain a failure.

The definition is that of the International League Against Epilepsy of 2010: failure of adequate
trials of two tolerated, appropriately chosen and used drugs to achieve sustained seizure
freedom. A trial counts here only if the entry says that it was adequate and failed for lack of
effect, and if no rule finds the drug a poor choice for this patient. Seizures must go on: within
twelve months, or three times the longest interval between seizures before. A drug that is taken
now is never counted; where it would decide, the line names it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from epilepsy_pgx.model import ClinicalEntry, FailedDrug
from epilepsy_pgx.reference.units import Units
from epilepsy_pgx.response.rules import Fired, Rule
from epilepsy_pgx.statement import Evidence, Join, Message, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import (
    FailureReason,
    Origin,
    Outcome,
    Resistance,
    Response,
    Tier,
    TrialUse,
)

AGGRAVATION = "aggravation"
TAKEN = "context-resistance-taken"
"""Said where drugs that are taken now would decide."""
PATIENT = "context-resistance:patient"
"""The statement on drug resistance."""
FAMILY = {status: f"context-resistance-{status.replace('_', '-')}" for status in Resistance}
"""What is said of each status."""
VERDICTS = {**{text: status for status, text in FAMILY.items()}, TAKEN: Resistance.UNDETERMINED}
"""Every text that a statement on drug resistance may have, with what it says."""
_MONTHS = 3
"""A drug that is taken for longer may be a trial that fails; no source sets a number."""
_NEEDED = 2
_YEAR = Decimal("365.25")
_TIMES = 3
"""A treatment succeeds if no seizure comes for so many times the longest interval before it."""
_OPEN = (
    TrialUse.ADEQUACY_UNKNOWN,
    TrialUse.REASON_UNKNOWN,
    TrialUse.NAME_UNKNOWN,
    TrialUse.INTOLERANCE,
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

    def of(self, *uses: TrialUse) -> tuple[str, ...]:
        """Return the drugs of the trials that count for one of some things, each once."""
        return tuple(dict.fromkeys(t.drug for t in self.trials if t.use in uses))

    @property
    def counted(self) -> tuple[str, ...]:
        """The drugs whose trials count."""
        return self.of(TrialUse.COUNTED)

    @property
    def open(self) -> tuple[str, ...]:
        """The drugs taken now with which the definition may be met while the seizures go on."""
        met = len(self.counted) >= _NEEDED
        enough = len(self.counted) + len(self.taken) >= _NEEDED
        return self.taken if enough and not met and self.outcome is Outcome.ONGOING else ()

    @property
    def status(self) -> Resistance:
        """How far the entry shows drug resistance."""
        if self.outcome is Outcome.FREE or not self.affected:
            return Resistance.NOT_SHOWN
        if not self.given:
            return Resistance.NOT_GIVEN
        if len(self.counted) >= _NEEDED:
            ongoing = self.outcome is Outcome.ONGOING
            return Resistance.DRUG_RESISTANT if ongoing else Resistance.UNDETERMINED
        unsettled = self.counted or self.of(*_OPEN) or self.open
        return Resistance.UNDETERMINED if unsettled else Resistance.NOT_SHOWN


def outcome_of(clinical: ClinicalEntry, units: Units) -> Outcome:
    """Say whether the seizures go on on the day of the entry.

    Without a last seizure, a number of seizures a month that is not zero says that they do. No
    clock is read: without a day of the entry a last seizure says nothing.
    """
    if clinical.last_seizure is None:
        often = clinical.seizures_per_month
        return Outcome.ONGOING if often else Outcome.NO_LAST_SEIZURE
    if clinical.entry_date is None:
        return Outcome.NO_ENTRY_DATE
    last, now = map(date.fromisoformat, (clinical.last_seizure, clinical.entry_date))
    days = Decimal((now - last).days)
    interval = clinical.longest_interval_before
    longest = None if interval is None else _TIMES * units.in_base(interval)
    if days <= max(_YEAR, longest or _YEAR):
        return Outcome.ONGOING
    return Outcome.NO_INTERVAL if longest is None else Outcome.FREE


def count_trials(
    clinical: ClinicalEntry,
    fired: Mapping[str, Sequence[Rule]],
    units: Units,
    drugs: Collection[str] | None = None,
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
    drugs
        The anti-seizure drugs; None if every drug counts as one.
    """
    uses = [(item.drug, _use(item, fired, drugs)) for item in clinical.failed or ()]
    trials: list[Trial] = []
    for drug, use in uses:
        again = Trial(drug, TrialUse.COUNTED) in trials
        # A drug tried twice counts once, for the trial that counts.
        moot = (drug, TrialUse.COUNTED) in uses and use is not TrialUse.COUNTED
        trials.append(Trial(drug, TrialUse.REPEATED if again or moot else use))
    outcome = outcome_of(clinical, units)
    counted = {trial.drug for trial in trials if trial.use is TrialUse.COUNTED}
    return Trials(
        tuple(trials),
        clinical.failed is not None,
        outcome,
        tuple(drug for drug in _taken(clinical, fired, drugs) if drug not in counted),
        clinical.affected is not False or outcome is Outcome.ONGOING,
    )


def _taken(
    clinical: ClinicalEntry, fired: Mapping[str, Sequence[Rule]], drugs: Collection[str] | None
) -> Iterator[str]:
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
        if not poor and (drugs is None or drug in drugs):
            yield drug


def _use(
    item: FailedDrug, fired: Mapping[str, Sequence[Rule]], drugs: Collection[str] | None
) -> TrialUse:
    """Return what one trial counts for by itself."""
    if not item.known:
        return TrialUse.NAME_UNKNOWN  # it may be a drug that another trial names
    if drugs is not None and item.drug not in drugs:
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
        return TrialUse.INTOLERANCE
    if item.reason is not FailureReason.LACK_OF_EFFECT:
        return TrialUse.REASON_UNKNOWN
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


def resistance_statement(trials: Trials, evidence: Evidence) -> Statement:
    """Return the line on drug resistance: each trial with what it counts for, and the outcome."""
    status = trials.status
    said = status not in (Resistance.DRUG_RESISTANT, Resistance.NOT_GIVEN) and not trials.open
    text_id = TAKEN if trials.open else FAMILY[status]
    asks = trials.open or status is Resistance.DRUG_RESISTANT
    return Statement(
        statement_id=PATIENT,
        text_id=text_id,
        tier=Tier.CONSIDER if asks else Tier.CONTEXT,
        response=Response.NO_RULE,
        origin=Origin.CLINICAL,
        reasons=(),
        evidence=(evidence,),
        values=(
            _drugs("counted", trials.counted),
            _drugs("taken", trials.open),
            _drugs("inappropriate", trials.of(TrialUse.AGGRAVATES, TrialUse.WORSENED)),
            Value("trials", join=Join.SEMICOLON, messages=tuple(_told(trials)))
            if trials.trials
            else Value("trials", ("word-none",), ValueKind.TEXT),
            Value("needed", (str(_NEEDED),), ValueKind.NUMBER),
        ),
        further=(f"outcome-{trials.outcome.value.replace('_', '-')}",) if said else (),
    )


def _drugs(name: str, drugs: tuple[str, ...]) -> Value:
    if not drugs:
        return Value(name, ("word-none",), ValueKind.TEXT)
    return Value(name, drugs, ValueKind.DRUG)


def _told(trials: Trials) -> Iterator[Message]:
    for trial in dict.fromkeys(trials.trials):
        drug = Value("drug", (trial.drug,), ValueKind.DRUG)
        yield Message(f"trial-{trial.use.value.replace('_', '-')}", (drug,))
