"""What sources measured of a drug's level in carriers of the patient's genotypes.

All of it is context: no dose follows from it, and it stands in no drug's line. Effects are never
added up; one is said together with a co-medication only where a source measured both. A level is
expected only where a source gives levels by dose and genotype.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from epilepsy_pgx.clinical_entry import DrugExposure
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.reference.conditions.base import Condition
from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.conditions.verdict import Truth, Verdict
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ExposureChange, ExposureEffect, RuleCondition
from epilepsy_pgx.response.facts import PatientFacts, named_drug
from epilepsy_pgx.response.rules import load_active_forms
from epilepsy_pgx.statement import Evidence, Join, Message, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import Origin, Response, Tier, Transplant

_BY_WEIGHT, _BY_DAY = "mg/kg/day", "mg/day"
_PLACES = Decimal("0.1")
_SCOPE = "exposure-scope"
_OWN_TABLES = "tables of this software"


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of the table, and how it asks for the genotype."""

    row: ExposureEffect
    drugs: frozenset[str]
    """The drug, and those that are turned into it."""
    holds: Condition


class ExposureTable:
    """The effects of genotypes on exposure.

    Parameters
    ----------
    ref
        The data package.
    """

    def __init__(self, ref: Reference) -> None:
        forms = load_active_forms(ref)
        self._effects = tuple(
            Effect(
                row,
                forms.get(row.drug, frozenset()) | {row.drug},
                compile_condition(condition_of(row), {}),
            )
            for row in ref.rows(ExposureEffect)
        )
        self._together: dict[tuple[str, str], set[str]] = {}
        """Drugs beside which some source measured a gene's effect."""
        for row in ref.rows(ExposureEffect):
            beside = self._together.setdefault((row.drug, row.gene), set())
            beside.update(filter(None, [row.with_drug]))
        by_dose = (e.row for e in self._effects if e.row.per_dose is not None)
        self._by_dose = {row.drug: row.effect_id for row in by_dose}

    def of(
        self, facts: PatientFacts, met: Mapping[str, Sequence[Statement]]
    ) -> tuple[Statement, ...]:
        """Return what was measured of the drugs that are taken, planned, or were given up.

        Parameters
        ----------
        facts
            The patient.
        met
            Interactions by the drug acted on.
        """
        if facts.clinical.transplant is Transplant.LIVER:
            # What was measured is of people whose own liver metabolised.
            return ()
        given_up = (named_drug(item) for item in facts.clinical.failed or ())
        named = facts.current | facts.planned | frozenset(given_up)
        found = [
            line
            for effect in self._effects
            for drug in sorted(named & effect.drugs)
            for line in self._lines(effect, drug, facts, met.get(drug, ()))
        ]
        return (*_notes_once(found), self._scope()) if found else ()

    def _lines(
        self, effect: Effect, drug: str, facts: PatientFacts, met: Iterable[Statement]
    ) -> Iterator[Statement]:
        row = effect.row
        verdict = effect.holds(facts, drug)
        if not verdict or (row.with_drug is not None and not facts.takes(row.with_drug)):
            return
        others = _others(met) - self._together[row.drug, row.gene]
        yield _statement(row, drug, verdict, tuple(sorted(others)))
        level = None if others else _expected(row, drug, facts)
        if level is not None and verdict.truth is Truth.YES:
            yield _expected_statement(row, drug, verdict, level)

    def _scope(self) -> Statement:
        """Return the line on what the others are and are not, and for how few drugs."""
        return Statement(
            statement_id=f"{_SCOPE}:patient",
            text_id=_SCOPE,
            tier=Tier.CONTEXT,
            response=Response.NO_RULE,
            origin=Origin.GENOTYPE,
            reasons=(),
            evidence=(
                Evidence(
                    _OWN_TABLES,
                    ".",
                    (),
                    ExposureEffect.TABLE,
                    min(self._by_dose.values(), default=_SCOPE),
                ),
            ),
            values=(
                Value("number", (str(len(self._by_dose)),), ValueKind.NUMBER),
                Value("named", tuple(sorted(self._by_dose)), ValueKind.DRUG),
            ),
        )


def _notes_once(lines: Iterable[Statement]) -> Iterator[Statement]:
    """Say what is said behind several lines on one drug behind the first of them."""
    said: set[tuple[str, tuple[str, ...]]] = set()
    for line in lines:
        further = tuple(note for note in line.further if (note, line.drugs) not in said)
        said.update((note, line.drugs) for note in line.further)
        yield replace(line, further=further)


def condition_of(row: ExposureEffect) -> RuleCondition:
    """Return the condition on the genotype as the rule tables write one."""
    return RuleCondition(
        row.line, row.effect_id, row.kind, (row.subject,), row.operator, row.value, "no"
    )


def _others(met: Iterable[Statement]) -> frozenset[str]:
    """Return the drugs that act on this one now."""
    return frozenset(
        drug
        for said in met
        if not said.conditional
        for value in said.values
        if value.name == "perpetrator"
        for drug in value.items
    )


