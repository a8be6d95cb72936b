"""Conditions on single alleles of a gene."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from epilepsy_pgx.reference.conditions.base import (
    Condition,
    ConditionKind,
    Groups,
    Tables,
    lost_words,
)
from epilepsy_pgx.reference.conditions.patient import Facts, GeneView
from epilepsy_pgx.reference.conditions.reasons import basis_value, gene_reason
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict, fraction
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.statement import ReasonKind, Value

if TYPE_CHECKING:
    from epilepsy_pgx.reference.checks.genotypes import Diplotypes


def _seen(kind: ReasonKind, gene: GeneView, alleles: Iterable[str]) -> Verdict:
    named = Value("alleles", tuple(sorted(alleles)))
    return Verdict(Truth.YES, (gene_reason(kind, gene.gene, named, basis_value(gene)),))


class Allele(ConditionKind):
    """One of some alleles of a gene is present, or all of them are shown to be absent."""

    name = "allele"
    of_results = True
    operators = ("present", "absent")
    subject = "gene or HLA locus"
    value = "alleles"

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for a gene."""
        return None if row.about in tables.genes else "a gene of genes.tsv"

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for alleles of the gene."""
        subject = row.about
        known = tables.alleles.get(subject, frozenset())
        return lost_words(row.value, known, f"alleles of {subject}")

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask for the alleles in what was seen, then in the candidates."""
        subject, wanted = row.about, frozenset(row.value)
        absent = row.operator == "absent"

        def ask(facts: Facts, drug: str) -> Verdict:
            gene = facts.genes.get(subject)
            if gene is None or not gene.assessed:
                return NO
            if absent:
                if not wanted.issubset(gene.absent):
                    return NO
                return _seen(ReasonKind.ALLELE_ABSENT, gene, wanted)
            seen = wanted.intersection(gene.present)
            if seen:
                return _seen(ReasonKind.ALLELE, gene, seen)
            hits = sum(bool(wanted & {*d.alleles}) for d in gene.asked)
            truth = fraction(hits, len(gene.asked))
            return gene.verdicts[truth] if truth else NO

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """An absent allele must have been looked for, a present one must be possible."""
        gene, values = row.about, row.value
        if row.operator == "absent":
            return frozenset({f"absent:{gene}:{values[0]}"})
        return frozenset(f"present:{gene}:{allele}" for allele in values)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the alleles that are possible, and those that are shown to be absent."""
        for name, gene in facts.genes.items():
            if gene.assessed:
                possible = {allele for d in gene.asked for allele in d.alleles}
                yield from [f"present:{name}:{allele}" for allele in possible.union(gene.present)]
                yield from [f"absent:{name}:{allele}" for allele in gene.absent]

    def diplotypes(self, row: RuleCondition, table: "Diplotypes") -> set[int] | None:
        """Return the diplotypes with such an allele; absence is a matter of what was read."""
        if row.operator == "absent":
            return None
        wanted = set(row.value)
        return {i for i, name in enumerate(table.names) if wanted & set(name.split("/"))}

    def negative(self, row: RuleCondition) -> bool:
        """An absent allele is a negative result."""
        return row.operator == "absent"


KIND = Allele()
