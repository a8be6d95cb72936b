"""Turn the rare variants of one sample into findings."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import comb

from epilepsy_pgx.calling.class_words import ClassWords, ReadClass, load_class_words, read_class
from epilepsy_pgx.calling.file_annotations import with_file_annotation
from epilepsy_pgx.calling.open_reading import FRAME_REACH, Copy, copies_of, with_open_readings
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import Alias, ClassificationRecord, VariantFinding, VariantKey
from epilepsy_pgx.variants.annotate import (
    BASIS_OF_WHOLE_SITE,
    HOLDS_LISTED,
    JOINT_NOTE,
    JOINT_POSSIBLE,
    MAY_BE_LISTED,
    UNJUDGED,
    UNREAD,
    AnnotationStatus,
    HaplotypeKey,
    SiteAnnotation,
)
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.vocabulary import Classification, Direction, Sex, SiteStatus, Zygosity

MOSAIC_FRACTION = 0.35
"""A heterozygous call below this part of the reads may be a mosaic one."""
MOSAIC_PROBABILITY = 0.001
"""It is named so if a fair coin would give as few reads with less than this probability."""
MOSAIC_READS = 20
"""Fewest reads at which anything is said."""
CLASS_AGE_MONTHS = 24
"""A class older than this is said to be old."""

_QUIET = frozenset(
    {
        "synonymous_variant",
        "5_prime_UTR_variant",
        "3_prime_UTR_variant",
        "intron_variant",
        "stop_retained_variant",
        "start_retained_variant",
        "not_assessed",
    }
)
_NEVER_QUIET = frozenset({*BASIS_OF_WHOLE_SITE, MAY_BE_LISTED, HOLDS_LISTED, JOINT_POSSIBLE})
"""Notes of variants that are findings whatever is known of their effect."""
_SIDES = {
    Classification.PATHOGENIC: "pathogenic",
    Classification.LIKELY_PATHOGENIC: "pathogenic",
    Classification.BENIGN: "benign",
    Classification.LIKELY_BENIGN: "benign",
    Classification.UNCERTAIN: "open",
    Classification.CONFLICTING: "open",
}


def make_findings(
    observed: Sequence[ObservedVariant],
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
    laboratory: Mapping[VariantKey, tuple[ClassificationRecord, ...]],
    sex: Sex | None = None,
    *,
    haplotypes: Mapping[HaplotypeKey, SiteAnnotation] | None = None,
    as_of: str | None = None,
    words: ClassWords | None = None,
    with_unjudged: bool = False,
) -> tuple[VariantFinding, ...]:
    """Return the findings of one sample, in genome order.

    A variant that changes neither protein nor splice region, or whose effect is unknown because
    its gene has no sequence, becomes a finding only if somebody classified it. One that leaves a
    site whole in one spelling of its sequence and not in another is always a finding, and so is
    one that may be or hold a listed pathogenic variant, and one that changes the protein together
    with its neighbours.

    Parameters
    ----------
    observed
        Variants of one sample.
    annotations
        From `annotate_sites`.
    laboratory
        The laboratory's classes for this sample.
    sex
        As entered; decides between homozygous and hemizygous on the X chromosome.
    haplotypes
        Joint effects of variants on one chromosome copy, for `find_haplotypes`' groups.
    as_of
        ISO date of the report; a class more than two years older is said to be old.
    words
        The words in which classes come; those of the software if not given.
    with_unjudged
        Whether coding changes count of which nothing is known for want of bases, too.
    """
    words = words or load_class_words()
    joint = _joint_effects(observed, haplotypes or {})
    left_open = with_open_readings(observed, annotations)
    findings = []
    for variant in sorted(observed, key=lambda v: v.key):
        stated = read_info_class(variant, words)
        for site in left_open.get(variant.key) or annotations.get(variant.key, ()):
            annotation = with_file_annotation(site, variant)
            records = _records(variant, annotation, laboratory, stated)
            effect = _effect_on(variant, joint.get((annotation.gene, variant.key)))
            listed = with_unjudged and UNJUDGED in annotation.consequences
            together = effect is not None and _is_new(effect, observed, annotations)
            if _is_passed_over(annotation, records) and not (listed or together):
                continue
            found = _finding(variant, annotation, records, effect, sex, as_of)
            if stated is not None and stated.unknown:
                found = replace(found, notes=(*found.notes, "note-class-unread"))
            findings.append(found)
    return tuple(findings)


def _is_new(
    joint: SiteAnnotation,
    observed: Iterable[ObservedVariant],
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
) -> bool:
    """Say whether neighbours change together what none of a sample's variants changes alone."""
    alone = {a.hgvs_p for v in observed for a in annotations.get(v.key, ()) if a.gene == joint.gene}
    return not set(joint.consequences) <= _QUIET and joint.hgvs_p not in alone


