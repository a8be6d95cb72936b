import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.frame import FrameEffect, read_frame, translate
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.channel.toy import CDS, EXONS, LENGTH, edited_protein
from tests.channel.toy import translate as plain_translate


@settings(max_examples=200, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gene=st.sampled_from(["FWD", "REV"]), exon=st.integers(0, 3), where=st.integers(0, 200),
       removed=st.integers(0, 9), added=st.text("ACGT", max_size=9))
def test_same_as_the_twin(toy: Reference, toy_source: SequenceSource, genome: str, gene: str,
                          exon: int, where: int, removed: int, added: str) -> None:
    low, high = max(EXONS[exon][0], CDS[0]), min(EXONS[exon][1], CDS[1])
    if gene == "REV":
        low, high = LENGTH - high, LENGTH - low
    start = low + 4 + where % (high - low - 20)
    end = min(start + removed, high - 4)
    if genome[start:end] == added:
        return
    transcript = load_transcripts(toy, GenomeBuild.GRCH38)[gene]
    effect = read_frame(start, end, added, toy_source, transcript)
    before = edited_protein(genome, gene, low, 0, "").split("*")[0]
    after = edited_protein(genome, gene, start, end - start, added)
    if after.startswith(before + "*"):
        assert effect is FrameEffect.SAME
    elif after.startswith(before):
        assert effect is FrameEffect.STOP_LOST
    elif (len(added) - end + start) % 3:
        assert effect in (FrameEffect.FRAMESHIFT, FrameEffect.STOP_GAINED)
    elif len(after.split("*")[0]) < len(before) + (len(added) - end + start) // 3:
        assert effect is FrameEffect.STOP_GAINED
    else:
        assert effect in (FrameEffect.ALTERED, FrameEffect.STOP_LOST)


@pytest.mark.parametrize("gene", ["FWD", "REV"])
def test_nothing_is_said_at_the_edges(
    toy: Reference, toy_source: SequenceSource, gene: str
) -> None:
    transcript = load_transcripts(toy, GenomeBuild.GRCH38)[gene]
    for low, high in transcript.coding:
        for start, end in ((low - 2, low + 1), (high - 1, high + 2), (low, low), (high, high)):
            assert read_frame(start, end, "", toy_source, transcript) is None
    first = transcript.genome_position(1)
    assert read_frame(first, first + 1, "A", toy_source, transcript) is None


def test_translate() -> None:
    assert translate("ATGGCATAAGGG") == ("MA", True)
    assert translate("ATGNCAGG") == ("MX", False)
    for i in range(64):
        codon = "ACGT"[i // 16] + "ACGT"[i // 4 % 4] + "ACGT"[i % 4]
        expected = plain_translate(codon)
        assert translate(codon) == (("", True) if expected == "*" else (expected, False))
