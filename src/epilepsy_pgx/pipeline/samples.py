"""The samples of files that are named on the command line, and their ids."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.htslib import read_header
from epilepsy_pgx.intake.sheet import SAMPLE_ID

_MOST_HEADER = 1 << 24
"""Bytes of a header in which the names of the samples are looked for."""


def safe_sample_id(name: str) -> str:
    """Turn a VCF's sample name into an id that may name files."""
    if SAMPLE_ID.fullmatch(name):
        return name
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    tail = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"S{kept[:40]}-{tail}"


def distinct_files(vcfs: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files without those named twice, by whatever path."""
    kept: dict[Path, Path] = {}
    for path in vcfs:
        kept.setdefault(Path(path).resolve(), path)
    return tuple(kept.values())


def names_in_header(path: Path) -> tuple[str, ...]:
    """Return the sample names of a file, and none if they cannot be read.

    It serves for files that may be damaged: their header tells whose data are missing.
    """
    if not path.is_file():
        return ()
    text = b""
    try:
        for part in _unpacked(path):
            text += part
            start = 0 if text.startswith(b"#CHROM") else text.find(b"\n#CHROM") + 1
            if (start or text.startswith(b"#CHROM")) and b"\n" in text[start:]:
                line = text[start:].split(b"\n", 1)[0].rstrip(b"\r")
                return tuple(x.decode("utf-8", "replace") for x in line.split(b"\t")[9:])
            if text.startswith(b"BCF"):
                return read_header(path).samples
            if len(text) > _MOST_HEADER:
                break
    except (OSError, zlib.error, InputError):
        pass
    return ()


def _unpacked(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        if handle.read(2) != b"\x1f\x8b":
            handle.seek(0)
            yield from iter(lambda: handle.read(1 << 16), b"")
            return
        handle.seek(0)
        stream = zlib.decompressobj(31)
        while chunk := handle.read(1 << 16):
            while chunk:
                yield stream.decompress(chunk, 1 << 18)
                chunk = stream.unconsumed_tail
                if stream.eof:
                    chunk, stream = stream.unused_data, zlib.decompressobj(31)


def repeated(samples: Iterable[Iterable[str]]) -> frozenset[str]:
    """Return the samples that several files have: which of them is right, none says."""
    counted = Counter(name for names in samples for name in set(names))
    return frozenset(name for name, number in counted.items() if number > 1)


def repeated_samples(vcfs: Sequence[Path]) -> frozenset[str]:
    """Return the samples that several of the files have, by their headers."""
    return repeated(map(names_in_header, vcfs))


def repetition(path: Path, sample: str = ".") -> Problem:
    """Return the problem of samples that other files have too."""
    return Problem(
        str(path),
        0,
        ".",
        "sample-once",
        "a sample that another of the files has too",
        "each sample in one file",
        "Use a sample sheet: it can give the samples different ids, or list several files of one "
        "sample in one row; 'bcftools concat' joins region files.",
        sample,
    )
