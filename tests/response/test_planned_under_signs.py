"""What is urgent of a drug in use is said of the same drug when it is planned, for every row.

A sign of today that makes a drug in use a case for a doctor is no less a reason before its first
dose. A row without such a twin is named here, with the reason why it needs none.
"""

import re

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClinicalContext, Drug, RuleCondition, Sign
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Origin, Tier
from tests.said import SpeakingEngine

NEEDS_NO_TWIN = {
    r"reaction-toxicity-.*": "too much of a drug in use; the planned one has no dose yet",
    r"reaction-encephalopathy-vigabatrin": "signs of its harm",
    r"reaction-swelling-pregabalin": "the same",
    r"reaction-suicidal": "of the whole class; a line on the planned drug says so",
    r"reaction-heat-.*": "fever by itself is no lack of sweat",
    r"reaction-fever-(aromatic|cenobamate)": "fever by itself is mostly an infection",
    r"reaction-(rash-dress-later|skin-named|skin-recent)": "the seizures need a cover by some drug",
    r"reaction-liver-aromatic-sign": "liver and aromatic drugs have rows of their own",
}
SEDATIVES = "benzodiazepine"
"""They are given against agitation, too."""
OTHER_MEDICINES = {
    "context-digoxin-signs": "too much of a medicine in use",
    "context-lithium-signs": "the same",
    "context-elsewhere-abacavir-signs": "it tells a reaction that has come; the allele has its row",
    "context-elsewhere-abacavir-stop": "the same",
    "context-lithium-raised-signs": "lithium is in use, and what raises it is planned",
    "context-serotonin-mao": "its twin asks for both lists",
    "context-serotonin-mao-planned": "the twin",
    "context-focal-clotting": "what is not taken yet lets nobody bleed; the sign has a row",
}


def asking(engine: SpeakingEngine, reference: Reference, *entry: str) -> dict[str, list[Statement]]:
    facts = parse_given([], list(entry), reference, engine)
    return {
        line.drug: [
            s
            for s in line.statements
            if s.origin is Origin.CLINICAL and s.tier in (Tier.ACT, Tier.CONSIDER)
        ]
        for line in engine.interpret_facts(facts).drugs
    }


def row_of(statement: Statement) -> str:
    return statement.evidence[0].row


def test_what_is_urgent_in_use_is_said_of_the_planned_drug(
    engine: SpeakingEngine, reference: Reference
) -> None:
    nothing = parse_given([], ["current_drugs=none"], reference, engine)
    lines = engine.interpret_facts(nothing).drugs
    names = "|".join(line.drug for line in lines)
    sedatives = {line.drug for line in lines if SEDATIVES in line.drug_class}
    missing = []
    for sign in (s.sign for s in reference.rows(Sign)):
        taken = asking(engine, reference, f"current_drugs={names}", f"signs={sign}")
        planned = asking(
            engine, reference, "current_drugs=none", f"planned_drugs={names}", f"signs={sign}"
        )
        calm = asking(engine, reference, "current_drugs=none", f"planned_drugs={names}")
        for drug, said in taken.items():
            rows = {row_of(s) for s in said if s.urgent}
            rows -= {r for r in rows if any(re.fullmatch(p, r) for p in NEEDS_NO_TWIN)}
            more = {map_row for map_row in map(row_of, planned[drug])} - {*map(row_of, calm[drug])}
            if rows and not more and drug not in sedatives:
                missing.append((sign, drug, sorted(rows)))
    assert missing == []


def test_each_reason_still_has_a_row(reference: Reference) -> None:
    rows = {c.rule_id for c in reference.rows(RuleCondition)}
    for pattern in NEEDS_NO_TWIN:
        assert any(re.fullmatch(pattern, row) for row in rows), pattern
    assert OTHER_MEDICINES.keys() <= rows


def medicines(reference: Reference, row: str, *operators: str) -> set[str]:
    return {
        drug
        for c in reference.rows(RuleCondition)
        if c.rule_id == row and c.kind == "medication" and c.operator in operators
        for drug in c.subject
    }


