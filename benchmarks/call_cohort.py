"""Time `epilepsy-pgx call` on a cohort against reading the same records with bcftools query.

    python benchmarks/call_cohort.py COHORT.vcf.gz BUILD [RUNS]

Both read the regions that `call` asks for; the query writes the genotypes to /dev/null, and the
call writes its table. CPU is user and system, children and start-up included. Runs are interleaved
after one round that is not counted.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from epilepsy_pgx.intake.vcf import inspect_vcf
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants.sites import Region, bed_text, merge_regions, site_regions
from epilepsy_pgx.vocabulary import GenomeBuild

QUERY = (
    "import sys, pysam.bcftools as b; b.query(*sys.argv[1:], '-f', "
    r"'%CHROM\t%POS\t%REF\t%ALT[\t%GT]\n', '-o', '/dev/null', catch_stdout=False)"
)


def spend(command: list[str]) -> tuple[float, int]:
    """Run a command; return its CPU seconds and its peak memory in MB."""
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "u = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(u.ru_utime + u.ru_stime, u.ru_maxrss // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], capture_output=True, text=True, check=True
    )
    cpu, memory = done.stdout.split()[-2:]
    return float(cpu), int(memory)


def main(cohort: Path, build: GenomeBuild, runs: int) -> None:
    """Time the commands and print a table."""
    ref = load_reference()
    targets = load_targets(ref, build).without_rare_variants()
    file = inspect_vcf(cohort, build, ref)
    regions = site_regions(targets.sites.sites)
    regions += [Region(t.chrom, t.start0, t.end0) for t in targets.coding]
    with tempfile.TemporaryDirectory() as folder:
        bed = Path(folder) / "targets.bed"
        bed.write_text(bed_text(merge_regions(regions), file.contig_names))
        commands = {
            "call": [
                sys.executable,
                "-m",
                "epilepsy_pgx.cli",
                "call",
                "--vcf",
                str(cohort),
                "--build",
                build.value,
                "--out",
                f"{folder}/genes.tsv",
            ],
            "target records": [sys.executable, "-c", QUERY, "-R", str(bed), str(cohort)],
            "whole file": [sys.executable, "-c", QUERY, str(cohort)],
        }
        spent: dict[str, list[tuple[float, int]]] = {name: [] for name in commands}
        for command in commands.values():
            spend(command)
        for _ in range(runs):
            for name, command in commands.items():
                spent[name].append(spend(command))
    middle = {n: statistics.median(c for c, _ in found) for n, found in spent.items()}
    for name, found in spent.items():
        cpus = [c for c, _ in found]
        print(
            f"{name}: CPU {min(cpus):.2f} / {middle[name]:.2f} / {max(cpus):.2f} s, "
            f"peak {max(m for _, m in found)} MB"
        )
    print(f"call / target records: {middle['call'] / middle['target records']:.2f}")
    print(f"call / whole file: {middle['call'] / middle['whole file']:.2f}")
    print(f"samples: {len(file.samples)}; own peak {resource.getrusage(0).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), GenomeBuild(sys.argv[2]), int(sys.argv[3]) if sys.argv[3:] else 5)
