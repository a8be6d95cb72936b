import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.frame import FrameEffect, read_frame, translate
from epilepsy_pgx.variants.observed import Change, read_change
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.drawing import examples
from tests.toy.genome import CDS, EXONS, LENGTH, edited_protein
from tests.toy.genome import translate as plain_translate


@settings(
    max_examples=examples(200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    gene=st.sampled_from(["FWD", "REV"]),
    exon=st.integers(0, 3),
    where=st.integers(0, 200),
    removed=st.integers(0, 9),
    added=st.text("ACGT", max_size=9),
)
def test_same_as_the_twin(
    toy: Reference,
    toy_source: SequenceSource,
    genome: str,
    gene: str,
    exon: int,
    where: int,
    removed: int,
    added: str,
) -> None:
    low, high = max(EXONS[exon][0], CDS[0]), min(EXONS[exon][1], CDS[1])
    if gene == "REV":
        low, high = LENGTH - high, LENGTH - low
    start = low + 4 + where % (high - low - 20)
    end = min(start + removed, high - 4)
    if genome[start:end] == added:
        return
    transcript = load_transcripts(toy, GenomeBuild.GRCH38)[gene]
    effect = read_frame(Change(start, end, genome[start:end], added), toy_source, transcript)
    before = edited_protein(genome, gene, low, 0, "").split("*")[0]
    after = edited_protein(genome, gene, start, end - start, added)
    difference = len(added) - end + start
    if after.startswith(before + "*"):
        wanted = FrameEffect.SAME
    elif after.startswith(before):
        wanted = FrameEffect.STOP_LOST
    elif before.startswith(after.split("*")[0]) and "*" in after:
        wanted = FrameEffect.STOP_GAINED
    elif difference % 3:
        wanted = FrameEffect.FRAMESHIFT
    elif "*" not in after or len(after.split("*")[0]) > len(before) + difference // 3:
        wanted = FrameEffect.STOP_LOST
    elif len(after.split("*")[0]) < len(before) + difference // 3:
        wanted = FrameEffect.STOP_GAINED
    else:
        wanted = FrameEffect.ALTERED
    assert effect is wanted


@pytest.mark.parametrize("gene", ["FWD", "REV"])
def test_lost_stop_reads_on(
    toy: Reference, toy_source: SequenceSource, genome: str, gene: str
) -> None:
    transcript = load_transcripts(toy, GenomeBuild.GRCH38)[gene]
    first = transcript.genome_position(transcript.coding_length - 3)
    own, other = ("T", "C") if gene == "FWD" else ("A", "G")
    assert genome[first] == own
    change = Change(first, first + 1, own, other)
    assert read_frame(change, toy_source, transcript) is FrameEffect.STOP_LOST
    last = transcript.genome_position(transcript.coding_length - 1)
    own, other = ("A", "G") if gene == "FWD" else ("T", "C")
    assert genome[last] == own
    # TAA to TAG is a stop all the same.
    change = Change(last, last + 1, own, other)
    assert read_frame(change, toy_source, transcript) is FrameEffect.SAME
    # A frame shifted within the stop codon: the protein goes on behind its last residue.
    middle = transcript.genome_position(transcript.coding_length - 2)
    effect = read_frame(Change(middle, middle + 1, genome[middle], ""), toy_source, transcript)
    low = CDS[0] if gene == "FWD" else LENGTH - EXONS[0][1]
    tail = edited_protein(genome, gene, middle, 1, "")
    before = edited_protein(genome, gene, low, 0, "").split("*")[0]
    same = tail.startswith(before + "*")
    assert effect is (FrameEffect.SAME if same else FrameEffect.STOP_LOST)


@pytest.mark.parametrize("gene", ["FWD", "REV"])
def test_nothing_is_said_at_the_edges(
    toy: Reference, toy_source: SequenceSource, gene: str
) -> None:
    transcript = load_transcripts(toy, GenomeBuild.GRCH38)[gene]
    for low, high in transcript.coding:
        for start, end in ((low - 2, low + 1), (high - 1, high + 2), (low, low), (high, high)):
            change = Change(start, end, "A" * (end - start), "")
            assert read_frame(change, toy_source, transcript) is None
        if low != transcript.cds_start:
            assert read_frame(Change(low, low + 2, "AA", ""), toy_source, transcript) is None
        if high != transcript.cds_end:
            assert read_frame(Change(high - 2, high, "AA", ""), toy_source, transcript) is None
    first = transcript.genome_position(1)
    assert read_frame(Change(first, first + 1, "C", "A"), toy_source, transcript) is None
    for index, silent in ((2, True), (3, False)):
        at = transcript.genome_position(index)
        effect = read_frame(Change(at, at + 1, "C", "A"), toy_source, transcript)
        assert (effect is None) is silent


def test_translate() -> None:
    assert translate("ATGGCATAAGGG") == ("MA", True)
    assert translate("ATGNCAGG") == ("MX", False)
    for i in range(64):
        codon = "ACGT"[i // 16] + "ACGT"[i // 4 % 4] + "ACGT"[i % 4]
        expected = plain_translate(codon)
        assert translate(codon) == (("", True) if expected == "*" else (expected, False))


@pytest.mark.parametrize(
    ("ref", "alt", "expected"),
    [
        ("A", "C", Change(9, 10, "A", "C")),
        ("ACG", "ATG", Change(10, 11, "C", "T")),
        ("A", "AT", Change(10, 10, "", "T")),
        ("AT", "A", Change(10, 11, "T", "")),
        ("TTA", "TA", Change(9, 10, "T", "")),
        ("ACGT", "AGT", Change(10, 11, "C", "")),
        ("ACGT", "ATTGT", Change(10, 11, "C", "TT")),
        ("GAT", "CATAT", Change(9, 10, "G", "CAT")),
    ],
)
def test_change_without_shared_bases(ref: str, alt: str, expected: Change) -> None:
    key = VariantKey("2", 10, ref, alt)
    change = read_change(key)
    assert change == expected
    skip = change.start0 - 9
    assert ref[:skip] + change.added + ref[skip + len(change.removed) :] == alt
