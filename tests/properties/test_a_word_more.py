"""A syndrome or a diagnosis more takes no urgent line away, unless one as urgent answers it."""

from collections.abc import Iterable, Mapping
from functools import cache

import pytest

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import ClinicalContext, DrugRule, RuleCondition, Syndrome
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.statement import Statement

ANSWERED = {
    "context-autoimmune": {"context-autoimmune-now"},
    "context-autoimmune-new": {"context-autoimmune", "context-autoimmune-now"},
    "context-focal-sudden": {"context-focal-now"},
    "context-fires-now": {"context-fires-now"},
    "context-hyperammonaemia": {
        "context-hyperammonaemia-liver",
        "context-pdh-crisis",
        "context-pdh-status",
        "context-ucd-crisis",
    },
    "context-hyperammonaemia-liver": {"context-pdh-crisis", "context-ucd-crisis"},
    "context-diet-glut1": {"context-diet-glut1-barred"},
    "context-convulsions-pregnant-now": {"context-eclampsia"},
    "context-convulsions-pregnant-recent": {"context-eclampsia"},
    "context-convulsions-pregnant-treated": {"context-eclampsia"},
    "context-infant-now": {"context-pnpo-now", "context-pyridoxine-now", "context-spasms-now"},
    "context-mito-crisis": {"context-mito-status"},
    "context-pdh-crisis": {"context-pdh-status"},
    "context-sodium-brain": {"context-sodium-status"},
    "context-spasms-now": {"context-spasms-now", "context-spasms-now-without"},
    "rule-reaction-behaviour": {"context-status", "context-status-without"},
    "rule-reaction-behaviour-others": {
        "context-status",
        "context-status-without",
        "rule-reaction-behaviour-withdrawal",
    },
    "rule-reaction-toxicity": {"context-status", "context-status-without"},
    "rule-reaction-toxicity-clobazam": {"context-status", "context-status-without"},
    "rule-reaction-toxicity-phenytoin": {"context-status", "context-status-without"},
    "context-status": {"context-status-without"},
    # Where the diet is barred, the line asks for glucose instead of sparing it.
    "context-diet-ill": {"context-diet-ill-barred"},
    "context-diet-status": {"context-diet-status-barred"},
    # Jerks of a focal disease are no generalised status; that it is a status stays said.
    "context-status-generalised": {"context-status"},
}
"""By the text of an urgent line about no drug, or about signs that status epilepticus explains:
the texts on the same matter that are as urgent."""
SICK = (
    "signs=psychosis;;current_drugs=levetiracetam|valproate",
    "signs=encephalopathy|vomiting;;current_drugs=valproate|topiramate;;age_years=0.5",
    "signs=rash|fever;;current_drugs=lamotrigine|carbamazepine",
    "signs=drowsiness|nystagmus;;current_drugs=phenytoin|clobazam|phenobarbital",
    "signs=aggression|suicidal_thoughts;;current_drugs=perampanel|clonazepam",
    "signs=jaundice|low_sodium;;current_drugs=oxcarbazepine|felbamate;;mri=lesion",
    "seizure_types=spasms;;age_years=0.6;;seizures_per_month=900;;current_drugs=levetiracetam",
    "seizures_per_month=300;;signs=psychosis;;current_drugs=carbamazepine;;age_years=62",
    "diet=ketogenic;;signs=vomiting;;current_drugs=topiramate",
    "current_drugs=meropenem|valproate;;signs=fever",
    "age_years=0.02;;seizures_per_month=200;;current_drugs=valproate",
    "syndromes=pyridoxine_dependent;;age_years=0.02;;seizures_per_month=200",
    "syndromes=pnpo_deficiency;;age_years=0.02;;seizures_per_month=200",
    "age_years=40;;onset_months=479;;cognition=declining;;seizures_per_month=0",
    "age_years=40;;onset_months=479;;cognition=impaired;;seizures_per_month=0",
    "age_years=40;;onset_months=479;;movement_disorder=dyskinesia;;seizures_per_month=0",
    "age_years=40;;onset_months=479;;mood=depression;;seizures_per_month=9",
)
"""Patients with urgent lines of each kind, as the entry gives them."""


@cache
def engine() -> ResponseEngine:
    return ResponseEngine(load_reference())


def boxed(*entry: str, genes: Iterable[str] = ()) -> list[Statement]:
    facts = parse_given(tuple(genes), list(entry), load_reference(), engine())
    return list(engine().interpret_facts(facts).urgent)


