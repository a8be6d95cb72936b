"""Runs of the command over many patients at once, some of them with mutated files."""

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pysam
import pysam.bcftools

from tests.fuzz.inprocess import INTERNAL
from tests.fuzz.mutator import block_gzip, cell, mutate
from tests.fuzz.seeds import CLASSES, HLA, OUTSIDE, PACKET, RECORDS, SHEET

DATE = "2026-11-22"
ALLOWED = (0, 2, 3)
"""Done, nothing could be run, some failed. 1 is a fault of the software."""
GENOTYPES = (b"0/1:14,15:60", b"0/0:30,0:60", b"1/1:0,31:60", b"0|1:15,14:60", b"./.:0,0:0")
SITES = (
    b"chr10\t94775489\t.\tG\tA",
    b"chr10\t94781859\t.\tG\tA",
    b"chr10\t94842866\t.\tA\tG",
    b"chr10\t94942290\t.\tC\tT",
    b"chr10\t94981296\t.\tA\tC",
    b"chr2\t166052882\t.\tG\tA",
)


@dataclass(frozen=True)
class Outcome:
    """What one run of the command did."""

    code: int
    errors: str
    problems: str
    """Text of problems.tsv; empty if there is none."""
    reports: dict[str, bytes]
    """JSON by sample id."""
    seconds: float
    megabytes: int


@dataclass
class Tally:
    """What became of the mutated inputs."""

    read: int = 0
    refused: int = 0
    beside: int = 0
    """Files of refused patients that nothing was said of: they may not have been read."""
    runs: int = 0
    longest: float = 0.0
    megabytes: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.read + self.refused} mutated inputs in {self.runs} runs: {self.read} read, "
            f"{self.refused} refused, {self.beside} beside them; {len(self.faults)} faults; "
            "longest run "
            f"{self.longest:.1f} s; {self.megabytes} MB"
        )


@dataclass
class Plan:
    """A sheet of patients whose files are given by name."""

    sheet: bytes
    files: dict[str, bytes]
    vcfs: tuple[str, ...]
    owner: dict[str, str]
    """Sample id by file, for files of one patient."""
    vcf_like: frozenset[str] = frozenset()
    several: bool = False
    """True if more than one file of a patient may be mutated."""

    @property
    def patients(self) -> list[str]:
        """Return the ids of the sheet."""
        return [row.split(b"\t")[0].decode() for row in self.sheet.splitlines()[1:]]


