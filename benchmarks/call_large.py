"""Time `epilepsy-pgx call` on a cohort made larger by repeating its samples.

    python benchmarks/call_large.py COHORT.vcf.gz BUILD FACTOR [FACTOR ...]

Prints for each factor: samples, CPU seconds, seconds, peak memory in MB, and the last two of a
thousand samples. Stops if a copy of a sample has other results than the sample.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pysam
import pysam.bcftools

from epilepsy_pgx.intake.vcf import inspect_vcf
from epilepsy_pgx.pipeline.cutting import SEEK_GAP
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants.sites import Region, bed_text, merge_regions, site_regions
from epilepsy_pgx.vocabulary import GenomeBuild


def cut(cohort: Path, build: GenomeBuild, folder: Path) -> Path:
    """Write the part of a cohort around the regions that `call` reads."""
    ref = load_reference()
    targets = load_targets(ref, build).without_rare_variants()
    regions = site_regions(targets.sites.sites)
    regions += [Region(t.chrom, t.start0, t.end0) for t in targets.coding]
    names = inspect_vcf(cohort, build, ref).contig_names
    bed, part = folder / "around.bed", folder / "part.vcf"
    bed.write_text(bed_text(merge_regions(regions, SEEK_GAP), names))
    pysam.bcftools.view("-R", str(bed), "-Ov", "-o", str(part), str(cohort), catch_stdout=False)
    return part


def repeat(part: Path, factor: int, out: Path) -> int:
    """Write a file with every sample column `factor` times; return the number of samples."""
    samples = 0
    with part.open() as lines, pysam.BGZFile(str(out), "w") as packed:
        for line in lines:
            if not line.startswith("##"):
                *fixed, calls = line.rstrip("\n").split("\t", 9)
                if line.startswith("#CHROM"):
                    names = [f"{n}_{i}" for i in range(factor) for n in calls.split("\t")]
                    samples, calls = len(names), "\t".join(names)
                else:
                    calls = "\t".join([calls] * factor)
                line = "\t".join([*fixed, calls]) + "\n"
            packed.write(line.encode())
    pysam.tabix_index(str(out), preset="vcf", force=True)
    return samples


def results(table: Path) -> dict[str, list[str]]:
    """Return the lines of each sample without its name."""
    found: dict[str, list[str]] = {}
    with table.open() as lines:
        next(lines)
        for line in lines:
            sample, rest = line.split("\t", 1)
            found.setdefault(sample, []).append(rest)
    return found


def call(vcf: Path, build: GenomeBuild, table: Path) -> tuple[float, float, float]:
    """Call a file; return CPU seconds, seconds and the peak memory in MB."""
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "u = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(u.ru_utime + u.ru_stime, u.ru_maxrss / 1024)"
    )
    began = time.perf_counter()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            program,
            sys.executable,
            "-m",
            "epilepsy_pgx.cli",
            "call",
            "--vcf",
            str(vcf),
            "--build",
            build.value,
            "--out",
            str(table),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    took = time.perf_counter() - began
    cpu, memory = done.stdout.split()[-2:]
    return float(cpu), took, float(memory)


def main(cohort: Path, build: GenomeBuild, factors: list[int]) -> None:
    """Time each size and print a table."""
    print("samples\tCPU s\ts\tpeak MB\tCPU s / 1,000\tMB / 1,000")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        part = cut(cohort, build, folder)
        one = folder / "one.tsv"
        call(cohort, build, one)
        known = results(one)
        for factor in factors:
            vcf, table = folder / "large.vcf.gz", folder / "large.tsv"
            samples = repeat(part, factor, vcf)
            cpu, took, memory = call(vcf, build, table)
            for sample, lines in results(table).items():
                if lines != known[sample.rsplit("_", 1)[0]]:
                    raise SystemExit(f"{sample} has other results than its original")
            print(
                f"{samples}\t{cpu:.1f}\t{took:.1f}\t{memory:.0f}\t"
                f"{1000 * cpu / samples:.2f}\t{1000 * memory / samples:.1f}"
            )


if __name__ == "__main__":
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), GenomeBuild(sys.argv[2]), [int(x) for x in sys.argv[3:]])
