"""A drug in use is never quieter than what the line of another drug in use says of it."""

from itertools import combinations

import pytest

from epilepsy_pgx.clinical_entry import ClinicalEntry
from epilepsy_pgx.response.ordering import INTERACTING, SEVERITY
from epilepsy_pgx.statement import ReasonKind
from epilepsy_pgx.vocabulary import Response, Tier
from tests.response.builders import takes

_UNSETTLED = (Response.PARTIAL, Response.NOT_ASSESSED, Response.MAY_FAVOUR)


def interpreted(engine, *drugs):
    entry = ClinicalEntry(current=tuple(map(takes, drugs)))
    return engine.interpret({}, (), {}, entry)


def test_what_lowers_a_graft_or_an_antifungal_is_no_drug_without_a_rule(engine):
    found = interpreted(engine, "phenobarbital", "voriconazole", "ciclosporin")
    line = next(d for d in found.drugs if d.drug == "phenobarbital")
    assert line.response is Response.AVOID_TOGETHER
    assert line.statements[0].values[0].items == ("voriconazole",)
    assert line.statements[0].evidence
    assert all(s.response is not Response.NO_RULE for s in line.statements if s.tier is Tier.NONE)


def acting_pairs(engine):
    """Each pair of which a row asks for something, the drug that acts being in the drug table."""
    table = {info.drug for info in engine.drugs}
    items = {
        (min(i.perpetrators), i.victim)
        for found in engine.interactions._by_victim.values()
        for i in found
        if i.tier in (Tier.ACT, Tier.CONSIDER) and len(i.perpetrators) == 1
    }
    return sorted((a, b) for a, b in items if a in table)


def test_no_verdict_is_quieter_than_the_line_of_the_partner(engine):
    pairs = acting_pairs(engine)
    assert len(pairs) > 50
    for pair in pairs[::3]:
        found = interpreted(engine, *pair)
        verdicts = {d.drug: d.response for d in found.drugs}
        for said in found.interactions:
            if said.conditional or said.response not in INTERACTING or said.tier is Tier.CONTEXT:
                continue
            named = {
                n for r in said.reasons if r.kind is ReasonKind.TAKING for n in r.subject.names
            }
            for drug in (named | set(said.drugs)) & verdicts.keys():
                verdict = verdicts[drug]
                heard = SEVERITY[verdict] <= SEVERITY[said.response]
                assert heard or (said.response is Response.INTERACTION and verdict in _UNSETTLED)


@pytest.mark.parametrize("both", list(combinations(("voriconazole", "lamotrigine"), 2)))
def test_a_pair_that_asks_for_nothing_changes_no_verdict(engine, both):
    found = interpreted(engine, "levetiracetam", *both)
    line = next(d for d in found.drugs if d.drug == "levetiracetam")
    assert not any(s.text_id == "interaction-see-partner" for s in line.statements)
