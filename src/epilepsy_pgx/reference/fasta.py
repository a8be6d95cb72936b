"""Bases of some intervals from a FASTA of any kind.

It may be plain, gzipped or bgzipped, with an index or without, of the whole genome, of one
chromosome, or of pieces named `chr2:1000-2000`. A local file without a current index is read
through once, so that nothing is written beside it and its end is seen.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import IO, Any

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.contig_names import cut_list, load_contig_names
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import GenomeBuild

Stretch = tuple[str, int, int]
"""(chromosome, start, end), 0-based and half-open."""

IUPAC = "RYSWKMBDHV"
_PIECE = re.compile(r"(.+):(\d+)-(\d+)")
_ACCESSION = re.compile(r"(NC_\d+|CM\d+)")
_BLOCK = 1 << 22
_LONGEST_HEAD = 1 << 16
"""Bytes of a line that names a sequence."""
_LETTERS = frozenset("ACGTNU" + IUPAC)
_UNKNOWN = str.maketrans(IUPAC + "U", "N" * len(IUPAC) + "T")


@dataclass(frozen=True, slots=True)
class FastaRead:
    """What a FASTA holds of the intervals asked for."""

    bases: Mapping[Stretch, str]
    """Those that it holds from end to end; unknown bases are `N`."""
    chroms: frozenset[str]
    """Chromosomes of which it holds anything."""
    notes: tuple[str, ...]
    """What was read otherwise than it stands there."""


@dataclass(slots=True)
class _Contig:
    """A sequence of the file that is a chromosome, or a piece of one."""

    name: str
    chrom: str
    start: int = 0
    stated: int | None = None
    """Length that its name states, of a piece."""
    length: int = 0
    found: dict[Stretch, list[str]] = field(default_factory=dict)


class FastaNames:
    """Says which chromosome of a build a sequence's name stands for."""

    def __init__(self, ref: Reference, build: GenomeBuild) -> None:
        """Read the names and lengths of the chromosomes."""
        self.build = build
        self._names = load_contig_names(ref, build)
        self._others = {b: ref.contigs(b).lengths for b in GenomeBuild if b is not build}

    @property
    def lengths(self) -> Mapping[str, int]:
        """Bases of each chromosome."""
        return self._names.lengths

    def chrom(self, name: str) -> str | None:
        """Return the chromosome that a name stands for, `gi|…|ref|NC_000002.12|` included."""
        for part in (name, *name.split("|")):
            found = self._names.chrom(part)
            if found is not None:
                return found
            if _ACCESSION.fullmatch(part):
                versions = (f"{part.lower()}.{n}" for n in range(1, 20))
                return next((c for v in versions if (c := self._names.chrom(v))), None)
        return None

    def other_build(self, name: str) -> str | None:
        """Return the other build to which an accession belongs."""
        parts = (name, *name.split("|"))
        return next((b for p in parts if (b := self._names.other_build(p))), None)

    def build_of_length(self, chrom: str, length: int) -> str | None:
        """Return the other build in which a chromosome has a length."""
        return next((b for b, known in self._others.items() if known.get(chrom) == length), None)


def read_fasta(
    path: str, wanted: Sequence[Stretch], ref: Reference, build: GenomeBuild
) -> FastaRead:
    """Read the bases of some intervals.

    Parameters
    ----------
    path
        A file, or the URL of an indexed one.
    wanted
        Intervals; those on chromosomes that the file lacks are left out.

    Raises
    ------
    InputError
        If the file is no FASTA, is damaged, is of another build, or holds a chromosome twice.
    """
    names = FastaNames(ref, build)
    by_chrom: dict[str, list[Stretch]] = {}
    for interval in wanted:
        by_chrom.setdefault(interval[0], []).append(interval)
    if "://" in path or _has_index(Path(path)):
        contigs, seen = _read_indexed(path, by_chrom, names)
    else:
        contigs, seen = _read_through(Path(path), by_chrom, names)
    _check_contigs(path, contigs, seen, names)
    bases: dict[Stretch, str] = {}
    for contig in contigs:
        for interval, parts in contig.found.items():
            text = "".join(parts)
            if len(text) == interval[2] - interval[1]:
                bases.setdefault(interval, text)
    return _cleaned(path, bases, frozenset(c.chrom for c in contigs))


