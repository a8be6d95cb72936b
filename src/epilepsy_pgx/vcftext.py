"""Cut records out of VCF text: every row is looked at, and each problem is reported with its line.

The cut declares all that its records use: htslib cannot read what a header does not declare.
"""

import gzip
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import BinaryIO, cast

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.genetics import SIZED, UNSIZED_REACH
from epilepsy_pgx.intervals import Interval, Intervals, Spans
from epilepsy_pgx.vcfgenotypes import is_genotype, without_first_mark, without_others

PACKED = b"\x1f\x8b"
"""First bytes of what gzip wrote."""
LINE_LIMIT = 64 * 1024**2
"""Longest line that is read, in bytes: a record of a million samples is shorter."""
HEADER_LIMIT = 64 * 1024**2
"""Longest header that is read, in bytes."""
EMPTY_LINES = 1000
"""Most lines without text that are passed over."""
SHOWN_FAULTS = 20
"""Records with impossible genotypes that are named one by one."""
MOST_CONTIGS = 200_000
"""Most contig names that the records of one file may have."""

_DECLARED = re.compile(rb"##(INFO|FORMAT|FILTER|contig)=<(?:[^\"]*,)?ID=([^,>]+)")
_TYPE = re.compile(rb"^(##(?:INFO|FORMAT)=<(?:[^\"]*,)?Type=)(?:Integer|Float|Character)\b")
_WHOLE = re.compile(
    rb"##(?:INFO|FORMAT)=<(?=(?:.*,)?ID=[^,>]+[,>])(?=.*,Number=(?:\d+|[A-Z]+|\.)[,>])"
    rb"(?=.*,Type=(?:Integer|Float|String|Character|Flag)[,>]).*>$"
)
_NO_FLAG = re.compile(rb"^(##FORMAT=<(?:[^\"]*,)?Type=)Flag\b")
_GENOTYPE_TYPE = re.compile(rb"^(##FORMAT=<ID=GT,(?:[^\"]*,)?Type=)(?!String\b)\w+")
# Contig names as VCF 4.3 allows them, and bytes above ASCII.
_CONTIG = re.compile(rb"[!#$%&+./:;?@^_|~0-9A-Za-z-][!#$%&*+./:;=?@^_|~0-9A-Za-z\x80-\xff-]*")
# Possessive quantifiers: a broken quotation must not take exponential time.
_PARTS = re.compile(
    rb'##\w+=<[^=,"<>]+=(?:"(?:[^"\\]|\\.)*+"|[^",]*)'
    rb'(?:,[^=,"<>]+=(?:"(?:[^"\\]|\\.)*+"|[^",]*))*>$'
)
_DESCRIPTION = re.compile(rb'(,Description=")(.*)(".*)$')
_SEGMENT = re.compile(b"<" + SIZED.encode(), re.IGNORECASE)
_KIND = re.compile(b"(?:^|;)SVTYPE=" + SIZED.encode(), re.IGNORECASE)
_LENGTH = re.compile(rb"[<,]length=(\d{1,18})(?=[,>])")


class TextError(ValueError):
    """A line that cannot be read: what was found, and where."""

    def __init__(self, found: str, line: int = 0) -> None:
        super().__init__(found)
        self.found = found
        self.line = line
        """1-based line; 0 if it is not known."""


@dataclass
class GenotypeFault:
    """A record with impossible genotypes."""

    contig: str
    pos: int
    line: int
    """1-based line; 0 if it is not known."""
    samples: int
    """Number of samples that have one."""
    alts: int
    """Number of alleles in ALT."""


@dataclass
class Cut:
    """What was seen on the way through the records of a file."""

    contigs: dict[str, int] = field(default_factory=dict)
    """Records by contig, in order of appearance; of an indexed file those that were read."""
    faults: list[GenotypeFault] = field(default_factory=list)
    """The first of them."""
    faulty: int = 0
    """Number of records with impossible genotypes."""
    unsized: list[tuple[str, int]] = field(default_factory=list)
    """Place of the segments that a sample has and that no END or SVLEN gives a size."""


