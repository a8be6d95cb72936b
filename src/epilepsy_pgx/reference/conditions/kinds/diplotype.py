"""Conditions on the diplotype of a gene."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from epilepsy_pgx.reference.conditions.genes import Genotype
from epilepsy_pgx.reference.conditions.patient import GeneView
from epilepsy_pgx.reference.conditions.verdict import Truth, fraction
from epilepsy_pgx.reference.rows import RuleCondition

if TYPE_CHECKING:
    from epilepsy_pgx.reference.checks.genotypes import Diplotypes


def _turned(diplotype: str) -> str:
    return "/".join(reversed(diplotype.split("/")))


class Diplotype(Genotype):
    """The diplotype of a gene is one of some, or another."""

    name = "diplotype"
    operators = ("any_of", "other_than")
    value = "diplotypes, their alleles in either order"

    def hits(self, row: RuleCondition) -> Callable[[GeneView], Truth]:
        """Count the candidates that are wanted, their alleles in either order."""
        wanted = frozenset(row.value) | {_turned(d) for d in row.value}
        inside = row.operator == "any_of"
        return lambda g: fraction(sum((str(d) in wanted) == inside for d in g.asked), len(g.asked))

    def known(self, table: "Diplotypes") -> Iterable[str]:
        """Return the diplotypes of the gene, their alleles in either order."""
        return {*table.names, *map(_turned, table.names)}

    def diplotypes(self, row: RuleCondition, table: "Diplotypes") -> set[int]:
        """Return these diplotypes, or all others."""
        wanted = {frozenset(value.split("/")) for value in row.value}
        inside = row.operator == "any_of"
        return {
            i
            for i, name in enumerate(table.names)
            if (frozenset(name.split("/")) in wanted) == inside
        }


KIND = Diplotype()
