"""Lines that hang on the same genes: what a bundle cannot tell apart gives the same lines."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.next_tests import NextTests, next_tests_of
from epilepsy_pgx.response.prints import Print, print_of
from epilepsy_pgx.response.questions import ENTRY
from epilepsy_pgx.vocabulary import Classification, GeneStatus
from tests.response.builders import PHENOTYPES, Case, case, covered, star_gene, typed, variant


@pytest.fixture(scope="module")
def ranking(plain: ResponseEngine, reference) -> NextTests:
    return next_tests_of(reference, plain)


def patients() -> list[Case]:
    """Return patients who differ in one gene."""
    found = [case()]
    for gene, known in PHENOTYPES.items():
        pairs = [*known]
        found += [case(star_gene(gene, pair)) for pair in pairs]
        found += [case(star_gene(gene, *some)) for some in combinations(pairs[:3], 2)]
        found.append(case(replace(star_gene(gene, pairs[0]), status=GeneStatus.PARTIAL)))
    for locus, allele in (("HLA-B", "*15:02"), ("HLA-A", "*31:01")):
        found += [case(typed(locus, allele)), case(typed(locus, absent=(allele,)))]
    for gene in ("SCN1A", "POLG", "SCN8A", "TSC2"):
        found.append(case(coverage=covered(gene)))
        for own in (True, False):
            for cut in (True, False):
                seen = variant(gene, truncating=cut, own=own)
                found.append(case(findings=(seen,), coverage=covered(gene)))
        unclear = variant(gene, classification=Classification.UNCERTAIN)
        found.append(case(findings=(unclear,), coverage=covered(gene)))
    return found


def facts_of(engine: ResponseEngine, patient: Case) -> PatientFacts:
    return engine.facts(patient.genes, patient.findings, patient.coverage, patient.clinical)


def test_each_line_is_in_one_bundle(ranking: NextTests) -> None:
    probe = ranking._probe
    count = Counter(line for bundle in probe.bundles.all for line in bundle.lines)
    assert count.keys() == probe.lines
    assert {*count.values()} == {1}
    assert ENTRY in count
    for bundle in probe.bundles.all:
        assert {*bundle.subjects} <= {*bundle.touched}
        for subject in bundle.touched:
            assert bundle in probe.bundles.touching[subject]


def lines_of(engine: ResponseEngine, facts: PatientFacts) -> dict[str, set[Print]]:
    """Return what a whole report says, by the drug or the statement."""
    said = engine.interpret_facts(facts)
    found = {d.drug: {*map(print_of, (*d.statements, *d.safety_notes))} for d in said.drugs}
    told = engine.hear(facts).facts
    for table in (engine.therapy, engine.context):
        for hit in table.fire(told):
            found[hit.statement.statement_id] = {print_of(hit.statement)}
    return found


def test_a_bundle_that_tells_nothing_apart_has_the_same_lines(
    plain: ResponseEngine, ranking: NextTests
) -> None:
    """Each patient is interpreted as a whole: what is shared between lines has no part in it."""
    bundles, answers = ranking._probe.bundles, ranking._probe.answers
    known: dict[tuple[object, ...], object] = {}
    shared = 0
    for patient in patients():
        facts = facts_of(plain, patient)
        said = lines_of(plain, facts)
        numbers = answers.numbers(facts)
        classes = {s: bundles.classes(s, n, facts) for s, n in numbers.items()}
        for bundle in bundles.all:
            mine = [classes[s][bundle.number] for s in bundle.subjects]
            key = (bundle.number, facts.has_pathogenic, *mine)
            lines = {line: said.get(line) for line in bundle.lines}
            shared += key in known
            assert known.setdefault(key, lines) == lines, bundle
    assert shared > len(patients())


def test_what_differs_is_told_apart(plain: ResponseEngine, ranking: NextTests) -> None:
    probe = ranking._probe

    def seen(line: str, patient: Case) -> int:
        facts = facts_of(plain, patient)
        number = probe.answers.number_of("CYP2C9", facts)
        (bundle,) = (b for b in probe.bundles.all if line in b.lines)
        return probe.bundles.classes("CYP2C9", number, facts)[bundle.number]

    normal, poor = (case(star_gene("CYP2C9", pair)) for pair in ("*1/*1", "*3/*3"))
    assert seen("phenytoin", normal) != seen("phenytoin", poor)
    named = case(replace(star_gene("CYP2C9", "*3/*3"), missing_sites=("rs1",)))
    assert seen("phenytoin", named) == seen("phenytoin", poor)


def test_an_open_gene_changes_lines_also_behind_a_patient_in_whom_it_is_known(
    plain: ResponseEngine, reference
) -> None:
    """A text is another one beside a pathogenic variant of whatever gene."""
    whole = covered(*plain.monogenic)
    shared = NextTests(reference, plain)
    shared.of(facts_of(plain, case(coverage=whole)))
    for gene in plain.monogenic[::6]:
        unread = facts_of(plain, case(coverage={g: c for g, c in whole.items() if g != gene}))
        items = [*shared.open_items(unread)]
        found = shared._lines.of(unread, items)
        reading = shared._probe.read(unread)
        for item in (item for item in items if item.genes == (gene,)):
            changes = shared._probe.changes(reading, item)
            assert found.get((item.kind, item.subject), {}) == changes, gene


def test_the_ranking_does_not_depend_on_the_patients_before(
    plain: ResponseEngine, reference
) -> None:
    some = patients()[::4]
    forth, back = (NextTests(reference, plain) for _ in range(2))
    first = [forth.of(facts_of(plain, patient)) for patient in some]
    second = [back.of(facts_of(plain, patient)) for patient in reversed(some)]
    assert first == second[::-1]
