"""Ways to fill missing bases, and which pairs of alleles explain each."""

from itertools import product

import numpy as np
import pytest

from epilepsy_pgx.calling.completions import COMPLETION_LIMIT, complete_missing, set_bits
from epilepsy_pgx.calling.definitions import define_gene
from epilepsy_pgx.variants.sites import UNKNOWN, load_sites
from epilepsy_pgx.vocabulary import GenomeBuild

USUAL = [(0, 0)] * 5


@pytest.fixture(scope="module")
def gene(toy):
    return define_gene(toy, load_sites(toy, GenomeBuild.GRCH38), "TOY1")


def fill(gene, **changed):
    pairs = [changed.get(f"s{n}", pair) for n, pair in enumerate(USUAL)]
    return complete_missing(gene, np.array(pairs, np.int8))


@pytest.mark.parametrize("members", [(), (0,), (3,), (0, 1, 5), (7, 64, 300)])
def test_members_of_a_set(members: tuple[int, ...]) -> None:
    assert tuple(set_bits(sum(1 << m for m in members))) == members


def test_nothing_missing_is_one_way(gene) -> None:
    found = fill(gene)
    assert (found.sites, found.ways, found.every) == ((), ((),), 1)
    assert found.explained_by((0, 1)) == 1


def test_both_bases_missing_in_no_order(gene) -> None:
    found = fill(gene, s0=(UNKNOWN, UNKNOWN))
    assert found.sites == (0,)
    assert found.ways == (((0, 0),), ((0, 1),), ((1, 1),))
    assert found.every == 0b111


@pytest.mark.parametrize(
    ("pair", "ways"),
    [((UNKNOWN, 1), [(0, 1), (1, 1), (2, 1)]), ((1, UNKNOWN), [(1, 0), (1, 1), (1, 2)])],
)
def test_one_base_missing_keeps_the_other(gene, pair, ways) -> None:
    assert fill(gene, s3=pair).ways == tuple((way,) for way in ways)


def test_which_ways_a_pair_explains(gene) -> None:
    found = fill(gene, s0=(UNKNOWN, UNKNOWN), s3=(UNKNOWN, UNKNOWN))
    assert len(found.ways) == 3 * 6
    for left, right in product(range(len(gene.alleles)), repeat=2):
        wanted = set()
        for number, way in enumerate(found.ways):
            fits = []
            for site, (a, b) in zip(found.sites, way, strict=True):
                one, two = gene.permits[left, site], gene.permits[right, site]
                fits.append((one[a] and two[b]) or (one[b] and two[a]))
            if all(fits):
                wanted.add(number)
        assert set(set_bits(found.explained_by((left, right)))) == wanted
        assert set(set_bits(found.explained_by((left, right)))) == wanted, "asked twice"


def test_too_many_ways_are_not_tried(gene) -> None:
    assert 3 * 3 * 3 * 6 * 3 <= COMPLETION_LIMIT
    assert len(complete_missing(gene, np.full((5, 2), UNKNOWN, np.int8)).ways) == 486
    from dataclasses import replace

    wide = replace(gene, code_count=(3, 2, 2, 3, 2))
    assert complete_missing(wide, np.full((5, 2), UNKNOWN, np.int8)) is None
