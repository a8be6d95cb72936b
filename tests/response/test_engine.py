"""What the engine puts together: lines without a finding, and the urgent box."""

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.synthesis import nothing_line
from epilepsy_pgx.vocabulary import Origin
from tests.response.builders import takes


def test_a_line_says_that_no_rule_exists_only_of_a_drug_without_a_genetic_one(
    plain: ResponseEngine,
) -> None:
    ruled = {
        rule.subject
        for rule in plain.rules.rules
        if rule.origin in (Origin.GENOTYPE, Origin.TYPING)
    }
    said = plain.interpret({}, (), {}, ClinicalEntry())
    found = {
        drug.drug: s.text_id
        for drug in said.drugs
        for s in drug.statements
        if s.text_id in ("drug-no-rule", "drug-nothing-fired")
    }
    wanted = {drug: "drug-nothing-fired" if drug in ruled else "drug-no-rule" for drug in found}
    assert found == wanted
    assert found
    # Every drug of the shipped tables has a genetic rule by now, so that it is shown of a part.
    info = next(info for info in plain.drugs if info.drug in found)
    for has_rules, text in ((False, "drug-no-rule"), (True, "drug-nothing-fired")):
        assert nothing_line(info, has_rules, "").text_id == text


def test_the_urgent_box_holds_what_is_urgent_once(plain: ResponseEngine) -> None:
    """An interaction of drugs without a line of their own stands there only if it is urgent."""
    names = {info.drug for info in plain.drugs}
    drugs = {d for i in plain.interactions.interactions for d in (i.victim, *i.perpetrators)}
    current = tuple(map(takes, sorted(drugs)))
    said = plain.interpret({}, (), {}, ClinicalEntry(current=current))
    assert all(s.urgent for s in said.urgent)
    boxed = [s.statement_id for s in said.urgent]
    assert len(boxed) == len({*boxed})
    outside = [s for s in said.interactions if names.isdisjoint(s.drugs)]
    assert {s.urgent for s in outside} == {True, False}
    rows = {e.row for s in said.urgent for e in s.evidence}
    assert all(s.urgent == rows.issuperset(e.row for e in s.evidence) for s in outside)
