"""Insertions and deletions in repeats, told alike where only some of the bases are known."""

from dataclasses import replace
from random import Random

import pytest

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.pipeline.gene_coverage import may_be
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant
from epilepsy_pgx.variants.annotate import HOLDS_LISTED, MAY_BE_LISTED, Annotator
from epilepsy_pgx.variants.equivalent import Sameness, compare, may_hold
from epilepsy_pgx.variants.observed import Change
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.vocabulary import GenomeBuild

PRRT2 = {
    GenomeBuild.GRCH38: (29813703, "ClinVar:65758", "ClinVar:39752"),
    GenomeBuild.GRCH37: (29825024, "ClinVar:65758", "ClinVar:39752"),
}
"""The last of nine C, and what is listed of one more and one less."""


def change(rng: Random, bases: str) -> Change:
    at, size = rng.randrange(4, len(bases) - 8), rng.randint(1, 3)
    if rng.random() < 0.5:
        return Change(at, at, "", "".join(rng.choices("AC", k=size)))
    return Change(at, at + size, bases[at : at + size], "")


def changed(bases: str, one: Change) -> str:
    return bases[: one.start0] + one.added + bases[one.end0 :]


def test_whole_strings_agree_and_fewer_bases_never_contradict() -> None:
    rng, seen = Random(20261128), set()
    for _ in range(6_000):
        bases = "".join(rng.choices("AC", [3, 1], k=24))
        one, other = change(rng, bases), change(rng, bases)
        whole = compare(one, other, dict(enumerate(bases)).get)
        same = changed(bases, one) == changed(bases, other)
        assert whole is (Sameness.SAME if same else Sameness.OTHER), (bases, one, other)
        told = {p: b for p, b in enumerate(bases) if rng.random() < 0.5}
        part = compare(one, other, told.get)
        assert part in (whole, Sameness.POSSIBLE), (bases, one, other)
        seen.add((whole, part))
    assert len(seen) == 4


@pytest.fixture(scope="module", params=list(GenomeBuild))
def bare(request: pytest.FixtureRequest, package: Reference) -> Annotator:
    source = open_sequences(package, request.param)
    nothing: frozenset[str] = frozenset()
    empty = replace(source, slices={}, covered=nothing, coding_only=nothing)
    return Annotator(package, request.param, empty)


def test_a_listed_doubling_is_known_wherever_it_is_written(bare: Annotator) -> None:
    last, more, less = PRRT2[bare.build]
    for pos in range(last - 8, last + 1):
        one, two = VariantKey("16", pos, "C", "CC"), VariantKey("16", pos - 1, "CC", "C")
        found = bare.annotate([one, two])
        assert found[one][0].curated_id == more
        assert found[one][0].hgvs_c == "NM_145239.3:c.649dup"
        if pos > last - 8:
            assert found[two][0].curated_id == less
    beyond = VariantKey("16", last + 8, "C", "CC")
    assert bare.annotate([beyond])[beyond][0].curated_id is None


def test_no_listed_change_is_missed_farther_on(bare: Annotator, package: Reference) -> None:
    """Moved to the right in its own repeat it is the same, or may be, unless the bases say no."""
    moved, possible = {}, 0
    for row in package.rows(ClassifiedVariant):
        place = row.place(bare.build)
        if place is None or len(place[1]) == len(place[2]) or min(map(len, place[1:])) != 1:
            continue
        pos, ref, alt = place
        unit = max(ref, alt, key=len)[1:]
        size = len(unit) * (3 if len(unit) < 10 else 1)
        key = (
            VariantKey(row.chrom, pos + size, unit[-1], unit[-1] + unit)
            if len(alt) > len(ref)
            else VariantKey(row.chrom, pos + size, unit[-1] + unit, unit[-1])
        )
        moved[row, VariantKey(row.chrom, *place)] = key
    found = bare.annotate(moved.values())
    for (row, listed), key in moved.items():
        matches = bare.listed.find(key)
        spelled = (listed.chrom, listed.pos, listed.ref, listed.alt)
        if spelled in matches.possible and row.classification.value.endswith("pathogenic"):
            mine = [a for a in found[key] if a.gene == row.gene]
            assert not mine or mine[0].curated_id or MAY_BE_LISTED in mine[0].notes, row.variant
            possible += 1
            assert may_be(key, listed)
    assert possible > 100


