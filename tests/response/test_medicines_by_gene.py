"""A medicine with a guideline for a gene: its result is told, or the gene is named."""

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClinicalContext, CuratedText, RuleCondition
from epilepsy_pgx.response.explain import parse_given
from tests.said import SpeakingEngine

OF_RESULTS = ("phenotype", "diplotype", "activity_score", "allele")
BY_RESULT = "context-pgx-"
GUIDELINE = "context-elsewhere-"

CASES = [
    ("CYP2C9=*3/*3", "warfarin", "warfarin"),
    ("CYP2C9=*1/*2", "warfarin", "warfarin"),
    ("CYP2C9=*3/*3", "celecoxib", "nsaid-poor"),
    ("CYP2C9=*3/*3", "meloxicam", "meloxicam-poor"),
    ("CYP2C9=*1/*3", "ibuprofen", "nsaid-reduced"),
    ("CYP2C9=*3/*3", "siponimod", "siponimod-contraindicated"),
    ("CYP2C9=*2/*3", "siponimod", "siponimod-dose"),
    ("CYP2C9=*1/*1", "warfarin", ""),
    ("CYP2C9=*1/*1", "celecoxib", ""),
    ("CYP2C9=*2/*2", "siponimod", ""),
    ("CYP2C19=*2/*2", "clopidogrel", "clopidogrel"),
    ("CYP2C19=*1/*2", "clopidogrel", "clopidogrel"),
    ("CYP2C19=*1/*17", "clopidogrel", ""),
    ("CYP2C19=*1/*17", "voriconazole", "voriconazole"),
    ("CYP2C19=*2/*2", "voriconazole", "voriconazole"),
    ("CYP2C19=*1/*2", "voriconazole", ""),
    ("CYP2C19=*2/*2", "citalopram", "ssri-poor"),
    ("CYP2C19=*1/*2", "citalopram", ""),
    ("CYP2C19=*17/*17", "escitalopram", "ssri-fast"),
    ("CYP2C19=*2/*2", "clomipramine", "tricyclic-2c19"),
    ("CYP2D6=*4/*4", "nortriptyline", "tricyclic-2d6"),
    ("CYP2D6=*1/*4", "nortriptyline", ""),
    ("CYP2D6=*1x2/*1", "tramadol", "codeine-fast"),
    ("CYP2D6=*4/*4", "codeine", "codeine-poor"),
    ("CYP2D6=*1/*4", "codeine", ""),
    ("CYP2D6=*4/*4", "atomoxetine", "atomoxetine"),
    ("CYP2D6=*4/*4", "haloperidol", "haloperidol"),
    ("CYP2D6=*1x2/*1", "paroxetine", "paroxetine-fast"),
    ("SLCO1B1=*1/*5", "simvastatin", "simvastatin"),
    ("SLCO1B1=*5/*5", "atorvastatin", "atorvastatin"),
    ("SLCO1B1=*1/*1", "simvastatin", ""),
    ("CYP2B6=*6/*6", "efavirenz", "efavirenz"),
    ("CYP3A5=*1/*3", "tacrolimus", "tacrolimus"),
    ("CYP3A5=*3/*3", "tacrolimus", ""),
    ("UGT1A1=*28/*28", "irinotecan", "irinotecan"),
    ("UGT1A1=*28/*28", "atazanavir", "atazanavir"),
]


def rows(engine: SpeakingEngine, reference: Reference, genes: list[str], *entry: str) -> set[str]:
    facts = parse_given(genes, list(entry), reference, engine)
    return {
        s.evidence[0].row
        for section in engine.interpret_facts(facts).context
        for s in section.statements
    }


@pytest.mark.parametrize(("gene", "medicine", "row"), CASES)
@pytest.mark.parametrize("column", ["planned_drugs", "current_drugs"])
def test_a_result_reaches_its_medicine(
    engine: SpeakingEngine, reference: Reference, gene: str, medicine: str, row: str, column: str
) -> None:
    found = rows(engine, reference, [gene], f"{column}={medicine}")
    told = {r.removesuffix("-taken") for r in found if r.startswith(BY_RESULT)}
    assert told == ({BY_RESULT + row} if row else set())


def of(reference: Reference, prefix: str) -> list[ClinicalContext]:
    return [r for r in reference.rows(ClinicalContext) if r.context_id.startswith(prefix)]


def conditions(reference: Reference, row: str) -> list[RuleCondition]:
    return [c for c in reference.rows(RuleCondition) if c.rule_id == row]


def test_every_row_by_result_has_a_case_and_names_its_medicines(reference: Reference) -> None:
    by_result = of(reference, BY_RESULT)
    told = {BY_RESULT + row for *_, row in CASES if row}
    missing = {r.context_id.removesuffix("-taken") for r in by_result} - told
    assert missing == {BY_RESULT + "rosuvastatin"}, "ABCG2 needs two copies of one variant"
    texts = {r.id: r.text for r in reference.rows(CuratedText)}
    for row in by_result:
        assert any(c.kind in OF_RESULTS for c in conditions(reference, row.context_id))
        for text_id in (row.text_id, f"short-{row.text_id}"):
            assert "{Medicines}" in texts[text_id], text_id


def medicines(reference: Reference, prefix: str) -> dict[str, set[str]]:
    """Return the medicines of rows, by gene; of a row on none, under its own name."""
    found: dict[str, set[str]] = {}
    for row in of(reference, prefix):
        asked = conditions(reference, row.context_id)
        genes = {c.about for c in asked if c.kind in OF_RESULTS}
        listed = {d for c in asked if c.kind == "medication" for d in c.subject}
        for gene in genes or {row.context_id.removeprefix(prefix).upper()}:
            found.setdefault(gene, set()).update(listed)
    return found


@pytest.mark.parametrize("gene", ["CYP2C9", "CYP2C19", "CYP2D6", "SLCO1B1", "CYP3A5", "CYP2B6"])
def test_without_a_result_the_gene_is_named(
    engine: SpeakingEngine, reference: Reference, gene: str
) -> None:
    """Those of which no guideline stands behind the first are few, and named here."""
    without = {"ibuprofen", "sertraline", "haloperidol"}
    for medicine in sorted(medicines(reference, BY_RESULT)[gene] - without):
        found = rows(engine, reference, [], f"planned_drugs={medicine}")
        texts = [
            engine.wording.short(r.text_id)
            for r in of(reference, GUIDELINE)
            if r.context_id in found
        ]
        said = " ".join(engine.wording.say(t, Medicines="x") for t in texts)
        assert gene in said, (medicine, said)
