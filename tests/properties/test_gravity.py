"""The graver of two signs is never answered later, and two drugs are never answered harder than \
each."""

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import combinations, permutations

import pytest

from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Drug, Sign
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.forms import SIGNS_NOW
from epilepsy_pgx.response.ordering import haste_of, load_haste
from epilepsy_pgx.statement import Statement

ON_A_DAY = "entry_date=2026-11-28"
EARLY, LONG, UNKNOWN = "[start=2026-11-05]", "[start=2005-01-01]", ""
"""When a drug was begun: weeks ago, decades ago, nobody knows."""
DRUGS = tuple(r.drug for r in load_reference().rows(Drug) if r.kind == "antiseizure")
AROMATIC = tuple(r.drug for r in load_reference().rows(Drug) if "aromatic" in r.groups)
SIGNS = tuple(row.sign for row in load_reference().rows(Sign))
LIVER = ("jaundice", "liver_dysfunction")
OFTEN = (
    *("carbamazepine", "phenobarbital", "lamotrigine", "valproate", "felbamate", "cannabidiol"),
    *("levetiracetam", "clobazam", "topiramate", "pregabalin"),
)
"""Drugs of each kind of rule on signs."""
STARTED = tuple(drug for drug in AROMATIC if drug in DRUGS)
REACTIVE = tuple(r.sign for r in load_reference().rows(Sign) if {"skin", "liver"} & set(r.effects))

GRAVER = (
    ("jaundice", "raised_liver_enzymes"),
    ("liver_dysfunction", "jaundice"),
    ("encephalopathy", "drowsiness"),
    ("hyperammonaemia", "raised_ammonia_without_symptoms"),
    ("hyperammonaemia|encephalopathy", "hyperammonaemia"),
    ("blisters", "rash"),
    ("mucosal_lesions", "rash"),
    ("facial_swelling", "rash"),
    ("fever|rash", "rash"),
    ("fever|rash", "fever"),
    ("fever|low_blood_counts", "fever"),
    ("fever|low_blood_counts", "low_blood_counts"),
    ("pancreatitis", "vomiting"),
    ("pancreatitis", "abdominal_pain"),
    ("suicidal_thoughts", "aggression"),
    ("visual_loss", "double_vision"),
    ("low_sodium|encephalopathy", "low_sodium"),
    ("liver_dysfunction|drowsiness", "liver_dysfunction"),
    ("jaundice|fever", "jaundice"),
    ("jaundice|fever", "fever"),
)
"""Pairs of signs, the graver first."""
CIRCUMSTANCES = (
    "",
    "pregnant=yes;;sex=female;;age_years=30",
    "age_years=1",
    "age_years=80",
    "syndromes=liver_disease",
    "syndromes=porphyria",
    "syndromes=status_epilepticus",
    "syndromes=mitochondrial_disease",
    "syndromes=urea_cycle_disorder",
    "alcohol_drugs=alcohol",
    "transplant=liver",
    "diet=ketogenic",
)

EVERY = "every drug"
WITH_ALL = (*CIRCUMSTANCES, EVERY)
"""Circumstances, and none of them with every drug."""


def quick(values: Iterable[str], *some: str) -> list[object]:
    """Return values of which some are asked about each time, and the others by the long tests."""
    return [v if v in some else pytest.param(v, marks=pytest.mark.slow) for v in values]


SOME = quick(WITH_ALL, *CIRCUMSTANCES[:2])


@cache
def engine() -> ResponseEngine:
    return ResponseEngine(load_reference())


@cache
def haste() -> Mapping[str, int]:
    return load_haste(load_reference())


def interpret(*entry: str) -> Interpretation:
    facts = parse_given((), [*entry, ON_A_DAY], load_reference(), engine())
    return engine().interpret_facts(facts)


def soonest(said: tuple[Statement, ...]) -> int:
    """Return how soon the urgent box sends somewhere: 0 minutes, 1 hours, 2 today."""
    return min((haste_of(s, haste()) for s in said if not s.conditional), default=3)


@cache
def answered(*entry: str) -> int:
    return soonest(interpret(*entry).urgent)


def of_drug(said: Interpretation, drug: str) -> tuple[Statement, ...]:
    return tuple(s for s in said.urgent if drug in s.drugs)


