"""Results of other laboratories and programs, as a table in the form of PharmCAT's outside calls.

Tab-separated, one gene a row: gene, diplotype, phenotype, activity score; a cell may be empty.
A first row with these names may give the columns another order. A gene that is not called here
is passed over and named.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.hla import (
    RESEARCH,
    HlaNames,
    HlaTyping,
    TypedAllele,
    allele_fault,
    either_allele,
    parse_hla_allele,
)
from epilepsy_pgx.intake.outside_tables import (
    COLUMNS,
    OutsideCall,
    OutsideTables,
    RefusedError,
    plain,
)
from epilepsy_pgx.intake.table import read_text, split_rows
from epilepsy_pgx.reference.phenotypes import INDETERMINATE

CHECK, EXPECTED = "outside-readable", "tab-separated UTF-8 text, or a result file of a program"
_TYPED = re.compile(r"\*?(\d{2,3}:\d{2,3}\w*) (positive|negative)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OutsideRows:
    """What a file says about one sample."""

    calls: tuple[OutsideCall, ...] = ()
    typings: tuple[HlaTyping, ...] = ()
    """Types of loci of the tables. They show what is there and rule nothing out."""
    passed_over: tuple[str, ...] = ()
    """Genes that are not called here."""

    @property
    def genes(self) -> tuple[str, ...]:
        """Genes about which something was read."""
        return (*(c.gene for c in self.calls), *(t.gene for t in self.typings))

    def joined(self, other: "OutsideRows") -> "OutsideRows":
        """Return these rows and further ones."""
        return OutsideRows(
            (*self.calls, *other.calls),
            (*self.typings, *other.typings),
            (*self.passed_over, *other.passed_over),
        )


def read_outside_calls(path: Path, tables: OutsideTables) -> OutsideRows:
    """Read one sample's outside calls.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    reader = _Reader(path.name, tables)
    problems: list[Problem] = []
    for line, written in split_rows(read_text(path, CHECK, EXPECTED)):
        if written[0].lstrip().startswith("#"):
            continue
        try:
            reader.add([_unquoted(c) for c in written])
        except RefusedError as fault:
            problems.append(
                Problem(
                    str(path),
                    line,
                    fault.column,
                    "outside-call",
                    fault.found,
                    fault.expected,
                    fault.fix,
                )
            )
    if not (reader.any_row or problems):
        problems.append(
            Problem(
                str(path),
                0,
                ".",
                "outside-call",
                "no row",
                "a row per gene",
                "Leave the sheet's cell empty if there is no result.",
            )
        )
    if problems:
        raise InputError(problems)
    return reader.read()


class _Reader:
    """Takes in the rows of one file."""

    def __init__(self, source: str, tables: OutsideTables) -> None:
        self._source = source
        self._tables = tables
        self._order: tuple[str, ...] | None = None
        """The columns, once the first row was seen."""
        self._seen: set[str] = set()
        self._calls: list[OutsideCall] = []
        self._typings: list[HlaTyping] = []
        self._passed_over: list[str] = []

    @property
    def any_row(self) -> bool:
        """True if some row names a gene, whether it is read here or not."""
        return bool(self._seen or self._passed_over)

    def read(self) -> OutsideRows:
        """Return what all rows say."""
        passed_over = tuple(dict.fromkeys(self._passed_over))
        return OutsideRows(tuple(self._calls), tuple(self._typings), passed_over)

    def add(self, cells: list[str]) -> None:
        """Take in one row, or the header.

        Raises
        ------
        RefusedError
            If a cell cannot be read.
        """
        if self._order is None:
            self._order = COLUMNS  # a header at fault is not read as a row, nor the next as one
            named = _header(cells)
            if named is not None:
                self._order = named
                return
        row, tables = _row(cells, self._order, self._tables), self._tables
        gene = row["gene"]
        if not tables.check_gene(gene):
            _check_passed_over(gene, row["diplotype"], tables)
            self._passed_over.append(gene)
            return
        if gene in self._seen:
            raise RefusedError(
                "gene", f"{gene} again", "one row per gene", "Keep the row that is right."
            )
        self._seen.add(gene)
        if gene not in tables.typed:
            self._calls.append(_call(row, tables, self._source))
            return
        stated = [row[c] for c in COLUMNS[1:] if row[c]]
        if stated and all(map(tables.silent, stated)):
            return  # tried elsewhere, and not typed
        self._typings.append(read_typing(gene, row["diplotype"], row["phenotype"], tables.hla))


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].strip() if quoted else cell


