"""Prove that an index belongs to the bytes it lies beside, before a region is sought with it.

An index of other bytes leads past records without an error. Three things must hold: the parts it
lists follow each other from the end of the header to the end of the data without a gap, each part
begins with a record of its contig in its bin, and the records in the parts looked at are in order.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Protocol

from epilepsy_pgx.frozen import dataclass

INDEX_LIMIT = 256 * 1024**2
"""Most bytes of an unpacked index."""
LOOKED_AT = 8 * 1024**2
"""Unpacked bytes of data that are looked at: all of a small file, samples of a large one."""
PARTS = 128
"""Most parts whose records are looked at."""
_UNPACKED = 4 * 1024**2
"""Unpacked bytes of data that are kept at most: parts are looked at more than once."""

_TABIX_HEAD = struct.Struct("<6i")
_VCF_PRESET = (2, 1, 2)
"""Tabix's preset of VCF: format, and the columns of contig and position."""


class OtherIndexError(ValueError):
    """Why an index is not used."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Where the records of one bin lie, from one virtual offset up to another."""

    begin: int
    end: int
    contig: int
    bin: int


@dataclass(frozen=True, slots=True)
class _Index:
    names: tuple[str, ...]
    """Contigs by number; empty if the file itself numbers them."""
    parts: tuple[_Part, ...]
    shift: int
    depth: int

    def bounds(self, number: int) -> tuple[int, int]:
        """Return the first base of a bin, 0-based, and the first behind it."""
        # Binning of the SAM and CSI specifications: level l has 8^l bins of equal size.
        level = first = 0
        while level < self.depth and number >= first + (1 << 3 * level):
            first += 1 << 3 * level
            level += 1
        size = 1 << self.shift + 3 * (self.depth - level)
        return (number - first) * size, (number - first + 1) * size


class Bytes(Protocol):
    """What is read like a file that is open."""

    def seek(self, place: int, whence: int = 0, /) -> int:
        """Go to a place; from the end if `whence` is 2."""

    def read(self, count: int = -1, /) -> bytes:
        """Read bytes from there."""


def contigs_of_index(
    index: Path, data: Path, numbers: dict[int, str] | None, source: Bytes | None = None
) -> tuple[str, ...]:
    """Return the contigs that have records, in file order, as a proved index says.

    Parameters
    ----------
    numbers
        Contig by the number that stands for it in a BCF; None for VCF text.
    source
        What to read the data from, where that is not the file.

    Raises
    ------
    OtherIndexError
        With the reason, if the index is not that of the file.
    """
    # One second of tolerance, for file systems with coarse times.
    if index.stat().st_mtime < data.stat().st_mtime - 1:
        raise OtherIndexError("it is older than the file")
    try:
        found = _parse(_unpack(index), text=numbers is None)
    except (struct.error, ValueError, IndexError, zlib.error, OSError, EOFError) as error:
        raise OtherIndexError(
            str(error) if isinstance(error, OtherIndexError) else "it is damaged"
        ) from None
    names = dict(enumerate(found.names)) if numbers is None else numbers
    if any(part.contig not in names for part in found.parts):
        raise OtherIndexError("it has a contig that the file does not declare")
    with nullcontext(source) if source is not None else data.open("rb") as handle:
        try:
            return _prove(found, names, _Blocks(handle), text=numbers is None)
        except (struct.error, IndexError, zlib.error, EOFError):
            raise OtherIndexError("it does not fit the data") from None


def end_of_header(data: Bytes, *, text: bool) -> int:
    """Return the virtual offset of the first record.

    Raises
    ------
    OtherIndexError
        If there is no such place.
    """
    try:
        return _Blocks(data).header_end(text=text)
    except (struct.error, IndexError, zlib.error, EOFError):
        raise OtherIndexError("the data are damaged") from None


