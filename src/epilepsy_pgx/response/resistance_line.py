"""The line on drug resistance: what is said of the trials, and what stands behind it."""

from collections.abc import Iterator

from epilepsy_pgx.response.resistance import (
    AGGRAVATED,
    FAMILY,
    FREE,
    GIVEN_UP,
    NEEDED,
    PATIENT,
    TAKEN,
    Trials,
)
from epilepsy_pgx.statement import Evidence, Join, Message, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import Origin, Resistance, Response, Tier, TrialUse


def resistance_statement(trials: Trials, evidence: Evidence) -> Statement:
    """Return the line on drug resistance: each trial with what it counts for, and the outcome."""
    status = trials.status
    text_id = _text_of(trials)
    said = status not in (Resistance.DRUG_RESISTANT, Resistance.NOT_GIVEN)
    # These say themselves how the seizures are.
    said = said and text_id not in (TAKEN, GIVEN_UP, *FREE.values())
    asks = text_id not in FAMILY.values() or status is Resistance.DRUG_RESISTANT
    return Statement(
        statement_id=PATIENT,
        text_id=text_id,
        tier=Tier.CONSIDER if asks else Tier.CONTEXT,
        response=Response.NO_RULE,
        origin=Origin.CLINICAL,
        reasons=(),
        evidence=(evidence,),
        values=(
            _drugs("counted", trials.counted, trials.given),
            _drugs("taken", trials.open),
            _drugs("failed", trials.unjudged),
            _drugs("inappropriate", trials.of(TrialUse.AGGRAVATES, TrialUse.WORSENED)),
            Value("trials", join=Join.SEMICOLON, messages=tuple(_told(trials)))
            if trials.trials
            else _nothing("trials", trials.given),
            Value("needed", (str(NEEDED),), ValueKind.NUMBER),
            *_free_values(trials),
            *trials.brakes.values(bool(trials.counted), status is Resistance.DRUG_RESISTANT),
        ),
        further=tuple(_further(trials, said)),
    )


def _text_of(trials: Trials) -> str:
    """Return what is said: the family of the status, or what is more to the point."""
    status = trials.status
    if trials.open:
        return TAKEN
    if trials.unjudged:
        return GIVEN_UP
    if status is Resistance.NOT_GIVEN or not trials.affected:
        return FAMILY[status]
    if trials.free_months is not None:
        return FREE[trials.outcome]
    return AGGRAVATED.get(status, FAMILY[status]) if trials.aggravated else FAMILY[status]


def _free_values(trials: Trials) -> Iterator[Value]:
    """Yield since when no seizure came, and under what."""
    if trials.free_months is None:
        return
    yield Value("months", (str(trials.free_months),), ValueKind.NUMBER)
    yield _drugs("on", trials.taken_now or (), trials.taken_now is not None)
    beside = trials.beside
    yield Value("beside", beside, ValueKind.SIGN) if beside else _nothing("beside", beside == ())


def _further(trials: Trials, said: bool) -> Iterator[str]:
    """Yield what stands behind the line: how the seizures are, and what is settled first."""
    if trials.doubted and len(trials.counted) >= NEEDED:
        yield "resistance-doubted"
    elif said:
        yield f"outcome-{trials.outcome.value.replace('_', '-')}"
    met = trials.status is Resistance.DRUG_RESISTANT
    yield from trials.brakes.texts(bool(trials.counted), met)


def _drugs(name: str, drugs: tuple[str, ...], given: bool = True) -> Value:
    return Value(name, drugs, ValueKind.DRUG) if drugs else _nothing(name, given)


def _nothing(name: str, given: bool) -> Value:
    """Return the word for none, or that nothing was entered: a missing list is no empty one."""
    return Value(name, ("word-none" if given else "word-not-entered",), ValueKind.TEXT)


def _told(trials: Trials) -> Iterator[Message]:
    for trial in dict.fromkeys(trials.trials):
        values = [Value("drug", (trial.drug,), ValueKind.DRUG)]
        if trial.against:
            values.append(Value("against", messages=trial.against))
        yield Message(f"trial-{trial.use.value.replace('_', '-')}", tuple(values))
