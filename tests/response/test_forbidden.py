"""What a careful curator must not claim: one test a sentence, over all wording in English."""

import re

import pytest

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    ActionText,
    CuratedText,
    Drug,
    DrugInteraction,
    EnzymeModifier,
    HlaTag,
    TextForm,
)
from epilepsy_pgx.response.rules import WARNINGS, Rule
from epilepsy_pgx.vocabulary import Classification, Direction, Response, Tier
from tests.response.builders import case, covered, takes, variant
from tests.said import SpeakingEngine, reasons_of, resolve_of

PREFIXES = (
    "rule-",
    "action-",
    "deciding-",
    "therapy-",
    "fact-",
    "context-",
    "interaction-",
    "tag-",
    "drug-",
    "because-",
    "resolve-",
    "adjusted-",
)


def texts(reference: Reference) -> dict[str, str]:
    return {
        row.id: row.text
        for row in reference.rows(CuratedText)
        if row.language == "en" and row.id.startswith(PREFIXES)
    }


def all_rules(engine: SpeakingEngine) -> list[Rule]:
    return [rule for table in engine.tables for rule in table.rules]


def said(engine: SpeakingEngine, rule: Rule) -> str:
    parts = [rule.text_id, *(a for a in rule.actions.values() if a)]
    return " ".join(
        engine.wording.say(
            p, drug=rule.subject, Drug=rule.subject, later="x", **engine.wording.fill(rule.values)
        )
        for p in parts
    )


def assert_nowhere(reference: Reference, pattern: str) -> None:
    expression = re.compile(pattern, re.IGNORECASE)
    hits = {key: text for key, text in texts(reference).items() if expression.search(text)}
    assert not hits


def test_1_no_genotype_predicts_seizure_response(reference: Reference) -> None:
    assert_nowhere(
        reference,
        r"predict\w* (the )?(seizure |drug |treatment )?response|will respond|"
        r"responder|likely to respond|good response",
    )


def test_2_common_variants_do_not_explain_resistance(engine: SpeakingEngine) -> None:
    common = [r for r in engine.rules.rules if any(k[0] == "site" for k in r.kinds)]
    assert common
    for rule in common:
        assert rule.response in (Response.NO_RULE, Response.NOT_ASSESSED)
        assert not rule.explains
        if rule.text_id.startswith(("rule-abcb1", "rule-abcc2")):
            assert "Not used" in said(engine, rule)


def test_3_a_negative_hla_result_makes_nothing_safe(
    engine: SpeakingEngine, reference: Reference
) -> None:
    assert_nowhere(reference, r"\b(is|are|makes? \w+) safe\b|\b(no|low|normal) risk\b|can be given")
    negative = [r for r in engine.rules.rules if any(k[2] == "absent" for k in r.kinds)]
    assert negative
    for rule in negative:
        assert rule.response is Response.NO_RULE
        assert rule.tier is Tier.NONE
        assert "remains possible" in said(engine, rule)


def test_3_a_tag_is_no_type(engine: SpeakingEngine, reference: Reference) -> None:
    for row in reference.rows(HlaTag):
        text = engine.wording.say(row.text_id)
        assert "never clears a drug" in text or "not used" in text
    for rule in engine.rules.rules:
        if rule.rule_id.startswith("tag-"):
            assert rule.response is Response.NOT_ASSESSED
            assert "A tag never clears a drug" in said(engine, rule)


@pytest.mark.parametrize("direction", [Direction.NOT_DETERMINED, Direction.LOSS])
def test_4_a_vus_contraindicates_nothing(engine: SpeakingEngine, direction: Direction) -> None:
    finding = variant("SCN1A", classification=Classification.UNCERTAIN, direction=direction)
    patient = case(
        findings=[finding], coverage=covered("SCN1A"), clinical=ClinicalEntry(affected=True)
    )
    result = engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)
    for drug in result.drugs:
        assert drug.response not in WARNINGS


def test_4_location_gives_no_direction(reference: Reference) -> None:
    assert_nowhere(reference, r"\b(pore|linker|S4|voltage sensor|domain|segment)\b")


def test_5_missense_and_truncating_are_not_told_apart(reference: Reference) -> None:
    assert_nowhere(reference, r"(truncating|missense) variants? respond")


def test_6_blockers_are_not_recommended_in_scn1a(engine: SpeakingEngine) -> None:
    for rule in engine.rules.rules:
        if rule.response is Response.MAY_FAVOUR:
            assert not any(kind == "finding" and gene == "SCN1A" for kind, gene, _, _ in rule.kinds)