def _has_index(path: Path) -> bool:
    """Say whether an index stands beside a file and is not older than it."""
    index, blocks = Path(f"{path}.fai"), Path(f"{path}.gzi")
    try:
        with path.open("rb") as handle:
            packed = handle.read(2) == b"\x1f\x8b"
        changed = path.stat().st_mtime
        parts = [index, blocks] if packed else [index]
        return all(p.stat().st_mtime >= changed for p in parts)
    except OSError:
        return False


def _contig(name: str, names: FastaNames) -> _Contig | None:
    """Return what a name stands for; None if it is no chromosome of the build."""
    chrom = names.chrom(name)
    if chrom is not None:
        return _Contig(name, chrom)
    piece = _PIECE.fullmatch(name)
    chrom = names.chrom(piece[1]) if piece else None
    if piece is None or chrom is None:
        return None
    first, last = int(piece[2]), int(piece[3])
    return _Contig(name, chrom, first - 1, last - first + 1)


def _read_indexed(
    path: str, wanted: Mapping[str, Sequence[Stretch]], names: FastaNames
) -> tuple[list[_Contig], list[str]]:
    from epilepsy_pgx.htslib import open_fasta

    handle: Any = open_fasta(path)  # type: ignore[arg-type]
    contigs = []
    for name, length in zip(handle.references, handle.lengths, strict=True):
        contig = _contig(name, names)
        if contig is None:
            continue
        contig.length = length
        contigs.append(contig)
    if any(_is_wrong(c, names) for c in contigs):
        return contigs, list(handle.references)
    for contig in contigs:
        for interval in wanted.get(contig.chrom, ()):
            low, high = interval[1] - contig.start, interval[2] - contig.start
            if low < 0 or high > contig.length:
                continue
            try:
                contig.found[interval] = [handle.fetch(contig.name, low, high)]
            except (OSError, ValueError) as error:
                raise _damaged(path, f"'{contig.name}' that cannot be read ({error})") from None
            if len(contig.found[interval][0]) != high - low:
                raise _damaged(path, f"'{contig.name}' that ends before its index says")
    return contigs, list(handle.references)


def _read_through(
    path: Path, wanted: Mapping[str, Sequence[Stretch]], names: FastaNames
) -> tuple[list[_Contig], list[str]]:
    contigs: list[_Contig] = []
    seen: list[str] = []
    current: _Contig | None = None
    waiting: list[Stretch] = []
    for name, block in _blocks(path):
        if name is not None:
            seen.append(name)
            current = _contig(name, names)
            if current is not None:
                contigs.append(current)
                waiting = sorted(wanted.get(current.chrom, ()))
            continue
        if current is None:
            continue
        bases = block.translate(None, b"\r\n\t ")
        start = current.start + current.length
        current.length += len(bases)
        _take(current, waiting, start, bases)
    return contigs, seen


def _take(contig: _Contig, waiting: list[Stretch], start: int, bases: bytes) -> None:
    """Take from a block the bases of the intervals that lie in it; drop those that are behind."""
    end = start + len(bases)
    done = 0
    for interval in waiting:
        if interval[1] >= end:
            break
        low, high = max(interval[1], start), min(interval[2], end)
        if low < high:
            text = bases[low - start : high - start].decode("ascii", "replace")
            contig.found.setdefault(interval, []).append(text)
        done += interval[2] <= end
    del waiting[:done]


def _blocks(path: Path) -> Iterator[tuple[str | None, bytes]]:
    """Yield the names of a FASTA, and its lines of bases in blocks."""
    head: bytes | None = None
    begun = False
    try:
        with _open(path) as handle:
            while block := handle.read(_BLOCK):
                while block:
                    if head is not None:
                        line, end, block = block.partition(b"\n")
                        head += line
                        if len(head) > _LONGEST_HEAD:
                            raise _damaged(
                                str(path), "a name without end", "a name in each '>' line"
                            )
                        if end:
                            words = head.decode("utf-8", "replace").split()
                            yield (words[0] if words else ""), b""
                            head = None
                        continue
                    before, mark, block = block.partition(b">")
                    if before.strip():
                        if not begun:
                            raise _damaged(
                                str(path), "text before the first '>'", "a FASTA, '>' first"
                            )
                        yield None, before
                    if mark:
                        head, begun = b"", True
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise _damaged(str(path), "compressed data that break off or are damaged") from None
    except OSError as error:
        raise InputError.one(
            "fasta-opens",
            file=str(path),
            found=error.strerror or str(error),
            expected="a FASTA that can be read",
            fix="Check the path.",
        ) from None
    if not begun:
        raise _damaged(str(path), "no sequence", "a FASTA, '>' first")


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _damaged(path: str, found: str, expected: str = "the whole file") -> InputError:
    return InputError.one(
        "fasta-opens",
        file=path,
        found=found,
        expected=expected,
        fix="Copy the file again and compare checksums.",
    )


