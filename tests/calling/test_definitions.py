"""The matrix of a gene's named alleles, as the tables define them."""

import numpy as np
import pytest

from epilepsy_pgx.calling.completions import set_bits
from epilepsy_pgx.calling.definitions import define_gene
from epilepsy_pgx.reference.rows import ALLELES_BY_GENE
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN, load_sites
from epilepsy_pgx.vocabulary import GenomeBuild

CARRIED = {
    "*1": [{0}, {0}, {0}, {0}, {0}],
    "*2": [{1}, {0}, {0}, {0}, {0}],
    "*3": [{1}, {1}, {0}, {0}, {0}],
    "*4": [{0}, {0}, {1}, {0}, {0}],
    "*5": [{0}, {0}, {0}, {0}, {1}],
    "*6": [{0}, {0}, {0}, "C", {0}],
    "*7": [{0, 1}, {0}, {0}, "A", {0}],
}
"""Codes by allele and site; at rs4 a base, whose code follows the order of the tables."""


@pytest.fixture(scope="module", params=list(GenomeBuild))
def both(toy, request):
    sites = load_sites(toy, request.param)
    return define_gene(toy, sites, "TOY1"), sites


def test_bases_by_allele(both) -> None:
    gene, sites = both
    assert gene.alleles == tuple(CARRIED)
    assert gene.site_names == ("rs1", "rs2", "rs3", "rs4", "rs5")
    assert gene.code_count == (2, 2, 2, 3, 2)
    bases = sites.sites[gene.rows[3]].alleles
    for allele, wanted in zip(gene.permits, CARRIED.values(), strict=True):
        for site, codes in enumerate(wanted):
            chosen = {bases.index(codes)} if isinstance(codes, str) else codes
            usual = chosen if site != 3 or isinstance(codes, str) else {int(gene.wild_type_code[3])}
            assert set(np.flatnonzero(allele[site]).tolist()) == usual


def test_what_else_the_tables_say(both) -> None:
    gene, sites = both
    assert gene.wild_type == "*1"
    assert sites.sites[gene.rows[3]].alleles[gene.wild_type_code[3]] == "T"
    assert gene.core_site.tolist() == [True, True, True, True, False]
    assert gene.names == tuple(CARRIED)
    assert gene.functions["*4"] == "Decreased function"
    assert gene.structural == ()
    assert set(gene.activity.values()) == {None}


def carriers(gene, site: int, code: int) -> set[str]:
    return {gene.alleles[i] for i in set_bits(gene.carriers_of(site, code))}


def test_carriers_of_a_base(both) -> None:
    gene, _ = both
    assert carriers(gene, 0, 1) == {"*2", "*3", "*7"}
    assert carriers(gene, 0, UNKNOWN) == set(gene.alleles)
    assert carriers(gene, 0, OTHER) == set()
    sites, codes = np.array([0, 1]), np.array([1, 1], np.int8)
    assert {gene.alleles[i] for i in set_bits(gene.carriers_of(sites, codes))} == {"*3"}
    none = np.array([], np.intp)
    assert gene.carriers_of(none, np.array([], np.int8)) == (1 << len(gene.alleles)) - 1


def test_structural_alleles_stand_apart(reference) -> None:
    gene = define_gene(reference, load_sites(reference, GenomeBuild.GRCH38), "CYP2D6")
    listed = {row.allele for row in reference.grouped(ALLELES_BY_GENE)["CYP2D6"]}
    assert gene.structural
    assert set(gene.structural) | set(gene.alleles) == listed
    assert not set(gene.structural) & set(gene.alleles)
