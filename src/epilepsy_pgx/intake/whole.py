"""Find out whether a VCF is one, and whole: its compression, its end, its text header."""

import itertools
import stat
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from epilepsy_pgx.bcfbytes import read_bcf_head
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.vcftext import HEADER_LIMIT, LINE_LIMIT, TextError, read_head, read_lines

BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block that ends every complete BGZF file (SAM specification, section 4.1.2)."""

GENOTYPE_WITHIN = 10_000
"""Records among which one must have a genotype."""


class FileKind(StrEnum):
    """How a file of variants is written."""

    VCF = "vcf"
    """Plain text."""
    GZIP = "gzip"
    """Text, compressed in one piece."""
    BGZF = "bgzf"
    """Text, compressed in blocks."""
    BCF = "bcf"


def detect_kind(path: Path) -> FileKind:
    """Find out how a file is written.

    Raises
    ------
    InputError
        If there is no such file, or it is none of these.
    """

    def fail(found: str, fix: str) -> InputError:
        return InputError.one(
            "vcf-readable", file=str(path), found=found, expected="a VCF or BCF", fix=fix
        )

    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise fail(
                "a pipe or device", "The file is read more than once: write it to disk first."
            )
        with path.open("rb") as handle:
            head = handle.read(18)
            if not head:
                raise fail("an empty file", "Make the VCF again.")
            if head[:2] == b"\x1f\x8b":
                # BGZF is gzip with an extra field named BC.
                blocked = head[3:4] == b"\x04" and head[12:14] == b"BC"
                handle.seek(0)
                text = zlib.decompressobj(31).decompress(handle.read(65536), 64)
                if text.startswith(b"BCF\x02"):
                    return FileKind.BCF
                _refuse_marks(text, fail)
                if not text.startswith(b"##fileformat=VCF"):
                    raise fail("compressed data that are not a VCF", "Check the path.")
                return FileKind.BGZF if blocked else FileKind.GZIP
    except FileNotFoundError:
        raise fail("no file at this path", "Check the path.") from None
    except IsADirectoryError:
        raise fail("a folder", "Name the VCF itself.") from None
    except PermissionError:
        raise fail("a file that may not be read", "Check its permissions.") from None
    except zlib.error:
        raise fail("damaged compressed data", "Copy the file again.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "a path that cannot be"
        raise fail(f"a file that cannot be opened ({why})", "Check the path.") from None
    if head.startswith(b"##fileformat=VCF"):
        return FileKind.VCF
    _refuse_marks(head, fail)
    raise fail("a file that does not start with ##fileformat=VCF", "Check the path.")


def read_whole_head(path: Path, kind: FileKind) -> bytes:
    """Return the bytes of the header of a file that has its end mark."""
    try:
        if kind is not FileKind.GZIP:
            check_complete(path, kind)
        if kind is FileKind.BCF:
            return read_bcf_head(path)
        head = _check_text_header(path)
        # Plain gzip has no end mark: it must be unpacked to its end, so that comes last.
        if kind is FileKind.GZIP:
            check_complete(path, kind)
        return b"\n".join(head) + b"\n"
    except TextError as fault:
        raise InputError.one(
            "vcf-header",
            file=str(path),
            line=fault.line,
            found=fault.found,
            expected="a VCF or BCF header",
            fix="Check the file with 'bcftools view -h'.",
        ) from None
    except EOFError:
        raise _cut_short(path) from None
    except (OSError, zlib.error):
        raise InputError.one(
            "vcf-readable",
            file=str(path),
            found="damaged compressed data",
            expected="a VCF or BCF",
            fix="Copy the file again.",
        ) from None


def _refuse_marks(head: bytes, fail: Callable[[str, str], InputError]) -> None:
    if head.startswith(b"\xef\xbb\xbf"):
        raise fail(
            "a byte order mark before ##fileformat=VCF",
            "Save the file as UTF-8 without a byte order mark ('sed 1s/^\\xEF\\xBB\\xBF//').",
        )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise fail("text in UTF-16", "Save the file as UTF-8 without a byte order mark.")


def _cut_short(path: Path) -> InputError:
    return InputError.one(
        "vcf-complete",
        file=str(path),
        found="a file that was cut short",
        expected="the end mark of its compression",
        fix="Copy the file again and compare checksums.",
    )


def check_complete(path: Path, kind: FileKind) -> None:
    """Refuse a file that was cut short: compressed with an index it would read as empty.

    Raises
    ------
    InputError
        If it was.
    """
    if kind in (FileKind.BGZF, FileKind.BCF):
        with path.open("rb") as handle:
            handle.seek(0, 2)
            size = handle.tell()
            handle.seek(max(0, size - len(BGZF_END)))
            if handle.read() != BGZF_END:
                raise _cut_short(path)
    elif kind is FileKind.GZIP:
        try:
            for _ in read_lines(path):
                pass
        except (OSError, EOFError, zlib.error):
            raise _cut_short(path) from None
    elif kind is FileKind.VCF:
        _check_last_line(path)


def _check_last_line(path: Path) -> None:
    """Refuse plain text that ends inside a record."""
    with path.open("rb") as handle:
        handle.seek(0, 2)
        at, tail = handle.tell(), b""
        while at and b"\n" not in tail and len(tail) <= LINE_LIMIT:
            step = min(at, 1 << 16)
            at -= step
            handle.seek(at)
            tail = handle.read(step) + tail
    line = tail.rpartition(b"\n")[2]
    # Space that a copy reserved and never filled.
    if b"\0" in line:
        raise InputError.one(
            "vcf-complete",
            file=str(path),
            found="zero bytes at the end",
            expected="text up to the last line end",
            fix="The file is incomplete: copy or write it again.",
        )
    if not line or line.startswith(b"#"):
        return
    try:
        titles = read_head(path)[-1:] or [b""]
    except TextError:
        return
    # A call may leave out trailing fields: without a line end that cannot be told from a cut.
    columns = titles[0].count(b"\t") + 1
    cells = line.split(b"\t")
    fields = cells[8].count(b":") if len(cells) > 9 else 0
    if len(cells) < columns or cells[-1].count(b":") < fields:
        raise InputError.one(
            "vcf-complete",
            file=str(path),
            found=f"a last line without its end ({len(cells)} columns)",
            expected=f"{columns} columns and a line end",
            fix="The file was cut short: copy it again and compare checksums.",
        )


def _check_text_header(path: Path) -> list[bytes]:
    """Return the lines of a header; a repeated sample name htslib refuses without saying which."""
    head: list[bytes] = []
    declared = False
    size = 0
    lines = read_lines(path)
    for number, line in enumerate(lines, 1):
        head.append(line)
        size += len(line)
        if size > HEADER_LIMIT:
            raise TextError(f"a header of more than {HEADER_LIMIT >> 20} MB", number)
        if line.startswith(b"#CHROM"):
            names = line.split(b"\t")[9:]
            twice = sorted(n for n, c in Counter(names).items() if c > 1)
            if twice:
                raise InputError.one(
                    "vcf-sample-once",
                    file=str(path),
                    line=number,
                    found=f"{len(twice)} sample name(s) in more than one column",
                    expected="each sample once",
                    fix="Rename or remove the repeated columns ('bcftools reheader').",
                )
            if names:
                _check_genotypes(path, lines, number + 1, declared)
            return head
        declared = declared or line.startswith((b"##FORMAT=<ID=GT,", b"##FORMAT=<ID=LGT,"))
        if not line.startswith(b"#"):
            break
    raise InputError.one(
        "vcf-header",
        file=str(path),
        found="no #CHROM line",
        expected="a VCF header",
        fix="Check the file with 'bcftools view -h'.",
    )


def _check_genotypes(path: Path, records: Iterator[bytes], number: int, declared: bool) -> None:
    """Refuse a file without a genotype in its first records; copy numbers may stand before.

    Where the header declares genotypes and more records follow, they may come later still.
    """
    first = None
    try:
        for line in itertools.islice(records, GENOTYPE_WITHIN):
            if not line or line.startswith(b"#"):
                continue
            cells = line.split(b"\t", 9)
            if len(cells) < 10:
                return
            keys = set(cells[8].split(b":"))
            if b"GT" in keys or (b"LGT" in keys and {b"LAA", b"LA"} & keys):
                return
            first = first or cells[8][:60].decode("utf-8", "replace")
        more = bool(next(records, b""))
    except TextError:
        # A record that is too long is told where the records are read.
        return
    if first is not None and not (declared and more):
        raise InputError.one(
            "vcf-genotypes",
            file=str(path),
            line=number,
            column="FORMAT",
            found=f"{first!r}, without GT, and none in the records after it",
            expected="GT in FORMAT",
            fix="Provide a VCF with genotypes; local genotypes (LGT) also need LAA.",
        )
