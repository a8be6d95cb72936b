"""Each row of every rule table is met by a patient made for it, and by nobody else's."""

from decimal import Decimal
from functools import cache

import pytest

from epilepsy_pgx.errors import ConfigError, TableError
from epilepsy_pgx.genetics import SiteGenotype
from epilepsy_pgx.model import ClinicalEntry, DrugExposure, Interpretation
from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.conditions.verdict import Truth
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import PairToAvoid, RuleCondition
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.response.explain import explain, parse_given
from epilepsy_pgx.response.rules import Rule, assess, load_groups
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import FailureReason, GeneStatus, Response, Tier
from tests.response.builders import case, covered, gave_up, star_gene, takes, typed, variant
from tests.said import SpeakingEngine, reasons_of

RESISTANT = (
    "failed_drugs=levetiracetam[reason=lack_of_effect;adequate=yes]"
    "|topiramate[reason=lack_of_effect;adequate=yes]"
)

TRIED = {
    "drug_resistant": [RESISTANT, "seizures_per_month=1"],
    "undetermined": [RESISTANT.partition("|")[0]],
    "not_shown": ["failed_drugs=none"],
    "not_given": [],
    "yes": ["last_seizure=2026-11-20", "entry_date=2026-11-21"],
}
"""What is entered so that this is worked out, of drug resistance or of the last seizure."""
STOPPED = "failed_drugs={drug}[reason=lack_of_effect;stop=2026-11-20]"
FREE_OF_NONE = (("seizure_free", "no"), ("treated", "yes"))
"""Conditions that are met by whoever has no entry."""


def recipe(rule: Rule) -> tuple[list[str], list[str]]:
    """Return words that meet the conditions of a rule of the context or therapy tables."""
    genes: list[str] = []
    context: list[str] = []
    signs: list[str] = []
    syndromes: list[str] = []
    drugs: list[str] = []
    planned: list[str] = []
    since: list[Decimal] = []
    for kind, subject, operator, value in rule.kinds:
        first = value.split("|")[0]
        if kind in ("finding", "phenotype", "diplotype"):
            if operator == "other_than":
                continue
            genes.append(f"{subject}={first}")
        elif kind == "activity_score":
            genes.append(f"{subject}=AS:{first}")
        elif kind == "computed":
            context += TRIED[first] if subject in ("resistance", "recent_seizure") else []
            context += ["current_drugs=none"] if (subject, first) == ("treated", "no") else []
        elif operator in ("missing", "other_than"):
            continue
        elif kind == "allele":
            typed_locus = subject.startswith("HLA")
            genes.append(f"{subject}=+{first}" if typed_locus else f"{subject}={first}/{first}")
        elif kind == "regimen":
            context.append(f"{subject}_drugs=levetiracetam")
        elif kind == "medication":
            named = subject.split("|")[0]
            groups = load_groups(load_reference())
            one = min(groups[named[1:]]) if named[0] == "@" else named
            if operator == "stopped_lately":
                context += [STOPPED.format(drug=one), "entry_date=2026-11-21"]
            else:
                (planned if operator == "planned" else drugs).append(one)
        elif kind == "history":
            groups = load_groups(load_reference())
            context.append(f"failed_drugs={min(groups[subject[1:]])}[reason={first}]")
        elif subject == "syndrome":
            syndromes.append(first)
        elif subject == "sign":
            signs.append(first)
        elif subject == "childbearing":
            context.append(f"pregnancy_potential={first}")
        elif subject == "months_since_onset":
            since.append(Decimal(first))
        elif operator == "less_than":
            context.append(f"{subject}={Decimal(first) / 2}")
        elif operator == "more_than":
            context.append(f"{subject}={Decimal(first) + 1}")
        else:
            context.append(f"{subject}={first}")
    for months in since:
        ages = [x.partition("=")[2] for x in context if x.startswith("age_years=")]
        context += [] if ages else ["age_years=30"]
        context.append(f"onset_months={Decimal(ages[0] if ages else 30) * 12 - months}")
    if drugs:
        context.append(f"current_drugs={'|'.join(drugs)}")
    if planned:
        context.append(f"planned_drugs={'|'.join(planned)}")
    if syndromes:
        context.append(f"syndromes={'|'.join(syndromes)}")
    if signs:
        context.append(f"signs={'|'.join(signs)}")
    return genes, context


