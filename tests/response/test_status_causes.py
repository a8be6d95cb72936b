"""What may keep a status epilepticus going is named: drugs, sodium, metabolism, pregnancy."""

from functools import cache

import pytest

from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import (
    ActionText,
    CuratedText,
    Drug,
    DrugRule,
    RuleCondition,
    Syndrome,
)
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.statement import SubjectKind
from epilepsy_pgx.vocabulary import ActionClass, Response

STATUS = "status_epilepticus"
BOX = "context-status-generalised"
WORSENING = "aggravation"
LATER, NOW = "action-channel-taking", "action-channel-status-taking"
FIRST, LAST = "action-channel-naive", "action-channel-status"
GIVEN = "action-status-emergency"
BARBITURATES = (
    "amobarbital",
    "barbexaclone",
    "methylphenobarbital",
    "pentobarbital",
    "secobarbital",
    "thiopental",
)
GENES = ("", "ALAD=biallelic_plp", "CPOX=monoallelic_plp", "HMBS=monoallelic_plp", "PPOX=vus")


@cache
def engine() -> ResponseEngine:
    return ResponseEngine(load_reference())


def interpret(*entry: str, genes: tuple[str, ...] = ()) -> Interpretation:
    return engine().interpret_facts(parse_given(genes, list(entry), load_reference(), engine()))


def urgent(*entry: str, genes: tuple[str, ...] = ()) -> set[str]:
    """Return the texts of the urgent box."""
    return {s.text_id for s in interpret(*entry, genes=genes).urgent}


def classes() -> dict[str, ActionClass]:
    return {row.text_id: row.action_class for row in load_reference().rows(ActionText)}


def worsening() -> list[DrugRule]:
    return [row for row in load_reference().rows(DrugRule) if row.effect == WORSENING]


def test_each_rule_on_a_drug_that_worsens_speaks_of_a_status_of_now() -> None:
    forms, kinds, seen = engine().forms, classes(), 0
    for row in worsening():
        if row.text_taking is not None:
            said = forms.under(row.text_taking, {STATUS})
            assert kinds[said] is ActionClass.URGENT, row.rule_id
            assert said in forms.answers
            # Its urgency hangs on what is to be done, which is told once a drug.
            assert row.critical == "no", row.rule_id
            seen += 1
        if row.response in (Response.AVOID, Response.AVOID_MAINTENANCE):
            assert row.text_naive is not None
            assert kinds[forms.under(row.text_naive, {STATUS})] is ActionClass.STOP, row.rule_id
    assert seen


@pytest.mark.parametrize("start", ["2026-11-10", "2015-01-01"])
def test_a_drug_that_worsens_and_is_taken_is_urgent_in_status(start: str) -> None:
    """Over every syndrome, and the seizure types with rules of their own."""
    names = sorted({d for row in worsening() for d in engine_drugs(row)})
    current = f"current_drugs={'|'.join(f'{d}[start={start}]' for d in names)}"
    words = [(row.syndrome, "") for row in load_reference().rows(Syndrome)]
    words += [("", t) for t in ("absence", "myoclonic", "tonic", "atonic", "eyelid_myoclonia")]
    seen = set()
    for syndrome, kind in words:
        rest = [current, "entry_date=2026-11-20", "age_years=12"]
        rest += [f"seizure_types={kind}"] if kind else []
        calm = interpret(*rest, *([f"syndromes={syndrome}"] if syndrome else []))
        status = interpret(*rest, f"syndromes={'|'.join(w for w in (syndrome, STATUS) if w)}")
        later = {
            d.drug
            for d in calm.drugs
            if any(s.action_id == LATER and not s.conditional for s in d.statements)
        }
        now = {d for s in status.urgent if s.action_id == NOW for d in s.drugs}
        if syndrome == STATUS:
            later = now
        assert later <= now, (syndrome, kind)
        for line in status.drugs:
            actions = {s.action_id for s in line.statements}
            assert LATER not in actions, (syndrome, line.drug)
            if line.drug in now:
                # Nobody is told in the same line to give more of it.
                worst = line.response in (Response.AVOID, Response.AVOID_MAINTENANCE)
                assert not worst or GIVEN not in actions, (syndrome, line.drug)
        seen |= now
    assert {"carbamazepine", "tiagabine", "vigabatrin", "phenytoin", "lamotrigine"} <= seen


