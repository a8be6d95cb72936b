"""What a published consequence may add to a listed variant whose bases are not known."""

import pytest

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.variants.evidence import KnownVariant
from epilepsy_pgx.variants.published import published_elsewhere, published_outside, published_terms
from epilepsy_pgx.variants.transcripts import Transcript
from tests.toy.genome import CDS, EXONS, LENGTH

FORWARD = Transcript("FWD", "NM_000001.1", "ENST0", "2", True, EXONS, *CDS)
BACKWARD = Transcript(
    "REV",
    "NM_000002.1",
    "ENST0",
    "2",
    False,
    tuple((LENGTH - e, LENGTH - s) for s, e in reversed(EXONS)),
    LENGTH - CDS[1],
    LENGTH - CDS[0],
)
EXON, DONOR, INTRON, UTR = EXONS[1][0] + 10, EXONS[1][1], EXONS[1][1] + 40, EXONS[0][0] + 5
"""0-based places on the forward strand."""


def known(*terms: str) -> KnownVariant:
    return KnownVariant("toy", "FWD", None, None, terms, None)


def put(place: int, transcript: Transcript, ref: str = "A", alt: str = "C") -> VariantKey:
    """Return a variant at a place of the forward gene, or at its mirror image."""
    if not transcript.forward:
        # The base before an insertion is, read backwards, the one after it.
        after = len(alt) > len(ref)
        place = LENGTH - place - len(ref) - after
    return VariantKey("2", place + 1, ref, alt)


@pytest.mark.parametrize("transcript", [FORWARD, BACKWARD], ids=["+", "-"])
@pytest.mark.parametrize(
    ("place", "ref", "alt", "published", "here", "elsewhere"),
    [
        (EXON, "A", "C", ("stop_gained",), ("stop_gained",), ()),
        (EXON, "A", "AC", ("frameshift_variant",), ("frameshift_variant",), ()),
        # Of several transcripts' terms those that speak of no protein say nothing here.
        (EXON, "A", "C", ("intron_variant", "missense_variant"), ("missense_variant",), ()),
        (DONOR, "A", "C", ("splice_donor_variant",), ("splice_donor_variant",), ()),
        # A change of length in a splice site may leave it whole.
        (DONOR, "A", "AC", ("splice_donor_variant",), (), ()),
        (DONOR, "A", "AC", ("splice_donor_variant", "stop_gained"), ("stop_gained",), ()),
        # In an intron or a UTR of this transcript the term is that of another one.
        (INTRON, "A", "C", ("stop_gained",), (), ("stop_gained",)),
        (UTR, "A", "C", ("missense_variant",), (), ("missense_variant",)),
        # Another transcript's splice site is no reason to call this one's lost.
        (INTRON, "A", "C", ("splice_donor_variant",), (), ()),
        (INTRON, "A", "C", ("intron_variant",), (), ()),
        (EXON, "A", "C", (), (), ()),
    ],
)
def test_a_published_term_holds_where_it_can(
    transcript, place, ref, alt, published, here, elsewhere
):
    key = put(place, transcript, ref, alt)
    assert published_terms(key, [known(*published)], transcript) == here
    assert published_elsewhere(key, [known(*published)], transcript) == elsewhere


def test_the_terms_of_several_rows_are_joined_most_severe_first():
    rows = [known("missense_variant"), known("stop_gained")]
    key = put(EXON, FORWARD)
    assert published_terms(key, rows, FORWARD) == ("stop_gained", "missense_variant")


def test_a_term_of_a_place_outside_the_transcript_is_kept() -> None:
    """What is published of no protein stands where ours has no term; a lost site never does."""
    assert published_outside([known("intron_variant", "splice_donor_variant")]) == (
        "intron_variant",
    )
    assert published_outside([known("stop_gained")]) == published_outside([]) == ()
