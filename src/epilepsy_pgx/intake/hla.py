"""Read HLA types from the project's own table: one row per sample and locus.

The columns are those of `HLA_COLUMNS`::

    sample_id<TAB>gene<TAB>allele_1<TAB>allele_2<TAB>method<TAB>laboratory<TAB>date
    P001<TAB>HLA-B<TAB>15:02<TAB>40:01<TAB>clinical<TAB>City HLA laboratory<TAB>2026-03-02

`method` is `clinical` (an accredited typing) or `research` (a caller on sequencing reads). A
row is never dropped: a locus that no list knows, or an allele of another locus than the row's,
is a fault of that sample.
"""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.table import MISSING, TextTable, is_day, nearest, not_listed, read_table
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import InputWord

HLA_COLUMNS = ("sample_id", "gene", "allele_1", "allele_2", "method", "laboratory", "date")
_ALLELE_COLUMNS = ("allele_1", "allele_2")
RESEARCH = "research"
METHODS = ("clinical", RESEARCH)
_PREFIX = re.compile(r"HLA[-_ ]?")
_ALLELE = re.compile(
    r"(?:HLA[-_]?)?(?:(?:([A-Z]+[0-9]*)?\*|([A-Z]+)(?=[0-9]{2,3}:))?)"
    r"((?!00)[0-9]{2,3})(?::((?!00)(?:[0-9]{2}|[1-9][0-9]{2})[NLSCAQPG]?|XX)"
    r"(?::[0-9]{2,3}){0,2})?([NLSCAQPG])?"
)
_UNDIVIDED = re.compile(r"\*([0-9]{2})([0-9]{2})((?:[0-9]{2}){0,2})(?![0-9:])")
"""The digits of names before 2010, two for each field: `B*1502`, `A*310102`."""
UNSURE = "?"
"""Stands among the names that an allele may be if it may be any."""
_NO_TYPING = "An allele that was not determined is an empty cell; a homozygous one stands twice."


@dataclass(frozen=True, slots=True)
class TypedAllele:
    """One typed HLA allele."""

    entered: str
    two_field: tuple[str, ...]
    """Every two-field name it may be (`15:02`); empty below two-field resolution."""
    first_fields: tuple[str, ...]
    """The first field of every name it may be."""
    null: bool
    """True for an allele that is not expressed (suffix N)."""
    loci: tuple[str, ...] = ()
    """Loci that the name itself states, such as `B`."""
    options: tuple[str, ...] = ()
    """Every name it may be, as it is shown: two fields, or one where no more was typed; a name
    that is not expressed keeps its suffix (`15:26N`)."""


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


Typings = dict[str, tuple[HlaTyping, ...] | InputError]
"""What a file says by sample: its typings, or what is wrong with them."""


@dataclass(frozen=True, slots=True)
class HlaNames:
    """The closed lists of HLA nomenclature."""

    loci: frozenset[str] = frozenset()
    """Loci with their prefix, such as `HLA-DRB1`."""
    groups: frozenset[str] = frozenset()
    """Allele groups of the loci that rules ask for, such as `HLA-B*15`."""

    @classmethod
    def of(cls, ref: Reference) -> "HlaNames":
        """Read the lists from the tables."""
        rows = ref.rows(InputWord)
        return cls(
            *(
                frozenset(f"HLA-{r.word}" for r in rows if r.list == name)
                for name in ("hla_locus", "hla_group")
            )
        )


def locus_name(text: str) -> str:
    """Return a locus as the tables write it (`HLA-B`), whatever stands for its prefix."""
    word = unicodedata.normalize("NFKC", text).upper().strip().rstrip("*")
    return f"HLA-{_PREFIX.sub('', word, count=1)}"