def more(entry: Iterable[str], word: str) -> list[str]:
    """Return an entry with a word more; given twice, a column holds what was given last."""
    column, added = word.split("=")
    cells = dict(cell.split("=", 1) for cell in entry)
    cells[column] = "|".join(filter(None, (cells.get(column), added)))
    return [f"{name}={value}" for name, value in cells.items()]


def answered(lost: Statement, after: Iterable[Statement]) -> bool:
    """Say whether an urgent line on the same matter is there: its text, or one of its drug."""
    texts = {lost.text_id, *ANSWERED.get(lost.text_id, ())}
    return any(s.text_id in texts or set(lost.drugs) & set(s.drugs) for s in after)


WORDS = [f"syndromes={row.syndrome}" for row in load_reference().rows(Syndrome)]
WORDS += [f"diagnosis_confirmed={word}" for word in ("clinical", "doubted", "video_eeg")]


@pytest.mark.parametrize("patient", SICK)
def test_a_word_more_takes_no_urgent_line_away(patient: str) -> None:
    entry = patient.split(";;")
    before = boxed(*entry)
    assert before
    for word in WORDS:
        after = boxed(*more(entry, word))
        lost = [s.statement_id for s in before if not answered(s, after)]
        assert not lost, (word, lost)


GUARDS = ("syndrome", "diagnosis_confirmed")


def urgent_rows() -> Mapping[str, str]:
    rows = [*load_reference().rows(ClinicalContext), *load_reference().rows(DrugRule)]
    keys = ((getattr(r, "context_id", None) or getattr(r, "rule_id", ""), r) for r in rows)
    return {key: row.text_id for key, row in keys if row.critical != "no"}


def guarded() -> list[tuple[str, str, str]]:
    """Return each urgent row with a word that silences it: row, column and word."""
    urgent = urgent_rows()
    return [
        (c.rule_id, c.subject[0], word)
        for c in load_reference().rows(RuleCondition)
        if c.rule_id in urgent and c.operator == "other_than" and c.subject[0] in GUARDS
        for word in c.value
    ]


def conditions() -> Mapping[str, set[tuple[object, ...]]]:
    found: dict[str, set[tuple[object, ...]]] = {}
    for c in load_reference().rows(RuleCondition):
        asked = (c.kind, tuple(c.subject), c.operator, tuple(c.value))
        found.setdefault(c.rule_id, set()).add(asked)
    return found


def drugs_of() -> Mapping[str, set[str]]:
    return {row.rule_id: set(row.drug) for row in load_reference().rows(DrugRule)}


@pytest.mark.parametrize(("row", "column", "word"), guarded())
def test_what_a_word_silences_has_an_urgent_row_of_its_own(
    row: str, column: str, word: str
) -> None:
    """A new row that a word silences fails here until one as urgent answers the word."""
    urgent = urgent_rows()
    positive = {
        c.rule_id
        for c in load_reference().rows(RuleCondition)
        if c.rule_id in urgent and c.operator in ("is", "any_of") and word in c.value
    }
    # Or it asks for nothing that the silenced row does not ask for, so that it was there before.
    asked = conditions()
    positive |= {r for r in urgent if r != row and r in asked and asked[r] < asked[row]}
    drugs = drugs_of()
    if about := drugs.get(row):
        assert about <= set().union(*(drugs.get(r, set()) for r in positive)) or (
            {urgent[r] for r in positive} & ANSWERED.get(urgent[row], set())
        )
        return
    # A row by genotype and the row by the entry that takes its place differ in their last word.
    own = urgent[row].removesuffix("-genotype")
    assert {urgent[r] for r in positive} & {own, *ANSWERED.get(own, ())}, (row, word)


def test_the_cause_that_is_entered_is_as_urgent_as_the_question() -> None:
    psychosis = "signs=psychosis;;current_drugs=levetiracetam".split(";;")
    for words, said in (
        ("functional_seizures", "context-autoimmune"),
        ("autoimmune_encephalitis", "context-autoimmune-now"),
        ("autoimmune_encephalitis|functional_seizures", "context-autoimmune-now"),
    ):
        assert said in {s.text_id for s in boxed(*psychosis, f"syndromes={words}")}


