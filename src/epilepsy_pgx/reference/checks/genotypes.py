"""Every diplotype a gene can have, with what the tables make of it."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from epilepsy_pgx.reference.checks.registry import Package
from epilepsy_pgx.reference.package import Row
from epilepsy_pgx.reference.schema import to_decimal

INDETERMINATE = "Indeterminate"


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


def read_diplotypes(package: Package) -> dict[str, Diplotypes]:
    """Return the diplotypes of every gene with a phenotype method.

    Alleles that a report would show under another name are left out: their functions are those
    of the name shown.
    """
    methods = {
        r.need("gene"): r["phenotype_method"]
        for r in package.rows("genes") if r["call_method"] == "diplotype"
    }
    pairs: dict[tuple[str, str, str], str] = {}
    bands: dict[str, list[tuple[Decimal, Decimal | None, str]]] = defaultdict(list)
    for row in package.rows("phenotypes"):
        gene = row.need("gene")
        if row["function_1"] and row["function_2"]:
            first, second = sorted((row.need("function_1"), row.need("function_2")))
            pairs[gene, first, second] = row.need("phenotype")
        elif row["score_from"]:
            high = Decimal(row.need("score_to")) if row["score_to"] else None
            bands[gene].append((Decimal(row.need("score_from")), high, row.need("phenotype")))
    listed: dict[str, list[Row]] = defaultdict(list)
    for row in package.rows("alleles"):
        listed[row.need("gene")].append(row)
    found = {}
    for gene, method in methods.items():
        names, phenotypes, scores, functions = [], [], [], []
        for a, b in itertools.combinations_with_replacement(listed[gene], 2):
            both = sorted((a["function"] or ".", b["function"] or "."))
            values = [Decimal(r.need("activity_value")) for r in (a, b) if r["activity_value"]]
            score = values[0] + values[1] if len(values) == 2 else None
            phenotype: str | None = INDETERMINATE
            if method == "none":
                phenotype = None
            elif bands[gene]:
                phenotype = next(
                    (p for low, high, p in bands[gene]
                     if score is not None and low <= score and (high is None or score <= high)),
                    INDETERMINATE,
                )
            elif "." not in both:
                phenotype = pairs.get((gene, both[0], both[1]))
            names.append(f"{a['allele']}/{b['allele']}")
            phenotypes.append(phenotype)
            scores.append(score)
            functions.append(frozenset(both) - {"."})
        found[gene] = Diplotypes(
            gene, tuple(names), tuple(phenotypes), tuple(scores), tuple(functions)
        )
    return found
