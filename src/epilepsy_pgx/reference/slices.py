"""New slices beside those that are there: shipped with the tables, or installed earlier."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.errors import Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.fasta import Stretch
from epilepsy_pgx.reference.genome import CodingTranscript, Genome, slices_of
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant, ShippedSequence

OURS = 0.01
"""Part of the bases of a gene up to which a difference may be a fault of typing."""
_SHOWN = 3
"""Places that differ which a line names."""
_BESIDE = 100
"""Bases beside a transcript that its slices may reach."""


@dataclass(frozen=True, slots=True)
class Joined:
    """New slices, and those of earlier where the new ones do not reach."""

    genome: Genome
    kept: tuple[Stretch, ...]
    """Intervals of the earlier ones that stay."""
    earlier: str | None
    """Where those of earlier came from."""

    def sources(self, new: str) -> str:
        """Name where the bases come from, each place once."""
        before = self.earlier.split("; ") if self.earlier else []
        return "; ".join(dict.fromkeys([*before, new]))


def typed_genes(ref: Reference, build: str) -> frozenset[str]:
    """Return the genes of whose shipped bases some were typed over; none if no table tells."""
    if not (ref.path / "sequences.tsv").is_file():
        return frozenset()
    rows = ref.rows(ShippedSequence)
    return frozenset(r.gene for r in rows if r.build == build and not r.verified)


def gene_at(
    chrom: str, start: int, end: int, transcripts: Iterable[CodingTranscript]
) -> str | None:
    """Return the gene to which a slice belongs."""
    return next(
        (
            t.gene
            for t in transcripts
            if t.chrom == chrom
            and t.exons[0][0] - _BESIDE <= start
            and end <= t.exons[-1][1] + _BESIDE
        ),
        None,
    )


def misread_listed(ref: Reference, genome: Genome) -> Iterator[Problem]:
    """Yield the genes of whose listed variants some have another REF than the sequence has."""
    found: dict[str, list[str]] = {}
    read: Counter[str] = Counter()
    for row in ref.rows(ClassifiedVariant):
        site = row.site(genome.build)
        seen = None
        if site is not None:
            seen = genome.bases(row.chrom, site[0] - 1, site[0] - 1 + len(site[1]))
        if site is None or seen is None or "N" in seen:
            continue
        read[row.gene] += 1
        if seen != site[1]:
            place = f"{row.chrom}:{site[0]}"
            found.setdefault(row.gene, []).append(f"{seen} at {place} where {site[1]} is listed")
    for gene, wrong in sorted(found.items()):
        shown = "; ".join(wrong[:_SHOWN])
        yield Problem(
            "classified_variants.tsv",
            0,
            gene,
            "slice-listed",
            f"{len(wrong)} of {read[gene]} listed variants of {gene} with other bases in "
            f"{genome.build} ({shown})",
            "the reference bases of the listed variants",
            "The gene is left out: the sequence is of another build or was changed, or a row is "
            "wrong.",
        )


def compare_shipped(
    ref: Reference, shipped: Genome, genome: Genome
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Compare slices that came with the tables with the bases to be installed.

    Returns
    -------
    (differences that may be ours, all others)
        Few differences in a gene whose bases were typed over are laid to the typing.
    """
    typed = typed_genes(ref, genome.build)
    ours: list[Problem] = []
    others: list[Problem] = []
    by_gene: dict[str, list[tuple[Stretch, int]]] = {}
    for place, differs in _differences(shipped, genome):
        gene = gene_at(
            *place, (shipped.transcripts[g] for g in sorted(typed & {*shipped.transcripts}))
        )
        if gene is not None:
            by_gene.setdefault(gene, []).append((place, differs))
        elif differs:
            others.append(_disagrees(genome.build, place, differs))
    for gene, found in by_gene.items():
        wrong = [(place, n) for place, n in found if n]
        total = sum(place[2] - place[1] for place, _ in found)
        if sum(n for _, n in wrong) > OURS * total:
            others += [_disagrees(genome.build, *item) for item in wrong]
        elif wrong:
            ours.append(_ours(gene, genome.build, wrong))
    return tuple(ours), tuple(others)


def _differences(shipped: Genome, genome: Genome) -> Iterator[tuple[Stretch, int]]:
    """Yield where both have bases, and how many of these differ."""
    for chrom, parts in shipped.slices.items():
        for start, text in parts:
            for other, seen in genome.slices.get(chrom, ()):
                low, high = max(start, other), min(start + len(text), other + len(seen))
                if low < high:
                    pairs = zip(
                        text[low - start : high - start],
                        seen[low - other : high - other],
                        strict=True,
                    )
                    yield ((chrom, low, high), sum(a != b and "N" not in (a, b) for a, b in pairs))


def _disagrees(build: str, place: Stretch, differs: int) -> Problem:
    return Problem(
        f"sequences/{build}",
        0,
        f"{place[0]}:{place[1] + 1}-{place[2]}",
        "slice-agrees",
        f"{differs} bases that differ from those that came with the tables",
        "the same bases",
        "Check the build of the sequence.",
    )


def _ours(gene: str, build: str, wrong: Sequence[tuple[Stretch, int]]) -> Problem:
    places = ", ".join(f"{c}:{low + 1}-{high}" for (c, low, high), _ in wrong[:3])
    return Problem(
        f"sequences/{build}/{gene}.fa",
        0,
        gene,
        "slice-ours",
        f"{sum(n for _, n in wrong)} bases that differ from the FASTA ({places})",
        "the same bases",
        f"Our sequence of {gene} may be wrong here: it was typed over. The FASTA's bases are used.",
    )


def keep_earlier(fresh: Genome, intervals: Sequence[Stretch], installed: Path) -> Joined:
    """Join new slices with those of an earlier installation that they do not reach."""
    slices = {chrom: list(parts) for chrom, parts in fresh.slices.items()}
    places: list[Stretch] = []
    source = None
    if installed.is_file():
        record = installed.with_suffix(".json")
        if record.is_file():
            source = str(json.loads(record.read_text(encoding="utf-8"))["source"])
        for chrom, start, text in slices_of(installed):
            for low, high in outside(start, start + len(text), _on(chrom, intervals)):
                slices.setdefault(chrom, []).append((low, text[low - start : high - start]))
                places.append((chrom, low, high))
    for parts in slices.values():
        parts.sort()
    return Joined(Genome(fresh.build, slices, fresh.transcripts), tuple(places), source)


def known_parts(genome: Genome, intervals: Iterable[Stretch]) -> list[Stretch]:
    """Return the parts of intervals whose bases are there and known."""
    found = []
    for chrom, start, end in intervals:
        bases = genome.bases(chrom, start, end) or ""
        runs = re.finditer("[ACGT]+", bases)
        found += [(chrom, start + run.start(), start + run.end()) for run in runs]
    return found


def _on(chrom: str, intervals: Iterable[Stretch]) -> list[tuple[int, int]]:
    return sorted((low, high) for c, low, high in intervals if c == chrom)


def outside(start: int, end: int, taken: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the parts of an interval that lie in none of others, which are in order.

    Examples
    --------
    >>> list(outside(0, 10, [(2, 4), (8, 20)]))
    [(0, 2), (4, 8)]
    """
    for low, high in taken:
        if high <= start:
            continue
        if low >= end:
            break
        if low > start:
            yield start, low
        start = high
    if start < end:
        yield start, end
