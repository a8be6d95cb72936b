"""Change bytes as broken tools, spreadsheets and disks do; the same seed gives the same bytes."""

import gzip
import random
import struct
import zlib
from collections.abc import Callable

TOKENS = (
    b"",
    b".",
    b"nan",
    b"NaN",
    b"inf",
    b"-inf",
    b"1e400",
    b"-1",
    b"0",
    b"2147483648",
    b"18446744073709551616",
    b"99999999999999999999999999",
    b"0x10",
    b"1_000",
    b"+5",
    b"1,5",
    b"\xd9\xa1\xd9\xa2",
    b"=cmd|'/c calc'!A0",
    b"@SUM(1)",
    b'"',
    b'"a',
    b"'",
    b"``",
    b"\\x2c",
    b"\\x3b",
    b"%2C",
    b"\t",
    b"\t\t\t",
    b" ",
    b"\r",
    b"\r\n",
    b"\n",
    b"\n\n",
    b"\x0b",
    b"\x0c",
    b"\x1c",
    b"\x85",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\xe2\x80\xa9",
    b"\xc2\xa0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"none",
    b"all",
    b"NA",
    b"*",
    b"*1",
    b"*1/*1",
    b"/",
    b"|",
    b"[",
    b"]",
    b"{",
    b"}",
    b"[[[[[[[[[[",
    b"../../etc/passwd",
    b"/dev/null",
    b"/",
    b"#",
    b"##",
    b"<DEL>",
    b"<NON_REF>",
    b"0/1",
    b"1|2",
    b"./.",
    b"0/99",
    b"0/-1",
    b"1/1/1/1/1/1",
    b"A" * 5000,
    b"\xc3\xa9",
    b"\xf0\x9f\xa7\xac",
    b"PASS",
    b"END=1",
    b"GRCh37",
    b"chr10",
    b"2026-02-30",
    b"0000-00-00",
    b"P1Y",
    b"null",
    b"true",
    b"1e-400",
)
SEPARATORS = (b"\t", b",", b":", b";", b"=", b"|", b"/", b'"')
VCF_WORDS = (
    b"GT",
    b"AD",
    b"DP",
    b"GQ",
    b"PL",
    b"PS",
    b"FT",
    b"PASS",
    b"END",
    b"0/0",
    b"0/1",
    b"1/1",
    b"0|1",
    b"chr2",
    b"chr10",
    b"A",
    b"C",
    b"G",
    b"T",
    b"##contig",
    b"##FORMAT",
    b"##INFO",
    b"Number=1",
    b"Number=R",
    b"Type=Integer",
    b"#CHROM",
    b"FORMAT",
)
LARGEST = 400_000
"""Mutations may double a file; no further than this."""

_LAYOUT = b"\t\r\n\x00\x0b\x0c\x1c\x85"
CELL_TOKENS = tuple(t for t in TOKENS if t.isascii() and not any(b in _LAYOUT for b in t))
"""Tokens that leave the rows and columns of a sheet as they are."""

Mutation = Callable[[random.Random, bytes], bytes]


def _place(rng: random.Random, data: bytes) -> int:
    return rng.randrange(len(data) + 1)


