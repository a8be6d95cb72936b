"""In status epilepticus each drug that may be given for it says that it does not wait, or which."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import (
    ActionRank,
    ActionText,
    CuratedText,
    Drug,
    DrugRule,
    RuleCondition,
    Sign,
    Syndrome,
)
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import ActionClass, Response
from tests.said import SpeakingEngine

GIVEN, WITHOUT = "action-status-emergency", "action-status-emergency-without"
STATUS = "status_epilepticus"
FIELDS = (
    "alcohol_drugs=opioids",
    "alcohol_drugs=alcohol",
    "pregnant=yes",
    "egfr_ml_min_173=10",
    "dialysis=haemodialysis",
    "albumin_g_l=20",
    "mood=depression",
    "diet=ketogenic",
    "mitochondrial_suspected=yes",
    "transplant=liver",
    "age_years=0.02",
    "age_years=1",
    "age_years=80",
    "seizure_types=myoclonic",
    "seizure_types=absence",
)


@cache
def engine() -> ResponseEngine:
    return ResponseEngine(load_reference())


def drugs() -> list[str]:
    """Return the drugs that are given in status epilepticus."""
    return sorted(d.drug for d in load_reference().rows(Drug) if STATUS in d.groups)


def conditions() -> Iterator[tuple[str, ...]]:
    """Give each word of the entry that may meet status epilepticus, and each medicine."""
    ref = load_reference()
    yield from ((f"syndromes={STATUS}|{row.syndrome}",) for row in ref.rows(Syndrome))
    yield from ((f"syndromes={STATUS}", f"signs={row.sign}") for row in ref.rows(Sign))
    yield from ((f"syndromes={STATUS}", word) for word in FIELDS)
    yield from ((f"syndromes={STATUS}", f"current_drugs={row.drug}") for row in ref.rows(Drug))


def lines(*entry: str, genes: tuple[str, ...] = ()) -> dict[str, tuple[Statement, ...]]:
    facts = parse_given(genes, list(entry), load_reference(), engine())
    found = engine().interpret_facts(facts).drugs
    return {line.drug: line.statements for line in found if line.drug in drugs()}


def forbidden(statements: tuple[Statement, ...]) -> bool:
    """Say whether a line certainly forbids its drug."""
    stops = {
        row.text_id
        for row in load_reference().rows(ActionText)
        if row.action_class is ActionClass.STOP
    }
    return any(
        not s.conditional and (s.action_id in stops or s.response is Response.CONTRAINDICATED)
        for s in statements
    )


def test_each_line_says_that_the_dose_does_not_wait_or_that_it_is_not_given() -> None:
    """Over every word and every medicine, planned or not."""
    seen = set()
    for entry in conditions():
        for planned in ((), (f"planned_drugs={'|'.join(_planned(entry))}",)):
            found = lines(*entry, *planned)
            assert set(found) == set(drugs())
            for drug, statements in found.items():
                said = {s.action_id for s in statements} & {GIVEN, WITHOUT}
                wanted = WITHOUT if forbidden(statements) else GIVEN
                assert said == {wanted}, (entry, planned, drug)
                seen.add(wanted)
    assert seen == {GIVEN, WITHOUT}


def _planned(entry: tuple[str, ...]) -> list[str]:
    return [d for d in drugs() if f"current_drugs={d}" not in entry]


@pytest.mark.parametrize(
    ("entry", "genes", "named"),
    [
        ("syndromes=brugada", (), {"phenytoin", "fosphenytoin", "lacosamide"}),
        ("", ("SCN5A=monoallelic_plp",), {"phenytoin", "fosphenytoin", "lacosamide"}),
        ("current_drugs=meropenem", (), {"valproate"}),
        ("signs=jaundice", (), {"valproate"}),
        ("alcohol_drugs=opioids", (), set()),
        ("current_drugs=methadone", (), set()),
    ],
)
def test_the_status_line_names_what_is_not_given(
    entry: str, genes: tuple[str, ...], named: set[str]
) -> None:
    words = [STATUS, *(entry.removeprefix("syndromes=").split() if "syndromes" in entry else ())]
    rest = [entry] if entry and "syndromes" not in entry else []
    given = [f"syndromes={'|'.join(words)}", *rest]
    facts = parse_given(genes, given, load_reference(), engine())
    (line,) = (
        s
        for s in engine().interpret_facts(facts).urgent
        if s.text_id in ("context-status", "context-status-without")
    )
    stopped = {d for v in line.values if v.name == "stopped" for d in v.items}
    assert stopped == named


@pytest.mark.parametrize("drug", ["topiramate", "valproate"])
def test_in_pregnancy_the_row_says_what_holds_in_status(
    engine: SpeakingEngine, reference: Reference, drug: str
) -> None:
    """The box leaves the exceptions to the rows."""
    for status in (True, False):
        entry = ["pregnant=yes", "sex=female", "age_years=30", f"planned_drugs={drug}"]
        entry += ["syndromes=status_epilepticus"] * status
        report = engine.interpret_facts(parse_given((), entry, reference, engine))
        (line,) = (line for line in report.drugs if line.drug == drug)
        (said,) = (s for s in line.statements if "rule-clinical-pregnant-" in s.text_id)
        assert said.text_id.endswith("-status") is status


ORDERS = re.compile(
    r"dose[^.;]* (is|are|does|waits|in full)[^.;]*(not delayed|without delay|not wait|for nothing"
    r"|given|at once)|single dose does not wait|load is counted|emergency dose [^.]*not delayed"
    r"|status: (give a|full dose|no delay)|count the load|do not delay loading",
    re.IGNORECASE,
)
"""Words that order a dose, or its load, in status epilepticus."""
FREE = ("context-", "deciding-")
"""What stands in no drug's line, or says only what must not wait for a result."""


