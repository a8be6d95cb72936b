"""Every diplotype a gene can have, with what the tables make of it."""

import itertools
from collections.abc import Sequence
from decimal import Decimal

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.reference.checks.registry import Package
from epilepsy_pgx.reference.phenotypes import UNASSIGNED, PhenotypeTable, Resolved, read_phenotypes
from epilepsy_pgx.reference.rows import (
    ALLELES_BY_GENE,
    PHENOTYPES_BY_GENE,
    Allele,
    Gene,
    PhenotypeRule,
)
from epilepsy_pgx.vocabulary import CallMethod


@dataclass(frozen=True)
class Diplotypes:
    """All pairs of named alleles of one gene, by number."""

    gene: str
    names: tuple[str, ...]
    phenotypes: tuple[str | None, ...]
    scores: tuple[Decimal | None, ...]
    functions: tuple[frozenset[str], ...]


def read_diplotypes(package: Package) -> dict[str, Diplotypes]:
    """Return the diplotypes of every gene that is called by named alleles."""
    phenotypes_of = package.grouped(PHENOTYPES_BY_GENE)
    alleles_of = package.grouped(ALLELES_BY_GENE)
    return {
        row.gene: all_diplotypes(row, alleles_of.get(row.gene, ()), phenotypes_of.get(row.gene, ()))
        for row in package.rows(Gene)
        if row.call_method is CallMethod.DIPLOTYPE
    }


def all_diplotypes(
    gene: Gene, alleles: Sequence[Allele], phenotypes: Sequence[PhenotypeRule]
) -> Diplotypes:
    """Return every pair of the named alleles of a gene, with what its rows make of it.

    Of a gene whose copies vary, the usual allele twice on one chromosome counts as an allele too.
    """
    table = read_phenotypes(gene, alleles, phenotypes)
    names = [r.allele for r in alleles]
    if table.copies and gene.usual_allele in names:
        # A duplication is no allele of the table, and the way to more than usual function.
        names.append(f"{gene.usual_allele}x2")
    pairs = list(itertools.combinations_with_replacement(names, 2))
    made = [_resolve(table, pair) for pair in pairs]
    return Diplotypes(
        gene.gene,
        tuple("/".join(pair) for pair in pairs),
        tuple(m.phenotype for m in made),
        tuple(m.score for m in made),
        tuple(frozenset(m.functions) - {UNASSIGNED} for m in made),
    )


def _resolve(table: PhenotypeTable, pair: tuple[str, str]) -> Resolved:
    try:
        return table.resolve(pair)
    except TableError:  # the check of the phenotypes names the missing row
        functions = sorted(table.functions[allele] for allele in pair)
        return Resolved(Diplotype(pair), None, None, (functions[0], functions[1]))