@pytest.mark.parametrize("circumstance", SOME)
@pytest.mark.parametrize(("graver", "milder"), GRAVER)
def test_a_graver_sign_is_never_answered_later(graver: str, milder: str, circumstance: str) -> None:
    entry = tuple(filter(None, circumstance.removeprefix(EVERY).split(";;")))
    later = []
    for drug in ("none", *(DRUGS if circumstance == EVERY else OFTEN)):
        for start in (EARLY, LONG) if drug != "none" else ("",):
            taken = f"current_drugs={drug}{start}"
            hard, soft = (answered(taken, f"signs={s}", *entry) for s in (graver, milder))
            if hard > soft:
                later.append((drug, start))
    assert later == []


@pytest.mark.parametrize("circumstance", SOME)
@pytest.mark.parametrize("sign", LIVER)
def test_liver_failure_and_jaundice_are_an_emergency_whatever_is_taken(
    sign: str, circumstance: str
) -> None:
    entry = tuple(filter(None, circumstance.removeprefix(EVERY).split(";;")))
    drugs = DRUGS if circumstance == EVERY else OFTEN
    for taken in ("none", *(f"{d}{s}" for d in drugs for s in (EARLY, LONG, UNKNOWN))):
        said = interpret(f"current_drugs={taken}", f"signs={sign}", *entry)
        rows = {e.row for s in said.urgent for e in s.evidence}
        assert {"context-signs-emergency", "context-liver-causes"} <= rows, (taken, entry)
        today = {s.action_id for s in said.urgent} & {"action-liver-examine"}
        assert not today, (taken, entry)


def test_in_pregnancy_they_go_to_the_obstetric_unit() -> None:
    for sign in LIVER:
        said = interpret("current_drugs=lamotrigine", f"signs={sign}", "pregnant=yes", "sex=female")
        texts = {s.text_id for s in said.urgent}
        assert "context-pregnant-liver" in texts
        assert "context-preeclampsia" not in texts


def stopped(said: Interpretation) -> set[str]:
    """Return the drugs that are ordered stopped at once."""
    return {d for s in said.urgent if s.action_id == SIGNS_NOW for d in s.drugs}


@cache
def stopped_alone(drug: str, sign: str) -> bool:
    return bool(stopped(interpret(f"current_drugs={drug}", f"signs={sign}")))


@pytest.mark.parametrize("starts", [(LONG, LONG), (EARLY, LONG)])
@pytest.mark.parametrize("sign", quick(SIGNS, "rash", *LIVER))
def test_two_drugs_are_answered_no_harder_than_each(sign: str, starts: tuple[str, str]) -> None:
    harder = []
    # Drugs that were begun alike are a pair in one order only.
    pairs = permutations if starts[0] != starts[1] else combinations
    for one, other in pairs(OFTEN, 2):
        first, second = (f"{d}{s}" for d, s in zip((one, other), starts, strict=True))
        both = stopped(interpret(f"current_drugs={first}|{second}", f"signs={sign}"))
        alone = {d for d in (first, second) if stopped_alone(d, sign)}
        if not both <= {taken.split("[")[0] for taken in alone}:
            harder.append((one, other))
    assert harder == []


@pytest.mark.parametrize("sign", LIVER)
@pytest.mark.parametrize("drug", STARTED)
def test_years_on_a_drug_and_weeks_are_answered_apart(drug: str, sign: str) -> None:
    early = interpret(f"current_drugs={drug}{EARLY}", f"signs={sign}", "age_years=30")
    assert drug in stopped(early)
    for more in ("", f"|levetiracetam{LONG}", f"|carbamazepine{LONG}", f"|phenytoin{EARLY}"):
        if drug in more:
            continue
        late = interpret(f"current_drugs={drug}{LONG}{more}", f"signs={sign}")
        assert drug not in stopped(late), more
        of_it = {e.row for s in of_drug(late, drug) for e in s.evidence}
        assert "reaction-liver-aromatic-tolerated" in of_it, more


@pytest.mark.parametrize("sign", quick(REACTIVE, "rash", "jaundice"))
def test_a_stop_of_what_was_taken_for_long_beside_others_keeps_its_cover(sign: str) -> None:
    """What tempers the stop of one aromatic drug is not lost where there are several."""
    tempering = {"reaction-skin-aromatic-later", "reaction-liver-aromatic-tolerated"}
    for one, other in combinations(STARTED, 2):
        for also in ("", "|fever"):
            said = interpret(f"current_drugs={one}{LONG}|{other}{LONG}", f"signs={sign}{also}")
            for drug in stopped(said) & {one, other}:
                rows = {e.row for s in of_drug(said, drug) for e in s.evidence}
                assert rows & tempering, (drug, also, rows)
