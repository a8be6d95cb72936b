"""What stands behind page one."""

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.report.view.model import (
    ClassRecord,
    Drawing,
    Field,
    Hint,
    Link,
    Named,
    Said,
    Source,
    Target,
    Verdict,
)


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
    """Drugs of one class and one verdict."""

    names: tuple[Named, ...]
    of_class: str
    verdict: Verdict
    see_urgent: str
    """That the urgent box says more about drugs of the row; empty if it does not."""
    parts: tuple[DrugPart, ...]
    genes: tuple[GeneLine, ...]


@dataclass(frozen=True, slots=True)
class QuietClass:
    """The drugs of one class of which no rule speaks."""

    name: str
    names: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class SharedNote:
    """What only informs, and is the same for several drugs."""

    drugs: str
    said: Said


@dataclass(frozen=True, slots=True)
class Drugs:
    """The drug table, from A to Z."""

    heading: str
    note: str
    """What a tag of the table means; empty if it does not stand there."""
    columns: tuple[str, ...]
    rows: tuple[DrugRow, ...]
    shared_heading: str
    shared: tuple[SharedNote, ...]
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
class Picture:
    """A picture, and what it shows in words."""

    drawing: Drawing
    alt: Hint
    """What stands for the picture where it is not seen."""
    caption: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and statements."""

    heading: str
    origin: str
    """Where all of them come from."""
    said: tuple[Said, ...]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Interactions:
    """What the drugs of the patient do to each other and to enzymes."""

    heading: str
    adjusted: tuple[Field, ...]
    """Gene, and what becomes of its result."""
    said: tuple[Said, ...]
    unchecked: str
    """What was not judged or checked of drugs, where page one only counts it."""


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
    frequencies: tuple[str, ...]
    """How common it is, or that no frequency is known."""
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
class Order:
    """A row of the order list."""

    what: str
    how: str
    """How it is ordered; empty for what is asked of the clinician."""
    why: str
    """The lines that it may change."""
    urgency: str


@dataclass(frozen=True, slots=True)
class OrderGroup:
    """What is asked of one place."""

    heading: str
    rows: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class OrderList:
    """All that is not known and would change the report."""

    heading: str
    note: str
    columns: tuple[str, ...]
    groups: tuple[OrderGroup, ...]


@dataclass(frozen=True, slots=True)
class FactorLine:
    """What speaks for or against a factor, or is not known of it."""

    text: str
    column: str
    """The column of the sample sheet that answers it; empty if none does."""
    numbers: tuple[Link, ...]
    """Chains of evidence."""


@dataclass(frozen=True, slots=True)
class FactorPart:
    """One side of a factor."""

    label: str
    lines: tuple[FactorLine, ...]


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A factor by which drugs may fail."""

    name: str
    parts: tuple[FactorPart, ...]
    action_label: str
    action: Said | None


@dataclass(frozen=True, slots=True)
class Factors:
    """Why the drugs failed."""

    heading: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[FactorRow, ...]


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
