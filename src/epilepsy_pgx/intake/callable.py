"""Declared callable regions: where a position without a record may be read as reference."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intake.contigs import ContigNames, cut_list
from epilepsy_pgx.intake.table import read_text, split_lines

_WHOLE = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True)
class CallableRegions:
    """Merged regions, 1-based and closed, by chromosome (no `chr`)."""

    name: str
    spans: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]
    everything: bool = False

    def covers(self, chrom: str, first: int, last: int) -> bool:
        """Return True if `first`..`last` lies inside one region."""
        if self.everything:
            return True
        starts, ends = self.spans.get(chrom, ((), ()))
        i = bisect_right(starts, first) - 1
        return i >= 0 and ends[i] >= last

    def size(self, chrom: str) -> int:
        """Return how many bases of a chromosome are covered."""
        return sum(last - first + 1 for first, last in zip(
            *self.spans.get(chrom, ((), ())), strict=True
        ))

    def overlap(self, chrom: str, start: int, end: int) -> int:
        """Return how many bases of a 0-based, half-open stretch are covered."""
        if self.everything:
            return end - start
        starts, ends = self.spans.get(chrom, ((), ()))
        return sum(
            max(0, min(end, last) - max(start, first - 1))
            for first, last in zip(starts, ends, strict=True)
        )


ALL_CALLABLE = CallableRegions("all", {}, everything=True)


def read_callable(path: Path, names: ContigNames) -> CallableRegions:
    """Read a BED of callable regions.

    Raises
    ------
    InputError
        With every line that is not BED or lies behind the end of its chromosome, every contig
        that no row knows, or if no region lies on a known chromosome.
    """
    text = read_text(path, "callable-readable", "'all' or a BED (tab-separated UTF-8 text)")
    problems, regions = [], []
    unknown: dict[str, int] = {}
    for number, line in split_lines(text):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        cells = line.split("\t")
        places = [int(c) if _WHOLE.fullmatch(c) else -1 for c in map(str.strip, cells[1:3])]
        chrom = names.chrom(cells[0])
        if len(places) < 2 or not 0 <= places[0] < places[1]:
            problems.append(
                Problem(str(path), number, ".", "callable-bed", "a line that is not BED",
                        "chromosome, start, end; tab-separated, 0-based, half-open", ".")
            )
        elif chrom is not None and places[0] >= names.lengths.get(chrom, places[1]):
            problems.append(
                Problem(str(path), number, ".", "callable-build",
                        f"a region that begins behind the {names.lengths[chrom]} bases of "
                        f"chromosome {chrom}",
                        "regions of the stated build", "Give the BED of the VCF's build.")
            )
        elif chrom is not None:
            regions.append((chrom, places[0] + 1, places[1]))
        elif not names.is_other(cells[0]):
            unknown.setdefault(cells[0], number)
    if unknown:
        problems.append(
            Problem(str(path), min(unknown.values()), ".", "callable-contigs",
                    f"contigs of unknown name: {cut_list(list(unknown))}",
                    "names such as chr2, 2, NC_000002.12 or CM000664.2 of the stated build",
                    "Rename them, or take the lines out if they are of no chromosome.")
        )
    if not regions and not problems:
        problems.append(
            Problem(str(path), 0, ".", "callable-bed", "no region on a chromosome of the build",
                    "names such as chr2 or 2", ".")
        )
    if problems:
        raise InputError(problems[:20])
    merged: dict[str, list[list[int]]] = {}
    for chrom, first, last in sorted(regions):
        rows = merged.setdefault(chrom, [])
        if rows and first <= rows[-1][1] + 1:
            rows[-1][1] = max(rows[-1][1], last)
        else:
            rows.append([first, last])
    return CallableRegions(
        path.name,
        {c: (tuple(r[0] for r in rows), tuple(r[1] for r in rows)) for c, rows in merged.items()},
    )
