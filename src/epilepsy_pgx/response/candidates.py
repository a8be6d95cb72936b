"""What a gene result leaves open, as candidates a rule can be asked about.

A phenotype that the tables cannot name (an allele of unknown function beside a known one), or
that a novel loss-of-function variant has withdrawn, still says something: at least one allele
works less. Such results are widened to the phenotypes they leave possible, never narrowed.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.vocabulary import GeneStatus

INTERMEDIATE = "Intermediate Metabolizer"
POOR = "Poor Metabolizer"
INDETERMINATE = "Indeterminate"
_WORKING = ("Normal Metabolizer", "Rapid Metabolizer", "Ultrarapid Metabolizer")
_KNOWN = {
    "Increased function": Decimal("1"), "Normal function": Decimal("1"),
    "Decreased function": Decimal("0.5"), "No function": Decimal("0"),
}
_REDUCED = ("Decreased function", "No function")
_OPEN = (Decimal("0"), Decimal("0.5"), Decimal("1"))


@dataclass(frozen=True, slots=True)
class GeneCandidates:
    """Every phenotype, score and diplotype that one gene result leaves possible."""

    gene: str
    status: GeneStatus
    basis: str
    phenotypes: tuple[str, ...]
    scores: tuple[Decimal, ...]
    diplotypes: tuple[str, ...]
    present: tuple[str, ...]
    absent: tuple[str, ...]
    not_excluded: tuple[str, ...]
    missing_sites: tuple[str, ...]
    functions: tuple[tuple[str, str], ...]
    reported: tuple[str, ...]
    """The phenotypes as called, before widening."""
    widened: str
    """Id of the text that says why candidates were added; empty if none were."""

    @property
    def assessed(self) -> bool:
        """True if the gene says anything at all."""
        return self.status not in (GeneStatus.NOT_ASSESSED, GeneStatus.NOT_REPORTABLE)

    @property
    def open_ended(self) -> bool:
        """True if so much is missing that even a fully working gene is among many candidates."""
        return self.diplotypes == ("*",) and any(p in _WORKING for p in self.phenotypes)

    @property
    def settled(self) -> bool:
        """True if everything that a normal result rests on was seen."""
        return (
            self.status in (GeneStatus.COMPLETE, GeneStatus.AMBIGUOUS)
            and len(self.phenotypes) <= 1
            and len(self.scores) <= 1
            and not self.not_excluded
            and not self.widened
            and INDETERMINATE not in self.phenotypes
        )


def _open_pair(pair: tuple[str, str]) -> list[Decimal]:
    """Return the scores left possible by a pair with one known and one unknown function."""
    known = next(_KNOWN[f] for f in pair if f in _REDUCED)
    return [known + other for other in _OPEN]


def _broken_pair(pair: tuple[str, str]) -> list[Decimal]:
    """Return the scores left possible when a further variant abolishes one copy or both.

    The variant may lie on the copy that already had no function; then nothing more is lost.
    """
    values = [_KNOWN.get(f, Decimal("1")) for f in pair]
    return sorted({sum(values, Decimal(0)) - v for v in values} | {Decimal(0)})


@lru_cache(maxsize=65536)
def widen(result: GeneResult) -> GeneCandidates:
    """Return the candidates of a gene result, with those that it fails to exclude.

    Scores of widened results follow from the functions by the common values (normal 1,
    decreased 0.5, none 0); they are used to warn, never printed as a result.
    """
    phenotypes, scores, text = list(result.phenotypes), list(result.activity_scores), ""
    half_known = [
        pair for pair in result.functions
        if any(f in _REDUCED for f in pair) and any(f not in _KNOWN for f in pair)
    ]
    if half_known:
        certain = all(any(f in _REDUCED for f in pair) for pair in result.functions)
        text = "because-reduced-allele" if certain else "because-unknown-allele"
        phenotypes = [p for p in phenotypes if p != INDETERMINATE] + [INTERMEDIATE, POOR]
        scores += [score for pair in half_known for score in _open_pair(pair)]
    if result.lost_function:
        text = "because-lost-function"
        pairs = result.functions or (("Normal function", "Normal function"),)
        possible = [score for pair in pairs for score in _broken_pair(pair)]
        scores = [*scores, *possible] if half_known else possible
        working = [p for p in phenotypes if p not in _WORKING and p != INDETERMINATE]
        phenotypes = [POOR] if not any(scores) else [*working, INTERMEDIATE, POOR]
    return GeneCandidates(
        result.gene, result.status, result.basis,
        tuple(dict.fromkeys(phenotypes)), tuple(sorted(set(scores))), result.diplotypes,
        result.alleles_present, result.alleles_absent, result.not_excluded,
        result.missing_sites, result.functions, result.phenotypes, text,
    )
