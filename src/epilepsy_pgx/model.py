"""The types that travel between the stages. All are frozen; missing is `None`, never a default.

Positions are 1-based, as in a VCF, unless a name says otherwise.
"""

from dataclasses import field
from decimal import Decimal

from epilepsy_pgx.authorisation import Authorisation, Content, Laboratory
from epilepsy_pgx.classes import CLINVAR_FILE as CLINVAR_FILE
from epilepsy_pgx.classes import ClassificationRecord as ClassificationRecord
from epilepsy_pgx.classes import settle_classes
from epilepsy_pgx.clinical_entry import ClinicalEntry as ClinicalEntry
from epilepsy_pgx.clinical_entry import DrugExposure as DrugExposure
from epilepsy_pgx.clinical_entry import FailedDrug as FailedDrug
from epilepsy_pgx.clinical_entry import PlannedDrug as PlannedDrug
from epilepsy_pgx.clinical_entry import Suggestion as Suggestion
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.genetics import (
    Diplotype,
    Phase,
    PhaseSet,
    PopulationFrequency,
    SiteGenotype,
    SymbolicAllele,
)
from epilepsy_pgx.protein import ProteinChange
from epilepsy_pgx.statement import AdjustedPhenotype as AdjustedPhenotype
from epilepsy_pgx.statement import Evidence, Factor, Message, NextTest, Statement
from epilepsy_pgx.vocabulary import (
    Basis,
    Check,
    CheckOutcome,
    Classification,
    Direction,
    Exposure,
    GeneStatus,
    Relation,
    ReportStatus,
    Response,
    SiteStatus,
    Tier,
    Zygosity,
)


@dataclass(frozen=True, slots=True, order=True)
class VariantKey:
    """One alternative allele of one build. `chrom` has no `chr` prefix."""

    chrom: str
    pos: int
    ref: str
    alt: str
    symbolic: SymbolicAllele | None = field(default=None, compare=False)
    """What ALT stands for where it is a symbol and not spelled bases; follows from ALT."""

    def __post_init__(self) -> None:
        """Read the symbol of a structural variant."""
        if self.symbolic is None:
            object.__setattr__(self, "symbolic", SymbolicAllele.read(self.alt))

    def __str__(self) -> str:
        return f"{self.chrom}-{self.pos}-{self.ref}-{self.alt}"


@dataclass(frozen=True, slots=True)
class SiteCall:
    """One curated position in one sample."""

    site: str
    """Key of the sites table (`rs…` or `chrom-pos-ref` of GRCh38)."""
    gene: str
    chrom: str
    pos: int
    """Position in the build of the input."""
    status: SiteStatus
    alleles: tuple[str, ...]
    """The bases seen, phased order where `phased`; `?` for a missing one, `other` for an
    allele that the tables do not know. Empty if nothing was seen."""
    phased: bool
    depth: int | None
    quality: int | None
    reason: str
    """Why the status is what it is; `.` if it needs no reason."""


@dataclass(frozen=True, slots=True)
class GeneResult:
    """What is known of one gene of one patient."""

    gene: str
    status: GeneStatus
    basis: Basis
    diplotypes: tuple[Diplotype, ...]
    """Candidate diplotypes; none are listed if there are more than 32."""
    candidate_count: int
    phenotypes: tuple[str, ...]
    """Distinct ones over the candidates, CPIC's words: none if the tables give none, one if all
    candidates agree."""
    activity_scores: tuple[Decimal, ...]
    """Distinct scores over the candidates, ascending; empty if the gene has none."""
    functions: tuple[tuple[str, str], ...] = ()
    """Distinct pairs of allele functions over the candidates."""
    not_excluded: tuple[str, ...] = ()
    missing_sites: tuple[str, ...] = ()
    undocumented: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    """Ids of the texts table."""
    sites: tuple[SiteCall, ...] = ()
    """The positions that drove the call: those that are not plainly reference."""
    sites_assessed: int = 0
    sites_total: int = 0
    alleles_present: tuple[str, ...] = ()
    """For HLA: the curated alleles found."""
    alleles_absent: tuple[str, ...] = ()
    """For HLA: the curated alleles shown to be absent."""
    lost_function: bool = False
    """True if a novel loss-of-function variant withdraws a normal phenotype."""
    unlisted: bool = False
    """True if there are more candidates than are listed."""
    genotypes: tuple[SiteGenotype, ...] = ()
    """For single-variant genes: what was seen at each site."""

    @property
    def shown(self) -> tuple[str, ...]:
        """The candidates as a table names them; `*` for more than are listed."""
        if self.unlisted:
            return ("*",)
        sites = ", ".join(map(str, self.genotypes))
        return tuple(map(str, self.diplotypes)) or ((sites,) if sites else ())

    @property
    def phenotype(self) -> str | None:
        """The phenotype if all candidates agree, else None."""
        return self.phenotypes[0] if len(self.phenotypes) == 1 else None

    @property
    def activity_score(self) -> Decimal | None:
        """The activity score if all candidates agree, else None."""
        return self.activity_scores[0] if len(self.activity_scores) == 1 else None


