"""The p. names that are predicted, by kind, and against those of another program."""

import random

import pytest

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.hgvs import HgvsNamer
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.protein_names import SplicedEdit, predict_allele, predict_protein
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import Transcript, load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.variants.other_namer import OtherNamer

BUILD = GenomeBuild.GRCH38
#        leader Met Lys Trp Gly Gly Ser Leu Ter  behind it
BASES = "CCCTAA" "ATG" "AAA" "TGG" "GGA" "GGA" "TCA" "CTA" "TAG" "CAGTAACTAACCTGA"  # fmt: skip
START, END = 6, 30
MADE = Transcript("G", "NM_1.1", None, "1", True, ((0, len(BASES)),), START, END)


@pytest.mark.parametrize(
    ("first", "last", "added", "expected"),
    [
        # Places are 0-based in the coding sequence; nothing comes where `added` is empty.
        (4, 5, "T", "p.(Lys2Ile)"),
        (5, 6, "G", "p.(Lys2=)"),
        (8, 9, "A", "p.(Trp3Ter)"),
        (1, 2, "A", "p.(Met1?)"),
        (2, 2, "A", "p.(Met1?)"),
        (3, 3, "C", "p.(Lys2GlnfsTer?)"),
        (0, 0, "C", "p.?"),
        (-3, -2, "A", "p.?"),
        (-2, 1, "", "p.(Met1?)"),
        (-3, 1, "A", "p.?"),
        (-3, 4, "", "p.(Met1?)"),
        (24, 24, "C", "p.(=)"),
        (25, 27, "", "p.(=)"),
        (6, 9, "", "p.(Trp3del)"),
        (9, 12, "", "p.(Gly5del)"),
        (6, 12, "", "p.(Trp3_Gly4del)"),
        (18, 21, "", "p.(Leu7del)"),
        (9, 9, "GGA", "p.(Gly5dup)"),
        (9, 9, "AAATGG", "p.(Lys2_Trp3dup)"),
        (6, 6, "CTA", "p.(Lys2_Trp3insLeu)"),
        (21, 21, "AAA", "p.(Leu7_Ter8insLys)"),
        (7, 7, "CTA", "p.(Trp3delinsSerArg)"),
        (4, 7, "", "p.(Lys2_Trp3delinsArg)"),
        (6, 6, "TAACCC", "p.(Trp3Ter)"),
        (7, 7, "CTTAAA", "p.(Trp3delinsSerTer)"),
        (7, 8, "CTTAAA", "p.(Trp3delinsSerTer)"),
        (6, 7, "", "p.(Trp3GlyfsTer9)"),
        (11, 12, "", "p.(Gly5AspfsTer7)"),
        (21, 22, "C", "p.(Ter8GlnextTer2)"),
        (22, 23, "", "p.(Ter8CysextTer3)"),
        (21, 24, "", "p.(Ter8GlnextTer1)"),
        (18, 24, "", "p.(Leu7_Ter8delinsGlnTer)"),
        (15, 30, "", "p.?"),
        (23, 24, "A", "p.(Ter8=)"),
    ],
)
def test_kinds(first: int, last: int, added: str, expected: str) -> None:
    edit = SplicedEdit(START + first, START + last, added)
    assert str(predict_protein(edit, BASES, MADE)) == expected


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([(3, 4, "G"), (9, 10, "A")], "p.[(Lys2Glu;Gly4Arg)]"),
        ([(3, 4, "G"), (6, 7, "A")], "p.(Lys2_Trp3delinsGluArg)"),
        ([(3, 4, "G"), (11, 12, "T")], "p.(Lys2Glu)"),
        ([(5, 6, "G"), (11, 12, "T")], "p.[(Lys2=;Gly4=)]"),
        ([(3, 3, "C"), (11, 12, "")], "p.(Lys2_Trp3delinsGlnMet)"),
        ([(5, 6, "T"), (12, 13, "")], "p.[(Lys2Asn;Gly5AspfsTer7)]"),
        ([(8, 9, "A"), (15, 16, "C")], "p.(Trp3Ter)"),
        ([(-1, 0, "C"), (3, 4, "G")], "p.?"),
        ([(2, 3, "A"), (9, 10, "A")], "p.(Met1?)"),
        ([(3, 4, "G"), (25, 26, "C")], "p.(Lys2Glu)"),
    ],
)
def test_several_edits_of_one_copy(edits: list[tuple[int, int, str]], expected: str) -> None:
    placed = [SplicedEdit(START + a, START + b, added) for a, b, added in edits]
    assert str(predict_allele(placed, BASES, MADE)) == expected


@pytest.mark.parametrize(
    ("unread", "expected"),
    [
        # Only what is named must be known.
        (range(4), "p.(Trp3GlyfsTer9)"),
        (range(12, 15), "p.?"),
        (range(30, 45), "p.(Trp3GlyfsTer?)"),
        (range(15, 18), "p.(Trp3XaafsTer9)"),
    ],
)
def test_unknown_bases(unread: range, expected: str) -> None:
    bases = "".join("N" if i in unread else b for i, b in enumerate(BASES))
    edit = SplicedEdit(START + 6, START + 7, "")
    assert str(predict_protein(edit, bases, MADE)) == expected


def drawn(chance: random.Random, genome: str, transcript: Transcript) -> VariantKey:
    low, high = chance.choice(transcript.coding)
    edges = (transcript.cds_start, transcript.cds_end)
    start = chance.choice(
        [chance.randrange(low, high), chance.choice(edges) + chance.randint(-9, 9)]
    )
    removed = chance.choice([0, 0, 1, 1, 1, 2, 3, 5, 6, 9])
    added = "".join(chance.choices("ACGT", k=chance.choice([0, 1, 1, 2, 3, 4, 6, 9])))
    ref = genome[start - 1 : start + removed]
    return VariantKey("2", start, ref, ref[0] + added)


@pytest.mark.parametrize("gene", ["FWD", "REV"])
def test_names_are_those_of_another_program(
    toy: Reference, toy_source: SequenceSource, genome: str, gene: str
) -> None:
    transcripts = load_transcripts(toy, BUILD)
    transcript = transcripts[gene]
    namer, other = HgvsNamer(transcripts, toy_source), OtherNamer(transcripts, toy_source)
    chance = random.Random(20261128)
    kinds = set()
    for _ in range(600):
        key = drawn(chance, genome, transcript)
        key = normalise_key(key, toy_source)
        if key.ref == key.alt:
            continue
        names = namer.name(key, transcript)
        assert names.coding is not None
        theirs, ours = other.protein_name(names.coding, transcript), str(names.protein)
        if ours == "p.(=)":
            # Bases that are doubled behind the stop are no change of it.
            assert theirs == ours or "Ter" in str(theirs) and str(theirs).endswith("=)")
        elif ours == "p.?" and theirs != ours:
            # Nothing is said of a protein whose end went with bases behind it.
            assert "_*" in names.coding
        elif theirs == "p.?" and theirs != ours:
            # Bases before the start codon may bring another one.
            assert ours == "p.(Met1?)"
            assert ":c.-" in names.coding
        else:
            assert ours == theirs, (key, names.coding)
            assert names.protein is not None
            kinds.add(names.protein.kind)
    assert len(kinds) >= 9
