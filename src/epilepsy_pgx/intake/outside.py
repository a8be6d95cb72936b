"""Gene results that other laboratories or callers made."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """A gene result made elsewhere.

    Without candidates, phenotype and score it says that the other place could not call the gene.
    """

    gene: str
    candidates: tuple[tuple[str, ...], ...]
    """The diplotypes left possible, each as its haplotypes (`*1`, `*36+*10`)."""
    phenotype: str | None
    activity_score: Decimal | None
    source: str
    research: bool = False
    """True for the result of a program that rules nothing out."""

    @property
    def called(self) -> bool:
        """True if it says anything about the gene."""
        return bool(self.candidates or self.phenotype) or self.activity_score is not None