def beside(reference: Reference, row: str) -> set[tuple[str, str, tuple[str, ...]]]:
    """What else a row asks for, without what only keeps it from speaking twice."""
    return {
        (c.kind, c.about, tuple(sorted(c.value)))
        for c in reference.rows(RuleCondition)
        if c.rule_id == row and c.kind != "medication" and c.operator != "other_than"
    }


def test_what_is_urgent_of_another_medicine_is_said_of_the_planned_one(
    reference: Reference,
) -> None:
    rows = [r for r in reference.rows(ClinicalContext) if r.context_id not in OTHER_MEDICINES]
    urgent = [
        r.context_id
        for r in rows
        if r.tier is Tier.ACT and medicines(reference, r.context_id, "taking")
    ]
    assert len(urgent) > 10
    for row in urgent:
        twins = [
            r.context_id
            for r in rows
            if medicines(reference, r.context_id, "planned", "listed")
            and beside(reference, r.context_id) == beside(reference, row)
        ]
        told = set[str]().union(*(medicines(reference, t, "planned", "listed") for t in twins))
        assert medicines(reference, row, "taking") <= told, row


@pytest.mark.parametrize(
    ("entry", "row"),
    [
        (("signs=low_sodium", "planned_drugs=desmopressin"), "context-sodium-desmopressin-planned"),
        (("signs=low_sodium", "planned_drugs=indapamide"), "context-sodium-planned"),
        (("signs=low_blood_counts", "planned_drugs=clozapine"), "context-clozapine-blood-planned"),
        (("signs=low_blood_counts", "planned_drugs=warfarin"), "context-bleeding-planned"),
        (("signs=rash", "planned_drugs=co-trimoxazole"), "context-skin-planned"),
        (("signs=low_sodium", "current_drugs=desmopressin"), ""),
        (("planned_drugs=desmopressin",), ""),
    ],
)
def test_the_planned_medicine_has_a_line(
    engine: SpeakingEngine, reference: Reference, entry: tuple[str, ...], row: str
) -> None:
    facts = parse_given([], list(entry), reference, engine)
    rows = {
        row_of(s)
        for c in engine.interpret_facts(facts).context
        for s in c.statements
        if row_of(s).endswith("-planned")
    }
    assert rows == ({row} if row else set())


@pytest.mark.parametrize("cause", ["current_drugs=levetiracetam", "current_drugs=none"])
@pytest.mark.parametrize("genes", [(), ("HLA-A=-*31:01", "HLA-B=-*15:02")])
def test_a_skin_reaction_holds_every_aromatic_drug(
    engine: SpeakingEngine, reference: Reference, cause: str, genes: tuple[str, ...]
) -> None:
    """Whatever caused it, and whatever the typing says."""
    aromatic = engine.groups["aromatic"]
    for sign in ("rash", "blisters", "mucosal_lesions", "swollen_lymph_nodes", "facial_swelling"):
        facts = parse_given(list(genes), [cause, f"signs={sign}"], reference, engine)
        held = {
            line.drug: line.response.value
            for line in engine.interpret_facts(facts).drugs
            if line.drug in aromatic
        }
        assert len(held) > 6
        assert set(held.values()) <= {"avoid", "contraindicated"}, (sign, held)


SULPHONAMIDES = "sulphonamide"


@pytest.mark.parametrize("reason", ["severe_skin_or_DRESS", "rash"])
def test_a_reaction_to_one_sulphonamide_speaks_of_every_other(
    engine: SpeakingEngine, reference: Reference, reason: str
) -> None:
    group = engine.groups[SULPHONAMIDES]
    drugs = {r.drug for r in reference.rows(Drug)} & group & engine.groups["antiseizure"]
    assert len(drugs) == 3
    for past in group:
        entry = (f"failed_drugs={past}[reason={reason}]", "planned_drugs=" + "|".join(drugs))
        facts = parse_given([], ["current_drugs=none", *entry], reference, engine)
        lines = {line.drug: line for line in engine.interpret_facts(facts).drugs}
        for drug in drugs:
            rows = [row_of(s) for s in lines[drug].statements]
            assert any(r.endswith("-sulphonamide") and "history" in r for r in rows), (past, drug)


