"""Read the result files of programs that call star alleles from sequencing reads.

The form is told by the content, never by the file's name; what has no program's form is read as
the project's own table, which is PharmCAT's form of outside calls. A name that the tables do not
know is kept: it makes the gene not interpretable. Genes that are not called here are passed over
and named. Anything else unexpected is an error with its line.
"""

import lzma
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path, PurePosixPath

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intake.callers import UNNAMED
from epilepsy_pgx.intake.hla import HlaNames, HlaTyping
from epilepsy_pgx.intake.outside import OutsideCall
from epilepsy_pgx.intake.outside_calls import (
    CHECK,
    EXPECTED,
    OutsideRows,
    OutsideTables,
    RefusedError,
    read_outside_calls,
    read_typing,
    site_allele,
)
from epilepsy_pgx.intake.table import decode_text, read_bytes, split_rows

_CYRIUS_HEADER = ["Sample", "Genotype", "Filter"]
_ALDY_HEADER = ["#Sample", "Gene", "SolutionID", "Major", "Minor", "Copy", "Allele"]
_PHARMCAT_COLUMNS = ["Gene", "Source Diplotype", "Phenotype", "Activity Score"]
_PYPGX_HEADER = ["", "Genotype", "Phenotype", "Haplotype1", "Haplotype2", "AlternativePhase"]
_PYPGX_TYPE = "SampleTable[Results]"
_MEMBERS = ("metadata.txt", "data.tsv")
_WORD = re.compile(r"\w{1,40}", re.ASCII)
_UNKNOWN_PAIR = "Unknown/Unknown"
_NO_CALL = ("None", "Indeterminate")
_SHOWN = 5
_HAPLOTYPE = re.compile(r"\*\w[\w.\-]*(\+\*\w[\w.\-]*)*")
MOST_BYTES = 64 * 2**20
"""A larger file of results, or table of an archive, is refused."""
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError,
    LookupError, ValueError, OverflowError, RuntimeError,
)
"""What `zipfile` raises over bytes that were changed; NotImplementedError (a RuntimeError) is its
word for a compression that it does not know."""
_COPY_AGAIN = "Copy the file again from the program's folder."

_Candidates = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A row of the table of outside callers."""

    kind: str
    """`clinical` or `research`."""
    calls: str
    """The gene of a program that calls one gene only, else a description."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A file, and the program whose form it has."""

    path: Path
    name: str
    program: Program

    def fault(self, found: str, expected: str, fix: str, line: int = 0) -> InputError:
        return InputError.one(
            "outside-call", file=str(self.path), line=line, found=f"{found} ({self.name})",
            expected=expected, fix=fix,
        )

    def call(
        self, gene: str, candidates: Iterable[tuple[str, ...]], phenotype: str | None = None,
        score: Decimal | None = None,
    ) -> OutsideCall:
        return OutsideCall(
            gene, tuple(dict.fromkeys(candidates)), phenotype, score, self.path.name,
            self.program.kind != "clinical",
        )

    def phenotype(self, gene: str, text: str, tables: OutsideTables) -> str | None:
        """Return the phenotype that a program gives beside one diplotype.

        Where the tables read the diplotype otherwise, both stay, and the more cautious decides.
        A word that they do not know says nothing beside the diplotype, which they read.
        """
        if tables.silent(text) or not tables.tables[gene].words:
            return None
        try:
            return tables.phenotype(gene, text)
        except RefusedError:
            return None

    def score(self, gene: str, text: str, tables: OutsideTables) -> Decimal | None:
        """Return the score that a program gives, under the same terms."""
        if tables.silent(text) or tables.tables[gene].method != "activity_score":
            return None
        try:
            return tables.score(gene, text)
        except RefusedError:
            return None

    def reads(self, gene: str, tables: OutsideTables, line: int) -> bool:
        """Say whether a gene is called here.

        Raises
        ------
        InputError
            If the name is no gene symbol, or is probably a misspelt one.
        """
        try:
            return tables.check_gene(gene) and gene in tables.genes
        except RefusedError as fault:
            raise self.fault(fault.found, fault.expected, fault.fix, line) from None

    def diplotype(self, text: str, line: int) -> tuple[str, ...]:
        """Split a diplotype such as `*1/*36+*10`.

        Raises
        ------
        InputError
            If it is not two haplotypes.
        """
        parts = tuple(text.split("/"))
        if len(parts) != 2 or any(not p or p != p.strip() for p in parts):
            raise self.fault("a genotype of another form", "two haplotypes such as *1/*2",
                             _COPY_AGAIN, line)
        return parts


