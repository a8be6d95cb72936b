"""The fast caller agrees with the plain one, and never grows more certain with less data."""

import dataclasses
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.calling import diplotypes
from epilepsy_pgx.calling.definitions import UNDEFINED, define_gene
from epilepsy_pgx.calling.diplotypes import call_pairs, distinct_genotypes
from epilepsy_pgx.variants.sites import OTHER, load_sites
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.calling import brute
from tests.drawing import examples


@pytest.fixture(scope="module")
def toy_gene(toy):
    return define_gene(toy, load_sites(toy, GenomeBuild.GRCH38), "TOY1")


@st.composite
def genotypes(draw, counts, *, missing=True, other=False):
    extra = ([-1] if missing else []) + ([OTHER] if other else [])
    genotype = [
        (draw(st.sampled_from([*range(n), *extra])), draw(st.sampled_from([*range(n), *extra])))
        for n in counts
    ]
    phase = draw(
        st.lists(st.sampled_from([-1, 0, 1, 2]), min_size=len(counts), max_size=len(counts))
    )
    return genotype, phase


def call(definition, genotype, phase):
    return call_pairs(definition, np.array(genotype, np.int8), np.array(phase, np.int32))


COUNTS = (2, 2, 2, 3, 2)


@given(genotypes(COUNTS))
@settings(max_examples=examples(300), deadline=None)
def test_same_as_brute_force(toy_gene, drawn):
    genotype, phase = drawn
    result = call(toy_gene, genotype, phase)
    if not result.pairs:
        core = [g for g, c in zip(genotype, toy_gene.core_site, strict=True) if c]
        assert all(pair == (-1, -1) for pair in core)
        return
    pairs, undefined, excluded = brute.possibilities(toy_gene, genotype, phase)
    assert named_of(result) == pairs
    assert any(UNDEFINED in p for p in result.pairs) == undefined
    assert set(result.not_excluded) >= excluded - {a for p in result.pairs for a in p}


@given(genotypes(COUNTS, other=True), st.data())
@settings(max_examples=examples(300), deadline=None)
def test_blanking_a_site_never_narrows(toy_gene, drawn, data):
    genotype, phase = drawn
    site = data.draw(st.integers(0, len(genotype) - 1))
    blank = [(-1, -1) if i == site else g for i, g in enumerate(genotype)]
    before, after = call(toy_gene, genotype, phase), call(toy_gene, blank, phase)
    if OTHER in genotype[site]:
        # A base that no table lists is not among those tried at a missing site: the call may
        # read as a set of named pairs, but a core site never lets it read as one pair.
        assert certainty(after) <= 2 or only_rare(toy_gene, site)
    else:
        assert certainty(after) <= certainty(before) or only_rare(toy_gene, site)
    # With many ways to be undefined, which haplotype has a name is not worked out.
    unsorted = (UNDEFINED, UNDEFINED) in after.pairs
    if OTHER not in {c for g in genotype for c in g} and after.pairs and not unsorted:
        allowed = {a for p in after.pairs for a in p} | set(after.not_excluded)
        named = {a for p in before.pairs for a in p if a != UNDEFINED}
        assert named <= allowed


def only_rare(definition, site):
    """A blank at a site of rare alleles alone is reported as partial, whatever it carried."""
    return not definition.core_site[site]


def certainty(result) -> int:
    """Order of the design: complete, partial, set, undefined, not assessed."""
    if not result.pairs:
        return 0
    if any(UNDEFINED in p for p in result.pairs):
        return 1
    if len(result.pairs) > 1:
        return 2
    return 3 if result.not_excluded or result.missing else 4


@given(genotypes(COUNTS))
@settings(max_examples=examples(200), deadline=None)
def test_a_blank_at_a_rare_site_is_never_complete(toy_gene, drawn):
    genotype, phase = drawn
    blank = [*genotype[:4], (-1, -1)]
    assert certainty(call(toy_gene, blank, phase)) < 4


@given(genotypes(COUNTS, missing=False))
@settings(max_examples=examples(200), deadline=None)
def test_dropping_phase_keeps_the_pair_and_says_so(toy_gene, drawn):
    genotype, phase = drawn
    with_phase = call(toy_gene, genotype, [0] * len(phase))
    without = call(toy_gene, genotype, [-1] * len(phase))
    named = {p for p in with_phase.pairs if UNDEFINED not in p}
    assert named <= set(without.pairs)
    if not named and any(UNDEFINED not in p for p in without.pairs):
        assert without.phase_assumed


