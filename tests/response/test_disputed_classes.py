"""A later or graver class of a copy may warn; it takes no warning away, and supports nothing."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.model import CLINVAR_FILE, ClassificationRecord, Interpretation, VariantFinding
from epilepsy_pgx.response.monogenic import assess_gene
from epilepsy_pgx.response.rules import WARNINGS
from epilepsy_pgx.vocabulary import Classification, Direction, GeneStatus, Response, Tier
from tests.drawing import examples
from tests.response.builders import Case, case, covered, variant
from tests.response.strategies import cases
from tests.said import SpeakingEngine

C = Classification
CLASSES = [c for c in C if c is not C.NOT_CLASSIFIED]
FEW = settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def copy(word: Classification, date: str | None = "2026-10-01") -> ClassificationRecord:
    return ClassificationRecord(word, "ClinVar file, two stars", date, CLINVAR_FILE, act=False)


def shipped(word: Classification, who: str = "a copy") -> ClassificationRecord:
    return ClassificationRecord(word, who, None, "classified_variants", act=False)


def own(word: Classification, date: str | None) -> ClassificationRecord:
    return ClassificationRecord(word, "Lab", date, "laboratory file", act=True)


def with_records(*records: ClassificationRecord, **more: bool) -> VariantFinding:
    return replace(variant("SCN1A", **more), classifications=records)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("records", "found", "disputed"),
    [
        ((own(C.BENIGN, "2020-01-01"), copy(C.PATHOGENIC)), C.PATHOGENIC, True),
        ((own(C.PATHOGENIC, "2020-01-01"), copy(C.BENIGN)), C.PATHOGENIC, True),
        ((own(C.UNCERTAIN, "2020-01-01"), copy(C.LIKELY_PATHOGENIC)), C.LIKELY_PATHOGENIC, True),
        ((own(C.PATHOGENIC, "2020-01-01"), copy(C.LIKELY_PATHOGENIC)), C.PATHOGENIC, False),
        # A class without a date cannot be shown to be the later one.
        ((own(C.BENIGN, None), copy(C.PATHOGENIC)), C.PATHOGENIC, True),
        ((own(C.BENIGN, "2026-11-01"), copy(C.PATHOGENIC)), C.BENIGN, False),
        ((own(C.BENIGN, "2020-01-01"), copy(C.PATHOGENIC, None)), C.BENIGN, False),
        # Where the laboratory leaves it open, a pathogenic class warns of whatever day.
        ((own(C.UNCERTAIN, "2026-11-01"), copy(C.LIKELY_PATHOGENIC)), C.LIKELY_PATHOGENIC, True),
        ((own(C.UNCERTAIN, "2026-11-01"), shipped(C.PATHOGENIC)), C.PATHOGENIC, True),
        # One that is less grave takes nothing away, and an older one asks for nothing.
        ((own(C.PATHOGENIC, "2026-11-01"), copy(C.BENIGN)), C.PATHOGENIC, False),
        ((own(C.BENIGN, "2026-11-01"), copy(C.UNCERTAIN)), C.BENIGN, False),
        # The name of the copy that is shipped tells its day.
        (
            (own(C.BENIGN, "2020-01-01"), shipped(C.PATHOGENIC, "ClinVar of 2024-12-15")),
            C.PATHOGENIC,
            True,
        ),
        (
            (own(C.BENIGN, "2025-01-01"), shipped(C.PATHOGENIC, "ClinVar of 2024-12-15")),
            C.BENIGN,
            False,
        ),
        ((shipped(C.UNCERTAIN), copy(C.PATHOGENIC)), C.PATHOGENIC, True),
        ((shipped(C.PATHOGENIC), copy(C.BENIGN)), C.PATHOGENIC, True),
        ((shipped(C.PATHOGENIC), copy(C.LIKELY_PATHOGENIC)), C.LIKELY_PATHOGENIC, False),
        ((copy(C.PATHOGENIC),), C.PATHOGENIC, False),
        ((copy(C.BENIGN),), C.BENIGN, False),
        ((), C.NOT_CLASSIFIED, False),
    ],
)
def test_the_more_severe_class_stands(
    records: tuple[ClassificationRecord, ...], found: Classification, disputed: bool
) -> None:
    finding = with_records(*records)
    assert (finding.classification, finding.disputed) == (found, disputed)
    assert {*finding.standing, *finding.later} <= {*records}


def test_a_gene_is_in_the_states_of_both_classes() -> None:
    finding = with_records(own(C.BENIGN, "2020-01-01"), copy(C.PATHOGENIC), truncating=True)
    states = {state: e for state, e in assess_gene("SCN1A", [finding], GeneStatus.COMPLETE).states}
    assert set(states) == {"lof_plp", "lof_predicted_unclassified", "monoallelic_plp"}
    assert all(e.disputed for e in states.values())
    assert not states["lof_plp"].own_class


def warned(found: Interpretation) -> dict[tuple[str, str], tuple[Response, Tier, bool]]:
    return {
        (drug.drug, e.row): (s.response, s.tier, s.conditional)
        for drug in found.drugs
        for s in drug.statements
        if s.response in WARNINGS
        for e in s.evidence
    }


def interpret(engine: SpeakingEngine, patient: Case) -> Interpretation:
    return engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)


@FEW
@given(patient=cases(), data=st.data())
def test_adding_a_copy_removes_no_warning(
    engine: SpeakingEngine, patient: Case, data: st.DataObject
) -> None:
    more = []
    for finding in patient.findings:
        word = data.draw(st.sampled_from([None, *CLASSES]))
        added = (
            ()
            if word is None
            else (copy(word, data.draw(st.sampled_from(["2020-01-01", "2026-10-01"]))),)
        )
        more.append(replace(finding, classifications=(*finding.classifications, *added)))
    before = warned(interpret(engine, patient))
    after = warned(interpret(engine, replace(patient, findings=tuple(more))))
    assert before.keys() <= after.keys()
    for row, (response, tier, conditional) in before.items():
        assert after[row][0] is response
        assert list(Tier).index(after[row][1]) <= list(Tier).index(tier), row
        assert conditional or not after[row][2], row


@pytest.mark.parametrize("direction", [Direction.GAIN, Direction.LOSS, Direction.NOT_DETERMINED])
@pytest.mark.parametrize("gene", ["SCN1A", "SCN2A", "SCN8A", "KCNQ2", "PRRT2"])
def test_classes_that_differ_support_no_drug(
    engine: SpeakingEngine, gene: str, direction: Direction
) -> None:
    """Not even where the laboratory's own class is the pathogenic one."""
    plain = variant(gene, direction=direction)
    for first in CLASSES:
        for second in CLASSES:
            both = replace(plain, classifications=(own(first, "2020-01-01"), copy(second)))
            if not both.disputed:
                continue
            found = interpret(engine, case(findings=[both], coverage=covered(gene)))
            rests = [
                s
                for drug in found.drugs
                for s in drug.statements
                if s.response in (Response.MAY_FAVOUR, Response.STANDARD)
                and any(r.subject.names == (str(both.key),) for r in s.reasons if r.subject)
            ]
            assert not rests, (first, second)