_Calls = dict[str, OutsideRows]
"""What a file says, by the sample's name in it."""


def _only(gene: str, call: OutsideCall | None) -> OutsideRows:
    """Return the one gene of a program that calls one, or that it is passed over."""
    return OutsideRows((), (), (gene,)) if call is None else OutsideRows((call,))


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Return the lines that are not empty, cut at tabs, with their 1-based numbers."""
    return list(split_rows(text))


def _starts(text: str, header: list[str]) -> bool:
    rows = _rows(text)
    return bool(rows) and rows[0][1][: len(header)] == header


def _read_cyrius(source: _Source, text: str, tables: OutsideTables) -> _Calls:
    (first, header), *rows = _rows(text)
    if header != _CYRIUS_HEADER:
        raise source.fault(f"the columns {', '.join(header)}", ", ".join(_CYRIUS_HEADER),
                           "Leave these three columns only.", first)
    gene = source.program.calls
    found: _Calls = {}
    for line, cells in rows:
        if len(cells) != len(header):
            raise source.fault(f"{len(cells)} cells", f"{len(header)} cells", _COPY_AGAIN, line)
        sample, genotype, state = (c.strip() for c in cells)
        if not sample or sample in found:
            raise source.fault("no sample, or one that an earlier line has",
                               "one line for each sample", "Keep the line that counts.", line)
        candidates = _cyrius_candidates(source, genotype, state, line)
        called = source.call(gene, candidates) if gene in tables.genes else None
        found[sample] = _only(gene, called)
    return found


def _cyrius_candidates(source: _Source, genotype: str, state: str, line: int) -> _Candidates:
    """Return what a genotype leaves possible: nothing if it is no call or not a sure one."""
    if genotype == "None" and state != "PASS":
        return ()
    parts = genotype.split(";")
    stars = [h for part in parts for h in re.split(r"[/_]", part)]
    if not all(_HAPLOTYPE.fullmatch(h) for h in stars):
        raise source.fault("a genotype of another form", "star alleles, or None", _COPY_AGAIN, line)
    match state:
        case "PASS" if len(parts) == 1:
            return (source.diplotype(genotype, line),)
        case "More_than_one_possible_genotype" if len(parts) > 1:
            return tuple(source.diplotype(part, line) for part in parts)
        case "Not_assigned_to_haplotypes" | "LowQ_high_CN":
            return ()
    raise source.fault(f"filter {state!r}" if _WORD.fullmatch(state) else "another filter",
                       "a filter that fits the genotype",
                       "Write the result into a table of your own if you stand by it.", line)


def _read_aldy(source: _Source, text: str, tables: OutsideTables) -> _Calls:
    solutions: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for line, cells in _rows(text):
        if cells[0].startswith("#"):
            if cells[: len(_ALDY_HEADER)] == _ALDY_HEADER or cells[0].startswith("#Solution "):
                continue
            raise source.fault("a comment of another form", "a header or a solution",
                               _COPY_AGAIN, line)
        if len(cells) < len(_ALDY_HEADER):
            raise source.fault(f"{len(cells)} cells", f"{len(_ALDY_HEADER)} or more",
                               _COPY_AGAIN, line)
        sample, gene, number, major = (c.strip() for c in cells[:4])
        if not sample or not number.isdigit():
            raise source.fault("no sample, or no number of a solution", "both", _COPY_AGAIN, line)
        listed = solutions.setdefault((sample, gene), {})
        if not source.reads(gene, tables, line):
            continue
        made = source.diplotype(major, line)
        if listed.setdefault(number, made) != made:
            raise source.fault(f"another result of solution {number}", "one result for each",
                               "Keep one sample and gene of each run in the file.", line)
    found: _Calls = {}
    for (sample, gene), listed in solutions.items():
        rows = found.get(sample, OutsideRows())
        found[sample] = rows.joined(
            _only(gene, source.call(gene, listed.values()) if gene in tables.genes else None)
        )
    return found


def _pharmcat_header(text: str) -> tuple[int, list[str]] | None:
    """Return the header of a report, which may stand below a line with the version."""
    for line, cells in _rows(text)[:2]:
        named = cells[1:] if cells[0] == "Sample ID" else cells
        if named[: len(_PHARMCAT_COLUMNS)] == _PHARMCAT_COLUMNS:
            return line, cells
    return None


def _read_pharmcat(source: _Source, text: str, tables: OutsideTables) -> _Calls:
    found = _pharmcat_header(text)
    assert found is not None
    first, header = found
    read: dict[str, OutsideRows] = {}
    listed: set[tuple[str, str]] = set()
    for line, cells in _rows(text):
        if line <= first:
            continue
        row = dict(zip(header, (c.strip() for c in cells), strict=False))
        gene, written = row["Gene"], row.get("Source Diplotype", "")
        sample = row["Sample ID"] if "Sample ID" in row else UNNAMED
        if not gene or not written or ("Sample ID" in row and not sample):
            raise source.fault("no sample, no gene or no diplotype", "all of them", _COPY_AGAIN,
                               line)
        if (sample, gene) in listed:
            raise source.fault(f"{gene} again", "one line for each gene", _COPY_AGAIN, line)
        listed.add((sample, gene))
        none = tables.silent(written) or written == _UNKNOWN_PAIR
        parts = () if none else written.split(" OR ")
        word, number = row.get("Phenotype", ""), row.get("Activity Score", "")
        made = OutsideRows((), (), (gene,))
        if source.reads(gene, tables, line):
            pairs = [tuple(map(site_allele, source.diplotype(p, line))) for p in parts]
            one = len(pairs) <= 1
            stated = source.phenotype(gene, word, tables) if one else None
            score = source.score(gene, number, tables) if one else None
            made = _only(gene, source.call(gene, pairs, stated, score))
        elif gene in tables.typed:
            made = OutsideRows(typings=_typings(
                source, gene, "" if none else written, word, line, tables.hla
            ))
        read[sample] = read.get(sample, OutsideRows()).joined(made)
    return read


def _typings(
    source: _Source, gene: str, pair: str, word: str, line: int, names: HlaNames
) -> tuple[HlaTyping, ...]:
    """Return what a row says of a typed locus: by its alleles, else by `*57:01 positive`."""
    if not (pair or word.lower().endswith(("positive", "negative"))):
        return ()
    try:
        return (read_typing(gene, pair, "" if pair else word, names),)
    except RefusedError as fault:
        raise source.fault(fault.found, fault.expected, fault.fix, line) from None


def _read_pypgx(source: _Source, packed: bytes, tables: OutsideTables) -> _Calls:
    facts, text = _unpack(source, packed)
    gene = facts.get("Gene", "")
    if facts.get("SemanticType") != _PYPGX_TYPE or not gene:
        raise source.fault(f"the type {facts.get('SemanticType', 'none')!r}", _PYPGX_TYPE,
                           "Give the file results.zip.")
    if not _starts(text, _PYPGX_HEADER):
        raise source.fault("other columns", ", ".join(_PYPGX_HEADER[1:]), _COPY_AGAIN, 1)
    (_, header), *rows = _rows(text)
    found: _Calls = {}
    for line, cells in rows:
        if len(cells) != len(header):
            raise source.fault(f"{len(cells)} cells", f"{len(header)} cells", _COPY_AGAIN, line)
        sample, genotype, alternative = (cells[i].strip() for i in (0, 1, 5))
        if not sample or sample in found:
            raise source.fault("no sample, or one that an earlier line has",
                               "one line for each sample", _COPY_AGAIN, line)
        # Alleles that another phase would give: the pair that they belong to is not named.
        known = source.reads(gene, tables, line)
        sure = known and genotype not in _NO_CALL and not alternative.strip(";")
        candidates = (source.diplotype(genotype, line),) if sure else ()
        stated = source.phenotype(gene, cells[2].strip(), tables) if sure else None
        found[sample] = _only(gene, source.call(gene, candidates, stated) if known else None)
    return found


def _unpack(source: _Source, packed: bytes) -> tuple[dict[str, str], str]:
    """Return the metadata and the table of an archive."""
    try:
        with zipfile.ZipFile(BytesIO(packed)) as archive:
            listed = [i for i in archive.infolist() if not i.is_dir()]
            count = Counter(PurePosixPath(i.filename).name for i in listed)
            members = {PurePosixPath(i.filename).name: i for i in listed}
            wanted = [members[name] for name in _MEMBERS]
            if any(count[name] > 1 for name in _MEMBERS):
                raise source.fault("an archive with several results", "the results of one gene",
                                   "Give each archive by itself, joined with '|'.")
            if sum(i.file_size for i in wanted) > MOST_BYTES:
                raise source.fault("a table of very many samples", "64 MB or less",
                                   "Split the archive.")
            facts, table = (
                decode_text(source.path, archive.read(i), CHECK, EXPECTED) for i in wanted
            )
    except _DAMAGED:
        raise source.fault("an archive that lacks metadata.txt or data.tsv, or is damaged",
                           "the file results.zip", _COPY_AGAIN) from None
    pairs = (line.split("=", 1) for line in facts.split("\n") if "=" in line)
    return {key.strip(): value.strip() for key, value in pairs}, table


_READERS: Mapping[
    str, tuple[Callable[[str], object], Callable[[_Source, str, OutsideTables], _Calls]]
] = {
    "Aldy": (lambda text: _starts(text, _ALDY_HEADER), _read_aldy),
    "Cyrius": (lambda text: _starts(text, _CYRIUS_HEADER), _read_cyrius),
    "PharmCAT": (_pharmcat_header, _read_pharmcat),
}


def _content(path: Path) -> tuple[str | None, bytes, str]:
    """Return the program whose form a file has, or None, and the content as bytes and text."""
    raw = read_bytes(path, CHECK, EXPECTED, MOST_BYTES)
    if raw.startswith(b"PK\x03\x04"):
        return "PyPGx", raw, ""
    text = decode_text(path, raw, CHECK, EXPECTED)
    named = (name for name, (matches, _) in _READERS.items() if matches(text))
    return next(named, None), raw, text


def names_no_sample(path: Path) -> bool:
    """Say whether a file holds one sample without its name: PharmCAT's tables do."""
    try:
        name, raw, text = _content(path)
    except InputError:
        return False
    if name == "PharmCAT":
        found = _pharmcat_header(text)
        return found is not None and "Sample ID" not in found[1]
    return name is None and bool(raw)