@pytest.mark.parametrize(
    ("entry", "text", "there"),
    [
        ("syndromes=autoimmune_encephalitis;;seizures_per_month=60", "context-autoimmune-now", 1),
        ("syndromes=autoimmune_encephalitis;;seizures_per_month=0", "context-autoimmune-now", 0),
        ("syndromes=autoimmune_encephalitis;;seizures_per_month=1", "context-autoimmune-now", 1),
        ("syndromes=autoimmune_encephalitis;;signs=encephalopathy", "context-autoimmune-now", 1),
        ("syndromes=norse;;signs=encephalopathy", "context-fires-now", 1),
        ("syndromes=fires|status_epilepticus", "context-fires-now", 1),
        # Both begin as status epilepticus, which may go on: a question.
        ("syndromes=fires", "context-fires-now", 1),
        ("syndromes=norse;;seizures_per_month=60", "context-fires-now", 1),
        ("syndromes=norse;;seizures_per_month=60;;signs=psychosis", "context-fires-now", 1),
        ("syndromes=norse|status_epilepticus;;seizures_per_month=60", "context-fires-now", 1),
        ("syndromes=infantile_spasms;;age_years=0.6", "context-spasms-now", 1),
        ("syndromes=infantile_spasms;;seizures_per_month=9", "context-spasms-now", 1),
        (
            "syndromes=infantile_spasms;;age_years=0.6;;seizures_per_month=0",
            "context-spasms-now",
            0,
        ),
        ("syndromes=infantile_spasms;;age_years=9;;seizures_per_month=9", "context-spasms-now", 0),
        ("seizure_types=spasms;;age_years=1;;seizures_per_month=9", "context-spasms-now", 1),
        (
            "syndromes=infantile_spasms;;age_years=1;;seizures_per_month=9;;"
            "current_drugs=vigabatrin;;failed_drugs=corticotropin[reason=lack_of_effect]",
            "context-spasms-now",
            1,
        ),
    ],
)
def test_a_cause_under_way_is_urgent(entry: str, text: str, there: int) -> None:
    found = [s for s in boxed(*entry.split(";;")) if s.text_id == text]
    assert len(found) == there


WORSE = (
    ("pregnant=yes;;seizure_types=tonic_clonic;;current_drugs=labetalol", "status_epilepticus"),
    ("syndromes=mitochondrial_disease;;signs=vomiting", "status_epilepticus"),
    ("syndromes=pyruvate_dehydrogenase_deficiency;;signs=drowsiness", "status_epilepticus"),
    ("signs=low_sodium|vomiting", "status_epilepticus"),
    ("age_years=0.3;;seizures_per_month=300", "infantile_spasms"),
    ("age_years=0.3;;seizures_per_month=300", "pnpo_deficiency"),
    ("age_years=0.3;;seizures_per_month=300", "pyridoxine_dependent|status_epilepticus"),
    ("age_years=0.3;;seizures_per_month=300", "pnpo_deficiency|status_epilepticus"),
    ("seizure_types=myoclonic;;syndromes=status_epilepticus", "rasmussen"),
)


@pytest.mark.parametrize(("entry", "words"), WORSE)
def test_a_word_that_takes_an_urgent_line_away_brings_its_answer(entry: str, words: str) -> None:
    """The line is lost to the word, and each that is lost has its own answer."""
    before = boxed(*entry.split(";;"))
    after = boxed(*more(entry.split(";;"), f"syndromes={words}"))
    texts, left = {s.text_id for s in after}, {s.statement_id for s in after}
    lost = {s.text_id for s in before if s.statement_id not in left}
    assert lost
    assert all(ANSWERED.get(text, set()) & texts for text in lost), (lost, texts)


NEW = "context-autoimmune-new"
MOVEMENTS = ("chorea", "dyskinesia", "dystonia", "myoclonus", "paroxysmal_dyskinesia")