def flip(rng: random.Random, data: bytes) -> bytes:
    """Change some bytes."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(rng: random.Random, data: bytes) -> bytes:
    """Leave out the end, or a piece."""
    start = _place(rng, data)
    if rng.random() < 0.5:
        return data[:start]
    return data[:start] + data[start + rng.choice((1, 2, 10, 100)) :]


def insert(rng: random.Random, data: bytes) -> bytes:
    """Put a token somewhere."""
    at = _place(rng, data)
    return data[:at] + rng.choice(TOKENS) + data[at:]


def lines(rng: random.Random, data: bytes) -> bytes:
    """Double, remove, swap, move or join lines."""
    rows = data.split(b"\n")
    one, other = rng.randrange(len(rows)), rng.randrange(len(rows))
    match rng.randrange(6):
        case 0:
            rows.insert(other, rows[one])
        case 1:
            del rows[one]
        case 2:
            rows[one], rows[other] = rows[other], rows[one]
        case 3:
            rows.insert(other, b"")
        case 4:
            rows[one] = rows[one] + b"\t" + rows[other]
        case _:
            rows[one : one + 1] = [rows[one]] * rng.choice((2, 20))
    return b"\n".join(rows)


def cells(rng: random.Random, data: bytes) -> bytes:
    """Put a token in the place of a cell, or swap, remove or double cells of one line."""
    rows = data.split(b"\n")
    filled = [i for i, row in enumerate(rows) if row]
    if not filled:
        return insert(rng, data)
    at = rng.choice(filled)
    mark = rng.choice(SEPARATORS)
    row = rows[at].split(mark)
    one, other = rng.randrange(len(row)), rng.randrange(len(row))
    match rng.randrange(4):
        case 0:
            row[one], row[other] = row[other], row[one]
        case 1:
            del row[one]
        case 2:
            row.insert(other, row[one])
        case _:
            row[one] = rng.choice(TOKENS)
    rows[at] = mark.join(row)
    return b"\n".join(rows)


def cell(rng: random.Random, row: bytes, first: int) -> bytes:
    """Change one cell of a row of a sheet, from column `first` on, and nothing else."""
    parts = row.split(b"\t")
    at = rng.randrange(first, len(parts))
    token = rng.choice(CELL_TOKENS)
    place = rng.randrange(len(parts[at]) + 1)
    new = token if rng.random() < 0.5 else parts[at][:place] + token + parts[at][place:]
    return b"\t".join((*parts[:at], new, *parts[at + 1 :]))


def words(rng: random.Random, data: bytes) -> bytes:
    """Put a token, or another word of the format, in the place of a word of it."""
    known = [w for w in VCF_WORDS if w in data]
    if not known:
        return cells(rng, data)
    word = rng.choice(known)
    parts = data.split(word)
    at = rng.randrange(1, len(parts))
    new = rng.choice(TOKENS) if rng.random() < 0.5 else rng.choice(VCF_WORDS)
    return word.join(parts[:at]) + new + word.join(parts[at:])


def encode(rng: random.Random, data: bytes) -> bytes:
    """Write the text in another encoding, or with other line ends."""
    text = data.decode("latin-1")
    match rng.randrange(5):
        case 0:
            return text.encode("utf-16")
        case 1:
            return b"\xef\xbb\xbf" + data
        case 2:
            return data.replace(b"\n", b"\r\n")
        case 3:
            return data.replace(b"\n", b"\r")
        case _:
            return data.replace(b"\t", b" ")


def block_gzip(data: bytes) -> bytes:
    """Compress as bgzip does."""
    blocks = []
    for start in (*range(0, len(data), 60_000), len(data)):
        piece = data[start : start + 60_000]
        deflater = zlib.compressobj(1, zlib.DEFLATED, -15)
        packed = deflater.compress(piece) + deflater.flush()
        head = struct.pack("<4BI2BH2BHH", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(packed) + 25)
        blocks.append(head + packed + struct.pack("<II", zlib.crc32(piece), len(piece)))
    return b"".join(blocks)


def pack(rng: random.Random, data: bytes) -> bytes:
    """Compress the file, and cut it now and then."""
    packed = block_gzip(data)
    return packed if rng.random() < 0.5 else packed[: _place(rng, packed)]


COMMON: tuple[Mutation, ...] = (flip, cut, insert, insert, lines, cells, cells, cells)
RARE: tuple[Mutation, ...] = (encode, pack)


def mutate(rng: random.Random, data: bytes, *, vcf: bool = False) -> bytes:
    """Return data changed in one to four ways. What is packed is also changed inside."""
    if data.startswith(b"\x1f\x8b") and rng.random() < 0.5:
        try:
            inner = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return flip(rng, data)
        return block_gzip(mutate(rng, inner, vcf=vcf))
    if data.startswith(b"\x1f\x8b"):
        return rng.choice((flip, cut, insert))(rng, data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        kinds = RARE if rng.random() < 0.03 else (*COMMON, words, words, words) if vcf else COMMON
        data = rng.choice(kinds)(rng, data)[:LARGEST]
    return data