def _is_passed_over(annotation: SiteAnnotation, records: Sequence[ClassificationRecord]) -> bool:
    """Say whether a variant is no finding: nothing is known of it, or nothing happens by it."""
    terms = set(annotation.consequences)
    if annotation.status in UNREAD:
        terms -= {UNJUDGED}
    quiet = terms <= _QUIET and not annotation.functional
    quiet = quiet and not _NEVER_QUIET & set(annotation.notes)
    return quiet and not records and annotation.status != AnnotationStatus.REF_MISMATCH


def count_unjudged(
    observed: Iterable[ObservedVariant],
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
    laboratory: Mapping[VariantKey, tuple[ClassificationRecord, ...]],
    words: ClassWords,
) -> Counter[str]:
    """Count by gene the coding changes that are no finding because nobody knows their bases."""
    counts: Counter[str] = Counter()
    for variant in observed:
        for site in annotations.get(variant.key, ()):
            if UNJUDGED in site.consequences:
                annotation = with_file_annotation(site, variant)
                records = _records(variant, annotation, laboratory, read_info_class(variant, words))
                still = UNJUDGED in annotation.consequences
                counts[site.gene] += still and _is_passed_over(annotation, records)
    return +counts


def read_info_class(variant: ObservedVariant, words: ClassWords) -> ReadClass | None:
    """Read the class of INFO; None if there is none. One of no known allele is not a class."""
    if not variant.info_class:
        return None
    if not variant.info_fits:
        return ReadClass(Classification.NOT_CLASSIFIED, (variant.info_class,))
    return read_class(variant.info_class, words, variant.info_coding)


def unread_classes(
    observed: Iterable[ObservedVariant],
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
    words: ClassWords,
) -> tuple[tuple[ObservedVariant, tuple[str, ...]], ...]:
    """Return the variants in genes that are read whose class in INFO was not read in full.

    Each with the words that are not known: all of the class if it belongs to no known allele.
    """
    found = []
    for variant in sorted(observed, key=lambda v: v.key):
        stated = read_info_class(variant, words)
        if stated is not None and stated.unknown and annotations.get(variant.key):
            found.append((variant, stated.unknown))
    return tuple(found)


def find_haplotypes(
    observed: Iterable[ObservedVariant],
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
) -> tuple[HaplotypeKey, ...]:
    """Return the groups of variants of one sample whose effects must be read together.

    Two or more coding variants of a gene on one chromosome copy, of which two touch the same or
    neighbouring residues, or one shifts the reading frame.
    """
    copies: dict[tuple[str, Copy], list[tuple[VariantKey, SiteAnnotation]]] = {}
    for variant in observed:
        if variant.status is not SiteStatus.CALLED:
            continue
        for place in copies_of(variant):
            for annotation in annotations.get(variant.key, ()):
                read = annotation.status == AnnotationStatus.ASSESSED
                if read and annotation.protein is not None:
                    copies.setdefault((annotation.gene, place), []).append(
                        (variant.key, annotation)
                    )
    groups: set[HaplotypeKey] = set()
    for (gene, place), members in copies.items():
        # What lies on every copy lies beside what one copy carries, whatever the phase.
        everywhere = copies.get((gene, None), []) if place is not None else []
        for chain in _chains(sorted((*members, *everywhere), key=lambda m: m[0])):
            if len(chain) > 1:
                groups.add((gene, tuple(chain)))
    return tuple(sorted(groups))


