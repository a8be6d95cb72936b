"""A whole report."""

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.report.view.later import (
    Citations,
    Drugs,
    Evidence,
    Factors,
    Facts,
    Genes,
    Interactions,
    Methods,
    OrderList,
    Picture,
    Quality,
    Section,
    Variants,
)
from epilepsy_pgx.report.view.model import Head, Hint, Identity, Link, Notice, PageOne
from epilepsy_pgx.vocabulary import ReportStatus


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
    summary: Hint
    counts: Hint
    contents: Hint
    links: tuple[Link, ...]
    """The table of contents, which paper has no use for."""
    head: Head | None
    identity: Identity
    refused: Notice | None
    page_one: PageOne
    overview: Picture | None
    drugs: Drugs
    facts: Facts | None
    interactions: Interactions | None
    factors: Factors | None
    sections: tuple[Section, ...]
    orders: OrderList | None
    genes: Genes
    variants: Variants
    quality: Quality | None
    evidence: Evidence | None
    methods: Methods
    citations: Citations
