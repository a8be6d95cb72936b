from dataclasses import replace
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.calling.class_words import load_class_words
from epilepsy_pgx.calling.findings import (
    count_unjudged,
    find_haplotypes,
    find_zygosity,
    looks_mosaic,
    make_findings,
)
from epilepsy_pgx.genetics import PhaseSet
from epilepsy_pgx.model import ClassificationRecord, VariantFinding, VariantKey
from epilepsy_pgx.protein import ProteinChange
from epilepsy_pgx.reference.genome import CODONS
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.annotate import UNREAD, AnnotationStatus, Annotator, SiteAnnotation
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.vocabulary import (
    Classification,
    Direction,
    GenomeBuild,
    Sex,
    SiteStatus,
    Zygosity,
)
from tests.toy.genome import coding_places

KEY = VariantKey("2", 400, "A", "C")
X_KEY = VariantKey("X", 400, "A", "C")
OWN = ClassificationRecord(Classification.PATHOGENIC, "Lab", "2026-01-01", "laboratory file", True)
OTHER = ClassificationRecord(Classification.BENIGN, "Database", None, "classified_variants", False)


def seen(key: VariantKey = KEY, **changes: object) -> ObservedVariant:
    base = ObservedVariant(
        sample=0,
        key=key,
        copies=1,
        ploidy=2,
        phase_sets=(),
        haplotypes=(1,),
        depth=30,
        quality=99,
        ref_reads=15,
        alt_reads=15,
        status=SiteStatus.CALLED,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def note(terms: tuple[str, ...] = ("missense_variant",), **changes: object) -> SiteAnnotation:
    base = SiteAnnotation(
        "G",
        "NM_1.1",
        terms,
        "NM_1.1:c.1A>C",
        ProteinChange.read("p.(Ala2Val)"),
        False,
        Direction.NOT_DETERMINED,
        "direction-basis-untested",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def one(
    variant: ObservedVariant,
    annotation: SiteAnnotation,
    classes: tuple[ClassificationRecord, ...] = (),
    sex: Sex | None = None,
    as_of: str | None = None,
) -> VariantFinding:
    (finding,) = make_findings(
        [variant], {variant.key: (annotation,)}, {variant.key: classes}, sex, as_of=as_of
    )
    return finding


@pytest.mark.parametrize(
    ("variant", "sex", "expected"),
    [
        (seen(), None, Zygosity.HETEROZYGOUS),
        (seen(copies=2), None, Zygosity.HOMOZYGOUS),
        (seen(copies=2), Sex.MALE, Zygosity.HOMOZYGOUS),
        (seen(copies=1, ploidy=1), None, Zygosity.UNKNOWN),
        (seen(X_KEY), Sex.FEMALE, Zygosity.HETEROZYGOUS),
        (seen(X_KEY), Sex.MALE, Zygosity.HETEROZYGOUS),
        (seen(X_KEY, copies=2), Sex.MALE, Zygosity.HEMIZYGOUS),
        (seen(X_KEY, copies=2), Sex.FEMALE, Zygosity.HOMOZYGOUS),
        (seen(X_KEY, copies=2), None, Zygosity.UNKNOWN),
        (seen(X_KEY, copies=1, ploidy=1), Sex.MALE, Zygosity.HEMIZYGOUS),
        (seen(X_KEY, copies=1, ploidy=1), None, Zygosity.HEMIZYGOUS),
        (seen(X_KEY, copies=1, ploidy=1), Sex.FEMALE, Zygosity.UNKNOWN),
        (seen(status=SiteStatus.PARTIAL), None, Zygosity.UNKNOWN),
        (seen(copies=0), None, Zygosity.UNKNOWN),
        (
            seen(VariantKey("2", 1, "N", "<DEL:END=9>"), copies=0, copy_number=1),
            None,
            Zygosity.HETEROZYGOUS,
        ),
        (
            seen(VariantKey("2", 1, "N", "<DEL:END=9>"), copies=0, copy_number=0),
            None,
            Zygosity.HOMOZYGOUS,
        ),
        (
            seen(VariantKey("X", 1, "N", "<DEL:END=9>"), copies=0, copy_number=0),
            Sex.MALE,
            Zygosity.HEMIZYGOUS,
        ),
        (
            seen(VariantKey("2", 1, "N", "<DUP:END=9>"), copies=0, copy_number=4),
            None,
            Zygosity.UNKNOWN,
        ),
    ],
)
def test_zygosity(variant: ObservedVariant, sex: Sex | None, expected: Zygosity) -> None:
    assert find_zygosity(variant, sex) is expected


def test_male_heterozygous_on_x_is_named() -> None:
    assert "note-male-x-heterozygous" in one(seen(X_KEY), note(), sex=Sex.MALE).notes
    assert "note-male-x-heterozygous" not in one(seen(X_KEY), note(), sex=Sex.FEMALE).notes


@given(st.integers(0, 300), st.integers(0, 300))
def test_mosaic_is_the_exact_test(ref: int, alt: int) -> None:
    total = ref + alt
    tail = sum(comb(total, k) for k in range(alt + 1)) / 2**total if total else 1.0
    expected = total >= 20 and alt / total < 0.35 and tail < 0.001
    assert looks_mosaic(ref, alt) == expected


def test_mosaic_is_said_at_the_fewest_reads_themselves() -> None:
    assert looks_mosaic(18, 2)
    assert not looks_mosaic(17, 2)


def test_mosaic_needs_reads() -> None:
    assert "note-mosaic" in one(seen(ref_reads=82, alt_reads=18), note()).notes
    assert "note-mosaic" not in one(seen(ref_reads=18, alt_reads=16), note()).notes
    assert "note-mosaic" not in one(seen(ref_reads=9, alt_reads=1), note()).notes
    finding = one(seen(ref_reads=None, alt_reads=None), note())
    assert finding.allele_fraction is None
    assert "note-mosaic" not in finding.notes
    assert one(seen(ref_reads=75, alt_reads=25), note()).allele_fraction == 0.25
    homozygous = one(seen(copies=2, ref_reads=82, alt_reads=18), note())
    assert "note-mosaic" not in homozygous.notes


def test_phase_set() -> None:
    phased = seen(phase_sets=(PhaseSet("2", "77", 1),), haplotypes=(1,))
    assert one(phased, note()).phase_set == PhaseSet("2", "77", 1)
    assert one(seen(), note()).phase_set is None
    sets = PhaseSet("2", "77", 0), PhaseSet("2", "77", 1)
    both = seen(phase_sets=sets, haplotypes=(0, 1), copies=2)
    assert one(both, note()).phase_set is None


def test_own_class_comes_first_and_counts() -> None:
    finding = one(seen(), note(classifications=(OTHER,)), (OWN,))
    assert finding.classifications == (OWN, OTHER)
    assert finding.classification is Classification.PATHOGENIC
    assert "note-class-disagreement" in finding.notes
    assert "note-class-not-own" not in finding.notes


def test_class_of_info_is_not_the_laboratorys() -> None:
    finding = one(seen(info_class="Likely_pathogenic"), note())
    (record,) = finding.classifications
    assert record.classification is Classification.LIKELY_PATHOGENIC
    assert not record.act
    assert "note-class-not-own" in finding.notes


def test_words_that_are_no_class_give_none() -> None:
    for word in ("drug_response", "not_provided", "something new"):
        finding = one(seen(info_class=word), note())
        assert finding.classifications == ()
        assert "note-class-missing" in finding.notes


@pytest.mark.parametrize(
    ("as_of", "old"), [("2028-01-31", False), ("2028-02-01", True), (None, False)]
)
def test_old_class(as_of: str | None, old: bool) -> None:
    assert ("note-class-old" in one(seen(), note(), (OWN,), as_of=as_of).notes) is old


def test_undated_class() -> None:
    assert "note-class-undated" in one(seen(), note(), (replace(OWN, date=None),)).notes


@pytest.mark.parametrize(
    ("terms", "kept"),
    [
        (("synonymous_variant",), False),
        (("intron_variant",), False),
        (("3_prime_UTR_variant",), False),
        (("not_assessed",), False),
        (("splice_region_variant", "synonymous_variant"), True),
        (("missense_variant",), True),
        (("exon_loss_variant",), True),
    ],
)
def test_quiet_variants_need_a_class(terms: tuple[str, ...], kept: bool) -> None:
    annotations = {KEY: (note(terms),)}
    assert bool(make_findings([seen()], annotations, {})) is kept
    assert make_findings([seen()], annotations, {KEY: (OWN,)})


@pytest.mark.parametrize("status", list(AnnotationStatus))
def test_a_change_that_nobody_could_judge_is_counted_or_listed(status: AnnotationStatus) -> None:
    """It is never silent: a finding, or counted by gene, or listed where the caller wants it."""
    annotations = {KEY: (note(("coding_sequence_variant",), protein=None, status=status),)}
    words = load_class_words()
    found = make_findings([seen()], annotations, {})
    counted = count_unjudged([seen()], annotations, {}, words)
    assert bool(found) is not bool(counted)
    assert counted == ({"G": 1} if status in UNREAD else {})
    assert len(make_findings([seen()], annotations, {}, with_unjudged=True)) == 1
    # Whoever is classified is a finding.
    assert make_findings([seen()], annotations, {KEY: (OWN,)})
    assert not count_unjudged([seen()], annotations, {KEY: (OWN,)}, words)


def test_variant_without_annotation_is_no_finding() -> None:
    assert make_findings([seen()], {KEY: ()}, {}) == ()
    assert make_findings([seen()], {}, {}) == ()


def test_low_quality_is_kept_as_such() -> None:
    assert one(seen(status=SiteStatus.LOW_QUALITY), note()).status is SiteStatus.LOW_QUALITY


def test_wrong_reference_base_is_not_a_call() -> None:
    annotation = note(("not_assessed",), status="ref_mismatch", notes=("note-ref-mismatch",))
    for info_class in ("Pathogenic", None):
        finding = one(seen(info_class=info_class), annotation)
        assert finding.status is SiteStatus.REF_MISMATCH


def pair(genome: str) -> tuple[VariantKey, VariantKey]:
    """Return two changes of one codon that only together make a stop."""
    places = coding_places("FWD")
    for i in range(30, 110, 3):
        codon = "".join(genome[p] for p in places[i : i + 3])
        if codon[0] != "T" and codon[1] == "A" and codon[2] in "CT":
            return (
                VariantKey("2", places[i] + 1, codon[0], "T"),
                VariantKey("2", places[i + 2] + 1, codon[2], "A"),
            )
    raise AssertionError


@pytest.mark.parametrize("together", [True, False])
def test_haplotype_is_read_as_one(
    toy: Reference, toy_source: SequenceSource, genome: str, together: bool
) -> None:
    annotator = Annotator(toy, GenomeBuild.GRCH38, toy_source)
    keys = pair(genome)
    annotations = annotator.annotate(keys)
    variants = [
        seen(key, phase_sets=(PhaseSet("2", "1", side),), haplotypes=(side,))
        for key, side in zip(keys, (0, 0 if together else 1), strict=True)
    ]
    groups = find_haplotypes(variants, annotations)
    assert groups == ((("FWD", keys),) if together else ())
    joint = annotator.annotate_haplotypes(groups)
    findings = make_findings(variants, annotations, {}, haplotypes=joint)
    for finding in findings:
        assert finding.truncating is together
        assert ("note-haplotype" in finding.notes) is together
        assert (finding.direction is Direction.LOSS) is together
    # The joint effect of another sample's haplotype does not leak to a sample without it.
    everyone = annotator.annotate_haplotypes([("FWD", keys)])
    alone = make_findings(variants, annotations, {}, haplotypes=everyone)
    assert all(f.truncating is together for f in alone)


def test_a_pair_that_may_lie_together_only_adds(
    toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    """Where `|` is no phase, what neighbours break together counts, what they restore does not."""
    annotator = Annotator(toy, GenomeBuild.GRCH38, toy_source)
    lost = VariantKey("2", 380, genome[379:381], genome[379])
    gained = VariantKey("2", 384, genome[383], genome[383] + "C")
    for keys in (pair(genome), (lost, gained)):
        annotations = annotator.annotate(keys)
        variants = [seen(key, marked=True, haplotypes=(0,)) for key in keys]
        joint = annotator.annotate_haplotypes(find_haplotypes(variants, annotations))
        findings = make_findings(variants, annotations, {}, haplotypes=joint)
        assert [f.truncating for f in findings] == [True, True]
        assert {f.phase_set for f in findings} == {None}
        together = keys == pair(genome)
        assert all(("note-haplotype-possible" in f.notes) is together for f in findings)


def test_unphased_pair_is_not_joined(
    toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    annotator = Annotator(toy, GenomeBuild.GRCH38, toy_source)
    keys = pair(genome)
    annotations = annotator.annotate(keys)
    assert find_haplotypes([seen(k) for k in keys], annotations) == ()
    homozygous = [seen(k, copies=2, haplotypes=(0, 1)) for k in keys]
    assert find_haplotypes(homozygous, annotations) == (("FWD", keys),)


@pytest.mark.parametrize("phased", [True, False])
@pytest.mark.parametrize("single", [0, 1])
def test_beside_a_homozygous_variant_no_phase_is_needed(
    toy: Reference, toy_source: SequenceSource, genome: str, single: int, phased: bool
) -> None:
    """One copy carries both for certain; the other copy carries the homozygous one alone."""
    annotator = Annotator(toy, GenomeBuild.GRCH38, toy_source)
    keys = pair(genome)
    annotations = annotator.annotate(keys)
    sides = [((0, 1), 2), ((1,), 1)] if single else [((1,), 1), ((0, 1), 2)]
    variants = [
        seen(
            key,
            haplotypes=where,
            copies=copies,
            phase_sets=tuple(PhaseSet("2", "all", s) for s in where) if phased else (),
        )
        for key, (where, copies) in zip(keys, sides, strict=True)
    ]
    groups = find_haplotypes(variants, annotations)
    assert groups == (("FWD", keys),)
    joint = annotator.annotate_haplotypes(groups)
    findings = make_findings(variants, annotations, {}, haplotypes=joint)
    assert [f.truncating for f in findings] == [i == single for i in range(2)]
    assert [("note-haplotype" in f.notes) for f in findings] == [i == single for i in range(2)]


def silent_pair(genome: str) -> tuple[VariantKey, VariantKey]:
    """Return two changes of one codon that are silent each by itself."""
    places = coding_places("FWD")
    for i in range(6, len(places) - 6, 3):
        codon = "".join(genome[p] for p in places[i : i + 3])
        amino = CODONS[codon]
        for first, last in product("ACGT", repeat=2):
            alone = first + codon[1:], codon[:2] + last
            both = CODONS[first + codon[1] + last]
            silent = codon not in alone and {CODONS[c] for c in alone} == {amino}
            if silent and both not in (amino, "*") and places[i + 2] - places[i] == 2:
                return (
                    VariantKey("2", places[i] + 1, codon[0], first),
                    VariantKey("2", places[i + 2] + 1, codon[2], last),
                )
    raise AssertionError


@pytest.mark.parametrize("copies", [1, 2])
def test_a_pair_that_is_silent_one_by_one_is_a_finding(
    toy: Reference, toy_source: SequenceSource, genome: str, copies: int
) -> None:
    annotator = Annotator(toy, GenomeBuild.GRCH38, toy_source)
    keys = silent_pair(genome)
    annotations = annotator.annotate(keys)
    assert {a.consequences for k in keys for a in annotations[k]} == {("synonymous_variant",)}
    sides = (0, 1) if copies == 2 else (0,)
    sets = tuple(PhaseSet("2", "all", s) for s in sides)
    variants = [seen(k, copies=copies, haplotypes=sides, phase_sets=sets) for k in keys]
    joint = annotator.annotate_haplotypes(find_haplotypes(variants, annotations))
    (whole,) = joint.values()
    assert "missense_variant" in whole.consequences
    found = make_findings(variants, annotations, {}, haplotypes=joint)
    assert [f.key for f in found] == [*keys]
    assert all(whole.hgvs_p in {a.name for a in f.aliases} for f in found)
    # Alone, or on different copies, each is silent.
    for left in (variants[:1], [seen(k) for k in keys]):
        assert make_findings(left, annotations, {}, haplotypes=joint) == ()


def test_restored_frame_has_no_direction(
    toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    annotator = Annotator(toy, GenomeBuild.GRCH38, toy_source)
    lost = VariantKey("2", 380, genome[379:381], genome[379])
    gained = VariantKey("2", 384, genome[383], genome[383] + "C")
    annotations = annotator.annotate([lost, gained])
    copy = PhaseSet("2", "all", 0)
    variants = [seen(k, phase_sets=(copy,), haplotypes=(0,)) for k in (lost, gained)]
    groups = find_haplotypes(variants, annotations)
    assert groups == (("FWD", (lost, gained)),)
    findings = make_findings(
        variants, annotations, {}, haplotypes=annotator.annotate_haplotypes(groups)
    )
    assert [f.truncating for f in findings] == [False, False]
    assert {f.direction for f in findings} == {Direction.NOT_DETERMINED}
    assert {f.direction_basis for f in findings} == {"direction-basis-haplotype"}