def _statement(
    row: ExposureEffect, drug: str, verdict: Verdict, others: tuple[str, ...]
) -> Statement:
    conditional = verdict.truth is Truth.MAYBE
    return Statement(
        statement_id=f"exposure:{row.effect_id}:{drug}",
        text_id="exposure-effect",
        tier=Tier.CONTEXT,
        response=Response.NO_RULE,
        origin=Origin.GENOTYPE,
        reasons=verdict.because,
        evidence=(_evidence(row),),
        values=(*_values(row), Value("others", others, ValueKind.DRUG)),
        drugs=(drug,),
        further=tuple(filter(None, [row.text_note, "exposure-not-combined" if others else None])),
        conditional=conditional,
        hedged=conditional,
        resolve=verdict.resolve,
    )


def _evidence(row: ExposureEffect) -> Evidence:
    return Evidence(row.source, ".", row.citations, row.TABLE, row.effect_id, row.verified)


def _values(row: ExposureEffect) -> tuple[Value, ...]:
    plain = ValueKind.PHENOTYPE if row.kind == "phenotype" else ValueKind.PLAIN
    return (
        Value("analyte", (row.analyte,), ValueKind.DRUG),
        Value("gene", (row.gene,)),
        Value("genotype", (row.shown,), plain),
        Value("comparator", (row.comparator,), plain),
        Value("measure", (f"exposure-measure-{row.measure.replace('_', '-')}",), ValueKind.TEXT),
        Value("size", messages=(_size(row),)),
        Value("details", join=Join.SEMICOLON, messages=tuple(_details(row))),
    )


def _details(row: ExposureEffect) -> Iterator[Message]:
    """Yield the figures behind a size, in whom they were found, and in how many."""
    if row.found is not None and row.compared is not None:
        figures = {"found": row.found, "compared": row.compared}
        yield Message(
            "exposure-figures",
            tuple(Value(name, (said,), ValueKind.NUMBER) for name, said in figures.items()),
        )
    if row.interval is not None:
        yield Message("exposure-interval", (Value("interval", (row.interval,), ValueKind.NUMBER),))
    yield Message(row.text_people)
    if row.n is not None:
        yield Message("exposure-number", (Value("n", (row.n,)),))


def _size(row: ExposureEffect) -> Message:
    """Return how much the exposure changes."""
    low, high = (
        Value(name, (_signed(row, number),) if number is not None else (), ValueKind.NUMBER)
        for name, number in (("low", row.low), ("high", row.high))
    )
    size = Value("size", low.items, ValueKind.NUMBER)
    if row.high is not None:
        size = Value("size", messages=(Message("exposure-span", (low, high)),))
    # Where no difference was found there is no size to say.
    sized = bool(size.items or size.messages)
    return Message(f"exposure-change-{row.change}", (size,) if sized else ())


def _signed(row: ExposureEffect, number: Decimal) -> str:
    """Return a number with its sign; how many times something is has none."""
    return str(number) if row.change is ExposureChange.TIMES else f"{number:+}"


def _expected(row: ExposureEffect, drug: str, facts: PatientFacts) -> tuple[Decimal, ...] | None:
    """Return the mean of the levels that a source saw at the patient's dose, and its bounds.

    Nothing is said of a patient who is unlike those of the source: of another age, or who takes
    other medicines than they did.
    """
    age, spread = facts.clinical.age_years, row.per_dose_sd
    if row.per_dose is None or spread is None or row.age_below is None:
        return None
    if age is None or age >= row.age_below:
        return None
    # One unknown word on the list may be an inducer: it counts as another medicine.
    same = facts.current == frozenset({drug, row.with_drug} - {None})
    whole = all(item.known for item in facts.clinical.current or ())
    doses = [_by_weight(d, facts) for d in facts.clinical.current or () if d.drug == drug]
    if not (same and whole) or len(doses) != 1 or doses[0] is None:
        return None
    means = (row.per_dose, row.per_dose - spread, row.per_dose + spread)
    return tuple((mean * doses[0]).quantize(_PLACES) for mean in means)


def _by_weight(item: DrugExposure, facts: PatientFacts) -> Decimal | None:
    """Return the dose of a day in mg/kg."""
    dose, weight = item.daily_dose, facts.clinical.weight_kg
    if dose is None:
        return None
    if dose.unit == _BY_WEIGHT:
        return dose.value
    return dose.value / weight if dose.unit == _BY_DAY and weight is not None else None


def _expected_statement(
    row: ExposureEffect, drug: str, verdict: Verdict, level: tuple[Decimal, ...]
) -> Statement:
    names = ("mean", "lower", "upper")
    return Statement(
        statement_id=f"exposure-expected:{row.effect_id}:{drug}",
        text_id="exposure-expected",
        tier=Tier.CONTEXT,
        response=Response.NO_RULE,
        origin=Origin.GENOTYPE,
        reasons=verdict.because,
        evidence=(_evidence(row),),
        values=(
            *(
                Value(name, (str(number),), ValueKind.NUMBER)
                for name, number in zip(names, level, strict=True)
            ),
            Value("people", (row.text_people,), ValueKind.TEXT),
        ),
        drugs=(drug,),
    )
