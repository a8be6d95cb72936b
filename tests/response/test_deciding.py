"""How far the genes that decide about a drug were assessed, and what is said of the rest."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from epilepsy_pgx.model import GeneCoverage
from epilepsy_pgx.reference.conditions.base import members
from epilepsy_pgx.reference.rows import DecidingGene
from epilepsy_pgx.response.candidates import widen
from epilepsy_pgx.response.deciding import (
    Deciding,
    GeneAssessment,
    assess_deciding,
    classify_status,
    load_deciding,
    missing_statements,
)
from epilepsy_pgx.response.rules import load_groups
from epilepsy_pgx.statement import Evidence, ReasonKind
from epilepsy_pgx.vocabulary import Exposure, GeneStatus, Response, Tier
from tests.response.builders import star_gene, typed, unassessed

EVIDENCE = Evidence("source", ".", ("PMID:1",), "deciding_genes", "row")
LOCUS = Deciding("d", "HLA-B", ("*15:02", "*57:01"), Tier.ACT, "ask", None, True, EVIDENCE)
STAR = replace(LOCUS, gene="CYP2C9", alleles=(), text_id="ask-star", tier=Tier.CONSIDER)
RARE = replace(LOCUS, gene="POLG", alleles=(), text_id="ask-rare")


def test_rows_of_the_table(reference) -> None:
    groups = load_groups(reference)
    rows = reference.rows(DecidingGene)
    found = load_deciding(reference, groups)
    wanted = {(d, r.gene): r for r in rows for d in members(r.drug, groups)}
    assert {(i.drug, i.gene) for items in found.values() for i in items} == set(wanted)
    assert all(item.drug == drug for drug, items in found.items() for item in items)
    for item in (i for items in found.values() for i in items):
        row = wanted[item.drug, item.gene]
        assert item.alleles == row.alleles
        assert (item.tier, item.text_id) == (row.tier_missing, row.text_id)
        assert item.text_tolerated == row.text_tolerated
        assert item.blocks_benefit == row.blocks_benefit
        assert item.evidence == Evidence(
            row.source,
            ".",
            row.citations,
            "deciding_genes",
            f"{'|'.join(row.drug)} {row.gene}",
            row.verified,
        )


def facts(*genes, findings=None, coverage=None):
    return SimpleNamespace(
        genes={g.gene: widen(g) for g in genes}, findings=findings or {}, coverage=coverage or {}
    )


@pytest.mark.parametrize(
    ("present", "absent", "wanted"),
    [
        (["*15:02"], [], GeneStatus.COMPLETE),
        ([], ["*15:02", "*57:01"], GeneStatus.COMPLETE),
        ([], ["*15:02"], GeneStatus.PARTIAL),
        (["*44:03"], ["*57:01"], GeneStatus.PARTIAL),
        (["*44:03"], [], GeneStatus.NOT_ASSESSED),
        (["*44:03"], ["*13:01"], GeneStatus.NOT_ASSESSED),
    ],
)
def test_a_typed_gene(present, absent, wanted: GeneStatus) -> None:
    assert classify_status(LOCUS, facts(typed("HLA-B", *present, absent=absent))) is wanted


def test_an_untyped_gene() -> None:
    assert classify_status(LOCUS, facts()) is GeneStatus.NOT_ASSESSED
    assert classify_status(LOCUS, facts(unassessed("HLA-B"))) is GeneStatus.NOT_ASSESSED
    withheld = replace(typed("HLA-B", "*15:02"), status=GeneStatus.NOT_REPORTABLE)
    assert classify_status(LOCUS, facts(withheld)) is GeneStatus.NOT_ASSESSED


@pytest.mark.parametrize("status", list(GeneStatus))
def test_a_gene_read_for_rare_variants_is_as_complete_as_its_coverage(status) -> None:
    read = facts(findings={"POLG": SimpleNamespace(status=status)})
    assert classify_status(RARE, read) is status


@pytest.mark.parametrize(
    ("result", "wanted"),
    [
        (star_gene("CYP2C9", "*1/*3"), GeneStatus.COMPLETE),
        (star_gene("CYP2C9", "*1/*3", "*2/*2"), GeneStatus.COMPLETE),
        (star_gene("CYP2C9", "*1/*1", "*1/*3"), GeneStatus.AMBIGUOUS),
        (star_gene("CYP2C9", "*1/*3", not_excluded=("*6",)), GeneStatus.PARTIAL),
        # Called in full, yet two scores: it is not known which holds.
        (
            replace(star_gene("CYP2C9", "*1/*3"), activity_scores=(Decimal(1), Decimal(2))),
            GeneStatus.PARTIAL,
        ),
        (unassessed("CYP2C9"), GeneStatus.NOT_ASSESSED),
    ],
)
def test_a_star_allele_gene(result, wanted: GeneStatus) -> None:
    assert classify_status(STAR, facts(result)) is wanted


def test_no_result_at_all() -> None:
    assert classify_status(STAR, facts()) is GeneStatus.NOT_ASSESSED


def test_what_is_known_beside_the_status() -> None:
    genes = (star_gene("CYP2C9", "*1/*1", "*1/*3"), star_gene("CYP2C19", "*1/*2"))
    known = GeneCoverage("POLG", "NM", GeneStatus.NOT_ASSESSED, "r", (), 7, 5)
    none = GeneCoverage("OTC", "NM", GeneStatus.NOT_ASSESSED, "r", (), 7, 0)
    patient = facts(*genes, coverage={"POLG": known, "OTC": none})
    items = (STAR, replace(STAR, gene="CYP2C19"), RARE, replace(RARE, gene="OTC"))
    assert assess_deciding(items, patient) == (
        GeneAssessment(GeneStatus.AMBIGUOUS, ("Normal Metabolizer", "Intermediate Metabolizer")),
        GeneAssessment(GeneStatus.COMPLETE),
        GeneAssessment(GeneStatus.NOT_ASSESSED, (), 5, 7),
        GeneAssessment(GeneStatus.NOT_ASSESSED),
    )


MISSING, PART = GeneAssessment(GeneStatus.NOT_ASSESSED), GeneAssessment(GeneStatus.PARTIAL)


def lines(*pairs, exposure=Exposure.NAIVE):
    items, assessments = zip(*pairs, strict=True)
    return missing_statements(items, assessments, exposure)


def test_a_gene_that_is_known_is_not_asked_for() -> None:
    assert lines((STAR, GeneAssessment(GeneStatus.COMPLETE))) == []


def test_genes_with_one_wording_and_status_share_a_line() -> None:
    other = replace(RARE, gene="OTC")
    (one,) = lines((RARE, MISSING), (other, MISSING))
    assert one.statement_id == "deciding:POLG+OTC:d"
    assert (one.text_id, one.tier, one.drugs) == ("ask-rare", Tier.ACT, ("d",))
    assert one.response is Response.NOT_ASSESSED
    assert one.evidence == (EVIDENCE, EVIDENCE)
    apart = lines((RARE, MISSING), (other, PART))
    assert [s.response for s in apart] == [Response.NOT_ASSESSED, Response.PARTIAL]
    assert len(lines((RARE, MISSING), (replace(other, tier=Tier.CONTEXT), MISSING))) == 2
    assert len(lines((RARE, MISSING), (replace(other, text_id="b"), MISSING))) == 2


def test_a_result_that_may_not_be_reported_is_none() -> None:
    (one,) = lines((RARE, GeneAssessment(GeneStatus.NOT_REPORTABLE)))
    assert one.response is Response.NOT_ASSESSED
    assert one.values[1].messages[0].text_id == "gene-status-not-reportable"


def test_a_drug_that_is_tolerated_asks_less() -> None:
    gentle = replace(RARE, text_tolerated="ask-gently")
    (one,) = lines((gentle, MISSING), exposure=Exposure.TAKING_TOLERATED)
    assert (one.text_id, one.tier) == ("ask-gently", Tier.CONTEXT)
    (taken,) = lines((gentle, MISSING), exposure=Exposure.TAKING_UNKNOWN)
    assert (taken.text_id, taken.tier) == ("ask-rare", Tier.ACT)
    (no_words,) = lines((RARE, MISSING), exposure=Exposure.TAKING_TOLERATED)
    assert (no_words.text_id, no_words.tier) == ("ask-rare", Tier.ACT)


def test_known_variants_that_are_absent_are_counted_for_one_gene() -> None:
    (one,) = lines((RARE, GeneAssessment(GeneStatus.NOT_ASSESSED, (), 5, 7)))
    state = one.values[1].messages[0]
    assert state.text_id == "gene-status-known-absent"
    assert [v.items for v in state.values] == [("5",), ("7",)]
    (two,) = lines(
        (RARE, GeneAssessment(GeneStatus.NOT_ASSESSED, (), 5, 7)),
        (replace(RARE, gene="OTC"), MISSING),
    )
    assert two.values[1].messages[0].text_id == "gene-status-not-assessed"


def test_what_the_data_leave_possible_is_a_reason() -> None:
    (one,) = lines((STAR, GeneAssessment(GeneStatus.AMBIGUOUS, ("a", "b"))))
    kinds = [r.kind for r in one.reasons]
    assert kinds == [ReasonKind.STATUS, ReasonKind.OPEN]
    assert one.reasons[1].values[1].items == ("a", "b")
    assert [r.kind for r in lines((STAR, PART))[0].reasons] == [ReasonKind.STATUS]