def rows(result: Interpretation) -> set[str]:
    statements: list[Statement] = list(result.monogenic)
    for section in result.context:
        statements += section.statements
    for drug in result.drugs:
        statements += drug.safety_notes
    return {e.row for s in statements for e in s.evidence}


def is_met_by_silence(rule: Rule) -> bool:
    """Say whether every condition holds of a patient of whom nothing was entered."""
    return all(
        operator in ("missing", "other_than")
        or (kind == "computed" and ("not_given" in value or (subject, value) in FREE_OF_NONE))
        for kind, subject, operator, value in rule.kinds
    )


def test_each_row_fires_for_its_patient(engine: SpeakingEngine, reference: Reference) -> None:
    nobody = rows(engine.interpret({}, (), {}, ClinicalEntry()))
    for table in (engine.therapy, engine.context, engine.safety):
        for rule in table.rules:
            genes, context = recipe(rule)
            facts = parse_given(genes, context, reference, engine)
            assert rule.rule_id in rows(engine.interpret_facts(facts)), rule.rule_id
            # A label fact is withheld only from a patient whom the entry shows it is not about.
            if rule.conditions and table is not engine.safety:
                assert (rule.rule_id in nobody) == is_met_by_silence(rule), rule.rule_id


def test_leaving_out_a_condition_silences_or_opens_the_rule(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for rule in engine.therapy.rules:
        genes, context = recipe(rule)
        for left_out in range(len(genes)):
            fewer = genes[:left_out] + genes[left_out + 1 :]
            facts = parse_given(fewer, context, reference, engine)
            negative = any(
                state in value.split("|")
                for _, _, _, value in rule.kinds
                for state in ("not_assessed", "none_found")
            )
            assert negative or not assess(rule, facts), rule.rule_id
        if context:
            facts = parse_given(genes, context[:-1], reference, engine)
            assert assess(rule, facts).truth is not Truth.YES, rule.rule_id


def test_each_interaction_fires_when_its_drugs_are_taken(
    engine: SpeakingEngine, reference: Reference
) -> None:
    avoided = {row.interaction_id for row in reference.rows(PairToAvoid)}

    @cache
    def ask(current: tuple[DrugExposure, ...]) -> Interpretation:
        return engine.interpret({}, (), {}, ClinicalEntry(current=current))

    for item in engine.interactions.interactions:
        both = [takes(d) for d in sorted(item.perpetrators)]
        for taken in (True, False):
            current = (*both, takes(item.victim)) if taken else tuple(both)
            result = ask(current)
            found = [
                s
                for d in result.drugs
                if d.drug == item.victim
                for s in d.statements
                if any(e.row == item.evidence.row for e in s.evidence)
            ]
            together = [
                s
                for s in result.interactions
                if any(e.row == item.evidence.row for e in s.evidence)
            ]
            assert bool(together) is taken
            if item.victim in {d.drug for d in result.drugs}:
                assert found
            for statement in found:
                if statement.response is Response.AVOID_TOGETHER:
                    assert taken
                    assert item.evidence.row in avoided
                else:
                    assert statement.response is Response.INTERACTION
                assert statement.conditional is not taken
                if not taken or not item.evidence.verified:
                    assert statement.tier is Tier.CONTEXT


def test_a_drug_that_may_be_started_carries_what_it_does_to_those_taken(
    engine: SpeakingEngine,
) -> None:
    known = {info.drug for info in engine.drugs}
    for item in engine.interactions.interactions:
        for new in sorted(item.perpetrators & known):
            rest = sorted({*item.perpetrators, item.victim} - {new})
            result = engine.interpret(
                {}, (), {}, ClinicalEntry(current=tuple(takes(d) for d in rest))
            )
            line = next(d for d in result.drugs if d.drug == new)
            said = [
                s for s in line.statements if any(e.row == item.evidence.row for e in s.evidence)
            ]
            assert said, (item.evidence.row, new)
            assert all(s.conditional and s.tier is Tier.CONTEXT for s in said)
            assert not any(
                e.row == item.evidence.row for s in result.interactions for e in s.evidence
            )


def test_an_interaction_of_a_proposed_drug_asks_as_loudly_as_of_a_drug_taken(
    engine: SpeakingEngine,
) -> None:
    clinical = ClinicalEntry(syndromes=("dravet",), current=(takes("valproate"), takes("clobazam")))
    lines = {d.drug: d for d in engine.interpret({}, (), {}, clinical).drugs}
    for drug, rows in {
        "cannabidiol": {"cannabidiol-valproate-liver": Tier.ACT},
        "stiripentol": {"stiripentol-norclobazam": Tier.CONSIDER},
    }.items():
        assert lines[drug].response is Response.MAY_FAVOUR
        tiers = {e.row: s.tier for s in lines[drug].statements for e in s.evidence}
        assert {row: tiers[row] for row in rows} == rows


def test_opposing_perpetrators_cannot_be_predicted(engine: SpeakingEngine) -> None:
    current = (takes("valproate"), takes("carbamazepine"), takes("lamotrigine"))
    result = engine.interpret(
        {"CYP2C9": star_gene("CYP2C9", "*1/*3")}, (), {}, ClinicalEntry(current=current)
    )
    lamotrigine = next(d for d in result.drugs if d.drug == "lamotrigine")
    line = next(s for s in lamotrigine.statements if s.text_id == "interaction-opposing")
    assert "raised by valproate, lowered by carbamazepine" in line.text
    assert "cannot be predicted" in line.text
    assert len(line.evidence) == 2
    cyp2c9 = next(row for row in result.adjusted_phenotypes if row.gene == "CYP2C9")
    assert cyp2c9.genetic.items == ("Intermediate Metabolizer",)
    assert "cannot be predicted" in cyp2c9.adjusted.text


@pytest.mark.parametrize(
    ("drug", "diplotype", "adjusted"),
    [
        ("bupropion", "*1/*1", "Poor Metabolizer"),
        ("duloxetine", "*1/*1", "Intermediate Metabolizer"),
        ("clobazam", "*1/*1", "published factor is 1"),
        ("bupropion", "*4/*4", "Poor Metabolizer"),
    ],
)
def test_published_arithmetic_of_one_enzyme(
    engine: SpeakingEngine, drug: str, diplotype: str, adjusted: str
) -> None:
    result = engine.interpret(
        {"CYP2D6": star_gene("CYP2D6", diplotype)}, (), {}, ClinicalEntry(current=(takes(drug),))
    )
    found = next(a for a in result.adjusted_phenotypes if a.gene == "CYP2D6")
    shown = found.adjusted.text.replace("poor metaboliser", "Poor Metabolizer")
    assert adjusted in shown.replace("intermediate metaboliser", "Intermediate Metabolizer")
    assert drug in " ".join(m.text for m in found.drugs)
    assert found.genetic.items[0] in ("Normal Metabolizer", "Poor Metabolizer")


def test_inducers_never_relax(engine: SpeakingEngine) -> None:
    genes = {"CYP2C19": star_gene("CYP2C19", "*2/*2")}
    result = engine.interpret(genes, (), {}, ClinicalEntry(current=(takes("rifampicin"),)))
    row = next(a for a in result.adjusted_phenotypes if a.gene == "CYP2C19")
    assert row.genetic.items == ("Poor Metabolizer",)
    assert "never relaxes" in row.adjusted.text


def test_medication_list_not_given_is_not_an_empty_one(engine: SpeakingEngine) -> None:
    patient = case(typed("HLA-B", "*15:02"))
    unknown = engine.interpret(patient.genes, (), {}, ClinicalEntry())
    empty = engine.interpret(patient.genes, (), {}, ClinicalEntry(current=()))
    assert any("find out today" in s.text for s in unknown.urgent)
    assert not empty.urgent


def test_urgent_results(engine: SpeakingEngine) -> None:
    early = (takes("carbamazepine", "2026-10-18"),)
    old = (takes("carbamazepine", "2020-01-01"),)
    hla = {"HLA-B": typed("HLA-B", "*15:02")}
    for current, urgent in ((early, True), (old, False)):
        result = engine.interpret(
            hla, (), {}, ClinicalEntry(current=current, entry_date="2026-11-22")
        )
        assert bool([s for s in result.urgent if "carbamazepine" in s.text]) is urgent
    valproate = engine.interpret(
        {},
        [variant("POLG", name="c.1A>G"), variant("POLG", name="c.2A>G")],
        {},
        ClinicalEntry(current=(takes("valproate", "2020-01-01"),), entry_date="2026-11-22"),
    )
    assert any("valproate" in s.text for s in valproate.urgent)
    glut1 = engine.interpret({}, [variant("SLC2A1")], {}, ClinicalEntry(current=()))
    assert any("GLUT1" in s.text for s in glut1.urgent)
    assert glut1.monogenic[0].urgent


def test_failures_are_explained_only_where_allowed(engine: SpeakingEngine) -> None:
    def explained(reason: FailureReason, drug: str, **patient: object) -> bool:
        entry = ClinicalEntry(affected=True, failed=(gave_up(drug, reason),))
        result = engine.interpret(
            patient.get("genes", {}),
            patient.get("findings", ()),
            {},
            entry,  # type: ignore[arg-type]
        )
        return any(
            s.text_id.startswith("context-explained")
            for section in result.context
            for s in section.statements
        )

    poor = {"CYP2C9": star_gene("CYP2C9", "*3/*3"), "CYP2C19": star_gene("CYP2C19", "*17/*17")}
    dravet = [variant("SCN1A", truncating=True)]
    assert explained(FailureReason.SIDE_EFFECT, "phenytoin", genes=poor)
    assert not explained(FailureReason.LACK_OF_EFFECT, "phenytoin", genes=poor)
    assert not explained(FailureReason.LACK_OF_EFFECT, "clobazam", genes=poor)
    assert explained(FailureReason.LACK_OF_EFFECT, "carbamazepine", findings=dravet)
    assert explained(
        FailureReason.SEVERE_SKIN, "carbamazepine", genes={"HLA-B": typed("HLA-B", "*15:02")}
    )
    assert not explained(
        FailureReason.SIDE_EFFECT, "carbamazepine", genes={"HLA-B": typed("HLA-B", "*15:02")}
    )


def test_metaboliser_rules_never_explain_lack_of_effect(engine: SpeakingEngine) -> None:
    for rule in engine.rules.rules:
        if any(kind in ("phenotype", "activity_score", "diplotype") for kind, *_ in rule.kinds):
            assert "lack_of_effect" not in rule.explains


@pytest.mark.parametrize(
    ("failed", "status"),
    [
        (None, "not-given"),
        ((), "not-shown"),
        ((gave_up("levetiracetam"), gave_up("topiramate")), "drug-resistant"),
        ((gave_up("levetiracetam"), gave_up("topiramate", adequate=None)), "failed"),
        (
            (gave_up("levetiracetam"), gave_up("topiramate", FailureReason.SIDE_EFFECT)),
            "undetermined",
        ),
        (
            (
                gave_up("levetiracetam", adequate=False),
                gave_up("topiramate", FailureReason.INADEQUATE_TRIAL),
            ),
            "not-shown",
        ),
        ((gave_up("levetiracetam"), gave_up("levetiracetam")), "undetermined"),
    ],
)
def test_drug_resistance(engine: SpeakingEngine, failed: object, status: str) -> None:
    entry = ClinicalEntry(failed=failed, seizures_per_month=Decimal(1))  # type: ignore[arg-type]
    result = engine.interpret({}, (), {}, entry)
    section = next(s for s in result.context if s.heading_id == "section-drug-resistance")
    assert section.statements[0].text_id == f"context-resistance-{status}"
    referral = next(s for s in result.context if s.heading_id == "section-referral")
    said = {s.text_id for s in referral.statements}
    assert ("context-surgery-referral" in said) is (status == "drug-resistant")


def test_research_typing_counts_as_found_and_never_as_absent(engine: SpeakingEngine) -> None:
    from dataclasses import replace

    research = replace(
        typed("HLA-B", "*15:02", absent=()),
        status=GeneStatus.PARTIAL,
        caveats=("caveat-hla-research-typing",),
    )
    negative = replace(research, alleles_present=())
    found = engine.interpret({"HLA-B": research}, (), {}, ClinicalEntry(current=()))
    none = engine.interpret({"HLA-B": negative}, (), {}, ClinicalEntry(current=()))
    for result, response in ((found, Response.AVOID), (none, Response.NOT_ASSESSED)):
        phenytoin = next(d for d in result.drugs if d.drug == "phenytoin")
        assert phenytoin.response is response


def test_explain_names_what_it_cannot_read(reference: Reference) -> None:
    with pytest.raises(ConfigError) as caught:
        explain(
            "Tegretol",
            reference,
            genes=["CYP2C9=*1/*999", "HLA-B=maybe", "CYP2C9=AS:x"],
            context=["colour=blue", "sex=f"],
        )
    assert {p.check for p in caught.value.problems} == {
        "explain-allele",
        "explain-gene",
        "explain-context",
        "clinical-word",
    }
    with pytest.raises(ConfigError):
        explain("aspirin", reference)
    with pytest.raises(ConfigError):
        explain("rifampicin", reference)


def test_explain_gives_the_chain(reference: Reference) -> None:
    found = explain("Epanutin", reference, genes=["CYP2C9=*3/*3"], context=["current_drugs=none"])
    assert found.drug == "phenytoin"
    assert found.statements[0].reasons[0].subject.names == ("CYP2C9",)
    assert found.statements[0].evidence[0].table == "drug_rules"
    assert found.not_assessed


def test_results_do_not_depend_on_order(engine: SpeakingEngine) -> None:
    patient = case(
        star_gene("CYP2C9", "*3/*3"),
        star_gene("CYP2C19", "*2/*2"),
        typed("HLA-B", "*15:02"),
        findings=[variant("SCN1A", truncating=True), variant("POLG", name="c.2A>G")],
        coverage=covered("SCN1A", "POLG"),
        clinical=ClinicalEntry(affected=True, current=(takes("valproate"), takes("clobazam"))),
    )
    once = engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)
    again = engine.interpret(
        dict(reversed(patient.genes.items())),
        patient.findings[::-1],
        dict(reversed(patient.coverage.items())),
        patient.clinical,
    )
    assert once == again