def read_gene_calls(
    path: Path, tables: OutsideTables, programs: Mapping[str, Program]
) -> _Calls:
    """Read outside calls from the project's table or from a program's result file.

    Parameters
    ----------
    tables
        What may be said of which gene.
    programs
        The table of outside callers, by name.

    Returns
    -------
    dict
        What is said, by the sample's name in the file; under `UNNAMED` if it names none.

    Raises
    ------
    InputError
        With the first thing in a program's file that is not understood, or every problem of
        the project's table.
    """
    name, raw, text = _content(path)
    if name is None:
        if _starts(text, _PYPGX_HEADER):
            raise InputError.one(
                "outside-call", file=str(path), line=1, found="a table of PyPGx without its gene",
                expected="the archive that names it", fix="Give the file results.zip.",
            )
        return {UNNAMED: read_outside_calls(path, tables)}
    if name not in programs:
        raise InputError.one(
            "outside-call", file=str(path), found=f"a result of {name}",
            expected="a program that the tables list",
            fix="Write the result into a table of your own if you stand by it.",
        )
    source = _Source(path, name, programs[name])
    found = (
        _read_pypgx(source, raw, tables) if name == "PyPGx" else _READERS[name][1](
            source, text, tables)
    )
    if not found:
        raise source.fault("no result", "at least one sample", _COPY_AGAIN)
    return found