def parse_hla_allele(text: str) -> TypedAllele | None:
    """Read one HLA allele name; several possible ones may be joined with `/`.

    Returns None if the name is not HLA nomenclature (hla.alleles.org/nomenclature).

    Examples
    --------
    >>> parse_hla_allele("HLA-B*1502").two_field
    ('15:02',)
    >>> parse_hla_allele("15:02/15:25").two_field
    ('15:02', '15:25')
    >>> parse_hla_allele("B62") is None
    True
    """
    names, firsts, nulls, loci, options = [], [], [], [], []
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split())
    for part in plain.split("/"):
        divided = _UNDIVIDED.sub(
            lambda m: "*" + ":".join((m[1], m[2], *re.findall("..", m[3]))), part
        )
        match = _ALLELE.fullmatch(divided)
        if match is None:
            return None
        starred, bare, first, second, suffix = match.groups()
        loci += [locus for locus in (starred or bare,) if locus]
        firsts.append(first)
        if second is not None and second != "XX":
            # Suffixes of expression (N L S C A Q) and of groups (P G) follow the two fields.
            names.append(f"{first}:{second.rstrip('NLSCAQPG')}")
        # A null allele is not expressed on the cell, so it presents no drug.
        nulls.append(suffix == "N" or (second or "").endswith("N"))
        # `15:XX` is a low-resolution typing.
        short = second is None or second == "XX"
        options.append(first if short else names[-1] + "N" * nulls[-1])
    complete = len(names) == len(firsts)
    return TypedAllele(
        text,
        tuple(dict.fromkeys(names)) if complete else (),
        tuple(dict.fromkeys(firsts)),
        all(nulls),
        tuple(dict.fromkeys(loci)),
        tuple(dict.fromkeys(options)),
    )


def allele_fault(
    text: str, allele: TypedAllele | None, gene: str, names: HlaNames
) -> tuple[str, str, str] | None:
    """Return (found, expected, fix) if a name is no allele of a locus, else None."""
    own = gene.removeprefix("HLA-")
    if allele is None:
        return "a name that is not HLA nomenclature", "a name such as 15:02", _NO_TYPING
    other = [locus for locus in allele.loci if locus != own]
    if other:
        return (
            f"an allele of HLA-{other[0]} for the locus {gene}",
            f"an allele of {gene}",
            "Correct the locus or the allele; rows or columns may have been exchanged.",
        )
    if any(g.startswith(f"{gene}*") for g in names.groups):
        for first in allele.first_fields:
            if f"{gene}*{first}" not in names.groups:
                return (
                    f"the allele group {own}*{first}",
                    f"an allele group of {gene}",
                    "Names of antigens (B62, B75) are not alleles: give the allele's name.",
                )
    return None


def read_hla_form(path: Path) -> TextTable:
    """Read an HLA file as far as its form goes.

    Raises
    ------
    InputError
        If it is no table with the columns of `HLA_COLUMNS`, or a row names no sample.
    """
    table = read_table(path, "hla-file")
    problems = [
        Problem(
            str(path),
            1,
            column,
            "hla-file",
            "no column of this name",
            "the columns " + ", ".join(HLA_COLUMNS),
            "Add the column.",
        )
        for column in HLA_COLUMNS
        if column not in table.header
    ]
    if not problems:
        problems = [
            Problem(
                str(path),
                line,
                "sample_id",
                "hla-file",
                "nothing",
                "a sample id",
                "Say whose typing it is.",
            )
            for line, row in table.rows
            if row["sample_id"] in MISSING
        ]
    if problems:
        raise InputError(problems)
    return table


def read_hla(path: Path, genes: frozenset[str], names: HlaNames | None = None) -> Typings:
    """Read an HLA file.

    Parameters
    ----------
    genes
        Loci that the tables have alleles of; other known loci are passed over.
    names
        The lists of loci and allele groups; without them only `genes` are known loci.

    Returns
    -------
    dict
        By sample id the typings, or an `InputError` with every fault of the sample's cells.

    Raises
    ------
    InputError
        With every fault of the file's form.
    """
    names = names or HlaNames(genes)
    done: dict[str, dict[str, HlaTyping]] = {}
    problems: dict[str, list[Problem]] = {}
    for line, row in read_hla_form(path).rows:
        sample = row["sample_id"]
        known = done.setdefault(sample, {})
        made, faults = _read_row(row, genes, names, known)
        problems.setdefault(sample, []).extend(
            Problem(str(path), line, column, "hla-file", found, expected, fix)
            for column, found, expected, fix in faults
        )
        if made is not None:
            known.setdefault(made.gene, made)
    return {
        sample: InputError(problems[sample]) if problems[sample] else tuple(known.values())
        for sample, known in done.items()
    }


_Fault = tuple[str, str, str, str]
"""Column, what was found, what was expected, what to do."""


