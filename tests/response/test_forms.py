"""What is said instead of a text: of a drug in use, under signs now, beside a variant."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.model import ClinicalEntry, DrugPrediction, PlannedDrug, Suggestion
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    ActionText,
    CuratedText,
    Drug,
    DrugRule,
    RuleCondition,
    SideBySide,
    TextForm,
)
from epilepsy_pgx.reference.rows.words import FormWhen
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.rules import SIGNS_IF_TAKEN, SIGNS_NOW, WARNINGS
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import ActionClass, FailureReason, Response, Tier
from tests.drawing import examples
from tests.response.builders import Case, case, gave_up, star_gene, takes, typed, variant
from tests.response.strategies import SIGNS, cases
from tests.response.test_actions import entry
from tests.response.test_invariants import ask, by_drug
from tests.said import SpeakingEngine

STATUS = ("status_epilepticus",)
LEVETIRACETAM_PLANNED = PlannedDrug("levetiracetam", True, "levetiracetam")
BARRED = (Response.CONTRAINDICATED, Response.AVOID)
CHEAP = settings(
    max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
OPEN = (Response.NOT_ASSESSED, Response.PARTIAL)


def said(line: DrugPrediction) -> str:
    return " ".join(s.text for s in line.statements)


def context(engine: SpeakingEngine, patient: Case, first: str) -> Statement:
    """Return the statement of the clinical context of a row."""
    result = ask(engine, patient)
    found = [s for c in result.context for s in c.statements]
    return next(s for s in found if s.statement_id.startswith(f"{first}:"))


@pytest.mark.parametrize(
    ("drug", "signs", "stops"),
    [
        ("levetiracetam", ("rash",), False),
        ("levetiracetam", ("rash", "fever"), True),
        ("levetiracetam", ("rash", "jaundice"), True),
        ("zonisamide", ("rash", "mucosal_lesions"), True),
        ("cenobamate", ("rash", "swollen_lymph_nodes"), True),
        ("clobazam", ("rash", "fever"), True),
        ("carbamazepine", ("fever",), False),
        ("carbamazepine", ("fever", "raised_liver_enzymes"), True),
        ("carbamazepine", ("jaundice",), False),
        ("carbamazepine", ("jaundice", "fever"), True),
        ("phenobarbital", ("liver_dysfunction", "encephalopathy"), True),
        ("valproate", ("raised_liver_enzymes",), False),
        ("valproate", ("raised_liver_enzymes", "facial_swelling"), True),
    ],
)
@pytest.mark.parametrize("current", ["taken", "guess", "unknown"])
def test_a_warning_of_signs_to_come_is_a_stop_once_they_are_there(
    engine: SpeakingEngine, drug: str, signs: tuple[str, ...], stops: bool, current: str
) -> None:
    clinical = entry(signs=signs)
    if current == "taken":
        clinical = replace(clinical, current=(takes(drug, "2026-10-18"),))
        # On an aromatic drug of weeks jaundice means a stop; of an unknown start somebody decides.
        stops = stops or signs == ("jaundice",)
    elif current == "guess":
        meant = replace(takes(f"{drug}x"), known=False, suggestion=Suggestion(drug, drug))
        clinical = replace(clinical, current=(meant,))
    line = by_drug(ask(engine, case(clinical=clinical)))[drug]
    wanted = SIGNS_NOW if current == "taken" else SIGNS_IF_TAKEN
    found = [s for s in line.statements if s.action_id == wanted]
    if current == "guess" and drug in ("levetiracetam", "clobazam") and stops:
        # The start of a guessed drug is not known: an emergency department decides on the stop.
        sent = [s for s in line.statements if s.action_id == "action-skin-emergency"]
        assert sent, said(line)
        assert all(s.urgent for s in sent)
        stops = False
    assert bool(found) is stops, said(line)
    assert all(s.urgent and s.response in BARRED for s in found)
    if stops:
        assert line.response in BARRED


@pytest.mark.parametrize("drug", ["levetiracetam", "clobazam"])
@pytest.mark.parametrize("start", ["2015-01-01", None])
def test_an_old_drug_is_not_stopped_for_a_rash_before_one_begun_lately(
    engine: SpeakingEngine, drug: str, start: str | None
) -> None:
    current = (takes(drug, start), takes("perampanel", "2026-10-25"))
    clinical = replace(entry(signs=("rash", "fever")), current=current)
    found = by_drug(ask(engine, case(clinical=clinical)))
    for name in (drug, "perampanel"):
        actions = {s.action_id for s in found[name].statements}
        assert "action-skin-emergency" in actions, said(found[name])
        assert SIGNS_NOW not in actions


@pytest.mark.parametrize("drug", ["midazolam", "lorazepam", "phenobarbital", "phenytoin"])
@pytest.mark.parametrize("signs", [("aggression",), ("psychosis", "encephalopathy")])
def test_signs_of_its_drugs_do_not_hold_up_treatment_of_status(
    engine: SpeakingEngine, drug: str, signs: tuple[str, ...]
) -> None:
    clinical = entry(signs=signs, syndromes=STATUS, planned=(LEVETIRACETAM_PLANNED,))
    found = by_drug(ask(engine, case(clinical=replace(clinical, current=(takes(drug),)))))
    assert "lowers" not in said(found[drug])
    assert "The next dose is given only" not in said(found[drug])
    begun = next(s for s in found["levetiracetam"].statements if "aggression" in s.text)
    assert "status epilepticus follows the local protocol and must not wait" in begun.text


def test_a_reaction_on_record_asks_nothing_of_a_list_that_does_not_name_the_drug(
    engine: SpeakingEngine,
) -> None:
    question = "if it is still taken"
    failed = (gave_up("carbamazepine", FailureReason.SEVERE_SKIN),)
    for current, asked in ((None, True), ((), False), ((takes("levetiracetam"),), False)):
        result = ask(engine, case(clinical=entry(current=current, failed=failed)))
        text = said(by_drug(result)["carbamazepine"])
        assert (question in text) is asked, current
        assert "never give it again" in text
        assert text.count("never give it again") == 1


def test_an_attack_of_porphyria_and_low_sodium_with_confusion_are_emergencies(
    engine: SpeakingEngine,
) -> None:
    for drug, extra, signs, words in (
        ("phenobarbital", {"syndromes": ("porphyria",)}, ("abdominal_pain",), "department today"),
        ("oxcarbazepine", {}, ("low_sodium", "vomiting"), "emergency department now"),
    ):
        clinical = entry(current=(takes(drug),), signs=signs, **extra)
        result = ask(engine, case(clinical=clinical))
        assert any(words in s.text for s in result.urgent), drug


@CHEAP
@given(patient=cases(), sign=st.sampled_from(SIGNS))
def test_each_line_says_what_holds_for_the_patient(
    engine: SpeakingEngine, reference: Reference, patient: Case, sign: str
) -> None:
    """No sign to come that is there, no start of a drug in use, no dose of one to avoid."""
    patient = replace(patient, clinical=replace(patient.clinical, signs=(sign,)))
    current = patient.clinical.current or ()
    signs, taken = {sign, *(w for d in current for w in d.reaction)}, {d.drug for d in current}
    rows = reference.rows(TextForm)
    warned = {r.text_id for r in rows if r.when is FormWhen.SIGN and signs & set(r.signs)}
    started = {r.text_id for r in rows if r.when is FormWhen.TAKEN}
    kinds = {text: action.kind for text, action in engine.actions.actions.items()}
    for line in ask(engine, patient).drugs:
        moot = warned | started if line.drug in taken else warned
        for s in line.statements:
            assert not moot & {s.text_id, s.action_id}, (line.drug, s.statement_id)
            if line.response in BARRED:
                assert s.response not in (Response.MAY_FAVOUR, Response.STANDARD), line.drug
                dose = kinds.get(s.text_id) is ActionClass.START and s.response not in OPEN
                assert not dose, (line.drug, s.text_id)


@CHEAP
@given(patient=cases(), how=st.sampled_from(("as drawn", "all taken", "none taken")))
def test_the_line_on_status_epilepticus_names_whatever_is_contraindicated(
    engine: SpeakingEngine, patient: Case, how: str
) -> None:
    given_there = engine.actions.about("context-status")
    clinical = replace(patient.clinical, syndromes=(*patient.clinical.syndromes, *STATUS))
    if how == "all taken":
        clinical = replace(clinical, current=tuple(map(takes, sorted(given_there))))
    elif how == "none taken":
        clinical = replace(clinical, current=())
    patient = replace(patient, clinical=clinical)
    line = context(engine, patient, "context-status")
    named = {d for v in line.values if v.name == "stopped" for d in v.items}
    firm = {
        drug.drug
        for drug in ask(engine, patient).drugs
        if any(
            s.response is Response.CONTRAINDICATED and not s.conditional for s in drug.statements
        )
    }
    assert firm & given_there <= named <= given_there
    assert line.text_id == ("context-status-without" if named else "context-status")


def test_the_line_on_status_epilepticus_names_drugs_that_are_taken(engine: SpeakingEngine) -> None:
    drugs = ("phenobarbital", "phenytoin", "valproate")
    for current in ((), tuple(map(takes, drugs))):
        clinical = entry(current=current, syndromes=("porphyria", *STATUS))
        line = context(engine, case(clinical=clinical), "context-status")
        assert (
            "this patient is not to be given: fosphenytoin, phenobarbital, phenytoin, valproate"
            in line.text
        )


def test_what_is_said_of_a_drug_holds_for_one_that_becomes_it(
    engine: SpeakingEngine, reference: Reference
) -> None:
    active = {row.drug: row.measured_as for row in reference.rows(Drug) if row.measured_as}
    assert active
    warned = {(r.rule_id, r.subject) for r in engine.rules.rules if r.response in WARNINGS}
    for form, drug in active.items():
        assert {i for i, d in warned if d == drug} <= {i for i, d in warned if d == form}, form
        own = {r.rule_id for r in engine.rules.rules if r.subject == form and r.form_of}
        favour = {r.rule_id for r in engine.rules.rules if r.response is Response.MAY_FAVOUR}
        assert not own & favour
    clinical = entry(current=(), syndromes=("juvenile_myoclonic_epilepsy",))
    line = by_drug(ask(engine, case(clinical=clinical)))["fosphenytoin"]
    assert line.response is Response.AVOID
    assert "is about phenytoin, to which fosphenytoin is turned" in said(line)


def test_guidelines_that_differ_stand_together(
    engine: SpeakingEngine, reference: Reference
) -> None:
    rules = {r.rule_id: r for r in reference.rows(DrugRule)}
    topics: dict[str, set[str]] = {}
    for row in reference.rows(SideBySide):
        topics.setdefault(row.topic, set()).add(rules[row.rule_id].source)
    assert topics
    assert all(len(sources) > 1 for sources in topics.values())
    line = by_drug(ask(engine, case(star_gene("CYP2C9", "*1/*2"))))["phenytoin"]
    both = [s.statement_id for s in line.statements if s.beside]
    assert both == ["cyp2c9-phenytoin-dpwg-1-2:phenytoin", "cyp2c9-phenytoin-as15-cpic:phenytoin"]


def test_who_is_pregnant_is_not_told_that_she_can_become_so(
    engine: SpeakingEngine, reference: Reference
) -> None:
    clinical = ClinicalEntry(pregnant=True, current=(takes("valproate"), takes("topiramate")))
    for line in ask(engine, case(clinical=clinical)).drugs:
        assert "able to become pregnant" not in said(line), line.drug
    # No drug speaks to her who can become pregnant and is silent once she is.
    asked: dict[str, dict[str, set[str]]] = {}
    for row in reference.rows(RuleCondition):
        if row.about in ("childbearing", "pregnant"):
            asked.setdefault(row.rule_id, {})[row.about] = set(row.value)
    able, pregnant = set(), set()
    for rule in engine.rules.rules:
        wanted = asked.get(rule.rule_id, {})
        if "pregnant" in wanted.get("childbearing", ()) or "yes" in wanted.get("pregnant", ()):
            pregnant.add(rule.subject)
        elif "childbearing" in wanted and rule.response in WARNINGS:
            able.add(rule.subject)
    assert able <= pregnant


def test_a_pathogenic_variant_makes_no_unknown_cause(engine: SpeakingEngine) -> None:
    clinical = entry(current=(), onset_months=Decimal(5), age_years=Decimal(1))
    found = variant("SCN1A", truncating=True)
    for findings, words in (((), "no other cause is known"), ((found,), "a pathogenic variant")):
        line = context(engine, case(findings=findings, clinical=clinical), "context-b6-open")
        assert words in line.text
        assert "must not" in line.text
        assert line.tier is Tier.ACT


def test_a_stop_that_is_certain_asks_no_if(engine: SpeakingEngine) -> None:
    clinical = entry(current=(takes("carbamazepine", "2026-10-18", ("rash",)),))
    result = ask(engine, case(typed("HLA-B", "*15:02"), clinical=clinical))
    assert "if it is still taken" not in said(by_drug(result)["carbamazepine"])


def test_a_favour_keeps_to_the_ages_that_its_text_names(
    engine: SpeakingEngine, reference: Reference
) -> None:
    """Words like "from two years" stand only in rules that ask for that age."""
    years = {"one": "1", "two": "2"}
    ages = {
        row.rule_id: row.value
        for row in reference.rows(RuleCondition)
        if row.about == "age_years" and row.operator == "at_least"
    }
    checked = 0
    for row in reference.rows(DrugRule):
        if row.response is not Response.MAY_FAVOUR:
            continue
        text = engine.wording.say(row.text_id, drug="x", Drug="X")
        found = re.search(r"from (\w+) years? of age", text)
        if found:
            checked += 1
            assert ages.get(row.rule_id) == (years[found[1]],), row.rule_id
    assert checked >= 5


def test_a_dose_that_depends_on_weight_says_for_which(reference: Reference) -> None:
    for row in reference.rows(CuratedText):
        if row.id.startswith(("rule-", "action-")) and re.search(r"maximum|máximo", row.text):
            if re.search(r"\bmg\b", row.text):
                assert "kg" in row.text, row.id
        assert not re.search(r"\badults? dose\b", row.text), row.id


def test_what_a_doctor_is_to_see_today_is_an_emergency_beside_such_a_sign(
    reference: Reference,
) -> None:
    """Of two urgencies in one box the graver holds for every line."""
    emergency = {
        sign
        for row in reference.rows(RuleCondition)
        if row.rule_id == "context-signs-emergency"
        for sign in row.value
    }
    words = {r.id: r.text for r in reference.rows(CuratedText) if r.language == "en"}
    forms: dict[str, dict[str, str]] = {}
    for row in reference.rows(TextForm):
        forms.setdefault(row.text_id, {}).update(dict.fromkeys(row.signs, row.text_said))
    seen = [
        row.text_id
        for row in reference.rows(ActionText)
        if "A doctor sees the patient today" in words[row.text_id]
    ]
    assert emergency
    assert seen
    for text_id in seen:
        graver = {sign: forms.get(text_id, {}).get(sign) for sign in emergency}
        assert all(said and "emergency" in words[said].lower() for said in graver.values()), graver


@pytest.mark.parametrize(
    ("start", "day", "last", "said"),
    [
        ("2026-10-20", "2026-11-20", "2026-11-18", "action-channel-lately"),
        ("2025-11-21", "2026-11-20", "2026-11-18", "action-channel-lately"),
        ("2025-11-20", "2026-11-20", "2026-11-18", "action-channel-taking"),
        ("2020-01-01", "2026-11-20", "2020-05-01", "action-channel-free"),
        ("2020-01-01", "2026-11-20", "2026-11-18", "action-channel-taking"),
        # Nothing is said of the time where it is not known.
        (None, "2026-11-20", "2026-11-18", "action-channel-taking"),
        ("2026-10-20", None, "2026-11-18", "action-channel-taking"),
    ],
)
def test_a_drug_begun_within_a_year_has_no_long_stability_to_weigh(
    engine, reference, start, day, last, said
):
    drug = f"carbamazepine[start={start}]" if start else "carbamazepine"
    cells = [f"current_drugs={drug}", "syndromes=dravet", f"last_seizure={last}"]
    cells += [f"entry_date={day}"] if day else []
    facts = parse_given((), cells, reference, engine)
    line = next(d for d in engine.interpret_facts(facts).drugs if d.drug == "carbamazepine")
    assert said in {s.action_id for s in line.statements}