def open_packed(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file to read its bytes, unpacked if it is compressed by gzip or in blocks."""
    handle = open(path, "rb")
    packed = handle.read(len(PACKED)) == PACKED
    handle.seek(0)
    if not packed:
        return handle
    handle.close()
    return cast(BinaryIO, gzip.open(path, "rb"))


def read_lines(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """Yield the lines of plain or compressed text without their ends; only line feeds end one.

    Raises
    ------
    TextError
        At a line longer than any record is.
    """
    with open_packed(path) as lines:
        number = 0
        while line := lines.readline(LINE_LIMIT + 1):
            number += 1
            if len(line) > LINE_LIMIT:
                raise TextError(f"a line of more than {LINE_LIMIT >> 20} MB", number)
            yield line.rstrip(b"\r\n")


def read_head(path: str | os.PathLike[str]) -> list[bytes]:
    """Return the lines of a header up to the one with the column names, which may be missing.

    Raises
    ------
    TextError
        If it is longer than any header is.
    """
    head: list[bytes] = []
    size = 0
    for line in read_lines(path):
        if not line.startswith(b"#"):
            break
        head.append(line)
        size += len(line)
        if size > HEADER_LIMIT:
            raise TextError(f"a header of more than {HEADER_LIMIT >> 20} MB", len(head))
        if line.startswith(b"#CHROM"):
            break
    return head


def write_declared(
    lines: Iterable[bytes],
    regions: str,
    target: str,
    aliases: Mapping[str, str] | None = None,
    *,
    whole: bool = True,
) -> Cut:
    """Write the records over some regions as VCF text whose header declares all that they use.

    What the header of the source lacks is declared as text, whose values the reader of records
    takes apart itself. An allele that a record does not have is written as missing, and reported.
    Records out of order are put in order.

    Parameters
    ----------
    lines
        Lines of the source, header first, without their ends.
    regions
        BED, sorted and merged.
    target
        VCF to write.
    aliases
        Name in the BED by spelling of a contig in lower case; None if the BED has those of the
        source.
    whole
        True if `lines` are all of the file, so that they can be counted.

    Raises
    ------
    TextError
        At a line that cannot be read.
    """
    cut = Cut()
    head: list[bytes] = []
    used: dict[tuple[str, bytes], bool] = {}
    rows = _Rows(cut)
    records = _records_over(
        lines, Intervals(read_bed(regions)), aliases, rows, head, count_lines=whole
    )
    with open(f"{target}.body", "wb") as body:
        for cells, line, number in records:
            body.write(rows.checked(cells, line, number) + b"\n")
            for kind, key, bare in _used_keys(cells):
                used[kind, key] = used.get((kind, key), True) and bare
    _write_whole(target, head, used, rows.in_order())
    return cut


def _records_over(
    lines: Iterable[bytes],
    wanted: Intervals,
    aliases: Mapping[str, str] | None,
    rows: "_Rows",
    head: list[bytes],
    *,
    count_lines: bool,
) -> Iterator[tuple[list[bytes], bytes, int]]:
    """Yield cells, line and number of each record over the wanted regions.

    The header's lines are added to `head`, its samples given to `rows`, and the records of each
    contig counted. Every record is checked for its columns and its position, wanted or not.
    """
    cut = rows.cut
    spans = Spans()
    name: bytes | None = None
    columns = empty = 0
    for count, line in enumerate(lines, 1):
        number = count if count_lines else 0
        if line.startswith(b"#"):
            if _is_header(line, bool(columns), number):
                head.append(line)
                if line.startswith(b"#CHROM"):
                    columns = line.count(b"\t") + 1
                    rows.samples = line.split(b"\t")[9:]
            continue
        if not line or line.isspace():
            empty = _count_empty(empty, number)
            continue
        if line.count(b"\t") != columns - 1:
            raise _other_columns(line, columns, number)
        here = line[: line.index(b"\t")]
        # Rows of a contig stand together, so one look-up serves the whole run of them.
        if here != name:
            spans = wanted.on(_known_name(here, aliases, cut, number))
            name = here
            text = here.decode("utf-8", "replace")
        cut.contigs[text] += 1
        # Splitting all columns of a wide cohort would dominate: most rows are not wanted.
        cells = line.split(b"\t", 9 if spans else 2)
        _check_row(line, cells[1], number)
        if spans and spans.meets(int(cells[1]) - 1, _last_base(cells)):
            yield cells, line, number
    if not columns:
        raise TextError("no header")


def readable_head(head: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a header that readers of records need, as they can read them.

    Lines of free text are not among them. Of a contig only its name and a length that is a number
    are kept; quotation marks inside a description become apostrophes.
    """
    for line in head:
        known = _DECLARED.match(line)
        if known and known[1] == b"contig":
            length = _LENGTH.search(line)
            yield (
                b"##contig=<ID="
                + known[2].strip(b'"')
                + (b",length=" + length[1] if length else b"")
                + b">"
            )
        elif known and not _PARTS.match(line):
            yield _DESCRIPTION.sub(lambda m: m[1] + m[2].replace(b'"', b"'") + m[3], line)
        elif known or line.startswith((b"##fileformat", b"#CHROM")):
            yield line


def is_declaration(line: bytes) -> bool:
    """Say whether a header line that declares a field does so in full; true of other lines."""
    return not line.startswith((b"##INFO=", b"##FORMAT=")) or bool(_WHOLE.match(line))


def is_plain_declaration(line: bytes) -> bool:
    """Say whether a header line is a list of keys and values whose quotation marks pair."""
    return bool(_PARTS.match(line))


def relax_types(target: str) -> None:
    """Declare the numbers of a VCF as text, for values that htslib does not take as numbers."""
    with open(target, "rb") as source, open(f"{target}.text", "wb") as text:
        for line in source:
            text.write(_TYPE.sub(rb"\1String", line) if line.startswith(b"##") else line)
    os.replace(f"{target}.text", target)


def find_lines(
    path: str | os.PathLike[str], places: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    """Return the number of the first line at each place, of those that can be found."""
    found: dict[tuple[str, int], int] = {}
    wanted = {f"{contig}\t{pos}".encode(): (contig, pos) for contig, pos in places}
    try:
        for number, line in enumerate(read_lines(path), 1):
            key = b"\t".join(line.split(b"\t", 2)[:2])
            if key in wanted:
                found.setdefault(wanted[key], number)
    except (OSError, ValueError, EOFError, zlib.error):
        pass
    return found


class _Rows:
    """Rows that are kept: their genotypes are checked, and their order is noted."""

    def __init__(self, cut: Cut) -> None:
        self.samples: list[bytes] = []
        self.cut = cut
        self._good: dict[int, set[bytes]] = {}
        self._places: list[tuple[int, int, int, int]] = []
        self._order: dict[bytes, int] = {}
        self._offset = 0

    def checked(self, cells: list[bytes], line: bytes, number: int) -> bytes:
        """Return a row, with missing genotypes in place of impossible ones."""
        if len(cells) > 9 and (cells[8] == b"GT" or cells[8].startswith(b"GT:")):
            line = self._check(cells, line, number)
        if not line.isascii():
            line = _readable(line)
        rank = self._order.setdefault(cells[0], len(self._order))
        self._places.append((rank, int(cells[1]), self._offset, len(line) + 1))
        self._offset += len(line) + 1
        return line

    def in_order(self) -> list[tuple[int, int]] | None:
        """Return offset and length of each row in order; None if they are in order already."""
        if all(a[:2] <= b[:2] for a, b in zip(self._places, self._places[1:], strict=False)):
            return None
        return [place[2:] for place in sorted(self._places)]

    def _check(self, cells: list[bytes], line: bytes, number: int) -> bytes:
        alts = 0 if cells[4] in (b".", b"") else cells[4].count(b",") + 1
        # Distinct genotypes are few, however many samples: each is checked once.
        good = self._good.setdefault(alts, set())
        calls = cells[9].split(b"\t")
        if cells[8] != b"GT":
            distinct = {c.partition(b":")[0] for c in calls}
        else:
            distinct = set(calls)
        wrong = {gt for gt in distinct - good if not is_genotype(gt, alts)}
        mended = {gt: without_others(gt, alts) for gt in wrong}
        mended |= {
            gt: without_first_mark(gt) for gt in distinct - good - wrong if gt[:1] in (b"/", b"|")
        }
        good |= distinct - mended.keys()
        if not mended:
            return line
        told = 0
        for column, call in enumerate(calls):
            genotype, colon, rest = call.partition(b":")
            if genotype in mended:
                calls[column] = mended[genotype] + colon + rest
                told += genotype in wrong
        if not told:
            return b"\t".join([*cells[:9], *calls])
        self.cut.faulty += 1
        if len(self.cut.faults) < SHOWN_FAULTS:
            contig = cells[0].decode("utf-8", "replace")
            self.cut.faults.append(GenotypeFault(contig, int(cells[1]), number, told, alts))
        return b"\t".join([*cells[:9], *calls])


def _readable(line: bytes) -> bytes:
    """Return a row whose annotation is UTF-8 and the rest ASCII, which readers rely on."""
    cells = line.split(b"\t")
    for i, cell in enumerate(cells):
        text = cell.decode("utf-8", "replace")
        cells[i] = text.encode("utf-8" if i in (0, 2, 7) else "ascii", "replace")
    return b"\t".join(cells)


def _is_header(line: bytes, complete: bool, number: int) -> bool:
    """Say whether a line that starts with # belongs to the header; a comment is passed over."""
    if not complete:
        return line.startswith((b"##", b"#CHROM"))
    if line.startswith((b"##", b"#CHROM")):
        raise TextError("a second header among the records", number)
    if b"\t" in line:
        raise TextError("a record behind a # sign", number)
    return False


def _known_name(name: bytes, aliases: Mapping[str, str] | None, cut: Cut, number: int) -> str:
    """Return the name of a contig in the BED, and count it among those seen."""
    text = name.decode("utf-8", "replace")
    if text not in cut.contigs:
        if not _CONTIG.fullmatch(name):
            raise TextError(f"no contig name in CHROM ({_shown(name)!r})", number)
        if len(cut.contigs) >= MOST_CONTIGS:
            raise TextError(f"more than {MOST_CONTIGS} contig names", number)
        cut.contigs[text] = 0
    return text if aliases is None else aliases.get(text.lower(), "")


def _count_empty(before: int, number: int) -> int:
    if before == EMPTY_LINES:
        raise TextError(f"more than {EMPTY_LINES} lines without text", number)
    return before + 1


def _check_row(line: bytes, pos: bytes, number: int) -> None:
    if not (pos.isdigit() and len(pos) <= 10):
        raise TextError(f"no position in POS ({_shown(pos)!r})", number)
    if b"\0" in line:
        raise TextError("a zero byte", number)


def _other_columns(line: bytes, columns: int, number: int) -> TextError:
    if not columns:
        return TextError("a record before the #CHROM line", number)
    found = f"{line.count(9) + 1} columns, where the header has {columns}"
    if not number:
        found += " at " + _shown(b":".join(line.split(b"\t", 2)[:2]))
    return TextError(found, number)


def _shown(text: bytes) -> str:
    """Return text that may stand in a message."""
    shown = text[:60].decode("ascii", "replace")
    return "".join(c if c.isprintable() else "\ufffd" for c in shown)


def _write_whole(
    target: str,
    head: list[bytes],
    used: Mapping[tuple[str, bytes], bool],
    order: list[tuple[int, int]] | None,
) -> None:
    declared = {("FILTER", b"PASS")}
    kept = []
    for line in readable_head(head[:-1]):
        known = _DECLARED.match(line)
        if not is_declaration(line):
            # A declaration that is none: its field is declared anew if a record uses it.
            continue
        if known:
            declared.add((known[1].decode(), known[2]))
        if known is None or known[1] != b"contig":  # of which there may be thousands
            line = _GENOTYPE_TYPE.sub(rb"\1String", _NO_FLAG.sub(rb"\1String", line))
        kept.append(line)
    with open(target, "wb") as whole, open(f"{target}.body", "rb") as body:
        whole.writelines(line + b"\n" for line in kept)
        for (kind, key), bare in used.items():
            if (kind, key) not in declared:
                whole.write(_declaration(kind, key, bare))
        whole.write(head[-1] + b"\n")
        if order is None:
            shutil.copyfileobj(body, whole)
        for offset, length in order or ():
            body.seek(offset)
            whole.write(body.read(length))
    os.unlink(f"{target}.body")


def read_bed(path: str) -> Iterator[Interval]:
    """Yield the lines of a BED."""
    with open(path, encoding="utf-8", newline="\n") as handle:
        for line in handle:
            name, start, end = line.split("\t")[:3]
            yield name, int(start), int(end)


def _last_base(cells: list[bytes]) -> int:
    """Return the last base that a record may speak of."""
    pos = int(cells[1])
    end = pos + len(cells[3]) - 1
    named = cells[4][:1] in (b".", b"<") and _KIND.search(cells[7])
    sized = not (named or _SEGMENT.search(cells[4])) or end > pos
    for entry in cells[7].split(b";"):
        key, _, value = entry.partition(b"=")
        if key in (b"END", b"SVLEN"):
            for number in value.split(b","):
                size = number.lstrip(b"-").split(b".")[0]
                if size.isdigit():
                    end = max(end, int(size) + (pos if key == b"SVLEN" else 0))
    if not sized and end == pos:
        end = pos + UNSIZED_REACH
    keys = cells[8].split(b":") if len(cells) > 9 else []
    if b"LEN" in keys and b"<" in cells[4]:
        for sample in cells[9].split(b"\t"):
            size = dict(zip(keys, sample.split(b":"), strict=False)).get(b"LEN", b"")
            if size.isdigit():
                end = max(end, pos + int(size) - 1)
    return end


def _used_keys(cells: list[bytes]) -> Iterator[tuple[str, bytes, bool]]:
    """Yield what a record uses: kind, key, and whether the key stands without a value."""
    yield "contig", cells[0], False
    for name in cells[6].split(b";"):
        if name not in (b"", b"."):
            yield "FILTER", name, False
    for entry in cells[7].split(b";"):
        key, sign, _ = entry.partition(b"=")
        if key not in (b"", b"."):
            yield "INFO", key, not sign
    for key in cells[8].split(b":") if len(cells) > 8 else ():
        if key not in (b"", b"."):
            yield "FORMAT", key, False


def _declaration(kind: str, key: bytes, bare: bool) -> bytes:
    start = f"##{kind}=<ID=".encode() + key
    if kind == "contig":
        return start + b">\n"
    if kind != "FILTER":
        start += b",Number=0,Type=Flag" if bare else b",Number=1,Type=String"
    return start + b',Description="not declared by the file">\n'