def _is_wrong(contig: _Contig, names: FastaNames) -> bool:
    stated = names.lengths[contig.chrom] if contig.stated is None else contig.stated
    return contig.length != stated


def _check_contigs(
    path: str, contigs: Sequence[_Contig], seen: Sequence[str], names: FastaNames
) -> None:
    """Raise a line for each kind of thing that is wrong with the sequences of a file."""
    problems = list(_wrong_lengths(path, contigs, seen, names))
    whole = [c for c in contigs if c.stated is None]
    counts: dict[str, list[str]] = {}
    for contig in whole:
        counts.setdefault(contig.chrom, []).append(contig.name)
    twice = ["/".join(given) for given in counts.values() if len(given) > 1]
    if twice:
        problems.append(
            Problem(
                path,
                0,
                ".",
                "fasta-twice",
                f"more than one sequence of a chromosome: {cut_list(twice)}",
                "each chromosome once",
                "Keep one of them.",
            )
        )
    others = [n for n in seen if names.other_build(n)]
    if not contigs:
        build = names.other_build(others[0]) if others else None
        problems.append(
            Problem(
                path,
                0,
                ".",
                "fasta-contigs",
                f"accessions of {build} ({cut_list(others, 3)})"
                if build
                else f"no chromosome among {cut_list(list(seen), 5)}",
                f"chromosomes of {names.build.value}, named 2, chr2, NC_000002 or CM000664",
                "Provide a FASTA of the build, whole or of one chromosome.",
            )
        )
    if problems:
        raise InputError(problems)


def _wrong_lengths(
    path: str, contigs: Sequence[_Contig], seen: Sequence[str], names: FastaNames
) -> Iterator[Problem]:
    wrong = [c for c in contigs if _is_wrong(c, names)]
    if not wrong:
        return
    first = wrong[0]
    expected = names.lengths[first.chrom] if first.stated is None else first.stated
    known = {names.build_of_length(c.chrom, c.length) for c in wrong if c.stated is None}
    known.discard(None)
    short = len(wrong) == 1 and first.length < expected and first.name == seen[-1]
    if known or not (short or first.stated is not None):
        check, fix = "fasta-build", f"Provide the FASTA of {names.build.value}."
        build = f", as in {min(map(str, known))}" if known else ""
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        found = f"'{first.name}' with {first.length} bases{build}{more}"
    else:
        check, fix = "fasta-truncated", "Copy the file again and compare checksums."
        found = f"'{first.name}' with {first.length} bases only"
    yield Problem(path, 0, first.name, check, found, f"{expected} bases", fix)


def _cleaned(path: str, bases: Mapping[Stretch, str], chroms: frozenset[str]) -> FastaRead:
    """Return bases in capitals, with `N` for what may be one of several."""
    clean: dict[Stretch, str] = {}
    several = unknown = 0
    where = ""
    for interval, text in bases.items():
        upper = text.upper()
        strange = set(upper) - _LETTERS
        if strange:
            at = next(n for n, letter in enumerate(upper) if letter in strange)
            raise _damaged(
                path,
                f"{text[at]!r} at {interval[0]}:{interval[1] + at + 1}",
                "bases: A, C, G, T, N or IUPAC codes",
            )
        if set(upper) & set(IUPAC):
            places = [n for n, letter in enumerate(upper) if letter in IUPAC]
            several += len(places)
            where = where or f"{interval[0]}:{interval[1] + places[0] + 1}"
        clean[interval] = upper.translate(_UNKNOWN)
        unknown += upper.count("N")
    notes = []
    if several:
        notes.append(f"IUPAC codes for several bases, read as N: {several}, first at {where}")
    if unknown:
        notes.append(f"bases that are N in the file: {unknown}")
    return FastaRead(clean, chroms, tuple(notes))
