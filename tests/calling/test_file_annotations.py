"""The file's annotation is used where no bases are known, and stays the file's own."""

from dataclasses import replace

import pytest

from epilepsy_pgx.calling.class_words import load_class_words
from epilepsy_pgx.calling.file_annotations import unread_annotations, with_file_annotation
from epilepsy_pgx.calling.findings import count_unjudged, make_findings
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants.annotate import UNJUDGED, AnnotationStatus, SiteAnnotation
from epilepsy_pgx.variants.infoclass import FileAnnotation
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.vocabulary import Direction, SiteStatus

KEY = VariantKey("2", 400, "C", "T")
STOP = FileAnnotation(
    "vep", "G", ("ENST1.2", "NM_1.4"), ("stop_gained",), "ENST1.2:c.4C>T", "p.(Arg2Ter)"
)


def carried(*said: FileAnnotation) -> ObservedVariant:
    return ObservedVariant(
        0, KEY, 1, 2, (), (0,), None, None, None, None, SiteStatus.CALLED, file_annotations=said
    )


def site(status: AnnotationStatus = AnnotationStatus.NO_SEQUENCE) -> SiteAnnotation:
    return SiteAnnotation(
        "G", "NM_1.3", ("not_assessed",), None, None, False, Direction.NOT_DETERMINED,
        "direction-basis-no-sequence", status=status, notes=("note-no-sequence",),
    )  # fmt: skip


def test_a_nonsense_variant_is_a_finding_and_has_no_direction() -> None:
    (found,) = make_findings([carried(STOP)], {KEY: (site(),)}, {})
    assert (found.consequences, found.hgvs_p) == (("stop_gained",), "p.(Arg2Ter)")
    assert (found.truncating, found.direction) == (True, Direction.NOT_DETERMINED)
    assert found.direction_basis == "direction-basis-file"
    assert {"note-file-annotation-vep", "note-class-missing"} <= set(found.notes)
    assert "note-no-sequence" not in found.notes
    assert make_findings([carried()], {KEY: (site(),)}, {}) == ()


@pytest.mark.parametrize("status", [AnnotationStatus.ASSESSED, AnnotationStatus.REF_MISMATCH])
def test_own_bases_come_first(status: AnnotationStatus) -> None:
    assert with_file_annotation(site(status), carried(STOP)) == site(status)


def test_our_transcript_is_taken_and_others_cut_nothing_short() -> None:
    other = FileAnnotation("vep", "G", ("NM_9.1",), ("stop_gained",), "NM_9.1:c.9C>T", first=True)
    ours = FileAnnotation("vep", "G", ("NM_1.1",), ("missense_variant",), "NM_1.1:c.4C>T")
    both = with_file_annotation(site(), carried(other, ours))
    assert (both.hgvs_c, both.truncating) == ("NM_1.1:c.4C>T", False)
    alone = with_file_annotation(site(), carried(other))
    assert (alone.hgvs_c, alone.truncating) == ("NM_9.1:c.9C>T", False)
    assert "note-file-transcript" in alone.notes


def test_the_annotation_of_another_gene_is_not_used() -> None:
    other = FileAnnotation("vep", "H", ("NM_9.1",), ("stop_gained",))
    assert with_file_annotation(site(), carried(other)) == site()


@pytest.mark.parametrize(
    ("transcript", "term", "kept"),
    [
        ("NM_9.1", "intron_variant", True),
        ("NM_9.1", "3_prime_UTR_variant", True),
        ("NM_9.1", "synonymous_variant", True),
        ("NM_9.1", "missense_variant", False),
        # In an exon by our table: what says otherwise contradicts it.
        ("NM_1.1", "intron_variant", True),
        ("NM_1.1", "synonymous_variant", False),
        ("NM_1.1", "stop_gained", False),
    ],
)
def test_no_other_transcript_silences_a_coding_change(
    transcript: str, term: str, kept: bool
) -> None:
    plain = replace(site(), consequences=(UNJUDGED,))
    entry = FileAnnotation("vep", "G", (transcript,), (term,))
    found = with_file_annotation(plain, carried(entry))
    assert (UNJUDGED in found.consequences) is kept
    words = load_class_words(load_reference())
    counted = count_unjudged([carried(entry)], {KEY: (plain,)}, {}, words)
    assert bool(counted) is kept
    assert bool(make_findings([carried(entry)], {KEY: (plain,)}, {}, with_unjudged=True)) is (
        kept or term != "synonymous_variant"
    )


def test_what_was_not_read_is_said() -> None:
    lost = carried(FileAnnotation("CSQ", read=False))
    assert unread_annotations([lost], {KEY: (site(),)}) == ((lost, "CSQ"),)
    assert unread_annotations([lost], {KEY: (site(AnnotationStatus.ASSESSED),)}) == ()
    assert make_findings([lost], {KEY: (site(),)}, {}) == ()


@pytest.mark.parametrize(
    ("transcript", "own", "shown", "beside"),
    [
        # Ours, in whatever version: its numbers are those of the tables.
        ("NM_1.9", "NM_1.3:c.4C>T", ("NM_1.3:c.4C>T", "p.(Arg2Ter)"), ()),
        ("NM_1.9", None, ("NM_1.9:c.4C>T", "p.(Arg2Ter)"), ()),
        ("NM_9.1", "NM_1.3:c.40C>T", ("NM_1.3:c.40C>T", None), ("c.4C>T p.(Arg2Ter)", "NM_9.1")),
        ("NM_9.1", None, ("NM_9.1:c.4C>T", None), ("c.4C>T p.(Arg2Ter)", "NM_9.1")),
    ],
)
def test_a_name_on_another_transcript_is_never_printed_as_ours(
    transcript: str, own: str | None, shown: tuple[str | None, ...], beside: tuple[str, ...]
) -> None:
    entry = FileAnnotation(
        "vep", "G", (transcript,), ("stop_gained",), f"{transcript}:c.4C>T", "p.(Arg2Ter)"
    )
    found = with_file_annotation(replace(site(), hgvs_c=own), carried(entry))
    assert (found.hgvs_c, found.hgvs_p) == shown
    assert [(a.name, a.isoform) for a in found.aliases] == ([beside] if beside else [])
