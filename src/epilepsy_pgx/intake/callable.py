"""Declared callable regions: where a position without a record may be read as reference."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
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


def read_callable(path: Path, spellings: dict[str, tuple[str, str]]) -> CallableRegions:
    """Read a BED of callable regions.

    Raises
    ------
    InputError
        With every line that is not BED, or if no region lies on a known chromosome.
    """
    text = read_text(path, "callable-readable", "'all' or a BED (tab-separated UTF-8 text)")
    problems, regions = [], []
    for number, line in split_lines(text):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        cells = line.split("\t")
        try:
            start, end = (int(c) if _WHOLE.fullmatch(c.strip()) else -1 for c in cells[1:3])
        except ValueError:
            start = end = 0
        if not 0 <= start < end:
            problems.append(
                Problem(str(path), number, ".", "callable-bed", "a line that is not BED",
                        "chromosome, start, end; tab-separated, 0-based, half-open", ".")
            )
        elif cells[0] in spellings:
            regions.append((spellings[cells[0]][0], start + 1, end))
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