def engine_drugs(row: DrugRule) -> set[str]:
    groups = engine().groups
    return {d for word in row.drug for d in (groups[word[1:]] if word[0] == "@" else [word])}


@pytest.mark.parametrize("drug", ["carbamazepine", "phenytoin", "fosphenytoin", "tiagabine"])
@pytest.mark.parametrize(
    "word", ["juvenile_myoclonic_epilepsy", "childhood_absence_epilepsy", "dravet"]
)
def test_what_is_planned_agrees_with_the_box(drug: str, word: str) -> None:
    """The box says that the drug is to be avoided, so that its row does not hurry it."""
    result = interpret(f"syndromes={word}|{STATUS}", f"planned_drugs={drug}", "current_drugs=none")
    (line,) = (d for d in result.drugs if d.drug == drug)
    actions = {s.action_id for s in line.statements}
    assert LAST in actions
    assert FIRST not in actions
    assert GIVEN not in actions
    assert not any(s.action_id == NOW for s in result.urgent)


def test_a_status_that_is_only_possible_is_asked_about_too() -> None:
    """It may be one of years ago, so that nothing is forbidden for it."""
    result = interpret(
        "syndromes=dravet",
        "seizure_types=status",
        "current_drugs=carbamazepine[start=2015-01-01]",
        "planned_drugs=phenytoin",
    )
    lines = {d.drug: {s.action_id for s in d.statements} for d in result.drugs}
    assert f"{LAST}-perhaps-taking" in lines["carbamazepine"]
    assert f"{LAST}-perhaps-taking" in {s.action_id for s in result.urgent}
    assert {f"{LAST}-perhaps", GIVEN} <= lines["phenytoin"]


@pytest.mark.parametrize("gene", GENES)
def test_each_drug_has_a_word_on_porphyria_and_none_is_praised(gene: str) -> None:
    """A drug without a row would read as cleared beside those that have one."""
    found = "vus" not in gene
    entry = [] if gene else ["syndromes=porphyria"]
    result = interpret(*entry, genes=(*([gene] if gene else []), "CYP2C19=*1/*1", "CYP2C9=*1/*1"))
    for line in result.drugs:
        assert line.response is not Response.STANDARD or not found, line.drug
        rows = {e.row for s in line.statements for e in s.evidence}
        prefix = f"{gene.partition('=')[0].lower()}-" if gene else "clinical-porphyria-"
        assert any(row.startswith(prefix) for row in rows) is found, (gene, line.drug)


@pytest.mark.parametrize("drug", ["diazepam", "lorazepam", "clonazepam"])
@pytest.mark.parametrize("where", ["planned_drugs", "current_drugs"])
def test_the_row_of_a_drug_that_the_box_names_does_not_hold_it_back(drug: str, where: str) -> None:
    result = interpret(f"syndromes=porphyria|{STATUS}", f"{where}={drug}")
    (line,) = (d for d in result.drugs if d.drug == drug)
    assert GIVEN in {s.action_id for s in line.statements}
    texts = {s.text_id for s in line.statements}
    assert not any(t.endswith("-unlisted") for t in texts)
    assert not any(s.action_id == "action-porphyria-taking" for s in line.statements)


@pytest.mark.parametrize("where", ["planned_drugs", "current_drugs"])
@pytest.mark.parametrize("drug", BARBITURATES)
def test_every_barbiturate_is_named_in_porphyria(drug: str, where: str) -> None:
    assert "context-porphyria-barbiturate" in urgent("syndromes=porphyria", f"{where}={drug}")
    by_gene = urgent(f"{where}={drug}", genes=("HMBS=monoallelic_plp",))
    assert "context-porphyria-barbiturate-genotype" in by_gene
    assert not any("barbiturate" in t for t in urgent(f"{where}={drug}"))


