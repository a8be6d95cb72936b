"""After a liver transplant no dose follows from the genotype of the blood."""

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug, Gene
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.graft import load_enzymes
from epilepsy_pgx.vocabulary import Response, Tier, Transplant
from tests.said import SpeakingEngine

POOR = ["CYP2C9=*3/*3", "CYP2C19=*2/*2"]
CASES = (POOR, ["CYP2C9=*1/*3", "CYP2C19=*1/*2"], ["CYP2C9=*2/*2"], ["CYP2C19=*1/*17"])


def test_every_enzyme_is_known_by_its_gene_and_its_positions(reference: Reference) -> None:
    known = load_enzymes(reference)
    enzymes = {row.gene for row in reference.rows(Gene) if "enzyme" in row.role}
    assert enzymes
    assert enzymes <= known.keys()
    assert set(known.values()) == enzymes


def test_every_rule_on_an_enzyme_is_known_as_one(engine: SpeakingEngine) -> None:
    for rule in engine.rules.rules:
        if rule.rule_id.split("-")[0].startswith(("cyp", "ugt", "ephx")):
            assert rule.enzymes, rule.rule_id


@pytest.mark.parametrize("use", ["current", "planned"])
@pytest.mark.parametrize("genes", CASES)
def test_no_line_gives_the_recipients_dose(
    engine: SpeakingEngine, reference: Reference, use: str, genes: list[str]
) -> None:
    for drug in (row.drug for row in reference.rows(Drug) if row.kind == "antiseizure"):
        list_of_drugs = f"current_drugs={drug if use == 'current' else 'none'}"
        context = [list_of_drugs, *([f"planned_drugs={drug}"] if use == "planned" else [])]
        own, graft = (
            engine.interpret_facts(
                parse_given(genes, [*context, f"transplant={organ}"], reference, engine)
            )
            for organ in ("none", Transplant.LIVER)
        )
        (before,) = [p for p in own.drugs if p.drug == drug]
        (after,) = [p for p in graft.drugs if p.drug == drug]
        enzymes = load_enzymes(reference)
        for said in after.statements:
            asked = {n for r in said.reasons for n in (*r.subject.names, r.subject.gene)}
            if said.origin != "genotype" or asked.isdisjoint(enzymes) or said.tier is Tier.NONE:
                continue
            if said.response is Response.NOT_ASSESSED:
                continue
            assert {"graft-dose", "as-graft"} & {said.text_id, *said.further}, said.statement_id
            if said.response is Response.ADJUST_DOSE:
                assert said.text_id == "graft-dose"
                assert "%" not in said.text
        # No warning goes with the figure, unless it is comfort; a graver one, of a liver disease,
        # may stand before it.
        if before.response is Response.ADJUST_DOSE:
            assert Response.ADJUST_DOSE in {s.response for s in after.statements}, drug
        assert not graft.exposure
        lines = [s for section in graft.context for s in section.statements]
        (line,) = [s for s in lines if s.statement_id.startswith("context-transplant-liver")]
        assert line.tier is Tier.ACT
