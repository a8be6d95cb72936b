"""What a gene result leaves open, as candidates a rule can be asked about.

A phenotype that the tables cannot name (an allele of unknown function beside a known one), or
that a novel loss-of-function variant has withdrawn, still says something: at least one allele
works less. Such results are widened to the phenotypes they leave possible, never narrowed.
"""

from decimal import Decimal
from functools import cached_property, lru_cache

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import Diplotype, SiteGenotype
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.reference.conditions.reasons import about_gene
from epilepsy_pgx.reference.conditions.verdict import Truth, Verdict
from epilepsy_pgx.reference.phenotypes import (
    FULL,
    INDETERMINATE,
    KNOWN,
    NO_FUNCTION,
    REDUCED,
    PhenotypeTable,
)
from epilepsy_pgx.statement import ReasonKind
from epilepsy_pgx.vocabulary import Basis, GeneStatus

_STATED = (Basis.OUTSIDE_CALL, Basis.GIVEN)
"""Bases of results of which only a phenotype or a score may be known."""
_Possible = tuple[tuple[str, Decimal | None], ...]
"""(phenotype, activity score)."""


@dataclass(frozen=True)
class GeneCandidates:
    """Every phenotype, score and diplotype that one gene result leaves possible."""

    gene: str
    status: GeneStatus
    basis: Basis
    phenotypes: tuple[str, ...]
    scores: tuple[Decimal, ...]
    diplotypes: tuple[Diplotype, ...]
    present: tuple[str, ...]
    absent: tuple[str, ...]
    not_excluded: tuple[str, ...]
    missing_sites: tuple[str, ...]
    functions: tuple[tuple[str, str], ...]
    reported: tuple[str, ...]
    """The phenotypes as called, before widening."""
    widened: ReasonKind | None
    """Why candidates were added; None if none were."""
    working: bool = False
    """True if some phenotype is that of two alleles that work in full."""
    behind: tuple[Diplotype, ...] = ()
    """For a result stated without diplotype: every diplotype that it can be."""
    shown: tuple[str, ...] = ()
    """The candidates as a sentence names them; empty if there are more than are listed."""
    unlisted: bool = False
    """True if there are more candidates than are listed."""
    genotypes: tuple[SiteGenotype, ...] = ()
    """For a gene without named alleles: what was seen at each site."""

    @property
    def asked(self) -> tuple[Diplotype, ...]:
        """The diplotypes that rules on diplotypes and alleles are asked about."""
        return self.behind or self.diplotypes

    @cached_property
    def verdicts(self) -> dict[Truth, Verdict]:
        """What a condition answers that holds for all of the candidates, or for some."""
        return {truth: about_gene(self, truth) for truth in (Truth.MAYBE, Truth.YES)}

    @property
    def assessed(self) -> bool:
        """True if the gene says anything at all."""
        return self.status not in (GeneStatus.NOT_ASSESSED, GeneStatus.NOT_REPORTABLE)

    @property
    def open_ended(self) -> bool:
        """True if so much is missing that even a fully working gene is among many candidates."""
        return self.unlisted and self.working

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


def _open_pair(pair: tuple[str, str], table: PhenotypeTable) -> _Possible:
    """Return what a pair with one known and one unknown function can be."""
    known = next(f for f in pair if f in REDUCED)
    return table.partners(known)


def _broken_pair(pair: tuple[str, str], table: PhenotypeTable) -> _Possible:
    """Return what a pair can be when a further variant abolishes one copy or both.

    The variant may lie on the copy that already had no function; then nothing more is lost.
    """
    left = {f if f in KNOWN else FULL[1] for f in pair} | {NO_FUNCTION}
    return tuple(
        dict.fromkeys(
            found for f in sorted(left, key=KNOWN.index) for found in table.beside_none(f)
        )
    )


