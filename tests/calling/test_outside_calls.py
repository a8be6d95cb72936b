"""Results of other laboratories: present, absent, or neither."""

from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.calling.outside_calls import add_outside_calls, hla_result
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.intake.hla import parse_hla_allele, read_hla
from epilepsy_pgx.intake.outside_calls import read_outside_calls
from epilepsy_pgx.intake.outside_tables import load_outside_tables
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.vocabulary import Basis, GeneStatus

LOCI = frozenset({"HLA-A", "HLA-B"})
HEAD = "sample_id\tgene\tallele_1\tallele_2\tmethod\tlaboratory\tdate"
CURATED = ["*15:02", "*15:11", "*57:01"]


def typing(folder, first, second, method="clinical"):
    path = folder / "hla.tsv"
    path.write_text(f"{HEAD}\nS1\tHLA-B\t{first}\t{second}\t{method}\tLab\t2026-01-01\n")
    return read_hla(path, LOCI)["S1"][0]


@pytest.mark.parametrize(
    ("first", "second", "present", "absent"),
    [
        ("15:02", "40:01", ["*15:02"], ["*15:11", "*57:01"]),
        ("HLA-B*15:02:01:01", "B*40:01", ["*15:02"], ["*15:11", "*57:01"]),
        ("40:01", "07:02", [], ["*15:02", "*15:11", "*57:01"]),
        ("15", "40:01", [], ["*57:01"]),
        ("15:XX", "40:01", [], ["*57:01"]),
        ("15:01/15:02", "40:01", [], ["*15:11", "*57:01"]),
        ("40:01", ".", [], []),
        ("15:02N", "40:01", [], ["*15:02", "*15:11", "*57:01"]),
        ("15:02P", "40:01", ["*15:02"], ["*15:11", "*57:01"]),
    ],
)
def test_clinical_typing(tmp_path, first, second, present, absent):
    result = hla_result("HLA-B", typing(tmp_path, first, second), CURATED)
    assert list(result.alleles_present) == present
    assert list(result.alleles_absent) == absent


LOW, AMBIGUOUS, RESEARCH = (
    f"caveat-hla-{word}" for word in ("low-resolution", "ambiguous", "research-typing")
)


@pytest.mark.parametrize(
    ("first", "second", "method", "caveats"),
    [
        ("15:02", "40:01", "clinical", []),
        ("15", "40:01", "clinical", [LOW]),
        ("40:01", ".", "clinical", [LOW]),
        ("15:01/15:02", "40:01", "clinical", [AMBIGUOUS]),
        ("40:01", "15:01/15:02", "clinical", [AMBIGUOUS]),
        ("15:01/15:02", "40", "clinical", [LOW, AMBIGUOUS]),
        (".", "15:01/15:02", "clinical", [LOW, AMBIGUOUS]),
        ("15:02", "40:01", "research", [RESEARCH]),
        ("15", "15:01/15:02", "research", [RESEARCH, LOW, AMBIGUOUS]),
    ],
)
def test_what_a_typing_leaves_open_is_said(tmp_path, first, second, method, caveats):
    result = hla_result("HLA-B", typing(tmp_path, first, second, method), CURATED)
    assert list(result.caveats) == caveats
    assert result.status is (GeneStatus.PARTIAL if caveats else GeneStatus.COMPLETE)
    assert result.basis is Basis.TYPING


SIX = ["15:01", "15:02", "15:03", "15:04", "15:05", "15:06"]


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["15:02"], ["*15:02/*40:01"]),
        (["15:01", "15:02"], ["*15:01/*40:01", "*15:02/*40:01"]),
        (SIX, [f"*{name}/*40:01" for name in SIX]),
        # Of more, those that rules ask for.
        ([*SIX, "15:11"], ["*15:02/*40:01", "*15:11/*40:01", "*…/*40:01"]),
        ([*(f"44:0{n}" for n in range(1, 8))], ["*…/*40:01"]),
    ],
)
def test_the_pairs_that_a_typing_leaves_possible(tmp_path, names, pairs):
    result = hla_result("HLA-B", typing(tmp_path, "/".join(names), "40:01"), CURATED)
    assert [str(d) for d in result.diplotypes] == pairs
    assert result.candidate_count == len(pairs)


def test_of_many_names_that_all_have_a_rule_none_stands_for_others(tmp_path):
    names = [*SIX, "15:11"]
    result = hla_result(
        "HLA-B", typing(tmp_path, "/".join(names), "40:01"), [f"*{name}" for name in names]
    )
    assert [str(d) for d in result.diplotypes] == [f"*{name}/*40:01" for name in names]


