"""Conditions on the activity score of a gene."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.conditions.base import Tables
from epilepsy_pgx.reference.conditions.genes import Genotype
from epilepsy_pgx.reference.conditions.numbers import NUMERIC, number_problem, number_test
from epilepsy_pgx.reference.conditions.patient import GeneView
from epilepsy_pgx.reference.conditions.verdict import Truth, fraction
from epilepsy_pgx.reference.rows import RuleCondition

if TYPE_CHECKING:
    from epilepsy_pgx.reference.checks.genotypes import Diplotypes


class ActivityScore(Genotype):
    """The activity score of a gene compares so with a number."""

    name = "activity_score"
    operators = NUMERIC
    value = "numbers"

    def hits(self, row: RuleCondition) -> Callable[[GeneView], Truth]:
        """Count the possible scores that are wanted."""
        test = number_test(row)
        return lambda g: fraction(sum(test(s) for s in g.scores), len(g.scores))

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for numbers first."""
        return number_problem(row) or super().problem(row, tables)

    def diplotypes(self, row: RuleCondition, table: "Diplotypes") -> set[int]:
        """Return the diplotypes with such a score; none if the row does not say a number."""
        try:
            test = number_test(row)
        except TableError:
            return set()
        return {i for i, score in enumerate(table.scores) if score is not None and test(score)}


KIND = ActivityScore()
