"""What a published model says of a patient: a statement of context, which removes no warning."""

import operator
from collections.abc import Iterable, Sequence
from decimal import Decimal

import numpy as np

from epilepsy_pgx.model import VariantFinding
from epilepsy_pgx.protein import ProteinKind
from epilepsy_pgx.reference.conditions.reasons import (
    complete_entry,
    describe_finding,
    entry_reason,
    field_value,
)
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.monogenic import GeneFinding, is_pathogenic
from epilepsy_pgx.response.prediction_model import PredictionModel, Scored, VariantNameError
from epilepsy_pgx.statement import (
    Evidence,
    Message,
    Reason,
    ReasonKind,
    Statement,
    Value,
    ValueKind,
)
from epilepsy_pgx.vocabulary import (
    Classification,
    Direction,
    Origin,
    PredictionStatus,
    Response,
    Tier,
)

TABLE = "prediction_models"
"""The table that the evidence of a prediction names."""
_BENIGN = (Classification.BENIGN, Classification.LIKELY_BENIGN)
_ONSET = "onset_months"
_SPLICE = "splice"
_EARLY = 3
"""Months; the rules ask for the direction of a variant by the same age."""


def prediction_statements(
    models: Iterable[PredictionModel], facts: PatientFacts
) -> tuple[Statement, ...]:
    """Return what each model says of a patient; nothing without a variant of its gene.

    Nothing is said of a person who has no seizures either: the models know none.
    """
    said = []
    for model in models:
        found = _variants(facts, model.row.gene)
        if found and facts.clinical.affected is not False:
            said.append(_say(model, found, facts))
    return tuple(said)


class Predictions:
    """What some models say of one patient after another.

    Ways to complete a patient's entry are asked in great number, and few differ in what the models
    look at: what was said last is kept.
    """

    def __init__(self, models: Sequence[PredictionModel]) -> None:
        self._models = models
        self._genes: list[GeneFinding | None] = []
        self._entry: tuple[object, ...] = ()
        self._said: tuple[Statement, ...] = ()

    def of(self, facts: PatientFacts) -> tuple[Statement, ...]:
        """Return what each model says of a patient."""
        genes = [facts.findings.get(model.row.gene) for model in self._models]
        # Equal numbers may be written differently, and a statement shows them as they are.
        clinical = facts.clinical
        entry = (clinical.affected, str(clinical.onset_months), clinical.syndromes)
        if entry != self._entry or not all(map(operator.is_, genes, self._genes)):
            self._said = prediction_statements(self._models, facts)
            self._genes, self._entry = genes, entry
        return self._said


def _variants(facts: PatientFacts, gene: str) -> list[VariantFinding]:
    """Return the variants of a gene that may be the cause: pathogenic ones before all others."""
    states = facts.findings[gene].states if gene in facts.findings else ()
    named = {str(f.key): f for _, evidence in states for f in evidence.findings}
    found = [named[key] for key in sorted(named)]
    for chosen in (
        [f for f in found if is_pathogenic(f)],
        [f for f in found if f.classification not in _BENIGN],
    ):
        if chosen:
            return chosen
    return found


def _judge(model: PredictionModel, found: Sequence[VariantFinding]) -> Scored:
    """Return the score of the variant that may be the cause, or why there is none."""
    if all(f.classification in _BENIGN for f in found):
        return Scored(PredictionStatus.BENIGN_CLASS)
    if len(found) > 1:
        return Scored(PredictionStatus.SEVERAL_VARIANTS)
    (finding,) = found
    # The choice between two syndromes of lost function is no question of such a variant.
    if finding.direction is Direction.GAIN:
        return Scored(PredictionStatus.GAIN_OF_FUNCTION)
    return score_finding(model, finding)


def score_finding(model: PredictionModel, finding: VariantFinding) -> Scored:
    """Return the score of a variant that was found.

    A variant at a splice site counts as truncating only if its protein change says so: nobody of
    the cohort has one.
    """
    protein = finding.protein
    spliced = any(_SPLICE in term for term in finding.consequences)
    if protein is None or protein.kind is ProteinKind.UNKNOWN:
        if finding.truncating and not spliced:
            return model.truncating
        return Scored(PredictionStatus.OTHER_KIND)
    if finding.transcript.split(".")[0] != model.row.transcript:
        return Scored(PredictionStatus.OTHER_PROTEIN)
    try:
        return model.score(protein.name)
    except VariantNameError:
        return Scored(PredictionStatus.OTHER_PROTEIN)


