"""Medicines that are no anti-seizure drugs, and metabolic crises: lines of the clinical context."""

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClinicalContext, RuleCondition
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Response


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


def urgent(
    engine: ResponseEngine, reference: Reference, entry: tuple[str, ...], *genes: str
) -> tuple[Statement, ...]:
    facts = parse_given(genes, entry, reference, engine)
    return engine.interpret_facts(facts).urgent


@pytest.mark.parametrize(
    ("entry", "genes", "texts"),
    [
        (("current_drugs=abacavir", "signs=fever|rash|vomiting"), (), {"signs"}),
        (("current_drugs=abacavir", "signs=vomiting"), (), {"signs"}),
        (
            ("current_drugs=abacavir", "signs=fever"),
            ("HLA-B=+*57:01",),
            {"signs", "stop", "carrier"},
        ),
        (("current_drugs=abacavir",), ("HLA-B=+*57:01",), {"carrier"}),
        (("planned_drugs=abacavir", "current_drugs=none", "signs=fever"), (), set()),
        (("current_drugs=abacavir", "signs=aggression"), (), set()),
    ],
)
def test_abacavir_is_stopped_at_the_signs_of_its_reaction(
    engine: ResponseEngine,
    reference: Reference,
    entry: tuple[str, ...],
    genes: tuple[str, ...],
    texts: set[str],
) -> None:
    first = "context-elsewhere-abacavir-"
    said = [s.text_id for s in urgent(engine, reference, entry, *genes)]
    found = {text.removeprefix(first) for text in said if text.startswith(first)}
    assert found == texts


@pytest.mark.parametrize("sign", ["drowsiness", "encephalopathy", "slurred_speech", "unsteadiness"])
def test_signs_under_lithium_ask_for_its_level(
    engine: ResponseEngine, reference: Reference, sign: str
) -> None:
    for drug, named in (("lithium", True), ("sertraline", False)):
        entry = (f"current_drugs={drug}|carbamazepine", f"signs={sign}")
        said = {s.text_id for s in urgent(engine, reference, entry)}
        assert ("context-lithium-signs" in said) is named


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (("syndromes=pyruvate_dehydrogenase_deficiency|status_epilepticus",), True),
        (("syndromes=pyruvate_dehydrogenase_deficiency", "signs=vomiting"), True),
        (
            ("syndromes=pyruvate_dehydrogenase_deficiency|status_epilepticus", "signs=vomiting"),
            True,
        ),
        (("syndromes=pyruvate_dehydrogenase_deficiency",), False),
        (("syndromes=status_epilepticus",), False),
    ],
)
def test_a_crisis_of_pyruvate_dehydrogenase_deficiency_has_one_line(
    engine: ResponseEngine, reference: Reference, entry: tuple[str, ...], said: bool
) -> None:
    texts = [s.text_id for s in urgent(engine, reference, entry)]
    status = "status_epilepticus" in entry[0]
    line = "context-pdh-status" if status else "context-pdh-crisis"
    assert [t for t in texts if t.startswith("context-pdh-")] == [line] * said


def test_an_encephalitis_that_is_possible_stands_behind_a_cause_that_is_entered(
    engine: ResponseEngine, reference: Reference
) -> None:
    for entry in (
        ("syndromes=urea_cycle_disorder", "signs=encephalopathy|hyperammonaemia"),
        ("syndromes=fatty_acid_oxidation_disorder", "signs=encephalopathy"),
        ("current_drugs=oxcarbazepine", "signs=encephalopathy|low_sodium"),
    ):
        # What holds only if somebody confirms it stands behind all that is certain.
        said = [s.text_id for s in urgent(engine, reference, entry) if not s.conditional]
        assert len(said) > 1, said
        assert said[-1] == "context-autoimmune", said


def test_what_is_only_possible_names_the_word_that_settles_it(
    engine: ResponseEngine, reference: Reference
) -> None:
    said = urgent(engine, reference, ("seizure_types=status",))
    (line,) = (s for s in said if s.text_id == "context-status")
    (message,) = line.resolve
    assert message.text_id == "resolve-word"
    assert dict((v.name, v.items) for v in message.values)["word"] == ("status_epilepticus",)


@pytest.mark.parametrize(
    ("text", "entry", "other"),
    [
        (
            "context-triptan-hemiplegic",
            "syndromes=familial_hemiplegic_migraine;;{list}=sumatriptan|carbamazepine",
            "syndromes=focal_epilepsy;;{list}=sumatriptan|carbamazepine",
        ),
        ("context-threshold-theophylline", "{list}=theophylline", "{list}=salbutamol"),
        (
            "context-lithium-raised",
            "current_drugs=lithium|{drug};;planned_drugs={plan}",
            "current_drugs=lithium;;planned_drugs=paracetamol",
        ),
    ],
)
def test_a_medicine_that_the_disease_or_lithium_speaks_against_has_its_word(
    engine: ResponseEngine, reference: Reference, text: str, entry: str, other: str
) -> None:
    def said(cells: str) -> set[str]:
        facts = parse_given((), cells.split(";;"), reference, engine)
        found = engine.interpret_facts(facts).context
        return {s.text_id for section in found for s in section.statements}

    for column, drug, plan in (
        ("current_drugs", "ibuprofen", "levetiracetam"),
        ("planned_drugs", "levetiracetam", "hydrochlorothiazide"),
    ):
        fill = {"list": column, "drug": drug, "plan": plan}
        assert text in said(entry.format(**fill))
        assert text not in said(other.format(**fill))


def test_no_medicine_is_barred_by_a_gene_without_its_result(reference: Reference) -> None:
    asked = {
        c.rule_id
        for c in reference.rows(RuleCondition)
        if c.kind in ("allele", "phenotype", "diplotype", "activity_score", "finding")
        or (c.kind == "clinical" and c.operator not in ("missing", "other_than"))
    }
    barred = (Response.AVOID, Response.CONTRAINDICATED)
    rows = [r for r in reference.rows(ClinicalContext) if r.response in barred]
    elsewhere = [r.context_id for r in rows if r.context_id.startswith("context-elsewhere-")]
    assert elsewhere
    assert not {*elsewhere} - asked


@pytest.mark.parametrize("typing", [(), ("HLA-B=-*57:01",)])
def test_abacavir_without_the_allele_is_not_barred(
    engine: ResponseEngine, reference: Reference, typing: tuple[str, ...]
) -> None:
    facts = parse_given(list(typing), ["current_drugs=abacavir"], reference, engine)
    found = [s for c in engine.interpret_facts(facts).context for s in c.statements]
    (said,) = [s for s in found if s.text_id == "context-elsewhere-abacavir"]
    assert said.response is Response.CAUTION
