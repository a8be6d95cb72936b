"""A drug, planned or in use, is named with what of the entry no rule weighs for it."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import pytest

from epilepsy_pgx.model import DrugExposure, Interpretation, PatientReport, PlannedDrug
from epilepsy_pgx.reference.conditions.base import members
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    ActionText,
    ClinicalContext,
    Drug,
    DrugRule,
    DrugSafety,
    PlannedMatter,
    RuleCondition,
    Syndrome,
)
from epilepsy_pgx.report.notjudged import (
    LABELS,
    LETTERS,
    all_not_judged,
    behind_page_one,
    not_judged,
    short_not_judged,
)
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.unjudged import (
    NOT_JUDGED,
    NOT_JUDGED_BESIDES,
    NOT_JUDGED_STOPPED,
    NOT_JUDGED_TAKEN,
    Unjudged,
)
from epilepsy_pgx.statement import ReasonKind, Statement, ValueKind
from epilepsy_pgx.vocabulary import ActionClass, Response

ENTRIES = {
    "pregnant": ["pregnant=yes"],
    "pregnant-childbearing": ["pregnant=yes"],
    "kidney-dialysis": ["dialysis=haemodialysis"],
    "kidney-disease": ["syndromes=kidney_disease"],
    "kidney-egfr": ["egfr_ml_min_173=5"],
    "liver-disease": ["syndromes=liver_disease"],
    "liver-signs": ["signs=jaundice|liver_dysfunction|raised_liver_enzymes"],
    "porphyria": ["syndromes=porphyria"],
    "mitochondrial-disease": ["syndromes=mitochondrial_disease"],
    "mitochondrial-suspected": ["mitochondrial_suspected=yes"],
    "ammonia-disorder": ["syndromes=urea_cycle_disorder"],
    "fatty-acid-oxidation": ["syndromes=carnitine_deficiency"],
    "glycine": ["syndromes=nonketotic_hyperglycinaemia"],
    "pyruvate-carboxylase": ["syndromes=pyruvate_carboxylase_deficiency"],
    "transplant": ["transplant=other"],
    "ammonia-signs": ["signs=hyperammonaemia"],
    "heart-brugada": ["syndromes=brugada"],
    "heart-conduction": ["syndromes=cardiac_conduction_disorder"],
    "heart-short-qt": ["syndromes=short_qt"],
    "heart-structure": ["syndromes=structural_heart_disease"],
    "low-blood-counts": ["signs=low_blood_counts"],
    "low-sodium": ["signs=low_sodium"],
    "psychosis": ["signs=psychosis"],
    "suicidal-thoughts": ["signs=suicidal_thoughts"],
    "pancreatitis": ["signs=pancreatitis"],
    "drowsiness": ["signs=drowsiness"],
    "confusion": ["signs=encephalopathy"],
    "visual-loss": ["signs=visual_loss"],
    "child": ["age_years=0.5"],
}
"""How each row of the table is entered; numbers far beyond every limit of a rule."""


def facts_of(ref: Reference, engine: ResponseEngine, *entry: str) -> PatientFacts:
    listed = any(e.startswith("current_drugs=") for e in entry)
    return parse_given((), [*([] if listed else ["current_drugs=none"]), *entry], ref, engine)


LISTS = {NOT_JUDGED: "planned_drugs", NOT_JUDGED_TAKEN: "current_drugs"}
"""By text, the list of the entry that it is about."""


def named(said: Interpretation, about: str = NOT_JUDGED) -> set[tuple[str, str]]:
    """Return each drug that is named with a matter that was not judged, wherever it stands."""
    apart = {NOT_JUDGED_BESIDES, NOT_JUDGED_STOPPED}
    both = {about} | (apart if about == NOT_JUDGED_TAKEN else set())
    return {
        (drug, text_id)
        for m in said.not_considered
        if m.text_id in both
        for text_id in m.values[0].items
        for drug in m.values[1].items
    }


def readers(ref: Reference, engine: ResponseEngine, row: PlannedMatter) -> dict[str, set[str]]:
    """Return by drug the rules in the tables that read a matter, whatever else they ask."""
    conditions: dict[str, list[RuleCondition]] = {}
    for c in ref.rows(RuleCondition):
        conditions.setdefault(c.rule_id, []).append(c)
    reading = {
        rule
        for rule, rows in conditions.items()
        for c in rows
        if (c.kind, c.subject) == (row.kind, row.subject)
        and c.operator not in ("other_than", "missing")
        and (row.operator == "less_than" or set(c.value) & set(row.value))
    }
    found: dict[str, set[str]] = {}
    about: list[DrugRule | DrugSafety] = [*ref.rows(DrugRule), *ref.rows(DrugSafety)]
    for one in about:
        for drug in members(one.drug, engine.groups) if one.key in reading else ():
            found.setdefault(drug, set()).add(one.key)
    # What is said of a drug holds for one that becomes it in the body.
    for form in ref.rows(Drug):
        if form.measured_as in found:
            found.setdefault(form.drug, set()).update(found[form.measured_as])
    for other in ref.rows(ClinicalContext):
        for c in conditions.get(other.key, ()) if other.key in reading else ():
            for drug in members(c.subject, engine.groups) if c.kind == "medication" else ():
                found.setdefault(drug, set()).add(other.key)
    return found


@pytest.fixture(scope="module")
def asked(reference: Reference, plain: ResponseEngine) -> Unjudged:
    of_drugs = (*plain.rules.rules, *plain.safety.rules)
    return Unjudged(reference, plain.groups, of_drugs, plain.context.rules)


def test_each_row_is_entered_here(reference: Reference) -> None:
    assert ENTRIES.keys() == {row.matter_id for row in reference.rows(PlannedMatter)}


def test_each_disorder_of_metabolism_or_of_the_heart_is_a_matter(reference: Reference) -> None:
    """Those that are heard as another word are one with it."""
    rows = reference.rows(PlannedMatter)
    words = {word for row in rows if row.subject == ("syndrome",) for word in row.value}
    asked = {s.syndrome for s in reference.rows(Syndrome) if s.group in ("metabolic", "heart")}
    assert asked - words == {"pyruvate_dehydrogenase_deficiency"}


@pytest.mark.parametrize("about", LISTS)
@pytest.mark.parametrize("matter", ENTRIES)
def test_a_drug_has_a_rule_that_speaks_of_the_matter_or_is_named_with_it(
    matter: str, about: str, reference: Reference, plain: ResponseEngine, asked: Unjudged
) -> None:
    """Of every drug of the tables, planned or in use, each way to enter a matter."""
    row = next(r for r in reference.rows(PlannedMatter) if r.matter_id == matter)
    alike = [r for r in reference.rows(PlannedMatter) if r.text_id == row.text_id]
    drugs = [r.drug for r in reference.rows(Drug)]
    entry = facts_of(reference, plain, *ENTRIES[matter]).clinical
    if about == NOT_JUDGED:
        entry = replace(entry, planned=tuple(PlannedDrug(drug, True, drug) for drug in drugs))
    else:
        entry = replace(entry, current=tuple(DrugExposure(drug, True, drug) for drug in drugs))
    facts = plain.facts({}, (), {}, entry)
    assert (facts.planned if about == NOT_JUDGED else facts.current) == {*drugs}
    nothing = replace(plain.interpret_facts(facts_of(reference, plain)), drugs=(), context=())
    told = named(replace(nothing, not_considered=asked.messages(facts, nothing)), about)
    if about == NOT_JUDGED_TAKEN and not row.taken:
        assert not told
        return
    tables = (plain.rules, plain.safety, plain.context)
    fired = {hit.rule.rule_id for table in tables for hit in table.fire(facts)}
    by_drug = [readers(reference, plain, one) for one in alike]
    for drug in drugs:
        if (drug, row.text_id) not in told:
            assert fired & set().union(*(found.get(drug, ()) for found in by_drug)), drug
        elif row.operator != "less_than":
            # A rule about the drug that says something of it is enough.
            of_drug = {i for found in by_drug for i in found.get(drug, ())}
            lines = {h.rule.rule_id for h in plain.rules.fire(facts) if h.rule.subject == drug}
            assert not lines & of_drug, drug


@pytest.mark.parametrize("about", LISTS)
@pytest.mark.parametrize("matter", ENTRIES)
def test_what_is_not_entered_names_nothing(
    matter: str, about: str, reference: Reference, plain: ResponseEngine
) -> None:
    own = {r.text_id for r in reference.rows(PlannedMatter) if r.matter_id == matter}
    drugs = f"{LISTS[about]}=baclofen|metoprolol|melatonin"
    said = plain.interpret_facts(facts_of(reference, plain, drugs, *ENTRIES[matter]))
    assert {text_id for _, text_id in named(said, about)} <= own
    assert named(plain.interpret_facts(facts_of(reference, plain, drugs)), about) == set()
    alone = plain.interpret_facts(facts_of(reference, plain, *ENTRIES[matter]))
    assert not any(m.text_id in LABELS for m in alone.not_considered)


CASES = (
    ("egfr_ml_min_173=12", "baclofen", "kidney", True),
    ("dialysis=peritoneal", "morphine", "kidney", True),
    ("egfr_ml_min_173=59.9", "baclofen", "kidney", True),
    ("egfr_ml_min_173=60", "baclofen", "kidney", False),
    ("egfr_ml_min_173=45", "metformin", "kidney", False),
    ("syndromes=brugada", "ketamine", "brugada", True),
    ("syndromes=brugada", "flecainide", "brugada", False),
    ("syndromes=urea_cycle_disorder", "prednisolone", "urea-cycle", True),
    ("syndromes=urea_cycle_disorder", "valproate", "urea-cycle", False),
    ("syndromes=liver_disease", "isoniazid", "liver", True),
    ("syndromes=liver_disease", "clonazepam", "liver", False),
    ("signs=jaundice", "methotrexate", "liver", True),
    ("signs=low_blood_counts", "cisplatin", "blood", True),
    ("signs=low_blood_counts", "azathioprine", "blood", False),
    ("signs=psychosis", "methylphenidate", "psychosis", True),
    ("pregnant=yes", "amiodarone", "pregnancy", True),
    ("pregnant=yes", "lithium", "pregnancy", True),
    ("pregnant=yes", "everolimus", "pregnancy", False),
    ("pregnant=yes", "topiramate", "pregnancy", False),
    ("pregnant=yes", "warfarin", "pregnancy", False),
    ("pregnant=no", "amiodarone", "pregnancy", False),
    ("syndromes=porphyria", "rifampicin", "porphyria", True),
    ("syndromes=porphyria", "lamotrigine", "porphyria", False),
    ("age_years=5", "ibuprofen", "child", True),
    ("age_years=5", "codeine", "child", False),
    ("age_years=11.9", "ibuprofen", "child", True),
    ("age_years=12", "ibuprofen", "child", False),
)


@pytest.mark.parametrize(("entry", "drug", "matter", "expected"), CASES)
def test_what_a_clinician_would_miss_is_named(
    entry: str, drug: str, matter: str, expected: bool, reference: Reference, plain: ResponseEngine
) -> None:
    said = plain.interpret_facts(facts_of(reference, plain, f"planned_drugs={drug}", entry))
    assert ((drug, f"matter-{matter}") in named(said)) is expected


TAKEN = (
    ("pregnant=yes", "amitriptyline", "pregnancy", True),
    ("pregnant=yes", "lithium", "pregnancy", True),
    ("pregnant=yes", "warfarin", "pregnancy", False),
    ("egfr_ml_min_173=22", "dabigatran", "kidney", False),
    ("egfr_ml_min_173=45", "dabigatran", "kidney", False),
    ("pregnant=yes", "clobazam", "pregnancy", True),
    ("pregnant=yes", "valproate", "pregnancy", False),
    ("pregnant=yes", "lamotrigine", "pregnancy", False),
    ("pregnant=no", "amitriptyline", "pregnancy", False),
    ("egfr_ml_min_173=22", "baclofen", "kidney", True),
    ("egfr_ml_min_173=22", "metformin", "kidney", False),
    ("syndromes=kidney_disease", "levetiracetam", "kidney", True),
    ("dialysis=peritoneal", "levetiracetam", "kidney", False),
    ("syndromes=brugada", "flecainide", "brugada", False),
    ("syndromes=brugada", "ketamine", "brugada", True),
    ("syndromes=polg_disease", "metformin", "mitochondrial", False),
    ("syndromes=pyruvate_dehydrogenase_deficiency", "valproate", "mitochondrial", False),
    ("syndromes=pyruvate_dehydrogenase_deficiency", "topiramate", "mitochondrial", True),
    ("syndromes=pyruvate_carboxylase_deficiency", "valproate", "pyruvate", True),
    ("syndromes=urea_cycle_disorder", "clobazam", "urea-cycle", True),
    ("transplant=liver", "valproate", "liver", False),
    ("transplant=liver", "isoniazid", "liver", True),
    ("transplant=other", "levetiracetam", "transplant", True),
    ("signs=drowsiness", "digoxin", "drowsiness", True),
    ("age_years=5", "melatonin", "child", False),
)


@pytest.mark.parametrize(("entry", "drug", "matter", "expected"), TAKEN)
def test_what_a_clinician_would_miss_of_a_drug_in_use_is_named(
    entry: str, drug: str, matter: str, expected: bool, reference: Reference, plain: ResponseEngine
) -> None:
    said = plain.interpret_facts(facts_of(reference, plain, f"current_drugs={drug}", entry))
    assert ((drug, f"matter-{matter}") in named(said, NOT_JUDGED_TAKEN)) is expected


SIGNS_OF_MATTERS = (
    "signs=jaundice|vomiting|pancreatitis",
    "signs=fever|rash|facial_swelling|low_blood_counts",
    "signs=drowsiness|encephalopathy|hyperammonaemia",
    "syndromes=polg_disease|status_epilepticus|porphyria|brugada",
    "egfr_ml_min_173=6",
)
"""Entries beside every matter: signs and disorders that stop drugs, or make them urgent."""


def names(said: Statement) -> set[str]:
    """Return the drugs in use, or of the line, that a statement is about."""
    taken = (r for r in said.reasons if r.kind is ReasonKind.TAKING)
    return {*said.drugs, *(name for r in taken for name in r.subject.names)}


@pytest.mark.parametrize("beside", SIGNS_OF_MATTERS)
@pytest.mark.parametrize("matter", ENTRIES)
def test_words_against_a_sudden_stop_name_no_drug_that_is_stopped_or_urgent(
    matter: str, beside: str, reference: Reference, plain: ResponseEngine
) -> None:
    """Every drug of the tables; what stands apart is named all the same."""
    asks = (ActionClass.STOP, ActionClass.URGENT)
    hasty = {r.text_id for r in reference.rows(ActionText) if r.action_class in asks}
    listed = "|".join(f"{r.drug}[dose=9000 mg/day]" for r in reference.rows(Drug))
    entry = {e.split("=")[0]: e for e in (*ENTRIES[matter], beside)}
    if entry.keys() & {"signs", "syndromes"} and beside not in ENTRIES[matter]:
        for own in ENTRIES[matter]:
            column, _, words = own.partition("=")
            if beside.startswith(f"{column}=") and column in ("signs", "syndromes"):
                entry[column] = f"{beside}|{words}"
    said = plain.interpret_facts(
        facts_of(reference, plain, f"current_drugs={listed}", *entry.values())
    )
    kept = {
        d for m in said.not_considered if m.text_id == NOT_JUDGED_TAKEN for d in m.values[1].items
    }
    stops = (Response.CONTRAINDICATED, Response.AVOID)
    assert not kept & {line.drug for line in said.drugs if line.response in stops}
    every = [s for line in said.drugs for s in line.statements]
    every += [*said.urgent, *said.interactions, *said.monogenic]
    every += [s for section in said.context for s in section.statements]
    for one in every:
        if one.urgent or one.response in stops or hasty & {*one.part_ids}:
            assert not kept & names(one), one.statement_id


STOPPED = (
    ("valproate", "signs=vomiting|raised_liver_enzymes", "syndromes=polg_disease"),
    ("valproate", "signs=encephalopathy|hyperammonaemia|vomiting"),
    ("valproate", "signs=pancreatitis", "syndromes=liver_disease"),
    ("carbamazepine", "signs=jaundice", "syndromes=porphyria"),
    ("felbamate", "signs=low_blood_counts|fever", "transplant=other"),
    ("phenytoin", "signs=rash|fever|jaundice", "transplant=other"),
    ("lamotrigine", "signs=jaundice|rash|fever", "transplant=other"),
)


@pytest.mark.parametrize("case", STOPPED)
def test_a_drug_that_is_stopped_now_is_not_in_the_row_that_keeps_it(
    case: tuple[str, ...], reference: Reference, plain: ResponseEngine
) -> None:
    facts = facts_of(reference, plain, f"current_drugs={case[0]}|baclofen", *case[1:])
    said = plain.interpret_facts(facts)
    row = [m for m in said.not_considered if m.text_id == NOT_JUDGED_TAKEN]
    assert all(case[0] not in m.values[1].items for m in row)


def test_what_is_left_of_a_stopped_drug_stands_behind_page_one(
    reference: Reference, plain: ResponseEngine
) -> None:
    entry = ("current_drugs=felbamate|baclofen", "signs=low_blood_counts|fever", "pregnant=yes")
    report = report_of(plain.interpret_facts(facts_of(reference, plain, *entry)))
    for language in ("en", "es"):
        words = ReportWords(Wording(reference, language))
        row, _ = short_not_judged(report, words, NOT_JUDGED_TAKEN)
        assert words.drug("felbamate") not in row
        assert words.drug("baclofen") in row
        (behind,) = behind_page_one(report, words)
        assert words.drug("felbamate") in behind
        assert words.say(LABELS[NOT_JUDGED_TAKEN]) not in behind


URGENT = (
    ("carbamazepine", "apixaban", "kidney", "egfr_ml_min_173=14"),
    ("carbamazepine", "apixaban", "liver", "signs=jaundice|liver_dysfunction"),
    ("phenytoin", "rivaroxaban", "kidney", "egfr_ml_min_173=20"),
    ("phenytoin", "edoxaban", "kidney", "dialysis=haemodialysis"),
    ("carbamazepine", "rivaroxaban", "pregnancy", "pregnant=yes"),
    ("valproate", "meropenem", "kidney", "egfr_ml_min_173=15"),
)
"""A drug in use, a medicine that is urgent beside it, and a matter of that medicine."""


@pytest.mark.parametrize(("drug", "medicine", "matter", "entry"), URGENT)
def test_what_is_urgent_in_one_matter_keeps_another_on_page_one(
    drug: str, medicine: str, matter: str, entry: str, reference: Reference, plain: ResponseEngine
) -> None:
    facts = facts_of(reference, plain, f"current_drugs={drug}|{medicine}", entry)
    report = report_of(plain.interpret_facts(facts))
    for language in ("en", "es"):
        words = ReportWords(Wording(reference, language))
        told = " ".join(
            short_not_judged(report, words, each)[0]
            for each in (NOT_JUDGED_TAKEN, NOT_JUDGED_BESIDES)
        )
        assert words.drug(medicine) in told
        assert words.say(f"matter-{matter}") in told


SAME = (
    ("syndromes=liver_disease", "transplant=liver"),
    ("syndromes=mitochondrial_disease", "syndromes=pyruvate_dehydrogenase_deficiency"),
    ("egfr_ml_min_173=10", "dialysis=haemodialysis"),
    ("syndromes=kidney_disease", "egfr_ml_min_173=10"),
)
"""One matter in two words: what is judged by the first is judged by the other."""


@pytest.mark.parametrize("about", LISTS)
@pytest.mark.parametrize(("word", "other"), SAME)
def test_another_word_for_a_matter_leaves_no_more_unjudged(
    word: str, other: str, about: str, reference: Reference, plain: ResponseEngine
) -> None:
    drugs = f"{LISTS[about]}={'|'.join(r.drug for r in reference.rows(Drug))}"
    told = [
        named(plain.interpret_facts(facts_of(reference, plain, drugs, entry)), about)
        for entry in (word, other)
    ]
    matters = {text_id for _, text_id in told[0]}
    assert matters
    assert {pair for pair in told[1] if pair[1] in matters} <= told[0]


@pytest.mark.parametrize("drug", ["valproate", "felbamate", "tiagabine", "clonazepam"])
@pytest.mark.parametrize("column", ["current_drugs", "planned_drugs"])
def test_a_transplanted_liver_bars_what_a_liver_disease_bars(
    column: str, drug: str, reference: Reference, plain: ResponseEngine
) -> None:
    lines = [
        {
            (s.statement_id, s.response, s.conditional, s.urgent)
            for line in plain.interpret_facts(
                facts_of(reference, plain, f"{column}={drug}", *entry)
            ).drugs
            if line.drug == drug
            for s in line.statements
        }
        for entry in (["syndromes=liver_disease"], ["transplant=liver"])
    ]
    assert lines[0] <= lines[1]


@pytest.mark.parametrize("about", LISTS)
def test_a_name_that_no_table_knows_is_named_too(
    about: str, reference: Reference, plain: ResponseEngine
) -> None:
    entry = (f"{LISTS[about]}=zorvamixin|topiramate", "pregnant=yes")
    said = plain.interpret_facts(facts_of(reference, plain, *entry))
    (message,) = (m for m in said.not_considered if m.text_id == about)
    assert message.values[1].items == ("zorvamixin",)
    assert message.values[1].kind is ValueKind.PLAIN


def test_a_drug_not_to_be_started_is_named_last_and_one_in_use_is_no_plan(
    reference: Reference, plain: ResponseEngine
) -> None:
    entry = ("planned_drugs=amitriptyline|topiramate", "pregnant=yes", "signs=pancreatitis")
    said = plain.interpret_facts(facts_of(reference, plain, *entry))
    told = [m for m in said.not_considered if m.text_id == NOT_JUDGED]
    assert [m.values[1].items for m in told] == [("amitriptyline",), ("topiramate",)]
    assert told[1].values[0].items == ("matter-pancreatitis",)
    facts = facts_of(reference, plain, "current_drugs=amitriptyline", *entry[1:])
    said = plain.interpret_facts(facts)
    assert named(said) == set()
    assert {d for d, _ in named(said, NOT_JUDGED_TAKEN)} == {"amitriptyline"}


def test_a_new_rule_makes_a_matter_judged_by_itself(
    reference: Reference, plain: ResponseEngine
) -> None:
    facts = facts_of(reference, plain, "planned_drugs=methotrexate", "signs=low_blood_counts")
    said = replace(plain.interpret_facts(facts), context=())
    rules = plain.context.rules
    without = [r for r in rules if not r.rule_id.startswith("context-marrow-planned")]
    assert len(without) < len(rules)
    for context, messages in ((rules, 0), (without, 1)):
        found = Unjudged(reference, plain.groups, (), context).messages(facts, said)
        assert len(found) == messages


def report_of(said: Interpretation) -> PatientReport:
    return cast(PatientReport, SimpleNamespace(interpretation=said))


@pytest.mark.parametrize("about", LISTS)
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("number", [1, 3, 12, 60])
def test_page_one_names_it_in_two_lines_and_counts_the_rest(
    number: int, language: str, about: str, reference: Reference, plain: ResponseEngine
) -> None:
    words = ReportWords(Wording(reference, language))
    drugs = [r.drug for r in reference.rows(Drug) if r.kind == "other"][2 : number + 2]
    entry = (f"{LISTS[about]}={'|'.join(drugs)}", "pregnant=yes", "egfr_ml_min_173=20")
    report = report_of(plain.interpret_facts(facts_of(reference, plain, *entry)))
    text, left = short_not_judged(report, words, about)
    label = words.say(LABELS[about])
    assert len(f"{label} {text}") <= LETTERS
    told = not_judged(report, about)
    pairs = sum(len(m.values[0].items) * len(m.values[1].items) for m in told)
    shown = sum(text.count(words.drug(d)) > 0 for d in drugs)
    whole = all_not_judged(report, words, about)
    assert (left == 0) == (text in whole)
    apart = tuple(words.say(LABELS[x]) for x in (NOT_JUDGED_BESIDES, NOT_JUDGED_STOPPED))
    behind = tuple(x for x in behind_page_one(report, words) if not x.startswith(apart))
    assert behind == ((whole,) if left else ())
    assert shown > 0
    assert Decimal(left) < pairs
    if left:
        assert words.say("label-not-judged-more", number=str(left)) in text
    assert all(words.drug(d) in whole for m in told for d in m.values[1].items)


@pytest.mark.parametrize("about", LISTS)
def test_it_calls_nothing_safe(about: str, reference: Reference) -> None:
    for language in ("en", "es"):
        label = ReportWords(Wording(reference, language)).say(LABELS[about])
        assert ("ask" in label) or ("consultar" in label)
