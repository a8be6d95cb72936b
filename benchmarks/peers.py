"""Side by side with other programs, in time, memory and results.

    python benchmarks/peers.py VCF BUILD [--pypgx FOLDER/bin/pypgx] [--samples 50] [--genes ...]

Runs `epilepsy-pgx call` on the phased VCF, and, on its first samples, PyPGx and ourselves for the
genes that both call without copy numbers. Writes docs/peers.md and docs/peers-genes.tsv. PyPGx is
no dependency; in an environment of its own: `pip install pypgx 'pandas<3'`. Without it the table
of the last run is kept. Figures of other peers are those of `benchmarks/peers.tsv`.
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import cyvcf2
import pysam
import pysam.bcftools

from epilepsy_pgx.tsv import line, read_table

ROOT = Path(__file__).resolve().parents[1]
PEERS, GENES = ROOT / "benchmarks/peers.tsv", ROOT / "docs/peers-genes.tsv"
PAGE, TEXT = ROOT / "docs/peers.md", ROOT / "benchmarks/peers.md"
COLUMNS = ("peer", "version", "work", "cpu_seconds", "peak_gb", "date", "source")
COUNTS = ("same", "among", "other", "open")
OF_GENES = ("gene", "samples", *COUNTS, "phenotype_same", "phenotype_other", "cpu_seconds")
OF_GENES += ("peak_gb", "own_cpu_seconds", "own_peak_gb", "differ", "version", "date")
COMPARED = ("ABCG2", "CYP1A2", "CYP2C19", "CYP2C9", "CYP3A4", "CYP3A5", "SLCO1B1", "UGT1A1")
"""Genes that both call by named alleles without copy numbers, and that the cohort holds."""
REGIONS = """
from pypgx.api import core
table = core.load_gene_table()
for gene, region in zip(table.Gene, table.{build}Region):
    print(gene, region, sep="\\t")
"""
SYNONYMS = {"*1A": "*1"}
"""Names of one allele in PyPGx, by ours."""


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    seconds: float
    gigabytes: float


def costs(words: Sequence[str | Path]) -> Cost:
    """Run a program and return what it took."""
    process = subprocess.Popen(
        [str(w) for w in words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(map(str, words))}\n{said[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6)


def call(vcf: Path, build: str, *more: str | Path) -> Cost:
    """Return what our own calls take."""
    return costs([sys.executable, "-m", "epilepsy_pgx.cli", "call", vcf, "--build", build, *more])


def cut(vcf: Path, samples: int, folder: Path) -> Path:
    """Return a file of the first samples, with an index."""
    names = cyvcf2.VCF(str(vcf)).samples[:samples]
    path = folder / "cut.vcf.gz"
    view = ("-s", ",".join(names), "-Oz", "-o", str(path), str(vcf))
    pysam.bcftools.view(*view, catch_stdout=False)
    pysam.tabix_index(str(path), preset="vcf", force=True)
    return path


def regions(python: Path, build: str, folder: Path) -> Path:
    """Return a BED of PyPGx's regions of the genes: what a file does not say there is reference."""
    words = [str(python), "-c", REGIONS.format(build=build)]
    answer = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    path = folder / "genes.bed"
    with path.open("w", encoding="utf-8") as bed:
        for gene, place in (row.split("\t") for row in answer.splitlines()):
            if gene in COMPARED:
                chrom, _, span = place.partition(":")
                start, _, end = span.partition("-")
                bed.write(f"chr{chrom}\t{int(start) - 1}\t{end}\n")
    return path


def peer_results(folder: Path) -> Iterator[tuple[str, frozenset[tuple[str, ...]], str]]:
    """Yield sample, the pair of names, and the phenotype of a folder that PyPGx wrote."""
    with zipfile.ZipFile(folder / "results.zip") as packed:
        (name,) = (n for n in packed.namelist() if n.endswith("data.tsv"))
        text = packed.read(name).decode()
    header, *rows = (row.split("\t") for row in io.StringIO(text).read().splitlines())
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        yield cells[""], pairs(cells["Genotype"]), cells["Phenotype"]


def pairs(text: str) -> frozenset[tuple[str, ...]]:
    """Return pairs of names, such as `*1/*2|*1/*3`, without the order of each."""
    named = (pair.split("/") for pair in text.split("|") if "/" in pair)
    return frozenset(tuple(sorted(SYNONYMS.get(n.strip(), n.strip()) for n in p)) for p in named)


def written(named: frozenset[tuple[str, ...]]) -> str:
    """Return pairs of names as they are written."""
    return " or ".join(sorted("/".join(pair) for pair in named))


