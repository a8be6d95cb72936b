"""Two statements that specialists missed: whom a label tests, and who has taken a drug for long."""

import pytest

from epilepsy_pgx.clinical_entry import COLUMNS
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.vocabulary import Tier
from tests.response.builders import star_gene, takes, unassessed
from tests.said import SpeakingEngine


def test_ancestry_gates_nothing_and_an_open_gene_names_whom_the_label_tests(
    engine: SpeakingEngine,
) -> None:
    assert not [c.subject for c in COLUMNS if "ancestry" in c.subject or "ethnic" in c.subject]
    found = engine.interpret({"HLA-B": unassessed("HLA-B")}, (), {}, ClinicalEntry(current=()))
    (line,) = (d for d in found.drugs if d.drug == "carbamazepine")
    (said,) = (s for s in line.statements if s.statement_id == "deciding:HLA-B:carbamazepine")
    assert said.tier is Tier.CONSIDER
    assert "FDA label asks for HLA-B*15:02 typing before the start in people with" in said.text


@pytest.mark.parametrize(("start", "tier"), [("1996-01-01", Tier.CONTEXT), (None, Tier.CONSIDER)])
def test_who_has_taken_phenytoin_for_decades_follows_the_level(
    engine: SpeakingEngine, start: str | None, tier: Tier
) -> None:
    entry = ClinicalEntry(current=(takes("phenytoin", start),), entry_date="2026-11-22")
    found = engine.interpret({"CYP2C9": star_gene("CYP2C9", "*3/*3")}, (), {}, entry)
    (line,) = (d for d in found.drugs if d.drug == "phenytoin")
    said = {s.statement_id: s for s in line.statements}
    dose = said["cyp2c9-phenytoin-dpwg-3-3:phenytoin"].text
    assert dose.endswith("the dose is not changed on the genotype.")
    # What typing adds to a drug that was tolerated for months is little; it is not left out.
    assert said["deciding:HLA-B:phenytoin"].tier is tier
