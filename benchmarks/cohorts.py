"""Cohorts of any size for measurements, drawn from one that is phased.

The haplotypes of each gene are drawn with replacement, so that what is inherited together stays
together within a gene; 1 % of the genotypes are missing, and changes of one base that one to three
samples carry are put into the coding exons whose bases the package has. A seed makes a cohort the
same again.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pysam
from cyvcf2 import VCF
from numpy.typing import NDArray

from epilepsy_pgx.pipeline.cutting import target_regions
from epilepsy_pgx.pipeline.targets import Targets
from epilepsy_pgx.variants.sites import merge_regions

MISSING = 0.01
RARE = 50
"""One rare variant for so many samples."""
GAP = 50_000
"""Records further apart are of two genes."""


def write_cohort(
    source: Path, target: Path, count: int, targets: Targets, seed: int = 18
) -> tuple[str, ...]:
    """Write a cohort as indexed VCF; return the names of its samples."""
    random = np.random.default_rng(seed)
    names = tuple(f"S{n:06d}" for n in range(count))
    rows = sorted([*_drawn(source, count, targets, random), *_rare(count, targets, random)])
    with pysam.BGZFile(str(target), "wb") as handle:
        handle.write(_head(sorted({row[0] for row in rows}), names))
        for (chrom, pos, ref, alts), cells in ((row[:4], row[4]) for row in rows):
            line = f"chr{chrom}\t{pos}\t.\t{ref}\t{alts}\t.\tPASS\t.\tGT\t".encode()
            handle.write(line + cells[:-1] + b"\n")
    pysam.tabix_index(str(target), preset="vcf", force=True)
    return names


def _head(chroms: list[str], names: tuple[str, ...]) -> bytes:
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID=chr{chrom}>" for chrom in chroms]
    lines.append('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
    lines.append("#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"))
    return ("\n".join(lines) + "\t" + "\t".join(names) + "\n").encode()


Row = tuple[str, int, str, str, bytes]


def _drawn(
    source: Path, count: int, targets: Targets, random: np.random.Generator
) -> Iterator[Row]:
    """Yield the target records of the source with other samples."""
    file = VCF(str(source))
    chosen: NDArray[np.intp] | None = None
    before = ("", 0)
    for region in merge_regions(target_regions(targets, witness=False)):
        for record in file(f"chr{region.chrom}:{region.start + 1}-{region.end}"):
            if record.POS <= region.start:
                continue
            haplotypes = record.genotype.array()[:, :2].reshape(-1)
            if chosen is None or before[0] != region.chrom or record.POS - before[1] > GAP:
                chosen = random.integers(0, len(haplotypes), 2 * count)
            before = (region.chrom, record.POS)
            cells = _cells(haplotypes[chosen].reshape(count, 2), random)
            yield region.chrom, record.POS, record.REF, ",".join(record.ALT), cells


def _rare(count: int, targets: Targets, random: np.random.Generator) -> Iterator[Row]:
    """Yield changes of one base in coding exons that one to three samples carry."""
    exons = [t for t in targets.coding if t.gene in targets.rare_genes]
    exons = [t for t in exons if _bases(targets, t.chrom, t.start0, t.start0 + 1)]
    seen = set()
    for _ in range(count // RARE):
        exon = exons[random.integers(len(exons))]
        pos0 = int(random.integers(exon.start0, exon.end0))
        ref = _bases(targets, exon.chrom, pos0, pos0 + 1)
        if not ref or (exon.chrom, pos0) in seen:
            continue
        seen.add((exon.chrom, pos0))
        alleles = np.zeros((count, 2), np.int16)
        alleles[random.integers(0, count, random.integers(1, 4)), 0] = 1
        alt = str(random.choice([b for b in "ACGT" if b != ref]))
        yield exon.chrom, pos0 + 1, ref, alt, _cells(alleles, random)


def _bases(targets: Targets, chrom: str, start: int, end: int) -> str:
    """Return bases of the package; empty where it has none."""
    found = targets.sequences.fetch_padded(chrom, start, end)
    return "" if "N" in found else found


def _cells(alleles: NDArray[np.int16], random: np.random.Generator) -> bytes:
    """Return phased genotypes as text, each with a tab behind it."""
    text = np.empty((len(alleles), 4), np.uint8)
    text[:, 0], text[:, 2] = alleles[:, 0] + ord("0"), alleles[:, 1] + ord("0")
    text[:, 1], text[:, 3] = ord("|"), ord("\t")
    lost = random.random(len(alleles)) < MISSING
    text[lost, :3] = np.frombuffer(b"./.", np.uint8)
    return text.tobytes()
