"""Situations of the clinic in which a small gap in the logic would harm."""

import re

import pytest

from epilepsy_pgx.model import ClinicalEntry, Interpretation
from epilepsy_pgx.quality.withdraw import withdraw_coverage, withdraw_results
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText, Drug
from epilepsy_pgx.response.equivalents import load_kin
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.resistance import AGGRAVATION
from epilepsy_pgx.response.rules import WARNINGS
from epilepsy_pgx.vocabulary import Classification, FailureReason, GeneStatus, Response, Tier
from tests.response.builders import covered, star_gene, typed, variant
from tests.said import SpeakingEngine, reasons_of, resolve_of

B1502 = "HLA-B=+*15:02"
DAY = "entry_date=2026-11-22"
REASSURING = {Response.STANDARD, Response.MAY_FAVOUR}


def ask(
    engine: SpeakingEngine, reference: Reference, genes: list[str], *context: str
) -> Interpretation:
    return engine.interpret_facts(parse_given(genes, context, reference, engine))


def words(result: Interpretation, drug: str) -> str:
    found = next(p for p in result.drugs if p.drug == drug)
    return " ".join(s.text for s in found.statements)


def urgent_rows(result: Interpretation) -> set[str]:
    return {e.row for s in result.urgent for e in s.evidence}