def test_bad_rows_are_named(reference: Reference) -> None:
    wording = Wording(reference)
    for kind, operator, value in (
        ("horoscope", "is", "1"),
        ("phenotype", "absent", "1"),
        ("activity_score", "at_most", "many"),
    ):
        row = RuleCondition(7, "x", kind, ("CYP2C9",), operator, (value,), "no")
        with pytest.raises(TableError) as caught:
            compile_condition(row, {})
        assert caught.value.problems[0].line == 7
    with pytest.raises(TableError):
        wording.say("no-such-text")
    with pytest.raises(TableError):
        wording.say("drug-no-rule")


def test_another_language_falls_back_to_english(reference: Reference) -> None:
    engine = SpeakingEngine(reference, "xx")
    result = engine.interpret({}, (), {}, ClinicalEntry())
    assert "other risks were not assessed" in result.drugs[-1].statements[0].text


def test_when_nearly_everything_is_possible_the_line_says_partial(engine: SpeakingEngine) -> None:
    from dataclasses import replace

    wide = replace(
        star_gene("CYP2C9", "*1/*1", "*1/*3", "*3/*3"),
        diplotypes=(),
        unlisted=True,
        candidate_count=64,
        functions=(("Normal function", "Normal function"), ("No function", "not defined")),
        phenotypes=(
            "Normal Metabolizer",
            "Intermediate Metabolizer",
            "Poor Metabolizer",
            "Indeterminate",
        ),
        status=GeneStatus.UNDEFINED,
    )
    patient = {"CYP2C9": wide, "HLA-B": typed("HLA-B")}
    result = engine.interpret(patient, (), covered("SCN1A"), ClinicalEntry())
    phenytoin = next(d for d in result.drugs if d.drug == "phenytoin")
    assert phenytoin.response is Response.PARTIAL
    assert phenytoin.tier is Tier.CONTEXT
    doses = [s for s in phenytoin.statements if s.response is Response.ADJUST_DOSE]
    assert doses
    assert all(s.conditional for s in doses)
    assert not any("at least one allele" in b for s in doses for b in reasons_of(s))
    assert phenytoin.statements.index(doses[0]) == len(phenytoin.statements) - len(doses)
    reduced = replace(wide, phenotypes=("Intermediate Metabolizer", "Poor Metabolizer"))
    result = engine.interpret({"CYP2C9": reduced}, (), {}, ClinicalEntry())
    phenytoin = next(d for d in result.drugs if d.drug == "phenytoin")
    assert phenytoin.response is Response.ADJUST_DOSE


