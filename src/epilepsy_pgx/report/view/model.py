"""What a page of a report holds.

Each `str` here is printed, by every page, as it stands. What is not: a `Target`, which is an
address; a `Hint`, which helps on a screen only; and the words of `vocabulary`, which choose a
colour. Empty strings and tuples print nothing.
"""

from dataclasses import dataclass

from epilepsy_pgx.vocabulary import ReportStatus, Response


class Target(str):
    """Id of an element, or an address outside of the report."""

    __slots__ = ()


class Hint(str):
    """Words of a link or for a screen reader, which paper has no use for."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to a target."""

    text: str
    target: Target


@dataclass(frozen=True, slots=True)
class Named:
    """Words to which links lead."""

    text: str
    target: Target = Target("")
    """Empty if nothing leads here."""


@dataclass(frozen=True, slots=True)
class Field:
    """A label and what stands behind it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so."""

    text: str
    unverified: str
    """The mark of a source that was not looked up; else empty."""
    cites: tuple[Link, ...]
    """Numbers of the citations."""
    rows: str = ""
    """The table's rows that quote it, where a chain of evidence is told."""


@dataclass(frozen=True, slots=True)
class Said:
    """A statement as it is told in one place."""

    text: str
    tags: tuple[str, ...] = ()
    """Condition and origin, where the words do not tell them."""
    resolve: str = ""
    """What would settle it."""
    number: Link | None = None
    """Its chain of evidence."""
    sources: tuple[Source, ...] = ()
    """Given instead of a number."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a drug."""

    response: Response
    mark: str
    """A sign beside the words, so that colour carries no meaning alone."""
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    """The laboratory's letterhead."""

    name: str
    address: str
    accreditation: str
    alt: Hint
    """What stands for the logo where it is not seen."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the report is about."""

    heading: Hint
    fields: tuple[Field, ...]
    running: tuple[str, ...]
    """The same in short, for every page of paper."""
    short: tuple[str, ...]
    """Sample and report alone."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A heading and paragraphs."""

    heading: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UrgentLine:
    """An urgent statement."""

    said: Said
    why: Link | None
    """The drug it is about, in the drug table."""


