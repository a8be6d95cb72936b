"""What a clinical reader missed of pairs of medicines and levels, by kind and not by the case."""

import re

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText
from epilepsy_pgx.response.explain import parse_given
from tests.said import SpeakingEngine

IMMUNOSUPPRESSANTS = ("ciclosporin", "everolimus", "sirolimus", "tacrolimus")
INDUCERS = (
    *("carbamazepine", "cenobamate", "eslicarbazepine", "fosphenytoin", "oxcarbazepine"),
    *("phenobarbital", "phenytoin", "primidone", "rufinamide"),
)
"""Topiramate is not among them: no source was found, and the page says that nobody read it."""


def rows_of(engine: SpeakingEngine, reference: Reference, *entry: str) -> set[str]:
    """Return the rows that say something to such a patient, whatever line they stand in."""
    said = engine.interpret_facts(parse_given((), entry, reference, engine))
    lines = [s for d in said.drugs for s in d.statements]
    context = [s for section in said.context for s in section.statements]
    return {e.row for s in (*lines, *said.interactions, *context) for e in s.evidence}


@pytest.mark.parametrize("inducer", INDUCERS)
@pytest.mark.parametrize("medicine", [*IMMUNOSUPPRESSANTS, "nirmatrelvir"])
def test_each_inducer_is_read_with_each(
    engine: SpeakingEngine, reference: Reference, inducer: str, medicine: str
) -> None:
    """Strong or moderate: an immunosuppressant that falls costs a graft."""
    both = rows_of(engine, reference, f"current_drugs={inducer}|{medicine}")
    found = {i.evidence.row for i in engine.interactions.interactions if i.victim == medicine}
    assert both & found


@pytest.mark.parametrize("drug", ["acetazolamide", "carbamazepine", "phenytoin", "topiramate"])
def test_lithium_is_read(engine: SpeakingEngine, reference: Reference, drug: str) -> None:
    both = rows_of(engine, reference, f"current_drugs={drug}|lithium")
    assert {row for row in both if row.endswith("-lithium")}


@pytest.mark.parametrize("listed", ["current_drugs=fluconazole|warfarin", "both"])
def test_fluconazole_beside_warfarin(
    engine: SpeakingEngine, reference: Reference, listed: str
) -> None:
    """The INR rises whether one of the two is planned or both are taken."""
    planned = ("current_drugs=phenytoin|warfarin", "planned_drugs=fluconazole")
    entry = planned if listed == "both" else (listed,)
    assert "context-fluconazole-warfarin" in rows_of(engine, reference, *entry)
    assert "context-fluconazole-warfarin" not in rows_of(
        engine, reference, "current_drugs=phenytoin|warfarin"
    )


CLOTS = ("familial_hemiplegic_migraine", "migraine_with_aura", "stroke", "venous_thromboembolism")
PILL = "ethinylestradiol contraceptive"


@pytest.mark.parametrize("disorder", CLOTS)
def test_oestrogen_where_it_can_bring_on_a_stroke(
    engine: SpeakingEngine, reference: Reference, disorder: str
) -> None:
    """Taken, planned, and where another line asks for another contraceptive."""
    entry = ("sex=female", "age_years=30", f"syndromes={disorder}")
    taken = rows_of(engine, reference, *entry, f"current_drugs=lamotrigine|{PILL}")
    planned = rows_of(engine, reference, *entry, f"planned_drugs={PILL}")
    neither = rows_of(engine, reference, *entry, "current_drugs=carbamazepine")
    barred = {"context-oestrogen-clots", "context-oestrogen-clots-planned"}
    assert taken & barred == {"context-oestrogen-clots"}
    assert planned & barred == {"context-oestrogen-clots-planned"}
    assert not neither & barred
    assert "context-contraception-clots" in taken & planned & neither


def test_a_progestogen_is_not_called_an_oestrogen(
    engine: SpeakingEngine, reference: Reference
) -> None:
    entry = ("syndromes=stroke", "current_drugs=progestogen contraceptive|lamotrigine")
    assert "context-oestrogen-clots" not in rows_of(engine, reference, "sex=female", *entry)


def test_no_contraceptive_line_advises_oestrogen(reference: Reference) -> None:
    """An inducer is no reason for a pill with more oestrogen, whatever else is entered."""
    said = {row.id: row.text for row in reference.rows(CuratedText) if row.language == "en"}
    lines = [text for id_, text in said.items() if "contracepti" in f"{id_} {text}"]
    asks = re.compile(
        r"\b(use|take|add|start|give|switch to|raise|higher|more|double)\b[^.;:]{0,30}oestrogen"
    )
    assert len(lines) > 20
    assert not [text for text in lines if asks.search(text)]


CHILD = ("age_years=6", "weight_kg=20")
KIDNEY = ("egfr_ml_min_173=20", "egfr_ml_min_173=45", "dialysis=haemodialysis")


@pytest.mark.parametrize("kidney", [*KIDNEY, "syndromes=kidney_disease"])
def test_the_dose_of_a_child_is_compared_by_weight_or_named(
    engine: SpeakingEngine, reference: Reference, kidney: str
) -> None:
    """Every drug whose dose is compared with the limit of an adult's kidney."""
    compared = {r.subject for r in engine.rules.rules if r.rule_id.startswith("kidney-dose-")}
    assert {"gabapentin", "levetiracetam", "pregabalin"} <= compared
    for drug in sorted(compared):
        taken = f"current_drugs={drug}[dose=60 mg/kg/day]"
        found = rows_of(engine, reference, *CHILD, kidney, taken)
        assert {r for r in found if r.startswith(("kidney-child-not", "kidney-dose-"))}, drug
        grown = rows_of(engine, reference, "age_years=40", "weight_kg=70", kidney, taken)
        assert not {r for r in grown if r.startswith("kidney-child-not")}, drug


@pytest.mark.parametrize("sedative", ["clobazam", "gabapentin", "phenobarbital", "pregabalin"])
def test_each_opioid_that_a_ward_gives_is_read(
    engine: SpeakingEngine, reference: Reference, sedative: str
) -> None:
    """The warning is of the class: one that no table knows would be named and not warned of."""
    for opioid in (
        *("buprenorphine", "codeine", "dihydrocodeine", "fentanyl", "hydrocodone"),
        *("hydromorphone", "methadone", "morphine", "oxycodone", "oxymorphone", "pethidine"),
        *("tapentadol", "tilidine", "tramadol"),
    ):
        both = rows_of(engine, reference, f"current_drugs={sedative}|{opioid} 10 mg")
        assert any(row.startswith("opioids-") for row in both), opioid
