"""REF of the curated sites against the bases that real files state."""

import gzip
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedSite
from epilepsy_pgx.vocabulary import GenomeBuild

pytestmark = pytest.mark.realdata

Bases = dict[tuple[str, int], Counter[str]]


def stated_bases(paths: list[Path], wanted: set[tuple[str, int]]) -> Bases:
    """Return what the REF columns of some files say about positions; 1-based."""
    reach = defaultdict(list)
    for chrom, pos in wanted:
        reach[chrom].append(pos)
    span = {c: (min(p) - 300, max(p)) for c, p in reach.items()}
    found: Bases = defaultdict(Counter)
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as handle:
            for line in handle:
                if line.startswith("#"):
                    continue
                name, at, _, ref, _ = line.split("\t", 4)
                chrom, pos = name.removeprefix("chr"), int(at)
                low, high = span.get(chrom, (1, 0))
                if low <= pos <= high:
                    for i, base in enumerate(ref):
                        if (chrom, pos + i) in wanted:
                            found[chrom, pos + i][base] += 1
    return found


def compare(
    reference: Reference, build: GenomeBuild, paths: list[Path]
) -> tuple[int, list[tuple[str, str, str]]]:
    """Return (bases compared, disagreements) over REF and the bases after each site."""
    stated: dict[tuple[str, int], tuple[str, str]] = {}
    for row in reference.rows(CuratedSite):
        pos, ref = row.place(build)
        bases = ref + ((row.flank_right or "") if build is GenomeBuild.GRCH38 else "")
        for i, base in enumerate(bases):
            stated[row.chrom, pos + i] = (row.site, base)
    found = stated_bases(paths, set(stated))
    wrong = [
        (stated[place][0], stated[place][1], "".join(sorted(seen)))
        for place, seen in sorted(found.items())
        if set(seen) != {stated[place][1]}
    ]
    return len(found), wrong


def test_ref_of_grch38(reference: Reference, shared: Path) -> None:
    paths = [
        *sorted((shared / "data/gvcf").glob("*.g.vcf.gz")),
        shared / "data/cohort_1kgp.GRCh38.vcf.gz",
    ]
    compared, wrong = compare(reference, GenomeBuild.GRCH38, paths)
    assert wrong == []
    assert compared > 900


def test_ref_of_grch37(reference: Reference, shared: Path) -> None:
    compared, wrong = compare(
        reference, GenomeBuild.GRCH37, [shared / "data/cohort_1kgp.GRCh37.vcf.gz"]
    )
    assert wrong == []
    assert compared > 100
