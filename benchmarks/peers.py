"""Side by side with other programs: our own time and memory, and theirs as they were measured.

    python benchmarks/peers.py VCF BUILD

Runs `epilepsy-pgx call` on the file and writes docs/peers.md. The figures of peers are those of
`benchmarks/peers.tsv`; this command runs none of them, and the page says so.
"""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from epilepsy_pgx.tsv import read_table

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "benchmarks/peers.tsv"
COLUMNS = ("peer", "version", "work", "cpu_seconds", "peak_gb", "date", "source")
TEXT = """# Peers

Written by `python benchmarks/peers.py VCF BUILD` on {day}.

## Time and memory

| program | version | work | CPU s | peak memory, GB | date | how |
|---|---|---|---|---|---|---|
{rows}
The figures of peers were measured on two cores of the same kind of machine, on public genomes, by
hand; **none of them was run by this command**, and versions have moved on. Work differs: PharmCAT
calls 14 genes and prints recommendations, PyPGx can also call structural variants from reads, which
this software leaves to such programs and reads their results.

## Agreement

[concordance.md](concordance.md) has the agreement with PharmCAT 3.1.1 on 496 genomes in three forms
and on all pairs of named alleles of eight genes: no result differs where both have one.

## Where peers are better

- PharmCAT: recommendations for all of medicine, not for epilepsy alone.
- PyPGx, Aldy, Cyrius: CYP2D6 and other genes with copies and hybrids, from reads. Here they come as
  results of such a program only.
- PyPGx: 88 genes, against 13 with named alleles here; it phases with a panel, where here what the
  file does not phase stays open.

## Where they differ on purpose

- A defining position that the file lacks: PyPGx takes it for reference, PharmCAT leaves it out or
  fills it in as it is told to; here the alleles that it would decide stay open, and the report
  names what would settle it.
- PharmCAT and PyPGx read no rare variants of epilepsy genes, no clinical entry and no list of
  drugs taken.
"""


def own(vcf: Path, build: str) -> tuple[str, str]:
    """Return seconds of CPU and peak memory in GB of our own calls of a file."""
    words = [sys.executable, "-m", "epilepsy_pgx.cli", "call", str(vcf), "--build", build]
    process = subprocess.Popen([*words, "--out", os.devnull], stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"call failed: {' '.join(words)}")
    return f"{usage.ru_utime + usage.ru_stime:.1f}", f"{usage.ru_maxrss / 1e6:.2f}"


def page(vcf: Path, build: str) -> str:
    """Return the page."""
    seconds, memory = own(vcf, build)
    ours = (
        *("epilepsy-pgx call", "this commit", f"{vcf.name}, all genes", seconds, memory),
        *(date.today().isoformat(), "this command"),
    )
    rows = [ours, *(tuple(row.values()) for row in read_table(PEERS, COLUMNS))]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return TEXT.format(day=date.today(), rows=table)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    (ROOT / "docs/peers.md").write_text(page(Path(sys.argv[1]), sys.argv[2]), encoding="utf-8")