def test_an_allele_that_was_not_determined_may_be_any(tmp_path):
    result = hla_result("HLA-B", typing(tmp_path, "40:01", "."), CURATED)
    assert [str(d) for d in result.diplotypes] == ["*40:01/?"]


def test_a_research_caller_warns_but_rules_nothing_out(tmp_path):
    found = hla_result("HLA-B", typing(tmp_path, "15:02", "40:01", "research"), CURATED)
    assert (found.alleles_present, found.alleles_absent) == (("*15:02",), ())
    none = hla_result("HLA-B", typing(tmp_path, "07:02", "40:01", "research"), CURATED)
    assert none.alleles_absent == ()
    assert none.status is GeneStatus.PARTIAL


def test_no_typing_is_not_assessed():
    assert hla_result("HLA-B", None, CURATED).status is GeneStatus.NOT_ASSESSED


@pytest.mark.parametrize("word", ["positive", "B1502", "", "15-02"])
def test_words_that_are_no_hla_names(word):
    assert parse_hla_allele(word) is None


def test_problems_of_an_hla_file(tmp_path):
    path = tmp_path / "hla.tsv"
    path.write_text(
        f"{HEAD}\nS1\tHLA-B\tpositive\t40:01\tguess\tLab\t.\nS1\tB\t15:02\t40:01\tclinical\t.\t.\n"
    )
    fault = read_hla(path, LOCI)["S1"]
    assert [(p.line, p.column) for p in fault.problems] == [
        (2, "allele_1"),
        (2, "method"),
        (3, "gene"),
    ]


def own(gene, *diplotypes):
    named = tuple(map(Diplotype.read, diplotypes))
    return GeneResult(gene, GeneStatus.COMPLETE, "genotype", named, len(named), (), ())


def outside(folder, text, reference):
    path = folder / "outside.tsv"
    path.write_text(text)
    return read_outside_calls(path, load_outside_tables(reference)).calls


@pytest.mark.parametrize(
    ("line", "phenotype", "score"),
    [
        ("CYP2D6\t*1/*4", "Intermediate Metabolizer", "1"),
        ("CYP2D6\t*1x2/*2", "Ultrarapid Metabolizer", "3"),
        ("CYP2D6\t*4/*36+*10", "Intermediate Metabolizer", "0.25"),
        ("CYP2D6\t*4/*999", "Indeterminate", None),
        ("CYP2D6\t\tPoor Metabolizer", "Poor Metabolizer", None),
        ("CYP2D6\t\t\t0.5", "Intermediate Metabolizer", "0.5"),
        ("CYP2C19\t*2/*2", "Poor Metabolizer", None),
        ("CYP2C9\t*1/*3", "Intermediate Metabolizer", "1.0"),
    ],
)
def test_outside_calls_are_scored_by_table(reference, tmp_path, line, phenotype, score):
    calls = outside(tmp_path, line + "\n", reference)
    result = add_outside_calls({}, calls, reference)[calls[0].gene]
    assert result.phenotypes == (phenotype,)
    assert result.activity_scores == ((Decimal(score),) if score else ())
    assert result.basis == "outside call"


def test_a_contradiction_is_said(reference, tmp_path):
    calls = outside(tmp_path, "CYP2C19\t*2/*2\n", reference)
    joined = add_outside_calls({"CYP2C19": own("CYP2C19", "*1/*1")}, calls, reference)
    assert "caveat-outside-call-conflict" in joined["CYP2C19"].caveats
    agreed = add_outside_calls({"CYP2C19": own("CYP2C19", "*2/*2", "*1/*2")}, calls, reference)
    assert "caveat-outside-call-conflict" not in agreed["CYP2C19"].caveats


def test_a_contradiction_keeps_both_candidates(reference, tmp_path):
    calls = outside(tmp_path, "CYP2C19\t*1/*1\n", reference)
    mine = GeneResult(
        "CYP2C19",
        GeneStatus.COMPLETE,
        "genotype",
        (Diplotype.read("*2/*2"),),
        1,
        ("Poor Metabolizer",),
        (),
    )
    joined = add_outside_calls({"CYP2C19": mine}, calls, reference)["CYP2C19"]
    assert joined.shown == ("*1/*1", "*2/*2")
    assert set(joined.phenotypes) == {"Normal Metabolizer", "Poor Metabolizer"}
    assert joined.phenotype is None
    assert joined.status is GeneStatus.PARTIAL
    assert joined.candidate_count == 2


