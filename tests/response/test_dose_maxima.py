"""A dose above the highest that the sources give is never passed over in silence."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import DrugLevel, Quantity
from epilepsy_pgx.model import ClinicalEntry, DrugExposure, Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import DoseMaximum, Drug
from epilepsy_pgx.response.dose_maxima import (
    ABOVE,
    BY_DAY,
    BY_WEIGHT,
    FAR_ABOVE,
    LEVEL_WITHIN,
    MAY_BE_ABOVE,
    NOT_COMPARED,
    WITH_SIGNS,
    DoseMaxima,
)
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import LevelPart, Tier
from tests.said import SpeakingEngine

DAY = "2026-11-23"
ADULT = {"age_years": Decimal(40), "weight_kg": Decimal(70)}
UNITS = (BY_DAY, BY_WEIGHT)


def entered(*doses: tuple[str, str, str], **who: object) -> ClinicalEntry:
    """Return an entry with drugs in use, each with its dose."""
    taken = tuple(
        DrugExposure(
            drug,
            True,
            start="2024-01-01",
            dose=f"{number} {unit}",
            daily_dose=Quantity(Decimal(number), unit) if unit in UNITS else None,
        )
        for drug, number, unit in doses
    )
    return ClinicalEntry(current=taken, entry_date=DAY, **who)


def interpreted(engine: SpeakingEngine, entry: ClinicalEntry) -> Interpretation:
    return engine.interpret({}, (), {}, entry)


def line_of(said: Interpretation, drug: str) -> Statement | None:
    """Return what the line of a drug says of its dose; it says it once."""
    lines = [
        s
        for line in said.drugs
        if line.drug == drug
        for s in line.statements
        if s.statement_id == f"{ABOVE}:{drug}"
    ]
    assert len(lines) <= 1
    return lines[0] if lines else None


def unsaid(said: Interpretation) -> set[str]:
    """Return the drugs of which it is said that their dose was not compared."""
    told = [m for m in said.not_considered if m.text_id == NOT_COMPARED]
    assert len(told) <= 1, "it is said once for all of them"
    each = [one for message in told for value in message.values for one in value.messages]
    return {drug for one in each for drug in one.values[0].items}


CASES = {
    "a child far above the dose by weight": (
        ("levetiracetam", "3000", BY_DAY, {"age_years": 3, "weight_kg": 13}),
        FAR_ABOVE,
    ),
    "a child above it": (
        ("carbamazepine", "900", BY_DAY, {"age_years": 3, "weight_kg": 13}),
        ABOVE,
    ),
    "a child at it": (("carbamazepine", "455", BY_DAY, {"age_years": 3, "weight_kg": 13}), None),
    "an adult far above": (
        ("perampanel", "24", BY_DAY, {"age_years": 40, "weight_kg": 75}),
        FAR_ABOVE,
    ),
    "an adult above": (("levetiracetam", "4000", BY_DAY, {"age_years": 66}), ABOVE),
    "an adult at it": (("levetiracetam", "3000", BY_DAY, {"age_years": 66}), None),
    "by weight, held against a dose by day": (
        ("topiramate", "30", BY_WEIGHT, {"age_years": 5, "weight_kg": 18}),
        ABOVE,
    ),
    "by weight in an infant": (
        ("vigabatrin", "300", BY_WEIGHT, {"age_years": "0.1", "weight_kg": 4}),
        FAR_ABOVE,
    ),
    "a dose of a child in an adult": (("clobazam", "50", BY_DAY, {"age_years": 30}), None),
    "the same in a child": (("clobazam", "50", BY_DAY, {"age_years": 8, "weight_kg": 28}), ABOVE),
    "the higher of two sources counts": (
        ("valproate", "3000", BY_DAY, {"age_years": 40, "weight_kg": 75}),
        None,
    ),
    "both are exceeded": (("valproate", "4600", BY_DAY, {"age_years": 40, "weight_kg": 75}), ABOVE),
    "the weight decides": (("valproate", "3000", BY_DAY, {"age_years": 40}), MAY_BE_ABOVE),
    "the age decides": (("carbamazepine", "1200", BY_DAY, {}), MAY_BE_ABOVE),
    "no age clears it": (("carbamazepine", "2400", BY_DAY, {"weight_kg": 50}), ABOVE),
    "a child without a weight, above the dose of adults": (
        ("carbamazepine", "9000", BY_DAY, {"age_years": 3}),
        MAY_BE_ABOVE,
    ),
    "too young for any row": (
        ("perampanel", "14", BY_DAY, {"age_years": 2, "weight_kg": 12}),
        FAR_ABOVE,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_dose_is_held_against_the_highest(engine: SpeakingEngine, case: str) -> None:
    (drug, number, unit, who), text_id = CASES[case]
    who = {name: Decimal(value) for name, value in who.items()}
    said = interpreted(engine, entered((drug, number, unit), **who))
    line = line_of(said, drug)
    assert (None if line is None else line.text_id) == text_id
    if line is not None:
        assert line.evidence
        assert line.tier is Tier.ACT
        assert line.conditional == (text_id == MAY_BE_ABOVE)
        boxed = {s.statement_id for s in said.urgent}
        assert (line.statement_id in boxed) == (text_id == FAR_ABOVE)
        assert drug not in unsaid(said)


UNKNOWN = {
    "no row": (("lorazepam", "2", BY_DAY), ADULT, True),
    "a single dose": (("levetiracetam", "500", "mg"), ADULT, True),
    "a child without a weight": (("carbamazepine", "300", BY_DAY), {"age_years": Decimal(3)}, True),
    "by weight, without a weight": (
        ("lamotrigine", "5", BY_WEIGHT),
        {"age_years": Decimal(40)},
        True,
    ),
    "too young for any row": (("perampanel", "2", BY_DAY), {"age_years": Decimal(2)}, True),
    "compared": (("levetiracetam", "500", BY_DAY), ADULT, False),
    "no anti-seizure drug": (("amlodipine", "500", BY_DAY), ADULT, True),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_is_not_compared_is_named(engine: SpeakingEngine, case: str) -> None:
    dose, who, named = UNKNOWN[case]
    said = interpreted(engine, entered(dose, **who))
    assert (dose[0] in unsaid(said)) == named
    assert line_of(said, dose[0]) is None


def test_doses_that_are_not_shown_are_not_named(engine: SpeakingEngine) -> None:
    entry = entered(("lorazepam", "2", BY_DAY), **ADULT)
    taken = tuple(replace(item, dose=None, daily_dose=None) for item in entry.current or ())
    assert unsaid(interpreted(engine, replace(entry, current=taken))) == set()


def test_two_entries_of_one_drug_add_up(engine: SpeakingEngine) -> None:
    twice = (("levetiracetam", "2000", BY_DAY), ("levetiracetam", "1500", BY_DAY))
    line = line_of(interpreted(engine, entered(*twice, **ADULT)), "levetiracetam")
    assert line is not None
    assert line.text_id == ABOVE
    open_one = (("levetiracetam", "2000", BY_DAY), ("levetiracetam", "500", "mg"))
    assert unsaid(interpreted(engine, entered(*open_one, **ADULT))) == {"levetiracetam"}


def test_a_level_within_range_softens_and_silences_nothing(engine: SpeakingEngine) -> None:
    entry = entered(("lamotrigine", "1500", BY_DAY), **ADULT)
    level = DrugLevel(
        LevelPart.TOTAL,
        Quantity(Decimal(4), "mg/L"),
        date="2026-11-20",
        hours_after_dose=Decimal(12),
    )
    (item,) = entry.current or ()
    with_level = replace(entry, current=(replace(item, levels=(level,)),))
    line = line_of(interpreted(engine, with_level), "lamotrigine")
    assert line is not None
    assert (line.text_id, line.tier, line.urgent) == (LEVEL_WITHIN, Tier.CONSIDER, False)


def test_signs_of_too_much_make_it_urgent(engine: SpeakingEngine) -> None:
    entry = replace(entered(("levetiracetam", "3500", BY_DAY), **ADULT), signs=("drowsiness",))
    said = interpreted(engine, entry)
    line = line_of(said, "levetiracetam")
    assert line is not None
    assert line.text_id == WITH_SIGNS
    assert line.statement_id in {s.statement_id for s in said.urgent}


def test_nobody_asks_for_more_of_a_drug_that_is_too_much(
    engine: SpeakingEngine, reference: Reference
) -> None:
    words = ("current_drugs=carbamazepine[start=2024-01-01;dose=3000 mg/day]", "age_years=40")
    facts = parse_given((), words, reference, engine)
    assert "carbamazepine" in engine.spared(facts)


def patients(row: DoseMaximum) -> Iterator[tuple[dict[str, Decimal], Decimal]]:
    """Yield who a row is for, with the dose of a day that is its limit."""
    last = row.from_years + 60 if row.below_years is None else row.below_years - Decimal("0.1")
    low = row.from_kg or min(Decimal(10), row.to_kg or Decimal(10))
    for age in (row.from_years, last):
        for weight in {low, row.to_kg or max(low, Decimal(70))}:
            by_weight = row.mg_per_kg_day and row.mg_per_kg_day * weight
            limits = [n for n in (row.mg_per_day, by_weight) if n is not None]
            yield {"age_years": age, "weight_kg": weight}, min(limits)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_row_fires_above_its_dose_for_whom_it_is(
    engine: SpeakingEngine, spanish: SpeakingEngine, reference: Reference, language: str
) -> None:
    speaking = engine if language == "en" else spanish
    rows = reference.rows(DoseMaximum)
    assert len({row.drug for row in rows}) >= 29
    for row in rows:
        for who, limit in patients(row):
            # Where another source allows more, its dose is the highest.
            far = str(limit * 60)
            line = line_of(interpreted(speaking, entered((row.drug, far, BY_DAY), **who)), row.drug)
            assert line is not None, (row.max_id, who)
            assert line.text_id == FAR_ABOVE
            assert line.text
            assert "{" not in line.text


def test_every_anti_seizure_drug_is_compared_or_named(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for row in reference.rows(Drug):
        if row.kind == "antiseizure":
            said = interpreted(engine, entered((row.drug, "1000000", BY_DAY), **ADULT))
            assert (line_of(said, row.drug) is None) == (row.drug in unsaid(said)), row.drug


RANK = {None: 0, MAY_BE_ABOVE: 1, ABOVE: 2, FAR_ABOVE: 3}
AGES = st.one_of(st.none(), st.decimals("0", "90", places=1))
WEIGHTS = st.one_of(st.none(), st.decimals("2", "120", places=1))
DOSES = st.decimals("1", "20000", places=0)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), age=AGES, weight=WEIGHTS, dose=DOSES, times=st.integers(1, 20))
def test_a_higher_dose_says_no_less_and_less_data_nothing_surer(
    reference: Reference,
    data: st.DataObject,
    age: Decimal | None,
    weight: Decimal | None,
    dose: Decimal,
    times: int,
) -> None:
    maxima = DoseMaxima(reference)
    drug = data.draw(st.sampled_from(sorted({r.drug for r in reference.rows(DoseMaximum)})))
    unit = data.draw(st.sampled_from(UNITS))

    def judged(number: Decimal, years: Decimal | None, kilos: Decimal | None) -> tuple[int, bool]:
        entry = entered((drug, str(number), unit), age_years=years, weight_kg=kilos)
        (one,) = maxima.judged(entry)
        if one.above:
            return RANK[FAR_ABOVE if one.least.times >= 2 else ABOVE], one.cleared
        return RANK[MAY_BE_ABOVE if one.may_be_above else None], one.cleared

    now, cleared = judged(dose, age, weight)
    more, _ = judged(dose * times, age, weight)
    assert more >= now
    for years, kilos in ((None, weight), (age, None), (None, None)):
        less, still = judged(dose, years, kilos)
        # What is cleared, or sure to be too much, without them is so with them.
        assert cleared or not still
        assert less < RANK[ABOVE] or now >= RANK[ABOVE]
        # What was a warning is one yet, or it is said that the dose was not compared.
        assert less or not now or not still


def warnings_of(said: Interpretation) -> dict[str, Tier]:
    """Return what asks for something, or warns, by its id."""
    lines = [s for line in said.drugs for s in (*line.statements, *line.safety_notes)]
    asking = (*lines, *said.urgent, *said.interactions)
    # Where a drug has no line of its own, one points to that of the drug on which it acts.
    return {
        s.statement_id: s.tier
        for s in asking
        if s.tier is not Tier.NONE and s.text_id != "interaction-see-partner"
    }


@pytest.mark.parametrize("who", [ADULT, {"age_years": Decimal(5), "weight_kg": Decimal(18)}, {}])
def test_a_higher_dose_takes_no_line_away(
    engine: SpeakingEngine, reference: Reference, who: dict[str, Decimal]
) -> None:
    order = list(Tier)
    for drug in sorted({row.drug for row in reference.rows(DoseMaximum)}):
        beside = ("clobazam" if drug != "clobazam" else "valproate", "1", BY_DAY)
        low, high = (
            warnings_of(interpreted(engine, entered((drug, dose, BY_DAY), beside, **who)))
            for dose in ("1", "100000")
        )
        lost = {
            i for i, tier in low.items() if order.index(high.get(i, Tier.NONE)) > order.index(tier)
        }
        assert lost == set(), drug