def _say(model: PredictionModel, found: Sequence[VariantFinding], facts: PatientFacts) -> Statement:
    scored, onset = _judge(model, found), facts.clinical.onset_months
    status = scored.status
    if status is PredictionStatus.COMPUTED:
        status = model.check_onset(onset)
    row = model.row
    if status is PredictionStatus.COMPUTED and {row.outcome, row.alternative} & {
        *facts.clinical.syndromes
    }:
        status = PredictionStatus.DIAGNOSIS_ENTERED
    values = [
        Value("gene", (row.gene,)),
        Value("variant", tuple(f.hgvs_p or f.hgvs_c or str(f.key) for f in found)),
        Value("outcome", (_word(row.outcome),), ValueKind.TEXT),
        Value("alternative", (_word(row.alternative),), ValueKind.TEXT),
    ]
    computed = status is PredictionStatus.COMPUTED
    if computed:
        assert onset is not None
        assert scored.score is not None
        values += _figures(model, onset, scored.score)
        text_id = row.text_id
    else:
        values.append(Value("reason", messages=(_why(model, status, onset),)))
        text_id = "prediction-not-computable"
    open_class = computed and not all(map(is_pathogenic, found))
    resolve = [Message("resolve-class", (Value("gene", (row.gene,)),))] if open_class else []
    if status is PredictionStatus.NO_ONSET:
        resolve.append(complete_entry(_ONSET))
    return Statement(
        statement_id=f"{row.model}-prediction:{row.gene}",
        text_id=text_id,
        tier=Tier.CONTEXT,
        response=Response.NO_RULE,
        origin=Origin.GENOTYPE,
        reasons=(*map(describe_finding, found), *_onset_reason(onset)),
        evidence=(Evidence(row.source, ".", row.citations, TABLE, row.model, row.verified),),
        values=tuple(values),
        further=("prediction-early",) if computed and _is_early(onset, found) else (),
        conditional=open_class,
        hedged=open_class,
        resolve=tuple(resolve),
    )


def _is_early(onset: Decimal | None, found: Sequence[VariantFinding]) -> bool:
    """Say whether a gain of function is possible: a seizure so early, and no truncation."""
    return onset is not None and onset < _EARLY and not any(f.truncating for f in found)


def _word(syndrome: str) -> str:
    return f"word-{syndrome.replace('_', '-')}"


def _onset_reason(onset: Decimal | None) -> tuple[Reason, ...]:
    if onset is None:
        return (entry_reason(ReasonKind.CLINICAL_MISSING, _ONSET, field_value(_ONSET)),)
    values = (field_value(_ONSET), Value("value", (str(onset),), ValueKind.NUMBER))
    return (entry_reason(ReasonKind.CLINICAL, _ONSET, *values),)


def _why(model: PredictionModel, status: PredictionStatus, onset: Decimal | None) -> Message:
    values: tuple[Value, ...] = ()
    if status is PredictionStatus.ONSET_OUTSIDE:
        ages = (("onset", onset), ("first", model.row.onset_first), ("last", model.row.onset_last))
        values = tuple(_number(name, age) for name, age in ages)
    return Message(f"prediction-status-{status.value.replace('_', '-')}", values)


def _number(name: str, *items: object) -> Value:
    return Value(name, tuple(map(str, items)), ValueKind.NUMBER)


def percent(chance: float) -> str:
    """Return a probability in per cent as a report says it: no more certain than it can be."""
    shown = f"{100 * chance:.0f}"
    if shown == "100":
        return "> 99"
    return "< 1" if shown == "0" else shown


def _figures(model: PredictionModel, onset: Decimal, score: float) -> list[Value]:
    """Return what the sentence and the picture show."""
    chance, lower, upper = (
        float(x[0]) for x in model.predict(np.array([float(onset)]), np.array([score]))
    )
    bands = model.bands
    return [
        _number("onset", onset),
        _number("score", f"{score:.1f}".removesuffix(".0")),
        _number("highest", model.row.truncating_score),
        _number("probability", percent(chance)),
        _number("lower", percent(lower)),
        _number("upper", percent(upper)),
        _number("people", sum(bands.people)),
        _number("cases", sum(bands.cases)),
        _number("place", *(f"{100 * x:.2f}" for x in (chance, lower, upper))),
        _number("band_people", *bands.people),
        _number("band_cases", *bands.cases),
    ]
