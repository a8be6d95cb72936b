"""Records of the tables about genes, named alleles, the sites that define them, and typings."""

from decimal import Decimal
from typing import ClassVar, Literal

from epilepsy_pgx.reference.rows.base import AtLeastOne, Index, TableRow
from epilepsy_pgx.vocabulary import CallMethod, GenomeBuild


class Gene(TableRow, frozen=True):
    """A gene that is read, and how."""

    TABLE: ClassVar[str] = "genes"
    gene: str
    hgnc_id: str | None
    role: str
    call_method: CallMethod
    phenotype_method: Literal["activity_score", "function_pair", "none"]
    chrom: str | None
    strand: Literal["+", "-"] | None
    grch38_start: int | None
    grch38_end: int | None
    grch37_start: int | None
    grch37_end: int | None
    transcript: str | None
    inheritance: str | None
    usual_allele: str | None
    limits: tuple[str, ...]
    source: str

    def bounds(self, build: str) -> tuple[int | None, int | None]:
        """Return first and last position (1-based) in a build, as far as they are given."""
        if build == GenomeBuild.GRCH38:
            return self.grch38_start, self.grch38_end
        return self.grch37_start, self.grch37_end

    def span(self, build: str) -> tuple[int, int] | None:
        """Return first and last position (1-based) in a build; None if they are not given."""
        first, last = self.bounds(build)
        return None if first is None or last is None else (first, last)


class OtherGene(TableRow, frozen=True):
    """A gene that result files name and no other table has."""

    TABLE: ClassVar[str] = "other_genes"
    gene: str
    source: str
    verified: bool


class CuratedSite(TableRow, frozen=True):
    """A curated position."""

    TABLE: ClassVar[str] = "sites"
    site: str
    gene: str
    use: Literal["allele", "variant"]
    rsid: str | None
    chrom: str
    grch38_pos: int
    grch38_ref: str
    grch37_pos: int
    grch37_ref: str
    default_allele: str
    kind: Literal["snv", "indel", "mnv"]
    flank_left: str | None
    flank_right: str | None
    name: str | None
    grch37_verified: bool
    note: str | None
    source: str

    def place(self, build: str) -> tuple[int, str]:
        """Return position (1-based) and REF in a build."""
        if build == GenomeBuild.GRCH38:
            return self.grch38_pos, self.grch38_ref
        return self.grch37_pos, self.grch37_ref


class SiteAllele(TableRow, frozen=True):
    """A base string that may stand at a curated position."""

    TABLE: ClassVar[str] = "site_alleles"
    site: str
    allele: str
    hgvs_g: str | None
    frequency: Decimal | None
    frequency_source: str | None


class Allele(TableRow, frozen=True):
    """A named allele of a gene."""

    TABLE: ClassVar[str] = "alleles"
    gene: str
    allele: str
    function: str | None
    activity_value: Decimal | None
    tier: Literal["core", "rare"]
    max_frequency: Decimal | None
    frequency_source: str | None
    amp_tier: Literal["1", "2"] | None
    usual: bool
    structural: bool
    structural_kind: str | None
    seen_by: str | None
    parent: str | None
    reported_as: str
    verified: bool
    source: str


class AlleleSite(TableRow, frozen=True):
    """A base that a named allele carries."""

    TABLE: ClassVar[str] = "allele_sites"
    gene: str
    allele: str
    site: str
    base: str
    requirement: Literal["required", "allowed"]


class PhenotypeRule(TableRow, frozen=True):
    """What two alleles make."""

    TABLE: ClassVar[str] = "phenotypes"
    gene: str
    method: Literal["function_pair", "activity_score"]
    function_1: str | None
    function_2: str | None
    activity_score: Decimal | None
    score_from: Decimal | None
    score_to: Decimal | None
    phenotype: str
    source: str
    verified: bool


class ReportableTier(TableRow, frozen=True):
    """An allele that a laboratory is recommended to test."""

    TABLE: ClassVar[str] = "reportable_tiers"
    gene: str
    allele: str
    tier: int
    source: str
    citations: tuple[str, ...]
    verified: bool


class HlaAllele(TableRow, frozen=True):
    """An HLA allele, a drug, and the reaction that goes with the two."""

    TABLE: ClassVar[str] = "hla_alleles"
    gene: str
    allele: str
    drug: str
    reaction: str
    clinpgx_level: str | None
    cpic_level: str | None
    population: str | None
    source: str
    citations: tuple[str, ...]
    verified: bool


class HlaTag(TableRow, frozen=True):
    """A variant said to mark an HLA allele."""

    TABLE: ClassVar[str] = "hla_tags"
    site: str
    gene: str
    tags_allele: str
    use: Literal["ask_for_typing", "not_used"]
    text_id: str
    source: str
    citations: tuple[str, ...]
    verified: bool


class KnownAnswer(TableRow, frozen=True):
    """A question whose answer is known, for the self-test."""

    TABLE: ClassVar[str] = "known_answers"
    answer: str
    build: GenomeBuild
    kind: Literal["diplotype", "variant"]
    gene: str
    given: str
    expected: str
    source: str
    citations: AtLeastOne[str]
    verified: bool


SITE_ALLELES_BY_SITE = Index(SiteAllele, lambda r: r.site)
ALLELES_BY_GENE = Index(Allele, lambda r: r.gene)
ALLELE_SITES_BY_GENE = Index(AlleleSite, lambda r: r.gene)
ALLELE_SITES_BY_ALLELE = Index(AlleleSite, lambda r: (r.gene, r.allele))
PHENOTYPES_BY_GENE = Index(PhenotypeRule, lambda r: r.gene)
