"""Cut records out of VCF text and declare what they use: htslib cannot when the header does not."""

import os
import re
import shutil
from bisect import bisect_right
from collections.abc import Iterable, Iterator

_DECLARED = re.compile(rb"##(INFO|FORMAT|FILTER|contig)=<(?:[^\"]*,)?ID=([^,>]+)")
_TYPE = re.compile(rb"\bType=\w+")


def write_declared(lines: Iterable[bytes], regions: str, target: str) -> None:
    """Write the records over some regions as VCF text whose header declares all that they use.

    What the header of the source lacks is declared as text, whose values the reader of records
    takes apart itself.

    Parameters
    ----------
    lines
        Lines of the source, header first, without their ends.
    regions
        BED, sorted and merged, in the contig names of the source.
    target
        VCF to write.

    Raises
    ------
    ValueError
        If a line has not the columns of the header.
    """
    wanted: dict[bytes, tuple[list[int], list[int]]] = {}
    for name, start, end in read_bed(regions):
        starts, ends = wanted.setdefault(name, ([], []))
        starts.append(start)
        ends.append(end)
    declared = {("FILTER", b"PASS")}
    head: list[bytes] = []
    used: dict[tuple[str, bytes], bool] = {}
    columns = 0
    with open(f"{target}.body", "wb") as body:
        for line in lines:
            if line.startswith(b"#"):
                if line.startswith(b"##FORMAT=<ID=GT,"):
                    line = _TYPE.sub(b"Type=String", line)
                head.append(line)
                if known := _DECLARED.match(line):
                    declared.add((known[1].decode(), known[2]))
                columns = line.count(b"\t")
                continue
            if not line:
                continue
            if line.count(b"\t") != columns:
                place = b":".join(line.split(b"\t", 2)[:2]).decode(errors="replace")[:60]
                raise ValueError(
                    f"{line.count(9) + 1} columns at {place}, where the header has {columns + 1}"
                )
            cells = line.split(b"\t", 9)
            starts, ends = wanted.get(cells[0], ([], []))
            i = bisect_right(ends, int(cells[1]) - 1)
            if i < len(starts) and starts[i] < _last_base(cells):
                body.write(line + b"\n")
                for kind, key, bare in _used_keys(cells):
                    used[kind, key] = used.get((kind, key), True) and bare
    if not head:
        raise ValueError("no header")
    with open(target, "wb") as whole, open(f"{target}.body", "rb") as body:
        whole.writelines(line + b"\n" for line in head[:-1])
        for (kind, key), bare in used.items():
            if (kind, key) not in declared:
                whole.write(_declaration(kind, key, bare))
        whole.write(head[-1] + b"\n")
        shutil.copyfileobj(body, whole)
    os.unlink(f"{target}.body")


def read_bed(path: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield contig, start and end, 0-based and half-open."""
    with open(path, "rb") as handle:
        for line in handle:
            name, start, end = line.split(b"\t")[:3]
            yield name, int(start), int(end)


def _last_base(cells: list[bytes]) -> int:
    """Return the last base that a record may speak of."""
    pos = int(cells[1])
    end = pos + len(cells[3]) - 1
    for entry in cells[7].split(b";"):
        key, _, value = entry.partition(b"=")
        if key in (b"END", b"SVLEN"):
            for number in value.split(b","):
                size = number.lstrip(b"-").split(b".")[0]
                if size.isdigit():
                    end = max(end, int(size) + (pos if key == b"SVLEN" else 0))
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