def run(folder: Path, plan: Plan, files: dict[str, bytes], seconds: float) -> Outcome:
    """Run the command on a plan with some files replaced."""
    folder.mkdir()
    for name, data in {**plan.files, "samples.tsv": plan.sheet, **files}.items():
        (folder / name).write_bytes(data)
    words = [
        sys.executable,
        "-m",
        "epilepsy_pgx.cli",
        "run",
        "--samples",
        "samples.tsv",
        "--build",
        "GRCh38",
        "--out",
        "out",
        "--date",
        DATE,
        "--formats",
        "json",
    ]
    for name in plan.vcfs:
        words += ["--vcf", name]
    began = time.monotonic()
    with (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(
            words, cwd=folder, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
        )
        code, megabytes = _wait(process, began + seconds)
    problems = folder / "out/cohort/problems.tsv"
    return Outcome(
        code,
        (folder / "stderr").read_text(errors="replace"),
        problems.read_text() if problems.is_file() else "",
        {p.stem: p.read_bytes() for p in sorted((folder / "out").rglob("P*.json"))},
        time.monotonic() - began,
        megabytes,
    )


def _wait(process: subprocess.Popen[bytes], until: float) -> tuple[int, int]:
    """Return exit code and highest memory of the process and its children; -9 if it hangs."""
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage.ru_maxrss // 1024
        if time.monotonic() > until:
            os.killpg(process.pid, 9)
            until = float("inf")
        time.sleep(0.02)


def side_files(patients: int, rng: random.Random) -> Plan:
    """Return patients of one VCF, each with files of their own beside it."""
    names = [f"P{n:04d}" for n in range(patients)]
    head, columns = RECORDS.split(b"#CHROM")[0], b"\t".join(n.encode() for n in names)
    rows = [
        site + b"\t50\tPASS\t.\tGT:AD:GQ\t" + b"\t".join(rng.choices(GENOTYPES, k=patients))
        for site in sorted(SITES, key=lambda s: (s[:5] != b"chr2\t", s))
    ]
    vcf = head + b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + columns + b"\n"
    files = {"all.vcf.gz": block_gzip(vcf + b"\n".join(rows) + b"\n")}
    owner: dict[str, str] = {}
    sheet = ["sample_id\thla\toutside_calls\tclassifications\tphenopacket"]
    for name in names:
        cells = {}
        for column, kind, data in (
            ("hla", "hla.tsv", HLA),
            ("outside_calls", "calls.tsv", OUTSIDE),
            ("classifications", "classes.tsv", CLASSES),
            ("phenopacket", "packet.json", PACKET),
        ):
            file = f"{name}.{kind}"
            files[file] = data.replace(b"EX01", name.encode())
            owner[file] = name
            cells[column] = file
        sheet.append("\t".join([name, *cells.values()]))
    return Plan("\n".join(sheet).encode() + b"\n", files, ("all.vcf.gz",), owner)


def own_vcfs(patients: int, folder: Path) -> Plan:
    """Return patients with a VCF each: text, bgzf with and without index, BCF with index."""
    files: dict[str, bytes] = {}
    owner: dict[str, str] = {}
    vcfs = []
    rows = []
    folder.mkdir()
    for number in range(patients):
        name = f"P{number:04d}"
        text = RECORDS.replace(b"EX01", name.encode())
        plain = folder / f"{name}.vcf"
        plain.write_bytes(text)
        made = {f"{name}.vcf": text}
        if number % 4 == 1:
            made = {f"{name}.vcf.gz": block_gzip(text)}
        elif number % 4 == 2:
            packed = folder / f"{name}.vcf.gz"
            packed.write_bytes(block_gzip(text))
            pysam.tabix_index(str(packed), preset="vcf", force=True)
            made = {p.name: p.read_bytes() for p in (packed, Path(f"{packed}.tbi"))}
        elif number % 4 == 3:
            target = folder / f"{name}.bcf"
            pysam.bcftools.view("-Ob", "-o", str(target), str(plain), catch_stdout=False)
            pysam.bcftools.index(str(target), catch_stdout=False)
            made = {p.name: p.read_bytes() for p in (target, Path(f"{target}.csi"))}
        files |= made
        owner |= dict.fromkeys(made, name)
        vcfs.append(next(iter(made)))
        rows.append(f"{name}\t{name}.bed\n")
        files[f"{name}.bed"] = b"chr2\t165990000\t166150000\nchr10\t94770000\t95000000\n"
        owner[f"{name}.bed"] = name
    sheet = "sample_id\tcallable\n" + "".join(rows)
    return Plan(sheet.encode(), files, tuple(vcfs), owner, frozenset(owner))


def clinical_rows(patients: int, rng: random.Random) -> Plan:
    """Return patients of one VCF whose rows of the sheet say much about them."""
    made = side_files(patients, rng)
    head, row = (line.split(b"\t") for line in SHEET.splitlines()[:2])
    given = [c for c in head if c not in (b"vcf", b"build", b"callable", b"phenopacket")]
    lines = [b"\t".join(given)]
    for name in made.patients:
        own = {
            b"sample_id": name,
            b"hla": f"{name}.hla.tsv",
            b"outside_calls": f"{name}.calls.tsv",
            b"classifications": f"{name}.classes.tsv",
        }
        lines.append(
            b"\t".join(
                own[c].encode() if c in own else dict(zip(head, row, strict=True))[c] for c in given
            )
        )
    return Plan(b"\n".join(lines) + b"\n", made.files, made.vcfs, {})


def _change_files(plan: Plan, rng: random.Random, chosen: list[str]) -> dict[str, bytes]:
    """Mutate one file of each patient, or several."""
    own: dict[str, list[str]] = {}
    for name, patient in plan.owner.items():
        own.setdefault(patient, []).append(name)
    changed = {}
    for patient in chosen:
        many = rng.randint(1, len(own[patient])) if plan.several else 1
        for name in rng.sample(own[patient], many):
            data = plan.files[name]
            while data == plan.files[name]:
                data = mutate(rng, plan.files[name], vcf=name in plan.vcf_like)
            changed[name] = data
    return changed


def _change_rows(plan: Plan, rng: random.Random, chosen: list[str]) -> dict[str, bytes]:
    """Mutate one cell of each patient's row, by the place that messages name."""
    rows = plan.sheet.splitlines()
    changed = {}
    for number, patient in enumerate(plan.patients, 1):
        if patient in chosen:
            row = rows[number]
            while row == rows[number]:
                row = cell(rng, rows[number], 1)
            changed[f"samples.tsv:{number + 1}:"] = row
    return changed


def _with_rows(plan: Plan, changed: dict[str, bytes]) -> dict[str, bytes]:
    rows = plan.sheet.splitlines()
    for place, row in changed.items():
        rows[int(place.split(":")[1]) - 1] = row
    return {"samples.tsv": b"\n".join(rows) + b"\n"}


def one_batch(
    folder: Path, plan: Plan, base: Outcome, rng: random.Random, mutated: int, tally: Tally
) -> None:
    """Mutate a file, or the row of a sheet, of some patients; run, and judge.

    What stops the run must be named; it is put back, and the rest are run again.
    """
    chosen = rng.sample(plan.patients, mutated)
    in_rows = not plan.owner
    changed = (_change_rows if in_rows else _change_files)(plan, rng, chosen)
    owner = plan.owner or {
        f"samples.tsv:{n}:": patient for n, patient in enumerate(plan.patients, 2)
    }
    stopped: set[str] = set()
    for attempt in range(mutated + 1):
        left = {n: d for n, d in changed.items() if n not in stopped}
        files = _with_rows(plan, left) if in_rows else left
        found = run(folder / f"run{attempt}", plan, files, 3 * base.seconds + 20)
        tally.runs += 1
        tally.longest = max(tally.longest, found.seconds)
        tally.megabytes = max(tally.megabytes, found.megabytes)
        named = {n for n in left if n in found.errors}
        if found.code != 2 or not named or found.reports:
            break
        stopped |= named
    tally.faults += _faults(found, base, set(chosen))
    words = found.errors + found.problems
    for patient in set(chosen) - set(found.reports):
        known = (patient, f"samples.tsv:{plan.patients.index(patient) + 2}:")
        if not any(k in words for k in known):
            tally.faults.append(f"{patient} was lost without a word")
    lost = set(chosen) - set(found.reports)
    refused = stopped | {n for n in changed if owner[n] in lost and _named(n, plan, owner, words)}
    tally.refused += len(refused)
    tally.beside += sum(owner[n] in lost for n in set(changed) - refused)
    tally.read += sum(owner[n] not in lost for n in set(changed) - refused)


def _named(name: str, plan: Plan, owner: dict[str, str], words: str) -> bool:
    """Say whether a file is named; a patient's only changed file is named by the patient."""
    return name in words or (not plan.several and owner[name] in words)


def _faults(found: Outcome, base: Outcome, touched: set[str]) -> list[str]:
    """Return what must never happen, in words."""
    said = []
    if found.code not in ALLOWED:
        said.append(f"exit code {found.code} after {found.seconds:.0f} s: {found.errors[-300:]}")
    if found.reports and found.code != (0 if len(found.reports) == len(base.reports) else 3):
        said.append(f"exit code {found.code} with {len(found.reports)} reports")
    header, *rows = (r.split("\t") for r in found.problems.splitlines() or [""])
    if any(len(row) != len(header) or not all(row) for row in rows):
        said.append("a problem that is not one whole line")
    if "Traceback" in found.errors:
        said.append(f"a traceback: {found.errors.strip().splitlines()[-1][:200]}")
    if INTERNAL in found.problems + found.errors:
        said.append(INTERNAL)
    if found.megabytes > 1000:
        said.append(f"{found.megabytes} MB")
    for patient, report in base.reports.items():
        if patient not in touched and found.reports.get(patient) != report:
            state = "changed" if patient in found.reports else f"lost: {found.errors[-300:]}"
            said.append(f"another patient was {state}")
    return said
