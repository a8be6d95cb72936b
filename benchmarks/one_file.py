"""Compare what one file costs, from VCF to reports, with the import of the libraries it needs.

    python benchmarks/one_file.py HG00276.g.vcf.gz GRCh38 [--runs 9] [--before CHECKOUT]

Each round runs the import, `run` with HTML, JSON and TSV, and `run` with tables alone, one after
the other, so that what else the machine does meets all of them; with `--before`, also those of
another checkout. Prints the median of the CPU time of each, children and start-up included, and
its ratio to the import. Each checkout is run once beforehand, so that modules and templates are
compiled; Python must be allowed to keep them (no `PYTHONDONTWRITEBYTECODE`).
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

IMPORT = "import numpy, pysam, pysam.bcftools, cyvcf2, jinja2, msgspec, click"
HERE = Path(__file__).resolve().parents[1]


def cpu(command: list[str], environment: dict[str, str]) -> float:
    """Return the CPU time of a command and its children, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, env=environment, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def commands(args: argparse.Namespace, folder: str) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return each command by its name, with its environment."""
    found = {"import": ([sys.executable, "-c", IMPORT], dict(os.environ))}
    checkouts = {"": HERE} | ({"before: ": args.before} if args.before else {})
    for prefix, checkout in checkouts.items():
        environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for name, chosen in (("html, json, tsv", "all"), ("tables alone", "none")):
            out = f"{folder}/{len(found)}"
            line = [sys.executable, "-m", "epilepsy_pgx.cli", "run", str(args.vcf)]
            line += ["--build", args.build, "--out", out, "--reports", chosen]
            found[f"{prefix}{name}"] = line, environment
    return found


def main() -> None:
    """Run the commands in turn and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("vcf", type=Path)
    parser.add_argument("build")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--before", type=Path, help="another checkout")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = commands(args, folder)
        for line, environment in found.values():
            cpu(line, environment)
        seconds: dict[str, list[float]] = {name: [] for name in found}
        for _ in range(args.runs):
            for name, (line, environment) in found.items():
                seconds[name].append(cpu(line, environment))
    floor = median(seconds["import"])
    print("command\tCPU s, median\tof the import")
    for name, values in seconds.items():
        print(f"{name}\t{median(values):.2f}\t{median(values) / floor:.1f}")


if __name__ == "__main__":
    main()
