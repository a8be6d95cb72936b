"""Results that other laboratories or callers made, and the reader of HLA types.

HLA file: tab-separated, one row per locus::

    sample_id<TAB>gene<TAB>allele_1<TAB>allele_2<TAB>method<TAB>laboratory<TAB>date
    P001<TAB>HLA-B<TAB>15:02<TAB>40:01<TAB>clinical<TAB>City HLA laboratory<TAB>2026-03-02

`method` is `clinical` (an accredited typing) or `research` (a caller on sequencing reads).
"""

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem

HLA_COLUMNS = ("sample_id", "gene", "allele_1", "allele_2", "method", "laboratory", "date")
METHODS = ("clinical", "research")
_ALLELE = re.compile(
    r"(?:HLA-)?(?:[A-Z0-9]+\*)?(\d{2,3})(?::(\d{2,3}[A-Z]?|XX))?(?::\d{2,3}){0,2}([NLSCAQPG])?"
)


@dataclass(frozen=True, slots=True)
class TypedAllele:
    """One typed HLA allele."""

    entered: str
    two_field: tuple[str, ...]
    """Every two-field name it may be (`15:02`); empty below two-field resolution."""
    first_field: str
    null: bool
    """True for an allele that is not expressed (suffix N)."""


@dataclass(frozen=True, slots=True)
class HlaTyping:
    """The typing of one locus."""

    gene: str
    alleles: tuple[TypedAllele | None, TypedAllele | None]
    """None for an allele that was not determined."""
    method: str
    laboratory: str
    date: str | None

    @property
    def clinical(self) -> bool:
        """True for an accredited typing."""
        return self.method == "clinical"


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


def parse_hla_allele(text: str) -> TypedAllele | None:
    """Read one HLA allele name; several possible ones may be joined with `/`.

    Returns None if the name is not HLA nomenclature (hla.alleles.org/nomenclature).
    """
    names, firsts, null = [], [], False
    for part in text.split("/"):
        match = _ALLELE.fullmatch(part.strip())
        if match is None:
            return None
        first, second, suffix = match.groups()
        firsts.append(first)
        if second is not None and second != "XX":
            names.append(f"{first}:{second.rstrip('NLSCAQPG')}")
        null = null or suffix == "N" or (second or "").endswith("N")
    complete = len(names) == len(firsts)
    unique = tuple(dict.fromkeys(names)) if complete else ()
    return TypedAllele(text, unique, firsts[0], null)


def _lines(path: Path, check: str) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputError.one(
            check, file=str(path), found="a file that cannot be read",
            expected="tab-separated UTF-8 text", fix="Check the path.",
        ) from None
    return list(csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def read_hla(path: Path, genes: frozenset[str]) -> dict[str, tuple[HlaTyping, ...]]:
    """Read an HLA file; typings by sample id.

    Parameters
    ----------
    genes
        Loci that the tables know; other loci are passed over.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    rows = _lines(path, "hla-readable")
    problems: list[Problem] = []

    def report(line: int, column: str, found: str, expected: str, fix: str = ".") -> None:
        problems.append(Problem(str(path), line, column, "hla-file", found, expected, fix))

    header = [c.strip() for c in rows[0]] if rows else []
    missing = [c for c in HLA_COLUMNS if c not in header]
    if missing:
        report(1, missing[0], "no such column", "the columns " + ", ".join(HLA_COLUMNS))
        raise InputError(problems)
    typings: dict[str, list[HlaTyping]] = {}
    for line, cells in enumerate(rows[1:], 2):
        if not any(cells) or cells[0].startswith("#"):
            continue
        row = dict(zip(header, [c.strip() for c in cells], strict=False))
        gene = row.get("gene", "")
        gene = gene if gene.startswith("HLA-") else f"HLA-{gene}"
        if gene not in genes:
            continue
        method = row.get("method", "")
        if method not in METHODS:
            report(line, "method", repr(method), " or ".join(METHODS))
        alleles: list[TypedAllele | None] = []
        for column in ("allele_1", "allele_2"):
            text = row.get(column, "")
            if text in ("", "."):
                alleles.append(None)
                continue
            allele = parse_hla_allele(text)
            if allele is None:
                report(line, column, "a name that is not HLA nomenclature", "a name such as 15:02")
            alleles.append(allele)
        sample = row.get("sample_id", "")
        done = typings.setdefault(sample, [])
        if any(t.gene == gene for t in done):
            report(line, "gene", "the locus again", "one row per sample and locus",
                   "Keep the typing that the laboratory stands by.")
        date = row.get("date", "")
        done.append(
            HlaTyping(gene, (alleles[0], alleles[1]), method, row.get("laboratory") or ".",
                      date if date not in ("", ".") else None)
        )
    if problems:
        raise InputError(problems)
    return {sample: tuple(found) for sample, found in typings.items()}
