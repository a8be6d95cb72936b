"""Annotations of VEP, SnpEff and ANNOVAR belong to the allele that they name."""

from types import SimpleNamespace
from typing import Any

import pytest

from epilepsy_pgx.variants.consequence import SEVERITY
from epilepsy_pgx.variants.fileannotation import (
    annotations_by_allele,
    find_annotation_fields,
    load_consequence_words,
)

VEP = (
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. '
    'Format: Allele|Consequence|SYMBOL|Feature|HGVSc|HGVSp|MANE_SELECT|PICK|ALLELE_NUM">'
)
SNPEFF = (
    '##INFO=<ID=ANN,Number=.,Type=String,Description="Functional annotations: '
    "'Allele | Annotation | Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | Feature_ID | "
    "Transcript_BioType | Rank | HGVS.c | HGVS.p'\">"
)
ANNOVAR = "\n".join(
    f'##INFO=<ID={n}.refGene,Number=.,Type=String,Description="{n}.refGene annotation">'
    for n in ("Func", "Gene", "ExonicFunc", "AAChange")
)

WORDS = load_consequence_words()


def test_words_of_programs_are_terms_in_use_or_silent() -> None:
    assert set(WORDS.terms.values()) <= set(SEVERITY)
    # A row on a term in use would change what the term means here.
    assert not (WORDS.terms.keys() | WORDS.silent) & set(SEVERITY)


class Info(list):  # type: ignore[type-arg]
    """INFO as the reader gives it: pairs, of which `get` returns the first."""

    def get(self, name: str) -> Any:
        return next((v for k, v in self if k == name), None)


def read(header: str, ref: str, alts: list[str], *info: tuple[str, str]) -> Any:
    raw = SimpleNamespace(REF=ref, ALT=alts, INFO=Info(info))
    return annotations_by_allele(raw, alts, find_annotation_fields(header, WORDS))


def csq(allele: str, terms: str, gene: str = "G", number: str = "", **more: str) -> str:
    parts = [allele, terms, gene, more.get("feature", "NM_1.1"), more.get("c", "")]
    return "|".join([*parts, more.get("p", ""), more.get("mane", ""), more.get("pick", ""), number])


@pytest.mark.parametrize(
    ("ref", "alts", "entries", "terms"),
    [
        ("C", ["T"], [csq("T", "stop_gained")], [["stop_gained"]]),
        # VEP leaves out the base that an insertion or deletion shares.
        ("CA", ["C"], [csq("-", "frameshift_variant")], [["frameshift_variant"]]),
        ("C", ["CA"], [csq("A", "frameshift_variant")], [["frameshift_variant"]]),
        ("C", ["T", "A"], [csq("A", "missense_variant"), csq("T", "stop_gained")],
         [["stop_gained"], ["missense_variant"]]),
        # Only the other allele of the record is annotated.
        ("C", ["T", "A"], [csq("A", "stop_gained")], [None, ["stop_gained"]]),
        # The number of an allele in a record that was split later is no longer that of ALT.
        ("C", ["A"],
         [csq("T", "stop_gained", number="1"), csq("A", "missense_variant", number="2")],
         [["missense_variant"]]),
        ("C", ["A"], [csq("T", "stop_gained", number="1")], [None]),
        # A word that is not known is named, and never no effect; one that says nothing is silent.
        ("C", ["T"], [csq("T", "frobnicated_variant")], [None]),
        ("C", ["T"], [csq("T", "upstream_gene_variant")], [[]]),
        ("C", ["T"], [csq("T", "G", gene="stop_gained")], [None]),
        ("C", ["T", "*"], [csq("T", "stop_gained")], [["stop_gained"], []]),
        ("C", ["T", "<NON_REF>"], [csq("T", "stop_gained")], [["stop_gained"], []]),
        ("C", ["T"], [csq("T", "splice_donor_5th_base_variant&intron_variant")],
         [["splice_region_variant", "intron_variant"]]),
        ("C", ["T"], [csq("T", "splice_donor_variant")], [["splice_donor_variant"]]),
        # A change of length may leave the site whole.
        ("CA", ["C"], [csq("-", "splice_donor_variant")], [["splice_region_variant"]]),
        ("C", ["T"], [csq("T", "made_up_variant")], [[]]),
    ],
)  # fmt: skip
def test_vep(ref: str, alts: list[str], entries: list[str], terms: list[list[str] | None]) -> None:
    found = read(VEP, ref, alts, ("CSQ", ",".join(entries)))
    for said, expected in zip(found, terms, strict=True):
        if expected is None:
            assert [a.read for a in said] == [False]
        else:
            assert [t for a in said for t in a.terms] == expected


