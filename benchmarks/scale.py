"""Measure every stage of the workflow by the number of samples, beside htslib on the same records.

    python -m benchmarks.scale COHORT.vcf.gz BUILD [--sizes 1 100 3202 100000] [--runs 5]
    python -m benchmarks.scale --page

COHORT is phased; cohorts of each size are drawn from it (`cohorts.py`). Each stage is the command
that the workflow runs. Of a size with many batches some are measured and stand for all. The rows go
into `benchmarks/scale.tsv`; table and picture of `docs/speed.md` are made of it (`--page`).
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.call_cohort import QUERY, spend
from benchmarks.cohorts import write_cohort
from benchmarks.speed_page import COLUMNS, DATA, write_page

from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.vocabulary import GenomeBuild

PGX = [sys.executable, "-m", "epilepsy_pgx.cli"]
READ = "htslib"


@dataclass
class Spent:
    """What the commands of a stage took."""

    cpu: float = 0.0
    peak: int = 0
    share: float = 1.0
    """Part of the patients that was measured."""

    def add(self, command: list[str]) -> None:
        """Run a command."""
        cpu, peak = spend(command)
        self.cpu += cpu
        self.peak = max(self.peak, peak)

    @property
    def whole(self) -> float:
        """CPU seconds for all patients."""
        return self.cpu / self.share


@dataclass(frozen=True)
class Bench:
    """A cohort, and where its stages write."""

    folder: Path
    vcf: Path
    names: tuple[str, ...]
    build: GenomeBuild
    some: int
    """Batches that are measured at most."""

    def read(self) -> Spent:
        """Read the same records with htslib."""
        spent = Spent()
        spent.add([sys.executable, "-c", QUERY, str(self.vcf)])
        return spent

    def stages(self) -> dict[str, Spent]:
        """Run all stages once."""
        work = self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        sheet = work / "s.tsv"
        rows = (f"{n}\t{self.vcf}\t{n}\t{self.build}\n" for n in self.names)
        sheet.write_text("sample_id\tvcf\tvcf_sample\tbuild\n" + "".join(rows))
        found = {name: Spent() for name in ("plan", "cut", "extract", "identify", "predict")}
        plan = str(work / "plan")
        found["plan"].add([*PGX, "plan", "--samples", str(sheet), "--out", plan])
        for path in Path(plan).glob("*.cut.json"):
            name = path.name.partition(".")[0]
            words = ["--plan", plan, "--file", name, "--out", str(work / "cut")]
            found["cut"].add([*PGX, "cut", *words])
        batches = json.loads((work / "plan/plan.json").read_text())["batches"]
        for batch in batches:
            words = ["--plan", plan, "--batch", batch, "--cut", str(work / "cut")]
            found["extract"].add([*PGX, "extract", *words, "--out", str(work / "x" / batch)])
        words = ["--plan", plan, "--extracted", str(work / "x"), "--out", str(work / "i.tsv")]
        found["identify"].add([*PGX, "identify", *words, "--verdicts", str(work / "verdicts")])
        return {**found, **self._of_some(work, batches)}

    def _of_some(self, work: Path, batches: list[str]) -> dict[str, Spent]:
        """Run the stages whose cost is by patient, of some batches."""
        chosen = batches[: self.some]
        held = json.loads((work / "plan/cohort.json").read_text())["batches"]
        share = sum(len(held[b]) for b in chosen) / len(self.names)
        found = {name: Spent(share=share) for name in ("predict", "report", "cohort")}
        for batch in chosen:
            result = work / "p" / f"{batch}.jsonl.gz"
            problems = work / "p" / f"{batch}.problems.tsv"
            words = ["--plan", str(work / "plan"), "--batch", batch]
            words += ["--extracted", str(work / "x" / batch), "--out", str(result)]
            words += [
                "--problems",
                str(problems),
                "--sites",
                str(work / "p" / f"{batch}.sites.tsv"),
            ]
            found["predict"].add([*PGX, "predict", *words, "--date", "2026-11-22"])
            words = [
                "--out",
                str(work / "r"),
                "--identity",
                str(work / "verdicts" / f"{batch}.tsv"),
            ]
            words += ["--formats", "html,json,tsv", str(result)]
            found["report"].add([*PGX, "report", *words])
            shutil.rmtree(work / "r")
        words = ["--predicted", str(work / "p"), "--out", str(work / "c"), "--reports", "none"]
        found["cohort"].add([*PGX, "cohort", *words, "--identity", str(work / "i.tsv")])
        return found


def measure(bench: Bench, runs: int) -> list[list[str]]:
    """Return the rows of one size: medians over interleaved runs."""
    rounds = [{READ: bench.read(), **bench.stages()} for _ in range(runs)]
    base = statistics.median(r[READ].whole for r in rounds)
    day = datetime.now(UTC).date().isoformat()
    rows = []
    for name in rounds[0]:
        cpu = statistics.median(r[name].whole for r in rounds)
        ratio = statistics.median(r[name].whole / r[READ].whole for r in rounds)
        peak = max(r[name].peak for r in rounds)
        share = rounds[0][name].share
        cells = [name, f"{cpu:.2f}", f"{ratio:.2f}", str(peak), f"{share:.3f}", str(runs), day]
        rows.append([str(len(bench.names)), *cells])
    print(f"{len(bench.names)} samples: reading takes {base:.2f} s of CPU", flush=True)
    return rows


def main(source: Path, build: GenomeBuild, sizes: list[int], runs: int, some: int) -> None:
    """Measure the sizes, each in a folder of its own, and keep the rows."""
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""
    targets = load_targets(load_reference(), build)
    kept = [r for r in _kept() if int(r[0]) not in sizes]
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            names = write_cohort(source, folder / "c.vcf.gz", size, targets)
            bench = Bench(folder, folder / "c.vcf.gz", names, build, some)
            kept += measure(bench, runs if size < 10_000 else 1)
        kept.sort(key=lambda r: int(r[0]))
        DATA.write_text("\n".join("\t".join(r) for r in [list(COLUMNS), *kept]) + "\n")


def _kept() -> list[list[str]]:
    if not DATA.exists():
        return []
    return [line.split("\t") for line in DATA.read_text().splitlines()[1:]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cohort", type=Path, nargs="?")
    parser.add_argument("build", type=GenomeBuild, nargs="?")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 100, 3202, 100_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--batches", type=int, default=3, help="batches measured by patient")
    parser.add_argument("--page", action="store_true", help="write the page alone")
    given = parser.parse_args()
    if not given.page:
        if given.build is None:
            parser.error("name a cohort and its build")
        main(given.cohort, given.build, given.sizes, given.runs, given.batches)
    write_page()