def test_variants_that_no_allele_has_are_named_beside_an_outside_call(reference, tmp_path):
    calls = outside(tmp_path, "CYP2C19\t*1/*1\n", reference)
    mine = replace(
        own("CYP2C19", "*1/*1"),
        undocumented=("p.Lys2Arg",),
        caveats=("caveat-undocumented-variant", "caveat-phase-assumed"),
    )
    joined = add_outside_calls({"CYP2C19": mine}, calls, reference)["CYP2C19"]
    assert joined.undocumented == ("p.Lys2Arg",)
    assert "caveat-undocumented-variant" in joined.caveats
    assert "caveat-phase-assumed" not in joined.caveats
    assert (joined.phenotypes, joined.lost_function) == (("Normal Metabolizer",), False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (GeneStatus.COMPLETE, GeneStatus.PARTIAL),
        (GeneStatus.AMBIGUOUS, GeneStatus.PARTIAL),
        (GeneStatus.PARTIAL, GeneStatus.PARTIAL),
        (GeneStatus.UNDEFINED, GeneStatus.UNDEFINED),
        (GeneStatus.NOT_ASSESSED, GeneStatus.NOT_ASSESSED),
    ],
)
def test_a_gene_that_another_place_failed_to_call_is_not_complete(
    reference, tmp_path, before, after
):
    (call,) = outside(tmp_path, "CYP2C19\t*1/*1\n", reference)
    failed = replace(call, candidates=(), phenotype=None, activity_score=None)
    mine = replace(own("CYP2C19", "*1/*1"), status=before)
    joined = add_outside_calls({"CYP2C19": mine}, [failed], reference)["CYP2C19"]
    assert joined.status is after
    assert joined.caveats == ("caveat-outside-call-none",)
    alone = add_outside_calls({}, [failed], reference)["CYP2C19"]
    assert (alone.status, alone.phenotypes) == (GeneStatus.NOT_ASSESSED, ())


@pytest.mark.parametrize(
    "caveat", ["caveat-novel-loss-of-function", "caveat-novel-site-may-be-lost"]
)
def test_a_gene_that_a_variant_breaks_is_not_normal_elsewhere(reference, tmp_path, caveat):
    calls = outside(tmp_path, "CYP2C19\t*1/*1\n", reference)
    mine = replace(own("CYP2C19", "*1/*1"), lost_function=True, caveats=(caveat,))
    joined = add_outside_calls({"CYP2C19": mine}, calls, reference)["CYP2C19"]
    assert joined.lost_function
    assert caveat in joined.caveats
    assert "Normal Metabolizer" not in joined.phenotypes


@pytest.mark.parametrize(
    ("mine", "conflict"),
    [
        ("Poor Metabolizer", False),
        ("Normal Metabolizer", True),
        # Nothing is known on one side, so nothing is contradicted.
        ("Indeterminate", False),
    ],
)
def test_a_stated_phenotype_beside_the_one_that_was_called(reference, tmp_path, mine, conflict):
    calls = outside(tmp_path, "CYP2C19\t\tPoor Metabolizer\n", reference)
    diplotype = {"Poor Metabolizer": "*2/*2", "Normal Metabolizer": "*1/*1"}.get(mine, "*2/*2")
    result = replace(own("CYP2C19", diplotype), phenotypes=(mine,))
    if mine == "Indeterminate":
        result = replace(result, diplotypes=())
    joined = add_outside_calls({"CYP2C19": result}, calls, reference)["CYP2C19"]
    assert ("caveat-outside-call-conflict" in joined.caveats) == conflict
    assert "Poor Metabolizer" in joined.phenotypes


def test_problems_of_an_outside_file(tmp_path, reference):
    with pytest.raises(InputError) as caught:
        outside(tmp_path, "CYP9Z9\t*1/*1\nCYP2C19\nCYP2D6\t*1/*1\t\tlots\n", reference)
    assert [p.line for p in caught.value.problems] == [1, 2, 3]


@pytest.mark.parametrize(
    ("gene", "phenotype", "status"),
    [
        ("CYP2D6", "Poor Metabolizer", GeneStatus.COMPLETE),
        ("CYP2C9", "Normal Metabolizer", GeneStatus.COMPLETE),
        # Rules on the score need one, and these words stand for two or more.
        ("CYP2C9", "Poor Metabolizer", GeneStatus.PARTIAL),
        ("CYP2C9", "Intermediate Metabolizer", GeneStatus.PARTIAL),
        ("CYP2D6", "Intermediate Metabolizer", GeneStatus.PARTIAL),
    ],
)
def test_a_phenotype_alone_is_complete_if_one_score_has_it(
    reference, tmp_path, gene, phenotype, status
):
    calls = outside(tmp_path, f"{gene}\t\t{phenotype}\n", reference)
    assert add_outside_calls({}, calls, reference)[gene].status is status