def test_6_case_level_treatments_stay_context(engine: SpeakingEngine) -> None:
    weak = re.compile(r"quinidine|memantine|4-aminopyridine|retigabine|nicotine", re.IGNORECASE)
    found = [
        r
        for r in all_rules(engine)
        if weak.search(
            engine.wording.say(
                r.text_id,
                drug="x",
                Drug="X",
                Medicines="X",
                later="y",
                **engine.wording.fill(r.values),
            )
        )
    ]
    assert found
    for rule in found:
        assert rule.tier is Tier.CONTEXT
    for rule in engine.therapy.rules:
        text = said(engine, rule)
        if "mTOR" in text and rule.tier is Tier.ACT:
            assert "mTOR inhibitors are experimental here" in text
    for rule in engine.rules.rules:
        if rule.subject in ("retigabine", "bromide"):
            assert rule.response is not Response.MAY_FAVOUR


def test_7_one_polg_variant_is_no_contraindication(engine: SpeakingEngine) -> None:
    rule = next(r for r in engine.rules.rules if r.rule_id == "polg-monoallelic-valproate")
    assert rule.response is not Response.CONTRAINDICATED
    assert "not a contraindication" in said(engine, rule)
    assert "discuss and confirm" in said(engine, rule)
    for other in engine.rules.rules:
        if other.subject == "valproate" and other.response is Response.STANDARD:
            pytest.fail(other.rule_id)


LABEL_LIMITS = frozenset(
    f"lamotrigine-valproate-{part}"
    for part in (
        "month",
        "six-weeks",
        "eight-weeks",
        "most",
        "child-month",
        "child-eight-weeks",
        "child-most",
    )
) | {f"fenfluramine-dose{part}" for part in ("", "-weight", "-stiripentol", "-stiripentol-weight")}
LABEL_LIMITS |= {"liver-dose-cenobamate", "liver-dose-lacosamide", "clinical-cannabidiol-above-20"}
LABEL_LIMITS |= {f"lamotrigine-fast{x}-{y}" for x in ("", "-alone") for y in ("two-weeks", "month")}
LABEL_LIMITS |= {
    f"cenobamate-fast-{part}"
    for part in ("two-weeks", "month", "six-weeks", "eight-weeks", "ten-weeks")
}
LABEL_LIMITS |= {
    f"{drug}-fast-{part}"
    for drug, parts in (
        ("perampanel", "alone-week week two-weeks three-weeks four-weeks"),
        ("topiramate", "week two-weeks three-weeks four-weeks five-weeks"),
        ("zonisamide", "two-weeks three-weeks four-weeks"),
    )
    for part in parts.split()
}
LABEL_LIMITS |= {
    f"rufinamide-valproate-dose{weight}" for weight in ("", "-30", "-50", "-70", "-toddler")
}
"""Rows that compare the dose that is entered with what labels give, alone or beside a drug."""


def test_8_only_phenytoin_and_the_clobazam_label_have_numbers(engine: SpeakingEngine) -> None:
    number = re.compile(
        r"\d+ ?% of the standard dose|\d+ ?mg\b|\b(halve|half|quarter|double) ", re.IGNORECASE
    )
    for rule in engine.rules.rules:
        # What labels say of the kidney depends on no genotype.
        if {"egfr_ml_min_173", "dialysis"} & {subject for _, subject, _, _ in rule.kinds}:
            continue
        if rule.rule_id in LABEL_LIMITS:
            # So does their limit: they ask of an entered dose, and of nothing that was read.
            assert {kind for kind, *_ in rule.kinds} <= {"clinical", "course", "medication"}
            assert {"mg/day", "mg/kg/day"} & {subject for _, subject, _, _ in rule.kinds}
            continue
        if number.search(said(engine, rule)):
            assert rule.subject in ("phenytoin", "fosphenytoin", "clobazam"), rule.rule_id
    assert {rule.rule_id for rule in engine.rules.rules} >= LABEL_LIMITS
    for rule in engine.therapy.rules:
        assert not re.search(r"mg/kg|\d ?mg\b", said(engine, rule)), rule.rule_id


def test_9_phenoconversion_is_published_for_one_enzyme_only(reference: Reference) -> None:
    published = {row.gene for row in reference.rows(EnzymeModifier) if row.status == "published"}
    assert published == {"CYP2D6"}
    for row in reference.rows(EnzymeModifier):
        assert row.factor is None or row.gene == "CYP2D6"


def test_10_referral_never_waits(engine: SpeakingEngine, reference: Reference) -> None:
    assert_nowhere(reference, r"(after|once|until) the (genetic|panel|genotype)\w* (result|report)")
    surgery = [r for r in engine.context.rules if "surgery" in r.rule_id]
    assert surgery
    for rule in surgery:
        assert re.search(r"(nor|without waiting|does not weaken)", said(engine, rule))


def test_11_no_claim_to_diagnose(reference: Reference) -> None:
    assert_nowhere(reference, r"this (report|software|test) (diagnoses|is a diagnos)")


