"""Measure what it costs to tell a stored patient again with other tables.

    python -m benchmarks.recall_speed COHORT.vcf.gz BUILD [--patients 300] [--threads N]
    python -m benchmarks.recall_speed COHORT.vcf.gz BUILD --reference NEW

The first patients of the cohort get invented clinical entries, all different, and are run once;
then `reanalyse` tells them again. Without NEW the tables differ in what two alleles do, and lack
one rule. What a patient costs whose report stays is measured with
tables that differ in a source alone; what a draft costs besides, with those that change much. The
start and the comparison of the tables are paid once and taken off. CPU is that of all processes.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pysam
from benchmarks.call_cohort import spend

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Drug, Sign, Syndrome

PGX = [sys.executable, "-m", "epilepsy_pgx.cli"]
DAY = "2026-11-23"
REASONS = ("lack_of_effect", "side_effect", "rash", "worsened_seizures", "unknown")
Edits = Mapping[tuple[str, str], Mapping[str, str] | None]
CALM: Edits = {("alleles", "CYP2C9\t*3\t"): {"source": "the same, read again"}}
LOUD: Edits = {
    ("alleles", "CYP2C9\t*2\t"): {"function": "No function", "activity_value": "0.0"},
    ("alleles", "CYP2C19\t*17\t"): {"function": "Normal function"},
    ("drug_rules", "cyp2c19-clobazam-pm\t"): None,
    ("drug_rule_conditions", "cyp2c19-clobazam-pm\t"): None,
}
"""By table and how a row begins, cells that change; None for rows that go."""
COLUMNS = ("sample_id", "callable", "sex", "age_years", "onset_months", "syndromes", "signs")
LISTS = ("current_drugs", "failed_drugs", "planned_drugs", "entry_date")


class Clinic:
    """Invents clinical entries."""

    def __init__(self, seed: int) -> None:
        """Take the words of the tables."""
        ref = load_reference()
        self._random = random.Random(seed)
        self._seizure = [r.drug for r in ref.rows(Drug) if r.kind == "antiseizure"]
        self._others = [r.drug for r in ref.rows(Drug) if r.kind != "antiseizure"]
        self._syndromes = [r.syndrome for r in ref.rows(Syndrome)]
        self._signs = [r.sign for r in ref.rows(Sign)]

    def row(self, name: str) -> str:
        """Return the row of a patient, who takes some drugs, lost some and may get one."""
        pick = self._random
        months = pick.randrange(6, 900)
        onset = pick.randrange(1, months)
        drugs = pick.sample(self._seizure, 7)
        taken = [f"{drug}[start={self._day()}]" for drug in drugs[: pick.randrange(0, 4)]]
        taken += pick.sample(self._others, pick.choice((0, 0, 1, 2)))
        failed = [f"{d}[reason={pick.choice(REASONS)}]" for d in drugs[4 : 4 + pick.randrange(3)]]
        cells = (
            name,
            "all",
            pick.choice(("female", "male")),
            f"{months / 12:.2f}",
            str(onset),
            "|".join(pick.sample(self._syndromes, pick.choice((0, 1)))) or ".",
            "|".join(pick.sample(self._signs, pick.choice((0, 0, 0, 1)))) or ".",
            "|".join(taken) or "none",
            "|".join(failed) or ".",
            pick.choice((".", drugs[6])),
            "2026-11-20",
        )
        return "\t".join(cells)

    def _day(self) -> str:
        return f"{self._random.randrange(2015, 2026)}-{self._random.randrange(1, 13):02}-15"


def store(cohort: Path, build: str, names: Sequence[str], folder: Path) -> Path:
    """Run the patients once; return the folder of results."""
    clinic = Clinic(20)
    sheet = folder / "samples.tsv"
    rows = [clinic.row(name) for name in names]
    sheet.write_text("\n".join(["\t".join((*COLUMNS, *LISTS)), *rows]) + "\n", encoding="utf-8")
    results = folder / "results"
    words = ["--vcf", cohort.resolve(), "--build", build, "--samples", sheet, "--out", results]
    command = [*PGX, "run", *words, "--date", DAY, "--formats", "json"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr)
    return results


def edited(new: Path, edits: Edits) -> Path:
    """Return a copy of the tables with some rows changed or dropped."""
    shutil.copytree(load_reference().path, new)
    for (table, start), cells in edits.items():
        path = new / f"{table}.tsv"
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        columns = head.split("\t")
        made = []
        for line in lines:
            if not line.startswith(start):
                made.append(line)
            elif cells is not None:
                row = {**dict(zip(columns, line.split("\t"), strict=True)), **cells}
                made.append("\t".join(row[c] for c in columns))
        path.write_text("\n".join([head, *made]) + "\n", encoding="utf-8")
    return new


def measured(results: Path, tables: Path, out: Path, threads: int) -> tuple[float, float]:
    """Tell all again; return the seconds of CPU and of the clock."""
    shutil.rmtree(out, ignore_errors=True)
    words = ["reanalyse", results, "--reference", tables, "--out", out, "--date", DAY]
    began = time.perf_counter()
    cpu, _ = spend([*PGX, *map(str, words), "--threads", str(threads)])
    return cpu, time.perf_counter() - began


def one_of(results: Path, folder: Path) -> Path:
    """Return results with one patient alone."""
    draft = min((results / "reports").glob("*/*/*.json"))
    target = folder / "one" / draft.relative_to(results)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(draft, target)
    return folder / "one"


def states_of(out: Path) -> Counter[str]:
    """Return how many patients are in each state."""
    rows = (out / "recall.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return Counter(row.split("\t", 1)[0] for row in rows)


def main(words: argparse.Namespace) -> None:
    """Store patients, tell them again and print a table."""
    with pysam.VariantFile(str(words.cohort)) as file:
        names = list(file.header.samples)[: words.patients]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        kept = words.keep or place / "kept"
        results = kept / "results"
        if not results.is_dir():
            kept.mkdir(exist_ok=True)
            store(words.cohort, words.build, names, kept)
        alone, out = one_of(results, place), place / "out"
        calm, loud = edited(place / "calm", CALM), words.reference or edited(place / "loud", LOUD)
        start = measured(alone, calm, out, words.threads)
        stays = measured(results, calm, out, words.threads)
        number = sum(states_of(out).values())
        changes = measured(results, loud, out, words.threads)
        states = states_of(out)
    print(f"patients\t{number}")
    for what, first, quiet, all_ in zip(("CPU", "clock"), start, stays, changes, strict=True):
        print(f"start and tables, s {what}\t{first:.1f}")
        print(f"a patient whose report stays, ms {what}\t{1000 * (quiet - first) / number:.1f}")
        if drafts := states["changes"]:
            print(f"a draft besides, ms {what}\t{1000 * (all_ - quiet) / drafts:.0f}")
    for state, count in states.items():
        print(f"{state}, with the tables that change much\t{count}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("cohort", type=Path)
    parser.add_argument("build")
    parser.add_argument("--patients", type=int, default=300)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--reference", type=Path, help="Other tables than the edited ones.")
    parser.add_argument("--keep", type=Path, help="Folder in which stored patients stay.")
    main(parser.parse_args())