@dataclass(frozen=True, slots=True)
class Urgent:
    """The box above all else."""

    heading: str
    mark: str
    lines: tuple[UrgentLine, ...]
    read_back: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of page one about one drug or several."""

    verdict: Verdict
    drugs: str
    exposures: tuple[str, ...]
    """Dose, level and start of each."""
    see_urgent: str
    said: tuple[Said, ...]
    missing: str
    """Deciding genes that were not assessed in full."""
    why: Link | None
    quiet: bool
    """True if the verdict is all there is to tell."""


@dataclass(frozen=True, slots=True)
class Current:
    """The drugs that the patient takes."""

    heading: str
    note: str
    """That no list was given, or that nothing is taken."""
    entries: tuple[Entry, ...]
    not_considered: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Gates:
    """Genes to be read before a drug is started."""

    mark: str
    heading: str
    rows: tuple[Field, ...]
    """Genes, and the drugs that they decide about."""


@dataclass(frozen=True, slots=True)
class Starting:
    """What to know before another drug is started."""

    heading: str
    nothing: str
    entries: tuple[Entry, ...]
    gates: Gates | None


@dataclass(frozen=True, slots=True)
class ClassRecord:
    """Somebody's class of a variant."""

    text: str
    who: str
    """Who says so, and when."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A variant on page one."""

    gene: str
    names: tuple[str, ...]
    zygosity: str
    classification: str
    classes: tuple[ClassRecord, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Monogenic:
    """The rare variants on page one."""

    heading: str
    findings: tuple[Finding, ...]
    nothing: str
    more: str
    said: tuple[Said, ...]
    why: Link
    read: str
    unread: str


@dataclass(frozen=True, slots=True)
class ShortLimits:
    """The limits on page one, and the warnings of the input."""

    heading: str
    text: str
    mark: str
    warnings: tuple[str, ...]
    all_limits: Hint


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign, or who authorised a final report."""

    lines: tuple[str, ...]
    given: tuple[Field, ...]
    amended: str


@dataclass(frozen=True, slots=True)
class PageOne:
    """Page one, from its top to its foot."""

    urgent: Urgent | None
    current: Current
    starting: Starting
    monogenic: Monogenic
    context: Notice | None
    limits: ShortLimits
    signatures: Signatures


@dataclass(frozen=True, slots=True)
class GeneLine:
    """The result of a deciding gene in the drug table."""

    gene: Link
    result: str


@dataclass(frozen=True, slots=True)
class DrugPart:
    """What is said of all drugs of a row, or of some of them."""

    names: str
    """Empty for all of the row."""
    said: tuple[Said, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class DrugRow:
    """Drugs of one verdict."""

    names: tuple[Named, ...]
    verdict: Verdict
    parts: tuple[DrugPart, ...]
    genes: tuple[GeneLine, ...]


@dataclass(frozen=True, slots=True)
class DrugClass:
    """The drugs of one class about which something is said."""

    name: str
    rows: tuple[DrugRow, ...]


@dataclass(frozen=True, slots=True)
class QuietClass:
    """The drugs of one class of which no rule speaks."""

    name: str
    names: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Drugs:
    """The drug table."""

    heading: str
    columns: tuple[str, ...]
    classes: tuple[DrugClass, ...]
    quiet_heading: str
    quiet_verdict: Verdict
    quiet: tuple[QuietClass, ...]


@dataclass(frozen=True, slots=True)
class FactRow:
    """What a label says of some drugs."""

    drugs: str
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """The label facts."""

    heading: str
    rows: tuple[FactRow, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and statements."""

    heading: str
    origin: str
    """Where all of them come from."""
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Interactions:
    """What the drugs of the patient do to each other and to enzymes."""

    heading: str
    adjusted: tuple[Field, ...]
    """Gene, and what becomes of its result."""
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class SiteList:
    """The positions that drove a call."""

    label: str
    count: Hint
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GeneRow:
    """A gene in a table."""

    gene: Named
    result: str
    undocumented: str
    sites: SiteList | None
    phenotype: str
    scores: str
    status: str
    read: str
    """Positions assessed of all."""
    open_label: str
    not_excluded: str
    caveats_label: str
    caveats: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class GeneTable:
    """Genes of one kind."""

    caption: str
    rows: tuple[GeneRow, ...]


@dataclass(frozen=True, slots=True)
class PlainGene:
    """A gene of which a genotype is all there is to say."""

    gene: Named
    result: str
    read: str
    """Positions assessed of all, if not all."""


@dataclass(frozen=True, slots=True)
class Genes:
    """All pharmacogenes."""

    heading: str
    columns: tuple[str, ...]
    tables: tuple[GeneTable, ...]
    plain_label: str
    plain: tuple[PlainGene, ...]
    not_assessed_label: str
    not_assessed: tuple[Named, ...]
    caveats_label: str
    caveats: tuple[Named, ...]
    """In the order of their numbers."""


@dataclass(frozen=True, slots=True)
class Functional:
    """A functional result of a variant or of its like."""

    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A variant in the table."""

    gene: Named
    names: tuple[str, ...]
    """Place, names of the coding sequence and of the protein (which may be empty), others."""
    consequences: str
    features: tuple[str, ...]
    classification: str
    classes: tuple[ClassRecord, ...]
    direction: str
    basis: str
    functional_label: str
    functional_count: Hint
    functional: tuple[Functional, ...]


@dataclass(frozen=True, slots=True)
class ExonRow:
    """How far the exons of a gene were read."""

    gene: str
    exons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variants:
    """The genes that are read for rare variants."""

    heading: str
    said: tuple[Said, ...]
    columns: tuple[str, ...]
    rows: tuple[VariantRow, ...]
    nothing: str
    exons_label: str
    exons: tuple[ExonRow, ...]
    unread: tuple[Field, ...]
    """Why genes were not read, and which."""


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """A question put to the sample."""

    name: str
    outcome: str
    found: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Alleles of a recommended set that the input can neither show nor exclude."""

    name: str
    alleles: str


@dataclass(frozen=True, slots=True)
class QualityGene:
    """How well a gene could be read."""

    gene: str
    read: str
    depth: str
    quality: str
    tiers: tuple[Tier, ...]
    not_tested: str
    """The same as a sentence."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of the sample."""

    heading: str
    checks: tuple[QualityCheck, ...]
    genes_label: str
    columns: tuple[str, ...]
    genes: tuple[QualityGene, ...]
    caller_label: str
    caller: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A reason, and the result it is about."""

    name: str
    target: Target
    """Empty if the result stands nowhere; then the name is empty too."""
    rest: str


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of evidence."""

    number: Named
    same_as: Link | None
    """An earlier chain with the same facts."""
    facts: tuple[Fact, ...]
    """Empty if they stand in an earlier chain."""
    sources: tuple[Source, ...]
    leads: bool
    """True if facts, here or in the earlier chain, lead to the sources."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The chains of evidence."""

    heading: str
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """What the report was made with."""

    label: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Methods:
    """Methods, limits and versions."""

    heading: str
    limits: tuple[str, ...]
    caption: str
    versions: tuple[Version, ...]
    """Of the software and its tables."""
    inputs: tuple[Version, ...]
    """Files and parameters."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A reference."""

    id: Target
    text: str
    key: str
    link: Target
    """Empty if it has no address."""


@dataclass(frozen=True, slots=True)
class Citations:
    """The references in the order of their numbers."""

    heading: str
    rows: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A whole report."""

    title: str
    sample: Hint
    """Stands behind the title in the name of a browser's window."""
    kind: ReportStatus
    status: str
    draft_mark: str
    use: str
    """What the report is for."""
    page: str
    """The word in front of the number of a page."""
    skip: Hint
    evidence_hint: Hint
    head: Head | None
    identity: Identity
    refused: Notice | None
    page_one: PageOne
    drugs: Drugs
    facts: Facts | None
    interactions: Interactions | None
    sections: tuple[Section, ...]
    genes: Genes
    variants: Variants
    quality: Quality | None
    evidence: Evidence | None
    methods: Methods
    citations: Citations
