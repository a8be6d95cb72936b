"""The genetic code names a change of a known residue only where one is left."""

import pytest

from epilepsy_pgx.protein import ProteinChange
from epilepsy_pgx.reference.genome import THREE, protein_change, translate
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import FunctionalEffect
from epilepsy_pgx.variants.evidence import direction_of_effect, load_evidence
from epilepsy_pgx.variants.implied import possible_changes, read_substitution
from epilepsy_pgx.variants.sequence import SequenceSource, coding_sequence
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import Direction, GenomeBuild, Relation

MISSENSE = ("missense_variant",)


@pytest.mark.parametrize(
    ("coding", "known", "missense", "expected"),
    [
        ("c.5C>T", ["Ala"], False, {"p.Ala2Val"}),
        ("NM_1.2:c.6G>A", ["Met"], False, {"p.Met2Ile"}),
        ("c.4G>A", ["Gly"], True, {"p.Gly2Arg", "p.Gly2Ser"}),
        ("c.4C>T", ["Arg"], False, {"p.Arg2Cys", "p.Arg2Trp", "p.Arg2Ter"}),
        ("c.4C>T", ["Arg"], True, {"p.Arg2Cys", "p.Arg2Trp"}),
        ("c.6T>C", ["Ala"], False, {"p.Ala2Ala"}),
        ("c.6T>C", ["Ala"], True, set()),
        ("c.5G>T", ["Ala"], False, set()),
        ("c.5C>T", ["Ala", "Pro"], False, set()),
        ("c.5C>T", [], False, set()),
        ("c.5+1C>T", ["Ala"], False, set()),
        ("c.-5C>T", ["Ala"], False, set()),
        ("c.*5C>T", ["Ala"], False, set()),
        ("c.5_6delinsTT", ["Ala"], False, set()),
        (None, ["Ala"], False, set()),
    ],
)
def test_what_a_substitution_may_be(
    coding: str | None, known: list[str], missense: bool, expected: set[str]
) -> None:
    assert possible_changes(coding, known, missense) == expected


def test_the_true_change_is_always_among_those_that_are_possible(
    package: Reference, shipped: SequenceSource
) -> None:
    """Every substitution of the genes whose bases are shipped, against their translation."""
    tables = load_evidence(package, shipped.build)
    transcripts = load_transcripts(package, shipped.build)
    named = checked = 0
    for gene in ("SCN1A", "SLC2A1", "POLG", "TSC2"):
        coding = coding_sequence(shipped, transcripts[gene])
        assert coding is not None
        protein = translate(coding)
        for number, old in enumerate(coding[:-3], 1):
            before = THREE[protein[(number - 1) // 3]]
            for new in {*"ACGT"} - {old}:
                name = f"c.{number}{old}>{new}"
                true = protein_change(coding, number, new).replace("=", before)
                assert number < 4 or true in possible_changes(name, [before])
                implied = tables.implied(gene, name, ())
                if implied is not None and number > 3:
                    assert implied == ProteinChange.read(true).predicted(), name
                    named += 1
                checked += 1
    assert (named > 300, checked > 20_000) == (True, True)


def test_a_tested_change_is_found_wherever_the_code_leaves_it(package: Reference) -> None:
    """Without bases, a test gives a direction only if no other change is possible."""
    tables = load_evidence(package, GenomeBuild.GRCH38)
    relations = set()
    for row in package.rows(FunctionalEffect):
        for place in range(3):
            for old, new in ((a, b) for a in "ACGT" for b in "ACGT" if a != b):
                coding = f"c.{3 * row.residue - 2 + place}{old}>{new}"
                before = ProteinChange.read(row.protein_change).edits[0].before
                possible = possible_changes(coding, [before])
                if row.protein_change not in possible:
                    continue
                protein = tables.implied(row.gene, coding, ())
                found = tables.tested(row.gene, protein, coding, ())
                (of_row, *_) = [e for e in found if e.protein_change == row.protein_change]
                expected = Relation.EXACT if len(possible) == 1 else Relation.POSSIBLE
                assert of_row.relation is expected, (row.gene, coding)
                relations.add(expected)
                if expected is Relation.POSSIBLE:
                    told = direction_of_effect(MISSENSE, found)
                    assert told == (Direction.NOT_DETERMINED, "direction-basis-perhaps-tested")
    assert relations == {Relation.EXACT, Relation.POSSIBLE}


def test_bases_around_a_substitution() -> None:
    assert read_substitution("NM_1.2:c.9T>A") == (3, 2, "T", "A")
