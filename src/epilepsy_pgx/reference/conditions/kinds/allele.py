"""Conditions on single alleles of a gene."""

from collections.abc import Iterable

from epilepsy_pgx.reference.checks.genotypes import Diplotypes
from epilepsy_pgx.reference.conditions.base import (
    Condition,
    ConditionKind,
    Groups,
    Tables,
    lost_words,
)
from epilepsy_pgx.reference.conditions.genes import gene_keys
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import about_gene, basis_value, gene_reason
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict, fraction
from epilepsy_pgx.reference.package import Row
from epilepsy_pgx.statement import ReasonKind, Value


class Allele(ConditionKind):
    """One of some alleles of a gene is present, or all of them are shown to be absent."""

    name = "allele"
    operators = ("present", "absent")
    subject = "gene or HLA locus"
    value = "alleles"

    def problem(self, row: Row, tables: Tables) -> str | None:
        """Ask for a gene, and alleles of it."""
        subject = row["subject"] or ""
        if subject not in tables.words("genes", "gene"):
            return "a gene of genes.tsv"
        known = tables.words("alleles", "allele", ("gene", subject))
        known |= tables.words("hla_alleles", "allele", ("gene", subject))
        return "an allele" if not row.many("value") else lost_words(
            row.many("value"), known, f"alleles of {subject}"
        )

    def question(self, row: Row, groups: Groups) -> Condition:
        """Ask for the alleles in what was seen, then in the candidates."""
        subject, wanted = row.need("subject"), frozenset(row.many("value"))
        absent = row["operator"] == "absent"

        def ask(facts: Facts, drug: str) -> Verdict:
            gene = facts.genes.get(subject)
            if gene is None or not gene.assessed:
                return NO
            seen = wanted if absent else wanted & set(gene.present)
            named = (Value("alleles", tuple(sorted(seen))), basis_value(gene))
            if absent:
                if not wanted <= set(gene.absent):
                    return NO
                reason = gene_reason(ReasonKind.ALLELE_ABSENT, subject, *named)
                return Verdict(Truth.YES, (reason,))
            if seen:
                return Verdict(Truth.YES, (gene_reason(ReasonKind.ALLELE, subject, *named),))
            hits = sum(bool(wanted & {*d.alleles}) for d in gene.asked)
            truth = fraction(hits, len(gene.asked))
            return about_gene(gene, truth) if truth else NO

        return ask

    def triggers(self, row: Row, groups: Groups) -> frozenset[str] | None:
        """An absent allele must have been looked for, a present one needs a result."""
        if row["operator"] == "absent":
            return frozenset({f"absent:{row['subject']}:{row.many('value')[0]}"})
        return frozenset({f"gene:{row['subject']}"})

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the genes with a result, and the alleles that are shown to be absent."""
        yield from gene_keys(facts)
        for name, gene in facts.genes.items():
            if gene.assessed:
                yield from (f"absent:{name}:{allele}" for allele in gene.absent)

    def diplotypes(self, row: Row, table: Diplotypes) -> set[int] | None:
        """Return the diplotypes with such an allele; absence is a matter of what was read."""
        if row["operator"] == "absent":
            return None
        wanted = set(row.many("value"))
        return {i for i, name in enumerate(table.names) if wanted & set(name.split("/"))}

    def negative(self, row: Row) -> bool:
        """An absent allele is a negative result."""
        return row["operator"] == "absent"


KIND = Allele()