@pytest.mark.parametrize("sign", ["rash", "blisters", "mucosal_lesions", "swollen_lymph_nodes"])
def test_no_sulphonamide_is_begun_in_a_skin_reaction(
    engine: SpeakingEngine, reference: Reference, sign: str
) -> None:
    said = asking(engine, reference, "current_drugs=none", f"signs={sign}")
    for drug in engine.groups[SULPHONAMIDES] & engine.groups["antiseizure"]:
        assert "reaction-skin-own-risk" in map(row_of, said[drug]), drug


KIN = {"pyrrolidone": 2, "succinimide": 1}
"""Groups of relatives for which labels name hypersensitivity, and how many are anti-seizure."""
SKIN = ("rash", "blisters", "mucosal_lesions", "swollen_lymph_nodes", "facial_swelling")
CALM = {"standard dosing", "may favour", "no genetic rule", "not assessed", "partial"}


@pytest.mark.parametrize("group", KIN)
@pytest.mark.parametrize(("reason", "calm"), [("severe_skin_or_DRESS", False), ("rash", True)])
def test_a_reaction_to_one_relative_speaks_of_every_other(
    engine: SpeakingEngine, reference: Reference, group: str, reason: str, calm: bool
) -> None:
    members = engine.groups[group]
    drugs = members & engine.groups["antiseizure"]
    assert len(drugs) == KIN[group]
    genes = ("CYP2C19=Normal Metabolizer",)
    for past in members:
        for planned in members - {past}:
            entry = (f"failed_drugs={past}[reason={reason}]", f"planned_drugs={planned}")
            facts = parse_given(genes, ["current_drugs=none", *entry], reference, engine)
            result = engine.interpret_facts(facts)
            if planned in drugs:
                (line,) = (x for x in result.drugs if x.drug == planned)
                wanted = "use with caution" if calm else "contraindicated"
                assert line.response.value == wanted, (past, planned)
                continue
            rows = {row_of(s) for c in result.context for s in c.statements}
            assert f"context-kin-{planned}" in rows, (past, planned)


@pytest.mark.parametrize("sign", SKIN)
@pytest.mark.parametrize("cause", ["lacosamide", "levetiracetam", "brivaracetam", "none"])
def test_no_drug_is_begun_without_a_word_of_a_skin_reaction(
    engine: SpeakingEngine, reference: Reference, sign: str, cause: str
) -> None:
    """Reassurance, or silence, is the verdict of none while a reaction goes on."""
    drugs = engine.groups["antiseizure"] - {cause}
    entry = [f"current_drugs={cause}", f"signs={sign}", "planned_drugs=" + "|".join(sorted(drugs))]
    facts = parse_given(["CYP2C19=Normal Metabolizer"], entry, reference, engine)
    for line in engine.interpret_facts(facts).drugs:
        if line.drug not in drugs:
            continue
        rows = [row_of(s) for s in line.statements]
        assert any(r.startswith(("reaction-skin", "reaction-cross")) for r in rows), line.drug
        assert line.response.value not in CALM, line.drug


SEDATIVE_SIGNS = ("drowsiness", "encephalopathy", "slurred_speech", "unsteadiness")


@pytest.mark.parametrize("sign", SEDATIVE_SIGNS)
def test_no_sedating_drug_is_begun_without_a_word_of_the_drowsiness(
    engine: SpeakingEngine, reference: Reference, sign: str
) -> None:
    """Every barbiturate and benzodiazepine, and what else sedates."""
    sedating = engine.groups["antiseizure"] & (
        engine.groups["barbiturate"] | engine.groups["benzodiazepine"]
    ) | {"perampanel", "pregabalin", "gabapentin", "tiagabine", "cenobamate"}
    entry = ("current_drugs=none", "planned_drugs=" + "|".join(sorted(sedating)))
    said = asking(engine, reference, *entry, f"signs={sign}")
    for drug in sedating:
        assert any(row_of(s).startswith("clinical-sedation-first") for s in said[drug]), drug


