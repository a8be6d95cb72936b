"""The types behind the notations of genetics."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.genetics import (
    Diplotype,
    Phase,
    PhaseSet,
    SiteGenotype,
    SymbolicAllele,
    SymbolicKind,
)
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.response.candidates import widen
from epilepsy_pgx.variants.observed import normalise_key, read_span
from tests.response.builders import star_gene, unassessed, variant

ONE = PhaseSet("2", "77", 0)
places = st.none() | st.builds(
    PhaseSet, st.sampled_from(["2", "X"]), st.sampled_from(["all", "7", "8"]), st.integers(0, 1)
)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (ONE, Phase.TOGETHER),
        (replace(ONE, haplotype=1), Phase.APART),
        (replace(ONE, name="78"), Phase.UNKNOWN),
        (replace(ONE, chrom="X"), Phase.UNKNOWN),
        (None, Phase.UNKNOWN),
    ],
)
def test_phase_of_two_variants(other: PhaseSet | None, expected: Phase) -> None:
    assert ONE.compare(other) is expected


@given(places, places)
def test_only_one_copy_of_one_set_is_in_cis(one: PhaseSet | None, two: PhaseSet | None) -> None:
    first, second = variant("SCN1A", phase_set=one), variant("SCN1A", phase_set=two)
    told = first.phase_with(second)
    assert told is second.phase_with(first)
    assert (told is Phase.TOGETHER) == (one is not None and one == two)
    if one is None or two is None:
        assert told is Phase.UNKNOWN


@given(st.sampled_from(SymbolicKind), st.integers(1, 10**9))
def test_symbol_of_a_key_follows_from_its_text(kind: SymbolicKind, end: int) -> None:
    symbol = SymbolicAllele(kind, end)
    read, made = VariantKey("2", 1, "N", str(symbol)), VariantKey("2", 1, "N", str(symbol), symbol)
    assert SymbolicAllele.read(str(symbol)) == read.symbolic == made.symbolic == symbol
    assert read == made
    assert hash(read) == hash(made)


@pytest.mark.parametrize("alt", ["A", "*", "<DEL>", "<DEL:END=>", "<MEI:END=9>", "x<DEL:END=9>"])
def test_other_text_is_no_known_symbol(alt: str) -> None:
    assert VariantKey("2", 1, "A", alt).symbolic is None


@pytest.mark.parametrize(
    ("alt", "sv_type", "kind"),
    [
        ("<DEL:ME:ALU>", None, SymbolicKind.DEL),
        ("<dup>", None, SymbolicKind.DUP),
        ("<X1>", "MEI", SymbolicKind.CNV),
        ("<X1>", "DEL", SymbolicKind.DEL),
        ("<STR9>", None, SymbolicKind.CNV),
        ("<CN0>", None, SymbolicKind.DEL),
        ("G]17:198982]", None, SymbolicKind.BND),
        (".A", None, SymbolicKind.BND),
        ("A.", None, SymbolicKind.BND),
    ],
)
def test_no_structural_variant_passes_for_a_spelled_one(
    alt: str, sv_type: str | None, kind: SymbolicKind
) -> None:
    key = normalise_key(VariantKey("2", 5, "A", alt), None, end=50, sv_type=sv_type)
    assert key.symbolic is not None
    assert key.symbolic.kind is kind
    assert read_span(key) is not None
    assert normalise_key(key, None) == key


@given(st.lists(st.sampled_from(["*1", "*2", "*36+*10", "UNDEFINED"]), min_size=1, max_size=3))
def test_text_of_a_diplotype_holds_all_of_it(alleles: list[str]) -> None:
    made = Diplotype(tuple(alleles))
    assert Diplotype.read(str(made)) == made
    assert all(a in made for a in alleles)
    assert "*3" not in made


def test_what_a_table_shows_of_a_gene() -> None:
    one = star_gene("CYP2C9", "*1/*3")
    assert one.shown == ("*1/*3",)
    many = replace(one, diplotypes=(), candidate_count=64, unlisted=True)
    assert many.shown == ("*",)
    assert (widen(many).shown, widen(many).asked) == ((), ())
    sites = SiteGenotype("rs1", ("A", "G")), SiteGenotype("rs2", ("C", "C"))
    variants = replace(one, diplotypes=(), genotypes=sites)
    assert variants.shown == ("rs1 A/G, rs2 C/C",)
    assert unassessed("CYP2C9").shown == ()
