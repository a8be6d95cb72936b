"""However a record spells a curated allele of the real tables, it is read as that allele."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants.representation import is_bases, read_codes
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN, load_sites
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.drawing import examples

SITES = {
    build: load_sites(load_reference(Path(__file__).parents[2] / "reference"), build).sites
    for build in GenomeBuild
}
CHANGES = [
    (site, allele)
    for sites in SITES.values()
    for site in sites
    for allele in site.alleles
    if allele != site.ref and is_bases(allele) and is_bases(site.ref)
]


@settings(max_examples=examples(600), deadline=None)
@given(st.data())
def test_equivalent_spellings_give_the_same_code(data):
    site, allele = data.draw(st.sampled_from(CHANGES))
    left = data.draw(st.integers(0, len(site.flank_left)))
    right = data.draw(st.integers(0, len(site.flank_right)))
    before = site.flank_left[len(site.flank_left) - left :]
    after = site.flank_right[:right]
    pos, ref, alt = site.pos - left, before + site.ref + after, before + allele + after
    # Trim again as far as drawn, from the right first or the left first: this shifts indels.
    for side in data.draw(st.lists(st.sampled_from("LR"), max_size=60)):
        if min(len(ref), len(alt)) < 2:
            break
        if side == "R" and ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
        elif side == "L" and ref[0] == alt[0]:
            pos, ref, alt = pos + 1, ref[1:], alt[1:]
    codes, _ = read_codes(site, pos, ref, (alt,))
    assert codes == [site.ref_code, site.alleles.index(allele)], (site.name, pos, ref, alt)


@pytest.mark.parametrize("alt", ["<DEL>", "*", "I", "-", "N"])
def test_what_is_no_sequence_is_never_a_listed_allele(alt):
    for site in SITES[GenomeBuild.GRCH38]:
        codes, _ = read_codes(site, site.pos, site.ref, (alt,))
        assert codes[1] in (OTHER, UNKNOWN)


MEETING = [
    (site, other, allele)
    for sites in SITES.values()
    for site in sites
    for other in sites
    if site is not other and site.chrom == other.chrom
    if site.pos <= other.end and other.pos <= site.end
    for allele in other.alleles
    if allele != other.ref
]


@pytest.mark.parametrize(("site", "other", "allele"), MEETING, ids=lambda v: getattr(v, "name", v))
def test_what_another_site_lists_is_no_change_of_this_one(site, other, allele):
    codes, _ = read_codes(site, other.pos, other.ref, (allele,))
    assert codes == [site.ref_code, site.ref_code]


@pytest.mark.parametrize(("site", "other", "allele"), MEETING, ids=lambda v: getattr(v, "name", v))
def test_another_change_beside_a_listed_one_is_not_hidden_by_it(site, other, allele):
    base = next(b for b in "ACGT" if all(b not in (a[:1], a[-1:]) for a in other.alleles))
    unlisted = base if len(other.ref) == 1 else other.ref[:-1] + base
    codes, _ = read_codes(site, other.pos, other.ref, (unlisted,))
    assert codes[1] in (OTHER, site.ref_code)
    if unlisted[-1] != other.ref[-1] and site.pos <= other.end <= site.end:
        assert codes[1] == OTHER