def test_every_planned_antiseizure_drug_has_a_word_of_pregnancy(
    engine: SpeakingEngine, reference: Reference
) -> None:
    drugs = engine.groups["antiseizure"]
    entry = ("pregnant=yes", "current_drugs=none", "planned_drugs=" + "|".join(sorted(drugs)))
    said = asking(engine, reference, *entry)
    safer = {"lamotrigine", "levetiracetam"}
    for drug in (drugs & said.keys()) - safer:
        assert any("pregnan" in row_of(s) for s in said[drug]), drug


@pytest.mark.parametrize(
    "entry", ["syndromes=liver_disease", "signs=liver_dysfunction", "signs=jaundice"]
)
def test_planned_drugs_that_the_liver_breaks_down_have_a_word_of_it(
    engine: SpeakingEngine, reference: Reference, entry: str
) -> None:
    """But for those that leave by the kidneys and those that no source was read about."""
    severe = {"clonazepam", "clobazam", "diazepam", "cenobamate", "eslicarbazepine", "rufinamide"}
    lower = {"zonisamide", "lamotrigine", "phenytoin", "fosphenytoin", "lacosamide", "topiramate"}
    drugs = severe | lower | {"valproate", "felbamate", "carbamazepine", "phenobarbital"}
    plan = "planned_drugs=" + "|".join(sorted(drugs))
    said = asking(engine, reference, "current_drugs=none", plan, entry)
    calm = asking(engine, reference, "current_drugs=none", plan)
    for drug in drugs:
        new = {row_of(s) for s in said[drug]} - {row_of(s) for s in calm[drug]}
        assert any("liver" in row or "barbiturates" in row for row in new), (drug, new)


@pytest.mark.parametrize(
    ("entry", "row", "fires"),
    [
        (("age_years=5", "planned_drugs=codeine"), "context-age-codeine", True),
        (("age_years=11.9", "current_drugs=tramadol"), "context-age-codeine-taken", True),
        (("age_years=12", "planned_drugs=codeine"), "context-age-codeine", False),
        (("age_years=15", "planned_drugs=aspirin"), "context-age-aspirin", True),
        (("age_years=16", "planned_drugs=aspirin"), "context-age-aspirin", False),
        (("signs=drowsiness", "planned_drugs=morphine"), "context-sedation-planned", True),
        (("signs=encephalopathy", "planned_drugs=zopiclone"), "context-sedation-planned", True),
        (("signs=fever", "planned_drugs=morphine"), "context-sedation-planned", False),
        (("signs=drowsiness", "current_drugs=morphine"), "context-sedation-planned", False),
        (("sleep=sleep_apnoea", "planned_drugs=morphine"), "context-apnoea-sedatives", True),
        (("sleep=sleep_apnoea", "current_drugs=sodium oxybate"), "context-apnoea-sedatives", True),
        (("sleep=insomnia", "planned_drugs=morphine"), "context-apnoea-sedatives", False),
        (("sleep=sleep_apnoea", "planned_drugs=nitrazepam"), "context-apnoea-nitrazepam", True),
        (("sleep=sleep_apnoea", "current_drugs=nitrazepam"), "context-apnoea-nitrazepam", True),
        (("sleep=insomnia", "current_drugs=nitrazepam"), "context-apnoea-nitrazepam", False),
        (
            ("signs=vomiting", "current_drugs=lithium", "planned_drugs=ibuprofen"),
            "context-lithium-raised-signs",
            True,
        ),
        (
            ("signs=fever", "current_drugs=lithium", "planned_drugs=ibuprofen"),
            "context-lithium-raised-signs",
            False,
        ),
    ],
)
def test_a_medicine_barred_by_age_or_a_sign_has_a_line(
    engine: SpeakingEngine, reference: Reference, entry: tuple[str, ...], row: str, fires: bool
) -> None:
    facts = parse_given([], list(entry), reference, engine)
    said = engine.interpret_facts(facts).context
    assert (row in {row_of(s) for c in said for s in c.statements}) is fires
