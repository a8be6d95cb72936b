"""Read diplotypes and phenotypes that other laboratories or callers made.

Outside calls: tab-separated, no header, one gene a row: gene, diplotype, phenotype, activity
score; a cell may be empty. That is the form of PharmCAT's outside-call file.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intake.table import read_text, split_rows


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """A gene result made elsewhere.

    Without candidates, phenotype and score it says that the other place could not call the gene.
    """

    gene: str
    candidates: tuple[tuple[str, ...], ...]
    """The diplotypes left possible, each as its haplotypes (`*1`, `*36+*10`)."""
    phenotype: str | None
    activity_score: Decimal | None
    source: str
    research: bool = False
    """True for the result of a program that rules nothing out."""

    @property
    def called(self) -> bool:
        """True if it says anything about the gene."""
        return bool(self.candidates or self.phenotype) or self.activity_score is not None


def _lines(path: Path, check: str) -> list[tuple[int, list[str]]]:
    return list(split_rows(read_text(path, check)))


def read_outside_calls(path: Path, genes: frozenset[str]) -> tuple[OutsideCall, ...]:
    """Read one sample's outside calls.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    problems: list[Problem] = []
    calls: list[OutsideCall] = []
    for line, cells in _lines(path, "outside-readable"):
        if not any(cells) or cells[0].startswith("#"):
            continue
        values = [c.strip() for c in cells] + [""] * 4
        gene, diplotype, phenotype, score = values[:4]

        def report(column: str, found: str, expected: str, at: int = line) -> None:
            problems.append(Problem(str(path), at, column, "outside-call", found, expected, "."))

        if gene not in genes:
            report("gene", repr(gene), "a gene that the tables call by star alleles")
            continue
        if any(c.gene == gene for c in calls):
            report("gene", f"{gene} again", "one row per gene")
            continue
        value = None
        if score:
            try:
                value = Decimal(score)
            except InvalidOperation:
                report("activity score", repr(score), "a number")
        alleles = tuple(a.strip() for a in diplotype.split("/")) if diplotype else None
        if alleles is None and not phenotype and value is None:
            report("diplotype", "nothing", "a diplotype, a phenotype or an activity score")
            continue
        calls.append(OutsideCall(gene, (alleles,) if alleles else (), phenotype or None, value,
                                 path.name))
    if problems:
        raise InputError(problems)
    return tuple(calls)