def test_an_interaction_never_hides_what_must_be_tested(engine: SpeakingEngine) -> None:
    result = engine.interpret(
        {}, (), {}, ClinicalEntry(current=(takes("valproate"), takes("phenytoin")))
    )
    lamotrigine = next(d for d in result.drugs if d.drug == "lamotrigine")
    assert lamotrigine.response is Response.NOT_ASSESSED
    assert any(s.response is Response.INTERACTION for s in lamotrigine.statements)


def test_no_standard_dose_with_an_interaction(engine: SpeakingEngine) -> None:
    genes = {"CYP2C9": star_gene("CYP2C9", "*1/*1"), "HLA-B": typed("HLA-B")}
    for current, standard in (((), True), ((takes("cenobamate"),), False)):
        result = engine.interpret(genes, (), covered("SCN1A"), ClinicalEntry(current=current))
        phenytoin = next(d for d in result.drugs if d.drug == "phenytoin")
        assert (phenytoin.response is Response.STANDARD) is standard


def test_an_unverified_row_is_capped_whatever_its_tier_says(
    engine: SpeakingEngine, reference: Reference
) -> None:
    from dataclasses import replace

    from epilepsy_pgx.response.rules import fire

    rule = next(r for r in engine.rules.rules if r.rule_id == "hla-b1502-carbamazepine")
    facts = parse_given(["HLA-B=+*15:02"], [], reference, engine)
    sure, doubtful = (
        fire(replace(rule, evidence=replace(rule.evidence, verified=v)), facts)
        for v in (True, False)
    )
    assert sure is not None
    assert doubtful is not None
    assert sure.statement.tier is Tier.ACT
    assert doubtful.statement.tier is Tier.CONTEXT