def test_names_of_vep() -> None:
    entry = csq(
        "T", "stop_gained", feature="ENST1.2", c="ENST1.2:c.4C>T", p="ENSP1.2:p.Arg2Ter",
        mane="NM_1.4", pick="1",
    )  # fmt: skip
    ((one,),) = read(VEP, "C", ["T"], ("CSQ", entry))
    assert (one.program, one.gene, one.transcripts) == ("vep", "G", ("ENST1.2", "NM_1.4"))
    assert (one.coding, one.protein, one.first) == ("ENST1.2:c.4C>T", "p.(Arg2Ter)", True)
    silent = csq("T", "synonymous_variant", p="ENSP1.2:p.Arg2%3D")
    ((one,),) = read(VEP, "C", ["T"], ("CSQ", silent))
    assert one.protein == "p.(Arg2=)"


def test_snpeff() -> None:
    entry = "CA|frameshift_variant|HIGH|G|G|transcript|NM_1.4|protein_coding|2/4|c.5dupA|p.Lys2fs"
    ((one,),) = read(SNPEFF, "C", ["CA"], ("ANN", entry))
    assert (one.program, one.transcripts, one.terms) == (
        "snpeff",
        ("NM_1.4",),
        ("frameshift_variant",),
    )
    assert (one.coding, one.protein) == ("NM_1.4:c.5dupA", "p.(Lys2fs)")


def annovar(func: str, exonic: str, change: str, gene: str = "G") -> list[tuple[str, str]]:
    values = {"Func": func, "Gene": gene, "ExonicFunc": exonic, "AAChange": change}
    return [(f"{k}.refGene", v) for k, v in values.items()]


def test_annovar() -> None:
    change = "G:NM_1:exon2:c.C4T:p.R2X,G:NM_2:exon2:c.C10T:p.R4X"
    ((one, two),) = read(ANNOVAR, "C", ["T"], *annovar("exonic", "stopgain", change))
    assert (one.program, one.gene, one.terms) == ("annovar", "G", ("stop_gained",))
    assert (one.coding, one.protein, two.coding) == ("NM_1:c.4C>T", "p.(Arg2Ter)", "NM_2:c.10C>T")
    escaped = annovar("exonic\\x3bsplicing", "frameshift_insertion", ".", "G\\x3bH")
    (said,) = read(ANNOVAR, "C", ["CA"], *escaped)
    assert [a.gene for a in said] == ["G", "H"]
    assert {a.terms for a in said} == {("frameshift_variant", "splice_region_variant")}


def test_annovar_repeats_its_fields_for_each_allele() -> None:
    both = annovar("exonic", "stopgain", ".") + annovar("exonic", "nonsynonymous_SNV", ".")
    first, second = read(ANNOVAR, "C", ["T", "A"], *both)
    assert [first[0].terms, second[0].terms] == [("stop_gained",), ("missense_variant",)]
    # One allele left of two, or one annotation for two: whose it is nobody can tell.
    assert [[a.read for a in said] for said in read(ANNOVAR, "C", ["T"], *both)] == [[False]]
    one = read(ANNOVAR, "C", ["T", "A"], *annovar("exonic", "stopgain", "."))
    assert [[a.read for a in said] for said in one] == [[False], [False]]


@pytest.mark.parametrize(
    "header",
    [
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from VEP">',
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="not declared by the file">',
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|IMPACT">',
    ],
)
def test_a_field_whose_parts_are_not_named_is_unread(header: str) -> None:
    ((one,),) = read(header, "C", ["T"], ("CSQ", csq("T", "stop_gained")))
    assert (one.read, one.program, one.terms) == (False, "CSQ", ())
    assert read(header, "C", ["T"]) == ()


def test_more_parts_than_the_header_names_are_unread() -> None:
    torn = csq("T", "stop_gained") + "|surplus"
    for entries in ([torn], [csq("T", "stop_gained"), torn]):
        (said,) = read(VEP, "C", ["T"], ("CSQ", ",".join(entries)))
        assert [a.read for a in said] == [False]


def test_a_file_without_fields_is_not_looked_at() -> None:
    header = '##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">'
    assert find_annotation_fields(header, WORDS) == ()
    assert annotations_by_allele(None, ["T"], ()) == ()