def calls_of(
    path: Path, found: _Calls, names: Iterable[str], known: Container[str] = ()
) -> tuple[OutsideRows, tuple[Problem, ...]]:
    """Return what a file says about one sample, or what is wrong.

    Parameters
    ----------
    names
        What the sample may be called in the file.
    known
        Genes that another file of the sample has.
    """
    mine = [UNNAMED] if UNNAMED in found else sorted(set(names) & set(found))
    if len(mine) == 1:
        rows = found[mine[0]]
        return rows, tuple(
            Problem(str(path), 0, "outside_calls", "outside-gene-once",
                    f"{gene}, which another file of the sample has", "each gene in one file",
                    "Keep the file that counts.")
            for gene in rows.genes if gene in known
        )
    others = sorted(found)
    shown = ", ".join(others[:_SHOWN]) + (", …" if len(others) > _SHOWN else "")
    fault = Problem(
        str(path), 0, "outside_calls", "outside-sample",
        f"no result for this sample, but {len(others)} of {shown}", "its result",
        "Put the name that the program uses into vcf_sample or the file.",
    )
    if len(mine) > 1:
        fault = replace(fault, found=f"results under two names: {' and '.join(mine)}",
                        expected="one name", fix="Keep the sample's own line in the file.")
    return OutsideRows(), (fault,)