@cache
def ordering_texts() -> frozenset[str]:
    """Return the texts that order a dose in status epilepticus, long or short."""
    texts = (t for t in load_reference().rows(CuratedText) if t.language == "en")
    found = {t.id.removeprefix("short-") for t in texts if ORDERS.search(t.text)}
    return frozenset(i for i in found if not i.startswith(FREE))


def test_what_orders_a_dose_in_status_gives_way_to_a_stop() -> None:
    """By construction: over all texts, those of rules, interactions and actions alike."""
    actions = {row.text_id: row for row in load_reference().rows(ActionText)}
    ranks = {(r.action_class, r.over) for r in load_reference().rows(ActionRank)}
    found = ordering_texts()
    assert {"action-emergency-dose", "rule-same-substance-phenytoin"} <= found
    assert [
        i
        for i in sorted(found)
        if i not in actions
        or actions[i].action_class is not ActionClass.STOP
        and (ActionClass.STOP, actions[i].action_class) not in ranks
    ] == []


BARS = (
    ("syndromes=status_epilepticus|porphyria",),
    ("syndromes=status_epilepticus|brugada",),
    ("syndromes=status_epilepticus|dravet",),
    ("syndromes=status_epilepticus", "seizure_types=absence"),
    ("syndromes=status_epilepticus", "failed_drugs=phenytoin[reason=severe_skin_or_DRESS]"),
    ("syndromes=status_epilepticus", "failed_drugs=levetiracetam[reason=severe_skin_or_DRESS]"),
    ("syndromes=status_epilepticus", "failed_drugs=lorazepam[reason=severe_skin_or_DRESS]"),
    ("syndromes=status_epilepticus", "failed_drugs=phenobarbital[reason=severe_skin_or_DRESS]"),
    (
        "syndromes=status_epilepticus|porphyria",
        "failed_drugs=diazepam[reason=severe_skin_or_DRESS]",
    ),
    (
        "syndromes=status_epilepticus|porphyria",
        "failed_drugs=levetiracetam[reason=severe_skin_or_DRESS]",
    ),
)
BESIDE = (
    ("pregnant=yes", "sex=female", "age_years=30"),
    ("current_drugs=methadone",),
    ("current_drugs=apixaban",),
    ("current_drugs=sodium oxybate",),
    ("alcohol_drugs=opioids",),
    ("mood=irritability",),
    (),
)


