"""Conditions on the phenotype of a gene."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from epilepsy_pgx.reference.conditions.base import Groups
from epilepsy_pgx.reference.conditions.genes import Genotype
from epilepsy_pgx.reference.conditions.patient import Facts, GeneView
from epilepsy_pgx.reference.conditions.verdict import Truth, fraction
from epilepsy_pgx.reference.rows import RuleCondition

if TYPE_CHECKING:
    from epilepsy_pgx.reference.checks.genotypes import Diplotypes

_NORMAL = re.compile(r"normal", re.IGNORECASE)


class Phenotype(Genotype):
    """The phenotype of a gene is one of some words."""

    name = "phenotype"
    operators = ("is", "any_of")
    value = "phenotypes, in CPIC's words"

    def hits(self, row: RuleCondition) -> Callable[[GeneView], Truth]:
        """Count the possible phenotypes that are wanted."""
        wanted = frozenset(row.value)
        return lambda g: fraction(sum(p in wanted for p in g.phenotypes), len(g.phenotypes))

    def known(self, table: "Diplotypes") -> Iterable[str]:
        """Return the phenotypes of the gene."""
        return {p for p in table.phenotypes if p is not None}

    def diplotypes(self, row: RuleCondition, table: "Diplotypes") -> set[int]:
        """Return the diplotypes with such a phenotype."""
        wanted = row.value
        return {i for i, phenotype in enumerate(table.phenotypes) if phenotype in wanted}

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """One of the phenotypes must be possible."""
        return frozenset(f"phenotype:{row.about}:{word}" for word in row.value)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the possible phenotypes of the genes."""
        return [
            f"phenotype:{name}:{word}"
            for name, gene in facts.genes.items()
            if gene.assessed
            for word in gene.phenotypes
        ]

    def negative(self, row: RuleCondition) -> bool:
        """A normal phenotype is a normal result."""
        return any(_NORMAL.search(value) for value in row.value)


KIND = Phenotype()
