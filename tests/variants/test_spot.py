"""A build whose genome breaks a gene's frame: what comes before the spot is read as ever."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.protein import ProteinKind
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants import annotate, sequence
from epilepsy_pgx.variants.annotate import AnnotationStatus, Annotator
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.transcripts import Transcript, load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild

BUILD = GenomeBuild.GRCH38
GENES = ("FWD", "REV")


def broken(whole: Transcript) -> Transcript:
    """Return a transcript whose last but one coding exon lacks a base in the middle of the gene."""
    start, end = whole.coding_exons[-2]
    shorter = (start, end - 1) if whole.forward else (start + 1, end)
    exons = tuple(shorter if e == (start, end) else e for e in whole.exons)
    return replace(whole, exons=exons, spot=shorter)


@pytest.fixture
def twins(
    toy: Reference, toy_source: SequenceSource, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Transcript], Annotator, Annotator]:
    whole = Annotator(toy, BUILD, toy_source)
    made = {g: broken(t) for g, t in load_transcripts(toy, BUILD).items() if g in GENES}
    for module in (annotate, sequence):
        monkeypatch.setattr(module, "load_transcripts", lambda *_: made)
    source = open_sequences(toy, BUILD)
    assert source.coding_only == frozenset(GENES)
    assert not source.covered
    return made, whole, Annotator(toy, BUILD, source)


def changes(transcript: Transcript, source: SequenceSource) -> Iterator[VariantKey]:
    """Yield a substitution of every coding base, and the loss and gain of a base there."""
    for low, high in transcript.coding:
        for at in range(low + 3, high - 3):
            bases = source.fetch(transcript.chrom, at, at + 2)
            assert bases is not None
            yield VariantKey(transcript.chrom, at + 1, bases[0], "A" if bases[0] != "A" else "G")
            yield VariantKey(transcript.chrom, at + 1, bases, bases[0])
            yield VariantKey(transcript.chrom, at + 1, bases[0], bases[0] + "T")


def test_before_the_spot_all_is_named_and_behind_it_nothing(
    twins: tuple[dict[str, Transcript], Annotator, Annotator], toy_source: SequenceSource
) -> None:
    made, whole, part = twins
    for gene, transcript in made.items():
        keys = list(changes(transcript, toy_source))
        known, found = whole.annotate(keys), part.annotate(keys)
        read = cut = 0
        for key in keys:
            (told,), (seen,) = known[key], found[key]
            if seen.status is not AnnotationStatus.ASSESSED:
                assert seen.status is AnnotationStatus.OUTSIDE_SEQUENCE
                assert seen.hgvs_p is None
                continue
            read += 1
            at = transcript.coding_index(key.pos - 1)
            assert at is not None
            assert at < transcript.translated
            assert (seen.hgvs_c, seen.consequences) == (told.hgvs_c, told.consequences), key
            if seen.protein != told.protein:
                cut += 1
                assert told.protein is not None
                assert told.protein.kind is ProteinKind.FRAMESHIFT
                (edit,) = told.protein.edits
                assert seen.hgvs_p == f"p.({edit.before}{edit.first}fs)"
        unread = len(keys) - read
        assert read > len(keys) / 3, gene
        assert unread > len(keys) / 10, gene
        assert cut, gene


def test_a_change_of_several_bases_behind_the_spot_has_no_name(
    twins: tuple[dict[str, Transcript], Annotator, Annotator], toy_source: SequenceSource
) -> None:
    made, _, part = twins
    for transcript in made.values():
        low, high = transcript.coding[-1]
        for start in (low + 4, high - 8):
            bases = toy_source.fetch(transcript.chrom, start, start + 3)
            assert bases is not None
            key = VariantKey(transcript.chrom, start + 1, bases, bases[::-1] + "A")
            (seen,) = part.annotate([key])[key]
            assert (seen.hgvs_c, seen.hgvs_p) == (None, None)