def test_a_rash_on_a_drug_still_taken_means_stop(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for start in ("2026-10-18", "2024-01-01"):
        for genes in ([B1502], [], ["HLA-B=-*15:02,-*15:11", "HLA-A=-*31:01"]):
            result = ask(
                engine,
                reference,
                genes,
                f"current_drugs=carbamazepine[start={start}]",
                "failed_drugs=carbamazepine[reason=rash]",
                DAY,
            )
            line = next(p for p in result.drugs if p.drug == "carbamazepine")
            said = words(result, "carbamazepine")
            assert (line.response, line.tier) == (Response.AVOID, Tier.ACT)
            assert "stop it at once" in said
            assert "without a recorded reaction" not in said
            assert "may be continued" not in said
            assert "clinical-rash-taking" in urgent_rows(result)


@pytest.mark.parametrize("reason", FailureReason)
def test_a_reaction_warns_of_the_same_drug_planned_as_of_the_drug_taken(
    engine: SpeakingEngine, reference: Reference, reason: FailureReason
) -> None:
    """A drug given up for what stops it when it is taken is not begun again without a word."""
    for drug in (row.drug for row in reference.rows(Drug) if row.kind == "antiseizure"):
        given_up = f"failed_drugs={drug}[reason={reason}]"
        taken = acts(engine, reference, drug, f"current_drugs={drug}", given_up)
        if not taken - acts(engine, reference, drug, f"current_drugs={drug}"):
            continue
        planned = ("current_drugs=none", f"planned_drugs={drug}")
        before = acts(engine, reference, drug, *planned)
        assert acts(engine, reference, drug, *planned, given_up) - before, (drug, reason)


@pytest.mark.parametrize("reason", FailureReason)
def test_a_reaction_to_a_prodrug_is_one_to_the_drug_that_it_becomes(
    engine: SpeakingEngine, reference: Reference, reason: FailureReason
) -> None:
    """The other form of a drug is spoken of as gravely as the drug itself, planned and taken."""
    pairs = {(drug, other) for drug, same in load_kin(reference).items() for other in same - {drug}}
    assert pairs
    for drug, other in sorted(pairs):
        for use in ("current_drugs=none;planned_drugs={}", "current_drugs={}"):
            context = use.format(drug).split(";")
            own = f"failed_drugs={drug}[reason={reason}]"
            kin = f"failed_drugs={other}[reason={reason}]"
            said = acts(engine, reference, drug, *context, own)
            assert said <= acts(engine, reference, drug, *context, kin), (drug, reason)
            lines = [
                next(
                    p for p in ask(engine, reference, [], *context, f, DAY).drugs if p.drug == drug
                )
                for f in (own, kin)
            ]
            assert lines[0].response == lines[1].response, (drug, reason)
            assert lines[0].tier == lines[1].tier, (drug, reason)
            if reason is FailureReason.RASH:
                assert f"is the same as {drug} in the body" in words(
                    ask(engine, reference, [], *context, kin, DAY), drug
                )


def acts(engine: SpeakingEngine, reference: Reference, drug: str, *context: str) -> set[str]:
    """Return the rows of a drug's lines that ask to act."""
    result = ask(engine, reference, [], *context, DAY)
    return {
        e.row
        for p in result.drugs
        if p.drug == drug
        for s in p.statements
        if s.tier is Tier.ACT
        for e in s.evidence
    }


def test_every_antiseizure_drug_has_a_line_after_a_rash_on_it(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for row in reference.rows(Drug):
        if row.kind != "antiseizure":
            continue
        given_up = f"failed_drugs={row.drug}[reason=rash]"
        assert "clinical-rash-again" in acts(
            engine, reference, row.drug, f"planned_drugs={row.drug}", given_up
        )
        taken = acts(engine, reference, row.drug, f"current_drugs={row.drug}", given_up)
        assert any(rule.startswith("clinical-rash-taking") for rule in taken), row.drug


def test_a_drug_that_worsened_the_seizures_is_not_planned_again_without_a_word(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for drug in (row.drug for row in reference.rows(Drug) if row.kind == "antiseizure"):
        given_up = f"failed_drugs={drug}[reason=worsened_seizures]"
        context = ("current_drugs=none", f"planned_drugs={drug}", given_up)
        line = next(p for p in ask(engine, reference, [], *context).drugs if p.drug == drug)
        rows = {e.row: s for s in line.statements for e in s.evidence}
        assert rows["clinical-worsened-again"].response is Response.CAUTION, drug
        assert rows["clinical-worsened-again"].tier is Tier.ACT, drug
        assert line.response in WARNINGS, (drug, line.response)


def test_a_rash_elsewhere_leaves_the_tolerated_drug_alone(
    engine: SpeakingEngine, reference: Reference
) -> None:
    result = ask(
        engine,
        reference,
        [B1502],
        "current_drugs=carbamazepine[start=2024-01-01]",
        "failed_drugs=lamotrigine[reason=rash]",
        DAY,
    )
    said = words(result, "carbamazepine")
    assert "stop it at once" not in said
    assert "not after an interruption" in said


def test_a_misspelt_drug_on_the_list_still_calls(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for word in ("carbamazepinn", "Tegretal"):
        result = ask(engine, reference, [B1502], f"current_drugs={word}")
        assert "hla-b1502-carbamazepine" in urgent_rows(result), word
        assert "find out today" in words(result, "carbamazepine")
    quiet = ask(engine, reference, [B1502], "current_drugs=zzyzx")
    assert not urgent_rows(quiet)


def test_a_misspelt_drug_keeps_its_past_reaction(
    engine: SpeakingEngine, reference: Reference
) -> None:
    result = ask(
        engine,
        reference,
        [],
        "current_drugs=none",
        "failed_drugs=phenytoinn[reason=severe_skin_or_DRESS]",
    )
    for drug in ("phenytoin", "carbamazepine", "lamotrigine", "eslicarbazepine"):
        line = next(p for p in result.drugs if p.drug == drug)
        assert (line.response, line.tier) == (Response.AVOID, Tier.ACT), drug


def test_no_reassurance_after_a_transplant(engine: SpeakingEngine, reference: Reference) -> None:
    genes = ["CYP2C19=*1/*1"]
    before = {p.response for p in ask(engine, reference, genes).drugs}
    assert Response.STANDARD in before
    for organ in ("bone_marrow", "liver"):
        after = ask(engine, reference, genes, f"transplant={organ}")
        said = {s.response for p in after.drugs for s in p.statements}
        assert not said & REASSURING
    poor = ask(engine, reference, ["CYP2C19=*2/*2"], "transplant=liver")
    assert next(p for p in poor.drugs if p.drug == "clobazam").response is Response.ADJUST_DOSE


def test_pregnant_stands_before_able_to_become_pregnant(
    engine: SpeakingEngine, reference: Reference
) -> None:
    result = ask(
        engine,
        reference,
        [],
        "sex=female",
        "age_years=28",
        "pregnant=yes",
        "current_drugs=valproate",
    )
    line = next(p for p in result.drugs if p.drug == "valproate")
    assert line.statements[0].evidence[0].row == "clinical-pregnant-valproate"


def test_label_facts_follow_sex_and_age(engine: SpeakingEngine, reference: Reference) -> None:
    def facts(*context: str) -> set[str]:
        result = ask(engine, reference, [], *context)
        return {s.evidence[0].row for p in result.drugs for s in p.safety_notes}

    women = {"fact-valproate-women", "fact-topiramate-women"}
    assert facts() >= women | {"fact-valproate-men", "fact-valproate-under55"}
    assert not facts("sex=male") & women
    assert "fact-valproate-men" not in facts("sex=female")
    assert "fact-valproate-under55" not in facts("age_years=70")
    assert facts("sex=female", "age_years=5") >= women


def test_a_gene_with_a_finding_is_not_called_unread(engine: SpeakingEngine) -> None:
    both = (variant("POLG", name="c.1A>G", own=True), variant("POLG", name="c.2A>G", own=True))
    line = next(
        p for p in engine.interpret({}, both, {}, ClinicalEntry()).drugs if p.drug == "valproate"
    )
    assert line.response is Response.CONTRAINDICATED
    assert dict(line.deciding)["POLG"] is GeneStatus.PARTIAL
    assert "POLG not assessed" not in " ".join(s.text for s in line.statements)


def test_a_third_partys_class_never_softens_a_truncation(engine: SpeakingEngine) -> None:
    """A truncating variant that a copy of a database calls pathogenic warns as one without."""
    tiers = {}
    for name, known in (("nobody", None), ("a copy", Classification.PATHOGENIC)):
        found = variant("SCN1A", truncating=True, classification=known, own=False)
        result = engine.interpret({}, (found,), {}, ClinicalEntry(affected=True))
        line = next(p for p in result.drugs if p.drug == "carbamazepine")
        warned = [s for s in line.statements if s.response is Response.AVOID_MAINTENANCE]
        tiers[name] = {s.tier for s in warned}
    assert Tier.CONSIDER in tiers["nobody"]
    assert Tier.CONSIDER in tiers["a copy"]
    assert Tier.ACT not in tiers["a copy"]


BLOCKERS = ("carbamazepine", "oxcarbazepine", "phenytoin", "lacosamide", "lamotrigine")
TILT = ("chooses another drug", "rule out", "is avoided", "is not offered", "typically worsens")


def test_an_open_direction_tilts_to_neither_side(
    engine: SpeakingEngine, reference: Reference
) -> None:
    """A newborn with gain of function is helped by the drug that harms with loss of function."""
    for gene in ("SCN2A", "SCN8A"):
        for context in (
            [],
            ["affected=yes"],
            ["affected=yes", "onset_months=0.1"],
            ["affected=yes", "onset_months=14"],
            ["current_drugs=carbamazepine"],
        ):
            result = ask(engine, reference, [f"{gene}=direction_not_determined_plp"], *context)
            for drug in BLOCKERS:
                line = next(p for p in result.drugs if p.drug == drug)
                said = [s for s in line.statements if gene in s.text]
                assert [s.response for s in said] == [Response.CAUTION], (gene, context, drug)
                text = said[0].text
                assert "ith gain of function" in text or "gain of function" in text
                assert "loss of function" in text
                assert "pecialist before any decision" in text
                assert not any(word in text for word in TILT), text
    for states, row in (
        ("direction_not_determined_plp", "therapy-kcnq2-undetermined"),
        ("conflicting_direction", "therapy-kcnq2-undetermined"),
        ("lof_plp", "therapy-kcnq2"),
        ("gof_tested_plp", "therapy-kcnq2-gof"),
    ):
        result = ask(engine, reference, [f"KCNQ2={states}"], "affected=yes")
        assert [s.evidence[0].row for s in result.monogenic if "KCNQ2" in s.text] == [row]
        favoured = {
            p.drug for p in result.drugs for s in p.statements if s.response is Response.MAY_FAVOUR
        }
        assert not favoured


@pytest.mark.parametrize(
    ("gene", "gain", "loss", "other"),
    [
        ("KCNQ2", "therapy-kcnq2-gof", "therapy-kcnq2", "therapy-kcnq2-undetermined"),
        ("KCNT1", "therapy-kcnt1", "therapy-kcnt1-lof", "therapy-kcnt1"),
        ("KCNA1", "therapy-kcna1-gof", "therapy-kcna1", "therapy-kcna1"),
        ("KCNA2", "therapy-kcna2-gof", "therapy-kcna2", "therapy-kcna2"),
        ("SCN2A", "therapy-scn2a-gof", "therapy-scn2a-lof", "therapy-scn2a-undetermined"),
        ("SCN8A", "therapy-scn8a-gof", "therapy-scn8a-lof", "therapy-scn8a-undetermined"),
        ("GABRA1", None, "therapy-gabra1-lof", None),
        ("GABRB3", "therapy-gabrb3-gof", "therapy-gabrb3-lof", "therapy-gabrb3"),
        ("SLC6A1", None, "therapy-slc6a1-lof", None),
    ],
)
def test_each_direction_meets_its_own_row(
    engine: SpeakingEngine,
    reference: Reference,
    gene: str,
    gain: str | None,
    loss: str | None,
    other: str | None,
) -> None:
    """What is said of one direction is never said of the other, nor of an open one."""
    for state, row in (
        ("gof_tested_plp", gain),
        ("lof_plp", loss),
        ("direction_not_determined_plp", other),
    ):
        result = ask(engine, reference, [f"{gene}={state}"], "affected=yes")
        said = {s.evidence[0].row for s in result.monogenic if f"{gene}:" in s.text}
        assert said == ({row} if row else set()), state


@pytest.mark.parametrize(
    ("language", "words"), [("en", "not in our table"), ("es", "no está en nuestra tabla")]
)
def test_an_open_direction_says_that_the_table_lacks_it(
    reference: Reference, language: str, words: str
) -> None:
    texts = {
        r.id: r.text
        for r in reference.rows(CuratedText)
        if r.language == language and re.search(r"^(rule|therapy)-.*undetermined", r.id)
    }
    assert len(texts) > 10
    assert [name for name, text in texts.items() if words not in text] == []


def test_an_unknown_onset_of_scn2a_says_what_would_settle_it(
    engine: SpeakingEngine, reference: Reference
) -> None:
    result = ask(engine, reference, ["SCN2A=direction_not_determined_plp"], "affected=yes")
    line = next(p for p in result.drugs if p.drug == "phenytoin")
    said = next(s for s in line.statements if "SCN2A" in s.text)
    assert "age at onset" in resolve_of(said)
    assert not said.text.startswith("If this applies")


def context_rows(result: Interpretation) -> dict[str, Tier]:
    return {
        e.row: s.tier for section in result.context for s in section.statements for e in s.evidence
    }


def test_newborns_and_vitamin_b6(engine: SpeakingEngine, reference: Reference) -> None:
    newborn = context_rows(ask(engine, reference, [], "age_years=0.02", "onset_months=0.1"))
    assert newborn["context-neonates"] is Tier.ACT
    assert newborn["context-b6-open"] is Tier.ACT
    for onset in ("0.1", "2", "7", "11.9"):
        rows = context_rows(ask(engine, reference, [], "age_years=1", f"onset_months={onset}"))
        assert rows["context-b6-open"] is Tier.ACT
        assert "context-neonates" not in rows
    for onset in ("12", "30", "36"):
        rows = context_rows(ask(engine, reference, [], f"onset_months={onset}"))
        assert rows["context-b6-late"] is Tier.CONTEXT
        assert "context-b6" not in rows
    adult = context_rows(ask(engine, reference, [], "age_years=30", "onset_months=1"))
    assert adult["context-b6-past"] is Tier.CONTEXT
    for context in (["onset_months=37"], ["onset_months=1", "affected=no"], []):
        rows = context_rows(ask(engine, reference, [], *context))
        assert not {r for r in rows if r.startswith("context-b6")}


def test_what_a_genotype_may_explain(engine: SpeakingEngine) -> None:
    """Only aggravation, toxicity of phenytoin, and a reaction with its allele."""
    allowed = {
        ("finding", "SCN1A"): {"lack_of_effect", "side_effect"},
        ("finding", "SCN2A"): {"lack_of_effect", "side_effect"},
        ("finding", "SCN8A"): {"lack_of_effect", "side_effect"},
        ("activity_score", "CYP2C9"): {"side_effect"},
        ("diplotype", "CYP2C9"): {"side_effect"},
        ("allele", "HLA-A"): {"severe_skin_or_DRESS"},
        ("allele", "HLA-B"): {"severe_skin_or_DRESS"},
    }
    found = [r for r in engine.rules.rules if r.explains]
    assert found
    for rule in found:
        # What speaks against a drug for its effect on seizures explains that they got worse.
        reasons: set[str] = {"worsened_seizures"} if rule.effect == AGGRAVATION else set()
        for kind, subject, _, value in rule.kinds:
            if (kind, subject) in allowed:
                assert kind != "finding" or value == "lof_plp", rule.rule_id
                reasons |= allowed[kind, subject]
        assert set(rule.explains) <= reasons, rule.rule_id
        assert rule.tier in (Tier.ACT, Tier.CONSIDER) or rule.effect == AGGRAVATION


def test_of_a_drug_in_use_the_most_cautious_possibility_leads(engine: SpeakingEngine) -> None:
    from dataclasses import replace

    from epilepsy_pgx.model import DrugExposure, Suggestion
    from tests.response.builders import star_gene

    open_gene = replace(
        star_gene("CYP2C9", "*1/*1", "*1/*3", "*3/*3", status=GeneStatus.UNDEFINED),
        diplotypes=(),
        unlisted=True,
        candidate_count=400,
    )
    meant = Suggestion("phenytoin", "phenytoin")
    misspelt = DrugExposure("phenytoinn", False, suggestion=meant)
    for current, response in (
        ((DrugExposure("phenytoin", True),), Response.ADJUST_DOSE),
        ((misspelt,), Response.ADJUST_DOSE),
        ((), Response.NOT_ASSESSED),
    ):
        result = engine.interpret({"CYP2C9": open_gene}, (), {}, ClinicalEntry(current=current))
        line = next(p for p in result.drugs if p.drug == "phenytoin")
        assert line.response is response
        if response is Response.ADJUST_DOSE:
            assert line.statements[0].conditional
            assert resolve_of(line.statements[0])
            assert line.tier is Tier.ACT


def test_what_to_do_is_said_once_a_drug(engine: SpeakingEngine, reference: Reference) -> None:
    result = ask(
        engine,
        reference,
        ["POLG=biallelic_plp", "OTC=biallelic_plp"],
        "age_years=1",
        "mitochondrial_suspected=yes",
        "syndromes=urea_cycle_disorder|polg_disease|dravet",
        "current_drugs=none",
    )
    assert words(result, "valproate").count("Do not start valproate.") == 1
    assert words(result, "carbamazepine").count("The prescriber chooses another drug") == 1
    both = ask(engine, reference, ["CYP2C9=*2/*2"], "current_drugs=phenytoin")
    assert words(both, "phenytoin").count("These figures are for a start.") == 1


def test_a_sample_that_failed_a_check_warns_by_what_was_typed_and_reassures_of_nothing(
    engine: SpeakingEngine,
) -> None:
    results = {
        "HLA-B": typed("HLA-B", "*15:02"),
        "HLA-A": typed("HLA-A"),
        "CYP2C9": star_gene("CYP2C9", "*1/*1"),
        "CYP2C19": star_gene("CYP2C19", "*1/*1"),
    }
    coverage = withdraw_coverage(covered("SCN1A", "POLG"))
    kept = engine.interpret(withdraw_results(results), (), coverage, ClinicalEntry())
    line = next(p for p in kept.drugs if p.drug == "carbamazepine")
    assert line.response in (Response.AVOID, Response.CONTRAINDICATED)
    assert not {p.response for p in kept.drugs} & REASSURING
    said = " ".join(b for p in kept.drugs for s in p.statements for b in reasons_of(s))
    assert "Normal Metabolizer" not in said


@pytest.mark.parametrize(
    ("trial", "kept"),
    [
        ("reason=lack_of_effect", False),
        ("reason=lack_of_effect;adequate=yes", False),
        ("reason=side_effect", False),
        ("reason=rash", False),
        # Such a trial says nothing of what the drug can do.
        ("reason=inadequate_trial", True),
        ("reason=lack_of_effect;adequate=no", True),
    ],
)
def test_a_drug_that_failed_in_earnest_is_not_favoured(
    engine: SpeakingEngine, reference: Reference, trial: str, kept: bool
) -> None:
    everyone = ("age_years=5", "affected=yes")
    for syndrome in ("lennox_gastaut", "dravet", "tuberous_sclerosis", "infantile_spasms"):
        untried = ask(engine, reference, [], f"syndromes={syndrome}", *everyone)
        for drug in (p.drug for p in untried.drugs if p.response is Response.MAY_FAVOUR):
            tried = ask(
                engine,
                reference,
                [],
                f"syndromes={syndrome}",
                *everyone,
                f"failed_drugs={drug}[{trial}]",
            )
            line = next(p for p in tried.drugs if p.drug == drug)
            favoured = Response.MAY_FAVOUR in {s.response for s in line.statements}
            assert favoured is kept, (syndrome, drug)