@given(genotypes(COUNTS))
@settings(max_examples=examples(500), deadline=None)
def test_phase_is_assumed_where_another_arrangement_has_no_name(toy_gene, drawn):
    genotype, phase = drawn
    result = call(toy_gene, genotype, phase)
    named = any(UNDEFINED not in p for p in result.pairs)
    read = brute.with_usual_bases(toy_gene, genotype)
    assert result.phase_assumed == (named and brute.phase_matters(toy_gene, read, phase))


@pytest.mark.parametrize("phase", [[-1] * 5, [1, 1, 2, 2, -1], [1, 2, 1, -1, 2]])
def test_no_arrangement_of_two_bases_is_left_out(toy_gene, phase):
    """Every genotype whose sites have one base twice or two, in either order."""
    seen = set()
    for genotype in product([(0, 0), (0, 1), (1, 0)], repeat=5):
        result = call(toy_gene, genotype, phase)
        named = any(UNDEFINED not in p for p in result.pairs)
        matters = brute.phase_matters(toy_gene, genotype, phase)
        assert result.phase_assumed == (named and matters), genotype
        seen.add((named, matters))
    assert {(True, True), (True, False)} <= seen


@pytest.mark.parametrize(
    ("rs1", "rs2", "phase", "assumed"),
    [
        # rs2 CTT has a name only together with rs1 G.
        ((0, 1), (0, 1), (-1, -1), True),
        ((0, 1), (0, 1), (0, 0), False),
        # Of rs2 one base is read: on the chromosome with rs1 G, or on the other.
        ((0, 1), (-1, 1), (-1, -1), True),
        ((0, 1), (-1, 1), (0, 0), False),
        ((0, 1), (-1, 1), (2, 2), False),
        ((0, 1), (-1, 1), (1, 2), True),
        ((0, 1), (-1, 1), (-1, 0), True),
        ((0, 1), (-1, 0), (-1, -1), False),
    ],
)
def test_a_site_with_one_base_read_is_tied_by_phase_alone(toy_gene, rs1, rs2, phase, assumed):
    result = call(toy_gene, [rs1, rs2, (0, 0), (0, 0), (0, 0)], [*phase, -1, -1, -1])
    assert ("*1", "*3") in result.pairs
    assert result.phase_assumed is assumed


@pytest.mark.parametrize(
    ("sites", "narrow", "wide"),
    [(1, False, False), (2, True, False), (10, True, False), (11, True, True), (12, True, True)],
)
def test_beyond_ten_groups_of_sites_phase_counts_as_needed(toy_gene, sites, narrow, wide):
    """Whether one allele carries all bases or none, or any: the arrangements are not tried."""
    permits = np.zeros((2, sites, 2), bool)
    permits[0, :, 0] = permits[1, :, 1] = True
    for both, assumed in ((permits, narrow), (np.ones_like(permits), wide)):
        definition = dataclasses.replace(
            toy_gene,
            rows=tuple(range(sites)),
            site_names=tuple(f"rs{n}" for n in range(sites)),
            alleles=("*1", "*2"),
            permits=both,
            core_site=np.ones(sites, bool),
            wild_type_code=np.zeros(sites, np.int8),
            code_count=(2,) * sites,
        )
        result = call(definition, [(0, 1)] * sites, [-1] * sites)
        assert ("*1", "*2") in result.pairs
        assert result.phase_assumed is assumed


@given(genotypes(COUNTS))
@settings(max_examples=examples(200), deadline=None)
def test_swapping_the_haplotypes_changes_nothing(toy_gene, drawn):
    genotype, phase = drawn
    swapped = [(b, a) for a, b in genotype]
    assert call(toy_gene, genotype, phase) == call(toy_gene, swapped, phase)


