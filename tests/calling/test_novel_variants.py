"""A variant that no allele definition uses: what it takes away from a gene's result."""

from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.calling.novel_variants import apply_novel_loss_of_function
from epilepsy_pgx.model import GeneResult, VariantKey
from epilepsy_pgx.protein import ProteinChange
from epilepsy_pgx.reference.phenotypes import INDETERMINATE
from epilepsy_pgx.variants.annotate import AnnotationStatus, SiteAnnotation
from epilepsy_pgx.variants.collect import Carriers
from epilepsy_pgx.vocabulary import Direction, GeneStatus

RESULT = GeneResult(
    "G", GeneStatus.COMPLETE, "genotype", (), 1, ("Normal Metabolizer",), (Decimal(2),),
    caveats=("caveat-phase-assumed",),
)  # fmt: skip
SNV = VariantKey("1", 10, "A", "G")
BREAKS, SPEAKS = "caveat-novel-loss-of-function", "caveat-undocumented-variant"
MAY = "caveat-novel-site-may-be-lost"


def note(**more) -> SiteAnnotation:
    plain = SiteAnnotation(
        "G", "NM_1.1", ("missense_variant",), "c.5A>G", ProteinChange.read("p.Lys2Arg"), False,
        Direction.NOT_DETERMINED, "direction-basis-none",
    )  # fmt: skip
    return replace(plain, **more)


def withdrawn(key: VariantKey, *notes: SiteAnnotation, doubtful: bool = False) -> GeneResult:
    carriers = [Carriers("G", key, (0,), doubtful)]
    return apply_novel_loss_of_function({"G": RESULT}, carriers, {key: notes})["G"]


def kept(result: GeneResult) -> bool:
    return (result.phenotypes, result.activity_scores, result.lost_function) == (
        RESULT.phenotypes,
        RESULT.activity_scores,
        False,
    )


@pytest.mark.parametrize(
    ("key", "notes", "caveat"),
    [
        (SNV, [note()], SPEAKS),
        (SNV, [note(truncating=True)], BREAKS),
        (SNV, [note(direction_basis="direction-basis-splice-site-whole")], MAY),
        (SNV, [note(direction_basis="direction-basis-start-whole")], MAY),
        (SNV, [note(direction_basis="direction-basis-site-unread")], MAY),
        (VariantKey("1", 10, "A", "<DEL:END=50>"), [], BREAKS),
        # Without the sequence the number of bases decides.
        (VariantKey("1", 10, "AT", "A"), [], BREAKS),
        (VariantKey("1", 10, "A", "ATTT"), [], SPEAKS),
        (VariantKey("1", 10, "ATT", "A"), [], BREAKS),
        (VariantKey("1", 10, "AT", "A"), [note(status=AnnotationStatus.NO_SEQUENCE)], BREAKS),
        # With it the consequence decides: the frame may be whole all the same.
        (VariantKey("1", 10, "AT", "A"), [note()], SPEAKS),
        (VariantKey("1", 10, "A", "*"), [], SPEAKS),
        # What it does to another gene does not count.
        (SNV, [note(gene="H", truncating=True)], SPEAKS),
    ],
)
def test_what_breaks_a_gene(key: VariantKey, notes: list[SiteAnnotation], caveat: str) -> None:
    found = withdrawn(key, *notes)
    assert found.caveats == ("caveat-phase-assumed", caveat)
    assert kept(found) == (caveat == SPEAKS)
    if caveat != SPEAKS:
        assert (found.phenotypes, found.activity_scores) == ((INDETERMINATE,), ())
        assert found.lost_function


def test_doubt_warns_and_is_said_once() -> None:
    other = replace(SNV, pos=11)
    carriers = [Carriers("G", SNV, (0,), True), Carriers("G", other, (0,), True)]
    found = apply_novel_loss_of_function({"G": RESULT}, carriers, {})["G"]
    assert found.caveats == ("caveat-phase-assumed", SPEAKS, "caveat-variant-low-quality")
    assert found.undocumented == ("1-10-A-G", "1-11-A-G")


def test_one_that_breaks_among_others_is_enough() -> None:
    lost = VariantKey("1", 10, "AT", "A")
    for order in ([lost, SNV], [SNV, lost]):
        carriers = [Carriers("G", key, (0,)) for key in order]
        found = apply_novel_loss_of_function({"G": RESULT}, carriers, {})["G"]
        assert found.lost_function
        assert {BREAKS, SPEAKS} < set(found.caveats)


def test_a_result_without_phenotype_gets_none() -> None:
    bare = {"G": replace(RESULT, phenotypes=())}
    found = apply_novel_loss_of_function(
        bare, [Carriers("G", SNV, (0,))], {SNV: (note(truncating=True),)}
    )
    assert found["G"].phenotypes == ()


def test_other_genes_stay() -> None:
    results = {"G": RESULT, "H": replace(RESULT, gene="H")}
    carriers = [Carriers("G", SNV, (0,)), Carriers("none", SNV, (0,))]
    found = apply_novel_loss_of_function(results, carriers, {})
    assert found["H"] is results["H"]
    assert set(found) == {"G", "H"}
    assert results["G"] is RESULT


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({}, "p.Lys2Arg"),
        ({"protein": None}, "c.5A>G"),
        ({"protein": ProteinChange.read("p.?")}, "c.5A>G"),
        ({"hgvs_c": None}, "1-10-A-G"),
        ({"hgvs_c": None, "protein": None}, "1-10-A-G"),
    ],
)
def test_its_name(change, name: str) -> None:
    assert withdrawn(SNV, note(**change)).undocumented == (name,)