def _read_row(
    row: dict[str, str], genes: frozenset[str], names: HlaNames, known: dict[str, HlaTyping]
) -> tuple[HlaTyping | None, list[_Fault]]:
    """Return the typing of a row, if the tables ask for its locus, and the faults of its cells."""
    gene = locus_name(row["gene"])
    if gene not in genes | names.loci:
        listed = sorted(genes | names.loci)
        near = nearest(gene, listed)
        found, fix = not_listed(row["gene"], listed)
        fix = f"Did you mean '{near}'?" if near else fix
        return None, [("gene", found, "a locus such as HLA-B", fix)]
    if gene not in genes:
        return None, _misplaced_alleles(row, gene, genes, names)
    faults: list[_Fault] = []
    method = row["method"].casefold()
    if method not in METHODS:
        found, fix = not_listed(row["method"], METHODS)
        faults.append(("method", found, " or ".join(METHODS), fix))
    alleles = _read_alleles(row, gene, names, faults)
    if gene in known:
        faults.append(
            (
                "gene",
                "the locus again",
                "one row per sample and locus",
                "Keep the typing that the laboratory stands by.",
            )
        )
    date = None if row["date"] in MISSING else row["date"]
    if date is not None and not is_day(date):
        faults.append(
            (
                "date",
                "a date in another form",
                "a date such as 2026-03-31",
                "Write year-month-day, or leave the cell empty.",
            )
        )
    laboratory = row["laboratory"] if row["laboratory"] not in MISSING else "."
    return HlaTyping(gene, alleles, method, laboratory, date), faults


def _misplaced_alleles(
    row: dict[str, str], gene: str, genes: frozenset[str], names: HlaNames
) -> list[_Fault]:
    """Return the cells of a locus nobody asks for that hold an allele of one asked for."""
    faults = []
    for column in _ALLELE_COLUMNS:
        allele = parse_hla_allele(row[column])
        asked = allele is not None and any(f"HLA-{locus}" in genes for locus in allele.loci)
        if asked and (fault := allele_fault(row[column], allele, gene, names)):
            faults.append((column, *fault))
    return faults


def _read_alleles(
    row: dict[str, str], gene: str, names: HlaNames, faults: list[_Fault]
) -> tuple[TypedAllele | None, TypedAllele | None]:
    """Return the two alleles of a row, and add what is wrong with their cells to `faults`."""
    alleles: list[TypedAllele | None] = []
    for column in _ALLELE_COLUMNS:
        text = row[column]
        if text in MISSING:
            alleles.append(None)
            continue
        allele = parse_hla_allele(text)
        fault = allele_fault(text, allele, gene, names)
        if fault is not None:
            faults.append((column, *fault))
        alleles.append(allele)
    if None in alleles and any(a is not None and len(a.first_fields) > 1 for a in alleles):
        faults.append(
            (
                "allele_1",
                "several allele groups in one cell, beside an empty one",
                "one allele in each cell",
                "Give each of the two alleles a cell; '/' joins what one allele may be.",
            )
        )
    return alleles[0], alleles[1]


def either_allele(place: Sequence[TypedAllele]) -> TypedAllele:
    """Return what the alternatives for one of the two alleles leave possible."""
    names = [n for a in place for n in a.two_field]
    return TypedAllele(
        "/".join(dict.fromkeys(a.entered for a in place)),
        tuple(dict.fromkeys(names)) if all(a.two_field for a in place) else (),
        tuple(dict.fromkeys(f for a in place for f in a.first_fields)),
        all(a.null for a in place),
        tuple(dict.fromkeys(x for a in place for x in a.loci)),
        tuple(dict.fromkeys(x for a in place for x in a.options)),
    )


def join_typings(given: HlaTyping | None, outside: HlaTyping) -> HlaTyping | None:
    """Return what two typings of a locus say together; None if they contradict each other.

    What only the outside result names fills an allele that the other left open, and makes the
    whole a research typing.
    """
    if given is None:
        return outside
    alleles = list(given.alleles)
    for allele in outside.alleles:
        if allele is None or any(_same(one, allele) for one in alleles):
            continue
        # What the given typing left open may be filled by an outside allele, and nothing else.
        hole = next((i for i, one in enumerate(alleles) if _may_be(one, allele)), None)
        if hole is None:
            return None
        alleles[hole] = allele
    if alleles == [*given.alleles]:
        return given
    return HlaTyping(given.gene, (alleles[0], alleles[1]), RESEARCH, given.laboratory, given.date)


def _same(one: TypedAllele | None, other: TypedAllele) -> bool:
    if one is None or one.first_fields != other.first_fields:
        return False
    return not other.two_field or one.two_field == other.two_field


def _may_be(one: TypedAllele | None, other: TypedAllele) -> bool:
    if one is None or UNSURE in one.options:
        return True
    if not one.two_field:
        return one.first_fields == other.first_fields
    return len(one.two_field) > 1 and not set(one.two_field).isdisjoint(other.two_field)
