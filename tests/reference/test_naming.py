"""The names that the checks recompute, by hand and against published ones."""

import csv
from pathlib import Path

import pytest

from epilepsy_pgx.reference.genome import CodingTranscript, Genome, protein_change, translate
from epilepsy_pgx.reference.naming import (
    coding_change,
    genomic_change,
    protein_name,
    same_protein_name,
    trim,
)
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import CuratedTranscript
from tests.toy.genome import CODING, FORWARD, SHIFT, START
from tests.toy.package import write_package


@pytest.fixture(scope="module")
def genomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Genome]:
    ref = load_reference(write_package(tmp_path_factory.mktemp("naming") / "toy"))
    return {b: Genome.load(ref.path, b, ref.rows(CuratedTranscript)) for b in ("GRCh38", "GRCh37")}


@pytest.mark.parametrize("build", ["GRCh38", "GRCh37"])
@pytest.mark.parametrize("gene", ["TOY2", "TOYR"])
def test_coding_sequence_reads_through(genomes: dict[str, Genome], build: str, gene: str) -> None:
    assert genomes[build].coding_sequence(gene) == CODING
    assert translate(CODING) == "MAQKFGRTLWDPQRYL*"


def position(offset: int, build: str, strand: str) -> int:
    """Return the 1-based position of a 0-based offset into the gene's own strand."""
    start = START + (SHIFT if build == "GRCh37" else 0)
    return start + offset + 1 if strand == "+" else start + len(FORWARD) - offset


@pytest.mark.parametrize("build", ["GRCh38", "GRCh37"])
@pytest.mark.parametrize(("gene", "strand"), [("TOY2", "+"), ("TOYR", "-")])
@pytest.mark.parametrize(
    ("offset", "name"),
    [
        (13, "1"),
        (39, "27"),
        (60, "28"),
        (83, "51"),
        (12, "-1"),
        (10, "-3"),
        (84, "*1"),
        (89, "*6"),
        (40, "27+1"),
        (49, "27+10"),
        (50, "28-10"),
        (59, "28-1"),
        (8, "-5"),
        (95, "*12"),
    ],
)
def test_coordinates(
    genomes: dict[str, Genome], build: str, gene: str, strand: str, offset: int, name: str
) -> None:
    transcript = genomes[build].transcripts[gene]
    assert transcript.coding_name(position(offset, build, strand)) == name


def test_a_tie_in_an_intron_goes_to_the_exon_before() -> None:
    odd = CodingTranscript("G", "NM_1.1", "1", "+", ((0, 10), (15, 25)), (0, 25))
    assert [odd.coding_name(p) for p in (11, 12, 13, 14, 15)] == [
        "10+1",
        "10+2",
        "10+3",
        "11-2",
        "11-1",
    ]


@pytest.mark.parametrize(
    ("coding", "bases", "name"),
    [
        # coding offset within exon 1, (ref, alt) on the coding strand, expected
        (7, ("C", "T"), "c.7C>T"),
        (9, ("GA", "G"), "c.12del"),
        (9, ("G", "GA"), "c.12dup"),
        (9, ("GAAA", "G"), "c.10_12del"),
        (6, ("T", "TGG"), "c.6_7insGG"),
        (7, ("CAG", "TT"), "c.7_9delinsTT"),
        (25, ("C", "CT"), "c.26dup"),
        (25, ("C", "CA"), "c.25_26insA"),
    ],
)
def test_changes_of_both_strands(
    genomes: dict[str, Genome], coding: int, bases: tuple[str, str], name: str
) -> None:
    genome = genomes["GRCh38"]
    ref, alt = bases
    forward = START + 13 + coding
    assert CODING[coding - 1 : coding - 1 + len(ref)] == ref
    assert coding_change(genome, "TOY2", "1", forward, ref, alt) == name
    complement = str.maketrans("ACGT", "TGCA")
    back_ref, back_alt = (b.translate(complement)[::-1] for b in bases)
    back = position(13 + coding - 1 + len(ref) - 1, "GRCh38", "-")
    assert coding_change(genome, "TOYR", "3", back, back_ref, back_alt) == name


def test_what_is_not_installed_has_no_name(genomes: dict[str, Genome]) -> None:
    genome = genomes["GRCh38"]
    assert coding_change(genome, "NOGENE", "1", 1020, "A", "C") is None
    assert coding_change(genome, "TOY2", "2", 1020, "A", "C") is None
    assert coding_change(genome, "TOY2", "1", 5000, "A", "AC") is None
    assert protein_name(genome, "TOY2", "1", START + 45, "A", "C") is None


@pytest.mark.parametrize(
    ("number", "base", "name"),
    [
        (1, "C", "p.Met1?"),
        (7, "T", "p.Gln3Ter"),
        (6, "C", "p.Ala2="),
        (49, "C", "p.Ter17Glnext"),
        (10, "G", "p.Lys4Glu"),
    ],
)
def test_protein_changes(number: int, base: str, name: str) -> None:
    assert protein_change(CODING, number, base) == name


def test_names_compare_without_brackets() -> None:
    assert same_protein_name("p.(Gln3*)", "p.Gln3Ter")
    assert same_protein_name("p.Ter17GlnextTer5", "p.Ter17Glnext")
    assert not same_protein_name("p.Gln3Lys", "p.Gln3Leu")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((10, "CAT", "CAG"), (12, "T", "G")),
        ((10, "CA", "C"), (11, "A", "")),
        ((10, "AAA", "AA"), (10, "A", "")),
        ((10, "A", "A"), (10, "", "")),
    ],
)
def test_trim(given: tuple[int, str, str], expected: tuple[int, str, str]) -> None:
    assert trim(*given) == expected


@pytest.mark.parametrize(
    ("ref", "alt", "after", "name"),
    [
        ("CA", "CG", "", "11A>G"),
        ("CA", "C", "AAG", "13del"),
        ("CAG", "C", "T", "11_12del"),
        ("C", "CA", "AAG", "12dup"),
        ("C", "CA", "G", "10_11insA"),
        ("C", "CTA", "TATAG", "13_14dup"),
        ("GC", "GCA", "T", "11_12insA"),
    ],
)
def test_genomic_names(ref: str, alt: str, after: str, name: str) -> None:
    assert genomic_change("NC_1.1", 10, ref, alt, after) == f"NC_1.1:g.{name}"


@pytest.mark.parametrize(
    ("ref", "alt", "after"),
    [("CA", "C", ""), ("CA", "C", "AAA"), ("CA", "TG", "A"), ("CA", "T", "G")],
)
def test_genomic_names_that_stay_open(ref: str, alt: str, after: str) -> None:
    assert genomic_change("NC_1.1", 10, ref, alt, after) is None


@pytest.mark.realdata
def test_published_variants(reference: Reference, shared: Path) -> None:
    with (shared / "truth/scn1a_variants.tsv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    compared = 0
    for build in ("GRCh38", "GRCh37"):
        genome = Genome.load(reference.path, build, reference.rows(CuratedTranscript))
        for row in rows:
            pos, name = row[f"pos_{build.lower()}"], row["hgvs_c_NM_001165963"]
            simple = row["ref_plus"] and row["alt_plus"] and row["alt_plus"] != "-"
            if not pos or not simple or ">" not in name:
                continue
            computed = coding_change(
                genome, "SCN1A", "2", int(pos), row["ref_plus"], row["alt_plus"]
            )
            assert computed == "c." + name.rpartition("c.")[2], row
            compared += 1
    assert compared > 300