def test_12_the_generic_sentence_is_nowhere_on_emergency_lines(
    engine: SpeakingEngine, reference: Reference
) -> None:
    assert_nowhere(reference, r"(do not|don't|never) stop (it |\{drug\} )?(suddenly|abruptly)")
    gentle = re.compile(r"stepwise|gradual|nobody (stops|changes)|abrupt|taper", re.IGNORECASE)
    emergencies = [r for r in engine.rules.rules if r.effect in ("skin", "liver", "ammonia")]
    assert emergencies
    for rule in emergencies:
        assert not gentle.search(said(engine, rule)), rule.rule_id


def test_12_emergency_lines_have_three_wordings(engine: SpeakingEngine) -> None:
    for rule in engine.rules.rules:
        if rule.effect not in ("skin", "liver", "ammonia") or rule.tier is not Tier.ACT:
            continue
        if any(k[0] == "exposure" and "taking_over_3_months" in k[3] for k in rule.kinds):
            continue
        actions = rule.actions
        assert actions["text_taking"], rule.rule_id
        assert actions["text_reaction"], rule.rule_id
        words = {
            name: engine.wording.say(str(key), drug="x", Drug="X")
            for name, key in actions.items()
            if key
        }
        assert "at once" in words["text_taking"], rule.rule_id
        assert "at once" in words["text_reaction"], rule.rule_id


def test_no_text_is_left_over_or_missing(engine: SpeakingEngine, reference: Reference) -> None:
    known = texts(reference)
    for rule in all_rules(engine):
        for key in (rule.text_id, *rule.actions.values()):
            assert key is None or key in known
    used = {rule.text_id for rule in all_rules(engine)}
    used |= {str(a) for rule in all_rules(engine) for a in rule.actions.values() if a}
    used |= {row.text_instead for row in reference.rows(ActionText)}
    used |= {row.text_said for row in reference.rows(TextForm)}
    orphans = {k for k in known if k.startswith(("rule-", "therapy-", "fact-"))} - used
    assert not orphans


def test_names_and_sizes_in_english_are_those_of_the_tables(reference: Reference) -> None:
    english = {row.id: row.text for row in reference.rows(CuratedText) if row.language == "en"}
    for row in reference.rows(Drug):
        key = "name-" + re.sub(r"[^a-z0-9]+", "-", row.drug.lower())
        assert english.get(key, row.drug) == row.drug
    for row in reference.rows(DrugInteraction):
        assert english.get(f"size-{row.interaction_id}") == row.size


def test_the_second_language_is_complete(reference: Reference) -> None:
    ids: dict[str, set[str]] = {"en": set(), "es": set()}
    for row in reference.rows(CuratedText):
        if row.id.startswith((*PREFIXES, "word-", "class-", "name-", "size-", "reason-")):
            ids.setdefault(row.language, set()).add(row.id)
    assert ids["en"] - ids["es"] == set()


def test_a_report_in_the_second_language_holds_no_english(reference: Reference) -> None:
    engine = SpeakingEngine(reference, "es")
    english = re.compile(
        r"\b(the|and|with|is|are|before|after|patient|dose of|carbamazepine|phenytoin|raises)\b"
    )
    patient = case(
        findings=[variant("SCN1A", truncating=True), variant("POLG", name="c.2A>G")],
        clinical=ClinicalEntry(
            affected=True,
            syndromes=("dravet",),
            current=(
                takes("carbamazepine"),
                takes("valproate"),
                takes("clobazam"),
                takes("cannabidiol"),
                takes("lamotrigine", reaction=("rash", "fever")),
            ),
            signs=("vomiting", "jaundice", "low_sodium"),
        ),
    )
    result = engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)
    lines = [s for d in result.drugs for s in (*d.statements, *d.safety_notes)]
    lines += [*result.monogenic, *result.interactions, *result.urgent]
    lines += [s for section in result.context for s in section.statements]
    for line in lines:
        for text in (line.text, resolve_of(line), *reasons_of(line)):
            text = text.replace("the laboratory", "")
            assert not english.search(text), text


def test_numbers_survive_translation(reference: Reference) -> None:
    def numbers(text: str) -> list[str]:
        plain = text.replace("8,604", "8604").replace("8.604", "8604")
        return sorted(n.replace(",", ".") for n in re.findall(r"\d+(?:[.,]\d+)?", plain))

    by_id: dict[str, dict[str, str]] = {}
    for row in reference.rows(CuratedText):
        if row.id.startswith((*PREFIXES, "size-")):
            by_id.setdefault(row.id, {})[row.language] = row.text
    for key, found in by_id.items():
        assert numbers(found["en"]) == numbers(found["es"]), key
