"""What a result leaves open is widened to warn, and never narrowed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import INDETERMINATE, PhenotypeTable, load_all_phenotypes
from epilepsy_pgx.response.candidates import GeneCandidates, widen
from epilepsy_pgx.statement import ReasonKind
from epilepsy_pgx.vocabulary import Basis, GeneStatus
from tests.response.builders import star_gene, unassessed

NORMAL, LIKELY = "Normal Metabolizer", "Likely Intermediate Metabolizer"
INTERMEDIATE, POOR = "Intermediate Metabolizer", "Poor Metabolizer"
UNKNOWN = "Unknown function"


@pytest.fixture(scope="module")
def tables(reference: Reference) -> dict[str, PhenotypeTable]:
    return dict(load_all_phenotypes(reference))


def test_a_plain_result_stays(tables) -> None:
    found = widen(star_gene("CYP2C9", "*1/*3"), tables["CYP2C9"])
    assert (found.phenotypes, found.scores) == ((INTERMEDIATE,), (Decimal(1),))
    assert (found.widened, found.behind, found.working) == (None, (), False)
    assert found.reported == (INTERMEDIATE,)
    assert found.asked == found.diplotypes
    assert found.settled
    assert found.assessed
    assert not found.open_ended


def test_a_normal_result_works(tables) -> None:
    assert widen(star_gene("CYP2C9", "*1/*1"), tables["CYP2C9"]).working
    assert not widen(star_gene("CYP2C9", "*1/*1"), None).working


def test_nothing_known_is_not_assessed(tables) -> None:
    found = widen(unassessed("CYP2C9"), tables["CYP2C9"])
    assert not found.assessed
    assert not found.settled
    assert (found.phenotypes, found.scores, found.widened) == ((), (), None)


def half_known(*functions: tuple[str, str]):
    return replace(
        star_gene("CYP2C19", "*1/*1"), phenotypes=(INDETERMINATE,), functions=tuple(functions)
    )


def test_a_reduced_allele_beside_an_unknown_one(tables) -> None:
    found = widen(half_known(("No function", UNKNOWN)), tables["CYP2C19"])
    assert found.widened is ReasonKind.REDUCED_ALLELE
    assert {POOR, INTERMEDIATE} <= set(found.phenotypes)
    assert INDETERMINATE not in found.phenotypes
    assert NORMAL not in found.phenotypes
    assert found.reported == (INDETERMINATE,)
    assert not found.settled


def test_if_another_candidate_has_no_reduced_allele_it_may_be(tables) -> None:
    pairs = (("No function", UNKNOWN), ("Normal function", "Normal function"))
    assert widen(half_known(*pairs), tables["CYP2C19"]).widened is ReasonKind.UNKNOWN_ALLELE


@pytest.mark.parametrize("pair", [(UNKNOWN, UNKNOWN), ("Normal function", UNKNOWN)])
def test_an_unknown_allele_alone_says_nothing(tables, pair) -> None:
    found = widen(half_known(pair), tables["CYP2C19"])
    assert (found.phenotypes, found.widened) == ((INDETERMINATE,), None)
    assert not found.settled


def test_without_a_table_nothing_is_widened() -> None:
    found = widen(half_known(("No function", UNKNOWN)), None)
    assert (found.phenotypes, found.widened) == ((INDETERMINATE,), None)


def test_scores_of_a_half_known_pair(tables) -> None:
    result = replace(
        star_gene("CYP2C9", "*1/*1"),
        phenotypes=(INDETERMINATE,),
        activity_scores=(),
        functions=(("No function", UNKNOWN),),
    )
    found = widen(result, tables["CYP2C9"])
    assert (min(found.scores), max(found.scores)) == (Decimal(0), Decimal(1))
    assert set(found.phenotypes) == {INTERMEDIATE, POOR}


def test_a_lost_copy_takes_the_normal_result_away(tables) -> None:
    result = star_gene("CYP2C9", "*1/*1", lost_function=True)
    found = widen(result, tables["CYP2C9"])
    assert found.widened is ReasonKind.LOST_FUNCTION
    assert NORMAL not in found.phenotypes
    assert set(found.phenotypes) == {INTERMEDIATE, POOR}
    assert set(found.scores) == {Decimal(0), Decimal(1)}
    assert not found.working
    assert not found.settled


def test_a_lost_copy_beside_a_broken_one_keeps_what_was_called(tables) -> None:
    found = widen(star_gene("CYP2C9", "*3/*3", lost_function=True), tables["CYP2C9"])
    assert found.phenotypes == (POOR,)
    assert found.scores == (Decimal(0),)


def test_a_lost_copy_without_functions_is_one_of_two_that_work(tables) -> None:
    result = replace(star_gene("CYP2C9", "*1/*1", lost_function=True), functions=())
    found = widen(result, tables["CYP2C9"])
    assert set(found.phenotypes) == {INTERMEDIATE, POOR}


def test_a_lost_copy_without_a_table_is_not_guessed() -> None:
    found = widen(star_gene("CYP2C9", "*1/*1", lost_function=True), None)
    assert (found.phenotypes, found.widened) == ((NORMAL,), None)


@pytest.mark.parametrize("basis", [Basis.OUTSIDE_CALL, Basis.GIVEN])
def test_a_stated_phenotype_stands_for_its_diplotypes(tables, basis: Basis) -> None:
    result = replace(
        star_gene("CYP2C9", "*1/*1"),
        basis=basis,
        diplotypes=(),
        phenotypes=(POOR,),
        activity_scores=(),
        functions=(),
    )
    found = widen(result, tables["CYP2C9"])
    assert {str(d) for d in found.behind} >= {"*3/*3", "*2/*3"}
    assert "*1/*1" not in {str(d) for d in found.behind}
    assert found.asked == found.behind
    assert set(found.scores) == {Decimal(0), Decimal("0.5")}
    assert ("No function", "No function") in found.functions


def test_a_stated_score_is_not_widened_by_its_phenotype(tables) -> None:
    result = replace(
        star_gene("CYP2C9", "*1/*1"),
        basis=Basis.OUTSIDE_CALL,
        diplotypes=(),
        phenotypes=(POOR,),
        activity_scores=(Decimal("0.5"),),
        functions=(),
    )
    found = widen(result, tables["CYP2C9"])
    assert found.scores == (Decimal("0.5"),)
    assert "*3/*3" not in {str(d) for d in found.behind}
    assert "*2/*3" in {str(d) for d in found.behind}


def test_a_stated_diplotype_says_its_own_phenotype(tables) -> None:
    result = replace(star_gene("CYP2C9", "*2/*3"), basis=Basis.OUTSIDE_CALL)
    assert widen(result, tables["CYP2C9"]).behind == ()


def test_a_genotype_is_never_read_backwards(tables) -> None:
    result = replace(star_gene("CYP2C9", "*1/*1"), diplotypes=(), phenotypes=(POOR,), functions=())
    assert widen(result, tables["CYP2C9"]).behind == ()


SETTLED = {"status": GeneStatus.COMPLETE, "phenotypes": (NORMAL,), "scores": (Decimal(2),)}


@pytest.mark.parametrize(
    ("change", "settled"),
    [
        ({}, True),
        ({"status": GeneStatus.AMBIGUOUS}, True),
        ({"status": GeneStatus.PARTIAL}, False),
        ({"status": GeneStatus.UNDEFINED}, False),
        ({"phenotypes": (NORMAL, POOR)}, False),
        ({"phenotypes": ()}, True),
        ({"phenotypes": (INDETERMINATE,)}, False),
        ({"scores": (Decimal(1), Decimal(2))}, False),
        ({"not_excluded": ("*5",)}, False),
        ({"widened": ReasonKind.REDUCED_ALLELE}, False),
    ],
)
def test_what_a_normal_result_rests_on(tables, change, settled: bool) -> None:
    plain = widen(star_gene("CYP2C9", "*1/*1"), tables["CYP2C9"])
    assert replace(plain, **{**SETTLED, **change}).settled is settled


@pytest.mark.parametrize(
    ("unlisted", "working", "wanted"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_open_ended(tables, unlisted: bool, working: bool, wanted: bool) -> None:
    plain: GeneCandidates = widen(star_gene("CYP2C9", "*1/*1"), tables["CYP2C9"])
    assert replace(plain, unlisted=unlisted, working=working).open_ended is wanted
