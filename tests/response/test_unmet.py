"""Rules that are not asked say nothing: neither before an answer of the entry nor behind it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.rows import TestItem
from epilepsy_pgx.response.open_entry import OpenEntry
from epilepsy_pgx.response.questions import RuleQuestions
from epilepsy_pgx.response.rule_answers import RuleAnswers
from epilepsy_pgx.response.rules import load_conditions
from epilepsy_pgx.response.unmet import UnmetRules
from epilepsy_pgx.vocabulary import Sex
from tests.response.builders import case, covered, star_gene, takes, typed, variant

CAUSED = case(findings=(variant("POLG"),), coverage=covered("POLG", "SCN1A"))
TYPED = case(star_gene("CYP2C9", "*3/*3"), typed("HLA-B", "*15:02"))
ENTRIES = {
    "empty": ClinicalEntry(),
    "told": ClinicalEntry(
        affected=True,
        sex=Sex.FEMALE,
        age_years=Decimal(24),
        syndromes=("dravet",),
        current=(takes("phenytoin"), takes("valproate")),
        failed=(),
        entry_date="2026-11-20",
    ),
    "signs": ClinicalEntry(current=(takes("carbamazepine"),), signs=("rash",)),
}
EVERY = 11
"""Of the ways in which entries may be answered, one in so many is tried."""


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("patient", [CAUSED, TYPED], ids=["caused", "typed"])
def test_a_rule_that_is_not_asked_says_nothing(plain, reference, patient, name):
    conditions = load_conditions(reference)
    asked = RuleQuestions(plain, conditions)
    answers, unmet = RuleAnswers(asked), UnmetRules(asked)
    told = replace(patient, clinical=ENTRIES[name])
    facts = plain.facts(told.genes, told.findings, told.coverage, told.clinical)
    mine = unmet.of(facts, answers.classes(facts, answers.numbers(facts)))
    rows = [row for found in conditions.values() for row in found]
    again = {x.item.removeprefix("field:"): x.asked_again for x in reference.rows(TestItem)}
    ways = [w for item in OpenEntry(plain, rows, again).of(facts) for w in item.ways()]
    tried = left_out = 0
    for way in (facts, *ways[::EVERY]):
        changed = mine.changed(way)
        assert way is not facts or not changed
        silent = [place for place in asked.line_of if not mine.may_hold(place, changed)]
        assert all(asked.fire(place, way) is None for place in silent)
        assert all(asked.fire(place, facts) is None for place in silent)
        tried, left_out = tried + len(asked.line_of), left_out + len(silent)
    assert left_out > tried / 2


def test_a_rule_is_asked_once_the_field_that_it_waits_for_is_told(plain, reference):
    asked = RuleQuestions(plain, load_conditions(reference))
    answers, unmet = RuleAnswers(asked), UnmetRules(asked)
    facts = plain.facts(CAUSED.genes, CAUSED.findings, CAUSED.coverage, ClinicalEntry())
    mine = unmet.of(facts, answers.classes(facts, answers.numbers(facts)))
    way = plain.facts(
        CAUSED.genes, CAUSED.findings, CAUSED.coverage, ClinicalEntry(syndromes=("dravet",))
    )
    woken = [
        place
        for place in asked.line_of
        if asked.fire(place, facts) is None and asked.fire(place, way) is not None
    ]
    assert woken
    assert all(mine.may_hold(place, mine.changed(way)) for place in woken)