@pytest.mark.parametrize(
    ("found", "listed", "same"),
    [
        (("1", 100, "A", "C"), ("1", 100, "A", "G"), False),
        (("1", 100, "A", "C"), ("1", 101, "A", "G"), False),
        # One of two records of a replacement, or one base in a longer one.
        (("1", 100, "G", "C"), ("1", 100, "G", "CC"), True),
        (("1", 100, "AC", "GT"), ("1", 101, "C", "T"), True),
        (("1", 99, "TACG", "T"), ("1", 101, "C", "T"), False),
        (("1", 99, "TACG", "GT"), ("1", 101, "C", "T"), True),
        (("1", 101, "C", "T"), ("1", 99, "TACG", "T"), False),
        (("1", 101, "C", "CA"), ("1", 101, "C", "T"), False),
    ],
)
def test_what_replaces_the_same_bases_is_not_absent(found, listed, same) -> None:  # type: ignore[no-untyped-def]
    assert may_be(VariantKey(*found), VariantKey(*listed)) is same


def test_bases_that_are_known_leave_nothing_open(
    package: Reference, shipped: SequenceSource
) -> None:
    annotator = Annotator(package, shipped.build, shipped)
    keys = {
        VariantKey(row.chrom, *place)
        for row in package.rows(ClassifiedVariant)
        if row.gene == "SCN1A" and (place := row.place(shipped.build)) and len(place[1]) > 1
    }
    assert not any(a.may_be for found in annotator.annotate(keys).values() for a in found)


@pytest.mark.parametrize(
    ("whole", "part", "held"),
    [
        ((10, "GG", "AA"), (10, "G", "A"), True),
        ((10, "GG", "AA"), (11, "G", "A"), True),
        ((10, "GG", "CA"), (10, "G", "A"), False),
        ((10, "GGC", "ATT"), (10, "GG", "AT"), True),
        ((10, "GG", "AA"), (9, "T", "A"), False),
        ((10, "GG", "AA"), (12, "G", "A"), False),
        ((10, "GG", "AA"), (10, "GG", "AA"), False),
        # Bases are lost or added beside it, on either side.
        ((10, "GCCTA", "AG"), (10, "G", "A"), True),
        ((10, "GCCTA", "CG"), (14, "A", "G"), True),
        ((10, "GC", "AGTT"), (10, "G", "A"), True),
        ((10, "GC", "TTTA"), (11, "C", "A"), True),
        # A listed change of length, and one base beside it.
        ((10, "GC", "T"), (11, "C", ""), True),
        ((10, "G", "TC"), (11, "", "C"), True),
        ((10, "GCA", "T"), (11, "C", ""), False),
        # One base, and a pure deletion or insertion, hold nothing.
        ((10, "G", "A"), (10, "G", "A"), False),
        ((10, "GG", ""), (10, "G", "A"), False),
        ((10, "", "AA"), (10, "", "A"), False),
    ],
)
def test_a_replacement_may_hold_what_is_listed(whole, part, held) -> None:  # type: ignore[no-untyped-def]
    one, other = (Change(s, s + len(r), r, a) for s, r, a in (whole, part))
    assert may_hold(one, other) is held


def test_no_listed_pathogenic_substitution_is_lost_in_a_replacement(
    bare: Annotator, package: Reference
) -> None:
    """Whatever the base beside it, it is named as one that may be held."""
    other = {"A": "C", "C": "G", "G": "T", "T": "A"}
    wanted = {}
    for row in package.rows(ClassifiedVariant):
        place = row.place(bare.build)
        if place and len(place[1]) == len(place[2]) == 1:
            pos, ref, alt = place
            if row.classification.value.endswith("pathogenic"):
                for near in (f"{ref}A", f"{ref}G"):
                    wanted[VariantKey(row.chrom, pos, near, alt + other[near[1]])] = row
                wanted[VariantKey(row.chrom, pos - 1, f"C{ref}", f"G{alt}")] = row
    found = bare.annotate(wanted)
    for key, row in wanted.items():
        mine = [a for a in found[key] if a.gene == row.gene]
        assert mine, key
        assert mine[0].curated_id or HOLDS_LISTED in mine[0].notes, key
    assert len(wanted) > 3_000


def test_a_replacement_that_is_read_says_what_it_holds(
    package: Reference, shipped: SequenceSource
) -> None:
    annotator = Annotator(package, shipped.build, shipped)
    for row in package.rows(ClassifiedVariant):
        place = row.place(shipped.build)
        if row.gene != "SCN1A" or place is None or not len(place[1]) == len(place[2]) == 1:
            continue
        pos, ref, alt = place
        near = shipped.fetch(row.chrom, pos, pos + 1)
        if near and row.classification.value.endswith("pathogenic"):
            key = VariantKey(row.chrom, pos, ref + near, alt + ("A" if near != "A" else "C"))
            (found,) = [a for a in annotator.annotate([key])[key] if a.gene == row.gene]
            assert found.curated_id or f"SCN1A {row.hgvs_c}" in found.holds
            return
    pytest.fail("no listed substitution to join with another")