def test_the_barbiturates_are_those_of_the_tables() -> None:
    """All but the two that have a line of their own."""
    named = {
        row.drug
        for row in load_reference().rows(Drug)
        if row.drug_class == "barbiturate" or "barbiturate" in row.groups
    }
    own = {"phenobarbital", "primidone"}
    assert named - own <= set(BARBITURATES) == set(engine().groups["other_barbiturate"])


@pytest.mark.parametrize("drug", ["ketamine", "propofol", "magnesium"])
def test_what_the_box_names_in_porphyria_has_words(drug: str) -> None:
    for where in ("planned_drugs", "current_drugs"):
        result = interpret("syndromes=porphyria", f"{where}={drug}")
        said = {s.text_id for section in result.context for s in section.statements}
        assert f"context-porphyria-{drug}" in said


MITO, DIET = "mitochondrial_disease", "diet=ketogenic"


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ((f"syndromes={STATUS}", "signs=low_sodium"), "context-sodium-status"),
        ((f"syndromes={STATUS}", "signs=drowsiness"), ""),
        (("signs=low_sodium|drowsiness",), "context-sodium-brain"),
        (("signs=low_sodium|encephalopathy", "current_drugs=none"), "context-sodium-brain"),
        (("signs=low_sodium|vomiting", "current_drugs=valproate"), "context-sodium-brain"),
        (("signs=low_sodium",), ""),
        ((f"syndromes={STATUS}", DIET), "context-diet-status"),
        ((DIET,), ""),
        ((f"syndromes={MITO}|{STATUS}",), "context-mito-status"),
        ((f"syndromes=polg_disease|{STATUS}",), "context-mito-status"),
        ((f"syndromes={MITO}", "signs=vomiting"), "context-mito-crisis"),
        ((f"syndromes={MITO}",), ""),
        ((f"syndromes=pyruvate_dehydrogenase_deficiency|{STATUS}", DIET), "context-pdh-status"),
        (("syndromes=pyruvate_dehydrogenase_deficiency", "signs=drowsiness"), "context-pdh-crisis"),
        ((f"syndromes={MITO}", "planned_drugs=propofol"), "context-propofol-energy"),
        (("syndromes=carnitine_deficiency", "current_drugs=propofol"), "context-propofol-energy"),
        (("mitochondrial_suspected=yes", "current_drugs=propofol"), "context-propofol-energy"),
        (("current_drugs=propofol",), ""),
        (
            ("current_drugs=metformin|topiramate", "egfr_ml_min_173=20", "signs=vomiting"),
            "context-metformin-kidney-now",
        ),
        (("current_drugs=metformin", "egfr_ml_min_173=20"), "context-metformin-kidney"),
    ],
)
def test_a_cause_that_is_treated_by_itself_is_urgent(entry: tuple[str, ...], text: str) -> None:
    named = (
        "context-sodium-",
        "context-diet-",
        "context-mito-",
        "context-pdh-",
        "context-propofol-",
        "context-metformin-",
    )
    found = {t for t in urgent(*entry) if t.startswith(named)}
    assert (text in found) if text else not found, found


@pytest.mark.parametrize("gene", ["POLG=biallelic_plp", "CPT2=biallelic_plp"])
def test_propofol_by_genotype(gene: str) -> None:
    assert "context-propofol-energy" in urgent("planned_drugs=propofol", genes=(gene,))


PREGNANT = ("pregnant=yes", "sex=female", "age_years=28", "entry_date=2026-11-20")
TYPE = "seizure_types=tonic_clonic"
RECENT = "context-convulsions-pregnant-recent"
TREATED = "context-convulsions-pregnant-treated"


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ((TYPE, "last_seizure=2026-11-20"), RECENT),
        ((TYPE, "last_seizure=2026-11-13"), RECENT),
        ((TYPE, "last_seizure=2026-11-12"), ""),
        (("last_seizure=2026-11-20",), RECENT),
        (("seizure_types=absence", "last_seizure=2026-11-20"), ""),
        ((TYPE, "current_drugs=magnesium sulphate"), TREATED),
        ((TYPE, "planned_drugs=labetalol"), TREATED),
        ((TYPE, "current_drugs=nifedipine"), TREATED),
        ((TYPE,), ""),
    ],
)
def test_a_convulsion_of_now_in_pregnancy(entry: tuple[str, ...], text: str) -> None:
    found = urgent(*PREGNANT, *entry) & {RECENT, TREATED}
    assert found == ({text} if text else set())
    assert not urgent(*entry, "entry_date=2026-11-20") & {RECENT, TREATED}