def compared(
    gene: str, theirs: Path, ours: Mapping[tuple[str, str], Mapping[str, str]]
) -> tuple[dict[str, int], Counter[str]]:
    """Count how results of a gene agree; also the pairs that differ, ours and theirs."""
    differ: Counter[str] = Counter()
    counts = dict.fromkeys(("samples", *COUNTS, "phenotype_same", "phenotype_other"), 0)
    for sample, pair, phenotype in peer_results(theirs):
        mine = ours[sample, gene]
        candidates = pairs(mine["candidates"])
        counts["samples"] += 1
        if not candidates or not pair:
            counts["open"] += 1
        elif candidates == pair:
            counts["same"] += 1
        else:
            counts["among" if pair < candidates else "other"] += 1
            if not pair < candidates:
                differ[f"{written(candidates)} : {written(pair)}"] += 1
        if "Metabolizer" in phenotype or "Function" in phenotype:
            if mine["phenotype"] not in (".", "Indeterminate") and "|" not in mine["phenotype"]:
                counts[f"phenotype_{'same' if mine['phenotype'] == phenotype else 'other'}"] += 1
    return counts, differ


def side_by_side(given: argparse.Namespace) -> None:
    """Run both on the first samples, and write the table by gene; other genes keep their rows."""
    vcf, build, pypgx = given.vcf, given.build, given.pypgx
    python = pypgx.parent / "python"
    version = subprocess.run(
        [str(pypgx), "--version"], check=True, capture_output=True, text=True
    ).stdout.split()[-1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, table = cut(vcf, given.samples, folder), folder / "own.tsv"
        own = call(small, build, "--callable", regions(python, build, folder), "--out", table)
        ours = {(r["sample_id"], r["gene"]): r for r in read_table(table)}
        old = read_table(GENES, OF_GENES) if GENES.is_file() else ()
        rows = {row["gene"]: list(row.values()) for row in old}
        for gene in given.genes:
            out = folder / gene
            words = [pypgx, "run-ngs-pipeline", gene, out, "--variants", small, "--assembly", build]
            cost = costs([*words, "--do-not-plot-allele-fraction"])
            counts, differ = compared(gene, out, ours)
            figures = (cost.seconds, cost.gigabytes, own.seconds, own.gigabytes)
            rows[gene] = [
                *(gene, *map(str, counts.values())),
                *(f"{figure:.2f}" for figure in figures),
                "; ".join(f"{pair} ({n})" for pair, n in differ.most_common()) or ".",
                *(version, date.today().isoformat()),
            ]
    made = (OF_GENES, *(rows[gene] for gene in sorted(rows)))
    GENES.write_text("".join(line(row) for row in made), encoding="utf-8")


def genes_table() -> str:
    """Return the table by gene, and its sums."""
    rows = list(read_table(GENES, OF_GENES))
    first = rows[0]
    total = sum(float(r["cpu_seconds"]) for r in rows)
    peak = max(float(r["peak_gb"]) for r in rows)
    said = [
        f"{first['samples']} samples, {len(rows)} genes, {first['date']}. "
        f"PyPGx {first['version']}: {total:.0f} s of CPU, {peak:.2f} GB. "
        f"epilepsy-pgx, all its genes: {float(first['own_cpu_seconds']):.1f} s, "
        f"{float(first['own_peak_gb']):.2f} GB.\n\n",
        "| gene | same pair | among ours | another | open | phenotype same | another | PyPGx s |\n",
        "|---|---|---|---|---|---|---|---|\n",
    ]
    shown = ("gene", *COUNTS, "phenotype_same", "phenotype_other", "cpu_seconds")
    said += [f"| {' | '.join(r[c] for c in shown)} |\n" for r in rows]
    differ = [f"- {r['gene']}: `{r['differ']}`\n" for r in rows if r["differ"] != "."]
    said += ["\nPairs that differ, ours first, and in how many samples:\n\n", *differ]
    return "".join(said)


def page(vcf: Path, build: str) -> str:
    """Return the page."""
    cost = call(vcf, build, "--out", os.devnull)
    ours = (
        *("epilepsy-pgx call", "this commit", f"{vcf.name}, all genes"),
        *(f"{cost.seconds:.1f}", f"{cost.gigabytes:.2f}"),
        *(date.today().isoformat(), "this command"),
    )
    rows = [ours, *(tuple(row.values()) for row in read_table(PEERS, COLUMNS))]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return TEXT.read_text(encoding="utf-8").format(
        day=date.today(), rows=table.rstrip(), genes=genes_table().rstrip()
    )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vcf", type=Path)
    parser.add_argument("build", choices=("GRCh37", "GRCh38"))
    parser.add_argument("--pypgx", type=Path)
    parser.add_argument("--genes", nargs="*", default=COMPARED, choices=COMPARED)
    parser.add_argument("--samples", type=int, default=50)
    given = parser.parse_args()
    if given.pypgx is not None:
        side_by_side(given)
    PAGE.write_text(page(given.vcf, given.build), encoding="utf-8")


if __name__ == "__main__":
    main()