def test_a_rare_allele_left_open_is_never_complete(engine: SpeakingEngine) -> None:
    result = star_gene("CYP2C19", "*1/*1", not_excluded=("*99",), status=GeneStatus.COMPLETE)
    prediction = next(
        d
        for d in engine.interpret({"CYP2C19": result}, (), {}, ClinicalEntry()).drugs
        if d.drug == "clobazam"
    )
    assert prediction.response is Response.PARTIAL


def test_drugs_without_an_interaction_row_are_named(engine: SpeakingEngine) -> None:
    entry = ClinicalEntry(current=(takes("melatonin"), takes("rifampicin"), takes("valproate")))
    result = engine.interpret({}, (), {}, entry)
    (name,) = [m for m in result.not_considered if m.text_id == "not-considered-no-row"]
    assert "melatonin" in name.text
    assert sum("melatonin" in m.text for m in result.not_considered) == 1


def test_urgent_lines_are_joined_when_no_list_says_which_drug(engine: SpeakingEngine) -> None:
    result = engine.interpret({"HLA-B": typed("HLA-B", "*15:02")}, (), {}, ClinicalEntry())
    both = [s for s in result.urgent if "fosphenytoin, phenytoin" in s.text]
    assert len(both) == 1
    assert len(result.urgent) == len({s.evidence[0].row for s in result.urgent})


