"""The ways to write the name of a variant."""

import pytest

from epilepsy_pgx.calling.variant_names import read_name, same_protein
from epilepsy_pgx.protein import spell_out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NP_77.1:p.(Arg222Ter)", True),
        ("NM_1.4(G):c.664C>T (p.Arg222Ter)", False),
        ("G:c.664C>T", False),
        ("anything", False),
    ],
)
def test_names_of_the_protein_alone(text: str, expected: bool) -> None:
    assert read_name(text).on_protein_alone is expected


@pytest.mark.parametrize(
    ("text", "who", "coding", "genomic", "protein"),
    [
        ("NM_1.4:c.664C>T", "NM_1.4", "c.664C>T", "", ""),
        ("NM_1.4(G):c.664C>T (p.Arg222Ter)", "G NM_1.4", "c.664C>T", "", "p.Arg222Ter"),
        ("NM_1.4(G):c.664C>T(p.R222*)", "G NM_1.4", "c.664C>T", "", "p.Arg222Ter"),
        ("G:c.664 c>t", "G", "c.664C>T", "", ""),
        ("nm_1.4(kcnq2):c.664c>t", "NM_1.4 kcnq2", "c.664C>T", "", ""),
        ("NM_1.4:c.[664C>T]", "NM_1.4", "c.664C>T", "", ""),
        ("NM_1.4:c.[664C>T];[=]", "NM_1.4", "c.664C>T", "", ""),
        ("NM_1.4:c.[664C>T];[664C>T]", "NM_1.4", "c.664C>T", "", ""),
        ("G c.[664C>T] (p.[(Arg222Ter)])", "G", "c.664C>T", "", "p.Arg222Ter"),
        ("NM_1.4:c.[664C>T];[665G>A]", "NM_1.4", "", "", ""),
        ("NM_1.4:c.[664C>T;665G>A]", "NM_1.4", "", "", ""),
        ("G c.664_664delC, p.R222fs", "G", "c.664del", "", "p.Arg222fs"),
        ("G:c.5_6delACinsT", "G", "c.5_6delinsT", "", ""),
        ("G:c.5_6delAC", "G", "c.5_6del", "", ""),
        ("G:c.5dupA", "G", "c.5dup", "", ""),
        ("G:c.5_9INV", "G", "c.5_9inv", "", ""),
        ("G:c.383+1G>A", "G", "c.383+1G>A", "", ""),
        ("G:c.384−2A→G", "G", "c.384-2A>G", "", ""),
        ("G:c.384\N{EN DASH}2A>G", "G", "c.384-2A>G", "", ""),
        ("G:c.384\N{HYPHEN}2A>G", "G", "c.384-2A>G", "", ""),
        ("G:c.384\N{NON-BREAKING HYPHEN}2A>G", "G", "c.384-2A>G", "", ""),
        ("NC_000002.12:g.100_101delinsAC", "NC_000002.12", "", "g.100_101delinsAC", ""),
        ("chr2:g.5C>T", "chr2", "", "g.5C>T", ""),
        ("NP_77.1:p.(Arg222Serfs*10)", "NP_77.1", "", "", "p.Arg222SerfsTer10"),
        ("G R222*", "G", "", "", "p.Arg222Ter"),
        ("G:R222Sfs*10", "G", "", "", "p.Arg222SerfsTer10"),
        # Breakpoints that nobody knows are no change, and neither are two of one kind.
        ("G:c.(4_5)_(8_9)del", "G", "", "", ""),
        ("NM_1.1:c.5A>G NM_2.1:c.8A>G", "NM_1.1", "", "", ""),
        ("W748S", "", "", "", ""),
        ("anything", "", "", "", ""),
    ],
)
def test_names(text: str, who: str, coding: str, genomic: str, protein: str) -> None:
    name = read_name(text)
    assert name.who == frozenset(who.split())
    assert (name.coding, name.genomic, name.protein) == (coding, genomic, protein)


@pytest.mark.parametrize(
    "text", ["chr2:100:A:G", "chr2-100-A-G", "chr2 100 A G", "chr2:100A>G", "chr2_100_a_g"]
)
def test_a_position_with_its_alleles(text: str) -> None:
    assert read_name(text).key in (("chr2", 100, "A", "G"), None)
    assert (read_name(text).key is None) is (text == "chr2_100_a_g")


@pytest.mark.parametrize(
    "forms",
    [
        "p.(Arg222Ter) p.Arg222* p.Arg222X p.R222* p.R222X R222* p.arg222ter p.r222x",
        "p.Arg222SerfsTer10 p.(Arg222Serfs*10) p.R222Sfs*10 p.R222SfsX10 p.Arg222SerfsX10",
        "p.Arg222= p.R222= p.Arg222Arg p.(R222R)",
        "p.Lys5_Gly9del p.K5_G9del p.(K5_Gly9del)",
        "p.Lys5_Leu6insGlnArg p.K5_L6insQR",
        "p.Lys5delinsArgArg p.K5delinsRR",
        "p.Met1? p.M1?",
    ],
)
def test_forms_of_one_change(forms: str) -> None:
    assert len({spell_out(form) for form in forms.split()}) == 1
    first, *others = forms.split()
    assert all(same_protein(first, other) for other in others)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("p.Arg222fs", "p.R222Sfs*10", True),
        ("p.Arg222Serfs", "p.R222Sfs*10", True),
        ("p.Arg222Serfs*11", "p.R222Sfs*10", False),
        ("p.Arg223fs", "p.R222Sfs*10", False),
        ("p.Arg222Ser", "p.Arg222fs", False),
        ("p.?", "p.?", False),
        ("p.(=)", "p.(=)", False),
        ("p.Arg222Gln", "p.Arg222Ter", False),
    ],
)
def test_whether_two_may_be_one(one: str, other: str, same: bool) -> None:
    assert same_protein(one, other) is same
    assert same_protein(other, one) is same


@pytest.mark.parametrize("text", ["NM_1.1:c.{}C>T", "G:p.Arg{}Trp", "c.1+{}A>G", "2-{}-A-G"])
def test_a_number_that_no_sequence_has_is_no_name(text: str) -> None:
    name = read_name(text.format("9" * 5000))
    assert (name.coding, name.protein, name.key) == ("", "", None)


def test_a_gene_in_small_letters_is_the_gene() -> None:
    assert "KCNQ2" in read_name("kcnq2 c.593g>c").unversioned
