"""What the kinds share that ask about the star alleles of a gene."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from epilepsy_pgx.reference.conditions.base import (
    Condition,
    ConditionKind,
    Groups,
    Tables,
    lost_words,
)
from epilepsy_pgx.reference.conditions.patient import Facts, GeneView
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition

if TYPE_CHECKING:
    from epilepsy_pgx.reference.checks.genotypes import Diplotypes


def gene_keys(facts: Facts) -> Iterable[str]:
    """Return the genes that say anything at all."""
    return (f"gene:{name}" for name, gene in facts.genes.items() if gene.assessed)


class Genotype(ConditionKind):
    """A question about every candidate of a gene that is called by star alleles."""

    subject = "gene"
    of_results = True
    genotypic = True

    @abstractmethod
    def hits(self, row: RuleCondition) -> Callable[[GeneView], Truth]:
        """Return what a row asks of the candidates of its gene."""

    def known(self, table: "Diplotypes") -> Iterable[str] | None:
        """Return the words that a value may be; None if it is a number."""
        return None

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for a gene with named alleles."""
        subject = row.about
        if subject not in tables.genes:
            return "a gene of genes.tsv"
        return None if subject in tables.diplotypes else "a gene with named alleles"

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for words of the gene, and a diplotype that meets the row."""
        subject = row.about
        table = tables.diplotypes[subject]
        known = self.known(table)
        if known is not None:
            lost = lost_words(row.value, known, f"a {self.name} of {subject}")
            if lost:
                return lost
        if not self.diplotypes(row, table):
            return f"something that a diplotype of {subject} meets"
        return None

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask how many of the candidates meet the row."""
        subject, hits = row.about, self.hits(row)

        def ask(facts: Facts, drug: str) -> Verdict:
            gene = facts.genes.get(subject)
            if gene is None or not gene.assessed:
                return NO
            truth = hits(gene)
            return gene.verdicts[truth] if truth else NO

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """A gene that was not assessed meets nothing."""
        return frozenset({f"gene:{row.about}"})

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the genes that say anything at all."""
        return gene_keys(facts)
