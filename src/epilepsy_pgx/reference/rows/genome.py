"""Records of the tables about the genome, its transcripts and proteins, and their variants."""

from decimal import Decimal
from typing import ClassVar, Literal

from epilepsy_pgx.reference.rows.base import AtLeastOne, Index, TableRow
from epilepsy_pgx.vocabulary import Classification, Direction, GenomeBuild


class Contig(TableRow, frozen=True):
    """A chromosome of one build."""

    TABLE: ClassVar[str] = "contigs"
    chrom: str
    build: GenomeBuild
    length: int
    refseq: str
    source: str


class ContigName(TableRow, frozen=True):
    """A name, or a form of names, by which files call a contig."""

    TABLE: ClassVar[str] = "contig_names"
    name: str
    kind: Literal["chromosome", "other"]
    chrom: str | None
    build: GenomeBuild | None
    description: str
    source: str


class ContigLength(TableRow, frozen=True):
    """A contig length of another assembly, or a placeholder for one."""

    TABLE: ClassVar[str] = "contig_lengths"
    length: int
    chrom: str | None
    assembly: str | None
    description: str
    source: str


class CuratedTranscript(TableRow, frozen=True):
    """Exons and coding part of a transcript in one build."""

    TABLE: ClassVar[str] = "transcripts"
    gene: str
    transcript: str
    ensembl: str | None
    build: GenomeBuild
    chrom: str
    strand: Literal["+", "-"]
    exon_starts: AtLeastOne[int]
    exon_ends: AtLeastOne[int]
    cds_start: int
    cds_end: int
    source: str


class ShippedSequence(TableRow, frozen=True):
    """Where the bases of a gene that ship come from."""

    TABLE: ClassVar[str] = "sequences"
    gene: str
    build: GenomeBuild
    kind: Literal["coding_only", "copied", "typed"]
    source: str
    licence: str
    proofs: str
    coding_bases: int
    unknown: str | None
    verified: bool


class IsoformNumbering(TableRow, frozen=True):
    """Another isoform whose numbering is in use."""

    TABLE: ClassVar[str] = "isoforms"
    gene: str
    isoform: str
    residues: int
    first: int
    last: int | None
    shift: int
    source: str
    citations: tuple[str, ...]
    verified: bool


class ProteinFeature(TableRow, frozen=True):
    """An interval of a protein."""

    TABLE: ClassVar[str] = "protein_features"
    gene: str
    feature: str
    start: int
    end: int
    kind: str
    note: str | None
    source: str
    citations: tuple[str, ...]
    verified: bool


class AlignedProtein(TableRow, frozen=True):
    """An aligned protein of the sodium channel family."""

    TABLE: ClassVar[str] = "paralogue_alignment"
    gene: str
    residues: int
    aligned: str
    source: str
    citations: tuple[str, ...]
    verified: bool


class FunctionalEffect(TableRow, frozen=True):
    """A tested effect of a protein change."""

    TABLE: ClassVar[str] = "functional_evidence"
    gene: str
    protein_change: str
    residue: int
    entry: int
    direction: Direction
    method: str
    source: str
    citations: tuple[str, ...]
    verified: bool
    note: str | None


class ClassifiedVariant(TableRow, frozen=True):
    """A published or third-party class of a variant."""

    TABLE: ClassVar[str] = "classified_variants"
    variant: str
    gene: str
    chrom: str
    grch38_pos: int | None
    grch38_ref: str | None
    grch38_alt: str | None
    grch37_pos: int | None
    grch37_ref: str | None
    grch37_alt: str | None
    hgvs_c: str | None
    hgvs_p: str | None
    consequence: tuple[str, ...]
    classification: Classification
    source_class: str | None
    review_status: str | None
    review_stars: str | None
    source: str
    citations: tuple[str, ...]
    verified: bool

    def site(self, build: str) -> tuple[int, str] | None:
        """Return position (1-based) and REF in a build; None if it has no place there."""
        if build == GenomeBuild.GRCH38:
            pos, ref = self.grch38_pos, self.grch38_ref
        else:
            pos, ref = self.grch37_pos, self.grch37_ref
        return None if pos is None or ref is None else (pos, ref)

    def alt(self, build: str) -> str | None:
        """Return ALT in a build."""
        return self.grch38_alt if build == GenomeBuild.GRCH38 else self.grch37_alt

    def place(self, build: str) -> tuple[int, str, str] | None:
        """Return position (1-based), REF and ALT in a build; None if one of them is missing."""
        site, alt = self.site(build), self.alt(build)
        return None if site is None or alt is None else (*site, alt)


class VariantFrequency(TableRow, frozen=True):
    """How common a variant is in a population data set."""

    TABLE: ClassVar[str] = "frequencies"
    gene: str
    chrom: str
    grch38_pos: int
    grch38_ref: str
    grch38_alt: str
    grch37_pos: int
    grch37_ref: str
    grch37_alt: str
    frequency: Decimal
    max_frequency: Decimal | None
    max_population: str | None
    version: str
    dataset_date: str
    source: str
    citations: tuple[str, ...]
    verified: bool

    def place(self, build: str) -> tuple[int, str, str]:
        """Return position (1-based), REF and ALT in a build."""
        if build == GenomeBuild.GRCH38:
            return self.grch38_pos, self.grch38_ref, self.grch38_alt
        return self.grch37_pos, self.grch37_ref, self.grch37_alt


class CisMember(TableRow, frozen=True):
    """A variant of a set that is known to lie on one chromosome."""

    TABLE: ClassVar[str] = "cis_haplotypes"
    haplotype: str
    gene: str
    member: str
    hgvs_c: str | None
    hgvs_p: str | None
    grch38: str | None
    grch37: str | None
    source: str
    citations: tuple[str, ...]
    verified: bool

    def variant(self, build: str) -> str | None:
        """Return the variant in a build, as `chrom-pos-ref-alt`."""
        return self.grch38 if build == GenomeBuild.GRCH38 else self.grch37


class CuratedRegion(TableRow, frozen=True):
    """An interval of the genome that is read, or left out, to judge a sample."""

    TABLE: ClassVar[str] = "quality_regions"
    build: GenomeBuild
    chrom: str
    start: int
    end: int
    purpose: Literal["sex", "shared", "mismapped"]
    name: str
    source: str
    citations: tuple[str, ...]
    verified: bool


class QualityField(TableRow, frozen=True):
    """A field by which a producer states how good a genotype is."""

    TABLE: ClassVar[str] = "quality_fields"
    order: int
    gives: Literal["quality", "score", "array", "depth", "reads"]
    place: Literal["FORMAT", "INFO"]
    form: Literal[
        "bases",
        "block",
        "called",
        "doubt",
        "first_tiers",
        "fraction",
        "largest",
        "list",
        "local_list",
        "log10_list",
        "number",
        "number_or_phred",
        "phred",
        "phred_list",
        "probability",
        "probability_list",
        "ref_and_alts",
        "strands",
        "sum_of_lists",
        "sum_of_pairs",
        "total_and_alts",
    ]
    fields: AtLeastOne[str]
    beside: tuple[str, ...]
    described: str | None
    producer: str
    description: str
    source: str
    verified: bool


class QualityLimit(TableRow, frozen=True):
    """A limit of the quality checks."""

    TABLE: ClassVar[str] = "quality_limits"
    name: str
    value: Decimal
    unit: str
    description: str
    source: str
    citations: tuple[str, ...]
    verified: bool


FEATURES_BY_GENE = Index(ProteinFeature, lambda r: r.gene)
CIS_MEMBERS_BY_HAPLOTYPE = Index(CisMember, lambda r: (r.haplotype, r.gene))
