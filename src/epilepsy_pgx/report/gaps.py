"""What of the genes was not read, as page one counts and names it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from epilepsy_pgx.model import DrugPrediction, GeneCoverage, PatientReport
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import NextTest

Gates = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
"""Genes not assessed in full, with the drugs that they decide about."""

NO_SPLICE_SITES = "coverage-splice-sites-unread"


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """How far the genes were read for rare variants; many patients' were read alike."""

    genes: frozenset[str]
    assessed: tuple[GeneCoverage, ...]
    listed: tuple[int, int, int]
    """What `listed_variants` counts."""
    unread: tuple[tuple[str, tuple[GeneCoverage, ...]], ...]
    """The genes of which nothing, or no splice site, was read, by the reason."""

    def first_of(
        self, asked: Iterable[NextTest], drugs: Iterable[Iterable[DrugPrediction]]
    ) -> tuple[str, ...]:
        """Return the genes that were not assessed, those first that are asked for first.

        Before all stands one that decides about a drug.

        Parameters
        ----------
        drugs
            Drugs in groups, those that matter most first.
        """
        unread = self.genes - {c.gene for c in self.assessed}
        ranked = dict.fromkeys(g for test in asked for g in test.subjects if g in unread)
        deciding = ({g for d in group for g in d.not_assessed} for group in drugs)
        first = next((g for genes in deciding for g in ranked if g in genes), None)
        return tuple(dict.fromkeys((first, *ranked))) if first else tuple(ranked)


def covered_of(report: PatientReport, words: ReportWords) -> Covered:
    """Return how far the genes of a report were read."""
    return words.once("covered", report.coverage, (), partial(_covered, report.coverage))


def _covered(coverage: Sequence[GeneCoverage]) -> Covered:
    unread: dict[str, list[GeneCoverage]] = {}
    for item in coverage:
        if not item.assessed or item.reason == NO_SPLICE_SITES:
            unread.setdefault(item.reason, []).append(item)
    return Covered(
        frozenset(c.gene for c in coverage),
        tuple(c for c in coverage if c.assessed),
        listed_variants(coverage),
        tuple((reason, tuple(genes)) for reason, genes in sorted(unread.items())),
    )


def listed_variants(coverage: Iterable[GeneCoverage]) -> tuple[int, int, int]:
    """Count the genes read at listed variants alone, and these variants."""
    read = [c for c in coverage if not c.assessed and c.known_absent]
    return len(read), sum(c.known_absent for c in read), sum(c.known_total for c in read)


def required_tests(drugs: Sequence[DrugPrediction]) -> Gates:
    """Name the genes that were not read, genes with the same drugs together."""
    by_gene: dict[str, list[str]] = {}
    for drug in drugs:
        for gene in drug.not_assessed:
            by_gene.setdefault(gene, []).append(drug.drug)
    groups: dict[tuple[str, ...], list[str]] = {}
    for gene, names in sorted(by_gene.items()):
        groups.setdefault(tuple(names), []).append(gene)
    return tuple(sorted((tuple(genes), names) for names, genes in groups.items()))