@dataclass(frozen=True, slots=True)
class _Open:
    """What a result leaves open, before and after each step that widens it."""

    phenotypes: tuple[str, ...]
    scores: tuple[Decimal, ...]
    functions: tuple[tuple[str, str], ...]
    why: ReasonKind | None = None
    behind: tuple[Diplotype, ...] = ()

    def with_unstated(self, result: GeneResult, table: PhenotypeTable) -> "_Open":
        """Add the diplotypes behind a phenotype or score that was stated without one."""
        known = [table.resolve(d.alleles) for d in result.diplotypes]
        # Only what the diplotypes do not explain is looked up backwards.
        words = [p for p in self.phenotypes if p not in {d.phenotype for d in known}]
        numbers = [s for s in self.scores if s not in {d.score for d in known}]
        if not (words or numbers):
            return self
        found = (*known, *table.behind(words, numbers))
        more = () if numbers else tuple(s for p in words for s in table.scores_of(p))
        return replace(
            self,
            behind=tuple(d.diplotype for d in found),
            functions=tuple(dict.fromkeys((*self.functions, *(d.functions for d in found)))),
            scores=(*self.scores, *more),
        )

    def with_partners(self, half_known: list[tuple[str, str]], table: PhenotypeTable) -> "_Open":
        """Add what pairs can be of which one allele works less and the other is unknown."""
        # Reduced activity is certain only if every candidate has a reduced allele.
        certain = all(any(f in REDUCED for f in pair) for pair in self.functions)
        added = [found for pair in half_known for found in _open_pair(pair, table)]
        kept = [p for p in self.phenotypes if p != INDETERMINATE]
        return replace(
            self,
            why=ReasonKind.REDUCED_ALLELE if certain else ReasonKind.UNKNOWN_ALLELE,
            phenotypes=(*kept, *(p for p, _ in added)),
            scores=(*self.scores, *(s for _, s in added if s is not None)),
        )

    def without_function(self, table: PhenotypeTable, *, keep_scores: bool) -> "_Open":
        """Take out what works in full, and add what is left beside the lost function."""
        pairs = self.functions or ((FULL[1], FULL[1]),)
        broken = [found for pair in pairs for found in _broken_pair(pair, table)]
        possible = tuple(s for _, s in broken if s is not None)
        # A working phenotype is withdrawn; one that is already reduced stays possible.
        kept = [p for p in self.phenotypes if p not in table.working and p != INDETERMINATE]
        worse = [p for p, _ in broken] or sorted(table.words - table.working - {INDETERMINATE})
        return replace(
            self,
            why=ReasonKind.LOST_FUNCTION,
            phenotypes=(*kept, *worse),
            scores=(*self.scores, *possible) if keep_scores else possible,
        )


# A cohort has few distinct results for each gene.
@lru_cache(maxsize=65536)
def widen(result: GeneResult, table: PhenotypeTable | None = None) -> GeneCandidates:
    """Return the candidates of a gene result, with those that it fails to exclude.

    A result stated as phenotype or score stands for every diplotype that it can be, so that
    rules on scores, alleles and diplotypes are asked about it too. Scores and phenotypes of
    widened results follow from the functions by the gene's table; they are used to warn, never
    printed as a result.

    Parameters
    ----------
    table
        How the gene's alleles combine; None for a gene without named alleles.

    Examples
    --------
    A novel loss-of-function variant beside `*1/*1`:

    >>> widen(broken_cyp2c9, cyp2c9).phenotypes
    ('Intermediate Metabolizer', 'Poor Metabolizer')
    """
    open_to = _Open(result.phenotypes, result.activity_scores, result.functions)
    if table is not None:
        if result.basis in _STATED and not result.lost_function:
            open_to = open_to.with_unstated(result, table)
        half_known = [
            pair
            for pair in open_to.functions
            if any(f in REDUCED for f in pair) and any(f not in KNOWN for f in pair)
        ]
        if half_known:
            open_to = open_to.with_partners(half_known, table)
        if result.lost_function:
            open_to = open_to.without_function(table, keep_scores=bool(half_known))
    return GeneCandidates(
        result.gene,
        result.status,
        result.basis,
        tuple(dict.fromkeys(open_to.phenotypes)),
        tuple(sorted(set(open_to.scores))),
        result.diplotypes,
        result.alleles_present,
        result.alleles_absent,
        result.not_excluded,
        result.missing_sites,
        open_to.functions,
        result.phenotypes,
        open_to.why,
        table is not None and not table.working.isdisjoint(open_to.phenotypes),
        open_to.behind,
        () if result.unlisted else result.shown,
        result.unlisted,
        result.genotypes,
    )
