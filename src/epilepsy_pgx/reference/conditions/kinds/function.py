"""Conditions on the function of the alleles of a gene."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from epilepsy_pgx.reference.conditions.base import Tables
from epilepsy_pgx.reference.conditions.genes import Genotype
from epilepsy_pgx.reference.conditions.patient import GeneView
from epilepsy_pgx.reference.conditions.verdict import Truth, fraction
from epilepsy_pgx.reference.rows import RuleCondition

if TYPE_CHECKING:
    from epilepsy_pgx.reference.checks.genotypes import Diplotypes

_NORMAL = re.compile(r"normal", re.IGNORECASE)


class Function(Genotype):
    """At least one allele of a gene has this function."""

    name = "function"
    operators = ("carries",)
    value = "function of an allele"

    def hits(self, row: RuleCondition) -> Callable[[GeneView], Truth]:
        """Count the candidates with such an allele."""
        wanted = row.compared or ""
        return lambda g: fraction(sum(wanted in pair for pair in g.functions), len(g.functions))

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for one function."""
        return "one function" if len(row.value) != 1 else super().problem(row, tables)

    def known(self, table: "Diplotypes") -> Iterable[str]:
        """Return the functions of the gene's alleles."""
        return {function for both in table.functions for function in both}

    def diplotypes(self, row: RuleCondition, table: "Diplotypes") -> set[int]:
        """Return the diplotypes with such an allele."""
        return {i for i, both in enumerate(table.functions) if row.compared in both}

    def negative(self, row: RuleCondition) -> bool:
        """A normal function is a normal result."""
        return any(_NORMAL.search(value) for value in row.value)


KIND = Function()