@pytest.mark.parametrize(
    ("entry", "there"),
    [
        ("age_years=40;;onset_months=479;;cognition=declining", True),
        ("age_years=40;;onset_months=468;;cognition=declining", True),
        ("age_years=40;;onset_months=467;;cognition=declining", False),
        # Who is forty may be almost forty-one.
        ("age_years=40;;onset_months=490;;cognition=declining", True),
        ("age_years=8;;onset_months=90;;cognition=declining", True),
        # In an infant other diseases are far more often the cause.
        ("age_years=1;;onset_months=6;;cognition=declining", False),
        ("age_years=60;;onset_months=718;;cognition=impaired", True),
        ("age_years=60;;onset_months=712;;cognition=impaired", False),
        ("age_years=6;;onset_months=71;;cognition=impaired", False),
        *((f"age_years=60;;onset_months=712;;movement_disorder={w}", True) for w in MOVEMENTS),
        # Drugs cause these far more often.
        ("age_years=60;;onset_months=712;;movement_disorder=tremor", False),
        ("age_years=60;;onset_months=712;;movement_disorder=ataxia", False),
        ("age_years=30;;onset_months=358;;mood=irritability;;seizures_per_month=90", True),
        ("age_years=30;;onset_months=358;;mood=irritability;;seizures_per_month=1", False),
        ("age_years=30;;onset_months=300;;mood=irritability;;seizures_per_month=90", False),
        ("age_years=30;;cognition=declining", False),
        ("onset_months=358;;cognition=declining", False),
    ],
)
def test_new_seizures_with_new_signs_of_the_brain(entry: str, there: bool) -> None:
    found = [s for s in boxed(*entry.split(";;")) if s.text_id == NEW]
    assert bool(found) is there
    if there:
        assert not found[0].conditional
        # Psychosis or confusion is graver, and an encephalitis that is entered as urgent.
        for word in ("signs=psychosis", "syndromes=autoimmune_encephalitis"):
            texts = {s.text_id for s in boxed(*more(entry.split(";;"), word))}
            assert texts & ANSWERED[NEW]
            assert NEW not in texts


@pytest.mark.parametrize(
    ("entry", "there"),
    [
        ("age_years=0.02;;seizures_per_month=9", [False]),
        ("age_years=0.02", [True]),
        ("age_years=0.02;;seizures_per_month=0", []),
        ("age_years=0.02;;affected=no;;seizures_per_month=9", []),
        ("age_years=0.2;;seizures_per_month=9", []),
    ],
)
def test_a_newborn_with_seizures_is_seen_now(entry: str, there: list[bool]) -> None:
    """What is said, and whether only if the seizures are confirmed."""
    said = [s.conditional for s in boxed(*entry.split(";;")) if s.text_id == "context-neonates-now"]
    assert said == there


def test_spasms_of_which_no_number_is_known_are_asked_about() -> None:
    (said,) = (
        s
        for s in boxed("syndromes=infantile_spasms", "age_years=0.6")
        if s.text_id == "context-spasms-now"
    )
    assert said.conditional
    known = boxed("syndromes=infantile_spasms", "age_years=0.6", "seizures_per_month=900")
    assert not any(s.conditional for s in known if s.text_id == "context-spasms-now")


def test_an_empty_entry_has_no_such_line() -> None:
    said = engine().interpret({}, (), {}, ClinicalEntry())
    assert not any(s.text_id.startswith("context-") for s in said.urgent)


VITAMINS = (
    ("syndromes=pyridoxine_dependent", "context-pyridoxine-now"),
    ("syndromes=pnpo_deficiency", "context-pnpo-now"),
)
LISTS = ("none", "phenobarbital|levetiracetam", "pyridoxine", "pyridoxal phosphate")


@pytest.mark.parametrize(("word", "text"), VITAMINS)
@pytest.mark.parametrize("taken", LISTS)
@pytest.mark.parametrize("sick", ["seizures_per_month=200", "seizures_per_month=1", "status"])
def test_a_diagnosis_that_a_vitamin_treats_asks_for_it(
    word: str, text: str, taken: str, sick: str
) -> None:
    """Words that take nothing away may still ask for nothing: a diagnosis must ask itself."""
    words = [f"{word}|status_epilepticus"] if sick == "status" else [word, sick]
    drugs = "planned_drugs" if taken == "pyridoxine" else "current_drugs"
    for age in ("0.01", "0.5", "9"):
        found = [
            s for s in boxed(*words, f"age_years={age}", f"{drugs}={taken}") if s.text_id == text
        ]
        assert len(found) == 1
        assert not found[0].conditional


@pytest.mark.parametrize(("word", "text"), VITAMINS)
def test_a_vitamin_is_asked_about_where_no_number_of_seizures_is_known(
    word: str, text: str
) -> None:
    assert [s.conditional for s in boxed(word) if s.text_id == text] == [True]
    assert not [s for s in boxed(word, "seizures_per_month=0") if s.text_id == text]


@pytest.mark.parametrize("age", ["0.01", "0.5", "0.99"])
def test_an_age_under_one_year_says_that_the_onset_was(age: str) -> None:
    facts = parse_given((), ["affected=yes", f"age_years={age}"], load_reference(), engine())
    said = {s.text_id for c in engine().interpret_facts(facts).context for s in c.statements}
    assert "context-b6" in said
