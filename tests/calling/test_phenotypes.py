"""What a call becomes: its status, its phenotypes, and what is said to be open."""

from decimal import Decimal

import pytest

from epilepsy_pgx.calling.definitions import UNDEFINED, define_gene
from epilepsy_pgx.calling.diplotypes import DiplotypeCall
from epilepsy_pgx.calling.phenotypes import SHOWN_CANDIDATES, gene_status, result_of
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.reference.phenotypes import load_all_phenotypes
from epilepsy_pgx.variants.sites import load_sites
from epilepsy_pgx.vocabulary import Basis, GeneStatus, GenomeBuild


def called(*pairs, not_excluded=(), assumed=False, missing=(), core=False, doubtful=False):
    return DiplotypeCall(tuple(pairs), not_excluded, assumed, missing, core, doubtful)


ONE = ("*1", "*2")


@pytest.mark.parametrize(
    ("call", "structural", "wanted"),
    [
        (called(ONE), (), GeneStatus.COMPLETE),
        (called(ONE), ("*4",), GeneStatus.PARTIAL),
        (called(ONE, not_excluded=("*5",)), (), GeneStatus.PARTIAL),
        (called(ONE, missing=("rs5",)), (), GeneStatus.PARTIAL),
        (called(ONE, ("*1", "*3")), ("*4",), GeneStatus.AMBIGUOUS),
        (called(ONE, ("*1", UNDEFINED)), (), GeneStatus.AMBIGUOUS),
        (called(("*1", UNDEFINED)), (), GeneStatus.UNDEFINED),
        (called(("*1", UNDEFINED), (UNDEFINED, UNDEFINED)), (), GeneStatus.UNDEFINED),
        (called(missing=("rs1",)), (), GeneStatus.NOT_ASSESSED),
    ],
)
def test_status(call: DiplotypeCall, structural: tuple[str, ...], wanted: GeneStatus) -> None:
    assert gene_status(call, structural) is wanted


@pytest.fixture(scope="module")
def result(toy):
    definition = define_gene(toy, load_sites(toy, GenomeBuild.GRCH38), "TOY1")
    table = load_all_phenotypes(toy)["TOY1"]
    return lambda call: result_of(call, definition, table)


def test_one_pair(result) -> None:
    found = result(called(ONE))
    assert (found.gene, found.basis, found.status) == ("TOY1", Basis.GENOTYPE, GeneStatus.COMPLETE)
    assert found.diplotypes == (Diplotype(ONE),)
    assert (found.candidate_count, found.unlisted) == (1, False)
    assert found.phenotypes == ("Intermediate Metabolizer",)
    assert found.functions == (("No function", "Normal function"),)
    assert (found.sites_assessed, found.sites_total) == (5, 5)
    assert (found.caveats, found.not_excluded, found.missing_sites) == ((), (), ())


def test_candidates_name_each_phenotype_once(result) -> None:
    found = result(called(("*1", "*2"), ("*1", "*3"), ("*2", "*3")))
    assert found.candidate_count == 3
    assert found.phenotypes == ("Intermediate Metabolizer", "Poor Metabolizer")
    assert len(found.functions) == 2


def test_what_was_not_seen_is_said(result) -> None:
    call = called(
        ONE, not_excluded=("*5",), assumed=True, missing=("rs5",), core=True, doubtful=True
    )
    found = result(call)
    assert found.caveats == (
        "caveat-phase-assumed",
        "caveat-rare-alleles-not-excluded",
        "caveat-core-site-missing",
        "caveat-doubtful-allele",
    )
    assert found.not_excluded == ("*5",)
    assert found.missing_sites == ("rs5",)
    assert (found.sites_assessed, found.sites_total) == (4, 5)


def test_a_haplotype_without_a_name(result) -> None:
    assert "caveat-undefined-combination" in result(called(ONE, ("*1", UNDEFINED))).caveats


def test_nothing_assessed_claims_nothing(result) -> None:
    found = result(called(missing=("rs1", "rs2"), core=True, doubtful=True))
    assert (found.status, found.basis) == (GeneStatus.NOT_ASSESSED, Basis.NONE)
    assert (found.diplotypes, found.phenotypes, found.caveats) == ((), (), ())
    assert found.not_excluded == ()
    assert found.sites_assessed == 3


def test_more_candidates_than_are_listed(result) -> None:
    pairs = [(f"*{n}", "*1") for n in range(1, 8)] * 5
    few, many = pairs[:SHOWN_CANDIDATES], pairs[: SHOWN_CANDIDATES + 1]
    assert len(result(called(*few)).diplotypes) == SHOWN_CANDIDATES
    found = result(called(*many))
    assert (found.diplotypes, found.unlisted) == ((), True)
    assert found.candidate_count == SHOWN_CANDIDATES + 1


def test_scores_are_sorted_and_said_once(reference) -> None:
    definition = define_gene(reference, load_sites(reference, GenomeBuild.GRCH38), "CYP2C9")
    table = load_all_phenotypes(reference)["CYP2C9"]
    found = result_of(called(("*1", "*2"), ("*1", "*3"), ("*2", "*2")), definition, table)
    assert found.activity_scores == (Decimal("1"), Decimal("1.5"))