def _chains(members: list[tuple[VariantKey, SiteAnnotation]]) -> list[list[VariantKey]]:
    """Join neighbours: within two bases, or anything near a shifted frame."""
    chains: list[list[VariantKey]] = []
    last_end, shifted = -(10**9), False
    for key, _annotation in members:
        shift = (len(key.alt) - len(key.ref)) % 3 != 0
        # A second shift may restore the frame within 100 codons; else within one codon.
        reach = FRAME_REACH if shift and shifted else 3
        if chains and key.pos - last_end < reach:
            chains[-1].append(key)
            shifted = shifted or shift
        else:
            chains.append([key])
            shifted = shift
        last_end = key.pos + len(key.ref) - 1
    return chains


def _joint_effects(
    observed: Sequence[ObservedVariant], haplotypes: Mapping[HaplotypeKey, SiteAnnotation]
) -> dict[tuple[str, VariantKey], SiteAnnotation]:
    together: dict[Copy, set[VariantKey]] = {}
    for variant in observed:
        for place in copies_of(variant):
            together.setdefault(place, set()).add(variant.key)
    everywhere = together.setdefault(None, set())
    found = {}
    for (gene, keys), annotation in haplotypes.items():
        if any(set(keys) <= group | everywhere for group in together.values()):
            # What one copy does with a variant on both says nothing of the other copy.
            single = [k for k in keys if k not in everywhere]
            found.update({(gene, key): annotation for key in single or keys})
    return found


def _effect_on(variant: ObservedVariant, joint: SiteAnnotation | None) -> SiteAnnotation | None:
    """Return the joint effect on a variant as far as its phase is proved."""
    if not variant.marked or joint is None:
        return joint
    # Without proof of phase a joint effect adds to what is lost, and restores nothing.
    return _perhaps(joint) if joint.truncating else None


def _perhaps(joint: SiteAnnotation) -> SiteAnnotation:
    notes = ["note-haplotype-possible" if n == JOINT_NOTE else n for n in joint.notes]
    return replace(joint, notes=tuple(notes))


def _records(
    variant: ObservedVariant,
    annotation: SiteAnnotation,
    laboratory: Mapping[VariantKey, tuple[ClassificationRecord, ...]],
    stated: ReadClass | None,
) -> tuple[ClassificationRecord, ...]:
    records = list(laboratory.get(variant.key, ()))
    word = Classification.NOT_CLASSIFIED if stated is None else stated.classification
    if word is not Classification.NOT_CLASSIFIED:
        # A class in INFO has neither date nor submitter: it informs and never acts.
        records.append(ClassificationRecord(word, "VCF INFO", None, "VCF INFO", act=False))
    return (*records, *annotation.classifications)


def _finding(
    variant: ObservedVariant,
    annotation: SiteAnnotation,
    records: tuple[ClassificationRecord, ...],
    joint: SiteAnnotation | None,
    sex: Sex | None,
    as_of: str | None,
) -> VariantFinding:
    zygosity = find_zygosity(variant, sex)
    notes = list(annotation.notes)
    truncating, direction, basis = (
        annotation.truncating,
        annotation.direction,
        annotation.direction_basis,
    )
    aliases = annotation.aliases
    if joint is not None:
        notes += [n for n in joint.notes if n not in notes]
        aliases = (*aliases, *(Alias(n) for n in (joint.hgvs_c, joint.hgvs_p) if n))
        if joint.truncating != truncating or not truncating:
            truncating, direction, basis = joint.truncating, joint.direction, joint.direction_basis
        if annotation.truncating and not joint.truncating:
            direction, basis = Direction.NOT_DETERMINED, "direction-basis-haplotype"
    reads = _reads(variant)
    if zygosity is Zygosity.HETEROZYGOUS and reads and looks_mosaic(*reads):
        notes.append("note-mosaic")
    if zygosity is Zygosity.HETEROZYGOUS and variant.key.chrom == "X" and sex is Sex.MALE:
        notes.append("note-male-x-heterozygous")
    notes += class_notes(records, as_of)
    return VariantFinding(
        key=variant.key,
        gene=annotation.gene,
        transcript=annotation.transcript,
        consequences=annotation.consequences,
        hgvs_c=annotation.hgvs_c,
        hgvs_p=annotation.hgvs_p,
        zygosity=zygosity,
        status=(
            SiteStatus.REF_MISMATCH
            if annotation.status == AnnotationStatus.REF_MISMATCH
            else variant.status
        ),
        direction=direction,
        direction_basis=basis,
        truncating=truncating,
        classifications=records,
        functional=annotation.functional,
        features=annotation.features,
        aliases=aliases,
        curated_id=annotation.curated_id,
        allele_fraction=reads[1] / sum(reads) if reads else None,
        phase_set=variant.phase_sets[0] if len(variant.phase_sets) == 1 else None,
        depth=variant.depth,
        quality=variant.quality,
        notes=tuple(notes),
    )