@pytest.mark.parametrize(
    ("bases", "fires"),
    [(("A", "A"), True), (("A", "C"), True), (("C", "C"), False), (("A", "other"), True)],
)
def test_common_variants_are_read_from_single_variant_genes(
    engine: SpeakingEngine, bases: tuple[str, str], fires: bool
) -> None:
    from dataclasses import replace

    gene = replace(
        typed("HLA-A", absent=()),
        gene="UGT2B15",
        basis="genotype",
        genotypes=(SiteGenotype("rs1902023", bases),),
    )
    result = engine.interpret({"UGT2B15": gene}, (), {}, ClinicalEntry())
    lorazepam = next(d for d in result.drugs if d.drug == "lorazepam")
    assert any("UGT2B15 rs1902023" in s.text for s in lorazepam.statements) is fires


def test_a_third_party_class_calls_only_when_the_drug_is_taken(engine: SpeakingEngine) -> None:
    from epilepsy_pgx.vocabulary import Zygosity

    copied = variant("POLG", zygosity=Zygosity.HOMOZYGOUS, own=False)
    for current, urgent in ((None, False), ((), False), ((takes("valproate"),), True)):
        result = engine.interpret({}, [copied], {}, ClinicalEntry(current=current))
        valproate = next(d for d in result.drugs if d.drug == "valproate")
        assert valproate.response is Response.CONTRAINDICATED
        assert valproate.statements[0].conditional
        assert valproate.statements[0].tier is Tier.CONTEXT
        assert bool(result.urgent) is urgent
        for statement in result.monogenic:
            assert "takes POLG" not in statement.text