@pytest.mark.parametrize("bar", BARS)
@pytest.mark.parametrize("beside", BESIDE)
def test_no_line_orders_a_dose_beside_one_that_bars_its_drug(
    bar: tuple[str, ...], beside: tuple[str, ...]
) -> None:
    """Invariant 19; and what is no drug of an emergency is ordered nowhere."""
    every = [d.drug for d in load_reference().rows(Drug) if "antiseizure" in d.groups]
    gone = {w.removeprefix("failed_drugs=").split("[")[0] for w in bar if "failed" in w}
    planned = "|".join(d for d in every if d not in gone)
    facts = parse_given((), [*bar, *beside, f"planned_drugs={planned}"], load_reference(), engine())
    barred = set()
    for line in engine().interpret_facts(facts).drugs:
        said = {i for s in line.statements for i in (s.text_id, s.action_id) if i}
        if forbidden(line.statements):
            barred.add(line.drug)
            assert said & ordering_texts() == set(), line.drug
        if line.drug in {"carbamazepine", "primidone"}:
            own = {i for i in said & ordering_texts() if i.startswith("rule-clinical-pregnant")}
            assert own == set()
    assert barred & set(drugs())


ASKED = ("childbearing", "sex", "age_years", "pregnant")
"""What a rule on long-term use asks of the patient."""
RISK_ONLY = {"clinical-childbearing-malformations", "clinical-pregnant-malformations"}
"""Rules that name a risk and ask nothing of anybody before a start."""


def long_term() -> set[str]:
    """Return the texts of rules that ask something of sex or age before a start of such a drug."""
    ref = load_reference()
    asked = {
        c.rule_id for c in ref.rows(RuleCondition) if c.kind == "clinical" and c.subject in ASKED
    }
    return {
        rule.text_id
        for rule in ref.rows(DrugRule)
        if rule.rule_id in asked - RISK_ONLY
        and rule.drug == ("valproate",)
        and ("under55" in rule.rule_id or rule.effect == "pregnancy" or "father" in rule.rule_id)
    }


@pytest.mark.parametrize("sex", ["sex=male", "sex=female", "sex=."])
@pytest.mark.parametrize("age", ["age_years=5", "age_years=30", "age_years=60", "age_years=."])
def test_what_is_asked_before_long_term_use_delays_no_emergency_dose(sex: str, age: str) -> None:
    entry = [w for w in (sex, age) if not w.endswith("=.")]
    said = lines(f"syndromes={STATUS}", "planned_drugs=valproate", *entry)["valproate"]
    if {s.text_id for s in said} & long_term():
        assert "action-emergency-dose" in {s.action_id for s in said}


def test_a_status_of_drugs_that_were_not_taken_is_loaded() -> None:
    said = {}
    for words in ((), (f"syndromes={STATUS}",)):
        entry = ["adherence=not_taken", "current_drugs=levetiracetam|lamotrigine", *words]
        facts = parse_given((), entry, load_reference(), engine())
        result = engine().interpret_facts(facts)
        said[words] = {s.text_id for c in result.context for s in c.statements}
    calm, status = said.values()
    assert "context-restart" in calm - status
    assert "context-restart-status" in status - calm


@pytest.mark.parametrize("beside", ["seizure_types=tonic", "current_drugs=levetiracetam"])
def test_under_two_years_one_order_on_valproate_holds_in_status(beside: str) -> None:
    """Not both “start only after a specialist” and “give the dose without delay”."""
    entry = ["age_years=1.2", "planned_drugs=valproate", beside]
    calm = {s.action_id for s in lines(*entry)["valproate"]}
    status = {s.action_id for s in lines(*entry, f"syndromes={STATUS}")["valproate"]}
    assert "action-under2-weigh" in calm
    assert {"action-under2-status", WITHOUT} <= status
    assert not {"action-emergency-dose", "action-under2-weigh", GIVEN} & status
    # Where the type of seizure alone is entered, status may be now or long ago.
    perhaps = {s.action_id for s in lines(*entry[:2], "seizure_types=status")["valproate"]}
    assert "action-under2-status-perhaps" in perhaps
    assert not {"action-emergency-dose", "action-under2-weigh", GIVEN} & perhaps
