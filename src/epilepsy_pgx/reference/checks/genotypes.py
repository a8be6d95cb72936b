"""Every diplotype a gene can have, with what the tables make of it."""

import itertools
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.reference.checks.registry import Package
from epilepsy_pgx.reference.package import Row
from epilepsy_pgx.reference.phenotypes import UNASSIGNED, PhenotypeTable, Resolved, read_phenotypes


@dataclass(frozen=True)
class Diplotypes:
    """All pairs of named alleles of one gene, by number."""

    gene: str
    names: tuple[str, ...]
    phenotypes: tuple[str | None, ...]
    scores: tuple[Decimal | None, ...]
    functions: tuple[frozenset[str], ...]


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
            gene,
            tuple("/".join(pair) for pair in pairs),
            tuple(m.phenotype for m in made),
            tuple(m.score for m in made),
            tuple(frozenset(m.functions) - {UNASSIGNED} for m in made),
        )
    return found


def _resolve(table: PhenotypeTable, pair: tuple[str, str]) -> Resolved:
    try:
        return table.resolve(pair)
    except TableError:  # the check of the phenotypes names the missing row
        functions = sorted(table.functions[allele] for allele in pair)
        return Resolved(Diplotype(pair), None, None, (functions[0], functions[1]))
