"""Results that a curator gives as words: each form is read, and each fault has its line."""

from decimal import Decimal

import pytest

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import explain, parse_given
from epilepsy_pgx.vocabulary import FindingState, GeneStatus

C, A = GeneStatus.COMPLETE, GeneStatus.AMBIGUOUS


@pytest.mark.parametrize(
    ("word", "status", "phenotypes", "scores"),
    [
        ("CYP2C9=*1/*3", C, ("Intermediate Metabolizer",), ("1.0",)),
        (" CYP2C9 = *1/*3 ", C, ("Intermediate Metabolizer",), ("1.0",)),
        ("CYP2C9=*1/*3,*3/*3", A, ("Intermediate Metabolizer", "Poor Metabolizer"), ("0", "1.0")),
        ("CYP2C9=Poor Metabolizer", C, ("Poor Metabolizer",), ("0", "0.5")),
        (
            "CYP2C19=Poor Metabolizer, Normal Metabolizer",
            A,
            ("Poor Metabolizer", "Normal Metabolizer"),
            (),
        ),
        ("CYP2C9=AS:0.5", C, ("Poor Metabolizer",), ("0.5",)),
    ],
)
def test_a_genotype_in_words(
    reference: Reference,
    plain: ResponseEngine,
    word: str,
    status: GeneStatus,
    phenotypes: tuple[str, ...],
    scores: tuple[str, ...],
) -> None:
    (found,) = parse_given([word], [], reference, plain).genes.values()
    assert found.status is status
    assert found.phenotypes == phenotypes
    assert found.scores == tuple(map(Decimal, scores))


def test_typed_alleles_are_there_or_not(reference: Reference, plain: ResponseEngine) -> None:
    words = ["HLA-B=+*15:02, -*15:11", "HLA-A=-*31:01"]
    genes = parse_given(words, [], reference, plain).genes
    assert (genes["HLA-B"].present, genes["HLA-B"].absent) == (("*15:02",), ("*15:11",))
    assert (genes["HLA-A"].present, genes["HLA-A"].absent) == ((), ("*31:01",))


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("lof_plp", GeneStatus.COMPLETE),
        ("partial", GeneStatus.PARTIAL),
        ("not_assessed", GeneStatus.NOT_ASSESSED),
    ],
)
def test_a_state_of_a_gene_that_is_read(
    reference: Reference, plain: ResponseEngine, state: str, status: GeneStatus
) -> None:
    found = parse_given([f"SCN1A={state}"], [], reference, plain).findings["SCN1A"]
    assert found.status is status
    assert [s for s, _ in found.states] == [state]
    assert all(e.sound for _, e in found.states)


def test_states_of_one_gene_add_up(reference: Reference, plain: ResponseEngine) -> None:
    words = ["SCN2A=lof_plp", "SCN2A=gof_tested_plp"]
    found = parse_given(words, [], reference, plain).findings["SCN2A"]
    assert [s for s, _ in found.states] == ["lof_plp", "gof_tested_plp"]


@pytest.mark.parametrize("value", ["T/C", "T|C"])
def test_a_base_at_a_site(reference: Reference, plain: ResponseEngine, value: str) -> None:
    (site,) = parse_given([f"rs3812718={value}"], [], reference, plain).sites.values()
    assert (site.site, site.alleles, site.status) == ("rs3812718", ("T", "C"), "called")
    assert (site.phased, site.depth, site.quality) == (False, None, None)


FORMS = (
    "expected a diplotype (*1/*2), a phenotype of the gene, AS:number, +*15:02 or -*15:02, or a"
    f" finding state: {', '.join(FindingState)} [explain-gene]. Write GENE=VALUE."
)
SCORES = (
    "expected a score that the gene can have after AS: [explain-gene]. Write, for example, AS:1.5."
)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("CYP2C9", f"found 'CYP2C9=', {FORMS}"),
        ("CYP2C9=fast", f"found 'CYP2C9=fast', {FORMS}"),
        ("SCN1A=Poor Metabolizer", f"found 'SCN1A=Poor Metabolizer', {FORMS}"),
        ("CYP2C9=AS:many", f"found 'CYP2C9=AS:many', {SCORES}"),
        ("CYP2C9=AS:-1", f"found 'CYP2C9=AS:-1', {SCORES}"),
        ("CYP2C9=AS:99", f"found 'CYP2C9=AS:99', {SCORES}"),
        ("HLA-B=+*15:02,*15:11", f"found 'HLA-B=+*15:02,*15:11', {FORMS}"),
        ("SCN1A=AS:1", f"found 'SCN1A=AS:1', {SCORES}"),
        *(
            (
                f"{gene}={pair}",
                f"found '{gene}={pair}', expected two alleles of {gene}, such as *1/*2"
                " [explain-allele]. Use names of the alleles table.",
            )
            for gene, pair in (("CYP2C9", "*1/*999"), ("CYP2C9", "*1/*2/*3"), ("SCN1A", "*1/*2"))
        ),
    ],
)
def test_a_word_that_cannot_be_read(
    reference: Reference, plain: ResponseEngine, word: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_given([word], [], reference, plain)
    assert [str(p) for p in caught.value.problems] == [f".: --gene: {said}"]


def test_all_faults_are_named_at_once(reference: Reference, plain: ResponseEngine) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_given(["CYP2C9=x", "CYP2C9=AS:y"], ["age=3", "sex=x"], reference, plain)
    found = {(p.column, p.check) for p in caught.value.problems}
    assert {("--gene", "explain-gene"), ("--context", "explain-context")} < found
    assert "sex" in {p.column for p in caught.value.problems}
    (context,) = (p for p in caught.value.problems if p.check == "explain-context")
    assert (context.found, context.fix) == ("'age=3'", "Correct the word.")
    assert context.expected.startswith("column=value, with one of: ")
    assert "sex, " in context.expected


@pytest.mark.parametrize(
    ("drug", "hint"),
    [
        ("carbamazepinee", "did you mean carbamazepine?"),
        ("xyz", "an anti-seizure drug"),
        ("warfarin", "an anti-seizure drug"),
    ],
)
def test_a_drug_without_a_line(reference: Reference, drug: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        explain(drug, reference)
    assert str(caught.value) == (
        f".: DRUG: found '{drug}', expected {hint} [explain-drug]. See the drugs table."
    )