def _header(cells: list[str]) -> tuple[str, ...] | None:
    """Return the columns that a first row names, or None if it is no header."""
    names = [plain(c) for c in cells]
    if "gene" not in names:
        return None
    while names and not names[-1]:
        names.pop()
    known = {c: c for c in COLUMNS} | {"score": "activity score", "activityscore": "activity score"}
    wrong = [n for n in names if n not in known or names.count(n) > 1]
    if wrong:
        raise RefusedError(
            wrong[0] or ".",
            "an unknown or repeated column",
            ", ".join(COLUMNS),
            "Correct the header.",
        )
    return tuple(known[n] for n in names)


def _row(cells: list[str], order: tuple[str, ...], tables: OutsideTables) -> dict[str, str]:
    extra = [c for c in cells[len(order) :] if c]
    if extra:
        raise RefusedError(
            ".",
            f"{len(cells)} cells",
            f"{len(order)} cells at most",
            "The columns are: " + ", ".join(order) + ".",
        )
    row = dict.fromkeys(COLUMNS, "") | dict(zip(order, cells, strict=False))
    beside = [c for name, c in row.items() if name != "gene"]
    if any(c in tables.tables or c in tables.typed for c in beside):
        raise RefusedError(
            "gene",
            "a gene in another column",
            "the gene in its column",
            "The columns are: " + ", ".join(order) + ".",
        )
    return row


def _call(row: Mapping[str, str], tables: OutsideTables, source: str) -> OutsideCall:
    gene = row["gene"]
    said = [row[c] for c in COLUMNS[1:]]
    if not any(c and c != "." for c in said):
        raise RefusedError("diplotype", "nothing", "a diplotype, a phenotype or an activity score")
    diplotype, phenotype, score = ("" if tables.silent(c) else c for c in said)
    unknown = (INDETERMINATE,)
    if all(tables.words.get(plain(side)) == unknown for side in diplotype.split("/")):
        diplotype = ""
    call = OutsideCall(
        gene,
        tables.candidates(gene, diplotype) if diplotype else (),
        tables.phenotype(gene, phenotype) if phenotype else None,
        tables.score(gene, score) if score else None,
        source,
    )
    tables.compare(call)
    return call


def _check_passed_over(gene: str, diplotype: str, tables: OutsideTables) -> None:
    """Refuse a row of a gene that is not read, whose cell names an allele of a locus that is."""
    for part in diplotype.split("/"):
        allele = parse_hla_allele(part)
        if allele is not None and any(f"HLA-{locus}" in tables.typed for locus in allele.loci):
            raise RefusedError(
                "diplotype",
                f"an allele of a locus other than {gene}",
                f"alleles of {gene}",
                "Correct the gene or the alleles.",
            )


def read_typing(
    gene: str, diplotype: str, phenotype: str, names: HlaNames | None = None
) -> HlaTyping:
    """Return the types that an outside row names. Its method is not known.

    Raises
    ------
    RefusedError
        If it names no alleles: what is there must not be lost.
    """
    alternatives = (
        [_typed_pair(gene, one, names or HlaNames()) for one in diplotype.split(" OR ")]
        if diplotype
        else []
    )
    alleles: list[TypedAllele | None] = []
    if alternatives and len({len(a) for a in alternatives}) == 1:
        alleles = [either_allele(place) for place in zip(*alternatives, strict=True)]
    stated = [_TYPED.fullmatch(p.strip()) for p in phenotype.split(";")] if phenotype else []
    named = [m[1] for m in stated if m is not None and m[2].lower() == "positive"]
    readable = len(alleles) in (1, 2) if diplotype else bool(stated)
    if not readable or None in stated or len(named) > 2:
        raise RefusedError(
            "diplotype",
            f"{gene} types that cannot be read",
            "two alleles such as *15:02/*40:01",
            "HLA types belong in a file of the sheet's column hla.",
        )
    shown = {n for a in alleles if a is not None for n in a.two_field}
    if diplotype and not {":".join(n.split(":")[:2]) for n in named} <= shown:
        raise RefusedError(
            "phenotype",
            "an allele that is not that of the diplotype",
            "statements that agree",
            "Keep what the laboratory stands by.",
        )
    denied = {
        ":".join(m[1].split(":")[:2])
        for m in stated
        if m is not None and m[2].lower() != "positive"
    }
    if denied & (shown | {":".join(n.split(":")[:2]) for n in named}):
        raise RefusedError(
            "phenotype",
            "an allele that is both stated and denied",
            "statements that agree",
            "Keep what the laboratory stands by.",
        )
    if not diplotype:
        alleles = [parse_hla_allele(n) for n in named]
    first, second = (*alleles, None, None)[:2]
    return HlaTyping(gene, (first, second), RESEARCH, ".", None)


def _typed_pair(gene: str, text: str, names: HlaNames) -> list[TypedAllele]:
    """Return the alleles of one diplotype of a locus; none if one of them cannot be read."""
    alleles = []
    for part in text.split("/"):
        allele = parse_hla_allele(part)
        if allele is None or allele_fault(part, allele, gene, names):
            return []
        alleles.append(allele)
    return alleles
