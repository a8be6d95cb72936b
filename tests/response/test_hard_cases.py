"""Situations of the clinic in which a small gap in the logic would harm."""

from epilepsy_pgx.model import ClinicalEntry, Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.vocabulary import Classification, GeneStatus, Response, Tier
from tests.response.builders import variant

B1502 = "HLA-B=+*15:02"
DAY = "entry_date=2026-11-22"
REASSURING = {Response.STANDARD, Response.MAY_FAVOUR}


def ask(
    engine: ResponseEngine, reference: Reference, genes: list[str], *context: str
) -> Interpretation:
    return engine.interpret_facts(parse_given(genes, context, reference, engine))


def words(result: Interpretation, drug: str) -> str:
    found = next(p for p in result.drugs if p.drug == drug)
    return " ".join(s.text for s in found.statements)


def urgent_rows(result: Interpretation) -> set[str]:
    return {e.row for s in result.urgent for e in s.evidence}


def test_a_rash_on_a_drug_still_taken_means_stop(
    engine: ResponseEngine, reference: Reference
) -> None:
    for start in ("2026-10-18", "2024-01-01"):
        for genes in ([B1502], [], ["HLA-B=-*15:02,-*15:11", "HLA-A=-*31:01"]):
            result = ask(
                engine, reference, genes, f"current_drugs=carbamazepine[start={start}]",
                "failed_drugs=carbamazepine[reason=rash]", DAY,
            )
            line = next(p for p in result.drugs if p.drug == "carbamazepine")
            said = words(result, "carbamazepine")
            assert (line.response, line.tier) == (Response.AVOID, Tier.ACT)
            assert "stop it at once" in said
            assert "without a recorded reaction" not in said
            assert "may be continued" not in said
            assert "clinical-rash-taking" in urgent_rows(result)


def test_a_rash_elsewhere_leaves_the_tolerated_drug_alone(
    engine: ResponseEngine, reference: Reference
) -> None:
    result = ask(
        engine, reference, [B1502], "current_drugs=carbamazepine[start=2024-01-01]",
        "failed_drugs=lamotrigine[reason=rash]", DAY,
    )
    said = words(result, "carbamazepine")
    assert "stop it at once" not in said
    assert "not after an interruption" in said


def test_a_misspelt_drug_on_the_list_still_calls(
    engine: ResponseEngine, reference: Reference
) -> None:
    for word in ("carbamazepinn", "Tegretal"):
        result = ask(engine, reference, [B1502], f"current_drugs={word}")
        assert "hla-b1502-carbamazepine" in urgent_rows(result), word
        assert "find out today" in words(result, "carbamazepine")
    quiet = ask(engine, reference, [B1502], "current_drugs=zzyzx")
    assert not urgent_rows(quiet)


def test_a_misspelt_drug_keeps_its_past_reaction(
    engine: ResponseEngine, reference: Reference
) -> None:
    result = ask(
        engine, reference, [], "current_drugs=none",
        "failed_drugs=phenytoinn[reason=severe_skin_or_DRESS]",
    )
    for drug in ("phenytoin", "carbamazepine", "lamotrigine", "eslicarbazepine"):
        line = next(p for p in result.drugs if p.drug == drug)
        assert (line.response, line.tier) == (Response.AVOID, Tier.ACT), drug


def test_no_reassurance_after_a_transplant(engine: ResponseEngine, reference: Reference) -> None:
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
    engine: ResponseEngine, reference: Reference
) -> None:
    result = ask(
        engine, reference, [], "sex=female", "age_years=28", "pregnant=yes",
        "current_drugs=valproate",
    )
    line = next(p for p in result.drugs if p.drug == "valproate")
    assert line.statements[0].evidence[0].row == "clinical-pregnant-valproate"


def test_label_facts_follow_sex_and_age(engine: ResponseEngine, reference: Reference) -> None:
    def facts(*context: str) -> set[str]:
        result = ask(engine, reference, [], *context)
        return {s.evidence[0].row for p in result.drugs for s in p.safety_notes}

    women = {"fact-valproate-women", "fact-topiramate-women"}
    assert facts() >= women | {"fact-valproate-men", "fact-valproate-under55"}
    assert not facts("sex=male") & women
    assert "fact-valproate-men" not in facts("sex=female")
    assert "fact-valproate-under55" not in facts("age_years=70")
    assert facts("sex=female", "age_years=5") >= women


def test_a_gene_with_a_finding_is_not_called_unread(engine: ResponseEngine) -> None:
    both = (
        variant("POLG", name="c.1A>G", own=True), variant("POLG", name="c.2A>G", own=True),
    )
    line = next(
        p for p in engine.interpret({}, both, {}, ClinicalEntry()).drugs if p.drug == "valproate"
    )
    assert line.response is Response.CONTRAINDICATED
    assert dict(line.deciding)["POLG"] is GeneStatus.PARTIAL
    assert "POLG not assessed" not in " ".join(s.text for s in line.statements)


def test_a_third_partys_class_never_softens_a_truncation(engine: ResponseEngine) -> None:
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