@given(st.lists(genotypes(COUNTS), min_size=1, max_size=12))
@settings(max_examples=examples(100), deadline=None)
def test_grouping_distinct_genotypes_changes_no_call(toy_gene, cohort):
    codes = np.array([g for g, _ in cohort], np.int8).transpose(1, 0, 2)
    phase = np.array([p for _, p in cohort], np.int32).T
    distinct = distinct_genotypes(codes, phase)
    for sample, (genotype, sets) in enumerate(cohort):
        number = distinct.member[sample]
        grouped = call_pairs(toy_gene, distinct.codes[number], distinct.phase[number])
        assert grouped == call(toy_gene, genotype, sets)


@pytest.mark.parametrize(
    ("phase", "ranked"),
    [
        ([1, 5, 1], [1, 2, 1]),
        ([5, 1, 5], [1, 2, 1]),
        ([7, 7, 7], [1, 1, 1]),
        ([2, 0, 9], [1, 0, 2]),
        ([-1, 3, 0], [-1, 1, 0]),
        ([-1, 0, -1], [-1, 0, -1]),
    ],
)
def test_phase_sets_are_numbered_by_position_and_none_becomes_another(phase, ranked):
    codes = np.array([[[0, 1]]] * 3, np.int8)
    distinct = distinct_genotypes(codes, np.array(phase, np.int32)[:, None])
    assert distinct.phase.tolist() == [ranked]


def test_too_many_ways_to_fill_the_missing_sites_leave_the_pair_open(toy_gene, monkeypatch):
    """The sites that are seen have a named pair, which what is missing may yet undo."""
    monkeypatch.setattr(diplotypes, "complete_missing", lambda *_: None)
    result = call(toy_gene, [(0, 1), (-1, -1), (-1, -1), (-1, -1), (0, 0)], [-1] * 5)
    assert (UNDEFINED, UNDEFINED) in result.pairs
    assert ("*1", "*2") in result.pairs


@given(genotypes(COUNTS, other=True), st.sampled_from([-1, 0]))
@settings(max_examples=examples(100), deadline=None)
def test_a_sample_and_its_mirror_are_one_genotype(toy_gene, drawn, phase):
    genotype = np.array(drawn[0], np.int8)
    codes = np.stack([genotype, genotype[:, ::-1]], axis=1)
    distinct = distinct_genotypes(codes, np.full(codes.shape[:2], phase, np.int32))
    assert len(distinct.codes) == 1
    one = call_pairs(toy_gene, distinct.codes[0], distinct.phase[0])
    assert one == call(toy_gene, genotype, [phase] * len(genotype))


@pytest.mark.parametrize("gene", ["CYP2C9", "CYP2C19", "CYP2B6", "SLCO1B1", "UGT1A1", "CYP3A5"])
@given(data=st.data())
@settings(max_examples=examples(40), deadline=None)
def test_same_as_brute_force_on_pairs_of_real_alleles(reference, gene, data):
    """Two real alleles at their own sites, the rest of the gene left at the usual base."""
    sites = load_sites(reference, GenomeBuild.GRCH38)
    definition = real_gene(reference, sites, gene)
    picks = st.integers(0, len(definition.alleles) - 1)
    one, two = data.draw(picks), data.draw(picks)
    codes = [
        (int(definition.permits[one, s].argmax()), int(definition.permits[two, s].argmax()))
        for s in range(len(definition.rows))
    ]
    phased, loose = [0] * len(codes), [-1] * len(codes)
    result = call(definition, codes, phased)
    wanted = tuple(sorted(definition.reported_as[definition.alleles[i]] for i in (one, two)))
    assert named_of(result) == brute.named_pairs(definition, codes, phased)
    assert wanted in named_of(result)
    unphased = call(definition, codes, loose)
    assert set(result.pairs) <= set(unphased.pairs)
    if sum(a != b for a, b in codes) <= MANY:
        assert named_of(unphased) == brute.named_pairs(definition, codes, loose)
        assert unphased.phase_assumed == brute.phase_matters(definition, codes, loose)


def named_of(result) -> set[tuple[str, ...]]:
    return {tuple(sorted(p)) for p in result.pairs if UNDEFINED not in p}


MANY = 10
"""Above this many heterozygous sites the plain twin would try more than a thousand arrangements."""

_REAL = {}


def real_gene(reference, sites, gene):
    if gene not in _REAL:
        _REAL[gene] = define_gene(reference, sites, gene)
    return _REAL[gene]