def parts_over(
    index: Path, regions: Iterable[tuple[str, int, int]], numbers: Mapping[str, int] | None
) -> list[tuple[int, int]]:
    """Return the virtual offsets between which the records of some regions lie.

    Parameters
    ----------
    regions
        Contig, first base (0-based) and the one behind the last.
    numbers
        Number of each contig in a BCF; None for VCF text.
    """
    found = _parse(_unpack(index), text=numbers is None)
    known = {n: i for i, n in enumerate(found.names)} if numbers is None else numbers
    wanted: dict[int, list[tuple[int, int]]] = {}
    for contig, start, end in regions:
        if contig in known:
            wanted.setdefault(known[contig], []).append((start, end))
    parts = []
    for part in found.parts:
        first, behind = found.bounds(part.bin)
        if any(start < behind and end > first for start, end in wanted.get(part.contig, ())):
            parts.append((part.begin, part.end))
    return parts


def _prove(index: _Index, names: dict[int, str], data: "_Blocks", *, text: bool) -> tuple[str, ...]:
    parts = sorted(index.parts, key=lambda p: (p.begin, p.end))
    at = data.header_end(text=text)
    reach: dict[int, int] = {}
    current = None
    for part in parts:
        if part.contig != current:
            if part.contig in reach or not data.same(at, part.begin):
                raise OtherIndexError("its parts do not follow each other")
            if data.is_end(part.begin):
                raise OtherIndexError("it lists contigs behind the end of the data")
            current = part.contig
        elif part.begin > at and not data.same(at, part.begin):
            raise OtherIndexError("its parts leave a gap")
        at = max(at, part.end)
        reach[part.contig] = at
    if not data.is_end(at):
        raise OtherIndexError("it does not end where the data end")
    step = max(1, -(-len(parts) // PARTS))
    chosen = parts[::step]
    for part in chosen:
        first, behind = index.bounds(part.bin)
        last = -1
        for number, record in enumerate(
            data.records(part.begin, part.end, LOOKED_AT // len(chosen), text=text)
        ):
            name, pos = record
            if name != (names[part.contig] if text else str(part.contig)):
                raise OtherIndexError("records of another contig stand where it points")
            if pos < last or (not number and not first <= max(pos, 0) < behind):
                raise OtherIndexError("records of other positions stand where it points")
            last = pos
    return tuple(names[number] for number in reach)


def _unpack(path: Path) -> bytes:
    """Return the bytes of an index, which is compressed in one or several parts."""
    data = path.read_bytes()
    if len(data) > INDEX_LIMIT:
        raise OtherIndexError("it is too large")
    if not data.startswith(b"\x1f\x8b"):
        raise OtherIndexError("it is damaged" if data else "it is empty")
    whole = bytearray()
    while data:
        stream = zlib.decompressobj(31)
        whole += stream.decompress(data, INDEX_LIMIT - len(whole) + 1)
        if len(whole) > INDEX_LIMIT:
            raise OtherIndexError("it is too large")
        if not stream.eof:
            raise OtherIndexError("it was cut short")
        data = stream.unused_data
    return bytes(whole)


def _parse(data: bytes, *, text: bool) -> _Index:
    magic, at = data[:4], 4
    names: tuple[str, ...] = ()
    # The scheme that TBI implies; CSI states its own.
    shift, depth = 14, 5
    if magic == b"TBI\1" and text:
        (count,) = struct.unpack_from("<i", data, at)
        names, at = _tabix_names(data, at + 4)
    elif magic == b"CSI\1":
        shift, depth, size = struct.unpack_from("<3i", data, at)
        at += 12
        if text:
            names, _ = _tabix_names(data[: at + size], at)
        at += size
        (count,) = struct.unpack_from("<i", data, at)
        at += 4
    else:
        raise OtherIndexError("it is no index of such a file")
    if not (0 < shift < 32 and 0 < depth < 12) or (text and count != len(names)):
        raise OtherIndexError("it is damaged")
    most, leaf = ((1 << 3 * (depth + 1)) - 1) // 7, ((1 << 3 * depth) - 1) // 7
    parts: list[_Part] = []
    # No bins, and in TBI no linear index.
    nothing = bytes(8 if magic == b"TBI\1" else 4)
    for contig in range(count):
        if data[at : at + len(nothing)] == nothing:
            # Of the thousands of contigs of a header most have no record.
            at += len(nothing)
            continue
        (bins,) = struct.unpack_from("<i", data, at)
        at += 4
        begins: dict[int, int] = {}
        for _ in range(bins):
            number, mark = struct.unpack_from("<IQ", data, at)
            # CSI has an offset (loffset) between the number of a bin and its chunks.
            at += 4 if magic == b"TBI\1" else 12
            (chunks,) = struct.unpack_from("<i", data, at)
            at += 4
            ends = struct.unpack_from(f"<{2 * chunks}Q", data, at)
            at += 16 * chunks
            # Higher numbers are htslib's pseudo-bins, which hold counts of records.
            if number < most:
                parts += [
                    _Part(b, e, contig, number) for b, e in zip(ends[::2], ends[1::2], strict=True)
                ]
            if leaf <= number < most and chunks:
                begins[number - leaf] = min(ends[::2])
                # A mark beyond the first record of its bin makes a reader skip that record.
                if magic == b"CSI\1" and mark > begins[number - leaf]:
                    raise OtherIndexError("its marks lead past records")
        if magic == b"TBI\1":
            # The linear index: per 16 kb window, the offset from which a search starts.
            (count_of_marks,) = struct.unpack_from("<i", data, at)
            marks = struct.unpack_from(f"<{count_of_marks}Q", data, at + 4)
            at += 4 + 8 * count_of_marks
            if begins and any(w >= len(marks) or marks[w] > b for w, b in begins.items()):
                raise OtherIndexError("its marks lead past records")
    if at > len(data) or any(p.end < p.begin for p in parts):
        raise OtherIndexError("it is damaged")
    return _Index(names, tuple(p for p in parts if p.end > p.begin), shift, depth)


def _tabix_names(data: bytes, at: int) -> tuple[tuple[str, ...], int]:
    form, contig, begin, _, meta, _ = _TABIX_HEAD.unpack_from(data, at)
    if (form & 0xFFFF, contig, begin) != _VCF_PRESET or meta != ord("#"):
        raise OtherIndexError("it was made for another type of file")
    at += _TABIX_HEAD.size
    (size,) = struct.unpack_from("<i", data, at)
    at += 4
    block = data[at : at + size]
    return tuple(n.decode("utf-8", "replace") for n in block.split(b"\0")[:-1]), at + size


class _Blocks:
    """A BGZF file, read by virtual offsets: a block's place and a place in what it unpacks to."""

    def __init__(self, handle: Bytes) -> None:
        self._handle = handle
        self._size = handle.seek(0, 2)
        self._known: dict[int, tuple[bytes, int]] = {}
        self._kept = 0

    def block(self, at: int) -> tuple[bytes, int]:
        """Return what the block at a place unpacks to, and the place of the next one.

        Both are empty and the same behind the last block.
        """
        known = self._known.get(at)
        if known is not None:
            return known
        if at > self._size:
            raise OtherIndexError("it points behind the end of the data")
        self._handle.seek(at)
        head = self._handle.read(18)
        if not head:
            return b"", at
        if len(head) < 18 or head[:4] != b"\x1f\x8b\x08\x04":
            raise OtherIndexError("it points where no block begins")
        (extra,) = struct.unpack_from("<H", head, 10)
        head += self._handle.read(max(0, 12 + extra - 18))
        size, place = 0, 12
        while place + 4 <= 12 + extra:
            (length,) = struct.unpack_from("<H", head, place + 2)
            # BGZF states the block's size less one in this field (SAM specification, 4.1).
            if head[place : place + 2] == b"BC":
                (size,) = struct.unpack_from("<H", head, place + 4)
            place += 4 + length
        rest = self._handle.read(size + 1 - len(head)) if size else b""
        if not size or len(head) + len(rest) != size + 1:
            raise OtherIndexError("it points where no block begins")
        packed = (head + rest)[12 + extra : -8]
        data = zlib.decompressobj(-15).decompress(packed, 1 << 16)
        self._kept += len(data)
        if self._kept > _UNPACKED:
            self._known.clear()
            self._kept = len(data)
        self._known[at] = data, at + size + 1
        return data, at + size + 1

    def read(self, offset: int) -> Iterator[tuple[int, bytes]]:
        """Yield place and content of the blocks from a virtual offset on, the first one cut."""
        # Virtual offset: place of the block, and in 16 bits the place within it.
        at, skip = offset >> 16, offset & 0xFFFF
        while True:
            data, after = self.block(at)
            if after == at:
                return
            if skip > len(data):
                raise OtherIndexError("it points where no block begins")
            yield at, data[skip:]
            at, skip = after, 0

    def same(self, one: int, two: int) -> bool:
        """Say whether two virtual offsets are the same place, as an end and a beginning."""
        return one == two or self._place(one) == self._place(two)

    def is_end(self, offset: int) -> bool:
        """Say whether nothing but line ends follows, at a place within the file."""
        return all(not data.strip(b"\r\n") for _, data in self.read(offset))

    def _place(self, offset: int) -> tuple[int, int]:
        skip = offset & 0xFFFF
        for at, data in self.read(offset):
            if data:
                return at, skip
            skip = 0
        return -1, 0

    def header_end(self, *, text: bool) -> int:
        """Return the virtual offset of the first record."""
        if not text:
            start = b"".join(data for _, data in _first(self.read(0), 9))
            left = 9 + int(struct.unpack_from("<I", start, 5)[0])
            for at, data in self.read(0):
                if left <= len(data):
                    return at << 16 | left
                left -= len(data)
            raise OtherIndexError("it does not fit the data")
        fresh, last = True, 0
        for at, data in self.read(0):
            last, place = at, 0
            while place < len(data):
                if fresh and data[place] != ord("#"):
                    return at << 16 | place
                place = data.find(b"\n", place) + 1
                fresh = bool(place)
                if not fresh:
                    break
        return self.block(last)[1] << 16

    def records(self, begin: int, end: int, most: int, *, text: bool) -> Iterator[tuple[str, int]]:
        """Yield contig and 0-based position of the records of a part, up to some bytes of it."""
        buffer = bytearray()
        read = 0
        for at, data in self.read(begin):
            if at << 16 >= end:
                break
            if at == end >> 16:
                skip = begin & 0xFFFF if at == begin >> 16 else 0
                data = data[: (end & 0xFFFF) - skip]
            buffer += data
            read += len(data)
            yield from _take_text(buffer) if text else _take_bytes(buffer)
            if read >= most:
                return
        if buffer.strip(b"\r\n"):
            raise OtherIndexError("it points into the middle of a record")


def _first(blocks: Iterator[tuple[int, bytes]], size: int) -> Iterator[tuple[int, bytes]]:
    for at, data in blocks:
        yield at, data
        size -= len(data)
        if size <= 0:
            return


def _take_text(buffer: bytearray) -> Iterator[tuple[str, int]]:
    lines = bytes(buffer).split(b"\n")
    del buffer[: len(buffer) - len(lines[-1])]
    for line in lines[:-1]:
        if line.strip(b"\r"):
            cells = line.split(b"\t", 2)
            if len(cells) < 3 or not cells[1].isdigit():
                raise OtherIndexError("it points into the middle of a record")
            yield cells[0].decode("utf-8", "replace"), int(cells[1]) - 1


def _take_bytes(buffer: bytearray) -> Iterator[tuple[str, int]]:
    at = 0
    while at + 16 <= len(buffer):
        shared, single, contig, pos = struct.unpack_from("<IIii", buffer, at)
        if shared < 24:
            raise OtherIndexError("it points into the middle of a record")
        if at + 8 + shared + single > len(buffer):
            break
        at += 8 + shared + single
        yield str(contig), pos
    del buffer[:at]
