"""pb-StarPhase: what its JSON says of star alleles and of HLA loci, and what is refused."""

import copy
import json

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.outside_calls import load_outside_tables
from epilepsy_pgx.intake.result_files.content import ResultKind
from epilepsy_pgx.intake.result_files.source import UNNAMED
from epilepsy_pgx.intake.result_files.star_allele_results import read_gene_calls
from tests.results import content, example, listed_programs

EXAMPLE = json.loads(example("pb-StarPhase"))


@pytest.fixture
def read(reference, tmp_path):
    tables, programs = load_outside_tables(reference), listed_programs(reference)

    def from_json(found):
        given = content(tmp_path, ResultKind.STAR_ALLELES, json.dumps(found))
        return read_gene_calls(given.path, tables, programs)

    return from_json


def changed(gene, value):
    found = copy.deepcopy(EXAMPLE)
    found["gene_details"][gene] = value
    return found


def pair(first, second, **more):
    return {"hap1": first, "hap2": second, "diplotype": f"{first}/{second}", **more}


def candidates(rows):
    return {c.gene: ["/".join(sides) for sides in c.candidates] for c in rows.calls}


def test_star_alleles_and_hla_types(read):
    found = read(EXAMPLE)
    assert list(found) == [UNNAMED]
    rows = found[UNNAMED]
    assert candidates(rows) == {
        "ABCG2": ["Reference/rs2231142"],
        "CYP2C19": ["*1/*4", "*4/*17"],
        "CYP2C9": [],
        "CYP2D6": ["*4.001+*68/*1.001x2"],
        "CYP2B6": [],
    }
    assert all(c.research and c.phenotype is None for c in rows.calls)
    (typing,) = rows.typings
    assert (typing.gene, typing.clinical) == ("HLA-B", False)
    assert [a.two_field for a in typing.alleles] == [("15:02",), ("40:01",)]
    assert rows.passed_over == ("HLA-DRB1", "MT-RNR1")


def test_alternatives_of_an_hla_locus_stay_open(read):
    pairs = [pair("15:02:01:01", "40:01:02:01"), pair("15:02:01:01", "40:02:01:01")]
    (typing,) = read(changed("HLA-B", {"diplotypes": pairs}))[UNNAMED].typings
    assert [a.two_field for a in typing.alleles] == [("15:02",), ("40:01", "40:02")]


@pytest.mark.parametrize(
    "listed", [[pair("*1", "*2"), pair("NO_MATCH", "NO_MATCH")], [pair("*1", "NO_MATCH")], []]
)
def test_a_gene_that_is_not_explained_in_full_has_no_call(read, listed):
    assert candidates(read(changed("CYP2C9", {"diplotypes": listed}))[UNNAMED])["CYP2C9"] == []


@pytest.mark.parametrize(
    "found",
    [
        {**EXAMPLE, "gene_details": []},
        {**EXAMPLE, "gene_details": {}},
        *(
            changed("CYP2C9", value)
            for value in (
                None,
                [],
                "*1/*2",
                {},
                {"diplotypes": None},
                {"diplotypes": {"hap1": "*1"}},
                {"diplotypes": ["*1/*2"]},
                {"diplotypes": [{"hap1": "*1"}]},
                {"diplotypes": [pair("*1", "")]},
                {"diplotypes": [pair("*1", "*2/*3")]},
                {"diplotypes": [pair("*1", " *2")]},
                {"diplotypes": [pair("*1", None)]},
                {"diplotypes": [pair("*1", "*2", diplotype="*1/*3")]},
                {"diplotypes": [{"hap1": "*1", "hap2": "*2"}]},
            )
        ),
        changed("HLA-B", {"diplotypes": [pair("15:02", "B62")]}),
        changed("HLA-B", {"diplotypes": [pair("A*01:01", "15:02")]}),
        changed("CYP2C-19", {"diplotypes": []}),
        changed("a name", {"diplotypes": []}),
        {"gene_details": EXAMPLE["gene_details"]},
    ],
)
def test_what_is_not_understood_is_an_error(read, found):
    with pytest.raises(InputError) as caught:
        read(found)
    for problem in caught.value.problems:
        assert problem.found
        assert problem.expected
        assert problem.fix