@dataclass(frozen=True, slots=True)
class FunctionalEvidence:
    """A published or curated effect of this variant, this residue, or an aligned residue."""

    relation: Relation
    gene: str
    protein_change: str
    direction: Direction
    method: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a variant."""

    name: str
    """HGVS of the coding sequence, of the protein, or of both with a blank between."""
    isoform: str = ""
    """The isoform that is numbered so, in the tables' words; empty for the finding's own."""


@dataclass(frozen=True, slots=True)
class VariantFinding:
    """A variant of one sample in a gene that is read for rare variants."""

    key: VariantKey
    """In the build of the input."""
    gene: str
    transcript: str
    consequences: tuple[str, ...]
    """Sequence Ontology terms, most severe first."""
    hgvs_c: str | None
    hgvs_p: str | None
    zygosity: Zygosity
    status: SiteStatus
    direction: Direction
    """From the consequence and the functional evidence alone; age at onset is not used here."""
    direction_basis: str
    """Id of the text that says where the direction comes from."""
    truncating: bool
    """Nonsense, frameshift, canonical splice, start loss, exon or gene deletion."""
    classifications: tuple[ClassificationRecord, ...]
    functional: tuple[FunctionalEvidence, ...] = ()
    features: tuple[str, ...] = ()
    """Protein features at the residue."""
    aliases: tuple[Alias, ...] = ()
    """Other names in use, such as the legacy isoform's."""
    curated_id: str | None = None
    allele_fraction: float | None = None
    phase_set: PhaseSet | None = None
    """The chromosome copy, where the input phases the call and one copy carries it."""
    depth: int | None = None
    quality: int | None = None
    notes: tuple[str, ...] = ()
    """Ids of the texts table."""
    frequencies: tuple[PopulationFrequency, ...] = ()
    """As far as the tables or the file know one; none says nothing of how rare it is."""

    @property
    def protein(self) -> ProteinChange | None:
        """The change of the protein, as its name says."""
        return None if self.hgvs_p is None else ProteinChange.read(self.hgvs_p)

    def phase_with(self, other: "VariantFinding") -> Phase:
        """Say how the input phases two variants; unknown unless it phases both in one set."""
        return Phase.UNKNOWN if self.phase_set is None else self.phase_set.compare(other.phase_set)

    @property
    def classification(self) -> Classification:
        """The laboratory's classes if there are any, else all others; in dispute the worst."""
        return settle_classes(self.classifications).classification

    @property
    def standing(self) -> tuple[ClassificationRecord, ...]:
        """The classes that count without those of `later`."""
        return settle_classes(self.classifications).standing

    @property
    def later(self) -> tuple[ClassificationRecord, ...]:
        """The classes of copies that say otherwise than what was there before them.

        Beside the laboratory's own class: those of copies of a later day, and those that are
        pathogenic where its own is open, of whatever day. Else: that of the copy of ClinVar that
        the user gave.
        """
        return settle_classes(self.classifications).later

    @property
    def disputed(self) -> bool:
        """True if a class stands against a later one of another side."""
        return settle_classes(self.classifications).disputed


READ_AT_LISTED = "coverage-known-variants"
"""Reason of a gene of which listed variants were read, and nothing else."""


@dataclass(frozen=True, slots=True)
class GeneCoverage:
    """How much of a gene that is read for rare variants could be assessed."""

    gene: str
    transcript: str
    status: GeneStatus
    reason: str
    """Id of the text that explains the status."""
    exons: tuple[tuple[int, int, int], ...] = ()
    """(coding exon number, coding bases, callable ones); none where no base of it is known."""
    known_total: int = 0
    """Curated pathogenic variants of the gene; counted only where its bases were not assessed."""
    known_absent: int = 0
    """Those of them that were read, and are not there."""

    @property
    def assessed(self) -> bool:
        """True if anything of the gene was read and counts."""
        return self.status not in (GeneStatus.NOT_ASSESSED, GeneStatus.NOT_REPORTABLE)

    @property
    def read_at_listed(self) -> bool:
        """True if enough of its listed variants were read to say more than nothing."""
        return self.reason == READ_AT_LISTED

    @property
    def fraction(self) -> float | None:
        """Callable part of the coding bases, or None if none of them is known."""
        total = sum(e[1] for e in self.exons)
        return sum(e[2] for e in self.exons) / total if total else None