def find_zygosity(variant: ObservedVariant, sex: Sex | None) -> Zygosity:
    """Return the zygosity of a variant; on the X chromosome it depends on the sex as entered.

    A haploid call outside the X chromosome, a half-missing genotype, and a copy number that does
    not settle it are `unknown`.
    """
    on_x = variant.key.chrom == "X"
    if variant.copy_number is not None and variant.key.symbolic is not None:
        return _structural_zygosity(variant, sex)
    if variant.status is SiteStatus.PARTIAL or variant.copies < 1:
        return Zygosity.UNKNOWN
    if variant.ploidy == 1:
        return Zygosity.HEMIZYGOUS if on_x and sex is not Sex.FEMALE else Zygosity.UNKNOWN
    if variant.copies < variant.ploidy:
        return Zygosity.HETEROZYGOUS
    # Many callers write the one X allele of a male as 1/1.
    if on_x and sex is Sex.MALE:
        return Zygosity.HEMIZYGOUS
    return Zygosity.UNKNOWN if on_x and sex is None else Zygosity.HOMOZYGOUS


def _structural_zygosity(variant: ObservedVariant, sex: Sex | None) -> Zygosity:
    if variant.key.chrom == "X" and sex is Sex.MALE:
        return Zygosity.HEMIZYGOUS
    if variant.copy_number == 0:
        return Zygosity.UNKNOWN if variant.key.chrom == "X" and sex is None else Zygosity.HOMOZYGOUS
    if variant.copy_number in (1, 3):
        return Zygosity.HETEROZYGOUS
    return Zygosity.UNKNOWN


def _reads(variant: ObservedVariant) -> tuple[int, int] | None:
    if variant.ref_reads is None or variant.alt_reads is None:
        return None
    pair = variant.ref_reads, variant.alt_reads
    return pair if sum(pair) > 0 else None


def looks_mosaic(ref_reads: int, alt_reads: int) -> bool:
    """Say whether a heterozygous call has fewer alternative reads than chance explains.

    One-sided exact binomial test against one half, at a fraction below 0.35 and with at least
    20 reads.

    Examples
    --------
    >>> looks_mosaic(ref_reads=45, alt_reads=15)
    True
    >>> looks_mosaic(ref_reads=11, alt_reads=7)
    False
    """
    total = ref_reads + alt_reads
    if total < MOSAIC_READS or alt_reads >= MOSAIC_FRACTION * total:
        return False
    # Exact integers, so that rounding decides nothing.
    tail: int = sum(comb(total, k) for k in range(alt_reads + 1))
    return tail < MOSAIC_PROBABILITY * 2.0**total


def class_notes(records: Sequence[ClassificationRecord], as_of: str | None) -> list[str]:
    """Return the text ids of what is to be said of a variant's classes."""
    if not records:
        return ["note-class-missing"]
    notes = []
    if not any(r.act for r in records):
        notes.append("note-class-not-own")
    if len({_SIDES.get(r.classification, "open") for r in records}) > 1:
        notes.append("note-class-disagreement")
    own = [r for r in records if r.act]
    if any(r.date is None for r in own):
        notes.append("note-class-undated")
    if as_of is not None and any(
        r.date is not None and _months(as_of) - _months(r.date) > CLASS_AGE_MONTHS for r in own
    ):
        notes.append("note-class-old")
    return notes


def _months(date: str) -> int:
    return int(date[:4]) * 12 + int(date[5:7])
