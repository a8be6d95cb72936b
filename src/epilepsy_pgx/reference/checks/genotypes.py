"""Every diplotype a gene can have, with what the tables make of it."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.reference.checks.registry import Package
from epilepsy_pgx.reference.package import Row
from epilepsy_pgx.reference.phenotypes import (
    UNASSIGNED,
    PhenotypeTable,
    Resolved,
    read_phenotypes,
)
from epilepsy_pgx.reference.schema import to_decimal


@dataclass(frozen=True)
class Diplotypes:
    """All pairs of named alleles of one gene, by number."""

    gene: str
    names: tuple[str, ...]
    phenotypes: tuple[str | None, ...]
    scores: tuple[Decimal | None, ...]
    functions: tuple[frozenset[str], ...]

    def words(self, kind: str) -> set[str]:
        """Return every phenotype, diplotype or function that can occur."""
        if kind == "phenotype":
            return {p for p in self.phenotypes if p is not None}
        if kind == "diplotype":
            return set(self.names) | {"/".join(reversed(n.split("/"))) for n in self.names}
        return {f for both in self.functions for f in both}

    def matching(self, conditions: Iterable[Row]) -> set[int]:
        """Return the diplotypes that meet all of some conditions on this gene."""
        left = set(range(len(self.names)))
        for row in conditions:
            left &= self._meeting(row)
        return left

    def _meeting(self, row: Row) -> set[int]:
        values, operator = row.many("value"), row["operator"]
        everything = range(len(self.names))
        if row["kind"] == "phenotype":
            return {i for i in everything if self.phenotypes[i] in values}
        if row["kind"] == "function":
            return {i for i in everything if set(values) & self.functions[i]}
        if row["kind"] == "diplotype":
            wanted = {frozenset(v.split("/")) for v in values}
            hits = {i for i in everything if frozenset(self.names[i].split("/")) in wanted}
            return set(everything) - hits if operator == "other_than" else hits
        bounds = [d for v in values if (d := to_decimal(v)) is not None]
        if not bounds:
            return set()

        def holds(score: Decimal) -> bool:
            if operator == "at_most":
                return score <= bounds[0]
            if operator == "at_least":
                return score >= bounds[0]
            if operator == "less_than":
                return score < bounds[0]
            if operator == "between":
                return bounds[0] <= score <= bounds[-1]
            return score in bounds

        return {i for i, s in enumerate(self.scores) if s is not None and holds(s)}


def read_diplotypes(package: Package, only: str | None = None) -> dict[str, Diplotypes]:
    """Return the diplotypes of every gene that is called by named alleles, or of one gene."""
    phenotypes_of: dict[str, list[Row]] = defaultdict(list)
    for row in package.rows("phenotypes"):
        phenotypes_of[row.need("gene")].append(row)
    alleles_of: dict[str, list[Row]] = defaultdict(list)
    for row in package.rows("alleles"):
        alleles_of[row.need("gene")].append(row)
    found = {}
    for gene_row in package.rows("genes"):
        if gene_row["call_method"] != "diplotype":
            continue
        gene = gene_row.need("gene")
        if only not in (None, gene):
            continue
        table = read_phenotypes(gene_row, alleles_of[gene], phenotypes_of[gene])
        names = [r.need("allele") for r in alleles_of[gene]]
        pairs = list(itertools.combinations_with_replacement(names, 2))
        made = [_resolve(table, pair) for pair in pairs]
        found[gene] = Diplotypes(
            gene, tuple("/".join(pair) for pair in pairs),
            tuple(m.phenotype for m in made), tuple(m.score for m in made),
            tuple(frozenset(m.functions) - {UNASSIGNED} for m in made),
        )
    return found


def _resolve(table: PhenotypeTable, pair: tuple[str, str]) -> Resolved:
    try:
        return table.resolve(pair)
    except TableError:  # the check of the phenotypes names the missing row
        functions = sorted(table.functions[allele] for allele in pair)
        return Resolved(Diplotype(pair), None, None, (functions[0], functions[1]))
