"""A difference in bases that were typed over is laid to the typing, any other to the file."""

import shutil
from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.pipeline.sequences import Request, install
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.slices import outside, typed_genes
from epilepsy_pgx.variants.sequence import open_sequences
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild

SHIPPED = load_reference()
BUILD = GenomeBuild.GRCH38


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    for path in SHIPPED.path.iterdir():
        if path.name == "sequences":
            shutil.copytree(path, folder / path.name)
        else:
            (folder / path.name).symlink_to(path.resolve())
    return folder


def piece(gene: str, path: Path, wrong: tuple[int, ...] = ()) -> Path:
    """Write the known bases around a gene as a piece of its chromosome, some of them changed."""
    sequences, transcript = open_sequences(SHIPPED, BUILD), load_transcripts(SHIPPED, BUILD)[gene]
    low, high = transcript.start - 100, transcript.end + 100
    bases = list(sequences.fetch_padded(transcript.chrom, low, high))
    for index in wrong:
        place = transcript.genome_position(index) - low
        bases[place] = "A" if bases[place] != "A" else "C"
    path.write_text(f">chr{transcript.chrom}:{low + 1}-{high}\n{''.join(bases)}\n")
    return path


def installed(tables: Path, fasta: Path, gene: str) -> tuple[Reference, tuple[str, ...]]:
    _, notes = install(load_reference(tables), Request(BUILD, str(fasta), genes=frozenset({gene})))
    return load_reference(tables), notes


def third_of_a_codon_that_stays(gene: str) -> int:
    """Return the index of a coding base whose change makes no stop codon: of a GGN codon."""
    sequences, transcript = open_sequences(SHIPPED, BUILD), load_transcripts(SHIPPED, BUILD)[gene]

    def at(index: int) -> str:
        place = transcript.genome_position(index)
        base = sequences.fetch(transcript.chrom, place, place + 1) or "N"
        return base if transcript.forward else base.translate(str.maketrans("ACGT", "TGCA"))

    return next(i + 2 for i in range(300, 1200, 3) if at(i) == "G" and at(i + 1) == "G")


def test_which_genes_were_typed_over() -> None:
    typed = typed_genes(SHIPPED, BUILD.value)
    assert {"POLG", "SCN1A", "TSC1", "TSC2", "SLC2A1", "TPP1"} <= typed
    assert not {"CACNA1A", "CYP2D6"} & typed
    assert open_sequences(SHIPPED, BUILD).typed == typed


@pytest.mark.parametrize("gene", ["POLG", "TSC2", "SLC2A1"])
def test_few_differences_in_typed_bases_are_ours(tables: Path, tmp_path: Path, gene: str) -> None:
    index = third_of_a_codon_that_stays(gene)
    ref, notes = installed(tables, piece(gene, tmp_path / "p.fa", (index,)), gene)
    said = [n for n in notes if "slice-ours" in n]
    assert len(said) == 1
    assert f"Our sequence of {gene} may be wrong here" in said[0]
    assert "build" not in said[0].lower().replace("GRCh", "")
    sequences = open_sequences(ref, BUILD)
    transcript = load_transcripts(ref, BUILD)[gene]
    place = transcript.genome_position(index)
    before = open_sequences(SHIPPED, BUILD).fetch(transcript.chrom, place, place + 1)
    assert sequences.fetch(transcript.chrom, place, place + 1) != before
    assert sequences.covers(gene)
    assert gene not in sequences.typed


def test_equal_bases_are_a_second_proof(tables: Path, tmp_path: Path) -> None:
    ref, notes = installed(tables, piece("TSC1", tmp_path / "p.fa"), "TSC1")
    assert not [n for n in notes if "slice-ours" in n]
    sequences = open_sequences(ref, BUILD)
    assert "TSC1" not in sequences.typed
    assert sequences.covered == open_sequences(SHIPPED, BUILD).covered


def test_many_differences_are_those_of_another_build(tables: Path, tmp_path: Path) -> None:
    wrong = tuple(range(300, 1200, 7))
    with pytest.raises(InputError, match="slice-agrees"):
        installed(tables, piece("POLG", tmp_path / "p.fa", wrong), "POLG")


def test_a_difference_in_copied_bases_is_the_files(tables: Path, tmp_path: Path) -> None:
    index = third_of_a_codon_that_stays("CACNA1A")
    with pytest.raises(InputError, match="slice-agrees"):
        installed(tables, piece("CACNA1A", tmp_path / "p.fa", (index,)), "CACNA1A")


@pytest.mark.parametrize(
    ("span", "taken", "left"),
    [
        ((0, 10), [], [(0, 10)]),
        ((0, 10), [(0, 10)], []),
        ((0, 10), [(-5, 3), (5, 20)], [(3, 5)]),
        ((5, 10), [(0, 2), (7, 8), (30, 40)], [(5, 7), (8, 10)]),
    ],
)
def test_what_lies_outside(span, taken, left) -> None:
    assert list(outside(*span, taken)) == left
