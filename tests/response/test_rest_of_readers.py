"""What a clinical reader missed of pairs of medicines and levels, by kind and not by the case."""

import pytest

from epilepsy_pgx.reference.package import Reference
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
