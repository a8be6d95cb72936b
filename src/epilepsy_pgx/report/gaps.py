"""What of the genes was not read, as page one counts and names it."""

from collections.abc import Iterable, Sequence

from epilepsy_pgx.model import DrugPrediction, GeneCoverage

Gates = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
"""Genes not assessed in full, with the drugs that they decide about."""


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
