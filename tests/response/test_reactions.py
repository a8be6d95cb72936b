"""Signs of a reaction to a drug that is taken: stop now, and no word that keeps it going."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.intake.phenopacket import sign_words
from epilepsy_pgx.model import ClinicalEntry, DrugPrediction, Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug, RuleCondition, Sign
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.rules import WARNINGS
from epilepsy_pgx.vocabulary import Exposure, Response, Tier
from tests.drawing import examples
from tests.response.builders import TODAY, Case, takes
from tests.response.strategies import SIGNS, cases
from tests.said import SpeakingEngine, reasons_of

KEEPS_GOING = re.compile(
    r"stepwise|gradual|taper|abrupt|nobody (stops|changes)|without a recorded reaction|"
    r"may be continued|without a skin reaction|escalonad|nadie|puede continuarse|sin reacción",
    re.IGNORECASE,
)
STOP = ("stop {} now, at once", "suspender {} ahora, de inmediato")
SKIN = ("rash", "blisters", "mucosal_lesions", "swollen_lymph_nodes", "facial_swelling")
AROMATIC = (
    "carbamazepine",
    "oxcarbazepine",
    "eslicarbazepine",
    "phenytoin",
    "fosphenytoin",
    "lamotrigine",
    "phenobarbital",
    "primidone",
)
VALPROATE = ("jaundice", "liver_dysfunction", "encephalopathy", "hyperammonaemia", "pancreatitis")
GENES = (
    [],
    ["HLA-B=+*15:02"],
    ["HLA-B=-*15:02,-*15:11", "HLA-A=-*31:01"],
    ["SCN1A=lof_plp"],
    ["POLG=none_found", "OTC=none_found"],
    ["POLG=biallelic_plp"],
    ["OTC=biallelic_plp"],
    ["CYP2C9=*3/*3"],
)


def ask(
    engine: SpeakingEngine, reference: Reference, genes: list[str], *context: str
) -> Interpretation:
    return engine.interpret_facts(parse_given(genes, context, reference, engine))


def line(result: Interpretation, drug: str) -> DrugPrediction:
    return next(p for p in result.drugs if p.drug == drug)


def test_the_strategy_knows_every_sign(reference: Reference) -> None:
    assert {row.sign for row in reference.rows(Sign)} == set(SIGNS)


STARTS = (None, "2026-10-18", "2015-01-01")
WAYS = tuple((start, with_drug) for start in STARTS for with_drug in (True, False))
"""When the drug was begun, and whether the sign is entered with it or by itself."""


def is_stopped(
    engine: SpeakingEngine,
    reference: Reference,
    genes: list[str],
    drug: str,
    sign: str,
    way: tuple[str | None, bool],
) -> None:
    start, with_drug = way
    begun = f"start={start}" if start else ""
    context = (
        (f"current_drugs={drug}[{begun}{';' if begun else ''}reaction={sign}]",)
        if with_drug
        else (f"current_drugs={drug}[{begun}]", f"signs={sign}")
    )
    result = ask(
        engine,
        reference,
        genes,
        *context,
        f"entry_date={TODAY}",
        "affected=yes",
        "syndromes=dravet",
        "pregnant=yes",
    )
    found = line(result, drug)
    first = found.statements[0]
    assert (found.response, found.tier) == (Response.AVOID, Tier.ACT)
    assert found.exposure is Exposure.REACTION
    assert first.urgent
    assert first in result.urgent
    text = " ".join(s.text for s in found.statements)
    assert text.count(STOP[0].format(drug)) == 1
    assert not KEEPS_GOING.search(text), text


@pytest.mark.parametrize("genes", GENES, ids=str)
def test_an_aromatic_drug_is_stopped_whatever_the_genotype_says(
    engine: SpeakingEngine, reference: Reference, genes: list[str]
) -> None:
    """Every genotype with every drug and sign; drug and sign meet every way over the genotypes."""
    turn = GENES.index(genes)
    for i, drug in enumerate(AROMATIC):
        for j, sign in enumerate(SKIN):
            way = WAYS[(turn + i + j) % len(WAYS)]
            is_stopped(engine, reference, genes, drug, sign, way)


@pytest.mark.slow
@pytest.mark.parametrize("genes", GENES, ids=str)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_an_aromatic_drug_is_stopped_in_every_combination(
    engine: SpeakingEngine, reference: Reference, genes: list[str], way: tuple[str | None, bool]
) -> None:
    for drug in AROMATIC:
        for sign in SKIN:
            is_stopped(engine, reference, genes, drug, sign, way)


@pytest.mark.parametrize("genes", GENES, ids=str)
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("sign", VALPROATE)
def test_valproate_is_stopped_at_signs_of_liver_ammonia_and_pancreas(
    engine: SpeakingEngine,
    spanish: SpeakingEngine,
    reference: Reference,
    genes: list[str],
    language: str,
    sign: str,
) -> None:
    engine = engine if language == "en" else spanish
    drug, stop = ("valproate", STOP[0]) if language == "en" else ("valproato", STOP[1])
    result = ask(
        engine,
        reference,
        genes,
        "current_drugs=valproate[start=2019-01-10]",
        f"signs={sign}",
        f"entry_date={TODAY}",
        "pregnant=yes",
        "syndromes=urea_cycle_disorder",
    )
    found = line(result, "valproate")
    assert found.response in (Response.AVOID, Response.CONTRAINDICATED)
    assert found.tier is Tier.ACT
    text = " ".join(s.text for s in found.statements)
    assert text.count(stop.format(drug)) == 1
    assert not KEEPS_GOING.search(text), text
    rows = {e.row for s in result.urgent for e in s.evidence}
    assert rows & {f"reaction-{part}-valproate" for part in ("liver", "ammonia", "pancreatitis")}


def test_a_single_laboratory_value_is_looked_at_today(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for sign in ("raised_liver_enzymes", "raised_ammonia_without_symptoms", "vomiting"):
        result = ask(engine, reference, [], "current_drugs=valproate", f"signs={sign}")
        found = line(result, "valproate")
        assert found.tier is Tier.ACT
        assert found.statements[0].urgent
        # Vomiting sends to an emergency department whatever is taken; the drug's line does too.
        told = (
            "Emergency department now" if sign == "vomiting" else "A doctor sees the patient today"
        )
        assert told in found.statements[0].text
        assert STOP[0].format("valproate") not in " ".join(s.text for s in found.statements)


DROWSY_WITH = (
    "vomiting",
    "encephalopathy",
    "raised_ammonia_without_symptoms",
    "raised_liver_enzymes",
    "jaundice",
)


def test_drowsiness_alone_asks_for_tests_and_stops_nothing(
    engine: SpeakingEngine, reference: Reference
) -> None:
    """One unspecific sign is looked at today; a second one makes it a stop."""
    for genes in (
        [],
        ["POLG=none_found"],
        ["POLG=monoallelic_plp"],
        ["OTC=lof_predicted_unclassified"],
    ):
        result = ask(engine, reference, genes, "current_drugs=valproate", "signs=drowsiness")
        found = line(result, "valproate")
        text = " ".join(s.text for s in found.statements)
        assert found.tier is Tier.ACT
        today = [s for s in result.urgent if s.text_id == "rule-reaction-drowsy-valproate"]
        assert len(today) == 1
        assert "A doctor sees the patient today: ammonia, level" in today[0].text
        assert STOP[0].format("valproate") not in text, genes
    for other in DROWSY_WITH:
        signs = f"signs=drowsiness|{other}"
        found = line(ask(engine, reference, [], "current_drugs=valproate", signs), "valproate")
        text = " ".join(s.text for s in found.statements)
        assert STOP[0].format("valproate") in text, other
        assert found.response in (Response.AVOID, Response.CONTRAINDICATED)


def test_drowsiness_stops_valproate_where_it_is_contraindicated(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for gene in ("OTC=biallelic_plp", "POLG=biallelic_plp", "CPS1=biallelic_plp"):
        found = line(
            ask(engine, reference, [gene], "current_drugs=valproate", "signs=drowsiness"),
            "valproate",
        )
        assert STOP[0].format("valproate") in " ".join(s.text for s in found.statements), gene


def test_no_unspecific_sign_alone_stops_a_drug_that_nothing_else_speaks_against(
    engine: SpeakingEngine, reference: Reference
) -> None:
    unspecific = (
        "drowsiness",
        "vomiting",
        "abdominal_pain",
        "fever",
        "unsteadiness",
        "double_vision",
        "nystagmus",
        "slurred_speech",
        "raised_liver_enzymes",
    )
    drugs = [row.drug for row in reference.rows(Drug) if row.kind == "antiseizure"]
    for sign in unspecific:
        context = [f"current_drugs={'|'.join(drugs)}", f"signs={sign}", f"entry_date={TODAY}"]
        result = ask(engine, reference, [], *context)
        said = " ".join(s.text for found in result.drugs for s in found.statements)
        assert "now, at once" not in said, sign


def test_the_same_value_means_stop_where_the_gene_is_known(
    engine: SpeakingEngine, reference: Reference
) -> None:
    result = ask(
        engine,
        reference,
        ["OTC=biallelic_plp"],
        "current_drugs=valproate",
        "signs=raised_ammonia_without_symptoms",
    )
    text = " ".join(s.text for s in line(result, "valproate").statements)
    assert STOP[0].format("valproate") in text


def test_what_to_do_now_stands_before_what_the_gene_says(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for gene in ("OTC=x_linked_heterozygous_plp", "POLG=monoallelic_plp", "AMT=biallelic_plp"):
        result = ask(engine, reference, [gene], "current_drugs=valproate", "signs=encephalopathy")
        first = line(result, "valproate").statements[0]
        assert first.text_id == "rule-reaction-ammonia-valproate", gene
        assert STOP[0].format("valproate") in first.text
        assert result.urgent[0] == first


SEEN_TODAY = (
    "rule-reaction-ammonia-topiramate",
    "rule-reaction-encephalopathy-tiagabine",
    "rule-reaction-encephalopathy-vigabatrin",
    "rule-reaction-toxicity",
    "rule-reaction-toxicity-bromide",
    "rule-reaction-toxicity-clobazam",
    "rule-reaction-toxicity-kidney",
    "rule-reaction-toxicity-phenytoin",
)
"""Seen as an emergency, and the prescriber decides: an abrupt stop brings seizures."""


def test_no_list_means_find_out_today(engine: SpeakingEngine, reference: Reference) -> None:
    result = ask(engine, reference, [], "signs=mucosal_lesions|encephalopathy")
    rows = {e.row for s in result.urgent for e in s.evidence}
    assert {"reaction-skin-aromatic", "reaction-ammonia-valproate"} <= rows
    for statement in result.urgent:
        if not statement.drugs:  # what holds whatever is taken
            assert statement.text_id in ("context-signs-emergency", "context-autoimmune")
            continue
        assert statement.conditional
        assert "find out today" in statement.text
        told = "emergency department now"
        if statement.text_id not in SEEN_TODAY:
            told = "stop it now, at once"
        assert told in statement.text.lower()
    assert len([s for s in result.urgent if s.text_id == "rule-reaction-skin-aromatic"]) == 1


def condition_value(reference: Reference, rule: str) -> tuple[str, ...]:
    (row,) = (r for r in reference.rows(RuleCondition) if r.rule_id == rule)
    return row.value


def test_a_drug_that_is_not_taken_is_not_accused(
    engine: SpeakingEngine, reference: Reference
) -> None:
    result = ask(engine, reference, [], "current_drugs=none", "signs=blisters|jaundice")
    # What sends to an emergency department stands in the box, and accuses no drug.
    assert [s.text_id for s in result.urgent] == [
        "context-liver-causes",
        "context-signs-emergency-unmedicated",
    ]
    assert not any(s.drugs for s in result.urgent)
    said = [s for section in result.context for s in section.statements]
    assert any(
        s.text_id == "context-signs-emergency-unmedicated" and s.tier is Tier.ACT for s in said
    )


def test_what_sends_to_an_emergency_department_stands_in_the_urgent_box(
    engine: SpeakingEngine, reference: Reference
) -> None:
    """Whatever is taken, and whether or not a rule knows the drug; two signs as well as one."""
    emergency = set(condition_value(reference, "context-signs-emergency"))
    assert len(emergency) > 4
    for sign in SIGNS:
        result = ask(engine, reference, [], f"signs={sign}", "current_drugs=lacosamide")
        loud = [s for s in result.urgent if s.text_id == "context-signs-emergency"]
        assert len(loud) == (sign in emergency), sign
    both = ask(engine, reference, [], "signs=fever|low_blood_counts", "current_drugs=none")
    assert "context-blood-fever" in [s.text_id for s in both.urgent]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (("signs=psychosis|encephalopathy",), True),
        (("signs=psychosis", "movement_disorder=dyskinesia"), True),
        (("signs=encephalopathy",), True),
        (("signs=drowsiness",), False),
        (("signs=aggression",), False),
        (("signs=psychosis", "syndromes=autoimmune_encephalitis"), False),
    ],
)
def test_new_psychosis_or_confusion_names_autoimmune_encephalitis(
    engine: SpeakingEngine, reference: Reference, entry: tuple[str, ...], said: bool
) -> None:
    result = ask(engine, reference, [], "current_drugs=levetiracetam", *entry)
    texts = [s.text_id for section in result.context for s in section.statements]
    assert ("context-autoimmune" in texts) is said
    # The answer to the question asks for no less than the question did.
    entered = "syndromes=autoimmune_encephalitis" in entry
    assert ("context-autoimmune-now" in [s.text_id for s in result.urgent]) is entered


def test_autoimmune_encephalitis_is_treated_by_its_cause(
    engine: SpeakingEngine, reference: Reference
) -> None:
    entry = ("current_drugs=lacosamide", "syndromes=autoimmune_encephalitis")
    result = ask(engine, reference, [], *entry)
    (line,) = (
        s
        for section in result.context
        for s in section.statements
        if s.text_id == "context-autoimmune-cause"
    )
    assert (line.tier, line.urgent) == (Tier.ACT, False)


GENERAL_LINES = (
    "context-signs",
    "context-signs-fever",
    "context-signs-rash",
    "context-signs-emergency",
)


def test_a_rash_with_fever_or_swelling_is_an_emergency(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for signs in ("rash", "rash|fever", "rash|swollen_lymph_nodes", "rash|facial_swelling"):
        result = ask(engine, reference, [], f"signs={signs}", "current_drugs=none")
        rows = {e.row for s in result.urgent for e in s.evidence}
        wanted = "context-signs-rash" if signs == "rash" else "context-signs-dress"
        assert rows & {*GENERAL_LINES, "context-signs-dress"} == {wanted}


def test_every_sign_says_something(engine: SpeakingEngine, reference: Reference) -> None:
    for sign in SIGNS:
        for context in (f"signs={sign}", f"current_drugs=gabapentin[reaction={sign}]"):
            result = ask(engine, reference, [], context)
            said = [s for section in result.context for s in section.statements]
            shown = [s for s in said if s.statement_id.partition(":")[0] in GENERAL_LINES]
            assert len(shown) == 1
            name = engine.wording.word("word", sign)
            assert any(name in reason for reason in reasons_of(shown[0]))


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(patient=cases(), sign=st.sampled_from((*SKIN, *VALPROATE)), data=st.data())
def test_nothing_keeps_a_drug_going_under_signs(
    engine: SpeakingEngine, patient: Case, sign: str, data: st.DataObject
) -> None:
    """Invariant 10 over generated patients, and signs never take a warning away."""
    drug = data.draw(st.sampled_from(AROMATIC)) if sign in SKIN else "valproate"
    start = data.draw(st.sampled_from([None, "2026-10-18", "2020-01-01"]))
    others = tuple(d for d in patient.clinical.current or () if d.drug != drug)
    quiet = replace(patient.clinical, signs=(), current=(*others, takes(drug, start)))
    entries = (
        replace(quiet, signs=(sign,)),
        replace(quiet, current=(*others, takes(drug, start, (sign,)))),
    )
    before = line(interpret(engine, patient, quiet), drug)
    for entry in entries:
        result = interpret(engine, patient, entry)
        found = line(result, drug)
        assert found.response in (Response.AVOID, Response.CONTRAINDICATED)
        assert found.tier is Tier.ACT
        assert found.exposure is Exposure.REACTION
        text = " ".join(s.text for s in found.statements)
        assert not KEEPS_GOING.search(text), text
        assert text.count(STOP[0].format(drug)) == 1
        assert any(STOP[0].format(drug) in s.text for s in result.urgent)
        warned = {e.row for s in found.statements for e in s.evidence}
        gone = {
            e.row
            for s in before.statements
            for e in s.evidence
            if s.response in (Response.CONTRAINDICATED, Response.AVOID)
        } - warned
        assert not {row for row in gone if not row.endswith("-tolerated")}


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(patient=cases(), sign=st.sampled_from(SIGNS), data=st.data())
def test_signs_take_no_warning_away_and_add_no_comfort(
    engine: SpeakingEngine, patient: Case, sign: str, data: st.DataObject
) -> None:
    """Invariant 3 for signs: they add or strengthen, on every drug."""
    quiet = replace(
        patient.clinical,
        signs=(),
        current=None
        if patient.clinical.current is None
        else tuple(replace(d, reaction=()) for d in patient.clinical.current),
    )
    with_sign = replace(quiet, signs=(sign,))
    if quiet.current and data.draw(st.booleans()):
        first, *rest = quiet.current
        with_sign = replace(quiet, current=(replace(first, reaction=(sign,)), *rest))
    before = {d.drug: d for d in interpret(engine, patient, quiet).drugs}
    order = list(Response)
    comfort = (Response.MAY_FAVOUR, Response.STANDARD)
    for found in interpret(engine, patient, with_sign).drugs:
        calm = before[found.drug]
        assert order.index(found.response) <= order.index(calm.response)
        said = {(e.row, s.response) for s in found.statements for e in s.evidence}
        for statement in calm.statements:
            if statement.response in WARNINGS | {Response.ADJUST_DOSE}:
                for evidence in statement.evidence:
                    # A drug that must stop was not tolerated: the rule for that gives way.
                    known = any(
                        row == evidence.row
                        and order.index(response) <= order.index(statement.response)
                        for row, response in said
                    )
                    assert known or evidence.row.endswith("-tolerated")
        comforted = {s.text_id for s in calm.statements if s.response in comfort}
        assert {s.text_id for s in found.statements if s.response in comfort} <= comforted


def interpret(engine: SpeakingEngine, patient: Case, entry: ClinicalEntry) -> Interpretation:
    return engine.interpret(patient.genes, patient.findings, patient.coverage, entry)


def test_terms_of_the_ontology_name_one_sign_each(reference: Reference) -> None:
    listed = [t for row in reference.rows(Sign) for t in row.hpo]
    assert len(listed) == len(set(listed)) == len(sign_words(reference))
    assert all(re.fullmatch(r"HP:\d{7}", term) for term in listed)
    assert "HP:0001298" not in listed, "a lasting encephalopathy is no sign of a reaction"
