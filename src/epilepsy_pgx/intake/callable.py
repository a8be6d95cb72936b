"""Declared callable regions: where a position without a record may be read as reference."""

import re
from collections.abc import Mapping
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.contigs import ContigNames, cut_list
from epilepsy_pgx.intake.table import read_text, split_lines
from epilepsy_pgx.intervals import Intervals

_WHOLE = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True)
class CallableRegions:
    """Merged regions by chromosome (no `chr`)."""

    name: str
    spans: Intervals
    everything: bool = False

    def covers(self, chrom: str, first: int, last: int) -> bool:
        """Return True if `first`..`last`, 1-based and closed, lies inside one region."""
        return self.everything or self.spans.covers(chrom, first - 1, last)

    def size(self, chrom: str) -> int:
        """Return how many bases of a chromosome are covered."""
        return self.spans.size(chrom)

    def overlap(self, chrom: str, start: int, end: int) -> int:
        """Return how many bases of a 0-based, half-open interval are covered."""
        return end - start if self.everything else self.spans.overlap(chrom, start, end)


ALL_CALLABLE = CallableRegions("all", Intervals(()), everything=True)


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
                _wrong(
                    path,
                    number,
                    "callable-bed",
                    "a line that is not BED",
                    "chromosome, start, end; tab-separated, 0-based, half-open",
                )
            )
        elif chrom is not None and places[0] >= names.lengths.get(chrom, places[1]):
            problems.append(
                _wrong(
                    path,
                    number,
                    "callable-build",
                    f"a region that begins behind the {names.lengths[chrom]} bases of "
                    f"chromosome {chrom}",
                    "regions of the stated build",
                    "Give the BED of the VCF's build.",
                )
            )
        elif chrom is not None:
            regions.append((chrom, places[0], places[1]))
        elif not names.is_other(cells[0]):
            unknown.setdefault(cells[0], number)
    if unknown:
        problems.append(_unknown_contigs(path, unknown))
    if not regions and not problems:
        problems.append(
            _wrong(
                path,
                0,
                "callable-bed",
                "no region on a chromosome of the build",
                "names such as chr2 or 2",
            )
        )
    if problems:
        raise InputError(problems[:20])
    return CallableRegions(path.name, Intervals(regions))


def _wrong(path: Path, line: int, check: str, found: str, expected: str, fix: str = ".") -> Problem:
    return Problem(str(path), line, ".", check, found, expected, fix)


def _unknown_contigs(path: Path, lines: Mapping[str, int]) -> Problem:
    """Return one problem for all names that no row knows, at the first line of any."""
    return _wrong(
        path,
        min(lines.values()),
        "callable-contigs",
        f"contigs of unknown name: {cut_list(list(lines))}",
        "names such as chr2, 2, NC_000002.12 or CM000664.2 of the stated build",
        "Rename them, or take the lines out if they are of no chromosome.",
    )