ASKED_FOR = [
    (("syndromes=pyridoxine_dependent|status_epilepticus",), "pyridoxine"),
    (("syndromes=pnpo_deficiency",), "pyridoxal phosphate"),
    (("age_years=0.1", "onset_months=0", "seizures_per_month=60"), "pyridoxine"),
    ((*PREGNANT, f"syndromes={STATUS}"), "magnesium"),
    ((*PREGNANT, "signs=encephalopathy"), "magnesium"),
    ((f"syndromes={MITO}", "signs=vomiting"), "metformin"),
    ((DIET, f"syndromes={STATUS}"), "propofol"),
]


@pytest.mark.parametrize(("entry", "medicine"), ASKED_FOR)
def test_a_medicine_that_a_line_names_has_words_in_its_row(
    entry: tuple[str, ...], medicine: str
) -> None:
    """“No rule in these tables” beside a line that asks for it would read as its opposite."""
    result = interpret(*entry, f"planned_drugs={medicine}", "current_drugs=none")
    named = {
        name
        for section in result.context
        for s in section.statements
        for reason in s.reasons
        if reason.subject.kind is SubjectKind.DRUG
        for name in reason.subject.names
    }
    assert medicine in named


def test_several_rules_on_one_drug_call_once() -> None:
    """The box tells once what to do about it; the other reasons stand with the drug."""
    result = interpret(
        f"syndromes=myoclonic_atonic_epilepsy|{STATUS}",
        "seizure_types=atypical_absence|myoclonic_atonic",
        "current_drugs=vigabatrin[start=2026-11-01]",
        "age_years=7",
    )
    assert [s.action_id for s in result.urgent if "vigabatrin" in s.drugs] == [NOW]
    (line,) = (d for d in result.drugs if d.drug == "vigabatrin")
    assert sum(s.response is Response.AVOID for s in line.statements) > 1


@pytest.mark.parametrize("word", ["pyridoxine_dependent", "pnpo_deficiency"])
@pytest.mark.parametrize("number", ["", "seizures_per_month=0", "seizures_per_month=9"])
def test_a_known_disorder_of_vitamin_b6_is_no_unknown_cause(word: str, number: str) -> None:
    entry = [f"syndromes={word}", "onset_months=0", "age_years=0.1", *([number] if number else [])]
    result = interpret(*entry)
    said = {s.text_id for section in result.context for s in section.statements}
    assert not said & {"context-b6", "context-b6-free", "context-b6-cause"}


def test_each_drug_that_the_box_says_to_avoid_has_a_row_that_says_so() -> None:
    """Over every generalised syndrome of the box."""
    ref = load_reference()
    (row,) = (r for r in ref.rows(CuratedText) if r.id == BOX and r.language == "en")
    named = [d.drug for d in engine().drugs if d.drug in row.text and d.drug != "valproate"]
    assert len(named) == 7
    words = {
        word
        for c in ref.rows(RuleCondition)
        if c.rule_id == BOX and STATUS not in c.value
        for word in c.value
    }
    for word in sorted(words):
        for entry in (f"planned_drugs={'|'.join(named)}", f"current_drugs={'|'.join(named)}"):
            result = interpret(f"syndromes={word}|{STATUS}", entry, "age_years=20")
            lines = {d.drug: d.response for d in result.drugs}
            assert {lines[drug] for drug in named} == {Response.AVOID}, word


@pytest.mark.parametrize("syndrome", ["focal_epilepsy", "temporal_lobe_epilepsy"])
def test_tiagabine_may_cause_a_status_in_focal_epilepsy_too(syndrome: str) -> None:
    entry = (f"syndromes={syndrome}|{STATUS}", "current_drugs=tiagabine")
    assert {d for s in interpret(*entry).urgent if s.action_id == NOW for d in s.drugs} == {
        "tiagabine"
    }
