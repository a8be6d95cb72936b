"""What is passed over when answers are tried changes nothing: held to a twin that tries it all."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.frozen import names_of
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.next_tests import NextTests
from epilepsy_pgx.response.open_results import Lists
from epilepsy_pgx.response.reading import Search
from epilepsy_pgx.response.reads import columns_differing, columns_read
from epilepsy_pgx.response.unmet import LISTS, Unmet, UnmetRules
from epilepsy_pgx.response.ways import EntryWays
from tests.response.builders import Case, case, covered, gave_up, star_gene, takes, variant
from tests.response.strategies import cases

EVERY_COLUMN = frozenset(names_of(ClinicalEntry))
ITEMS = 12
"""Items of a generated patient that are tried without passing anything over."""
PLAIN = case(
    star_gene("CYP2C9", "*1/*3"), findings=(variant("POLG"),), coverage=covered("POLG", "SCN1A")
)
TREATED = replace(
    PLAIN,
    clinical=ClinicalEntry(
        affected=True,
        current=(takes("carbamazepine"), takes("valproate")),
        failed=(gave_up("lamotrigine"),),
        adherence="not_taken",
        entry_date="2026-11-20",
    ),
)


class Forgetful(set[object]):
    """A set of what was compared that never knows anything."""

    def __contains__(self, one: object) -> bool:
        return False


def pass_nothing_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every rule of every line be asked about each answer, and every line be made."""
    way, grown = EntryWays._way, Search.__new__

    def told(self, reading, item, facts):
        made = way(self, reading, item, facts)
        return made._replace(alike=None, naming=0, differing=EVERY_COLUMN, situated=True)

    monkeypatch.setattr(EntryWays, "_way", told)
    monkeypatch.setattr(UnmetRules, "without_triggers", lambda self, facts: 0)
    monkeypatch.setattr(Unmet, "open_to", lambda self, changed: self._rules.asked.bits.every)
    monkeypatch.setattr(Search, "can_grow", lambda self, line, rank: True)
    monkeypatch.setattr(
        Search, "__new__", lambda cls, reading, found, seen: grown(cls, reading, found, Forgetful())
    )


def changes(engine: ResponseEngine, reference, patient: Case, kept: slice) -> dict:
    """Return what some of the open items of a patient change, asked of a new ranking."""
    facts = engine.facts(patient.genes, patient.findings, patient.coverage, patient.clinical)
    probe = NextTests(reference, engine)
    items = [item for item in probe.open_items(facts) if not item.genes or facts.signs]
    reading = probe._probe.read(facts)
    return {(i.kind, i.subject): probe._probe.changes(reading, i) for i in items[kept]}


@pytest.mark.parametrize("patient", [PLAIN, TREATED], ids=["plain", "treated"])
def test_what_is_passed_over_changes_nothing(plain, reference, monkeypatch, patient):
    quick = changes(plain, reference, patient, slice(None))
    pass_nothing_over(monkeypatch)
    assert changes(plain, reference, patient, slice(None)) == quick
    assert any(quick.values())


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(patient=cases(), first=st.integers(0, 30))
def test_nor_does_it_of_any_patient(plain, reference, patient, first):
    kept = slice(first, first + ITEMS)
    quick = changes(plain, reference, patient, kept)
    with pytest.MonkeyPatch.context() as patched:
        pass_nothing_over(patched)
        assert changes(plain, reference, patient, kept) == quick


def test_a_drug_that_rules_do_not_name_is_as_good_as_another(plain, reference):
    facts = plain.facts(PLAIN.genes, PLAIN.findings, PLAIN.coverage, PLAIN.clinical)
    ranking = NextTests(reference, plain)
    probe = ranking._probe
    reading = probe.read(facts)
    (item,) = (i for i in ranking.open_items(facts) if i.lists is Lists.CURRENT)
    ways = [way for way in probe._ways.of(reading, item) if way.alike is not None]
    assert len(ways) == len(plain.drugs) - 1 + (len(ways) == len(plain.drugs))
    asked = probe._asked
    rules = asked.bits.every & ~asked.by_trials
    for one, other in zip(ways, ways[1:], strict=False):
        assert one.alike == other.alike
        for place in asked.unmask(rules & ~one.naming & ~other.naming)[::23]:
            said = [asked.fire(place, way.facts) for way in (one, other)]
            assert said[0] == said[1], place


def test_only_what_reads_a_column_hangs_on_it(plain):
    facts = plain.facts({}, (), {}, TREATED.clinical)
    assert columns_read(facts, lambda f: f.clinical.sex) == {"sex"}
    assert "failed" in columns_read(facts, lambda f: plain.count(f, {}))
    changed = replace(facts.clinical, weight_kg=70)
    assert columns_differing(facts.clinical, changed) == {"weight_kg"}


def test_a_field_differs_if_what_it_reads_does(plain, reference):
    ranking = NextTests(reference, plain)
    facts = plain.facts({}, (), {}, TREATED.clinical)
    unmet = ranking._probe.read(facts).unmet
    for item in ranking.open_items(facts):
        for way in (w for w in item.ways() if not item.genes):
            values = {
                name
                for name, known in unmet._entered.values.items()
                if name != LISTS and (way.clinical_value(name), way.entered(name)) != known
            }
            assert unmet.changed(way) - {LISTS} == values, item