@dataclass(frozen=True, slots=True)
class DrugPrediction:
    """Everything to be said about one drug for one patient."""

    drug: str
    drug_class: str
    response: Response
    tier: Tier
    exposure: Exposure
    statements: tuple[Statement, ...]
    """Most cautious first."""
    deciding: tuple[tuple[str, GeneStatus], ...] = ()
    """Genes whose result decides about this drug, and how far each was assessed."""
    not_assessed: tuple[str, ...] = ()
    """Deciding genes that were not assessed in full."""
    safety_notes: tuple[Statement, ...] = ()
    """Label and regulatory facts that hold whatever the genotype."""


@dataclass(frozen=True, slots=True)
class ContextSection:
    """A block of clinical-context statements under one heading."""

    heading_id: str
    statements: tuple[Statement, ...]
    heading: str = field(default="", compare=False)
    """The rendered wording, in JSON only; no page is made from it."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What the response stage says about a patient."""

    drugs: tuple[DrugPrediction, ...]
    urgent: tuple[Statement, ...]
    context: tuple[ContextSection, ...]
    not_considered: tuple[Message, ...]
    """Words of the medication list that no table knows, and pairs of drugs that nobody read."""
    interactions: tuple[Statement, ...] = ()
    adjusted_phenotypes: tuple[AdjustedPhenotype, ...] = ()
    monogenic: tuple[Statement, ...] = ()
    next_tests: tuple[NextTest, ...] = ()
    factors: tuple[Factor, ...] = ()
    exposure: tuple[Statement, ...] = ()
    """What sources measured of the drugs in carriers of the patient's genotypes."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that a report rests on."""

    role: str
    name: str
    """Base name: paths of a machine are nobody's business."""
    digest: str
    """`sha256:…`"""
    size: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a report."""

    software: str
    software_version: str
    reference_version: str
    reference_digest: str
    inputs: tuple[InputFile, ...]
    build: str
    callability: Message
    """Where a position without a record counts as reference: measured, declared, or nowhere."""
    created: str
    """ISO date or time, passed in."""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Patient:
    """Who the report is about. Shown, never logged."""

    sample_id: str
    vcf_sample: str
    name: str | None = None
    birth_date: str | None = None
    record_number: str | None = None
    accession: str | None = None
    specimen: str | None = None
    collected: str | None = None
    received: str | None = None
    requester: str | None = None
    genetic_sex: str | None = None


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One question put to a sample before its results count."""

    check: Check
    """The text is `quality-check-` and it."""
    outcome: CheckOutcome
    found: Message
    """What was found."""
    measured: tuple[tuple[str, str], ...] = ()
    """(name of the measure, value as text)."""
    limits: tuple[tuple[str, str], ...] = ()
    """(row of the quality_limits table, value as text)."""


@dataclass(frozen=True, slots=True)
class GeneQuality:
    """How well one gene could be read in one sample.

    Depth is in reads, quality is the Phred-scaled genotype quality; None where the file gives
    none. `minimum` and `median` are over the curated positions that have a genotype.
    """

    gene: str
    positions: int
    """Curated positions."""
    usable: int
    """Of them, those with a genotype that counts."""
    below_threshold: int
    """Of them, those that the file covers without a genotype that counts."""
    depth_minimum: int | None
    depth_median: int | None
    quality_minimum: int | None
    quality_median: int | None
    tier1_tested: int = 0
    """Alleles of the minimum set of the recommendations that could be shown or excluded."""
    tier1_not_tested: tuple[str, ...] = ()
    """Alleles of the minimum set that this input can neither show nor exclude."""
    tier2_tested: int = 0
    tier2_not_tested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleQuality:
    """The quality of one sample: checks that decide whether a report may go out, and figures."""

    checks: tuple[QualityCheck, ...]
    genes: tuple[GeneQuality, ...]
    caller: tuple[tuple[str, str], ...] = ()
    """Caller and reference as the header of the VCF names them."""


@dataclass(frozen=True, slots=True)
class PatientReport:
    """All that any rendering may show. A rendering adds nothing."""

    schema_version: str
    report_id: str
    language: str
    patient: Patient
    clinical: ClinicalEntry
    status: ReportStatus
    not_reportable: tuple[Message, ...]
    genes: tuple[GeneResult, ...]
    findings: tuple[VariantFinding, ...]
    coverage: tuple[GeneCoverage, ...]
    interpretation: Interpretation
    limits: tuple[Message, ...]
    """What this report cannot see."""
    provenance: Provenance
    warnings: tuple[Message, ...] = ()
    texts: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """Words of ids that stand alone (caveats, notes, reasons), in JSON only."""
    citations: tuple[tuple[str, str, str], ...] = ()
    """(key, formatted reference, link or `.`) for every citation in the report."""
    quality: SampleQuality | None = None
    """None in reports that were made before it was measured."""
    authorisation: Authorisation | None = None
    content: Content | None = field(default=None, compare=False)
    laboratory: Laboratory | None = None
    contacts: tuple[Message, ...] = ()
    """Whom to call about what is urgent, if the hospital's overlay says so."""
